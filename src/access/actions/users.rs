//! Use cases of whoever manages a company's users.

use diesel::QueryResult;

use super::super::mail;
use super::super::model::{AccessSettings, Role, SecondFactor, User, UserError, UserId, UserState};
use super::super::scope::Scope;
use super::super::store::users::{self as store, UserChange};
use super::accounts::{NewPerson, invite_user};
use crate::audit::{self, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::IfMatch;
use crate::platform::jobs;

/// The users of the caller's company.
///
/// # Errors
/// Only the database's.
pub fn users(
    read: &mut Read<'_>,
    me: &Scope,
    removed: bool,
    after: Option<UserId>,
    limit: i64,
) -> QueryResult<Vec<User>> {
    store::users_of(read, me.organisation(), removed, after, limit)
}

/// One user of the caller's company.
///
/// # Errors
/// [`UserError::Unknown`], also for another company's user.
pub fn user(read: &mut Read<'_>, me: &Scope, id: UserId) -> Outcome<User, UserError> {
    Ok(store::user_of(read, me.organisation(), id)?.ok_or(UserError::Unknown(id))?)
}

/// Invites a person into the caller's company. Inviting the same person again changes nothing.
///
/// # Errors
/// See [`UserError`].
pub fn invite_colleague(
    tx: &mut Tx<'_>,
    me: &Scope,
    person: &NewPerson,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<User, UserError> {
    check_roles(me, &[], &person.roles)?;
    if let Some(existing) = store::user_named(tx, me.organisation(), person.email.as_str())? {
        let same = existing.state == UserState::Invited && existing.roles == person.roles;
        return if same { Ok(existing) } else { Err(UserError::Exists(existing.id, existing.user_name).into()) };
    }
    let id = invite_user(tx, me.organisation(), person, settings, now)?;
    audit::record(tx, me, &Event::UserInvited { user: id.uuid(), roles: words(&person.roles) }, now)?;
    user(tx, me, id)
}

/// What is to change of a user.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// How pages and mails call the person.
    pub display_name: Option<String>,
    /// The language of the person's mails.
    pub language: Option<String>,
    /// All the roles there are to be, sorted.
    pub roles: Option<Vec<Role>>,
    /// `Active` restores, `Suspended` shuts out.
    pub state: Option<UserState>,
}

/// Changes a user, in the version that the caller saw.
///
/// # Errors
/// See [`UserError`].
pub fn change_user(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: UserId,
    seen: &IfMatch,
    patch: &UserPatch,
    now: Timestamp,
) -> Outcome<User, UserError> {
    let user = user(tx, me, id)?;
    seen.check(&user.version.to_string()).map_err(UserError::from)?;
    let roles = patch.roles.as_deref().filter(|roles| *roles != user.roles);
    if let Some(roles) = roles {
        check_roles(me, &user.roles, roles)?;
    }
    let state = patch.state.filter(|state| *state != user.state);
    if state.is_some() {
        check_roles(me, &user.roles, &user.roles)?;
    }
    let stays_admin = roles.is_none_or(|roles| roles.contains(&Role::GlobalAdmin)) && state.is_none();
    if !stays_admin && state != Some(UserState::Active) {
        keep_a_global_admin(tx, me, &user)?;
    }
    let mut change = UserChange {
        display_name: patch.display_name.clone(),
        language: patch.language.clone(),
        ..UserChange::default()
    };
    let event = match (state, user.state) {
        (Some(UserState::Suspended), UserState::Active) => {
            change.state = Some(UserState::Suspended.as_str());
            Event::UserSuspended { user: id.uuid() }
        }
        (Some(UserState::Active), UserState::Suspended) => {
            change.state = Some(UserState::Active.as_str());
            Event::UserRestored { user: id.uuid() }
        }
        (Some(UserState::Active), UserState::Removed) => {
            if super::name_is_taken(tx, &user.user_name)? {
                return Err(UserError::NameTaken(user.user_name).into());
            }
            // As it was before: whoever had not activated the account yet still has to.
            change.removed_at = Some(None);
            Event::UserRestored { user: id.uuid() }
        }
        (Some(wanted), actual) => return Err(UserError::NoSuchStep { wanted, actual }.into()),
        (None, _) => Event::UserChanged { user: id.uuid(), roles: roles.map(words) },
    };
    if !store::change_user(tx, &user, &change, roles, roles.is_some() || state.is_some())? {
        return Err(UserError::Changed(id).into());
    }
    audit::record(tx, me, &event, now)?;
    self::user(tx, me, id)
}

/// Removes a user from the caller's company: nothing the user has opens anything any more. Removing twice changes nothing.
///
/// # Errors
/// See [`UserError`].
pub fn remove_user(tx: &mut Tx<'_>, me: &Scope, id: UserId, now: Timestamp) -> Outcome<(), UserError> {
    let user = user(tx, me, id)?;
    if user.state == UserState::Removed {
        return Ok(());
    }
    check_roles(me, &user.roles, &user.roles)?;
    keep_a_global_admin(tx, me, &user)?;
    let change = UserChange { removed_at: Some(Some(now)), ..UserChange::default() };
    if !store::change_user(tx, &user, &change, None, true)? {
        return Err(UserError::Changed(id).into());
    }
    Ok(audit::record(tx, me, &Event::UserRemoved { user: id.uuid() }, now)?)
}

/// Sends the activation mail of an invited user again, with a new code; the old one is dead.
///
/// # Errors
/// See [`UserError`].
pub fn invite_again(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: UserId,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<User, UserError> {
    let user = user(tx, me, id)?;
    let until = now.after(days(settings.activation_days));
    let Some(version) = store::renew_activation(tx, id, until)? else {
        return Err(UserError::NoSuchStep { wanted: UserState::Invited, actual: user.state }.into());
    };
    jobs::want(tx, mail::ACTIVATION, id.uuid(), version, now)?;
    audit::record(tx, me, &Event::UserInvited { user: id.uuid(), roles: words(&user.roles) }, now)?;
    Ok(user)
}

/// Takes a lost second factor from a user, who then sets up another one. Twice changes nothing.
///
/// # Errors
/// See [`UserError`].
pub fn reset_second_factor(tx: &mut Tx<'_>, me: &Scope, id: UserId, now: Timestamp) -> Outcome<(), UserError> {
    let user = user(tx, me, id)?;
    check_roles(me, &user.roles, &user.roles)?;
    let Some(account) = store::account(tx, id)?.filter(|account| account.second_factor.since.is_some()) else {
        return Ok(());
    };
    let none = SecondFactor { since: None, ..account.second_factor };
    if !store::set_second_factor(tx, &account, none)? {
        return Err(UserError::Changed(id).into());
    }
    store::replace_recovery_codes(tx, id, &[])?;
    Ok(audit::record(tx, me, &Event::SecondFactorRemoved { user: id.uuid() }, now)?)
}

/// Global admins are made, changed and unmade by Global admins: otherwise a User management admin could become one.
fn check_roles(me: &Scope, before: &[Role], after: &[Role]) -> Result<(), UserError> {
    if after.is_empty() {
        return Err(UserError::NoRole);
    }
    let about_admin = before.contains(&Role::GlobalAdmin) || after.contains(&Role::GlobalAdmin);
    if about_admin && !me.roles().contains(&Role::GlobalAdmin) {
        return Err(UserError::GlobalAdminOnly);
    }
    if !me.kind().is_partner() && after.iter().any(|role| *role != Role::GlobalAdmin) {
        return Err(UserError::PartnerRole(me.kind()));
    }
    Ok(())
}

fn keep_a_global_admin(tx: &mut Tx<'_>, me: &Scope, user: &User) -> Outcome<(), UserError> {
    let is_admin = user.roles.contains(&Role::GlobalAdmin) && user.state == UserState::Active;
    if is_admin && !store::another_global_admin(tx, me.organisation(), user.id)? {
        return Err(UserError::LastGlobalAdmin.into());
    }
    Ok(())
}

fn words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}
