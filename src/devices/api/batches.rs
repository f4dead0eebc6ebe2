//! Device batches of the contract (section 13), on the actions of registrations.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, NamedPolicy};
use super::super::model::{
    BatchDevice, DeviceId, DeviceSettings, GivenRefused, NoDevice, PolicyError, RegistrationId, Source,
};
use super::super::reception::Reception;
use super::batch_views::{BatchDeviceView, BatchView, UploadJobView, job_location};
use super::devices::DeviceRefusal;
use super::given::{Given, GivenDevice, register_given};
use crate::access::{AccessError, Allowed, ManageDevicePolicies, ReadDevices, RegisterDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal};
use crate::platform::http::{Bulk, Collection, Error, Lenient, Page, PageQuery, Reply, Resource, resource};
use crate::platform::text::Line;

/// The routes of batches.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_batches)
        .service(create_batch)
        .service(list_batch_devices)
        .service(add_devices)
        .service(put_batch_device)
        .service(patch_batch_device)
        .service(delete_batch_device)
        .service(update_policies)
        .service(job_status);
}

/// Devices of a page (section 1.8 of the contract).
const PAGE: u32 = 100;

/// Why a call about batches, jobs or policies is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum BatchRefusal {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Given(#[from] GivenRefused),
    #[error(transparent)]
    Device(#[from] NoDevice),
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Refusal for BatchRefusal {
    fn code(&self) -> Code {
        match self {
            BatchRefusal::Gate(error) => error.code(),
            BatchRefusal::Given(error) => error.code(),
            BatchRefusal::Device(error) => error.code(),
            BatchRefusal::Policy(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            BatchRefusal::Gate(error) => error.parameters(),
            BatchRefusal::Given(error) => error.parameters(),
            BatchRefusal::Device(_) => Vec::new(),
            BatchRefusal::Policy(error) => error.parameters(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            BatchRefusal::Given(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// A device as clients send it. What else they send, such as ids and dates, is not read.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BatchDeviceBody {
    serial_number: Option<String>,
    /// The Windows product id.
    product_key: Option<String>,
    /// Base64.
    hardware_hash: Option<String>,
    model_name: Option<String>,
    oem_manufacturer_name: Option<String>,
}

impl From<BatchDeviceBody> for GivenDevice {
    fn from(body: BatchDeviceBody) -> Self {
        Self {
            manufacturer: body.oem_manufacturer_name,
            model: body.model_name,
            serial_number: body.serial_number,
            product_id: body.product_key,
            hash: body.hardware_hash,
            group_tag: None,
            assigned_user: None,
        }
    }
}

/// A new batch, or more devices of one that is there.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceBatchBody {
    /// Its name; the id of the upload if absent.
    batch_id: Option<String>,
    #[schema(max_items = 2000)]
    devices: Option<Vec<BatchDeviceBody>>,
}

/// The device batches of a customer: what was registered under one name.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<Resource<BatchView>>)))]
#[get("/v1/customers/{customer}/deviceBatches")]
async fn list_batches(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<Resource<BatchView>>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok((proof.customer(), actions::batches(read, &proof)?))
    };
    let (id, batches) = me.read(&parts, list).await?;
    let shown = batches.into_iter().map(|batch| resource("DeviceBatch", BatchView::new(id, batch))).collect();
    Ok(Answer(Collection::whole(&format!("/customers/{id}/deviceBatches"), shown)))
}

/// The name of a batch as a call gives it.
fn batch_name(name: Option<String>) -> Result<Option<String>, GivenRefused> {
    let Some(name) = name.filter(|name| !name.trim().is_empty()) else { return Ok(None) };
    let refuse = |reason: String| GivenRefused::Value { property: "batchId".to_owned(), reason };
    let line = Line::<256>::try_from(name).map_err(|error| refuse(error.to_string()))?;
    // Clients put it into paths, where these mean something else.
    if matches!(line.as_str(), "." | "..") || line.as_str().contains(['/', '\\']) {
        return Err(refuse("holds a slash or nothing but dots, which no path can name".to_owned()));
    }
    Ok(Some(line.into()))
}

/// Upload devices as a batch: it is registered in the background, and `Location` says where its status is.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    request_body(content = DeviceBatchBody), responses((status = 202)))]
#[post("/v1/customers/{customer}/deviceBatches")]
async fn create_batch(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    customer: Path<String>,
    request: HttpRequest,
    body: Bulk<DeviceBatchBody>,
) -> Result<HttpResponse, Error> {
    // Section 2.4 of the contract: a person makes batches; applications add devices to them.
    me.read(&parts, |_, me| -> Outcome<_, AccessError> { Ok(me.require_user()?) }).await?;
    let given = Given {
        devices: body.0.devices.unwrap_or_default().into_iter().map(GivenDevice::from).collect(),
        source: Source::Batch,
        batch_name: batch_name(body.0.batch_id)?,
    };
    upload(me, request, (parts, settings, reception), CustomerReference::new(&customer), given).await
}

async fn upload(
    me: Allowed<RegisterDevices>,
    request: HttpRequest,
    (parts, settings, reception): (Data<Parts>, Data<DeviceSettings>, Data<Reception>),
    reference: CustomerReference,
    given: Given,
) -> Result<HttpResponse, Error> {
    register_given(&me, &request, (&parts, &settings, &reception), reference, given, |_, proof, summary| {
        Ok(Reply::accepted(job_location(proof.customer(), summary.registration.id)))
    })
    .await
}

/// Upload devices into a batch that is there.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("batch", description = "The batch's name")),
    request_body(content = Vec<BatchDeviceBody>), responses((status = 202)))]
#[post("/v1/customers/{customer}/deviceBatches/{batch}/devices")]
async fn add_devices(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bulk<Vec<BatchDeviceBody>>,
) -> Result<HttpResponse, Error> {
    let (customer, batch) = path.into_inner();
    let (reference, now) = (CustomerReference::new(&customer), parts.clock.now());
    let named = reference.clone();
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let proof = delegation::observe(read, me, &named, now).map_err(Failure::widen)?;
        actions::batch_name(read, &proof, &batch).map_err(Failure::widen)
    };
    let given = Given {
        batch_name: Some(me.read(&parts, find).await?),
        devices: body.0.into_iter().map(GivenDevice::from).collect(),
        source: Source::Batch,
    };
    upload(me, request, (parts, settings, reception), reference, given).await
}

/// The devices of a batch, 100 a page.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("batch", description = "The batch's name"), PageQuery),
    responses((status = 200, body = Collection<Resource<BatchDeviceView>>)))]
#[get("/v1/customers/{customer}/deviceBatches/{batch}/devices")]
async fn list_batch_devices(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    page: Page,
) -> Result<Answer<Collection<Resource<BatchDeviceView>>>, Error> {
    let page = page.of_at_most(PAGE);
    let (after, limit, now) = (page.after_numbered::<RegistrationId>()?, page.fetch(), parts.clock.now());
    let (customer, batch) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::batch_devices(read, &proof, &batch, after, limit).map_err(Failure::widen)
    };
    let rows = me.read(&parts, list).await?;
    let key =
        |device: &BatchDevice| [&device.position.to_be_bytes()[..], &device.registration.uuid().into_bytes()].concat();
    Ok(Answer(Collection::page(rows, &page, key, BatchDeviceView::new)))
}

/// A policy of a device as clients send it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyPairBody {
    /// `o_o_b_e`.
    key: Option<String>,
    /// The policy; none takes it away.
    value: Option<String>,
}

/// What can be changed of a device of a batch: its policies.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DevicePoliciesBody {
    policies: Option<Vec<PolicyPairBody>>,
}

/// The policy that a device is to have, if anything is said of it.
fn named_policy(policies: Option<Vec<PolicyPairBody>>) -> Option<NamedPolicy> {
    let is_oobe = |key: &str| key.replace('_', "").eq_ignore_ascii_case("oobe");
    let policy = policies?.into_iter().find(|policy| policy.key.as_deref().is_none_or(is_oobe))?;
    Some(policy.value.filter(|value| !value.trim().is_empty()))
}

async fn change_device(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    (customer, batch, id): (String, String, DeviceId),
    body: DevicePoliciesBody,
) -> Result<HttpResponse, Error> {
    let (reference, now) = (CustomerReference::new(&customer), parts.clock.now());
    let named = named_policy(body.policies);
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let device = actions::batch_device(tx, &proof.observes(), &batch, id).map_err(Failure::widen)?;
        let changed = actions::apply_policy(tx, &proof, me, (device, named.clone()), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&BatchDeviceView::new(changed)))
    })
    .await
}

/// Give a device of a batch a policy, or take its policy away.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("batch", description = "The batch's name"),
        ("id" = DeviceId, Path)),
    request_body(content = DevicePoliciesBody), responses((status = 200, body = Resource<BatchDeviceView>)))]
#[put("/v1/customers/{customer}/deviceBatches/{batch}/devices/{id}")]
async fn put_batch_device(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    path: Path<(String, String, DeviceId)>,
    body: Lenient<DevicePoliciesBody>,
) -> Result<HttpResponse, Error> {
    change_device(me, parts, path.into_inner(), body.0).await
}

/// The same as PUT: clients use either.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("batch", description = "The batch's name"),
        ("id" = DeviceId, Path)),
    request_body(content = DevicePoliciesBody), responses((status = 200, body = Resource<BatchDeviceView>)))]
#[patch("/v1/customers/{customer}/deviceBatches/{batch}/devices/{id}")]
async fn patch_batch_device(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    path: Path<(String, String, DeviceId)>,
    body: Lenient<DevicePoliciesBody>,
) -> Result<HttpResponse, Error> {
    change_device(me, parts, path.into_inner(), body.0).await
}

/// Deregister a device of a batch: another organisation can claim it.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("batch", description = "The batch's name"),
        ("id" = DeviceId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/deviceBatches/{batch}/devices/{id}")]
async fn delete_batch_device(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, String, DeviceId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, batch, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let device = actions::batch_device(tx, &proof.observes(), &batch, id).map_err(Failure::widen)?;
        actions::release(tx, &proof, me, device.id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Devices, each with the policy it is to have.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyUpdatesBody {
    #[schema(max_items = 2000)]
    devices: Option<Vec<PolicyUpdateBody>>,
}

/// A device with the policy it is to have.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyUpdateBody {
    id: Option<String>,
    policies: Option<Vec<PolicyPairBody>>,
}

/// Give many devices policies; `Location` says where the outcome of each is.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    request_body(content = PolicyUpdatesBody), responses((status = 202)))]
#[patch("/v1/customers/{customer}/DevicePolicyUpdates")]
async fn update_policies(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<PolicyUpdatesBody>,
) -> Result<HttpResponse, Error> {
    let (reference, now) = (CustomerReference::new(&customer), parts.clock.now());
    let devices = body.0.devices.unwrap_or_default();
    if devices.is_empty() {
        return Err(GivenRefused::Nothing.into());
    }
    let wanted: Vec<(String, Option<NamedPolicy>)> =
        devices.into_iter().map(|device| (device.id.unwrap_or_default(), named_policy(device.policies))).collect();
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let job = actions::apply_policies(tx, &proof, me, &wanted, now).map_err(Failure::widen)?;
        Ok(Reply::accepted(job_location(proof.customer(), job)))
    })
    .await
}

/// How far an upload is, whichever way it came, with what became of each device.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("job", description = "The tracking id from Location")),
    responses((status = 200, body = Resource<UploadJobView>)))]
#[get("/v1/customers/{customer}/batchJobStatus/{job}")]
async fn job_status(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<UploadJobView>>, Error> {
    let now = parts.clock.now();
    let (customer, job) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::upload_job(read, &proof, &job).map_err(Failure::widen)
    };
    Ok(Answer(UploadJobView::new(me.read(&parts, find).await?)))
}
