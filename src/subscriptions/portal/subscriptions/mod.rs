//! Pages about subscriptions of a customer: the list, one of them, adding one.

mod changes;
mod details;
mod list;
mod order;

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{ServiceConfig, get, post};

use super::customers::{barred, message, text_of};
use crate::access::{Barred, PartnerId, Visitor};
use crate::companies::CompanyProfile;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::Error;
use crate::platform::portal::fill;
use crate::subscriptions::model::associations::ResellerOfRecord;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::SubscriptionStatus;
use crate::subscriptions::texts::SubscriptionTexts;

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/subscriptions", get().to(list::own))
        .route("/customers/{customer}/subscriptions", get().to(list::list))
        .route("/customers/{customer}/subscriptions/new", get().to(order::show))
        .route("/customers/{customer}/subscriptions/new", post().to(order::place))
        .route("/customers/{customer}/subscriptions/{id}", get().to(details::show))
        .route("/customers/{customer}/subscriptions/{id}/{act}", post().to(changes::change));
}

fn texts(visitor: &Visitor) -> &'static SubscriptionTexts {
    SubscriptionTexts::of(visitor.visit().language())
}

/// A day, where the hour matters to nobody.
fn day(at: Timestamp) -> String {
    at.to_chrono().format("%Y-%m-%d").to_string()
}

/// What a status is called, and how its badge looks.
fn status_in_words(text: &SubscriptionTexts, status: SubscriptionStatus) -> (&'static str, &'static str) {
    match status {
        SubscriptionStatus::Active => (text.active, "good"),
        SubscriptionStatus::Suspended => (text.suspended, "warn"),
        SubscriptionStatus::Expired => (text.expired, "warn"),
        SubscriptionStatus::Disabled => (text.disabled, "danger"),
        SubscriptionStatus::Deleted => (text.deleted, ""),
    }
}

/// A reseller of record by name, with the MPN ID that is credited.
fn credited(partners: &HashMap<PartnerId, CompanyProfile>, of_record: &ResellerOfRecord) -> String {
    let ResellerOfRecord { reseller, mpn_id } = of_record;
    match partners.get(reseller) {
        Some(profile) => format!("{} (MPN ID {mpn_id})", profile.name),
        None => format!("MPN ID {mpn_id}"),
    }
}

/// What a page answers when nothing can be shown.
async fn stopped(
    visitor: &Visitor,
    parts: &Parts,
    customer: &str,
    why: Barred<SubscriptionError>,
) -> Result<HttpResponse, Error> {
    let (text, customers) = (texts(visitor), text_of(visitor));
    match why {
        Barred::Refused(SubscriptionError::Relationship(_)) => {
            let said = (customers.unknown_title, customers.unknown.to_owned());
            let back = Some(("/customers".to_owned(), customers.to_list));
            message(visitor, parts, StatusCode::NOT_FOUND, said, back).await
        }
        Barred::Refused(SubscriptionError::Unknown(_)) => {
            let said = (text.unknown_title, text.unknown.to_owned());
            let back = Some((list::address(customer), text.to_list));
            message(visitor, parts, StatusCode::NOT_FOUND, said, back).await
        }
        other => barred(visitor, parts, other).await,
    }
}

/// The title of pages about the subscriptions of somebody whose name may not be known.
fn title_of(text: &SubscriptionTexts, name: Option<&str>) -> String {
    name.map_or_else(|| text.title.to_owned(), |name| fill(text.title_of, &[("company", name)]))
}
