//! Several calls in one, as Graph's clients pack them (section 23 of the contract). Each is answered as if it had come by
//! itself: with its own guard, its own transaction and its own count against the limits.

use std::collections::{BTreeMap, HashMap, HashSet};

use actix_http::{Payload, Request};
use actix_web::body::to_bytes_limited;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::http::{Method, Uri};
use actix_web::web::{Bytes, Json as Answer};
use actix_web::{HttpRequest, post};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::access::SignedIn;
use crate::platform::error::codes;
use crate::platform::http::{Answering, Error, Lenient, OwnService};
use crate::platform::text::shorten;

/// Calls in one at most.
const MAX_CALLS: usize = 20;
/// Bytes of one answer at most.
const MAX_ANSWER: usize = 16 * 1024 * 1024;
/// The header of an answer that is JSON, as clients look for it.
const JSON_TYPE: (&str, &str) = ("Content-Type", "application/json");

/// Calls packed in one.
#[derive(Deserialize, ToSchema)]
pub(super) struct BatchBody {
    /// At most 20.
    requests: Vec<Call>,
}

/// One of them.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Call {
    /// Names it among the others: no two are alike.
    id: String,
    method: String,
    /// Relative to `/v1.0`.
    url: String,
    headers: Option<BTreeMap<String, String>>,
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Those that must have succeeded before.
    depends_on: Option<Vec<String>>,
}

/// How one was answered.
#[derive(Clone, Serialize, ToSchema)]
struct Answered {
    id: String,
    status: u16,
    headers: BTreeMap<String, String>,
    #[schema(value_type = Object)]
    body: Value,
}

/// Their answers, in any order.
#[derive(Serialize, ToSchema)]
struct BatchAnswer {
    responses: Vec<Answered>,
}

fn refused(sentence: impl Into<String>) -> Error {
    Error::plain(codes::BAD_REQUEST, sentence)
}

/// The calls in an order in which each comes after those it depends on.
fn in_order(calls: Vec<Call>) -> Result<Vec<Call>, Error> {
    if calls.is_empty() || calls.len() > MAX_CALLS {
        return Err(refused(format!("A batch has from 1 to {MAX_CALLS} requests; this one has {}.", calls.len())));
    }
    let ids: HashSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
    if ids.len() < calls.len() {
        return Err(refused("Two requests of the batch have the same id. Give each its own."));
    }
    let depends = |call: &Call| call.depends_on.clone().unwrap_or_default();
    if let Some(unknown) = calls.iter().flat_map(depends).find(|id| !ids.contains(id.as_str())) {
        return Err(refused(format!("No request of the batch has the id \"{}\" of dependsOn.", shorten(&unknown, 60))));
    }
    let mut waiting = calls;
    let mut ordered: Vec<Call> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let done = |id: &String| ordered.iter().any(|call| call.id == *id);
        let Some(next) = waiting.iter().position(|call| depends(call).iter().all(done)) else {
            return Err(refused("The requests of the batch wait for each other: dependsOn goes round in a circle."));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}

fn said(id: &str, status: u16, code: &str, message: &str) -> Answered {
    let body = json!({ "error": { "code": code, "message": message } });
    let headers = [(JSON_TYPE.0.to_owned(), JSON_TYPE.1.to_owned())].into();
    Answered { id: id.to_owned(), status, headers, body }
}

/// The call as a request of its own, for whoever sent the batch.
fn request_of(call: &Call, outer: &HttpRequest) -> Result<Request, &'static str> {
    let method = Method::from_bytes(call.method.to_ascii_uppercase().as_bytes()).map_err(|_| "method is none")?;
    let path = call.url.trim_start_matches('/');
    // Graph's client for JavaScript writes the version, too, when it is given whole addresses.
    let path = path.strip_prefix("v1.0/").or_else(|| path.strip_prefix("beta/")).unwrap_or(path);
    let target = format!("/v1.0/{}", path.trim_start_matches('/'));
    let uri: Uri = target.parse().map_err(|_| "url is no path relative to /v1.0")?;
    // As the router reads it: decoded once, in any case.
    let routed = percent_decode_str(uri.path()).decode_utf8_lossy().to_ascii_lowercase();
    if routed.contains("$batch") {
        return Err("a batch within a batch is not read");
    }
    let body = match &call.body {
        Some(Value::Null) | None => None,
        Some(body) => Some(Bytes::from(body.to_string())),
    };
    let own: BTreeMap<String, &String> =
        call.headers.iter().flatten().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    if body.is_some() && !own.contains_key("content-type") {
        return Err("a body needs the header Content-Type");
    }
    let mut request = match body {
        Some(body) => Request::with_payload(Payload::from(body)),
        None => Request::with_payload(Payload::None),
    };
    let head = request.head_mut();
    (head.method, head.uri, head.peer_addr) = (method, uri, outer.peer_addr());
    // Who asks is said once, and so are the names under which we were called.
    let outer_only = ["authorization", "host", "x-forwarded-for", "content-length", "transfer-encoding", "connection"];
    for (name, value) in own.iter().filter(|(name, _)| !outer_only.contains(&name.as_str())) {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header's name is none")?;
        let value = HeaderValue::from_str(value).map_err(|_| "a header's value is none")?;
        head.headers.insert(name, value);
    }
    for name in [AUTHORIZATION.as_str(), "host", "x-forwarded-for"] {
        let name = HeaderName::from_static(name);
        if let Some(value) = outer.headers().get(&name) {
            head.headers.insert(name, value.clone());
        }
    }
    Ok(request)
}

async fn answered(service: &Answering, id: &str, request: Request) -> Answered {
    let response = match service(request).await {
        Ok(response) => response.into_parts().1,
        Err(error) => error.error_response(),
    };
    let status = response.status().as_u16();
    // Clients look for the names in these letters, although a header's name has no case elsewhere.
    let shown = [(CONTENT_TYPE, JSON_TYPE.0), (LOCATION, "Location"), (RETRY_AFTER, "Retry-After")];
    let headers = shown.iter().filter_map(|(name, written)| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(((*written).to_owned(), value.to_owned()))
    });
    let headers = headers.collect();
    let body = match to_bytes_limited(response.into_body(), MAX_ANSWER).await {
        Ok(Ok(bytes)) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        _ => return said(id, 413, "bodyTooLarge", "The answer is too large for a batch. Ask for it by itself."),
    };
    Answered { id: id.to_owned(), status, headers, body }
}

/// Several calls in one. Each is answered as if it had come by itself.
#[utoipa::path(tag = "Graph", request_body = BatchBody, responses((status = 200, body = BatchAnswer)))]
#[post("/v1.0/$batch")]
pub(super) async fn batch(
    _me: SignedIn,
    outer: HttpRequest,
    body: Lenient<BatchBody>,
) -> Result<Answer<BatchAnswer>, Error> {
    let calls = in_order(body.0.requests)?;
    let service = outer.app_data::<OwnService>().cloned().ok_or_else(Error::internal)?.get().await?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::with_capacity(calls.len());
    for call in &calls {
        let failed = |id: &&String| statuses.get(*id).is_none_or(|status| *status >= 400);
        let blocked = call.depends_on.iter().flatten().find(failed);
        let answered = match (blocked, request_of(call, &outer)) {
            (Some(other), _) => {
                let sentence = format!("Not sent: request {} failed, and this one depends on it.", shorten(other, 60));
                said(&call.id, 424, "failedDependency", &sentence)
            }
            (None, Err(why)) => said(&call.id, 400, "invalidRequest", &format!("Not sent: {why}.")),
            (None, Ok(request)) => answered(&service, &call.id, request).await,
        };
        statuses.insert(call.id.clone(), answered.status);
        responses.push(answered);
    }
    Ok(Answer(BatchAnswer { responses }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, depends_on: &[&str]) -> Call {
        Call {
            id: id.to_owned(),
            method: "GET".to_owned(),
            url: "/groups".to_owned(),
            headers: None,
            body: None,
            depends_on: Some(depends_on.iter().map(|id| (*id).to_owned()).collect()),
        }
    }

    #[test]
    fn calls_come_after_those_they_depend_on() {
        let ordered = in_order(vec![call("1", &["3"]), call("2", &[]), call("3", &["2"])]).unwrap();
        assert_eq!(ordered.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["2", "3", "1"]);
        let many = (0..21).map(|number| call(&number.to_string(), &[])).collect();
        for wrong in [
            vec![],
            many,
            vec![call("1", &[]), call("1", &[])],
            vec![call("1", &["2"])],
            vec![call("1", &["2"]), call("2", &["1"])],
        ] {
            assert!(in_order(wrong).is_err());
        }
    }
}
