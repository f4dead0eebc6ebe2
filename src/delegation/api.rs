//! REST of customers' creation and administration.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::{self, ADMIN_NAME, Administrator, CustomerForm};
use super::model::{CreateCustomerError, GrantOrigin};
use crate::access::{
    AccessSettings, Allowed, CreateCustomers, CustomerId, EndAdministration, PartnerId, Passwords, ReadAdministrators,
    ReadCustomers, temporary_password,
};
use crate::customers::{Address, BillingProfile, CustomerRecord, CustomerReference, NewCustomer, RelationshipKind};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Lenient, Reply, Resource, resource};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_customer).service(get_customer).service(list_administrators).service(end_administration);
}

/// A customer to be created, as existing clients send it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewCustomerBody {
    company_profile: NewCompanyProfile,
    billing_profile: BillingProfile,
    /// The reseller to associate: tenant id or MPN ID.
    associated_partner_id: Option<String>,
    /// Full delegated administration if absent or false.
    #[serde(rename = "enableGDAPByDefault")]
    enable_gdap_by_default: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NewCompanyProfile {
    /// Such as `fabrikam.onmicrosoft.com`.
    domain: String,
    company_name: Option<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerView {
    id: CustomerId,
    commerce_id: CustomerId,
    company_profile: Resource<CompanyProfileView>,
    billing_profile: Resource<BillingProfileView>,
    relationship_to_partner: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_delegated_access: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_partner_id: Option<PartnerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_credentials: Option<UserCredentials>,
    #[schema(value_type = Object)]
    links: Value,
}

/// A billing profile, which every partner that sells to the customer sees.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BillingProfileView {
    #[serde(flatten)]
    profile: BillingProfile,
    #[schema(value_type = Object)]
    links: Value,
}

/// A company profile: address and e-mail only for whoever administers the customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CompanyProfileView {
    tenant_id: CustomerId,
    domain: String,
    company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[schema(value_type = Object)]
    links: Value,
}

/// The contract's links to a resource itself.
fn links(uri: &str) -> Value {
    json!({ "self": { "uri": uri, "method": "GET", "headers": [] } })
}

/// Setup info: shown this one time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserCredentials {
    user_name: &'static str,
    password: String,
}

impl CustomerView {
    fn new(record: CustomerRecord, delegated: bool) -> Self {
        let CustomerRecord { id, company_name, domain, billing } = record;
        let details = |yes: bool| yes.then(|| (billing.email.clone(), billing.default_address.clone()));
        let (email, address) = details(delegated).unzip();
        Self {
            id,
            commerce_id: id,
            company_profile: resource(
                "CustomerCompanyProfile",
                CompanyProfileView {
                    tenant_id: id,
                    domain,
                    company_name,
                    email,
                    address,
                    links: links(&format!("/customers/{id}/profiles/company")),
                },
            ),
            billing_profile: resource(
                "CustomerBillingProfile",
                BillingProfileView { profile: billing, links: links(&format!("/customers/{id}/profiles/billing")) },
            ),
            links: links(&format!("/customers/{id}")),
            relationship_to_partner: "reseller",
            allow_delegated_access: Some(delegated),
            associated_partner_id: None,
            user_credentials: None,
        }
    }
}

/// Create a customer, with or without a reseller. Its admin's temporary password is in the answer, this one time.
#[utoipa::path(tag = "Customers", request_body = NewCustomerBody, responses((status = 201, body = Resource<CustomerView>)))]
#[post("/v1/customers")]
async fn create_customer(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    body: Lenient<NewCustomerBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewCustomerBody { company_profile, billing_profile, associated_partner_id, enable_gdap_by_default } = body.0;
    if enable_gdap_by_default == Some(true) {
        return Err(CreateCustomerError::GranularNotOffered.into());
    }
    let company_name = company_profile.company_name.unwrap_or_else(|| billing_profile.company_name.clone());
    let mut form = CustomerForm {
        customer: NewCustomer { company_name, domain: company_profile.domain, billing: billing_profile },
        reseller: associated_partner_id.filter(|named| !named.trim().is_empty()),
    };
    actions::check_form(&mut form)?;
    let password = temporary_password();
    let hash = passwords.hash(SecretString::from(password.expose_secret())).await?;
    me.write(&parts, move |tx, me| {
        actions::create_customer(tx, me, &form, &hash, &settings, now).map(|created| {
            let view = CustomerView {
                associated_partner_id: created.reseller,
                allow_delegated_access: None,
                user_credentials: Some(UserCredentials {
                    user_name: ADMIN_NAME,
                    password: password.expose_secret().to_owned(),
                }),
                ..CustomerView::new(created.record, true)
            };
            Reply::created(&resource("Customer", view)).secret(&["/userCredentials/password"])
        })
    })
    .await
}

/// One of one's own customers.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<CustomerView>)))]
#[get("/v1/customers/{customer}")]
async fn get_customer(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Resource<CustomerView>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let details = me.read(&parts, move |read, me| actions::customer(read, me, &reference, now)).await?;
    Ok(Answer(resource("Customer", CustomerView::new(details.record, details.delegated))))
}

/// A partner that can administer the caller's organisation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdministratorView {
    partner_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship: Option<RelationshipKind>,
    /// All of them: full delegated administration.
    roles: [&'static str; 1],
    origin: GrantOrigin,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Who can administer one's own organisation, since when and why.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<AdministratorView>)))]
#[get("/v1/customers/{customer}/administrators")]
async fn list_administrators(
    me: Allowed<ReadAdministrators>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<AdministratorView>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let rows = me.read(&parts, move |read, me| actions::administrators(read, me, &reference, now)).await?;
    let shown = rows.into_iter().map(|Administrator { grant, profile, relationship }| AdministratorView {
        partner_id: grant.partner,
        name: profile.map(|profile| profile.name),
        relationship: relationship.map(|relationship| relationship.kind),
        roles: ["all"],
        origin: grant.origin,
        since: grant.starts_at,
        until: grant.ends_at,
    });
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/administrators"), shown.collect())))
}

/// End a partner's administration of one's own organisation, at once.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain"), ("partnerId" = PartnerId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/administrators/{partnerId}")]
async fn end_administration(
    me: Allowed<EndAdministration>,
    parts: Data<Parts>,
    path: Path<(String, PartnerId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, partner) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::end_administration(tx, me, &reference, partner, now).map(|()| Reply::no_content())
    })
    .await
}
