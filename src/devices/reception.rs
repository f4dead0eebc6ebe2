//! How files come in: staged copies are read and checked on a thread of their own, while the rows before them are written.
//! Whoever reads them again, for results or for the directory, reads them the same way and gets the same rows.

use std::io;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use super::actions::{self, Arrival};
use super::intake;
use super::model::{
    CheckedRow, FileReport, FileToCheck, Finding, RegistrationId, Report, Rules, SHOWN_FINDINGS, Sink, StagedFileId,
};
use super::staging::{Staged, Staging};
use super::store::NewRow;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Db, Isolation};
use crate::platform::error::{Failure, Never, Sure};

/// Rows that are written in one transaction.
const ROWS_AT_ONCE: usize = 2_000;
/// Findings that are written in one transaction.
const FINDINGS_AT_ONCE: usize = 1_000;
/// Batches that wait for the database: few, because rows may hold hashes.
const WAITING: usize = 2;
/// Files that a process checks at a time: checking is work for a core.
const CHECKS_AT_ONCE: usize = 2;

/// Receives files.
#[derive(Clone)]
pub struct Reception {
    db: Db,
    staging: Staging,
    turns: Arc<Semaphore>,
}

/// Why files could not be received.
#[derive(Debug, thiserror::Error)]
pub enum ReceptionError {
    /// The staging folder, or a copy in it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}

impl From<Failure<Never>> for ReceptionError {
    fn from(failure: Failure<Never>) -> Self {
        match failure {
            Failure::Refused(never) => match never {},
            Failure::Database(error) => ReceptionError::Database(error),
        }
    }
}

/// A file that is staged, and its name.
#[derive(Clone, Debug)]
pub struct StagedUpload {
    /// Its name, as it was sent.
    pub name: String,
    /// Its copy.
    pub copy: Staged,
}

/// Files that were checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What was found in all.
    pub report: Report,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// The files, each with how it was read and its copy.
    pub files: Vec<(FileReport, Staged)>,
}

/// What a reading thread hands over.
#[derive(Default)]
struct Batch {
    rows: Vec<NewRow>,
    findings: Vec<Finding>,
    /// The number of the first of the findings.
    first_finding: i32,
}

struct Batches {
    /// Whose rows are kept; none if only findings are.
    registration: Option<RegistrationId>,
    batch: Batch,
    shown: Vec<Finding>,
    out: mpsc::Sender<Batch>,
}

impl Batches {
    fn flush(&mut self) -> io::Result<()> {
        let next = self.batch.first_finding + i32::try_from(self.batch.findings.len()).unwrap_or(i32::MAX);
        let batch = std::mem::replace(&mut self.batch, Batch { first_finding: next, ..Batch::default() });
        if batch.rows.is_empty() && batch.findings.is_empty() {
            return Ok(());
        }
        // Nobody takes it any more: the request was given up, or the database refused.
        self.out.blocking_send(batch).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Sink for Batches {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        let Some(registration) = self.registration else { return Ok(()) };
        self.batch.rows.push(NewRow::of(registration, &row));
        if self.batch.rows.len() >= ROWS_AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        if self.shown.len() < SHOWN_FINDINGS {
            self.shown.push(finding.clone());
        }
        self.batch.findings.push(finding);
        if self.batch.findings.len() >= FINDINGS_AT_ONCE { self.flush() } else { Ok(()) }
    }
}

struct Rows {
    rows: Vec<CheckedRow>,
    at_once: usize,
    out: mpsc::Sender<Vec<CheckedRow>>,
}

impl Rows {
    fn flush(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(self.at_once));
        self.out.blocking_send(rows).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Sink for Rows {
    fn row(&mut self, row: CheckedRow) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= self.at_once { self.flush() } else { Ok(()) }
    }

    fn finding(&mut self, _: Finding) -> io::Result<()> {
        Ok(())
    }
}

impl Reception {
    /// Over a staging folder.
    pub fn new(db: Db, staging: Staging) -> Self {
        Self { db, staging, turns: Arc::new(Semaphore::new(CHECKS_AT_ONCE)) }
    }

    /// The staging folder.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Checks staged files as a whole, and writes their rows and findings as those of `arrival`. Nobody sees them until they
    /// are submitted.
    ///
    /// # Errors
    /// [`ReceptionError`]; then nothing of it is left but what housekeeping removes.
    pub async fn receive(
        &self,
        uploads: Vec<StagedUpload>,
        rules: Rules,
        arrival: Arrival,
        now: Timestamp,
    ) -> Result<Checked, ReceptionError> {
        // The queue is never closed.
        let _turn = self.turns.acquire().await;
        let begun = arrival.clone();
        self.db.write(move |tx| -> Sure<()> { Ok(actions::begin(tx, &begun, now)?) }).await?;
        let (out, mut batches) = mpsc::channel::<Batch>(WAITING);
        let staging = self.staging.clone();
        let copies: Vec<(String, StagedFileId)> =
            uploads.iter().map(|upload| (upload.name.clone(), upload.copy.id)).collect();
        let registration = arrival.registration();
        let checking = tokio::task::spawn_blocking(move || {
            let batch = Batch { first_finding: 1, ..Batch::default() };
            let mut sink = Batches { registration, batch, shown: Vec::new(), out };
            let report = read(&staging, copies, &rules, &mut sink)?;
            sink.flush()?;
            Ok::<_, io::Error>((report, sink.shown))
        });
        let subject = arrival.subject();
        while let Some(batch) = batches.recv().await {
            // Rows of a registration that nobody sees yet: there is nothing to decide, so nothing is gained by serializable.
            self.db
                .write_isolated(Isolation::ReadCommitted, move |tx| -> Sure<()> {
                    Ok(actions::load(tx, subject, &batch.rows, (batch.first_finding, &batch.findings))?)
                })
                .await?;
        }
        let (report, findings) = finished(checking).await?;
        let files = report.files.iter().cloned().zip(uploads.into_iter().map(|upload| upload.copy)).collect();
        Ok(Checked { report, findings, files })
    }

    /// Reads staged files again, as they were read at first: batches of rows, and how it ended.
    pub(super) fn reread(
        &self,
        copies: Vec<(String, StagedFileId)>,
        rules: Rules,
        at_once: usize,
    ) -> (mpsc::Receiver<Vec<CheckedRow>>, JoinHandle<io::Result<Report>>) {
        let (out, rows) = mpsc::channel(WAITING);
        let staging = self.staging.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut sink = Rows { rows: Vec::with_capacity(at_once), at_once, out };
            let report = read(&staging, copies, &rules, &mut sink)?;
            sink.flush()?;
            Ok(report)
        });
        (rows, reading)
    }
}

/// What a reading thread ended with.
pub(super) async fn finished<T>(reading: JoinHandle<io::Result<T>>) -> io::Result<T> {
    match reading.await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(io::ErrorKind::Interrupted.into()),
        },
    }
}

fn read(
    staging: &Staging,
    copies: Vec<(String, StagedFileId)>,
    rules: &Rules,
    sink: &mut dyn Sink,
) -> io::Result<Report> {
    let files = copies.into_iter().map(|(name, id)| Ok(FileToCheck { name, content: staging.open(id)? }));
    intake::check(files, rules, sink)
}
