//! Headings: which column holds what, by whatever name it goes, and which of the known formats that is.

use super::super::model::FindingCode;
use super::super::model::{Audience, CUSTOMER_HEADING, FileFormat, PARTNER_HEADING, Rules, Shape};
use super::Found;
use super::aliases::{self, Column};
use super::records::{Record, trimmed};
use crate::platform::text::shorten;

/// Columns of a file at most.
pub(super) const MAX_COLUMNS: usize = 32;
/// Lines among which the heading is looked for: a report viewer writes a few of its own above it.
const LINES_ABOVE: usize = 20;

/// Where to begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// The byte at which the heading, or the first row, begins.
    pub offset: usize,
    /// Its line.
    pub line: u32,
    /// What stands between cells.
    pub delimiter: u8,
    /// Lines that hold something and stand above it.
    pub above: u32,
    /// Whether it is a heading.
    pub is_heading: bool,
}

/// Looks for the heading at the start of a text, and for the delimiter in it.
pub(super) fn beginning(start: &str) -> Beginning {
    let (offset, line, named) = separator_line(start);
    let mut first = None;
    let (mut widest, mut above) = (0, 0);
    let mut at = (offset, line);
    for _ in 0..LINES_ABOVE {
        let Some((text, next)) = next_line(start, at) else { break };
        if !trimmed(text).is_empty() {
            let (delimiter, known, cells) = best_delimiter(text, named);
            let found = Beginning { offset: at.0, line: at.1, delimiter, above, is_heading: known > 0 };
            if above == 0 && known > 0 || known > 1 && cells > widest {
                return found;
            }
            widest = widest.max(cells);
            above += 1;
            first = first.or(Some(found));
        }
        at = next;
    }
    first.unwrap_or(Beginning { offset, line, delimiter: b',', above: 0, is_heading: false })
}

/// The text of the line at a place, and the place of the next.
fn next_line(text: &str, (offset, line): (usize, u32)) -> Option<(&str, (usize, u32))> {
    let rest = text.get(offset..).filter(|rest| !rest.is_empty())?;
    let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
    let end = match rest.get(length..length + 2) {
        Some("\r\n") => 2,
        _ => 1,
    };
    Some((&rest[..length], (offset + length + end, line + 1)))
}

/// A first line `sep=;`, as spreadsheets write it: where what follows begins, and the delimiter it names.
fn separator_line(start: &str) -> (usize, u32, Option<u8>) {
    let Some((text, (offset, line))) = next_line(start, (0, 1)) else { return (0, 1, None) };
    let text = text.trim_matches('"').to_ascii_lowercase();
    match text.strip_prefix("sep=").map(|rest| if rest.starts_with('\t') { "\t" } else { rest.trim() }) {
        Some(";") => (offset, line, Some(b';')),
        Some(",") => (offset, line, Some(b',')),
        Some("\t") => (offset, line, Some(b'\t')),
        _ => (0, 1, None),
    }
}

/// The delimiter by which a line has most known headings, else most cells; how many of each.
fn best_delimiter(line: &str, named: Option<u8>) -> (u8, usize, usize) {
    let measured = |delimiter: u8| {
        let mut cells = line.split(char::from(delimiter)).map(|cell| cell.trim().trim_matches('"'));
        let count = cells.clone().count();
        // A row of values is not searched for headings to its end.
        (delimiter, cells.by_ref().take(MAX_COLUMNS).filter(|cell| aliases::is_known(cell)).count(), count)
    };
    let candidates: &[u8] = if named.is_some() { named.as_slice() } else { b"\t;," };
    candidates
        .iter()
        .map(|delimiter| measured(*delimiter))
        .max_by_key(|found| (found.1, found.2))
        .unwrap_or((b',', 0, 0))
}

/// Where the values of a device stand.
#[derive(Debug)]
pub(super) struct Columns {
    places: [Option<usize>; Column::ALL.len()],
    names: [String; Column::ALL.len()],
    keys: Vec<String>,
    /// Whether a name in the heading has a digit.
    has_digits: bool,
    /// Cells of a row.
    pub width: usize,
    /// Cells of a row with the blank ones at its end that the heading has, too: more of them, even if blank, show that a
    /// value further left holds the delimiter.
    pub padded_width: usize,
    /// The recognised format; empty if it is none of the known ones.
    pub format: &'static str,
}

impl Columns {
    /// The columns of a heading.
    ///
    /// `None` if the file cannot be read by it, and then `found` says why.
    pub(super) fn of_heading(record: &Record<'_>, rules: &Rules, report: bool, found: &mut Vec<Found>) -> Option<Self> {
        let line = record.line;
        if record.count > MAX_COLUMNS {
            let sentence = format!("The heading has {} columns; at most {MAX_COLUMNS} are read.", record.count);
            found.push(Found::file(FindingCode::FileTooLarge, sentence).on(line));
            return None;
        }
        let cells: Vec<&str> = record.cells().map(trimmed).collect();
        let keys: Vec<String> = cells.iter().map(|cell| aliases::key(cell)).collect();
        let width = keys.iter().rposition(|key| !key.is_empty()).map_or(0, |last| last + 1);
        let is_results = aliases::RESULTS.iter().all(|known| keys.iter().any(|key| key == known));
        let mut columns = Self {
            places: [None; Column::ALL.len()],
            names: Column::ALL.map(|column| column.label().to_owned()),
            has_digits: keys.iter().any(|key| key.bytes().any(|byte| byte.is_ascii_digit())),
            keys,
            width,
            padded_width: record.count,
            format: "",
        };
        let before = found.len();
        let mut translated = false;
        for (place, key) in columns.keys[..width].iter().enumerate() {
            let name = shorten(cells[place], 40);
            let alias = aliases::column_of(key)
                .filter(|alias| rules.audience != Audience::Supplier || alias.0.is_in_manifests());
            let Some((column, is_translation)) = alias else {
                let twice = columns.keys[..place].iter().position(|other| other == key && !key.is_empty());
                if !(is_results && aliases::RESULTS.contains(&key.as_str())) {
                    found.push(unused(line, place, twice, name));
                }
                continue;
            };
            if let Some(first) = columns.places[column as usize] {
                let both = match trimmed(cells[first]) == cells[place] {
                    true => format!("\"{name}\" occurs in columns {} and {}.", first + 1, place + 1),
                    false => format!(
                        "\"{}\" and \"{name}\" in columns {} and {} both mean {}.",
                        shorten(cells[first], 40),
                        first + 1,
                        place + 1,
                        column.label()
                    ),
                };
                found.push(Found::file(FindingCode::HeaderDuplicate, both).on(line).at(&name, None));
                continue;
            }
            if is_translation {
                translated = true;
                let sentence = format!("Read \"{name}\" as {}.", column.label());
                found.push(Found::note(FindingCode::HeaderTranslated, sentence).on(line).at(&name, None));
            }
            columns.places[column as usize] = Some(place);
            columns.names[column as usize] = name;
        }
        if !columns.suit(rules.audience, line, &cells, found) || found[before..].iter().any(Found::is_error) {
            return None;
        }
        columns.format = match (report, translated, is_results) {
            (true, ..) => "ConfigMgr report",
            (_, true, _) => "translated",
            (.., true) => "results file",
            _ => aliases::format_of(&cells[..width], &columns.keys[..width]),
        };
        Some(columns)
    }

    /// The columns of a file without a heading, as its sender says; `None` if they do not suit, and then `found` says why.
    pub(super) fn of_shape(shape: Shape, rules: &Rules, found: &mut Vec<Found>) -> Option<Self> {
        let (order, format): (&[Column], _) = match shape {
            Shape::Partner => (&[Column::Manufacturer, Column::Model, Column::SerialNumber], "corporate identifiers"),
            Shape::Autopilot => {
                (&[Column::SerialNumber, Column::ProductId, Column::HardwareHash, Column::GroupTag], "headerless")
            }
        };
        let mut columns = Self {
            places: [None; Column::ALL.len()],
            names: Column::ALL.map(|column| column.label().to_owned()),
            keys: Vec::new(),
            has_digits: false,
            width: order.len(),
            padded_width: order.len(),
            format,
        };
        for (place, column) in order.iter().enumerate() {
            columns.places[*column as usize] = Some(place);
        }
        let labels: Vec<&str> = order.iter().map(|column| column.label()).collect();
        columns.suit(rules.audience, 1, &labels, found).then_some(columns)
    }

    fn suit(&self, audience: Audience, line: u32, cells: &[&str], found: &mut Vec<Found>) -> bool {
        let has = |column: Column| self.places[column as usize].is_some();
        let triple = has(Column::Manufacturer) && has(Column::Model) && has(Column::SerialNumber);
        if aliases::is_export(&self.keys) && !has(Column::HardwareHash) {
            let sentence = format!(
                "This is an export of registered devices, not a registration file. Send a file with the heading {}.",
                heading_for(audience)
            );
            found.push(Found::file(FindingCode::HeaderIsExport, sentence).on(line));
            return false;
        }
        let suits = match audience {
            Audience::Partner => has(Column::HardwareHash) || has(Column::ProductId) || triple,
            Audience::Customer => has(Column::HardwareHash),
            Audience::Supplier => triple,
        };
        if suits {
            return true;
        }
        if audience == Audience::Customer && self.places.iter().any(Option::is_some) {
            found.push(Found::file(FindingCode::HashColumnMissing, HASH_COLUMN_MISSING.to_owned()).on(line));
            return false;
        }
        let listed = shorten(&cells.join(","), 200);
        let sentence = match self.places.iter().any(Option::is_some) {
            true => format!(
                "The columns do not suffice to name a device. Found: {listed}; needed: {}.",
                needed_by(audience)
            ),
            false => format!("None of the columns names a device. Found: {listed}; needed: {}.", needed_by(audience)),
        };
        found.push(Found::file(FindingCode::HeaderUnknown, sentence).on(line));
        false
    }

    /// Whether the file has no heading.
    pub(super) fn is_shape(&self) -> bool {
        self.keys.is_empty()
    }

    /// Where a column stands.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }

    /// What a column is called in the file.
    pub(super) fn name(&self, column: Column) -> &str {
        &self.names[column as usize]
    }

    /// What the column at a place is called: its heading, or its number.
    pub(super) fn name_at(&self, place: usize) -> String {
        match self.places.iter().position(|known| *known == Some(place)) {
            Some(known) => self.names[known].clone(),
            None => format!("column {}", place + 1),
        }
    }

    /// Whether a record is a heading: this one again, or another.
    pub(super) fn is_heading(&self, record: &Record<'_>) -> bool {
        // Most rows hold a digit somewhere, and few headings do.
        let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        if record.cells().any(|cell| cell.len() > 60 || has_digit(cell) && !self.has_digits) {
            return false;
        }
        let keys: Vec<String> = record.cells().map(aliases::key).collect();
        let known = keys.iter().filter(|key| aliases::column_of(key).is_some()).count();
        let enough = if self.width == 1 { known == 1 } else { known > 1 };
        enough && keys.iter().all(|key| key.is_empty() || aliases::column_of(key).is_some() || self.keys.contains(key))
    }

    /// Whether it says the same as this one.
    pub(super) fn repeats(&self, record: &Record<'_>) -> bool {
        let cells: Vec<String> = record.cells().map(aliases::key).collect();
        Column::ALL.iter().all(|column| {
            let at = |key: &String| aliases::column_of(key).is_some_and(|alias| alias.0 == *column);
            self.place(*column) == cells.iter().position(at)
        })
    }
}

fn unused(line: u32, place: usize, twice: Option<usize>, name: String) -> Found {
    match twice {
        Some(first) => {
            let sentence = format!("\"{name}\" occurs in columns {} and {}.", first + 1, place + 1);
            Found::file(FindingCode::HeaderDuplicate, sentence).on(line).at(&name, None)
        }
        None if name.is_empty() => {
            let sentence = format!("Column {} has no heading and is not used.", place + 1);
            Found::note(FindingCode::ColumnIgnored, sentence).on(line)
        }
        None => {
            let sentence = format!("Column \"{name}\" is not used.");
            Found::note(FindingCode::ColumnIgnored, sentence).on(line).at(&name, None)
        }
    }
}

const HASH_COLUMN_MISSING: &str = "A customer's file needs the Hardware Hash column. Ways to obtain it: the Autopilot \
     file of the devices' maker, PowerShell on the device (Get-WindowsAutopilotInfo), a flash drive during setup, or a \
     Configuration Manager report. Partners may register without hashes.";

/// The heading that whoever sends the file should use.
pub(super) fn heading_for(audience: Audience) -> &'static str {
    match audience {
        Audience::Partner | Audience::Supplier => PARTNER_HEADING,
        Audience::Customer => CUSTOMER_HEADING,
    }
}

fn needed_by(audience: Audience) -> String {
    match audience {
        Audience::Partner => "Hardware Hash, or Windows Product ID, or Manufacturer,Model,Serial Number".to_owned(),
        Audience::Customer => format!("{CUSTOMER_HEADING}, of which Hardware Hash suffices"),
        Audience::Supplier => PARTNER_HEADING.to_owned(),
    }
}

/// What to say of a first row that is no heading.
pub(super) fn no_heading(record: &Record<'_>, audience: Audience) -> Found {
    let cells: Vec<&str> = record.cells().map(trimmed).collect();
    let keys: Vec<String> = cells.iter().map(|cell| aliases::key(cell)).collect();
    if aliases::is_export(&keys) {
        let sentence = format!(
            "This is an export of registered devices, not a registration file. Send a file with the heading {}.",
            heading_for(audience)
        );
        return Found::file(FindingCode::HeaderIsExport, sentence).on(record.line);
    }
    let is_value = |cell: &&str| cell.len() > 60 || cell.bytes().any(|byte| byte.is_ascii_digit());
    if cells.iter().any(is_value) {
        let sentence = match audience {
            Audience::Partner => format!(
                "There is no header row. Add one of these: {PARTNER_HEADING} or {}.",
                FileFormat::Autopilot.heading()
            ),
            _ => format!("There is no header row. Add this one: {}.", heading_for(audience)),
        };
        return Found::file(FindingCode::HeaderMissing, sentence).on(record.line);
    }
    let sentence = format!(
        "None of the columns names a device. Found: {}; needed: {}.",
        shorten(&cells.join(","), 200),
        needed_by(audience)
    );
    Found::file(FindingCode::HeaderUnknown, sentence).on(record.line)
}
