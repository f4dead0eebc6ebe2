//! Signing in with a browser: passwords, the second factor, links in mails, applications that ask.

use std::time::Duration;

use actix_web::test::TestRequest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partner_center::access::SecondFactorRule;
use partner_center::platform::clock::days;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::harness::{Actor, Answer, Browser, Centre, PASSWORD, START, customer_body, form_token};

async fn provider(centre: &Centre) -> Actor {
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await
}

async fn sign_in(browser: &Browser, name: &str, password: &str) -> Answer {
    browser.submit("/sign-in", &[("user_name", name), ("password", password), ("for", "")]).await
}

fn goes_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location")
}

/// Sends a form that stands on another page than the one it is sent to.
async fn post(browser: &Browser, shown_on: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let token = form_token(&browser.get(shown_on).await);
    let mut all = vec![("csrf", token.as_str())];
    all.extend_from_slice(fields);
    browser.call(TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin")).set_form(all)).await
}

fn secret_on(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("<code class=\"secret\">").unwrap();
    rest.split('<').next().unwrap().replace(' ', "")
}

fn code(secret: &str, later: Duration) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    totp.generate(u64::try_from(START.after(later).seconds()).unwrap()).to_string()
}

#[actix_web::test]
async fn a_person_signs_in_sees_who_it_is_and_signs_out() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let browser = Browser::new(&centre);
    assert_eq!(goes_to(&browser.get("/account").await), "/sign-in");
    assert_eq!(goes_to(&sign_in(&browser, "Admin@Northwind.example ", PASSWORD).await), "/account");
    let account = browser.get("/account").await;
    assert!(account.text.contains("admin@northwind.example") && account.text.contains("Global admin"));
    assert!(account.text.contains("northwind.example (indirect provider)"));
    let swedish = browser.get("/account?lang=sv").await;
    assert!(swedish.text.contains("Ditt konto") && swedish.text.contains("lang=\"sv\""));
    let out = post(&browser, "/account", "/sign-out", &[]).await;
    assert_eq!(out.status, 200);
    assert_eq!(goes_to(&browser.get("/account").await), "/sign-in");
}

#[actix_web::test]
async fn aut_08_unknown_and_known_names_are_refused_in_the_same_words() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let masked = |answer: Answer, name: &str| {
        let token = form_token(&answer);
        (answer.status, answer.text.replace(name, "NAME").replace(&token, "TOKEN"))
    };
    let known = sign_in(&Browser::new(&centre), "admin@northwind.example", "not the password").await;
    let unknown = sign_in(&Browser::new(&centre), "nobody@northwind.example", "not the password").await;
    let (known, unknown) = (masked(known, "admin@northwind.example"), masked(unknown, "nobody@northwind.example"));
    assert_eq!(known.0, 401);
    assert_eq!(known, unknown);
}

#[actix_web::test]
async fn aut_07_a_page_that_is_guessed_at_asks_to_wait() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let browser = Browser::new(&centre);
    for _ in 0..10 {
        assert_eq!(sign_in(&browser, "admin@northwind.example", "guess").await.status, 401);
    }
    let refused = sign_in(&browser, "admin@northwind.example", PASSWORD).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
    centre.advance(Duration::from_secs(61));
    assert_eq!(goes_to(&sign_in(&browser, "admin@northwind.example", PASSWORD).await), "/account");
}

#[actix_web::test]
async fn aut_12_whoever_acts_for_others_sets_up_a_second_factor_and_proves_it_from_then_on() {
    let centre = Centre::open_with(|settings| settings.access.second_factor = SecondFactorRule::Required).await;
    centre.first_operator().await;
    let browser = Browser::new(&centre);
    let name = "olga@operator.example";
    assert_eq!(goes_to(&sign_in(&browser, name, PASSWORD).await), "/account/second-factor");
    assert_eq!(goes_to(&browser.get("/account").await), "/sign-in", "nothing else is open yet");
    let secret = secret_on(&browser.get("/account/second-factor").await);
    let wrong = browser.submit("/account/second-factor", &[("code", "000000")]).await;
    assert_eq!(wrong.status, 400);
    let first = code(&secret, Duration::ZERO);
    let set = browser.submit("/account/second-factor", &[("code", &first)]).await;
    let (_, codes) = set.text.split_once("<p class=\"secret\">").unwrap();
    let codes: Vec<&str> = codes.split("</p>").next().unwrap().split("<br>").map(str::trim).collect();
    assert_eq!((set.status, codes.len()), (200, 10));
    assert!(browser.get("/account").await.text.contains("set up since"));

    // The same code does not open a second time; the next one does, once.
    let other = Browser::new(&centre);
    assert_eq!(goes_to(&sign_in(&other, name, PASSWORD).await), "/sign-in/code");
    assert_eq!(goes_to(&other.get("/account").await), "/sign-in");
    assert_eq!(other.submit("/sign-in/code", &[("code", &first)]).await.status, 400);
    centre.advance(Duration::from_secs(60));
    let next = code(&secret, Duration::from_secs(60));
    assert_eq!(goes_to(&other.submit("/sign-in/code", &[("code", &next)]).await), "/account");
    let third = Browser::new(&centre);
    sign_in(&third, name, PASSWORD).await;
    assert_eq!(third.submit("/sign-in/code", &[("code", &next)]).await.status, 400);
    // A recovery code opens once, however it is typed.
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(goes_to(&third.submit("/sign-in/code", &[("code", &typed)]).await), "/account");
    let fourth = Browser::new(&centre);
    sign_in(&fourth, name, PASSWORD).await;
    assert_eq!(fourth.submit("/sign-in/code", &[("code", codes[0])]).await.status, 400);
    assert!(centre.event_kinds().contains(&"recovery_code_used".to_owned()));
}

#[actix_web::test]
async fn tmp_02_a_temporary_password_opens_one_browser_which_can_only_change_it() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let made = provider.post("/v1/customers", customer_body("fabrikam", None)).await.ok();
    let temporary = made["userCredentials"]["password"].as_str().unwrap();
    let name = "admin@fabrikam.onmicrosoft.com";
    let (first, second) = (Browser::new(&centre), Browser::new(&centre));
    assert_eq!(goes_to(&sign_in(&first, name, temporary).await), "/sign-in/password");
    assert_eq!(goes_to(&sign_in(&second, name, temporary).await), "/sign-in/password");
    assert_eq!(goes_to(&first.get("/sign-in/password").await), "/sign-in", "the second browser took its place");
    assert_eq!(goes_to(&second.get("/account").await), "/sign-in");
    assert_eq!(second.submit("/sign-in/password", &[("password", "short")]).await.status, 400);
    assert_eq!(second.submit("/sign-in/password", &[("password", temporary)]).await.status, 400);
    let own = "a password of my own";
    assert_eq!(goes_to(&second.submit("/sign-in/password", &[("password", own)]).await), "/account");
    assert_eq!(sign_in(&first, name, temporary).await.status, 401);
    assert_eq!(goes_to(&sign_in(&first, name, own).await), "/account");
    let late = provider.post("/v1/customers", customer_body("tailspin", None)).await.ok();
    centre.advance(days(90));
    let late = late["userCredentials"]["password"].as_str().unwrap();
    assert_eq!(sign_in(&first, "admin@tailspin.onmicrosoft.com", late).await.status, 401);
}

#[actix_web::test]
async fn the_link_in_an_activation_mail_leads_to_a_password_and_leaves_the_address_at_once() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let invited =
        json!({ "email": "ada@northwind.example", "displayName": "Ada", "roles": ["sales_agent"], "language": "nl" });
    admin.post("/v1/users", invited).await.ok();
    centre.run_jobs().await;
    let mail = centre.mails_to("ada@northwind.example").pop().unwrap();
    assert!(mail.contains("Hallo Ada"), "{mail}");
    let code = centre.token_mailed_to("ada@northwind.example", "act_");
    let browser = Browser::new(&centre);
    assert_eq!(goes_to(&browser.get(&format!("/activate/{code}")).await), "/activate");
    let page = browser.get("/activate").await;
    assert!(page.text.contains("ada@northwind.example") && !page.text.contains(&code));
    assert_eq!(browser.submit("/activate", &[("password", "short")]).await.status, 400);
    assert_eq!(goes_to(&browser.submit("/activate", &[("password", PASSWORD)]).await), "/account");
    // Opening the link again, or a dead one, says so.
    assert_eq!(goes_to(&browser.get("/activate").await), "/sign-in");
    let stranger = Browser::new(&centre);
    stranger.get("/activate/act_nonsense").await;
    assert_eq!(stranger.get("/activate").await.status, 404);
}

#[actix_web::test]
async fn aut_06_a_forgotten_password_is_reset_by_mail_and_ends_what_was_signed_in() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let old = Browser::new(&centre);
    sign_in(&old, "admin@northwind.example", PASSWORD).await;
    let browser = Browser::new(&centre);
    let known = browser.submit("/forgot-password", &[("user_name", "admin@northwind.example")]).await;
    let unknown = browser.submit("/forgot-password", &[("user_name", "nobody@northwind.example")]).await;
    assert_eq!((known.status, &known.text), (200, &unknown.text), "nobody learns who has an account");
    browser.submit("/forgot-password", &[("user_name", "admin@northwind.example")]).await;
    centre.run_jobs().await;
    let mails = centre.mails_to("admin@northwind.example").into_iter().filter(|mail| mail.contains("rst_")).count();
    assert_eq!(mails, 1, "asking twice sends one mail");
    let link = centre.token_mailed_to("admin@northwind.example", "rst_");
    browser.get(&format!("/reset-password/{link}")).await;
    let new = "quite another password";
    assert_eq!(goes_to(&browser.submit("/reset-password", &[("password", new)]).await), "/account");
    assert_eq!(goes_to(&old.get("/account").await), "/sign-in");
    assert_eq!(admin.get("/v1/customers").await.refusal(), "401 tokenInvalid");
    let again = Browser::new(&centre);
    again.get(&format!("/reset-password/{link}")).await;
    assert_eq!(again.get("/reset-password").await.status, 404, "a link resets once");
    assert_eq!(sign_in(&again, "admin@northwind.example", PASSWORD).await.status, 401);
    assert!(!centre.database().holds(&link));
}

#[actix_web::test]
async fn aut_06_changing_ones_password_ends_every_other_session_but_not_this_one() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let (here, there) = (Browser::new(&centre), Browser::new(&centre));
    sign_in(&here, "admin@northwind.example", PASSWORD).await;
    sign_in(&there, "admin@northwind.example", PASSWORD).await;
    let new = "quite another password";
    let change = |present: &'static str, new: &'static str| {
        let here = &here;
        async move { here.submit("/account/password", &[("present", present), ("password", new)]).await.status }
    };
    assert_eq!(change("not it", new).await, 400);
    assert_eq!(change(PASSWORD, PASSWORD).await, 400);
    assert_eq!(change(PASSWORD, "short").await, 400);
    assert_eq!(change(PASSWORD, new).await, 200);
    assert_eq!(here.get("/account").await.status, 200);
    assert_eq!(goes_to(&there.get("/account").await), "/sign-in");
    assert_eq!(admin.get("/v1/customers").await.status, 401);
}

const VERIFIER: &str = "a verifier of at least forty-three characters, says RFC 7636";

fn challenge() -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref())
}

fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

async fn redeem(centre: &Centre, tenant: &str, pairs: &[(&str, &str)]) -> Answer {
    centre.form(&format!("/{tenant}/oauth2/v2.0/token"), &query(pairs)).await
}

#[actix_web::test]
async fn web_04_after_the_sign_in_nobody_is_sent_to_an_address_from_the_link() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let name = "admin@northwind.example";
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/v1/customers"]
    {
        let browser = Browser::new(&centre);
        let link = format!("/sign-in?{}", query(&[("for", target)]));
        let page = browser.get(&link).await;
        assert!(!page.text.contains("evil.example"), "{}", page.text);
        let fields = [("user_name", name), ("password", PASSWORD), ("for", target)];
        assert_eq!(goes_to(&browser.submit("/sign-in", &fields).await), "/account", "{target}");
    }
    // A well-formed id that nobody was given leads to a page of ours that knows nothing.
    let browser = Browser::new(&centre);
    let id = uuid::Uuid::now_v7().to_string();
    let entered = browser.submit("/sign-in", &[("user_name", name), ("password", PASSWORD), ("for", &id)]).await;
    let consent = goes_to(&entered);
    assert_eq!((consent.as_str(), browser.get(&consent).await.status), (format!("/consent/{id}").as_str(), 404));
}

#[actix_web::test]
async fn a_program_on_ones_own_machine_signs_in_through_the_browser() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let browser = Browser::new(&centre);
    let redirect = "http://localhost:41999/callback";
    let challenge = challenge();
    let ask = |extra: &[(&str, &str)]| {
        let mut pairs =
            vec![("client_id", "partner-center-cli"), ("response_type", "code"), ("redirect_uri", redirect)];
        pairs.extend_from_slice(&[("state", "s & t"), ("scope", "openid profile offline_access"), ("nonce", "n1")]);
        pairs.extend_from_slice(extra);
        format!("/common/oauth2/v2.0/authorize?{}", query(&pairs))
    };
    let without = browser.get(&ask(&[])).await;
    assert_eq!(parameter(&goes_to(&without), "error").unwrap(), "invalid_request", "PKCE is due");
    let proof = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let asked = goes_to(&browser.get(&ask(&proof)).await);
    assert!(asked.starts_with("/sign-in?for="), "{asked}");
    let id = asked.split_once('=').unwrap().1.to_owned();
    let name = "admin@northwind.example";
    let entered = browser.submit("/sign-in", &[("user_name", name), ("password", PASSWORD), ("for", &id)]).await;
    let consent = goes_to(&entered);
    assert_eq!(consent, format!("/consent/{id}"));
    let page = browser.get(&consent).await;
    assert!(page.text.contains("http://localhost:41999"), "the page names where the answer goes");
    assert!(page.header("content-security-policy").ends_with("form-action 'self' http://localhost:41999"));
    let answered = goes_to(&browser.submit(&consent, &[("answer", "allow")]).await);
    assert!(answered.starts_with(redirect));
    assert_eq!(parameter(&answered, "state").unwrap(), "s & t");
    let code = parameter(&answered, "code").unwrap();
    assert!(!centre.database().holds(&code));
    let form = |verifier: &'static str, redirect: &'static str| {
        let (code, centre, tenant) = (code.clone(), centre.clone(), admin.id.clone());
        async move {
            let pairs = [
                ("grant_type", "authorization_code"),
                ("client_id", "partner-center-cli"),
                ("code", code.as_str()),
                ("redirect_uri", redirect),
                ("code_verifier", verifier),
            ];
            redeem(&centre, &tenant, &pairs).await
        }
    };
    assert_eq!(form("another verifier", "http://localhost:41999/callback").await.body["error"], "invalid_grant");
    assert_eq!(form(VERIFIER, "http://localhost:41999/elsewhere").await.body["error"], "invalid_grant");
    let tokens = form(VERIFIER, "http://localhost:41999/callback").await.ok();
    let part = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n1"), &json!("partner-center-cli")));
    assert_eq!(claims["preferred_username"], name);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let signed_in = centre.sign_in(&admin.id, refresh).await;
    assert_eq!(signed_in.get("/v1/customers").await.status, 200);
    // An id token opens nothing, though the same key signed it.
    let bearer = format!("Bearer {}", tokens["id_token"].as_str().unwrap());
    let with_id = TestRequest::get().uri("/v1/customers").insert_header(("authorization", bearer));
    assert_eq!(centre.call(with_id).await.status, 401);
    // A code that comes twice was stolen once: what came of it ends.
    assert_eq!(form(VERIFIER, "http://localhost:41999/callback").await.body["error"], "invalid_grant");
    let stolen = [
        ("grant_type", "refresh_token"),
        ("client_id", "partner-center-cli"),
        ("refresh_token", &*signed_in.refresh_token),
    ];
    assert_eq!(redeem(&centre, &admin.id, &stolen).await.body["error"], "invalid_grant");
}

#[actix_web::test]
async fn aut_05_an_application_with_a_secret_may_redeem_again_until_its_secret_is_removed() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let redirect = "https://app.northwind.example/cb";
    let body = json!({ "name": "Console", "roles": [], "redirectUris": [redirect] });
    let app = admin.post("/v1/applications", body).await.ok();
    let (id, secret) = (app["id"].as_str().unwrap(), app["secret"].as_str().unwrap());
    let browser = Browser::new(&centre);
    sign_in(&browser, "admin@northwind.example", PASSWORD).await;
    let ask = |redirect: &str, mode: &str| {
        let mut pairs = vec![("client_id", id), ("response_type", "code"), ("redirect_uri", redirect)];
        pairs.extend([("response_mode", mode), ("resource", "https://api.partnercenter.microsoft.com")]);
        format!("/{}/oauth2/authorize?{}", admin.id, query(&pairs))
    };
    let unknown = browser.get(&ask("https://evil.example/cb", "query")).await;
    assert_eq!((unknown.status, unknown.header("location").as_str()), (400, ""), "browsers are sent nowhere");
    let consent = goes_to(&browser.get(&ask(redirect, "form_post")).await);
    let page = browser.submit(&consent, &[("answer", "allow")]).await;
    assert!(page.text.contains(&format!("action=\"{redirect}\"")));
    let (_, rest) = page.text.split_once("name=\"code\" value=\"").unwrap();
    let code = rest.split('"').next().unwrap();
    let client = [("client_id", id), ("client_secret", secret)];
    let with = |pairs: &[(&str, &str)]| query(&[pairs, &client].concat());
    let endpoint = format!("/{}/oauth2/token", admin.id);
    let first = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)];
    let tokens = centre.form(&endpoint, &with(&first)).await.ok();
    assert_eq!(tokens["resource"], "https://api.partnercenter.microsoft.com", "what the person agreed to");
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    centre.advance(Duration::from_secs(3_600));
    for _ in 0..3 {
        assert_eq!(centre.form(&endpoint, &with(&again)).await.status, 200);
    }
    // Another client, or none, cannot use it.
    let public = query(&[&again[..], &[("client_id", "partner-center-cli")]].concat());
    assert_eq!(centre.form(&endpoint, &public).await.body["error"], "invalid_grant");
    let admin = admin.sign_in_again().await;
    let removal = format!("/v1/applications/{id}/secrets/{}", app["secretId"].as_str().unwrap());
    admin.delete(&removal).await.ok();
    assert_eq!(centre.form(&endpoint, &with(&again)).await.body["error"], "invalid_client");
}

#[actix_web::test]
async fn a_person_may_say_no_and_an_application_of_another_company_gets_nothing() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let admin = centre.provider(&operator, "northwind").await;
    centre.provider(&operator, "southwind").await;
    let redirect = "https://app.northwind.example/cb";
    let app = admin
        .post("/v1/applications", json!({ "name": "Console", "roles": [], "redirectUris": [redirect] }))
        .await
        .ok();
    let pairs = [("client_id", app["id"].as_str().unwrap()), ("response_type", "code"), ("redirect_uri", redirect)];
    let ask = format!("/common/oauth2/authorize?{}", query(&pairs));
    let browser = Browser::new(&centre);
    sign_in(&browser, "admin@northwind.example", PASSWORD).await;
    let consent = goes_to(&browser.get(&ask).await);
    let answered = goes_to(&browser.submit(&consent, &[("answer", "deny")]).await);
    assert_eq!(parameter(&answered, "error").unwrap(), "access_denied");
    assert_eq!(browser.get(&consent).await.status, 404, "an answered request is gone");
    let other = Browser::new(&centre);
    sign_in(&other, "admin@southwind.example", PASSWORD).await;
    let consent = goes_to(&other.get(&ask).await);
    assert_eq!(other.get(&consent).await.status, 403);
}

#[actix_web::test]
async fn what_has_ended_is_forgotten() {
    let centre = Centre::open().await;
    provider(&centre).await;
    let browser = Browser::new(&centre);
    sign_in(&browser, "admin@northwind.example", PASSWORD).await;
    let forget = || {
        let now = centre.clock.now();
        let swept: partner_center::platform::error::Sure<()> =
            centre.db().write_now(partner_center::platform::db::Isolation::Serializable, &|tx| {
                Ok(partner_center::access::forget_ended(tx, now)?)
            });
        swept.unwrap();
    };
    let rows = |table: &str| centre.database().texts(&format!("SELECT 'x' AS name FROM {table}")).len();
    forget();
    assert_eq!(browser.get("/account").await.status, 200, "what is good stays");
    let tokens = rows("refresh_tokens");
    centre.advance(Duration::from_secs(12 * 60 * 60));
    forget();
    assert_eq!((rows("sessions"), rows("refresh_tokens")), (0, tokens));
    centre.advance(days(98));
    forget();
    assert_eq!(rows("refresh_tokens"), 0);
}
