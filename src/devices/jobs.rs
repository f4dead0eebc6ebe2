//! The registrar settles the rows of registrations, chunk by chunk, and takes back what was voided; the librarian loads
//! manifests into the device directory; housekeeping removes what is over.

use std::time::Duration;

use diesel::QueryResult;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::actions;
use super::model::{
    Audience, FindingCode, HashCheck, ImportId, Registration, RegistrationId, RegistrationState, Rules, Settlement,
    StagedFileId, Unmatched,
};
use super::reception::{Reception, ReceptionError, finished};
use super::store::{self, Chunk, NewEntry};
use crate::audit::{self, Event, System};
use crate::delegation;
use crate::platform::clock::{Clock, Timestamp, days};
use crate::platform::db::{Db, Isolation, Tx};
use crate::platform::error::{Failure, Sure};
use crate::platform::http::RequestIds;
use crate::platform::jobs::{self, Ending, Job, JobKind, Lease, Worker};

/// Settles one registration, or takes it back.
///
/// A repeat is harmless: it takes only rows that have no outcome, and devices that are still registered; each chunk commits
/// its outcomes together.
pub const REGISTER: JobKind = JobKind { name: "register_devices", attempts: 8 };

/// Loads one manifest into the device directory.
///
/// A repeat is harmless: it begins behind the last row that was loaded, and the same entry again changes nothing.
pub const LOAD_DIRECTORY: JobKind = JobKind { name: "load_directory", attempts: 8 };

/// Rows of a chunk at most (REG-1): its transaction is short, so the end of a delegation, a new deployment or another tenant
/// waits at most that long.
const CHUNK: i64 = 1_000;
/// Chunks after which a registration lets others go first.
const CHUNKS_IN_A_ROW: usize = 20;
/// Attempts without progress after which a row that stands alone in its chunk is given up.
const ATTEMPTS_OF_A_ROW: i32 = 5;
/// Entries of the directory that are loaded in one transaction.
const ENTRIES_AT_ONCE: usize = 5_000;

/// Settles registrations.
pub struct Registrar {
    /// The database.
    pub db: Db,
    /// The moment at which rows are settled.
    pub clock: Clock,
    /// What happens to devices of manufacturers that the directory does not know.
    pub unmatched: Unmatched,
    /// Days for which the copies of what has ended are kept.
    pub staged_days: u32,
}

impl Worker for Registrar {
    fn kinds(&self) -> Vec<JobKind> {
        vec![REGISTER]
    }

    fn at_once(&self) -> usize {
        // So that a small registration need not wait for a large one.
        3
    }

    fn give_up(&self, job: &Job, lease: Lease) -> BoxFuture<'_, Sure<()>> {
        self.fail_the_rest(RegistrationId::from_uuid(job.subject_id.uuid()), lease).boxed()
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

/// Rows of a chunk after so many attempts without progress: fewer and fewer, until the one row is found that stops the others.
const fn chunk_size(attempts: i32) -> i64 {
    match attempts {
        ..=1 => CHUNK,
        2 => 100,
        3 => 10,
        _ => 1,
    }
}

impl Registrar {
    async fn settle(&self, id: RegistrationId, attempts: i32, lease: Lease) -> Ending {
        let mut attempts = attempts;
        for _ in 0..CHUNKS_IN_A_ROW {
            match self.chunk(id, attempts, lease).await {
                // Attempts are counted from the last progress.
                Ok(Progress::More) => attempts = 0,
                Ok(Progress::Finished) => return Ending::Done,
                Ok(Progress::LostLease) => return Ending::LostLease,
                Err(error) => {
                    let pause = Duration::from_secs(2_u64.pow(u32::try_from(attempts).unwrap_or(0).min(6)));
                    return Ending::Later(pause, error.to_string());
                }
            }
        }
        Ending::Again
    }

    async fn chunk(&self, id: RegistrationId, attempts: i32, lease: Lease) -> Sure<Progress> {
        let (clock, unmatched, kept) = (self.clock.clone(), self.unmatched, days(u64::from(self.staged_days)));
        let size = chunk_size(attempts);
        let poisoned = size == 1 && attempts >= ATTEMPTS_OF_A_ROW;
        // The rows are decided by the unique key of claims, by guarded updates, and by the locked rows of the registration and
        // of the grant; reading them serializably would make every two registrars that touch one page try again.
        self.db
            .write_isolated(Isolation::ReadCommitted, move |tx| {
                // The time is taken anew in each attempt: a lost race may have been lost to the end of the delegation.
                let now = clock.now();
                if !jobs::renew(tx, lease)? {
                    return Ok(Progress::LostLease);
                }
                let Some((registration, stopped)) = store::lock(tx, id)? else { return Ok(Progress::Finished) };
                let stopped = match stopped {
                    Some(code) => Some(code.parse().unwrap_or(FindingCode::Unexpected)),
                    None if poisoned => Some(FindingCode::Unexpected),
                    None => None,
                };
                let more = one_chunk(tx, &registration, (stopped, size), unmatched, now)?;
                jobs::progressed(tx, lease)?;
                if more {
                    return Ok(Progress::More);
                }
                finish(tx, &registration, now.after(kept), now)?;
                Ok(Progress::Finished)
            })
            .await
    }

    /// No row stays pending for ever: what could not be settled is told as an unexpected error.
    async fn fail_the_rest(&self, id: RegistrationId, lease: Lease) -> Sure<()> {
        let stop = move |tx: &mut Tx<'_>| -> Sure<bool> {
            let held = jobs::renew(tx, lease)?;
            if held {
                store::stop(tx, id, FindingCode::Unexpected.as_str())?;
            }
            Ok(held)
        };
        if !self.db.write(stop).await? {
            return Ok(());
        }
        while self.chunk(id, 0, lease).await? == Progress::More {}
        Ok(())
    }
}

/// One chunk: the delegation still stands, and the rows get their outcomes. Returns whether there is more to do.
fn one_chunk(
    tx: &mut Tx<'_>,
    registration: &Registration,
    (stopped, size): (Option<FindingCode>, i64),
    unmatched: Unmatched,
    now: Timestamp,
) -> Sure<bool> {
    let Some(chunk) = store::next_chunk(tx, registration, size)? else {
        return take_back(tx, registration, now);
    };
    let settled = match stopped {
        Some(code) => fail(tx, registration, chunk, code, now)?,
        None => match delegation::administer_for(tx, registration.acting, registration.customer, now) {
            Ok(proof) => store::settle_chunk(tx, &proof, chunk, unmatched, now)?,
            Err(Failure::Refused(_)) => {
                // Once it has lapsed the rest is stopped, even if it is granted again meanwhile.
                store::stop(tx, registration.id, FindingCode::RelMissing.as_str())?;
                fail(tx, registration, chunk, FindingCode::RelMissing, now)?
            }
            Err(Failure::Database(error)) => return Err(error.into()),
        },
    };
    store::record_settlement(tx, registration.id, settled, now)?;
    store::set_settled_through(tx, registration.id, chunk.until)?;
    let next = Registration { settled_through: chunk.until, ..registration.clone() };
    Ok(registration.state == RegistrationState::Voided || store::next_chunk(tx, &next, 1)?.is_some())
}

fn fail(
    tx: &mut Tx<'_>,
    registration: &Registration,
    chunk: Chunk,
    code: FindingCode,
    now: Timestamp,
) -> QueryResult<Settlement> {
    let failed = store::fail_chunk(tx, registration.customer, chunk, code, now)?;
    Ok(Settlement { failed: i64::try_from(failed).unwrap_or(i64::MAX), ..Settlement::default() })
}

/// Devices of a voided registration are deregistered, if the delegation still allows it. Returns whether there are more.
fn take_back(tx: &mut Tx<'_>, registration: &Registration, now: Timestamp) -> Sure<bool> {
    if registration.state != RegistrationState::Voided {
        return Ok(false);
    }
    match delegation::administer_for(tx, registration.acting, registration.customer, now) {
        Ok(proof) => Ok(!store::release_some(tx, &proof, registration.id, CHUNK, now)?.is_empty()),
        Err(Failure::Refused(_)) => Ok(false),
        Err(Failure::Database(error)) => Err(error.into()),
    }
}

fn finish(tx: &mut Tx<'_>, registration: &Registration, remove_at: Timestamp, now: Timestamp) -> QueryResult<()> {
    let id = registration.id;
    if store::finish(tx, id, now)? {
        store::remove_after(tx, id.uuid(), Some(remove_at))?;
        let settled = store::settled(tx, &[id])?.into_iter().next().map(|(_, settled)| settled).unwrap_or_default();
        let actor = System { organisation: Some(registration.acting.uuid()), request: RequestIds::fresh() };
        let event = Event::DevicesSettled {
            registration: id.uuid(),
            customer: registration.customer.uuid(),
            ready: settled.ready,
            failed: settled.failed,
        };
        audit::record(tx, &actor, &event, now)?;
    }
    Ok(())
}

/// Loads manifests.
pub struct Librarian {
    /// The database.
    pub db: Db,
    /// When entries are loaded.
    pub clock: Clock,
    /// Where manifests are staged.
    pub reception: Reception,
    /// Rows of a manifest at most.
    pub max_rows: u32,
}

impl Worker for Librarian {
    fn kinds(&self) -> Vec<JobKind> {
        vec![LOAD_DIRECTORY]
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        async move {
            let id = ImportId::from_uuid(job.subject_id.uuid());
            match self.load(id, lease).await {
                Ok(true) => Ending::Done,
                Ok(false) => Ending::LostLease,
                Err(ReceptionError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                    Ending::Dead("the staged copy of the manifest is gone; load it again".to_owned())
                }
                Err(error) => Ending::Later(Duration::from_secs(10), error.to_string()),
            }
        }
        .boxed()
    }
}

/// What a manifest is checked against.
pub(super) fn manifest_rules(max_rows: u32) -> Rules {
    Rules {
        audience: Audience::Supplier,
        max_rows,
        headerless: None,
        hash_check: HashCheck::Refuse,
        user_domains: None,
    }
}

impl Librarian {
    /// Whether the manifest is loaded as a whole; `false` if another worker took over.
    async fn load(&self, id: ImportId, lease: Lease) -> Result<bool, ReceptionError> {
        let found = self
            .db
            .read(move |read| -> Sure<_> { Ok((store::import(read, id)?, store::staged_files(read, id.uuid())?)) });
        let (Some(import), copies) = found.await? else { return Ok(true) };
        let copies: Vec<(String, StagedFileId)> =
            copies.into_iter().filter_map(|(name, copy)| Some((name, copy?))).collect();
        if copies.is_empty() {
            return Err(std::io::Error::from(std::io::ErrorKind::NotFound).into());
        }
        let (mut batches, reading) = self.reception.reread(copies, manifest_rules(self.max_rows), ENTRIES_AT_ONCE);
        while let Some(rows) = batches.recv().await {
            let last = rows.last().and_then(|row| i32::try_from(row.position).ok()).unwrap_or(i32::MAX);
            if last <= import.loaded_rows {
                continue;
            }
            let entries = entries_of(&rows);
            let loaded = self.db.write_isolated(Isolation::ReadCommitted, move |tx| -> Sure<bool> {
                if !jobs::renew(tx, lease)? {
                    return Ok(false);
                }
                store::upsert_entries(tx, &entries)?;
                store::set_loaded(tx, id, (last, "loading"), None)?;
                jobs::progressed(tx, lease)?;
                Ok(true)
            });
            if !loaded.await? {
                return Ok(false);
            }
        }
        let report = finished(reading).await?;
        let (rows, now) = (i32::try_from(report.rows).unwrap_or(i32::MAX), self.clock.now());
        let ended = self.db.write(move |tx| -> Sure<bool> {
            if !jobs::renew(tx, lease)? {
                return Ok(false);
            }
            Ok(actions::finish_import(tx, id, rows, now).map(|()| true)?)
        });
        Ok(ended.await?)
    }
}

/// Entries of rows, one for each device: of two rows that differ only in capitals the later one.
fn entries_of(rows: &[super::model::CheckedRow]) -> Vec<NewEntry> {
    let mut entries = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| row.refused.is_none()) {
        let entry = NewEntry::of(row);
        entries.insert(entry.key(), entry);
    }
    entries.into_values().collect()
}

/// Things removed in one go.
const AT_A_TIME: i64 = 500;
/// How long an upload may take at most; a copy that no registration names is left over after it.
const LEFT_OVER: Duration = Duration::from_secs(2 * 60 * 60);

/// Removes what is over: registrations that registered nothing, copies of files whose time has come, and what uploads left
/// that were cut off.
///
/// # Errors
/// The database's, or the staging folder's; what was removed before stays so.
pub async fn keep_house(reception: &Reception, db: &Db, clock: &Clock) -> Result<(), ReceptionError> {
    let now = clock.now();
    loop {
        let due = db.read(move |read| -> Sure<_> { Ok(actions::expired_copies(read, now, AT_A_TIME)?) }).await?;
        if due.is_empty() {
            break;
        }
        let (staging, copies) = (reception.staging().clone(), due.clone());
        let removing = tokio::task::spawn_blocking(move || copies.iter().try_for_each(|copy| staging.remove(*copy)));
        finished(removing).await?;
        db.write(move |tx| -> Sure<()> { Ok(actions::forget_copies(tx, &due)?) }).await?;
    }
    while db
        .write(move |tx| -> Sure<bool> { Ok(actions::remove_some(tx, now.before(LEFT_OVER), AT_A_TIME, now)?) })
        .await?
    {}
    let staging = reception.staging().clone();
    let old = finished(tokio::task::spawn_blocking(move || staging.older_than(LEFT_OVER, 500))).await?;
    let left = db.read(move |read| -> Sure<_> { Ok(actions::leftover_copies(read, &old)?) }).await?;
    let staging = reception.staging().clone();
    finished(tokio::task::spawn_blocking(move || left.iter().try_for_each(|copy| staging.remove(*copy)))).await?;
    Ok(())
}
