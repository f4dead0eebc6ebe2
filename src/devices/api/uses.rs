//! REST of many devices at once: assignments, the end of registrations, check-ins.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions;
use super::super::model::{Assignment, CheckIn, DeviceId, ItemOutcome, MAX_DEVICES};
use super::devices::DeviceRefusal;
use crate::access::{Allowed, CheckInDevices, RegisterDevices};
use crate::customers::CustomerReference;
use crate::delegation;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Failure, Outcome, codes};
use crate::platform::http::{Error, Json, Reply};

/// The routes of many devices.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(assign_devices).service(deregister_devices).service(check_in);
}

/// What became of each device, in the order of the call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ItemsView {
    /// Those that were done.
    done: usize,
    items: Vec<ItemView>,
}

/// What became of one device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ItemView {
    /// The device, if it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<DeviceId>,
    /// The serial number, if it was named by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    /// What became of it: a stable word.
    outcome: &'static str,
    /// What is wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<&'static str>,
}

impl ItemView {
    fn new(id: Option<DeviceId>, serial_number: Option<String>, outcome: ItemOutcome, done: &'static str) -> Self {
        Self { id, serial_number, outcome: outcome.word(done), sentence: outcome.sentence() }
    }
}

impl ItemsView {
    fn new(items: Vec<ItemView>, done: &'static str) -> Self {
        Self { done: items.iter().filter(|item| item.outcome == done).count(), items }
    }
}

fn bounded(count: usize) -> Result<(), Error> {
    match count {
        0..=MAX_DEVICES => Ok(()),
        more => {
            let sentence = format!("{more} devices are named; at most {MAX_DEVICES} can be in one call.");
            Err(Error::plain(codes::BAD_REQUEST, sentence))
        }
    }
}

/// Whose devices are to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserAssignmentsBody {
    #[schema(max_items = 1000)]
    assignments: Vec<UserAssignmentBody>,
}

/// Whose a device is to be; it is named by its id or by its serial number.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserAssignmentBody {
    id: Option<DeviceId>,
    #[schema(max_length = 256)]
    serial_number: Option<String>,
    /// Sign-in name; null or absent takes the device from its user.
    #[schema(max_length = 320)]
    assigned_user: Option<String>,
}

impl From<UserAssignmentBody> for Assignment {
    fn from(body: UserAssignmentBody) -> Self {
        let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
        Self { id: body.id, serial_number: trimmed(body.serial_number), user: trimmed(body.assigned_user) }
    }
}

/// Assign up to 1,000 devices to users. What cannot be done is told for each and hinders no other.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = ItemsView)))]
#[post("/v1/customers/{customer}/devices/assignments")]
async fn assign_devices(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Json<UserAssignmentsBody>,
) -> Result<HttpResponse, Error> {
    bounded(body.0.assignments.len())?;
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let assignments: Vec<Assignment> = body.0.assignments.into_iter().map(Assignment::from).collect();
    me.write(&parts, move |tx, me| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let assigned = actions::assign_devices(tx, &proof, me, &assignments, now)?;
        let item = |(one, asked): (&actions::Assigned, &Assignment)| {
            ItemView::new(one.device.or(asked.id), asked.serial_number.clone(), one.outcome, "assigned")
        };
        let items = assigned.iter().zip(&assignments).map(item).collect();
        Ok(Reply::ok(&ItemsView::new(items, "assigned")))
    })
    .await
}

/// Devices that are to be deregistered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeregistrationBody {
    #[schema(max_items = 1000)]
    devices: Vec<DeviceId>,
}

/// Deregister up to 1,000 devices: other organisations can claim them. What is unknown is told for each and hinders no
/// other.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = ItemsView)))]
#[post("/v1/customers/{customer}/devices/deregister")]
async fn deregister_devices(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Json<DeregistrationBody>,
) -> Result<HttpResponse, Error> {
    let ids = body.0.devices;
    bounded(ids.len())?;
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let outcomes = actions::release_many(tx, &proof, me, &ids, now)?;
        let item = |(id, outcome): (&DeviceId, ItemOutcome)| ItemView::new(Some(*id), None, outcome, "deregistered");
        let items = ids.iter().zip(outcomes).map(item).collect();
        Ok(Reply::ok(&ItemsView::new(items, "deregistered")))
    })
    .await
}

/// Devices that were seen in use.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckInsBody {
    #[schema(max_items = 1000)]
    devices: Vec<CheckInBody>,
}

/// A device that was seen in use. Manufacturer, model and serial number are the firmware's, exactly.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CheckInBody {
    #[schema(max_length = 256)]
    manufacturer: String,
    #[schema(max_length = 256)]
    model: String,
    #[schema(max_length = 256)]
    serial_number: String,
    /// Sign-in name of whoever used it.
    #[schema(max_length = 320)]
    user: String,
    /// Such as 2026-11-21T08:00:00Z.
    #[schema(format = DateTime)]
    seen_at: String,
}

fn moment(text: &str) -> Option<Timestamp> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Timestamp::from_chrono(moment.to_utc())).filter(|moment| moment.is_storable())
}

impl From<CheckInBody> for CheckIn {
    fn from(body: CheckInBody) -> Self {
        let trimmed = |text: String| text.trim().to_owned();
        Self {
            manufacturer: trimmed(body.manufacturer),
            model: trimmed(body.model),
            serial_number: trimmed(body.serial_number),
            user: trimmed(body.user),
            seen_at: moment(body.seen_at.trim()),
        }
    }
}

/// Report up to 1,000 devices of one's own organisation that were seen in use. Reporting again, or something older than
/// is known, changes nothing.
#[utoipa::path(tag = "Devices", responses((status = 200, body = ItemsView)))]
#[post("/v1/devicecheckins")]
async fn check_in(
    me: Allowed<CheckInDevices>,
    parts: Data<Parts>,
    body: Json<CheckInsBody>,
) -> Result<HttpResponse, Error> {
    bounded(body.0.devices.len())?;
    let now = parts.clock.now();
    let seen: Vec<CheckIn> = body.0.devices.into_iter().map(CheckIn::from).collect();
    me.write(&parts, move |tx, me| -> Outcome<Reply, DeviceRefusal> {
        let own = CustomerReference::new(&me.organisation().to_string());
        let proof = delegation::administer(tx, me, &own, now).map_err(Failure::widen)?;
        let outcomes = actions::check_in(tx, &proof, me, &seen, now)?;
        let item = |(one, outcome): (&CheckIn, ItemOutcome)| {
            ItemView::new(None, Some(one.serial_number.clone()), outcome, "recorded")
        };
        let items = seen.iter().zip(outcomes).map(item).collect();
        Ok(Reply::ok(&ItemsView::new(items, "recorded")))
    })
    .await
}
