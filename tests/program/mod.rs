//! The real program in a process and a folder of its own, for the test targets beside the suite.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A folder and a port for one installation of the program.
pub struct Installation {
    pub folder: PathBuf,
    pub port: u16,
}

/// The program while it serves.
pub struct Serving(pub Child);

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Installation {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pc-{name}-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, port }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // With as many open files as the system allows: a crowd needs more than what shells usually grant.
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_partner-center")])
            .args(arguments)
            .env_remove("DATABASE_URL")
            .env("PARTNER_CENTER__DATA_FOLDER", &self.folder)
            .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("PARTNER_CENTER__LOG__FILTER", "warn");
        command
    }

    /// Starts to serve, and waits until connections are taken.
    pub fn serve(&self, settings: &[(&str, &str)]) -> Serving {
        let child = self.command(&["serve"]).envs(settings.iter().copied()).stdout(Stdio::null()).spawn().unwrap();
        let serving = Serving(child);
        let patience = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < patience, "the program did not start");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        serving
    }

    /// The activation code of an operator made by command.
    pub fn operator(&self, settings: &[(&str, &str)], email: &str) -> String {
        let output = self
            .command(&["operator", "create", "--email", email, "--name", "Olga Operator"])
            .envs(settings.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        token(&said, "act_").unwrap_or_else(|| panic!("{said}"))
    }
}

/// The first link token of a text.
pub fn token(text: &str, prefix: &str) -> Option<String> {
    let start = text.find(prefix)?;
    let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    Some(text[start..].chars().take_while(is_token).collect())
}
