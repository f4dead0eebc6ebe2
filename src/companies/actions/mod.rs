//! Use cases of companies: what other features ask, and what each part shares; each part in a file of its own.

pub mod agreements;
pub mod enrollments;
pub mod network;
pub mod profiles;
pub mod providers;

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use uuid::Uuid;

use super::mail;
use super::model::{
    ChangeRequestId, CompanyProfile, EnrollError, EnrollmentId, EnrollmentState, MpaVersion, MpnAccount, MpnId,
    NewCompany, Regions, RegionsDiffer,
};
use super::store::{self, Listing};
use crate::access::{self, AccessSettings, OrganisationKind, PartnerId, create_organisation, invite_user};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;
use crate::platform::text::like_literal;

fn create(
    tx: &mut Tx<'_>,
    kind: OrganisationKind,
    company: &NewCompany,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<PartnerId, EnrollError> {
    let domain = company.domain.as_str();
    if access::organisation_by_domain(tx, domain)?.is_some() {
        return Err(EnrollError::DomainTaken(domain.to_owned()).into());
    }
    let listing = if kind == OrganisationKind::Provider { Listing::Public } else { Listing::Private };
    let organisation = create_organisation(tx, kind, domain, now)?;
    let id = PartnerId::from_uuid(organisation.uuid());
    store::insert_company(tx, id, company, listing, now)?;
    invite_user(tx, organisation, &company.admin, settings, now)?;
    Ok(id)
}

/// Whether the company's enrolment as indirect reseller is approved.
///
/// # Errors
/// Only the database's.
pub fn enrolment_approved(read: &mut Read<'_>, company: PartnerId) -> QueryResult<bool> {
    Ok(store::enrollments::enrollment_of(read, company)?.is_some_and(|e| e.state == EnrollmentState::Approved))
}

/// The agreement in force, if one is.
///
/// # Errors
/// Only the database's.
pub fn agreement_in_force(read: &mut Read<'_>, now: Timestamp) -> QueryResult<Option<MpaVersion>> {
    store::agreements::current_version(read, now)
}

/// Whether `company` has signed the version in force: without it, no new transaction.
///
/// # Errors
/// Only the database's.
pub fn mpa_active(read: &mut Read<'_>, company: PartnerId, now: Timestamp) -> QueryResult<bool> {
    let Some(current) = store::agreements::current_version(read, now)? else { return Ok(false) };
    Ok(store::agreements::signature(read, company, &current.version)?.is_some())
}

/// The profiles of `companies`, by id, in one query.
///
/// # Errors
/// Only the database's.
pub fn profiles(read: &mut Read<'_>, companies: &[PartnerId]) -> QueryResult<HashMap<PartnerId, CompanyProfile>> {
    let found = store::profiles(read, companies)?;
    Ok(found.into_iter().map(|profile| (profile.id, profile)).collect())
}

/// How a company is looked for, whatever the capitals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// By the beginning of its name.
    NameBeginsWith(String),
    /// By a part of its name, or the beginning of the MPN ID it onboarded with.
    Contains(String),
}

/// Those of `companies` that a search finds.
///
/// # Errors
/// Only the database's.
pub fn named(read: &mut Read<'_>, companies: &[PartnerId], search: &Search) -> QueryResult<HashSet<PartnerId>> {
    let found = match search {
        Search::NameBeginsWith(text) => {
            store::named(read, companies, &format!("{}%", like_literal(text.trim())), None)?
        }
        Search::Contains(text) => {
            let text = like_literal(text.trim());
            store::named(read, companies, &format!("%{text}%"), Some(&format!("{text}%")))?
        }
    };
    Ok(found.into_iter().collect())
}

/// Whether `company` claims an MPN ID, verified or not.
///
/// # Errors
/// Only the database's.
pub fn claims(read: &mut Read<'_>, company: PartnerId, mpn_id: &MpnId) -> QueryResult<bool> {
    let claims = store::mpn_claims(read, &[company])?;
    Ok(claims.iter().any(|(_, claim)| claim.mpn_id == mpn_id.as_str()))
}

/// The MPN IDs that `company` claims, verified or not.
///
/// # Errors
/// Only the database's.
pub fn mpn_ids(read: &mut Read<'_>, company: PartnerId) -> QueryResult<Vec<String>> {
    Ok(store::mpn_claims(read, &[company])?.into_iter().map(|(_, claim)| claim.mpn_id).collect())
}

/// The verified account behind an MPN ID.
///
/// # Errors
/// Only the database's.
pub fn mpn_account(read: &mut Read<'_>, mpn_id: &MpnId) -> QueryResult<Option<MpnAccount>> {
    store::verified_mpn_account(read, mpn_id.as_str())
}

/// Whether a provider and a reseller are of one region: only then can they be partners.
///
/// # Errors
/// [`RegionsDiffer`].
pub fn same_region(
    read: &mut Read<'_>,
    regions: &Regions,
    provider: PartnerId,
    reseller: PartnerId,
) -> Outcome<(), RegionsDiffer> {
    let mut found = profiles(read, &[provider, reseller])?;
    let mut country = |id| found.remove(&id).map(|profile| profile.country).unwrap_or_default();
    let (provider, reseller) = (country(provider), country(reseller));
    if regions.of(&provider) == regions.of(&reseller) {
        Ok(())
    } else {
        Err(RegionsDiffer { provider, reseller }.into())
    }
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let approved: Vec<Uuid> = store::enrollments::approved_ids(read)?.into_iter().map(EnrollmentId::uuid).collect();
    let untold = jobs::unwanted(read, mail::ENROLLMENT_DECIDED, jobs::Which::Ever, &approved)?;
    let mut broken: Vec<String> =
        untold.into_iter().map(|id| format!("I5: enrolment {id} was approved, but no mail says so")).collect();
    let asked: Vec<Uuid> = store::providers::open_ids(read)?.into_iter().map(ChangeRequestId::uuid).collect();
    let untold = jobs::unwanted(read, mail::LISTING_CHANGE, jobs::Which::Ever, &asked)?;
    broken.extend(untold.into_iter().map(|id| format!("I5: change request {id} is open, but no mail says so")));
    Ok(broken)
}
