//! The public list of providers: the operator edits it, a provider may ask for a change.

use std::collections::HashSet;

use diesel::QueryResult;

use super::create;
use crate::access::{AccessSettings, OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::mail;
use crate::companies::model::{
    ChangeRequest, ChangeRequestError, ChangeRequestId, ChangeRequestUnknown, CompanyProfile, EnrollError,
    MAX_OPEN_REQUESTS, MpnId, MpnKind, NewCompany, ProviderEntry, ProviderError, ProviderUnknown,
};
use crate::companies::store::{self, providers};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::{EtagError, IfMatch, etag};
use crate::platform::jobs;

/// Puts a provider on the public list; its first admin gets an activation mail.
///
/// # Errors
/// [`EnrollError`] if the domain or the MPN ID is taken.
pub fn create_provider(
    tx: &mut Tx<'_>,
    me: &Scope,
    company: &NewCompany,
    mpn_id: &MpnId,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<PartnerId, EnrollError> {
    if store::verified_mpn_account(tx, mpn_id.as_str())?.is_some() {
        return Err(EnrollError::MpnIdOfAnother(mpn_id.clone()).into());
    }
    let provider = create(tx, OrganisationKind::Provider, company, settings, now)?;
    store::insert_mpn_account(tx, provider, mpn_id, MpnKind::Location, true, Some(now))?;
    audit::record(tx, me, &Event::ProviderListed { provider: provider.uuid() }, now)?;
    Ok(provider)
}

/// The public list of providers.
///
/// # Errors
/// Only the database's.
pub fn list(read: &mut Read<'_>, after: Option<PartnerId>, limit: i64) -> QueryResult<Vec<CompanyProfile>> {
    providers::listed(read, after, limit)
}

/// Those of `partners` that are on the public list.
///
/// # Errors
/// Only the database's.
pub fn listed_among(read: &mut Read<'_>, partners: &[PartnerId]) -> QueryResult<HashSet<PartnerId>> {
    Ok(providers::listed_among(read, partners)?.into_iter().collect())
}

/// One entry of the public list.
///
/// # Errors
/// [`ProviderUnknown`].
pub fn entry(read: &mut Read<'_>, id: PartnerId) -> Outcome<CompanyProfile, ProviderUnknown> {
    Ok(providers::listed_one(read, id)?.ok_or_else(|| ProviderUnknown::new(&id))?)
}

/// Changes an entry of the public list. What it says already changes nothing.
///
/// # Errors
/// See [`ProviderError`].
pub fn change_entry(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: PartnerId,
    wanted: &ProviderEntry,
    looked_at: &IfMatch,
    now: Timestamp,
) -> Outcome<CompanyProfile, ProviderError> {
    let found = entry(tx, id).map_err(|failure| failure.widen::<ProviderError>())?;
    let current = etag(found.version);
    looked_at.check(&current).map_err(ProviderError::from)?;
    let changed = CompanyProfile {
        name: wanted.name.clone(),
        country: wanted.country.as_str().to_owned(),
        contact_email: wanted.contact_email.as_str().to_owned(),
        description: wanted.description.clone(),
        ..found.clone()
    };
    if changed == found {
        return Ok(found);
    }
    if !providers::change_entry(tx, id, wanted, found.version)? {
        return Err(ProviderError::from(EtagError::Stale(current)).into());
    }
    let version = found.version + 1;
    audit::record(tx, me, &Event::ProviderChanged { provider: id.uuid(), version }, now)?;
    Ok(CompanyProfile { version, ..changed })
}

/// Asks the operator to change the caller's own entry; the operator gets a mail. The same text, while it waits, is asked
/// once.
///
/// # Errors
/// See [`ChangeRequestError`].
pub fn request_change(
    tx: &mut Tx<'_>,
    me: &Scope,
    text: &str,
    now: Timestamp,
) -> Outcome<ChangeRequest, ChangeRequestError> {
    let provider = me.partner();
    let own = entry(tx, provider).map_err(|failure| failure.widen::<ChangeRequestError>())?;
    let open = providers::open_change_requests(tx, provider)?;
    let count = open.len();
    if let Some(same) = open.into_iter().find(|request| request.text == text) {
        return Ok(same);
    }
    if count >= MAX_OPEN_REQUESTS {
        return Err(ChangeRequestError::TooMany.into());
    }
    let request = ChangeRequest {
        id: ChangeRequestId::fresh(),
        provider,
        provider_name: own.name,
        requested_by: me.user_id(),
        text: text.to_owned(),
        created_at: now,
        closed_at: None,
    };
    providers::insert_change_request(tx, &request)?;
    let event = Event::ListingChangeRequested { request: request.id.uuid(), provider: provider.uuid() };
    audit::record(tx, me, &event, now)?;
    jobs::want(tx, mail::LISTING_CHANGE, request.id.uuid(), 1, now)?;
    Ok(request)
}

/// All change requests, for the operator.
///
/// # Errors
/// Only the database's.
pub fn change_requests(
    read: &mut Read<'_>,
    after: Option<ChangeRequestId>,
    limit: i64,
) -> QueryResult<Vec<ChangeRequest>> {
    providers::change_requests(read, after, limit)
}

/// Closes a change request: the operator has done it, or decided otherwise. Twice changes nothing.
///
/// # Errors
/// [`ChangeRequestUnknown`].
pub fn close_change_request(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: ChangeRequestId,
    now: Timestamp,
) -> Outcome<ChangeRequest, ChangeRequestUnknown> {
    let request = providers::change_request(tx, id)?.ok_or(ChangeRequestUnknown(id))?;
    if !providers::close_change_request(tx, id, now)? {
        return Ok(request);
    }
    let event = Event::ListingChangeClosed { request: id.uuid(), provider: request.provider.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(ChangeRequest { closed_at: Some(now), ..request })
}
