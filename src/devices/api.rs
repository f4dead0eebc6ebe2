//! REST of devices.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::{BytesMut, Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::{self, DeviceLine, RegistrationSummary, Upload};
use super::intake::{Heading, read_file};
use super::model::{
    CheckedFile, Counts, DeviceError, DeviceId, DeviceSettings, Finding, ImportId, NoDevice, NoRegistration,
    RegistrationId, RequestId, RowState, SHOWN_FINDINGS,
};
use super::store::{DeviceView, RowView};
use crate::access::{Allowed, OrganisationId, OrganisationKind, ReadDevices, RegisterDevices, RunTheCentre};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal, codes};
use crate::platform::http::{Collection, Error, Page, PageQuery, next_chunk};
use crate::platform::text::{Line, shorten};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(list_registrations)
        .service(get_registration)
        .service(list_rows)
        .service(list_devices)
        .service(release_device)
        .service(import_manifest);
}

/// An upload: the file, and two free texts to find it by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document only; the multipart stream is what handlers take")]
struct UploadBody {
    /// A CSV file with the heading `Manufacturer,Model,Serial Number`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Any text up to 256 characters.
    order_id: Option<String>,
    /// Any text up to 256 characters.
    purchase_id: Option<String>,
}

/// The parts of an upload as received.
struct Received {
    file_name: String,
    bytes: BytesMut,
    order_id: Option<String>,
    purchase_id: Option<String>,
}

/// Characters of a free text at most.
const MAX_FREE_TEXT: usize = 256;
/// Parts of an upload at most; three have a meaning.
const MAX_PARTS: usize = 8;

/// Reads a file on a thread of its own: a large one takes a while.
async fn checked(bytes: BytesMut, heading: Heading, max_rows: usize) -> Result<CheckedFile, Error> {
    match actix_web::web::block(move || read_file(&bytes, heading, max_rows)).await {
        Ok(read) => Ok(read?),
        Err(error) => {
            tracing::error!(%error, "no thread to read a file");
            Err(Error::plain(codes::INTERNAL, "The file could not be read just now. Nothing was changed; try again."))
        }
    }
}

/// An upload arrives within this time.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(600);

async fn receive(parts: Multipart, settings: &DeviceSettings) -> Result<Received, Error> {
    let slow = || Error::plain(codes::TIMED_OUT, "The upload took longer than ten minutes; nothing was changed.");
    tokio::time::timeout(UPLOAD_DEADLINE, receive_parts(parts, settings)).await.unwrap_or_else(|_| Err(slow()))
}

async fn receive_parts(mut parts: Multipart, settings: &DeviceSettings) -> Result<Received, Error> {
    let refuse = |sentence: String| Error::plain(codes::BAD_REQUEST, sentence);
    let mut file: Option<(String, BytesMut)> = None;
    let (mut order_id, mut purchase_id) = (None, None);
    let mut count = 0;
    while let Some(mut part) = next_chunk(&mut parts).await? {
        count += 1;
        if count > MAX_PARTS {
            return Err(refuse(format!("The upload has more than {MAX_PARTS} parts.")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let limit = if name == "file" { settings.max_upload_bytes } else { MAX_FREE_TEXT * 4 };
        let file_name = part.content_disposition().and_then(|disposition| disposition.get_filename());
        let file_name = shorten(&file_name.unwrap_or("upload.csv").replace(char::is_control, "_"), 200);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = next_chunk(&mut part).await? {
            if bytes.len() + chunk.len() > limit {
                let sentence = format!("The part \"{}\" is larger than the {limit} bytes allowed.", shorten(&name, 40));
                return Err(Error::plain(codes::TOO_LARGE, sentence));
            }
            bytes.extend_from_slice(&chunk);
        }
        match name.as_str() {
            "file" if file.is_some() => return Err(refuse("Send one file; this upload has two.".to_owned())),
            "file" => file = Some((file_name, bytes)),
            "orderId" => order_id = free_text("orderId", &bytes)?,
            "purchaseId" => purchase_id = free_text("purchaseId", &bytes)?,
            other => {
                let sentence =
                    format!("The part \"{}\" is not known. Known: file, orderId, purchaseId.", shorten(other, 40));
                return Err(refuse(sentence));
            }
        }
    }
    let (file_name, bytes) = file.ok_or_else(|| refuse("The upload holds no part named \"file\".".to_owned()))?;
    Ok(Received { file_name, bytes, order_id, purchase_id })
}

fn free_text(name: &str, bytes: &[u8]) -> Result<Option<String>, Error> {
    let refuse = |reason: String| Error::plain(codes::BAD_REQUEST, format!("{name} {reason}."));
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("is not UTF-8 text".to_owned()))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let line = Line::<MAX_FREE_TEXT>::try_from(text.to_owned()).map_err(|error| refuse(error.to_string()))?;
    Ok(Some(line.into()))
}

/// A registration and how far it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegistrationView {
    id: RegistrationId,
    /// `registering`, `finished` or `finishedWithErrors`.
    state: &'static str,
    counts: Counts,
    file_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchase_id: Option<String>,
    registered_by: OrganisationId,
    /// What support asks for.
    request_id: RequestId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// The first findings of the check, in the answer to the upload.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl RegistrationView {
    fn new(summary: RegistrationSummary, findings: Vec<Finding>) -> Self {
        let RegistrationSummary { registration, counts } = summary;
        Self {
            id: registration.id,
            state: counts.registration_state(),
            counts,
            file_name: registration.file_name,
            order_id: registration.order_id,
            purchase_id: registration.purchase_id,
            registered_by: registration.registered_by,
            request_id: registration.request,
            created_at: registration.created_at,
            finished_at: registration.finished_at,
            findings,
        }
    }
}

/// Why a customer's registration or device is not shown or changed.
#[derive(Debug, thiserror::Error)]
enum DeviceRefusal {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Registration(#[from] NoRegistration),
    #[error(transparent)]
    Device(#[from] NoDevice),
}

impl Refusal for DeviceRefusal {
    fn code(&self) -> Code {
        match self {
            DeviceRefusal::Gate(error) => error.code(),
            DeviceRefusal::Registration(error) => error.code(),
            DeviceRefusal::Device(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DeviceRefusal::Gate(error) => error.parameters(),
            _ => Vec::new(),
        }
    }
}

/// Register devices from a CSV file. Good rows are pending at once and settled in the background; bad rows are failed
/// with their reason. A sample cell left in refuses the whole file.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 201, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations")]
async fn register(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    customer: Path<String>,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let asked_at = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    // The gate first: whoever may not register uploads nothing. It is asked again where the rows are written.
    let (scope, asked) = (me.scope.clone(), reference.clone());
    parts.db.read(move |read| delegation::observe(read, &scope, &asked, asked_at).map(|_| ())).await?;
    let received = receive(body, &settings).await?;
    let now = parts.clock.now();
    let heading = match me.scope.kind() {
        OrganisationKind::Customer => Heading::Customer,
        _ => Heading::Partner,
    };
    let file = checked(received.bytes, heading, settings.max_rows).await?;
    let findings: Vec<Finding> = file.findings.iter().take(SHOWN_FINDINGS).cloned().collect();
    let upload =
        Upload { file_name: received.file_name, order_id: received.order_id, purchase_id: received.purchase_id, file };
    let submit = move |tx: &mut Tx<'_>| -> Outcome<RegistrationSummary, DeviceRefusal> {
        let proof = delegation::administer(tx, &me.scope, &reference, now).map_err(Failure::widen)?;
        let registration = actions::submit(tx, &proof, &me.scope, &upload, now)?;
        actions::registration(tx, &proof.observes(), registration.id).map_err(Failure::widen)
    };
    let summary = parts.db.write(submit).await?;
    Ok(HttpResponse::Created().json(RegistrationView::new(summary, findings)))
}

/// The registrations of a customer.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<RegistrationView>)))]
#[get("/v1/customers/{customer}/deviceRegistrations")]
async fn list_registrations(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<RegistrationView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, &me.scope, &reference, now)?;
        Ok(actions::registrations(read, &proof, after, limit)?)
    };
    let rows = parts.db.read(list).await?;
    let key = |row: &RegistrationSummary| row.registration.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| RegistrationView::new(row, Vec::new()))))
}

/// One registration of a customer: how many rows stand where.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    responses((status = 200, body = RegistrationView)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}")]
async fn get_registration(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
) -> Result<Answer<RegistrationView>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let show = move |read: &mut Read<'_>| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, &me.scope, &reference, now).map_err(Failure::widen)?;
        actions::registration(read, &proof, id).map_err(Failure::widen)
    };
    let summary = parts.db.read(show).await?;
    Ok(Answer(RegistrationView::new(summary, Vec::new())))
}

/// A row of a registration.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RegistrationRowView {
    line: i32,
    #[serde(flatten)]
    device: DeviceRowView,
}

/// A row or a device, as the devices page shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceRowView {
    id: DeviceId,
    manufacturer: String,
    model: String,
    serial_number: String,
    /// In the mission's words.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

/// What went wrong with a row, and what to do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorView {
    title: &'static str,
    advice: String,
    code: String,
}

impl DeviceRowView {
    fn of_row(row: RowView, support: &str) -> Self {
        let error = row.error.as_deref().and_then(|word| word.parse::<DeviceError>().ok());
        let status = match row.state.as_str() {
            "pending" => "Registration pending",
            "failed" => "Registration failed",
            _ => "Ready for user",
        };
        Self {
            id: row.id,
            manufacturer: row.manufacturer,
            model: row.model,
            serial_number: row.serial_number,
            status,
            error: error.map(|error| ErrorView {
                title: error.title(),
                advice: advice(error, row.code.as_deref(), support),
                code: row.code.unwrap_or_default(),
            }),
        }
    }
}

/// The advice of the five errors, but for what has a better one.
fn advice(error: DeviceError, code: Option<&str>, support: &str) -> String {
    match code {
        Some("REL_MISSING") => "The delegated administration of this customer ended before the row was registered. \
                                Ask its admin to grant it again."
            .to_owned(),
        Some("DUP_IN_FILE") => "The same device stands earlier in the file; it is registered once.".to_owned(),
        Some("ROW_WIDTH") => "Quote values that hold the delimiter, and upload the row again.".to_owned(),
        _ => error.advice(support),
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// Only rows in this state.
    outcome: Option<RowState>,
}

/// The rows of a registration, in order of their lines.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path), RowQuery, PageQuery),
    responses((status = 200, body = Collection<RegistrationRowView>)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/rows")]
async fn list_rows(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    path: Path<(String, RegistrationId)>,
    query: Query<RowQuery>,
    page: Page,
) -> Result<Answer<Collection<RegistrationRowView>>, Error> {
    let (limit, now, outcome) = (page.fetch(), parts.clock.now(), query.outcome);
    let after = page.after_number()?.map(|line| i32::try_from(line).unwrap_or(i32::MAX));
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, &me.scope, &reference, now).map_err(Failure::widen)?;
        actions::rows(read, &proof, id, outcome, after, limit).map_err(Failure::widen)
    };
    let rows = parts.db.read(list).await?;
    let key = |row: &RowView| i64::from(row.line).to_be_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| RegistrationRowView {
        line: row.line,
        device: DeviceRowView::of_row(row, &settings.support_contact),
    })))
}

/// A line of the devices page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceLineView {
    registration_id: RegistrationId,
    #[serde(flatten)]
    device: DeviceRowView,
    /// Whether the device directory knows it; absent while it is not registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    registered_at: Option<Timestamp>,
    /// The partner's name; absent if the customer registered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_by: Option<String>,
}

impl DeviceLineView {
    fn new(line: DeviceLine, support: &str) -> Self {
        match line {
            DeviceLine::Unsettled(registration, row) => Self {
                registration_id: registration,
                device: DeviceRowView::of_row(row, support),
                matched: None,
                registered_at: None,
                registered_by: None,
            },
            DeviceLine::Registered(device, by) => {
                let DeviceView { id, registration, manufacturer, model, serial_number, matched, .. } = device;
                let status = "Ready for user";
                Self {
                    registration_id: registration,
                    device: DeviceRowView { id, manufacturer, model, serial_number, status, error: None },
                    matched: Some(matched),
                    registered_at: Some(device.registered_at),
                    registered_by: by.map(|profile| profile.name),
                }
            }
        }
    }
}

/// The devices of a customer: registered ones, rows that are pending, and rows that failed in the last 30 days.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<DeviceLineView>)))]
#[get("/v1/customers/{customer}/devices")]
async fn list_devices(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<DeviceLineView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, &me.scope, &reference, now)?;
        Ok(actions::devices(read, &proof, after, limit, now)?)
    };
    let rows = parts.db.read(list).await?;
    let key = |row: &DeviceLine| row.id().uuid().into_bytes().to_vec();
    let support = &settings.support_contact;
    Ok(Answer(Collection::page(rows, &page, key, |row| DeviceLineView::new(row, support))))
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
    let release = move |tx: &mut Tx<'_>| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, &me.scope, &reference, now).map_err(Failure::widen)?;
        actions::release(tx, &proof, &me.scope, id, now).map_err(Failure::widen)
    };
    parts.db.write(release).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A manifest loaded into the directory.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ManifestImported {
    id: ImportId,
    devices: usize,
}

/// Load a supplier's manifest into the device directory: a CSV file with the heading `Manufacturer,Model,Serial Number`,
/// all of it or nothing.
#[utoipa::path(tag = "Devices", request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 201, body = ManifestImported)))]
#[post("/v1/devicedirectory/manifests")]
async fn import_manifest(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let received = receive(body, &settings).await?;
    let now = parts.clock.now();
    let file = checked(received.bytes, Heading::Partner, settings.max_rows).await?;
    let imported = parts.db.write(move |tx| actions::import_manifest(tx, &me.scope, &file, now)).await?;
    Ok(HttpResponse::Created().json(ManifestImported { id: imported.id, devices: imported.devices }))
}
