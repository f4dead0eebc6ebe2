//! Settings: a file, then the environment, each value typed and each mistake named.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::access::AccessSettings;
use crate::companies::CompanySettings;
use crate::customers::{CustomerSettings, check_customer_domain};
use crate::devices::DeviceSettings;
use crate::partnerships::PartnershipSettings;
use crate::platform::http::{TrustedProxies, is_host};
use crate::platform::mail::{Security, SmtpSettings};
pub use crate::platform::names::Names;
use crate::platform::telemetry::LogFormat;
use crate::subscriptions::SubscriptionSettings;

/// Every setting. `config/example.toml` names each with its default and why one would change it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where files live.
    pub data_folder: DataFolder,
    /// The database.
    pub database: DatabaseSettings,
    /// The HTTP server.
    pub http: HttpSettings,
    /// The key file.
    pub keys: KeySettings,
    /// Mail.
    pub mail: MailSettings,
    /// Logs.
    pub log: LogSettings,
    /// Lists of the API.
    pub api: ApiSettings,
    /// Sign-in and tokens.
    pub access: AccessSettings,
    /// Companies.
    pub companies: CompanySettings,
    /// Partnerships.
    pub partnerships: PartnershipSettings,
    /// Customers.
    pub customers: CustomerSettings,
    /// Subscriptions.
    pub subscriptions: SubscriptionSettings,
    /// Devices.
    pub devices: DeviceSettings,
}

/// A folder, `data` unless told otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct DataFolder(PathBuf);

impl Default for DataFolder {
    fn default() -> Self {
        Self(PathBuf::from("data"))
    }
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite://PATH` or `postgres://…`; a file in the data folder if absent.
    pub url: Option<String>,
    /// Connections at most.
    pub pool: u32,
    /// Seconds a request waits for the database.
    pub wait_seconds: u64,
    /// Serve although the PostgreSQL server may lose acknowledged writes.
    pub allow_unsafe_durability: bool,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, pool: 8, wait_seconds: 10, allow_unsafe_durability: false }
    }
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where people reach the service; `http://` and the address it listens on if absent.
    pub public_base_url: Option<String>,
    /// A proxy in front of the service does TLS.
    pub behind_proxy: bool,
    /// Further names by which the service is called.
    pub also_hosts: Names,
    /// Proxies whose X-Forwarded-For is believed: addresses or CIDR blocks.
    pub trusted_proxies: Names,
    /// TLS of our own.
    pub tls: Option<TlsSettings>,
    /// Threads that serve requests; the number of cores if 0.
    pub workers: usize,
    /// Bytes of a JSON body at most.
    pub max_body_bytes: usize,
    /// Seconds that requests under way get to finish at a stop.
    pub shutdown_seconds: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_base_url: None,
            behind_proxy: false,
            also_hosts: Names::default(),
            trusted_proxies: Names::default(),
            tls: None,
            workers: 0,
            max_body_bytes: 1024 * 1024,
            shutdown_seconds: 25,
        }
    }
}

/// `[http.tls]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// PEM file: the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file: its private key.
    pub key: PathBuf,
}

/// `[keys]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// The key file; `partner-center.key` in the data folder if absent.
    pub file: Option<PathBuf>,
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// Sender of every mail.
    pub from: String,
    /// Where `.eml` files go while no server is configured; `mail` in the data folder if absent.
    pub folder: Option<PathBuf>,
    /// Mails handed to the mail server at once, at most.
    pub connections: u32,
    /// Mails handed to the mail server in a second, at most.
    pub per_second: u32,
    /// The mail server.
    pub smtp: Option<SmtpSection>,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            from: "Partner Center <partner-center@localhost>".to_owned(),
            folder: None,
            connections: 4,
            per_second: 5,
            smtp: None,
        }
    }
}

/// `[mail.smtp]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSection {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    security: Security,
    username: Option<String>,
    password: Option<SecretString>,
    /// How long the server gets for each step. Not a setting: tests have less patience.
    #[serde(skip)]
    pub patience: Option<Duration>,
}

impl SmtpSection {
    /// The settings with the usual port of the protection chosen.
    pub fn settings(&self) -> SmtpSettings {
        let usual = match self.security {
            Security::Tls => 465,
            Security::Starttls => 587,
            Security::None => 25,
        };
        SmtpSettings {
            host: self.host.clone(),
            port: self.port.unwrap_or(usual),
            security: self.security,
            username: self.username.clone(),
            password: self.password.clone(),
            patience: self.patience.unwrap_or(SmtpSettings::PATIENCE),
        }
    }
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// A level, or a list such as `info,partner_center=debug`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info".to_owned() }
    }
}

/// `[api]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSettings {
    /// Rows of a list's first page when the caller names no size.
    pub first_page: u32,
    /// Calls per minute of one tenant, or of one network without a token; no limit if 0.
    pub calls_per_minute: u32,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self { first_page: 10_000, calls_per_minute: 6_000 }
    }
}

/// A setting that is wrong, named.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);

/// The prefix of settings in the environment: `PARTNER_CENTER__HTTP__LISTEN`.
const PREFIX: &str = "PARTNER_CENTER";

impl Settings {
    /// Reads `file` if one is named, then the environment, then checks what must hold together.
    ///
    /// # Errors
    /// Names the setting that is wrong, and what it may be.
    pub fn load(file: Option<&Path>) -> Result<Self, BadSetting> {
        let mut builder = config::Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        builder = builder.add_source(config::Environment::with_prefix(PREFIX).prefix_separator("__").separator("__"));
        let read = builder.build().map_err(|error| BadSetting(error.to_string()))?;
        let mut settings: Settings = read
            .try_deserialize()
            .map_err(|error| BadSetting(format!("{error}. Every setting is named in config/example.toml")))?;
        #[expect(clippy::disallowed_methods, reason = "settings are read from the environment here and nowhere else")]
        if let Ok(url) = std::env::var("DATABASE_URL") {
            settings.database.url = Some(url);
        }
        #[expect(clippy::disallowed_methods, reason = "as above")]
        if let Ok(url) = std::env::var("PUBLIC_BASE_URL") {
            settings.http.public_base_url = Some(url);
        }
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), BadSetting> {
        let refuse = |sentence: String| Err(BadSetting(sentence));
        let base = self.public_base_url();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return refuse(format!("http.public_base_url \"{base}\" must begin with http:// or https://"));
        }
        let reachable = !is_loopback(self.http.listen.ip());
        let proxied = self.http.behind_proxy && base.starts_with("https://");
        if reachable && self.http.tls.is_none() && !proxied {
            return refuse(format!(
                "http.listen = {} is reachable from other machines, and tokens would cross the network in the clear. \
                 Set http.tls.certificate and http.tls.key, or http.behind_proxy = true with an https PUBLIC_BASE_URL, \
                 or listen on 127.0.0.1",
                self.http.listen
            ));
        }
        if let Some(bad) = self.http.also_hosts.names().iter().find(|name| !is_host(name)) {
            return refuse(format!("http.also_hosts: \"{bad}\" is no host name such as api.example.org"));
        }
        if let Err(wrong) = TrustedProxies::new(self.http.trusted_proxies.names()) {
            return refuse(format!("http.trusted_proxies: {wrong}"));
        }
        self.subscriptions.check().map_err(BadSetting)?;
        if self.http.max_body_bytes < 1024 {
            return refuse("http.max_body_bytes must be at least 1024".to_owned());
        }
        let bounded = [
            ("access.access_token_minutes", self.access.access_token_minutes, 1..=1_440),
            ("access.refresh_token_days", self.access.refresh_token_days, 1..=365),
            ("access.activation_days", self.access.activation_days, 1..=90),
            ("access.temporary_password_days", self.access.temporary_password_days, 1..=365),
            ("customers.setup_info_days", self.customers.setup_info_days, 1..=30),
            ("database.wait_seconds", self.database.wait_seconds, 1..=300),
            ("database.pool", u64::from(self.database.pool), 2..=500),
            ("http.shutdown_seconds", self.http.shutdown_seconds, 0..=300),
            ("mail.connections", u64::from(self.mail.connections), 1..=16),
            ("mail.per_second", u64::from(self.mail.per_second), 1..=1_000),
            ("devices.max_rows", u64::from(self.devices.max_rows), 1..=2_000_000),
            ("devices.max_manifest_rows", u64::from(self.devices.max_manifest_rows), 1..=20_000_000),
            ("devices.max_upload_bytes", self.devices.max_upload_bytes, 1_024..=64 * 1_024 * 1_024 * 1_024),
            ("devices.staged_days", u64::from(self.devices.staged_days), 1..=3_650),
            ("devices.max_body_bytes", self.devices.max_body_bytes as u64, 1_024..=64 * 1_024 * 1_024),
        ];
        for (name, value, allowed) in bounded {
            if !allowed.contains(&value) {
                return refuse(format!("{name} = {value}; it must be from {} to {}", allowed.start(), allowed.end()));
            }
        }
        if !(1..=90).contains(&self.partnerships.invitation_days) {
            return refuse(format!(
                "partnerships.invitation_days = {}; it must be from 1 to 90",
                self.partnerships.invitation_days
            ));
        }
        let limits = &self.partnerships;
        for (name, value) in [
            ("mails_per_mailbox", limits.mails_per_mailbox),
            ("mails_per_person", limits.mails_per_person),
            ("mails_per_company", limits.mails_per_company),
        ] {
            if !(1..=100_000).contains(&value) {
                return refuse(format!("partnerships.{name} = {value}; it must be from 1 to 100000"));
            }
        }
        let suffix = &self.customers.domain_suffix;
        let domain = format!("customer.{suffix}");
        if check_customer_domain(&domain).ok().as_ref() != Some(&domain) {
            return refuse(format!(
                "customers.domain_suffix = \"{suffix}\"; it must be a domain in lower case such as onmicrosoft.com"
            ));
        }
        if !(1..=10_000).contains(&self.api.first_page) {
            return refuse(format!("api.first_page = {}; it must be from 1 to 10000", self.api.first_page));
        }
        if self.mail.from.parse::<lettre::message::Mailbox>().is_err() {
            return refuse(format!("mail.from \"{}\" must look like Name <name@domain>", self.mail.from));
        }
        Ok(())
    }

    /// The data folder.
    pub fn data_folder(&self) -> &Path {
        &self.data_folder.0
    }

    /// The same settings with another data folder, for the demo and for tests.
    pub fn with_data_folder(mut self, folder: &Path) -> Self {
        self.data_folder = DataFolder(folder.to_owned());
        self
    }

    /// The database's URL.
    pub fn database_url(&self) -> String {
        let default = || format!("sqlite://{}", self.data_folder().join("partner-center.db").display());
        self.database.url.clone().unwrap_or_else(default)
    }

    /// The key file.
    pub fn key_file(&self) -> PathBuf {
        self.keys.file.clone().unwrap_or_else(|| self.data_folder().join("partner-center.key"))
    }

    /// The folder that gets `.eml` files while no mail server is configured.
    pub fn mail_folder(&self) -> PathBuf {
        self.mail.folder.clone().unwrap_or_else(|| self.data_folder().join("mail"))
    }

    /// The folder for encrypted copies of uploads, unless `devices.staging_folder` names another.
    pub fn staging_folder(&self) -> PathBuf {
        self.data_folder().join("staging")
    }

    /// Where people reach the service.
    pub fn public_base_url(&self) -> String {
        let scheme = if self.http.tls.is_some() { "https" } else { "http" };
        self.http.public_base_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.http.listen))
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(change: impl FnOnce(&mut Settings)) -> Result<(), BadSetting> {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check()
    }

    #[test]
    fn the_defaults_are_good() {
        checked(|_| {}).unwrap();
    }

    #[test]
    fn an_address_others_can_reach_needs_tls_or_a_proxy() {
        let everywhere = |settings: &mut Settings| settings.http.listen = ([0, 0, 0, 0], 80).into();
        let error = checked(everywhere).unwrap_err().to_string();
        assert!(error.contains("http.tls.certificate"), "{error}");
        checked(|settings| {
            everywhere(settings);
            settings.http.behind_proxy = true;
            settings.http.public_base_url = Some("https://partners.example.org".to_owned());
        })
        .unwrap();
    }

    #[test]
    fn a_bad_setting_is_named() {
        for (change, name) in [
            ((|s| s.partnerships.invitation_days = 91) as fn(&mut Settings), "partnerships.invitation_days"),
            (|s| s.customers.domain_suffix = ".Example".to_owned(), "customers.domain_suffix"),
            (|s| s.api.first_page = 0, "api.first_page"),
            (
                |s| s.subscriptions.required_service_plans = ["x".repeat(101).as_str()].as_slice().into(),
                "subscriptions.required_service_plans",
            ),
            (|s| s.mail.from = "nobody".to_owned(), "mail.from"),
            (|s| s.mail.connections = 17, "mail.connections"),
            (|s| s.mail.per_second = 0, "mail.per_second"),
            (|s| s.http.public_base_url = Some("ftp://x".to_owned()), "http.public_base_url"),
            (|s| s.http.also_hosts = Names::from(&["https://x"][..]), "http.also_hosts"),
            (|s| s.http.trusted_proxies = Names::from(&["10.0.0.0/99"][..]), "http.trusted_proxies"),
        ] {
            let error = checked(change).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn a_list_may_be_one_text_as_the_environment_has_it() {
        let read = |toml: &str| -> Settings {
            let source = config::File::from_str(toml, config::FileFormat::Toml);
            config::Config::builder().add_source(source).build().unwrap().try_deserialize().unwrap()
        };
        for toml in [
            "[http]\nalso_hosts = \"a.example, b.example:8443\"",
            "[http]\nalso_hosts = [\"a.example\", \"b.example:8443\"]",
        ] {
            assert_eq!(read(toml).http.also_hosts.names(), ["a.example", "b.example:8443"], "{toml}");
        }
    }

    #[test]
    fn the_example_file_names_every_default_as_it_is() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example.toml");
        let example = std::fs::read_to_string(path).unwrap();
        // The example's settings are commented out; with the marks gone they must read as the defaults.
        let uncommented: String = example
            .lines()
            .filter_map(|line| line.strip_prefix("#: ").or(line.starts_with('[').then_some(line)))
            .flat_map(|line| [line, "\n"])
            .collect();
        let read: Settings = config::Config::builder()
            .add_source(config::File::from_str(&uncommented, config::FileFormat::Toml))
            .build()
            .unwrap()
            .try_deserialize()
            .unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", Settings::default()));
    }
}
