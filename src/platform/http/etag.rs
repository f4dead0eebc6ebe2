//! Versions of resources: what the caller looked at is what it changes, or it is told.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, IF_MATCH};
use actix_web::{FromRequest, HttpRequest};

use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;

/// The etag of a resource at a version.
pub fn etag(version: i32) -> String {
    version.to_string()
}

/// What the caller said in `If-Match`; usually nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Vec<String>);

/// Why a change of a versioned resource is not made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EtagError {
    /// Somebody changed it in between.
    #[error(
        "It has changed since you read it: its etag is not {0} any more. Read it again, make your change to what is there \
         now, and send that with the new etag."
    )]
    Stale(String),
    /// The caller has to say what it looked at.
    #[error(
        "Say which version you change: send the header If-Match with the etag that attributes.etag showed you, so that \
         nobody else's change is lost."
    )]
    Missing,
}

impl Refusal for EtagError {
    fn code(&self) -> Code {
        match self {
            EtagError::Stale(_) => Code::new(910_008, "etagStale", Kind::PreconditionFailed),
            EtagError::Missing => Code::new(910_009, "etagMissing", Kind::PreconditionRequired),
        }
    }
}

impl IfMatch {
    /// What a form says that it was shown: as if it stood in the header.
    pub fn of(version: &str) -> Self {
        Self(vec![bare(version)].into_iter().filter(|tag| !tag.is_empty()).collect())
    }

    fn from_headers(headers: &HeaderMap) -> Self {
        let sent = headers.get_all(IF_MATCH).filter_map(|value| value.to_str().ok());
        Self(sent.flat_map(|value| value.split(',')).map(bare).filter(|tag| !tag.is_empty()).collect())
    }

    /// The version that a form was shown with.
    pub fn shown(etag: &str) -> Self {
        Self([bare(etag)].into_iter().filter(|tag| !tag.is_empty()).collect())
    }

    /// The rule of compatible paths: the header, else `in_body` (`attributes.etag`); without either the change proceeds.
    ///
    /// # Errors
    /// [`EtagError::Stale`].
    pub fn check_compatible(&self, in_body: Option<&str>, current: &str) -> Result<(), EtagError> {
        match in_body.map(bare).filter(|tag| !tag.is_empty()) {
            _ if !self.0.is_empty() => self.names(current),
            Some(tag) => Self(vec![tag]).names(current),
            None => Ok(()),
        }
    }

    /// The rule of our own paths and of Graph: the header is due.
    ///
    /// # Errors
    /// [`EtagError`].
    pub fn check(&self, current: &str) -> Result<(), EtagError> {
        if self.0.is_empty() { Err(EtagError::Missing) } else { self.names(current) }
    }

    fn names(&self, current: &str) -> Result<(), EtagError> {
        if self.0.iter().any(|tag| tag == "*" || *tag == bare(current)) {
            return Ok(());
        }
        Err(EtagError::Stale(shorten(&self.0.join(", "), 80)))
    }
}

/// The tag without quotes and mark of weakness: clients send it in any of these forms (section 1.10 of the contract).
fn bare(tag: &str) -> String {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let quoted = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    quoted.unwrap_or(tag).to_owned()
}

impl FromRequest for IfMatch {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::from_headers(request.headers())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(header: &str) -> IfMatch {
        IfMatch::from_headers(
            actix_web::test::TestRequest::get().insert_header((IF_MATCH, header)).to_http_request().headers(),
        )
    }

    fn stale(tag: &str) -> Result<(), EtagError> {
        Err(EtagError::Stale(tag.to_owned()))
    }

    #[test]
    fn sub_03_compatible_paths_take_the_etag_from_header_or_body_and_proceed_without() {
        for (header, body, outcome) in [
            ("", None, Ok(())),
            ("", Some(""), Ok(())),
            ("", Some("7"), Ok(())),
            ("", Some("\"7\""), Ok(())),
            ("", Some("6"), stale("6")),
            ("7", None, Ok(())),
            ("\"7\"", None, Ok(())),
            ("W/\"7\"", None, Ok(())),
            ("*", None, Ok(())),
            ("\"5\", \"7\"", None, Ok(())),
            ("\"6\"", None, stale("6")),
            ("\"6\"", Some("7"), stale("6")),
            ("\"7\"", Some("6"), Ok(())),
        ] {
            assert_eq!(sent(header).check_compatible(body, "7"), outcome, "{header:?} {body:?}");
        }
    }

    #[test]
    fn sub_03_our_own_paths_need_the_etag_in_the_header() {
        for (header, outcome) in [
            ("", Err(EtagError::Missing)),
            ("  ", Err(EtagError::Missing)),
            ("\"7\"", Ok(())),
            ("W/\"7\"", Ok(())),
            ("7", Ok(())),
            ("*", Ok(())),
            ("\"70\"", stale("70")),
        ] {
            assert_eq!(sent(header).check("7"), outcome, "{header:?}");
        }
        assert_eq!(sent("W/\"abc=\"").check("W/\"abc=\""), Ok(()));
    }
}
