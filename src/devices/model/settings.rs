//! Settings of devices.

use std::path::PathBuf;

use serde::Deserialize;

use super::files::HashCheck;

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
    /// What happens to a row whose hash is certainly wrong: `refuse` or `warn`.
    pub hash_check: HashCheck,
    /// Rows of a registration at most.
    pub max_rows: u32,
    /// Rows of a manifest for the device directory at most.
    pub max_manifest_rows: u32,
    /// Bytes of an upload at most, all its files together.
    pub max_upload_bytes: u64,
    /// Bytes of a JSON body that names devices at most.
    pub max_body_bytes: usize,
    /// Where encrypted copies of uploads lie; the folder `staging` in the data folder if absent.
    pub staging_folder: Option<PathBuf>,
    /// Days after which the copy of a registration that has ended is removed.
    pub staged_days: u32,
    /// Bytes that an organisation may have staged at a time.
    pub staged_bytes_per_organisation: u64,
    /// Bytes that stay free on the staging folder's disk.
    pub min_free_bytes: u64,
    /// Whom a person contacts about an unexpected error.
    pub support_contact: String,
    /// Whom a person contacts about the image on a device.
    pub image_contact: String,
}

impl Default for DeviceSettings {
    fn default() -> Self {
        Self {
            unmatched: Unmatched::Accept,
            hash_check: HashCheck::Refuse,
            max_rows: 100_000,
            max_manifest_rows: 2_000_000,
            max_upload_bytes: 1024 * 1024 * 1024,
            max_body_bytes: 16 * 1024 * 1024,
            staging_folder: None,
            staged_days: 30,
            staged_bytes_per_organisation: 4 * 1024 * 1024 * 1024,
            min_free_bytes: 1024 * 1024 * 1024,
            support_contact: "the operator of this partner centre".to_owned(),
            image_contact: "the supplier of the device".to_owned(),
        }
    }
}
