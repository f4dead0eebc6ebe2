//! A mail server in a process of its own that keeps a journal and misbehaves as told.
//!
//! It is this very test binary, started anew with [`OPTIONS`] in its environment. It is told what to do on its standard input
//! and writes its journal to its standard output, a line of JSON for each thing that happened. It ends with its input, so
//! it never outlives the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The variable that makes a process of the suite, told to run one test of this file, a mail server.
const OPTIONS: &str = "TEST_MAIL_SERVER";
/// How long a test waits for something in the journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server is told at its start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Options {
    /// Chosen by [`MailServer::stopped`].
    pub port: u16,
    /// Certificate and key, PEM; without them it offers no TLS.
    pub tls: Option<(String, String)>,
    /// TLS from the start instead of STARTTLS.
    pub wrapped: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// It listens.
    Listening,
    /// It was told something and has understood it.
    Told(String),
    /// Somebody connected.
    Opened(u64),
    /// A line that the client said.
    Said(u64, String),
    /// A mail, taken as far as the final dot; nothing was answered yet.
    Mail(Received),
    /// It stopped in the middle, as it was told.
    Stalled,
    /// A connection ended.
    Closed(u64),
}

/// A mail as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub connection: u64,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
}

impl Received {
    /// The mail as text, its soft line breaks joined.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("=\r\n", "")
    }

    /// The link token that begins with `prefix`.
    pub fn token(&self, prefix: &str) -> Option<String> {
        let text = self.text();
        let start = text.find(prefix)?;
        let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
        Some(text[start..].chars().take_while(is_token).collect())
    }
}

#[derive(Default)]
struct Journal {
    entries: Mutex<Vec<Entry>>,
    more: Condvar,
}

impl Journal {
    fn count(&self, which: impl Fn(&Entry) -> bool) -> usize {
        self.entries.lock().unwrap().iter().filter(|entry| which(entry)).count()
    }

    #[track_caller]
    fn wait_until(&self, seen: impl Fn(&[Entry]) -> bool) {
        let until = Instant::now() + PATIENCE;
        let mut entries = self.entries.lock().unwrap();
        while !seen(&entries) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not in the journal: {:?}", entries.iter().rev().take(20).collect::<Vec<_>>());
            entries = self.more.wait_timeout(entries, left).unwrap().0;
        }
    }
}

struct Process {
    child: Child,
    input: ChildStdin,
    reader: std::thread::JoinHandle<()>,
}

/// The server as tests use it. Its journal goes on when it is stopped and started again.
pub struct MailServer {
    pub port: u16,
    options: Options,
    journal: Arc<Journal>,
    process: Mutex<Option<Process>>,
    // Bound, never listening: while the server is stopped connections are refused, and nobody else gets the port.
    _reserved: tokio::net::TcpSocket,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl MailServer {
    /// A server that behaves well.
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub fn start_with(options: Options) -> Self {
        let mut server = Self::stopped(options);
        server.start_again();
        server
    }

    /// A server that is off.
    pub fn stopped(options: Options) -> Self {
        let reserved = tokio::net::TcpSocket::new_v4().unwrap();
        reserved.set_reuseaddr(true).unwrap();
        reserved.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let port = reserved.local_addr().unwrap().port();
        let options = Options { port, ..options };
        Self { port, options, journal: Arc::default(), process: Mutex::default(), _reserved: reserved }
    }

    pub fn start_again(&mut self) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "mail::server::the_mail_server_has_noted_what_it_answers", "--nocapture"])
            .env(OPTIONS, serde_json::to_string(&self.options).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let journal = self.journal.clone();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The test runner of the child says a few words too.
                if let Ok(entry) = serde_json::from_str(&line) {
                    journal.entries.lock().unwrap().push(entry);
                    journal.more.notify_all();
                }
            }
        });
        let before = self.journal.count(|entry| *entry == Entry::Listening);
        *self.process.lock().unwrap() = Some(Process { child, input, reader });
        self.wait_until(|entries| entries.iter().filter(|entry| **entry == Entry::Listening).count() > before);
    }

    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            let _ = process.child.kill();
            let _ = process.child.wait();
            // What it had written is in the journal then.
            let _ = process.reader.join();
        }
    }

    /// Tells the server something, and waits until it has understood.
    pub fn tell(&self, command: &str) {
        if let Some(process) = self.process.lock().unwrap().as_mut() {
            let before = self.journal.count(|entry| matches!(entry, Entry::Told(_)));
            writeln!(process.input, "{command}").unwrap();
            self.wait_until(|entries| entries.iter().filter(|entry| matches!(entry, Entry::Told(_))).count() > before);
        }
    }

    /// How connections opened from now on are treated.
    pub fn behave(&self, mode: &str) {
        self.tell(&format!("mode {mode}"));
    }

    /// Everything that had happened when this was called: the server notes it before it answers, and what it notes is read
    /// in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.tell("read on");
        self.journal.entries.lock().unwrap().clone()
    }

    pub fn count(&self, which: impl Fn(&Entry) -> bool) -> usize {
        self.entries().iter().filter(|entry| which(entry)).count()
    }

    /// Waits until the journal says so.
    #[track_caller]
    pub fn wait_until(&self, seen: impl Fn(&[Entry]) -> bool) {
        self.journal.wait_until(seen);
    }

    /// The same, for a test whose own tasks must go on meanwhile.
    pub async fn until(&self, seen: impl Fn(&[Entry]) -> bool + Send + 'static) {
        let journal = self.journal.clone();
        tokio::task::spawn_blocking(move || journal.wait_until(seen)).await.unwrap();
    }

    pub fn mails(&self) -> Vec<Received> {
        let mail = |entry| if let Entry::Mail(mail) = entry { Some(mail) } else { None };
        self.entries().into_iter().filter_map(mail).collect()
    }

    pub fn mails_to(&self, email: &str) -> Vec<Received> {
        self.mails().into_iter().filter(|mail| mail.to == [email]).collect()
    }

    /// The token in the newest mail to somebody, waiting for it if need be.
    #[track_caller]
    pub fn token_mailed_to(&self, email: &str, prefix: &str) -> String {
        let find = |entries: &[Entry]| {
            entries.iter().rev().find_map(|entry| match entry {
                Entry::Mail(mail) if mail.to == [email] => mail.token(prefix),
                _ => None,
            })
        };
        self.wait_until(|entries| find(entries).is_some());
        find(&self.entries()).unwrap()
    }
}

/// What these tests rest on. It is also where the server's process begins, since only a binary can be started and the suite
/// is the one that is always there.
#[test]
fn the_mail_server_has_noted_what_it_answers() {
    #[expect(clippy::disallowed_methods, reason = "a process is told by its environment what it is")]
    if let Ok(options) = std::env::var(OPTIONS) {
        serve_until_the_input_ends(&options);
    }
    let server = MailServer::start();
    let mut client = BufReader::new(TcpStream::connect(("127.0.0.1", server.port)).unwrap());
    let mut heard = |code: &str| {
        let mut line = String::new();
        while !line.starts_with(&format!("{code} ")) {
            line.clear();
            assert_ne!(client.read_line(&mut line).unwrap(), 0, "it hung up instead of {code}");
        }
        client.get_ref().try_clone().unwrap()
    };
    let mut to = heard("220");
    for (said, code) in [
        ("EHLO client.test", "250"),
        ("MAIL FROM:<us@centre.test>", "250"),
        ("RCPT TO:<anna@b.example>", "250"),
        ("RCPT TO:<bo@b.example>", "250"),
        ("DATA", "354"),
    ] {
        write!(to, "{said}\r\n").unwrap();
        heard(code);
        assert!(server.entries().contains(&Entry::Said(0, said.into())), "{said}");
    }
    // A line that begins with a dot has one more on its way.
    write!(to, "Subject: hello\r\n\r\n..\r\nthe end\r\n.\r\n").unwrap();
    heard("250");
    let [mail] = &server.mails()[..] else { panic!("one mail: {:?}", server.entries()) };
    assert_eq!(mail.to, ["anna@b.example", "bo@b.example"]);
    assert_eq!(mail.text(), "Subject: hello\r\n\r\n.\r\nthe end\r\n");
    write!(to, "QUIT\r\n").unwrap();
    heard("221");
    server.wait_until(|entries| entries.contains(&Entry::Closed(0)));
}

fn serve_until_the_input_ends(options: &str) -> ! {
    let options: Options = serde_json::from_str(options).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", options.port)).unwrap();
    let tls = options.tls.as_ref().map(|(certificate, key)| tls_config(certificate, key));
    let server = Arc::new(Server { wrapped: options.wrapped, tls, ..Server::default() });
    let listening = server.clone();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (server, stream) = (listening.clone(), stream.unwrap());
            std::thread::spawn(move || server.serve(number as u64, stream));
        }
    });
    server.note(&Entry::Listening);
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("mode", mode)) => mode.clone_into(&mut server.mode.lock().unwrap()),
            Some(("stall", after)) => *server.stall.lock().unwrap() = Some(after.parse().unwrap()),
            _ if line == "release" => {
                *server.released.lock().unwrap() = true;
                server.release.notify_all();
            }
            _ => {}
        }
        server.note(&Entry::Told(line));
    }
    std::process::exit(0);
}

fn tls_config(certificate: &str, key: &str) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

#[derive(Default)]
struct Server {
    wrapped: bool,
    tls: Option<Arc<rustls::ServerConfig>>,
    mode: Mutex<String>,
    /// Lines until it stops in the middle.
    stall: Mutex<Option<usize>>,
    released: Mutex<bool>,
    release: Condvar,
}

enum Stream {
    Plain(TcpStream),
    Encrypted(Box<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.read(buffer),
            Stream::Encrypted(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Stream::Plain(stream) => stream.write(bytes),
            Stream::Encrypted(stream) => stream.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Stream::Plain(stream) => stream.flush(),
            Stream::Encrypted(stream) => stream.flush(),
        }
    }
}

impl Server {
    fn note(&self, entry: &Entry) {
        let line = serde_json::to_string(entry).unwrap();
        let mut out = std::io::stdout().lock();
        // Whoever reads it may be gone; then this process ends too.
        let _ = writeln!(out, "\n{line}");
        let _ = out.flush();
    }

    /// Notes something; stops for good if its turn has come.
    fn note_and_maybe_stall(&self, entry: &Entry) {
        self.note(entry);
        let stalls = {
            let mut stall = self.stall.lock().unwrap();
            *stall = stall.map(|left| left.saturating_sub(1));
            *stall == Some(0)
        };
        if stalls {
            self.note(&Entry::Stalled);
            self.wait_for_release();
        }
    }

    fn wait_for_release(&self) {
        let mut released = self.released.lock().unwrap();
        while !*released {
            released = self.release.wait(released).unwrap();
        }
    }

    fn encrypted(&self, stream: TcpStream) -> Stream {
        let connection = rustls::ServerConnection::new(self.tls.clone().unwrap()).unwrap();
        Stream::Encrypted(Box::new(rustls::StreamOwned::new(connection, stream)))
    }

    fn serve(&self, number: u64, stream: TcpStream) {
        self.note(&Entry::Opened(number));
        let plain = stream.try_clone().unwrap();
        let stream = if self.wrapped { self.encrypted(stream) } else { Stream::Plain(stream) };
        let mode = self.mode.lock().unwrap().clone();
        let mut conversation =
            Conversation { server: self, number, mode, plain, stream: BufReader::new(stream), to: Vec::new() };
        let _ = conversation.hold();
        self.note(&Entry::Closed(number));
    }
}

struct Conversation<'s> {
    server: &'s Server,
    number: u64,
    mode: String,
    plain: TcpStream,
    stream: BufReader<Stream>,
    to: Vec<String>,
}

impl Conversation<'_> {
    fn say(&mut self, text: &str) -> std::io::Result<()> {
        let text = match (self.mode.as_str(), text.split_at(3)) {
            ("several-lines", (code, rest)) if !rest.starts_with('-') => format!("{code}-one\r\n{code}-two\r\n{text}"),
            _ => text.to_owned(),
        };
        self.raw(format!("{text}\r\n").as_bytes())
    }

    fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// The next line that the client says; nothing if it is gone.
    fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line)?;
        Ok((!line.is_empty()).then_some(line))
    }

    fn until_gone(&mut self) -> std::io::Result<()> {
        while self.line()?.is_some() {}
        Ok(())
    }

    fn forever(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        loop {
            self.raw(bytes)?;
        }
    }

    fn hold(&mut self) -> std::io::Result<()> {
        match self.mode.as_str() {
            "silent" => return self.until_gone(),
            "greets-554" => return self.say("554 5.3.2 no service for you"),
            "greets-421" => return self.say("421 4.3.2 too busy"),
            "drips" => {
                for byte in b"220 mail.test but slowly, one letter after the other".iter().cycle() {
                    self.raw(&[*byte])?;
                    let pause = Duration::from_millis(20);
                    let _ = self.server.release.wait_timeout(self.server.released.lock().unwrap(), pause);
                }
            }
            _ => self.say("220 mail.test")?,
        }
        while let Some(line) = self.line()? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            self.server.note_and_maybe_stall(&Entry::Said(self.number, line.clone()));
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let go_on = match verb.as_str() {
                "EHLO" => self.hello()?,
                "STAR" => self.start_tls()?,
                "AUTH" => self.simply("235 2.7.0 welcome", &[("auth-535", "535 5.7.8 wrong password")])?,
                "MAIL" => self.sender()?,
                "RCPT" => self.recipient(&line)?,
                "DATA" => self.data()?,
                "QUIT" if self.mode == "silent-at-quit" => return self.until_gone(),
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.simply("502 5.5.1 what?", &[])?,
            };
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says `usual`, or what the mode has instead.
    fn simply(&mut self, usual: &str, otherwise: &[(&str, &str)]) -> std::io::Result<bool> {
        let found = otherwise.iter().find(|(mode, _)| *mode == self.mode);
        self.say(found.map_or(usual, |(_, answer)| answer))?;
        Ok(true)
    }

    fn hello(&mut self) -> std::io::Result<bool> {
        match self.mode.as_str() {
            "endless-line" => self.forever(&[b'a'; 4096])?,
            "endless-answer" => self.forever(b"250-and another thing\r\n")?,
            "ehlo-421" => {
                self.say("421 4.3.2 going down")?;
                return Ok(false);
            }
            "ehlo-502" => return self.simply("502 5.5.1 what?", &[]),
            _ => {}
        }
        let offer = match self.stream.get_ref() {
            Stream::Plain(_) if self.server.tls.is_some() => "250-STARTTLS\r\n",
            _ if self.mode == "no-auth" => "",
            _ => "250-AUTH PLAIN LOGIN\r\n",
        };
        self.say(&format!("250-mail.test\r\n{offer}250 8BITMIME"))?;
        Ok(true)
    }

    fn start_tls(&mut self) -> std::io::Result<bool> {
        if self.server.tls.is_none() {
            return self.simply("502 5.5.1 what?", &[]);
        }
        self.say("220 2.0.0 go ahead")?;
        self.stream = BufReader::new(self.server.encrypted(self.plain.try_clone()?));
        Ok(true)
    }

    fn sender(&mut self) -> std::io::Result<bool> {
        self.to.clear();
        match self.mode.as_str() {
            "garbage" => self.raw(b"\xff\xfe\0 what is this\r\n")?,
            "two-codes" => self.raw(b"250-fine\r\n550 or not\r\n")?,
            _ => {
                let otherwise = [
                    ("mail-451", "451 4.7.1 greylisted, come again"),
                    ("mail-530", "530 5.7.0 authenticate first"),
                    ("mail-550", "550 5.1.8 who are you?"),
                    ("mail-354", "354 go on"),
                ];
                return self.simply("250 2.1.0 ok", &otherwise);
            }
        }
        Ok(true)
    }

    fn recipient(&mut self, line: &str) -> std::io::Result<bool> {
        let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        // The part before the first dot of an address may name a mode, for mails that are treated unlike others.
        if let Some((mode, _)) = address.split_once('.').filter(|(mode, _)| ["tarpit", "rcpt-550"].contains(mode)) {
            mode.clone_into(&mut self.mode);
        }
        self.to.push(address);
        if self.mode == "tarpit" {
            self.server.wait_for_release();
            self.say("451 4.3.0 so sorry")?;
            return Ok(true);
        }
        let otherwise = [
            ("rcpt-450", "450 4.2.0 greylisted, come again"),
            ("rcpt-530", "530 5.7.0 authenticate first"),
            ("rcpt-550", "550 5.1.1 no such mailbox"),
            ("rcpt-nul", "550 5.1.1 no\0such\u{1b}[2Jmailbox"),
        ];
        self.simply("250 2.1.5 ok", &otherwise)
    }

    fn data(&mut self) -> std::io::Result<bool> {
        match self.mode.as_str() {
            "data-silent" => {
                self.until_gone()?;
                return Ok(false);
            }
            "data-554" => return self.simply("554 5.6.0 not such a mail", &[]),
            "data-250" => return self.simply("250 2.0.0 fine", &[]),
            _ => self.say("354 go on")?,
        }
        let mut bytes = Vec::new();
        loop {
            let Some(line) = self.line()? else { return Ok(false) };
            if self.mode == "closes-in-the-mail" {
                return Ok(false);
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let mail = Received { connection: self.number, to: self.to.clone(), bytes };
        self.server.note_and_maybe_stall(&Entry::Mail(mail));
        match self.mode.as_str() {
            "taken-dies" => return Ok(false),
            "taken-silent" => {
                self.until_gone()?;
                return Ok(false);
            }
            "closes-after-250" => {
                self.say("250 2.0.0 taken")?;
                return Ok(false);
            }
            _ => {}
        }
        let otherwise =
            [("taken-451", "451 4.3.0 disk full"), ("taken-552", "552 5.3.4 too big"), ("taken-354", "354 and more?")];
        self.simply("250 2.0.0 taken", &otherwise)
    }
}
