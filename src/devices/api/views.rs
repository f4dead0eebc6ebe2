//! Registrations, rows and devices as answers show them.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::actions::{Progress, RegistrationSummary};
use super::super::model::{
    Counts, DeviceError, DeviceId, FileReport, Finding, FindingCode, Mode, RegistrationId, RequestId, Source,
};
use super::super::store::{DeviceView, RowView};
use crate::access::OrganisationId;
use crate::platform::clock::Timestamp;

/// A registration and how far it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistrationView {
    pub(super) id: RegistrationId,
    /// `checked`, `refused`, `registering`, `finished`, `finishedWithErrors` or `voided`.
    pub(super) state: &'static str,
    source: Source,
    mode: Mode,
    counts: Counts,
    /// Rows that have an outcome, in percent.
    percent: i64,
    /// Seconds until the last row is settled, as far as the pace so far tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<u64>,
    /// Present if rows have been pending for more than ten minutes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late: bool,
    files: Vec<FileReport>,
    /// The device batch it belongs to.
    batch_id: String,
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
    registered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// How often each code was found in the files; in lists absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    finding_counts: Option<BTreeMap<FindingCode, i64>>,
    /// The first findings of the check, in the answer to the upload; the list of findings has the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

impl RegistrationView {
    pub(super) fn new(summary: RegistrationSummary) -> Self {
        let RegistrationSummary { registration, files, counts } = summary;
        Self {
            id: registration.id,
            state: registration.shown_state(counts),
            source: registration.source,
            mode: registration.mode,
            counts,
            percent: counts.percent(),
            seconds_left: None,
            late: false,
            files,
            batch_id: registration.batch_name,
            order_id: registration.order_id,
            purchase_id: registration.purchase_id,
            registered_by: registration.registered_by,
            request_id: registration.request,
            created_at: registration.created_at,
            registered_at: registration.registered_at,
            finished_at: registration.finished_at,
            finding_counts: None,
            findings: Vec::new(),
        }
    }

    pub(super) fn with_progress(self, progress: &Progress) -> Self {
        Self { seconds_left: progress.seconds_left(), late: progress.is_late, ..self }
    }

    pub(super) fn with_findings(self, counts: BTreeMap<FindingCode, i64>, findings: Vec<Finding>) -> Self {
        Self { finding_counts: Some(counts), findings, ..self }
    }
}

/// A row of a registration.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegistrationRowView {
    /// Its place among the rows of all files: what rows are chosen, retried and dismissed by.
    row: i32,
    file: i32,
    line: i32,
    #[serde(flatten)]
    device: DeviceRowView,
}

impl RegistrationRowView {
    pub(super) fn new(row: RowView, support: &str) -> Self {
        Self { row: row.position, file: row.file, line: row.line, device: DeviceRowView::of_row(row, support) }
    }
}

/// A row or a device, as the devices page shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceRowView {
    id: DeviceId,
    manufacturer: String,
    model: String,
    serial_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_user: Option<String>,
    /// In the mission's words.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

/// What went wrong with a row, and what to do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorView {
    title: &'static str,
    advice: String,
    code: FindingCode,
}

impl DeviceRowView {
    pub(super) fn of_device(device: DeviceView, status: &'static str) -> Self {
        Self {
            id: device.id,
            manufacturer: device.manufacturer,
            model: device.model,
            serial_number: device.serial_number,
            product_id: device.product_id,
            group_tag: device.group_tag,
            assigned_user: device.assigned_user,
            status,
            error: None,
        }
    }

    pub(super) fn of_row(row: RowView, support: &str) -> Self {
        Self {
            id: row.id,
            manufacturer: row.manufacturer,
            model: row.model,
            serial_number: row.serial_number,
            product_id: row.product_id,
            group_tag: row.group_tag,
            assigned_user: row.assigned_user,
            status: row.state.title(),
            error: row.error.zip(row.code).map(|(error, code)| ErrorView {
                title: error.title(),
                advice: advice(error, code, support),
                code,
            }),
        }
    }
}

/// The advice of the five errors, but for what has a better one.
pub(super) fn advice(error: DeviceError, code: FindingCode, support: &str) -> String {
    match code {
        FindingCode::RelMissing => {
            "The delegated administration of this customer ended before the row was registered. \
                                    Ask its admin to grant it again, then retry the row."
                .to_owned()
        }
        FindingCode::Voided => "The registration was voided. Upload the row again.".to_owned(),
        FindingCode::Unexpected
        | FindingCode::DeviceNotFound
        | FindingCode::DeviceAlreadyRegistered
        | FindingCode::DeviceClaimedElsewhere => error.advice(support),
        // Whatever the check of the file refused says how to mend the file.
        _ => code.remedy().to_owned(),
    }
}
