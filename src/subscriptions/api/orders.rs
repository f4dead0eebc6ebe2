//! REST of orders.

use std::collections::HashMap;

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::subscriptions::SentAttributes;
use super::words::{billing_cycle, link, term};
use crate::access::{Allowed, CustomerId, PlaceOrders, ReadSubscriptions, Scope};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{
    Collection, Error, IfMatch, Lenient, Page, PageQuery, Reply, Resource, etag, resource, versioned,
};
use crate::subscriptions::actions;
use crate::subscriptions::model::catalogue::{BillingCycle, Term, offer_id};
use crate::subscriptions::model::orders::{Order, OrderLine, WantedLine, WantedReseller};
use crate::subscriptions::model::refusals::{LineError, OrderError};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState};
use crate::subscriptions::model::{OrderId, SubscriptionId};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(place_order)
        .service(list_orders)
        .service(get_order)
        .service(add_to_order)
        .service(provisioning_status);
}

/// A line of an order, as clients send it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LineBody {
    /// From 0, without gaps; in the order of the list, if none is numbered.
    line_item_number: Option<i64>,
    offer_id: String,
    quantity: i32,
    friendly_name: Option<String>,
    /// P1M, P1Y or P3Y.
    term_duration: Option<String>,
    /// The MPN ID of the reseller of record, never one's own.
    partner_id_on_record: Option<String>,
    /// Of an add-on: what it is added to.
    parent_subscription_id: Option<String>,
    /// What came of a line there is, which is left alone.
    subscription_id: Option<String>,
}

/// An order, as clients send it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderBody {
    /// monthly, annual …; that of the offer, if nothing.
    #[schema(value_type = Option<String>)]
    billing_cycle: Option<Value>,
    #[serde(default)]
    line_items: Vec<LineBody>,
    attributes: Option<SentAttributes>,
}

/// Text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What a client names a subscription by; one that cannot be is nobody's.
pub(super) fn parent(text: Option<String>) -> Option<SubscriptionId> {
    said(text).map(|id| id.parse().unwrap_or_else(|_| SubscriptionId::fresh()))
}

/// A reseller of record by MPN ID.
pub(super) fn by_mpn_id(text: Option<String>) -> Option<WantedReseller> {
    said(text).map(WantedReseller::MpnId)
}

impl LineBody {
    fn read(self) -> Result<WantedLine, Error> {
        Ok(WantedLine {
            offer: offer_id(&self.offer_id),
            quantity: self.quantity,
            friendly_name: said(self.friendly_name),
            term: term(self.term_duration.as_deref())?,
            billing_cycle: None,
            reseller: by_mpn_id(self.partner_id_on_record),
            parent: parent(self.parent_subscription_id),
            parent_line: None,
        })
    }
}

/// Lines to be ordered, and where each stood in what was sent.
type PlacedLines = (Vec<WantedLine>, Vec<usize>);

fn placed(lines: Vec<(usize, LineBody)>) -> Result<PlacedLines, Error> {
    let (places, lines): (Vec<usize>, Vec<LineBody>) = lines.into_iter().unzip();
    Ok((lines.into_iter().map(LineBody::read).collect::<Result<_, _>>()?, places))
}

/// The refusal names the line as it was sent.
fn as_sent(failure: Failure<OrderError>, places: &[usize]) -> Failure<OrderError> {
    match failure {
        Failure::Refused(OrderError::Line { place, error }) => {
            Failure::Refused(OrderError::Line { place: places.get(place).copied().unwrap_or(place), error })
        }
        other => other,
    }
}

/// Lines in the order of their numbers. Clients number all of them or none; some send 0 for all.
fn in_order(lines: Vec<LineBody>) -> Result<PlacedLines, Error> {
    let mut lines: Vec<(usize, LineBody)> = lines.into_iter().enumerate().collect();
    let number = |(_, line): &(usize, LineBody)| line.line_item_number.unwrap_or_default();
    if lines.iter().any(|line| number(line) != 0) {
        lines.sort_by_key(number);
        for (expected, line) in (0..).zip(&lines) {
            if number(line) != expected {
                return Err(OrderError::Line { place: line.0, error: LineError::Number(number(line)) }.into());
            }
        }
    }
    placed(lines)
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LineView {
    line_item_number: i32,
    offer_id: String,
    subscription_id: SubscriptionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_subscription_id: Option<SubscriptionId>,
    friendly_name: String,
    quantity: i32,
    term_duration: Term,
    transaction_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id_on_record: Option<String>,
    #[schema(value_type = Object)]
    links: Value,
}

/// An order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView {
    id: OrderId,
    reference_customer_id: CustomerId,
    billing_cycle: BillingCycle,
    #[schema(value_type = String, format = DateTime)]
    creation_date: Timestamp,
    status: &'static str,
    transaction_type: &'static str,
    line_items: Vec<LineView>,
    #[schema(value_type = Object)]
    links: Value,
}

pub(super) fn view(order: Order) -> Resource<OrderView> {
    let of_customer = format!("/customers/{}", order.customer);
    let own = format!("{of_customer}/orders/{}", order.id);
    let line = |line: OrderLine| LineView {
        line_item_number: line.number,
        offer_id: line.offer,
        subscription_id: line.subscription,
        parent_subscription_id: line.parent,
        friendly_name: line.friendly_name,
        quantity: line.quantity,
        term_duration: line.term,
        transaction_type: "new",
        partner_id_on_record: line.mpn_id,
        links: json!({ "subscription": link(format!("{of_customer}/subscriptions/{}", line.subscription)) }),
    };
    let patch = json!({ "uri": own, "method": "PATCH", "headers": [] });
    let links = json!({
        "self": link(own.clone()), "provisioningStatus": link(format!("{own}/provisioningstatus")), "patchOperation": patch,
    });
    let view = OrderView {
        id: order.id,
        reference_customer_id: order.customer,
        billing_cycle: order.billing_cycle,
        creation_date: order.created_at,
        status: "completed",
        transaction_type: "UserPurchase",
        line_items: order.lines.into_iter().map(line).collect(),
        links,
    };
    versioned("Order", etag(order.version), view)
}

/// Place an order for a customer: each line becomes a subscription, with its reseller of record; all of them or none.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain")), request_body = OrderBody,
    responses((status = 201, body = Resource<OrderView>)))]
#[post("/v1/customers/{customer}/orders")]
async fn place_order(
    me: Allowed<PlaceOrders>,
    parts: Data<Parts>,
    settings: Data<SubscriptionSettings>,
    customer: Path<String>,
    body: Lenient<OrderBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let cycle = billing_cycle(body.0.billing_cycle.as_ref())?;
    let (reference, (lines, places)) = (CustomerReference::new(&customer), in_order(body.0.line_items)?);
    me.write(&parts, move |tx, me| {
        actions::place_order(tx, me, &reference, (&lines, cycle), &settings, now)
            .map(|order| Reply::created(&view(order)))
            .map_err(|failure| as_sent(failure, &places))
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct OrderQuery {
    /// Those charged like this: monthly, annual …
    billing_type: Option<String>,
}

/// The orders for a customer: of one's own company, of the provider one serves it through, of one's own organisation all.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), OrderQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<OrderView>>)))]
#[get("/v1/customers/{customer}/orders")]
async fn list_orders(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<OrderQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<OrderView>>>, Error> {
    let reference = CustomerReference::new(&customer);
    let cycle = billing_cycle(query.into_inner().billing_type.map(Value::from).as_ref())?;
    let limits = (page.after_id()?, page.fetch());
    let rows = me.read(&parts, move |read, me| actions::orders(read, me, &reference, cycle, limits)).await?;
    let key = |row: &Order| row.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, view)))
}

/// An order for a customer.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("order" = OrderId, Path)),
    responses((status = 200, body = Resource<OrderView>)))]
#[get("/v1/customers/{customer}/orders/{order}")]
async fn get_order(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<OrderView>>, Error> {
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    Ok(Answer(view(me.read(&parts, move |read, me| actions::order(read, me, &reference, &id)).await?)))
}

/// Add lines to an order: add-ons, each with the subscription it is added to. Lines that are there already, which clients
/// send back, are left alone.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("order" = OrderId, Path)),
    request_body = OrderBody, responses((status = 200, body = Resource<OrderView>)))]
#[patch("/v1/customers/{customer}/orders/{order}")]
async fn add_to_order(
    me: Allowed<PlaceOrders>,
    parts: Data<Parts>,
    settings: Data<SubscriptionSettings>,
    path: Path<(String, String)>,
    looked_at: IfMatch,
    body: Lenient<OrderBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let OrderBody { line_items, attributes, .. } = body.0;
    let sent_etag = attributes.and_then(|attributes| attributes.etag);
    let is_new = |(_, line): &(usize, LineBody)| line.subscription_id.as_deref().is_none_or(str::is_empty);
    let (lines, places) = placed(line_items.into_iter().enumerate().filter(is_new).collect())?;
    me.write(&parts, move |tx, me| {
        let seen = (&looked_at, sent_etag.as_deref());
        actions::add_to_order(tx, me, (&reference, &id), &lines, seen, &settings, now)
            .map(|order| Reply::ok(&view(order)))
            .map_err(|failure| as_sent(failure, &places))
    })
    .await
}

/// How much of a line is set up.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct QuantityView {
    quantity: i32,
    status: &'static str,
}

/// How far a line is set up.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LineProvisioningView {
    line_item_number: i32,
    status: &'static str,
    quantity_provisioning_information: Vec<QuantityView>,
}

/// How far the lines of an order are set up: they are, from the order on, until they are cancelled.
#[utoipa::path(tag = "Orders", params(("customer", description = "Tenant id or domain"), ("order" = OrderId, Path)),
    responses((status = 200, body = Collection<Resource<LineProvisioningView>>)))]
#[get("/v1/customers/{customer}/orders/{order}/provisioningstatus")]
async fn provisioning_status(
    me: Allowed<ReadSubscriptions>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Collection<Resource<LineProvisioningView>>>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let own = format!("/customers/{customer}/orders/{id}/provisioningstatus");
    let reference = CustomerReference::new(&customer);
    type Found = (Order, HashMap<SubscriptionId, Subscription>);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Found, OrderError> {
        me.require_user().map_err(OrderError::from)?;
        let order = actions::order(read, me, &reference, &id)?;
        let there = actions::come_of(read, &order, now)?;
        Ok((order, there))
    };
    let (order, there) = me.read(&parts, find).await?;
    let line = |line: OrderLine| {
        let one = there.get(&line.subscription).filter(|one| one.state != SubscriptionState::Deleted);
        let (status, quantity) = match one {
            Some(one) => ("fulfilled", one.quantity),
            None => ("canceled", 0),
        };
        let quantity = QuantityView { quantity, status };
        let view = LineProvisioningView {
            line_item_number: line.number,
            status,
            quantity_provisioning_information: vec![quantity],
        };
        resource("OrderLineItemProvisioningStatus", view)
    };
    Ok(Answer(Collection::whole(&own, order.lines.into_iter().map(line).collect())))
}
