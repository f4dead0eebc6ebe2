//! Enrolments of resellers: submitted, then decided by a person.

use diesel::QueryResult;

use super::create;
use crate::access::{self, AccessSettings, OrganisationKind, Scope};
use crate::audit::{self, Actor, Event};
use crate::companies::mail;
use crate::companies::model::{
    Application, DecideError, EnrollError, Enrollment, EnrollmentId, EnrollmentState, MpnClaims, MpnKind, NewCompany,
    NotEnrolled,
};
use crate::companies::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::jobs;

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
    store::enrollments::insert_enrollment(tx, id, reseller, now)?;
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
    let enrollment = store::enrollments::enrollment(tx, id)?.ok_or(DecideError::Unknown(id))?;
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
    if !store::enrollments::decide(tx, id, state, reason, now)? {
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

/// Enrolments with their companies' claims, for whoever decides.
///
/// # Errors
/// Only the database's.
pub fn applications(read: &mut Read<'_>, after: Option<EnrollmentId>, limit: i64) -> QueryResult<Vec<Application>> {
    store::enrollments::applications(read, after, limit)
}

/// The enrolment of the caller's company.
///
/// # Errors
/// [`NotEnrolled`].
pub fn own_enrollment(read: &mut Read<'_>, me: &Scope) -> Outcome<Enrollment, NotEnrolled> {
    store::enrollments::enrollment_of(read, me.partner())?.ok_or(Failure::Refused(NotEnrolled))
}
