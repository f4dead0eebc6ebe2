//! Ordering: subscriptions with their resellers of record, all of them or none.

use std::collections::HashMap;

use diesel::QueryResult;

use super::reseller_of_record::resolve;
use super::{Sight, sight};
use crate::access::{CustomerId, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies;
use crate::customers::{self, CustomerReference, Mark, RelationshipMissing};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{IfMatch, etag};
use crate::subscriptions::model::associations::{AssociationPeriod, ResellerOfRecord};
use crate::subscriptions::model::catalogue::{BillingCycle, Offer};
use crate::subscriptions::model::orders::{JudgedLine, MAX_LINES, Order, OrderLine, WantedLine, WantedReseller};
use crate::subscriptions::model::refusals::{LineError, OrderError, SaleError};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState, SubscriptionStatus, all_returnable};
use crate::subscriptions::model::{OrderId, SubscriptionId};
use crate::subscriptions::store::subscriptions::Seen;
use crate::subscriptions::store::{associations, catalogue, orders as store, subscriptions};

/// Proves that `seller` can sell something to a customer now, on the row of the relationship that an ending changes too.
///
/// # Errors
/// See [`SaleError`].
pub(super) fn selling(
    tx: &mut Tx<'_>,
    me: &Scope,
    (seller, customer): (PartnerId, CustomerId),
    now: Timestamp,
) -> Outcome<(), SaleError> {
    if !companies::mpa_active(tx, me.partner(), now)? {
        return Err(SaleError::OwnAgreementMissing.into());
    }
    serving(tx, me, seller, customer, now)
}

/// Proves that whoever sold something to a customer works with it still, on the same row.
///
/// # Errors
/// See [`SaleError`].
pub(super) fn serving(
    tx: &mut Tx<'_>,
    me: &Scope,
    seller: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> Outcome<(), SaleError> {
    if customers::sell(tx, seller, customer, now)? {
        return Ok(());
    }
    Err(match seller == me.partner() {
        true => SaleError::Relationship(RelationshipMissing(customer.to_string())).into(),
        false => SaleError::SellerGone(customer).into(),
    })
}

/// Whom something is ordered for.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The customer.
    pub customer: CustomerId,
    /// Its country, in capitals: not every offer is sold everywhere.
    pub country: String,
}

/// The buyer that a path names: a customer of the caller's.
///
/// # Errors
/// [`RelationshipMissing`].
pub fn buyer(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<Buyer, RelationshipMissing> {
    let (record, _) = customers::customer(read, me, reference, [Mark::ALWAYS; 2], now)?;
    Ok(Buyer { customer: record.id, country: record.billing.default_address.country.trim().to_ascii_uppercase() })
}

fn in_line(place: usize, error: impl Into<LineError>) -> OrderError {
    OrderError::Line { place, error: error.into() }
}

/// What lines are judged by: offers, and subscriptions there are that add-ons are added to.
struct Known {
    offers: HashMap<String, Offer>,
    parents: HashMap<SubscriptionId, Subscription>,
}

fn known(tx: &mut Tx<'_>, me: &Scope, customer: CustomerId, lines: &[WantedLine]) -> Outcome<Known, OrderError> {
    let mut parents: Vec<SubscriptionId> = lines.iter().filter_map(|line| line.parent).collect();
    parents.sort_unstable();
    parents.dedup();
    let parents = subscriptions::with_ids(tx, &parents)?;
    let own = |one: &Subscription| one.customer == customer && one.provider == me.partner();
    Ok(Known {
        offers: catalogue::offers_by_id(tx, lines.iter().map(|line| line.offer.clone()))?,
        parents: parents.into_iter().filter(own).map(|one| (one.id, one)).collect(),
    })
}

/// What becomes of one line.
struct Prepared<'a> {
    offer: &'a Offer,
    subscription: Subscription,
}

/// A line as a subscription, judged by its offer alone.
fn prepare<'a>(
    line: &'a WantedLine,
    cycle: Option<BillingCycle>,
    known: &'a Known,
    buyer: &Buyer,
    provider: PartnerId,
    now: Timestamp,
) -> Result<Prepared<'a>, LineError> {
    let JudgedLine { offer, term, billing_cycle, friendly_name } =
        line.judge(cycle, &known.offers, Some(&buyer.country))?;
    let subscription = Subscription {
        id: SubscriptionId::fresh(),
        customer: buyer.customer,
        provider,
        order: OrderId::fresh(),
        offer: offer.id.clone(),
        parent: line.parent,
        friendly_name: friendly_name.to_owned(),
        quantity: line.quantity,
        state: SubscriptionState::Active,
        state_since: now,
        term,
        billing_cycle,
        auto_renew: offer.is_auto_renewable,
        next_term: None,
        returnable: all_returnable(line.quantity, now),
        started_at: now,
        ends_at: term.end_after(now, 1),
        version: 1,
        created_at: now,
    };
    Ok(Prepared { offer, subscription })
}

/// Finds what each add-on is added to: a line of the same order, or a subscription there is.
fn join_add_ons(
    prepared: &mut [Prepared<'_>],
    lines: &[WantedLine],
    known: &Known,
    now: Timestamp,
) -> Result<(), OrderError> {
    struct Base {
        id: SubscriptionId,
        offer: String,
        renews: bool,
    }
    let base = |one: &Prepared<'_>| {
        let Subscription { id, offer, auto_renew, .. } = &one.subscription;
        (!one.offer.is_add_on).then(|| Base { id: *id, offer: offer.clone(), renews: *auto_renew })
    };
    let bases: Vec<Option<Base>> = prepared.iter().map(base).collect();
    for (place, (one, line)) in prepared.iter_mut().zip(lines).enumerate() {
        let asked = line.parent.is_some() || line.parent_line.is_some();
        if !one.offer.is_add_on {
            if asked {
                return Err(in_line(place, LineError::NotAnAddOn(one.offer.id.clone())));
            }
            continue;
        }
        let fits = |offer: &String| one.offer.prerequisite_offers.contains(offer);
        let there = line.parent.and_then(|parent| known.parents.get(&parent)).map(|parent| parent.clone().as_of(now));
        let there = there.filter(|parent| parent.status(now) == SubscriptionStatus::Active && fits(&parent.offer));
        let there = there.map(|parent| (parent.id, parent.auto_renew));
        let beside = line.parent_line.and_then(|place| bases.get(place)?.as_ref()).filter(|base| fits(&base.offer));
        let parent = there.or(beside.map(|base| (base.id, base.renews)));
        let (parent, renews) = parent.ok_or_else(|| {
            let prerequisites = one.offer.prerequisite_offers.clone();
            in_line(place, LineError::ParentMissing { offer: one.offer.id.clone(), prerequisites })
        })?;
        one.subscription.parent = Some(parent);
        // It does not outlive what it is added to.
        one.subscription.auto_renew &= renews;
    }
    Ok(())
}

/// The resellers of record that lines name, by place; each is proved once.
fn on_record(
    tx: &mut Tx<'_>,
    me: &Scope,
    lines: &[WantedLine],
    now: Timestamp,
) -> Outcome<HashMap<usize, ResellerOfRecord>, OrderError> {
    let mut proved: Vec<(&WantedReseller, ResellerOfRecord)> = Vec::new();
    let mut found = HashMap::new();
    for (place, line) in lines.iter().enumerate() {
        let Some(wanted) = &line.reseller else { continue };
        let before = proved.iter().find(|(named, _)| *named == wanted).map(|(_, of_record)| of_record.clone());
        let of_record = match before {
            Some(of_record) => of_record,
            None => match resolve(tx, me, wanted, now) {
                Ok(of_record) => of_record,
                Err(Failure::Refused(error)) => return Err(in_line(place, error).into()),
                Err(Failure::Database(error)) => return Err(error.into()),
            },
        };
        proved.push((wanted, of_record.clone()));
        found.insert(place, of_record);
    }
    Ok(found)
}

/// Places orders for what `lines` say: one for each billing cycle among them, in the order in which they come up. All of
/// it, or nothing.
///
/// # Errors
/// See [`OrderError`].
pub fn place_orders(
    tx: &mut Tx<'_>,
    me: &Scope,
    buyer: &Buyer,
    lines: &[WantedLine],
    cycle: Option<BillingCycle>,
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Vec<Order>, OrderError> {
    let (mut prepared, known) = (Vec::new(), sold(tx, me, buyer, lines, settings, now)?);
    for (place, line) in lines.iter().enumerate() {
        let one = prepare(line, cycle, &known, buyer, me.partner(), now);
        prepared.push(one.map_err(|error| in_line(place, error))?);
    }
    join_add_ons(&mut prepared, lines, &known, now)?;
    let of_record = on_record(tx, me, lines, now)?;
    let mut orders: Vec<Order> = Vec::new();
    for one in &mut prepared {
        let cycle = one.subscription.billing_cycle;
        let order = match orders.iter().find(|order| order.billing_cycle == cycle) {
            Some(order) => order.id,
            None => {
                let id = OrderId::fresh();
                let (customer, provider) = (buyer.customer, me.partner());
                let (version, created_at, lines) = (1, now, Vec::new());
                orders.push(Order { id, customer, provider, billing_cycle: cycle, version, created_at, lines });
                id
            }
        };
        one.subscription.order = order;
    }
    for order in &orders {
        store::insert(tx, order, me.user_id())?;
    }
    keep_subscriptions(tx, &prepared)?;
    for order in &mut orders {
        let places = |(_, one): &(usize, &Prepared<'_>)| one.subscription.order == order.id;
        let own: Vec<(usize, &Prepared<'_>)> = prepared.iter().enumerate().filter(places).collect();
        order.lines = keep(tx, me, (order.id, 0), &own, &of_record, now)?;
    }
    Ok(orders)
}

/// What lines are judged by, if anything can be sold to the buyer now.
fn sold(
    tx: &mut Tx<'_>,
    me: &Scope,
    buyer: &Buyer,
    lines: &[WantedLine],
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Known, OrderError> {
    if lines.is_empty() || lines.len() > MAX_LINES {
        return Err(OrderError::LineCount(lines.len()).into());
    }
    selling(tx, me, (me.partner(), buyer.customer), now).map_err(Failure::widen)?;
    if settings.require_customer_agreement && !customers::has_accepted_agreement(tx, buyer.customer)? {
        return Err(OrderError::from(SaleError::CustomerAgreementMissing(buyer.customer)).into());
    }
    known(tx, me, buyer.customer, lines)
}

/// What an add-on is added to has to be there before it, in whichever order it is.
fn keep_subscriptions(tx: &mut Tx<'_>, prepared: &[Prepared<'_>]) -> QueryResult<()> {
    let (bases, add_ons): (Vec<Subscription>, Vec<Subscription>) =
        prepared.iter().map(|one| one.subscription.clone()).partition(|one| one.parent.is_none());
    subscriptions::insert(tx, &bases)?;
    subscriptions::insert(tx, &add_ons)
}

/// Keeps lines of an order, numbered from `first` on, with their resellers of record.
fn keep(
    tx: &mut Tx<'_>,
    me: &Scope,
    (order, first): (OrderId, i32),
    prepared: &[(usize, &Prepared<'_>)],
    of_record: &HashMap<usize, ResellerOfRecord>,
    now: Timestamp,
) -> Outcome<Vec<OrderLine>, OrderError> {
    let (mut lines, mut periods) = (Vec::new(), Vec::new());
    for (number, (place, one)) in (first..).zip(prepared) {
        let subscription = &one.subscription;
        let reseller = of_record.get(place);
        lines.push(OrderLine {
            number,
            offer: subscription.offer.clone(),
            quantity: subscription.quantity,
            friendly_name: subscription.friendly_name.clone(),
            term: subscription.term,
            billing_cycle: subscription.billing_cycle,
            mpn_id: reseller.map(|reseller| reseller.mpn_id.clone()),
            parent: subscription.parent,
            subscription: subscription.id,
        });
        let begin = |reseller: &ResellerOfRecord| {
            AssociationPeriod::begin(subscription, one.offer, reseller.clone(), None, me.user_id(), now)
        };
        periods.extend(reseller.map(begin));
    }
    store::insert_lines(tx, order, &lines)?;
    associations::insert(tx, &periods)?;
    let ids = lines.iter().map(|line| line.subscription.uuid()).collect();
    let customer = prepared.first().map(|(_, one)| one.subscription.customer.uuid()).unwrap_or_default();
    audit::record(tx, me, &Event::OrderPlaced { order: order.uuid(), customer, subscriptions: ids }, now)?;
    for period in &periods {
        let event = Event::ResellerAssociated {
            subscription: period.subscription.uuid(),
            customer,
            reseller: period.of_record.reseller.uuid(),
            mpn_id: period.of_record.mpn_id.clone(),
        };
        audit::record(tx, me, &event, now)?;
    }
    Ok(lines)
}

/// Places one order.
///
/// # Errors
/// See [`OrderError`]; [`OrderError::CyclesDiffer`] if it would be more than one.
pub fn place_order(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    (lines, cycle): (&[WantedLine], Option<BillingCycle>),
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Order, OrderError> {
    let buyer = buyer(tx, me, reference, now).map_err(Failure::widen)?;
    let mut orders = place_orders(tx, me, &buyer, lines, cycle, settings, now)?;
    match (orders.pop(), orders.is_empty()) {
        (Some(order), true) => Ok(order),
        _ => Err(OrderError::CyclesDiffer.into()),
    }
}

/// Adds lines to an order there is: add-ons to what came of it, or to other subscriptions.
///
/// # Errors
/// See [`OrderError`].
pub fn add_to_order(
    tx: &mut Tx<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    lines: &[WantedLine],
    (looked_at, sent_etag): (&IfMatch, Option<&str>),
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Order, OrderError> {
    let buyer = buyer(tx, me, reference, now).map_err(Failure::widen)?;
    let mut order = one(tx, Some(me.partner()), buyer.customer, id)?;
    looked_at.check_compatible(sent_etag, &etag(order.version)).map_err(OrderError::Version)?;
    if order.lines.len() + lines.len() > MAX_LINES {
        return Err(OrderError::LineCount(order.lines.len() + lines.len()).into());
    }
    let (mut prepared, known) = (Vec::new(), sold(tx, me, &buyer, lines, settings, now)?);
    for (place, line) in lines.iter().enumerate() {
        let mut one = prepare(line, Some(order.billing_cycle), &known, &buyer, me.partner(), now)
            .map_err(|error| in_line(place, error))?;
        one.subscription.order = order.id;
        prepared.push(one);
    }
    if prepared.iter().any(|one| one.subscription.billing_cycle != order.billing_cycle) {
        return Err(OrderError::CyclesDiffer.into());
    }
    join_add_ons(&mut prepared, lines, &known, now)?;
    let of_record = on_record(tx, me, lines, now)?;
    if !store::raise_version(tx, &order)? {
        return Err(diesel::result::Error::RollbackTransaction.into());
    }
    order.version += 1;
    let first = order.lines.last().map_or(0, |line| line.number + 1);
    keep_subscriptions(tx, &prepared)?;
    let all: Vec<(usize, &Prepared<'_>)> = prepared.iter().enumerate().collect();
    let added = keep(tx, me, (order.id, first), &all, &of_record, now)?;
    order.lines.extend(added);
    Ok(order)
}

fn one(read: &mut Read<'_>, seller: Option<PartnerId>, customer: CustomerId, id: &str) -> Outcome<Order, OrderError> {
    let unknown = || OrderError::Unknown(id.to_owned());
    let id: OrderId = id.parse().map_err(|_| unknown())?;
    Ok(store::order_of(read, seller, customer, id)?.ok_or_else(unknown)?)
}

/// Whose orders for a customer the caller sees: the customer those of everybody, a provider its own, a reseller those of
/// the provider that it serves the customer through. Being reseller of record opens none.
fn seen(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
) -> Outcome<(CustomerId, Option<PartnerId>), OrderError> {
    let Sight { customer, seen } = sight(read, me, reference).map_err(Failure::widen)?;
    match seen {
        Seen::All => Ok((customer, None)),
        Seen::SoldBy(seller) | Seen::SoldByOrOfRecord(seller, _) => Ok((customer, Some(seller))),
        Seen::OfRecord(_) => Err(OrderError::from(RelationshipMissing(reference.as_str().to_owned())).into()),
    }
}

/// The orders for a customer that the caller sees; those charged in one way if it is named.
///
/// # Errors
/// [`RelationshipMissing`] in [`OrderError::Sale`].
pub fn orders(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    cycle: Option<BillingCycle>,
    (after, limit): (Option<OrderId>, i64),
) -> Outcome<Vec<Order>, OrderError> {
    let (customer, seller) = seen(read, me, reference)?;
    Ok(store::orders_of(read, seller, customer, cycle, (after, limit))?)
}

/// One of them.
///
/// # Errors
/// [`OrderError::Unknown`], or no relationship.
pub fn order(read: &mut Read<'_>, me: &Scope, reference: &CustomerReference, id: &str) -> Outcome<Order, OrderError> {
    let (customer, seller) = seen(read, me, reference)?;
    one(read, seller, customer, id)
}

/// What the subscriptions that came of an order are by now.
///
/// # Errors
/// Only the database's.
pub fn come_of(
    read: &mut Read<'_>,
    order: &Order,
    now: Timestamp,
) -> QueryResult<HashMap<SubscriptionId, Subscription>> {
    let ids: Vec<SubscriptionId> = order.lines.iter().map(|line| line.subscription).collect();
    let found = subscriptions::with_ids(read, &ids)?;
    Ok(found.into_iter().map(|one| (one.id, one.as_of(now))).collect())
}
