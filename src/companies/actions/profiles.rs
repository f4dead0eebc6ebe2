//! Profiles of the caller's own company.

use diesel::QueryResult;
use diesel::result::Error as DieselError;

use crate::access::{AccessError, AppOnly, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::model::{CompanyRecord, Profile};
use crate::companies::store::profiles as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::{EtagError, IfMatch, etag};

/// A profile with what the company's record adds to it.
pub struct Shown<P> {
    /// The company.
    pub company: CompanyRecord,
    /// What it says.
    pub profile: P,
    /// Its version; 0 until the company has changed it.
    pub version: i32,
}

/// A profile of the caller's company: as it was changed last, or derived from the company's record.
///
/// # Errors
/// [`AccessError::AppOnlyRefused`] where the contract wants a user.
pub fn profile<P: Profile>(read: &mut Read<'_>, me: &Scope) -> Outcome<Shown<P>, AccessError> {
    if P::APP_ONLY == AppOnly::Refused {
        me.require_user()?;
    }
    let (company, stored) = store::company_with_profile(read, me.partner(), P::KIND)?;
    Ok(match stored {
        Some((body, version)) => Shown { company, profile: parsed(&body)?, version },
        None => Shown { profile: P::derived(&company), company, version: 0 },
    })
}

/// Replaces a profile of the caller's company. The same again changes nothing.
///
/// # Errors
/// [`EtagError::Stale`].
pub fn change_profile<P: Profile>(
    tx: &mut Tx<'_>,
    me: &Scope,
    sent: &P,
    looked_at: &IfMatch,
    now: Timestamp,
) -> Outcome<Shown<P>, EtagError> {
    let own: PartnerId = me.partner();
    let (company, stored) = store::company_with_profile(tx, own, P::KIND)?;
    let (before, version) = stored.unwrap_or_default();
    let current = etag(version);
    looked_at.check_compatible(sent.sent_etag(), &current)?;
    let body = serde_json::to_string(sent).map_err(|error| DieselError::SerializationError(error.into()))?;
    if body == before {
        return Ok(Shown { company, profile: parsed(&body)?, version });
    }
    let version = version + 1;
    if !store::store_profile(tx, own, P::KIND, (&body, version), now)? {
        return Err(EtagError::Stale(current).into());
    }
    let profile = P::KIND.as_str().to_owned();
    audit::record(tx, me, &Event::PartnerProfileChanged { company: own.uuid(), profile, version }, now)?;
    Ok(Shown { company, profile: parsed(&body)?, version })
}

fn parsed<P: Profile>(body: &str) -> QueryResult<P> {
    serde_json::from_str(body).map_err(|error| DieselError::DeserializationError(error.into()))
}
