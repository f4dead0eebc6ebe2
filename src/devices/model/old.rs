//! Rows as the earlier reader gives them.

use serde::Serialize;
use utoipa::ToSchema;

use super::findings::{FindingCode, Severity};

/// Something found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The stable code.
    pub code: FindingCode,
    /// How grave.
    pub severity: Severity,
    /// The line, counted from 1 with the heading; absent if the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column's heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What it is and what to do.
    pub sentence: String,
}

/// A device as a file names it: values exactly as written, but for blanks around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// The line, counted from 1 with the heading.
    pub line: u32,
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
}

/// A row with what was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRow {
    /// The device.
    pub device: DeviceRow,
    /// Why it cannot be registered, if it cannot.
    pub refused: Option<FindingCode>,
}

/// A file that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedFile {
    /// Its rows, in order.
    pub rows: Vec<CheckedRow>,
    /// What was found, in order of the lines.
    pub findings: Vec<Finding>,
}

