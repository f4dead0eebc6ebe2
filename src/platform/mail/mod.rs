//! Mail: a job in the transaction that wants it, rendered and sent by a worker, the same bytes every time.

mod smtp;
mod transport;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::QueryResult;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use tokio::time::Instant;

use super::clock::{Clock, Timestamp};
use super::db::{Db, Isolation, Read, Tx};
use super::error::Sure;
use super::http::BaseUrl;
use super::jobs::{self, Ending, Job, JobKind, LEASE, Lease, Worker};
use super::keys::Keys;
use super::pace::Pace;
use super::text::EmailAddress;

pub use smtp::{Security, SmtpSettings};
pub use transport::{Transport, TransportError};

/// How long a mail may take once it is begun. Longer than the lease, which is renewed meanwhile.
const WHOLE: Duration = Duration::from_secs(180);

/// How often the lease is renewed while a server takes its time, or another worker would send the mail beside this one.
const HEARTBEAT: Duration = Duration::from_secs(LEASE.as_secs() / 3);

/// Attempts of a mail: with the pauses of [`pause`] about 72 hours.
const ATTEMPTS: i32 = 79;

/// Declares a kind of mail.
///
/// A repeat is harmless: every rendering has the same Message-ID and bytes, so a mailbox shows it once.
pub const fn mail_kind(name: &'static str) -> JobKind {
    JobKind { name, attempts: ATTEMPTS }
}

/// One message to one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The one recipient.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// For programs that show HTML.
    pub html: String,
}

/// What a message may need beside the database: links are derived here, never stored.
#[derive(Clone, Debug)]
pub struct Stationery {
    /// Derives links.
    pub keys: Arc<Keys>,
    /// Where links lead.
    pub base: BaseUrl,
}

/// Renders a job's message from what the database says now; `None` if it is no longer wanted.
pub type Compose = fn(&mut Read<'_>, &Stationery, &Job, Timestamp) -> QueryResult<Option<Message>>;

/// Sends mail.
pub struct Postman {
    /// The database.
    pub db: Db,
    /// The clock by which links expire.
    pub clock: Clock,
    /// What messages are made with.
    pub stationery: Stationery,
    /// The sender of every message.
    pub from: Mailbox,
    /// The way out.
    pub transport: Transport,
    /// How many mails are sent at once.
    pub connections: usize,
    /// How often one begins; as often as wanted if absent.
    pub pace: Option<Pace>,
    /// The features' messages.
    pub composers: Vec<(JobKind, Compose)>,
}

impl Worker for Postman {
    fn kinds(&self) -> Vec<JobKind> {
        self.composers.iter().map(|(kind, _)| *kind).collect()
    }

    fn at_once(&self) -> usize {
        self.connections
    }

    fn pace(&self) -> Option<&Pace> {
        self.pace.as_ref()
    }

    fn work(&self, job: Job, lease: Lease) -> BoxFuture<'_, Ending> {
        async move {
            tokio::select! {
                ending = self.deliver(job) => ending,
                () = self.keep(lease) => Ending::LostLease,
            }
        }
        .boxed()
    }
}

impl Postman {
    /// Renews the lease, until another worker has taken over.
    async fn keep(&self, lease: Lease) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let renew = move |tx: &mut Tx<'_>| -> Sure<bool> { Ok(jobs::renew(tx, lease)?) };
            // A database that is away for a moment ends no lease: whoever wants to take over needs it as well.
            if let Ok(false) = self.db.write_isolated(Isolation::ReadCommitted, renew).await {
                return;
            }
        }
    }

    async fn deliver(&self, job: Job) -> Ending {
        let deadline = Instant::now() + WHOLE;
        let Some((_, compose)) = self.composers.iter().find(|(kind, _)| kind.name == job.kind) else {
            return Ending::Dead(format!("no message of kind {}", job.kind));
        };
        let (compose, stationery, now) = (*compose, self.stationery.clone(), self.clock.now());
        let attempts = job.attempts;
        let wanted = job.clone();
        let message = match self.db.read(move |read| -> Sure<_> { Ok(compose(read, &stationery, &wanted, now)?) }).await
        {
            Ok(Some(message)) => message,
            Ok(None) => return Ending::Dropped,
            Err(error) => return Ending::Later(pause(attempts), error.to_string()),
        };
        let bytes = match self.bytes(&job, &message) {
            Ok(bytes) => bytes,
            Err(reason) => return Ending::Dead(reason),
        };
        let name = job.id.to_string();
        match self.transport.send(&self.from, &message.to, &name, &bytes, deadline).await {
            Ok(()) => {
                tracing::info!(to = %message.to.masked(), job = %job.id, "mail sent");
                Ending::Done
            }
            Err(TransportError::Permanent(reason)) => Ending::Dead(reason),
            Err(TransportError::Temporary(reason)) => Ending::Later(pause(attempts), reason),
        }
    }

    /// The message as it is sent. Everything in it derives from the job, so two renderings are equal.
    fn bytes(&self, job: &Job, message: &Message) -> Result<Vec<u8>, String> {
        let (text, html) = (plain(&message.text)?, plain(&message.html)?);
        if message.subject.chars().any(char::is_control) {
            return Err("the subject holds a control character".to_owned());
        }
        let build = || -> Result<Vec<u8>, String> {
            let to = message.to.as_str().parse().map_err(|error| format!("recipient: {error}"))?;
            let parts = MultiPart::builder()
                .kind(MultiPartKind::Alternative)
                .boundary(format!("partner-center-{}", job.id))
                .singlepart(SinglePart::plain(text))
                .singlepart(SinglePart::html(html));
            let built = lettre::Message::builder()
                .from(self.from.clone())
                .to(Mailbox::new(None, to))
                .raw_header(subject(&message.subject))
                .message_id(Some(format!("<{}@{}>", job.id, self.stationery.base.host())))
                .date(job.created_at.to_system_time())
                .multipart(parts)
                .map_err(|error| error.to_string())?;
            Ok(built.formatted())
        };
        // The mail library panics on some header values; a message must not take the worker with it.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(build))
            .unwrap_or_else(|_| Err("the message cannot be written as mail".to_owned()))
    }
}

/// The subject as it was written. The library loses blanks between words that it encodes, and leaves what looks like an
/// encoded word (RFC 2047), which would then be shown as what it encodes, line breaks included.
fn subject(text: &str) -> HeaderValue {
    /// Bytes that fit into an encoded word of 75 characters.
    const WORD: usize = 45;
    let name = HeaderName::new_from_ascii_str("Subject");
    if text.is_ascii() && !text.contains("=?") {
        return HeaderValue::new(name, text.to_owned());
    }
    let mut words = vec![String::new()];
    for character in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + character.len_utf8() <= WORD => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    let encoded = words.iter().map(|word| format!("=?utf-8?b?{}?=", STANDARD.encode(word)));
    let encoded = encoded.collect::<Vec<_>>().join("\r\n ");
    HeaderValue::dangerous_new_pre_encoded(name, text.to_owned(), encoded)
}

/// The lines of a text, ended alike, and nothing else that controls: what each feature checks at its input holds for all.
fn plain(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        true => Err("the text holds a control character".to_owned()),
        false => Ok(text),
    }
}

/// The pause after attempt `attempts`: from half a minute, doubling, to at most one hour.
fn pause(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(7);
    Duration::from_secs(30 * 2_u64.pow(doublings)).min(Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_1_retries_last_about_three_days() {
        let total: Duration = (0..ATTEMPTS - 1).map(pause).sum();
        let hours = total.as_secs() / 3600;
        assert!((72..=74).contains(&hours), "{hours} hours");
    }

    #[test]
    fn drf_1_lines_end_alike_and_nothing_else_controls() {
        assert_eq!(plain("a\r\nb\rc\n\td"), Ok("a\nb\nc\n\td".to_owned()));
        for bad in ["a\u{0}", "a\u{1b}[2J", "a\u{8}", "a\u{7f}", "a\u{85}b"] {
            assert!(plain(bad).is_err(), "{bad:?}");
        }
    }
}
