//! What a database remembers of the installation it belongs to: its key file, and whether the demo made it.

use std::path::{Path, PathBuf};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::clock::Timestamp;
use uuid::Uuid;

use super::db::{Db, Dialect, Isolation, Read, Tx};
use super::error::{Code, Failure, Kind, Outcome, Refusal, Sure};
use super::keys::{KeyError, Keys};
use crate::ids;

mod table {
    diesel::table! {
        use diesel::sql_types::*;
        use crate::platform::db::types::{Id, Moment};
        installation (only_row) {
            only_row -> Integer,
            key_fingerprint -> Text,
            epoch -> BigInt,
            demo -> Bool,
            staging_marker -> Nullable<Id>,
            created_at -> Moment,
        }
    }
}
use table::installation;

/// The epoch of a new database. A restored one counts on.
const FIRST_EPOCH: i64 = 1;

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody's: never reset.
    Service,
    /// The demo's own: the demo may reset it.
    Demo,
}

/// The key file and the database do not belong together.
#[derive(Debug, thiserror::Error)]
pub enum WrongKey {
    /// Another key file.
    #[error(
        "the database belongs to the key file with fingerprint {expected}, but keys.file has {found}: links and tokens \
         would not work. Point keys.file at the file that was made with this database"
    )]
    Another {
        /// Of the file that the database was made with.
        expected: String,
        /// Of the file found.
        found: String,
    },
    /// No key file, though the database has seen one.
    #[error(
        "the key file {0} is missing, and this database was made with one: a new one would end every link and token. \
         Restore it from your backup, or point keys.file at it"
    )]
    Missing(PathBuf),
    /// The key file itself.
    #[error(transparent)]
    Unusable(#[from] KeyError),
}

impl Refusal for WrongKey {
    fn code(&self) -> Code {
        Code::new(910_006, "wrongKeyFile", Kind::Internal)
    }
}

/// The keys that belong to a database. At the first start they are made, and the database remembers which they are;
/// afterwards it is held to that. A database that is served stops being the demo's to reset.
///
/// # Errors
/// See [`WrongKey`]; nothing is made or changed then.
pub fn keys_of(db: &Db, key_file: &Path, purpose: Purpose, now: Timestamp) -> Outcome<Keys, WrongKey> {
    let known: Option<String> = db.read_now(|read| -> Outcome<_, WrongKey> {
        Ok(installation::table.select(installation::key_fingerprint).first(read.connection()).optional()?)
    })?;
    if known.is_some() && !key_file.exists() {
        return Err(WrongKey::Missing(key_file.to_owned()).into());
    }
    let keys = Keys::load_or_create(key_file).map_err(WrongKey::from)?;
    let found = keys.fingerprint().to_owned();
    let epoch = db.write_now(Isolation::Serializable, &|tx| -> Outcome<i64, WrongKey> {
        let known: Option<(String, i64)> = installation::table
            .select((installation::key_fingerprint, installation::epoch))
            .first(tx.connection())
            .optional()?;
        let demo = purpose == Purpose::Demo;
        match known {
            Some((expected, _)) if expected != found => {
                Err(WrongKey::Another { expected, found: found.clone() }.into())
            }
            Some((_, epoch)) => {
                diesel::update(installation::table).set(installation::demo.eq(demo)).execute(tx.connection())?;
                Ok(epoch)
            }
            None => {
                diesel::insert_into(installation::table)
                    .values((
                        installation::only_row.eq(1),
                        installation::key_fingerprint.eq(&found),
                        installation::epoch.eq(FIRST_EPOCH),
                        installation::demo.eq(demo),
                        installation::created_at.eq(now),
                    ))
                    .execute(tx.connection())?;
                Ok(FIRST_EPOCH)
            }
        }
    })?;
    Ok(keys.in_epoch(epoch))
}

/// The keys that belong to a database, for whoever only looks: nothing is made or changed. `None` if the database has not
/// been served yet.
///
/// # Errors
/// See [`WrongKey`].
pub fn known_keys(db: &Db, key_file: &Path) -> Outcome<Option<Keys>, WrongKey> {
    let known: Option<(String, i64)> = db.read_now(|read| -> Outcome<_, WrongKey> {
        let row = installation::table.select((installation::key_fingerprint, installation::epoch));
        Ok(row.first(read.connection()).optional()?)
    })?;
    let Some((expected, epoch)) = known else { return Ok(None) };
    if !key_file.exists() {
        return Err(WrongKey::Missing(key_file.to_owned()).into());
    }
    let keys = Keys::load_or_create(key_file).map_err(WrongKey::from)?;
    match keys.fingerprint() == expected {
        true => Ok(Some(keys.in_epoch(epoch))),
        false => Err(WrongKey::Another { expected, found: keys.fingerprint().to_owned() }.into()),
    }
}

/// What the demo may do with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Nothing in it.
    Empty,
    /// Made by the demo.
    Demo,
    /// Somebody's.
    Foreign,
}

/// What is in a database that may not be migrated yet.
///
/// # Errors
/// Only the database's.
pub fn contents(db: &Db) -> Sure<Contents> {
    db.read_now(|read| {
        let tables = count(
            read,
            "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table'",
            "SELECT COUNT(*) AS found FROM information_schema.tables WHERE table_schema = current_schema()",
        )?;
        if tables == 0 {
            return Ok(Contents::Empty);
        }
        let ours = count(
            read,
            "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = 'installation'",
            "SELECT COUNT(*) AS found FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'installation'",
        )?;
        if ours == 0 {
            return Ok(Contents::Foreign);
        }
        let demo: Option<bool> = installation::table.select(installation::demo).first(read.connection()).optional()?;
        // A demo that was killed before it had signed its database left an empty one.
        Ok(if demo == Some(false) { Contents::Foreign } else { Contents::Demo })
    })
}

fn count(read: &mut Read<'_>, sqlite: &str, postgres: &str) -> Result<i64, Failure<super::error::Never>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        found: i64,
    }
    // The catalogue is the one thing that the two databases name differently.
    let query = if read.dialect() == Dialect::Sqlite { sqlite } else { postgres };
    Ok(diesel::sql_query(query).get_result::<Found>(read.connection())?.found)
}

ids! {
    /// Names the folder in which uploads are staged.
    StagingMarker,
}

/// The marker of the staging folder that belongs to this database, once one does.
///
/// # Errors
/// Only the database's.
pub fn staging_marker(read: &mut Read<'_>) -> QueryResult<Option<Uuid>> {
    let marker: Option<Option<StagingMarker>> =
        installation::table.select(installation::staging_marker).first(read.connection()).optional()?;
    Ok(marker.flatten().map(StagingMarker::uuid))
}

/// Remembers the marker, unless there is one. Returns the one that counts.
///
/// # Errors
/// Only the database's.
pub fn keep_staging_marker(tx: &mut Tx<'_>, marker: Uuid) -> QueryResult<Uuid> {
    diesel::update(installation::table.filter(installation::staging_marker.is_null()))
        .set(installation::staging_marker.eq(StagingMarker::from_uuid(marker)))
        .execute(tx.connection())?;
    Ok(staging_marker(tx)?.unwrap_or(marker))
}
