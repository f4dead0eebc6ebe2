//! Mails about companies.

use askama::Template;
use diesel::QueryResult;

use super::model::{EnrollmentId, EnrollmentState};
use super::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::text::EmailAddress;

/// What the operator decided about an enrolment.
pub const ENROLLMENT_DECIDED: JobKind = mail_kind("mail_enrollment_decided");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(ENROLLMENT_DECIDED, enrollment_decided)]
}

#[derive(Template)]
#[template(path = "companies/templates/enrollment_decided.txt")]
struct DecidedText<'a> {
    company: &'a str,
    base: &'a str,
    approved: bool,
    reason: &'a str,
}

#[derive(Template)]
#[template(path = "companies/templates/enrollment_decided.html")]
struct DecidedHtml<'a> {
    company: &'a str,
    base: &'a str,
    approved: bool,
    reason: &'a str,
}

fn enrollment_decided(
    read: &mut Read<'_>,
    stationery: &Stationery,
    job: &Job,
    _: Timestamp,
) -> QueryResult<Option<Message>> {
    let id = EnrollmentId::from_uuid(job.subject_id.uuid());
    let Some(enrollment) = store::enrollment(read, id)? else { return Ok(None) };
    let Some((company, email)) = store::contact(read, enrollment.reseller)? else { return Ok(None) };
    let approved = enrollment.state == EnrollmentState::Approved;
    let reason = enrollment.reason.as_deref().unwrap_or_default();
    let (company, base) = (company.as_str(), stationery.base.as_str());
    let text = DecidedText { company, base, approved, reason }.render();
    let html = DecidedHtml { company, base, approved, reason }.render();
    let (Ok(text), Ok(html), Ok(to)) = (text, html, EmailAddress::try_from(email)) else { return Ok(None) };
    let subject = match approved {
        true => "Your enrolment as indirect reseller is approved",
        false => "Your enrolment as indirect reseller was not approved",
    };
    Ok(Some(Message { to, subject: subject.to_owned(), text, html }))
}
