//! REST of a customer's directory: domains of its own, and consents for partners' applications (section 6.7).

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::access::{Allowed, ChangeCustomers, Scope};
use crate::customers::{ApplicationGrant, Authentication, CustomerReference, VerifiedDomain, directory};
use crate::delegation::actions::{self, AdministeredError};
use crate::delegation::model::Right;
use crate::platform::Parts;
use crate::platform::db::Tx;
use crate::platform::error::{Failure, Outcome, codes};
use crate::platform::http::{Error, Lenient, Reply, Resource, resource};
use crate::platform::text::{Line, shorten};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(add_domain).service(consent).service(withdraw_consent);
}

/// A domain that the customer owns, as clients send it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentVerifiedDomain {
    verified_domain_name: String,
    domain: SentDomain,
    /// Whom a federated domain is federated with.
    #[schema(value_type = Option<Object>)]
    domain_federation_settings: Option<Value>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentDomain {
    name: String,
    /// Managed or Federated; Managed if absent.
    authentication_type: Option<String>,
    capability: Option<Line<100>>,
    is_default: Option<bool>,
    root_domain: Option<Line<253>>,
    verification_method: Option<Line<100>>,
}

/// A domain of a customer's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DomainView {
    name: String,
    authentication_type: Authentication,
    #[serde(skip_serializing_if = "Option::is_none")]
    capability: Option<Line<100>>,
    is_default: bool,
    is_initial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_domain: Option<Line<253>>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_method: Option<Line<100>>,
}

fn authentication(sent: Option<&str>) -> Result<Authentication, Error> {
    let word = sent.map(str::trim).filter(|word| !word.is_empty()).unwrap_or("Managed");
    let found = Authentication::ALL.iter().find(|known| known.as_str().eq_ignore_ascii_case(word));
    found.copied().ok_or_else(|| {
        let sentence = format!("Domain.AuthenticationType \"{}\" is neither Managed nor Federated.", shorten(word, 40));
        Error::plain(codes::BAD_REQUEST, sentence)
    })
}

/// Add a domain that a customer owns, whose administration is delegated to one's company.
#[utoipa::path(tag = "Customers", request_body = SentVerifiedDomain,
    params(("customer", description = "Tenant id or domain")),
    responses((status = 201, body = Resource<DomainView>)))]
#[post("/v1/customers/{customer}/verifieddomain")]
async fn add_domain(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<SentVerifiedDomain>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let SentVerifiedDomain { verified_domain_name, domain, domain_federation_settings } = body.0;
    let domain = VerifiedDomain {
        authentication_type: authentication(domain.authentication_type.as_deref())?,
        name: domain.name,
        capability: domain.capability,
        is_default: domain.is_default.unwrap_or_default(),
        root_domain: domain.root_domain,
        verification_method: domain.verification_method,
        federation: domain_federation_settings.filter(|settings| !settings.is_null()),
    };
    me.write(&parts, move |tx, me| {
        let added = actions::in_directory(tx, me, &reference, Right::WriteDomains, now, |tx, customer| {
            directory::add_domain(tx, me, customer, &verified_domain_name, &domain, now)
        })?;
        let VerifiedDomain {
            name, authentication_type, capability, is_default, root_domain, verification_method, ..
        } = added;
        let view = DomainView {
            name,
            authentication_type,
            capability,
            is_default,
            is_initial: false,
            root_domain,
            status: "Verified",
            verification_method,
        };
        Ok::<_, Failure<AdministeredError>>(Reply::created(&resource("Domain", view)))
    })
    .await
}

/// What a partner's application may use of a customer's.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Consent {
    application_id: Uuid,
    application_grants: Vec<ApplicationGrant>,
}

/// Consent, for a customer whose administration is delegated to one's company, to what an application of one's own uses.
#[utoipa::path(tag = "Customers", request_body = Consent, params(("customer", description = "Tenant id or domain")),
    responses((status = 201, body = Resource<Consent>)))]
#[post("/v1/customers/{customer}/applicationconsents")]
async fn consent(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<Consent>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (reference, sent) = (CustomerReference::new(&customer), body.0);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, AdministeredError> {
        me.require_user().map_err(AdministeredError::from)?;
        actions::in_directory(tx, me, &reference, Right::ConsentToApplications, now, |tx, customer| {
            directory::consent(tx, me, customer, sent.application_id, &sent.application_grants, now)
        })?;
        Ok(Reply::created(&resource("ApplicationConsent", sent.clone())))
    };
    me.write(&parts, work).await
}

/// Take such a consent back.
#[utoipa::path(tag = "Customers",
    params(("customer", description = "Tenant id or domain"), ("applicationId" = Uuid, Path)),
    responses((status = 200, description = "Taken back")))]
#[delete("/v1/customers/{customer}/applicationconsents/{applicationId}")]
async fn withdraw_consent(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    path: Path<(String, Uuid)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, application) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, AdministeredError> {
        me.require_user().map_err(AdministeredError::from)?;
        actions::in_directory(tx, me, &reference, Right::ConsentToApplications, now, |tx, customer| {
            directory::withdraw_consent(tx, me, customer, application, now)
        })?;
        Ok(Reply::kept(200, None, None))
    };
    me.write(&parts, work).await
}
