//! The second factor over REST.

use std::time::Duration;

use partner_center::access::SecondFactorRule;
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::harness::{Actor, Centre, START};

const FACTOR: &str = "/v1/accounts/secondfactor";
const RESELLERS: &str = "/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf";

async fn strict() -> Centre {
    Centre::open_with(|settings| settings.access.second_factor = SecondFactorRule::Required).await
}

/// The code that an authenticator with this secret shows `later` than the start of the test.
fn code(secret: &str, later: Duration) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    let time = u64::try_from(START.after(later).seconds()).unwrap();
    totp.generate(time).to_string()
}

pub async fn enrol(actor: &Actor) -> (String, serde_json::Value) {
    let secret = actor.get(FACTOR).await.ok()["secret"].as_str().unwrap().to_owned();
    let confirmed = actor.post(FACTOR, json!({ "code": code(&secret, Duration::ZERO) })).await.ok();
    (secret, confirmed)
}

#[actix_web::test]
async fn aut_12_without_a_second_factor_partners_get_the_documented_401_and_can_only_set_one_up() {
    let centre = strict().await;
    let operator = centre.first_operator().await;
    let refused = operator.get("/v1/enrollments").await;
    assert_eq!((refused.status, refused.text.as_str()), (401, ""), "no envelope");
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    let offered = operator.get(FACTOR).await.ok();
    assert!(offered["address"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert_eq!(operator.get(FACTOR).await.ok(), offered, "asking changes nothing");
    assert_eq!(operator.post(FACTOR, json!({ "code": "000000" })).await.refusal(), "400 secondFactorWrong");
    let (secret, confirmed) = enrol(&operator).await;
    assert_eq!(confirmed["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(operator.get(FACTOR).await.refusal(), "401 tokenInvalid", "older tokens have ended");
    let tenant = confirmed["tenantId"].as_str().unwrap();
    let signed_in = centre.sign_in(tenant, confirmed["refreshToken"].as_str().unwrap()).await;
    assert_eq!(signed_in.get("/v1/enrollments").await.status, 200);
    let again = signed_in.sign_in_again().await;
    assert_eq!(again.get("/v1/enrollments").await.status, 200, "the proof lives as long as the sign-in");
    assert!(!centre.database().holds(&secret), "the secret is nowhere in the database");
}

#[actix_web::test]
async fn a_password_alone_does_not_replace_a_second_factor() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let sam = provider.colleague("sam@northwind.example", &["sales_agent"]).await;
    let (_, confirmed) = enrol(&sam).await;
    // The activation code with its password signs in again, but without the second factor.
    let mailed = centre.token_mailed_to("sam@northwind.example", "act_");
    let again = json!({ "code": mailed, "password": crate::harness::PASSWORD });
    let weak = centre.post("/v1/accounts/activation", again).await.ok();
    let weak = centre.sign_in(&sam.id, weak["refreshToken"].as_str().unwrap()).await;
    assert_eq!(weak.get("/v1/customers").await.status, 401, "whoever has one proves it");
    let secret = weak.get(FACTOR).await.ok()["secret"].as_str().unwrap().to_owned();
    let replaced = weak.post(FACTOR, json!({ "code": code(&secret, Duration::ZERO) })).await;
    assert_eq!(replaced.refusal(), "403 secondFactorProveFirst");
    let strong = centre.sign_in(&sam.id, confirmed["refreshToken"].as_str().unwrap()).await;
    assert_eq!(strong.get("/v1/customers").await.status, 200);
}

#[actix_web::test]
async fn customers_users_and_applications_need_none() {
    let centre = strict().await;
    let operator = centre.first_operator().await;
    let (_, confirmed) = enrol(&operator).await;
    let operator = centre.sign_in(&operator.id, confirmed["refreshToken"].as_str().unwrap()).await;
    let body = json!({
        "name": "northwind", "country": "SE", "domain": "northwind.example", "contactEmail": "a@northwind.example",
        "description": "Licences", "mpnId": "700100", "admin": { "email": "a@northwind.example", "displayName": "A" },
    });
    operator.post("/v1/indirectproviders", body).await.ok();
    let provider = centre.activate("a@northwind.example").await;
    assert_eq!(provider.get(RESELLERS).await.status, 401);
    let (_, confirmed) = enrol(&provider).await;
    let provider = centre.sign_in(&provider.id, confirmed["refreshToken"].as_str().unwrap()).await;
    assert_eq!(provider.get(RESELLERS).await.status, 200);
    let script = provider.application(&["admin_agent"]).await;
    assert_eq!(script.get("/v1/customers").await.status, 200);
    assert_eq!(script.get(FACTOR).await.refusal(), "403 appOnlyRefused");
    let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://partners.test/mpa" });
    operator.post("/v1/agreements/mpa/versions", agreement).await.ok();
    provider.post("/v1/agreements/mpa/signatures", json!({})).await.ok();
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let path = format!("/v1/customers/{}/administrators", customer.id);
    assert_eq!(customer.admin.get(&path).await.status, 200);
}

#[actix_web::test]
async fn a_lost_second_factor_is_taken_by_a_colleague_who_manages_users() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let sam = provider.colleague("sam@northwind.example", &["sales_agent"]).await;
    let (_, confirmed) = enrol(&sam).await;
    let sam = centre.sign_in(&provider.id, confirmed["refreshToken"].as_str().unwrap()).await;
    let users = provider.get("/v1/users").await.ok();
    let user = users["items"].as_array().unwrap().iter().find(|user| user["secondFactor"] == true).unwrap().clone();
    let path = format!("/v1/users/{}/secondfactor", user["id"].as_str().unwrap());
    provider.delete(&path).await.ok();
    provider.delete(&path).await.ok();
    assert_eq!(sam.get("/v1/customers").await.refusal(), "401 tokenInvalid");
    let users = provider.get("/v1/users").await.ok();
    assert!(users["items"].as_array().unwrap().iter().all(|user| user["secondFactor"] == false));
}
