//! Text becomes records, bounded, each with the number of its line.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::decode::{Decoder, NoText};

/// Bytes of a record at most: an unclosed quote or a run of delimiters must not become one record of a whole file.
pub(super) const MAX_RECORD: usize = 64 * 1024;
/// Cells of a record that are kept; one more than a heading may have, so that a longer one shows.
const KEPT_CELLS: usize = super::headings::MAX_COLUMNS + 1;
/// Places for the ends of cells: those beyond the kept ones are only counted.
const ENDS: usize = KEPT_CELLS + 64;

/// Why there are no more records.
#[derive(Debug)]
pub(super) enum Broken {
    /// The bytes could not be had.
    Input(io::Error),
    /// From this line on it is no text of the encoding.
    Undecodable { line: u32, encoding: &'static str },
    /// There is a zero byte on this line.
    ZeroByte { line: u32 },
    /// The record that begins on this line does not end in time.
    TooLong { line: u32 },
}

/// A record.
pub(super) struct Record<'r> {
    /// The line on which it begins, counted from 1.
    pub line: u32,
    /// The line on which it ends.
    pub last_line: u32,
    /// Its cells; those beyond the kept ones count, too.
    pub count: usize,
    /// Whether the file ended within a quote.
    pub unclosed: bool,
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Record<'r> {
    /// The cell at a place, as it stands there; empty if there is none.
    pub(super) fn raw(&self, place: usize) -> &'r str {
        let start = match place {
            0 => 0,
            _ => self.ends.get(place - 1).copied().unwrap_or(usize::MAX),
        };
        let end = self.ends.get(place).copied().unwrap_or(0);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The kept cells as they stand there.
    pub(super) fn cells(&self) -> impl Iterator<Item = &'r str> {
        (0..self.ends.len()).map(|place| self.raw(place))
    }

    /// Whether it says nothing: delimiters and blanks only.
    pub(super) fn is_blank(&self) -> bool {
        self.text.bytes().all(|byte| byte == b' ' || byte == b'\t') || trimmed(self.text).is_empty()
    }
}

/// A value without the blanks around it, and without the mark that a merge leaves in the middle of a file.
pub(super) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] => cell,
        [first, .., last] | [first @ last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}'),
    }
}

/// Reads records.
pub(super) struct Records<R> {
    decoder: Decoder<R>,
    text: Box<[u8]>,
    at: usize,
    end: usize,
    reader: csv_core::Reader,
    /// The line on which `at` is.
    line: u32,
    after_carriage_return: bool,
    blank_lines: u32,
    cells: Box<[u8]>,
    ends: Box<[usize; ENDS]>,
}

impl<R: Read> Records<R> {
    pub(super) fn open(decoder: Decoder<R>) -> Result<Self, Broken> {
        let mut records = Self {
            decoder,
            text: vec![0; MAX_RECORD].into_boxed_slice(),
            at: 0,
            end: 0,
            reader: csv_core::Reader::new(),
            line: 1,
            after_carriage_return: false,
            blank_lines: 0,
            cells: vec![0; MAX_RECORD + 1].into_boxed_slice(),
            ends: Box::new([0; ENDS]),
        };
        // The start is looked at before it is read. What cannot be read is told when its turn comes.
        while records.end + 16 < records.text.len() {
            match records.decoder.read(&mut records.text[records.end..]) {
                Ok(0) => break,
                Ok(count) => records.end += count,
                Err(no_text) if records.end == 0 => return Err(records.broken(no_text)),
                Err(no_text) => {
                    records.decoder.put_back(no_text);
                    break;
                }
            }
        }
        Ok(records)
    }

    /// The start of the text.
    pub(super) fn start(&self) -> &str {
        std::str::from_utf8(&self.text[..self.end]).unwrap_or_default()
    }

    /// The decoder, for what it found out.
    pub(super) fn decoder(&self) -> &Decoder<R> {
        &self.decoder
    }

    /// Blank lines so far.
    pub(super) fn blank_lines(&self) -> u32 {
        self.blank_lines
    }

    /// Begins with the byte of the start at `offset`, which stands on `line`.
    pub(super) fn begin(&mut self, offset: usize, line: u32, delimiter: u8) {
        self.at = offset.min(self.end);
        self.line = line;
        self.reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    }

    fn broken(&self, no_text: NoText) -> Broken {
        match no_text {
            NoText::Input(error) => Broken::Input(error),
            NoText::Undecodable(encoding) => Broken::Undecodable { line: self.line, encoding },
            NoText::ZeroByte => Broken::ZeroByte { line: self.line },
        }
    }

    /// Whether there is more text.
    fn has_more(&mut self) -> Result<bool, Broken> {
        if self.at == self.end {
            self.at = 0;
            self.end = 0;
            self.end = self.decoder.read(&mut self.text).map_err(|no_text| self.broken(no_text))?;
        }
        Ok(self.at < self.end)
    }

    fn skip_line_ends(&mut self) -> Result<(), Broken> {
        while self.has_more()? {
            match self.text[self.at] {
                b'\n' if self.after_carriage_return => self.after_carriage_return = false,
                byte @ (b'\r' | b'\n') => {
                    self.after_carriage_return = byte == b'\r';
                    self.line = self.line.saturating_add(1);
                    self.blank_lines = self.blank_lines.saturating_add(1);
                }
                _ => break,
            }
            self.at += 1;
        }
        self.after_carriage_return = false;
        Ok(())
    }

    /// The next record that is not a blank line.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        self.skip_line_ends()?;
        let line = self.line;
        let (mut used, mut written, mut count, mut kept, mut quotes) = (0, 0, 0, 0, 0_usize);
        let at_end = loop {
            let more = self.has_more()?;
            let input = &self.text[self.at..self.end.min(self.at + MAX_RECORD + 1 - used)];
            // The ends of cells beyond the kept ones are written one over the other.
            let places = &mut self.ends[kept..];
            let (result, read, output, ends) = self.reader.read_record(input, &mut self.cells[written..], places);
            let input = &input[..read];
            for place in memchr::memchr3_iter(b'\r', b'\n', b'"', input) {
                let follows = place.checked_sub(1).map_or(self.after_carriage_return, |last| input[last] == b'\r');
                match input[place] {
                    b'"' => quotes += 1,
                    b'\n' if follows => {}
                    _ => self.line = self.line.saturating_add(1),
                }
            }
            if let Some(last) = input.last() {
                self.after_carriage_return = *last == b'\r';
            }
            self.at += read;
            used += read;
            written += output;
            count += ends;
            kept = (kept + ends).min(KEPT_CELLS);
            match result {
                ReadRecordResult::Record => break !more,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::InputEmpty if used <= MAX_RECORD => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::OutputFull => return Err(Broken::TooLong { line }),
            }
        };
        let last_line = if at_end { self.line } else { self.line.saturating_sub(1).max(line) };
        Ok(Some(Record {
            line,
            last_line,
            count,
            unclosed: at_end && last_line > line && quotes % 2 == 1,
            text: std::str::from_utf8(&self.cells[..written]).unwrap_or_default(),
            ends: &self.ends[..kept],
        }))
    }
}
