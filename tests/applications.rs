//! A company's applications and their secrets.

use serde_json::json;

use crate::harness::{Actor, Answer, Centre, nothing};

async fn token(centre: &Centre, id: &str, secret: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    centre.form("/common/oauth2/v2.0/token", &form).await
}

async fn with(centre: &Centre, answer: &Answer) -> u16 {
    let bearer = format!("Bearer {}", answer.body["access_token"].as_str().unwrap());
    let request = actix_web::test::TestRequest::get().uri("/v1/customers").insert_header(("authorization", bearer));
    centre.call(request).await.status
}

async fn registered(provider: &Actor) -> (String, String, String) {
    let body = json!({ "name": "Nightly", "roles": ["admin_agent"], "redirectUris": ["https://nightly.example/cb"] });
    let made = provider.post("/v1/applications", body).await.ok();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"), text("secretId"))
}

#[actix_web::test]
async fn two_secrets_let_clients_change_over_and_a_removed_one_ends_what_came_of_it() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let (id, first, first_id) = registered(&provider).await;
    let old = token(&centre, &id, &first).await;
    assert_eq!(with(&centre, &old).await, 200);
    let secrets = format!("/v1/applications/{id}/secrets");
    let second = provider.post(&secrets, nothing()).await.ok();
    assert_eq!(provider.post(&secrets, nothing()).await.refusal(), "409 applicationHasTwoSecrets");
    assert_eq!(token(&centre, &id, second["secret"].as_str().unwrap()).await.status, 200);
    provider.delete(&format!("{secrets}/{first_id}")).await.ok();
    provider.delete(&format!("{secrets}/{first_id}")).await.ok();
    assert_eq!(token(&centre, &id, &first).await.body["error"], "invalid_client");
    assert_eq!(with(&centre, &old).await, 401, "a token obtained before ends with the secret");
    let new = token(&centre, &id, second["secret"].as_str().unwrap()).await;
    assert_eq!(with(&centre, &new).await, 200);
    let list = provider.get("/v1/applications").await.ok();
    assert_eq!(list["items"][0]["secrets"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains("pcs_"), "a secret is shown once");
    provider.delete(&format!("/v1/applications/{id}")).await.ok();
    assert_eq!(with(&centre, &new).await, 401);
    assert_eq!(provider.delete(&format!("/v1/applications/{id}")).await.refusal(), "404 applicationUnknown");
}

#[actix_web::test]
async fn an_application_of_another_company_is_unknown_and_a_redirect_is_https() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let other = centre.provider(&operator, "southwind").await;
    let (id, _, secret) = registered(&provider).await;
    assert_eq!(other.delete(&format!("/v1/applications/{id}")).await.refusal(), "404 applicationUnknown");
    assert_eq!(
        other.post(&format!("/v1/applications/{id}/secrets"), nothing()).await.refusal(),
        "404 applicationUnknown"
    );
    let foreign = format!("/v1/applications/{id}/secrets/{secret}");
    assert_eq!(other.delete(&foreign).await.refusal(), "404 applicationUnknown");
    assert_eq!(other.get("/v1/applications").await.ok()["totalCount"], 0);
    for uri in ["http://nightly.example/cb", "javascript:alert(1)", "https://a.example/#b"] {
        let body = json!({ "name": "x", "roles": [], "redirectUris": [uri] });
        assert_eq!(provider.post("/v1/applications", body).await.refusal(), "400 redirectUriInvalid", "{uri}");
    }
}
