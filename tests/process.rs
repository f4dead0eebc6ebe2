//! The program as somebody starts it: what it says when it cannot start, and how it ends.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use partner_center::demo::client::Client;

use crate::harness::database::TestDatabase;

struct Sandbox {
    folder: PathBuf,
    database: TestDatabase,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Sandbox {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("pc-process-{}", uuid::Uuid::now_v7()));
        Self { folder, database: TestDatabase::create_empty() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-center"));
        command
            .args(arguments)
            .env("DATABASE_URL", self.database.url())
            .env("PARTNER_CENTER__DATA_FOLDER", &self.folder)
            .env("PARTNER_CENTER__LOG__FILTER", "error");
        command
    }

    /// Exit code and everything said.
    fn said(&self, arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String) {
        let output = self.command(arguments).envs(settings.iter().copied()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}

#[test]
fn what_prevents_a_start_is_named_with_what_to_do() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let config = sandbox.folder.with_extension("toml");
    std::fs::write(&config, "[http]\ncolour = \"red\"\n").unwrap();
    let config_file = config.display().to_string();
    for (arguments, settings, mentions) in [
        (vec!["serve"], vec![("PARTNER_CENTER__HTTP__LISTEN", taken.as_str())], "PARTNER_CENTER__HTTP__LISTEN"),
        (vec!["serve"], vec![("PARTNER_CENTER__HTTP__LISTEN", "0.0.0.0:0")], "http.tls.certificate"),
        (vec!["serve"], vec![("PARTNER_CENTER__HTTP__LISTEN", "somewhere")], "socket address"),
        (vec!["serve"], vec![("PARTNER_CENTER__DATABASE__POOL", "many")], "pool"),
        (vec!["serve"], vec![("PARTNER_CENTER__LOG__FORMAT", "xml")], "xml"),
        (vec!["serve"], vec![("DATABASE_URL", "mysql://x")], "neither sqlite://PATH nor postgres://"),
        (vec!["serve", "--config", &config_file], vec![], "colour"),
        (vec!["serve", "--config", "no-such-file.toml"], vec![], "no-such-file.toml"),
        (vec!["doctor"], vec![("DATABASE_URL", "sqlite:///proc/no-such.db")], "holds no partner centre yet"),
        (vec!["operator", "create", "--email", "olga", "--name", "Olga"], vec![], "\"olga\" is not an e-mail address"),
        (vec!["operator", "import-directory", "no-such.csv"], vec![], "no-such.csv"),
        (vec!["operator", "import-offers", "no-such.json"], vec![], "no-such.json"),
    ] {
        let (code, said) = sandbox.said(&arguments, &settings);
        assert_eq!(code, Some(1), "{arguments:?} {settings:?}: {said}");
        assert!(said.contains(mentions) && !said.contains("panicked"), "{arguments:?} {settings:?}: {said}");
    }
    std::fs::remove_file(config).unwrap();
}

#[test]
fn offers_are_imported_by_a_command_from_json_or_csv() {
    let sandbox = Sandbox::new();
    let offers = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/offers.json");
    for (added, changed) in [(13, 0), (0, 0)] {
        let (code, said) = sandbox.said(&["operator", "import-offers", offers], &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("{added} are new, {changed} were changed")), "{said}");
    }
    let csv = sandbox.folder.join("offers.csv");
    std::fs::write(&csv, "id;name;category\nA;B;C\n").unwrap();
    let (code, said) = sandbox.said(&["operator", "import-offers", &csv.display().to_string()], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("\"minimumQuantity\" is missing") && said.contains("\"isAvailable\" is missing"), "{said}");
}

#[test]
fn the_demo_refuses_a_database_that_it_did_not_make() {
    let sandbox = Sandbox::new();
    let (code, said) = sandbox.said(&["migrate"], &[]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = sandbox.said(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"], &[]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = sandbox.said(&["demo"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("partner-center serve"), "{said}");
    let (code, said) = sandbox.said(&["doctor"], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 jobs waiting"), "the operator's mail is still there: {said}");
}

#[test]
fn aud_03_logs_are_json_and_hold_no_body_no_secret_and_no_token() {
    let sandbox = Sandbox::new();
    let (_, created) = sandbox.said(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"], &[]);
    let code: String = created[created.find("act_").unwrap()..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = sandbox
        .command(&["serve"])
        .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{port}"))
        .env("PARTNER_CENTER__LOG__FORMAT", "json")
        .env("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")
        .env("PARTNER_CENTER__LOG__FILTER", "debug")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    });
    let client = Client::new(&format!("http://127.0.0.1:{port}"));
    let patience = Instant::now() + Duration::from_secs(60);
    while client.get("/readyz").is_err() && Instant::now() < patience {
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let password = "canary-password-of-olga";
    let (olga, refresh) = client.activate(&code, password).unwrap();
    let company = serde_json::json!({ "email": "canary-person@operator.example", "displayName": "Canary", "roles": ["global_admin"] });
    assert!(olga.post("/v1/users", &company).unwrap().is_success());
    let _ = client.post(
        "/v1/accounts/password",
        &serde_json::json!({ "userName": "x", "temporaryPassword": "canary-guess", "newPassword": "canary-new-one" }),
    );
    let link = "inv_canaryCanaryCanary";
    for path in [
        format!("/invitations/{link}"),
        format!("/v1/invitations/{link}"),
        "/relationships/rel_canary?DAP=true&indirectCSPId=canary-provider".to_owned(),
        "/v1/relationshiprequests/links/req_canary?DAP=true".to_owned(),
        "/activate/act_canary?code=canary-query".to_owned(),
    ] {
        let _ = client.get(&path);
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    let text = reader.join().unwrap();
    assert!(text.lines().count() >= 6, "{text}");
    for line in text.lines() {
        let parsed: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(parsed["level"].is_string() && parsed["timestamp"].is_string(), "{line}");
    }
    let token = olga.token().unwrap_or_default();
    for secret in [password, &code, &refresh, token, link, "canary", "Canary"] {
        assert!(!secret.is_empty() && !text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

#[test]
fn aud_02_the_command_says_whether_the_trail_is_whole_and_exits_accordingly() {
    let sandbox = Sandbox::new();
    let (code, said) = sandbox.said(&["audit", "verify"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("holds no partner centre yet"), "{said}");
    sandbox.said(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"], &[]);
    let (code, said) = sandbox.said(&["audit", "verify"], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Nothing is sealed yet") && said.contains("1 event is not sealed yet"), "{said}");
    let never = format!("7:{}", "ab".repeat(32));
    let (code, said) = sandbox.said(&["audit", "verify", "--since", &never], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&never) && said.contains("not part of this trail"), "{said}");
    let (code, said) = sandbox.said(&["audit", "verify", "--since", "7"], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("SEQUENCE:HASH"), "{said}");
    // Without the key file nothing can be proved.
    std::fs::remove_file(sandbox.folder.join("partner-center.key")).unwrap();
    let (code, said) = sandbox.said(&["audit", "verify"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is missing"), "{said}");
}

#[test]
fn aud_02_the_serving_program_seals_what_happened() {
    let sandbox = Sandbox::new();
    sandbox.said(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"], &[]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let mut child = sandbox.command(&["serve"]).env("PARTNER_CENTER__HTTP__LISTEN", listen).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    let said = loop {
        let (code, said) = sandbox.said(&["audit", "verify"], &[]);
        assert_eq!(code, Some(0), "{said}");
        if said.contains("0 events are not sealed yet") || Instant::now() > patience {
            break said;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    };
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    let head = said.lines().find_map(|line| line.strip_prefix("Head: ")).expect(&said).to_owned();
    assert!(head.starts_with("1:"), "{said}");
    let (code, said) = sandbox.said(&["audit", "verify", "--since", &head], &[]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn ops_5_a_stopped_program_ends_cleanly() {
    let sandbox = Sandbox::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = sandbox
        .command(&["serve"])
        .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{port}"))
        .env("PARTNER_CENTER__LOG__FILTER", "info")
        .env("PARTNER_CENTER__LOG__FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let client = Client::new(&format!("http://127.0.0.1:{port}"));
    let patience = Instant::now() + Duration::from_secs(60);
    while !client.get("/readyz").is_ok_and(|answer| answer.status == 200) {
        assert!(Instant::now() < patience, "the program did not become ready");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(child.wait().unwrap().success(), "{log}");
    let line = log.lines().find(|line| line.contains("/readyz")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!((line["status"].as_u64(), line["route"].as_str()), (Some(200), Some("/readyz")));
    assert!(line["request_id"].is_string());
}
