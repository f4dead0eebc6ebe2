//! Work that leaves the process or takes long: a row, written in the transaction that wants it.
//!
//! A worker leases a due row, does the work and settles the row. If the worker dies, the lease ends and another takes
//! over; so every kind of job must be harmless to repeat, and says at its declaration why it is. Attempts are counted
//! before the work: a job that kills its worker is given up as well, visibly, as `dead`.

mod worker;

use std::time::Duration;

use diesel::prelude::*;

use super::clock::Timestamp;
use super::db::{Read, Tx, insert_all};
use crate::{ids, words};

pub use worker::{Worker, run, work_once};

ids! {
    /// A job. The mail it sends carries it as Message-ID.
    JobId,
    /// One worker's hold on a job: the fence that keeps a worker which lost its lease from writing.
    LeaseId,
}

words! {
    /// Where a job stands.
    JobState {
        /// Due now or later, or leased.
        Waiting = "waiting",
        /// Done.
        Done = "done",
        /// No longer wanted when its turn came.
        Dropped = "dropped",
        /// Given up; a person has to look.
        Dead = "dead",
    }
}

mod table {
    diesel::table! {
        use diesel::sql_types::*;
        use crate::platform::db::types::{Id, Moment};
        jobs (id) {
            id -> Id,
            kind -> Text,
            subject_id -> Id,
            version -> Integer,
            state -> Text,
            created_at -> Moment,
            due_at -> Moment,
            attempts -> Integer,
            lease_id -> Nullable<Id>,
            leased_until -> Nullable<Moment>,
            last_error -> Nullable<Text>,
            finished_at -> Nullable<Moment>,
        }
    }
}
use table::jobs;

/// A kind of job: its name in the table and how patient we are with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobKind {
    /// The name in the table.
    pub name: &'static str,
    /// Attempts before it is given up.
    pub attempts: i32,
}

/// A job that this worker holds.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The name of its kind.
    pub kind: String,
    /// What it is about; which table that is in, the kind says.
    pub subject_id: SubjectId,
    /// The version of the subject it was wanted for.
    pub version: i32,
    /// When it was wanted.
    pub created_at: Timestamp,
    /// Attempts begun before this one.
    pub attempts: i32,
}

ids! {
    /// What a job is about, whatever its type.
    SubjectId,
}

/// A worker's hold on a job.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    job: JobId,
    lease: LeaseId,
}

/// How a job ended this time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done.
    Done,
    /// No longer wanted: its subject was revoked, answered or has expired.
    Dropped,
    /// Try again after the delay.
    Later(Duration, String),
    /// Not done yet, and others wait: it comes again after them.
    Again,
    /// Trying again cannot help.
    Dead(String),
    /// Somebody else holds the job now; nothing may be written.
    LostLease,
}

/// How long a lease lasts without a heartbeat.
pub const LEASE: Duration = Duration::from_secs(30);

/// Wants `kind` for `subject` done at `due`. Wanting the same twice is one job.
///
/// # Errors
/// Only the database's.
pub fn want(tx: &mut Tx<'_>, kind: JobKind, subject: uuid::Uuid, version: i32, due: Timestamp) -> QueryResult<()> {
    want_each(tx, kind, &[subject], version, due)
}

/// The same for each of a few hundred subjects, in one set.
///
/// # Errors
/// Only the database's.
pub fn want_each(
    tx: &mut Tx<'_>,
    kind: JobKind,
    subjects: &[uuid::Uuid],
    version: i32,
    due: Timestamp,
) -> QueryResult<()> {
    let mut subjects: Vec<SubjectId> = subjects.iter().copied().map(SubjectId::from_uuid).collect();
    let wanted: Vec<SubjectId> = jobs::table
        .filter(jobs::kind.eq(kind.name))
        .filter(jobs::subject_id.eq_any(&subjects))
        .filter(jobs::version.eq(version))
        .select(jobs::subject_id)
        .load(tx.connection())?;
    subjects.retain(|subject| !wanted.contains(subject));
    let new = |subject_id| NewJob {
        id: JobId::fresh(),
        kind: kind.name,
        subject_id,
        version,
        state: JobState::Waiting.as_str(),
        created_at: due,
        due_at: due,
        attempts: 0,
    };
    let new: Vec<NewJob> = subjects.into_iter().map(new).collect();
    if !new.is_empty() {
        insert_all!(tx, jobs::table, new)?;
        tx.ring_after_commit();
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = jobs)]
struct NewJob {
    id: JobId,
    kind: &'static str,
    subject_id: SubjectId,
    version: i32,
    state: &'static str,
    created_at: Timestamp,
    due_at: Timestamp,
    attempts: i32,
}

/// Takes the oldest due job whose lease is free, if there is one, and counts the attempt.
fn claim(tx: &mut Tx<'_>, kinds: &[JobKind], now: Timestamp) -> QueryResult<Option<(Job, Lease)>> {
    let database_now = tx.database_now()?;
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    let free = jobs::leased_until.is_null().or(jobs::leased_until.lt(database_now));
    let job = jobs::table
        .filter(jobs::state.eq(JobState::Waiting.as_str()))
        .filter(jobs::due_at.le(now))
        .filter(jobs::kind.eq_any(names))
        .filter(free)
        .order((jobs::due_at, jobs::id))
        .select(Job::as_select())
        .first(tx.connection())
        .optional()?;
    let Some(job) = job else { return Ok(None) };
    let lease = Lease { job: job.id, lease: LeaseId::fresh() };
    // Guarded: of two workers that saw the same free job, the second changes no row.
    let taken = diesel::update(jobs::table)
        .filter(jobs::id.eq(job.id))
        .filter(jobs::state.eq(JobState::Waiting.as_str()))
        .filter(jobs::leased_until.is_null().or(jobs::leased_until.lt(database_now)))
        .set((
            jobs::lease_id.eq(lease.lease),
            jobs::leased_until.eq(database_now.after(LEASE)),
            jobs::attempts.eq(jobs::attempts + 1),
        ))
        .execute(tx.connection())?;
    Ok((taken == 1).then_some((job, lease)))
}

/// Proves, within `tx`, that this worker still holds the job, and holds it for another [`LEASE`].
///
/// # Errors
/// Only the database's. `false` means that another worker took over: write nothing.
pub fn renew(tx: &mut Tx<'_>, lease: Lease) -> QueryResult<bool> {
    let until = tx.database_now()?.after(LEASE);
    let held = diesel::update(jobs::table)
        .filter(jobs::id.eq(lease.job))
        .filter(jobs::lease_id.eq(lease.lease))
        .set(jobs::leased_until.eq(until))
        .execute(tx.connection())?;
    Ok(held == 1)
}

/// The job is done, within `tx`: whatever it wanted there is wanted once, however often its worker dies. `false` means
/// that another worker took over: write nothing.
///
/// # Errors
/// Only the database's.
pub fn finish(tx: &mut Tx<'_>, lease: Lease, now: Timestamp) -> QueryResult<bool> {
    let held = diesel::update(jobs::table)
        .filter(jobs::id.eq(lease.job))
        .filter(jobs::lease_id.eq(lease.lease))
        .set((
            jobs::state.eq(JobState::Done.as_str()),
            jobs::finished_at.eq(now),
            jobs::lease_id.eq(None::<LeaseId>),
            jobs::leased_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection())?;
    Ok(held == 1)
}

/// A part of the job is done, within `tx`: attempts are counted from here.
///
/// # Errors
/// Only the database's.
pub fn progressed(tx: &mut Tx<'_>, lease: Lease) -> QueryResult<()> {
    diesel::update(jobs::table)
        .filter(jobs::id.eq(lease.job))
        .filter(jobs::lease_id.eq(lease.lease))
        .set(jobs::attempts.eq(1))
        .execute(tx.connection())?;
    Ok(())
}

/// Frees every lease: for the one process that serves a SQLite file, whose predecessor is gone with what it held.
///
/// # Errors
/// Only the database's.
pub fn free_leases(tx: &mut Tx<'_>) -> QueryResult<usize> {
    diesel::update(jobs::table)
        .filter(jobs::lease_id.is_not_null())
        .set((jobs::lease_id.eq(None::<LeaseId>), jobs::leased_until.eq(None::<Timestamp>)))
        .execute(tx.connection())
}

fn settle(
    tx: &mut Tx<'_>,
    lease: Lease,
    kind: JobKind,
    attempts: i32,
    ending: &Ending,
    now: Timestamp,
) -> QueryResult<()> {
    let (state, due, error) = match ending {
        Ending::LostLease => return Ok(()),
        Ending::Done => (JobState::Done, now, None),
        Ending::Dropped => (JobState::Dropped, now, None),
        Ending::Again => (JobState::Waiting, now, None),
        Ending::Dead(reason) => (JobState::Dead, now, Some(reason)),
        Ending::Later(delay, reason) if attempts + 1 < kind.attempts => {
            (JobState::Waiting, now.after(*delay), Some(reason))
        }
        Ending::Later(_, reason) => (JobState::Dead, now, Some(reason)),
    };
    diesel::update(jobs::table)
        .filter(jobs::id.eq(lease.job))
        .filter(jobs::lease_id.eq(lease.lease))
        .set((
            jobs::state.eq(state.as_str()),
            jobs::due_at.eq(due),
            jobs::last_error.eq(error.map(|reason| shown(reason))),
            jobs::finished_at.eq((state != JobState::Waiting).then_some(now)),
            jobs::lease_id.eq(None::<LeaseId>),
            jobs::leased_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// A reason as it is kept: others wrote parts of it, and one database takes no NUL.
fn shown(reason: &str) -> String {
    let clean = reason.replace(char::is_control, " ");
    crate::platform::text::shorten(clean.trim(), 500)
}

/// A job given up, for the operator.
#[derive(Debug, Queryable)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Why it was given up.
    pub last_error: Option<String>,
}

/// Counts of jobs that are due and wait, and the dead ones, at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn backlog(read: &mut Read<'_>, limit: i64, now: Timestamp) -> QueryResult<(i64, Vec<DeadJob>)> {
    let waiting = jobs::table
        .filter(jobs::state.eq(JobState::Waiting.as_str()))
        .filter(jobs::due_at.le(now))
        .count()
        .get_result(read.connection())?;
    let dead = jobs::table
        .filter(jobs::state.eq(JobState::Dead.as_str()))
        .order(jobs::id)
        .limit(limit)
        .select((jobs::id, jobs::kind, jobs::last_error))
        .load(read.connection())?;
    Ok((waiting, dead))
}

/// Where a job stands, for the time line of its subject.
#[derive(Clone, Debug, Queryable)]
pub struct Standing {
    /// What it is about.
    pub subject_id: SubjectId,
    /// The version of the subject it was wanted for.
    pub version: i32,
    /// Its state.
    pub state: String,
    /// Attempts begun.
    pub attempts: i32,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

impl Standing {
    /// Whether it was given up because trying again could not help, not because its attempts were used up.
    pub fn was_refused(&self, kind: JobKind) -> bool {
        self.state == JobState::Dead.as_str() && self.attempts < kind.attempts
    }
}

/// Where the jobs wanted for some subjects stand, oldest first.
///
/// # Errors
/// Only the database's.
pub fn of_subjects(read: &mut Read<'_>, kind: JobKind, subjects: &[uuid::Uuid]) -> QueryResult<Vec<Standing>> {
    let ids: Vec<SubjectId> = subjects.iter().copied().map(SubjectId::from_uuid).collect();
    let mut found = Vec::with_capacity(ids.len());
    // SQLite takes a bounded number of parameters.
    for some in ids.chunks(5_000) {
        let rows: Vec<Standing> = jobs::table
            .filter(jobs::kind.eq(kind.name))
            .filter(jobs::subject_id.eq_any(some))
            .order(jobs::id)
            .select((jobs::subject_id, jobs::version, jobs::state, jobs::attempts, jobs::finished_at, jobs::last_error))
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Which jobs count, when one asks whether there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Whatever has become of it.
    Ever,
    /// Only one that is still to be done.
    Waiting,
}

/// The ids among `subjects` for which there is no such job of `kind`: for the invariants.
///
/// # Errors
/// Only the database's.
pub fn unwanted(
    read: &mut Read<'_>,
    kind: JobKind,
    which: Which,
    subjects: &[uuid::Uuid],
) -> QueryResult<Vec<uuid::Uuid>> {
    let ids: Vec<SubjectId> = subjects.iter().copied().map(SubjectId::from_uuid).collect();
    let mut missing = subjects.to_vec();
    for chunk in ids.chunks(500) {
        let mut query = jobs::table
            .filter(jobs::kind.eq(kind.name))
            .filter(jobs::subject_id.eq_any(chunk))
            .select(jobs::subject_id)
            .into_boxed();
        if which == Which::Waiting {
            query = query.filter(jobs::state.eq(JobState::Waiting.as_str()));
        }
        let found: Vec<SubjectId> = query.load(read.connection())?;
        missing.retain(|id| !found.iter().any(|found| found.uuid() == *id));
    }
    Ok(missing)
}
