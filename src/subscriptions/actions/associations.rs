//! The reseller of record of a subscription: beginning, going on, ending; and its history.

use diesel::QueryResult;

use super::sight;
use super::subscriptions::one;
use crate::access::Scope;
use crate::audit::{self, Event};
use crate::customers::CustomerReference;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::subscriptions::model::associations::{AssociationPeriod, ResellerOfRecord};
use crate::subscriptions::model::catalogue::Offer;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState};
use crate::subscriptions::store::associations as store;

/// When something about the reseller of record changes: never before what was kept last. Copies of the service may differ
/// about the time.
pub(super) fn moment(newest: Option<&AssociationPeriod>, now: Timestamp) -> Timestamp {
    newest.map_or(now, |newest| now.max(newest.since).max(newest.until.unwrap_or(now)))
}

/// What is credited follows what the subscription has become: the reseller of record stays the same. Gives the newest
/// period there is then.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    newest: Option<AssociationPeriod>,
    subscription: &Subscription,
    offer: &Offer,
    at: Timestamp,
) -> QueryResult<Option<AssociationPeriod>> {
    let Some(open) = newest.as_ref().filter(|period| period.until.is_none()) else { return Ok(newest) };
    let at = moment(Some(open), at);
    if subscription.state == SubscriptionState::Deleted {
        store::end(tx, open, at)?;
        return Ok(Some(AssociationPeriod { until: Some(at), ..open.clone() }));
    }
    let Some(next) = open.followed(subscription, offer, at) else { return Ok(newest) };
    store::end(tx, open, at)?;
    store::insert(tx, std::slice::from_ref(&next))?;
    Ok(Some(next))
}

/// Makes `of_record` the reseller of record of a subscription, or nobody. The one there is already changes nothing. Gives
/// the newest period there is then.
pub(super) fn put_on_record(
    tx: &mut Tx<'_>,
    me: &Scope,
    (subscription, offer): (&Subscription, &Offer),
    newest: Option<AssociationPeriod>,
    of_record: Option<ResellerOfRecord>,
    now: Timestamp,
) -> QueryResult<Option<AssociationPeriod>> {
    let open = newest.as_ref().filter(|period| period.until.is_none());
    if open.map(|period| &period.of_record) == of_record.as_ref() {
        return Ok(newest);
    }
    let (customer, id) = (subscription.customer.uuid(), subscription.id.uuid());
    let mut left = newest.clone();
    let at = moment(newest.as_ref(), now);
    if let Some(open) = open {
        store::end(tx, open, at)?;
        let ResellerOfRecord { reseller, mpn_id } = open.of_record.clone();
        let event = Event::ResellerDissociated { subscription: id, customer, reseller: reseller.uuid(), mpn_id };
        audit::record(tx, me, &event, now)?;
        left = Some(AssociationPeriod { until: Some(at), ..open.clone() });
    }
    let Some(of_record) = of_record else { return Ok(left) };
    let event = Event::ResellerAssociated {
        subscription: id,
        customer,
        reseller: of_record.reseller.uuid(),
        mpn_id: of_record.mpn_id.clone(),
    };
    let period = AssociationPeriod::begin(subscription, offer, of_record, left.as_ref(), me.user_id(), at);
    store::insert(tx, std::slice::from_ref(&period))?;
    audit::record(tx, me, &event, now)?;
    Ok(Some(period))
}

/// Who was reseller of record of a subscription, when, of how many licences; oldest first. A reseller sees its own part.
///
/// # Errors
/// [`SubscriptionError::Relationship`], [`SubscriptionError::Unknown`].
pub fn association_history(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    after: i32,
    limit: i64,
) -> Outcome<Vec<AssociationPeriod>, SubscriptionError> {
    let sight = sight(read, me, reference).map_err(Failure::widen)?;
    let subscription = one(read, sight, id)?;
    Ok(history(read, me, &subscription, after, limit)?)
}

pub(super) fn history(
    read: &mut Read<'_>,
    me: &Scope,
    subscription: &Subscription,
    after: i32,
    limit: i64,
) -> QueryResult<Vec<AssociationPeriod>> {
    // Whom a provider worked with before or after is no other partner's to know.
    let other_partner = me.as_customer().is_none() && me.partner() != subscription.provider;
    let own = other_partner.then(|| me.partner());
    store::history_of(read, subscription.id, own, after, limit)
}
