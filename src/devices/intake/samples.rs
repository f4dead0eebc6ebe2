//! Hardware hashes of devices that do not exist, whole and broken on purpose: for tests, benchmarks and the demo, so that no
//! real device's need be kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::platform::keys::sha256;

/// What a filled report holds.
const FILLED_BYTES: usize = 3_000;

/// An invented device, and how its hash was captured. An empty text is one that the firmware does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleDevice {
    /// SMBIOS manufacturer.
    pub manufacturer: String,
    /// SMBIOS model.
    pub model: String,
    /// SMBIOS serial number.
    pub serial_number: String,
    /// Windows product id.
    pub product_id: String,
    /// SMBIOS UUID.
    pub uuid: [u8; 16],
    /// Whether it has a trusted platform module.
    pub tpm: bool,
    /// Whether the hash is filled up to 4,000 characters, as captures are; the older form is not.
    pub filled: bool,
    /// Two captures of a device differ.
    pub capture: u32,
}

impl SampleDevice {
    /// A device with everything a hash holds; its product id and UUID follow from its serial number.
    pub fn new(manufacturer: &str, model: &str, serial_number: &str) -> Self {
        let digest = sha256(serial_number.as_bytes());
        let number = digest.iter().fold(0_u64, |number, &byte| (number * 31 + u64::from(byte)) % 1_000_000_000);
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&digest[..16]);
        Self {
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            serial_number: serial_number.to_owned(),
            product_id: format!("3550{number:09}"),
            uuid,
            tpm: true,
            filled: true,
            capture: 1,
        }
    }

    /// Its hardware hash.
    pub fn hash(&self) -> String {
        STANDARD.encode(self.report())
    }

    /// The decoded bytes of its hash.
    pub fn report(&self) -> Vec<u8> {
        let mut report = b"OA\0\0".to_vec();
        self.write_records(&mut report);
        seal(&mut report);
        if self.filled {
            report.resize(FILLED_BYTES.max(report.len()), 0);
        }
        report
    }

    fn write_records(&self, report: &mut Vec<u8>) {
        let digest = sha256(self.serial_number.as_bytes());
        let mut system = [0; 24];
        system[6..8].copy_from_slice(&22_631_u16.to_le_bytes());
        system[12..16].copy_from_slice(&self.capture.to_le_bytes());
        write_record(report, 1, &system);
        write_text(report, 3, "GenuineExample");
        write_text(report, 4, "Example(R) Processor E-1250U @ 1.60GHz");
        write_text(report, 28, &format!("E5D2_{:02X}{:02X}_C9E0|EXAMPLE SSD 256GB", digest[0], digest[1]));
        if self.tpm {
            write_text(report, 13, "TPM-Version:2.0 -Level:0-Revision:1.16-VendorID:'EXA '");
            write_record(report, 25, &digest.repeat(8));
            write_record(report, 11, &[&[0; 10], &digest[..]].concat());
        }
        write_record(report, 12, &self.uuid);
        write_text(report, 14, &self.serial_number);
        write_text(report, 15, &self.manufacturer);
        write_text(report, 16, &self.manufacturer);
        write_text(report, 17, &self.model);
        write_text(report, 18, &format!("SKU-{}", self.model));
        write_text(report, 19, "Example family of devices");
        write_text(report, 20, &self.manufacturer);
        write_text(report, 21, "Example board 83D1");
        write_text(report, 22, "EC Version 02.21.00");
        write_text(report, 30, "PCI/VEN_0000&DEV_0000&SUBSYS_00000000|Example graphics 620");
        if !self.product_id.is_empty() {
            write_text(report, 24, &self.product_id);
        }
    }
}

/// A report sealed over records of one's own: a type and a value each.
pub fn sealed_report(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut written = Vec::new();
    for (kind, value) in records {
        write_record(&mut written, *kind, value);
    }
    sealed_bytes(&written)
}

/// A report sealed over whatever stands where its records belong.
pub fn sealed_bytes(records: &[u8]) -> Vec<u8> {
    let mut report = [b"OA\0\0", records].concat();
    seal(&mut report);
    report
}

fn write_text(report: &mut Vec<u8>, kind: u16, text: &str) {
    let text = if text.is_empty() { "SMBIOS_STRING_INDEX_0" } else { text };
    write_record(report, kind, &[text.as_bytes(), b"\0"].concat());
}

fn write_record(report: &mut Vec<u8>, kind: u16, value: &[u8]) {
    report.extend(kind.to_le_bytes());
    report.extend(u16::try_from(value.len() + 4).unwrap_or(u16::MAX).to_le_bytes());
    report.extend(value);
}

fn seal(report: &mut Vec<u8>) {
    let length = u16::try_from(report.len()).unwrap_or(u16::MAX).to_le_bytes();
    report[2..4].copy_from_slice(&length);
    let digest = sha256(report);
    report.extend([0x43, 0x53, 36, 0]);
    report.extend(digest);
}

/// What can happen to a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The character at this place, counted from 1, becomes another one of base64.
    Changed {
        /// The place.
        position: usize,
    },
    /// The character at this place, counted from 1, becomes one that base64 does not have.
    Illegal {
        /// The place.
        position: usize,
    },
    /// Only so many characters are left.
    Cut {
        /// How many.
        characters: usize,
    },
    /// Data stands where a filled hash has zeros.
    Filled,
    /// It is the old hash of 128 bytes.
    Old,
    /// It begins with other bytes than a hash does.
    Magic,
}

impl Damage {
    /// The hash after it.
    pub fn on(self, hash: &str) -> String {
        let replaced = |position: usize, by: &str| {
            let at = position.saturating_sub(1).min(hash.len().saturating_sub(1));
            format!("{}{by}{}", &hash[..at], &hash[(at + 1).min(hash.len())..])
        };
        match self {
            Damage::Changed { position } => {
                let written = hash.as_bytes().get(position.saturating_sub(1));
                replaced(position, if written == Some(&b'B') { "C" } else { "B" })
            }
            Damage::Illegal { position } => replaced(position, "*"),
            Damage::Cut { characters } => hash[..characters.min(hash.len())].to_owned(),
            Damage::Filled => replaced(hash.len().saturating_sub(8), "B"),
            Damage::Old => STANDARD.encode(sha256(hash.as_bytes()).repeat(4)),
            Damage::Magic => replaced(1, "U"),
        }
    }
}
