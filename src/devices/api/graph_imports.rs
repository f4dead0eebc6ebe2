//! Imported device identities at Graph's paths (section 21 of the contract): for the tenant that the token is for.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use diesel::QueryResult;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, RegistrationSummary, Wanted};
use super::super::model::{
    DeviceId, DeviceSettings, GivenRefused, ImportedIdentity, MAX_GIVEN_DEVICES, RowState, Source,
};
use super::super::reception::Reception;
use super::batches::BatchRefusal;
use super::given::{Given, GivenDevice, register_given};
use crate::access::{Allowed, InTenant, ReadDevices, RegisterDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, Administers};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::odata::{Options, context};
use crate::platform::http::{BaseUrl, Bulk, Error, Lenient, Reply};

/// The routes of imported identities.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_imported)
        .service(create_imported)
        .service(import)
        .service(get_imported)
        .service(delete_imported);
}

/// The path of imported identities below a version.
const IMPORTED: &str = "/deviceManagement/importedWindowsAutopilotDeviceIdentities";
/// The same, as entities name it.
const IMPORTED_SET: &str = "deviceManagement/importedWindowsAutopilotDeviceIdentities";
/// Rows of a page at most: what clients ask for.
pub(super) const MOST: i64 = 1_000;

/// The customer of the tenant that the token is for.
pub(super) fn customer_of(me: &Scope) -> Result<CustomerReference, GivenRefused> {
    let customer = me.tenant_customer().ok_or(GivenRefused::NoTenant)?;
    Ok(CustomerReference::new(&customer.to_string()))
}

/// The id of a path; one that is none names nothing.
pub(super) fn id_of(named: &str) -> DeviceId {
    named.trim().parse().unwrap_or_else(|_| DeviceId::from_uuid(uuid::Uuid::nil()))
}

/// A device as Graph's clients import it. What else they send, such as its state, is not read.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportedBody {
    group_tag: Option<String>,
    /// What the group tag was called.
    order_identifier: Option<String>,
    serial_number: Option<String>,
    /// The Windows product id.
    product_key: Option<String>,
    /// The hardware hash, base64.
    hardware_identifier: Option<String>,
    assigned_user_principal_name: Option<String>,
    /// Not of the contract: for devices without a hash.
    manufacturer: Option<String>,
    /// The same.
    model: Option<String>,
}

impl From<ImportedBody> for GivenDevice {
    fn from(body: ImportedBody) -> Self {
        Self {
            manufacturer: body.manufacturer,
            model: body.model,
            serial_number: body.serial_number,
            product_id: body.product_key,
            hash: body.hardware_identifier,
            group_tag: body.group_tag.filter(|tag| !tag.is_empty()).or(body.order_identifier),
            assigned_user: body.assigned_user_principal_name,
        }
    }
}

/// Devices to import.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportBody {
    #[schema(max_items = 2000)]
    imported_windows_autopilot_device_identities: Option<Vec<ImportedBody>>,
}

fn shown(identity: &ImportedIdentity) -> Value {
    // Clients wait as long as it says "unknown"; they take "pending" for done.
    let (status, code, name) = match (identity.state, &identity.error) {
        (RowState::Ready, _) => ("complete", 0, "None"),
        (_, Some(error)) => ("error", error.number.unwrap_or(0), error.name.as_str()),
        _ => ("unknown", 0, "None"),
    };
    let device = (identity.state == RowState::Ready).then(|| identity.id.to_string());
    json!({
        "@odata.type": "#microsoft.graph.importedWindowsAutopilotDeviceIdentity",
        "id": identity.id,
        "groupTag": identity.group_tag,
        "serialNumber": identity.serial_number,
        "productKey": identity.product_id.as_deref().unwrap_or_default(),
        "importId": identity.registration,
        "hardwareIdentifier": null,
        "assignedUserPrincipalName": identity.assigned_user,
        "state": {
            "@odata.type": "microsoft.graph.importedWindowsAutopilotDeviceIdentityState",
            "deviceImportStatus": status,
            "deviceRegistrationId": device.unwrap_or_default(),
            "deviceErrorCode": code,
            "deviceErrorName": name,
        },
    })
}

fn entity(base: &BaseUrl, set: &str, mut shown: Value) -> Value {
    shown["@odata.context"] = json!(context(base, &format!("{set}/$entity")));
    shown
}

/// The devices that were imported into the tenant in the last 30 days.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities")]
async fn list_imported(
    me: InTenant<ReadDevices>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let (top, now) = (options.top_up_to(MOST)?, parts.clock.now());
    let wanted = Wanted { serial: options.part_of("serialNumber")?, after: options.after()? };
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::observe(read, me, &customer, now).map_err(Failure::widen)?;
        Ok(actions::imported_identities(read, &proof, wanted.clone(), top + 1, now)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |identity: &ImportedIdentity| identity.id.uuid();
    Ok(Answer(options.page_of(top, (&parts.base, IMPORTED), rows, None, key, |identity| shown(&identity))))
}

/// The identities of the import that was just submitted.
fn imported_now<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    summary: &RegistrationSummary,
) -> QueryResult<Vec<Value>> {
    let (id, most) = (summary.registration.id, MAX_GIVEN_DEVICES as i64);
    let now = summary.registration.registered_at.unwrap_or(summary.registration.created_at);
    let found = actions::identities_of_import(tx, &proof.observes(), id, most, now)?;
    Ok(found.iter().map(shown).collect())
}

async fn customer_to_register(me: &Allowed<RegisterDevices>, parts: &Parts) -> Result<CustomerReference, Error> {
    me.read(parts, |_, me| -> Outcome<_, GivenRefused> { Ok(customer_of(me)?) }).await
}

/// Import one device.
#[utoipa::path(tag = "Graph", request_body(content = ImportedBody), responses((status = 201, body = Object)))]
#[post("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities")]
async fn create_imported(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    request: HttpRequest,
    body: Lenient<ImportedBody>,
) -> Result<HttpResponse, Error> {
    let customer = customer_to_register(&me, &parts).await?;
    let given = Given { devices: vec![body.0.into()], source: Source::Import, batch_name: None };
    let base = parts.base.clone();
    let how = (parts.get_ref(), settings.get_ref(), reception.get_ref());
    register_given(&me, &request, how, customer, given, move |tx, proof, summary| {
        let made = imported_now(tx, proof, &summary)?.pop().unwrap_or_default();
        Ok(Reply::created(&entity(&base, IMPORTED_SET, made)))
    })
    .await
}

/// Import devices.
#[utoipa::path(tag = "Graph", request_body(content = ImportBody), responses((status = 200, body = Object)))]
#[post("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/import")]
async fn import(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    request: HttpRequest,
    body: Bulk<ImportBody>,
) -> Result<HttpResponse, Error> {
    let customer = customer_to_register(&me, &parts).await?;
    let devices = body.0.imported_windows_autopilot_device_identities.unwrap_or_default();
    let given = Given {
        devices: devices.into_iter().map(GivenDevice::from).collect(),
        source: Source::Import,
        batch_name: None,
    };
    let what = context(&parts.base, "Collection(microsoft.graph.importedWindowsAutopilotDeviceIdentity)");
    let how = (parts.get_ref(), settings.get_ref(), reception.get_ref());
    register_given(&me, &request, how, customer, given, move |tx, proof, summary| {
        Ok(Reply::ok(&json!({ "@odata.context": what, "value": imported_now(tx, proof, &summary)? })))
    })
    .await
}

/// One imported device.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/{device}")]
async fn get_imported(
    me: InTenant<ReadDevices>,
    parts: Data<Parts>,
    device: Path<String>,
) -> Result<Answer<Value>, Error> {
    let (id, now) = (id_of(&device), parts.clock.now());
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::observe(read, me, &customer, now).map_err(Failure::widen)?;
        actions::imported_identity(read, &proof, id, now).map_err(Failure::widen)
    };
    let found = me.read(&parts, find).await?;
    Ok(Answer(entity(&parts.base, IMPORTED_SET, shown(&found))))
}

/// Remove an imported device from the list. What became of it stays.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")), responses((status = 204)))]
#[delete("/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/{device}")]
async fn delete_imported(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: Path<String>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id_of(&device), parts.clock.now());
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::administer(tx, me, &customer, now).map_err(Failure::widen)?;
        actions::remove_import(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}
