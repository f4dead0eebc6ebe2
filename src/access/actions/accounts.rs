//! Use cases of accounts: making, activating, first sign-in, passwords.

use std::collections::HashMap;
use std::time::Duration;

use diesel::QueryResult;
use secrecy::SecretString;

use super::super::mail;
use super::super::model::{
    AccessSettings, Account, ActivationError, CustomerId, FamilyId, FirstSignInError, OrganisationId, OrganisationKind,
    Role, UserId, UserState,
};
use super::super::scope::Scope;
use super::super::store;
use super::super::store::tokens::SignIn;
use super::super::store::users::{self, NewUser};
use super::grants::issue_refresh_token;
use crate::audit::{self, Actor, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;
use crate::platform::keys::{Keys, LinkPurpose, LinkToken};
use crate::platform::portal::Language;
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
    /// The language of the person's mails: `en`, `sv` or `nl`.
    pub language: String,
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

/// What an organisation is, if there is one with this id.
///
/// # Errors
/// Only the database's.
pub fn kind_of(read: &mut Read<'_>, organisation: OrganisationId) -> QueryResult<Option<OrganisationKind>> {
    Ok(store::organisation(read, organisation)?.map(|(kind, _)| kind))
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
    users::insert_user(
        tx,
        &NewUser {
            id,
            organisation,
            user_name: person.email.as_str(),
            display_name: &person.display_name,
            language: &person.language,
            state: UserState::Invited,
            password_is_temporary: false,
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
    store::set_domain(tx, organisation, &released_domain(organisation))
}

fn released_domain(organisation: OrganisationId) -> String {
    format!("{organisation}.invalid")
}

/// Whether an account signs in as `user_name`.
///
/// # Errors
/// Only the database's.
pub fn name_is_taken(read: &mut Read<'_>, user_name: &str) -> QueryResult<bool> {
    Ok(users::account_by_name(read, &folded(user_name))?.is_some())
}

/// The mailbox of the Global admin who has served longest in an organisation of this kind and can sign in.
///
/// # Errors
/// Only the database's.
pub fn oldest_active_admin(read: &mut Read<'_>, kind: OrganisationKind) -> QueryResult<Option<EmailAddress>> {
    let name = users::oldest_active_admin(read, kind)?;
    Ok(name.and_then(|name| EmailAddress::try_from(name).ok()))
}

/// The mailboxes of an organisation's Global admins who can sign in, with the language of their mails; at most 50.
///
/// # Errors
/// Only the database's.
pub fn admins_of(read: &mut Read<'_>, organisation: OrganisationId) -> QueryResult<Vec<(EmailAddress, Language)>> {
    let admins = users::active_admins(read, organisation, 50)?.into_iter();
    let told = admins.filter_map(|(name, language)| {
        let language = Language::from_tag(&language).unwrap_or(Language::English);
        Some((EmailAddress::try_from(name).ok()?, language))
    });
    Ok(told.collect())
}

/// Creates a customer's first admin with a temporary password, of which only the hash gets here. Without one nobody can
/// sign in to the account until it is given one.
///
/// # Errors
/// Only the database's.
pub fn create_customer_admin(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    user_name: &str,
    display_name: &str,
    password_hash: Option<&str>,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<UserId> {
    let id = UserId::fresh();
    users::insert_user(
        tx,
        &NewUser {
            id,
            organisation: customer.into(),
            user_name: &folded(user_name),
            display_name,
            language: "en",
            state: UserState::Active,
            password_is_temporary: true,
            temporary_password_hash: password_hash,
            password_expires_at: password_hash.map(|_| now.after(days(settings.temporary_password_days))),
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
    let account = users::account(read, UserId::from_uuid(code.id()))?
        .filter(|account| keys.proves(code, account.activation_version))
        .filter(|account| matches!(account.state, UserState::Invited | UserState::Active))
        .filter(|account| account.activation_expires_at.is_some_and(|end| now < end))
        .ok_or(ActivationError::CodeInvalid)?;
    Ok(account)
}

/// Activates `account` with a password, and signs it in as the built-in public client.
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
    let activated = prove_mailbox(tx, account, password_hash, actor, now)?;
    Ok(sign_in_with_password(tx, &activated, settings, now)?)
}

/// Activates `account` with a password: whoever had the code can read the mailbox.
///
/// # Errors
/// See [`ActivationError`].
pub fn prove_mailbox(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    actor: &dyn Actor,
    now: Timestamp,
) -> Outcome<Account, ActivationError> {
    if let Some(other) = users::account_by_name(tx, &account.user_name)?.filter(|other| other.id != account.id) {
        // A rejected company may try again with the same person: the code proves the mailbox, so the name follows it.
        let released = store::organisation(tx, other.organisation)?
            .is_some_and(|(_, domain)| domain == released_domain(other.organisation));
        if !released || !users::give_up_name(tx, &other)? {
            return Err(ActivationError::AddressHasAccount(account.user_name.clone()).into());
        }
        let superseded = Event::AccountSuperseded { user: other.id.uuid(), by: account.id.uuid() };
        audit::record(tx, actor, &superseded, now)?;
    }
    if !users::activate(tx, account, password_hash)? {
        return Err(ActivationError::CodeInvalid.into());
    }
    audit::record(tx, actor, &Event::AccountActivated { user: account.id.uuid() }, now)?;
    Ok(Account { state: UserState::Active, ..account.clone() })
}

/// An account, the kind of its organisation, and that organisation's domain.
///
/// # Errors
/// Only the database's.
pub fn whose(read: &mut Read<'_>, user: UserId) -> QueryResult<Option<(Account, OrganisationKind, String)>> {
    let Some(account) = users::account(read, user)? else { return Ok(None) };
    let organisation = store::organisation(read, account.organisation)?;
    Ok(organisation.map(|(kind, domain)| (account, kind, domain)))
}

/// The roles of a user.
///
/// # Errors
/// Only the database's.
pub fn roles_of(read: &mut Read<'_>, user: UserId) -> QueryResult<Vec<Role>> {
    Ok(store::principal_user(read, user)?.map(|found| found.roles).unwrap_or_default())
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
    users::account_by_name(read, &folded(user_name.trim()))
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
    if account.password_expires_at.is_none_or(|end| now >= end) {
        return Err(FirstSignInError::Refused.into());
    }
    let changed = replace_password(tx, account, password_hash, actor, now)?.ok_or(FirstSignInError::Refused)?;
    Ok(sign_in_with_password(tx, &changed, settings, now)?)
}

/// Signs in an account whose password was checked before.
///
/// # Errors
/// Only the database's.
pub fn sign_in_with_password(
    tx: &mut Tx<'_>,
    account: &Account,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let sign_in = SignIn { family: FamilyId::fresh(), application: None, second_factor: false };
    issue_refresh_token(tx, sign_in, account, settings, now)
}

/// The link in a mail that resets a password: whoever has it can read that mailbox.
pub struct PasswordReset;

impl LinkPurpose for PasswordReset {
    const PREFIX: &'static str = "rst_";
}

/// How long a reset link can be used.
const RESET_LIFE: Duration = Duration::from_secs(60 * 60);
/// A second request within this time sends no second mail.
const RESET_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Wants a mail with a reset link for the account, if there is one with a mailbox. Nobody learns whether there is.
///
/// # Errors
/// Only the database's.
pub fn request_reset(tx: &mut Tx<'_>, user_name: &str, actor: &dyn Actor, now: Timestamp) -> QueryResult<()> {
    let Some(account) = account_by_name(tx, user_name)? else { return Ok(()) };
    let asked_just_now = account.reset_expires_at.is_some_and(|end| end > now.after(RESET_LIFE - RESET_PAUSE));
    // A temporary password is replaced by whoever gave it: its account has no mailbox of its own.
    if account.state != UserState::Active || account.password_is_temporary || asked_just_now {
        return Ok(());
    }
    users::renew_reset(tx, &account, now.after(RESET_LIFE))?;
    jobs::want(tx, mail::PASSWORD_RESET, account.id.uuid(), account.reset_version + 1, now)?;
    audit::record(tx, actor, &Event::PasswordResetRequested { user: account.id.uuid() }, now)
}

/// The account that a reset link is for.
///
/// # Errors
/// [`ActivationError::CodeInvalid`] for unknown, altered, used and expired links alike.
pub fn account_to_reset(
    read: &mut Read<'_>,
    keys: &Keys,
    link: &LinkToken<PasswordReset>,
    now: Timestamp,
) -> Outcome<Account, ActivationError> {
    let account = users::account(read, UserId::from_uuid(link.id()))?
        .filter(|account| keys.proves(link, account.reset_version))
        .filter(|account| account.state == UserState::Active)
        .filter(|account| account.reset_expires_at.is_some_and(|end| now < end))
        .ok_or(ActivationError::CodeInvalid)?;
    Ok(account)
}

/// Gives the account another password. Every credential it had before ends, sessions included.
///
/// # Errors
/// [`ActivationError::CodeInvalid`] if the account changed in between.
pub fn set_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    actor: &dyn Actor,
    now: Timestamp,
) -> Outcome<Account, ActivationError> {
    Ok(replace_password(tx, account, password_hash, actor, now)?.ok_or(ActivationError::CodeInvalid)?)
}

/// The account with its new password, unless it changed in between.
fn replace_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: &str,
    actor: &dyn Actor,
    now: Timestamp,
) -> QueryResult<Option<Account>> {
    if !users::set_password(tx, account, password_hash)? {
        return Ok(None);
    }
    let user = account.id.uuid();
    let event = match account.password_is_temporary {
        true => Event::TemporaryPasswordChanged { user },
        false => Event::PasswordChanged { user },
    };
    audit::record(tx, actor, &event, now)?;
    Ok(Some(Account { epoch: account.epoch + 1, password_is_temporary: false, ..account.clone() }))
}

/// The sign-in names of those of `ids` who belong to the caller's organisation.
///
/// # Errors
/// Only the database's.
pub fn user_names(read: &mut Read<'_>, me: &Scope, ids: &[UserId]) -> QueryResult<HashMap<UserId, String>> {
    Ok(users::user_names(read, me.organisation(), ids)?.into_iter().collect())
}
