//! The ways out: an SMTP server, or a folder that gets one `.eml` file per mail.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::platform::text::EmailAddress;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the start (port 465).
    Tls,
    /// STARTTLS, required (port 587). The default.
    #[default]
    Starttls,
    /// None: for a server on this machine only.
    None,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User name, if it wants one.
    pub username: Option<String>,
    /// Password, if it wants one.
    pub password: Option<SecretString>,
}

/// A way out.
pub enum Transport {
    /// One `.eml` file per mail in this folder.
    Folder(PathBuf),
    /// An SMTP server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
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

/// A server that does not answer within this time is tried again later.
const TIMEOUT: Duration = Duration::from_secs(20);

impl Transport {
    /// The way to an SMTP server. Nothing is connected yet.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub fn smtp(settings: &SmtpSettings) -> Result<Self, String> {
        let loopback = settings.host == "localhost"
            || settings.host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        let tls = || TlsParameters::new(settings.host.clone()).map_err(|error| format!("mail.smtp.host: {error}"));
        let tls = match settings.security {
            Security::Tls => Tls::Wrapper(tls()?),
            Security::Starttls => Tls::Required(tls()?),
            Security::None if loopback => Tls::None,
            Security::None => {
                return Err(format!(
                    "mail.smtp.security = \"none\" is for a server on this machine; {} is not. Use \"starttls\" or \"tls\"",
                    settings.host
                ));
            }
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            builder = builder.credentials(Credentials::new(username.clone(), password.expose_secret().to_owned()));
        }
        Ok(Transport::Smtp(Box::new(builder.build())))
    }

    /// Sends `bytes` to one mailbox. `name` names the file in a folder: a repeat replaces it by the same bytes.
    pub(super) async fn send(
        &self,
        from: &Mailbox,
        to: &EmailAddress,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), TransportError> {
        match self {
            Transport::Folder(folder) => {
                let (folder, name, bytes) = (folder.clone(), name.to_owned(), bytes.to_owned());
                let write = move || write_file(&folder, &name, &bytes);
                match tokio::task::spawn_blocking(write).await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(TransportError::Temporary(format!("mail folder: {error}"))),
                    Err(error) => Err(TransportError::Temporary(error.to_string())),
                }
            }
            Transport::Smtp(server) => {
                let to = to.as_str().parse().map_err(|error| TransportError::Permanent(format!("{error}")))?;
                let envelope = Envelope::new(Some(from.email.clone()), vec![to])
                    .map_err(|error| TransportError::Permanent(error.to_string()))?;
                match server.send_raw(&envelope, bytes).await {
                    Ok(_) => Ok(()),
                    Err(error) if error.is_permanent() && !is_about_us(&error) => {
                        Err(TransportError::Permanent(error.to_string()))
                    }
                    Err(error) => Err(TransportError::Temporary(error.to_string())),
                }
            }
        }
    }
}

/// Whether the server refuses us rather than this mail: a password that was changed must not kill what waits.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    // RFC 4954 section 6.
    const AUTHENTICATION: [u16; 4] = [530, 534, 535, 538];
    error.status().is_some_and(|code| AUTHENTICATION.contains(&u16::from(code)))
}

/// Whole or absent: written beside, synced, renamed, and the folder synced too.
fn write_file(folder: &std::path::Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    crate::platform::private_folder(folder)?;
    let draft = folder.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(format!("{name}.eml")))?;
    std::fs::File::open(folder)?.sync_all()
}
