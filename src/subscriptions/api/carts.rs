//! REST of carts.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::orders::{self, OrderView, by_mpn_id, parent};
use super::subscriptions::SentAttributes;
use super::words::{billing_cycle, link, term};
use crate::access::{Allowed, PlaceOrders, ReadCustomerDrafts, UserId};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::codes;
use crate::platform::http::{Error, IfMatch, Lenient, Reply, Resource, etag, resource, versioned};
use crate::platform::text::shorten;
use crate::subscriptions::actions;
use crate::subscriptions::model::carts::Cart;
use crate::subscriptions::model::catalogue::{BillingCycle, Term, offer_id};
use crate::subscriptions::model::orders::{WantedLine, WantedReseller};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::{CartId, SubscriptionId};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_cart).service(get_cart).service(change_cart).service(order_cart);
}

/// Who takes part in a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ParticipantBody {
    /// transaction_reseller: the reseller of record.
    key: String,
    /// Its MPN ID.
    value: Option<String>,
}

/// What sets a line apart.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProvisioningBody {
    parent_subscription_id: Option<String>,
}

/// A line of a cart, as clients send it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CartLineBody {
    /// `product:sku:availability`, or the id of a legacy offer.
    catalog_item_id: String,
    quantity: i32,
    friendly_name: Option<String>,
    #[schema(value_type = Option<String>)]
    billing_cycle: Option<Value>,
    term_duration: Option<String>,
    participants: Option<Vec<ParticipantBody>>,
    provisioning_context: Option<ProvisioningBody>,
    /// Add-ons to what this line buys.
    #[serde(rename = "addonItems")]
    #[schema(value_type = Option<Vec<Object>>)]
    add_on_items: Option<Vec<CartLineBody>>,
}

/// A cart, as clients send it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CartBody {
    #[serde(default)]
    line_items: Vec<CartLineBody>,
    attributes: Option<SentAttributes>,
}

/// The reseller of record among those who take part.
fn reseller(participants: Vec<ParticipantBody>) -> Result<Option<WantedReseller>, Error> {
    let mut named = None;
    for ParticipantBody { key, value } in participants {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        if plain != "transactionreseller" {
            let sentence = format!(
                "participants: {} is not taken; a line has one transaction_reseller, the reseller of record.",
                shorten(&key, 40)
            );
            return Err(Error::plain(codes::BAD_REQUEST, sentence));
        }
        named = by_mpn_id(value);
    }
    Ok(named)
}

fn read_into(lines: &mut Vec<WantedLine>, body: CartLineBody, parent_line: Option<usize>) -> Result<(), Error> {
    let place = lines.len();
    lines.push(WantedLine {
        offer: offer_id(&body.catalog_item_id),
        quantity: body.quantity,
        friendly_name: body.friendly_name,
        term: term(body.term_duration.as_deref())?,
        billing_cycle: billing_cycle(body.billing_cycle.as_ref())?,
        reseller: reseller(body.participants.unwrap_or_default())?,
        parent: parent(body.provisioning_context.and_then(|context| context.parent_subscription_id)),
        parent_line,
    });
    // Add-ons of add-ons are refused when they are ordered.
    body.add_on_items.unwrap_or_default().into_iter().try_for_each(|add_on| read_into(lines, add_on, Some(place)))
}

impl CartBody {
    fn read(self) -> Result<(Vec<WantedLine>, Option<String>), Error> {
        let mut lines = Vec::new();
        self.line_items.into_iter().try_for_each(|line| read_into(&mut lines, line, None))?;
        Ok((lines, self.attributes.and_then(|attributes| attributes.etag)))
    }
}

/// A line of a cart.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CartLineView {
    id: usize,
    catalog_item_id: String,
    quantity: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    friendly_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_cycle: Option<BillingCycle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    term_duration: Option<Term>,
    #[schema(value_type = Vec<Object>)]
    participants: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    provisioning_context: Option<Value>,
    #[schema(value_type = Vec<Object>)]
    #[serde(rename = "addonItems", skip_serializing_if = "Vec::is_empty")]
    add_on_items: Vec<CartLineView>,
}

/// A cart.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CartView {
    id: CartId,
    #[schema(value_type = String, format = DateTime)]
    creation_timestamp: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_modified_timestamp: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expiration_timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_user: Option<UserId>,
    status: &'static str,
    line_items: Vec<CartLineView>,
    #[schema(value_type = Object)]
    links: Value,
}

fn line_view(id: usize, line: &WantedLine, lines: &[WantedLine]) -> CartLineView {
    let participant = |reseller: &WantedReseller| match reseller {
        WantedReseller::MpnId(id) => json!({ "key": "transaction_reseller", "value": id }),
        WantedReseller::Partner(id) => json!({ "key": "transaction_reseller", "value": id }),
    };
    let added = lines.iter().enumerate().filter(|(_, add_on)| add_on.parent_line == Some(id));
    let context = |parent: SubscriptionId| json!({ "parentSubscriptionId": parent });
    CartLineView {
        id,
        catalog_item_id: line.offer.clone(),
        quantity: line.quantity,
        friendly_name: line.friendly_name.clone(),
        billing_cycle: line.billing_cycle,
        term_duration: line.term,
        participants: line.reseller.iter().map(participant).collect(),
        provisioning_context: line.parent.map(context),
        add_on_items: added.map(|(place, add_on)| line_view(place, add_on, lines)).collect(),
    }
}

fn view(cart: Cart) -> Resource<CartView> {
    let base = cart.lines.iter().enumerate().filter(|(_, line)| line.parent_line.is_none());
    let line_items = base.map(|(id, line)| line_view(id, line, &cart.lines)).collect();
    let view = CartView {
        id: cart.id,
        creation_timestamp: cart.created_at,
        last_modified_timestamp: cart.modified_at,
        expiration_timestamp: cart.expires_at,
        last_modified_user: cart.modified_by,
        status: if cart.orders.is_some() { "Ordered" } else { "Active" },
        line_items,
        links: json!({ "self": link(format!("/customers/{}/carts/{}", cart.customer, cart.id)) }),
    };
    versioned("Cart", etag(cart.version), view)
}

/// Begin a cart for a customer. It is kept for 7 days.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain")), request_body = CartBody,
    responses((status = 201, body = Resource<CartView>)))]
#[post("/v1/customers/{customer}/carts")]
async fn create_cart(
    me: Allowed<PlaceOrders>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<CartBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (reference, (lines, _)) = (CustomerReference::new(&customer), body.0.read()?);
    me.write(&parts, move |tx, me| {
        actions::create_cart(tx, me, &reference, &lines, now).map(|cart| Reply::created(&view(cart)))
    })
    .await
}

/// A cart of one's own company.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("cart" = CartId, Path)),
    responses((status = 200, body = Resource<CartView>)))]
#[get("/v1/customers/{customer}/carts/{cart}")]
async fn get_cart(
    me: Allowed<ReadCustomerDrafts>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<CartView>>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    Ok(Answer(view(me.read(&parts, move |read, me| actions::cart(read, me, &reference, &id, now)).await?)))
}

/// Replace the lines of a cart.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("cart" = CartId, Path)),
    request_body = CartBody, responses((status = 200, body = Resource<CartView>)))]
#[put("/v1/customers/{customer}/carts/{cart}")]
async fn change_cart(
    me: Allowed<PlaceOrders>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    looked_at: IfMatch,
    body: Lenient<CartBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let (reference, (lines, sent_etag)) = (CustomerReference::new(&customer), body.0.read()?);
    me.write(&parts, move |tx, me| {
        let seen = (&looked_at, sent_etag.as_deref());
        actions::change_cart(tx, me, (&reference, &id), &lines, seen, now).map(|cart| Reply::ok(&view(cart)))
    })
    .await
}

/// What came of a cart.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CheckoutView {
    orders: Vec<Resource<OrderView>>,
    /// Empty: a cart is ordered whole, or refused with what is wrong.
    #[schema(value_type = Vec<Object>)]
    order_errors: [(); 0],
}

/// Order what is in a cart, all of it or nothing: one order for each billing cycle. Twice gives the same orders.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("cart" = CartId, Path)),
    responses((status = 201, body = Object)))]
#[post("/v1/customers/{customer}/carts/{cart}/checkout")]
async fn order_cart(
    me: Allowed<PlaceOrders>,
    parts: Data<Parts>,
    settings: Data<SubscriptionSettings>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::order_cart(tx, me, (&reference, &id), &settings, now).map(|orders| {
            let orders = orders.into_iter().map(orders::view).collect();
            Reply::created(&resource("CartCheckoutResult", CheckoutView { orders, order_errors: [] }))
        })
    })
    .await
}
