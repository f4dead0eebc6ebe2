//! The program is killed while files come in and while the registrar settles them: of an upload there is all or nothing, every
//! row gets exactly one outcome, and no device is claimed twice.

use std::time::{Duration, Instant};

use partner_center::demo::client::{Answer, Client};
use serde_json::{Value, json};

use crate::harness::chance::{Random, rounds, seed};
use crate::harness::customer_body;
use crate::harness::database::TestDatabase;
use crate::kill::{CALM, KILLING, PATIENCE, Program, until_answered};

/// Every so many rows one has no serial number.
const BAD: usize = 97;

/// Registers for one customer.
struct Registering {
    client: Client,
    path: String,
    /// Registrations that were acknowledged, each with its rows.
    acknowledged: Vec<(String, usize)>,
    uploads: usize,
}

fn file(run: u64, from: usize, rows: usize) -> Vec<u8> {
    let mut file = "Manufacturer,Model,Serial Number\n".to_owned();
    for row in from..from + rows {
        let serial = if row.is_multiple_of(BAD) { String::new() } else { format!("{run:x}-{row}") };
        file.push_str(&format!("Proseware,Cube,{serial}\n"));
    }
    file.into_bytes()
}

fn good(from: usize, rows: usize) -> usize {
    (from..from + rows).filter(|row| !row.is_multiple_of(BAD)).count()
}

impl Registering {
    fn begin(provider: &Client, name: &str) -> Self {
        let created = until_answered(|| provider.post("/v1/customers", &customer_body(name, None)));
        assert!(created.is_success(), "{}", created.sentence());
        let path = format!("/v1/customers/{}/deviceRegistrations", created.text("/id"));
        let client = provider.with_patience(PATIENCE);
        Self { client, path, acknowledged: Vec::new(), uploads: 0 }
    }

    fn all(&self) -> Vec<Value> {
        let listed = until_answered(|| self.client.get(&self.path));
        assert!(listed.is_success(), "{}", listed.sentence());
        listed.items()
    }

    /// Uploads once. Whoever gets no answer looks whether it came in all the same, and then finds it whole.
    fn upload(&mut self, file: &[u8], rows: usize) -> bool {
        self.uploads += 1;
        let mark = format!("upload {}", self.uploads);
        let answer = self.client.upload(&self.path, "devices.csv", file, &[("orderId", mark.as_str())]);
        let found = match answer {
            Ok(answer) if answer.is_success() => Some(answer.body),
            Ok(answer) if answer.status < 500 => panic!("{}: {}", answer.status, answer.sentence()),
            _ => self.all().into_iter().find(|item| item["orderId"] == mark.as_str()),
        };
        let Some(found) = found else { return false };
        assert_eq!(rows_of(&found), rows, "{found}");
        self.acknowledged.push((found["id"].as_str().unwrap().to_owned(), rows));
        true
    }

    /// Waits until everything acknowledged has ended: how many rows are ready, and how many have failed.
    fn settled(&self) -> (usize, usize) {
        let (mut ready, mut failed) = (0, 0);
        for (id, rows) in &self.acknowledged {
            let patience = Instant::now() + PATIENCE * 4;
            let shown = loop {
                let shown = self.show(id);
                if shown.text("/state") != "registering" {
                    break shown;
                }
                assert!(Instant::now() < patience, "the registration did not go on: {}", shown.body);
                std::thread::park_timeout(Duration::from_millis(100));
            };
            assert_eq!(rows_of(&shown.body), *rows, "{}", shown.body);
            assert_eq!(shown.body["counts"]["pending"], 0);
            ready += count(&shown.body, "ready");
            failed += count(&shown.body, "failed");
        }
        let listed = self.all();
        assert_eq!(listed.len(), self.acknowledged.len(), "nothing but what was acknowledged is there");
        (ready, failed)
    }

    fn show(&self, id: &str) -> Answer {
        until_answered(|| self.client.get(&format!("{}/{id}", self.path)))
    }

    fn is_over(&self) -> bool {
        let runs = |(id, _): &(String, usize)| self.show(id).text("/state") == "registering";
        !self.acknowledged.iter().any(runs)
    }
}

fn count(registration: &Value, of: &str) -> usize {
    usize::try_from(registration["counts"][of].as_u64().unwrap()).unwrap()
}

fn rows_of(registration: &Value) -> usize {
    ["pending", "ready", "failed", "leftOut"].iter().map(|of| count(registration, of)).sum()
}

fn provider(program: &Program) -> Client {
    let operator = program.operator();
    let listed = json!({
        "name": "Northwind", "country": "SE", "domain": "northwind.example", "contactEmail": "nora@northwind.example",
        "description": "d", "mpnId": "100001", "admin": { "email": "nora@northwind.example", "displayName": "Nora" },
    });
    assert!(until_answered(|| operator.post("/v1/indirectproviders", &listed)).is_success());
    let provider = program.activate(&program.mailed("nora@northwind.example", "act_"));
    assert!(until_answered(|| provider.post("/v1/agreements/mpa/signatures", &json!({}))).is_success());
    provider
}

#[test]
fn csv_9_reg_2_kills_during_uploads_and_settling_leave_every_row_one_outcome() {
    let seed = seed();
    let (rows, kills, broken_uploads) = (rounds(20_000, 1_000_000), rounds(4, 50), rounds(2, 20));
    let mut random = Random::new(seed);
    let database = TestDatabase::create();
    let more_rows = [("PARTNER_CENTER__DEVICES__MAX_ROWS", "1000000"), ("PARTNER_CENTER__API__CALLS_PER_MINUTE", "0")];
    let program = Program::start(&database, (seed | 1, 50..800), Box::leak(Box::new(more_rows)));
    program.enter(CALM);
    let provider = provider(&program);
    let mut first = Registering::begin(&provider, "first");
    let mut second = Registering::begin(&provider, "second");

    // Of the devices of the first half want the second's customer as well.
    let (large, small) = (file(seed, 0, rows), file(seed, rows - rows / 10, rows / 5));
    program.enter(KILLING);
    for _ in 0..broken_uploads {
        second.upload(&small, rows / 5);
        first.upload(&large, rows);
    }
    let during_uploads = program.kills();
    program.enter(CALM);
    while first.acknowledged.is_empty() || second.acknowledged.is_empty() {
        first.upload(&large, rows);
        second.upload(&small, rows / 5);
    }
    let mut more = 0;
    program.enter(KILLING);
    while program.kills() < during_uploads + kills {
        if first.is_over() && second.is_over() {
            // All settled before it was killed often enough: more of the same.
            more += 1;
            let from = 2 * rows * more;
            program.enter(CALM);
            assert!(first.upload(&file(seed, from, rows), rows));
            program.enter(KILLING);
        }
        std::thread::park_timeout(Duration::from_millis(50 + random.below(100) as u64));
    }
    program.enter(CALM);

    let (own, other) = (first.settled(), second.settled());
    let all = first.acknowledged.len() * rows + second.acknowledged.len() * (rows / 5);
    assert_eq!(own.0 + own.1 + other.0 + other.1, all);
    let devices = good(0, rows + rows / 10) + (1..=more).map(|more| good(2 * rows * more, rows)).sum::<usize>();
    assert_eq!(own.0 + other.0, devices, "every good device is claimed once");
    let counted = |query: &str| database.texts(query).concat().parse::<usize>().unwrap();
    let cast = "CAST(count(*) AS text) AS name";
    let ready = "r.id IN (SELECT id FROM devices)";
    let failed = "r.id IN (SELECT row_id FROM failed_rows)";
    let of = "FROM registration_rows r JOIN device_registrations g ON g.id = r.registration_id AND g.state = 'settled'";
    assert_eq!(counted(&format!("SELECT {cast} {of} WHERE {ready} AND NOT {failed}")), own.0 + other.0);
    assert_eq!(counted(&format!("SELECT {cast} {of} WHERE {failed} AND NOT {ready}")), own.1 + other.1);
    let claims = "SELECT manufacturer_folded, serial_folded FROM devices WHERE released_at IS NULL GROUP BY 1, 2";
    assert_eq!(counted(&format!("SELECT {cast} FROM ({claims}) claims")), devices);
    println!(
        "seed {seed}: {during_uploads} kills during uploads, {} while {all} rows were settled",
        program.kills() - during_uploads
    );
    program.examine();
}
