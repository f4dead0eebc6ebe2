//! The sealer: gives committed events their places in the chain.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use diesel::QueryResult;
use diesel::result::DatabaseErrorKind;
use futures_util::FutureExt;
use tokio::sync::watch;

use super::chain::{beginning, head, is_genuine, seal};
use super::store;
use super::store::chain::Sealed;
use crate::platform::Parts;
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::db::{Db, Isolation, Tx};
use crate::platform::error::Sure;
use crate::platform::jobs::LeaseId;
use crate::platform::keys::Keys;

/// Events sealed in one transaction at most.
const BATCH: i64 = 500;
/// How often it looks.
const LOOK: Duration = Duration::from_millis(500);
/// The pause after an error.
const PAUSE: Duration = Duration::from_secs(2);

/// Seals events. Any number may run: they come one after another, and none forks the chain.
#[derive(Clone)]
pub struct Sealer {
    db: Db,
    keys: Arc<Keys>,
    clock: Clock,
    lease: LeaseId,
}

/// What a batch led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    Sealed(usize),
    /// Another copy of the service seals now.
    Elsewhere,
    /// The head is not ours: sealing on would hide that.
    Tampered,
}

impl Sealer {
    /// A sealer of its own.
    pub fn new(parts: &Parts) -> Self {
        Self { db: parts.db.clone(), keys: parts.keys.clone(), clock: parts.clock.clone(), lease: LeaseId::fresh() }
    }

    /// Seals what is due now, and says how much that was.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn seal_now(&self) -> Sure<usize> {
        let mut sealed = 0;
        loop {
            match self.seal_batch().await? {
                Batch::Sealed(0) | Batch::Elsewhere => return Ok(sealed),
                Batch::Sealed(count) => sealed += count,
                Batch::Tampered => {
                    tracing::error!("the head of the audit trail was changed; nothing is sealed: run `audit verify`");
                    return Ok(sealed);
                }
            }
        }
    }

    async fn seal_batch(&self) -> Sure<Batch> {
        let now = self.clock.now();
        // Most looks find nothing, and a look alone keeps no writer waiting.
        let due = self.db.read(move |read| -> Sure<_> { Ok(store::chain::unsealed(read, now, 1)?.len()) }).await?;
        if due == 0 {
            return Ok(Batch::Sealed(0));
        }
        let (keys, lease) = (self.keys.clone(), self.lease);
        // The lock on the head's row decides. Serializable would only make writers of new events lose races.
        let batch = move |tx: &mut Tx<'_>| -> Sure<_> { Ok(seal_batch(tx, &keys, lease, now)?) };
        self.db.write_isolated(Isolation::ReadCommitted, batch).await
    }

    /// Seals as events come, until `stop` is told. The batch at hand is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let rest = match AssertUnwindSafe(self.seal_now()).catch_unwind().await {
                Ok(Ok(_)) => LOOK,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the sealer could not reach the database");
                    PAUSE
                }
                Err(_) => {
                    tracing::error!("the sealer panicked");
                    PAUSE
                }
            };
            let _ = tokio::time::timeout(rest, stop.changed()).await;
        }
        let lease = self.lease;
        let freed = self.db.write(move |tx| -> Sure<_> { Ok(store::chain::free_lease(tx, Some(lease))?) }).await;
        if let Err(error) = freed {
            tracing::debug!(%error, "the sealer's lease ends by itself");
        }
    }
}

fn seal_batch(tx: &mut Tx<'_>, keys: &Keys, lease: LeaseId, now: Timestamp) -> QueryResult<Batch> {
    if store::chain::head(tx)?.is_none() {
        if !store::chain::sealed_after(tx, None, 1)?.is_empty() {
            return Ok(Batch::Tampered);
        }
        store::chain::insert_head(tx, &head(keys, 0, &beginning(keys)))?;
    }
    if !store::chain::take_lease(tx, lease)? {
        return Ok(Batch::Elsewhere);
    }
    // Read again: the lock may have been waited for.
    let Some(from) = store::chain::head(tx)?.filter(|head| is_genuine(keys, head)) else { return Ok(Batch::Tampered) };
    let rows = store::chain::unsealed(tx, now, BATCH)?;
    let (mut sequence, mut hash) = (from.sequence, from.hash.clone());
    let mut sealed = Vec::with_capacity(rows.len());
    for row in &rows {
        sequence += 1;
        let seal = seal(keys, &hash, sequence, row);
        hash = seal.to_vec();
        sealed.push(Sealed { id: row.id, sequence, hash: seal, repeats: row.repeats });
    }
    if sealed.is_empty() {
        return Ok(Batch::Sealed(0));
    }
    let taken = store::chain::seal(tx, &sealed)?;
    if taken != sealed.len() || !store::chain::advance(tx, from.sequence, &head(keys, sequence, &hash), lease)? {
        // A refusal was counted once more after it was read: a lost race, and this is tried again from the beginning.
        let lost = Box::new("an event changed while it was sealed".to_owned());
        return Err(diesel::result::Error::DatabaseError(DatabaseErrorKind::SerializationFailure, lost));
    }
    Ok(Batch::Sealed(sealed.len()))
}

/// Frees the lease, whoever's it is: for the one process that serves a SQLite file, whose predecessor is gone.
///
/// # Errors
/// Only the database's.
pub fn free_lease(tx: &mut Tx<'_>) -> QueryResult<()> {
    store::chain::free_lease(tx, None)
}
