//! Sessions of browsers.

use diesel::prelude::*;

use super::super::model::{Account, AuthorizationId, Session, SessionId, Stage, UserId};
use super::schema::{sessions, users};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

pub(in crate::access) fn insert_session(
    tx: &mut Tx<'_>,
    digest: &[u8],
    account: &Account,
    stage: Stage,
    second_factor: bool,
    authorization: Option<AuthorizationId>,
    (now, expires_at): (Timestamp, Timestamp),
) -> QueryResult<SessionId> {
    let id = SessionId::fresh();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::digest.eq(digest),
            sessions::user_id.eq(account.id),
            sessions::user_epoch.eq(account.epoch),
            sessions::stage.eq(stage.as_str()),
            sessions::second_factor.eq(second_factor),
            sessions::authorization_id.eq(authorization),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

type SessionRow = (SessionId, UserId, String, bool, Option<AuthorizationId>);

/// The session with this digest, if it is good at `now`: not ended, its account
/// unchanged.
pub(in crate::access) fn live_session(
    read: &mut Read<'_>,
    digest: &[u8],
    now: Timestamp,
) -> QueryResult<Option<Session>> {
    let row: Option<SessionRow> = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::digest.eq(digest))
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::user_epoch.eq(users::epoch))
        .filter(users::removed_at.is_null())
        .filter(users::state.eq("active"))
        .select((sessions::id, sessions::user_id, sessions::stage, sessions::second_factor, sessions::authorization_id))
        .first(read.connection())
        .optional()?;
    row.map(|(id, user, stage, second_factor, authorization)| {
        Ok(Session { id, user, stage: word(stage)?, second_factor, authorization })
    })
    .transpose()
}

pub(in crate::access) fn delete_stage(tx: &mut Tx<'_>, user: UserId, stage: Stage) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::stage.eq(stage.as_str())))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::access) fn delete_session(tx: &mut Tx<'_>, id: SessionId) -> QueryResult<bool> {
    let deleted = diesel::delete(sessions::table.filter(sessions::id.eq(id))).execute(tx.connection())?;
    Ok(deleted == 1)
}

pub(in crate::access) fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::delete(sessions::table.filter(sessions::expires_at.le(now))).execute(tx.connection())?;
    Ok(())
}
