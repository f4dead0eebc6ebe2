//! The registrar: settles the pending rows of a registration, chunk by chunk.

use std::time::Duration;

use diesel::QueryResult;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::model::{FindingCode, Registration, RegistrationId, Unmatched};
use super::store;
use crate::audit::{self, Event, System};
use crate::delegation;
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Failure, Sure};
use crate::platform::http::RequestIds;
use crate::platform::jobs::{self, Ending, Job, JobKind, Lease, Worker};

/// Settles one registration.
///
/// A repeat is harmless: it takes only rows that are pending, and each chunk commits its rows' outcomes together.
pub const REGISTER: JobKind = JobKind { name: "register_devices", attempts: 8 };

/// Rows of a chunk: its transaction is short, so a lost delegation or a new deployment waits at most that long.
const CHUNK: i64 = 1_000;

/// Settles registrations.
pub struct Registrar {
    /// The database.
    pub db: Db,
    /// The moment at which rows are settled.
    pub clock: Clock,
    /// What happens to devices of manufacturers that the directory does not know.
    pub unmatched: Unmatched,
}

impl Worker for Registrar {
    fn kinds(&self) -> Vec<JobKind> {
        vec![REGISTER]
    }

    fn give_up(&self, job: &Job, lease: Lease) -> BoxFuture<'_, Sure<()>> {
        let (id, now) = (RegistrationId::from_uuid(job.subject_id.uuid()), self.clock.now());
        self.db.write(move |tx| fail_the_rest(tx, id, lease, now)).boxed()
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        self.settle(RegistrationId::from_uuid(job.subject_id.uuid()), job.attempts, lease).boxed()
    }
}

/// What a chunk led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    More,
    Finished,
    LostLease,
}

impl Registrar {
    async fn settle(&self, id: RegistrationId, attempts: i32, lease: Lease) -> Ending {
        loop {
            let (clock, unmatched) = (self.clock.clone(), self.unmatched);
            // The time is taken anew in each attempt: a lost race may have been lost to the end of the delegation.
            let chunk = move |tx: &mut Tx<'_>| chunk(tx, id, lease, unmatched, clock.now());
            match self.db.write(chunk).await {
                Ok(Progress::More) => {}
                Ok(Progress::Finished) => return Ending::Done,
                Ok(Progress::LostLease) => return Ending::LostLease,
                Err(error) => {
                    let pause = Duration::from_secs(2_u64.pow(u32::try_from(attempts).unwrap_or(0).min(6)));
                    return Ending::Later(pause, error.to_string());
                }
            }
        }
    }
}

/// One chunk, one transaction: the lease is still ours, the delegation still stands, and the rows get their outcomes.
fn chunk(tx: &mut Tx<'_>, id: RegistrationId, lease: Lease, unmatched: Unmatched, now: Timestamp) -> Sure<Progress> {
    if !jobs::renew(tx, lease)? {
        return Ok(Progress::LostLease);
    }
    let Some(registration) = store::registration_to_settle(tx, id)? else { return Ok(Progress::Finished) };
    if let Some(until) = store::chunk_end(tx, id, CHUNK)? {
        match delegation::administer_for(tx, registration.registered_by, registration.customer, now) {
            Ok(proof) => {
                store::settle_chunk(tx, &proof, id, until, unmatched, now)?;
                jobs::progressed(tx, lease)?;
            }
            Err(Failure::Refused(_)) => {
                store::fail_pending(tx, id, FindingCode::RelMissing, now)?;
            }
            Err(Failure::Database(error)) => return Err(error.into()),
        }
    }
    if store::chunk_end(tx, id, 1)?.is_some() {
        return Ok(Progress::More);
    }
    finish(tx, &registration, now)?;
    Ok(Progress::Finished)
}

/// No row stays pending for ever: what could not be settled is told as an unexpected error.
fn fail_the_rest(tx: &mut Tx<'_>, id: RegistrationId, lease: Lease, now: Timestamp) -> Sure<()> {
    if !jobs::renew(tx, lease)? {
        return Ok(());
    }
    let Some(registration) = store::registration_to_settle(tx, id)? else { return Ok(()) };
    store::fail_pending(tx, id, FindingCode::Unexpected, now)?;
    Ok(finish(tx, &registration, now)?)
}

fn finish(tx: &mut Tx<'_>, registration: &Registration, now: Timestamp) -> QueryResult<()> {
    let id = registration.id;
    if store::finish(tx, id, now)? {
        let counts = store::counts(tx, &[id])?.into_iter().next().map(|(_, counts)| counts).unwrap_or_default();
        let actor = System { organisation: Some(registration.registered_by.uuid()), request: RequestIds::fresh() };
        let event = Event::DevicesSettled {
            registration: id.uuid(),
            customer: registration.customer.uuid(),
            ready: counts.ready,
            failed: counts.failed,
        };
        audit::record(tx, &actor, &event, now)?;
    }
    Ok(())
}
