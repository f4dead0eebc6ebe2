//! Standing links, and who said no to them.

use diesel::prelude::*;

use crate::access::PartnerId;
use crate::partnerships::model::{StandingDecline, StandingDeclineId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    standing_links (provider_id) {
        provider_id -> Id,
        version -> Integer,
        changed_at -> Moment,
        revoked_at -> Nullable<Moment>,
    }
}

/// Version, since when, revoked since when: of the standing link of a provider that has touched it.
pub(in crate::partnerships) fn standing_link(
    read: &mut Read<'_>,
    provider: PartnerId,
) -> QueryResult<Option<(i32, Timestamp, Option<Timestamp>)>> {
    standing_links::table
        .filter(standing_links::provider_id.eq(provider))
        .select((standing_links::version, standing_links::changed_at, standing_links::revoked_at))
        .first(read.connection())
        .optional()
}

/// Guarded: changes the standing link if it is still in version `from`; `None` if the provider has not touched it yet.
pub(in crate::partnerships) fn set_standing_link(
    tx: &mut Tx<'_>,
    provider: PartnerId,
    from: Option<i32>,
    version: i32,
    revoked_at: Option<Timestamp>,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = match from {
        None => diesel::insert_into(standing_links::table)
            .values((
                standing_links::provider_id.eq(provider),
                standing_links::version.eq(version),
                standing_links::changed_at.eq(now),
                standing_links::revoked_at.eq(revoked_at),
            ))
            .execute(tx.connection())?,
        Some(from) => diesel::update(standing_links::table)
            .filter(standing_links::provider_id.eq(provider))
            .filter(standing_links::version.eq(from))
            .set((
                standing_links::version.eq(version),
                standing_links::changed_at.eq(now),
                standing_links::revoked_at.eq(revoked_at),
            ))
            .execute(tx.connection())?,
    };
    Ok(changed == 1)
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    standing_link_declines (id) {
        id -> Id,
        provider_id -> Id,
        reseller_id -> Id,
        link_version -> Integer,
        reason -> Nullable<Text>,
        declined_at -> Moment,
    }
}

/// Whether `reseller` said no to this version of the link.
pub(in crate::partnerships) fn has_declined(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    version: i32,
) -> QueryResult<bool> {
    let declines: i64 = standing_link_declines::table
        .filter(standing_link_declines::provider_id.eq(provider))
        .filter(standing_link_declines::reseller_id.eq(reseller))
        .filter(standing_link_declines::link_version.eq(version))
        .count()
        .get_result(read.connection())?;
    Ok(declines > 0)
}

/// By id alone: for the mails about it.
pub(in crate::partnerships) fn standing_decline(
    read: &mut Read<'_>,
    id: StandingDeclineId,
) -> QueryResult<Option<StandingDecline>> {
    let row: Option<(PartnerId, PartnerId, Option<String>)> = standing_link_declines::table
        .filter(standing_link_declines::id.eq(id))
        .select((
            standing_link_declines::provider_id,
            standing_link_declines::reseller_id,
            standing_link_declines::reason,
        ))
        .first(read.connection())
        .optional()?;
    Ok(row.map(|(provider, reseller, reason)| StandingDecline { id, provider, reseller, reason }))
}

pub(in crate::partnerships) fn insert_standing_decline(
    tx: &mut Tx<'_>,
    declined: &StandingDecline,
    version: i32,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(standing_link_declines::table)
        .values((
            standing_link_declines::id.eq(declined.id),
            standing_link_declines::provider_id.eq(declined.provider),
            standing_link_declines::reseller_id.eq(declined.reseller),
            standing_link_declines::link_version.eq(version),
            standing_link_declines::reason.eq(declined.reason.as_deref()),
            standing_link_declines::declined_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}
