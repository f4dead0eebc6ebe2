//! REST of support contacts.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::words::link;
use crate::access::{Allowed, DesignateSupportContacts, PartnerId, ReadSubscriptions};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Error, Lenient, Reply, Resource, resource};
use crate::subscriptions::actions;
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::support_contacts::SupportContact;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_support_contact).service(designate_support_contact);
}

/// Who answers a customer for a subscription.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SupportContactView {
    support_tenant_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    support_mpn_id: Option<String>,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[schema(value_type = Object)]
    links: Value,
}

fn view(contact: SupportContact) -> Resource<SupportContactView> {
    let SupportContact { subscription, customer, partner, name, mpn_id, since } = contact;
    let own = format!("/customers/{customer}/subscriptions/{subscription}/supportcontact");
    let view = SupportContactView {
        support_tenant_id: partner,
        support_mpn_id: mpn_id,
        name,
        since,
        links: json!({ "self": link(own) }),
    };
    resource("SupportContact", view)
}

/// Who answers a customer for a subscription: the provider, unless it designated a reseller.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path)),
    responses((status = 200, body = Resource<SupportContactView>)))]
#[get("/v1/customers/{customer}/subscriptions/{subscription}/supportcontact")]
async fn show_support_contact(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<SupportContactView>>, Error> {
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    Ok(Answer(view(me.read(&parts, move |read, me| actions::support_contact(read, me, &reference, &id)).await?)))
}

/// Who is to answer; clients send a name too, which is not looked at.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SupportContactBody {
    /// One's own company, or one of one's active resellers.
    support_tenant_id: PartnerId,
    /// Its MPN ID, to be sure.
    support_mpn_id: Option<String>,
}

/// Say who answers a customer for a subscription.
#[utoipa::path(tag = "Subscriptions",
    params(("customer", description = "Tenant id or domain"), ("subscription" = SubscriptionId, Path)),
    request_body = SupportContactBody, responses((status = 200, body = Resource<SupportContactView>)))]
#[put("/v1/customers/{customer}/subscriptions/{subscription}/supportcontact")]
async fn designate_support_contact(
    me: Allowed<DesignateSupportContacts>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    body: Lenient<SupportContactBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let SupportContactBody { support_tenant_id, support_mpn_id } = body.0;
    me.write(&parts, move |tx, me| {
        let named = (support_tenant_id, support_mpn_id.as_deref());
        actions::designate(tx, me, (&reference, &id), named, now).map(|contact| Reply::ok(&view(contact)))
    })
    .await
}
