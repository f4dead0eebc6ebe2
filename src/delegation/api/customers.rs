//! REST of customers: creating them, and one of them.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{
    AccessSettings, Allowed, CreateCustomers, CustomerId, PartnerId, Passwords, ReadCustomers, temporary_password,
};
use crate::companies::Regions;
use crate::customers::{
    Address, BillingProfile, BillingProfileView, BillingResource, CustomerRecord, CustomerReference, NewCustomer,
    billing_resource,
};
use crate::delegation::actions::{self, ADMIN_NAME, CustomerForm};
use crate::delegation::model::CreateCustomerError;
use crate::platform::Parts;
use crate::platform::http::{Error, Lenient, Reply, Resource, etag, resource, versioned};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_customer).service(get_customer);
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
    /// In countries whose companies have to give one.
    organization_registration_number: Option<String>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerView {
    id: CustomerId,
    commerce_id: CustomerId,
    company_profile: Resource<CompanyProfileView>,
    #[schema(value_type = Resource<BillingProfileView>)]
    billing_profile: BillingResource,
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

/// A company profile: address and e-mail only for whoever administers the customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompanyProfileView {
    tenant_id: CustomerId,
    domain: String,
    company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_registration_number: Option<String>,
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

/// The company profile of a customer, with what only whoever administers it sees if `delegated`.
pub(super) fn company_profile(record: &CustomerRecord, delegated: bool) -> Resource<CompanyProfileView> {
    let CustomerRecord { id, company_name, domain, registration_number, billing, version, .. } = record;
    let (email, address) = delegated.then(|| (billing.email.clone(), billing.default_address.clone())).unzip();
    let view = CompanyProfileView {
        tenant_id: *id,
        domain: domain.clone(),
        company_name: company_name.clone(),
        organization_registration_number: registration_number.clone(),
        email,
        address,
        links: links(&format!("/customers/{id}/profiles/company")),
    };
    versioned("CustomerCompanyProfile", etag(*version), view)
}

impl CustomerView {
    fn new(record: CustomerRecord, delegated: bool) -> Self {
        let company_profile = company_profile(&record, delegated);
        let CustomerRecord { id, billing, version, .. } = record;
        Self {
            id,
            commerce_id: id,
            company_profile,
            billing_profile: billing_resource(id, billing, version),
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
    regions: Data<Regions>,
    passwords: Data<Passwords>,
    body: Lenient<NewCustomerBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewCustomerBody { company_profile, billing_profile, associated_partner_id, enable_gdap_by_default } = body.0;
    if enable_gdap_by_default == Some(true) {
        return Err(CreateCustomerError::GranularNotOffered.into());
    }
    let NewCompanyProfile { domain, company_name, organization_registration_number } = company_profile;
    let company_name = company_name.unwrap_or_else(|| billing_profile.company_name.clone());
    let registration_number = organization_registration_number;
    let mut form = CustomerForm {
        customer: NewCustomer { company_name, domain, registration_number, billing: billing_profile },
        reseller: associated_partner_id.filter(|named| !named.trim().is_empty()),
    };
    actions::check_form(&mut form)?;
    let password = temporary_password();
    let hash = passwords.hash(SecretString::from(password.expose_secret())).await?;
    me.write(&parts, move |tx, me| {
        actions::create_customer(tx, me, &form, &hash, &settings, &regions, now).map(|created| {
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
