//! What happened: one event row per committed change, written in the change's own transaction. The row *is* the audit
//! record; notifications and webhooks will read the same rows.

mod model;
mod store;

use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use diesel::QueryResult;

pub use model::{Actor, Event, EventId, System};

/// Records that `actor` did `event` at `now`.
///
/// # Errors
/// Only the database's; then the change itself is not committed either.
pub fn record(tx: &mut Tx<'_>, actor: &dyn Actor, event: &Event, now: Timestamp) -> QueryResult<()> {
    store::insert(tx, actor, event, now)
}
