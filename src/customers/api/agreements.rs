//! REST of the agreements that customers accept (section 8 of the contract).

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDateTime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::access::{Allowed, ChangeCustomers, ReadCustomers, Scope};
use crate::customers::actions::CustomerReference;
use crate::customers::actions::records::{self as actions, Attestation};
use crate::customers::model::{
    AGREEMENT_TEMPLATES, AcceptedAgreement, AgreementContact, AgreementTemplate, CustomerAgreementId, RecordError,
    template, templates_of,
};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, codes};
use crate::platform::http::{Collection, Error, Lenient, Reply, Resource, resource};
use crate::platform::text::shorten;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(agreements).service(document).service(attest).service(accepted).service(direct_signed);
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct AgreementQuery {
    /// MicrosoftCloudAgreement, MicrosoftCustomerAgreement or `*`.
    agreement_type: Option<String>,
}

/// An agreement that customers accept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TemplateView {
    template_id: Uuid,
    agreement_type: &'static str,
    agreement_link: &'static str,
    /// Of two that a customer accepted, the higher one counts.
    version_rank: usize,
}

impl TemplateView {
    fn new(template: AgreementTemplate) -> Self {
        let version_rank = AGREEMENT_TEMPLATES.iter().position(|one| *one == template).unwrap_or_default();
        let AgreementTemplate { id, kind, link } = template;
        Self { template_id: id, agreement_type: kind, agreement_link: link, version_rank }
    }
}

/// The agreements that customers accept; without a type the cloud agreement.
#[utoipa::path(tag = "Customers", params(AgreementQuery),
    responses((status = 200, body = Collection<Resource<TemplateView>>)))]
#[get("/v1/agreements")]
async fn agreements(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    query: Query<AgreementQuery>,
) -> Result<Answer<Collection<Resource<TemplateView>>>, Error> {
    let kind = query.into_inner().agreement_type;
    let found = move |_: &mut Read<'_>, me: &Scope| -> Outcome<_, RecordError> {
        me.require_user().map_err(RecordError::from)?;
        Ok(templates_of(kind.as_deref())?)
    };
    let found = me.read(&parts, found).await?;
    let items = found.into_iter().map(|one| resource("AgreementMetaData", TemplateView::new(one))).collect();
    Ok(Answer(Collection::whole("/agreements", items)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DocumentQuery {
    /// Such as `sv-SE`; English if absent.
    language: Option<String>,
    /// Two letters; US if absent.
    country: Option<String>,
}

/// Where the text of an agreement is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DocumentView {
    display_uri: &'static str,
    download_uri: &'static str,
    language: String,
    country: String,
}

/// Where the text of an agreement is found.
#[utoipa::path(tag = "Customers", params(("templateId", description = "As GET /v1/agreements shows it"), DocumentQuery),
    responses((status = 200, body = Resource<DocumentView>)))]
#[get("/v1/agreementtemplates/{templateId}/document")]
async fn document(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    id: Path<String>,
    query: Query<DocumentQuery>,
) -> Result<Answer<Resource<DocumentView>>, Error> {
    let found = move |_: &mut Read<'_>, me: &Scope| -> Outcome<_, RecordError> {
        me.require_user().map_err(RecordError::from)?;
        Ok(template(&id)?)
    };
    let found = me.read(&parts, found).await?;
    let DocumentQuery { language, country } = query.into_inner();
    let given = |text: Option<String>, usual: &str| shorten(text.as_deref().unwrap_or(usual), 20);
    let (language, country) = (given(language, "en-US"), given(country, "US"));
    let view = DocumentView { display_uri: found.link, download_uri: found.link, language, country };
    Ok(Answer(resource("AgreementDocument", view)))
}

/// An agreement that a customer accepted, as clients send it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentAgreement {
    primary_contact: AgreementContact,
    /// As GET /v1/agreements shows it.
    template_id: String,
    /// In UTC.
    date_agreed: String,
    /// MicrosoftCloudAgreement or MicrosoftCustomerAgreement.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The moment that a client wrote, with or without a fraction and an offset (section 1.5 of the contract).
fn moment(text: &str) -> Result<Timestamp, Error> {
    let text = text.trim();
    let offset = DateTime::parse_from_rfc3339(text).map(|moment| moment.naive_utc());
    let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    let unset = NaiveDateTime::default() - chrono::TimeDelta::days(365 * 200);
    match offset.or_else(|_| bare()) {
        Ok(moment) if moment > unset => Ok(Timestamp::from_chrono(moment.and_utc())),
        _ => {
            let sentence =
                format!("dateAgreed: \"{}\" is no time. Write it as 2026-11-21T08:00:00Z.", shorten(text, 40));
            Err(Error::plain(codes::BAD_REQUEST, sentence))
        }
    }
}

/// An agreement that a customer accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AcceptedView {
    id: CustomerAgreementId,
    primary_contact: AgreementContact,
    template_id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
    agreement_link: &'static str,
    #[schema(value_type = String, format = DateTime)]
    date_agreed: Timestamp,
    /// Who recorded it, if that was a person of one's own company.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    attested_at: Timestamp,
}

fn shown(agreement: AcceptedAgreement) -> Resource<AcceptedView> {
    let AcceptedAgreement { id, template, contact, agreed_at, attested_by_user, attested_at, .. } = agreement;
    let view = AcceptedView {
        id,
        primary_contact: contact,
        template_id: template.id,
        kind: template.kind,
        agreement_link: template.link,
        date_agreed: agreed_at,
        user_id: attested_by_user,
        attested_at,
    };
    resource("Agreement", view)
}

/// Record that one of one's own customers has accepted an agreement: once for each agreement.
#[utoipa::path(tag = "Customers", request_body = SentAgreement, params(("customer", description = "Tenant id or domain")),
    responses((status = 201, body = Resource<AcceptedView>)))]
#[post("/v1/customers/{customer}/agreements")]
async fn attest(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<SentAgreement>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let SentAgreement { primary_contact, template_id, date_agreed, kind } = body.0;
    let agreed_at = moment(&date_agreed)?;
    let kind = kind.filter(|kind| !kind.trim().is_empty());
    let said = Attestation { template: template(&template_id)?, kind, contact: primary_contact, agreed_at };
    me.write(&parts, move |tx, me| {
        actions::attest(tx, me, &reference, &said, now).map(|agreement| Reply::created(&shown(agreement)))
    })
    .await
}

/// The agreements that one of one's own customers has accepted.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain"), AgreementQuery),
    responses((status = 200, body = Collection<Resource<AcceptedView>>)))]
#[get("/v1/customers/{customer}/agreements")]
async fn accepted(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<AgreementQuery>,
) -> Result<Answer<Collection<Resource<AcceptedView>>>, Error> {
    let reference = CustomerReference::new(&customer);
    let kind = query.into_inner().agreement_type;
    let found = me.read(&parts, move |read, me| actions::agreements(read, me, &reference, kind.as_deref())).await?;
    let path = format!("/customers/{customer}/agreements");
    Ok(Answer(Collection::whole(&path, found.into_iter().map(shown).collect())))
}

/// Whether a customer has signed the customer agreement itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DirectSignedView {
    is_signed: bool,
}

/// Whether one of one's own customers signed the Microsoft Customer Agreement itself. Customers sign nothing here: what
/// they accepted, a partner attests.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<DirectSignedView>)))]
#[get("/v1/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus")]
async fn direct_signed(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Resource<DirectSignedView>>, Error> {
    let reference = CustomerReference::new(&customer);
    me.read(&parts, move |read, me| actions::is_related(read, me, &reference)).await?;
    Ok(Answer(resource("DirectSignedCustomerAgreementStatus", DirectSignedView { is_signed: false })))
}
