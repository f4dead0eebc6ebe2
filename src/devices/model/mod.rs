//! Devices: types and pure rules.

mod batches;
mod files;
mod findings;
mod page;
mod policies;
mod registrations;
mod release_requests;
mod settings;

use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

pub use batches::{
    Batch, BatchDevice, DeviceIdentity, GivenRefused, IdentityChange, ImportedIdentity, JobDevice, JobStatus,
    MAX_GIVEN_DEVICES, MAX_GIVEN_VALUE, SHOWN_JOB_ROWS, UploadError, UploadJob,
};
pub use files::{
    Audience, CUSTOMER_HEADING, CheckedRow, DeviceValues, FileFormat, FileReport, FileToCheck, HardwareHash, HashCheck,
    HashIdentity, PARTNER_HEADING, Report, Rules, SAMPLE_VALUES, Shape, Sink,
};
pub use findings::{DeviceError, Finding, FindingCode, Severity};
pub use page::{
    Assignment, CheckIn, DeviceChange, DeviceChangeError, DeviceFilter, DeviceStatus, ItemOutcome, MAX_DEVICES,
    MAX_DISPLAY_NAME, MAX_GROUP_TAG, MAX_SIGN_IN_NAME, Narrowed, NoSignInName, NoUserNote,
};
pub use policies::{DevicePolicy, MAX_POLICIES, OOBE, PolicyError, PolicyId, PolicySetting, PolicyTerms};
pub use registrations::{
    Chosen, Counts, FileRefused, Mode, NoRegistration, NotRegisterable, Registration, RegistrationDetails,
    RegistrationState, Settlement, Source,
};
pub use release_requests::{REQUESTS_A_DAY, ReleaseError, ReleaseRequest, ReleaseRequestId, ReleaseState};
pub use settings::{DeviceSettings, Unmatched};

ids! {
    /// One upload.
    RegistrationId,
    /// A row of a registration, and the device that comes of it.
    DeviceId,
    /// One import into the device directory.
    ImportId,
    /// The encrypted copy of an uploaded file.
    StagedFileId,
    /// The call in which something was asked for: support finds a case by it.
    RequestId,
}

words! {
    /// Where a row stands. Whether a device is active follows from its use.
    RowState {
        /// Checked, not to be registered yet.
        Checked = "checked",
        /// Registration pending: not done yet.
        Pending = "pending",
        /// Registered.
        Ready = "ready",
        /// Registration failed.
        Failed = "failed",
        /// Left out by whoever registered.
        LeftOut = "left_out",
    }
}

impl RowState {
    /// As people read it.
    pub const fn title(self) -> &'static str {
        match self {
            RowState::Checked => "Checked",
            RowState::Pending => "Registration pending",
            RowState::Ready => "Ready for user",
            RowState::Failed => "Registration failed",
            RowState::LeftOut => "Left out",
        }
    }
}

words! {
    /// How a device's identity was established.
    Evidence {
        /// By its hardware hash.
        Hash = "hash",
        /// By the device directory.
        Directory = "directory",
        /// By nothing but the file: "not matched".
        None = "none",
    }
}

/// Characters of an Order ID or a Purchase ID at most (mission, section 4.6).
pub const MAX_FREE_TEXT: usize = 256;

/// Findings in an answer at most; the list of findings has the rest.
pub const SHOWN_FINDINGS: usize = 100;

/// There is no such device of this customer.
#[derive(Debug, thiserror::Error)]
#[error("This customer has no registered device {0}.")]
pub struct NoDevice(pub DeviceId);

impl Refusal for NoDevice {
    fn code(&self) -> Code {
        Code::new(910_402, "deviceUnknown", Kind::NotFound)
    }
}
