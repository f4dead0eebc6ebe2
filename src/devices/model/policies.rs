//! Policies: what a customer's devices do when they are set up.

use super::MAX_GIVEN_DEVICES;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{Line, shorten};
use crate::{ids, words};

ids! {
    /// A policy of devices.
    PolicyId,
}

words! {
    /// What a policy changes of a device's first start (section 13.2 of the contract).
    PolicySetting {
        /// Nothing.
        None = "none",
        /// What its maker installed is removed.
        RemoveOemPreinstalls = "remove_oem_preinstalls",
        /// Its user is no administrator of it.
        OobeUserNotLocalAdmin = "oobe_user_not_local_admin",
        /// Express settings are not asked for.
        SkipExpressSettings = "skip_express_settings",
        /// Registration with its maker is not asked for.
        SkipOemRegistration = "skip_oem_registration",
        /// The licence terms are not shown.
        SkipEula = "skip_eula",
    }
}

/// The category of all policies, and the key by which devices name theirs.
pub const OOBE: &str = "o_o_b_e";

/// Policies of a customer at most.
pub const MAX_POLICIES: i64 = 500;

/// What can be changed of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyTerms {
    /// Its name.
    pub name: Line<256>,
    /// What it is for.
    pub description: Option<Line<256>>,
    /// What it changes, each once.
    pub settings: Vec<PolicySetting>,
}

impl PolicyTerms {
    /// Reads what a call says. Words are read with any capitals, with underscores or without.
    ///
    /// # Errors
    /// [`PolicyError::Property`].
    pub fn read(
        name: Option<&str>,
        category: Option<&str>,
        description: Option<&str>,
        settings: &[String],
    ) -> Result<Self, PolicyError> {
        let refuse = |property: &'static str, reason: String| PolicyError::Property { property, reason };
        let line =
            |property, text: &str| Line::try_from(text.to_owned()).map_err(|error| refuse(property, error.to_string()));
        let name = line("name", name.unwrap_or_default())?;
        let description = description.map(str::trim).filter(|text| !text.is_empty());
        let description = description.map(|text| line("description", text)).transpose()?;
        let plain = |word: &str| word.replace('_', "").to_ascii_lowercase();
        let category = category.unwrap_or(OOBE);
        if plain(category) != "oobe" {
            return Err(refuse("category", format!("is \"{}\"; it is {OOBE}", shorten(category, 40))));
        }
        let mut read: Vec<PolicySetting> = Vec::new();
        for word in settings {
            let known = PolicySetting::ALL.iter().find(|setting| plain(setting.as_str()) == plain(word));
            let setting = known.ok_or_else(|| {
                let words: Vec<&str> = PolicySetting::ALL.iter().map(|setting| setting.as_str()).collect();
                let reason = format!("has \"{}\"; known are {}", shorten(word, 40), words.join(", "));
                refuse("policySettings", reason)
            })?;
            if !read.contains(setting) {
                read.push(*setting);
            }
        }
        Ok(Self { name, description, settings: read })
    }
}

/// A policy.
#[derive(Clone, Debug)]
pub struct DevicePolicy {
    /// Its id.
    pub id: PolicyId,
    /// What can be changed of it.
    pub terms: PolicyTerms,
    /// Devices that have it.
    pub devices: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
}

/// Why a policy is not made, changed, removed or given to a device.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// There is none.
    #[error("This customer has no device policy {0}.")]
    Unknown(String),
    /// A value that policies do not have.
    #[error("{property} {reason}.")]
    Property {
        /// The property.
        property: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Devices have it.
    #[error("The policy is applied to {0} devices, so it cannot be deleted. Remove it from them first.")]
    InUse(i64),
    /// The customer has as many as it may.
    #[error("This customer has {MAX_POLICIES} policies, and can have no more. Delete one that is not used.")]
    TooMany,
    /// More devices than one call can name.
    #[error("The call names {0} devices; at most {MAX_GIVEN_DEVICES} can be named. Send them in several calls.")]
    TooManyDevices(usize),
}

impl Refusal for PolicyError {
    fn code(&self) -> Code {
        match self {
            PolicyError::Unknown(_) => Code::new(910_440, "devicePolicyUnknown", Kind::NotFound),
            PolicyError::Property { .. } => Code::new(910_441, "devicePolicyRefused", Kind::BadInput),
            PolicyError::InUse(_) => Code::new(910_442, "devicePolicyInUse", Kind::Conflict),
            PolicyError::TooMany => Code::new(910_443, "tooManyDevicePolicies", Kind::Conflict),
            PolicyError::TooManyDevices(_) => Code::new(910_444, "tooManyDevicesForPolicies", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            PolicyError::Property { property, .. } => vec![("property", (*property).to_owned())],
            PolicyError::InUse(devices) => vec![("devices", devices.to_string())],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_any_client_writes_them() {
        let settings = ["SkipEula".to_owned(), "skip_eula".to_owned(), "OobeUserNotLocalAdmin".to_owned()];
        let read = PolicyTerms::read(Some("Standard"), Some("OOBE"), Some(" "), &settings).unwrap();
        assert_eq!(read.settings, [PolicySetting::SkipEula, PolicySetting::OobeUserNotLocalAdmin]);
        assert_eq!(read.description, None);
        assert!(PolicyTerms::read(Some("x"), Some("none"), None, &[]).is_err());
        assert!(PolicyTerms::read(None, None, None, &[]).is_err());
        assert!(PolicyTerms::read(Some("x"), None, None, &["format_disk".to_owned()]).is_err());
    }
}
