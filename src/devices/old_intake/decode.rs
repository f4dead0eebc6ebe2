//! Bytes become text: encodings, delimiters, lines.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::super::model::{FileRefused, Finding, FindingCode, PARTNER_HEADING};
use super::{note, refuse};

/// Bytes of a line at most: an unclosed quote or a run of delimiters must not become one record of a whole file.
const MAX_LINE: usize = 64 * 1024;

/// The file as text: by its mark, by its zero bytes, else UTF-8, else Windows-1252 with a note.
pub(super) fn decode(bytes: &[u8], findings: &mut Vec<Finding>) -> Result<String, FileRefused> {
    if bytes.starts_with(b"PK") {
        let sentence = format!(
            "This is an Excel workbook, not a CSV. Use a text editor and the template with the heading \
             {PARTNER_HEADING}, or save it as \"CSV UTF-8\"."
        );
        return Err(refuse(FindingCode::FileNotCsv, None, sentence));
    }
    if bytes.starts_with(b"%PDF") {
        let sentence = "This is a PDF, not a CSV. Send the file you were given as CSV.".to_owned();
        return Err(refuse(FindingCode::FileNotCsv, None, sentence));
    }
    let (encoding, mark) = encoding_of(bytes);
    let (text, failed) = encoding.decode_without_bom_handling(&bytes[mark..]);
    if failed {
        let line = text.split('\u{FFFD}').next().unwrap_or_default().lines().count().max(1);
        let sentence = format!("Line {line} cannot be read as text ({}).", encoding.name());
        return Err(refuse(FindingCode::FileEncoding, u32::try_from(line).ok(), sentence));
    }
    if text.contains('\0') {
        let sentence = "The file holds zero bytes, so it is not a CSV.".to_owned();
        return Err(refuse(FindingCode::FileNotCsv, None, sentence));
    }
    if encoding == WINDOWS_1252 {
        let sentence = "Read as Windows-1252; check accents. Save as UTF-8 to be sure.".to_owned();
        findings.push(note(FindingCode::FileEncoding, None, sentence));
    }
    Ok(text.into_owned())
}

/// Refuses what would become one record of a whole file.
pub(super) fn refuse_long_lines(text: &str) -> Result<(), FileRefused> {
    let mut start = 0;
    for line in text.split(['\n', '\r']) {
        if line.len() > MAX_LINE {
            let number = LineCounter::new(text, 1).line_at(start);
            let sentence = format!("Line {number} is longer than {MAX_LINE} bytes. Is a quote not closed?");
            return Err(refuse(FindingCode::FileTooLarge, Some(number), sentence));
        }
        start += line.len() as u64 + 1;
    }
    Ok(())
}

fn encoding_of(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding, mark);
    }
    // PowerShell writes a mark; other tools write UTF-16 without one, and then every other byte of a heading is zero.
    let start = &bytes[..bytes.len().min(64)];
    let zeros = |offset: usize| {
        let every_other = start.iter().skip(offset).step_by(2);
        start.len() >= 4 && every_other.clone().filter(|b| **b == 0).count() * 2 > every_other.count()
    };
    if zeros(1) {
        (UTF_16LE, 0)
    } else if zeros(0) {
        (UTF_16BE, 0)
    } else if std::str::from_utf8(bytes).is_ok() {
        (UTF_8, 0)
    } else {
        (WINDOWS_1252, 0)
    }
}

/// A first line `sep=;`, as spreadsheets write it: the text after it, how many lines it took, the delimiter it names.
pub(super) fn separator_line(text: &str) -> (&str, u32, Option<u8>) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().to_ascii_lowercase().strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) if matches!(delimiter, b',' | b';') => (rest, 1, Some(*delimiter)),
        _ if first.trim_end_matches('\r').eq_ignore_ascii_case("sep=\t") => (rest, 1, Some(b'\t')),
        _ => (text, 0, None),
    }
}

/// The delimiter that is most frequent in the heading.
pub(super) fn delimiter_of(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| header.bytes().filter(|b| *b == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Counts lines up to where a record begins. The CSV reader's own count is one short after `\r\n`, because it leaves the
/// `\n` to the next record.
pub(super) struct LineCounter<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}

impl<'t> LineCounter<'t> {
    /// Counts in `text`, whose first line has the number `line`.
    pub(super) fn new(text: &'t str, line: u32) -> Self {
        Self { text: text.as_bytes(), at: 0, line }
    }

    /// The number of the line on which the record at byte `start` begins. Records are asked for in order.
    pub(super) fn line_at(&mut self, start: u64) -> u32 {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => self.text.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            if self.at >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.at += 1;
            self.line = self.line.saturating_add(u32::from(ends_line));
        }
        self.line
    }
}
