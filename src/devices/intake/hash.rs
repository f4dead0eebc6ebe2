//! Hardware hashes, read offline. They are no hashes but sealed reports of a device: a header, records, and a SHA-256 over
//! both. So what was damaged on its way can be told from what was captured, and the device inside be named.

use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, DecodeSliceError, Engine};

use crate::devices::model::HashIdentity;
use crate::devices::model::{FindingCode, Severity};
use crate::platform::keys::sha256;

/// Padding is looked at here, because captures leave it out and editors lose it.
const EXACT: GeneralPurpose = GeneralPurpose::new(&STANDARD, unpadded());
/// A text that was cut within a group ends with bits that belong to nothing.
const CUT: GeneralPurpose = GeneralPurpose::new(&STANDARD, unpadded().with_decode_allow_trailing_bits(true));

const fn unpadded() -> GeneralPurposeConfig {
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone)
}

/// Longer texts are no hardware hashes: those have 4,000 characters, and no cell of a file more than this.
const MAX_CHARACTERS: usize = 8_192;
const MAX_BYTES: usize = MAX_CHARACTERS / 4 * 3;
/// What a report is filled up to with zeros.
const FILLED_BYTES: usize = 3_000;
/// The hash of the time before Windows 10.
const OLD_BYTES: usize = 128;

/// Magic and length.
const HEADER_BYTES: usize = 4;
/// Begins the record that closes a report: type "CS", its length.
const SEAL: [u8; 4] = [0x43, 0x53, 36, 0];
const SEAL_BYTES: usize = 36;
/// Type and length.
const RECORD_HEADER_BYTES: usize = 4;

/// Firmware texts are up to 64 characters; what is much longer names no device.
const MAX_TEXT_BYTES: usize = 256;
/// What firmware reports for a text that does not exist.
const NO_TEXT: &str = "SMBIOS_STRING_INDEX_0";
const PRODUCT_ID_DIGITS: usize = 13;
/// Characters that are shown of what is no hash: enough to recognise a text, never a whole value.
const SHOWN_CHARACTERS: usize = 14;

/// The types of the records that are read.
mod record {
    pub(super) const TPM_DIGEST: u16 = 11;
    pub(super) const UUID: u16 = 12;
    pub(super) const TPM_VERSION: u16 = 13;
    pub(super) const SERIAL_NUMBER: u16 = 14;
    pub(super) const MANUFACTURER: u16 = 16;
    pub(super) const MODEL: u16 = 17;
    pub(super) const PRODUCT_ID: u16 = 24;
    pub(super) const TPM_KEY: u16 = 25;
}

/// A hash that is what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The device inside; it has a serial number and a manufacturer.
    pub identity: HashIdentity,
    /// What is suspicious about it: [`HashFault::Fill`], [`HashFault::NoTpm`].
    pub warnings: Vec<HashFault>,
    /// SHA-256 of the decoded bytes.
    pub digest: [u8; 32],
}

/// What is wrong, or suspicious, about a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashFault {
    /// A character that base64 does not have.
    Base64 {
        /// Its place in the text, counted from 1.
        position: usize,
    },
    /// The text ends within a group of four characters.
    CutGroup {
        /// How many it has.
        characters: usize,
    },
    /// The old hash of 128 bytes.
    Old,
    /// Decodes, but is something else.
    Magic {
        /// The beginning of the text it decodes to; empty if that is no text.
        shown: String,
    },
    /// Shorter than it says.
    Truncated {
        /// How many characters it has.
        characters: usize,
        /// How many it needs at least.
        needed: usize,
    },
    /// Its checksum, or what the checksum covers, does not hold together.
    Checksum,
    /// Data after its end.
    Fill,
    /// No serial number inside.
    SerialMissing,
    /// No manufacturer inside.
    MakerMissing,
    /// No trusted platform module inside.
    NoTpm,
}

impl HashFault {
    /// What it is called in findings.
    pub const fn code(&self) -> FindingCode {
        match self {
            HashFault::Base64 { .. } | HashFault::CutGroup { .. } => FindingCode::HashBase64,
            HashFault::Old => FindingCode::HashOld,
            HashFault::Magic { .. } => FindingCode::HashMagic,
            HashFault::Truncated { .. } => FindingCode::HashTruncated,
            HashFault::Checksum => FindingCode::HashChecksum,
            HashFault::Fill => FindingCode::HashFill,
            HashFault::SerialMissing | HashFault::MakerMissing | HashFault::NoTpm => FindingCode::HashFields,
        }
    }

    /// Whether a row can be registered with it.
    pub const fn severity(&self) -> Severity {
        match self {
            HashFault::Fill | HashFault::NoTpm => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What it is, for whoever sent the file.
    pub fn sentence(&self, line: u32) -> String {
        match self {
            HashFault::Base64 { position } => {
                format!("Line {line}: hash has an illegal character at position {position}.")
            }
            HashFault::CutGroup { characters } => {
                format!("Line {line}: hash ends within a group of four characters; it has {characters}.")
            }
            HashFault::Old => {
                format!("Line {line}: this is the old 128-byte hash. Capture again on a supported Windows.")
            }
            HashFault::Magic { shown } if shown.is_empty() => format!("Line {line}: this is not a hardware hash."),
            HashFault::Magic { shown } => {
                format!("Line {line}: this is not a hardware hash (it decodes to \"{shown}\").")
            }
            HashFault::Truncated { characters, needed } => {
                format!("Line {line}: hash is cut off, {characters} of {needed} characters.")
            }
            HashFault::Checksum => format!("Line {line}: hash is damaged (checksum). Capture again."),
            HashFault::Fill => format!("Line {line}: unexpected data after the hash."),
            HashFault::SerialMissing => {
                format!("Line {line}: the hash has no serial; the service will refuse it.")
            }
            HashFault::MakerMissing => {
                format!("Line {line}: the hash has no manufacturer; the service will refuse it.")
            }
            HashFault::NoTpm => format!("Line {line}: no TPM: self-deploying mode will not work."),
        }
    }
}

/// Proves a hash by itself, and says which device it is of. Reads at most 8,192 characters, and holds no more.
///
/// # Errors
/// What is certainly wrong with it; of several faults the one that says most.
pub fn verify(text: &str) -> Result<Verified, HashFault> {
    if text.len() > MAX_CHARACTERS {
        return Err(HashFault::Magic { shown: String::new() });
    }
    let mut buffer = [0; MAX_BYTES];
    let (bytes, end) = decode(text.as_bytes(), &mut buffer)?;
    let report = report_bytes(bytes, text.len(), &end)?;
    let (sealed, rest) = bytes.split_at(report - SEAL_BYTES);
    let (seal, fill) = rest.split_at(SEAL_BYTES);
    let (mark, checksum) = seal.split_at(SEAL.len());
    if mark != SEAL || checksum != sha256(sealed) {
        return Err(HashFault::Checksum);
    }
    match end {
        End::Whole => {}
        // What is not filled up may end within a group, and its padding is easily lost.
        End::Cut if fill.is_empty() => {}
        End::Cut | End::Alone => return Err(HashFault::CutGroup { characters: text.len() }),
        End::Loose { position } => return Err(HashFault::Base64 { position }),
    }
    let (identity, tpm) = read_records(&sealed[HEADER_BYTES..])?;
    let mut warnings = Vec::new();
    if fill.iter().any(|&byte| byte != 0) {
        warnings.push(HashFault::Fill);
    }
    if !tpm {
        warnings.push(HashFault::NoTpm);
    }
    Ok(Verified { identity, warnings, digest: sha256(bytes) })
}

/// How a text ends.
enum End {
    /// With a whole group of four characters, or a padded one.
    Whole,
    /// Within a group, without padding.
    Cut,
    /// With the first character of a group, which holds no byte.
    Alone,
    /// With a character some bits of which belong to nothing: nobody writes that, so it was changed or cut.
    Loose { position: usize },
}

fn decode<'a>(text: &[u8], buffer: &'a mut [u8; MAX_BYTES]) -> Result<(&'a [u8], End), HashFault> {
    let illegal_in = |part: &[u8]| part.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"+/".contains(byte));
    let illegal = |position: Option<usize>| HashFault::Base64 { position: position.unwrap_or(text.len()) + 1 };
    let padding = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let written = &text[..text.len() - padding];
    if padding > 0 && !text.len().is_multiple_of(4) {
        return Err(illegal(illegal_in(written).or(Some(written.len()))));
    }
    let alone = written.len() % 4 == 1;
    let whole = &written[..written.len() - usize::from(alone)];
    let (decoded, end) = match EXACT.decode_slice(whole, buffer) {
        Ok(decoded) if alone => (decoded, End::Alone),
        Ok(decoded) if padding > 0 || whole.len().is_multiple_of(4) => (decoded, End::Whole),
        Ok(decoded) => (decoded, End::Cut),
        Err(DecodeSliceError::DecodeError(DecodeError::InvalidLastSymbol { offset, .. })) => {
            let decoded = CUT.decode_slice(whole, buffer).map_err(|_| illegal(illegal_in(whole)))?;
            (decoded, End::Loose { position: offset + 1 })
        }
        Err(_) => return Err(illegal(illegal_in(whole))),
    };
    match illegal_in(&written[whole.len()..]) {
        Some(_) => Err(illegal(Some(whole.len()))),
        None => Ok((&buffer[..decoded], end)),
    }
}

/// How many of the bytes are the report with its seal: at least a header and the seal, at most all.
fn report_bytes(bytes: &[u8], characters: usize, end: &End) -> Result<usize, HashFault> {
    let length = match *bytes {
        [b'O', b'A', low, high, ..] => Some(usize::from(u16::from_le_bytes([low, high]))),
        // Too short to say what it is; what there is looks like the beginning of a hash.
        [b'O'] | [b'O', b'A'] | [b'O', b'A', _] => None,
        _ if bytes.len() == OLD_BYTES => return Err(HashFault::Old),
        _ if matches!(end, End::Alone) => return Err(HashFault::CutGroup { characters }),
        _ => return Err(HashFault::Magic { shown: shown(bytes) }),
    };
    let report = length.unwrap_or(0).max(HEADER_BYTES) + SEAL_BYTES;
    match bytes.len() {
        present if report <= present => Ok(report),
        OLD_BYTES => Err(HashFault::Old),
        // Nothing was cut off a text of the full size: its length is what was damaged.
        FILLED_BYTES => Err(HashFault::Checksum),
        _ => Err(HashFault::Truncated { characters, needed: report.div_ceil(3) * 4 }),
    }
}

/// The beginning of what is a text; nothing of what is not.
fn shown(bytes: &[u8]) -> String {
    if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return String::new();
    }
    let mut shown: String = bytes.iter().take(SHOWN_CHARACTERS).map(|&byte| char::from(byte)).collect();
    if bytes.len() > SHOWN_CHARACTERS {
        shown.push('…');
    }
    shown
}

/// The device, and whether it has a trusted platform module. Types that are not known are passed over; of a type that
/// occurs twice the first counts.
fn read_records(mut records: &[u8]) -> Result<(HashIdentity, bool), HashFault> {
    let mut identity = HashIdentity::default();
    let mut tpm = false;
    while !records.is_empty() {
        // The checksum holds, so this was not damaged on its way; what cannot be walked is still no report.
        let &[type_low, type_high, length_low, length_high, ..] = records else { return Err(HashFault::Checksum) };
        let length = usize::from(u16::from_le_bytes([length_low, length_high]));
        if length < RECORD_HEADER_BYTES || length > records.len() {
            return Err(HashFault::Checksum);
        }
        let (record, rest) = records.split_at(length);
        let value = &record[RECORD_HEADER_BYTES..];
        records = rest;
        match u16::from_le_bytes([type_low, type_high]) {
            record::SERIAL_NUMBER => fill_in(&mut identity.serial_number, value),
            record::MANUFACTURER => fill_in(&mut identity.manufacturer, value),
            record::MODEL => fill_in(&mut identity.model, value),
            record::PRODUCT_ID => fill_in(&mut identity.product_id, value),
            record::UUID => identity.uuid = identity.uuid.or_else(|| uuid(value)),
            record::TPM_DIGEST | record::TPM_VERSION | record::TPM_KEY => tpm |= value.iter().any(|&byte| byte != 0),
            _ => {}
        }
    }
    let digits = |text: &str| text.len() == PRODUCT_ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&identity.product_id) {
        identity.product_id.clear();
    }
    if identity.serial_number.is_empty() {
        return Err(HashFault::SerialMissing);
    }
    if identity.manufacturer.is_empty() {
        return Err(HashFault::MakerMissing);
    }
    Ok((identity, tpm))
}

fn fill_in(field: &mut String, value: &[u8]) {
    if field.is_empty()
        && let Some(text) = text(value)
    {
        field.push_str(&text);
    }
}

/// A firmware text: bytes up to a zero, in UTF-8 as a rule. It names nothing if it cannot stand in a cell.
fn text(value: &[u8]) -> Option<String> {
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    let written = &value[..end];
    if written.len() > MAX_TEXT_BYTES {
        return None;
    }
    let text = match std::str::from_utf8(written) {
        Ok(text) => text.into(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(written).0,
    };
    let text = text.trim();
    (!text.is_empty() && text != NO_TEXT && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// Firmware that has none reports zeros or ones.
fn uuid(value: &[u8]) -> Option<[u8; 16]> {
    let uuid: [u8; 16] = value.get(..16)?.try_into().ok()?;
    (uuid != [0; 16] && uuid != [0xff; 16]).then_some(uuid)
}

#[cfg(test)]
mod tests;
