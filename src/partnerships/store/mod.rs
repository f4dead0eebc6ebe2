//! Tables of partnerships; below, those of invitations and standing links.

pub(super) mod invitations;
pub(super) mod standing_links;

use diesel::prelude::*;

use super::model::{InvitationId, InvitationState, Origin, Partnership, PartnershipId, PastPartnership};
use crate::access::{OrganisationKind, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{Read, Tx};
use invitations::invitations as invitations_table;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    partnerships (id) {
        id -> Id,
        provider_id -> Id,
        reseller_id -> Id,
        invitation_id -> Nullable<Id>,
        standing_link_version -> Nullable<Integer>,
        started_at -> Moment,
        last_association_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
        end_reason -> Nullable<Text>,
        attestation -> Nullable<Text>,
        attestation_version -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(invitations_table, partnerships);

type PartnershipRow = (PartnershipId, PartnerId, PartnerId, Timestamp, Option<Timestamp>);

fn partnership_of((id, provider, reseller, started_at, ended_at): PartnershipRow) -> Partnership {
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

pub(super) fn insert_partnership(tx: &mut Tx<'_>, new: &Partnership, origin: Origin) -> QueryResult<()> {
    let (invitation, link) = match origin {
        Origin::Invitation(id) => (Some(id), None),
        Origin::StandingLink(version) => (None, Some(version)),
    };
    diesel::insert_into(partnerships::table)
        .values((
            partnerships::id.eq(new.id),
            partnerships::provider_id.eq(new.provider),
            partnerships::reseller_id.eq(new.reseller),
            partnerships::invitation_id.eq(invitation),
            partnerships::standing_link_version.eq(link),
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
    Ok(row.map(partnership_of))
}

/// Those of `resellers` that are active resellers of a provider.
pub(super) fn active_among(
    read: &mut Read<'_>,
    provider: PartnerId,
    resellers: &[PartnerId],
) -> QueryResult<Vec<PartnerId>> {
    partnerships::table
        .filter(partnerships::provider_id.eq(provider))
        .filter(partnerships::reseller_id.eq_any(resellers))
        .filter(partnerships::ended_at.is_null())
        .select(partnerships::reseller_id)
        .load(read.connection())
}

/// By id alone: for the mails about it.
pub(super) fn partnership(read: &mut Read<'_>, id: PartnershipId) -> QueryResult<Option<Partnership>> {
    let row: Option<PartnershipRow> =
        partnerships::table.filter(partnerships::id.eq(id)).select(PARTNERSHIP).first(read.connection()).optional()?;
    Ok(row.map(partnership_of))
}

/// The newest partnership of the two, whichever is the provider, ended or not. An active one is the newest whatever its
/// id: programs with clocks of their own make ids.
pub(super) fn newest_of(read: &mut Read<'_>, one: PartnerId, other: PartnerId) -> QueryResult<Option<Partnership>> {
    let pair = |provider: PartnerId, reseller: PartnerId| {
        partnerships::provider_id.eq(provider).and(partnerships::reseller_id.eq(reseller))
    };
    let row: Option<PartnershipRow> = partnerships::table
        .filter(pair(one, other).or(pair(other, one)))
        .order((partnerships::ended_at.is_null().desc(), partnerships::id.desc()))
        .select(PARTNERSHIP)
        .first(read.connection())
        .optional()?;
    Ok(row.map(partnership_of))
}

pub(super) fn active_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    side: OrganisationKind,
    after: Option<PartnershipId>,
    limit: Option<i64>,
) -> QueryResult<Vec<Partnership>> {
    let mut query = partnerships::table.filter(partnerships::ended_at.is_null()).select(PARTNERSHIP).into_boxed();
    query = match side {
        OrganisationKind::Provider => query.filter(partnerships::provider_id.eq(partner)),
        _ => query.filter(partnerships::reseller_id.eq(partner)),
    };
    if let Some(after) = after {
        query = query.filter(partnerships::id.gt(after));
    }
    if let Some(limit) = limit {
        query = query.limit(limit);
    }
    let rows: Vec<PartnershipRow> = query.order(partnerships::id).load(read.connection())?;
    Ok(rows.into_iter().map(partnership_of).collect())
}

type PastRow = (PartnershipRow, Option<InvitationId>, Option<i32>, Option<PartnerId>, Option<String>, Option<String>);

/// The partnerships of the two, whichever is the provider, ended ones too.
pub(super) fn history_of(
    read: &mut Read<'_>,
    one: PartnerId,
    other: PartnerId,
    after: Option<PartnershipId>,
    limit: i64,
) -> QueryResult<Vec<PastPartnership>> {
    let pair = |provider: PartnerId, reseller: PartnerId| {
        partnerships::provider_id.eq(provider).and(partnerships::reseller_id.eq(reseller))
    };
    let mut query = partnerships::table
        .filter(pair(one, other).or(pair(other, one)))
        .select((
            PARTNERSHIP,
            partnerships::invitation_id,
            partnerships::standing_link_version,
            partnerships::ended_by,
            partnerships::end_reason,
            partnerships::attestation_version,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(partnerships::id.gt(after));
    }
    let rows: Vec<PastRow> = query.order(partnerships::id).limit(limit).load(read.connection())?;
    let past = |(row, invitation, link, ended_by, end_reason, attestation_version): PastRow| PastPartnership {
        partnership: partnership_of(row),
        origin: match invitation {
            Some(id) => Origin::Invitation(id),
            None => Origin::StandingLink(link.unwrap_or_default()),
        },
        ended_by,
        end_reason,
        attestation_version,
    };
    Ok(rows.into_iter().map(past).collect())
}

/// Guarded, and on the same row as [`end`]: of an association and a removal at the same moment one sees the other.
pub(super) fn touch_active(
    tx: &mut Tx<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<bool> {
    // Of copies whose clocks differ the latest holds.
    let changed = diesel::sql_query(
        "UPDATE partnerships SET last_association_at = CASE WHEN last_association_at > $1 THEN last_association_at ELSE $1 END \
         WHERE provider_id = $2 AND reseller_id = $3 AND ended_at IS NULL",
    )
    .bind::<Moment, _>(now)
    .bind::<Id, _>(provider)
    .bind::<Id, _>(reseller)
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
    Ok(rows.into_iter().map(partnership_of).collect())
}

/// Accepted invitations without exactly one partnership naming them.
pub(super) fn accepted_without_partnership(read: &mut Read<'_>) -> QueryResult<Vec<InvitationId>> {
    invitations_table::table
        .left_join(partnerships::table.on(partnerships::invitation_id.eq(invitations_table::id.nullable())))
        .filter(invitations_table::state.eq(InvitationState::Accepted.as_str()))
        .filter(partnerships::id.nullable().is_null())
        .select(invitations_table::id)
        .load(read.connection())
}

/// Partnerships that name an invitation which was not accepted.
pub(super) fn partnerships_without_acceptance(read: &mut Read<'_>) -> QueryResult<Vec<PartnershipId>> {
    partnerships::table
        .inner_join(invitations_table::table.on(partnerships::invitation_id.eq(invitations_table::id.nullable())))
        .filter(invitations_table::state.ne(InvitationState::Accepted.as_str()))
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
