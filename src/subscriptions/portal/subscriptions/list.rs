//! The subscriptions of a customer.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{credited, day, status_in_words, stopped, texts, title_of};
use crate::access::{Onlooker, ReadSubscriptions, Scope, Visitor};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, see_other};
use crate::subscriptions::actions::pages::{SubscriptionListing, Whose, subscription_listing};
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::SubscriptionStatus;
use crate::subscriptions::texts::SubscriptionTexts;

/// Subscriptions on a page.
const PAGE: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ListQuery {
    after: String,
    /// An order was placed just now.
    ordered: String,
}

struct Row {
    address: String,
    name: String,
    offer: String,
    licences: i32,
    status: (&'static str, &'static str),
    until: String,
    then: &'static str,
    of_record: Option<String>,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/subscriptions_page.html")]
struct ListPage {
    frame: Frame,
    text: &'static SubscriptionTexts,
    title: String,
    /// The page of the customer, for a partner that has one.
    customer: Option<String>,
    add: Option<String>,
    ordered: bool,
    empty: &'static str,
    rows: Vec<Row>,
    paged: bool,
    first: String,
    next: Option<String>,
}

/// The address of the list of a customer, named by its id or as somebody wrote it.
pub(super) fn address(customer: &str) -> String {
    format!(
        "/customers/{}/subscriptions",
        utf8_percent_encode(customer, NON_ALPHANUMERIC).to_string().replace("%2D", "-")
    )
}

/// Where whoever is signed in finds subscriptions: a customer its own, a partner those of its customers.
pub(super) async fn own(parts: Data<Parts>, visitor: Visitor) -> Result<HttpResponse, Error> {
    let find = |_: &mut Read<'_>, me: &Scope| -> Outcome<_, SubscriptionError> { Ok(me.as_customer()) };
    match visitor.read::<ReadSubscriptions, _, _, _>(&parts, find).await {
        Ok(Some(own)) => Ok(see_other(&address(&own.to_string()))),
        Ok(None) => Ok(see_other("/customers")),
        Err(why) => stopped(&visitor, &parts, "", why).await,
    }
}

pub(super) async fn list(
    parts: Data<Parts>,
    visitor: Visitor,
    customer: Path<String>,
    query: Query<ListQuery>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let after: Option<SubscriptionId> = query.after.parse().ok();
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, SubscriptionError> {
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        subscription_listing(read, me, &reference, (after, limit), now)
    };
    let found = match visitor.read::<ReadSubscriptions, _, _, _>(&parts, find).await {
        Ok(found) => found,
        Err(why) => return stopped(&visitor, &parts, &customer, why).await,
    };
    let SubscriptionListing { whose: Whose { customer, name, own, may_order }, mut rows, partners } = found;
    let Onlooker { frame, .. } = visitor.onlooker(&parts).await?;
    let text = texts(&visitor);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let first = address(&customer.to_string());
    let next = rows.last().filter(|_| more).map(|row| format!("{first}?after={}", row.subscription.id));
    let row = |shown: crate::subscriptions::actions::ShownSubscription| Row {
        address: format!("{first}/{}", shown.subscription.id),
        licences: shown.subscription.quantity,
        status: status_in_words(text, shown.status),
        until: day(shown.subscription.ends_at),
        then: match shown.status {
            SubscriptionStatus::Active if shown.subscription.auto_renew => text.renews,
            SubscriptionStatus::Active | SubscriptionStatus::Suspended => text.ends,
            _ => "",
        },
        of_record: shown.of_record().map(|of_record| credited(&partners, of_record)),
        name: shown.subscription.friendly_name,
        offer: shown.offer.name,
    };
    let page = ListPage {
        frame,
        text,
        title: title_of(text, name.as_deref().filter(|_| !own)),
        customer: (!own && name.is_some()).then(|| format!("/customers/{customer}")),
        add: may_order.then(|| format!("{first}/new")),
        ordered: !query.ordered.is_empty(),
        empty: match (own, may_order) {
            (true, _) => text.none_own,
            (_, true) => text.none_add,
            _ => text.none_ask,
        },
        rows: rows.into_iter().map(row).collect(),
        paged: after.is_some(),
        next,
        first,
    };
    visitor.visit().page(&page)
}
