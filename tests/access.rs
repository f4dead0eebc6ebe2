//! Accounts and tokens.

use std::time::Duration;

use actix_web::test::TestRequest;
use partner_center::platform::clock::days;
use serde_json::json;

use crate::harness::{Actor, Centre, PASSWORD, nothing};

const RESELLERS: &str = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";

async fn provider(centre: &Centre) -> Actor {
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await
}

async fn with_token(centre: &Centre, token: &str) -> String {
    let request = TestRequest::get().uri(RESELLERS).insert_header(("authorization", format!("Bearer {token}")));
    centre.call(request).await.refusal()
}

#[actix_web::test]
async fn aut_03_forged_altered_expired_and_missing_tokens_are_401() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    assert_eq!(with_token(&centre, &provider.token).await, "200 (no error)");
    let parts: Vec<&str> = provider.token.split('.').collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for forged in [
        "x".to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1].replacen('a', "b", 1), parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], parts[2].chars().rev().collect::<String>()),
    ] {
        assert_eq!(with_token(&centre, &forged).await, "401 tokenInvalid", "{forged}");
    }
    let anonymous = centre.get(RESELLERS).await;
    assert_eq!(anonymous.refusal(), "401 tokenMissing");
    assert!(anonymous.header("www-authenticate").starts_with("Bearer"));
    centre.advance(Duration::from_secs(61 * 60));
    assert_eq!(with_token(&centre, &provider.token).await, "401 tokenInvalid");
    let again = provider.sign_in_again().await;
    assert_eq!(with_token(&centre, &again.token).await, "200 (no error)");
}

#[actix_web::test]
async fn app_only_tokens_are_refused_where_the_contract_wants_a_user() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let script = provider.application(&["admin_agent"]).await;
    assert_eq!(script.get(RESELLERS).await.refusal(), "403 appOnlyRefused");
    assert_eq!(script.get(RESELLERS).await.body["code"], 900_329);
    assert_eq!(script.get("/v1/customers").await.status, 200);
    let direct = crate::harness::customer_body("fabrikam", None);
    let created = script.post("/v1/customers", direct).await.ok();
    let for_reseller = crate::harness::customer_body("tailspin", Some(&reseller.id));
    assert_eq!(script.post("/v1/customers", for_reseller).await.refusal(), "403 appOnlyRefused");
    let partners = format!("/v1/customers/{}/relationships", created["id"].as_str().unwrap());
    assert_eq!(script.get(&partners).await.refusal(), "403 appOnlyRefused");
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    assert_eq!(script.post(&removal, json!({ "attestation": true })).await.refusal(), "403 appOnlyRefused");
    assert_eq!(script.post("/v1/agreements/mpa/signatures", nothing()).await.refusal(), "403 appOnlyRefused");
    let helpdesk = provider.application(&["helpdesk_agent"]).await;
    assert_eq!(helpdesk.get("/v1/customers").await.status, 200);
    let invitation = json!({ "email": "a@b.example" });
    assert_eq!(helpdesk.post("/v1/relationships/invitations", invitation).await.refusal(), "403 roleMissing");
}

#[actix_web::test]
async fn aut_05_refresh_tokens_rotate_and_reuse_ends_the_family() {
    let centre = Centre::open().await;
    let first = provider(&centre).await;
    let second = first.sign_in_again().await;
    // A client that lost the answer asks again within seconds.
    first.sign_in_again().await;
    centre.advance(Duration::from_secs(11));
    let form = |token: &str| format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={token}");
    let endpoint = format!("/{}/oauth2/v2.0/token", first.id);
    let reused = centre.form(&endpoint, &form(&first.refresh_token)).await;
    assert_eq!((reused.status, reused.body["error"].as_str().unwrap()), (400, "invalid_grant"));
    let descendant = centre.form(&endpoint, &form(&second.refresh_token)).await;
    assert_eq!(descendant.body["error"], "invalid_grant");
}

#[actix_web::test]
async fn the_token_endpoints_answer_as_existing_clients_expect() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let form = format!(
        "grant_type=refresh_token&client_id=partner-center-cli&refresh_token={}\
         &resource=https://api.partnercenter.microsoft.com",
        provider.refresh_token
    );
    let v1 = centre.form("/northwind.example/OAuth2/token", &form).await.ok();
    assert_eq!(v1["expires_in"], "3600");
    assert_eq!(v1["resource"], "https://api.partnercenter.microsoft.com");
    assert!(v1["expires_on"].is_string());
    let form = form.replace(&provider.refresh_token, v1["refresh_token"].as_str().unwrap());
    let v2 = centre.form("/organizations/oauth2/v2.0/token", &form).await.ok();
    assert_eq!(v2["expires_in"], 3600);
    assert_eq!(with_token(&centre, v2["access_token"].as_str().unwrap()).await, "200 (no error)");

    for (tenant, form, error) in [
        ("common", "grant_type=password&client_id=x&username=a&password=b", "unsupported_grant_type"),
        ("common", "client_id=x", "invalid_request"),
        ("common", "grant_type=refresh_token&client_id=x&resource=https://evil.example", "invalid_target"),
        ("common", "grant_type=refresh_token&client_id=partner-center-cli&refresh_token=x", "invalid_grant"),
        ("common", "grant_type=client_credentials&client_id=x&client_secret=y", "invalid_client"),
    ] {
        let refused = centre.form(&format!("/{tenant}/oauth2/token"), form).await;
        assert_eq!(refused.body["error"], error, "{form}");
        assert!(refused.body["error_description"].is_string());
    }
}

#[actix_web::test]
async fn an_activation_code_works_once_and_until_it_expires() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    for (name, location) in [("norrsken", "6001234"), ("adatum", "6002234")] {
        let enrolled = centre.enroll(name, location).await.ok();
        let _ =
            operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await;
    }
    centre.run_jobs().await;
    let code = centre.token_mailed_to("admin@norrsken.example", "act_");
    let activate = |code: &str, password: &str| {
        centre.post("/v1/accounts/activation", json!({ "code": code, "password": password }))
    };
    assert_eq!(activate(&code, "short").await.refusal(), "400 passwordLength");
    let zero = json!({ "userName": "a\u{0}", "temporaryPassword": "x", "newPassword": PASSWORD });
    assert_eq!(centre.post("/v1/accounts/password", zero).await.refusal(), "401 firstSignInRefused");
    assert_eq!(activate("act_x", PASSWORD).await.refusal(), "400 activationCodeInvalid");
    assert_eq!(activate(&code, PASSWORD).await.status, 200);
    // Whoever lost the answer sends the same again; whoever only found the code does not know the password.
    assert_eq!(activate(&code, PASSWORD).await.status, 200);
    assert_eq!(activate(&code, "another password").await.refusal(), "400 activationCodeInvalid");
    let late = centre.token_mailed_to("admin@adatum.example", "act_");
    centre.advance(days(14));
    assert_eq!(activate(&late, PASSWORD).await.refusal(), "400 activationCodeInvalid");
}

#[actix_web::test]
async fn inv_07_enrolling_with_somebody_elses_address_gives_no_access_to_the_account() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let body = json!({
        "companyName": "Impostor", "country": "SE", "domain": "impostor.example",
        "mpnIds": { "global": "1", "locations": ["2"], "onboarding": "2" },
        "admin": { "email": "admin@northwind.example", "displayName": "Impostor" },
    });
    centre.post("/v1/enrollments", body).await.ok();
    centre.run_jobs().await;
    // The code goes to the owner of the mailbox, who is told that there is an account already.
    let code = centre.token_mailed_to("admin@northwind.example", "act_");
    let refused = centre.post("/v1/accounts/activation", json!({ "code": code, "password": PASSWORD })).await;
    assert_eq!(refused.refusal(), "409 addressHasAccount");
    assert_eq!(provider.get(RESELLERS).await.status, 200);
}

#[actix_web::test]
async fn aut_07_a_used_activation_code_is_no_way_around_the_limit_of_guesses() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let code = centre.token_mailed_to("admin@northwind.example", "act_");
    let guess =
        |password: &'static str| centre.post("/v1/accounts/activation", json!({ "code": code, "password": password }));
    for _ in 0..10 {
        assert_eq!(guess("not the password").await.refusal(), "400 activationCodeInvalid");
    }
    assert_eq!(guess(PASSWORD).await.refusal(), "429 tooManyAttempts");
}
