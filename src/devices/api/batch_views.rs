//! Batches, their devices and uploads as the contract shows them (section 13.2).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::model::{Batch, BatchDevice, DeviceId, JobDevice, JobStatus, OOBE, PolicyId, UploadJob};
use crate::access::CustomerId;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Resource, resource};

/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Where the status of a job is.
pub(super) fn job_location(customer: CustomerId, job: impl std::fmt::Display) -> String {
    // Four segments: clients take the last by its number.
    format!("/customers/{customer}/batchJobStatus/{job}")
}

/// A batch as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchView {
    /// Its name.
    id: String,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    creation_date: Timestamp,
    status: JobStatus,
    devices_count: i64,
    #[schema(value_type = Object)]
    devices_link: Value,
}

impl BatchView {
    pub(super) fn new(customer: CustomerId, batch: Batch) -> Self {
        let uri = format!("/customers/{customer}/deviceBatches/{}/devices", segment(&batch.name));
        Self {
            devices_link: json!({ "uri": uri, "method": "GET", "headers": [] }),
            id: batch.name,
            created_by: batch.created_by,
            creation_date: batch.created_at,
            status: batch.status,
            devices_count: batch.devices,
        }
    }
}

/// A device of a batch as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchDeviceView {
    id: DeviceId,
    #[serde(skip_serializing_if = "String::is_empty")]
    serial_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_key: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    model_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    oem_manufacturer_name: String,
    policies: Vec<PolicyPair>,
    #[schema(value_type = String, format = DateTime)]
    uploaded_date: Timestamp,
    allowed_operations: [&'static str; 3],
}

/// A policy of a device, by its category.
#[derive(Serialize, ToSchema)]
struct PolicyPair {
    key: &'static str,
    value: PolicyId,
}

impl BatchDeviceView {
    pub(super) fn new(device: BatchDevice) -> Resource<Self> {
        let view = Self {
            id: device.id,
            serial_number: device.serial_number,
            product_key: device.product_id,
            model_name: device.model,
            oem_manufacturer_name: device.manufacturer,
            policies: device.policy.into_iter().map(|value| PolicyPair { key: OOBE, value }).collect(),
            uploaded_date: device.registered_at,
            allowed_operations: ["GET", "PATCH", "DELETE"],
        };
        resource("Device", view)
    }
}

/// An upload as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UploadJobView {
    batch_tracking_id: uuid::Uuid,
    status: JobStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_time: Option<Timestamp>,
    /// In the order in which they were sent; the first 2,000.
    devices_status: Vec<Resource<UploadedDeviceView>>,
}

/// A device of an upload as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UploadedDeviceView {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_key: Option<String>,
    status: JobStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
}

impl UploadedDeviceView {
    fn new(device: JobDevice) -> Resource<Self> {
        let (error_code, error_description) = match device.error {
            None => (None, None),
            Some(error) => (error.number.map(|number| number.to_string()), Some(error.name)),
        };
        let view = Self {
            device_id: device.device,
            serial_number: device.serial_number,
            product_key: device.product_id,
            status: device.status,
            error_code,
            error_description,
        };
        resource("DeviceUploadDetails", view)
    }
}

impl UploadJobView {
    pub(super) fn new(job: UploadJob) -> Resource<Self> {
        let view = Self {
            batch_tracking_id: job.id,
            status: job.status,
            started_time: job.started_at,
            completed_time: job.completed_at,
            devices_status: job.devices.into_iter().map(UploadedDeviceView::new).collect(),
        };
        resource("BatchUploadDetails", view)
    }
}
