//! Opening a database: what a URL names, why it cannot be opened, and who may serve it.

use std::path::Path;
use std::time::Duration;

use super::connection::{Dialect, Opener};
use crate::platform::private_folder;

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A URL that is neither of the two.
    #[error("DATABASE_URL \"{0}\" is neither sqlite://PATH nor postgres://…")]
    UnknownUrl(String),
    /// Nobody answers, or the file cannot be opened.
    #[error("cannot open the database {target}: {reason}. Check that it exists and that this user may use it")]
    Unreachable {
        /// The database, without its password.
        target: String,
        /// What the database library said.
        reason: String,
    },
    /// The schema is newer than this program.
    #[error(
        "the database was migrated by a newer partner-center (it has migration {0}, which this version does not \
         know). Run that version, or restore a backup made before the upgrade"
    )]
    Newer(String),
    /// A migration failed.
    #[error("the database could not be migrated: {0}. Nothing was changed by the failing step")]
    Migration(String),
    /// A setting of the server that loses acknowledged writes at a power cut.
    #[error(
        "PostgreSQL runs with {0} = off, so acknowledged writes can be lost. Turn it on, or set \
         database.allow_unsafe_durability = true for a database whose data does not matter"
    )]
    UnsafeDurability(String),
    /// Another process serves this SQLite file.
    #[error(
        "another partner-center already serves {0}. SQLite allows one; stop it, or use PostgreSQL to run several copies"
    )]
    InUse(String),
}

pub(super) fn opener(url: &str, wait: Duration) -> Result<Opener, OpenError> {
    if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !path.is_empty()) {
        Ok(Opener { dialect: Dialect::Sqlite, target: path.to_owned(), wait })
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Opener { dialect: Dialect::Postgres, target: url.to_owned(), wait })
    } else {
        Err(OpenError::UnknownUrl(without_password(url)))
    }
}

/// A database URL as logs and messages may show it.
pub fn without_password(url: &str) -> String {
    // Parameters may hold a password as well.
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((credentials, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}@{host}")
}

pub(super) fn unreachable_target(url: &str, error: &dyn std::fmt::Display) -> OpenError {
    OpenError::Unreachable { target: without_password(url), reason: error.to_string() }
}

/// Keeps a SQLite file to one serving process; PostgreSQL needs no such guard.
#[derive(Debug)]
pub struct ServingLock {
    _file: Option<std::fs::File>,
}

impl ServingLock {
    /// Takes the lock for as long as the value lives.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if another process holds it.
    pub fn take(url: &str) -> Result<Self, OpenError> {
        let Some(path) = url.strip_prefix("sqlite://") else { return Ok(Self { _file: None }) };
        let failed = |error: std::io::Error| unreachable_target(url, &error);
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            private_folder(folder).map_err(failed)?;
        }
        let file = std::fs::File::create(format!("{path}.lock")).map_err(failed)?;
        file.try_lock().map_err(|_| OpenError::InUse(path.to_owned()))?;
        Ok(Self { _file: Some(file) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_database_url_is_never_shown() {
        assert_eq!(without_password("postgres://anna:secret@db/x"), "postgres://anna@db/x");
        assert_eq!(without_password("postgres://db/x?user=anna&password=secret"), "postgres://db/x");
        assert_eq!(without_password("sqlite:///data/a.db"), "sqlite:///data/a.db");
    }

    #[test]
    fn an_unknown_database_url_is_named_in_the_error() {
        let error = opener("mysql://x", Duration::ZERO).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("mysql://x"), "{error}");
    }
}
