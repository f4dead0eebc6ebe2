//! Wiring: settings become parts, parts become a service and its workers.

mod paths;

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_service::map_config;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App as ActixApp, HttpResponse, HttpServer};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{AfterSignIn, Attempts, Passwords, Tenancy, Tokens};
use crate::audit::Sealer;
use crate::companies::Regions;
use crate::config::Settings;
use crate::delegation::AdministrationKeeper;
use crate::devices::{Librarian, Reception, Registrar, Staging, StagingError};
use crate::partnerships::Reminder;
use crate::platform::clock::Clock;
use crate::platform::db::{Db, DbSettings, Dialect, Isolation, OpenError, Read, ServingLock};
use crate::platform::error::{Failure, Sure};
use crate::platform::http::{
    Answering, BaseUrl, BodyLimits, BulkLimits, CallLimit, Error, KnownHosts, OwnService, PagingSettings, PathTable,
    TrustedProxies, around, unknown_path,
};
use crate::platform::idempotency::{self, InFlight};
use crate::platform::installation::{self, Purpose, WrongKey};
use crate::platform::jobs::{self, JobKind, Worker};
use crate::platform::mail::{Compose, Postman, Stationery, Transport};
use crate::platform::pace::Pace;
use crate::platform::{Parts, portal};
pub use paths::OTHER_PATHS;
use paths::path_table;

use crate::subscriptions::SubscriptionKeeper;
use crate::{access, audit, companies, customers, delegation, devices, overview, partnerships, subscriptions};

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] WrongKey),
    /// The staging folder.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A setting.
    #[error("{0}")]
    Setting(String),
    /// The address.
    #[error(
        "cannot listen on {address}: {source}. Stop the program that uses it, or set http.listen \
         (PARTNER_CENTER__HTTP__LISTEN) to another address"
    )]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The certificate or its key.
    #[error("cannot use {file} for TLS: {reason}")]
    Tls {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Server(std::io::Error),
}

/// How often what has ended is forgotten: sessions, codes, tokens, kept answers.
const HOUSEKEEPING: Duration = Duration::from_secs(60 * 60);

/// How long a stop waits for the jobs at hand, after the requests under way.
const JOBS_AT_STOP: Duration = Duration::from_secs(2);

/// The whole program but for its network: what `serve`, the demo and the tests share.
#[derive(Clone)]
pub struct App {
    settings: Arc<Settings>,
    parts: Parts,
    tokens: Tokens,
    passwords: Passwords,
    in_flight: InFlight,
    attempts: Attempts,
    hosts: KnownHosts,
    proxies: TrustedProxies,
    calls: CallLimit,
    regions: Data<Regions>,
    paths: Arc<PathTable>,
    openapi: Arc<String>,
    workers: Vec<Arc<dyn Worker>>,
    reception: Reception,
    sealer: Sealer,
}

/// How the database is opened with these settings.
pub fn db_settings(settings: &Settings) -> DbSettings {
    DbSettings {
        url: settings.database_url(),
        pool: settings.database.pool,
        wait: Duration::from_secs(settings.database.wait_seconds),
    }
}

impl App {
    /// Puts the parts together over a migrated database.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn new(settings: Settings, db: Db, clock: Clock, purpose: Purpose) -> Result<Self, StartError> {
        let regions = Regions::load(&settings.companies).map_err(StartError::Setting)?;
        let keys =
            installation::keys_of(&db, &settings.key_file(), purpose, clock.now()).map_err(
                |failure| match failure {
                    Failure::Refused(wrong) => StartError::Keys(wrong),
                    Failure::Database(error) => StartError::Database(OpenError::Migration(error.to_string())),
                },
            )?;
        let base = BaseUrl::new(&settings.public_base_url());
        let parts = Parts { db, clock, keys: Arc::new(keys), base };
        let tokens = Tokens::new(parts.keys.clone(), &parts.base);
        let staging = Staging::new(&settings.devices, settings.staging_folder(), parts.keys.clone());
        devices::claim_folder(&parts.db, &staging)?;
        let reception = Reception::new(parts.db.clone(), staging);
        let workers = workers(&settings, &parts, &reception)?;
        let loopback = settings.http.listen.ip().is_loopback();
        let hosts = KnownHosts::new(&parts.base, settings.http.also_hosts.names(), loopback);
        let proxies = TrustedProxies::new(settings.http.trusted_proxies.names()).map_err(StartError::Setting)?;
        let calls = CallLimit::per_minute(settings.api.calls_per_minute);
        let document = openapi();
        Ok(Self {
            settings: Arc::new(settings),
            tokens,
            passwords: Passwords::new(),
            in_flight: InFlight::default(),
            attempts: Attempts::default(),
            hosts,
            proxies,
            calls,
            regions: Data::new(regions),
            paths: Arc::new(path_table(&document)),
            openapi: Arc::new(document.to_json().map_err(|error| StartError::Setting(error.to_string()))?),
            workers,
            reception,
            sealer: Sealer::new(&parts),
            parts,
        })
    }

    /// On SQLite the serving lock proves that whoever held a lease is gone, so nobody need wait for its end.
    fn free_leases_of_predecessor(&self) -> Result<(), StartError> {
        let db = &self.parts.db;
        if db.dialect() == Dialect::Postgres {
            return Ok(());
        }
        let freed: Sure<()> = db.write_now(Isolation::Serializable, &|tx| {
            jobs::free_leases(tx)?;
            Ok(audit::free_lease(tx)?)
        });
        freed.map_err(|failure| StartError::Database(OpenError::Migration(failure.to_string())))
    }

    /// What handlers use, for the demo and for tests.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Where mails lie while no server is configured.
    pub fn mail_folder(&self) -> PathBuf {
        self.settings.mail_folder()
    }

    /// The workers, for tests that run the queue by hand.
    pub fn workers(&self) -> &[Arc<dyn Worker>] {
        &self.workers
    }

    /// The reception of device files, for tests that keep house by hand.
    pub fn reception(&self) -> &Reception {
        &self.reception
    }

    /// The sealer of the trail, for tests that seal by hand.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The service, as the server and the tests run it.
    pub fn service(
        &self,
    ) -> ActixApp<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<BoxBody>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let openapi = self.openapi.clone();
        let packed = self.clone();
        let (app, _) = ActixApp::new()
            .wrap(from_fn(around))
            .app_data(Data::new(self.parts.clone()))
            .app_data(Data::new(self.tokens.clone()))
            .app_data(Data::new(self.passwords.clone()))
            .app_data(Data::new(self.settings.access.clone()))
            .app_data(Data::new(self.settings.partnerships.clone()))
            .app_data(Data::new(self.settings.customers.clone()))
            .app_data(Data::new(self.settings.subscriptions.clone()))
            .app_data(Data::new(self.settings.devices.clone()))
            .app_data(Data::new(self.reception.clone()))
            .app_data(Tenancy(delegation::holds_grant))
            .app_data(AfterSignIn(&[
                partnerships::INVITATION_LINK,
                delegation::ADMINISTRATION_LINK,
                delegation::REQUEST_LINK,
            ]))
            .app_data(OwnService::new(move || answering(packed.clone())))
            .app_data(Data::new(self.in_flight.clone()))
            .app_data(Data::new(self.attempts.clone()))
            .app_data(self.regions.clone())
            .app_data(self.paths.clone())
            .app_data(self.hosts.clone())
            .app_data(self.proxies.clone())
            .app_data(self.calls.clone())
            .app_data(BodyLimits { bytes: self.settings.http.max_body_bytes })
            .app_data(BulkLimits { bytes: self.settings.devices.max_body_bytes })
            .app_data(PagingSettings { first_page: self.settings.api.first_page })
            .into_utoipa_app()
            .configure(routes)
            .split_for_parts();
        app.configure(portal::pages)
            .configure(access::pages)
            .configure(companies::pages)
            .configure(partnerships::pages)
            .configure(delegation::pages)
            .configure(subscriptions::pages)
            .configure(overview::pages)
            .route("/openapi.json", web::get().to(move || document(openapi.clone())))
            .route("/healthz", web::get().to(healthz))
            .route("/readyz", web::get().to(readyz))
            .default_service(web::to(unknown_path))
    }

    /// Starts the workers, each as often as it works at once, until `stop` is told.
    pub fn start_workers(&self, stop: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        let loops = self.workers.iter().flat_map(|worker| std::iter::repeat_n(worker, worker.at_once()));
        let start = |worker: &Arc<dyn Worker>| {
            let (db, clock) = (self.parts.db.clone(), self.parts.clock.clone());
            tokio::spawn(jobs::run(db, worker.clone(), clock, stop.clone()))
        };
        loops.map(start).collect()
    }

    /// Serves until SIGINT or SIGTERM; then requests under way and the jobs at hand are finished. `ready` is called once
    /// the address is bound.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn serve(self, ready: impl FnOnce(std::net::SocketAddr)) -> Result<(), StartError> {
        let http = &self.settings.http;
        let service = self.clone();
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let workers = if http.workers == 0 { cores } else { http.workers };
        let server = HttpServer::new(move || service.service())
            .workers(workers)
            .client_request_timeout(Duration::from_secs(15))
            .shutdown_timeout(http.shutdown_seconds);
        let listening = |source| StartError::Listen { address: http.listen, source };
        let server = match &http.tls {
            None => server.bind(http.listen).map_err(listening)?,
            Some(tls) => server.bind_rustls_0_23(http.listen, tls_config(tls)?).map_err(listening)?,
        };
        let address = server.addrs().first().copied().unwrap_or(http.listen);
        let (stop, stopped) = watch::channel(false);
        let mut jobs = self.start_workers(&stopped);
        jobs.push(tokio::spawn(keep_house(self.parts.clone(), self.reception.clone(), stopped.clone())));
        jobs.push(tokio::spawn(self.sealer.clone().run(stopped)));
        let running = server.run();
        ready(address);
        let outcome = running.await;
        let _ = stop.send(true);
        let until = tokio::time::Instant::now() + JOBS_AT_STOP;
        for job in jobs {
            // What is under way longer is dropped as at a kill: its transaction ends, its lease ends, it goes on later.
            let _ = tokio::time::timeout_at(until, job).await;
        }
        outcome.map_err(StartError::Server)
    }
}

/// The service for calls that come packed in another.
fn answering(app: App) -> LocalBoxFuture<'static, Option<Answering>> {
    let made = async move {
        let service = map_config(app.service(), |_| AppConfig::default()).new_service(()).await.ok()?;
        let service = Rc::new(service);
        let answer = move |request| {
            let service = service.clone();
            async move { service.call(request).await }.boxed_local()
        };
        Some(Rc::new(answer) as Answering)
    };
    made.boxed_local()
}

/// Opens and migrates the database, takes the serving lock, and serves until told to stop.
///
/// # Errors
/// See [`StartError`].
pub async fn serve(settings: Settings) -> Result<(), StartError> {
    let _lock = ServingLock::take(&settings.database_url())?;
    let db = Db::open(&db_settings(&settings))?;
    if !settings.database.allow_unsafe_durability {
        db.require_durability()?;
    }
    if settings.http.behind_proxy && settings.http.trusted_proxies.names().is_empty() {
        tracing::warn!(
            "http.behind_proxy is set and http.trusted_proxies is not: everybody behind the proxy counts as one network, \
             and a few failed sign-ins keep all of them waiting. Name the proxy's address"
        );
    }
    let base = settings.public_base_url();
    let app = App::new(settings, db, Clock::system(), Purpose::Service)?;
    app.free_leases_of_predecessor()?;
    app.serve(|address| tracing::info!(%address, base, "serving")).await
}

/// Forgets, now and then, what has ended. Several copies of the service may do so at once: deleting twice is harmless.
async fn keep_house(parts: Parts, reception: Reception, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let now = parts.clock.now();
        let swept = parts
            .db
            .write(move |tx| -> Sure<()> {
                access::forget_ended(tx, now)?;
                idempotency::forget_old(tx, now)?;
                partnerships::forget_counted(tx, now)?;
                delegation::forget_ended(tx, now)?;
                subscriptions::forget_ended(tx, now)?;
                subscriptions::forget_expired_carts(tx, now)?;
                subscriptions::forget_removed_users(tx, now)?;
                Ok(())
            })
            .await;
        let kept = match swept {
            Ok(()) => subscriptions::keep_house(&parts.db, &parts.clock).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "what has ended was not forgotten; it is tried again in an hour");
        }
        if let Err(error) = devices::keep_house(&reception, &parts.db, &parts.clock).await {
            tracing::warn!(%error, "files that are over were not removed; it is tried again in an hour");
        }
        tokio::select! {
            () = tokio::time::sleep(HOUSEKEEPING) => {}
            _ = stop.changed() => {}
        }
    }
}

fn workers(settings: &Settings, parts: &Parts, reception: &Reception) -> Result<Vec<Arc<dyn Worker>>, StartError> {
    let transport = match &settings.mail.smtp {
        Some(smtp) => Transport::smtp(&smtp.settings(), parts.base.host()).map_err(StartError::Setting)?,
        None => Transport::Folder(settings.mail_folder()),
    };
    // A folder is neither slow nor overrun.
    let (connections, pace) = match &transport {
        Transport::Folder(_) => (1, None),
        Transport::Smtp(_) => (settings.mail.connections as usize, Some(Pace::per_second(settings.mail.per_second))),
    };
    let from = settings.mail.from.parse().map_err(|error| StartError::Setting(format!("mail.from: {error}")))?;
    let postman = Postman {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        stationery: Stationery { keys: parts.keys.clone(), base: parts.base.clone() },
        from,
        transport,
        connections,
        pace,
        composers: composers(),
    };
    let registrar = Registrar {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        unmatched: settings.devices.unmatched,
        staged_days: settings.devices.staged_days,
    };
    let librarian = Librarian {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        reception: reception.clone(),
        max_rows: settings.devices.max_manifest_rows,
    };
    let reminder = Reminder {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        mails_per_mailbox: settings.partnerships.mails_per_mailbox,
    };
    let keeper = AdministrationKeeper { db: parts.db.clone(), clock: parts.clock.clone() };
    let terms = SubscriptionKeeper { db: parts.db.clone(), clock: parts.clock.clone() };
    Ok(vec![
        Arc::new(postman),
        Arc::new(librarian),
        Arc::new(registrar),
        Arc::new(reminder),
        Arc::new(keeper),
        Arc::new(terms),
    ])
}

fn composers() -> Vec<(JobKind, Compose)> {
    let mut composers = access::composers();
    composers.extend(companies::composers());
    composers.extend(partnerships::composers());
    composers.extend(delegation::composers());
    composers.extend(devices::composers());
    composers
}

fn routes(config: &mut ServiceConfig<'_>) {
    access::routes(config);
    companies::routes(config);
    partnerships::routes(config);
    customers::routes(config);
    delegation::routes(config);
    subscriptions::routes(config);
    devices::routes(config);
    overview::routes(config);
}

/// The OpenAPI document, made from the handlers.
pub fn openapi() -> OpenApi {
    let (_, mut document) = ActixApp::new().into_utoipa_app().configure(routes).split_for_parts();
    document.info = utoipa::openapi::InfoBuilder::new()
        .title("Partner Center")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Resellers, customers, delegated administration and device registration for an indirect provider. Paths that \
             Microsoft's Partner Center has behave as they do there; the others are extensions.",
        ))
        .build();
    document
}

async fn document(openapi: Arc<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi.as_str().to_owned())
}

/// The process answers.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// The process can do its work: the database answers.
async fn readyz(parts: Data<Parts>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    parts.db.read(move |read: &mut Read<'_>| -> Sure<_> { Ok(jobs::backlog(read, 1, now)?) }).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })))
}

fn tls_config(settings: &crate::config::TlsSettings) -> Result<rustls::ServerConfig, StartError> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let failed = |file: &PathBuf, reason: String| StartError::Tls { file: file.clone(), reason };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&settings.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(&settings.certificate, error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| failed(&settings.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| failed(&settings.certificate, error.to_string()))
}
