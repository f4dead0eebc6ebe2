//! The table of setup info that was handed over by a link.

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::delegation::model::{Recipient, SetupInfo, SetupInfoId, SetupInfoState};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::EmailAddress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    setup_infos (id) {
        id -> Id,
        customer_id -> Id,
        user_id -> Id,
        partner_id -> Id,
        recipient_name -> Text,
        recipient_email -> Text,
        language -> Text,
        state -> Text,
        created_at -> Moment,
        expires_at -> Moment,
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = setup_infos)]
struct SetupInfoRow {
    id: SetupInfoId,
    customer_id: CustomerId,
    user_id: UserId,
    partner_id: PartnerId,
    recipient_name: String,
    recipient_email: String,
    language: String,
    state: String,
    created_at: Timestamp,
    expires_at: Timestamp,
}

pub(in crate::delegation) fn insert(tx: &mut Tx<'_>, new: &SetupInfo) -> QueryResult<()> {
    let row = SetupInfoRow {
        id: new.id,
        customer_id: new.customer,
        user_id: new.user,
        partner_id: new.partner,
        recipient_name: new.recipient.name.clone(),
        recipient_email: new.recipient.email.as_str().to_owned(),
        language: new.recipient.language.code().to_owned(),
        state: new.state.as_str().to_owned(),
        created_at: new.created_at,
        expires_at: new.expires_at,
    };
    diesel::insert_into(setup_infos::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// By id alone: whoever asks holds the link, or writes the mail that carries it.
pub(in crate::delegation) fn by_id(read: &mut Read<'_>, id: SetupInfoId) -> QueryResult<Option<SetupInfo>> {
    let row: Option<SetupInfoRow> =
        setup_infos::table.filter(setup_infos::id.eq(id)).first(read.connection()).optional()?;
    let Some(row) = row else { return Ok(None) };
    let email = EmailAddress::try_from(row.recipient_email)
        .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    Ok(Some(SetupInfo {
        id: row.id,
        customer: row.customer_id,
        user: row.user_id,
        partner: row.partner_id,
        recipient: Recipient { name: row.recipient_name, email, language: word(row.language)? },
        state: word(row.state)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

/// Guarded: of two uses of one link the second changes no row.
pub(in crate::delegation) fn use_up(tx: &mut Tx<'_>, id: SetupInfoId) -> QueryResult<bool> {
    let changed = diesel::update(setup_infos::table)
        .filter(setup_infos::id.eq(id))
        .filter(setup_infos::state.eq(SetupInfoState::Open.as_str()))
        .set(setup_infos::state.eq(SetupInfoState::Revealed.as_str()))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Kills the customer's link, if it has one.
pub(in crate::delegation) fn replace_open(tx: &mut Tx<'_>, customer: CustomerId) -> QueryResult<()> {
    diesel::update(setup_infos::table)
        .filter(setup_infos::customer_id.eq(customer))
        .filter(setup_infos::state.eq(SetupInfoState::Open.as_str()))
        .set(setup_infos::state.eq(SetupInfoState::Replaced.as_str()))
        .execute(tx.connection())?;
    Ok(())
}

/// Those whose link waits to be used: for the invariants.
pub(in crate::delegation) fn open_ids(read: &mut Read<'_>) -> QueryResult<Vec<SetupInfoId>> {
    setup_infos::table
        .filter(setup_infos::state.eq(SetupInfoState::Open.as_str()))
        .select(setup_infos::id)
        .load(read.connection())
}

/// How many links were mailed for a customer since a moment.
pub(in crate::delegation) fn count_since(
    read: &mut Read<'_>,
    customer: CustomerId,
    since: Timestamp,
) -> QueryResult<i64> {
    setup_infos::table
        .filter(setup_infos::customer_id.eq(customer))
        .filter(setup_infos::created_at.gt(since))
        .count()
        .get_result(read.connection())
}

pub(in crate::delegation) fn forget_expired(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::delete(setup_infos::table.filter(setup_infos::expires_at.le(now))).execute(tx.connection())?;
    Ok(())
}
