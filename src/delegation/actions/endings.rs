//! The end of delegated administration and of relationships, by whichever side.

use diesel::QueryResult;

use super::notices::{Told, tell_customer};
use crate::access::{self, CustomerId, News, PartnerId, Scope, Topic};
use crate::audit::{self, Event};
use crate::customers::{self, CustomerReference, RelationshipMissing};
use crate::delegation::mail;
use crate::delegation::model::{EnderId, GrantId, Granular, GranularStatus, NoticeKind};
use crate::delegation::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::Outcome;

/// Ends every grant that a partner has over a customer, full and granular, for the next request and for running work.
/// `false` if there was none.
pub(super) fn end_grants(
    tx: &mut Tx<'_>,
    me: &Scope,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let ended = end_everything(tx, me, partner, customer, now)?;
    tell_of_end(tx, ended, partner, customer, now)
}

/// Ends full delegated administration alone.
pub(super) fn end_full(
    tx: &mut Tx<'_>,
    me: &Scope,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let ended = end(tx, me, (partner, customer), &[], true, now)?;
    tell_of_end(tx, ended, partner, customer, now)
}

fn tell_of_end(
    tx: &mut Tx<'_>,
    ended: bool,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    if ended {
        let told = Told { customer, partner, kind: NoticeKind::Ended, relationship: None, ends_at: Some(now) };
        tell_customer(tx, &told, now)?;
    }
    Ok(ended)
}

fn end_everything(
    tx: &mut Tx<'_>,
    me: &Scope,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let granular = store::granular::unended_between(tx, partner, customer, now)?;
    let (asking, live): (Vec<_>, Vec<_>) =
        granular.into_iter().partition(|one| one.status(now) == GranularStatus::ApprovalPending);
    terminate(tx, me, &asking, now)?;
    end(tx, me, (partner, customer), &live, true, now)
}

/// Ends what one delegated admin relationship gives, or asks for. What is over already stays as it is.
pub(super) fn end_granular(tx: &mut Tx<'_>, me: &Scope, one: &Granular, now: Timestamp) -> QueryResult<bool> {
    if !matches!(one.status(now), GranularStatus::Active | GranularStatus::ApprovalPending) {
        return Ok(false);
    }
    let Some(customer) = one.customer else {
        return Ok(terminate(tx, me, std::slice::from_ref(one), now)? > 0);
    };
    let ended = end(tx, me, (one.partner, customer), std::slice::from_ref(one), false, now)?;
    // Of what was never in force, nothing ended.
    if ended && one.status(now) == GranularStatus::Active {
        tell_customer(tx, &Told::about(one, customer, NoticeKind::Ended, Some(now)), now)?;
    }
    Ok(ended)
}

fn end(
    tx: &mut Tx<'_>,
    me: &Scope,
    (partner, customer): (PartnerId, CustomerId),
    granular: &[Granular],
    all_roles: bool,
    now: Timestamp,
) -> QueryResult<bool> {
    // An ending takes effect at once, but never before a use that is already committed.
    let at = store::last_use(tx, partner, customer)?.map_or(now, |last| last.max(now));
    let by = EnderId::of(me);
    let full = all_roles && store::end_full(tx, partner, customer, by, at)? > 0;
    let terminated = terminate(tx, me, granular, at)?;
    if !full && terminated == 0 {
        return Ok(false);
    }
    if full {
        let event = Event::AdministrationEnded { customer: customer.uuid(), partner: partner.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    if me.as_customer().is_some() {
        let maker = granular.first().and_then(|one| one.created_by);
        let news = News { topic: Topic::AdministrationEnded, subject: customer.uuid(), mail: mail::NEWS };
        access::notify(tx, partner.into(), &news, maker, None, now)?;
    }
    Ok(true)
}

/// A statement takes so many values at most, by far.
const IDS_AT_A_TIME: usize = 1_000;

fn terminate(tx: &mut Tx<'_>, me: &Scope, granular: &[Granular], at: Timestamp) -> QueryResult<usize> {
    let ids: Vec<GrantId> = granular.iter().map(|one| one.id).collect();
    let mut terminated = 0;
    for some in ids.chunks(IDS_AT_A_TIME) {
        store::end_granular(tx, some, EnderId::of(me), at)?;
        terminated += store::granular::terminate(tx, some, EnderId::of(me), at)?;
    }
    for one in granular.iter().filter(|_| terminated > 0) {
        let event = Event::GranularAdministrationTerminated {
            relationship: one.id.uuid(),
            customer: one.customer.map(CustomerId::uuid),
            partner: one.partner.uuid(),
        };
        audit::record(tx, me, &event, at)?;
    }
    Ok(terminated)
}

/// Ends the caller's own delegated administration of a customer. Its relationship stays: it sells, and administers no
/// more. Twice changes nothing.
///
/// # Errors
/// [`RelationshipMissing`].
pub fn give_up_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerId, RelationshipMissing> {
    let customer = customers::live_relationship(tx, me, reference)?.customer;
    end_grants(tx, me, me.partner(), customer, now)?;
    Ok(customer)
}

/// Ends the caller's own relationship with a customer, and whatever it could do there. What other partners have stays: of
/// a provider that leaves, the reseller keeps its own (ruling 12 of the design).
///
/// # Errors
/// [`RelationshipMissing`], also when asked again: there is no relationship any more.
pub fn end_relationship(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerId, RelationshipMissing> {
    let (customer, partner) = (customers::live_relationship(tx, me, reference)?.customer, me.partner());
    // One mail says it all.
    end_everything(tx, me, partner, customer, now)?;
    if store::notices::end_owner(tx, customer, partner, EnderId::of(me), now)? {
        let event = Event::TenantOwnerEnded { customer: customer.uuid(), partner: partner.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    customers::end_relationship(tx, partner, customer, now)?;
    let event = Event::CustomerRelationshipEnded { customer: customer.uuid(), partner: partner.uuid() };
    audit::record(tx, me, &event, now)?;
    let kind = NoticeKind::RelationshipEnded;
    let told = Told { customer, partner, kind, relationship: None, ends_at: Some(now) };
    tell_customer(tx, &told, now)?;
    Ok(customer)
}
