//! The one place where a problem becomes an answer, in the dialect of its surface.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde_json::{Map, Value, json};

use super::request::RequestIds;
use crate::platform::db::is_unavailable;
use crate::platform::error::{Code, Failure, Kind, Refusal, codes};
use crate::platform::portal::{Language, error_page};

/// A problem, ready to be told.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its stable code.
    pub code: Code,
    /// The sentence for the person who gets it.
    pub sentence: String,
    /// The values to act on.
    pub parameters: Vec<(&'static str, String)>,
    /// Further sentences.
    pub details: Vec<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
}

/// What a handler fails with.
#[derive(Debug)]
pub struct Error(Box<Problem>);

impl Error {
    /// A problem that belongs to no feature.
    pub fn plain(code: Code, sentence: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            code,
            sentence: sentence.into(),
            parameters: Vec::new(),
            details: Vec::new(),
            retry_after: None,
        }))
    }

    /// Something that cannot fail failed: our fault, without a word of what it was.
    pub fn internal() -> Self {
        Self::plain(codes::INTERNAL, INTERNAL_SENTENCE)
    }

    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.sentence)
    }
}

impl<R: Refusal> From<R> for Error {
    fn from(refusal: R) -> Self {
        Self(Box::new(Problem {
            code: refusal.code(),
            sentence: refusal.to_string(),
            parameters: refusal.parameters(),
            details: refusal.details(),
            retry_after: refusal.retry_after(),
        }))
    }
}

impl<R: Refusal> From<Failure<R>> for Error {
    fn from(failure: Failure<R>) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Database(error) if is_unavailable(&error) => {
                tracing::warn!(%error, "database unavailable");
                let mut told = Self::plain(
                    codes::DATABASE_UNAVAILABLE,
                    "The database did not answer in time. Nothing was changed; try again in a moment.",
                );
                told.0.retry_after = Some(2);
                told
            }
            Failure::Database(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Self::plain(
                codes::CONFLICT,
                "Something with the same key was made at this moment. Look at what is there, then try again.",
            ),
            Failure::Database(error) => {
                tracing::error!(%error, "database error");
                Self::plain(codes::INTERNAL, INTERNAL_SENTENCE)
            }
        }
    }
}

const INTERNAL_SENTENCE: &str =
    "Something broke on our side and nothing was changed. Give the request id of this answer to the operator.";

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status_of(self.0.code.kind)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert((*self.0).clone());
        response
    }
}

/// The status of a kind of problem.
pub fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::BadInput => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        Kind::Misdirected => StatusCode::MISDIRECTED_REQUEST,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// How a surface words its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `/v1` and the other roots of the Partner Center API, and our own endpoints.
    PartnerCenter,
    /// `/v1.0` and `/beta`.
    Graph,
    /// The token endpoints.
    OAuth,
    /// Everything a person opens.
    Page,
}

impl Dialect {
    /// The dialect of a path.
    pub fn of(path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let first = segments.next().unwrap_or_default().to_ascii_lowercase();
        let second = segments.next().unwrap_or_default().to_ascii_lowercase();
        match (first.as_str(), second.as_str()) {
            ("v1.0" | "beta", _) => Dialect::Graph,
            ("v1" | "webhooks" | "auditactivity" | "accountenrollments", _)
            | ("openapi.json" | "healthz" | "readyz", _) => Dialect::PartnerCenter,
            (_, "oauth2") => Dialect::OAuth,
            _ => Dialect::Page,
        }
    }
}

/// The problem behind an answer that the framework made by itself.
pub(super) fn framework_problem(status: StatusCode, detail: &str) -> Problem {
    let (code, sentence) = match status {
        StatusCode::NOT_FOUND => (codes::UNKNOWN_PATH, "There is nothing at this path.".to_owned()),
        StatusCode::METHOD_NOT_ALLOWED => {
            (codes::METHOD_NOT_ALLOWED, "This path does not take this method.".to_owned())
        }
        StatusCode::PAYLOAD_TOO_LARGE => (codes::TOO_LARGE, "The body is too large.".to_owned()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (codes::UNSUPPORTED_MEDIA, "This media type is not read here.".to_owned())
        }
        StatusCode::REQUEST_TIMEOUT => (codes::TIMED_OUT, "The request took too long to arrive.".to_owned()),
        status if status.is_client_error() => (codes::BAD_REQUEST, format!("The request could not be read: {detail}")),
        _ => (codes::INTERNAL, INTERNAL_SENTENCE.to_owned()),
    };
    Problem { code, sentence, parameters: Vec::new(), details: Vec::new(), retry_after: None }
}

/// Writes a problem in the dialect of `path`; a page in `language`.
pub(super) fn answer(problem: &Problem, path: &str, language: Language, ids: RequestIds) -> HttpResponse {
    let dialect = Dialect::of(path);
    let mut response = HttpResponse::build(status_of(problem.code.kind));
    if let Some(seconds) = problem.retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if problem.code.kind == Kind::Unauthenticated && dialect != Dialect::Page {
        // RFC 6750 section 3.1: no error code where no token was sent.
        let challenge = if problem.code.name == "tokenMissing" { "Bearer" } else { "Bearer error=\"invalid_token\"" };
        response.insert_header((WWW_AUTHENTICATE, challenge));
    }
    if problem.code.kind == Kind::MethodNotAllowed
        && let Some((_, allowed)) = problem.parameters.iter().find(|(name, _)| *name == "allow")
    {
        response.insert_header((ALLOW, allowed.as_str()));
    }
    if problem.code.name == "secondFactorMissing" && dialect == Dialect::PartnerCenter {
        // Section 2.3 of the contract: this reason, and no envelope.
        response.reason("Unauthorized - MFA required");
        return response.finish();
    }
    match dialect {
        Dialect::PartnerCenter => response.json(partner_center(problem)),
        Dialect::Graph => response.json(graph(problem, ids)),
        Dialect::OAuth => response.json(oauth(problem, ids)),
        Dialect::Page => {
            response.insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
            response.body(error_page(problem, language, path, ids.request.to_string()))
        }
    }
}

fn parameters(problem: &Problem) -> Map<String, Value> {
    problem.parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn is_retryable(problem: &Problem) -> bool {
    matches!(problem.code.kind, Kind::TooMany | Kind::Unavailable)
}

fn partner_center(problem: &Problem) -> Value {
    if problem.code.name == "rateLimitExceeded" {
        // Section 1.14 of the contract: the gateway in front of the real service answers, with an envelope of its own.
        return json!({ "statusCode": 429, "message": problem.sentence });
    }
    json!({
        "code": problem.code.number,
        "description": problem.sentence,
        "data": problem.details,
        "source": "PartnerCenter",
        "errorName": problem.code.name,
        "isRetryable": is_retryable(problem),
        "parameters": parameters(problem),
    })
}

fn graph(problem: &Problem, ids: RequestIds) -> Value {
    // Graph's own name for it, by which its clients back off.
    let name = if problem.code.kind == Kind::TooMany { "activityLimitReached" } else { problem.code.name };
    json!({ "error": {
        "code": name,
        "message": problem.sentence,
        "innerError": { "request-id": ids.request, "client-request-id": ids.correlation, "code": problem.code.number },
    }})
}

/// RFC 6749 section 5.2 knows few errors; ours map to those, and the number tells them apart.
fn oauth(problem: &Problem, ids: RequestIds) -> Value {
    let error = match problem.code.name {
        "invalidGrant" => "invalid_grant",
        "invalidClient" => "invalid_client",
        // RFC 8707 section 2.
        "invalidTarget" => "invalid_target",
        "unsupportedGrantType" => "unsupported_grant_type",
        _ => match problem.code.kind {
            Kind::TooMany | Kind::Unavailable => "temporarily_unavailable",
            Kind::Internal => "server_error",
            _ => "invalid_request",
        },
    };
    json!({
        "error": error,
        "error_description": problem.sentence,
        "error_codes": [problem.code.number],
        "trace_id": ids.request,
        "correlation_id": ids.correlation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surface_has_its_dialect() {
        for (path, dialect) in [
            ("/v1/customers", Dialect::PartnerCenter),
            ("/V1/customers", Dialect::PartnerCenter),
            ("//v1//x", Dialect::PartnerCenter),
            ("/webhooks/v1/registration", Dialect::PartnerCenter),
            ("/v1.0/deviceManagement", Dialect::Graph),
            ("/beta/x", Dialect::Graph),
            ("/common/oauth2/v2.0/token", Dialect::OAuth),
            ("/healthz", Dialect::PartnerCenter),
            ("/", Dialect::Page),
            ("/invitations/inv_x", Dialect::Page),
        ] {
            assert_eq!(Dialect::of(path), dialect, "{path}");
        }
    }
}
