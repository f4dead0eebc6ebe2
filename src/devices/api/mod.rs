//! REST of devices.

mod guide;
mod upload;

use actix_multipart::Multipart;
use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use self::upload::{UploadBody, checked, receive};
use super::actions::{self, DeviceLine, RegistrationSummary, Upload};
use super::old_intake::Heading;
use super::model::{
    Counts, DeviceError, DeviceId, DeviceSettings, Finding, ImportId, NoDevice, NoRegistration, RegistrationId,
    RequestId, RowState, SHOWN_FINDINGS,
};
use super::store::{DeviceView, RowView};
use crate::access::{Allowed, OrganisationId, OrganisationKind, ReadDevices, RegisterDevices, RunTheCentre, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal};
use crate::platform::http::{Collection, Error, Page, PageQuery, Reply};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(list_registrations)
        .service(get_registration)
        .service(list_rows)
        .service(list_devices)
        .service(release_device)
        .service(import_manifest)
        .configure(guide::routes);
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
    request: HttpRequest,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let asked_at = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    // The gate first: whoever may not register uploads nothing. It is asked again where the rows are written.
    let asked = reference.clone();
    let kind =
        me.read(&parts, move |read, me| delegation::observe(read, me, &asked, asked_at).map(|_| me.kind())).await?;
    let received = receive(body, &settings).await?;
    request.extensions_mut().insert(received.digest);
    let now = parts.clock.now();
    let heading = match kind {
        OrganisationKind::Customer => Heading::Customer,
        _ => Heading::Partner,
    };
    let file = checked(received.bytes, heading, settings.max_rows).await?;
    let findings: Vec<Finding> = file.findings.iter().take(SHOWN_FINDINGS).cloned().collect();
    let upload =
        Upload { file_name: received.file_name, order_id: received.order_id, purchase_id: received.purchase_id, file };
    let submit = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let registration = actions::submit(tx, &proof, me, &upload, now)?;
        let summary = actions::registration(tx, &proof.observes(), registration.id).map_err(Failure::widen)?;
        Ok(Reply::created(&RegistrationView::new(summary, findings.clone())))
    };
    me.write(&parts, submit).await
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
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::registrations(read, &proof, after, limit)?)
    };
    let rows = me.read(&parts, list).await?;
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
    let show = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::registration(read, &proof, id).map_err(Failure::widen)
    };
    let summary = me.read(&parts, show).await?;
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
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::rows(read, &proof, id, outcome, after, limit).map_err(Failure::widen)
    };
    let rows = me.read(&parts, list).await?;
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
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::devices(read, &proof, after, limit, now)?)
    };
    let rows = me.read(&parts, list).await?;
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
    let release = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::release(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    };
    me.write(&parts, release).await
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
    request: HttpRequest,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let received = receive(body, &settings).await?;
    request.extensions_mut().insert(received.digest);
    let now = parts.clock.now();
    let file = checked(received.bytes, Heading::Partner, settings.max_rows).await?;
    me.write(&parts, move |tx, me| {
        let imported = actions::import_manifest(tx, me, &file, now);
        imported.map(|imported| Reply::created(&ManifestImported { id: imported.id, devices: imported.devices }))
    })
    .await
}
