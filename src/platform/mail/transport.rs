//! The ways out: an SMTP server, or a folder that gets one `.eml` file per mail.

use std::io::Write;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use tokio::time::Instant;

use super::smtp::{SmtpServer, SmtpSettings};
use crate::platform::text::EmailAddress;

/// A way out.
pub enum Transport {
    /// One `.eml` file per mail in this folder.
    Folder(PathBuf),
    /// An SMTP server.
    Smtp(Box<SmtpServer>),
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// Trying again may help: nobody answered, or the server said "later".
    #[error("{0}")]
    Temporary(String),
    /// The server said "never".
    #[error("{0}")]
    Permanent(String),
}

impl Transport {
    /// The way to an SMTP server, from `own_host`. Nothing is connected yet.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn smtp(settings: &SmtpSettings, own_host: &str) -> Result<Self, String> {
        Ok(Transport::Smtp(Box::new(SmtpServer::new(settings, own_host)?)))
    }

    /// Sends `bytes` to one mailbox, before `deadline`. `name` names the file in a folder: a repeat replaces it by the same
    /// bytes.
    pub(super) async fn send(
        &self,
        from: &Mailbox,
        to: &EmailAddress,
        name: &str,
        bytes: &[u8],
        deadline: Instant,
    ) -> Result<(), TransportError> {
        match self {
            Transport::Folder(folder) => {
                let (folder, name, bytes) = (folder.clone(), name.to_owned(), bytes.to_owned());
                let write = tokio::task::spawn_blocking(move || write_file(&folder, &name, &bytes));
                match tokio::time::timeout_at(deadline, write).await {
                    Ok(Ok(Ok(()))) => Ok(()),
                    Ok(Ok(Err(error))) => Err(TransportError::Temporary(format!("mail folder: {error}"))),
                    Ok(Err(error)) => Err(TransportError::Temporary(error.to_string())),
                    Err(_) => Err(TransportError::Temporary("mail folder: it was not written in time".to_owned())),
                }
            }
            Transport::Smtp(server) => server.send(from, to, bytes, deadline).await,
        }
    }
}

/// Whole or absent: written beside, synced, renamed, and the folder synced too.
fn write_file(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    crate::platform::private_folder(folder)?;
    let draft = folder.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(format!("{name}.eml")))?;
    std::fs::File::open(folder)?.sync_all()
}
