//! A conversation with an SMTP server: one connection for each mail, bounded in time and in what is read.
//!
//! The library speaks the protocol; the steps are taken here, because which of them fails decides what becomes of the mail.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::transport::TransportError;
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
    /// How long it gets for each step.
    pub patience: Duration,
}

impl SmtpSettings {
    /// The usual [`SmtpSettings::patience`]: a server that does not answer within this time is tried again later.
    pub const PATIENCE: Duration = Duration::from_secs(20);
}

/// How many times longer a server may take to take a mail than for any other step: one that looks into mails first takes them
/// and answers late, and would get another copy with each impatient attempt (RFC 5321 section 4.5.3.2.6).
const TAKING: u32 = 6;

/// How long a server may take to say goodbye, when the fate of the mail is known.
const GOODBYE: Duration = Duration::from_millis(500);

/// Bytes read on one connection at most, certificates included: an answer without an end must not fill the memory.
const READ_LIMIT: usize = 64 * 1024;

/// Lines read on one connection at most: the library reads an answer from its beginning for each line of it.
const LINE_LIMIT: usize = 500;

/// An SMTP server that takes mail.
pub struct SmtpServer {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
    patience: Duration,
    /// How we introduce ourselves.
    hello: ClientId,
}

enum Protection {
    Tls(TlsConnector, ServerName<'static>),
    Starttls(TlsParameters),
    None,
}

/// Where in the conversation something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Connection,
    Sender,
    Recipient,
    Content,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Step::Connection => "the connection",
            Step::Sender => "the sender",
            Step::Recipient => "the recipient",
            Step::Content => "the mail",
        }
    }

    /// Whether a reply with this code ends the matter. What is about us (our address, our password, our connection) is put
    /// right by the operator, and must not cost the mails that wait meanwhile.
    fn is_final(self, code: u16) -> bool {
        // RFC 4954 section 6.
        const AUTHENTICATION: [u16; 4] = [530, 534, 535, 538];
        let about_the_mail = matches!(self, Step::Recipient | Step::Content);
        about_the_mail && (500..600).contains(&code) && !AUTHENTICATION.contains(&code)
    }

    fn failed(self, error: &smtp::Error) -> TransportError {
        let Some(code) = error.status().map(u16::from) else {
            return TransportError::Temporary(format!("{}: {error}", self.name()));
        };
        let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        let sentence = format!("{}: the mail server answered {code} {text}", self.name());
        if self.is_final(code) { TransportError::Permanent(sentence) } else { TransportError::Temporary(sentence) }
    }
}

impl SmtpServer {
    /// The way to an SMTP server, from `own_host`. Nothing is connected yet.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub(super) fn new(settings: &SmtpSettings, own_host: &str) -> Result<Self, String> {
        let host = &settings.host;
        let loopback = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        let wrong = |reason: String| format!("mail.smtp.host: {reason}");
        let protection = match settings.security {
            Security::Tls => {
                let name = ServerName::try_from(host.clone()).map_err(|error| wrong(error.to_string()))?;
                Protection::Tls(TlsConnector::from(Arc::new(tls_config().map_err(wrong)?)), name)
            }
            Security::Starttls => {
                let parameters = TlsParameters::new(host.clone()).map_err(|error| wrong(error.to_string()))?;
                Protection::Starttls(parameters)
            }
            Security::None if loopback => Protection::None,
            Security::None => {
                return Err(format!(
                    "mail.smtp.security = \"none\" is for a server on this machine; {host} is not. Use \"starttls\" or \"tls\""
                ));
            }
        };
        let credentials = match (&settings.username, &settings.password) {
            (Some(name), Some(password)) => Some(Credentials::new(name.clone(), password.expose_secret().to_owned())),
            _ => None,
        };
        // RFC 5321 section 4.1.3: an address is said as a literal.
        let hello = match own_host.parse() {
            Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(own_host.to_owned()),
        };
        let (host, port, patience) = (host.clone(), settings.port, settings.patience);
        Ok(Self { host, port, protection, credentials, patience, hello })
    }

    /// Hands one mail over, before `deadline`.
    pub(super) async fn send(
        &self,
        from: &Mailbox,
        to: &EmailAddress,
        bytes: &[u8],
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let to: Address = to.as_str().parse().map_err(|error| TransportError::Permanent(format!("{error}")))?;
        let mut connection = self.within(deadline, Step::Connection, self.connect()).await?;
        let outcome = self.hand_over(&mut connection, from, to, bytes, deadline).await;
        // The fate of the mail is known: whatever the server does now changes nothing.
        let _ = tokio::time::timeout(GOODBYE, connection.command(Quit)).await;
        outcome
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Mailbox,
        to: Address,
        bytes: &[u8],
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let sender = Mail::new(Some(from.email.clone()), Vec::new());
        let reply = self.within(deadline, Step::Sender, connection.command(sender)).await?;
        completed(Step::Sender, &reply)?;
        let recipient = Rcpt::new(to, Vec::new());
        let reply = self.within(deadline, Step::Recipient, connection.command(recipient)).await?;
        completed(Step::Recipient, &reply)?;
        let reply = self.within(deadline, Step::Content, connection.command(Data)).await?;
        if !reply.has_code(354) {
            return Err(unexpected(Step::Content, &reply));
        }
        // If this reply is lost, the mail may have been taken. It is sent again with the same Message-ID and bytes.
        let patient = self.patience * TAKING;
        let reply = self.within_patience(patient, deadline, Step::Content, connection.message(bytes)).await?;
        completed(Step::Content, &reply)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Unreached> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        // The library writes a mail and its final dot apart; the dot would wait for the other side's delayed receipt.
        stream.set_nodelay(true)?;
        let stream = Guarded::new(stream);
        let mut connection = match &self.protection {
            Protection::Tls(connector, name) => {
                let stream = Encrypted(connector.connect(name.clone(), stream).await?);
                AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?
            }
            Protection::Starttls(parameters) => {
                let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?;
                connection.starttls(parameters.clone(), &self.hello).await?;
                connection
            }
            Protection::None => AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await?,
        };
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    async fn within<T, E: Into<Unreached>>(
        &self,
        deadline: Instant,
        step: Step,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, TransportError> {
        self.within_patience(self.patience, deadline, step, work).await
    }

    async fn within_patience<T, E: Into<Unreached>>(
        &self,
        patience: Duration,
        deadline: Instant,
        step: Step,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, TransportError> {
        let until = deadline.min(Instant::now() + patience);
        match tokio::time::timeout_at(until, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(match error.into() {
                Unreached::Smtp(error) => step.failed(&error),
                Unreached::Network(error) => TransportError::Temporary(format!("{}: {error}", step.name())),
            }),
            Err(_) => {
                Err(TransportError::Temporary(format!("{}: the mail server did not answer in time", step.name())))
            }
        }
    }
}

/// What can go wrong below and above the protocol.
#[derive(Debug, thiserror::Error)]
enum Unreached {
    #[error(transparent)]
    Smtp(#[from] smtp::Error),
    #[error(transparent)]
    Network(#[from] std::io::Error),
}

fn completed(step: Step, reply: &Response) -> Result<(), TransportError> {
    match reply.code().severity {
        Severity::PositiveCompletion => Ok(()),
        _ => Err(unexpected(step, reply)),
    }
}

fn unexpected(step: Step, reply: &Response) -> TransportError {
    TransportError::Temporary(format!("{}: the mail server answered {} out of turn", step.name(), reply.code()))
}

/// TLS with certificates that this machine trusts, as the library has it for STARTTLS.
fn tls_config() -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A connection that hands out at most one line at a time and, in all, at most [`READ_LIMIT`] and [`LINE_LIMIT`].
///
/// The library reads answers to their end, however far that is. And what somebody slips in behind the answer to STARTTLS
/// must meet the TLS handshake, where it fails, not wait in a buffer to be taken for an answer of the protected server.
#[derive(Debug)]
struct Guarded<S> {
    inner: S,
    held: Vec<u8>,
    bytes_left: usize,
    lines_left: usize,
}

impl<S> Guarded<S> {
    fn new(inner: S) -> Self {
        Self { inner, held: Vec::new(), bytes_left: READ_LIMIT, lines_left: LINE_LIMIT }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        if this.lines_left == 0 || this.held.is_empty() && this.bytes_left == 0 {
            return Poll::Ready(Err(std::io::Error::other("the mail server's answer has no end")));
        }
        if this.held.is_empty() {
            let mut space = [0; 4096];
            let limit = space.len().min(this.bytes_left);
            let mut read = ReadBuf::new(&mut space[..limit]);
            std::task::ready!(Pin::new(&mut this.inner).poll_read(cx, &mut read))?;
            this.bytes_left -= read.filled().len();
            this.held.extend_from_slice(read.filled());
        }
        let line = this.held.iter().position(|byte| *byte == b'\n').map_or(this.held.len(), |end| end + 1);
        let taken = line.min(out.remaining());
        this.lines_left = this.lines_left.saturating_sub(usize::from(this.held[..taken].ends_with(b"\n")));
        out.put_slice(&this.held[..taken]);
        this.held.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Guarded<TcpStream> {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}

/// A type of our own, because the library's trait cannot be given to others'.
#[derive(Debug)]
struct Encrypted(tokio_rustls::client::TlsStream<Guarded<TcpStream>>);

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, out)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_4_only_a_permanent_reply_about_the_mail_or_its_recipient_is_final() {
        for code in [500, 501, 521, 550, 551, 552, 553, 554, 556] {
            assert!(Step::Recipient.is_final(code) && Step::Content.is_final(code), "{code}");
            assert!(!Step::Connection.is_final(code) && !Step::Sender.is_final(code), "{code}");
        }
        for code in [250, 354, 421, 450, 451, 452, 530, 534, 535, 538] {
            assert!(!Step::Recipient.is_final(code) && !Step::Content.is_final(code), "{code}");
        }
    }

    #[test]
    fn mail_6_a_server_elsewhere_is_never_talked_to_in_the_clear() {
        let settings = |host: &str| SmtpSettings {
            host: host.to_owned(),
            port: 25,
            security: Security::None,
            username: None,
            password: None,
            patience: SmtpSettings::PATIENCE,
        };
        for host in ["mail.example.org", "192.0.2.1", "localhost.example.org", "127.0.0.1.example.org"] {
            let refused = SmtpServer::new(&settings(host), "partners.test").map(|_| ()).unwrap_err();
            assert!(refused.contains("mail.smtp.security"), "{refused}");
        }
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(SmtpServer::new(&settings(host), "partners.test").is_ok(), "{host}");
        }
    }

    fn read(stream: &mut Guarded<&[u8]>, space: usize) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; space];
        let mut out = ReadBuf::new(&mut bytes);
        let mut context = Context::from_waker(std::task::Waker::noop());
        match Pin::new(stream).poll_read(&mut context, &mut out) {
            Poll::Ready(Ok(())) => Ok(out.filled().to_vec()),
            Poll::Ready(Err(error)) => Err(error.to_string()),
            Poll::Pending => Err("pending".to_owned()),
        }
    }

    #[test]
    fn mail_6_what_is_slipped_in_behind_an_answer_is_not_read_with_it() {
        let mut stream = Guarded::new(&b"220 go ahead\r\n250 AUTH PLAIN\r\n"[..]);
        assert_eq!(read(&mut stream, 5).unwrap(), b"220 g");
        assert_eq!(read(&mut stream, 100).unwrap(), b"o ahead\r\n");
        assert_eq!(read(&mut stream, 100).unwrap(), b"250 AUTH PLAIN\r\n");
        assert_eq!(read(&mut stream, 100).unwrap(), b"");
    }

    #[test]
    fn mail_5_an_answer_without_an_end_is_cut_off() {
        let short_lines = b"250-\r\n".repeat(LINE_LIMIT + 1);
        for (endless, expected) in [(vec![b'a'; READ_LIMIT + 1], READ_LIMIT), (short_lines, 6 * LINE_LIMIT)] {
            let mut stream = Guarded::new(&endless[..]);
            let mut total = 0;
            let ended = loop {
                match read(&mut stream, 1000) {
                    Ok(bytes) => total += bytes.len(),
                    Err(reason) => break reason,
                }
            };
            assert_eq!(total, expected);
            assert!(ended.contains("no end"), "{ended}");
        }
    }
}
