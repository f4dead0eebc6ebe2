//! What happens to granular administration by the calendar: reminders before its end, extension, and its end told.
//! Whether it holds is never decided here: the gate asks the clock.

use std::time::Duration;

use diesel::QueryResult;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::actions::{Told, tell_customer};
use super::mail;
use super::model::{EXTENSION_DAYS, GrantId, Granular, GranularState, NoticeKind};
use super::store::granular as store;
use crate::access::{self, CustomerId, News, Topic};
use crate::audit::{self, Event, System};
use crate::platform::clock::{Clock, Timestamp, days};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Failure, Sure};
use crate::platform::http::RequestIds;
use crate::platform::jobs::{self, Ending, Job, JobKind, Lease, Worker};

/// A delegated admin relationship comes near its end, or to it. A repeat does nothing: the job is done in the transaction
/// in which it wants its mails.
pub const MILESTONE: JobKind = JobKind { name: "administration_milestone", attempts: 8 };

/// What comes how long before the end (section 18.4 of the contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Milestone {
    Reminder,
    /// So early that nobody who is extended stands before a closed gate.
    Extension,
    End,
}

const MILESTONES: [(Milestone, Duration); 5] = [
    (Milestone::Reminder, days(30)),
    (Milestone::Reminder, days(7)),
    (Milestone::Reminder, days(1)),
    (Milestone::Extension, Duration::from_secs(60 * 60)),
    (Milestone::End, Duration::ZERO),
];

/// How the job for one milestone of one end is told from the others of the relationship: by the version at which that end
/// was set.
fn job_version(version: i32, number: usize) -> i32 {
    let milestones = i32::try_from(MILESTONES.len()).unwrap_or(i32::MAX);
    version * milestones + i32::try_from(number).unwrap_or_default()
}

fn milestone_of(job_version: i32) -> Option<(Milestone, Duration)> {
    let milestones = i32::try_from(MILESTONES.len()).unwrap_or(i32::MAX);
    MILESTONES.get(usize::try_from(job_version % milestones).ok()?).copied()
}

/// Wants what is to happen before and at `ends_at`, which was set at `version` of the relationship. Of an end that is near
/// from the beginning nobody is reminded at the beginning.
///
/// # Errors
/// Only the database's.
pub(super) fn want_milestones(
    tx: &mut Tx<'_>,
    id: GrantId,
    version: i32,
    ends_at: Timestamp,
    now: Timestamp,
) -> QueryResult<()> {
    let ahead = |milestone: &(usize, &(Milestone, Duration))| ends_at.before(milestone.1.1) > now;
    for (number, (_, before)) in MILESTONES.iter().enumerate().filter(ahead) {
        jobs::want(tx, MILESTONE, id.uuid(), job_version(version, number), ends_at.before(*before))?;
    }
    Ok(())
}

/// Reminds of, extends and tells the end of granular administration.
pub struct AdministrationKeeper {
    /// The database.
    pub db: Db,
    /// The clock by which it ends.
    pub clock: Clock,
}

impl Worker for AdministrationKeeper {
    fn kinds(&self) -> Vec<JobKind> {
        vec![MILESTONE]
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        async move {
            let now = self.clock.now();
            let kept = self.db.write(move |tx| keep(tx, &job, lease, now)).await;
            kept.unwrap_or_else(|failure| match failure {
                Failure::Refused(never) => match never {},
                Failure::Database(error) => Ending::Later(Duration::from_secs(60), error.to_string()),
            })
        }
        .boxed()
    }
}

fn keep(tx: &mut Tx<'_>, job: &Job, lease: Lease, now: Timestamp) -> Sure<Ending> {
    if !jobs::finish(tx, lease, now)? {
        return Ok(Ending::LostLease);
    }
    let Some((milestone, before)) = milestone_of(job.version) else { return Ok(Ending::Done) };
    let found = store::by_id(tx, GrantId::from_uuid(job.subject_id.uuid()))?;
    let Some(one) = found.filter(|one| one.state == GranularState::Active) else { return Ok(Ending::Done) };
    let (Some(customer), Some(ends_at)) = (one.customer, one.ends_at) else { return Ok(Ending::Done) };
    // Wanted for an end that has moved since.
    if now < ends_at.before(before) {
        return Ok(Ending::Done);
    }
    let over = now >= ends_at;
    match milestone {
        // Of what is over nobody is reminded.
        Milestone::Reminder if over => {}
        Milestone::Reminder => {
            let kind = if one.terms.auto_extend { NoticeKind::Extending } else { NoticeKind::Ending };
            tell_both(tx, &one, customer, kind, ends_at, now)?;
        }
        Milestone::Extension if one.terms.auto_extend => extend(tx, &one, customer, ends_at, now)?,
        Milestone::Extension => {}
        // Switched on in its last hour: late, but as agreed.
        Milestone::End if one.terms.auto_extend => extend(tx, &one, customer, ends_at, now)?,
        Milestone::End => {
            let event = Event::GranularAdministrationExpired {
                relationship: one.id.uuid(),
                customer: customer.uuid(),
                partner: one.partner.uuid(),
            };
            audit::record(tx, &actor(&one), &event, now)?;
            tell_both(tx, &one, customer, NoticeKind::Expired, ends_at, now)?;
        }
    }
    Ok(Ending::Done)
}

fn actor(one: &Granular) -> System {
    System { organisation: Some(one.partner.uuid()), request: RequestIds::fresh() }
}

fn tell_both(
    tx: &mut Tx<'_>,
    one: &Granular,
    customer: CustomerId,
    kind: NoticeKind,
    ends_at: Timestamp,
    now: Timestamp,
) -> QueryResult<()> {
    tell_customer(tx, &Told::about(one, customer, kind, Some(ends_at)), now)?;
    let news = News { topic: Topic::AdministrationEnding, subject: one.id.uuid(), mail: mail::NEWS };
    access::notify(tx, one.partner.into(), &news, one.created_by, None, now)
}

fn extend(
    tx: &mut Tx<'_>,
    one: &Granular,
    customer: CustomerId,
    ends_at: Timestamp,
    now: Timestamp,
) -> QueryResult<()> {
    let mut until = ends_at;
    // After a long standstill one extension may not reach the present.
    while until <= now.after(MILESTONES[3].1) {
        until = until.after(days(u64::try_from(EXTENSION_DAYS).unwrap_or_default()));
    }
    if !store::extend(tx, one.id, ends_at, until, now)? {
        return Ok(());
    }
    want_milestones(tx, one.id, one.version + 1, until, now)?;
    let event = Event::GranularAdministrationExtended {
        relationship: one.id.uuid(),
        customer: customer.uuid(),
        partner: one.partner.uuid(),
        until: until.to_string(),
    };
    audit::record(tx, &actor(one), &event, now)?;
    tell_customer(tx, &Told::about(one, customer, NoticeKind::Extended, Some(until)), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_milestone_of_every_end_is_a_job_of_its_own() {
        let mut seen = std::collections::HashSet::new();
        for version in 1..50 {
            for (number, milestone) in MILESTONES.iter().enumerate() {
                assert!(seen.insert(job_version(version, number)));
                assert_eq!(milestone_of(job_version(version, number)), Some(*milestone));
            }
        }
    }
}
