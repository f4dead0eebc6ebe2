//! The table of grants; other tables in files of their own.

pub(in crate::delegation) mod drafts;
pub(in crate::delegation) mod setup_infos;

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::customers::Mark;
use crate::delegation::model::{Grant, GrantId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    administration_grants (id) {
        id -> Id,
        partner_id -> Id,
        customer_id -> Id,
        origin -> Text,
        all_roles -> Bool,
        starts_at -> Moment,
        last_used_at -> Nullable<Moment>,
        ends_at -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
    }
}

use administration_grants as grants;

type GrantRow = (GrantId, PartnerId, CustomerId, String, bool, Timestamp, Option<Timestamp>);

fn grant((id, partner, customer, origin, all_roles, starts_at, ends_at): GrantRow) -> QueryResult<Grant> {
    Ok(Grant { id, partner, customer, origin: word(origin)?, all_roles, starts_at, ends_at })
}

const GRANT: (
    grants::id,
    grants::partner_id,
    grants::customer_id,
    grants::origin,
    grants::all_roles,
    grants::starts_at,
    grants::ends_at,
) = (
    grants::id,
    grants::partner_id,
    grants::customer_id,
    grants::origin,
    grants::all_roles,
    grants::starts_at,
    grants::ends_at,
);

pub(in crate::delegation) fn insert(tx: &mut Tx<'_>, new: &Grant) -> QueryResult<()> {
    diesel::insert_into(grants::table)
        .values((
            grants::id.eq(new.id),
            grants::partner_id.eq(new.partner),
            grants::customer_id.eq(new.customer),
            grants::origin.eq(new.origin.as_str()),
            grants::all_roles.eq(new.all_roles),
            grants::starts_at.eq(new.starts_at),
            grants::ends_at.eq(new.ends_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Every grant of the two, newest first: the live one, or the last that ended.
pub(in crate::delegation) fn between(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> QueryResult<Vec<Grant>> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .order(grants::id.desc())
        .limit(100)
        .select(GRANT)
        .load(read.connection())?;
    rows.into_iter().map(grant).collect()
}

/// Uses the live grant, on the row that [`end`] changes: of a use and an ending at the same moment one sees the other,
/// whatever the isolation.
pub(in crate::delegation) fn touch_live(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let touched = diesel::update(grants::table)
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .set(grants::last_used_at.eq(now))
        .execute(tx.connection())?;
    Ok(touched > 0)
}

pub(in crate::delegation) fn live_of_customer(
    read: &mut Read<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<Vec<Grant>> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .order(grants::id)
        .select(GRANT)
        .load(read.connection())?;
    rows.into_iter().map(grant).collect()
}

/// Whether the partner holds all roles over the customer now, and not only those that somebody assigned.
pub(in crate::delegation) fn holds_everything(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let live = live_of_customer(read, customer, now)?;
    Ok(live.iter().any(|grant| grant.partner == partner && grant.all_roles))
}

/// When an ending takes effect: never before the grant's last use.
pub(in crate::delegation) fn last_use(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> QueryResult<Option<Timestamp>> {
    let uses: Vec<Option<Timestamp>> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .select(grants::last_used_at)
        .load(read.connection())?;
    Ok(uses.into_iter().flatten().max())
}

/// Ends what is live of the two.
pub(in crate::delegation) fn end(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    by: Option<UserId>,
    at: Timestamp,
) -> QueryResult<usize> {
    diesel::update(grants::table)
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(at)))
        .set((grants::ends_at.eq(at), grants::ended_by.eq(by)))
        .execute(tx.connection())
}

/// How many customers `partner` can administer now, of those given.
pub(in crate::delegation) fn live_among(
    read: &mut Read<'_>,
    partner: PartnerId,
    customers: &[CustomerId],
    now: Timestamp,
) -> QueryResult<Vec<CustomerId>> {
    grants::table
        .filter(grants::partner_id.eq(partner))
        .filter(grants::customer_id.eq_any(customers))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .select(grants::customer_id)
        .load(read.connection())
}

/// Whether the partner of a relationship can administer its customer at the moment asked for: what [`live_among`] says.
pub(in crate::delegation) const LIVE_GRANT: Mark = Mark(
    "EXISTS (SELECT 1 FROM administration_grants AS grants \
     WHERE grants.partner_id = customer_relationships.partner_id \
     AND grants.customer_id = customer_relationships.customer_id \
     AND grants.starts_at <= moment.now AND (grants.ends_at IS NULL OR grants.ends_at > moment.now) \
     AND grants.ended_by IS NULL)",
);

/// Every grant there was, in pages of ids: for the invariants.
pub(in crate::delegation) fn all(read: &mut Read<'_>, after: Option<GrantId>, limit: i64) -> QueryResult<Vec<Grant>> {
    let mut query = grants::table.select(GRANT).into_boxed();
    if let Some(after) = after {
        query = query.filter(grants::id.gt(after));
    }
    let rows: Vec<GrantRow> = query.order(grants::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(grant).collect()
}
