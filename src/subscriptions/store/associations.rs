//! The table of resellers of record.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use uuid::Uuid;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::Id;
use crate::platform::db::{Read, Tx, insert_all};
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::associations::{AssociationPeriod, Credit, NO_DAY, ResellerOfRecord, day_of};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    association_periods (subscription_id, number) {
        subscription_id -> Id,
        number -> Integer,
        association -> Integer,
        customer_id -> Id,
        provider_id -> Id,
        reseller_id -> Id,
        mpn_id -> Text,
        offer_id -> Text,
        earns -> Bool,
        quantity -> Integer,
        active -> Bool,
        associated_at -> Moment,
        associated_by -> Nullable<Id>,
        since -> Moment,
        until -> Nullable<Moment>,
        lapses_at -> Nullable<Moment>,
        from_day -> Integer,
        until_day -> Integer,
        lapse_day -> Integer,
    }
}

use association_periods as periods;

#[derive(Queryable, Insertable)]
#[diesel(table_name = association_periods)]
struct PeriodRow {
    subscription_id: SubscriptionId,
    number: i32,
    association: i32,
    customer_id: CustomerId,
    provider_id: PartnerId,
    reseller_id: PartnerId,
    mpn_id: String,
    offer_id: String,
    earns: bool,
    quantity: i32,
    active: bool,
    associated_at: Timestamp,
    associated_by: Option<UserId>,
    since: Timestamp,
    until: Option<Timestamp>,
    lapses_at: Option<Timestamp>,
    from_day: i32,
    until_day: i32,
    lapse_day: i32,
}

fn row(one: &AssociationPeriod) -> PeriodRow {
    PeriodRow {
        subscription_id: one.subscription,
        number: one.number,
        association: one.association,
        customer_id: one.customer,
        provider_id: one.provider,
        reseller_id: one.of_record.reseller,
        mpn_id: one.of_record.mpn_id.clone(),
        offer_id: one.offer.clone(),
        earns: one.earns,
        quantity: one.quantity,
        active: one.active,
        associated_at: one.associated_at,
        associated_by: one.associated_by,
        since: one.since,
        until: one.until,
        lapses_at: one.lapses_at,
        from_day: day_of(one.since),
        until_day: one.until.map_or(NO_DAY, day_of),
        lapse_day: one.lapses_at.map_or(NO_DAY, day_of),
    }
}

fn period(row: PeriodRow) -> AssociationPeriod {
    AssociationPeriod {
        subscription: row.subscription_id,
        number: row.number,
        association: row.association,
        customer: row.customer_id,
        provider: row.provider_id,
        of_record: ResellerOfRecord { reseller: row.reseller_id, mpn_id: row.mpn_id },
        offer: row.offer_id,
        earns: row.earns,
        quantity: row.quantity,
        active: row.active,
        associated_at: row.associated_at,
        associated_by: row.associated_by,
        since: row.since,
        until: row.until,
        lapses_at: row.lapses_at,
    }
}

pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &[AssociationPeriod]) -> QueryResult<()> {
    let rows: Vec<PeriodRow> = new.iter().map(row).collect();
    insert_all!(tx, periods::table, rows)
}

/// Guarded: ends a period that has not ended.
pub(in crate::subscriptions) fn end(tx: &mut Tx<'_>, period: &AssociationPeriod, at: Timestamp) -> QueryResult<bool> {
    let ended = diesel::update(periods::table)
        .filter(periods::subscription_id.eq(period.subscription))
        .filter(periods::number.eq(period.number))
        .filter(periods::until.is_null())
        .set((periods::until.eq(at), periods::until_day.eq(day_of(at))))
        .execute(tx.connection())?;
    Ok(ended == 1)
}

/// The newest period of each of these subscriptions that has any, ended or not.
pub(in crate::subscriptions) fn newest_of(
    read: &mut Read<'_>,
    subscriptions: &[SubscriptionId],
) -> QueryResult<HashMap<SubscriptionId, AssociationPeriod>> {
    let mut found = HashMap::with_capacity(subscriptions.len());
    let later = diesel::alias!(association_periods as later);
    for some in subscriptions.chunks(1_000) {
        let newer = later
            .filter(later.field(periods::subscription_id).eq(periods::subscription_id))
            .filter(later.field(periods::number).gt(periods::number));
        let rows: Vec<PeriodRow> = periods::table
            .filter(periods::subscription_id.eq_any(some))
            .filter(diesel::dsl::not(diesel::dsl::exists(newer)))
            .load(read.connection())?;
        found.extend(rows.into_iter().map(|row| (row.subscription_id, period(row))));
    }
    Ok(found)
}

/// The periods of a subscription, oldest first; of one reseller alone if it is named.
pub(in crate::subscriptions) fn history_of(
    read: &mut Read<'_>,
    subscription: SubscriptionId,
    reseller: Option<PartnerId>,
    after: i32,
    limit: i64,
) -> QueryResult<Vec<AssociationPeriod>> {
    let mut query =
        periods::table.filter(periods::subscription_id.eq(subscription)).filter(periods::number.gt(after)).into_boxed();
    if let Some(reseller) = reseller {
        query = query.filter(periods::reseller_id.eq(reseller));
    }
    let rows: Vec<PeriodRow> = query.order(periods::number).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(period).collect())
}

/// Whose incentives, and when: days from `from` up to, and without, `end`.
#[derive(Clone, Copy, Debug)]
pub(in crate::subscriptions) struct Asked {
    pub provider: Option<PartnerId>,
    pub reseller: Option<PartnerId>,
    pub from: i32,
    pub end: i32,
}

#[derive(QueryableByName)]
struct CreditRow {
    #[diesel(sql_type = Id)]
    provider_id: PartnerId,
    #[diesel(sql_type = Id)]
    reseller_id: PartnerId,
    #[diesel(sql_type = Text)]
    mpn_id: String,
    #[diesel(sql_type = Text)]
    offer_id: String,
    #[diesel(sql_type = Bool)]
    earns: bool,
    #[diesel(sql_type = BigInt)]
    licence_days: i64,
}

/// What is credited, added up by the database: periods are many, and sums are few. One text for both databases; `CASE`
/// stands where each of them has another name for the smaller of two.
pub(in crate::subscriptions) fn credits(read: &mut Read<'_>, asked: &Asked) -> QueryResult<Vec<Credit>> {
    let whose = match (asked.provider, asked.reseller) {
        (Some(_), Some(_)) => "provider_id = $3 AND reseller_id = $4",
        (Some(_), None) => "provider_id = $3 AND $4 = $4",
        _ => "$3 = $3 AND reseller_id = $4",
    };
    let rows: Vec<CreditRow> = diesel::sql_query(format!(
        "SELECT * FROM (SELECT provider_id, reseller_id, mpn_id, offer_id, earns, \
         CAST(SUM(CASE WHEN last > first THEN CAST(quantity AS BIGINT) * (last - first) ELSE 0 END) AS BIGINT) AS licence_days \
         FROM (SELECT provider_id, reseller_id, mpn_id, offer_id, earns, quantity, \
         CASE WHEN from_day > $1 THEN from_day ELSE $1 END AS first, \
         CASE WHEN until_day < $2 AND until_day < lapse_day THEN until_day WHEN lapse_day < $2 THEN lapse_day ELSE $2 END AS last \
         FROM association_periods WHERE {whose} AND until_day > $1 AND from_day < $2 AND active) AS counted \
         GROUP BY provider_id, reseller_id, mpn_id, offer_id, earns) AS credited WHERE licence_days > 0 \
         ORDER BY reseller_id, mpn_id, provider_id, offer_id, earns"
    ))
    .bind::<Integer, _>(asked.from)
    .bind::<Integer, _>(asked.end)
    .bind::<Id, _>(asked.provider.or(asked.reseller).unwrap_or_else(PartnerId::fresh))
    .bind::<Id, _>(asked.reseller.or(asked.provider).unwrap_or_else(PartnerId::fresh))
    .load(read.connection())?;
    Ok(rows
        .into_iter()
        .map(|row| Credit {
            provider: row.provider_id,
            of_record: ResellerOfRecord { reseller: row.reseller_id, mpn_id: row.mpn_id },
            offer: row.offer_id,
            eligible: row.earns,
            licence_days: row.licence_days,
        })
        .collect())
}

/// The periods behind it, in order of subscriptions.
pub(in crate::subscriptions) fn periods_between(
    read: &mut Read<'_>,
    asked: &Asked,
    after: Option<(SubscriptionId, i32)>,
    limit: i64,
) -> QueryResult<Vec<AssociationPeriod>> {
    // From the least id there is, the first page is found as all others are: SQLite would sort the whole month for it.
    let (subscription, number) = after.unwrap_or((SubscriptionId::from_uuid(Uuid::nil()), 0));
    let mut query = periods::table
        .filter(periods::until_day.gt(asked.from))
        .filter(periods::from_day.lt(asked.end))
        .filter(periods::subscription_id.ge(subscription))
        .filter(periods::subscription_id.gt(subscription).or(periods::number.gt(number)))
        .into_boxed();
    query = match (asked.provider, asked.reseller) {
        // Put like this, SQLite cannot take the index of the provider, whose periods are more, for that of the reseller.
        (Some(provider), Some(reseller)) => {
            query.filter(periods::reseller_id.eq(reseller)).filter(diesel::dsl::not(periods::provider_id.ne(provider)))
        }
        (Some(provider), None) => query.filter(periods::provider_id.eq(provider)),
        (None, Some(reseller)) => query.filter(periods::reseller_id.eq(reseller)),
        (None, None) => query,
    };
    let rows: Vec<PeriodRow> =
        query.order((periods::subscription_id, periods::number)).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(period).collect())
}

/// How many subscriptions that a provider sold have a reseller of record.
pub(in crate::subscriptions) fn count_of_record(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
) -> QueryResult<i64> {
    periods::table
        .filter(periods::reseller_id.eq(reseller))
        .filter(periods::provider_id.eq(provider))
        .filter(periods::until_day.eq(NO_DAY))
        .count()
        .get_result(read.connection())
}

/// All periods in pages, for the invariants.
pub(in crate::subscriptions) fn all(
    read: &mut Read<'_>,
    after: Option<(SubscriptionId, i32)>,
    limit: i64,
) -> QueryResult<Vec<AssociationPeriod>> {
    let mut query = periods::table.into_boxed();
    if let Some((subscription, number)) = after {
        query = query
            .filter(periods::subscription_id.ge(subscription))
            .filter(periods::subscription_id.gt(subscription).or(periods::number.gt(number)));
    }
    let rows: Vec<PeriodRow> =
        query.order((periods::subscription_id, periods::number)).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(period).collect())
}
