//! Files of devices as they are written: templates, cleaned files, files of results.

use std::borrow::Cow;
use std::io::{self, Write};

use super::super::model::new_files::{
    Audience, CUSTOMER_HEADING, CheckedRow, DeviceValues, FileFormat, PARTNER_HEADING, SAMPLE_VALUES,
};

/// The heading of files of results: such a file can be fixed and uploaded again.
pub const RESULTS_HEADING: &str = "Manufacturer,Model,Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User,\
                                   File,Line,Status,Error,Code,Advice";

impl FileFormat {
    /// The heading of the format, exactly.
    pub const fn heading(self) -> &'static str {
        match self {
            FileFormat::Partner => PARTNER_HEADING,
            FileFormat::Customer => CUSTOMER_HEADING,
            FileFormat::Autopilot => "Device Serial Number,Windows Product ID,Hardware Hash",
            FileFormat::Intune => "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User",
            FileFormat::PartnerCenter => {
                "Device Serial Number,Windows Product ID,Hardware Hash,Manufacturer name,Device model"
            }
        }
    }

    /// Whether the format has the columns by which this row names its device.
    pub fn holds(self, row: &CheckedRow) -> bool {
        let has_hash = row.hash.is_some();
        let DeviceValues { manufacturer, model, serial_number, product_id, .. } = row.device();
        let has_triple = !manufacturer.is_empty() && !model.is_empty() && !serial_number.is_empty();
        match self {
            FileFormat::Partner => has_triple,
            FileFormat::Customer => has_hash,
            FileFormat::Autopilot | FileFormat::Intune => has_hash || !product_id.is_empty(),
            FileFormat::PartnerCenter => has_hash || has_triple || !product_id.is_empty(),
        }
    }

    /// The cells of a row under the format's heading: the device as its hash says, else as written.
    pub fn of(self, row: CheckedRow) -> Vec<String> {
        let DeviceValues { manufacturer, model, serial_number, product_id, group_tag, assigned_user } = row.device();
        let hash = row.hash.map(|hash| hash.text).unwrap_or_default();
        match self {
            FileFormat::Partner => vec![manufacturer, model, serial_number],
            FileFormat::Customer => vec![manufacturer, model, serial_number, hash],
            FileFormat::Autopilot => vec![serial_number, product_id, hash],
            FileFormat::Intune => vec![serial_number, product_id, hash, group_tag, assigned_user],
            FileFormat::PartnerCenter => vec![serial_number, product_id, hash, manufacturer, model],
        }
    }
}

/// What became of a row, for the file of results.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome<'o> {
    /// The name of its file.
    pub file: &'o str,
    /// Where it stands, in words.
    pub status: &'o str,
    /// The error's name, if there is one.
    pub error: &'o str,
    /// The code of the finding, if there is one.
    pub code: &'o str,
    /// What to do about it.
    pub advice: &'o str,
}

/// Writes a file of devices: UTF-8 without a mark, lines ended by CR and LF, quotes where they are needed.
#[derive(Debug)]
pub struct FileWriter<W> {
    out: W,
}

impl<W: Write> FileWriter<W> {
    /// Begins with the heading, as it is.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn begin(mut out: W, heading: &str) -> io::Result<Self> {
        out.write_all(heading.as_bytes())?;
        out.write_all(b"\r\n")?;
        Ok(Self { out })
    }

    /// Writes a row, each value such that the reader gives it back.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn row<T: AsRef<str>>(&mut self, values: impl IntoIterator<Item = T>) -> io::Result<()> {
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.out.write_all(b",")?;
            }
            self.out.write_all(cell(value.as_ref()).as_bytes())?;
        }
        self.out.write_all(b"\r\n")
    }

    /// Writes a row of the file of results: what was written, and what became of it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn result(&mut self, row: &CheckedRow, outcome: &Outcome<'_>) -> io::Result<()> {
        let DeviceValues { manufacturer, model, serial_number, product_id, group_tag, assigned_user } = &row.written;
        let hash = row.hash.as_ref().map_or("", |hash| hash.text.as_str());
        let Outcome { file, status, error, code, advice } = *outcome;
        let line = row.line.to_string();
        let values = [manufacturer, model, serial_number, product_id, hash, group_tag, assigned_user];
        self.row(values.into_iter().chain([file, &line, status, error, code, advice]))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn end(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A value as a cell: guarded against spreadsheets that would take it for a formula, and quoted if it must be.
pub fn cell(value: &str) -> Cow<'_, str> {
    let guarded = guarded(value);
    if guarded.contains([',', '"', '\r', '\n']) {
        return Cow::Owned(format!("\"{}\"", guarded.replace('"', "\"\"")));
    }
    guarded
}

/// An apostrophe before what a spreadsheet would take for a formula.
pub(super) fn guarded(value: &str) -> Cow<'_, str> {
    if is_formula(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// Removes the one apostrophe that [`cell`] puts before a formula.
pub(super) fn unguarded(value: &str) -> &str {
    match value.strip_prefix('\'') {
        Some(rest) if is_formula(value) => rest,
        _ => value,
    }
}

fn is_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A file to fill in: the heading, and one sample row, which is to be replaced.
pub fn template(audience: Audience) -> String {
    let (heading, samples) = match audience {
        Audience::Partner | Audience::Supplier => (PARTNER_HEADING, &SAMPLE_VALUES[..3]),
        Audience::Customer => (CUSTOMER_HEADING, SAMPLE_VALUES),
    };
    format!("{heading}\r\n{}\r\n", samples.join(","))
}
