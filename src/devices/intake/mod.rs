//! The intake of device files: bytes become text, text becomes records, records become rows, and whatever is wrong is said
//! with its line. Nothing is held but what finds repeats.

mod aliases;
mod decode;
pub mod hash;
mod headings;
mod records;
mod repeats;
mod rows;
pub mod samples;
mod serials;
#[cfg(test)]
mod tests;
mod write;

use std::io::{self, Read};

use self::decode::{Decoder, Impostor};
use self::headings::{Columns, beginning, heading_for, no_heading};
use self::records::{Broken, MAX_RECORD, Record, Records, trimmed};
use self::repeats::{Place, Repeat, Repeats};
use self::rows::{explains_sample, judge};
use self::serials::{Shorter, Siblings};
use super::model::{CheckedRow, FileReport, FileToCheck, Finding, Report, Rules, Sink};
use super::model::{FindingCode, Severity};
use crate::platform::text::shorten;

pub(super) use self::serials::is_sign_in_name;
pub use self::write::{FileWriter, Outcome, RESULTS_HEADING, template};

/// Files of one upload at most.
pub const MAX_FILES: u16 = 1000;

/// Checks files as one upload: `sink` gets every row and every finding, a row's findings right before it.
///
/// Each file is read once, from its start to its end or to where it is wrong. A wrong file does not keep the others from
/// being checked, so that all that is wrong is told at once; only too many rows end the check.
///
/// # Errors
/// Those of the files and of the sink. What is wrong with the files is no error but a finding.
pub fn check<R: Read>(
    files: impl Iterator<Item = io::Result<FileToCheck<R>>>,
    rules: &Rules,
    sink: &mut dyn Sink,
) -> io::Result<Report> {
    let mut check =
        Check { rules, sink, report: Report::default(), repeats: Repeats::new(), file: 0, found: Vec::new() };
    for file in files {
        let FileToCheck { name, content } = file?;
        if check.file == MAX_FILES {
            let sentence =
                format!("There are more than {MAX_FILES} files, the limit. Merge them; nothing was imported.");
            check.tell([Found::file(FindingCode::FileTooLarge, sentence)])?;
            break;
        }
        check.file += 1;
        check.report.files.push(FileReport { name, ..FileReport::default() });
        match check.file(content) {
            Ok(()) => {}
            Err(Stop::WrongFile(found)) => check.tell(found)?,
            Err(Stop::TooMany(found)) => {
                check.tell([found])?;
                break;
            }
            Err(Stop::Failed(error)) => return Err(error),
        }
    }
    Ok(check.report)
}

/// Something found, not yet told.
#[derive(Clone, Debug)]
struct Found {
    code: FindingCode,
    severity: Severity,
    /// Whether it refuses the whole upload.
    refuses: bool,
    line: Option<u32>,
    column: Option<String>,
    value: Option<String>,
    sentence: String,
}

impl Found {
    /// Refuses everything.
    fn file(code: FindingCode, sentence: String) -> Self {
        Self { refuses: true, ..Self::row(code, sentence) }
    }

    /// Refuses a row.
    fn row(code: FindingCode, sentence: String) -> Self {
        let severity = Severity::Error;
        Self { code, severity, refuses: false, line: None, column: None, value: None, sentence }
    }

    /// Refuses nothing.
    fn note(code: FindingCode, sentence: String) -> Self {
        Self { severity: Severity::Warning, ..Self::row(code, sentence) }
    }

    fn on(self, line: u32) -> Self {
        Self { line: Some(line), ..self }
    }

    fn at(self, column: &str, value: Option<String>) -> Self {
        Self { column: Some(column.to_owned()), value, ..self }
    }

    fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Why a file is not read on.
enum Stop {
    /// Nothing of it can be used.
    WrongFile(Vec<Found>),
    /// There are more rows than may be, of all files together.
    TooMany(Found),
    /// The input or the sink failed.
    Failed(io::Error),
}

impl Stop {
    fn wrong(found: Found) -> Self {
        Stop::WrongFile(vec![found])
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Failed(error)
    }
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Input(error) => Stop::Failed(error),
            Broken::Undecodable { line, encoding } => {
                let sentence = format!("Line {line} cannot be read as text ({encoding}).");
                Stop::wrong(Found::file(FindingCode::FileEncoding, sentence).on(line))
            }
            Broken::ZeroByte { line } => {
                let sentence = format!("Line {line} holds a zero byte, so this is not a CSV.");
                Stop::wrong(Found::file(FindingCode::FileNotCsv, sentence).on(line))
            }
            Broken::TooLong { line } => {
                let sentence = format!("Line {line} is longer than {MAX_RECORD} bytes. Is a quote not closed?");
                Stop::wrong(Found::file(FindingCode::FileTooLarge, sentence).on(line))
            }
        }
    }
}

/// A check under way.
struct Check<'c> {
    rules: &'c Rules,
    sink: &'c mut dyn Sink,
    report: Report,
    repeats: Repeats,
    file: u16,
    /// What was found in the row at hand.
    found: Vec<Found>,
}

impl Check<'_> {
    fn tell(&mut self, all: impl IntoIterator<Item = Found>) -> io::Result<()> {
        // A sentence may name what was sent, and a terminal obeys the control characters it is shown.
        let shown = |text: String| match text.contains(char::is_control) {
            true => text.replace(char::is_control, "\u{FFFD}"),
            false => text,
        };
        for Found { code, severity, refuses, line, column, value, sentence } in all {
            let (sentence, column, value) = (shown(sentence), column.map(shown), value.map(shown));
            *self.report.counts.entry(code).or_default() += 1;
            self.report.refused |= refuses;
            let remedy = code.remedy().to_owned();
            self.sink.finding(Finding { code, severity, file: self.file, line, column, value, sentence, remedy })?;
        }
        Ok(())
    }

    fn of_file(&mut self) -> Option<&mut FileReport> {
        self.report.files.last_mut()
    }

    fn file<R: Read>(&mut self, content: R) -> Result<(), Stop> {
        let decoder = Decoder::open(content)?;
        if let Some(impostor) = decoder.impostor() {
            return Err(Stop::wrong(not_csv(impostor, heading_for(self.rules.audience))));
        }
        let mut records = Records::open(decoder)?;
        let read = self.rows(&mut records);
        let encoding = records.decoder().encoding().to_owned();
        let (blank, is_guessed) = (records.blank_lines(), records.decoder().is_guessed());
        if let Some(report) = self.of_file() {
            report.encoding = encoding;
            report.skipped = report.skipped.saturating_add(blank);
        }
        if is_guessed {
            let sentence = "Read as Windows-1252; check accents.".to_owned();
            self.tell([Found::note(FindingCode::FileEncoding, sentence)])?;
        }
        read
    }

    fn rows<R: Read>(&mut self, records: &mut Records<R>) -> Result<(), Stop> {
        let Some(mut columns) = self.columns(records)? else { return Ok(()) };
        let mut siblings = Siblings::default();
        let rows_before = self.report.rows;
        let mut explains = false;
        while let Some(record) = records.next()? {
            if explains || record.is_blank() {
                self.skip();
                continue;
            }
            if columns.is_heading(&record) {
                self.skip();
                columns = self.heading_again(columns, &record)?;
                continue;
            }
            if self.report.rows >= self.rules.max_rows {
                return Err(Stop::TooMany(too_many(record.line, self.rules.max_rows, self.file)));
            }
            explains = record.cells().any(|cell| explains_sample(trimmed(cell)));
            self.row(&record, &columns, &mut siblings)?;
        }
        self.tell(shorter_serials(siblings, columns.name(aliases::Column::SerialNumber)))?;
        if self.report.rows == rows_before {
            return Err(Stop::wrong(Found::file(
                FindingCode::FileEmpty,
                "The file has a header but no devices.".to_owned(),
            )));
        }
        Ok(())
    }

    fn skip(&mut self) {
        if let Some(report) = self.of_file() {
            report.skipped = report.skipped.saturating_add(1);
        }
    }

    /// Finds the heading, and leaves the records at the first row.
    fn columns<R: Read>(&mut self, records: &mut Records<R>) -> Result<Option<Columns>, Stop> {
        let start = beginning(records.start());
        records.begin(start.offset, start.line, start.delimiter);
        let rules = self.rules;
        if let Some(report) = self.of_file() {
            report.delimiter = char::from(start.delimiter).to_string();
        }
        let mut found = Vec::new();
        let headless = rules.headerless.filter(|_| !start.is_heading);
        let columns = if let Some(shape) = headless {
            Columns::of_shape(shape, rules, &mut found)
        } else {
            let record = loop {
                match records.next()? {
                    None => {
                        let nothing = Found::file(FindingCode::FileEmpty, "The file holds nothing.".to_owned());
                        return Err(Stop::wrong(nothing));
                    }
                    Some(record) if record.is_blank() => {}
                    Some(record) => break record,
                }
            };
            if !start.is_heading {
                return Err(Stop::wrong(no_heading(&record, rules.audience)));
            }
            if start.above > 0 {
                let sentence = format!("What stands above the heading in line {} is not used.", record.line);
                found.push(Found::note(FindingCode::ColumnIgnored, sentence).on(record.line));
            }
            Columns::of_heading(&record, rules, start.above > 0, &mut found)
        };
        let Some(columns) = columns else { return Err(Stop::WrongFile(found)) };
        if let Some(report) = self.of_file() {
            report.format = columns.format.to_owned();
            report.skipped = report.skipped.saturating_add(start.line - 1);
        }
        self.tell(found)?;
        Ok(Some(columns))
    }

    /// The heading once more, as merges leave it; what follows may have other columns.
    fn heading_again(&mut self, columns: Columns, record: &Record<'_>) -> Result<Columns, Stop> {
        let line = record.line;
        if columns.repeats(record) {
            let sentence = format!("Line {line} repeats the header; skipped.");
            self.tell([Found::note(FindingCode::RowRepeatedHeader, sentence).on(line)])?;
            return Ok(columns);
        }
        let sentence = format!("Line {line} is another header; the rows below are read by it.");
        let mut found = vec![Found::note(FindingCode::RowRepeatedHeader, sentence).on(line)];
        match Columns::of_heading(record, self.rules, false, &mut found) {
            Some(mut other) => {
                self.tell(found)?;
                other.format = columns.format;
                Ok(other)
            }
            None => Err(Stop::WrongFile(found)),
        }
    }

    fn row(&mut self, record: &Record<'_>, columns: &Columns, siblings: &mut Siblings) -> io::Result<()> {
        let mut found = std::mem::take(&mut self.found);
        let mut row = judge(record, columns, self.rules, &mut found);
        if row.refused.is_none() {
            self.find_repeats(&mut row, columns, &mut found);
        }
        if row.refused.is_none() && row.proven().is_none() {
            siblings.add(row.line, &row.written.serial_number);
        }
        self.report.rows += 1;
        self.report.refused_rows += u32::from(row.refused.is_some());
        row.position = self.report.rows;
        row.file = self.file;
        if let Some(report) = self.of_file() {
            report.rows += 1;
        }
        self.tell(found.drain(..))?;
        self.found = found;
        self.sink.row(row)
    }

    /// The same device is registered once; a difference only in capitals is left to the match, with a warning.
    fn find_repeats(&mut self, row: &mut CheckedRow, columns: &Columns, found: &mut Vec<Found>) {
        let (line, proven) = (row.line, row.proven());
        let at = Place { line, file: self.file, by_hash: proven.is_some() };
        let (maker, serial) = match proven {
            Some(proven) => (&proven.manufacturer, &proven.serial_number),
            None => (&row.written.manufacturer, &row.written.serial_number),
        };
        let mut repeat = None;
        if !maker.is_empty() && !serial.is_empty() {
            repeat = self.repeats.see(maker, serial, at);
        }
        if !matches!(repeat, Some(Repeat::Device(_))) && !row.written.product_id.is_empty() {
            repeat = self.repeats.see_product_id(&row.written.product_id, at).or(repeat);
        }
        let (first, code, column, value) = match repeat {
            None => return,
            Some(Repeat::Device(first)) => {
                (first, FindingCode::DupInFile, aliases::Column::SerialNumber, rows::shown(serial))
            }
            Some(Repeat::Case(first)) => {
                (first, FindingCode::DupCase, aliases::Column::SerialNumber, rows::shown(serial))
            }
            Some(Repeat::ProductId(first)) => {
                (first, FindingCode::DupInFile, aliases::Column::ProductId, rows::shown(&row.written.product_id))
            }
        };
        let lines = self.lines(first, line);
        let again = match (repeat, first.by_hash && at.by_hash) {
            (Some(Repeat::Case(_)), _) => {
                let sentence = format!(
                    "{lines} differ only in capitals: only the one that equals the firmware's text will match."
                );
                Found::note(code, sentence)
            }
            (_, true) => Found::row(code, format!("{lines} are the same device (captured twice).")),
            (Some(Repeat::ProductId(_)), _) => {
                Found::row(code, format!("{lines} are the same device: both have the product id {value}."))
            }
            _ => Found::row(code, format!("{lines} are the same device; it is registered once.")),
        };
        if again.is_error() {
            row.refused = Some(code);
        }
        found.push(again.on(line).at(columns.name(column), Some(value)));
    }

    /// `Lines 2 and 7`, or the lines with their files.
    fn lines(&self, first: Place, line: u32) -> String {
        if first.file == self.file {
            return format!("Lines {} and {line}", first.line);
        }
        let name = |file: u16| {
            let report = self.report.files.get(usize::from(file).saturating_sub(1));
            shorten(report.map_or("", |report| report.name.as_str()), 80)
        };
        format!("Line {} of {} and line {line} of {}", first.line, name(first.file), name(self.file))
    }
}

fn not_csv(impostor: Impostor, heading: &str) -> Found {
    let sentence = match impostor {
        Impostor::Workbook => format!(
            "This is an Excel workbook, not a CSV. Save it as \"CSV UTF-8\" – or better, send the file you were given, or \
             use a text editor and the template with the heading {heading}."
        ),
        Impostor::Pdf => format!("This is a PDF, not a CSV. Send a text file with the heading {heading}."),
        Impostor::Compressed => {
            format!("This is a compressed file, not a CSV. Unpack it first; the heading is {heading}.")
        }
    };
    Found::file(FindingCode::FileNotCsv, sentence)
}

fn too_many(line: u32, limit: u32, file: u16) -> Found {
    let sentence = match file {
        1 => format!("The file has more than {limit} rows, the limit. Split it; nothing was imported."),
        _ => format!("The files have more than {limit} rows together, the limit. Split them; nothing was imported."),
    };
    Found::file(FindingCode::FileTooLarge, sentence).on(line)
}

/// Serial numbers of digits that are shorter than most of their file.
fn shorter_serials(siblings: Siblings, column: &str) -> Vec<Found> {
    let Some(Shorter { usual, kept, more }) = siblings.shorter() else { return Vec::new() };
    let mut found: Vec<Found> = kept
        .into_iter()
        .map(|(line, serial)| {
            let sentence = format!(
                "Line {line}: leading zeros may be lost (\"{serial}\" has {} digits, most serials of the file {usual}).",
                serial.len()
            );
            Found::note(FindingCode::SerialLeadingZero, sentence).on(line).at(column, Some(serial))
        })
        .collect();
    if more > 0 {
        let sentence =
            format!("Leading zeros may be lost in {more} more serials, which have fewer than {usual} digits.");
        found.push(Found::note(FindingCode::SerialLeadingZero, sentence));
    }
    found
}
