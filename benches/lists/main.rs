//! How long the first and the last page of a provider's lists take, with 10,000 partnerships, 100,000 invitations and
//! 100,000 customers; and what is asked of 1,000,000 subscriptions. `-- subscriptions` measures the latter alone.
//!
//! Database and calls share the process, so only ratios mean anything. With `TEST_DATABASE_URL`, an empty database,
//! PostgreSQL is measured as well.

mod subscriptions;

use std::time::{Duration, Instant};

use actix_http::Request;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use partner_center::access::{NewPerson, Role, SecondFactorRule, create_operator};
use partner_center::app::{App, db_settings};
use partner_center::audit::System;
use partner_center::config::Settings;
use partner_center::platform::clock::{Clock, Timestamp, days};
use partner_center::platform::db::{Db, Isolation};
use partner_center::platform::error::Sure;
use partner_center::platform::http::RequestIds;
use partner_center::platform::installation::Purpose;
use partner_center::platform::text::EmailAddress;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

const RESELLERS: usize = 10_000;
const INVITATIONS: usize = 100_000;
const CUSTOMERS: usize = 100_000;
/// Invitations older than these have expired.
const FRESH: usize = 20_000;
const SIZES: [usize; 2] = [50, 1_000];
const MEASURED: usize = 41;
/// What is searched for: a part of some four of ten names.
const SEARCHED: &str = "7";

#[actix_web::main]
async fn main() {
    println!(
        "{:<50} {:>6} {:>10} {:>10} {:>11}",
        "10,000 partnerships, 100,000 of the others", "size", "first", "last", "last/first"
    );
    lists("SQLite", None).await;
    #[expect(clippy::disallowed_methods, reason = "the benchmark is told by the environment what to measure")]
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        lists("PostgreSQL", Some(url)).await;
    }
}

/// How rows are written in SQL.
struct Rows {
    connection: Box<dyn FnMut(&str)>,
    postgres: bool,
}

impl Rows {
    fn new(url: &str) -> Self {
        let connection: Box<dyn FnMut(&str)> = match url.strip_prefix("sqlite://") {
            Some(file) => {
                let mut connection = SqliteConnection::establish(file).expect("the database opens");
                connection.batch_execute("PRAGMA busy_timeout = 30000").expect("taken");
                Box::new(move |sql| connection.batch_execute(sql).expect("inserted"))
            }
            None => {
                let mut connection = PgConnection::establish(url).expect("the database opens");
                Box::new(move |sql| connection.batch_execute(sql).expect("inserted"))
            }
        };
        Self { connection, postgres: !url.starts_with("sqlite://") }
    }

    fn id(&self, id: Uuid) -> String {
        if self.postgres { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    fn at(&self, at: Timestamp) -> String {
        if self.postgres { format!("'{at}'") } else { at.micros().to_string() }
    }

    /// Inserts `count` rows.
    fn insert(&mut self, into: &str, count: usize, row: impl Fn(&Self, usize) -> String) {
        for from in (0..count).step_by(2_000) {
            let values: Vec<String> = (from..count.min(from + 2_000)).map(|n| format!("({})", row(self, n))).collect();
            (self.connection)(&format!("INSERT INTO {into} VALUES {}", values.join(", ")));
        }
    }
}

/// The id of the `n`th row of a table: in order, as those that the program makes.
fn id(table: u128, n: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + (table << 40) + n as u128)
}

const ORGANISATION: u128 = 1;
const PARTNERSHIP: u128 = 2;
const INVITATION: u128 = 3;
const CUSTOMER: u128 = 8;
/// A reseller that is a partner no more: its number as an organisation.
const FORMER: usize = RESELLERS;

fn name(n: usize) -> String {
    format!("Company {n:05}")
}

fn customer_name(n: usize) -> String {
    format!("Customer {n:06}")
}

fn customer_domain(n: usize) -> String {
    format!("c{n}.onmicrosoft.com")
}

/// The reseller through which a customer is served: one in ten each by a partner and by one that was a partner.
fn served_by(n: usize) -> Option<usize> {
    match n % 10 {
        0 => Some(0),
        1 => Some(FORMER),
        _ => None,
    }
}

/// What has become of an invitation. One in ten was accepted: each made a partnership.
fn state(n: usize) -> &'static str {
    match n % 10 {
        0 => "accepted",
        1 => "declined",
        2 => "revoked",
        _ => "open",
    }
}

fn is_fresh(n: usize) -> bool {
    n >= INVITATIONS - FRESH
}

/// When an invitation ends: a second after the one before.
fn ends(n: usize, now: Timestamp) -> Timestamp {
    let first = now.after(days(if is_fresh(n) { 25 } else { 0 })).before(days(2));
    first.after(Duration::from_secs(n as u64))
}

fn fill(rows: &mut Rows, provider: Uuid, now: Timestamp) {
    let [own, at] = [rows.id(provider), rows.at(now)];
    rows.insert("organisations (id, kind, domain, created_at)", RESELLERS, |rows, n| {
        format!("{}, 'reseller', 'r{n}.example', {at}", rows.id(id(ORGANISATION, n)))
    });
    let companies =
        "companies (organisation_id, name, name_folded, country, contact_email, description, listed, created_at)";
    rows.insert(companies, RESELLERS, |rows, n| {
        let (id, name) = (rows.id(id(ORGANISATION, n)), name(n));
        format!("{id}, '{name}', '{}', 'SE', 'a@r{n}.example', 'd', FALSE, {at}", name.to_lowercase())
    });
    rows.insert("mpn_accounts (id, organisation_id, mpn_id, kind, onboarded, verified_at)", RESELLERS, |rows, n| {
        let (id, of) = (rows.id(id(4, n)), rows.id(id(ORGANISATION, n)));
        format!("{id}, {of}, '{}', 'location', TRUE, {at}", 60_000_000 + n)
    });
    rows.insert("enrollments (id, organisation_id, state, submitted_at, decided_at)", RESELLERS, |rows, n| {
        format!("{}, {}, 'approved', {at}, {at}", rows.id(id(5, n)), rows.id(id(ORGANISATION, n)))
    });
    rows.insert("mpa_signatures (id, organisation_id, version, user_id, signed_at)", RESELLERS, |rows, n| {
        let user = "(SELECT user_id FROM mpa_signatures LIMIT 1)";
        format!("{}, {}, '1', {user}, {at}", rows.id(id(6, n)), rows.id(id(ORGANISATION, n)))
    });
    let invitations = "invitations (id, provider_id, email, subject, message, state, created_at, expires_at)";
    let message = "Please follow {link} and accept. ".repeat(20);
    rows.insert(invitations, INVITATIONS, |rows, n| {
        let (id, ends) = (rows.id(id(INVITATION, n)), ends(n, now));
        let (made, ends) = (rows.at(ends.before(days(30))), rows.at(ends));
        format!("{id}, {own}, 'm{n}@r.example', 'Partnership', '{message}', '{}', {made}, {ends}", state(n))
    });
    let mails = "jobs (id, kind, subject_id, version, state, created_at, due_at, attempts, finished_at)";
    rows.insert(mails, INVITATIONS, |rows, n| {
        let (id, of) = (rows.id(id(7, n)), rows.id(id(INVITATION, n)));
        format!("{id}, 'mail_invitation', {of}, 1, 'done', {at}, {at}, 1, {at}")
    });
    rows.insert("partnerships (id, provider_id, reseller_id, invitation_id, started_at)", RESELLERS, |rows, n| {
        let (id, reseller) = (rows.id(id(PARTNERSHIP, n)), rows.id(id(ORGANISATION, n)));
        format!("{id}, {own}, {reseller}, {}, {at}", rows.id(self::id(INVITATION, n * 10)))
    });
    fill_customers(rows, provider, now);
}

fn fill_customers(rows: &mut Rows, provider: Uuid, now: Timestamp) {
    let [own, at] = [rows.id(provider), rows.at(now)];
    let former = rows.id(id(ORGANISATION, FORMER));
    (rows.connection)(&format!(
        "INSERT INTO organisations (id, kind, domain, created_at) VALUES ({former}, 'reseller', 'former.example', {at})"
    ));
    rows.insert("organisations (id, kind, domain, created_at)", CUSTOMERS, |rows, n| {
        format!("{}, 'customer', '{}', {at}", rows.id(id(CUSTOMER, n)), customer_domain(n))
    });
    let profile = json!({
        "email": "billing@customer.example", "culture": "sv-SE", "language": "sv", "companyName": "Customer",
        "defaultAddress": {
            "country": "SE", "city": "Umeå", "postalCode": "903 25", "addressLine1": "Storgatan 1",
            "firstName": "Frida", "lastName": "Fors", "phoneNumber": "+46901234567",
        },
    });
    let customers =
        "customers (organisation_id, created_by, company_name, company_name_folded, domain, profile, created_at)";
    rows.insert(customers, CUSTOMERS, |rows, n| {
        let (id, name, domain) = (rows.id(id(CUSTOMER, n)), customer_name(n), customer_domain(n));
        format!("{id}, {own}, '{name}', '{}', '{domain}', '{profile}', {at}", name.to_lowercase())
    });
    let relationships = "customer_relationships (id, partner_id, customer_id, kind, provider_id, since, searched)";
    let searched = |n| format!("'{}\n{}'", customer_name(n).to_lowercase(), customer_domain(n));
    rows.insert(relationships, CUSTOMERS, |rows, n| {
        let (id, of) = (rows.id(id(9, n)), rows.id(id(CUSTOMER, n)));
        format!("{id}, {own}, {of}, 'provider', NULL, {at}, {}", searched(n))
    });
    let served: Vec<(usize, usize)> = (0..CUSTOMERS).filter_map(|n| Some((n, served_by(n)?))).collect();
    rows.insert(relationships, served.len(), |rows, place| {
        let (n, reseller) = served[place];
        let (id, of) = (rows.id(id(10, n)), rows.id(id(CUSTOMER, n)));
        let reseller = rows.id(self::id(ORGANISATION, reseller));
        format!("{id}, {reseller}, {of}, 'reseller', {own}, {at}, {}", searched(n))
    });
}

/// A filter of the contract on the list of customers.
fn filter(field: &str, value: &str) -> String {
    let text = json!({ "Field": field, "Value": value, "Operator": "starts_with" }).to_string();
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The lists of customers, as [`measured`] tells lists, with what is shown of each.
fn measured_customers() -> Vec<(&'static str, String, Vec<Vec<u8>>)> {
    let found = |found: &dyn Fn(usize) -> bool| -> Vec<Vec<u8>> {
        (0..CUSTOMERS).filter(|n| found(*n)).map(|n| id(CUSTOMER, n).as_bytes().to_vec()).collect()
    };
    let of =
        |number| format!("/v1/customers?filter={}", filter("IndirectReseller", &id(ORGANISATION, number).to_string()));
    let begins = |field, value| format!("/v1/customers?filter={}", filter(field, value));
    let name = |part: &'static str| move |n| customer_name(n).to_lowercase().contains(part);
    vec![
        ("all", "/v1/customers?".to_owned(), found(&|_| true)),
        ("name begins", begins("CompanyName", "Customer 04"), found(&name("customer 04"))),
        ("domain begins", begins("Domain", "c4"), found(&|n| customer_domain(n).starts_with("c4"))),
        ("name search", "/v1/customers?search=ER%2004".to_owned(), found(&name("er 04"))),
        ("domain search", "/v1/customers?search=4.onm".to_owned(), found(&|n| customer_domain(n).contains("4.onm"))),
        ("of a reseller", of(0), found(&|n| served_by(n) == Some(0))),
        ("of a former reseller", of(FORMER), found(&|n| served_by(n) == Some(FORMER))),
    ]
}

/// Searches for one customer and for none, which read all that there are.
const RARE: [(&str, &str, usize); 2] = [
    ("search for one", "/v1/customers?search=customer%20077777", 1),
    ("search for none", "/v1/customers?search=nobody", 0),
];

/// A list: its path, and the places of its rows in order, as continuation tokens name them.
fn measured(now: Timestamp) -> Vec<(String, Vec<Vec<u8>>)> {
    let partnerships = |found: &dyn Fn(usize) -> bool| -> Vec<Vec<u8>> {
        (0..RESELLERS).filter(|n| found(*n)).map(|n| id(PARTNERSHIP, n).as_bytes().to_vec()).collect()
    };
    let place = |n| [&ends(n, now).micros().to_be_bytes()[..], id(INVITATION, n).as_bytes()].concat();
    let invitations =
        |found: &dyn Fn(usize) -> bool| -> Vec<Vec<u8>> { (0..INVITATIONS).filter(|n| found(*n)).map(place).collect() };
    let base = "/v1/relationships";
    vec![
        (format!("{base}?relationship_type=IsIndirectCloudSolutionProviderOf"), partnerships(&|_| true)),
        (format!("{base}/partners?"), partnerships(&|_| true)),
        (format!("{base}/partners?search={SEARCHED}"), partnerships(&|n| name(n).contains(SEARCHED))),
        (format!("{base}/invitations?"), invitations(&|_| true)),
        (format!("{base}/invitations?state=open"), invitations(&|n| state(n) == "open" && is_fresh(n))),
        (format!("{base}/invitations?state=expired"), invitations(&|n| state(n) == "open" && !is_fresh(n))),
        (format!("{base}/invitations?state=accepted"), invitations(&|n| state(n) == "accepted")),
    ]
}

async fn lists(database: &str, url: Option<String>) {
    let folder = std::env::temp_dir().join(format!("pc-bench-{}", Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let mut settings = Settings::default().with_data_folder(&folder);
    settings.database.url = url;
    settings.access.second_factor = SecondFactorRule::Optional;
    settings.api.calls_per_minute = 0;
    let url = settings.database_url();
    let db = Db::open(&db_settings(&settings)).expect("the database opens");
    let app = App::new(settings, db, Clock::system(), Purpose::Service).expect("the parts fit");
    let service = init_service(app.service()).await;
    let operator = operator(&app, &service).await;
    let (provider, token) = provider(&app, &service, &operator).await;
    let now = app.parts().clock.now();
    let mut rows = Rows::new(&url);
    fill(&mut rows, provider, now);
    subscriptions::fill(&mut rows, &app, provider, now);
    if rows.postgres {
        // What the server does by itself after a while.
        (rows.connection)("VACUUM ANALYZE");
    }
    if !std::env::args().any(|asked| asked == "subscriptions") {
        measure_lists(database, &service, &token, now).await;
    }
    let reseller = subscriptions::reseller(&mut rows, &app, &service, &operator).await;
    subscriptions::measure(database, &app, &service, [&token, &reseller], now).await;
    drop((service, app));
    let _ = std::fs::remove_dir_all(folder);
}

async fn measure_lists<S>(database: &str, service: &S, token: &str, now: Timestamp)
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let lists = measured(now).into_iter().map(|(path, rows)| {
        let shown = path.trim_start_matches("/v1/").trim_end_matches('?').split("?relationship_type").next();
        (shown.unwrap_or_default().to_owned(), path.clone(), rows)
    });
    let customers =
        measured_customers().into_iter().map(|(what, path, rows)| (format!("customers, {what}"), path, rows));
    for (shown, path, rows) in lists.chain(customers) {
        for size in SIZES {
            let last = URL_SAFE_NO_PAD.encode(&rows[rows.len() - size - 1]);
            let first = format!("{path}&size={size}");
            let last = format!("{first}&seekOperation=Next&continuationToken={last}");
            let mut times = [Vec::new(), Vec::new()];
            for _ in 0..MEASURED {
                for (page, times) in [&first, &last].into_iter().zip(&mut times) {
                    let begun = Instant::now();
                    let shown = call(service, TestRequest::get().uri(page), token).await;
                    times.push(begun.elapsed());
                    let (items, more) =
                        (shown["items"].as_array().map(Vec::len), shown["continuationToken"].is_string());
                    assert_eq!((items, more), (Some(size), *page == first), "{page}");
                }
            }
            let [first, last] = times.map(median);
            let what = format!("{database}: {shown}");
            let ratio = last.as_secs_f64() / first.as_secs_f64();
            println!("{what:<50} {size:>6} {first:>10.1?} {last:>10.1?} {ratio:>11.2}");
        }
    }
    for (what, path, count) in RARE {
        let mut times = Vec::new();
        for _ in 0..MEASURED {
            let begun = Instant::now();
            let shown = call(service, TestRequest::get().uri(path), token).await;
            times.push(begun.elapsed());
            assert_eq!(shown["totalCount"], count, "{path}");
        }
        println!("{:<50} {:>6} {:>10.1?}", format!("{database}: customers, {what}"), count, median(times));
    }
    let mut times = Vec::new();
    for n in 0..MEASURED {
        let body = json!({ "email": format!("new{n}@r.example"), "send": false });
        let asked = TestRequest::post().uri("/v1/relationships/invitations").set_json(body);
        let begun = Instant::now();
        call(service, asked, token).await;
        times.push(begun.elapsed());
    }
    println!("{:<50} {:>6} {:>10.1?}", format!("{database}: an invitation more"), 1, median(times));
    // With a password that is shown its hash is most of it; a link makes the password when it is revealed.
    for (what, to) in [
        ("a customer more, by a link", json!({ "name": "Anna", "email": "anna@r.example" })),
        ("a customer more", json!(null)),
    ] {
        let mut times = Vec::new();
        for n in 0..MEASURED {
            let domain = format!("new{n}{}.onmicrosoft.com", if to.is_null() { "p" } else { "l" });
            let body = json!({
                "companyProfile": { "domain": domain, "companyName": "New" },
                "billingProfile": {
                    "email": "billing@r.example", "culture": "sv-SE", "language": "sv", "companyName": "New",
                    "defaultAddress": { "country": "SE", "city": "x", "addressLine1": "x", "postalCode": "903 25" },
                },
                "setupInfoTo": to,
            });
            let asked = TestRequest::post().uri("/v1/customers").set_json(body);
            let begun = Instant::now();
            call(service, asked, token).await;
            times.push(begun.elapsed());
        }
        println!("{:<50} {:>6} {:>10.1?}", format!("{database}: {what}"), 1, median(times));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn call<S>(service: &S, request: TestRequest, token: &str) -> Value
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let bearer = ("authorization", format!("Bearer {token}"));
    let request = if token.is_empty() { request } else { request.insert_header(bearer) };
    let response = service.call(request.to_request()).await.expect("an answer");
    let status = response.status();
    let body = to_bytes(response.into_body()).await.expect("a body");
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap_or_default()
}

async fn post<S>(service: &S, path: &str, token: &str, body: Value) -> Value
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    call(service, TestRequest::post().uri(path).set_json(body), token).await
}

/// Activates an account: its refresh token.
async fn activated<S>(service: &S, code: &str) -> String
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let body = json!({ "code": code, "password": "correct horse battery" });
    let account = post(service, "/v1/accounts/activation", "", body).await;
    account["refreshToken"].as_str().expect("a token").to_owned()
}

/// An access token, and of which organisation.
async fn redeemed<S>(service: &S, refresh: &str) -> (Uuid, String)
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let form = [("grant_type", "refresh_token"), ("client_id", "partner-center-cli"), ("refresh_token", refresh)];
    let asked = TestRequest::post().uri("/common/oauth2/v2.0/token").set_form(form);
    let tokens = call(service, asked, "").await;
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).expect("claims");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    (claims["tid"].as_str().and_then(|id| id.parse().ok()).expect("a tenant"), token)
}

/// Makes the operator, with an agreement to sign: its access token.
async fn operator<S>(app: &App, service: &S) -> String
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let parts = app.parts();
    let email = EmailAddress::try_from("olga@operator.example".to_owned()).expect("an address");
    let person =
        NewPerson { email, display_name: "Olga".to_owned(), roles: vec![Role::GlobalAdmin], language: "en".to_owned() };
    let actor = System { organisation: None, request: RequestIds::fresh() };
    let made: Sure<_> = parts.db.write_now(Isolation::Serializable, &|tx| {
        Ok(create_operator(tx, &parts.keys, &actor, &person, &Default::default(), parts.clock.now())?)
    });
    let refresh = activated(service, made.expect("made").expose_secret()).await;
    let (_, operator) = redeemed(service, &refresh).await;
    let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://partners.test/mpa" });
    post(service, "/v1/agreements/mpa/versions", &operator, agreement).await;
    operator
}

/// Lists a provider: the refresh token of its administrator.
async fn listed<S>(app: &App, service: &S, operator: &str, name: &str, mpn_id: &str) -> String
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let domain = format!("{}.example", name.to_lowercase());
    let email = format!("admin@{domain}");
    let listed = json!({
        "name": name, "country": "SE", "domain": domain, "contactEmail": email, "description": "d", "mpnId": mpn_id,
        "admin": { "email": email, "displayName": "Nora" },
    });
    post(service, "/v1/indirectproviders", operator, listed).await;
    let parts = app.parts();
    for worker in app.workers() {
        while partner_center::platform::jobs::work_once(&parts.db, worker.as_ref(), parts.clock.now())
            .await
            .is_ok_and(|worked| worked)
        {}
    }
    let code = partner_center::demo::token_in_mails(&app.mail_folder(), &email, "act_");
    activated(service, &code.expect("a mail with a code")).await
}

/// Makes a provider that has signed the agreement: its id and its access token.
async fn provider<S>(app: &App, service: &S, operator: &str) -> (Uuid, String)
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let refresh = listed(app, service, operator, "Northwind", "100001").await;
    let (provider, token) = redeemed(service, &refresh).await;
    post(service, "/v1/agreements/mpa/signatures", &token, json!({})).await;
    (provider, token)
}
