//! How far requests have come: the list, the time line of each, and what must be true of all.

use diesel::QueryResult;

use crate::access::{PartnerId, Scope};
use crate::audit;
use crate::customers::RelationshipPeriods;
use crate::delegation::actions::GrantPeriods;
use crate::delegation::mail::requests as mail;
use crate::delegation::model::request_refusals::NoRequest;
use crate::delegation::model::requests::{Request, RequestId, RequestState, ShownRequests};
use crate::delegation::store::requests as store;
use crate::partnerships::{STEPS, Step, mail_step};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::jobs;
use crate::platform::stretch::Stretch;

/// What the caller's company asked customers for: in the order in which it was asked, open and expired requests in that of
/// their ends.
///
/// # Errors
/// Only the database's.
pub fn requests(
    read: &mut Read<'_>,
    me: &Scope,
    shown: ShownRequests,
    after: Option<(Timestamp, RequestId)>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<Request>> {
    store::list(read, me.partner(), shown, after, limit, now)
}

/// A request in full, and what has happened to it, oldest first.
#[derive(Clone, Debug)]
pub struct RequestStory {
    /// The request.
    pub request: Request,
    /// What has happened.
    pub steps: Vec<Step>,
}

/// A request that the caller's company sent, and what has happened to it.
///
/// # Errors
/// [`NoRequest`].
pub fn request(read: &mut Read<'_>, me: &Scope, id: RequestId, now: Timestamp) -> Outcome<RequestStory, NoRequest> {
    let request = store::of(read, me.partner(), id)?.ok_or(NoRequest(id))?;
    Ok(told(read, request, now)?)
}

/// What the events of a request are called in its time line.
const STEP_OF_EVENT: &[(&str, &str)] = &[
    ("relationship_request_created", "created"),
    ("relationship_request_opened", "opened"),
    ("relationship_request_revoked", "revoked"),
];

/// The story of a request that the caller has just made or asked for.
///
/// # Errors
/// Only the database's.
pub fn told(read: &mut Read<'_>, request: Request, now: Timestamp) -> QueryResult<RequestStory> {
    let step = |what, at, detail| Step { what, at: Some(at), detail };
    let mut steps = Vec::new();
    for event in audit::about(read, request.id.uuid(), STEPS)? {
        if let Some((_, what)) = STEP_OF_EVENT.iter().find(|(kind, _)| *kind == event.kind) {
            steps.push(step(*what, event.at, None));
        }
    }
    for sent in jobs::of_subjects(read, mail::REQUEST, &[request.id.uuid()])? {
        steps.push(mail_step(sent, mail::REQUEST, "it was no longer open"));
    }
    match (request.state, request.answered_at) {
        (RequestState::Approved | RequestState::Declined, Some(at)) => {
            steps.push(step(request.state.as_str(), at, request.decline_reason.clone()));
        }
        (RequestState::Open, _) if now >= request.expires_at => {
            steps.push(step("expired", request.expires_at, None));
        }
        _ => {}
    }
    // What is still to come stands at the end.
    steps.sort_by_key(|step| (step.at.is_none(), step.at));
    Ok(RequestStory { request, steps })
}

/// Open requests of a partner in order of their ends, in a stretch of time.
///
/// # Errors
/// Only the database's.
pub fn requests_ending(read: &mut Read<'_>, partner: PartnerId, stretch: &Stretch) -> QueryResult<Vec<Request>> {
    store::ending(read, partner, stretch)
}

/// What must always be true of requests: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn request_invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let (mut broken, mut after) = (Vec::new(), None);
    let mut page = store::approved(read, after, PAGE)?;
    if page.is_empty() {
        return Ok(broken);
    }
    let (relationships, grants) = (RelationshipPeriods::load(read)?, GrantPeriods::load(read)?);
    while let Some(last) = page.last() {
        after = Some(last.id);
        for request in &page {
            let (Some(customer), Some(at)) = (request.answered_by, request.answered_at) else {
                broken.push(format!("request {} was approved, but not by a customer", request.id));
                continue;
            };
            for partner in std::iter::once(request.provider).chain(request.reseller) {
                if !relationships.include(partner, customer, at) {
                    broken.push(format!(
                        "request {} was approved by {customer}, but {partner} had no relationship with it then",
                        request.id
                    ));
                }
                if request.delegated_admin && !grants.include(partner.into(), customer, at) {
                    broken.push(format!(
                        "request {} was approved by {customer}, but {partner} got no delegated administration",
                        request.id
                    ));
                }
            }
        }
        page = store::approved(read, after, PAGE)?;
    }
    Ok(broken)
}

/// Requests examined at a time.
const PAGE: i64 = 10_000;
