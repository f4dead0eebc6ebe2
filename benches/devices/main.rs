//! How fast device files become devices, with a directory of 1,000,000, beside what the machine can do in the same run.
//!
//! The real program does the work; program, database and clients share the machine, so only ratios mean anything. With
//! `TEST_DATABASE_URL`, an empty database, PostgreSQL is measured as well. `-- bulk million` measures those parts alone;
//! `-- --json FILE` writes the figures as well.

mod centre;
mod files;
#[path = "../../tests/program/mod.rs"]
#[expect(clippy::unwrap_used, reason = "it belongs to the tests")]
mod program;
mod tables;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use encoding_rs::UTF_16LE;
use serde_json::{Value, json};

use centre::{Centre, done};
use files::Filling;
use tables::Database;

/// Devices that the directory knows.
const DIRECTORY: u32 = 1_000_000;
/// A part of the benchmark, and the word that asks for it.
type Part = (&'static str, fn(&mut Bench));

const PARTS: [Part; 6] = [
    ("small", small),
    ("hashes", hashes),
    ("bulk", bulk),
    ("neighbours", neighbours),
    ("million", million),
    ("memory", memory),
];

/// One database with its program, and what was measured there.
struct Bench {
    database: Database,
    centre: Centre,
    figures: Vec<Value>,
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (mut chosen, mut json_file) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json_file = arguments.next().map(PathBuf::from),
            part => chosen.push(part.to_owned()),
        }
    }
    let folder = std::env::temp_dir().join(format!("pc-bench-devices-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut databases = vec![Database::Sqlite(folder.join("centre.db"))];
    #[expect(clippy::disallowed_methods, reason = "the benchmark is told by the environment what to measure")]
    databases.extend(std::env::var("TEST_DATABASE_URL").map(Database::Postgres));
    println!("{:<62} {:>9} {:>9}", "", "must be", "is");
    let mut figures = Vec::new();
    for database in databases {
        let centre = Centre::start(&database);
        let csv = folder.join("directory.csv");
        files::directory(0..DIRECTORY, &csv).expect("written");
        database.fill_directory(&csv);
        let mut bench = Bench { database, centre, figures: Vec::new() };
        for (_, part) in PARTS.iter().filter(|(name, _)| chosen.is_empty() || chosen.iter().any(|part| part == name)) {
            bench.database.settle_down();
            part(&mut bench);
        }
        figures.append(&mut bench.figures);
    }
    if let Some(file) = json_file {
        std::fs::write(file, json!(figures).to_string()).expect("written");
    }
    let _ = std::fs::remove_dir_all(folder);
}

impl Bench {
    /// A figure, and whether it is what it must be.
    fn tell(&mut self, what: &str, (sign, must): (char, f64), is: f64, besides: &str) {
        let holds = if sign == '≥' { is >= must } else { is <= must };
        let name = self.database.name();
        let mark = if holds { "" } else { "  MISSED" };
        println!("{:<62} {:>9} {is:>9.2}{mark}  {besides}", format!("{name}: {what}"), format!("{sign} {must:.2}"));
        let figure = json!({ "database": name, "what": what, "must": format!("{sign} {must}"), "is": is,
            "holds": holds, "besides": besides });
        self.figures.push(figure);
    }

    /// The rate of a registration as a share of that of the database's own tool, each the median of `times`.
    fn rate(&mut self, rows: u32, times: u32, must: f64) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for time in 0..times {
            let file = files::partner_file(time * rows..(time + 1) * rows);
            self.database.settle_down();
            let begun = Instant::now();
            let registration = self.centre.provider.register(&file);
            let received = begun.elapsed();
            let ready = self.centre.provider.settled(&registration, Duration::from_millis(50));
            assert_eq!(ready, u64::from(rows), "every device is in the directory");
            ours.push((begun.elapsed(), received));
            theirs.push(self.database.load_again(&registration, &self.centre.installation.folder));
        }
        self.database.clear();
        let ((ours, received), theirs) = (median(ours), median(theirs));
        let per_second = |took: Duration| f64::from(rows) / took.as_secs_f64();
        let besides = format!(
            "{:.0} rows/s, of the time {:.0} % until answered; the database's own tool {:.0} rows/s",
            per_second(ours),
            100.0 * received.as_secs_f64() / ours.as_secs_f64(),
            per_second(theirs)
        );
        let what = format!("{rows} rows, rate beside loading them as they end");
        self.tell(&what, ('≥', must), theirs.as_secs_f64() / ours.as_secs_f64(), &besides);
    }
}

fn median<T: Ord>(mut times: Vec<T>) -> T {
    times.sort_unstable();
    times.swap_remove(times.len() / 2)
}

fn bulk(bench: &mut Bench) {
    bench.rate(100_000, 3, 1.0 / 3.0);
}

fn million(bench: &mut Bench) {
    bench.rate(1_000_000, 1, 1.0 / 4.0);
}

/// A few hundred rows, beside single commits.
fn small(bench: &mut Bench) {
    let mut commit = bench.database.committing();
    let (mut commits, mut events, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    // The first ones warm up.
    for time in 0..23 {
        let begun = Instant::now();
        (0..10).for_each(|_| commit());
        commits.push(begun.elapsed());
        let file = files::partner_file(500 * time..500 * (time + 1));
        let begun = Instant::now();
        let registration = bench.centre.provider.register(&file);
        bench.centre.provider.first_event(&registration);
        events.push(begun.elapsed());
        bench.centre.provider.settled(&registration, Duration::from_millis(1));
        settled.push(begun.elapsed());
    }
    let ten = median(commits.split_off(2));
    for (what, most, took) in [("every row settled", 5.0, settled), ("first progress event", 2.0, events)] {
        let took = median(took[2..].to_vec());
        let besides = format!("{took:.1?}; ten commits {ten:.1?}");
        let what = format!("500 rows, upload to {what}, in times of ten commits");
        bench.tell(&what, ('≤', most), took.as_secs_f64() / ten.as_secs_f64(), &besides);
    }
    bench.database.clear();
}

/// Every hash is proved, beside one pass that decodes and hashes the file.
fn hashes(bench: &mut Bench) {
    let file = files::hash_file(0..10_000);
    let mut passes = Vec::new();
    let mut checks = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        std::hint::black_box(decode_and_hash(&file));
        passes.push(begun.elapsed());
        let begun = Instant::now();
        let answer = done(Ok(bench.centre.provider.upload(true, file.len() as u64, |out| out.write_all(&file))));
        checks.push(begun.elapsed());
        assert_eq!(answer.body["counts"]["pending"], 10_000, "every hash is right");
    }
    let (pass, check) = (median(passes), median(checks));
    let besides = format!("{} MB in {check:.2?}; one pass {pass:.2?}", file.len() / 1_000_000);
    let what = "10,000 rows with hashes checked, rate beside one pass";
    bench.tell(what, ('≥', 0.25), pass.as_secs_f64() / check.as_secs_f64(), &besides);
    bench.database.clear();
}

fn decode_and_hash(file: &[u8]) -> [u8; 32] {
    let mut decoder = UTF_16LE.new_decoder_with_bom_removal();
    let mut digest = Context::new(&SHA256);
    let mut text = String::with_capacity(256 * 1024);
    for (n, bytes) in file.chunks(64 * 1024).enumerate() {
        text.clear();
        let last = (n + 1) * 64 * 1024 >= file.len();
        let _ = decoder.decode_to_string(bytes, &mut text, last);
        std::hint::black_box(&text);
        digest.update(bytes);
    }
    digest.finish().as_ref().try_into().expect("32 bytes")
}

/// What another tenant notices of a large registration.
fn neighbours(bench: &mut Bench) {
    let file = files::partner_file(0..300_000);
    let over = AtomicBool::new(false);
    let (idle, busy) = std::thread::scope(|scope| {
        let centre = &bench.centre;
        let begun = Instant::now();
        let idle = latencies(centre, "idle", || begun.elapsed() > Duration::from_secs(10));
        let registering = scope.spawn(|| {
            let registration = centre.provider.register(&file);
            let ready = centre.provider.settled(&registration, Duration::from_millis(200));
            over.store(true, Ordering::SeqCst);
            assert_eq!(ready, 300_000);
        });
        let busy = latencies(centre, "busy", || over.load(Ordering::SeqCst));
        registering.join().expect("it ends");
        (idle, busy)
    });
    for (n, what) in ["a customer read", "an invitation written"].into_iter().enumerate() {
        let ([idle50, idle99], [busy50, busy99]) = (shares(&idle[n]), shares(&busy[n]));
        let besides = format!(
            "{idle99:.2?} became {busy99:.2?} ({} calls); the median {idle50:.2?}, {busy50:.2?}",
            busy[n].len()
        );
        let what = format!("{what} while another registers 300,000, p99 to idle");
        bench.tell(&what, ('≤', 2.0), busy99.as_secs_f64() / idle99.as_secs_f64(), &besides);
    }
    bench.database.clear();
}

/// How long another tenant's calls take: reading a customer, and writing an invitation.
fn latencies(centre: &Centre, name: &str, over: impl Fn() -> bool) -> [Vec<Duration>; 2] {
    let neighbour = &centre.neighbour;
    let mut took = [Vec::new(), Vec::new()];
    while !over() {
        let begun = Instant::now();
        done(neighbour.client.get(&format!("/v1/customers/{}", neighbour.customer)));
        took[0].push(begun.elapsed());
        let email = format!("{name}{}@reseller.example", took[0].len());
        let begun = Instant::now();
        done(neighbour.client.post("/v1/relationships/invitations", &json!({ "email": email, "send": false })));
        took[1].push(begun.elapsed());
        std::thread::park_timeout(Duration::from_millis(2));
    }
    took
}

/// The median and the 99th of a hundred.
fn shares(took: &[Duration]) -> [Duration; 2] {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    [50, 99].map(|share| sorted[(sorted.len() * share / 100).min(sorted.len() - 1)])
}

/// What the program needs for the largest files.
fn memory(bench: &mut Bench) {
    const LENGTH: u64 = 1 << 30;
    for (filling, name) in Filling::ALL {
        bench.centre.restart();
        let idle = bench.centre.memory("VmRSS:");
        bench.centre.forget_peak();
        let answer = bench.centre.provider.upload(false, LENGTH, |out| filling.write(LENGTH, out));
        let received = bench.centre.memory("VmHWM:");
        if answer.is_success() {
            bench.centre.provider.settled(&answer.text("/id"), Duration::from_millis(500));
        }
        let peak = bench.centre.memory("VmHWM:");
        let mib = |kib: u64| kib as f64 / 1024.0;
        let besides =
            format!("idle {:.0} MiB, until answered {:.0} MiB; HTTP {}", mib(idle), mib(received), answer.status);
        bench.tell(&format!("1 GiB {name}, MiB above idle"), ('≤', 64.0), mib(peak.saturating_sub(idle)), &besides);
        bench.database.clear();
    }
}
