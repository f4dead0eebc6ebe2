//! One connection type over two databases.

#![expect(missing_docs, reason = "the derive makes public items without a doc line")]

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};

/// A connection to whichever database the URL named. Ordinary queries are written once against it.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(diesel::PgConnection),
    /// SQLite.
    Sqlite(diesel::SqliteConnection),
}

/// Which of the two databases a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL: any number of copies of the service.
    Postgres,
    /// SQLite: one process.
    Sqlite,
}

/// How a write transaction isolates itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// As if writes came one at a time. The default.
    Serializable,
    /// For an action that decides over single rows by guarded updates; name the reason where it is asked for.
    ReadCommitted,
}

impl AnyConnection {
    /// Opens the write transaction. SQLite takes the write lock at once: a deferred transaction that reads first
    /// fails with "database is locked", whatever the busy timeout.
    pub(super) fn begin_write(&mut self, isolation: Isolation) -> QueryResult<()> {
        match self {
            AnyConnection::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE"),
            AnyConnection::Postgres(inner) => AnsiTransactionManager::begin_transaction_sql(
                inner,
                match isolation {
                    Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
                    Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
                },
            ),
        }
    }

    pub(super) fn commit(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::commit_transaction(self)
    }

    pub(super) fn rollback(&mut self) -> QueryResult<()> {
        <Self as Connection>::TransactionManager::rollback_transaction(self)
    }
}

/// Opens connections for the pool.
#[derive(Clone, Debug)]
pub(super) struct Opener {
    pub(super) dialect: Dialect,
    /// A path for SQLite, a URL for PostgreSQL.
    pub(super) target: String,
    /// How long a statement waits for somebody else's lock.
    pub(super) wait: std::time::Duration,
}

/// WAL with `synchronous=FULL`: an acknowledged commit survives a power cut; `NORMAL` loses some.
const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;";

/// A connection in the pool.
pub(super) struct Held {
    pub(super) connection: AnyConnection,
    /// The last use of it failed as if the database were gone: it is closed instead of kept. Cheaper than asking the
    /// database at every use whether it is still there.
    pub(super) suspect: bool,
}

impl ManageConnection for Opener {
    type Connection = Held;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Held, Self::Error> {
        let failed = diesel::r2d2::Error::ConnectionError;
        match self.dialect {
            Dialect::Sqlite => {
                let mut inner = diesel::SqliteConnection::establish(&self.target).map_err(failed)?;
                let wait = format!("PRAGMA busy_timeout = {};", self.wait.as_millis());
                inner.batch_execute(&wait).map_err(diesel::r2d2::Error::QueryError)?;
                inner.batch_execute(SQLITE_SETTINGS).map_err(diesel::r2d2::Error::QueryError)?;
                Ok(Held { connection: AnyConnection::Sqlite(inner), suspect: false })
            }
            Dialect::Postgres => {
                let mut inner = diesel::PgConnection::establish(&self.target).map_err(failed)?;
                let wait = format!("SET TIME ZONE 'UTC'; SET lock_timeout = {};", self.wait.as_millis());
                inner.batch_execute(&wait).map_err(diesel::r2d2::Error::QueryError)?;
                Ok(Held { connection: AnyConnection::Postgres(inner), suspect: false })
            }
        }
    }

    fn is_valid(&self, held: &mut Held) -> Result<(), Self::Error> {
        held.connection.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        held.suspect || held.connection.is_broken()
    }
}
