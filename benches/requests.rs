//! Requests per second and latency of one authenticated GET, beside a bare actix handler in the same run.
//!
//! Server, database and load share the machine, so only ratios mean anything. With `TEST_DATABASE_URL` PostgreSQL is
//! measured as well.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use partner_center::access::{Anyone, NewPerson, Role, SecondFactorRule, SignedIn, create_operator};
use partner_center::app::{App, db_settings};
use partner_center::audit::System;
use partner_center::config::Settings;
use partner_center::demo::client::Client;
use partner_center::platform::Parts;
use partner_center::platform::clock::Clock;
use partner_center::platform::db::{Db, Isolation};
use partner_center::platform::error::Sure;
use partner_center::platform::http::{Error, RequestIds};
use partner_center::platform::installation::Purpose;
use partner_center::platform::text::EmailAddress;
use secrecy::ExposeSecret;
use serde_json::json;

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);

struct Figures {
    name: String,
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

fn main() {
    let bare = bare();
    let mut all = vec![measure("bare actix handler".to_owned(), bare, "/", None)];
    all.extend(centre("SQLite", None));
    #[expect(clippy::disallowed_methods, reason = "the benchmark is told by the environment what to measure")]
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        all.extend(centre("PostgreSQL", Some(url)));
    }
    println!("{:<30} {:>10} {:>8} {:>10} {:>10}", "32 connections", "req/s", "ratio", "p50", "p99");
    let base = all[0].per_second;
    for Figures { name, per_second, p50, p99 } in &all {
        println!("{name:<30} {per_second:>10.0} {:>8.2} {p50:>10.1?} {p99:>10.1?}", per_second / base);
    }
    for measured in all[1..].chunks_exact(3) {
        // Both cores are busy throughout, so the time of a request is the reverse of the throughput.
        let [whole, turn, authentication] = [0, 1, 2].map(|place| 1.0 / measured[place].per_second);
        let share = 100.0 * (authentication - turn) / whole;
        println!("{}: token and scope are {share:.0} % of the request", measured[0].name);
    }
    println!("memory of this process: {} MiB", resident() / 1024);
}

/// A handler that answers static JSON, without anything around it.
fn bare() -> SocketAddr {
    serve(|listener| {
        HttpServer::new(|| {
            let answer =
                || async { HttpResponse::Ok().content_type("application/json").body(r#"{"id":"0","name":"static"}"#) };
            ActixApp::new().route("/", web::get().to(answer))
        })
        .workers(2)
        .listen(listener)
        .expect("a fresh port")
        .run()
    })
}

fn serve(start: impl FnOnce(TcpListener) -> actix_web::dev::Server + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move { start(listener).await }).expect("the server runs");
    });
    address
}

/// A partner centre with one customer; measured is its provider reading it.
fn centre(database: &str, url: Option<String>) -> Vec<Figures> {
    let folder = std::env::temp_dir().join(format!("pc-bench-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut settings = Settings::default().with_data_folder(&folder);
    settings.database.url = url;
    settings.access.second_factor = SecondFactorRule::Optional;
    settings.api.calls_per_minute = 0;
    let db = Db::open(&db_settings(&settings)).expect("the database opens");
    let app = App::new(settings, db, Clock::system(), Purpose::Service).expect("the parts fit");
    let service = app.clone();
    let address = serve(move |listener| {
        let measured = move || {
            let app = service.service();
            app.route("/bench/turn", web::get().to(turn)).route("/bench/authentication", web::get().to(authentication))
        };
        HttpServer::new(measured).workers(2).listen(listener).expect("a fresh port").run()
    });
    let (token, customer) = customer(&app, address);
    let paths = [
        ("GET one customer", format!("/v1/customers/{customer}")),
        ("a turn without a query", "/bench/turn".to_owned()),
        ("token and scope alone", "/bench/authentication".to_owned()),
    ];
    let figures = paths.map(|(what, path)| measure(format!("{database}: {what}"), address, &path, Some(&token)));
    let _ = std::fs::remove_dir_all(folder);
    figures.into()
}

/// A turn at the database that asks nothing: what every request pays.
async fn turn(_anyone: Anyone, parts: web::Data<Parts>) -> Result<HttpResponse, Error> {
    parts.db.read(|_| -> Sure<()> { Ok(()) }).await?;
    Ok(HttpResponse::Ok().json(()))
}

/// The same, for a caller who is looked at.
async fn authentication(me: SignedIn, parts: web::Data<Parts>) -> Result<HttpResponse, Error> {
    me.read(&parts, |_, _| -> Sure<()> { Ok(()) }).await?;
    Ok(HttpResponse::Ok().json(()))
}

/// Makes a provider and its customer: the provider's access token and the customer's id.
fn customer(app: &App, address: SocketAddr) -> (String, String) {
    let parts = app.parts().clone();
    let anyone = Client::new(&format!("http://{address}"));
    let code = |prefix: &str, email: &str| {
        let worker = app.workers()[0].clone();
        let (db, clock) = (parts.db.clone(), parts.clock.clone());
        actix_web::rt::System::new().block_on(async move {
            while partner_center::platform::jobs::work_once(&db, worker.as_ref(), clock.now()).await.is_ok_and(|w| w) {}
        });
        partner_center::demo::token_in_mails(&app.mail_folder(), email, prefix).expect("a mail with a code")
    };
    let email = EmailAddress::try_from("olga@operator.example".to_owned()).expect("an address");
    let person =
        NewPerson { email, display_name: "Olga".to_owned(), roles: vec![Role::GlobalAdmin], language: "en".to_owned() };
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let made: Sure<_> = parts.db.write_now(Isolation::Serializable, &|tx| {
        Ok(create_operator(tx, &parts.keys, &actor, &person, &Default::default(), parts.clock.now())?)
    });
    let password = "correct horse battery";
    let (operator, _) = anyone.activate(made.expect("made").expose_secret(), password).expect("signed in");
    let run = uuid::Uuid::now_v7().simple().to_string();
    let email = format!("nora@{run}.example");
    let agreement = json!({ "version": run, "title": "MPA", "documentUrl": "https://partners.test/mpa" });
    operator.post("/v1/agreements/mpa/versions", &agreement).expect("published");
    let provider = json!({
        "name": "Northwind", "country": "SE", "domain": format!("{run}.example"), "contactEmail": email,
        "description": "d", "mpnId": format!("{}", u32::from_str_radix(&run[..6], 16).unwrap_or(1)),
        "admin": { "email": email, "displayName": "Nora" },
    });
    operator.post("/v1/indirectproviders", &provider).expect("listed");
    let (provider, _) = anyone.activate(&code("act_", &email), password).expect("signed in");
    provider.post("/v1/agreements/mpa/signatures", &json!({})).expect("signed");
    let body = json!({
        "companyProfile": { "domain": format!("c{run}.onmicrosoft.com"), "companyName": "Fabrikam" },
        "billingProfile": {
            "email": "a@b.example", "culture": "sv-SE", "language": "sv", "companyName": "Fabrikam",
            "defaultAddress": { "country": "SE", "addressLine1": "Storgatan 1" },
        },
    });
    let created = provider.post("/v1/customers", &body).expect("created");
    (provider.token().unwrap_or_default().to_owned(), created.text("/id"))
}

fn measure(name: String, address: SocketAddr, path: &str, token: Option<&str>) -> Figures {
    let header = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request: Arc<[u8]> = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n").into_bytes().into();
    let (counting, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (request, counting, over) = (request.clone(), counting.clone(), over.clone());
            std::thread::spawn(move || client(address, &request, &counting, &over))
        })
        .collect();
    std::thread::sleep(WARM_UP);
    counting.store(true, Ordering::SeqCst);
    std::thread::sleep(MEASURED);
    over.store(true, Ordering::SeqCst);
    let mut latencies: Vec<Duration> =
        clients.into_iter().flat_map(|client| client.join().expect("the client runs")).collect();
    latencies.sort_unstable();
    let at = |share: usize| latencies[(latencies.len() * share / 100).min(latencies.len() - 1)];
    let per_second = latencies.len() as f64 / MEASURED.as_secs_f64();
    Figures { name, per_second, p50: at(50), p99: at(99) }
}

/// One connection, kept alive: how long each answer took.
fn client(address: SocketAddr, request: &[u8], counting: &AtomicBool, over: &AtomicBool) -> Vec<Duration> {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a TCP socket");
    let mut out = stream.try_clone().expect("a second handle");
    let mut input = BufReader::new(stream);
    let mut latencies = Vec::new();
    let mut line = String::new();
    let mut body = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let started = Instant::now();
        out.write_all(request).expect("written");
        let mut length = 0;
        line.clear();
        input.read_line(&mut line).expect("a status line");
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        loop {
            line.clear();
            input.read_line(&mut line).expect("a header");
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
        }
        body.resize(length, 0);
        input.read_exact(&mut body).expect("a body");
        if counting.load(Ordering::Relaxed) {
            latencies.push(started.elapsed());
        }
    }
    latencies
}

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
