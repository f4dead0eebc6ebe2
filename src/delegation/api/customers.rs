//! REST of customers: creating them, and one of them.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::decided::Decided;
use super::setup_info::{SentTo, freshly_made};
use crate::access::{Allowed, CreateCustomers, CustomerId, PartnerId, Passwords, ReadCustomers};
use crate::customers::{
    Address, BillingProfile, BillingProfileView, BillingResource, CustomerRecord, CustomerReference, NewCustomer,
    billing_resource,
};
use crate::delegation::actions::{self, ADMIN_NAME, CreatedCustomer, CustomerForm, Handover};
use crate::delegation::model::RecipientForm;
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
    /// Granular administration in the contract's default roles; full if absent or false.
    #[serde(rename = "enableGDAPByDefault")]
    enable_gdap_by_default: Option<bool>,
    /// An extension: this person gets the setup info by a link that reveals it once, and the answer holds no password.
    setup_info_to: Option<RecipientForm>,
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
pub struct CustomerView {
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
    #[serde(rename = "enableGDAPByDefault", skip_serializing_if = "Option::is_none")]
    enable_gdap_by_default: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_credentials: Option<UserCredentials>,
    /// Who gets the setup info instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_info_sent_to: Option<SentTo>,
    /// `false` where a password was shown before, which it is once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_available: Option<bool>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
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
            enable_gdap_by_default: None,
            user_credentials: None,
            setup_info_sent_to: None,
            secret_available: None,
        }
    }

    /// A new customer, with its admin's password if that is shown and not mailed as a link.
    pub fn created(created: CreatedCustomer, password: Option<&SecretString>) -> Self {
        let credentials = |password: &SecretString| UserCredentials {
            user_name: ADMIN_NAME,
            password: Some(password.expose_secret().to_owned()),
        };
        Self {
            associated_partner_id: created.reseller,
            allow_delegated_access: None,
            setup_info_sent_to: created.setup_info.as_ref().map(SentTo::new),
            user_credentials: password.filter(|_| created.setup_info.is_none()).map(credentials),
            ..Self::new(created.record, true)
        }
    }

    /// A customer that was created before, by the same draft.
    pub fn created_before(record: CustomerRecord, reseller: Option<PartnerId>) -> Self {
        Self {
            associated_partner_id: reseller,
            allow_delegated_access: None,
            user_credentials: Some(UserCredentials { user_name: ADMIN_NAME, password: None }),
            secret_available: Some(false),
            ..Self::new(record, true)
        }
    }
}

/// Where the answer to a creation holds its secret.
pub const CUSTOMER_SECRETS: &[&str] = &["/userCredentials/password"];

/// Create a customer, with or without a reseller. Its admin's temporary password is in the answer, this one time; with
/// `setupInfoTo` a named person gets a link instead.
#[utoipa::path(tag = "Customers", request_body = NewCustomerBody, responses((status = 201, body = Resource<CustomerView>)))]
#[post("/v1/customers")]
async fn create_customer(
    me: Allowed<CreateCustomers>,
    parts: Data<Parts>,
    decided: Decided,
    passwords: Data<Passwords>,
    body: Lenient<NewCustomerBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewCustomerBody { company_profile, billing_profile, associated_partner_id, enable_gdap_by_default, .. } =
        body.0;
    let NewCompanyProfile { domain, company_name, organization_registration_number } = company_profile;
    let company_name = company_name.unwrap_or_else(|| billing_profile.company_name.clone());
    let registration_number = organization_registration_number;
    let mut form = CustomerForm {
        customer: NewCustomer { company_name, domain, registration_number, billing: billing_profile },
        reseller: associated_partner_id.filter(|named| !named.trim().is_empty()),
        granular: enable_gdap_by_default == Some(true),
    };
    actions::check_form(&mut form)?;
    let (handover, password) = match body.0.setup_info_to {
        Some(to) => (Handover::Mailed(to.check()?), None),
        None => {
            let (password, hash) = freshly_made(&passwords).await?;
            (Handover::Shown(hash), Some(password))
        }
    };
    me.write(&parts, move |tx, me| {
        let terms = decided.terms();
        actions::create_customer(tx, me, &form, &handover, terms, now).map(|created| {
            let reply = Reply::created(&resource(
                "Customer",
                CustomerView { enable_gdap_by_default, ..CustomerView::created(created, password.as_ref()) },
            ));
            if password.is_some() { reply.secret(CUSTOMER_SECRETS) } else { reply }
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
    Ok(Answer(resource(
        "Customer",
        CustomerView {
            allow_delegated_access: Some(details.delegated),
            ..CustomerView::new(details.record, details.open)
        },
    )))
}
