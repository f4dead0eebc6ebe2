//! Use cases of applications.

use diesel::QueryResult;
use secrecy::SecretString;

use super::super::model::{
    Application, ApplicationError, ApplicationId, ApplicationSecret, Role, SecretId, check_redirect,
};
use super::super::scope::Scope;
use super::super::store::applications as store;
use crate::audit::{self, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::keys::new_secret;

/// A secret, shown once.
pub struct NewSecret {
    /// Its id, by which it is removed.
    pub id: SecretId,
    /// The secret.
    pub secret: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Days a client secret lives.
const SECRET_DAYS: u64 = 730;
/// Secrets of an application at most: the old and the new one, while clients change over.
const SECRETS: usize = 2;

/// The applications of the caller's company.
///
/// # Errors
/// Only the database's.
pub fn applications(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<ApplicationId>,
    limit: i64,
) -> QueryResult<Vec<Application>> {
    store::applications_of(read, me.organisation(), after, limit)
}

/// Registers an application of the caller's company, which acts with `roles` when no user is behind it, and to which
/// browsers come back at `redirects`.
///
/// # Errors
/// See [`ApplicationError`].
pub fn register_application(
    tx: &mut Tx<'_>,
    me: &Scope,
    name: &str,
    roles: &[Role],
    redirects: &[String],
    now: Timestamp,
) -> Outcome<(ApplicationId, NewSecret), ApplicationError> {
    for uri in redirects {
        check_redirect(uri)?;
    }
    let id = ApplicationId::fresh();
    store::insert_application(tx, id, me.organisation(), name, roles, redirects, now)?;
    let secret = make_secret(tx, id, now)?;
    let event = Event::ApplicationRegistered { application: id.uuid(), name: name.to_owned() };
    audit::record(tx, me, &event, now)?;
    Ok((id, secret))
}

fn make_secret(tx: &mut Tx<'_>, application: ApplicationId, now: Timestamp) -> QueryResult<NewSecret> {
    let (secret, digest) = new_secret("pcs_");
    let expires_at = now.after(days(SECRET_DAYS));
    let id = store::insert_secret(tx, application, &digest, now, expires_at)?;
    Ok(NewSecret { id, secret, expires_at })
}

fn own(read: &mut Read<'_>, me: &Scope, id: ApplicationId) -> Outcome<Application, ApplicationError> {
    let found = store::application_of(read, me.organisation(), id)?;
    Ok(found.ok_or(ApplicationError::Unknown(id))?)
}

/// Makes a second secret, so that clients can change over.
///
/// # Errors
/// See [`ApplicationError`].
pub fn add_secret(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: ApplicationId,
    now: Timestamp,
) -> Outcome<NewSecret, ApplicationError> {
    let application = own(tx, me, id)?;
    let live = |secret: &&ApplicationSecret| now < secret.expires_at;
    if application.secrets.iter().filter(live).count() >= SECRETS {
        return Err(ApplicationError::TwoSecrets(id).into());
    }
    let secret = make_secret(tx, id, now)?;
    let event = Event::ApplicationSecretAdded { application: id.uuid(), secret: secret.id.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(secret)
}

/// Removes a secret: what was obtained with any secret of the application ends. Twice changes nothing.
///
/// # Errors
/// See [`ApplicationError`].
pub fn remove_secret(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: ApplicationId,
    secret: SecretId,
    now: Timestamp,
) -> Outcome<(), ApplicationError> {
    own(tx, me, id)?;
    if store::delete_secret(tx, id, secret)? {
        store::raise_epoch(tx, id)?;
        let event = Event::ApplicationSecretRemoved { application: id.uuid(), secret: secret.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    Ok(())
}

/// Removes an application with all it has. Twice is the second time unknown.
///
/// # Errors
/// See [`ApplicationError`].
pub fn remove_application(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: ApplicationId,
    now: Timestamp,
) -> Outcome<(), ApplicationError> {
    own(tx, me, id)?;
    if store::remove(tx, id, now)? {
        audit::record(tx, me, &Event::ApplicationRemoved { application: id.uuid() }, now)?;
    }
    Ok(())
}
