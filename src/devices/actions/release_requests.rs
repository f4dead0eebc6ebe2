//! Release requests: what the asker is told and what the holder is told are two things.

use diesel::QueryResult;

use super::super::mail;
use super::super::model::{
    REQUESTS_A_DAY, RegistrationId, ReleaseError, ReleaseRequest, ReleaseRequestId, ReleaseState,
};
use super::super::store;
use crate::access::{self, News, OrganisationId, PartnerId, Scope, Topic, UserId};
use crate::audit::{self, Event, System};
use crate::delegation::{self, Administers, Observes};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::RequestIds;

/// Nobody: one side's trail does not say who the other is, nor by which call it came.
fn somebody() -> System {
    System { organisation: None, request: RequestIds::fresh() }
}

/// Asks whoever holds the device of a failed row to release it. While a request is open, asking again gives that one.
///
/// # Errors
/// See [`ReleaseError`].
pub fn request_release<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (registration, position): (RegistrationId, i32),
    now: Timestamp,
) -> Outcome<ReleaseRequest, ReleaseError> {
    let asker = proof.customer();
    let row = store::row_at(tx, asker, (registration, position))?;
    let row = row.ok_or(ReleaseError::NoRow(registration, position))?;
    if !row.is_claimed {
        return Err(ReleaseError::NotClaimed(position).into());
    }
    let held = store::held_elsewhere(tx, asker, &row)?.ok_or(ReleaseError::Free(position))?;
    if let Some(open) = store::open_request(tx, asker, held.device)? {
        return Ok(open);
    }
    if store::requests_since(tx, asker, now.before(days(1)))? >= REQUESTS_A_DAY {
        return Err(ReleaseError::TooMany.into());
    }
    let id = ReleaseRequestId::fresh();
    let new = store::NewRequest {
        id,
        asker_id: asker,
        asked_by: me.organisation(),
        asked_by_user: me.user_id(),
        row_id: row.row,
        device_id: held.device,
        holder_id: held.holder,
        state: ReleaseState::Open.as_str(),
        created_at: now,
    };
    store::insert_request(tx, &new)?;
    let asked =
        Event::ReleaseRequested { request: id.uuid(), customer: asker.uuid(), registration: registration.uuid() };
    audit::record(tx, me, &asked, now)?;
    let received = Event::ReleaseAsked { request: id.uuid(), customer: held.holder.uuid(), device: held.device.uuid() };
    audit::record(tx, &somebody(), &received, now)?;
    let news = News { topic: Topic::ReleaseRequested, subject: id.uuid(), mail: mail::NEWS };
    let (holder, registrar) = (OrganisationId::from(held.holder), held.registered_by);
    access::notify(tx, holder, &news, held.registered_by_user, None, now)?;
    // A partner that registered it and cannot administer the customer any more has no business with it.
    if registrar != holder && delegation::holds_grant(tx, PartnerId::from_uuid(registrar.uuid()), held.holder, now)? {
        access::notify(tx, registrar, &news, held.registered_by_user, None, now)?;
    }
    Ok(store::release_request(tx, id)?.ok_or(ReleaseError::Unknown(id))?)
}

/// What a customer was asked to release, the newest first.
///
/// # Errors
/// Only the database's.
pub fn received_requests<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    after: Option<ReleaseRequestId>,
    limit: i64,
) -> QueryResult<Vec<ReleaseRequest>> {
    store::received_requests(read, proof.customer(), after, limit)
}

/// What a customer asked others to release, the newest first.
///
/// # Errors
/// Only the database's.
pub fn sent_requests<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    after: Option<ReleaseRequestId>,
    limit: i64,
) -> QueryResult<Vec<ReleaseRequest>> {
    store::sent_requests(read, proof.customer(), after, limit)
}

/// Answers a request that the customer received: a device that is released is deregistered. The same answer again changes
/// nothing.
///
/// # Errors
/// See [`ReleaseError`].
pub fn answer_request<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, answer): (ReleaseRequestId, ReleaseState),
    now: Timestamp,
) -> Outcome<ReleaseRequest, ReleaseError> {
    let found = store::release_request(tx, id)?.filter(|request| request.holder == proof.customer());
    let request = found.ok_or(ReleaseError::Unknown(id))?;
    if request.state == answer {
        return Ok(request);
    }
    if request.state != ReleaseState::Open || !store::answer_request(tx, id, answer, now)? {
        return Err(ReleaseError::Answered(id, request.state).into());
    }
    let customer = proof.customer().uuid();
    if answer == ReleaseState::Released && store::release(tx, proof.customer(), request.device, now)? {
        let event = Event::DeviceReleased { device: request.device.uuid(), customer };
        audit::record(tx, me, &event, now)?;
    }
    let answered = Event::ReleaseAnswered {
        request: id.uuid(),
        customer,
        device: request.device.uuid(),
        answer: answer.to_string(),
    };
    audit::record(tx, me, &answered, now)?;
    let decided =
        Event::ReleaseDecided { request: id.uuid(), customer: request.asker.uuid(), answer: answer.to_string() };
    audit::record(tx, &somebody(), &decided, now)?;
    tell_asker(tx, &request, request.asked_by_user, now)?;
    Ok(ReleaseRequest { state: answer, decided_at: Some(now), ..request })
}

fn tell_asker(tx: &mut Tx<'_>, request: &ReleaseRequest, maker: Option<UserId>, now: Timestamp) -> QueryResult<()> {
    let news = News { topic: Topic::ReleaseAnswered, subject: request.id.uuid(), mail: mail::NEWS };
    let still = request.asked_by == OrganisationId::from(request.asker)
        || delegation::holds_grant(tx, PartnerId::from_uuid(request.asked_by.uuid()), request.asker, now)?;
    match still {
        true => access::notify(tx, request.asked_by, &news, maker, None, now),
        false => Ok(()),
    }
}
