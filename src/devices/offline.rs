//! Files read by a command, without the service: nothing is staged.

use std::fs::File;
use std::io;
use std::path::Path;

use super::intake;
use super::jobs::manifest_rules;
use super::model::{
    CheckedRow, FileRefused, FileToCheck, Finding, FindingCode, Report, Rules, SHOWN_FINDINGS, Severity, Sink,
};
use super::store::{self, NewEntry};
use crate::audit::{self, Actor, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Db, Isolation};
use crate::platform::error::{Failure, Outcome, Sure};

/// Entries of one transaction.
const AT_ONCE: usize = 5_000;

#[derive(Default)]
struct Errors(Vec<Finding>);

impl Sink for Errors {
    fn row(&mut self, _: CheckedRow) -> io::Result<()> {
        Ok(())
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        let counts = finding.severity == Severity::Error && finding.code != FindingCode::DupInFile;
        if counts && self.0.len() < SHOWN_FINDINGS {
            self.0.push(finding);
        }
        Ok(())
    }
}

struct Entries<'d> {
    db: &'d Db,
    entries: std::collections::BTreeMap<(String, String), NewEntry>,
}

impl Entries<'_> {
    fn flush(&mut self) -> io::Result<()> {
        let entries: Vec<NewEntry> = std::mem::take(&mut self.entries).into_values().collect();
        let written: Sure<()> =
            self.db.write_now(Isolation::ReadCommitted, &|tx| Ok(store::upsert_entries(tx, &entries)?));
        written.map_err(|failure| io::Error::other(failure.to_string()))
    }
}

impl Sink for Entries<'_> {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        if row.refused.is_none() {
            let entry = NewEntry::of(&row);
            self.entries.insert(entry.key(), entry);
        }
        if self.entries.len() >= AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        Ok(())
    }
}

fn read(path: &Path, rules: &Rules, sink: &mut dyn Sink) -> io::Result<Report> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    intake::check(std::iter::once(File::open(path).map(|content| FileToCheck { name, content })), rules, sink)
}

/// Loads a supplier's manifest into the device directory: the whole file is checked first. Returns how many rows it has; loading
/// it again changes nothing.
///
/// # Errors
/// [`FileRefused`] if a row cannot be an entry; then nothing is loaded. The file's or the database's as the outer error.
pub fn load_manifest(
    db: &Db,
    actor: &dyn Actor,
    (path, max_rows): (&Path, u32),
    now: Timestamp,
) -> io::Result<Outcome<u32, FileRefused>> {
    let rules = manifest_rules(max_rows);
    let mut errors = Errors::default();
    let report = read(path, &rules, &mut errors)?;
    if !errors.0.is_empty() {
        let total = errors.0.len();
        return Ok(Err(Failure::Refused(FileRefused { findings: errors.0, total, registration: None })));
    }
    let mut entries = Entries { db, entries: std::collections::BTreeMap::new() };
    read(path, &rules, &mut entries)?;
    entries.flush()?;
    let devices = usize::try_from(report.rows).unwrap_or(usize::MAX);
    let import = super::model::ImportId::fresh().uuid();
    let recorded: Sure<()> = db.write_now(Isolation::Serializable, &|tx| {
        Ok(audit::record(tx, actor, &Event::DirectoryLoaded { import, devices }, now)?)
    });
    recorded.map_err(|failure| io::Error::other(failure.to_string()))?;
    Ok(Ok(report.rows))
}
