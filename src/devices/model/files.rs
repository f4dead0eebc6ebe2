//! Files of devices as they are read: rows, what is asked of them, and what the check of an upload found in all.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::findings::{Finding, FindingCode};
use crate::words;

/// The heading of the partners' format, exactly.
pub const PARTNER_HEADING: &str = "Manufacturer,Model,Serial Number";
/// The heading of the customers' format, exactly.
pub const CUSTOMER_HEADING: &str = "Manufacturer,Model,Serial Number,Hardware Hash";

/// The sample row of the templates: whoever leaves one of its cells in has not filled in the file.
pub const SAMPLE_VALUES: &[&str] = &["SpiralOrbit", "ContosoABC", "000000000000", "dGhpc2RldmljZWlzYW5tbWRkZXZpY2U"];

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A partner's: a row needs a hash, a product id, or manufacturer, model and serial number.
    Partner,
    /// A customer's own: each row needs its hash.
    Customer,
    /// A supplier's manifest for the device directory: manufacturer, model and serial number, perhaps a product id.
    Supplier,
}

words! {
    /// The columns of a file without a heading, as its sender says.
    Shape {
        /// Manufacturer, model, serial number.
        Partner = "partner",
        /// Serial number, product id, hash, perhaps a group tag.
        Autopilot = "autopilot",
    }
}

/// What happens to a hash that is certainly wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HashCheck {
    /// The row is refused.
    #[default]
    Refuse,
    /// The row is taken by its other values, with a note.
    Warn,
}

/// What files are checked against.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whose files they are.
    pub audience: Audience,
    /// Rows of all files together at most.
    pub max_rows: u32,
    /// The columns of files without a heading; such files are refused if absent.
    pub headerless: Option<Shape>,
    /// What happens to wrong hashes.
    pub hash_check: HashCheck,
    /// The domains, folded, that assigned users may have; any if absent.
    pub user_domains: Option<Vec<String>>,
}

/// What a row says of a device, as written: nothing is changed but blanks around values. What is not given is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceValues {
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
    /// Windows product id, 13 digits.
    pub product_id: String,
    /// The group its list calls it by.
    pub group_tag: String,
    /// The sign-in name of its user to be.
    pub assigned_user: String,
}

/// The identity inside a verified hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashIdentity {
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model; empty if the hash has none.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
    /// Windows product id; empty if the hash has none.
    pub product_id: String,
    /// SMBIOS UUID, if the hash has one.
    pub uuid: Option<[u8; 16]>,
}

/// The hash of a row.
#[derive(Clone, PartialEq, Eq)]
pub struct HardwareHash {
    /// As written. It is personal device data: never logged, never stored, never listed.
    pub text: String,
    /// SHA-256 of the decoded bytes, or of the text if it cannot be decoded.
    pub digest: [u8; 32],
    /// What it says, if it is what it claims to be.
    pub identity: Option<HashIdentity>,
}

impl std::fmt::Debug for HardwareHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HardwareHash").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// A row with what was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRow {
    /// Its place among the rows of all files, counted from 1.
    pub position: u32,
    /// Its file, counted from 1.
    pub file: u16,
    /// Its line, counted from 1 with the heading.
    pub line: u32,
    /// The values as written.
    pub written: DeviceValues,
    /// The hash, if there is one.
    pub hash: Option<HardwareHash>,
    /// Why it cannot be registered, if it cannot.
    pub refused: Option<FindingCode>,
}

impl CheckedRow {
    /// What the verified hash says.
    pub fn proven(&self) -> Option<&HashIdentity> {
        self.hash.as_ref().and_then(|hash| hash.identity.as_ref())
    }

    /// The device: as the verified hash says, else as written.
    pub fn device(&self) -> DeviceValues {
        let Some(proven) = self.proven() else { return self.written.clone() };
        let or = |proven: &str, written: &str| if proven.is_empty() { written.to_owned() } else { proven.to_owned() };
        DeviceValues {
            manufacturer: or(&proven.manufacturer, &self.written.manufacturer),
            model: or(&proven.model, &self.written.model),
            serial_number: or(&proven.serial_number, &self.written.serial_number),
            product_id: or(&proven.product_id, &self.written.product_id),
            ..self.written.clone()
        }
    }
}

/// A file to check.
pub struct FileToCheck<R> {
    /// Its name, as it was sent.
    pub name: String,
    /// Its bytes.
    pub content: R,
}

/// Takes what a check finds, in the order of files and lines; findings about several rows come at the latest of them, or
/// at the end.
pub trait Sink {
    /// A row, refused ones too.
    ///
    /// # Errors
    /// Whatever ends the check.
    fn row(&mut self, row: CheckedRow) -> io::Result<()>;

    /// A finding.
    ///
    /// # Errors
    /// Whatever ends the check.
    fn finding(&mut self, finding: Finding) -> io::Result<()>;
}

/// How a file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// The format that was recognised, such as `Autopilot 3`; empty if none was.
    pub format: String,
    /// Its encoding, such as `UTF-16LE`.
    pub encoding: String,
    /// Its delimiter: `,`, `;` or a tab.
    pub delimiter: String,
    /// Its rows.
    pub rows: u32,
    /// Lines that were skipped: blank ones, ones of commas only, repeated headings.
    pub skipped: u32,
}

/// What a check found in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The files, in order.
    pub files: Vec<FileReport>,
    /// Rows of all files.
    pub rows: u32,
    /// Rows that cannot be registered.
    pub refused_rows: u32,
    /// How often each code was found.
    pub counts: BTreeMap<FindingCode, u32>,
    /// Whether nothing of the files may be registered: a wrong file, a sample cell left in.
    pub refused: bool,
}

words! {
    /// A format in which files are written.
    FileFormat {
        /// `Manufacturer,Model,Serial Number`.
        Partner = "partner",
        /// The same and `Hardware Hash`.
        Customer = "customer",
        /// `Device Serial Number,Windows Product ID,Hardware Hash`.
        Autopilot = "autopilot",
        /// The same with `Group Tag,Assigned User`.
        Intune = "intune",
        /// `Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model`.
        PartnerCenter = "partner_center",
    }
}
