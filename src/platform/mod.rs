//! What every feature stands on and no feature is known by: database, HTTP, jobs, mail, keys, clock, ids, errors.

pub mod cells;
pub mod clock;
pub mod db;
pub mod error;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod installation;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod names;
pub mod pace;
pub mod portal;
pub mod stretch;
pub mod telemetry;
pub mod text;

use std::sync::Arc;

/// Makes a folder, and those above it, that only this user can read: mails, keys and the database are nobody else's.
///
/// # Errors
/// The system's.
pub fn private_folder(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// What every handler may use.
#[derive(Clone)]
pub struct Parts {
    /// The database.
    pub db: db::Db,
    /// The present moment.
    pub clock: clock::Clock,
    /// Links and signatures.
    pub keys: Arc<keys::Keys>,
    /// Where people reach the service.
    pub base: http::BaseUrl,
}
