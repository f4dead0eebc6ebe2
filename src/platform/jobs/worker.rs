//! Those who do the jobs: claim one, do it, settle it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;

use super::{Ending, Job, JobKind, Lease, claim, settle};
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::db::{Db, Isolation};
use crate::platform::error::Sure;
use crate::platform::pace::Pace;

/// Does jobs of some kinds.
pub trait Worker: Send + Sync + 'static {
    /// The kinds it does.
    fn kinds(&self) -> Vec<JobKind>;

    /// How many of its jobs a process does at once.
    fn at_once(&self) -> usize {
        1
    }

    /// How often it begins a job; as often as there is one if absent.
    fn pace(&self) -> Option<&Pace> {
        None
    }

    /// Leaves nothing half done when a job is given up. A repeat must be harmless.
    fn give_up(&self, _: &Job, _: Lease) -> BoxFuture<'_, Sure<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Does one job. It may have been done before, wholly or in part.
    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending>;
}

/// Does one due job. `false` if there was none.
///
/// # Errors
/// Only the database's; the job is then found again when its lease ends.
pub async fn work_once(db: &Db, worker: &dyn Worker, now: Timestamp) -> Sure<bool> {
    let Some((job, lease)) = next_job(db, worker, now).await? else { return Ok(false) };
    do_job(db, worker, job, lease, now).await
}

async fn next_job(db: &Db, worker: &dyn Worker, now: Timestamp) -> Sure<Option<(Job, Lease)>> {
    let kinds = worker.kinds();
    // Guarded updates decide over single rows, so nothing is gained by serializable here.
    db.write_isolated(Isolation::ReadCommitted, move |tx| -> Sure<_> { Ok(claim(tx, &kinds, now)?) }).await
}

async fn do_job(db: &Db, worker: &dyn Worker, job: Job, lease: Lease, now: Timestamp) -> Sure<bool> {
    let Some(kind) = worker.kinds().into_iter().find(|kind| kind.name == job.kind) else { return Ok(false) };
    let attempts = job.attempts;
    let wanted = job.clone();
    let ending = if attempts >= kind.attempts {
        Ending::Dead("given up: the last attempt never ended".to_owned())
    } else {
        let (id, name) = (job.id, kind.name);
        let ending = worker.work(job, lease).await;
        tracing::info!(job = %id, kind = name, ending = ?ending, "job");
        ending
    };
    let over =
        matches!(&ending, Ending::Dead(_)) || matches!(&ending, Ending::Later(..)) && attempts + 1 >= kind.attempts;
    if over {
        worker.give_up(&wanted, lease).await?;
    }
    db.write_isolated(Isolation::ReadCommitted, move |tx| -> Sure<_> {
        Ok(settle(tx, lease, kind, attempts, &ending, now)?)
    })
    .await?;
    Ok(true)
}

/// Does one due job at the worker's pace. The turn comes before the claim, so that waiting for it holds no lease.
async fn work_at_pace(db: &Db, worker: &dyn Worker, clock: &Clock, mut stop: watch::Receiver<bool>) -> Sure<bool> {
    let turn = match worker.pace() {
        None => None,
        Some(pace) => tokio::select! {
            turn = pace.turn() => Some(turn),
            _ = stop.wait_for(|stop| *stop) => return Ok(false),
        },
    };
    let now = clock.now();
    let Some((job, lease)) = next_job(db, worker, now).await? else { return Ok(false) };
    if let Some(turn) = turn {
        turn.take();
    }
    do_job(db, worker, job, lease, now).await
}

/// Does jobs as they fall due, until `stop` is told. The job at hand is finished first.
pub async fn run(db: Db, worker: Arc<dyn Worker>, clock: Clock, mut stop: watch::Receiver<bool>) {
    /// How often the table is looked at unasked: for jobs due later and those of other copies.
    const LOOK: Duration = Duration::from_millis(500);
    /// The pause after a database error.
    const PAUSE: Duration = Duration::from_secs(2);
    while !*stop.borrow() {
        // A job that panics must not take the others with it: its attempt is counted, and it comes again.
        let worked = AssertUnwindSafe(work_at_pace(&db, worker.as_ref(), &clock, stop.clone())).catch_unwind().await;
        let rest = match worked {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => LOOK,
            Err(_) => {
                tracing::error!("a job panicked");
                PAUSE
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the worker could not reach the database");
                PAUSE
            }
        };
        tokio::select! {
            () = db.work_wanted(rest) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}
