//! Use cases of browsers' sessions.

use std::time::Duration;

use diesel::QueryResult;
use secrecy::SecretString;

use super::super::model::{AccessSettings, Account, AuthorizationId, OrganisationKind, Session, SessionId, Stage};
use super::super::store::{self, sessions, tokens};
use crate::audit::{self, Actor, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::keys::{new_secret, secret_digest};

/// How long a browser stays signed in: a working day.
const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a browser may take from the password to the next step.
const STEP_LIFE: Duration = Duration::from_secs(15 * 60);

/// What comes next for an account whose password was right.
///
/// # Errors
/// Only the database's.
pub fn stage_after_password(read: &mut Read<'_>, account: &Account, settings: &AccessSettings) -> QueryResult<Stage> {
    if account.password_is_temporary {
        return Ok(Stage::NewPassword);
    }
    if account.second_factor.since.is_some() {
        return Ok(Stage::SecondFactor);
    }
    let kind = store::organisation(read, account.organisation)?.map(|(kind, _)| kind);
    let needed = settings.second_factor.is_required() && kind.is_some_and(OrganisationKind::needs_second_factor);
    Ok(if needed { Stage::EnrolFactor } else { Stage::SignedIn })
}

/// Begins a session, or its next stage: a new secret each time, so that one planted before opens nothing after.
///
/// # Errors
/// Only the database's.
pub fn begin_session(
    tx: &mut Tx<'_>,
    account: &Account,
    stage: Stage,
    second_factor: bool,
    authorization: Option<AuthorizationId>,
    actor: &dyn Actor,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let (secret, digest) = new_secret("pcw_");
    let life = if stage == Stage::SignedIn { SESSION_LIFE } else { STEP_LIFE };
    if stage == Stage::NewPassword {
        // A temporary password opens one browser, however often it is tried at once.
        sessions::delete_stage(tx, account.id, stage)?;
    }
    let times = (now, now.after(life));
    sessions::insert_session(tx, &digest, account, stage, second_factor, authorization, times)?;
    if stage == Stage::SignedIn {
        audit::record(tx, actor, &Event::SignedIn { user: account.id.uuid(), second_factor }, now)?;
    }
    Ok(secret)
}

/// A session in the place of one that the account's own change has just ended.
///
/// # Errors
/// Only the database's.
pub fn continue_session(
    tx: &mut Tx<'_>,
    account: &Account,
    second_factor: bool,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let (secret, digest) = new_secret("pcw_");
    let times = (now, now.after(SESSION_LIFE));
    sessions::insert_session(tx, &digest, account, Stage::SignedIn, second_factor, None, times)?;
    Ok(secret)
}

/// The session behind a cookie, if it is good.
///
/// # Errors
/// Only the database's.
pub fn session(read: &mut Read<'_>, cookie: &str, now: Timestamp) -> QueryResult<Option<Session>> {
    sessions::live_session(read, &secret_digest(cookie), now)
}

/// Ends a session. Twice changes nothing.
///
/// # Errors
/// Only the database's.
pub fn end_session(tx: &mut Tx<'_>, id: SessionId) -> QueryResult<()> {
    sessions::delete_session(tx, id).map(|_| ())
}

/// Forgets sessions, codes and refresh tokens that ended.
///
/// # Errors
/// Only the database's.
pub fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    sessions::forget_ended(tx, now)?;
    tokens::forget_ended(tx, now.before(Duration::from_secs(60 * 60)), now.before(days(7)))
}
