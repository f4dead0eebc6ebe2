//! The database: two dialects behind one connection type, and two doors, [`Db::read`] and [`Db::write`].

mod connection;
mod migrations;
mod open;
pub mod types;

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::{Notify, Semaphore};

pub use connection::{AnyConnection, Dialect, Isolation, MultiBackend, MultiField, MultiRawValue, MultiRow};
pub use migrations::{MIGRATION_NAMES_POSTGRES, MIGRATION_NAMES_SQLITE};
pub use open::{OpenError, ServingLock, without_password};

use super::clock::Timestamp;
use super::error::{Failure, Outcome};
use connection::{Held, Opener};
use open::{opener, unreachable_target};

/// A way to read: what a request may ask of the database without changing it.
///
/// Statements of one read each see the latest commit; what must hold together is read in one statement.
pub struct Read<'t> {
    connection: &'t mut AnyConnection,
    // Invariant in 't, so that a value that carries 't belongs to exactly this use of the database.
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Inserts rows of an `Insertable` type into a table: prepared statements on SQLite, where a statement costs microseconds;
/// sets on PostgreSQL, where each costs a round trip.
macro_rules! insert_all {
    ($tx:expr, $table:expr, $rows:expr) => {
        match $tx.connection() {
            $crate::platform::db::AnyConnection::Sqlite(inner) => {
                $rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(inner).map(drop))
            }
            // A thousand rows of up to 65 columns: PostgreSQL takes 65,535 parameters.
            $crate::platform::db::AnyConnection::Postgres(inner) => {
                $rows.chunks(1_000).try_for_each(|set| diesel::insert_into($table).values(set).execute(inner).map(drop))
            }
        }
    };
}
pub(crate) use insert_all;

/// As [`insert_all`], for rows by the thousand: COPY on PostgreSQL, in binary.
macro_rules! copy_all {
    ($tx:expr, $table:expr, $rows:expr) => {
        match $tx.connection() {
            $crate::platform::db::AnyConnection::Sqlite(inner) => {
                $rows.iter().try_for_each(|row| diesel::insert_into($table).values(row).execute(inner).map(drop))
            }
            $crate::platform::db::AnyConnection::Postgres(inner) => {
                diesel::copy_from($table).from_insertable($rows).execute(inner).map(drop)
            }
        }
    };
}
pub(crate) use copy_all;

/// A write transaction. It reads as well: it dereferences to [`Read`].
pub struct Tx<'t> {
    read: Read<'t>,
    wants_work: bool,
}

impl Tx<'_> {
    /// Rings for the workers once this transaction has committed.
    pub fn ring_after_commit(&mut self) {
        self.wants_work = true;
    }
}

impl<'t> Read<'t> {
    fn new(connection: &'t mut AnyConnection) -> Self {
        Self { connection, brand: PhantomData }
    }

    /// The connection, for the queries of a `store.rs`.
    pub fn connection(&mut self) -> &mut AnyConnection {
        self.connection
    }

    /// Which database this is, for the few queries that differ.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            AnyConnection::Postgres(_) => Dialect::Postgres,
            AnyConnection::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The database's own clock, by which leases are judged: copies of the service may disagree about the time.
    pub fn database_now(&mut self) -> QueryResult<Timestamp> {
        match self.connection {
            // One process on one machine: its clock is the database's.
            AnyConnection::Sqlite(_) => Ok(super::clock::Clock::system().now()),
            AnyConnection::Postgres(inner) => {
                diesel::select(diesel::dsl::sql::<types::Moment>("clock_timestamp()")).get_result(inner)
            }
        }
    }
}

impl<'t> Deref for Tx<'t> {
    type Target = Read<'t>;
    fn deref(&self) -> &Read<'t> {
        &self.read
    }
}

impl<'t> DerefMut for Tx<'t> {
    fn deref_mut(&mut self) -> &mut Read<'t> {
        &mut self.read
    }
}

/// How a [`Db`] is opened.
#[derive(Clone, Debug)]
pub struct DbSettings {
    /// `sqlite://PATH` or `postgres://…`.
    pub url: String,
    /// Connections at most.
    pub pool: u32,
    /// How long a request waits for its turn before it is told to try again.
    pub wait: Duration,
}

/// The database. Cloning it shares the pool.
#[derive(Clone)]
pub struct Db {
    pool: Pool<Opener>,
    dialect: Dialect,
    // Fair queues in front of the pool: without them the slowest requests wait thirty times as long as with them.
    readers: Arc<Semaphore>,
    writers: Arc<Semaphore>,
    wait: Duration,
    bell: Arc<Notify>,
}

/// How often a transaction that lost a race is tried again before the caller is told to.
const WRITE_ATTEMPTS: u32 = 12;
/// The same for a key that is taken: the second try sees whose it is.
const TAKEN_KEY_ATTEMPTS: u32 = 3;

impl Db {
    /// Opens the database, creating the SQLite file if need be, and migrates it.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is changed in a database that is newer than this program.
    pub fn open(settings: &DbSettings) -> Result<Self, OpenError> {
        let db = Self::connect(settings)?;
        db.migrate()?;
        Ok(db)
    }

    /// Opens the database without migrating it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn connect(settings: &DbSettings) -> Result<Self, OpenError> {
        let opener = opener(&settings.url, settings.wait)?;
        let dialect = opener.dialect;
        if dialect == Dialect::Sqlite
            && let Some(folder) = Path::new(&opener.target).parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            super::private_folder(folder).map_err(|error| unreachable_target(&settings.url, &error))?;
        }
        let size = settings.pool.max(2);
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(settings.wait)
            .test_on_check_out(false)
            .error_handler(Box::new(QuietErrors))
            .build(opener)
            .map_err(|error| unreachable_target(&settings.url, &error))?;
        let (readers, writers) = match dialect {
            // SQLite has one writer; the queue keeps its order, and readers never wait for it.
            Dialect::Sqlite => (Semaphore::new(size as usize - 1), Arc::new(Semaphore::new(1))),
            Dialect::Postgres => (Semaphore::new(size as usize), Arc::new(Semaphore::new(0))),
        };
        let readers = Arc::new(readers);
        let writers = if dialect == Dialect::Postgres { readers.clone() } else { writers };
        Ok(Self { pool, dialect, readers, writers, wait: settings.wait, bell: Arc::default() })
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn migrate(&self) -> Result<(), OpenError> {
        let mut held = self.pool.get().map_err(|error| unreachable_target("", &error))?;
        migrations::run(&mut held.connection)
    }

    /// Removes everything in the database and migrates it anew: for the demo's own database.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn reset(&self) -> Result<(), OpenError> {
        let mut held = self.pool.get().map_err(|error| unreachable_target("", &error))?;
        migrations::revert(&mut held.connection)?;
        migrations::run(&mut held.connection)
    }

    /// Refuses a PostgreSQL server that may lose acknowledged writes.
    ///
    /// # Errors
    /// [`OpenError::UnsafeDurability`] names the setting.
    pub fn require_durability(&self) -> Result<(), OpenError> {
        let mut held = self.pool.get().map_err(|error| unreachable_target("", &error))?;
        if let AnyConnection::Postgres(inner) = &mut held.connection {
            for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
                let value = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&format!(
                    "current_setting('{setting}')"
                )))
                .get_result::<String>(inner)
                .map_err(|error| unreachable_target("", &error))?;
                if value == "off" {
                    return Err(OpenError::UnsafeDurability(setting.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Reads. The closure runs on a blocking thread, after its turn in the queue.
    ///
    /// # Errors
    /// Whatever the closure refuses; [`Failure::Database`] if no connection can be had in time.
    pub async fn read<T, R, F>(&self, work: F) -> Outcome<T, R>
    where
        F: FnOnce(&mut Read<'_>) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let turn = self.turn(&self.readers).await?;
        let db = self.clone();
        blocking(move || {
            let _turn = turn;
            db.read_now(work)
        })
        .await
    }

    /// Writes: one serializable transaction, tried again when it lost a race, so the closure may run more than
    /// once and must do nothing outside the database.
    ///
    /// # Errors
    /// Whatever the closure refuses; then nothing is written. [`Failure::Database`] likewise.
    pub async fn write<T, R, F>(&self, work: F) -> Outcome<T, R>
    where
        F: Fn(&mut Tx<'_>) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        self.write_isolated(Isolation::Serializable, work).await
    }

    /// As [`Db::write`], with the isolation named.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_isolated<T, R, F>(&self, isolation: Isolation, work: F) -> Outcome<T, R>
    where
        F: Fn(&mut Tx<'_>) -> Outcome<T, R> + Send + 'static,
        T: Send + 'static,
        R: Send + 'static,
    {
        let turn = self.turn(&self.writers).await?;
        let db = self.clone();
        blocking(move || {
            let _turn = turn;
            db.write_now(isolation, &work)
        })
        .await
    }

    /// Writes on this thread, for commands and start-up, where nothing else waits.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_now<T, R>(&self, isolation: Isolation, work: &dyn Fn(&mut Tx<'_>) -> Outcome<T, R>) -> Outcome<T, R> {
        let mut held = self.connection()?;
        let mut attempt = 1;
        loop {
            match held.using(|connection| transaction(connection, isolation, work, &self.bell)) {
                Err(Failure::Database(error)) if attempt < attempts_after(&error) => {
                    tracing::debug!(attempt, %error, "write tried again");
                    std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt)));
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads on this thread, for commands and start-up.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_now<T, R>(&self, work: impl FnOnce(&mut Read<'_>) -> Outcome<T, R>) -> Outcome<T, R> {
        self.connection()?.using(|connection| work(&mut Read::new(connection)))
    }

    /// Waits until a transaction of this process has wanted work, or for `at_most`.
    pub async fn work_wanted(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.bell.notified()).await;
    }

    async fn turn(&self, queue: &Arc<Semaphore>) -> Result<tokio::sync::OwnedSemaphorePermit, DieselError> {
        match tokio::time::timeout(self.wait, queue.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(unavailable("no turn at the database in time")),
        }
    }

    fn connection(&self) -> Result<PooledConnection<Opener>, DieselError> {
        self.pool.get().map_err(|error| unavailable(&error.to_string()))
    }
}

impl Held {
    /// Uses the connection, and remembers if the database seems gone.
    fn using<T, R>(&mut self, work: impl FnOnce(&mut AnyConnection) -> Outcome<T, R>) -> Outcome<T, R> {
        let outcome = work(&mut self.connection);
        self.suspect = matches!(&outcome, Err(Failure::Database(error)) if is_unavailable(error));
        outcome
    }
}

fn transaction<T, R>(
    connection: &mut AnyConnection,
    isolation: Isolation,
    work: &dyn Fn(&mut Tx<'_>) -> Outcome<T, R>,
    bell: &Notify,
) -> Outcome<T, R> {
    connection.begin_write(isolation)?;
    let mut open = OpenTransaction { connection, finished: false };
    let mut tx = Tx { read: Read::new(open.connection), wants_work: false };
    let value = work(&mut tx)?;
    let wants_work = tx.wants_work;
    open.finished = true;
    open.connection.commit()?;
    if wants_work {
        bell.notify_waiters();
    }
    Ok(value)
}

/// Rolls back on every way out that is not a commit, a panic included: the connection returns to the pool clean.
struct OpenTransaction<'c> {
    connection: &'c mut AnyConnection,
    finished: bool,
}

impl Drop for OpenTransaction<'_> {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = self.connection.rollback()
        {
            tracing::warn!(%error, "rollback failed; the connection is discarded");
        }
    }
}

/// A blocking thread that panicked panics here, where the request's guard catches it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// How often to try in all after this error: more than once if another transaction came first. A taken key counts,
/// because the second try finds the other's row and answers with its proper refusal.
fn attempts_after(error: &DieselError) -> u32 {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => WRITE_ATTEMPTS,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => TAKEN_KEY_ATTEMPTS,
        DieselError::DatabaseError(_, info) if info.message().contains("deadlock detected") => WRITE_ATTEMPTS,
        _ => 1,
    }
}

/// Whether the database is gone, locked or overloaded, rather than the statement wrong.
pub fn is_unavailable(error: &DieselError) -> bool {
    match error {
        DieselError::BrokenTransactionManager => true,
        DieselError::DatabaseError(kind, info) => {
            let message = info.message();
            matches!(kind, DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure)
                || message.contains("database is locked")
                || message.contains("lock timeout")
                || message.contains("server closed the connection")
                || message.contains("terminating connection")
                || message.contains("connection to server")
                || message.contains("disk is full")
        }
        _ => false,
    }
}

fn unavailable(reason: &str) -> DieselError {
    DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(reason.to_owned()))
}

/// What the database says of its own files and foreign keys (invariant I13): each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn integrity(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let mut broken = Vec::new();
    // PostgreSQL enforces foreign keys at every commit; its files are the business of its own tools.
    if let AnyConnection::Sqlite(inner) = read.connection() {
        let checks = [
            "SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
            "SELECT \"table\" || ' names a missing ' || parent AS line FROM pragma_foreign_key_check LIMIT 20",
        ];
        for check in checks {
            let lines: Vec<Line> = diesel::sql_query(check).load(inner)?;
            broken.extend(lines.into_iter().map(|found| format!("I13: {}", found.line)));
        }
    }
    Ok(broken)
}

/// A word read from a column whose words the schema and this program agree on.
///
/// # Errors
/// [`DieselError::DeserializationError`] if they do not.
pub fn word<T>(word: String) -> QueryResult<T>
where
    T: TryFrom<String, Error: std::error::Error + Send + Sync + 'static>,
{
    T::try_from(word).map_err(|error| DieselError::DeserializationError(Box::new(error)))
}

/// The pool reports every failed connection itself; the request that needed one says so once, at the edge.
#[derive(Debug)]
struct QuietErrors;

impl<E: std::error::Error> diesel::r2d2::HandleError<E> for QuietErrors {
    fn handle_error(&self, error: E) {
        tracing::debug!(%error, "a database connection could not be opened");
    }
}
