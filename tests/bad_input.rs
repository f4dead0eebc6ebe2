//! Whatever arrives, the answer says what to do, in the dialect of its surface, with the request's ids.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::harness::{Centre, request};

#[actix_web::test]
async fn api_1_every_error_is_in_the_dialect_of_its_surface() {
    let centre = Centre::open().await;
    let id = "11111111-2222-4333-8444-555555555555";
    let told = |path: &'static str, method: &'static str| {
        centre.call(request(method, path).insert_header(("MS-RequestId", id)).insert_header(("ms-correlationid", id)))
    };
    let unknown = told("/v1/nothing", "GET").await;
    assert_eq!((unknown.status, unknown.body["code"].clone()), (404, json!(1000)));
    assert_eq!(unknown.body["errorName"], "unknownPath");
    let graph = told("/v1.0/nothing", "GET").await;
    assert_eq!((graph.status, graph.body["error"]["code"].clone()), (404, json!("unknownPath")));
    assert_eq!(graph.body["error"]["innerError"]["request-id"], id);
    let page = told("/nothing", "GET").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains(id), "{}", page.text);
    let method = told("/V1/Customers/", "DELETE").await;
    assert_eq!(method.refusal(), "405 methodNotAllowed");
    assert_eq!(method.header("allow"), "GET, POST");
    let oauth = told("/common/oauth2/v2.0/token", "POST").await;
    assert_eq!((oauth.status, oauth.body["error"].clone()), (415, json!("invalid_request")));
    for answer in [unknown, graph, page, method, oauth] {
        assert_eq!((answer.header("ms-requestid"), answer.header("ms-correlationid")), (id.to_owned(), id.to_owned()));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_named() {
    let centre = Centre::open_with(|settings| settings.http.max_body_bytes = 2048).await;
    let send = |content_type: &'static str, body: String| {
        let request = TestRequest::post().uri("/v1/enrollments").insert_header(("content-type", content_type));
        centre.call(request.set_payload(body))
    };
    let json = "application/json";
    let deep = "[".repeat(500);
    for (content_type, body, refusal, mentions) in [
        (json, "{".to_owned(), "400 badRequest", "EOF"),
        (json, deep, "400 badRequest", "invalid type"),
        (json, "{}".to_owned(), "400 badRequest", "missing field `companyName`"),
        (json, "{\"colour\": 1}".to_owned(), "400 badRequest", "unknown field `colour`"),
        (json, "{\"companyName\": 7}".to_owned(), "400 badRequest", "companyName: invalid type"),
        (json, "{\"companyName\": \"a\\nb\"}".to_owned(), "400 badRequest", "control characters"),
        (json, format!("{{\"companyName\": \"{}\"}}", "x".repeat(201)), "400 badRequest", "at most 200"),
        (json, " ".repeat(4000), "413 bodyTooLarge", "2048"),
        ("text/plain", "{}".to_owned(), "415 unsupportedMediaType", "application/json"),
    ] {
        let answer = send(content_type, body.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{body:.60}");
        assert!(answer.sentence().contains(mentions), "{} ({body:.60})", answer.sentence());
    }
    let packed = TestRequest::post().uri("/v1/enrollments").insert_header(("content-encoding", "gzip"));
    assert_eq!(centre.call(packed).await.refusal(), "415 unsupportedMediaType");
}

#[actix_web::test]
async fn ids_and_parameters_that_are_none_are_refused_without_a_server_error() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    for (path, status) in [
        ("/v1/relationships", 400),
        ("/v1/relationships?relationship_type=friend", 400),
        ("/v1/relationships?relationship_type=0&filter={}", 400),
        ("/v1/customers?filter=%7B%7D", 400),
        ("/v1/customers?size=-1", 400),
        ("/v1/customers?size=100000", 400),
        ("/v1/customers?size=0", 200),
        ("/v1/customers?continuationToken=!!!", 400),
        ("/v1/customers?continuationToken=AAAA", 400),
        ("/v1/customers/not-an-id", 404),
        ("/v1/customers/%00", 404),
        ("/v1/customers/..%2F..%2Fetc", 404),
        ("/v1/relationships/invitations/not-an-id", 404),
        ("/v1/relationships/not-an-id/removal", 404),
    ] {
        let answer = provider.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.status == 200 || answer.body["description"].is_string(), "{path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn multipart_that_is_none_is_refused() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let path = "/v1/devicedirectory/manifests";
    for (content_type, body) in [
        ("application/json", "{}"),
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=b", "no boundary here"),
        ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ncut off"),
        ("multipart/form-data; boundary=b", "--b--\r\n"),
    ] {
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("content-type", content_type))
            .insert_header(("authorization", format!("Bearer {}", operator.token)))
            .set_payload(body);
        let answer = centre.call(request).await;
        assert!((400..500).contains(&answer.status), "{content_type} {body}: {} {}", answer.status, answer.text);
        assert!(answer.body["description"].is_string(), "{content_type} {body}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_database_that_is_gone_is_told_as_such_and_heals() {
    let centre = Centre::open_with(|settings| settings.database.wait_seconds = 1).await;
    let operator = centre.operator().await;
    assert_eq!(centre.get("/readyz").await.status, 200);
    // Whoever holds the write lock of SQLite, or every table of PostgreSQL, stops the writers; readers of SQLite go on.
    let lock = centre.database().lock();
    let answer = centre.enroll("norrsken", "6001234").await;
    assert_eq!(answer.refusal(), "503 databaseUnavailable");
    assert_eq!(answer.body["isRetryable"], Value::Bool(true));
    assert_eq!(answer.header("retry-after"), "2");
    drop(lock);
    assert_eq!(centre.enroll("norrsken", "6001234").await.status, 201);
    assert_eq!(operator.get("/v1/enrollments").await.ok()["totalCount"], 1);
    assert_eq!(centre.get("/healthz").await.status, 200);
}
