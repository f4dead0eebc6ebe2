//! Device files: bytes become text, text becomes rows, and whatever is wrong is said with its line.

mod decode;

use std::collections::HashMap;

use csv::StringRecord;

use decode::{LineCounter, decode, delimiter_of, refuse_long_lines, separator_line};

use super::model::{
    CheckedFile, CheckedRow, DeviceRow, FileRefused, Finding, FindingCode, PARTNER_HEADING, SAMPLE_VALUES, Severity,
};
use crate::platform::text::{folded, shorten};

/// Cells of a record at most.
const MAX_COLUMNS: usize = 32;
/// Characters of a value at most: far more than firmware holds, and few enough for the indexes by which claims are found.
const MAX_VALUE: usize = 256;

/// Whose file it is: the two have different headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// `Manufacturer,Model,Serial Number`.
    Partner,
    /// The same and `Hardware Hash`.
    Customer,
}

/// Reads a device file and checks it as a whole.
///
/// # Errors
/// [`FileRefused`] if nothing of it may be registered: not text, no usable heading, over a limit, a sample cell left in.
pub fn read_file(bytes: &[u8], heading: Heading, max_rows: usize) -> Result<CheckedFile, FileRefused> {
    let mut findings = Vec::new();
    let text = decode(bytes, &mut findings)?;
    refuse_long_lines(&text)?;
    let (text, first_line, named) = separator_line(&text);
    let delimiter = named.unwrap_or_else(|| delimiter_of(text));
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = LineCounter::new(text, first_line + 1);
    let mut records = reader.records().map(|record| {
        let record = record.map_err(|error| refuse(FindingCode::FileEncoding, None, error.to_string()))?;
        let start = record.position().map_or(0, csv::Position::byte);
        Ok::<_, FileRefused>((lines.line_at(start), record))
    });
    let header = loop {
        match records.next() {
            None => return Err(refuse(FindingCode::FileEmpty, None, "The file holds nothing.".to_owned())),
            Some(record) => match record? {
                (_, record) if is_blank(&record) => {}
                (line, record) => break (line, record),
            },
        }
    };
    let columns = Columns::find(header.0, &header.1, heading, &mut findings)?;
    let mut rows: Vec<CheckedRow> = Vec::new();
    let mut samples = Vec::new();
    for record in records {
        let (line, record) = record?;
        if is_blank(&record) {
            continue;
        }
        if rows.len() == max_rows {
            let sentence = format!("The file has more than {max_rows} rows. Split it; nothing was imported.");
            return Err(refuse(FindingCode::FileTooLarge, Some(line), sentence));
        }
        samples.extend(sample_cells(line, &record, &columns));
        if let Some(row) = columns.row(line, &record, &mut findings) {
            rows.push(row);
        }
    }
    if !samples.is_empty() {
        return Err(FileRefused { findings: samples });
    }
    if rows.is_empty() {
        let sentence = "The file has a header but no devices.".to_owned();
        return Err(refuse(FindingCode::FileEmpty, None, sentence));
    }
    find_repeats(&mut rows, &mut findings);
    findings.sort_by_key(|finding| finding.line);
    Ok(CheckedFile { rows, findings })
}

fn refuse(code: FindingCode, line: Option<u32>, sentence: String) -> FileRefused {
    FileRefused { findings: vec![Finding { code, severity: Severity::Error, line, column: None, sentence }] }
}

fn note(code: FindingCode, line: Option<u32>, sentence: String) -> Finding {
    Finding { code, severity: Severity::Warning, line, column: None, sentence }
}

fn error(code: FindingCode, line: u32, column: Option<&'static str>, sentence: String) -> Finding {
    Finding { code, severity: Severity::Error, line: Some(line), column, sentence }
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

/// The heading a cell stands for: trimmed, without regard to capitals, blanks and underscores.
fn heading_key(cell: &str) -> String {
    cell.trim().chars().filter(|c| !c.is_whitespace() && *c != '_').flat_map(char::to_lowercase).collect()
}

/// Where the values of a device stand.
struct Columns {
    manufacturer: usize,
    model: usize,
    serial_number: usize,
    header: Vec<String>,
}

impl Columns {
    fn find(
        line: u32,
        header: &StringRecord,
        heading: Heading,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, FileRefused> {
        if header.len() > MAX_COLUMNS {
            let sentence = format!("The heading has {} columns; at most {MAX_COLUMNS} are read.", header.len());
            return Err(refuse(FindingCode::FileTooLarge, Some(line), sentence));
        }
        let keys: Vec<String> = header.iter().map(heading_key).collect();
        let place = |key: &str| keys.iter().position(|found| found == key);
        if let Some(hash) = place("hardwarehash") {
            let sentence = format!(
                "Column {} holds hardware hashes, which are not read yet. Register by {PARTNER_HEADING}.",
                hash + 1
            );
            return Err(refuse(FindingCode::HashMagic, Some(line), sentence));
        }
        if heading == Heading::Customer {
            let sentence =
                "A customer's file needs the Hardware Hash column, which is not read yet. Ask a partner with \
                            delegated administration to register the devices."
                    .to_owned();
            return Err(refuse(FindingCode::HashColumnMissing, Some(line), sentence));
        }
        let (Some(manufacturer), Some(model), Some(serial_number)) =
            (place("manufacturer"), place("model"), place("serialnumber"))
        else {
            let found: Vec<&str> = header.iter().collect();
            let sentence = format!(
                "Line {line} is not a heading this reads. Found: {}; needed: {PARTNER_HEADING}.",
                shorten(&found.join(","), 200)
            );
            return Err(refuse(FindingCode::HeaderUnknown, Some(line), sentence));
        };
        for (position, key) in keys.iter().enumerate() {
            if let Some(first) = keys[..position].iter().position(|other| other == key && !key.is_empty()) {
                let name = header.get(position).unwrap_or_default();
                let sentence = format!("\"{name}\" occurs in columns {} and {}.", first + 1, position + 1);
                return Err(refuse(FindingCode::HeaderDuplicate, Some(line), sentence));
            }
            if ![manufacturer, model, serial_number].contains(&position) {
                let name = shorten(header.get(position).unwrap_or_default(), 40);
                let sentence = format!("Column \"{name}\" is not used.");
                findings.push(note(FindingCode::ColumnIgnored, Some(line), sentence));
            }
        }
        Ok(Self { manufacturer, model, serial_number, header: keys })
    }

    fn named(&self) -> [(&'static str, usize); 3] {
        [("Manufacturer", self.manufacturer), ("Model", self.model), ("Serial Number", self.serial_number)]
    }

    /// The device in a record; nothing if the record is the heading once more.
    fn row(&self, line: u32, record: &StringRecord, findings: &mut Vec<Finding>) -> Option<CheckedRow> {
        if record.iter().map(heading_key).eq(self.header.iter().cloned()) {
            let sentence = format!("Line {line} repeats the header; skipped.");
            findings.push(note(FindingCode::RowRepeatedHeader, Some(line), sentence));
            return None;
        }
        let value = |position: usize| unescape(record.get(position).unwrap_or_default().trim()).to_owned();
        let device = DeviceRow {
            line,
            manufacturer: value(self.manufacturer),
            model: value(self.model),
            serial_number: value(self.serial_number),
        };
        let found = self.check(line, record, &device);
        let refused = found.as_ref().map(|finding| finding.code);
        findings.extend(found);
        // Of a refused row only what can be shown is kept.
        let device = match refused {
            None => device,
            Some(_) => DeviceRow {
                manufacturer: presentable(&device.manufacturer),
                model: presentable(&device.model),
                serial_number: presentable(&device.serial_number),
                ..device
            },
        };
        Some(CheckedRow { device, refused })
    }

    fn check(&self, line: u32, record: &StringRecord, device: &DeviceRow) -> Option<Finding> {
        if record.len() != self.header.len() {
            let sentence = format!(
                "Line {line} has {} values, the header {}: a value may hold the delimiter (maker \"VMware, Inc.\"?). \
                 Quote it.",
                record.len(),
                self.header.len()
            );
            return Some(error(FindingCode::RowWidth, line, None, sentence));
        }
        let values = [&device.manufacturer, &device.model, &device.serial_number];
        for ((column, _), value) in self.named().into_iter().zip(values) {
            if value.chars().any(char::is_control) || value.chars().count() > MAX_VALUE {
                let sentence = format!(
                    "Line {line}, {column}: a value is one line of at most {MAX_VALUE} characters without control characters."
                );
                return Some(error(FindingCode::CellNotText, line, Some(column), sentence));
            }
        }
        for ((column, _), value) in self.named().into_iter().zip(values) {
            if value.is_empty() {
                let sentence = format!("Line {line}: {column} is missing. A device needs {PARTNER_HEADING}.");
                return Some(error(FindingCode::TupleIncomplete, line, Some(column), sentence));
            }
        }
        check_serial(line, &device.serial_number)
    }
}

fn presentable(value: &str) -> String {
    shorten(value, MAX_VALUE).replace(char::is_control, "\u{FFFD}")
}

/// Removes the one apostrophe that our own files put before a cell which a spreadsheet would take for a formula.
fn unescape(cell: &str) -> &str {
    let bare = cell.trim_start_matches('\'');
    let guarded = bare.len() < cell.len() && bare.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if guarded { &cell[1..] } else { cell }
}

/// Texts that firmware shows when nobody wrote a serial number.
const PLACEHOLDERS: &[&str] = &[
    "to be filled by o.e.m.",
    "default string",
    "system serial number",
    "none",
    "0",
    "smbios_string_index_0",
    "not specified",
    "not applicable",
];

fn check_serial(line: u32, serial: &str) -> Option<Finding> {
    const COLUMN: Option<&str> = Some("Serial Number");
    let folded = folded(serial);
    let mut letters = serial.chars();
    let first = letters.next();
    let monotonous = serial.chars().count() > 2 && letters.all(|letter| Some(letter) == first);
    if PLACEHOLDERS.contains(&folded.as_str()) || monotonous {
        let sentence = format!("Line {line}: \"{}\" is a firmware placeholder, not a serial.", shorten(serial, 40));
        return Some(error(FindingCode::SerialPlaceholder, line, COLUMN, sentence));
    }
    if is_spreadsheet_number(&folded) {
        let sentence =
            format!("Line {line}: a spreadsheet turned the serial into {}. Re-export as text.", shorten(serial, 40));
        return Some(error(FindingCode::SerialNumberFormat, line, COLUMN, sentence));
    }
    None
}

/// `1.23e+11` or `1,23e+11`.
fn is_spreadsheet_number(folded: &str) -> bool {
    let Some((mantissa, exponent)) = folded.split_once("e+") else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent)
}

/// Cells that still hold the documentation's sample, whichever their column: one refuses the whole registration.
fn sample_cells(line: u32, record: &StringRecord, columns: &Columns) -> Vec<Finding> {
    let named = columns.named();
    let sample = |(position, value): (usize, &str)| {
        let column = named.iter().find(|(_, place)| *place == position).map(|(column, _)| *column);
        let place = column.map_or_else(|| format!("column {}", position + 1), str::to_owned);
        let sentence = format!("Line {line}, {place}: \"{value}\" is the sample from the documentation. Replace it.");
        error(FindingCode::RowSample, line, column, sentence)
    };
    let cells = record.iter().map(str::trim).enumerate();
    cells.filter(|(_, value)| SAMPLE_VALUES.contains(value)).map(sample).collect()
}

/// The same device twice is registered once; a difference only in capitals is left to the match, with a warning.
fn find_repeats(rows: &mut [CheckedRow], findings: &mut Vec<Finding>) {
    let mut exact: HashMap<(String, String), u32> = HashMap::with_capacity(rows.len());
    let mut cased: HashMap<(String, String), (u32, String)> = HashMap::with_capacity(rows.len());
    for row in rows.iter_mut().filter(|row| row.refused.is_none()) {
        let DeviceRow { line, manufacturer, serial_number, .. } = row.device.clone();
        if let Some(first) = exact.get(&(manufacturer.clone(), serial_number.clone())) {
            let sentence = format!("Lines {first} and {line} are the same device; it is registered once.");
            findings.push(error(FindingCode::DupInFile, line, Some("Serial Number"), sentence));
            row.refused = Some(FindingCode::DupInFile);
            continue;
        }
        let key = (folded(&manufacturer), folded(&serial_number));
        if let Some((first, _)) = cased.get(&key) {
            let sentence = format!(
                "Lines {first} and {line} differ only in capitals: only the one that equals the firmware's text will match."
            );
            findings.push(note(FindingCode::DupCase, Some(line), sentence));
        } else {
            cased.insert(key, (line, serial_number.clone()));
        }
        exact.insert((manufacturer, serial_number), line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 100;

    fn read(text: &str) -> Result<CheckedFile, FileRefused> {
        read_file(text.as_bytes(), Heading::Partner, LIMIT)
    }

    /// `line code` of each finding, or of each reason for a refusal.
    fn told(text: &str) -> Vec<String> {
        let findings = match read(text) {
            Ok(file) => file.findings,
            Err(refused) => refused.findings,
        };
        findings.iter().map(|f| format!("{} {}", f.line.unwrap_or(0), f.code)).collect()
    }

    fn utf_16(text: &str, mark: bool) -> Vec<u8> {
        let mark = mark.then_some([0xFF, 0xFE]);
        mark.into_iter().flatten().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    const GOOD: &str = "Manufacturer,Model,Serial Number\r\nFabrikam,Falcon 14 G2,FK2400017\r\n";

    #[test]
    fn csv_4_every_encoding_gives_the_same_rows() {
        let expected = read(GOOD).unwrap().rows;
        assert_eq!(expected.len(), 1);
        assert_eq!(expected[0].device.serial_number, "FK2400017");
        let marked = [b"\xef\xbb\xbf", GOOD.as_bytes()].concat();
        for bytes in [marked, utf_16(GOOD, true), utf_16(GOOD, false)] {
            assert_eq!(read_file(&bytes, Heading::Partner, LIMIT).unwrap().rows, expected);
        }
        assert_eq!(expected[0].device.line, 2);
        let line_ends = [GOOD.replace("\r\n", "\n"), GOOD.replace("\r\n", "\r")];
        let delimiters = [GOOD.replace(',', ";"), GOOD.replace(',', "\t")];
        for changed in line_ends.into_iter().chain(delimiters) {
            assert_eq!(read(&changed).unwrap().rows, expected, "{changed:?}");
        }
    }

    #[test]
    fn a_separator_line_names_the_delimiter_and_keeps_the_line_numbers() {
        let file = read("sep=;\r\nManufacturer;Model;Serial Number\r\nA;B, C;S1\r\n").unwrap();
        assert_eq!(file.rows[0].device.model, "B, C");
        assert_eq!(file.rows[0].device.line, 3);
    }

    #[test]
    fn line_numbers_count_blank_lines_and_line_breaks_in_quotes() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                ["Manufacturer,Model,Serial Number", "A,B,S1", "", ",,", "A,\"B", "C\",S2", "A,B,S3", ""].join(end);
            let lines: Vec<u32> = read(&text).unwrap().rows.iter().map(|row| row.device.line).collect();
            assert_eq!(lines, [2, 5, 7], "{end:?}");
        }
    }

    #[test]
    fn windows_1252_is_read_with_a_note() {
        let bytes = b"Manufacturer,Model,Serial Number\nB\xfccher,M,S1\n";
        let file = read_file(bytes, Heading::Partner, LIMIT).unwrap();
        assert_eq!(file.rows[0].device.manufacturer, "Bücher");
        assert_eq!(file.findings[0].code, FindingCode::FileEncoding);
    }

    #[test]
    fn every_finding_names_its_line() {
        let row = |row: &str| format!("Manufacturer,Model,Serial Number\n{row}\n");
        for (text, expected) in [
            (row("A,B,S1"), vec![]),
            (String::new(), vec!["0 FILE_EMPTY"]),
            (row(""), vec!["0 FILE_EMPTY"]),
            (row(",,"), vec!["0 FILE_EMPTY"]),
            ("PK\u{3}\u{4}".to_owned(), vec!["0 FILE_NOT_CSV"]),
            ("%PDF-1.7".to_owned(), vec!["0 FILE_NOT_CSV"]),
            (row("A,B,S\u{0}1"), vec!["0 FILE_NOT_CSV"]),
            ("A,B,S1\n".to_owned(), vec!["1 HEADER_UNKNOWN"]),
            ("Manufacturer,Model,Model,Serial Number\nA,B,B,S1\n".to_owned(), vec!["1 HEADER_DUPLICATE"]),
            ("Manufacturer,Model,Serial Number,Notes\nA,B,S1,x\n".to_owned(), vec!["1 COLUMN_IGNORED"]),
            ("Manufacturer,Model,Serial Number,Hardware Hash\n".to_owned(), vec!["1 HASH_COLUMN_NOT_READ"]),
            (row("VMware, Inc.,B,S1"), vec!["2 ROW_WIDTH"]),
            (row("\"VMware, Inc.\",B,S1"), vec![]),
            (row("MANUFACTURER,model,Serial_Number\nA,B,S1"), vec!["2 ROW_REPEATED_HEADER"]),
            (row("SpiralOrbit,B,S1"), vec!["2 ROW_SAMPLE"]),
            (row("A,B,S1\nA,ContosoABC,000000000000"), vec!["3 ROW_SAMPLE", "3 ROW_SAMPLE"]),
            ("Manufacturer,Model,Serial Number,Notes\nA,B,S1,SpiralOrbit\n".to_owned(), vec!["2 ROW_SAMPLE"]),
            (row(&format!("A,B,{}", "x1".repeat(129))), vec!["2 CELL_NOT_TEXT"]),
            (row(&format!("A,B,{}", "x1".repeat(40_000))), vec!["2 FILE_TOO_LARGE"]),
            (row("A,,S1"), vec!["2 TUPLE_INCOMPLETE"]),
            (row("A,B,"), vec!["2 TUPLE_INCOMPLETE"]),
            (row("A,B,To be filled by O.E.M."), vec!["2 SERIAL_PLACEHOLDER"]),
            (row("A,B,1111111"), vec!["2 SERIAL_PLACEHOLDER"]),
            (row("A,B,1.23E+11"), vec!["2 SERIAL_NUMBER_FORMAT"]),
            (row("A,B,\"1,23E+11\""), vec!["2 SERIAL_NUMBER_FORMAT"]),
            (row("A,B,S1\nA,C,S1"), vec!["3 DUP_IN_FILE"]),
            (row("A,B,S1\nA,B,s1"), vec!["3 DUP_CASE"]),
            (row("A,B,\"S\n1\""), vec!["2 CELL_NOT_TEXT"]),
        ] {
            assert_eq!(told(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn values_are_kept_exactly_but_for_blanks_around_them() {
        let file = read("Manufacturer,Model,Serial Number\n  Fabrikam , Falcon  14 - G2 ,'=FK\n").unwrap();
        let DeviceRow { manufacturer, model, serial_number, .. } = &file.rows[0].device;
        assert_eq!((manufacturer.as_str(), model.as_str()), ("Fabrikam", "Falcon  14 - G2"));
        assert_eq!(serial_number, "=FK");
        assert_eq!(unescape("''=x"), "'=x");
        assert_eq!(unescape("'x"), "'x");
    }

    #[test]
    fn a_file_over_the_limit_is_refused_whole() {
        let rows: String = (0..=LIMIT).map(|n| format!("A,B,S{n}\n")).collect();
        assert_eq!(told(&format!("Manufacturer,Model,Serial Number\n{rows}")), ["102 FILE_TOO_LARGE"]);
    }

    #[test]
    fn a_customers_file_without_hashes_is_refused() {
        let refused = read_file(GOOD.as_bytes(), Heading::Customer, LIMIT).unwrap_err();
        assert_eq!(refused.findings[0].code, FindingCode::HashColumnMissing);
    }
}
