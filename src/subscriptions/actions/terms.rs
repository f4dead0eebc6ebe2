//! What the clock makes of subscriptions: renewals, and what is over for good. Whoever asks is told by the clock; here it
//! is kept.

use std::collections::HashMap;

use diesel::QueryResult;

use super::associations::{follow, moment};
use crate::access::PartnerId;
use crate::audit::{self, Event, System};
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::http::RequestIds;
use crate::platform::jobs::JobKind;
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::associations::AssociationPeriod;
use crate::subscriptions::model::catalogue::Offer;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState};
use crate::subscriptions::store::associations;
use crate::subscriptions::store::catalogue::offers_by_id;
use crate::subscriptions::store::subscriptions as store;

/// The term of a subscription ends whose next one is to be different. A repeat finds it renewed, and does nothing.
pub const RENEWAL: JobKind = JobKind { name: "subscription_renewal", attempts: 8 };

/// The offers that a subscription is of, now and after its renewals.
pub(super) fn offers_ahead(subscription: &Subscription) -> impl Iterator<Item = String> + use<> {
    let next = subscription.next_term.as_ref().and_then(|next| next.offer.clone());
    [subscription.offer.clone()].into_iter().chain(next)
}

/// Keeps the renewals that are due by `now`, each as of its own moment: what is credited changes then, not when
/// somebody looks. `offers` holds those of [`offers_ahead`].
pub(super) fn renew(
    tx: &mut Tx<'_>,
    mut subscription: Subscription,
    mut newest: Option<AssociationPeriod>,
    offers: &HashMap<String, Offer>,
    now: Timestamp,
) -> QueryResult<(Subscription, Option<AssociationPeriod>)> {
    let kept = subscription.version;
    while let Some(renewed) = subscription.renewal().filter(|_| subscription.ends_at <= now) {
        let at = subscription.ends_at;
        subscription = renewed;
        if let Some(offer) = offers.get(&subscription.offer) {
            newest = follow(tx, newest, &subscription, offer, at)?;
        }
    }
    if subscription.version != kept {
        if !store::replace(tx, &subscription, kept)? {
            return Err(diesel::result::Error::RollbackTransaction);
        }
        let event = Event::SubscriptionRenewed {
            subscription: subscription.id.uuid(),
            customer: subscription.customer.uuid(),
            provider: subscription.provider.uuid(),
            until: subscription.ends_at.to_string(),
        };
        audit::record(tx, &by_the_clock(subscription.provider), &event, now)?;
    }
    Ok((subscription, newest))
}

fn by_the_clock(provider: PartnerId) -> System {
    System { organisation: Some(provider.uuid()), request: RequestIds::fresh() }
}

/// Keeps what the clock has made of subscriptions: renewals, and what is over for good. At most `limit` of each at once;
/// tells whether there may be more.
///
/// # Errors
/// Only the database's.
pub fn keep_terms(tx: &mut Tx<'_>, limit: i64, now: Timestamp) -> QueryResult<bool> {
    let due = store::due_for_renewal(tx, now, limit)?;
    let over = store::ended_before(tx, Subscription::gone_since(now), limit)?;
    let full = |found: &[Subscription]| i64::try_from(found.len()).unwrap_or(limit) == limit;
    let more = full(&due) || full(&over);
    let ids: Vec<SubscriptionId> = due.iter().chain(&over).map(|one| one.id).collect();
    let mut newest = associations::newest_of(tx, &ids)?;
    let offers = offers_by_id(tx, due.iter().flat_map(offers_ahead))?;
    for subscription in due {
        let period = newest.remove(&subscription.id);
        renew(tx, subscription, period, &offers, now)?;
    }
    for subscription in over {
        let period = newest.remove(&subscription.id);
        end_for_good(tx, subscription, period, now)?;
    }
    Ok(more)
}

fn end_for_good(
    tx: &mut Tx<'_>,
    mut subscription: Subscription,
    newest: Option<AssociationPeriod>,
    now: Timestamp,
) -> QueryResult<()> {
    (subscription.state, subscription.state_since) = (SubscriptionState::Deleted, now);
    subscription.version += 1;
    if !store::replace(tx, &subscription, subscription.version - 1)? {
        return Err(diesel::result::Error::RollbackTransaction);
    }
    if let Some(open) = newest.filter(|period| period.until.is_none()) {
        associations::end(tx, &open, moment(Some(&open), now))?;
    }
    let event = Event::SubscriptionEnded {
        subscription: subscription.id.uuid(),
        customer: subscription.customer.uuid(),
        provider: subscription.provider.uuid(),
    };
    audit::record(tx, &by_the_clock(subscription.provider), &event, now)
}

/// Renews one subscription whose next term is to be different, when it is due. Done already, or no longer wanted:
/// nothing happens.
///
/// # Errors
/// Only the database's.
pub fn renew_one(tx: &mut Tx<'_>, id: SubscriptionId, now: Timestamp) -> QueryResult<()> {
    let Some(found) = store::with_ids(tx, &[id])?.pop() else { return Ok(()) };
    let newest = associations::newest_of(tx, &[id])?.remove(&id);
    let offers = offers_by_id(tx, offers_ahead(&found))?;
    renew(tx, found, newest, &offers, now).map(drop)
}
