//! Tokens: what is forged opens nothing, keys change, customers' tenants.

use std::time::Duration;

use actix_web::test::TestRequest;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Centre};

async fn with(centre: &Centre, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    centre.call(TestRequest::get().uri(path).insert_header(("authorization", bearer))).await
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

pub fn decoded(token: &str, index: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}

/// A token signed by hand, with another library than the program's.
pub fn signed(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = pair.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// The pair behind the key in use: what a thief of the key file would have.
pub fn own_pair(centre: &Centre) -> Ed25519KeyPair {
    let generation = centre.clock.now().seconds().div_euclid(30 * 24 * 60 * 60);
    let key = centre.app.parts().keys.signing(generation);
    Ed25519KeyPair::from_pkcs8(&key.pkcs8).unwrap()
}

#[actix_web::test]
async fn aut_03_more_than_eighty_forged_tokens_made_with_another_library_are_all_401() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let own = own_pair(&centre);
    let stranger = Ed25519KeyPair::generate().unwrap();
    let (header, claims) = (decoded(&provider.token, 0), decoded(&provider.token, 1));
    // The control: signed by hand with the right key, a good token opens.
    assert_eq!(with(&centre, "/v1/customers", &signed(&own, &header, &claims)).await.status, 200);
    let changed = |of: &Value, name: &str, to: Value| {
        let mut value = of.clone();
        if to.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = to;
        }
        value
    };
    let mut forged = vec![signed(&stranger, &header, &claims)];
    let now = centre.clock.now().seconds();
    let absent = json!(uuid::Uuid::now_v7().to_string());
    // A signature of ours over something we would not have said.
    for (name, values) in [
        ("exp", vec![json!(null), json!(now - 31), json!(0), json!(-1), json!("tomorrow"), json!(1e30)]),
        ("nbf", vec![json!(null), json!(now + 31), json!("x")]),
        (
            "iss",
            vec![
                json!(null),
                json!("https://evil.example"),
                json!("https://partners.test"),
                json!(["https://partners.test"]),
            ],
        ),
        (
            "aud",
            vec![
                json!(null),
                json!("https://evil.example"),
                json!(""),
                json!([]),
                json!("https://api.partnercenter.microsoft.com.evil.example"),
            ],
        ),
        ("sub", vec![json!(null), json!("admin"), json!(1)]),
        ("oid", vec![absent.clone(), json!("x"), json!({})]),
        ("tid", vec![json!(null), absent.clone(), json!(operator.id), json!("common")]),
        ("epoch", vec![json!(0), json!(2), json!(-1), json!("1")]),
        ("iat", vec![json!(null), json!("x")]),
        ("jti", vec![json!(null), json!("x")]),
        ("amr", vec![json!("mfa")]),
        ("appid", vec![json!(null), json!(7)]),
        ("ver", vec![json!(null)]),
    ] {
        for value in values {
            forged.push(signed(&own, &header, &changed(&claims, name, value)));
        }
    }
    let mut app = changed(&claims, "oid", json!(null));
    app["sub"] = absent;
    forged.push(signed(&own, &header, &app));
    // Headers: other algorithms, other keys, other types.
    for (name, values) in [
        (
            "alg",
            vec![
                "none", "None", "NONE", "HS256", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384",
                "eddsa", "",
            ],
        ),
        ("kid", vec!["", "x", "../../etc/passwd", "' OR 1=1 --"]),
        ("typ", vec!["at+jwt", "JWE", "jwt ", ""]),
    ] {
        for value in values {
            let header = changed(&header, name, json!(value));
            forged.push(signed(&own, &header, &claims));
            forged.push(format!("{}.{}.", part(&header), part(&claims)));
        }
    }
    for name in ["alg", "kid", "typ"] {
        forged.push(signed(&own, &changed(&header, name, json!(null)), &claims));
    }
    // The public key as the secret of a symmetric algorithm.
    let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, own.public_key().as_ref());
    let message = format!("{}.{}", part(&changed(&header, "alg", json!("HS256"))), part(&claims));
    let tag = aws_lc_rs::hmac::sign(&hmac, message.as_bytes());
    forged.push(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref())));
    // Every character of the signature, and cut ones.
    let good = &provider.token;
    for position in good.rfind('.').unwrap() + 1..good.len() - 1 {
        let mut bytes = good.as_bytes().to_vec();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).unwrap());
    }
    for cut in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        &good[..good.len() - 1],
        &good[1..],
        &format!("{good}.{good}"),
        &format!("{good}="),
    ] {
        forged.push(cut.to_owned());
    }
    assert!(forged.len() >= 80, "{}", forged.len());
    for token in &forged {
        let answer = with(&centre, "/v1/customers", token).await;
        assert_eq!(answer.status, 401, "{token}: {}", answer.text);
    }
}

#[actix_web::test]
async fn the_published_keys_verify_tokens_and_change_every_thirty_days() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let configuration = centre.get("/operator.invalid/v2.0/.well-known/openid-configuration").await.ok();
    assert_eq!(configuration["issuer"], format!("https://partners.test/{}/v2.0", operator.id));
    assert_eq!(configuration["token_endpoint"], "https://partners.test/operator.invalid/oauth2/v2.0/token");
    let keys_path = configuration["jwks_uri"].as_str().unwrap().trim_start_matches("https://partners.test").to_owned();
    let verifies = |token: &str, keys: &Value| {
        let kid = decoded(token, 0)["kid"].clone();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).cloned();
        let Some(key) = key else { return false };
        let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ED25519, public).verify(message.as_bytes(), &signature).is_ok()
    };
    let keys = centre.get(&keys_path).await.ok();
    assert!(verifies(&operator.token, &keys));
    assert_eq!(decoded(&operator.token, 1)["iss"], configuration["issuer"]);
    // The day of the change: what was signed before still opens, what comes after has another key, published before.
    let generation = Duration::from_secs(30 * 24 * 60 * 60);
    let into = centre.clock.now().seconds().rem_euclid(30 * 24 * 60 * 60);
    centre.advance(generation - Duration::from_secs(u64::try_from(into).unwrap() + 600));
    let before = operator.sign_in_again().await;
    centre.advance(Duration::from_secs(1_200));
    assert_eq!(before.get("/v1/enrollments").await.status, 200);
    let after = before.sign_in_again().await;
    assert_ne!(decoded(&before.token, 0)["kid"], decoded(&after.token, 0)["kid"]);
    assert!(verifies(&after.token, &keys), "the next key was published before its time");
    let unknown = centre.get("/no-such-tenant.example/v2.0/.well-known/openid-configuration").await.ok();
    assert_eq!(unknown["issuer"], "https://partners.test/{tenantid}/v2.0");
    assert_eq!(centre.get("/common/discovery/instance").await.ok()["metadata"][0]["aliases"][0], "partners.test");
}

async fn token_for(centre: &Centre, tenant: &str, partner: &Actor) -> Answer {
    let form = format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={}", partner.refresh_token);
    centre.form(&format!("/{tenant}/oauth2/v2.0/token"), &form).await
}

#[actix_web::test]
async fn dap_03_a_token_for_a_customers_tenant_keeps_the_partner_and_is_worth_what_the_delegation_is() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let devices = format!("/v1/customers/{}/devices", customer.id);
    let answer = token_for(&centre, "fabrikam.onmicrosoft.com", &reseller).await.ok();
    let token = answer["access_token"].as_str().unwrap();
    let claims = decoded(token, 1);
    assert_eq!((&claims["tid"], &claims["oid"]), (&json!(customer.id), &decoded(&reseller.token, 1)["oid"]));
    assert_eq!(with(&centre, &devices, token).await.status, 200);
    // It opens nothing but that customer.
    let elsewhere = format!("/v1/customers/{}/devices", other.id);
    assert_eq!(with(&centre, &elsewhere, token).await.refusal(), "403 wrongTenantToken");
    assert_eq!(with(&centre, "/v1/customers", token).await.refusal(), "403 wrongTenantToken");
    // Unknown and unrelated tenants are the same refusal.
    let reseller = reseller.sign_in_again().await;
    let absent = uuid::Uuid::now_v7().to_string();
    for tenant in [other.id.as_str(), &provider.id, "no-such.example", &absent] {
        let refused = token_for(&centre, tenant, &reseller).await;
        assert_eq!((refused.status, &refused.body["error_codes"][0]), (400, &json!(90_002)), "{tenant}");
    }
    // The end of the delegation ends the token at once, and there is no other.
    let end = format!("/v1/customers/{}/administrators/{}", customer.id, reseller.id);
    customer.admin.delete(&end).await.ok();
    assert_eq!(with(&centre, &devices, token).await.refusal(), "401 tenantClosed");
    assert_eq!(token_for(&centre, &customer.id, &reseller).await.status, 400);
}

#[actix_web::test]
async fn an_application_gets_tokens_for_its_customers_tenants_too() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let made = provider.post("/v1/applications", json!({ "name": "x", "roles": ["admin_agent"] })).await.ok();
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let token = centre.form(&format!("/{}/oauth2/token", customer.id), &form).await.ok();
    let devices = format!("/v1/customers/{}/devices", customer.id);
    assert_eq!(with(&centre, &devices, token["access_token"].as_str().unwrap()).await.status, 200);
    // The secret may come as RFC 6749 prefers it, too.
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{id}:{secret}"));
    let request = TestRequest::post().uri("/common/oauth2/v2.0/token");
    let request = request.insert_header(("content-type", "application/x-www-form-urlencoded"));
    let request = request.insert_header(("authorization", format!("Basic {basic}")));
    assert_eq!(centre.call(request.set_payload("grant_type=client_credentials")).await.status, 200);
}

#[actix_web::test]
async fn a_refresh_token_rests_ninety_days_at_most() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    centre.advance(days(89));
    let operator = operator.sign_in_again().await;
    centre.advance(days(89));
    let operator = operator.sign_in_again().await;
    centre.advance(days(90));
    assert_eq!(token_for(&centre, "common", &operator).await.body["error"], "invalid_grant");
}

#[actix_web::test]
async fn the_scope_of_a_users_token_is_told_in_the_words_it_was_asked_for() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let mut refresh_token = operator.refresh_token.clone();
    let api = "https://api.partnercenter.microsoft.com";
    for (version, asked, told) in [
        ("/v2.0", String::new(), "user_impersonation".to_owned()),
        ("/v2.0", "openid".to_owned(), "user_impersonation".to_owned()),
        ("/v2.0", format!("{api}/.default"), format!("{api}/user_impersonation {api}/.default")),
        (
            "/v2.0",
            format!("openid {api}/user_impersonation profile offline_access"),
            format!("{api}/user_impersonation openid profile"),
        ),
        (
            "/v2.0",
            format!("{api}/.default https://graph.microsoft.com/.default"),
            format!("{api}/user_impersonation {api}/.default"),
        ),
        ("", format!("{api}/.default"), "user_impersonation".to_owned()),
    ] {
        let form = format!(
            "grant_type=refresh_token&client_id=partner-center-cli&refresh_token={refresh_token}&scope={}",
            asked.replace(' ', "+")
        );
        let answer = centre.form(&format!("/common/oauth2{version}/token"), &form).await.ok();
        assert_eq!(answer["scope"], told, "{version} {asked}");
        refresh_token = answer["refresh_token"].as_str().unwrap().to_owned();
    }
}
