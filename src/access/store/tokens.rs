//! Refresh tokens and authorization codes.

use diesel::prelude::*;

use super::super::model::{Account, ApplicationId, AuthorizationId, FamilyId, RefreshTokenId, UserId};
use super::schema::{authorizations, refresh_tokens};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};

/// A refresh token as stored: its digest, never itself.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub(in crate::access) struct RefreshRow {
    pub(in crate::access) id: RefreshTokenId,
    pub(in crate::access) family_id: FamilyId,
    pub(in crate::access) user_id: UserId,
    pub(in crate::access) user_epoch: i64,
    pub(in crate::access) expires_at: Timestamp,
    pub(in crate::access) redeemed_at: Option<Timestamp>,
    pub(in crate::access) revoked_at: Option<Timestamp>,
    pub(in crate::access) application_id: Option<ApplicationId>,
    pub(in crate::access) second_factor: bool,
}

/// Through which client a user signed in, and how well proved.
#[derive(Clone, Copy, Debug)]
pub(in crate::access) struct SignIn {
    pub(in crate::access) family: FamilyId,
    pub(in crate::access) application: Option<ApplicationId>,
    pub(in crate::access) second_factor: bool,
}

pub(in crate::access) fn refresh_token(read: &mut Read<'_>, digest: &[u8]) -> QueryResult<Option<RefreshRow>> {
    refresh_tokens::table
        .filter(refresh_tokens::digest.eq(digest))
        .select(RefreshRow::as_select())
        .first(read.connection())
        .optional()
}

pub(in crate::access) fn insert_refresh_token(
    tx: &mut Tx<'_>,
    sign_in: SignIn,
    account: &Account,
    digest: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::id.eq(RefreshTokenId::fresh()),
            refresh_tokens::family_id.eq(sign_in.family),
            refresh_tokens::application_id.eq(sign_in.application),
            refresh_tokens::second_factor.eq(sign_in.second_factor),
            refresh_tokens::user_id.eq(account.id),
            refresh_tokens::user_epoch.eq(account.epoch),
            refresh_tokens::digest.eq(digest),
            refresh_tokens::issued_at.eq(now),
            refresh_tokens::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Marks the first redemption, and says whether this is it; later ones within the grace keep its time.
pub(in crate::access) fn mark_redeemed(tx: &mut Tx<'_>, id: RefreshTokenId, now: Timestamp) -> QueryResult<bool> {
    let marked = diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::id.eq(id))
        .filter(refresh_tokens::redeemed_at.is_null())
        .set(refresh_tokens::redeemed_at.eq(now))
        .execute(tx.connection())?;
    Ok(marked == 1)
}

pub(in crate::access) fn revoke_family(tx: &mut Tx<'_>, family: FamilyId, now: Timestamp) -> QueryResult<()> {
    diesel::update(refresh_tokens::table)
        .filter(refresh_tokens::family_id.eq(family))
        .filter(refresh_tokens::revoked_at.is_null())
        .set(refresh_tokens::revoked_at.eq(now))
        .execute(tx.connection())?;
    Ok(())
}

/// A request for authorization as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = authorizations)]
pub(in crate::access) struct AuthorizationRow {
    pub(in crate::access) id: AuthorizationId,
    pub(in crate::access) request: String,
    pub(in crate::access) expires_at: Timestamp,
    pub(in crate::access) user_id: Option<UserId>,
    pub(in crate::access) user_epoch: Option<i64>,
    pub(in crate::access) second_factor: Option<bool>,
    pub(in crate::access) family_id: Option<FamilyId>,
    pub(in crate::access) redeemed_at: Option<Timestamp>,
}

pub(in crate::access) fn insert_authorization(
    tx: &mut Tx<'_>,
    id: AuthorizationId,
    client_id: &str,
    request: &str,
    expires_at: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(authorizations::table)
        .values((
            authorizations::id.eq(id),
            authorizations::client_id.eq(client_id),
            authorizations::request.eq(request),
            authorizations::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// By id alone: the id was made for this browser and names nothing of anybody's.
pub(in crate::access) fn authorization(
    read: &mut Read<'_>,
    id: AuthorizationId,
) -> QueryResult<Option<AuthorizationRow>> {
    authorizations::table
        .filter(authorizations::id.eq(id))
        .select(AuthorizationRow::as_select())
        .first(read.connection())
        .optional()
}

pub(in crate::access) fn authorization_by_code(
    read: &mut Read<'_>,
    digest: &[u8],
) -> QueryResult<Option<AuthorizationRow>> {
    authorizations::table
        .filter(authorizations::digest.eq(digest))
        .select(AuthorizationRow::as_select())
        .first(read.connection())
        .optional()
}

/// Guarded: a request is answered once.
pub(in crate::access) fn answer_authorization(
    tx: &mut Tx<'_>,
    id: AuthorizationId,
    account: &Account,
    sign_in: SignIn,
    digest: &[u8],
    expires_at: Timestamp,
) -> QueryResult<bool> {
    let answered = diesel::update(authorizations::table)
        .filter(authorizations::id.eq(id))
        .filter(authorizations::digest.is_null())
        .set((
            authorizations::user_id.eq(account.id),
            authorizations::user_epoch.eq(account.epoch),
            authorizations::second_factor.eq(sign_in.second_factor),
            authorizations::family_id.eq(sign_in.family),
            authorizations::digest.eq(digest),
            authorizations::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(answered == 1)
}

pub(in crate::access) fn delete_authorization(tx: &mut Tx<'_>, id: AuthorizationId) -> QueryResult<()> {
    diesel::delete(authorizations::table.filter(authorizations::id.eq(id))).execute(tx.connection())?;
    Ok(())
}

/// Guarded: a code is redeemed once.
pub(in crate::access) fn redeem_code(tx: &mut Tx<'_>, id: AuthorizationId, now: Timestamp) -> QueryResult<bool> {
    let redeemed = diesel::update(authorizations::table)
        .filter(authorizations::id.eq(id))
        .filter(authorizations::redeemed_at.is_null())
        .set(authorizations::redeemed_at.eq(now))
        .execute(tx.connection())?;
    Ok(redeemed == 1)
}

/// Forgets what has ended: requests and codes an hour ago, tokens a week ago.
pub(in crate::access) fn forget_ended(tx: &mut Tx<'_>, codes_before: Timestamp, before: Timestamp) -> QueryResult<()> {
    diesel::delete(authorizations::table.filter(authorizations::expires_at.lt(codes_before)))
        .execute(tx.connection())?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before))).execute(tx.connection())?;
    Ok(())
}
