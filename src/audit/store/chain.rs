//! The chain: how far it goes, what is next, and walking it.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};

use super::super::model::EventId;
use super::{EventRow, events};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::Id;
use crate::platform::db::{MultiBackend, Read, Tx};
use crate::platform::jobs::{LEASE, LeaseId};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    audit_head (only_row) {
        only_row -> Integer,
        sequence -> BigInt,
        hash -> Binary,
        tag -> Binary,
        lease_id -> Nullable<Id>,
        leased_until -> Nullable<Moment>,
    }
}

/// How far the chain goes.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = audit_head)]
pub(in crate::audit) struct Head {
    /// The place of the last sealed event.
    pub(in crate::audit) sequence: i64,
    /// Its seal.
    pub(in crate::audit) hash: Vec<u8>,
    /// The seal of the two.
    pub(in crate::audit) tag: Vec<u8>,
}

pub(in crate::audit) fn head(read: &mut Read<'_>) -> QueryResult<Option<Head>> {
    audit_head::table.select(Head::as_select()).first(read.connection()).optional()
}

pub(in crate::audit) fn insert_head(tx: &mut Tx<'_>, head: &Head) -> QueryResult<()> {
    diesel::insert_into(audit_head::table)
        .values((
            audit_head::only_row.eq(1),
            audit_head::sequence.eq(head.sequence),
            audit_head::hash.eq(&head.hash),
            audit_head::tag.eq(&head.tag),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes or prolongs the lease. The row stays locked until the transaction ends, so that sealers come one after another.
pub(in crate::audit) fn take_lease(tx: &mut Tx<'_>, lease: LeaseId) -> QueryResult<bool> {
    let now = tx.database_now()?;
    let free = audit_head::lease_id
        .is_null()
        .or(audit_head::lease_id.eq(lease))
        .or(audit_head::leased_until.is_null())
        .or(audit_head::leased_until.lt(now));
    let taken = diesel::update(audit_head::table)
        .filter(free)
        .set((audit_head::lease_id.eq(lease), audit_head::leased_until.eq(now.after(LEASE))))
        .execute(tx.connection())?;
    Ok(taken == 1)
}

/// Frees the lease: of one sealer that stops, or whoever's it is.
pub(in crate::audit) fn free_lease(tx: &mut Tx<'_>, of: Option<LeaseId>) -> QueryResult<()> {
    let freed = (audit_head::lease_id.eq(None::<LeaseId>), audit_head::leased_until.eq(None::<Timestamp>));
    match of {
        Some(lease) => {
            let own = audit_head::table.filter(audit_head::lease_id.eq(lease));
            diesel::update(own).set(freed).execute(tx.connection())?
        }
        None => diesel::update(audit_head::table).set(freed).execute(tx.connection())?,
    };
    Ok(())
}

/// The events to be sealed next, in the order of their places.
pub(in crate::audit) fn unsealed(read: &mut Read<'_>, now: Timestamp, limit: i64) -> QueryResult<Vec<EventRow>> {
    events::table
        .filter(events::sequence.is_null())
        .filter(events::seal_from.is_null().or(events::seal_from.le(now)))
        .order((events::at, events::id))
        .limit(limit)
        .select(EventRow::as_select())
        .load(read.connection())
}

/// An event's place and seal, and the count that the seal covers.
pub(in crate::audit) struct Sealed {
    pub(in crate::audit) id: EventId,
    pub(in crate::audit) sequence: i64,
    pub(in crate::audit) hash: [u8; 32],
    pub(in crate::audit) repeats: i32,
}

/// Gives events their places and seals, all in one statement. The answer is how many rows took one: a refusal that was
/// counted once more meanwhile does not.
pub(in crate::audit) fn seal(tx: &mut Tx<'_>, sealed: &[Sealed]) -> QueryResult<usize> {
    let places: Vec<String> = (0..sealed.len())
        .map(|row| 4 * row)
        .map(|n| format!("(${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4))
        .collect();
    let mut query = diesel::sql_query(format!(
        "UPDATE events SET sequence = places.column2, hash = places.column3 FROM (VALUES {}) AS places \
         WHERE events.id = places.column1 AND events.repeats = places.column4 AND events.sequence IS NULL",
        places.join(", ")
    ))
    .into_boxed::<MultiBackend>();
    for Sealed { id, sequence, hash, repeats } in sealed {
        query = query.bind::<Id, _>(*id).bind::<BigInt, _>(*sequence);
        query = query.bind::<Binary, _>(hash.to_vec()).bind::<Integer, _>(*repeats);
    }
    query.execute(tx.connection())
}

/// Moves the head on, if it stands where this sealer found it and is still this sealer's.
pub(in crate::audit) fn advance(tx: &mut Tx<'_>, from: i64, to: &Head, lease: LeaseId) -> QueryResult<bool> {
    let moved = diesel::update(audit_head::table)
        .filter(audit_head::sequence.eq(from))
        .filter(audit_head::lease_id.eq(lease))
        .set((audit_head::sequence.eq(to.sequence), audit_head::hash.eq(&to.hash), audit_head::tag.eq(&to.tag)))
        .execute(tx.connection())?;
    Ok(moved == 1)
}

/// Sealed events in the order of their places, after one of them.
pub(in crate::audit) fn sealed_after(
    read: &mut Read<'_>,
    after: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<EventRow>> {
    events::table
        .filter(events::sequence.is_not_null())
        .filter(events::sequence.gt(after.unwrap_or(i64::MIN)))
        .order(events::sequence)
        .limit(limit)
        .select(EventRow::as_select())
        .load(read.connection())
}

/// How many events have no place yet.
pub(in crate::audit) fn count_unsealed(read: &mut Read<'_>) -> QueryResult<i64> {
    events::table.filter(events::sequence.is_null()).count().get_result(read.connection())
}
