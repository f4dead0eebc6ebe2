//! What happened: one event row per committed change, written in the change's own transaction. The row *is* the audit
//! record; notifications and webhooks will read the same rows.

mod model;
mod store;

use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use diesel::QueryResult;

pub use model::{Actor, Event, EventId, System};
pub use store::EventRow;

/// Records that `actor` did `event` at `now`.
///
/// # Errors
/// Only the database's; then the change itself is not committed either.
pub fn record(tx: &mut Tx<'_>, actor: &dyn Actor, event: &Event, now: Timestamp) -> QueryResult<()> {
    store::insert(tx, actor, event, now)
}

/// The newest events about `subject`, at most `limit`, newest first.
///
/// # Errors
/// Only the database's.
pub fn about(read: &mut Read<'_>, subject: uuid::Uuid, limit: i64) -> QueryResult<Vec<EventRow>> {
    store::about(read, subject, limit)
}
