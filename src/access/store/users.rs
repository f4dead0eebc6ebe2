//! Users.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::model::{
    Account, OrganisationId, OrganisationKind, RecoveryCodeId, Role, SecondFactor, User, UserId, UserState,
};
use super::schema::{organisations, recovery_codes, user_roles, users};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

/// A new account, before it is stored.
pub(in crate::access) struct NewUser<'a> {
    pub(in crate::access) id: UserId,
    pub(in crate::access) organisation: OrganisationId,
    pub(in crate::access) user_name: &'a str,
    pub(in crate::access) display_name: &'a str,
    pub(in crate::access) language: &'a str,
    pub(in crate::access) state: UserState,
    /// Somebody else gives the account its password, now or later: it is no mailbox's.
    pub(in crate::access) password_is_temporary: bool,
    pub(in crate::access) temporary_password_hash: Option<&'a str>,
    pub(in crate::access) password_expires_at: Option<Timestamp>,
    pub(in crate::access) activation_expires_at: Option<Timestamp>,
    pub(in crate::access) roles: &'a [Role],
}

pub(in crate::access) fn insert_user(tx: &mut Tx<'_>, user: &NewUser<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id),
            users::organisation_id.eq(user.organisation),
            users::user_name.eq(user.user_name),
            users::display_name.eq(user.display_name),
            users::state.eq(user.state.as_str()),
            users::password_hash.eq(user.temporary_password_hash),
            users::password_is_temporary.eq(user.password_is_temporary),
            users::password_expires_at.eq(user.password_expires_at),
            users::activation_version.eq(1),
            users::activation_expires_at.eq(user.activation_expires_at),
            users::epoch.eq(1_i64),
            users::created_at.eq(now),
            users::language.eq(user.language),
        ))
        .execute(tx.connection())?;
    insert_roles(tx, user.id, user.roles)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: UserId,
    organisation_id: OrganisationId,
    user_name: String,
    display_name: String,
    language: String,
    state: String,
    removed_at: Option<Timestamp>,
    password_hash: Option<String>,
    password_is_temporary: bool,
    password_expires_at: Option<Timestamp>,
    activation_version: i32,
    activation_expires_at: Option<Timestamp>,
    reset_version: i32,
    reset_expires_at: Option<Timestamp>,
    second_factor_version: i32,
    second_factor_since: Option<Timestamp>,
    second_factor_last_step: i64,
    epoch: i64,
    version: i32,
    created_at: Timestamp,
}

fn state_of(state: String, removed_at: Option<Timestamp>) -> QueryResult<UserState> {
    if removed_at.is_some() { Ok(UserState::Removed) } else { word(state) }
}

impl UserRow {
    fn account(self) -> QueryResult<Account> {
        Ok(Account {
            id: self.id,
            organisation: self.organisation_id,
            user_name: self.user_name,
            display_name: self.display_name,
            language: self.language,
            state: state_of(self.state, self.removed_at)?,
            password_hash: self.password_hash,
            password_is_temporary: self.password_is_temporary,
            password_expires_at: self.password_expires_at,
            activation_version: self.activation_version,
            activation_expires_at: self.activation_expires_at,
            reset_version: self.reset_version,
            reset_expires_at: self.reset_expires_at,
            second_factor: SecondFactor {
                version: self.second_factor_version,
                since: self.second_factor_since,
                last_step: self.second_factor_last_step,
            },
            epoch: self.epoch,
        })
    }

    fn user(self, roles: Vec<Role>) -> QueryResult<User> {
        Ok(User {
            id: self.id,
            user_name: self.user_name,
            display_name: self.display_name,
            state: state_of(self.state, self.removed_at)?,
            roles,
            language: self.language,
            second_factor: self.second_factor_since.is_some(),
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// By id alone: whoever asks holds a proof of the account, or asks for its own.
pub(in crate::access) fn account(read: &mut Read<'_>, id: UserId) -> QueryResult<Option<Account>> {
    let row = users::table.filter(users::id.eq(id)).select(UserRow::as_select()).first(read.connection());
    row.optional()?.map(UserRow::account).transpose()
}

/// The account that signs in as `user_name`; invited ones do not sign in yet, removed ones no more.
pub(in crate::access) fn account_by_name(read: &mut Read<'_>, user_name: &str) -> QueryResult<Option<Account>> {
    let row = users::table
        .filter(users::user_name.eq(user_name))
        .filter(users::state.ne(UserState::Invited.as_str()))
        .filter(users::removed_at.is_null())
        .select(UserRow::as_select())
        .first(read.connection());
    row.optional()?.map(UserRow::account).transpose()
}

fn with_roles(read: &mut Read<'_>, rows: Vec<UserRow>) -> QueryResult<Vec<User>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let mut roles: HashMap<UserId, Vec<Role>> = HashMap::new();
    for some in ids.chunks(5_000) {
        let found: Vec<(UserId, String)> = user_roles::table
            .filter(user_roles::user_id.eq_any(some))
            .select((user_roles::user_id, user_roles::role))
            .load(read.connection())?;
        for (user, role) in found {
            roles.entry(user).or_default().push(word(role)?);
        }
    }
    let mut users = Vec::with_capacity(rows.len());
    for row in rows {
        let mut held = roles.remove(&row.id).unwrap_or_default();
        held.sort();
        users.push(row.user(held)?);
    }
    Ok(users)
}

/// The users of an organisation, removed ones only where `removed` says so.
pub(in crate::access) fn users_of(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    removed: bool,
    after: Option<UserId>,
    limit: i64,
) -> QueryResult<Vec<User>> {
    let mut query = users::table
        .filter(users::organisation_id.eq(organisation))
        .filter(users::removed_at.is_not_null().eq(removed))
        .select(UserRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(users::id.gt(after));
    }
    let rows = query.order(users::id).limit(limit).load(read.connection())?;
    with_roles(read, rows)
}

pub(in crate::access) fn user_of(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    id: UserId,
) -> QueryResult<Option<User>> {
    let row = users::table
        .filter(users::id.eq(id))
        .filter(users::organisation_id.eq(organisation))
        .select(UserRow::as_select())
        .first(read.connection())
        .optional()?;
    Ok(with_roles(read, row.into_iter().collect())?.pop())
}

/// The user of an organisation with this name who is not removed.
pub(in crate::access) fn user_named(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    user_name: &str,
) -> QueryResult<Option<User>> {
    let row = users::table
        .filter(users::organisation_id.eq(organisation))
        .filter(users::user_name.eq(user_name))
        .filter(users::removed_at.is_null())
        .select(UserRow::as_select())
        .first(read.connection())
        .optional()?;
    Ok(with_roles(read, row.into_iter().collect())?.pop())
}

/// Whether somebody other than `except` is an active Global admin of the organisation.
pub(in crate::access) fn another_global_admin(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    except: UserId,
) -> QueryResult<bool> {
    let others: i64 = users::table
        .inner_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(users::organisation_id.eq(organisation))
        .filter(users::id.ne(except))
        .filter(users::state.eq(UserState::Active.as_str()))
        .filter(users::removed_at.is_null())
        .filter(user_roles::role.eq(Role::GlobalAdmin.as_str()))
        .count()
        .get_result(read.connection())?;
    Ok(others > 0)
}

/// What a change of a user sets; what is `None` stays.
#[derive(AsChangeset, Default)]
#[diesel(table_name = users)]
pub(in crate::access) struct UserChange {
    pub(in crate::access) display_name: Option<String>,
    pub(in crate::access) language: Option<String>,
    pub(in crate::access) state: Option<&'static str>,
    pub(in crate::access) removed_at: Option<Option<Timestamp>>,
}

/// Guarded by the version. Raises it, and the epoch where old credentials end.
pub(in crate::access) fn change_user(
    tx: &mut Tx<'_>,
    user: &User,
    change: &UserChange,
    roles: Option<&[Role]>,
    ends_credentials: bool,
) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(user.id))
        .filter(users::version.eq(user.version))
        .set((
            change,
            users::version.eq(users::version + 1),
            users::epoch.eq(users::epoch + i64::from(ends_credentials)),
        ))
        .execute(tx.connection())?;
    if changed == 1
        && let Some(roles) = roles
    {
        diesel::delete(user_roles::table.filter(user_roles::user_id.eq(user.id))).execute(tx.connection())?;
        insert_roles(tx, user.id, roles)?;
    }
    Ok(changed == 1)
}

fn insert_roles(tx: &mut Tx<'_>, user: UserId, roles: &[Role]) -> QueryResult<()> {
    for role in roles {
        diesel::insert_into(user_roles::table)
            .values((user_roles::user_id.eq(user), user_roles::role.eq(role.as_str())))
            .execute(tx.connection())?;
    }
    Ok(())
}

/// A new activation link for an account that waits; the old one is dead. The new version.
pub(in crate::access) fn renew_activation(tx: &mut Tx<'_>, id: UserId, until: Timestamp) -> QueryResult<Option<i32>> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(id))
        .filter(users::state.eq(UserState::Invited.as_str()))
        .filter(users::removed_at.is_null())
        .set((users::activation_version.eq(users::activation_version + 1), users::activation_expires_at.eq(until)))
        .execute(tx.connection())?;
    if changed == 0 {
        return Ok(None);
    }
    users::table.filter(users::id.eq(id)).select(users::activation_version).first(tx.connection()).optional()
}

/// A new reset link; the old one is dead.
pub(in crate::access) fn renew_reset(tx: &mut Tx<'_>, account: &Account, until: Timestamp) -> QueryResult<()> {
    diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .set((users::reset_version.eq(account.reset_version + 1), users::reset_expires_at.eq(until)))
        .execute(tx.connection())?;
    Ok(())
}

/// Guarded by the epoch, which it raises: every old credential ends. A reset link in use ends as well.
pub(in crate::access) fn set_password(tx: &mut Tx<'_>, account: &Account, password_hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::epoch.eq(account.epoch))
        .filter(users::reset_version.eq(account.reset_version))
        .set((
            users::password_hash.eq(password_hash),
            users::password_is_temporary.eq(false),
            users::password_expires_at.eq(None::<Timestamp>),
            users::reset_version.eq(users::reset_version + 1),
            users::reset_expires_at.eq(None::<Timestamp>),
            users::epoch.eq(users::epoch + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded by the epoch, which it raises: every old credential ends. Without a hash nobody can sign in to the account.
pub(in crate::access) fn set_temporary_password(
    tx: &mut Tx<'_>,
    account: &Account,
    password_hash: Option<&str>,
    expires_at: Option<Timestamp>,
) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::epoch.eq(account.epoch))
        .set((
            users::password_hash.eq(password_hash),
            users::password_is_temporary.eq(true),
            users::password_expires_at.eq(expires_at),
            users::reset_version.eq(users::reset_version + 1),
            users::reset_expires_at.eq(None::<Timestamp>),
            users::epoch.eq(users::epoch + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: of two uses of one code, or of an older one, the second changes no row.
pub(in crate::access) fn use_step(tx: &mut Tx<'_>, account: &Account, step: i64) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::second_factor_version.eq(account.second_factor.version))
        .filter(users::second_factor_last_step.lt(step))
        .set(users::second_factor_last_step.eq(step))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Puts a second factor to use, or ends it. Guarded by the epoch, which it raises.
pub(in crate::access) fn set_second_factor(
    tx: &mut Tx<'_>,
    account: &Account,
    factor: SecondFactor,
) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::epoch.eq(account.epoch))
        .set((
            users::second_factor_version.eq(factor.version),
            users::second_factor_since.eq(factor.since),
            users::second_factor_last_step.eq(factor.last_step),
            users::epoch.eq(users::epoch + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Takes the place of every recovery code there was.
pub(in crate::access) fn replace_recovery_codes(tx: &mut Tx<'_>, user: UserId, digests: &[Vec<u8>]) -> QueryResult<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.connection())?;
    for digest in digests {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::id.eq(RecoveryCodeId::fresh()),
                recovery_codes::user_id.eq(user),
                recovery_codes::digest.eq(digest),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}

/// Guarded: a recovery code opens once.
pub(in crate::access) fn use_recovery_code(
    tx: &mut Tx<'_>,
    user: UserId,
    digest: &[u8],
    now: Timestamp,
) -> QueryResult<bool> {
    let used = diesel::update(recovery_codes::table)
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::digest.eq(digest))
        .filter(recovery_codes::used_at.is_null())
        .set(recovery_codes::used_at.eq(now))
        .execute(tx.connection())?;
    Ok(used == 1)
}

/// Guarded: of two activations with one code, the second changes no row.
pub(in crate::access) fn activate(tx: &mut Tx<'_>, account: &Account, password_hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::state.eq(UserState::Invited.as_str()))
        .filter(users::removed_at.is_null())
        .filter(users::activation_version.eq(account.activation_version))
        .set((users::state.eq(UserState::Active.as_str()), users::password_hash.eq(password_hash)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The sign-in names of some users of one organisation.
pub(in crate::access) fn user_names(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    ids: &[UserId],
) -> QueryResult<Vec<(UserId, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    // SQLite takes a bounded number of parameters.
    for some in ids.chunks(5_000) {
        let rows: Vec<(UserId, String)> = users::table
            .filter(users::organisation_id.eq(organisation))
            .filter(users::id.eq_any(some))
            .select((users::id, users::user_name))
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Ids are made in order of time, so the least one is the oldest.
pub(in crate::access) fn oldest_active_admin(
    read: &mut Read<'_>,
    kind: OrganisationKind,
) -> QueryResult<Option<String>> {
    users::table
        .inner_join(organisations::table.on(organisations::id.eq(users::organisation_id)))
        .inner_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(organisations::kind.eq(kind.as_str()))
        .filter(users::state.eq(UserState::Active.as_str()))
        .filter(users::removed_at.is_null())
        .filter(user_roles::role.eq(Role::GlobalAdmin.as_str()))
        .order(users::id)
        .select(users::user_name)
        .first(read.connection())
        .optional()
}

/// Names and languages of the Global admins of an organisation who can sign in, oldest first, at most `limit`.
pub(in crate::access) fn active_admins(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    users::table
        .inner_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(users::organisation_id.eq(organisation))
        .filter(users::state.eq(UserState::Active.as_str()))
        .filter(users::removed_at.is_null())
        .filter(user_roles::role.eq(Role::GlobalAdmin.as_str()))
        .order(users::id)
        .limit(limit)
        .select((users::user_name, users::language))
        .load(read.connection())
}

/// Guarded: ends an account for good, so that another can have its name.
pub(in crate::access) fn give_up_name(tx: &mut Tx<'_>, account: &Account) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::epoch.eq(account.epoch))
        .set((
            users::user_name.eq(format!("{}@superseded.invalid", account.id)),
            users::state.eq(UserState::Suspended.as_str()),
            users::epoch.eq(users::epoch + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}
