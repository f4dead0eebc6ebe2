//! Tables of invitations and partnerships.

use diesel::prelude::*;

use super::model::{Invitation, InvitationId, InvitationState, Partnership, PartnershipId};
use crate::access::{OrganisationKind, PartnerId, UserId};
use crate::companies::MpnId;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::text::EmailAddress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    invitations (id) {
        id -> Id,
        provider_id -> Id,
        created_by -> Nullable<Id>,
        email -> Text,
        mpn_id -> Nullable<Text>,
        subject -> Text,
        message -> Text,
        state -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        answered_at -> Nullable<Moment>,
        answered_by -> Nullable<Id>,
        decline_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    partnerships (id) {
        id -> Id,
        provider_id -> Id,
        reseller_id -> Id,
        invitation_id -> Id,
        started_at -> Moment,
        last_association_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
        end_reason -> Nullable<Text>,
        attestation -> Nullable<Text>,
        attestation_version -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(invitations, partnerships);

pub(super) fn insert_invitation(tx: &mut Tx<'_>, invitation: &Invitation) -> QueryResult<()> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(invitation.id),
            invitations::provider_id.eq(invitation.provider),
            invitations::created_by.eq(invitation.created_by),
            invitations::email.eq(invitation.email.as_str()),
            invitations::mpn_id.eq(invitation.mpn_id.as_ref().map(MpnId::as_str)),
            invitations::subject.eq(&invitation.subject),
            invitations::message.eq(&invitation.message),
            invitations::state.eq(invitation.state.as_str()),
            invitations::created_at.eq(invitation.created_at),
            invitations::expires_at.eq(invitation.expires_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    id: InvitationId,
    provider_id: PartnerId,
    created_by: Option<UserId>,
    email: String,
    mpn_id: Option<String>,
    subject: String,
    message: String,
    state: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    answered_at: Option<Timestamp>,
    decline_reason: Option<String>,
}

impl InvitationRow {
    fn invitation(self) -> QueryResult<Invitation> {
        let unreadable = |error: String| diesel::result::Error::DeserializationError(error.into());
        Ok(Invitation {
            id: self.id,
            provider: self.provider_id,
            created_by: self.created_by,
            email: EmailAddress::try_from(self.email).map_err(|error| unreadable(error.to_string()))?,
            mpn_id: self.mpn_id.map(MpnId::try_from).transpose().map_err(unreadable)?,
            subject: self.subject,
            message: self.message,
            state: word(self.state)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            answered_at: self.answered_at,
            decline_reason: self.decline_reason,
        })
    }
}

/// By id alone: whoever asks holds a link, which is proved against the row.
pub(super) fn invitation_behind_link(read: &mut Read<'_>, id: InvitationId) -> QueryResult<Option<Invitation>> {
    let row = invitations::table.filter(invitations::id.eq(id)).select(InvitationRow::as_select());
    row.first(read.connection()).optional()?.map(InvitationRow::invitation).transpose()
}

pub(super) fn invitation_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    id: InvitationId,
) -> QueryResult<Option<Invitation>> {
    let row = invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::provider_id.eq(provider))
        .select(InvitationRow::as_select());
    row.first(read.connection()).optional()?.map(InvitationRow::invitation).transpose()
}

pub(super) fn open_invitation_to(
    read: &mut Read<'_>,
    provider: PartnerId,
    email: &EmailAddress,
    mpn_id: Option<&MpnId>,
    now: Timestamp,
) -> QueryResult<Option<Invitation>> {
    let mut query = invitations::table
        .filter(invitations::provider_id.eq(provider))
        .filter(invitations::email.eq(email.as_str()))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::expires_at.gt(now))
        .select(InvitationRow::as_select())
        .into_boxed();
    query = match mpn_id {
        Some(mpn_id) => query.filter(invitations::mpn_id.eq(mpn_id.as_str())),
        None => query.filter(invitations::mpn_id.is_null()),
    };
    query.first(read.connection()).optional()?.map(InvitationRow::invitation).transpose()
}

pub(super) fn invitations_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    after: Option<InvitationId>,
    limit: i64,
) -> QueryResult<Vec<Invitation>> {
    let mut query = invitations::table
        .filter(invitations::provider_id.eq(provider))
        .select(InvitationRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(invitations::id.gt(after));
    }
    let rows = query.order(invitations::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(InvitationRow::invitation).collect()
}

/// Guarded: an invitation is answered or revoked once.
pub(super) fn close_invitation(
    tx: &mut Tx<'_>,
    id: InvitationId,
    state: InvitationState,
    by: PartnerId,
    reason: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::id.eq(id))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .set((
            invitations::state.eq(state.as_str()),
            invitations::answered_at.eq(now),
            invitations::answered_by.eq(by),
            invitations::decline_reason.eq(reason),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

type PartnershipRow = (PartnershipId, PartnerId, PartnerId, Timestamp, Option<Timestamp>);

fn partnership((id, provider, reseller, started_at, ended_at): PartnershipRow) -> Partnership {
    Partnership { id, provider, reseller, started_at, ended_at }
}

const PARTNERSHIP: (
    partnerships::id,
    partnerships::provider_id,
    partnerships::reseller_id,
    partnerships::started_at,
    partnerships::ended_at,
) = (
    partnerships::id,
    partnerships::provider_id,
    partnerships::reseller_id,
    partnerships::started_at,
    partnerships::ended_at,
);

pub(super) fn insert_partnership(tx: &mut Tx<'_>, new: &Partnership, invitation: InvitationId) -> QueryResult<()> {
    diesel::insert_into(partnerships::table)
        .values((
            partnerships::id.eq(new.id),
            partnerships::provider_id.eq(new.provider),
            partnerships::reseller_id.eq(new.reseller),
            partnerships::invitation_id.eq(invitation),
            partnerships::started_at.eq(new.started_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

pub(super) fn active_between(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
) -> QueryResult<Option<Partnership>> {
    let row: Option<PartnershipRow> = partnerships::table
        .filter(partnerships::provider_id.eq(provider))
        .filter(partnerships::reseller_id.eq(reseller))
        .filter(partnerships::ended_at.is_null())
        .select(PARTNERSHIP)
        .first(read.connection())
        .optional()?;
    Ok(row.map(partnership))
}

/// The newest partnership of the two, whichever is the provider, ended or not.
pub(super) fn newest_of(read: &mut Read<'_>, one: PartnerId, other: PartnerId) -> QueryResult<Option<Partnership>> {
    let pair = |provider: PartnerId, reseller: PartnerId| {
        partnerships::provider_id.eq(provider).and(partnerships::reseller_id.eq(reseller))
    };
    let row: Option<PartnershipRow> = partnerships::table
        .filter(pair(one, other).or(pair(other, one)))
        .order(partnerships::id.desc())
        .select(PARTNERSHIP)
        .first(read.connection())
        .optional()?;
    Ok(row.map(partnership))
}

pub(super) fn active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    side: OrganisationKind,
    after: Option<PartnershipId>,
    limit: i64,
) -> QueryResult<Vec<Partnership>> {
    let mut query = partnerships::table.filter(partnerships::ended_at.is_null()).select(PARTNERSHIP).into_boxed();
    query = match side {
        OrganisationKind::Provider => query.filter(partnerships::provider_id.eq(partner)),
        _ => query.filter(partnerships::reseller_id.eq(partner)),
    };
    if let Some(after) = after {
        query = query.filter(partnerships::id.gt(after));
    }
    let rows: Vec<PartnershipRow> = query.order(partnerships::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(partnership).collect())
}

/// Guarded, and on the same row as [`end`]: of an association and a removal at the same moment one sees the other.
pub(super) fn touch_active(
    tx: &mut Tx<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(partnerships::table)
        .filter(partnerships::provider_id.eq(provider))
        .filter(partnerships::reseller_id.eq(reseller))
        .filter(partnerships::ended_at.is_null())
        .set(partnerships::last_association_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// When the removal takes effect: never before an association that was made first.
pub(super) fn end_time(read: &mut Read<'_>, id: PartnershipId, now: Timestamp) -> QueryResult<Timestamp> {
    let last: Option<Timestamp> = partnerships::table
        .filter(partnerships::id.eq(id))
        .select(partnerships::last_association_at)
        .first(read.connection())?;
    Ok(last.map_or(now, |last| last.max(now)))
}

/// How a partnership ended.
pub(super) struct End<'a> {
    pub(super) at: Timestamp,
    pub(super) by: PartnerId,
    pub(super) reason: Option<&'a str>,
    pub(super) attestation: &'a str,
    pub(super) attestation_version: &'a str,
}

/// Guarded: a partnership ends once.
pub(super) fn end(tx: &mut Tx<'_>, id: PartnershipId, end: &End<'_>) -> QueryResult<bool> {
    let changed = diesel::update(partnerships::table)
        .filter(partnerships::id.eq(id))
        .filter(partnerships::ended_at.is_null())
        .set((
            partnerships::ended_at.eq(end.at),
            partnerships::ended_by.eq(end.by),
            partnerships::end_reason.eq(end.reason),
            partnerships::attestation.eq(end.attestation),
            partnerships::attestation_version.eq(end.attestation_version),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Every partnership there was, ended ones too.
pub(super) fn all(read: &mut Read<'_>) -> QueryResult<Vec<Partnership>> {
    let rows: Vec<PartnershipRow> = partnerships::table.select(PARTNERSHIP).load(read.connection())?;
    Ok(rows.into_iter().map(partnership).collect())
}

/// Accepted invitations without exactly one partnership naming them.
pub(super) fn accepted_without_partnership(read: &mut Read<'_>) -> QueryResult<Vec<InvitationId>> {
    invitations::table
        .left_join(partnerships::table.on(partnerships::invitation_id.eq(invitations::id)))
        .filter(invitations::state.eq(InvitationState::Accepted.as_str()))
        .filter(partnerships::id.nullable().is_null())
        .select(invitations::id)
        .load(read.connection())
}

/// Partnerships that name an invitation which was not accepted.
pub(super) fn partnerships_without_acceptance(read: &mut Read<'_>) -> QueryResult<Vec<PartnershipId>> {
    partnerships::table
        .inner_join(invitations::table.on(invitations::id.eq(partnerships::invitation_id)))
        .filter(invitations::state.ne(InvitationState::Accepted.as_str()))
        .select(partnerships::id)
        .load(read.connection())
}

/// Pairs with more than one active partnership.
pub(super) fn doubled_pairs(read: &mut Read<'_>) -> QueryResult<Vec<(PartnerId, PartnerId)>> {
    partnerships::table
        .filter(partnerships::ended_at.is_null())
        .group_by((partnerships::provider_id, partnerships::reseller_id))
        .having(diesel::dsl::count_star().gt(1))
        .select((partnerships::provider_id, partnerships::reseller_id))
        .load(read.connection())
}
