//! The tables of orders and their lines.

use diesel::prelude::*;

use super::subscriptions::subscriptions;
use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{MultiBackend, Read, Tx, insert_all, word};
use crate::subscriptions::model::catalogue::BillingCycle;
use crate::subscriptions::model::orders::{Order, OrderLine};
use crate::subscriptions::model::{OrderId, SubscriptionId};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    orders (id) {
        id -> Id,
        customer_id -> Id,
        provider_id -> Id,
        billing_cycle -> Text,
        version -> Integer,
        created_by -> Nullable<Id>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    order_lines (order_id, number) {
        order_id -> Id,
        number -> Integer,
        offer_id -> Text,
        quantity -> Integer,
        friendly_name -> Text,
        term -> Text,
        billing_cycle -> Text,
        mpn_id -> Nullable<Text>,
        parent_id -> Nullable<Id>,
        subscription_id -> Id,
    }
}

diesel::allow_tables_to_appear_in_same_query!(order_lines, subscriptions);

#[derive(Queryable, Insertable)]
#[diesel(table_name = orders)]
struct OrderRow {
    id: OrderId,
    customer_id: CustomerId,
    provider_id: PartnerId,
    billing_cycle: String,
    version: i32,
    created_by: Option<UserId>,
    created_at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = order_lines)]
struct LineRow {
    order_id: OrderId,
    number: i32,
    offer_id: String,
    quantity: i32,
    friendly_name: String,
    term: String,
    billing_cycle: String,
    mpn_id: Option<String>,
    parent_id: Option<SubscriptionId>,
    subscription_id: SubscriptionId,
}

/// The order alone: its lines follow once their subscriptions are there.
pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &Order, by: Option<UserId>) -> QueryResult<()> {
    let row = OrderRow {
        id: new.id,
        customer_id: new.customer,
        provider_id: new.provider,
        billing_cycle: new.billing_cycle.as_str().to_owned(),
        version: new.version,
        created_by: by,
        created_at: new.created_at,
    };
    diesel::insert_into(orders::table).values(row).execute(tx.connection())?;
    Ok(())
}

pub(in crate::subscriptions) fn insert_lines(tx: &mut Tx<'_>, order: OrderId, lines: &[OrderLine]) -> QueryResult<()> {
    let rows: Vec<LineRow> = lines
        .iter()
        .map(|line| LineRow {
            order_id: order,
            number: line.number,
            offer_id: line.offer.clone(),
            quantity: line.quantity,
            friendly_name: line.friendly_name.clone(),
            term: line.term.as_str().to_owned(),
            billing_cycle: line.billing_cycle.as_str().to_owned(),
            mpn_id: line.mpn_id.clone(),
            parent_id: line.parent,
            subscription_id: line.subscription,
        })
        .collect();
    insert_all!(tx, order_lines::table, rows)
}

/// Guarded: raises the version of an order whose lines become more.
pub(in crate::subscriptions) fn raise_version(tx: &mut Tx<'_>, order: &Order) -> QueryResult<bool> {
    let changed = diesel::update(orders::table)
        .filter(orders::id.eq(order.id))
        .filter(orders::version.eq(order.version))
        .set(orders::version.eq(order.version + 1))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The orders placed for a customer, by one provider if it is named, charged in one way if that is.
fn placed(
    seller: Option<PartnerId>,
    customer: CustomerId,
    cycle: Option<BillingCycle>,
) -> orders::BoxedQuery<'static, MultiBackend> {
    let mut query = orders::table.filter(orders::customer_id.eq(customer)).into_boxed();
    if let Some(seller) = seller {
        query = query.filter(orders::provider_id.eq(seller));
    }
    if let Some(cycle) = cycle {
        query = query.filter(orders::billing_cycle.eq(cycle.as_str()));
    }
    query
}

/// A page of them, with their lines.
pub(in crate::subscriptions) fn orders_of(
    read: &mut Read<'_>,
    seller: Option<PartnerId>,
    customer: CustomerId,
    cycle: Option<BillingCycle>,
    (after, limit): (Option<OrderId>, i64),
) -> QueryResult<Vec<Order>> {
    let mut query = placed(seller, customer, cycle);
    if let Some(after) = after {
        query = query.filter(orders::id.gt(after));
    }
    let rows: Vec<OrderRow> = query.order(orders::id).limit(limit).load(read.connection())?;
    with_lines(read, rows)
}

/// One of them.
pub(in crate::subscriptions) fn order_of(
    read: &mut Read<'_>,
    seller: Option<PartnerId>,
    customer: CustomerId,
    id: OrderId,
) -> QueryResult<Option<Order>> {
    let row: Option<OrderRow> =
        placed(seller, customer, None).filter(orders::id.eq(id)).first(read.connection()).optional()?;
    Ok(with_lines(read, row.into_iter().collect())?.pop())
}

fn with_lines(read: &mut Read<'_>, rows: Vec<OrderRow>) -> QueryResult<Vec<Order>> {
    let ids: Vec<OrderId> = rows.iter().map(|row| row.id).collect();
    let mut lines: std::collections::HashMap<OrderId, Vec<OrderLine>> = std::collections::HashMap::new();
    for some in ids.chunks(1_000) {
        let found: Vec<LineRow> = order_lines::table
            .filter(order_lines::order_id.eq_any(some))
            .order((order_lines::order_id, order_lines::number))
            .load(read.connection())?;
        for row in found {
            lines.entry(row.order_id).or_default().push(OrderLine {
                number: row.number,
                offer: row.offer_id,
                quantity: row.quantity,
                friendly_name: row.friendly_name,
                term: word(row.term)?,
                billing_cycle: word(row.billing_cycle)?,
                mpn_id: row.mpn_id,
                parent: row.parent_id,
                subscription: row.subscription_id,
            });
        }
    }
    let order = |row: OrderRow| {
        Ok(Order {
            lines: lines.remove(&row.id).unwrap_or_default(),
            id: row.id,
            customer: row.customer_id,
            provider: row.provider_id,
            billing_cycle: word(row.billing_cycle)?,
            version: row.version,
            created_at: row.created_at,
        })
    };
    rows.into_iter().map(order).collect()
}

/// Subscriptions that no line of an order names, and lines whose subscription is another's: for the invariants.
pub(in crate::subscriptions) fn without_line(read: &mut Read<'_>, limit: i64) -> QueryResult<Vec<SubscriptionId>> {
    subscriptions::table
        .filter(diesel::dsl::not(diesel::dsl::exists(
            order_lines::table
                .filter(order_lines::order_id.eq(subscriptions::order_id))
                .filter(order_lines::subscription_id.eq(subscriptions::id)),
        )))
        .order(subscriptions::id)
        .limit(limit)
        .select(subscriptions::id)
        .load(read.connection())
}
