//! The public list of providers, and what providers ask to have changed in it.

use diesel::prelude::*;

use super::{ProfileRow, companies, mpn_accounts, profile, with_mpn_id};
use crate::access::{PartnerId, UserId};
use crate::companies::model::{ChangeRequest, ChangeRequestId, CompanyProfile, ProviderEntry};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::text::folded;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    listing_change_requests (id) {
        id -> Id,
        provider_id -> Id,
        requested_by -> Nullable<Id>,
        message -> Text,
        created_at -> Moment,
        closed_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(listing_change_requests, companies);

pub(in crate::companies) fn listed(
    read: &mut Read<'_>,
    after: Option<PartnerId>,
    limit: i64,
) -> QueryResult<Vec<CompanyProfile>> {
    let mut query = with_mpn_id!().filter(companies::listed.eq(true)).into_boxed();
    if let Some(after) = after {
        query = query.filter(companies::organisation_id.gt(after));
    }
    let rows: Vec<ProfileRow> = query.order(companies::organisation_id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(profile).collect())
}

/// An entry as the public sees it: whoever asks may.
pub(in crate::companies) fn listed_one(read: &mut Read<'_>, id: PartnerId) -> QueryResult<Option<CompanyProfile>> {
    let row: Option<ProfileRow> = with_mpn_id!()
        .filter(companies::organisation_id.eq(id))
        .filter(companies::listed.eq(true))
        .first(read.connection())
        .optional()?;
    Ok(row.map(profile))
}

pub(in crate::companies) fn listed_among(read: &mut Read<'_>, partners: &[PartnerId]) -> QueryResult<Vec<PartnerId>> {
    let mut found = Vec::with_capacity(partners.len());
    // A statement takes a bounded number of parameters.
    for some in partners.chunks(5_000) {
        let listed: Vec<PartnerId> = companies::table
            .filter(companies::organisation_id.eq_any(some))
            .filter(companies::listed.eq(true))
            .select(companies::organisation_id)
            .load(read.connection())?;
        found.extend(listed);
    }
    Ok(found)
}

/// Guarded: changes the entry if it is still at `version`.
pub(in crate::companies) fn change_entry(
    tx: &mut Tx<'_>,
    id: PartnerId,
    entry: &ProviderEntry,
    version: i32,
) -> QueryResult<bool> {
    let changed = diesel::update(companies::table)
        .filter(companies::organisation_id.eq(id))
        .filter(companies::version.eq(version))
        .set((
            companies::name.eq(&entry.name),
            companies::name_folded.eq(folded(&entry.name)),
            companies::country.eq(entry.country.as_str()),
            companies::contact_email.eq(entry.contact_email.as_str()),
            companies::description.eq(&entry.description),
            companies::version.eq(companies::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

pub(in crate::companies) fn insert_change_request(tx: &mut Tx<'_>, request: &ChangeRequest) -> QueryResult<()> {
    diesel::insert_into(listing_change_requests::table)
        .values((
            listing_change_requests::id.eq(request.id),
            listing_change_requests::provider_id.eq(request.provider),
            listing_change_requests::requested_by.eq(request.requested_by),
            listing_change_requests::message.eq(&request.text),
            listing_change_requests::created_at.eq(request.created_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type RequestRow = (ChangeRequestId, PartnerId, String, Option<UserId>, String, Timestamp, Option<Timestamp>);

fn request((id, provider, provider_name, requested_by, text, created_at, closed_at): RequestRow) -> ChangeRequest {
    ChangeRequest { id, provider, provider_name, requested_by, text, created_at, closed_at }
}

/// Change requests with the names of their providers, in one query.
macro_rules! with_names {
    () => {
        listing_change_requests::table
            .inner_join(companies::table.on(companies::organisation_id.eq(listing_change_requests::provider_id)))
            .select((
                listing_change_requests::id,
                listing_change_requests::provider_id,
                companies::name,
                listing_change_requests::requested_by,
                listing_change_requests::message,
                listing_change_requests::created_at,
                listing_change_requests::closed_at,
            ))
    };
}

/// What `provider` waits for; there are never many.
pub(in crate::companies) fn open_change_requests(
    read: &mut Read<'_>,
    provider: PartnerId,
) -> QueryResult<Vec<ChangeRequest>> {
    let rows: Vec<RequestRow> = with_names!()
        .filter(listing_change_requests::provider_id.eq(provider))
        .filter(listing_change_requests::closed_at.is_null())
        .order(listing_change_requests::id)
        .load(read.connection())?;
    Ok(rows.into_iter().map(request).collect())
}

/// One request: the operator's to see, and the mail's to the operator.
pub(in crate::companies) fn change_request(
    read: &mut Read<'_>,
    id: ChangeRequestId,
) -> QueryResult<Option<ChangeRequest>> {
    let row: Option<RequestRow> =
        with_names!().filter(listing_change_requests::id.eq(id)).first(read.connection()).optional()?;
    Ok(row.map(request))
}

/// All requests: the operator's to see.
pub(in crate::companies) fn change_requests(
    read: &mut Read<'_>,
    after: Option<ChangeRequestId>,
    limit: i64,
) -> QueryResult<Vec<ChangeRequest>> {
    let mut query = with_names!().into_boxed();
    if let Some(after) = after {
        query = query.filter(listing_change_requests::id.gt(after));
    }
    let rows: Vec<RequestRow> = query.order(listing_change_requests::id).limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(request).collect())
}

/// Guarded: a request is closed once.
pub(in crate::companies) fn close_change_request(
    tx: &mut Tx<'_>,
    id: ChangeRequestId,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(listing_change_requests::table)
        .filter(listing_change_requests::id.eq(id))
        .filter(listing_change_requests::closed_at.is_null())
        .set(listing_change_requests::closed_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Requests that wait, for the invariants.
pub(in crate::companies) fn open_ids(read: &mut Read<'_>) -> QueryResult<Vec<ChangeRequestId>> {
    listing_change_requests::table
        .filter(listing_change_requests::closed_at.is_null())
        .select(listing_change_requests::id)
        .load(read.connection())
}
