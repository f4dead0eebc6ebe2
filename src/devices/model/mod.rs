//! Devices: types and pure rules.

mod files;
mod findings;
mod old;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{CustomerId, OrganisationId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

pub mod new_files { pub use super::files::*; pub use super::findings::Finding; }
pub use files::{PARTNER_HEADING, SAMPLE_VALUES};
pub use findings::{DeviceError, FindingCode, Severity};
pub use old::*;

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
