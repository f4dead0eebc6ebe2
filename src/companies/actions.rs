//! Use cases of companies.

use std::collections::HashMap;

use diesel::QueryResult;

use super::mail;
use super::model::{
    AgreementError, CompanyProfile, DecideError, EnrollError, Enrollment, EnrollmentId, EnrollmentState, MpaVersion,
    MpnAccount, MpnClaim, MpnClaims, MpnId, MpnKind, NewCompany, NotEnrolled, Signature, SignatureId,
};
use super::store::{self, Listing};
use crate::access::{
    self, AccessError, AccessSettings, OrganisationKind, PartnerId, Scope, create_organisation, invite_user,
};
use crate::audit::{self, Actor, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
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

/// The public list of providers.
///
/// # Errors
/// Only the database's.
pub fn providers(read: &mut Read<'_>, after: Option<PartnerId>, limit: i64) -> QueryResult<Vec<CompanyProfile>> {
    store::listed(read, after, limit)
}

/// Submits a reseller's enrolment: its company, its MPN IDs as claims, its first admin, who gets an activation mail.
///
/// # Errors
/// See [`EnrollError`].
pub fn submit_enrollment(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    company: &NewCompany,
    claims: &MpnClaims,
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<Enrollment, EnrollError> {
    claims.check()?;
    let reseller = create(tx, OrganisationKind::Reseller, company, settings, now)?;
    store::insert_mpn_account(tx, reseller, &claims.global, MpnKind::Global, false, None)?;
    for location in &claims.locations {
        let onboarded = *location == claims.onboarding;
        store::insert_mpn_account(tx, reseller, location, MpnKind::Location, onboarded, None)?;
    }
    let id = EnrollmentId::fresh();
    store::insert_enrollment(tx, id, reseller, now)?;
    audit::record(tx, actor, &Event::EnrollmentSubmitted { enrollment: id.uuid(), reseller: reseller.uuid() }, now)?;
    let state = EnrollmentState::Submitted;
    Ok(Enrollment { id, reseller, state, submitted_at: now, decided_at: None, reason: None })
}

/// What the operator decides about an enrolment.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The company may accept invitations; its MPN IDs are verified.
    Approve,
    /// It may not, for this reason.
    Reject(String),
}

/// Decides an enrolment. The same decision twice changes nothing.
///
/// # Errors
/// See [`DecideError`].
pub fn decide_enrollment(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: EnrollmentId,
    decision: &Decision,
    now: Timestamp,
) -> Outcome<Enrollment, DecideError> {
    let enrollment = store::enrollment(tx, id)?.ok_or(DecideError::Unknown(id))?;
    let (state, reason) = match decision {
        Decision::Approve => (EnrollmentState::Approved, None),
        Decision::Reject(reason) => (EnrollmentState::Rejected, Some(reason.as_str())),
    };
    if enrollment.state == state {
        return Ok(enrollment);
    }
    if state == EnrollmentState::Approved
        && let Some(taken) = store::claim_of_another(tx, enrollment.reseller)?
    {
        return Err(DecideError::MpnIdOfAnother(taken).into());
    }
    if !store::decide(tx, id, state, reason, now)? {
        return Err(DecideError::AlreadyDecided(enrollment.state).into());
    }
    let reseller = enrollment.reseller.uuid();
    let event = match decision {
        Decision::Approve => {
            store::verify_claims(tx, enrollment.reseller, now)?;
            Event::EnrollmentApproved { enrollment: id.uuid(), reseller }
        }
        Decision::Reject(reason) => {
            // The company may try again, and nobody can keep another's domain by enrolling with it.
            access::release_domain(tx, enrollment.reseller.into())?;
            Event::EnrollmentRejected { enrollment: id.uuid(), reseller, reason: reason.clone() }
        }
    };
    audit::record(tx, me, &event, now)?;
    jobs::want(tx, mail::ENROLLMENT_DECIDED, id.uuid(), 1, now)?;
    let reason = reason.map(str::to_owned);
    Ok(Enrollment { state, decided_at: Some(now), reason, ..enrollment })
}

/// Enrolments, for the operator.
///
/// # Errors
/// Only the database's.
pub fn enrollments(read: &mut Read<'_>, after: Option<EnrollmentId>, limit: i64) -> QueryResult<Vec<Enrollment>> {
    store::enrollments(read, after, limit)
}

/// The MPN IDs that companies claim, verified or not, for whoever decides.
///
/// # Errors
/// Only the database's.
pub fn mpn_claims(read: &mut Read<'_>, companies: &[PartnerId]) -> QueryResult<HashMap<PartnerId, Vec<MpnClaim>>> {
    let mut by_company: HashMap<PartnerId, Vec<MpnClaim>> = HashMap::new();
    for (company, claim) in store::mpn_claims(read, companies)? {
        by_company.entry(company).or_default().push(claim);
    }
    Ok(by_company)
}

/// The enrolment of the caller's company.
///
/// # Errors
/// [`NotEnrolled`].
pub fn own_enrollment(read: &mut Read<'_>, me: &Scope) -> Outcome<Enrollment, NotEnrolled> {
    store::enrollment_of(read, me.partner())?.ok_or(Failure::Refused(NotEnrolled))
}

/// Whether the company's enrolment as indirect reseller is approved.
///
/// # Errors
/// Only the database's.
pub fn enrolment_approved(read: &mut Read<'_>, company: PartnerId) -> QueryResult<bool> {
    Ok(store::enrollment_of(read, company)?.is_some_and(|e| e.state == EnrollmentState::Approved))
}

/// Publishes a version of the partner agreement; the answer is the version as it stands. Publishing the same twice changes
/// nothing.
///
/// # Errors
/// See [`AgreementError`].
pub fn publish_agreement(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    version: &MpaVersion,
    now: Timestamp,
) -> Outcome<MpaVersion, AgreementError> {
    if !version.document_url.starts_with("https://") && !version.document_url.starts_with("http://") {
        return Err(AgreementError::BadDocumentUrl(version.document_url.clone()).into());
    }
    if let Some(published) = store::version(tx, &version.version)? {
        let same = published.title == version.title && published.document_url == version.document_url;
        return if same { Ok(published) } else { Err(AgreementError::VersionTaken(version.version.clone()).into()) };
    }
    store::insert_version(tx, version)?;
    let event = Event::AgreementPublished { user: actor.user(), version: version.version.clone() };
    audit::record(tx, actor, &event, now)?;
    Ok(version.clone())
}

/// The agreement in force, if one is.
///
/// # Errors
/// Only the database's.
pub fn agreement_in_force(read: &mut Read<'_>, now: Timestamp) -> QueryResult<Option<MpaVersion>> {
    store::current_version(read, now)
}

/// The signatures of the caller's company.
///
/// # Errors
/// Only the database's.
pub fn signatures(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<SignatureId>,
    limit: i64,
) -> QueryResult<Vec<Signature>> {
    store::signatures(read, me.partner(), after, limit)
}

/// Signs the agreement in force for the caller's company. `named` is the version its signer read. Signing twice changes
/// nothing.
///
/// # Errors
/// See [`AgreementError`].
pub fn sign_agreement(
    tx: &mut Tx<'_>,
    me: &Scope,
    named: Option<&str>,
    now: Timestamp,
) -> Outcome<Signature, SignError> {
    let user = me.require_user().map_err(SignError::from)?;
    let current = store::current_version(tx, now)?.ok_or(SignError::from(AgreementError::NonePublished))?.version;
    if let Some(named) = named.filter(|named| *named != current) {
        return Err(SignError::from(AgreementError::NotCurrent { current, named: named.to_owned() }).into());
    }
    if let Some(signed) = store::signature(tx, me.partner(), &current)? {
        return Ok(signed);
    }
    let signature = Signature { id: SignatureId::fresh(), version: current, signed_at: now };
    store::insert_signature(tx, &signature, me.partner(), user)?;
    let event = Event::AgreementSigned { signature: signature.id.uuid(), version: signature.version.clone() };
    audit::record(tx, me, &event, now)?;
    Ok(signature)
}

/// Whether `company` has signed the version in force: without it, no new transaction.
///
/// # Errors
/// Only the database's.
pub fn mpa_active(read: &mut Read<'_>, company: PartnerId, now: Timestamp) -> QueryResult<bool> {
    let Some(current) = store::current_version(read, now)? else { return Ok(false) };
    Ok(store::signature(read, company, &current.version)?.is_some())
}

/// The profiles of `companies`, by id, in one query.
///
/// # Errors
/// Only the database's.
pub fn profiles(read: &mut Read<'_>, companies: &[PartnerId]) -> QueryResult<HashMap<PartnerId, CompanyProfile>> {
    let found = store::profiles(read, companies)?;
    Ok(found.into_iter().map(|profile| (profile.id, profile)).collect())
}

/// Whether `company` claims an MPN ID, verified or not.
///
/// # Errors
/// Only the database's.
pub fn claims(read: &mut Read<'_>, company: PartnerId, mpn_id: &MpnId) -> QueryResult<bool> {
    let claims = store::mpn_claims(read, &[company])?;
    Ok(claims.iter().any(|(_, claim)| claim.mpn_id == mpn_id.as_str()))
}

/// The verified account behind an MPN ID.
///
/// # Errors
/// Only the database's.
pub fn mpn_account(read: &mut Read<'_>, mpn_id: &MpnId) -> QueryResult<Option<MpnAccount>> {
    store::verified_mpn_account(read, mpn_id.as_str())
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let approved: Vec<uuid::Uuid> = store::approved_ids(read)?.into_iter().map(EnrollmentId::uuid).collect();
    let unwanted = jobs::unwanted(read, mail::ENROLLMENT_DECIDED, jobs::Which::Ever, &approved)?;
    Ok(unwanted.into_iter().map(|id| format!("I5: enrolment {id} was approved, but no mail says so")).collect())
}

/// Why an agreement is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The agreement's part.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// The caller's part.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl crate::platform::error::Refusal for SignError {
    fn code(&self) -> crate::platform::error::Code {
        match self {
            SignError::Agreement(error) => error.code(),
            SignError::Access(error) => error.code(),
        }
    }
}
