//! The program in process: a database of its own for every test, a clock that is moved by hand, mails in a folder, and
//! actors that make calls.

mod actors;
pub mod administration;
mod browser;
pub mod catalogue;
pub mod chance;
pub mod database;
pub mod selling;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use futures_util::future::LocalBoxFuture;
use partner_center::access::SecondFactorRule;
use partner_center::app::App;
use partner_center::commands::examine;
use partner_center::config::Settings;
use partner_center::demo::client::multipart;
use partner_center::platform::clock::{Clock, Timestamp};
use partner_center::platform::db::Db;
use partner_center::platform::installation::Purpose;
use partner_center::platform::jobs::work_once;
use partner_center::platform::keys::Keys;
use serde_json::{Value, json};

pub use actors::{Actor, Customer, PASSWORD, customer_body};
pub use browser::{Browser, form_token, hidden_fields};

type Handler = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, actix_web::Error>>>;

/// Saturday, 2026-11-21, 08:00 UTC.
pub const START: Timestamp = Timestamp::from_micros(1_795_248_000_000_000);

/// A partner centre of a test's own.
#[derive(Clone)]
pub struct Centre {
    pub app: App,
    pub clock: Clock,
    handler: Handler,
    home: Rc<Home>,
}

/// Removed with everything in it when the test ends.
struct Home {
    folder: PathBuf,
    settings: Settings,
    keys: Arc<Keys>,
    db: Db,
    // Dropped after the connections are gone.
    database: database::TestDatabase,
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if !std::thread::panicking() {
            let report = examine(&self.db, Some(&self.keys), "test".to_owned()).expect("the database answers");
            assert!(report.is_healthy(), "{report}");
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Answer {
    /// The body of a success; anything else fails the test with what was said.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "HTTP {}: {}", self.status, self.text);
        self.body
    }

    /// Status and stable name of a refusal, such as `404 relationshipMissing`.
    pub fn refusal(&self) -> String {
        let graph = self.body["error"]["code"].as_str();
        let name = self.body["errorName"].as_str().or(graph);
        format!("{} {}", self.status, name.unwrap_or("(no error)"))
    }

    pub fn sentence(&self) -> String {
        self.body["description"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

/// The names in a list.
pub fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

impl Centre {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// A centre with settings of its own.
    pub async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = database::TestDatabase::create();
        let folder = std::env::temp_dir().join(format!("partner-center-test-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut settings = Settings::default().with_data_folder(&folder);
        settings.database.url = Some(database.url().to_owned());
        settings.http.public_base_url = Some("https://partners.test".to_owned());
        // Most stories are not about it; those that are ask for it.
        settings.access.second_factor = SecondFactorRule::Optional;
        change(&mut settings);
        let clock = Clock::manual(START);
        let (app, db, handler) = copy_of_the_program(&settings, &clock).await;
        let keys = app.parts().keys.clone();
        Self { app, clock, handler, home: Rc::new(Home { folder, settings, keys, db, database }) }
    }

    /// The same centre, its queue run by a copy with other settings.
    pub fn run_by(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.home.settings.clone();
        change(&mut settings);
        let app = App::new(settings, self.db().clone(), self.clock.clone(), Purpose::Service).unwrap();
        Self { app, ..self.clone() }
    }

    /// A second copy of the program over the same database, key file and clock: what it remembers is only what is kept.
    pub async fn another_copy(&self) -> Self {
        let (app, _, handler) = copy_of_the_program(&self.home.settings, &self.clock).await;
        Self { app, handler, ..self.clone() }
    }

    /// Where the second half of many clients call: another copy of the program, where the database takes two.
    pub async fn second_copy(&self) -> Self {
        match database::server() {
            Some(_) => self.another_copy().await,
            None => self.clone(),
        }
    }

    pub fn db(&self) -> &Db {
        &self.home.db
    }

    pub fn database(&self) -> &database::TestDatabase {
        &self.home.database
    }

    /// Where files lie.
    pub fn data_folder(&self) -> PathBuf {
        self.home.folder.clone()
    }

    /// What it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.home.settings
    }

    /// Removes files and registrations that are over.
    pub async fn keep_house(&self) {
        partner_center::devices::keep_house(self.app.reception(), self.db(), &self.clock).await.unwrap();
    }

    pub fn mail_folder(&self) -> PathBuf {
        self.home.folder.join("mail")
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Makes a call; errors that the framework answers by itself are answers too.
    pub async fn call(&self, request: TestRequest) -> Answer {
        let response = match (self.handler)(request.to_request()).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.as_response_error().error_response(),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(TestRequest::post().uri(path).set_json(body)).await
    }

    pub async fn form(&self, path: &str, body: &str) -> Answer {
        let request =
            TestRequest::post().uri(path).insert_header(("content-type", "application/x-www-form-urlencoded"));
        self.call(request.set_payload(body.to_owned())).await
    }

    /// The names of all events, oldest first.
    pub fn event_kinds(&self) -> Vec<String> {
        self.database().texts("SELECT kind AS name FROM events ORDER BY id")
    }

    /// Does what is due, until nothing is, and seals what happened.
    pub async fn run_jobs(&self) {
        loop {
            let mut worked = false;
            for worker in self.app.workers() {
                worked |= work_once(self.db(), worker.as_ref(), self.clock.now()).await.unwrap();
            }
            if !worked {
                self.app.sealer().seal_now().await.unwrap();
                return;
            }
        }
    }

    /// The mails sent so far to an address, oldest first, as plain text.
    pub fn mails_to(&self, email: &str) -> Vec<String> {
        let mut paths = mail_files(&self.mail_folder());
        paths.sort();
        let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap().replace("=\r\n", ""));
        texts.filter(|text| text.contains(&format!("To: {email}"))).collect()
    }

    /// Runs the queue and reads the token that begins with `prefix` from the newest mail to an address.
    #[track_caller]
    pub fn token_mailed_to(&self, email: &str, prefix: &str) -> String {
        let mails = self.mails_to(email);
        let mail = mails.iter().rev().find(|mail| mail.contains(prefix)).expect("a mail with that token");
        let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
        mail[mail.find(prefix).unwrap()..].chars().take_while(is_token).collect()
    }
}

async fn copy_of_the_program(settings: &Settings, clock: &Clock) -> (App, Db, Handler) {
    let db = Db::connect(&partner_center::app::db_settings(settings)).unwrap();
    let app = App::new(settings.clone(), db.clone(), clock.clone(), Purpose::Service).unwrap();
    let service = Rc::new(actix_web::test::init_service(app.service()).await);
    let handler: Handler = Rc::new(move |request| {
        let service = service.clone();
        Box::pin(async move { service.call(request).await })
    });
    (app, db, handler)
}

/// The `.eml` files in a folder.
pub fn mail_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect()
}

/// A request that uploads one file.
pub fn upload(path: &str, file_name: &str, file: &[u8], texts: &[(&str, &str)]) -> TestRequest {
    let (content_type, body) = multipart(file_name, file, texts);
    TestRequest::post().uri(path).insert_header(("content-type", content_type)).set_payload(body)
}

/// A request by method, for tables of operations.
pub fn request(method: &str, path: &str) -> TestRequest {
    TestRequest::with_uri(path).method(Method::from_bytes(method.as_bytes()).unwrap())
}

/// An empty JSON object.
pub fn nothing() -> Value {
    json!({})
}
