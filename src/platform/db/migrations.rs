//! Schema changes: one folder per dialect, the same names in both.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, OpenError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The names of the SQLite migrations, in order.
pub const MIGRATION_NAMES_SQLITE: fn() -> Vec<String> = || names::<diesel::sqlite::Sqlite>(&SQLITE);
/// The names of the PostgreSQL migrations, in order.
pub const MIGRATION_NAMES_POSTGRES: fn() -> Vec<String> = || names::<diesel::pg::Pg>(&POSTGRES);

/// An arbitrary number that all versions of this program share ("pcmigrat").
const ADVISORY_LOCK: i64 = 0x7063_6d69_6772_6174;

/// Brings the schema up to date. Two programs starting at once take turns; a failing step changes nothing.
pub(super) fn run(connection: &mut AnyConnection) -> Result<(), OpenError> {
    match connection {
        AnyConnection::Sqlite(inner) => inner
            .exclusive_transaction(|inner| {
                refuse_newer(inner, &SQLITE)?;
                apply(inner, SQLITE)
            })
            .map_err(Stopped::into_open_error),
        AnyConnection::Postgres(inner) => {
            inner.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).map_err(failed)?;
            let outcome = refuse_newer(inner, &POSTGRES).and_then(|()| apply(inner, POSTGRES));
            inner.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).map_err(failed)?;
            outcome.map_err(Stopped::into_open_error)
        }
    }
}

/// Takes every migration back.
pub(super) fn revert(connection: &mut AnyConnection) -> Result<(), OpenError> {
    let reverted = match connection {
        AnyConnection::Sqlite(inner) => inner.revert_all_migrations(SQLITE),
        AnyConnection::Postgres(inner) => inner.revert_all_migrations(POSTGRES),
    };
    reverted.map(|_| ()).map_err(|error| OpenError::Migration(error.to_string()))
}

enum Stopped {
    Open(OpenError),
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for Stopped {
    fn from(error: diesel::result::Error) -> Self {
        Stopped::Database(error)
    }
}

impl Stopped {
    fn into_open_error(self) -> OpenError {
        match self {
            Stopped::Open(error) => error,
            Stopped::Database(error) => failed(error),
        }
    }
}

fn failed(error: diesel::result::Error) -> OpenError {
    OpenError::Migration(error.to_string())
}

fn apply<C, DB>(connection: &mut C, source: EmbeddedMigrations) -> Result<(), Stopped>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    connection
        .run_pending_migrations(source)
        .map(|_| ())
        .map_err(|error| Stopped::Open(OpenError::Migration(error.to_string())))
}

fn refuse_newer<C, DB>(connection: &mut C, source: &EmbeddedMigrations) -> Result<(), Stopped>
where
    C: MigrationHarness<DB>,
    DB: diesel::backend::Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migration_error =
        |error: Box<dyn std::error::Error + Send + Sync>| Stopped::Open(OpenError::Migration(error.to_string()));
    let known: Vec<String> = MigrationSource::<DB>::migrations(source)
        .map_err(migration_error)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = connection.applied_migrations().map_err(migration_error)?;
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(unknown) => Err(Stopped::Open(OpenError::Newer(unknown))),
        None => Ok(()),
    }
}

fn names<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Vec<String>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations: Vec<Box<dyn Migration<DB>>> = source.migrations().expect("embedded at build time");
    let mut names: Vec<String> = migrations.iter().map(|migration| migration.name().to_string()).collect();
    names.sort();
    names
}
