//! What must always be true of subscriptions.

use std::collections::HashMap;

use diesel::QueryResult;

use crate::partnerships;
use crate::platform::db::Read;
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState};
use crate::subscriptions::store::{associations, orders, subscriptions, support_contacts};

/// Rows of a page.
const PAGE: i64 = 10_000;

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let partners = partnerships::Periods::load(read)?;
    let mut broken: Vec<String> = orders::without_line(read, 100)?
        .into_iter()
        .map(|id| format!("subscription {id} came of no line of its order"))
        .collect();
    let mut before: Option<AssociationPeriod> = None;
    loop {
        let after = before.as_ref().map(|last| (last.subscription, last.number));
        let page = associations::all(read, after, PAGE)?;
        if page.is_empty() {
            break;
        }
        let subscriptions = of_page(read, &page)?;
        for period in page {
            broken.extend(overlap(before.as_ref(), &period));
            broken.extend(apart(&subscriptions, &period));
            let reseller = period.of_record.reseller;
            if !partners.include(period.provider, reseller, period.associated_at) {
                broken.push(format!(
                    "I8: {reseller} became reseller of record of subscription {} without a partnership at that time",
                    period.subscription
                ));
            }
            before = Some(period);
        }
    }
    let mut after = None;
    loop {
        let page = support_contacts::all(read, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(broken) };
        after = Some(last.id);
        for row in page.iter().filter(|row| !partners.include(row.provider_id, row.partner_id, row.since)) {
            broken.push(format!(
                "I8: {} became support contact of subscription {} without a partnership at that time",
                row.partner_id, row.subscription_id
            ));
        }
    }
}

fn of_page(read: &mut Read<'_>, page: &[AssociationPeriod]) -> QueryResult<HashMap<SubscriptionId, Subscription>> {
    let open = page.iter().filter(|period| period.until.is_none());
    let ids: Vec<SubscriptionId> = open.map(|period| period.subscription).collect();
    Ok(subscriptions::with_ids(read, &ids)?.into_iter().map(|one| (one.id, one)).collect())
}

/// I12: periods of a subscription follow each other, and none ends before it begins.
fn overlap(before: Option<&AssociationPeriod>, period: &AssociationPeriod) -> Option<String> {
    let (subscription, number) = (period.subscription, period.number);
    if period.until.is_some_and(|until| until < period.since) {
        return Some(format!("I12: period {number} of subscription {subscription} ends before it begins"));
    }
    let before = before.filter(|before| before.subscription == subscription);
    let follows = match before {
        None => number == 1,
        Some(before) => number == before.number + 1 && before.until.is_some_and(|until| until <= period.since),
    };
    (!follows)
        .then(|| format!("I12: period {number} of subscription {subscription} overlaps the one before, or has a gap"))
}

/// What is credited is what there is.
fn apart(subscriptions: &HashMap<SubscriptionId, Subscription>, period: &AssociationPeriod) -> Option<String> {
    if period.until.is_some() {
        return None;
    }
    let one = subscriptions.get(&period.subscription)?;
    let same = one.quantity == period.quantity
        && one.offer == period.offer
        && (one.state == SubscriptionState::Active) == period.active
        && one.state != SubscriptionState::Deleted
        && one.lapses_at() == period.lapses_at;
    (!same).then(|| format!("what is credited for subscription {} is not what it is", period.subscription))
}
