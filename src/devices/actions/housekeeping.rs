//! What is over is removed.

use diesel::QueryResult;

use super::super::model::StagedFileId;
use super::super::store;
use super::receiving::IDLE_DAYS;
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};

/// Copies of files whose time has come, at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn expired_copies(read: &mut Read<'_>, now: Timestamp, limit: i64) -> QueryResult<Vec<StagedFileId>> {
    store::copies_to_remove(read, now, limit)
}

/// These copies were removed.
///
/// # Errors
/// Only the database's.
pub fn forget_copies(tx: &mut Tx<'_>, copies: &[StagedFileId]) -> QueryResult<()> {
    store::forget_copies(tx, copies)
}

/// Those among `copies` that belong to nothing.
///
/// # Errors
/// Only the database's.
pub fn leftover_copies(read: &mut Read<'_>, copies: &[StagedFileId]) -> QueryResult<Vec<StagedFileId>> {
    let known = store::known_copies(read, copies)?;
    Ok(copies.iter().copied().filter(|copy| !known.contains(copy)).collect())
}

/// Removes some rows of the oldest registration that registered nothing, or that registration, if it has no rows: one that was
/// cut off before `cut_off`, or one that was only checked, or refused, and is a week old. Returns whether there may be more.
///
/// # Errors
/// Only the database's.
pub fn remove_some(tx: &mut Tx<'_>, cut_off: Timestamp, limit: i64, now: Timestamp) -> QueryResult<bool> {
    let Some(id) = store::idle(tx, cut_off, now.before(days(IDLE_DAYS)), 1)?.into_iter().next() else {
        return Ok(false);
    };
    if !store::delete_some_rows(tx, id, limit)? {
        store::delete_registration(tx, id)?;
    }
    Ok(true)
}
