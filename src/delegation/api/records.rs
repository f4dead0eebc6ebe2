//! REST of what a partner sees of a customer's directory: most of it only with delegated administration.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path, Query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::customers::{CompanyProfileView, company_profile};
use crate::access::{Allowed, ReadCustomers, Scope};
use crate::customers::{CustomerReference, RecordError};
use crate::delegation::actions::{self, CustomerDetails, GateError};
use crate::delegation::model::Right;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{Collection, Error, Resource, resource};
use crate::platform::text::shorten;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(show_company_profile)
        .service(organization)
        .service(custom_domains)
        .service(managed_services)
        .service(validation_status);
}

/// The caller's customer, asked for by a person.
async fn asked_by_a_person(
    me: &Allowed<ReadCustomers>,
    parts: &Parts,
    customer: &str,
) -> Result<CustomerDetails, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(customer);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<CustomerDetails, RecordError> {
        me.require_user().map_err(RecordError::from)?;
        actions::customer(read, me, &reference, now).map_err(Failure::widen)
    };
    me.read(parts, find).await
}

/// The company profile of one of one's own customers: address and e-mail only for whoever administers it.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<CompanyProfileView>)))]
#[get("/v1/customers/{customer}/profiles/company")]
async fn show_company_profile(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Resource<CompanyProfileView>>, Error> {
    let details = asked_by_a_person(&me, &parts, &customer).await?;
    Ok(Answer(company_profile(&details.record, details.open)))
}

/// A customer's organisation, as its directory has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrganizationView {
    display_name: String,
    street: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    country_letter_code: String,
    technical_notification_mails: Vec<String>,
}

/// The organisation of a customer that one administers: a bare array of one, as clients expect it.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Vec<OrganizationView>)))]
#[get("/v1/customers/{customer}/organization")]
async fn organization(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Vec<OrganizationView>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let organization = move |read: &mut Read<'_>, me: &Scope| {
        actions::administered(read, me, &reference, Right::ReadOrganization, now)
    };
    let record = me.read(&parts, organization).await?;
    let address = record.billing.default_address;
    Ok(Answer(vec![OrganizationView {
        display_name: record.company_name,
        street: address.address_line1,
        postal_code: address.postal_code,
        city: address.city,
        state: address.state,
        country_letter_code: address.country.to_ascii_uppercase(),
        technical_notification_mails: vec![record.billing.email],
    }]))
}

/// The domains of a customer that one administers: a bare array of names, as clients expect it.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Vec<String>)))]
#[get("/v1/customers/{customer}/customDomains")]
async fn custom_domains(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Vec<String>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Vec<String>, GateError> {
        let record = actions::administered(read, me, &reference, Right::ReadDomains, now)?;
        Ok(actions::domains(read, &record)?)
    };
    Ok(Answer(me.read(&parts, find).await?))
}

/// A service that a partner manages for a customer here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ManagedServiceView {
    id: &'static str,
    name: &'static str,
    group_name: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

/// The services of one of one's own customers that one may manage here: none without delegated administration.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<Resource<ManagedServiceView>>)))]
#[get("/v1/customers/{customer}/managedservices")]
async fn managed_services(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<Resource<ManagedServiceView>>>, Error> {
    let details = asked_by_a_person(&me, &parts, &customer).await?;
    let id = details.record.id;
    let link = |path: &str| json!({ "uri": format!("/customers/{id}/{path}"), "method": "GET", "headers": [] });
    let devices = || {
        let links = json!({ "adminService": link("devices"), "serviceHealth": link("deviceRegistrations") });
        let view = ManagedServiceView { id: "devices", name: "Devices", group_name: "Device management", links };
        resource("ManagedService", view)
    };
    let services = details.delegated.then(devices).into_iter().collect();
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/managedservices"), services)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ValidationQuery {
    /// account
    r#type: Option<String>,
}

/// How far a customer has been validated.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ValidationView {
    r#type: &'static str,
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    last_update_date_time: Timestamp,
}

/// Whether the account of one of one's own customers may be sold to: it may from its creation on, which holds it to the
/// rules of its country.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain"), ValidationQuery),
    responses((status = 200, body = Resource<ValidationView>)))]
#[get("/v1/customers/{customer}/validationStatus")]
async fn validation_status(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<ValidationQuery>,
) -> Result<Answer<Resource<ValidationView>>, Error> {
    let details = asked_by_a_person(&me, &parts, &customer).await?;
    let asked = query.into_inner().r#type.unwrap_or_else(|| "account".to_owned());
    if !asked.eq_ignore_ascii_case("account") {
        return Err(RecordError::ValidationUnknown(shorten(&asked, 40)).into());
    }
    let last_update_date_time = details.record.created_at;
    Ok(Answer(resource(
        "ValidationStatus",
        ValidationView { r#type: "account", status: "allowed", last_update_date_time },
    )))
}
