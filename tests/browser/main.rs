//! The pages in a real browser: they load, look at nothing but this service, and keep their own content policy.
//!
//! Run by `make test-browser`, which brings the browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answering;
mod creating;
mod driver;
#[path = "../program/mod.rs"]
mod program;
mod signing_in;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use partner_center::demo::client::Client;
use serde_json::json;

/// The demo, serving on a port and in a folder of its own.
struct Demo {
    child: Child,
    folder: PathBuf,
    base: String,
    /// Everything it printed up to its end.
    said: Vec<String>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Demo {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("pc-browser-{}", uuid::Uuid::now_v7()));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_partner-center"))
            .arg("demo")
            .env_remove("DATABASE_URL")
            .env("PARTNER_CENTER__DATA_FOLDER", &folder)
            .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            said.push(line);
            let last = said.last().unwrap();
            if last.contains("Press Ctrl-C") || last.contains("The story stopped") {
                break;
            }
        }
        Self { child, folder, base: format!("http://127.0.0.1:{port}"), said }
    }

    /// An open invitation's personal link, made by the demo's provider.
    fn invitation(&self) -> String {
        let place = self.said.iter().position(|line| line.contains("provider  nora@")).unwrap();
        let token = self.said[place + 1].trim();
        let (provider, _) = Client::new(&self.base).sign_in("common", token).unwrap();
        let body = json!({ "email": "lars@lamna.example" });
        provider.post("/v1/relationships/invitations", &body).unwrap().text("/link")
    }
}

/// The document as the browser holds it after loading, and what the browser complained about.
fn open(browser: &str, profile: &Path, address: &str) -> (String, String) {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--dump-dom", address])
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn web_02_the_pages_load_without_breaking_their_content_policy() {
    #[expect(clippy::disallowed_methods, reason = "the script that brings the browser says where it is")]
    let browser = std::env::var("TEST_BROWSER").expect("run this by `make test-browser`");
    let demo = Demo::start();
    assert!(demo.said.iter().any(|line| line.contains("Now it is yours")), "{}", demo.said.join("\n"));
    let profile = demo.folder.join("browser");
    let invitation = demo.invitation();
    for (address, heading) in [
        (demo.base.clone(), "The partner centre of this channel"),
        (invitation.clone(), "Northwind Distribution asks to be your indirect provider"),
        (format!("{}/enrol", demo.base), "Enrol as indirect reseller"),
        (format!("{}/enrol/submitted", demo.base), "Your enrolment has arrived"),
        (format!("{}/nothing", demo.base), "That did not work"),
        // The last one, because the language is remembered.
        (format!("{}/enrol?lang=sv", demo.base), "Anslut som indirekt återförsäljare"),
    ] {
        let (document, complaints) = open(&browser, &profile, &address);
        assert!(document.contains(heading), "{address}: {document}\n{complaints}");
        assert!(!complaints.contains("Content Security Policy"), "{address}: {complaints}");
    }
    // Having been opened by a browser, the invitation is still open.
    let token = invitation.rsplit('/').next().unwrap();
    let opened = Client::new(&demo.base).get(&format!("/v1/invitations/{token}")).unwrap();
    assert_eq!(opened.status, 200);
}
