//! The real program, mailing to a server of the tests.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use partner_center::demo::client::{Answer, Client};
use serde_json::Value;

use super::server::MailServer;
use super::{SECRET, USER};
use crate::harness::database::TestDatabase;

/// How long the program may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The real program on a database and a mail server of the test's.
pub struct Program {
    port: u16,
    pub folder: PathBuf,
    pub database: TestDatabase,
    mail_port: u16,
    pub child: Option<Child>,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Program {
    pub fn new(server: &MailServer) -> Self {
        let folder = std::env::temp_dir().join(format!("pc-mail-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, folder, database: TestDatabase::create(), mail_port: server.port, child: None }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-center"));
        command
            .args(arguments)
            .env("DATABASE_URL", self.database.url())
            .env("PARTNER_CENTER__DATA_FOLDER", &self.folder)
            .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("PARTNER_CENTER__HTTP__WORKERS", "1")
            .env("PARTNER_CENTER__LOG__FILTER", "error")
            .env("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")
            .env("PARTNER_CENTER__MAIL__PER_SECOND", "1000")
            .env("PARTNER_CENTER__MAIL__SMTP__HOST", "127.0.0.1")
            .env("PARTNER_CENTER__MAIL__SMTP__PORT", self.mail_port.to_string())
            .env("PARTNER_CENTER__MAIL__SMTP__SECURITY", "none")
            .env("PARTNER_CENTER__MAIL__SMTP__USERNAME", USER)
            .env("PARTNER_CENTER__MAIL__SMTP__PASSWORD", SECRET);
        command
    }

    pub fn start(&mut self) {
        self.child = Some(self.command(&["serve"]).stdout(Stdio::null()).spawn().unwrap());
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub fn client(&self) -> Client {
        Client::new(&format!("http://127.0.0.1:{}", self.port))
    }
}

/// Repeats a call until it is answered, as every client of a program that is killed must.
pub fn until_answered<T>(call: impl Fn() -> Result<T, String>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        match call() {
            Ok(answer) => return answer,
            Err(reason) => assert!(Instant::now() < until, "no answer: {reason}"),
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

pub fn post(client: &Client, path: &str, body: &Value) -> Answer {
    let answer = until_answered(|| client.post(path, body));
    assert!(answer.is_success(), "{path}: HTTP {} {}", answer.status, answer.sentence());
    answer
}
