//! What happened: one event row per committed change, written in the change's own transaction. The row *is* the audit
//! record; notifications and webhooks will read the same rows. A sealer gives committed rows their place in a chain of
//! hashes that nobody can recompute without the key file.

mod actions;
mod chain;
mod jobs;
mod model;
mod store;

pub use actions::{Verification, record, record_refusal, verify};
pub use chain::{Mark, NotAMark};
pub use jobs::{Sealer, free_lease};
pub use model::{Actor, Event, EventId, RefusedCall, System};
pub use store::trail::{Customers, Direction, Kinds, Place, TrailQuery, Whose, about, event_in_trail, trail};
pub use store::{EventRow, Subject};
