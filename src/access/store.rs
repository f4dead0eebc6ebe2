//! Tables of organisations, users, applications and refresh tokens.

use diesel::prelude::*;

use super::model::{
    Account, ApplicationId, FamilyId, OrganisationId, OrganisationKind, RefreshTokenId, Role, SecretId, UserId,
    UserState,
};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    organisations (id) {
        id -> Id,
        kind -> Text,
        domain -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    users (id) {
        id -> Id,
        organisation_id -> Id,
        user_name -> Text,
        display_name -> Text,
        state -> Text,
        password_hash -> Nullable<Text>,
        password_is_temporary -> Bool,
        password_expires_at -> Nullable<Moment>,
        activation_version -> Integer,
        activation_expires_at -> Nullable<Moment>,
        epoch -> BigInt,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    user_roles (user_id, role) {
        user_id -> Id,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    applications (id) {
        id -> Id,
        organisation_id -> Id,
        name -> Text,
        created_at -> Moment,
        epoch -> BigInt,
        removed_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    application_roles (application_id, role) {
        application_id -> Id,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    application_secrets (id) {
        id -> Id,
        application_id -> Id,
        digest -> Binary,
        created_at -> Moment,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    refresh_tokens (id) {
        id -> Id,
        family_id -> Id,
        user_id -> Id,
        user_epoch -> BigInt,
        digest -> Binary,
        issued_at -> Moment,
        expires_at -> Moment,
        redeemed_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(organisations, users, user_roles);
diesel::allow_tables_to_appear_in_same_query!(organisations, applications, application_roles);

/// What a request needs to know of its caller.
pub(super) struct Principal {
    pub(super) organisation: OrganisationId,
    pub(super) kind: OrganisationKind,
    pub(super) state: UserState,
    pub(super) epoch: i64,
    pub(super) roles: Vec<Role>,
}

type PrincipalRow = (OrganisationId, String, String, i64, Option<String>);

fn principal(rows: Vec<PrincipalRow>) -> QueryResult<Option<Principal>> {
    let Some((organisation, kind, state, epoch, _)) = rows.first().cloned() else { return Ok(None) };
    let roles = rows.into_iter().filter_map(|(.., role)| role);
    Ok(Some(Principal {
        organisation,
        kind: word(kind)?,
        state: word(state)?,
        epoch,
        roles: roles.map(word).collect::<QueryResult<_>>()?,
    }))
}

/// One query: an authenticated request must not need more round trips than its work.
pub(super) fn principal_user(read: &mut Read<'_>, id: UserId) -> QueryResult<Option<Principal>> {
    let rows = users::table
        .inner_join(organisations::table.on(organisations::id.eq(users::organisation_id)))
        .left_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(users::id.eq(id))
        .select((users::organisation_id, organisations::kind, users::state, users::epoch, user_roles::role.nullable()))
        .load::<PrincipalRow>(read.connection())?;
    principal(rows)
}

pub(super) fn principal_application(read: &mut Read<'_>, id: ApplicationId) -> QueryResult<Option<Principal>> {
    let rows = applications::table
        .inner_join(organisations::table.on(organisations::id.eq(applications::organisation_id)))
        .left_join(application_roles::table.on(application_roles::application_id.eq(applications::id)))
        .filter(applications::id.eq(id))
        .filter(applications::removed_at.is_null())
        .select((
            applications::organisation_id,
            organisations::kind,
            applications::epoch,
            application_roles::role.nullable(),
        ))
        .load::<(OrganisationId, String, i64, Option<String>)>(read.connection())?;
    let active = UserState::Active.as_str();
    principal(rows.into_iter().map(|(id, kind, epoch, role)| (id, kind, active.to_owned(), epoch, role)).collect())
}

/// The sign-in names of some users of one organisation.
pub(super) fn user_names(
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

pub(super) fn insert_organisation(
    tx: &mut Tx<'_>,
    id: OrganisationId,
    kind: OrganisationKind,
    domain: &str,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(organisations::table)
        .values((
            organisations::id.eq(id),
            organisations::kind.eq(kind.as_str()),
            organisations::domain.eq(domain),
            organisations::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn organisation_by_domain(read: &mut Read<'_>, domain: &str) -> QueryResult<Option<OrganisationId>> {
    organisations::table
        .filter(organisations::domain.eq(domain))
        .select(organisations::id)
        .first(read.connection())
        .optional()
}

pub(super) fn set_domain(tx: &mut Tx<'_>, id: OrganisationId, domain: &str) -> QueryResult<()> {
    diesel::update(organisations::table)
        .filter(organisations::id.eq(id))
        .set(organisations::domain.eq(domain))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn organisation_of_kind(read: &mut Read<'_>, kind: OrganisationKind) -> QueryResult<Option<OrganisationId>> {
    organisations::table
        .filter(organisations::kind.eq(kind.as_str()))
        .select(organisations::id)
        .first(read.connection())
        .optional()
}

pub(super) fn domain_of(read: &mut Read<'_>, id: OrganisationId) -> QueryResult<Option<String>> {
    organisations::table
        .filter(organisations::id.eq(id))
        .select(organisations::domain)
        .first(read.connection())
        .optional()
}

/// A new account, before it is stored.
pub(super) struct NewUser<'a> {
    pub(super) id: UserId,
    pub(super) organisation: OrganisationId,
    pub(super) user_name: &'a str,
    pub(super) display_name: &'a str,
    pub(super) state: UserState,
    pub(super) temporary_password_hash: Option<&'a str>,
    pub(super) password_expires_at: Option<Timestamp>,
    pub(super) activation_expires_at: Option<Timestamp>,
    pub(super) roles: &'a [Role],
}

pub(super) fn insert_user(tx: &mut Tx<'_>, user: &NewUser<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id),
            users::organisation_id.eq(user.organisation),
            users::user_name.eq(user.user_name),
            users::display_name.eq(user.display_name),
            users::state.eq(user.state.as_str()),
            users::password_hash.eq(user.temporary_password_hash),
            users::password_is_temporary.eq(user.temporary_password_hash.is_some()),
            users::password_expires_at.eq(user.password_expires_at),
            users::activation_version.eq(1),
            users::activation_expires_at.eq(user.activation_expires_at),
            users::epoch.eq(1_i64),
            users::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    for role in user.roles {
        diesel::insert_into(user_roles::table)
            .values((user_roles::user_id.eq(user.id), user_roles::role.eq(role.as_str())))
            .execute(tx.connection())?;
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct UserRow {
    id: UserId,
    organisation_id: OrganisationId,
    user_name: String,
    state: String,
    password_hash: Option<String>,
    password_is_temporary: bool,
    password_expires_at: Option<Timestamp>,
    activation_version: i32,
    activation_expires_at: Option<Timestamp>,
    epoch: i64,
}

impl UserRow {
    fn account(self) -> QueryResult<Account> {
        Ok(Account {
            id: self.id,
            organisation: self.organisation_id,
            user_name: self.user_name,
            state: word(self.state)?,
            password_hash: self.password_hash,
            password_is_temporary: self.password_is_temporary,
            password_expires_at: self.password_expires_at,
            activation_version: self.activation_version,
            activation_expires_at: self.activation_expires_at,
            epoch: self.epoch,
        })
    }
}

pub(super) fn account(read: &mut Read<'_>, id: UserId) -> QueryResult<Option<Account>> {
    let row = users::table.filter(users::id.eq(id)).select(UserRow::as_select()).first(read.connection());
    row.optional()?.map(UserRow::account).transpose()
}

/// The account that signs in as `user_name`; invited ones do not sign in yet.
pub(super) fn account_by_name(read: &mut Read<'_>, user_name: &str) -> QueryResult<Option<Account>> {
    let row = users::table
        .filter(users::user_name.eq(user_name))
        .filter(users::state.ne(UserState::Invited.as_str()))
        .select(UserRow::as_select())
        .first(read.connection());
    row.optional()?.map(UserRow::account).transpose()
}

/// Guarded: of two activations with one code, the second changes no row.
pub(super) fn activate(tx: &mut Tx<'_>, account: &Account, password_hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::state.eq(UserState::Invited.as_str()))
        .filter(users::activation_version.eq(account.activation_version))
        .set((users::state.eq(UserState::Active.as_str()), users::password_hash.eq(password_hash)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: a temporary password is used once. Raises the epoch.
pub(super) fn replace_temporary_password(tx: &mut Tx<'_>, account: &Account, password_hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(users::table)
        .filter(users::id.eq(account.id))
        .filter(users::password_is_temporary.eq(true))
        .filter(users::epoch.eq(account.epoch))
        .set((
            users::password_hash.eq(password_hash),
            users::password_is_temporary.eq(false),
            users::password_expires_at.eq(None::<Timestamp>),
            users::epoch.eq(users::epoch + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

pub(super) fn insert_application(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    organisation: OrganisationId,
    name: &str,
    roles: &[Role],
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(applications::table)
        .values((
            applications::id.eq(id),
            applications::organisation_id.eq(organisation),
            applications::name.eq(name),
            applications::created_at.eq(now),
            applications::epoch.eq(1_i64),
        ))
        .execute(tx.connection())?;
    for role in roles {
        diesel::insert_into(application_roles::table)
            .values((application_roles::application_id.eq(id), application_roles::role.eq(role.as_str())))
            .execute(tx.connection())?;
    }
    Ok(())
}

pub(super) fn insert_secret(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    digest: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(application_secrets::table)
        .values((
            application_secrets::id.eq(SecretId::fresh()),
            application_secrets::application_id.eq(application),
            application_secrets::digest.eq(digest),
            application_secrets::created_at.eq(now),
            application_secrets::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The organisation of an application that presents the secret with this digest.
pub(super) fn application_with_secret(
    read: &mut Read<'_>,
    application: ApplicationId,
    digest: &[u8],
    now: Timestamp,
) -> QueryResult<Option<(OrganisationId, i64)>> {
    application_secrets::table
        .inner_join(applications::table.on(applications::id.eq(application_secrets::application_id)))
        .filter(application_secrets::digest.eq(digest))
        .filter(application_secrets::application_id.eq(application))
        .filter(application_secrets::expires_at.gt(now))
        .filter(applications::removed_at.is_null())
        .select((applications::organisation_id, applications::epoch))
        .first(read.connection())
        .optional()
}

diesel::allow_tables_to_appear_in_same_query!(application_secrets, applications);

/// A refresh token as stored: its digest, never itself.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub(super) struct RefreshRow {
    pub(super) id: RefreshTokenId,
    pub(super) family_id: FamilyId,
    pub(super) user_id: UserId,
    pub(super) user_epoch: i64,
    pub(super) expires_at: Timestamp,
    pub(super) redeemed_at: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
}

pub(super) fn refresh_token(read: &mut Read<'_>, digest: &[u8]) -> QueryResult<Option<RefreshRow>> {
    refresh_tokens::table
        .filter(refresh_tokens::digest.eq(digest))
        .select(RefreshRow::as_select())
        .first(read.connection())
        .optional()
}

pub(super) fn insert_refresh_token(
    tx: &mut Tx<'_>,
    family: FamilyId,
    account: &Account,
    digest: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::id.eq(RefreshTokenId::fresh()),
            refresh_tokens::family_id.eq(family),
            refresh_tokens::user_id.eq(account.id),
            refresh_tokens::user_epoch.eq(account.epoch),
            refresh_tokens::digest.eq(digest),
            refresh_tokens::issued_at.eq(now),
            refresh_tokens::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Marks the first redemption; later ones within the grace keep its time.
pub(super) fn mark_redeemed(tx: &mut Tx<'_>, id: RefreshTokenId, now: Timestamp) -> QueryResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::id.eq(id))
        .filter(refresh_tokens::redeemed_at.is_null())
        .set(refresh_tokens::redeemed_at.eq(now))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn revoke_family(tx: &mut Tx<'_>, family: FamilyId, now: Timestamp) -> QueryResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::family_id.eq(family))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(tx.connection())?;
    Ok(())
}
