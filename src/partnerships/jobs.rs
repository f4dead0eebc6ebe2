//! What happens to invitations later: reminders before their end.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::actions;
use super::mail;
use super::model::{InvitationId, REMINDERS};
use super::store::invitations::{self as store, Counted};
use crate::access::{self, News, Topic};
use crate::audit::{self, Event, System};
use crate::platform::clock::{Clock, Timestamp, days};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Failure, Sure};
use crate::platform::http::RequestIds;
use crate::platform::jobs::{self, Ending, Job, JobKind, JobState, Lease, Worker};

/// An open invitation comes to its end. A repeat does nothing: the job is done in the transaction in which it wants its
/// mails.
pub const EXPIRING: JobKind = JobKind { name: "invitation_expiring", attempts: 8 };

/// How the job for one reminder of one link is told from the others of the invitation.
pub(super) fn reminder_version(link_version: i32, number: usize) -> i32 {
    let reminders = i32::try_from(REMINDERS.len()).unwrap_or(i32::MAX);
    link_version * reminders + i32::try_from(number).unwrap_or_default()
}

/// Of which link a reminder is.
pub(super) fn link_of_reminder(version: i32) -> i32 {
    version / i32::try_from(REMINDERS.len()).unwrap_or(i32::MAX)
}

/// Reminds of invitations.
pub struct Reminder {
    /// The database.
    pub db: Db,
    /// The clock by which invitations end.
    pub clock: Clock,
    /// Mails to one mailbox in 24 hours at most.
    pub mails_per_mailbox: i64,
}

impl Worker for Reminder {
    fn kinds(&self) -> Vec<JobKind> {
        vec![EXPIRING]
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        async move {
            let (now, allowed) = (self.clock.now(), self.mails_per_mailbox);
            let reminded = self.db.write(move |tx| remind(tx, &job, lease, allowed, now)).await;
            reminded.unwrap_or_else(|failure| match failure {
                Failure::Refused(never) => match never {},
                Failure::Database(error) => Ending::Later(std::time::Duration::from_secs(60), error.to_string()),
            })
        }
        .boxed()
    }
}

fn remind(tx: &mut Tx<'_>, job: &Job, lease: Lease, allowed: i64, now: Timestamp) -> Sure<Ending> {
    if !jobs::finish(tx, lease, now)? {
        return Ok(Ending::LostLease);
    }
    let id = InvitationId::from_uuid(job.subject_id.uuid());
    let link = link_of_reminder(job.version);
    let open = store::by_id(tx, id)?.filter(|found| found.is_open(now) && found.link_version == link);
    let Some(invitation) = open else { return Ok(Ending::Done) };
    if actions::is_pointless(tx, &invitation)? {
        return Ok(Ending::Done);
    }
    let mails = jobs::of_subjects(tx, mail::INVITATION, &[id.uuid()])?;
    let was_mailed = mails.iter().any(|mail| mail.version == link && mail.state == JobState::Done.as_str());
    // Of a draft that was never sent nobody expects an answer.
    if !was_mailed && invitation.sent_outside_at.is_none() {
        return Ok(Ending::Done);
    }
    let provider = invitation.provider;
    let news = News { topic: Topic::InvitationExpiring, subject: id.uuid(), mail: mail::NEWS };
    access::notify(tx, provider.into(), &news, invitation.created_by, None, now)?;
    // Only who got the invitation from here is reminded from here.
    let full = store::nth_newest_mail(tx, Counted::To(&invitation.email), allowed, now.before(days(1)))?.is_some();
    if was_mailed && !full {
        store::count_mail(tx, &invitation.email, provider, None, now)?;
        jobs::want(tx, mail::REMINDER, id.uuid(), job.version, now)?;
        let actor = System { organisation: Some(provider.uuid()), request: RequestIds::fresh() };
        audit::record(tx, &actor, &Event::InvitationReminded { invitation: id.uuid() }, now)?;
    }
    Ok(Ending::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reminder_of_every_link_is_a_job_of_its_own() {
        let mut seen = std::collections::HashSet::new();
        for link in 1..50 {
            for number in 0..REMINDERS.len() {
                let version = reminder_version(link, number);
                assert!(seen.insert(version));
                assert_eq!(link_of_reminder(version), link);
            }
        }
    }
}
