//! Seeing and changing subscriptions.

use std::collections::HashMap;
use std::sync::LazyLock;

use diesel::QueryResult;

use super::associations::{follow, moment, put_on_record};
use super::orders::{selling, serving};
use super::reseller_of_record::resolve;
use super::terms::{RENEWAL, offers_ahead, renew};
use super::{Sight, sight};
use crate::access::{CustomerId, Scope};
use crate::audit::{self, Event};
use crate::customers::{self, CustomerReference, RelationshipMissing};
use crate::delegation::Side;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{EtagError, IfMatch};
use crate::platform::jobs;
use crate::platform::stretch::Stretch;
use crate::subscriptions::model::associations::{AssociationPeriod, ResellerOfRecord};
use crate::subscriptions::model::catalogue::Offer;
use crate::subscriptions::model::orders::WantedReseller;
use crate::subscriptions::model::refusals::SubscriptionError;
use crate::subscriptions::model::subscriptions::{
    Judged, Subscription, SubscriptionChange, SubscriptionState, SubscriptionStatus,
};
use crate::subscriptions::model::{OrderId, SubscriptionId, subscription_etag};
use crate::subscriptions::store::associations;
use crate::subscriptions::store::catalogue::offers_by_id;
use crate::subscriptions::store::subscriptions::{self as store, Wanted};

/// Subscriptions of one customer that are worked with at once.
const ALL_OF_A_CUSTOMER: i64 = 10_000;

/// A subscription as it is shown.
#[derive(Clone, Debug)]
pub struct ShownSubscription {
    /// What it is now.
    pub subscription: Subscription,
    /// What it is a subscription of.
    pub offer: Offer,
    /// Its status now.
    pub status: SubscriptionStatus,
    /// The newest period of its resellers of record, ended or not.
    newest: Option<AssociationPeriod>,
}

impl ShownSubscription {
    /// The reseller of record.
    pub fn of_record(&self) -> Option<&ResellerOfRecord> {
        self.newest.as_ref().filter(|period| period.until.is_none()).map(|period| &period.of_record)
    }

    /// Changes with everything that is shown: the version of the subscription, and that of its reseller of record, which is
    /// kept apart, because naming one changes nothing else.
    pub fn etag(&self) -> String {
        let record =
            self.newest.as_ref().map_or(0, |period| 2 * period.association - i32::from(period.until.is_none()));
        subscription_etag(self.subscription.id, self.subscription.version + record)
    }
}

/// Which subscriptions of a customer are asked for.
#[derive(Clone, Debug, Default)]
pub struct WantedSubscriptions {
    /// Those of an order.
    pub order: Option<OrderId>,
    /// Those whose reseller of record has this MPN ID.
    pub mpn_id: Option<String>,
    /// Those added to another.
    pub parent: Option<SubscriptionId>,
}

fn shown(read: &mut Read<'_>, found: Vec<Subscription>, now: Timestamp) -> QueryResult<Vec<ShownSubscription>> {
    let found: Vec<Subscription> = found.into_iter().map(|one| one.as_of(now)).collect();
    let ids: Vec<SubscriptionId> = found.iter().map(|one| one.id).collect();
    let offers = offers_by_id(read, found.iter().map(|one| one.offer.clone()))?;
    let mut newest = associations::newest_of(read, &ids)?;
    let show = |subscription: Subscription| {
        Some(ShownSubscription {
            offer: offers.get(&subscription.offer)?.clone(),
            status: subscription.status(now),
            newest: newest.remove(&subscription.id),
            subscription,
        })
    };
    Ok(found.into_iter().filter_map(show).collect())
}

/// The subscriptions of a customer that the caller sees.
///
/// # Errors
/// [`SubscriptionError::Relationship`].
pub fn subscriptions(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    wanted: &WantedSubscriptions,
    page: (Option<SubscriptionId>, i64),
    now: Timestamp,
) -> Outcome<Vec<ShownSubscription>, SubscriptionError> {
    let Sight { customer, seen } = sight(read, me, reference).map_err(Failure::widen)?;
    let WantedSubscriptions { order, mpn_id, parent } = wanted.clone();
    let wanted = Wanted { id: None, order, mpn_id, parent, after: page.0 };
    let found = store::of_customer(read, customer, seen, &wanted, page.1)?;
    Ok(shown(read, found, now)?)
}

/// Whether the caller sees subscriptions of a customer at all.
///
/// # Errors
/// [`RelationshipMissing`].
pub fn sees(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
) -> Outcome<CustomerId, RelationshipMissing> {
    Ok(sight(read, me, reference)?.customer)
}

/// One of them.
///
/// # Errors
/// [`SubscriptionError::Relationship`], [`SubscriptionError::Unknown`].
pub fn subscription(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    now: Timestamp,
) -> Outcome<ShownSubscription, SubscriptionError> {
    let sight = sight(read, me, reference).map_err(Failure::widen)?;
    shown_one(read, sight, id, now)
}

pub(super) fn shown_one(
    read: &mut Read<'_>,
    sight: Sight,
    id: &str,
    now: Timestamp,
) -> Outcome<ShownSubscription, SubscriptionError> {
    let found = one(read, sight, id)?;
    let unknown = || SubscriptionError::Unknown(id.to_owned());
    Ok(shown(read, vec![found], now)?.pop().ok_or_else(unknown)?)
}

pub(super) fn one(read: &mut Read<'_>, sight: Sight, id: &str) -> Outcome<Subscription, SubscriptionError> {
    let unknown = || SubscriptionError::Unknown(id.to_owned());
    let wanted = Wanted { id: Some(id.parse().map_err(|_| unknown())?), ..Wanted::default() };
    let found = store::of_customer(read, sight.customer, sight.seen, &wanted, 1)?.pop();
    Ok(found.ok_or_else(unknown)?)
}

/// What somebody wants to be different about a subscription.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionPatch {
    /// Of the subscription itself.
    pub change: SubscriptionChange,
    /// What a client says that it is, as it was shown: nothing else can be asked for by these words.
    pub echoed: Option<SubscriptionStatus>,
    /// The reseller of record; nobody, if nothing. Nothing is changed about it if it is not said.
    pub reseller: Option<Option<WantedReseller>>,
    /// The etag in the body.
    pub sent_etag: Option<String>,
    /// The etag in the header.
    pub looked_at: IfMatch,
}

/// Changes a subscription. What is so already changes nothing.
///
/// # Errors
/// See [`SubscriptionError`]; then everything is as before.
pub fn change_subscription(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    patch: &SubscriptionPatch,
    now: Timestamp,
) -> Outcome<ShownSubscription, SubscriptionError> {
    let sight = sight(tx, me, reference).map_err(Failure::widen)?;
    let found = one(tx, sight, id)?;
    let before = shown(tx, vec![found.clone()], now)?.pop();
    let before = before.ok_or_else(|| SubscriptionError::Unknown(id.to_owned()))?;
    let seen = before.etag();
    patch.looked_at.check_compatible(patch.sent_etag.as_deref(), &seen).map_err(SubscriptionError::Version)?;

    let change = &patch.change;
    if let Some(said) = patch.echoed.filter(|said| *said != before.status) {
        return Err(SubscriptionError::StatusUnknown(said.to_string()).into());
    }
    let next = change.next_term.as_ref().and_then(|next| next.as_ref()?.offer.clone());
    let asked = change.offer.iter().chain(&next).cloned();
    let known = offers_by_id(tx, offers_ahead(&found).chain(asked))?;
    let (current, newest) = renew(tx, found, before.newest, &known, now)?;
    let country = customers::own_record(tx, current.customer)?.map(|record| record.billing.default_address.country);
    let judged = Judged {
        own: &before.offer,
        target: change.offer.as_ref().and_then(|id| known.get(id)),
        next: next.as_ref().and_then(|id| known.get(id)),
        country: country.as_deref().unwrap_or_default(),
    };
    let changed = current.changed(change, judged, now)?;
    let (after, newest) = match changed {
        None => (current, newest),
        Some((after, changes)) => {
            still_sold(tx, me, (&current, &after), now)?;
            let newest = write(tx, me, sight, (&current, &after), &known, newest, changes, now)?;
            (after, newest)
        }
    };
    let newest = match &patch.reseller {
        None => newest,
        Some(wanted) => associate(tx, me, (&after, &known[&after.offer]), newest, wanted.as_ref(), now)?,
    };
    let offer = known[&after.offer].clone();
    Ok(ShownSubscription { status: after.status(now), subscription: after, offer, newest })
}

/// Whether what a change asks for can be had: more, or something else, is a sale; going on is not, but goes only while
/// the provider that sold it works with the customer.
fn still_sold(
    tx: &mut Tx<'_>,
    me: &Scope,
    (before, after): (&Subscription, &Subscription),
    now: Timestamp,
) -> Outcome<(), SubscriptionError> {
    let (seller, customer) = (before.provider, before.customer);
    let instructed = after.next_term.is_some() && after.next_term != before.next_term;
    let something_else = after.offer != before.offer || after.term != before.term;
    if after.quantity > before.quantity || something_else || instructed {
        return selling(tx, me, (seller, customer), now).map_err(Failure::widen);
    }
    let taken_up = after.state == SubscriptionState::Active && before.state != after.state;
    if taken_up || (after.auto_renew && !before.auto_renew) {
        return serving(tx, me, seller, customer, now).map_err(Failure::widen);
    }
    Ok(())
}

/// Keeps a changed subscription, and what follows from it.
#[expect(clippy::too_many_arguments, reason = "what was, what is, and by what both are judged")]
fn write(
    tx: &mut Tx<'_>,
    me: &Scope,
    sight: Sight,
    (before, after): (&Subscription, &Subscription),
    offers: &HashMap<String, Offer>,
    newest: Option<AssociationPeriod>,
    changes: Vec<&'static str>,
    now: Timestamp,
) -> Outcome<Option<AssociationPeriod>, SubscriptionError> {
    if before.state != after.state {
        match after.state {
            SubscriptionState::Active => parent_runs(tx, after, now)?,
            SubscriptionState::Suspended => carry_to_add_ons(tx, me, sight, after, &SUSPENDED, now)?,
            SubscriptionState::Deleted => no_add_ons(tx, sight, after, None, now)?,
        }
    }
    if before.auto_renew && !after.auto_renew {
        carry_to_add_ons(tx, me, sight, after, &NOT_RENEWED, now)?;
    }
    if !before.auto_renew && after.auto_renew {
        parent_goes_on(tx, after, now)?;
    }
    if before.offer != after.offer {
        no_add_ons(tx, sight, after, Some(&after.offer), now)?;
    }
    if !store::replace(tx, after, before.version)? {
        let stale = EtagError::Stale(subscription_etag(before.id, before.version));
        return Err(SubscriptionError::Version(stale).into());
    }
    let moved = after.next_term != before.next_term || after.ends_at != before.ends_at;
    if after.next_term.is_some() && moved {
        jobs::want(tx, RENEWAL, after.id.uuid(), after.version, after.ends_at)?;
    }
    let event = Event::SubscriptionChanged {
        subscription: after.id.uuid(),
        customer: after.customer.uuid(),
        provider: after.provider.uuid(),
        changes: changes.into_iter().map(str::to_owned).collect(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(follow(tx, newest, after, &offers[&after.offer], now)?)
}

fn associate(
    tx: &mut Tx<'_>,
    me: &Scope,
    (subscription, offer): (&Subscription, &Offer),
    newest: Option<AssociationPeriod>,
    wanted: Option<&WantedReseller>,
    now: Timestamp,
) -> Outcome<Option<AssociationPeriod>, SubscriptionError> {
    let open = newest.as_ref().filter(|period| period.until.is_none()).map(|period| &period.of_record);
    // A client that sends back what it read asks for nothing, whoever may name a reseller now.
    let same = match (open, wanted) {
        (None, None) => true,
        (Some(open), Some(WantedReseller::MpnId(given))) => open.mpn_id == given.trim(),
        (Some(open), Some(WantedReseller::Partner(id))) => open.reseller == *id,
        _ => false,
    };
    if same {
        return Ok(newest);
    }
    if me.as_customer().is_some() || me.partner() != subscription.provider {
        return Err(SubscriptionError::NotTheSeller(subscription.id).into());
    }
    let status = subscription.status(now);
    if !matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Suspended) {
        return Err(SubscriptionError::PartnerNotUpdatable(status).into());
    }
    let of_record = match wanted {
        None => None,
        Some(wanted) => {
            selling(tx, me, (subscription.provider, subscription.customer), now).map_err(Failure::widen)?;
            let at = moment(newest.as_ref(), now);
            Some(resolve(tx, me, wanted, at).map_err(Failure::widen)?)
        }
    };
    Ok(put_on_record(tx, me, (subscription, offer), newest, of_record, now)?)
}

fn parent_of(tx: &mut Tx<'_>, add_on: &Subscription, now: Timestamp) -> QueryResult<Option<Subscription>> {
    let Some(parent) = add_on.parent else { return Ok(None) };
    Ok(store::with_ids(tx, &[parent])?.pop().map(|one| one.as_of(now)))
}

fn parent_runs(tx: &mut Tx<'_>, add_on: &Subscription, now: Timestamp) -> Outcome<(), SubscriptionError> {
    match parent_of(tx, add_on, now)? {
        Some(parent) if parent.status(now) != SubscriptionStatus::Active => {
            Err(SubscriptionError::ParentInactive(parent.id).into())
        }
        _ => Ok(()),
    }
}

/// An add-on does not outlive what it is added to.
fn parent_goes_on(tx: &mut Tx<'_>, add_on: &Subscription, now: Timestamp) -> Outcome<(), SubscriptionError> {
    match parent_of(tx, add_on, now)? {
        Some(parent) if !parent.auto_renew => Err(SubscriptionError::ParentNotRenewed(parent.id).into()),
        _ => Ok(()),
    }
}

fn add_ons_of(tx: &mut Tx<'_>, parent: &Subscription, seen: store::Seen) -> QueryResult<Vec<Subscription>> {
    let wanted = Wanted { parent: Some(parent.id), ..Wanted::default() };
    store::of_customer(tx, parent.customer, seen, &wanted, ALL_OF_A_CUSTOMER)
}

static SUSPENDED: LazyLock<SubscriptionChange> =
    LazyLock::new(|| SubscriptionChange { state: Some(SubscriptionState::Suspended), ..SubscriptionChange::default() });
static NOT_RENEWED: LazyLock<SubscriptionChange> =
    LazyLock::new(|| SubscriptionChange { auto_renew: Some(false), ..SubscriptionChange::default() });

/// What is added to a subscription stops with it, whoever sees it: it cannot be without.
fn carry_to_add_ons(
    tx: &mut Tx<'_>,
    me: &Scope,
    sight: Sight,
    parent: &Subscription,
    change: &SubscriptionChange,
    now: Timestamp,
) -> Outcome<(), SubscriptionError> {
    let runs = |one: &Subscription| one.clone().as_of(now).status(now) == SubscriptionStatus::Active;
    let running = add_ons_of(tx, parent, store::Seen::All)?;
    let running: Vec<Subscription> = running.into_iter().filter(runs).collect();
    let offers = offers_by_id(tx, running.iter().flat_map(offers_ahead))?;
    let ids: Vec<SubscriptionId> = running.iter().map(|one| one.id).collect();
    let mut newest = associations::newest_of(tx, &ids)?;
    for one in running {
        let period = newest.remove(&one.id);
        let (before, period) = renew(tx, one, period, &offers, now)?;
        let judged = Judged { own: &offers[&before.offer], target: None, next: None, country: "" };
        if let Some((after, changes)) = before.changed(change, judged, now)? {
            write(tx, me, sight, (&before, &after), &offers, period, changes, now)?;
        }
    }
    Ok(())
}

/// Nothing may be left that is added to a subscription, or, if it is upgraded, nothing that does not go with the new offer.
fn no_add_ons(
    tx: &mut Tx<'_>,
    sight: Sight,
    parent: &Subscription,
    new_offer: Option<&String>,
    now: Timestamp,
) -> Outcome<(), SubscriptionError> {
    let there = |one: &Subscription| one.clone().as_of(now).status(now) != SubscriptionStatus::Deleted;
    let mut left: Vec<Subscription> = add_ons_of(tx, parent, store::Seen::All)?.into_iter().filter(there).collect();
    if let Some(new_offer) = new_offer {
        let offers = offers_by_id(tx, left.iter().map(|one| one.offer.clone()))?;
        left.retain(|one| !offers[&one.offer].prerequisite_offers.contains(new_offer));
    }
    if left.is_empty() {
        return Ok(());
    }
    let seen = add_ons_of(tx, parent, sight.seen)?;
    let told = left.iter().filter(|one| seen.iter().any(|seen| seen.id == one.id)).map(|one| one.id).collect();
    Err(SubscriptionError::HasAddOns { count: left.len(), told }.into())
}

/// The subscriptions of one partner or of one customer that end in a stretch of time and are not renewed, in order of
/// their ends; those with one customer if it is named.
///
/// # Errors
/// Only the database's.
pub fn ending(
    read: &mut Read<'_>,
    side: Side,
    with: Option<CustomerId>,
    stretch: &Stretch,
) -> QueryResult<Vec<Subscription>> {
    store::ending(read, side, with, stretch)
}
