//! REST of customers' billing profiles.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::links;
use crate::access::{Allowed, ChangeCustomers, CustomerId, ReadCustomers};
use crate::companies::Regions;
use crate::customers::actions::CustomerReference;
use crate::customers::actions::records::{self as actions, BillingChange};
use crate::customers::model::{Address, BillingProfile};
use crate::platform::Parts;
use crate::platform::http::{Error, IfMatch, Lenient, Reply, Resource, etag, versioned};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(billing).service(change_billing);
}

/// A billing profile, which every partner that sells to the customer sees.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BillingProfileView {
    id: CustomerId,
    #[serde(flatten)]
    profile: BillingProfile,
    #[schema(value_type = Object)]
    links: Value,
}

/// A billing profile with its version.
pub type BillingResource = Resource<BillingProfileView>;

/// A billing profile as answers show it.
pub fn billing_resource(id: CustomerId, profile: BillingProfile, version: i32) -> BillingResource {
    let links = links(&format!("/customers/{id}/profiles/billing"));
    versioned("CustomerBillingProfile", etag(version), BillingProfileView { id, profile, links })
}

/// A billing profile as clients send it: all of it, with what they were shown beside it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct SentBilling {
    email: String,
    culture: String,
    language: String,
    company_name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    default_address: Address,
    /// With the etag of the version that is changed, if the header If-Match does not name it.
    #[schema(ignore)]
    attributes: Option<SentAttributes>,
}

/// `attributes` of a body that was sent: clients echo what they got.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SentAttributes {
    etag: Option<String>,
}

impl From<SentBilling> for BillingProfile {
    fn from(sent: SentBilling) -> Self {
        let SentBilling { email, culture, language, company_name, first_name, last_name, default_address, .. } = sent;
        Self { email, culture, language, company_name, first_name, last_name, default_address }
    }
}

/// The billing profile of one of one's own customers.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<BillingProfileView>)))]
#[get("/v1/customers/{customer}/profiles/billing")]
async fn billing(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<BillingResource>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let record = me.read(&parts, move |read, me| actions::record(read, me, &reference, now)).await?;
    Ok(Answer(billing_resource(record.id, record.billing, record.version)))
}

/// Replace the billing profile of one of one's own customers. An etag, in If-Match or in attributes, is compared.
#[utoipa::path(tag = "Customers", request_body = SentBilling, params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<BillingProfileView>)))]
#[put("/v1/customers/{customer}/profiles/billing")]
async fn change_billing(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    customer: Path<String>,
    looked_at: IfMatch,
    body: Lenient<SentBilling>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let mut sent = body.0;
    let sent_etag = sent.attributes.take().and_then(|attributes| attributes.etag);
    let change = BillingChange { billing: sent.into(), sent_etag, looked_at };
    me.write(&parts, move |tx, me| {
        let changed = actions::change_billing(tx, me, &reference, &change, &regions, now);
        changed.map(|record| Reply::ok(&billing_resource(record.id, record.billing, record.version)))
    })
    .await
}
