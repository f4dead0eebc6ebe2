//! Use cases of sign-in and accounts.

use std::collections::HashMap;
use std::time::Duration;

use diesel::QueryResult;
use secrecy::SecretString;
use uuid::Uuid;

use super::mail;
use super::model::{
    AccessError, AccessSettings, Account, ActivationError, ApplicationId, CustomerId, FamilyId, FirstSignInError,
    OrganisationId, OrganisationKind, Role, TokenError, UserId, UserState,
};
use super::scope::Scope;
use super::store::{self, NewUser};
use crate::audit::{self, Actor, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;
use crate::platform::keys::{Keys, LinkPurpose, LinkToken, new_secret, secret_digest};
use crate::platform::text::{EmailAddress, folded};

/// The code in an activation mail: whoever has it can read that mailbox.
///
/// Derived, not stored, because the mail that carries it is rendered when it is sent.
pub struct Activation;

impl LinkPurpose for Activation {
    const PREFIX: &'static str = "act_";
}

/// A person who is to get an account.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The mailbox, which becomes the sign-in name.
    pub email: EmailAddress,
    /// How pages and mails call the person.
    pub display_name: String,
    /// What the person may do.
    pub roles: Vec<Role>,
}

/// Records a new organisation's identity.
///
/// # Errors
/// Only the database's. Ask [`organisation_by_domain`] first; the unique index is the net.
pub fn create_organisation(
    tx: &mut Tx<'_>,
    kind: OrganisationKind,
    domain: &str,
    now: Timestamp,
) -> QueryResult<OrganisationId> {
    let id = OrganisationId::fresh();
    store::insert_organisation(tx, id, kind, domain, now)?;
    Ok(id)
}

/// The organisation whose domain this is.
///
/// # Errors
/// Only the database's.
pub fn organisation_by_domain(read: &mut Read<'_>, domain: &str) -> QueryResult<Option<OrganisationId>> {
    store::organisation_by_domain(read, &folded(domain))
}

/// Creates an account that waits for its mailbox to be proved, and wants the mail that proves it.
///
/// # Errors
/// Only the database's. An address that already has an account is not refused here, so that nobody learns of it; its
/// owner does, when activating.
pub fn invite_user(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    person: &NewPerson,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<UserId> {
    let id = UserId::fresh();
    store::insert_user(
        tx,
        &NewUser {
            id,
            organisation,
            user_name: person.email.as_str(),
            display_name: &person.display_name,
            state: UserState::Invited,
            temporary_password_hash: None,
            password_expires_at: None,
            activation_expires_at: Some(now.after(days(settings.activation_days))),
            roles: &person.roles,
        },
        now,
    )?;
    jobs::want(tx, mail::ACTIVATION, id.uuid(), 1, now)?;
    Ok(id)
}

/// Takes an organisation's domain away, so that another can have it.
///
/// # Errors
/// Only the database's.
pub fn release_domain(tx: &mut Tx<'_>, organisation: OrganisationId) -> QueryResult<()> {
    store::set_domain(tx, organisation, &format!("{organisation}.invalid"))
}

/// Whether an account signs in as `user_name`.
///
/// # Errors
/// Only the database's.
pub fn name_is_taken(read: &mut Read<'_>, user_name: &str) -> QueryResult<bool> {
    Ok(store::account_by_name(read, &folded(user_name))?.is_some())
}

/// Creates a customer's first admin with a temporary password, of which only the hash gets here.
///
/// # Errors
/// Only the database's.
pub fn create_customer_admin(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    user_name: &str,
    display_name: &str,
    password_hash: &str,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<UserId> {
    let id = UserId::fresh();
    store::insert_user(
        tx,
        &NewUser {
            id,
            organisation: customer.into(),
            user_name: &folded(user_name),
            display_name,
            state: UserState::Active,
            temporary_password_hash: Some(password_hash),
            password_expires_at: Some(now.after(days(settings.temporary_password_days))),
            activation_expires_at: None,
            roles: &[Role::GlobalAdmin],
        },
        now,
    )?;
    Ok(id)
}

/// Creates the operator's organisation if there is none, and a user in it whose activation code is returned.
///
/// # Errors
/// Only the database's.
pub fn create_operator(
    tx: &mut Tx<'_>,
    keys: &Keys,
    actor: &dyn Actor,
    person: &NewPerson,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let organisation = match store::organisation_of_kind(tx, OrganisationKind::Operator)? {
        Some(existing) => existing,
        None => create_organisation(tx, OrganisationKind::Operator, "operator.invalid", now)?,
    };
    let user = invite_user(tx, organisation, person, settings, now)?;
    audit::record(tx, actor, &Event::OperatorUserCreated { user: user.uuid() }, now)?;
    Ok(keys.link::<Activation>(user.uuid(), 1))
}

/// The account an activation code is for. One that was activated with it already is given too: whoever lost the answer
/// sends the same code and password again, and the password is then checked instead of set.
///
/// # Errors
/// [`ActivationError::CodeInvalid`] for unknown, altered and expired codes alike.
pub fn account_to_activate(
    read: &mut Read<'_>,
    keys: &Keys,
    code: &LinkToken<Activation>,
    now: Timestamp,
) -> Outcome<Account, ActivationError> {
    let account = store::account(read, UserId::from_uuid(code.id()))?
        .filter(|account| keys.proves(code, account.activation_version))
        .filter(|account| account.state != UserState::Suspended)
        .filter(|account| account.activation_expires_at.is_some_and(|end| now < end))
        .ok_or(ActivationError::CodeInvalid)?;
    Ok(account)
}

/// Activates `account` with a password, and signs it in.
///
/// # Errors
/// See [`ActivationError`].
pub fn activate(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    actor: &dyn Actor,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<SecretString, ActivationError> {
    if store::account_by_name(tx, &account.user_name)?.is_some_and(|other| other.id != account.id) {
        return Err(ActivationError::AddressHasAccount(account.user_name.clone()).into());
    }
    if !store::activate(tx, account, password_hash)? {
        return Err(ActivationError::CodeInvalid.into());
    }
    audit::record(tx, actor, &Event::AccountActivated { user: account.id.uuid() }, now)?;
    Ok(issue_refresh_token(tx, FamilyId::fresh(), account, settings, now)?)
}

/// The account that signs in as `user_name`.
///
/// # Errors
/// Only the database's.
pub fn account_by_name(read: &mut Read<'_>, user_name: &str) -> QueryResult<Option<Account>> {
    // No account has such a name, and PostgreSQL takes no zero bytes.
    if user_name.contains(char::is_control) {
        return Ok(None);
    }
    store::account_by_name(read, &folded(user_name.trim()))
}

/// Changes a temporary password, whose hash was checked before, and signs the account in.
///
/// # Errors
/// [`FirstSignInError::Refused`] if somebody used the password in between, or it has expired.
pub fn change_temporary_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    actor: &dyn Actor,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<SecretString, FirstSignInError> {
    if account.password_expires_at.is_none_or(|end| now >= end)
        || !store::replace_temporary_password(tx, account, password_hash)?
    {
        return Err(FirstSignInError::Refused.into());
    }
    audit::record(tx, actor, &Event::TemporaryPasswordChanged { user: account.id.uuid() }, now)?;
    let changed = Account { epoch: account.epoch + 1, ..account.clone() };
    Ok(issue_refresh_token(tx, FamilyId::fresh(), &changed, settings, now)?)
}

/// Signs in an account whose password was checked before.
///
/// # Errors
/// Only the database's.
pub fn sign_in_again(
    tx: &mut Tx<'_>,
    account: &Account,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<SecretString> {
    issue_refresh_token(tx, FamilyId::fresh(), account, settings, now)
}

fn issue_refresh_token(
    tx: &mut Tx<'_>,
    family: FamilyId,
    account: &Account,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let (token, digest) = new_secret("pcr_");
    let expires_at = now.after(days(settings.refresh_token_days));
    store::insert_refresh_token(tx, family, account, &digest, now, expires_at)?;
    Ok(token)
}

/// A redeemed refresh token: who it is for, and its successor.
pub struct Redeemed {
    /// Who it is for.
    pub account: Account,
    /// Takes the place of the one redeemed.
    pub refresh_token: SecretString,
}

/// How a redemption ended. A spent token is an ending of its own, because it changes something: its family is revoked.
pub enum Redemption {
    /// Good.
    Redeemed(Box<Redeemed>),
    /// Unknown, expired, revoked, or spent: then the whole family is revoked.
    Refused,
}

/// Two uses of one token this close together are a client's retry; later ones mean that it was stolen.
const GRACE: Duration = Duration::from_secs(10);

/// Redeems a refresh token of the built-in public client.
///
/// # Errors
/// Only the database's.
pub fn redeem(
    tx: &mut Tx<'_>,
    token: &str,
    tenant: &Tenant,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<Redemption, TokenError> {
    let Some(row) = store::refresh_token(tx, &secret_digest(token))? else { return Ok(Redemption::Refused) };
    let Some(account) = store::account(tx, row.user_id)? else { return Ok(Redemption::Refused) };
    let live = row.revoked_at.is_none()
        && now < row.expires_at
        && account.state == UserState::Active
        && account.epoch == row.user_epoch;
    if !live {
        return Ok(Redemption::Refused);
    }
    if row.redeemed_at.is_some_and(|at| now > at.after(GRACE)) {
        store::revoke_family(tx, row.family_id, now)?;
        return Ok(Redemption::Refused);
    }
    check_tenant(tx, tenant, account.organisation)?;
    store::mark_redeemed(tx, row.id, now)?;
    let refresh_token = issue_refresh_token(tx, row.family_id, &account, settings, now)?;
    Ok(Redemption::Redeemed(Box::new(Redeemed { account, refresh_token })))
}

/// `{tenant}` of a token request.
#[derive(Clone, Debug)]
pub struct Tenant(String);

impl Tenant {
    /// As it stands in the path.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }
}

fn check_tenant(read: &mut Read<'_>, tenant: &Tenant, own: OrganisationId) -> Outcome<(), TokenError> {
    let any = matches!(tenant.0.as_str(), "common" | "organizations");
    let named = any
        || tenant.0.parse::<Uuid>().is_ok_and(|id| id == own.uuid())
        || store::domain_of(read, own)?.is_some_and(|domain| domain == tenant.0);
    if named { Ok(()) } else { Err(TokenError::WrongTenant(tenant.0.clone()).into()) }
}

/// The organisation for which an application with this secret may act.
///
/// # Errors
/// See [`TokenError`].
pub fn authenticate_application(
    read: &mut Read<'_>,
    application: &str,
    secret: &str,
    tenant: &Tenant,
    now: Timestamp,
) -> Outcome<(ApplicationId, OrganisationId, i64), TokenError> {
    let id: ApplicationId = application.parse().map_err(|_| TokenError::InvalidClient)?;
    let (organisation, epoch) =
        store::application_with_secret(read, id, &secret_digest(secret), now)?.ok_or(TokenError::InvalidClient)?;
    check_tenant(read, tenant, organisation)?;
    Ok((id, organisation, epoch))
}

/// A new application and its first secret, shown once.
pub struct RegisteredApplication {
    /// Its id, which clients send as `client_id`.
    pub id: ApplicationId,
    /// Its secret.
    pub secret: SecretString,
    /// When the secret ends.
    pub secret_expires_at: Timestamp,
}

/// Days a client secret lives.
const SECRET_DAYS: u64 = 730;

/// Registers an application of the caller's company, which acts with `roles` when no user is behind it.
///
/// # Errors
/// [`AccessError::AppOnlyRefused`] if an application asks.
pub fn register_application(
    tx: &mut Tx<'_>,
    me: &Scope,
    name: &str,
    roles: &[Role],
    now: Timestamp,
) -> Outcome<RegisteredApplication, AccessError> {
    me.require_user()?;
    let id = ApplicationId::fresh();
    store::insert_application(tx, id, me.organisation(), name, roles, now)?;
    let (secret, digest) = new_secret("pcs_");
    let secret_expires_at = now.after(days(SECRET_DAYS));
    store::insert_secret(tx, id, &digest, now, secret_expires_at)?;
    let event = Event::ApplicationRegistered { application: id.uuid(), name: name.to_owned() };
    audit::record(tx, me, &event, now)?;
    Ok(RegisteredApplication { id, secret, secret_expires_at })
}

/// The sign-in names of those of `users` who belong to the caller's organisation.
///
/// # Errors
/// Only the database's.
pub fn user_names(read: &mut Read<'_>, me: &Scope, users: &[UserId]) -> QueryResult<HashMap<UserId, String>> {
    Ok(store::user_names(read, me.organisation(), users)?.into_iter().collect())
}
