//! Devices as the compatible surfaces have them: batches, upload jobs, imported identities.

use uuid::Uuid;

use super::findings::{DeviceError, FindingCode};
use super::policies::PolicyId;
use super::{DeviceId, RegistrationId, RowState};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;
use crate::words;

/// Devices that one call can name at most.
pub const MAX_GIVEN_DEVICES: usize = 2_000;

/// Characters of a value of a device in a call at most: far more than any hardware hash has.
pub const MAX_GIVEN_VALUE: usize = 8_192;

/// Rows of a job that its status shows at most; the rows of the registration have all.
pub const SHOWN_JOB_ROWS: i64 = 2_000;

words! {
    /// How far an upload, or one of its devices, is (section 13.3 of the contract).
    JobStatus {
        /// Nothing of it is to happen.
        Unknown = "unknown",
        /// Not begun.
        Queued = "queued",
        /// Begun.
        Processing = "processing",
        /// Done.
        Finished = "finished",
        /// Done, and something failed.
        FinishedWithErrors = "finished_with_errors",
    }
}

/// What went wrong with a device, as clients of the contract know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadError {
    /// The number, if the contract has one.
    pub number: Option<i32>,
    /// The name.
    pub name: String,
}

impl UploadError {
    /// The error of a row (section 13.4 of the contract).
    pub fn of(code: FindingCode) -> Self {
        let (number, name) = match code {
            FindingCode::DeviceAlreadyRegistered => (Some(806), "ZtdDeviceAlreadyAssigned"),
            FindingCode::DeviceClaimedElsewhere => (Some(808), "ZtdDeviceAssignedToOtherTenant"),
            FindingCode::DupInFile => (None, "ZtdDeviceDuplicated"),
            FindingCode::Unexpected => (None, "StorageError"),
            // The contract has no name for an end of the delegation, or for what was taken back.
            FindingCode::RelMissing | FindingCode::Voided | FindingCode::NotChosen => (None, code.as_str()),
            code => match code.error() {
                DeviceError::HashNotValid => (Some(802), "InvalidZtdHardwareHash"),
                DeviceError::NotFound => (None, "MissingZtdSerialNumberAndProductKey"),
                _ => (None, "InvalidZtdRequestBody"),
            },
        };
        Self { number, name: name.to_owned() }
    }
}

/// A device batch: whatever was registered under its name.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its name, as it was first written.
    pub name: String,
    /// Who registered the first of it, by name.
    pub created_by: String,
    /// When that was.
    pub created_at: Timestamp,
    /// How far it is.
    pub status: JobStatus,
    /// Its devices.
    pub devices: i64,
}

/// A device of a batch.
#[derive(Clone, Debug)]
pub struct BatchDevice {
    /// Its id.
    pub id: DeviceId,
    /// The registration it came of.
    pub registration: RegistrationId,
    /// Its position there.
    pub position: i32,
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
    /// Windows product id.
    pub product_id: Option<String>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Its policy.
    pub policy: Option<PolicyId>,
}

/// An upload, or a change of many devices, and how far it is.
#[derive(Clone, Debug)]
pub struct UploadJob {
    /// Its id.
    pub id: Uuid,
    /// How far it is.
    pub status: JobStatus,
    /// When it began, once it has.
    pub started_at: Option<Timestamp>,
    /// When it ended, once it has.
    pub completed_at: Option<Timestamp>,
    /// Its devices, in the order in which they were sent.
    pub devices: Vec<JobDevice>,
}

/// A device of an upload.
#[derive(Clone, Debug)]
pub struct JobDevice {
    /// Its id, once there is a device.
    pub device: Option<String>,
    /// Its serial number, as it was sent.
    pub serial_number: Option<String>,
    /// Its product id, as it was sent.
    pub product_id: Option<String>,
    /// How far it is.
    pub status: JobStatus,
    /// What went wrong.
    pub error: Option<UploadError>,
}

/// An imported identity: a row that came by Graph's paths.
#[derive(Clone, Debug)]
pub struct ImportedIdentity {
    /// Its id, which is that of its device.
    pub id: DeviceId,
    /// The import it came in.
    pub registration: RegistrationId,
    /// Its position there.
    pub position: i32,
    /// As it was sent.
    pub serial_number: String,
    /// As it was sent.
    pub product_id: Option<String>,
    /// As it was sent.
    pub group_tag: Option<String>,
    /// As it was sent.
    pub assigned_user: Option<String>,
    /// Where it stands.
    pub state: RowState,
    /// What went wrong.
    pub error: Option<UploadError>,
}

/// A registered device, as Graph shows it.
#[derive(Clone, Debug)]
pub struct DeviceIdentity {
    /// Its id.
    pub id: DeviceId,
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
    /// Windows product id.
    pub product_id: Option<String>,
    /// The group its list calls it by.
    pub group_tag: Option<String>,
    /// The Purchase ID it was registered under.
    pub purchase_id: Option<String>,
    /// Its user's sign-in name.
    pub assigned_user: Option<String>,
    /// How its user is greeted.
    pub addressable_user_name: Option<String>,
    /// What it is to be called.
    pub display_name: Option<String>,
    /// When it was last used.
    pub last_seen_at: Option<Timestamp>,
}

/// What is changed of a device by Graph's paths; what is absent stays, what is empty is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityChange {
    /// The group its list calls it by.
    pub group_tag: Option<String>,
    /// Its user's sign-in name.
    pub assigned_user: Option<String>,
    /// How its user is greeted.
    pub addressable_user_name: Option<String>,
    /// What it is to be called.
    pub display_name: Option<String>,
}

/// Characters of a device's name at most (section 22 of the contract).
pub const MAX_DISPLAY_NAME: usize = 15;

impl IdentityChange {
    /// The change, if its values are such as devices have. `domains` are those of the customer's users, folded.
    ///
    /// # Errors
    /// [`GivenRefused::Value`].
    pub fn checked(self, domains: &[String]) -> Result<Self, GivenRefused> {
        let refuse = |property: &str, reason: String| GivenRefused::Value { property: property.to_owned(), reason };
        for (property, value, most) in [
            ("groupTag", &self.group_tag, 64),
            ("userPrincipalName", &self.assigned_user, 256),
            ("addressableUserName", &self.addressable_user_name, 256),
            ("displayName", &self.display_name, MAX_DISPLAY_NAME),
        ] {
            let Some(value) = value else { continue };
            if value.chars().any(char::is_control) {
                return Err(refuse(property, "holds a control character".to_owned()));
            }
            let length = value.chars().count();
            if length > most {
                return Err(refuse(property, format!("has {length} characters; at most {most} are allowed")));
            }
        }
        let user = self.assigned_user.as_deref().map(str::trim).filter(|user| !user.is_empty());
        if let Some(user) = user {
            let domain = user.rsplit_once('@').filter(|(name, _)| !name.is_empty()).map(|(_, domain)| domain);
            if !domain.is_some_and(|domain| domains.contains(&domain.to_lowercase())) {
                let reason = format!(
                    "is \"{}\"; it is the sign-in name of a user of this customer, at one of: {}",
                    shorten(user, 60),
                    domains.join(", ")
                );
                return Err(refuse("userPrincipalName", reason));
            }
        }
        let trimmed = |value: Option<String>| value.map(|value| value.trim().to_owned());
        Ok(Self {
            group_tag: trimmed(self.group_tag),
            assigned_user: trimmed(self.assigned_user),
            addressable_user_name: trimmed(self.addressable_user_name),
            display_name: trimmed(self.display_name),
        })
    }
}

/// Why devices that came in a call are not taken.
#[derive(Debug, thiserror::Error)]
pub enum GivenRefused {
    /// More than one call can name.
    #[error("The call names {0} devices; at most {MAX_GIVEN_DEVICES} can be named. Send them in several calls.")]
    TooMany(usize),
    /// None.
    #[error("The call names no device.")]
    Nothing,
    /// A value that no device has.
    #[error("{property} {reason}.")]
    Value {
        /// Where it stands.
        property: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such batch.
    #[error("This customer has no device batch \"{0}\".")]
    NoBatch(String),
    /// There is no such upload.
    #[error("This customer has no upload job {0}.")]
    NoJob(String),
    /// There is no such imported identity.
    #[error("There is no imported device identity {0}.")]
    NoImport(String),
    /// The token is for no customer's tenant.
    #[error(
        "Your token is for your own tenant, and devices belong to customers. Get a token for the customer's tenant: POST \
         /CUSTOMER'S TENANT ID/oauth2/v2.0/token."
    )]
    NoTenant,
    /// Asked again too soon.
    #[error("The devices of this tenant were synchronised less than ten minutes ago. Try again in {0} seconds.")]
    SyncTooSoon(u32),
}

impl Refusal for GivenRefused {
    fn code(&self) -> Code {
        match self {
            GivenRefused::TooMany(_) => Code::new(910_430, "tooManyDevices", Kind::BadInput),
            GivenRefused::Nothing => Code::new(910_431, "noDevices", Kind::BadInput),
            GivenRefused::Value { .. } => Code::new(910_432, "deviceValueRefused", Kind::BadInput),
            GivenRefused::NoBatch(_) => Code::new(910_433, "deviceBatchUnknown", Kind::NotFound),
            GivenRefused::NoJob(_) => Code::new(910_434, "uploadJobUnknown", Kind::NotFound),
            GivenRefused::NoImport(_) => Code::new(910_435, "importedDeviceUnknown", Kind::NotFound),
            GivenRefused::NoTenant => Code::new(910_436, "customerTenantMissing", Kind::BadInput),
            GivenRefused::SyncTooSoon(_) => Code::new(910_437, "syncTooSoon", Kind::TooMany),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            GivenRefused::TooMany(_) => vec![("limit", MAX_GIVEN_DEVICES.to_string())],
            GivenRefused::Value { property, .. } => vec![("property", property.clone())],
            _ => Vec::new(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            GivenRefused::SyncTooSoon(seconds) => Some(*seconds),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_know_the_errors_by_the_contracts_numbers_and_names() {
        for (code, number, name) in [
            (FindingCode::DeviceAlreadyRegistered, Some(806), "ZtdDeviceAlreadyAssigned"),
            (FindingCode::DeviceClaimedElsewhere, Some(808), "ZtdDeviceAssignedToOtherTenant"),
            (FindingCode::HashChecksum, Some(802), "InvalidZtdHardwareHash"),
            (FindingCode::IdMissing, None, "MissingZtdSerialNumberAndProductKey"),
            (FindingCode::DupInFile, None, "ZtdDeviceDuplicated"),
            (FindingCode::CellNotText, None, "InvalidZtdRequestBody"),
            (FindingCode::Unexpected, None, "StorageError"),
            (FindingCode::RelMissing, None, "REL_MISSING"),
        ] {
            assert_eq!(UploadError::of(code), UploadError { number, name: name.to_owned() }, "{code}");
        }
    }

    #[test]
    fn a_change_of_a_device_is_held_to_its_bounds() {
        let domains = ["fabrikam.example".to_owned()];
        let user = |name: &str| IdentityChange { assigned_user: Some(name.to_owned()), ..IdentityChange::default() };
        assert_eq!(user(" anna@Fabrikam.example ").checked(&domains).unwrap(), user("anna@Fabrikam.example"));
        assert_eq!(user("").checked(&domains).unwrap(), user(""));
        for wrong in ["anna", "@fabrikam.example", "anna@elsewhere.example", "anna@fabrikam.example\n"] {
            assert!(user(wrong).checked(&domains).is_err(), "{wrong:?}");
        }
        let named = |name: &str| IdentityChange { display_name: Some(name.to_owned()), ..IdentityChange::default() };
        assert!(named(&"å".repeat(15)).checked(&domains).is_ok());
        assert!(named(&"å".repeat(16)).checked(&domains).is_err());
    }
}
