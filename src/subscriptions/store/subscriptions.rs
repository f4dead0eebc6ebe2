//! The table of subscriptions.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::associations::association_periods;
use super::{read_back, written};
use crate::access::{CustomerId, PartnerId};
use crate::delegation::Side;
use crate::platform::clock::Timestamp;
use crate::platform::db::{MultiBackend, Read, Tx, insert_all, word};
use crate::platform::stretch::Stretch;
use crate::subscriptions::model::subscriptions::{Subscription, SubscriptionState};
use crate::subscriptions::model::{OrderId, SubscriptionId};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    subscriptions (id) {
        id -> Id,
        customer_id -> Id,
        provider_id -> Id,
        order_id -> Id,
        offer_id -> Text,
        parent_id -> Nullable<Id>,
        friendly_name -> Text,
        quantity -> Integer,
        status -> Text,
        status_since -> Moment,
        term -> Text,
        billing_cycle -> Text,
        auto_renew -> Bool,
        next_term -> Nullable<Text>,
        reducible -> Text,
        started_at -> Moment,
        ends_at -> Moment,
        version -> Integer,
        created_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(subscriptions, association_periods);

#[derive(Queryable, Insertable)]
#[diesel(table_name = subscriptions)]
struct SubscriptionRow {
    id: SubscriptionId,
    customer_id: CustomerId,
    provider_id: PartnerId,
    order_id: OrderId,
    offer_id: String,
    parent_id: Option<SubscriptionId>,
    friendly_name: String,
    quantity: i32,
    status: String,
    status_since: Timestamp,
    term: String,
    billing_cycle: String,
    auto_renew: bool,
    next_term: Option<String>,
    reducible: String,
    started_at: Timestamp,
    ends_at: Timestamp,
    version: i32,
    created_at: Timestamp,
}

fn row(one: &Subscription) -> QueryResult<SubscriptionRow> {
    Ok(SubscriptionRow {
        id: one.id,
        customer_id: one.customer,
        provider_id: one.provider,
        order_id: one.order,
        offer_id: one.offer.clone(),
        parent_id: one.parent,
        friendly_name: one.friendly_name.clone(),
        quantity: one.quantity,
        status: one.state.as_str().to_owned(),
        status_since: one.state_since,
        term: one.term.as_str().to_owned(),
        billing_cycle: one.billing_cycle.as_str().to_owned(),
        auto_renew: one.auto_renew,
        next_term: one.next_term.as_ref().map(written).transpose()?,
        reducible: written(&one.returnable)?,
        started_at: one.started_at,
        ends_at: one.ends_at,
        version: one.version,
        created_at: one.created_at,
    })
}

fn subscription(row: SubscriptionRow) -> QueryResult<Subscription> {
    Ok(Subscription {
        id: row.id,
        customer: row.customer_id,
        provider: row.provider_id,
        order: row.order_id,
        offer: row.offer_id,
        parent: row.parent_id,
        friendly_name: row.friendly_name,
        quantity: row.quantity,
        state: word(row.status)?,
        state_since: row.status_since,
        term: word(row.term)?,
        billing_cycle: word(row.billing_cycle)?,
        auto_renew: row.auto_renew,
        next_term: row.next_term.as_deref().map(read_back).transpose()?,
        returnable: read_back(&row.reducible)?,
        started_at: row.started_at,
        ends_at: row.ends_at,
        version: row.version,
        created_at: row.created_at,
    })
}

/// Which subscriptions of a customer somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::subscriptions) enum Seen {
    /// All of them: the customer itself.
    All,
    /// Those that a provider sold.
    SoldBy(PartnerId),
    /// Those that a provider sold, and those that a reseller is of record of.
    SoldByOrOfRecord(PartnerId, PartnerId),
    /// Those that a reseller is of record of.
    OfRecord(PartnerId),
}

pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &[Subscription]) -> QueryResult<()> {
    let rows = new.iter().map(row).collect::<QueryResult<Vec<_>>>()?;
    insert_all!(tx, subscriptions::table, rows)
}

/// Guarded by the version that was there before.
pub(in crate::subscriptions) fn replace(tx: &mut Tx<'_>, new: &Subscription, before: i32) -> QueryResult<bool> {
    let row = row(new)?;
    let changed = diesel::update(subscriptions::table)
        .filter(subscriptions::id.eq(new.id))
        .filter(subscriptions::version.eq(before))
        .set((
            subscriptions::offer_id.eq(row.offer_id),
            subscriptions::friendly_name.eq(row.friendly_name),
            subscriptions::quantity.eq(row.quantity),
            subscriptions::status.eq(row.status),
            subscriptions::status_since.eq(row.status_since),
            subscriptions::term.eq(row.term),
            subscriptions::billing_cycle.eq(row.billing_cycle),
            subscriptions::auto_renew.eq(row.auto_renew),
            subscriptions::next_term.eq(row.next_term),
            subscriptions::reducible.eq(row.reducible),
            subscriptions::started_at.eq(row.started_at),
            subscriptions::ends_at.eq(row.ends_at),
            subscriptions::version.eq(row.version),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Which of a customer's subscriptions are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::subscriptions) struct Wanted {
    /// This one.
    pub id: Option<SubscriptionId>,
    /// Those of an order.
    pub order: Option<OrderId>,
    /// Those whose reseller of record has this MPN ID.
    pub mpn_id: Option<String>,
    /// Those added to another.
    pub parent: Option<SubscriptionId>,
    /// Those after this one.
    pub after: Option<SubscriptionId>,
}

/// The subscriptions of a customer that somebody sees and wants.
pub(in crate::subscriptions) fn of_customer(
    read: &mut Read<'_>,
    customer: CustomerId,
    seen: Seen,
    wanted: &Wanted,
    limit: i64,
) -> QueryResult<Vec<Subscription>> {
    let of_record = |reseller: PartnerId| {
        subscriptions::id.eq_any(
            association_periods::table
                .filter(association_periods::reseller_id.eq(reseller))
                .filter(association_periods::customer_id.eq(customer))
                .filter(association_periods::until.is_null())
                .select(association_periods::subscription_id),
        )
    };
    let mut query = subscriptions::table.filter(subscriptions::customer_id.eq(customer)).into_boxed();
    query = match seen {
        Seen::All => query,
        Seen::SoldBy(provider) => query.filter(subscriptions::provider_id.eq(provider)),
        Seen::OfRecord(reseller) => query.filter(of_record(reseller)),
        Seen::SoldByOrOfRecord(provider, reseller) => {
            query.filter(subscriptions::provider_id.eq(provider).or(of_record(reseller)))
        }
    };
    if let Some(id) = wanted.id {
        query = query.filter(subscriptions::id.eq(id));
    }
    if let Some(order) = wanted.order {
        query = query.filter(subscriptions::order_id.eq(order));
    }
    if let Some(parent) = wanted.parent {
        query = query.filter(subscriptions::parent_id.eq(parent));
    }
    if let Some(mpn_id) = &wanted.mpn_id {
        query = query.filter(
            subscriptions::id.eq_any(
                association_periods::table
                    .filter(association_periods::customer_id.eq(customer))
                    .filter(association_periods::until.is_null())
                    .filter(association_periods::mpn_id.eq(mpn_id.clone()))
                    .select(association_periods::subscription_id),
            ),
        );
    }
    if let Some(after) = wanted.after {
        query = query.filter(subscriptions::id.gt(after));
    }
    let rows: Vec<SubscriptionRow> = query.order(subscriptions::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(subscription).collect()
}

/// Whether a reseller is of record of any subscription of a customer.
pub(in crate::subscriptions) fn is_of_record(
    read: &mut Read<'_>,
    reseller: PartnerId,
    customer: CustomerId,
) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        association_periods::table
            .filter(association_periods::reseller_id.eq(reseller))
            .filter(association_periods::customer_id.eq(customer))
            .filter(association_periods::until.is_null()),
    ))
    .get_result(read.connection())
}

/// Those with these ids; whoever asks has proved that they may.
pub(in crate::subscriptions) fn with_ids(
    read: &mut Read<'_>,
    ids: &[SubscriptionId],
) -> QueryResult<Vec<Subscription>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(1_000) {
        let rows: Vec<SubscriptionRow> =
            subscriptions::table.filter(subscriptions::id.eq_any(some)).load(read.connection())?;
        for row in rows {
            found.push(subscription(row)?);
        }
    }
    Ok(found)
}

/// What runs of a customer that `partner` sold, or is reseller of record of.
fn running(
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> subscriptions::BoxedQuery<'static, MultiBackend> {
    let of_record = association_periods::table
        .filter(association_periods::reseller_id.eq(partner))
        .filter(association_periods::customer_id.eq(customer))
        .filter(association_periods::until.is_null())
        .select(association_periods::subscription_id);
    subscriptions::table
        .filter(subscriptions::customer_id.eq(customer))
        .filter(subscriptions::status.eq(SubscriptionState::Active.as_str()))
        // A term that ended and is not renewed has run out, whether or not anybody wrote that down.
        .filter(subscriptions::auto_renew.or(subscriptions::ends_at.gt(now)))
        .filter(subscriptions::provider_id.eq(partner).or(subscriptions::id.eq_any(of_record)))
        .into_boxed()
}

/// The subscriptions of a customer that run and that `partner` sold or is reseller of record of, with what they are called.
pub(in crate::subscriptions) fn active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<(SubscriptionId, String)>> {
    running(partner, customer, now)
        .order(subscriptions::id)
        .limit(limit)
        .select((subscriptions::id, subscriptions::friendly_name))
        .load(read.connection())
}

/// How many those are.
pub(in crate::subscriptions) fn count_active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<i64> {
    running(partner, customer, now).count().get_result(read.connection())
}

/// What goes on by itself when its term ends, in the words of the index of those: neither database takes a partial index
/// for a condition whose values it is told apart.
fn renewing() -> SqlLiteral<Bool> {
    sql("status = 'active' AND auto_renew")
}

/// What ends with its term, likewise.
fn not_renewing() -> SqlLiteral<Bool> {
    sql("(status = 'suspended' OR status = 'active' AND NOT auto_renew)")
}

/// Those that go on by themselves and whose term has ended. The oldest ends first.
pub(in crate::subscriptions) fn due_for_renewal(
    read: &mut Read<'_>,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<Subscription>> {
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(renewing())
        .filter(subscriptions::ends_at.le(now))
        .order((subscriptions::ends_at, subscriptions::id))
        .limit(limit)
        .load(read.connection())?;
    rows.into_iter().map(subscription).collect()
}

/// Those that do not, whose term ended before one moment if they ran, and before the other if they were suspended.
pub(in crate::subscriptions) fn ended_before(
    read: &mut Read<'_>,
    (active, suspended): (Timestamp, Timestamp),
    limit: i64,
) -> QueryResult<Vec<Subscription>> {
    let ended = |state: SubscriptionState, before: Timestamp| {
        subscriptions::status.eq(state.as_str()).and(subscriptions::ends_at.le(before))
    };
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(not_renewing())
        .filter(subscriptions::ends_at.le(active.max(suspended)))
        .filter(ended(SubscriptionState::Active, active).or(ended(SubscriptionState::Suspended, suspended)))
        .order((subscriptions::ends_at, subscriptions::id))
        .limit(limit)
        .load(read.connection())?;
    rows.into_iter().map(subscription).collect()
}

/// Those that end in a stretch of time and are not renewed, in order of their ends.
pub(in crate::subscriptions) fn ending(
    read: &mut Read<'_>,
    side: Side,
    with: Option<CustomerId>,
    stretch: &Stretch,
) -> QueryResult<Vec<Subscription>> {
    let (at, id) = stretch.start();
    let id = SubscriptionId::from_uuid(id);
    let mut query = subscriptions::table
        .filter(not_renewing())
        .filter(subscriptions::ends_at.ge(at))
        .filter(subscriptions::ends_at.lt(stretch.until))
        .filter(subscriptions::ends_at.gt(at).or(subscriptions::id.gt(id)))
        .order((subscriptions::ends_at, subscriptions::id))
        .limit(stretch.limit)
        .into_boxed();
    query = match side {
        // Put like this, SQLite cannot take the index of the provider for that of the customer, who has fewer.
        Side::Partner(partner) if with.is_some() => {
            query.filter(diesel::dsl::not(subscriptions::provider_id.ne(partner)))
        }
        Side::Partner(partner) => query.filter(subscriptions::provider_id.eq(partner)),
        Side::Customer(customer) => query.filter(subscriptions::customer_id.eq(customer)),
    };
    if let Some(customer) = with {
        query = query.filter(subscriptions::customer_id.eq(customer));
    }
    let rows: Vec<SubscriptionRow> = query.load(read.connection())?;
    rows.into_iter().map(subscription).collect()
}
