//! The demo: an invented channel, and the main story played over HTTP against this very process.

mod channel;
pub mod client;
mod files;
mod story;

use std::path::{Path, PathBuf};

pub use story::token_in_mails;

use crate::access::SecondFactorRule;
use crate::app::{App, StartError, db_settings};
use crate::config::Settings;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, ServingLock, without_password};
use crate::platform::installation::{Contents, Purpose, contents};

/// Where the demo keeps what it makes.
#[derive(Clone, Debug)]
pub struct DemoFolders {
    /// One `.eml` file per mail.
    pub mail: PathBuf,
    /// Ready-made files to upload.
    pub files: PathBuf,
}

/// Resets the demo's own database, serves, plays the story, prints it, and keeps serving.
///
/// # Errors
/// See [`StartError`]; a database that the demo did not make is refused untouched.
pub async fn run(settings: Settings) -> Result<(), StartError> {
    let folder = settings.data_folder().join("demo");
    let mut settings = settings.with_data_folder(&folder);
    settings.access.second_factor = SecondFactorRule::Optional;
    let _lock = ServingLock::take(&settings.database_url())?;
    let db = own_database(&settings)?;
    let folders = DemoFolders { mail: settings.mail_folder(), files: folder.join("files") };
    if settings.mail.smtp.is_none() {
        remove_old_mails(&folders.mail).map_err(|error| StartError::Setting(format!("mail folder: {error}")))?;
    }
    let database = without_password(&settings.database_url());
    let app = App::new(settings.clone(), db, Clock::system(), Purpose::Demo)?;
    let parts = app.parts().clone();
    let base = settings.public_base_url();
    app.serve(move |address| {
        let stage = story::Stage { base, connect: format!("http://{address}"), database, folders, parts, settings };
        // The story is told by a thread of its own: it calls the server and waits for the answers.
        std::thread::spawn(move || story::tell(&stage));
    })
    .await
}

fn own_database(settings: &Settings) -> Result<Db, StartError> {
    let db = Db::connect(&db_settings(settings))?;
    let found = contents(&db).map_err(|failure| StartError::Setting(failure.to_string()))?;
    match found {
        Contents::Empty => db.migrate()?,
        Contents::Demo => db.reset()?,
        Contents::Foreign => {
            return Err(StartError::Setting(format!(
                "the database {} holds data that the demo did not make, and the demo begins with an empty one. Run \
                 `partner-center serve` to use it, or name another database in DATABASE_URL for the demo",
                without_password(&settings.database_url())
            )));
        }
    }
    Ok(db)
}

/// Mails of an earlier demo, whose database is gone. Only files of the form that the folder transport writes.
fn remove_old_mails(folder: &Path) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let ours =
            path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| uuid::Uuid::parse_str(stem).is_ok());
        if ours && path.extension().is_some_and(|extension| extension == "eml") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
