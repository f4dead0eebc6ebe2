//! Mails about companies.

use askama::Template;
use diesel::QueryResult;

use super::model::{ChangeRequestId, EnrollmentId, EnrollmentState};
use super::store;
use crate::access::{OrganisationKind, oldest_active_admin};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::text::EmailAddress;

/// What the operator decided about an enrolment.
pub const ENROLLMENT_DECIDED: JobKind = mail_kind("mail_enrollment_decided");

/// What a provider asks the operator to change in its entry of the providers list.
pub const LISTING_CHANGE: JobKind = mail_kind("mail_listing_change");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(ENROLLMENT_DECIDED, enrollment_decided), (LISTING_CHANGE, listing_change)]
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
    let Some(enrollment) = store::enrollments::enrollment(read, id)? else { return Ok(None) };
    let Some((company, email)) = store::enrollments::contact(read, enrollment.reseller)? else { return Ok(None) };
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

#[derive(Template)]
#[template(path = "companies/templates/listing_change.txt")]
struct ListingChangeText<'a> {
    provider: &'a str,
    contact: &'a str,
    text: &'a str,
    address: String,
}

#[derive(Template)]
#[template(path = "companies/templates/listing_change.html")]
struct ListingChangeHtml<'a> {
    provider: &'a str,
    contact: &'a str,
    text: &'a str,
    address: String,
}

/// To the operator's admin of that moment; closed meanwhile, it is no longer wanted.
fn listing_change(
    read: &mut Read<'_>,
    stationery: &Stationery,
    job: &Job,
    _: Timestamp,
) -> QueryResult<Option<Message>> {
    let id = ChangeRequestId::from_uuid(job.subject_id.uuid());
    let asked = store::providers::change_request(read, id)?.filter(|asked| asked.closed_at.is_none());
    let Some(asked) = asked else { return Ok(None) };
    let Some((provider, contact)) = store::enrollments::contact(read, asked.provider)? else { return Ok(None) };
    let Some(to) = oldest_active_admin(read, OrganisationKind::Operator)? else { return Ok(None) };
    let address = stationery.base.join(&format!("/v1/indirectproviders/{}", asked.provider));
    let (provider, contact, text) = (provider.as_str(), contact.as_str(), asked.text.as_str());
    let plain = ListingChangeText { provider, contact, text, address: address.clone() }.render();
    let html = ListingChangeHtml { provider, contact, text, address }.render();
    let (Ok(plain), Ok(html)) = (plain, html) else { return Ok(None) };
    let subject = format!("{provider} asks for a change of its entry in the providers list");
    Ok(Some(Message { to, subject, text: plain, html }))
}
