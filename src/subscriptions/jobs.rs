//! What happens to subscriptions by the clock. Whether one runs is never decided here: whoever asks asks the clock.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::actions::{RENEWAL, keep_terms, renew_one};
use super::model::SubscriptionId;
use crate::platform::clock::{Clock, Timestamp};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Failure, Sure};
use crate::platform::jobs::{self, Ending, Job, JobKind, Lease, Worker};

/// Renews subscriptions whose next term is to be different, when it begins.
pub struct SubscriptionKeeper {
    /// The database.
    pub db: Db,
    /// The clock by which terms end.
    pub clock: Clock,
}

impl Worker for SubscriptionKeeper {
    fn kinds(&self) -> Vec<JobKind> {
        vec![RENEWAL]
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        async move {
            let now = self.clock.now();
            let renewed = self.db.write(move |tx| renew(tx, &job, lease, now)).await;
            renewed.unwrap_or_else(|failure| match failure {
                Failure::Refused(never) => match never {},
                Failure::Database(error) => Ending::Later(Duration::from_secs(60), error.to_string()),
            })
        }
        .boxed()
    }
}

fn renew(tx: &mut Tx<'_>, job: &Job, lease: Lease, now: Timestamp) -> Sure<Ending> {
    if !jobs::finish(tx, lease, now)? {
        return Ok(Ending::LostLease);
    }
    renew_one(tx, SubscriptionId::from_uuid(job.subject_id.uuid()), now)?;
    Ok(Ending::Done)
}

/// Subscriptions of one transaction.
const AT_A_TIME: i64 = 500;

/// Keeps renewals that change nothing else, and the end of what is over for good, in transactions of their own.
///
/// # Errors
/// Only the database's; what was kept before stays kept.
pub async fn keep_house(db: &Db, clock: &Clock) -> Sure<()> {
    loop {
        let now = clock.now();
        let more = db.write(move |tx| -> Sure<bool> { Ok(keep_terms(tx, AT_A_TIME, now)?) }).await?;
        if !more {
            return Ok(());
        }
    }
}
