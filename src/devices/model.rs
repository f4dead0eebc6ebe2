//! Devices: types and pure rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{CustomerId, OrganisationId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

ids! {
    /// One upload.
    RegistrationId,
    /// A row of a registration, and the device that comes of it.
    DeviceId,
    /// One import into the device directory.
    ImportId,
    /// The call in which something was asked for: support finds a case by it.
    RequestId,
}

words! {
    /// Where a row stands, in the words of the wire. `active` and `inactive` follow from use, which nobody reports yet.
    RowState {
        /// Registration pending: not done yet.
        Pending = "pending",
        /// Ready for user: registered, can be delivered.
        Ready = "ready",
        /// Registration failed.
        Failed = "failed",
    }
}

words! {
    /// The five errors of a device.
    DeviceError {
        /// No match for manufacturer, model or serial number.
        NotFound = "device_not_found",
        /// The hash is not correctly formatted.
        HashNotValid = "hardware_hash_not_valid",
        /// Registered to this customer already.
        AlreadyRegistered = "device_already_registered",
        /// Another customer has it.
        ClaimedElsewhere = "device_claimed_by_another_organization",
        /// Could not be processed automatically.
        Unexpected = "unexpected_error",
    }
}

impl DeviceError {
    /// The error's name as people read it.
    pub const fn title(self) -> &'static str {
        match self {
            DeviceError::NotFound => "Device not found",
            DeviceError::HashNotValid => "Hardware hash not valid",
            DeviceError::AlreadyRegistered => "Device already registered",
            DeviceError::ClaimedElsewhere => "Device claimed by another organization",
            DeviceError::Unexpected => "Unexpected error",
        }
    }

    /// What to do about it. `support` is whom to contact.
    pub fn advice(self, support: &str) -> String {
        match self {
            DeviceError::NotFound => "Confirm the values with the device supplier.".to_owned(),
            DeviceError::HashNotValid => "Double-check and resubmit.".to_owned(),
            DeviceError::AlreadyRegistered => "No further action.".to_owned(),
            DeviceError::ClaimedElsewhere => {
                "Check with the device supplier; removal elsewhere may take hours.".to_owned()
            }
            DeviceError::Unexpected => format!("Contact {support} with the request id."),
        }
    }
}

words! {
    /// What a finding in a file is about. The names never change.
    FindingCode {
        /// No data row.
        FileEmpty = "FILE_EMPTY",
        /// A workbook, a PDF, anything that is not text.
        FileNotCsv = "FILE_NOT_CSV",
        /// A guessed code page, or bytes that are no text.
        FileEncoding = "FILE_ENCODING",
        /// Over a limit.
        FileTooLarge = "FILE_TOO_LARGE",
        /// No heading that names a device.
        HeaderUnknown = "HEADER_UNKNOWN",
        /// A column twice.
        HeaderDuplicate = "HEADER_DUPLICATE",
        /// A column that is not used.
        ColumnIgnored = "COLUMN_IGNORED",
        /// Hashes are not read yet.
        HashColumn = "HASH_COLUMN_NOT_READ",
        /// A customer's file needs hashes.
        HashColumnMissing = "HASH_COLUMN_MISSING",
        /// More or fewer cells than the heading.
        RowWidth = "ROW_WIDTH",
        /// The heading again.
        RowRepeatedHeader = "ROW_REPEATED_HEADER",
        /// The documentation's sample.
        RowSample = "ROW_SAMPLE",
        /// A cell that holds a control character or is too long.
        CellNotText = "CELL_NOT_TEXT",
        /// Part of manufacturer, model, serial number.
        TupleIncomplete = "TUPLE_INCOMPLETE",
        /// A text that firmware shows instead of a serial number.
        SerialPlaceholder = "SERIAL_PLACEHOLDER",
        /// A serial that a spreadsheet turned into a number.
        SerialNumberFormat = "SERIAL_NUMBER_FORMAT",
        /// The same device twice.
        DupInFile = "DUP_IN_FILE",
        /// Twice but for capitals.
        DupCase = "DUP_CASE",
        /// No match in the directory.
        DeviceNotFound = "DEVICE_NOT_FOUND",
        /// Registered to this customer.
        DeviceAlreadyRegistered = "DEVICE_ALREADY_REGISTERED",
        /// Registered to another.
        DeviceClaimedElsewhere = "DEVICE_CLAIMED_ELSEWHERE",
        /// The delegation ended before the row was settled.
        RelMissing = "REL_MISSING",
        /// Given up after several attempts; the log says why.
        Unexpected = "UNEXPECTED",
    }
}

impl FindingCode {
    /// The error a row with this finding shows.
    pub const fn error(self) -> DeviceError {
        match self {
            FindingCode::TupleIncomplete
            | FindingCode::SerialPlaceholder
            | FindingCode::SerialNumberFormat
            | FindingCode::DeviceNotFound => DeviceError::NotFound,
            FindingCode::DeviceAlreadyRegistered => DeviceError::AlreadyRegistered,
            FindingCode::DeviceClaimedElsewhere => DeviceError::ClaimedElsewhere,
            _ => DeviceError::Unexpected,
        }
    }
}

words! {
    /// How grave a finding is.
    Severity {
        /// The row, or the file, is refused.
        Error = "error",
        /// Accepted, with a note.
        Warning = "warning",
    }
}

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

/// The heading of the partners' format, exactly.
pub const PARTNER_HEADING: &str = "Manufacturer,Model,Serial Number";

/// The sample row of the templates: whoever leaves one of its cells in has not filled in the file.
pub const SAMPLE_VALUES: &[&str] = &["SpiralOrbit", "ContosoABC", "000000000000", "dGhpc2RldmljZWlzYW5tbWRkZXZpY2U"];

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

/// A file of which nothing is registered.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct FileRefused {
    /// Why, in order of the lines.
    pub findings: Vec<Finding>,
}

impl FileRefused {
    fn sentence(&self) -> String {
        let first = self.findings.first().map(|finding| finding.sentence.clone()).unwrap_or_default();
        match self.findings.len() {
            0 | 1 => format!("{first} Nothing was registered."),
            more => format!("{first} Nothing was registered; there are {} more findings.", more - 1),
        }
    }
}

impl Refusal for FileRefused {
    fn code(&self) -> Code {
        Code::new(910_400, "deviceFileRefused", Kind::Unprocessable)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let first = self.findings.first();
        let mut values = vec![("heading", PARTNER_HEADING.to_owned())];
        values.extend(first.map(|finding| ("finding", finding.code.as_str().to_owned())));
        values.extend(first.and_then(|finding| finding.line).map(|line| ("line", line.to_string())));
        values
    }
    fn details(&self) -> Vec<String> {
        self.findings.iter().take(SHOWN_FINDINGS).map(|finding| finding.sentence.clone()).collect()
    }
}

/// Findings in an answer at most; the rows of a registration hold the rest.
pub const SHOWN_FINDINGS: usize = 100;

/// What is done with a device whose manufacturer the directory does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmatched {
    /// Registered, and shown as "not matched".
    #[default]
    Accept,
    /// "Device not found".
    Fail,
}

/// `[devices]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeviceSettings {
    /// What happens to a device whose manufacturer the directory does not know: `accept` or `fail`.
    pub unmatched: Unmatched,
    /// Rows of a file at most.
    pub max_rows: usize,
    /// Bytes of an upload at most; it is held in memory while it is checked.
    pub max_upload_bytes: usize,
    /// Whom a person contacts about an unexpected error.
    pub support_contact: String,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        Self {
            unmatched: Unmatched::Accept,
            max_rows: 10_000,
            max_upload_bytes: 16 * 1024 * 1024,
            support_contact: "the operator of this partner centre".to_owned(),
        }
    }
}

/// A registration.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// The customer.
    pub customer: CustomerId,
    /// Who registers.
    pub registered_by: OrganisationId,
    /// The file's name.
    pub file_name: String,
    /// Free text of whoever registered.
    pub order_id: Option<String>,
    /// Free text of whoever registered.
    pub purchase_id: Option<String>,
    /// The call in which it was uploaded.
    pub request: RequestId,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When its last row was settled.
    pub finished_at: Option<Timestamp>,
}

/// How many rows of a registration stand where: derived from the rows, never kept beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Rows not settled yet.
    pub pending: i64,
    /// Rows that became devices.
    pub ready: i64,
    /// Rows that did not.
    pub failed: i64,
}

impl Counts {
    /// The state of a registration with these counts.
    pub const fn registration_state(self) -> &'static str {
        match self {
            Counts { pending: 1.., .. } => "registering",
            Counts { failed: 1.., .. } => "finishedWithErrors",
            _ => "finished",
        }
    }
}

/// There is no such registration of this customer.
#[derive(Debug, thiserror::Error)]
#[error("This customer has no registration {0}.")]
pub struct NoRegistration(pub RegistrationId);

impl Refusal for NoRegistration {
    fn code(&self) -> Code {
        Code::new(910_401, "registrationUnknown", Kind::NotFound)
    }
}

/// There is no such device of this customer.
#[derive(Debug, thiserror::Error)]
#[error("This customer has no registered device {0}.")]
pub struct NoDevice(pub DeviceId);

impl Refusal for NoDevice {
    fn code(&self) -> Code {
        Code::new(910_402, "deviceUnknown", Kind::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_is_finished_when_no_row_is_pending() {
        let state = |pending, ready, failed| Counts { pending, ready, failed }.registration_state();
        assert_eq!(state(1, 5, 5), "registering");
        assert_eq!(state(0, 5, 1), "finishedWithErrors");
        assert_eq!(state(0, 5, 0), "finished");
    }
}
