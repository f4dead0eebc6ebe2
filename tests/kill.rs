//! The program is killed at random moments of the story and started again: nothing acknowledged is lost, nothing is done
//! twice, mail and registrations go on.

use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use partner_center::demo::client::{Answer, Client};
use serde_json::{Value, json};

use crate::harness::database::TestDatabase;
use crate::harness::{PASSWORD, customer_body, mail_files};

/// Kills per run of the suite; stories are played until there were that many.
const KILLS: usize = 15;
/// Stories at least.
const STORIES: usize = 3;
/// How long anything may take: a copy killed at its work leaves a lease of 30 s behind, several times if it is unlucky.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The program is killed at random moments.
pub const KILLING: usize = 0;
/// The last one started is left alone to finish what was begun.
pub const CALM: usize = 1;
/// The test has seen enough.
pub const OVER: usize = 2;

/// The program as somebody runs it, killed and started again by a thread of its own.
pub struct Program {
    pub base: String,
    folder: PathBuf,
    database: String,
    settings: &'static [(&'static str, &'static str)],
    phase: Arc<AtomicUsize>,
    kills: Arc<AtomicUsize>,
    killer: Option<std::thread::JoinHandle<()>>,
}

/// The program to kill: `PROGRAM` names another build of it, for large numbers.
fn executable() -> String {
    #[expect(clippy::disallowed_methods, reason = "the suite is told by the environment which build to kill")]
    std::env::var("PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_partner-center").to_owned())
}

impl Program {
    /// Starts it, and kills it now and then: so many milliseconds apart, of which the start takes about 60.
    pub fn start(
        database: &TestDatabase,
        (seed, apart): (u64, Range<u64>),
        settings: &'static [(&'static str, &'static str)],
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("pc-kill-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut program = Self {
            base: format!("http://127.0.0.1:{port}"),
            folder,
            database: database.url().to_owned(),
            settings,
            phase: Arc::default(),
            kills: Arc::default(),
            killer: None,
        };
        let (phase, kills) = (program.phase.clone(), program.kills.clone());
        let starter = program.starter(port);
        let free = lease_freer(database);
        program.killer = Some(std::thread::spawn(move || {
            let mut random = seed;
            let mut child = starter();
            let wait = |from: usize, at_most: Duration| {
                let until = Instant::now() + at_most;
                while Instant::now() < until && phase.load(Ordering::SeqCst) == from {
                    std::thread::park_timeout(Duration::from_millis(5));
                }
            };
            while phase.load(Ordering::SeqCst) != OVER {
                // xorshift: enough to land anywhere.
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                wait(KILLING, Duration::from_millis(apart.start + random % (apart.end - apart.start)));
                if phase.load(Ordering::SeqCst) == KILLING {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    kills.fetch_add(1, Ordering::SeqCst);
                    free();
                    child = starter();
                }
                wait(CALM, Duration::from_secs(3_600));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }));
        program
    }

    fn starter(&self, port: u16) -> impl Fn() -> Child + Send + 'static {
        let (folder, database, settings) = (self.folder.clone(), self.database.clone(), self.settings);
        move || {
            Command::new(executable())
                .arg("serve")
                .envs(settings.iter().copied())
                .env("DATABASE_URL", &database)
                .env("PARTNER_CENTER__DATA_FOLDER", &folder)
                .env("PARTNER_CENTER__HTTP__LISTEN", format!("127.0.0.1:{port}"))
                .env("PARTNER_CENTER__HTTP__WORKERS", "1")
                .env("PARTNER_CENTER__LOG__FILTER", "error")
                .env("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")
                .stdout(Stdio::null())
                .stderr(Stdio::inherit())
                .spawn()
                .unwrap()
        }
    }

    pub fn command(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(executable())
            .args(arguments)
            .env("DATABASE_URL", &self.database)
            .env("PARTNER_CENTER__DATA_FOLDER", &self.folder)
            .output()
            .unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.phase.store(OVER, Ordering::SeqCst);
        if let Some(killer) = self.killer.take() {
            let _ = killer.join();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a killed copy held is free at once on SQLite, where its successor knows it is gone. On PostgreSQL a lease has to
/// lapse, which would leave most of the kills nothing to interrupt: here it lapses with its copy.
fn lease_freer(database: &TestDatabase) -> impl Fn() + Send + 'static {
    let url = database.url().to_owned();
    move || {
        if !url.starts_with("sqlite://") {
            let lapsed = "UPDATE jobs SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL";
            PgConnection::establish(&url).unwrap().batch_execute(lapsed).unwrap();
        }
    }
}

/// Repeats a call until it is answered by something else than "not now": what every client does.
pub fn until_answered(call: impl Fn() -> Result<Answer, String>) -> Answer {
    let patience = Instant::now() + PATIENCE;
    loop {
        match call() {
            Ok(answer) if answer.status < 500 => return answer,
            other => assert!(Instant::now() < patience, "no answer: {other:?}"),
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

pub fn token(mail: &str, prefix: &str) -> Option<String> {
    let start = mail.find(prefix)?;
    let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    Some(mail[start..].chars().take_while(is_token).collect())
}

impl Program {
    /// From now on it is killed, or left alone.
    pub fn enter(&self, phase: usize) {
        self.phase.store(phase, Ordering::SeqCst);
    }

    /// How often it was killed.
    pub fn kills(&self) -> usize {
        self.kills.load(Ordering::SeqCst)
    }

    /// Makes the operator: signed in.
    pub fn operator(&self) -> Client {
        let made = self.command(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"]);
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        let code = token(&said, "act_").unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&made.stderr)));
        let operator = self.activate(&code);
        let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://partners.test/mpa" });
        assert!(until_answered(|| operator.post("/v1/agreements/mpa/versions", &agreement)).is_success());
        operator
    }

    /// Ends it, and lets the doctor look: nothing waits, and every invariant holds.
    pub fn examine(mut self) {
        self.enter(OVER);
        self.killer.take().unwrap().join().unwrap();
        let doctor = self.command(&["doctor"]);
        let report = String::from_utf8_lossy(&doctor.stdout);
        assert!(doctor.status.success() && report.contains("every invariant holds"), "{report}");
        assert!(report.contains(": 0 jobs waiting, 0 given up"), "{report}");
    }

    pub fn mails_to(&self, email: &str, prefix: &str) -> Vec<String> {
        let mails = mail_files(&self.folder.join("mail"));
        let texts = mails.iter().filter_map(|path| std::fs::read_to_string(path).ok());
        let texts = texts.map(|text| text.replace("=\r\n", ""));
        texts.filter(|text| text.contains(&format!("To: {email}"))).filter_map(|text| token(&text, prefix)).collect()
    }

    pub fn mailed(&self, email: &str, prefix: &str) -> String {
        let patience = Instant::now() + PATIENCE;
        loop {
            if let Some(token) = self.mails_to(email, prefix).pop() {
                return token;
            }
            assert!(Instant::now() < patience, "no mail to {email}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    pub fn anyone(&self) -> Client {
        Client::new(&self.base)
    }

    /// Signs in with an activation code, as often as it takes: a code with its password can be sent again.
    pub fn activate(&self, code: &str) -> Client {
        let patience = Instant::now() + PATIENCE;
        loop {
            match self.anyone().activate(code, PASSWORD) {
                Ok((client, _)) => return client,
                Err(reason) => assert!(Instant::now() < patience, "cannot sign in: {reason}"),
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

/// What was acknowledged, to be found again at the end.
struct Acknowledged {
    provider: Client,
    reseller: Client,
    reseller_id: String,
    customer: String,
    registration: String,
    admin: String,
}

const ROWS: usize = 2_500;

fn play(program: &Program, operator: &Client, name: &str, number: usize) -> Acknowledged {
    let admin = |company: &str| format!("admin@{company}{name}.example");
    let ok = |answer: Answer| {
        assert!(answer.is_success(), "HTTP {}: {}", answer.status, answer.sentence());
        answer
    };
    let provider_body = json!({
        "name": format!("provider{name}"), "country": "SE", "domain": format!("p{name}.example"),
        "contactEmail": admin("p"), "description": "d", "mpnId": (100_000 + number).to_string(),
        "admin": { "email": admin("p"), "displayName": "P" },
    });
    // Whoever lost the answer is told on the second try that it is there.
    let created = until_answered(|| operator.post("/v1/indirectproviders", &provider_body));
    assert!(created.is_success() || created.status == 409, "{}", created.sentence());
    let enrollment = json!({
        "companyName": format!("reseller{name}"), "country": "SE", "domain": format!("r{name}.example"),
        "mpnIds": { "global": (200_000 + number).to_string(), "locations": [(300_000 + number).to_string()],
            "onboarding": (300_000 + number).to_string() },
        "admin": { "email": admin("r"), "displayName": "R" },
    });
    let enrolled = until_answered(|| program.anyone().post("/v1/enrollments", &enrollment));
    assert!(enrolled.is_success() || enrolled.status == 409, "{}", enrolled.sentence());
    let listed = ok(until_answered(|| operator.get("/v1/enrollments"))).items();
    let wanted = json!(format!("reseller{name}"));
    let found = listed.iter().find(|item| item["companyName"] == wanted).expect("the enrolment is there");
    let approve = format!("/v1/enrollments/{}/approve", found["id"].as_str().unwrap());
    ok(until_answered(|| operator.post(&approve, &json!({}))));
    let reseller_id = found["tenantId"].as_str().unwrap().to_owned();

    let provider = program.activate(&program.mailed(&admin("p"), "act_"));
    let reseller = program.activate(&program.mailed(&admin("r"), "act_"));
    for client in [&provider, &reseller] {
        ok(until_answered(|| client.post("/v1/agreements/mpa/signatures", &json!({}))));
    }
    let invitation = json!({ "email": admin("invited") });
    ok(until_answered(|| provider.post("/v1/relationships/invitations", &invitation)));
    let accept = format!("/v1/invitations/{}/accept", program.mailed(&admin("invited"), "inv_"));
    ok(until_answered(|| reseller.post(&accept, &json!({}))));
    let created = until_answered(|| provider.post("/v1/customers", &customer_body(name, Some(&reseller_id))));
    assert!(created.is_success() || created.status == 409, "{}", created.sentence());
    let customer = ok(until_answered(|| provider.get(&format!("/v1/customers/{name}.onmicrosoft.com")))).text("/id");

    let mut file = "Manufacturer,Model,Serial Number\n".to_owned();
    for row in 0..ROWS {
        file.push_str(&format!("Proseware,Cube,{name}-{row}\n"));
    }
    let path = format!("/v1/customers/{customer}/deviceRegistrations");
    let upload = || {
        // A client that lost the answer looks before it uploads once more.
        let known = reseller.get(&path)?;
        match known.items().first() {
            Some(item) => Ok(Answer { status: 201, body: item.clone() }),
            None => reseller.upload(&path, "devices.csv", file.as_bytes(), &[]),
        }
    };
    let registration = ok(until_answered(upload)).text("/id");
    Acknowledged { provider, reseller, reseller_id, customer, registration, admin: admin("r") }
}

#[test]
fn dur_2_kills_at_any_moment_lose_nothing_and_double_nothing() {
    let seed = u64::from(std::process::id()) * 2_654_435_761 + 1;
    let database = TestDatabase::create();
    let program = Program::start(&database, (seed, 80..600), &[]);
    let operator = program.operator();
    let mut played: Vec<Acknowledged> = Vec::new();
    while played.len() < STORIES || program.kills() < KILLS {
        let n = played.len();
        assert!(n < 200, "the program is not being killed");
        played.push(play(&program, &operator, &format!("story{n}"), n));
    }
    program.enter(CALM);
    println!("seed {seed}: {} kills during {} stories", program.kills(), played.len());

    for (n, story) in played.iter().enumerate() {
        let registration = format!("/v1/customers/{}/deviceRegistrations/{}", story.customer, story.registration);
        let patience = Instant::now() + PATIENCE;
        let settled = loop {
            let shown = until_answered(|| story.reseller.get(&registration));
            if shown.text("/state") != "registering" {
                break shown;
            }
            assert!(Instant::now() < patience, "the registration did not go on");
            std::thread::park_timeout(Duration::from_millis(100));
        };
        assert_eq!(settled.body["counts"], json!({ "pending": 0, "ready": ROWS, "failed": 0, "leftOut": 0 }));
        let list = format!("/v1/customers/{}/deviceRegistrations", story.customer);
        assert_eq!(until_answered(|| story.reseller.get(&list)).items().len(), 1);
        let resellers = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";
        let partners = until_answered(|| story.provider.get(resellers)).items();
        assert_eq!(partners.len(), 1);
        assert_eq!(partners[0]["id"], Value::String(story.reseller_id.clone()));
        assert_eq!(program.mails_to(&story.admin, "act_").len(), 1, "one activation mail");
        let invited = format!("admin@invitedstory{n}.example");
        assert_eq!(program.mails_to(&invited, "inv_").len(), 1, "one invitation mail");
    }
    program.examine();
}
