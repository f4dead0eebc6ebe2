//! The real program with two providers, each with a customer, and what their clients do over HTTP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use partner_center::demo::client::{Answer, Client};
use partner_center::demo::token_in_mails;
use serde_json::{Value, json};

use crate::program::{Installation, Serving};
use crate::tables::Database;

const PASSWORD: &str = "correct horse battery";
/// Nothing that is measured takes longer.
const PATIENCE: Duration = Duration::from_secs(1_800);

pub struct Centre {
    pub installation: Installation,
    settings: Vec<(&'static str, String)>,
    serving: Option<Serving>,
    pub provider: Tenant,
    pub neighbour: Tenant,
}

/// A provider signed in, and its customer.
pub struct Tenant {
    pub client: Client,
    pub customer: String,
    port: u16,
}

impl Centre {
    pub fn start(database: &Database) -> Self {
        let installation = Installation::new("bench-devices");
        let settings = vec![
            ("DATABASE_URL", database.url()),
            ("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional".to_owned()),
            ("PARTNER_CENTER__ACCESS__ACCESS_TOKEN_MINUTES", "1440".to_owned()),
            ("PARTNER_CENTER__API__CALLS_PER_MINUTE", "0".to_owned()),
            // Of followers whose registration is forgotten while they look.
            ("PARTNER_CENTER__LOG__FILTER", "off".to_owned()),
            ("PARTNER_CENTER__DEVICES__MAX_ROWS", "2000000".to_owned()),
            ("PARTNER_CENTER__DEVICES__STAGED_BYTES_PER_ORGANISATION", (64_u64 << 30).to_string()),
        ];
        let borrowed: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let serving = installation.serve(&borrowed);
        let code = installation.operator(&borrowed, "olga@operator.example");
        let anyone = Client::new(&format!("http://127.0.0.1:{}", installation.port));
        let (operator, _) = anyone.activate(&code, PASSWORD).expect("signed in");
        let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://partners.test/mpa" });
        done(operator.post("/v1/agreements/mpa/versions", &agreement));
        let [provider, neighbour] = [("northwind", 100_001), ("litware", 100_002)]
            .map(|(name, mpn)| tenant(&installation, &operator, name, mpn));
        Self { installation, settings, serving: Some(serving), provider, neighbour }
    }

    /// The program anew, as it is before it has done anything.
    pub fn restart(&mut self) {
        self.serving = None;
        let borrowed: Vec<(&str, &str)> = self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.serving = Some(self.installation.serve(&borrowed));
        done(self.provider.client.get(&format!("/v1/customers/{}", self.provider.customer)));
    }

    /// Resident memory in KiB: now (`VmRSS`), or the most since [`Centre::forget_peak`] (`VmHWM`).
    pub fn memory(&self, which: &str) -> u64 {
        let status = std::fs::read_to_string(self.process("status")).expect("the program runs");
        let line = status.lines().find(|line| line.starts_with(which)).expect("a line of it");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    pub fn forget_peak(&self) {
        std::fs::write(self.process("clear_refs"), "5").expect("our own process");
    }

    fn process(&self, file: &str) -> String {
        // The shell that raised the limit of open files became the program.
        format!("/proc/{}/{file}", self.serving.as_ref().expect("the program runs").0.id())
    }
}

pub fn done(call: Result<Answer, String>) -> Answer {
    let answer = call.expect("an answer");
    assert!(answer.is_success(), "HTTP {}: {}", answer.status, answer.sentence());
    answer
}

fn tenant(installation: &Installation, operator: &Client, name: &str, mpn_id: u32) -> Tenant {
    let email = format!("nora@{name}.example");
    let provider = json!({
        "name": name, "country": "SE", "domain": format!("{name}.example"), "contactEmail": email, "description": "d",
        "mpnId": mpn_id.to_string(), "admin": { "email": email, "displayName": "Nora" },
    });
    done(operator.post("/v1/indirectproviders", &provider));
    let begun = Instant::now();
    let code = loop {
        match token_in_mails(&installation.folder.join("mail"), &email, "act_") {
            Some(code) => break code,
            None => std::thread::park_timeout(Duration::from_millis(20)),
        }
        assert!(begun.elapsed() < PATIENCE, "no mail");
    };
    let anyone = Client::new(&format!("http://127.0.0.1:{}", installation.port));
    let (client, _) = anyone.activate(&code, PASSWORD).expect("signed in");
    done(client.post("/v1/agreements/mpa/signatures", &json!({})));
    let customer = json!({
        "companyProfile": { "domain": format!("{name}.onmicrosoft.com"), "companyName": name },
        "billingProfile": {
            "email": "billing@customer.example", "culture": "sv-SE", "language": "sv", "companyName": name,
            "defaultAddress": { "country": "SE", "city": "Umeå", "addressLine1": "Storgatan 1", "postalCode": "903 25" },
        },
    });
    let customer = done(client.post("/v1/customers", &customer)).text("/id");
    Tenant { client, customer, port: installation.port }
}

impl Tenant {
    fn registrations(&self) -> String {
        format!("/v1/customers/{}/deviceRegistrations", self.customer)
    }

    fn begin(&self, method: &str, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the program listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let token = self.client.token().unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{headers}\r\n",
            self.port
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream
    }

    /// Uploads a file of `length` bytes as it is written: the answer.
    pub fn upload(&self, dry_run: bool, length: u64, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Answer {
        let flag = format!("--x\r\nContent-Disposition: form-data; name=\"dryRun\"\r\n\r\n{dry_run}\r\n");
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"devices.csv\"\r\n\r\n";
        let tail = "\r\n--x--\r\n";
        let whole = (flag.len() + head.len() + tail.len()) as u64 + length;
        let headers = format!("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {whole}\r\n");
        let stream = self.begin("POST", &self.registrations(), &headers);
        let mut out = io::BufWriter::with_capacity(64 * 1024, &stream);
        // Whoever is refused early is answered, too.
        let _ = out
            .write_all(flag.as_bytes())
            .and_then(|()| out.write_all(head.as_bytes()))
            .and_then(|()| write(&mut out))
            .and_then(|()| out.write_all(tail.as_bytes()))
            .and_then(|()| out.flush());
        drop(out);
        let mut text = String::new();
        BufReader::new(&stream).read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Answer { status, body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// Registers the devices of a file: the registration's id.
    pub fn register(&self, file: &[u8]) -> String {
        done(Ok(self.upload(false, file.len() as u64, |out| out.write_all(file)))).text("/id")
    }

    /// Waits until every row has its outcome: how many became devices.
    pub fn settled(&self, registration: &str, look_every: Duration) -> u64 {
        let path = format!("{}/{registration}", self.registrations());
        let begun = Instant::now();
        loop {
            let shown = done(self.client.get(&path));
            if shown.body["counts"]["pending"] == 0 && shown.text("/state") != "registering" {
                return shown.body["counts"]["ready"].as_u64().unwrap_or(0);
            }
            assert!(begun.elapsed() < PATIENCE, "the registration does not end: {}", shown.body);
            std::thread::park_timeout(look_every);
        }
    }

    /// Returns once the first event of a registration's progress has come.
    pub fn first_event(&self, registration: &str) {
        let stream = self.begin("GET", &format!("{}/{registration}/events", self.registrations()), "");
        let told = BufReader::new(stream).lines().map_while(Result::ok).any(|line| line.starts_with("data: {"));
        assert!(told, "no progress");
    }
}
