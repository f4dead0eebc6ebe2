//! Tables of assigned licences, and the seats that subscriptions hold.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use super::users::customer_users;
use crate::access::CustomerId;
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{Read, Tx, insert_all};
use crate::subscriptions::model::licenses::{Assignment, Seats, SkuId};
use crate::subscriptions::model::users::CustomerUserId;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    license_assignments (user_id, sku_id) {
        user_id -> Id,
        sku_id -> Id,
        customer_id -> Id,
        excluded_plans -> Text,
        assigned_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    consumed_licenses (customer_id, sku_id) {
        customer_id -> Id,
        sku_id -> Id,
        consumed -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(license_assignments, customer_users);

#[derive(Insertable)]
#[diesel(table_name = license_assignments)]
struct NewAssignment {
    user_id: CustomerUserId,
    sku_id: SkuId,
    customer_id: CustomerId,
    excluded_plans: String,
    assigned_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = consumed_licenses)]
struct NewCounter {
    customer_id: CustomerId,
    sku_id: SkuId,
    consumed: i32,
}

fn plans(excluded: &str) -> QueryResult<BTreeSet<Uuid>> {
    serde_json::from_str(excluded).map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}

#[derive(QueryableByName)]
struct SeatsRow {
    #[diesel(sql_type = Text)]
    offer_id: String,
    #[diesel(sql_type = BigInt)]
    active: i64,
    #[diesel(sql_type = BigInt)]
    suspended: i64,
}

/// What a customer's subscriptions hold by offer, whoever sold them: also of those that have ended, with no seats.
pub(in crate::subscriptions) fn seats(
    read: &mut Read<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<Vec<Seats>> {
    // SQLite numbers placeholders in the order in which it meets them.
    let rows: Vec<SeatsRow> = diesel::sql_query(
        "SELECT offer_id, \
         SUM(CASE WHEN status = 'active' AND (auto_renew OR ends_at > $1) THEN quantity ELSE 0 END) AS active, \
         SUM(CASE WHEN status = 'suspended' THEN quantity ELSE 0 END) AS suspended \
         FROM subscriptions WHERE customer_id = $2 GROUP BY offer_id",
    )
    .bind::<Moment, _>(now)
    .bind::<Id, _>(customer)
    .load(read.connection())?;
    let seats = |SeatsRow { offer_id, active, suspended }| Seats { offer: offer_id, active, suspended };
    Ok(rows.into_iter().map(seats).collect())
}

/// The licences of a user of a customer.
pub(in crate::subscriptions) fn assignments_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    user: CustomerUserId,
) -> QueryResult<Vec<Assignment>> {
    let rows: Vec<(SkuId, String)> = license_assignments::table
        .filter(license_assignments::user_id.eq(user))
        .filter(license_assignments::customer_id.eq(customer))
        .select((license_assignments::sku_id, license_assignments::excluded_plans))
        .load(read.connection())?;
    rows.into_iter().map(|(sku, excluded)| Ok(Assignment { sku, excluded: plans(&excluded)? })).collect()
}

/// The licences of those of a customer's users that have one of these principal names, by name.
pub(in crate::subscriptions) fn assignments_of_names(
    read: &mut Read<'_>,
    customer: CustomerId,
    names: &[String],
) -> QueryResult<HashMap<String, Vec<Assignment>>> {
    let mut found: HashMap<String, Vec<Assignment>> = HashMap::new();
    // A statement takes a bounded number of parameters.
    for some in names.chunks(5_000) {
        let rows: Vec<(String, SkuId, String)> = license_assignments::table
            .inner_join(customer_users::table.on(customer_users::id.eq(license_assignments::user_id)))
            .filter(customer_users::customer_id.eq(customer))
            .filter(customer_users::principal_name.eq_any(some))
            .select((customer_users::principal_name, license_assignments::sku_id, license_assignments::excluded_plans))
            .load(read.connection())?;
        for (name, sku, excluded) in rows {
            found.entry(name).or_default().push(Assignment { sku, excluded: plans(&excluded)? });
        }
    }
    Ok(found)
}

/// How many licences of each SKU a customer's users have. A SKU that never was assigned is not among them.
pub(in crate::subscriptions) fn consumed(
    read: &mut Read<'_>,
    customer: CustomerId,
) -> QueryResult<HashMap<SkuId, i64>> {
    let rows: Vec<(SkuId, i32)> = consumed_licenses::table
        .filter(consumed_licenses::customer_id.eq(customer))
        .select((consumed_licenses::sku_id, consumed_licenses::consumed))
        .load(read.connection())?;
    Ok(rows.into_iter().map(|(sku, consumed)| (sku, i64::from(consumed))).collect())
}

/// Begins to count the licences of SKUs that never were assigned at a customer.
pub(in crate::subscriptions) fn begin_counting(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    skus: &[SkuId],
) -> QueryResult<()> {
    let counter = |sku: &SkuId| NewCounter { customer_id: customer, sku_id: *sku, consumed: 0 };
    let counters: Vec<NewCounter> = skus.iter().map(counter).collect();
    insert_all!(tx, consumed_licenses::table, counters)
}

/// Counts one licence more, or one less, of each of these SKUs: on the rows that everybody changes who assigns them.
pub(in crate::subscriptions) fn count(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    skus: &[SkuId],
    by: i32,
) -> QueryResult<()> {
    diesel::update(consumed_licenses::table)
        .filter(consumed_licenses::customer_id.eq(customer))
        .filter(consumed_licenses::sku_id.eq_any(skus))
        .set(consumed_licenses::consumed.eq(consumed_licenses::consumed + by))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::subscriptions) fn assign(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    user: CustomerUserId,
    assignments: &[&Assignment],
    now: Timestamp,
) -> QueryResult<()> {
    let mut rows = Vec::with_capacity(assignments.len());
    for Assignment { sku, excluded } in assignments {
        let excluded_plans =
            serde_json::to_string(excluded).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
        rows.push(NewAssignment {
            user_id: user,
            sku_id: *sku,
            customer_id: customer,
            excluded_plans,
            assigned_at: now,
        });
    }
    insert_all!(tx, license_assignments::table, rows)
}

pub(in crate::subscriptions) fn unassign(tx: &mut Tx<'_>, user: CustomerUserId, skus: &[SkuId]) -> QueryResult<()> {
    diesel::delete(license_assignments::table)
        .filter(license_assignments::user_id.eq(user))
        .filter(license_assignments::sku_id.eq_any(skus))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(QueryableByName)]
struct Miscounted {
    #[diesel(sql_type = Id)]
    customer_id: CustomerId,
    #[diesel(sql_type = Id)]
    sku_id: SkuId,
}

/// Customers and SKUs whose counter is not the number of assignments.
pub(in crate::subscriptions) fn miscounted(read: &mut Read<'_>) -> QueryResult<Vec<(CustomerId, SkuId)>> {
    let rows: Vec<Miscounted> = diesel::sql_query(
        "SELECT customer_id, sku_id FROM (\
         SELECT customer_id, sku_id, consumed FROM consumed_licenses \
         UNION ALL SELECT customer_id, sku_id, -COUNT(*) FROM license_assignments GROUP BY customer_id, sku_id) AS counted \
         GROUP BY customer_id, sku_id HAVING SUM(consumed) <> 0 ORDER BY customer_id, sku_id LIMIT 1000",
    )
    .load(read.connection())?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.sku_id)).collect())
}

/// Users who have licences although they were removed, or were given those of another customer.
pub(in crate::subscriptions) fn misassigned(read: &mut Read<'_>) -> QueryResult<Vec<CustomerUserId>> {
    license_assignments::table
        .inner_join(customer_users::table.on(customer_users::id.eq(license_assignments::user_id)))
        .filter(
            customer_users::removed_at
                .is_not_null()
                .or(customer_users::customer_id.ne(license_assignments::customer_id)),
        )
        .order(license_assignments::user_id)
        .limit(1_000)
        .select(license_assignments::user_id)
        .load(read.connection())
}
