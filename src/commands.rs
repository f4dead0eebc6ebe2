//! The commands that do one thing and end.

mod checking;

use std::fmt;
use std::path::Path;

use secrecy::ExposeSecret;

use crate::access::{self, NewPerson, Role};
use crate::app::{StartError, db_settings};
use crate::audit::{self, Mark, System, Verification};
use crate::config::Settings;
use crate::devices::{self, Heading, read_file};
use crate::overview;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Isolation, OpenError, without_password};
use crate::platform::error::{Failure, Outcome, Refusal, Sure};
use crate::platform::http::RequestIds;
use crate::platform::installation::{self, Contents, Purpose};
use crate::platform::jobs;
use crate::platform::keys::Keys;
use crate::platform::text::{EmailAddress, Line};
use crate::subscriptions::{self, OffersImported};

pub use checking::{DeviceCheck, check_devices};

fn open(settings: &Settings) -> Result<(Db, Keys), StartError> {
    let db = Db::open(&db_settings(settings))?;
    let keys = told(installation::keys_of(&db, &settings.key_file(), Purpose::Service, Clock::system().now()))?;
    Ok((db, keys))
}

fn told<T, R: Refusal>(outcome: Outcome<T, R>) -> Result<T, StartError> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => {
            let details: Vec<String> = refusal.details().into_iter().skip(1).collect();
            let further: String = details.iter().flat_map(|line| ["\n  ", line]).collect();
            StartError::Setting(format!("{refusal}{further}"))
        }
        Failure::Database(error) => StartError::Setting(format!("the database failed: {error}")),
    })
}

fn setting(error: impl fmt::Display) -> StartError {
    StartError::Setting(error.to_string())
}

/// Creates an operator's account; the answer tells how to activate it.
///
/// # Errors
/// Names what is wrong with the arguments, or why the database cannot be used.
pub fn create_operator(settings: &Settings, email: String, name: String) -> Result<String, StartError> {
    let email = EmailAddress::try_from(email).map_err(setting)?;
    let name = Line::<100>::try_from(name).map_err(|error| setting(format!("--name {error}")))?;
    let (db, keys) = open(settings)?;
    let person =
        NewPerson { email, display_name: name.into(), roles: vec![Role::GlobalAdmin], language: "en".to_owned() };
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let (access, now) = (settings.access.clone(), Clock::system().now());
    let created: Sure<_> = db.write_now(Isolation::Serializable, &|tx| {
        Ok(access::create_operator(tx, &keys, &actor, &person, &access, now)?)
    });
    let code = told(created)?;
    let base = settings.public_base_url();
    Ok(format!(
        "The account {email} was made. Activate it while the service runs, with a password of your own, in a browser:\n\n  \
         {base}/activate/{code}\n\nor with a program:\n\n  \
         curl -s {base}/v1/accounts/activation -H 'Content-Type: application/json' \\\n    \
         -d '{{\"code\": \"{code}\", \"password\": \"…\"}}'\n\nThe code is good for {days} days, and with your password it can be sent again.",
        email = person.email,
        code = code.expose_secret(),
        days = settings.access.activation_days,
    ))
}

/// Loads a manifest into the device directory.
///
/// # Errors
/// Names every line that is wrong; then nothing is loaded.
pub fn import_directory(settings: &Settings, file: &Path) -> Result<String, StartError> {
    let bytes = std::fs::read(file).map_err(|error| setting(format!("{}: {error}", file.display())))?;
    let checked = told(read_file(&bytes, Heading::Partner, settings.devices.max_rows).map_err(Failure::Refused))?;
    let (db, _) = open(settings)?;
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let now = Clock::system().now();
    let imported =
        told(db.write_now(Isolation::Serializable, &|tx| devices::import_manifest(tx, &actor, &checked, now)))?;
    Ok(format!("{} devices are in the directory now, from {}.", imported.devices, file.display()))
}

/// Imports offers into the catalogue, from JSON or CSV.
///
/// # Errors
/// Names everything that is wrong; then nothing is imported.
pub fn import_offers(settings: &Settings, file: &Path) -> Result<String, StartError> {
    let bytes = std::fs::read(file).map_err(|error| setting(format!("{}: {error}", file.display())))?;
    let offers = told(subscriptions::read_file(&bytes).map_err(Failure::Refused))?;
    let (db, _) = open(settings)?;
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let now = Clock::system().now();
    let imported =
        told(db.write_now(Isolation::Serializable, &|tx| subscriptions::import_offers(tx, &actor, &offers, now)))?;
    let OffersImported { offers, added, changed, .. } = imported;
    Ok(format!("{offers} offers were read from {}: {added} are new, {changed} were changed.", file.display()))
}

/// Brings the schema up to date.
///
/// # Errors
/// See [`OpenError`].
pub fn migrate(settings: &Settings) -> Result<String, StartError> {
    Db::open(&db_settings(settings))?;
    Ok(format!("{} is up to date.", without_password(&settings.database_url())))
}

/// What the doctor found.
#[derive(Debug)]
pub struct Report {
    database: String,
    broken: Vec<String>,
    waiting: i64,
    dead: Vec<jobs::DeadJob>,
}

impl Report {
    /// Whether every invariant holds. Jobs given up need a person, but break nothing.
    pub fn is_healthy(&self) -> bool {
        self.broken.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} jobs waiting, {} given up", self.database, self.waiting, self.dead.len())?;
        for job in &self.dead {
            let reason = job.last_error.as_deref().unwrap_or("no reason kept");
            writeln!(f, "  given up: {} {}: {reason}", job.kind, job.id)?;
        }
        for violation in &self.broken {
            writeln!(f, "  BROKEN {violation}")?;
        }
        match self.broken.len() {
            0 => write!(f, "Healthy: every invariant holds."),
            count => write!(f, "{count} invariants are broken. Stop writing and restore a backup, or ask for help."),
        }
    }
}

/// The database as it is, with the keys that belong to it, and its name: for whoever only looks.
fn look_at(settings: &Settings) -> Result<(Db, Option<Keys>, String), StartError> {
    let (url, name) = (settings.database_url(), without_password(&settings.database_url()));
    let missing = url.strip_prefix("sqlite://").is_some_and(|file| !Path::new(file).exists());
    let empty = || setting(format!("{name} holds no partner centre yet. `serve` or `migrate` makes one"));
    if missing {
        return Err(empty());
    }
    let db = Db::connect(&db_settings(settings))?;
    if installation::contents(&db).map_err(|failure| unreadable(&name, &failure))? == Contents::Empty {
        return Err(empty());
    }
    let keys = installation::known_keys(&db, &settings.key_file()).map_err(|failure| match failure {
        Failure::Refused(wrong) => StartError::Keys(wrong),
        failure => unreadable(&name, &failure).into(),
    })?;
    Ok((db, keys, name))
}

fn unreadable(name: &str, failure: &dyn fmt::Display) -> OpenError {
    OpenError::Unreachable { target: name.to_owned(), reason: failure.to_string() }
}

/// Checks the invariants.
///
/// # Errors
/// Why the database cannot be read; a broken invariant is not an error but in the report.
pub fn doctor(settings: &Settings) -> Result<Report, StartError> {
    let (db, keys, name) = look_at(settings)?;
    Ok(examine(&db, keys.as_ref(), name.clone()).map_err(|failure| unreadable(&name, &failure))?)
}

/// Checks the invariants of an open database, which the report calls `name`.
///
/// # Errors
/// Only the database's.
pub fn examine(db: &Db, keys: Option<&Keys>, name: String) -> Sure<Report> {
    db.read_now(|read| {
        let broken = overview::invariants(read, keys)?;
        let (waiting, dead) = jobs::backlog(read, 100, Clock::system().now())?;
        Ok(Report { database: name, broken, waiting, dead })
    })
}

/// What `audit verify` found.
#[derive(Debug)]
pub struct TrailReport(Verification);

impl TrailReport {
    /// Whether nothing was changed.
    pub fn is_whole(&self) -> bool {
        self.0.broken.is_empty()
    }
}

impl fmt::Display for TrailReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verification { broken, head, unsealed } = &self.0;
        for finding in broken {
            writeln!(f, "BROKEN {finding}")?;
        }
        match head {
            Some(head) => writeln!(f, "Head: {head}")?,
            None => writeln!(f, "Nothing is sealed yet.")?,
        }
        match unsealed {
            1 => writeln!(f, "1 event is not sealed yet; the service seals it while it runs.")?,
            _ => writeln!(f, "{unsealed} events are not sealed yet; the service seals them while it runs.")?,
        }
        match broken.len() {
            0 => write!(
                f,
                "The trail is whole. Write the head down outside this machine: `audit verify --since` proves later that \
                 nothing up to it was cut or replaced."
            ),
            _ => write!(f, "The trail was changed. Keep the database as it is, and compare it with a backup."),
        }
    }
}

/// Proves the audit trail. `since` is a head written down earlier.
///
/// # Errors
/// Why the trail cannot be read; a change in it is not an error but in the report.
pub fn verify_trail(settings: &Settings, since: Option<&Mark>) -> Result<TrailReport, StartError> {
    let (db, keys, name) = look_at(settings)?;
    let keys = keys.ok_or_else(|| setting(format!("{name} was never served, so it has no trail yet")))?;
    let verified: Sure<_> = db.read_now(|read| Ok(audit::verify(read, &keys, since)?));
    Ok(TrailReport(verified.map_err(|failure| unreadable(&name, &failure))?))
}
