//! The rules of a row.

use super::super::model::FindingCode;
use super::super::model::{
    Audience, CheckedRow, DeviceValues, HardwareHash, HashCheck, HashIdentity, Rules, SAMPLE_VALUES,
};
use super::Found;
use super::aliases::Column;
use super::hash::{self, HashFault};
use super::headings::Columns;
use super::records::{Record, trimmed};
use super::serials::{is_digits, is_placeholder, is_sign_in_name, is_spreadsheet_number, lost_zeros};
use super::write::unguarded;
use crate::platform::keys::sha256;
use crate::platform::text::shorten;

/// Characters of a value at most: far more than firmware holds, and few enough for the indexes by which claims are found.
pub(super) const MAX_VALUE: usize = 256;
/// Characters of a cell at most, hashes and columns that are not used included.
pub(super) const MAX_CELL: usize = 8192;
/// Characters of a group tag beyond which other services cut it.
const MAX_TAG: usize = 64;
/// Characters of a value that are shown, and of a hash.
const SHOWN: usize = 40;
const SHOWN_OF_HASH: usize = 12;

/// A row under judgement.
struct Judged<'j, 'r> {
    record: &'j Record<'r>,
    columns: &'j Columns,
    rules: &'j Rules,
    found: &'j mut Vec<Found>,
}

/// Judges a row. `found` gets what is to be said of it, the gravest cause of a refusal first.
pub(super) fn judge(record: &Record<'_>, columns: &Columns, rules: &Rules, found: &mut Vec<Found>) -> CheckedRow {
    let before = found.len();
    let mut judged = Judged { record, columns, rules, found };
    let mut written = DeviceValues {
        manufacturer: judged.value(Column::Manufacturer),
        model: judged.value(Column::Model),
        serial_number: judged.value(Column::SerialNumber),
        product_id: judged.value(Column::ProductId),
        group_tag: judged.value(Column::GroupTag),
        assigned_user: judged.value(Column::AssignedUser),
    };
    let hash_text = judged.value(Column::HardwareHash);
    let mut hash = None;
    if !judged.samples() && judged.is_whole(&written) {
        hash = judged.hash(&hash_text);
        let proven = hash.as_ref().and_then(|hash: &HardwareHash| hash.identity.as_ref());
        judged.values(&written, proven);
        match proven {
            Some(proven) => judged.cross_check(&written, proven),
            None => judged.identity(&written, !hash_text.is_empty()),
        }
    }
    let refused = found[before..].iter().find(|found| found.is_error()).map(|found| found.code);
    if refused.is_some() {
        // Of a refused row only what can be shown is kept.
        let values = [
            &mut written.manufacturer,
            &mut written.model,
            &mut written.serial_number,
            &mut written.product_id,
            &mut written.group_tag,
            &mut written.assigned_user,
        ];
        for value in values {
            make_presentable(value, MAX_VALUE);
        }
    }
    let hash = hash.or_else(|| (!hash_text.is_empty()).then(|| unproven(&hash_text)));
    CheckedRow { position: 0, file: 0, line: record.line, written, hash, refused }
}

/// A hash that proves nothing.
fn unproven(text: &str) -> HardwareHash {
    let mut shown = text.to_owned();
    make_presentable(&mut shown, MAX_CELL);
    HardwareHash { text: shown, digest: sha256(text.as_bytes()), identity: None }
}

/// As `contains(char::is_control)`, several times faster for the long hashes, which are ASCII.
fn has_control(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().fold(false, |found, byte| found | byte.is_ascii_control()),
        false => text.contains(char::is_control),
    }
}

fn make_presentable(value: &mut String, limit: usize) {
    if value.len() > limit || has_control(value) {
        *value = shorten(value, limit).replace(char::is_control, "\u{FFFD}");
    }
}

/// A value as findings show it: never a whole hash, whichever column it stands in.
pub(super) fn shown(value: &str) -> String {
    let limit = if value.len() > 120 || value.starts_with("T0") { SHOWN_OF_HASH } else { SHOWN };
    let mut shown = shorten(value, limit);
    make_presentable(&mut shown, SHOWN + 1);
    shown
}

impl Judged<'_, '_> {
    fn value(&self, column: Column) -> String {
        self.columns
            .place(column)
            .map_or_else(String::new, |place| unguarded(trimmed(self.record.raw(place))).to_owned())
    }

    fn add(&mut self, found: Found, column: Column, value: &str) {
        let value = if column == Column::HardwareHash { shorten(value, SHOWN_OF_HASH) } else { value.to_owned() };
        let value = (!value.is_empty()).then(|| shown(&value));
        self.found.push(found.on(self.record.line).at(self.columns.name(column), value));
    }

    fn error(&mut self, code: FindingCode, column: Column, value: &str, sentence: String) {
        self.add(Found::row(code, sentence), column, value);
    }

    fn note(&mut self, code: FindingCode, column: Column, value: &str, sentence: String) {
        self.add(Found::note(code, sentence), column, value);
    }

    /// Whether a cell still holds the documentation's sample, whichever its column.
    fn samples(&mut self) -> bool {
        let before = self.found.len();
        let line = self.record.line;
        for (place, cell) in self.record.cells().enumerate() {
            let cell = trimmed(cell);
            if is_sample(cell) {
                let (column, value) = (self.columns.name_at(place), shown(cell));
                let sentence =
                    format!("Line {line}, {column}: \"{value}\" is the sample from the documentation. Replace it.");
                self.found.push(Found::file(FindingCode::RowSample, sentence).on(line).at(&column, Some(value)));
            }
        }
        self.found.len() > before
    }

    /// Whether the cells are what a row has, each short enough and without control characters.
    fn is_whole(&mut self, written: &DeviceValues) -> bool {
        let Record { line, last_line, count, unclosed, .. } = *self.record;
        let before = self.found.len();
        if unclosed {
            let sentence = format!("Lines {line} to {last_line} are one row, because a quote is not closed. Close it.");
            self.found.push(Found::row(FindingCode::CellNotText, sentence).on(line));
            return false;
        }
        for place in 0..count.min(self.columns.width) {
            let cell = self.record.raw(place);
            if cell.len() > MAX_CELL && cell.chars().count() > MAX_CELL {
                let column = self.columns.name_at(place);
                let sentence = format!("Line {line}, {column}: the cell has more than {MAX_CELL} characters.");
                self.found.push(Found::row(FindingCode::CellNotText, sentence).on(line).at(&column, Some(shown(cell))));
            }
        }
        for column in Column::ALL {
            let Some(place) = self.columns.place(column) else { continue };
            let value = trimmed(self.record.raw(place));
            let limit = if column == Column::HardwareHash { MAX_CELL } else { MAX_VALUE };
            let name = self.columns.name(column);
            if last_line > line && value.contains(['\r', '\n']) {
                let sentence = format!(
                    "Line {line}, {name}: the value runs on to line {last_line}. Is a quote not closed? Nothing of these \
                     lines is registered."
                );
                self.error(FindingCode::CellNotText, column, value, sentence);
            } else if has_control(value) {
                let sentence = format!("Line {line}, {name}: the value holds a control character.");
                self.error(FindingCode::CellNotText, column, value, sentence);
            } else if value.len() > limit && value.chars().count() > limit && limit == MAX_VALUE {
                let sentence = format!("Line {line}, {name}: a value has at most {MAX_VALUE} characters.");
                self.error(FindingCode::CellNotText, column, value, sentence);
            }
        }
        if self.found.len() > before {
            return false;
        }
        let beyond = count > self.columns.padded_width
            || self.record.cells().skip(self.columns.width).any(|cell| !trimmed(cell).is_empty());
        let cut = count < self.columns.width && !self.has_identity(written);
        if beyond || cut {
            let (values, width) = (count, self.columns.width);
            let sentence = if cut {
                format!("Line {line} has {values} of {width} values: part of it is missing.")
            } else {
                let what = if self.columns.is_shape() { "the form of the file" } else { "the header" };
                format!(
                    "Line {line} has {values} values, {what} {width}: a value holds the delimiter (maker \"VMware, \
                     Inc.\"?). Quote it."
                )
            };
            self.found.push(Found::row(FindingCode::RowWidth, sentence).on(line));
            return false;
        }
        true
    }

    fn has_identity(&self, written: &DeviceValues) -> bool {
        let filled =
            |column| self.columns.place(column).is_some_and(|place| !trimmed(self.record.raw(place)).is_empty());
        let triple = !written.manufacturer.is_empty() && !written.model.is_empty() && !written.serial_number.is_empty();
        triple || filled(Column::HardwareHash) || filled(Column::ProductId)
    }

    /// The hash, if there is one that proves something, or one that is let pass.
    fn hash(&mut self, text: &str) -> Option<HardwareHash> {
        if text.is_empty() {
            return None;
        }
        match hash::verify(text) {
            Ok(verified) => {
                for fault in &verified.warnings {
                    self.note(fault.code(), Column::HardwareHash, text, fault.sentence(self.record.line));
                }
                let identity = Some(verified.identity);
                Some(HardwareHash { text: text.to_owned(), digest: verified.digest, identity })
            }
            Err(fault) => {
                self.hash_fault(&fault, text);
                None
            }
        }
    }

    fn hash_fault(&mut self, fault: &HashFault, text: &str) {
        let sentence = fault.sentence(self.record.line);
        match self.rules.hash_check {
            HashCheck::Refuse => self.error(fault.code(), Column::HardwareHash, text, sentence),
            HashCheck::Warn => self.note(fault.code(), Column::HardwareHash, text, sentence),
        }
    }

    /// What can be wrong with each value by itself.
    fn values(&mut self, written: &DeviceValues, proven: Option<&HashIdentity>) {
        let line = self.record.line;
        let serial = written.serial_number.as_str();
        if is_spreadsheet_number(serial) {
            let sentence =
                format!("Line {line}: a spreadsheet turned the serial into {}. Re-export as text.", shown(serial));
            self.error(FindingCode::SerialNumberFormat, Column::SerialNumber, serial, sentence);
        } else if !serial.is_empty() && is_placeholder(serial) {
            let sentence = format!("Line {line}: \"{}\" is a firmware placeholder, not a serial.", shown(serial));
            self.error(FindingCode::SerialPlaceholder, Column::SerialNumber, serial, sentence);
        } else if let Some(inside) = proven.map(|proven| proven.serial_number.as_str()).filter(|s| is_placeholder(s)) {
            let sentence = format!(
                "Line {line}: \"{}\", the serial in the hash, is a firmware placeholder, not a serial.",
                shown(inside)
            );
            self.error(FindingCode::SerialPlaceholder, Column::HardwareHash, inside, sentence);
        }
        let id = written.product_id.as_str();
        let is_right = id.is_empty() || id.len() == 13 && is_digits(id);
        if !is_right {
            let why = if is_spreadsheet_number(id) {
                format!("a spreadsheet turned it into {}; re-export as text", shown(id))
            } else if id.contains('-') {
                format!("\"{}\" is the id Windows shows, not the one on the box label", shown(id))
            } else {
                format!("\"{}\" is not", shown(id))
            };
            let sentence = format!("Line {line}: product id must be 13 digits; {why}.");
            self.error(FindingCode::PkidFormat, Column::ProductId, id, sentence);
        }
        let user = written.assigned_user.as_str();
        if !user.is_empty() && !is_sign_in_name(user, self.rules.user_domains.as_deref()) {
            let sentence = format!("Line {line}: \"{}\" is not a sign-in name of this customer.", shown(user));
            self.error(FindingCode::UserFormat, Column::AssignedUser, user, sentence);
        }
        self.group_tag(&written.group_tag);
    }

    fn group_tag(&mut self, tag: &str) {
        if tag.is_empty() {
            return;
        }
        let line = self.record.line;
        let raw = self.columns.place(Column::GroupTag).map_or("", |place| self.record.raw(place));
        let (leads, trails) = (raw.starts_with(char::is_whitespace), raw.ends_with(char::is_whitespace));
        let blanks = match (leads, trails) {
            (true, true) => "spaces around it",
            (true, false) => "a leading space",
            _ => "a trailing space",
        };
        if leads || trails {
            let sentence = format!(
                "Line {line}: group tag has {blanks}; rules compare exactly. It is read as \"{}\".",
                shown(tag)
            );
            self.note(FindingCode::TagFormat, Column::GroupTag, raw, sentence);
        }
        if tag.len() > MAX_TAG && tag.chars().count() > MAX_TAG {
            let length = tag.chars().count();
            let sentence = format!("Line {line}: group tag has {length} characters; other services keep {MAX_TAG}.");
            self.note(FindingCode::TagFormat, Column::GroupTag, tag, sentence);
        }
    }

    /// What the columns say against what the hash says.
    fn cross_check(&mut self, written: &DeviceValues, proven: &HashIdentity) {
        let line = self.record.line;
        let (serial, inside) = (written.serial_number.as_str(), proven.serial_number.trim());
        if !serial.is_empty() && serial != inside && !is_spreadsheet_number(serial) && !is_placeholder(serial) {
            let (file_says, hash_says) = (shown(serial), shown(inside));
            if lost_zeros(serial, inside) {
                let sentence = format!("Line {line}: leading zeros may be lost (hash says {hash_says}).");
                self.note(FindingCode::SerialLeadingZero, Column::SerialNumber, serial, sentence);
            } else {
                let sentence = format!(
                    "Line {line}: hash belongs to serial {hash_says}, the file says {file_says} – rows swapped?"
                );
                self.error(FindingCode::HashSerialMismatch, Column::SerialNumber, serial, sentence);
            }
        }
        let pairs = [
            (
                FindingCode::HashMakerMismatch,
                Column::Manufacturer,
                "maker",
                &written.manufacturer,
                &proven.manufacturer,
            ),
            (FindingCode::HashModelMismatch, Column::Model, "model", &written.model, &proven.model),
        ];
        for (code, column, what, written, inside) in pairs {
            if !written.is_empty() && !inside.is_empty() && written != inside.trim() {
                let sentence = format!(
                    "Line {line}: {what} \"{}\" – firmware says \"{}\". With the triple this would not be found.",
                    shown(written),
                    shown(inside)
                );
                self.note(code, column, written, sentence);
            }
        }
        let (id, inside) = (&written.product_id, &proven.product_id);
        if !id.is_empty() && !inside.is_empty() && id != inside {
            let sentence = format!("Line {line}: product id differs from the one in the hash ({}).", shown(inside));
            self.note(FindingCode::HashPkidMismatch, Column::ProductId, id, sentence);
        }
    }

    /// Whether the columns alone name a device, where no hash does.
    fn identity(&mut self, written: &DeviceValues, has_hash: bool) {
        let refuses_hash = has_hash && self.rules.hash_check == HashCheck::Refuse;
        if refuses_hash {
            return;
        }
        let line = self.record.line;
        if self.rules.audience == Audience::Customer && !has_hash {
            let sentence = format!("Line {line} needs a hardware hash.");
            return self.error(FindingCode::IdMissing, Column::HardwareHash, "", sentence);
        }
        if !written.product_id.is_empty() && self.rules.audience != Audience::Supplier {
            return;
        }
        let parts = [
            (Column::SerialNumber, "serial", &written.serial_number),
            (Column::Manufacturer, "manufacturer", &written.manufacturer),
            (Column::Model, "model", &written.model),
        ];
        let listed = |empty: bool| -> Vec<_> { parts.iter().filter(|part| part.2.is_empty() == empty).collect() };
        let (given, missing) = (listed(false), listed(true));
        let names = |parts: &[&(Column, &'static str, &String)]| -> String {
            parts.iter().map(|part| part.1).collect::<Vec<_>>().join(" and ")
        };
        match (given.as_slice(), missing.as_slice()) {
            (_, []) => {}
            ([], _) if self.rules.audience == Audience::Supplier => {
                let sentence = format!("Line {line} needs serial, manufacturer and model.");
                self.error(FindingCode::IdMissing, Column::SerialNumber, "", sentence);
            }
            ([], _) => {
                let usable = if has_hash { " that can be read" } else { "" };
                let sentence = format!(
                    "Line {line} needs a hardware hash{usable}, a product id, or serial, manufacturer and model."
                );
                self.error(FindingCode::IdMissing, Column::SerialNumber, "", sentence);
            }
            (given, missing) => {
                let sentence = format!("Line {line}: {} given, {} missing.", names(given), names(missing));
                self.error(FindingCode::TupleIncomplete, missing[0].0, "", sentence);
            }
        }
    }
}

/// Whether a cell holds a sample of the documentation, of ours or of another service.
fn is_sample(cell: &str) -> bool {
    match cell.len() {
        0..=7 => false,
        // The other service's sample of a hash is cut off after 39 characters.
        8..=64 => {
            SAMPLE_VALUES.contains(&cell.trim_end_matches('='))
                || cell == "R9-ZNP67"
                || cell.starts_with("T0FzAQEA")
                || explains_sample(cell)
        }
        _ => explains_sample(cell),
    }
}

/// Whether prose begins here that explains samples.
pub(super) fn explains_sample(cell: &str) -> bool {
    cell.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("SAMPLE EXPLAINED"))
}
