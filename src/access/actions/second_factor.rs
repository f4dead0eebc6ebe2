//! Use cases of the second factor.

use secrecy::SecretString;

use super::super::factors::{self, Enrolment};
use super::super::model::{AccessSettings, Account, FactorError, FamilyId, UserId};
use super::super::store::tokens::SignIn;
use super::super::store::users as store;
use super::grants::issue_refresh_token;
use crate::audit::{self, Actor, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::keys::Keys;

/// What sets up the account's next second factor. Changes nothing.
///
/// # Errors
/// [`FactorError::AccountGone`].
pub fn offer_second_factor(read: &mut Read<'_>, keys: &Keys, user: UserId) -> Outcome<Enrolment, FactorError> {
    let account = store::account(read, user)?.ok_or(FactorError::AccountGone)?;
    Ok(factors::next_enrolment(keys, &account))
}

/// Whether the account has a second factor in use.
///
/// # Errors
/// Only the database's.
pub fn has_second_factor(read: &mut Read<'_>, user: UserId) -> diesel::QueryResult<bool> {
    Ok(store::account(read, user)?.is_some_and(|account| account.second_factor.since.is_some()))
}

/// Puts the offered second factor to use, with new recovery codes; every older credential of the account ends.
///
/// # Errors
/// [`FactorError::CodeWrong`] if `code` is not of the offered one.
pub fn confirm_second_factor(
    tx: &mut Tx<'_>,
    keys: &Keys,
    user: UserId,
    code: &str,
    actor: &dyn Actor,
    now: Timestamp,
) -> Outcome<(Account, Vec<SecretString>), FactorError> {
    let account = store::account(tx, user)?.ok_or(FactorError::AccountGone)?;
    let factor = factors::confirmed(keys, &account, code, now).ok_or(FactorError::CodeWrong)?;
    if !store::set_second_factor(tx, &account, factor)? {
        return Err(FactorError::CodeWrong.into());
    }
    let (codes, digests) = factors::recovery_codes();
    store::replace_recovery_codes(tx, user, &digests)?;
    audit::record(tx, actor, &Event::SecondFactorSet { user: user.uuid() }, now)?;
    Ok((Account { epoch: account.epoch + 1, second_factor: factor, ..account }, codes))
}

/// Signs in an account that has just proved its second factor, as the built-in public client.
///
/// # Errors
/// Only the database's.
pub fn sign_in_with_second_factor(
    tx: &mut Tx<'_>,
    account: &Account,
    settings: &AccessSettings,
    now: Timestamp,
) -> diesel::QueryResult<SecretString> {
    let sign_in = SignIn { family: FamilyId::fresh(), application: None, second_factor: true };
    issue_refresh_token(tx, sign_in, account, settings, now)
}

/// Proves the second factor with a code of the authenticator, or with a recovery code, which is spent.
///
/// # Errors
/// [`FactorError::CodeWrong`]; a code opens once.
pub fn prove_second_factor(
    tx: &mut Tx<'_>,
    keys: &Keys,
    user: UserId,
    code: &str,
    actor: &dyn Actor,
    now: Timestamp,
) -> Outcome<Account, FactorError> {
    let account = store::account(tx, user)?.ok_or(FactorError::AccountGone)?;
    if let Some(step) = factors::fresh_step(keys, &account, code, now)
        && store::use_step(tx, &account, step)?
    {
        return Ok(account);
    }
    if store::use_recovery_code(tx, user, &factors::recovery_digest(code), now)? {
        audit::record(tx, actor, &Event::RecoveryCodeUsed { user: user.uuid() }, now)?;
        return Ok(account);
    }
    Err(FactorError::CodeWrong.into())
}
