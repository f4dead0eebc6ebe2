//! Under which names the service is called. A name that is not ours is a mistake, or somebody who wants it repeated in a
//! link.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use super::errors::Error;
use super::request::BaseUrl;
use crate::platform::error::codes;

/// The names this service answers to.
#[derive(Clone, Debug, Default)]
pub struct KnownHosts {
    own: Vec<String>,
    /// Names that may come with any port.
    also: Vec<String>,
    loopback: bool,
}

impl KnownHosts {
    /// The base URL's host, `also`, and, if the service listens there, whatever names the loopback.
    pub fn new(base: &BaseUrl, also: &[String], loopback: bool) -> Self {
        let origin = base.origin();
        let (scheme, authority) = origin.split_once("://").unwrap_or(("http", &origin));
        let usual = if scheme == "https" { 443 } else { 80 };
        let mut own = vec![authority.to_owned()];
        if name_of(authority) == authority {
            own.push(format!("{authority}:{usual}"));
        }
        Self { own, also: also.iter().map(|name| name.trim().to_ascii_lowercase()).collect(), loopback }
    }

    /// Whether the service answers to `host`, which may carry a port.
    fn knows(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let name = name_of(&host);
        self.own.contains(&host)
            || self.also.iter().any(|also| *also == host || *also == name)
            || (self.loopback && matches!(name, "localhost" | "127.0.0.1" | "[::1]"))
    }

    /// Whether a request was meant for this service. One that names no host was.
    ///
    /// # Errors
    /// `hostUnknown`, naming the host.
    pub(super) fn check(&self, request: &HttpRequest) -> Result<(), Error> {
        let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        let named = request.headers().get_all(HOST).map(|value| value.as_bytes()).chain(authority);
        for host in named {
            let text = String::from_utf8_lossy(host);
            if !self.knows(&text) {
                return Err(Error::plain(
                    codes::HOST_UNKNOWN,
                    format!(
                        "This service is not known as \"{}\". Call it by its own name; if it should answer to this one, \
                         its operator adds it to the setting http.also_hosts.",
                        crate::platform::text::shorten(&text, 80)
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// The host without its port. The address of IPv6 keeps its brackets.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a text names a host, perhaps with a port, as `http.also_hosts` wants it.
pub fn is_host(text: &str) -> bool {
    let name = name_of(text);
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    !name.is_empty() && name.len() <= 253 && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_05_only_our_own_names_are_ours() {
        let also = ["api.partnercenter.microsoft.com".to_owned(), "other.example:8443".to_owned()];
        let service = KnownHosts::new(&BaseUrl::new("https://Partners.test/base"), &also, false);
        let local = KnownHosts::new(&BaseUrl::new("http://127.0.0.1:8080"), &[], true);
        for (hosts, host, known) in [
            (&service, "partners.test", true),
            (&service, "PARTNERS.TEST:443", true),
            (&service, "partners.test:8080", false),
            (&service, "partners.test.", false),
            (&service, "partners.test@evil.example", false),
            (&service, "evil.example", false),
            (&service, "evil.example:443", false),
            (&service, "xpartners.test", false),
            (&service, "localhost", false),
            (&service, "127.0.0.1:8080", false),
            (&service, "", false),
            (&service, "API.partnercenter.microsoft.com", true),
            (&service, "api.partnercenter.microsoft.com:9000", true),
            (&service, "other.example:8443", true),
            (&service, "other.example", false),
            (&local, "localhost:1", true),
            (&local, "[::1]:8080", true),
            (&local, "127.0.0.1", true),
            (&local, "127.0.0.1.evil.example", false),
            (&local, "localhost.evil.example:80", false),
        ] {
            assert_eq!(hosts.knows(host), known, "{host}");
        }
    }
}
