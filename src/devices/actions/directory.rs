//! Imports into the device directory.

use diesel::QueryResult;
use uuid::Uuid;

use super::super::jobs::LOAD_DIRECTORY;
use super::super::model::{FileRefused, FileReport, FindingCode, ImportId, SHOWN_FINDINGS, Severity};
use super::super::reception::Checked;
use super::super::store::{self, ImportView};
use super::receiving::{Arrival, IDLE_DAYS};
use crate::access::OrganisationId;
use crate::audit::{self, Actor, Event, System};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Kind, Outcome, Refusal};
use crate::platform::http::RequestIds;
use crate::platform::jobs;

/// An import into the directory, and how far it is.
#[derive(Clone, Debug)]
pub struct ImportSummary {
    /// How far it is.
    pub import: ImportView,
    /// Its files.
    pub files: Vec<FileReport>,
}

/// There is no such import.
#[derive(Debug, thiserror::Error)]
#[error("There is no manifest {0}.")]
pub struct NoImport(pub ImportId);

impl Refusal for NoImport {
    fn code(&self) -> Code {
        Code::new(910_411, "manifestUnknown", Kind::NotFound)
    }
}

/// Whether a manifest may be loaded: every row is an entry, but for those that stand in it twice.
fn is_loadable(checked: &Checked) -> bool {
    let twice = checked.report.counts.get(&FindingCode::DupInFile).copied().unwrap_or(0);
    !checked.report.refused && checked.report.refused_rows == twice
}

/// Wants a checked manifest loaded into the device directory, all of it: a row that cannot be an entry refuses it. Loading it
/// twice changes nothing.
///
/// # Errors
/// [`FileRefused`] with the first rows that cannot be an entry.
pub fn import_manifest(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    uploaded_by: OrganisationId,
    (arrival, checked): (&Arrival, &Checked),
    now: Timestamp,
) -> Outcome<ImportSummary, FileRefused> {
    let id = ImportId::from_uuid(arrival.subject());
    if !is_loadable(checked) {
        let errors = checked
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error && finding.code != FindingCode::DupInFile);
        let findings: Vec<_> = errors.take(SHOWN_FINDINGS).cloned().collect();
        let total = usize::try_from(checked.report.refused_rows).unwrap_or(usize::MAX).max(findings.len());
        return Err(FileRefused { findings, total, registration: None }.into());
    }
    store::insert_files(tx, id.uuid(), uploaded_by, &checked.files)?;
    store::insert_import(tx, (id, arrival.request()), actor.user(), checked.report.rows, now)?;
    jobs::want(tx, LOAD_DIRECTORY, id.uuid(), 1, now)?;
    let rows = usize::try_from(checked.report.rows).unwrap_or(usize::MAX);
    audit::record(tx, actor, &Event::DirectoryImported { import: id.uuid(), devices: rows }, now)?;
    let import = store::import(tx, id)?;
    summaries(tx, import.into_iter().collect())?
        .into_iter()
        .next()
        .ok_or_else(|| diesel::result::Error::NotFound.into())
}

fn summaries(read: &mut Read<'_>, imports: Vec<ImportView>) -> QueryResult<Vec<ImportSummary>> {
    let ids: Vec<Uuid> = imports.iter().map(|import| import.id.uuid()).collect();
    let mut files = store::files_of(read, &ids)?;
    let summary = |import: ImportView| {
        let own = files.extract_if(.., |(subject, _)| *subject == import.id.uuid());
        let own = own.map(|(_, file)| file).collect();
        ImportSummary { import, files: own }
    };
    Ok(imports.into_iter().map(summary).collect())
}

/// Imports, the newest first.
///
/// # Errors
/// Only the database's.
pub fn imports(read: &mut Read<'_>, after: Option<ImportId>, limit: i64) -> QueryResult<Vec<ImportSummary>> {
    let found = store::imports(read, after, limit)?;
    summaries(read, found)
}

/// One import.
///
/// # Errors
/// [`NoImport`].
pub fn manifest_import(read: &mut Read<'_>, id: ImportId) -> Outcome<ImportSummary, NoImport> {
    let found = store::import(read, id)?;
    summaries(read, found.into_iter().collect())?.into_iter().next().ok_or_else(|| NoImport(id).into())
}

/// Every row of a manifest is loaded: its copy may go.
///
/// # Errors
/// Only the database's.
pub fn finish_import(tx: &mut Tx<'_>, id: ImportId, rows: i32, now: Timestamp) -> QueryResult<()> {
    store::set_loaded(tx, id, (rows, "loaded"), Some(now))?;
    store::remove_after(tx, id.uuid(), Some(now.after(days(IDLE_DAYS))))?;
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let devices = usize::try_from(rows).unwrap_or(0);
    audit::record(tx, &actor, &Event::DirectoryLoaded { import: id.uuid(), devices }, now)
}
