//! REST of release requests. What the holder sees and what the asker sees are two types, so that neither holds the other's
//! name by mistake.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions;
use super::super::model::{DeviceId, RegistrationId, ReleaseRequest, ReleaseRequestId, ReleaseState};
use super::devices::DeviceRefusal;
use crate::access::{Allowed, ReadDevices, RegisterDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{Collection, Error, Page, PageQuery, Reply};

/// The routes of release requests.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(request_release)
        .service(list_sent)
        .service(list_received)
        .service(release_requested)
        .service(decline_requested);
}

/// A release request as whoever asked sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentRequestView {
    id: ReleaseRequestId,
    state: ReleaseState,
    registration_id: RegistrationId,
    /// The row that can be retried once the device is released.
    row: i32,
    manufacturer: String,
    model: String,
    serial_number: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
}

impl From<ReleaseRequest> for SentRequestView {
    fn from(request: ReleaseRequest) -> Self {
        let [manufacturer, model, serial_number] = request.wanted;
        Self {
            id: request.id,
            state: request.state,
            registration_id: request.registration,
            row: request.position,
            manufacturer,
            model,
            serial_number,
            asked_at: request.created_at,
            answered_at: request.decided_at,
        }
    }
}

/// A release request as whoever holds the device sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReceivedRequestView {
    id: ReleaseRequestId,
    state: ReleaseState,
    device_id: DeviceId,
    manufacturer: String,
    model: String,
    serial_number: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
}

impl From<ReleaseRequest> for ReceivedRequestView {
    fn from(request: ReleaseRequest) -> Self {
        let [manufacturer, model, serial_number] = request.held;
        Self {
            id: request.id,
            state: request.state,
            device_id: request.device,
            manufacturer,
            model,
            serial_number,
            asked_at: request.created_at,
            answered_at: request.decided_at,
        }
    }
}

/// Ask whoever holds the device of a failed row to release it. Neither side is told who the other is. Asking again while
/// the request is open gives the same one.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path), ("row" = i32, Path)),
    responses((status = 200, body = SentRequestView)))]
#[post("/v1/customers/{customer}/deviceRegistrations/{id}/rows/{row}/releaserequest")]
async fn request_release(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId, i32)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, registration, row) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let request = actions::request_release(tx, &proof, me, (registration, row), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&SentRequestView::from(request)))
    })
    .await
}

fn key(request: &ReleaseRequest) -> Vec<u8> {
    request.id.uuid().into_bytes().to_vec()
}

/// What a customer asked other organisations to release, the newest first, and what became of it.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<SentRequestView>)))]
#[get("/v1/customers/{customer}/releaserequests/sent")]
async fn list_sent(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<SentRequestView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::sent_requests(read, &proof, after, limit)?)
    };
    let rows = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(rows, &page, key, SentRequestView::from)))
}

/// What a customer is asked to release, the newest first. By whom is not told.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<ReceivedRequestView>)))]
#[get("/v1/customers/{customer}/releaserequests")]
async fn list_received(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<ReceivedRequestView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::received_requests(read, &proof, after, limit)?)
    };
    let rows = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(rows, &page, key, ReceivedRequestView::from)))
}

async fn answer(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    (customer, id): (String, ReleaseRequestId),
    state: ReleaseState,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let request = actions::answer_request(tx, &proof, me, (id, state), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&ReceivedRequestView::from(request)))
    })
    .await
}

/// Release a device that somebody asks for: it is deregistered. Twice changes nothing.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = ReleaseRequestId, Path)),
    responses((status = 200, body = ReceivedRequestView)))]
#[post("/v1/customers/{customer}/releaserequests/{id}/release")]
async fn release_requested(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, ReleaseRequestId)>,
) -> Result<HttpResponse, Error> {
    answer(me, parts, path.into_inner(), ReleaseState::Released).await
}

/// Keep a device that somebody asks for. Twice changes nothing.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = ReleaseRequestId, Path)),
    responses((status = 200, body = ReceivedRequestView)))]
#[post("/v1/customers/{customer}/releaserequests/{id}/decline")]
async fn decline_requested(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, ReleaseRequestId)>,
) -> Result<HttpResponse, Error> {
    answer(me, parts, path.into_inner(), ReleaseState::Declined).await
}
