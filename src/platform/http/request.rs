//! What every request carries: its id, the id of the operation it belongs to.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use uuid::Uuid;

/// `MS-RequestId` and `MS-CorrelationId`: as sent, or made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestIds {
    /// Names this call. It is in every answer, log line and audit record that the call leaves.
    pub request: Uuid,
    /// Names the operation of which this call is a part.
    pub correlation: Uuid,
}

impl RequestIds {
    /// Ids for work that no request asked for.
    pub fn fresh() -> Self {
        Self { request: Uuid::now_v7(), correlation: Uuid::now_v7() }
    }

    pub(super) fn from_headers(headers: &actix_web::http::header::HeaderMap) -> Self {
        let read = |name: &str| {
            let value = headers.get(name)?.to_str().ok()?;
            Uuid::parse_str(value.trim()).ok()
        };
        Self {
            request: read("ms-requestid").unwrap_or_else(Uuid::now_v7),
            correlation: read("ms-correlationid").unwrap_or_else(Uuid::now_v7),
        }
    }

    /// Those of a request.
    pub fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get::<Self>().copied().unwrap_or_else(Self::fresh)
    }
}

impl FromRequest for RequestIds {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// Where people reach this service: the only base of links, never what a request claims.
#[derive(Clone, Debug)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// A base such as `https://partners.example.org`, without a slash at its end.
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The full address of `path`, which begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The base itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people reach the service by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port as browsers write an origin: the scheme's usual port is left out.
    pub fn origin(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("http", &self.0));
        let authority = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
        let usual = if scheme == "https" { ":443" } else { ":80" };
        format!("{scheme}://{}", authority.strip_suffix(usual).unwrap_or(&authority))
    }

    /// The host name, for message ids.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.split(['/', ':']).next().unwrap_or(rest)
    }
}
