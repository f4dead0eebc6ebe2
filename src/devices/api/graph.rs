//! Registered devices at Graph's paths (section 22 of the contract): for the tenant that the token is for.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, Wanted};
use super::super::model::{DeviceIdentity, GivenRefused, IdentityChange};
use super::batches::BatchRefusal;
use super::graph_imports::{MOST, customer_of, id_of};
use crate::access::{InTenant, ReadDevices, RegisterDevices, Scope};
use crate::delegation;
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::odata::{Options, context};
use crate::platform::http::{Error, Loose, Reply};

/// The routes of devices.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_identities)
        .service(get_identity)
        .service(delete_identity)
        .service(update_properties)
        .service(assign_user)
        .service(unassign_user)
        .service(get_settings)
        .service(sync);
}

/// The path of devices below a version.
const DEVICES: &str = "/deviceManagement/windowsAutopilotDeviceIdentities";

fn shown(device: &DeviceIdentity) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.windowsAutopilotDeviceIdentity",
        "id": device.id,
        "groupTag": device.group_tag,
        "purchaseOrderIdentifier": device.purchase_id,
        "serialNumber": device.serial_number,
        "productKey": device.product_id,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "enrollmentState": if device.last_seen_at.is_some() { "enrolled" } else { "notContacted" },
        "lastContactedDateTime": device.last_seen_at,
        "addressableUserName": device.addressable_user_name,
        "userPrincipalName": device.assigned_user,
        "resourceName": null,
        "skuNumber": null,
        "systemFamily": null,
        "azureActiveDirectoryDeviceId": null,
        "managedDeviceId": null,
        "displayName": device.display_name,
    })
}

/// The registered devices of the tenant.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities")]
async fn list_identities(
    me: InTenant<ReadDevices>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let (top, now) = (options.top_up_to(MOST)?, parts.clock.now());
    let wanted = Wanted { serial: options.part_of("serialNumber")?, after: options.after()? };
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::observe(read, me, &customer, now).map_err(Failure::widen)?;
        Ok(actions::device_identities(read, &proof, &wanted, top + 1)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |device: &DeviceIdentity| device.id.uuid();
    Ok(Answer(options.page_of(top, (&parts.base, DEVICES), rows, None, key, |device| shown(&device))))
}

/// One registered device of the tenant.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}")]
async fn get_identity(
    me: InTenant<ReadDevices>,
    parts: Data<Parts>,
    device: Path<String>,
) -> Result<Answer<Value>, Error> {
    let (id, now) = (id_of(&device), parts.clock.now());
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::observe(read, me, &customer, now).map_err(Failure::widen)?;
        actions::device_identity(read, &proof, id).map_err(Failure::widen)
    };
    let mut entity = shown(&me.read(&parts, find).await?);
    entity["@odata.context"] = json!(context(&parts.base, "deviceManagement/windowsAutopilotDeviceIdentities/$entity"));
    Ok(Answer(entity))
}

/// Deregister a device of the tenant: another organisation can claim it.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")), responses((status = 204)))]
#[delete("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}")]
async fn delete_identity(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: Path<String>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id_of(&device), parts.clock.now());
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::administer(tx, me, &customer, now).map_err(Failure::widen)?;
        actions::release(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}

async fn change(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: &str,
    change: IdentityChange,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id_of(device), parts.clock.now());
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::administer(tx, me, &customer, now).map_err(Failure::widen)?;
        let domains = actions::user_domains(tx, &proof.observes())?;
        let change = change.clone().checked(&domains).map_err(BatchRefusal::from)?;
        actions::change_identity(tx, &proof, me, (id, &change), now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}

/// What is changed of a device; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PropertiesBody {
    user_principal_name: Option<String>,
    addressable_user_name: Option<String>,
    group_tag: Option<String>,
    /// At most 15 characters.
    display_name: Option<String>,
}

/// Change the user, the tag or the name of a device.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")),
    request_body(content = PropertiesBody), responses((status = 204)))]
#[post("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/updateDeviceProperties")]
async fn update_properties(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: Path<String>,
    body: Loose<PropertiesBody>,
) -> Result<HttpResponse, Error> {
    let PropertiesBody { user_principal_name, addressable_user_name, group_tag, display_name } = body.0;
    let wanted = IdentityChange { group_tag, assigned_user: user_principal_name, addressable_user_name, display_name };
    change(me, parts, &device, wanted).await
}

/// The user of a device to be.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserBody {
    user_principal_name: Option<String>,
    addressable_user_name: Option<String>,
}

/// Assign a user to a device.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")),
    request_body(content = UserBody), responses((status = 204)))]
#[post("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/assignUserToDevice")]
async fn assign_user(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: Path<String>,
    body: Loose<UserBody>,
) -> Result<HttpResponse, Error> {
    let user = body.0.user_principal_name.filter(|name| !name.trim().is_empty());
    if user.is_none() {
        let (property, reason) = ("userPrincipalName".to_owned(), "must not be empty".to_owned());
        return Err(GivenRefused::Value { property, reason }.into());
    }
    let wanted = IdentityChange {
        assigned_user: user,
        addressable_user_name: body.0.addressable_user_name,
        ..IdentityChange::default()
    };
    change(me, parts, &device, wanted).await
}

/// Take the user of a device away.
#[utoipa::path(tag = "Graph", params(("device", description = "As the list shows it")), responses((status = 204)))]
#[post("/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/unassignUserFromDevice")]
async fn unassign_user(
    me: InTenant<RegisterDevices>,
    parts: Data<Parts>,
    device: Path<String>,
) -> Result<HttpResponse, Error> {
    let wanted = IdentityChange {
        assigned_user: Some(String::new()),
        addressable_user_name: Some(String::new()),
        ..IdentityChange::default()
    };
    change(me, parts, &device, wanted).await
}

/// How the devices of the tenant are synchronised.
#[utoipa::path(tag = "Graph", responses((status = 200, body = Object)))]
#[get("/v1.0/deviceManagement/windowsAutopilotSettings")]
async fn get_settings(me: InTenant<ReadDevices>, parts: Data<Parts>) -> Result<Answer<Value>, Error> {
    let now = parts.clock.now();
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::observe(read, me, &customer, now).map_err(Failure::widen)?;
        Ok((proof.customer(), actions::last_sync(read, &proof)?))
    };
    let (customer, synced) = me.read(&parts, find).await?;
    Ok(Answer(json!({
        "@odata.context": context(&parts.base, "deviceManagement/windowsAutopilotSettings/$entity"),
        "id": customer,
        "lastSyncDateTime": synced,
        "lastManualSyncTriggerDateTime": synced,
        "syncStatus": "completed",
    })))
}

/// Synchronise the devices of the tenant: at most once in ten minutes.
#[utoipa::path(tag = "Graph", responses((status = 204)))]
#[post("/v1.0/deviceManagement/windowsAutopilotSettings/sync")]
async fn sync(me: InTenant<RegisterDevices>, parts: Data<Parts>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let customer = customer_of(me).map_err(BatchRefusal::from)?;
        let proof = delegation::administer(tx, me, &customer, now).map_err(Failure::widen)?;
        actions::sync(tx, &proof, me, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}
