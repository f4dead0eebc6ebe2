//! What happens around every request: ids, the path it meant, panics, error dialects, headers, one log line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use futures_util::FutureExt;

use super::errors::{Error, Problem, answer, framework_problem};
use super::hosts::KnownHosts;
use super::paths::{PathTable, canonical_query};
use super::request::RequestIds;
use crate::platform::error::codes;
use crate::platform::portal::{FormTargets, Language};

/// Wraps every request; the outermost layer, so that nothing leaves without its ids and its dialect.
///
/// # Errors
/// Only with an answer already written: actix has no other way to answer once the request is used up.
pub async fn around<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let ids = RequestIds::from_headers(request.headers());
    request.extensions_mut().insert(ids);
    let meant_for_us = match request.app_data::<KnownHosts>() {
        // Probes call by address, and nothing in their answers depends on the name.
        Some(hosts) if !matches!(request.path(), "/healthz" | "/readyz") => hosts.check(request.request()),
        _ => Ok(()),
    };
    rewrite(&mut request);
    let path = request.path().to_owned();
    let method = request.method().clone();
    let language = Language::of(request.request());

    if let Some(refusal) = meant_for_us.err().or_else(|| refuse_encoding(&request)) {
        let response = finished(answer(refusal.problem(), &path, language, ids), ids);
        return Ok(request.into_response(response));
    }
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let answered = match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(Told { problem: problem_of(&error), path, language, ids }.into()),
        Err(_) => {
            tracing::error!(%method, request_id = %ids.request, "the handler panicked");
            let problem = framework_problem(StatusCode::INTERNAL_SERVER_ERROR, "");
            return Err(Told { problem, path, language, ids }.into());
        }
    };
    let (request, response) = answered.into_parts();
    let response = match problem_in(&response) {
        Some(problem) => answer(&problem, &path, language, ids),
        None => response.map_into_boxed_body(),
    };
    let status = response.status().as_u16();
    // The route's template, never the path: a path may hold a token.
    let route = request.match_pattern().unwrap_or_else(|| "unknown".to_owned());
    let took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, took_us, request_id = %ids.request, correlation_id = %ids.correlation, "request");
    Ok(ServiceResponse::new(request, finished(response, ids)))
}

fn rewrite(request: &mut ServiceRequest) {
    let table = request.app_data::<Arc<PathTable>>().cloned().unwrap_or_default();
    let path = table.canonical(request.path());
    // Whatever answers GET answers HEAD; the server leaves the body out by itself.
    if request.method() == Method::HEAD && !table.methods(request.path()).is_some_and(|m| m.iter().any(|m| m == "HEAD"))
    {
        request.head_mut().method = Method::GET;
    }
    let query = canonical_query(request.query_string());
    if path.is_none() && query.is_none() {
        return;
    }
    let path = path.unwrap_or_else(|| request.path().to_owned());
    let query = query.unwrap_or_else(|| request.query_string().to_owned());
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    if let Ok(uri) = target.parse::<Uri>() {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// Compressed bodies are refused unread: 300 kB of gzip can be 300 MB of memory.
fn refuse_encoding(request: &ServiceRequest) -> Option<Error> {
    let encoding = request.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or("unknown");
    (!encoding.eq_ignore_ascii_case("identity")).then(|| {
        Error::plain(
            codes::UNSUPPORTED_MEDIA,
            format!("Send the body without Content-Encoding; \"{encoding}\" is not read here."),
        )
    })
}

fn problem_of(error: &actix_web::Error) -> Problem {
    match error.as_error::<Error>() {
        Some(ours) => ours.problem().clone(),
        None => framework_problem(error.as_response_error().status_code(), &error.to_string()),
    }
}

/// The problem an answer stands for: one of ours, or an error that the framework made by itself.
fn problem_in<B>(response: &HttpResponse<B>) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let ours = response.headers().contains_key("content-type") && response.error().is_none();
    let detail = response.error().map(ToString::to_string).unwrap_or_default();
    (failed && !ours).then(|| framework_problem(response.status(), &detail))
}

fn finished(mut response: HttpResponse, ids: RequestIds) -> HttpResponse {
    let policy = content_policy(response.extensions().get::<FormTargets>());
    let headers = response.headers_mut();
    let json = headers.get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(HeaderName::from_static("ms-requestid"), &ids.request.to_string());
    set(HeaderName::from_static("ms-correlationid"), &ids.correlation.to_string());
    if json {
        set(CONTENT_TYPE, "application/json; charset=utf-8");
    }
    set(CACHE_CONTROL, "no-store");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(CONTENT_SECURITY_POLICY, &policy);
    response
}

/// Pages load nothing but the one stylesheet and the one script, run nothing else, cannot be framed, and send forms only here and where they
/// have said.
fn content_policy(targets: Option<&FormTargets>) -> String {
    let mut policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'"
            .to_owned();
    for target in targets.map_or(&[][..], |targets| &targets.0) {
        // Anything else could end the directive and begin another.
        if !target.is_empty() && target.bytes().all(|b| b.is_ascii_graphic() && b != b';' && b != b',' && b != b'\'') {
            policy.push(' ');
            policy.push_str(target);
        }
    }
    policy
}

/// The answer for a path or a method that is not there.
///
/// # Errors
/// Always: 404, or 405 with the methods that the path takes.
pub async fn unknown_path(request: HttpRequest) -> Result<HttpResponse, Error> {
    let table = request.app_data::<Arc<PathTable>>().cloned().unwrap_or_default();
    Err(match table.methods(request.path()) {
        Some(methods) => MethodNotAllowed { allow: methods.join(", ") }.into(),
        None => Error::plain(
            codes::UNKNOWN_PATH,
            "There is nothing at this path. The paths that exist are listed in /openapi.json.",
        ),
    })
}

#[derive(Debug, thiserror::Error)]
#[error("This path does not take this method. It takes: {allow}.")]
struct MethodNotAllowed {
    allow: String,
}

impl crate::platform::error::Refusal for MethodNotAllowed {
    fn code(&self) -> crate::platform::error::Code {
        codes::METHOD_NOT_ALLOWED
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("allow", self.allow.clone())]
    }
}

/// A problem with all it takes to write its answer.
#[derive(Debug)]
struct Told {
    problem: Problem,
    path: String,
    language: Language,
    ids: RequestIds,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.sentence)
    }
}

impl ResponseError for Told {
    fn error_response(&self) -> HttpResponse {
        finished(answer(&self.problem, &self.path, self.language, self.ids), self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_02_a_page_adds_targets_of_its_forms_and_nothing_else_to_the_policy() {
        let usual = content_policy(None);
        assert!(usual.ends_with("form-action 'self'") && !usual.contains("unsafe"), "{usual}");
        let targets =
            FormTargets(vec!["https://app.example".into(), "https://x; script-src *".into(), "'unsafe-inline'".into()]);
        assert_eq!(content_policy(Some(&targets)), format!("{usual} https://app.example"));
    }
}
