//! Use cases of temporary passwords that somebody else gives an account.

use diesel::QueryResult;

use super::super::model::{AccessSettings, Account, OrganisationId, UserId, UserState};
use super::super::store::users;
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::text::folded;

/// The account of an organisation that signs in as `user_name`, if it can sign in.
///
/// # Errors
/// Only the database's.
pub fn active_account_named(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    user_name: &str,
) -> QueryResult<Option<Account>> {
    let found = users::account_by_name(read, &folded(user_name))?;
    Ok(found.filter(|account| account.organisation == organisation && account.state == UserState::Active))
}

/// An account, if it can sign in. To be asked by whoever holds a proof of the account.
///
/// # Errors
/// Only the database's.
pub fn active_account(read: &mut Read<'_>, user: UserId) -> QueryResult<Option<Account>> {
    Ok(users::account(read, user)?.filter(|account| account.state == UserState::Active))
}

/// Gives an account a temporary password, of which only the hash gets here; without one nobody can sign in to it. Every
/// credential that it had ends, sessions and tokens included; a second factor stays. `None` if the account changed in
/// between; else until when the password can be used.
///
/// # Errors
/// Only the database's.
pub fn give_temporary_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: Option<&str>,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    let until = now.after(days(settings.temporary_password_days));
    let given = users::set_temporary_password(tx, account, password_hash, password_hash.map(|_| until))?;
    Ok(given.then_some(until))
}
