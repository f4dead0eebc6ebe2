//! The OpenAPI document and the router agree.

use crate::harness::{Centre, request};

/// `(method, path)` of every operation in the document.
pub fn operations() -> Vec<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(&partner_center::app::openapi().to_json().unwrap()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            operations.push((method.to_uppercase(), path.clone()));
        }
    }
    operations
}

#[actix_web::test]
async fn api_7_every_operation_of_the_document_is_routed() {
    let centre = Centre::open().await;
    let served = centre.get("/openapi.json").await.ok();
    assert_eq!(served["info"]["title"], "Partner Center");
    let operations = operations();
    assert!(operations.len() > 30);
    for (method, path) in operations {
        let path = path.replace(['{', '}'], "");
        let answer = centre.call(request(&method, &path)).await;
        assert_ne!(answer.refusal(), "404 unknownPath", "{method} {path}");
        assert_ne!(answer.status, 405, "{method} {path}");
    }
}

#[actix_web::test]
async fn every_operation_says_what_it_does() {
    let document: serde_json::Value = serde_json::from_str(&partner_center::app::openapi().to_json().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(summary.len() > 10, "{method} {path} has no summary");
        }
    }
}
