//! Recording what happened, and proving that nothing of it was changed.

use diesel::QueryResult;

use super::chain::{Mark, Walk};
use super::model::{Actor, Event, REFUSALS_TOGETHER, RefusedCall, minute_of};
use super::store::{self, Counted};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::keys::Keys;

/// Records that `actor` did `event` at `now`.
///
/// # Errors
/// Only the database's; then the change itself is not committed either.
pub fn record(tx: &mut Tx<'_>, actor: &dyn Actor, event: &Event, now: Timestamp) -> QueryResult<()> {
    store::insert(tx, actor, event, None, now)
}

/// Records that a call was refused: one event per caller, operation, object and minute, and how often.
///
/// # Errors
/// Only the database's.
pub fn record_refusal(tx: &mut Tx<'_>, actor: &dyn Actor, call: &RefusedCall, now: Timestamp) -> QueryResult<()> {
    let minute = minute_of(now);
    if store::count_again(tx, &call.key(minute))? {
        return Ok(());
    }
    // A copy of the service whose clock is ahead may have sealed this minute: then the call belongs to the next. A row that
    // another transaction has made meanwhile is not sealed; the key refuses a second one, and this is tried again.
    let sealed = store::is_counted_out(tx, &call.key(minute))?;
    let minute = if sealed { minute.after(REFUSALS_TOGETHER) } else { minute };
    let counted = Counted { key: call.key(minute), until: minute.after(REFUSALS_TOGETHER) };
    if sealed && store::count_again(tx, &counted.key)? {
        return Ok(());
    }
    store::insert(tx, actor, &call.event(), Some(&counted), now)
}

/// What a walk along the whole chain found.
#[derive(Clone, Debug)]
pub struct Verification {
    /// What is wrong, as sentences; empty if the chain is whole.
    pub broken: Vec<String>,
    /// The head, to be written down and proved later; nothing if nothing is sealed.
    pub head: Option<Mark>,
    /// How many events are not sealed yet.
    pub unsealed: i64,
}

/// Events read at a time.
const PAGE: i64 = 1_000;

/// Walks the whole chain. `since` is a head written down earlier, which must still be part of it.
///
/// # Errors
/// Only the database's.
pub fn verify(read: &mut Read<'_>, keys: &Keys, since: Option<&Mark>) -> QueryResult<Verification> {
    let mut walk = Walk::new(keys, since);
    let mut after = None;
    let head = loop {
        // The head is read before the rows up to it: a sealer may be at work, and what it seals then only comes on top.
        let head = store::chain::head(read)?;
        let page = store::chain::sealed_after(read, after, PAGE)?;
        let Some(last) = page.last() else { break head };
        after = last.sequence;
        page.iter().for_each(|row| walk.step(row));
    };
    walk.end(head.as_ref());
    let unsealed = store::chain::count_unsealed(read)?;
    let head = head.map(|head| Mark { sequence: head.sequence, hash: head.hash });
    Ok(Verification { broken: walk.broken, head, unsealed })
}
