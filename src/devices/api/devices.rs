//! REST of devices.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, DeviceLine};
use super::super::mail;
use super::super::model::{
    DeviceChange, DeviceChangeError, DeviceFilter, DeviceId, DeviceSettings, DeviceStatus, MAX_DISPLAY_NAME,
    MAX_FREE_TEXT, MAX_GROUP_TAG, NoDevice, NoUserNote, ReleaseError,
};
use super::device_views::{DeviceLineView, DevicesView};
use crate::access::{self, Allowed, ReadDevices, RegisterDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError, Observes};
use crate::partnerships::{LanguageQuery, MailDraftView};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal, codes};
use crate::platform::http::{Collection, Error, Json, MaybeJson, Page, PageQuery, Reply};
use crate::platform::text::{Line, folded};
use crate::subscriptions::SubscriptionSettings;

/// The routes of devices.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_devices)
        .service(get_device)
        .service(change_device)
        .service(release_device)
        .service(check_image)
        .service(withdraw_image_check)
        .service(write_user_note);
}

/// Why a customer's device is not shown or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeviceRefusal {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Device(#[from] NoDevice),
    #[error(transparent)]
    Change(#[from] DeviceChangeError),
    #[error(transparent)]
    Note(#[from] NoUserNote),
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

impl Refusal for DeviceRefusal {
    fn code(&self) -> Code {
        match self {
            DeviceRefusal::Gate(error) => error.code(),
            DeviceRefusal::Device(error) => error.code(),
            DeviceRefusal::Change(error) => error.code(),
            DeviceRefusal::Note(error) => error.code(),
            DeviceRefusal::Release(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DeviceRefusal::Gate(error) => error.parameters(),
            DeviceRefusal::Change(error) => error.parameters(),
            DeviceRefusal::Release(error) => error.parameters(),
            DeviceRefusal::Device(_) | DeviceRefusal::Note(_) => Vec::new(),
        }
    }
}

/// Which devices are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DeviceQuery {
    /// `registration_pending`, `registration_failed`, `ready_for_user`, `active` or `inactive`.
    status: Option<String>,
    /// Part of the serial number, whatever its capitals.
    serial: Option<String>,
    /// The assigned user, whatever the capitals.
    user: Option<String>,
    /// The whole Order ID, whatever its capitals.
    order_id: Option<String>,
    /// The whole Purchase ID, whatever its capitals.
    purchase_id: Option<String>,
}

impl DeviceQuery {
    fn filter(self) -> Result<DeviceFilter, Error> {
        let text = |name: &str, text: Option<String>| match text.map(|text| text.trim().to_owned()) {
            None => Ok(None),
            Some(text) if text.is_empty() => Ok(None),
            Some(text) if text.chars().count() > MAX_FREE_TEXT || text.contains('\0') => {
                let sentence = format!("{name} has more than {MAX_FREE_TEXT} characters, or one that no text has.");
                Err(Error::plain(codes::BAD_REQUEST, sentence))
            }
            Some(text) => Ok(Some(folded(&text))),
        };
        let status = text("status", self.status)?;
        // As the page writes it, or as programs do.
        let status = status.map(|status| status.replace(' ', "_").parse::<DeviceStatus>()).transpose();
        Ok(DeviceFilter {
            status: status.map_err(|unknown| Error::plain(codes::BAD_REQUEST, format!("status: {unknown}")))?,
            serial: text("serial", self.serial)?,
            user: text("user", self.user)?,
            order_id: text("orderId", self.order_id)?,
            purchase_id: text("purchaseId", self.purchase_id)?,
        })
    }
}

/// The devices of a customer: registered ones, rows that are pending, and rows that failed in the last 30 days.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), DeviceQuery, PageQuery),
    responses((status = 200, body = DevicesView)))]
#[get("/v1/customers/{customer}/devices")]
async fn list_devices(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    sales: Data<SubscriptionSettings>,
    customer: Path<String>,
    query: Query<DeviceQuery>,
    page: Page,
) -> Result<Answer<DevicesView>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let filter = query.into_inner().filter()?;
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        let required = sales.required_service_plans.names();
        let lines = actions::devices(read, &proof, (filter, required), (after, limit), now)?;
        Ok((lines, actions::is_alone(read, &proof, me, now)?))
    };
    let (rows, is_alone) = me.read(&parts, list).await?;
    let key = |row: &DeviceLine| row.id().uuid().into_bytes().to_vec();
    let list = Collection::page(rows, &page, key, |row| DeviceLineView::new(row, &settings, now));
    Ok(Answer(DevicesView::new(list, &settings, is_alone)))
}

/// A device as it is shown after a change, or without one.
fn shown<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: DeviceId,
    (settings, sales): (&DeviceSettings, &SubscriptionSettings),
    now: Timestamp,
) -> Outcome<DeviceLineView, DeviceRefusal> {
    let required = sales.required_service_plans.names();
    let line = actions::device(read, proof, id, required, now).map_err(Failure::widen)?;
    Ok(DeviceLineView::new(line, settings, now))
}

/// One line of the devices page.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    responses((status = 200, body = DeviceLineView)))]
#[get("/v1/customers/{customer}/devices/{id}")]
async fn get_device(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    sales: Data<SubscriptionSettings>,
    path: Path<(String, DeviceId)>,
) -> Result<Answer<DeviceLineView>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let show = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        shown(read, &proof, id, (&settings, &sales), now)
    };
    Ok(Answer(me.read(&parts, show).await?))
}

/// A property that was sent, null included; nothing only if it was left out.
fn sent<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// What is to be changed of a device; null empties a property, and what is left out stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeviceChangeBody {
    /// Sign-in name of the user the device is for.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>, max_length = 320)]
    assigned_user: Option<Option<String>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Line<15>>)]
    display_name: Option<Option<Line<MAX_DISPLAY_NAME>>>,
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Line<64>>)]
    group_tag: Option<Option<Line<MAX_GROUP_TAG>>>,
}

/// Assign a device to a user, name it, give it a group tag.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    responses((status = 200, body = DeviceLineView)))]
#[patch("/v1/customers/{customer}/devices/{id}")]
async fn change_device(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    sales: Data<SubscriptionSettings>,
    path: Path<(String, DeviceId)>,
    body: Json<DeviceChangeBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let DeviceChangeBody { assigned_user, display_name, group_tag } = body.0;
    let assigned_user = assigned_user.map(|user| user.map(|user| user.trim().to_owned()));
    let change = DeviceChange { assigned_user, display_name, group_tag };
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::change_device(tx, &proof, me, id, &change, now).map_err(Failure::widen)?;
        Ok(Reply::ok(&shown(tx, &proof.observes(), id, (&settings, &sales), now)?))
    };
    me.write(&parts, work).await
}

/// Deregister a device: another organisation can claim it.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/devices/{id}")]
async fn release_device(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, DeviceId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let release = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::release(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    };
    me.write(&parts, release).await
}

/// Who checked the image on a device.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImageCheckBody {
    /// Whoever did; the caller if absent.
    checked_by: Option<Line<100>>,
}

/// Write down that somebody checked the image on a device. It hinders nothing, and checking again is a new check.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    request_body(content = Option<ImageCheckBody>),
    responses((status = 200, body = DeviceLineView)))]
#[post("/v1/customers/{customer}/devices/{id}/imagecheck")]
async fn check_image(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    sales: Data<SubscriptionSettings>,
    path: Path<(String, DeviceId)>,
    body: MaybeJson<ImageCheckBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let checked_by = body.0.checked_by;
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let by = checked_by.as_ref().map(Line::as_str);
        actions::record_image_check(tx, &proof, me, (id, by), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&shown(tx, &proof.observes(), id, (&settings, &sales), now)?))
    };
    me.write(&parts, work).await
}

/// Take a check of the image back.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/devices/{id}/imagecheck")]
async fn withdraw_image_check(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, DeviceId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::withdraw_image_check(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    };
    me.write(&parts, work).await
}

/// A note to send to the user of a device that is ready: what to do with it.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path), LanguageQuery),
    responses((status = 200, body = MailDraftView)))]
#[get("/v1/customers/{customer}/devices/{id}/usernote")]
async fn write_user_note(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, DeviceId)>,
    query: Query<LanguageQuery>,
) -> Result<Answer<MailDraftView>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let wanted = query.language;
    let write = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        let note = actions::user_note(read, &proof, id).map_err(Failure::widen)?;
        let language = match wanted {
            Some(language) => language,
            None => access::own_language(read, me)?,
        };
        let (subject, text) = mail::user_note(&note, language);
        Ok(MailDraftView::new(note.user, subject, text))
    };
    Ok(Answer(me.read(&parts, write).await?))
}
