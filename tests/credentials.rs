//! Credentials: how they end, and what guessing them is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use partner_center::config::{Names, Settings};
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Browser, Centre, PASSWORD};
use crate::second_factor::enrol;

const FIRST_SIGN_IN: &str = "/v1/accounts/password";
const NEW_PASSWORD: &str = "staple battery horse";

async fn provider(centre: &Centre) -> Actor {
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await
}

async fn redeem(centre: &Centre, tenant: &str, refresh_token: &str) -> Answer {
    let form = format!("grant_type=refresh_token&client_id=partner-center-cli&refresh_token={refresh_token}");
    centre.form(&format!("/{tenant}/oauth2/v2.0/token"), &form).await
}

fn refresh_token(answer: Answer) -> String {
    answer.ok()["refresh_token"].as_str().unwrap().to_owned()
}

/// The tokens of Northwind's admin that could still be redeemed for the first time.
fn live(centre: &Centre) -> usize {
    let query = "SELECT CAST(t.issued_at AS TEXT) AS name FROM refresh_tokens t JOIN users u ON u.id = t.user_id \
                 WHERE u.user_name = 'admin@northwind.example' AND t.redeemed_at IS NULL AND t.revoked_at IS NULL";
    centre.database().texts(query).len()
}

#[actix_web::test]
async fn aut_05_32_redemptions_within_the_grace_make_no_error_and_leave_one_live_lineage() {
    const CLIENTS: usize = 32;
    let centre = Centre::open().await;
    let first = provider(&centre).await;
    let answers = join_all((0..CLIENTS).map(|_| redeem(&centre, &first.id, &first.refresh_token))).await;
    let successors: BTreeSet<String> = answers.into_iter().map(refresh_token).collect();
    assert_eq!((successors.len(), live(&centre)), (1, 1));
    centre.advance(Duration::from_secs(10));
    let second = refresh_token(redeem(&centre, &first.id, &first.refresh_token).await);
    assert_eq!((Some(&second), live(&centre)), (successors.first(), 1), "the last moment of the grace");
    let third = refresh_token(redeem(&centre, &first.id, &second).await);
    // Whoever took the second token within the grace shares the lineage, and is found out by going on with it.
    centre.advance(Duration::from_secs(11));
    let late = join_all((0..CLIENTS).map(|_| redeem(&centre, &first.id, &second))).await;
    assert!(late.iter().all(|answer| answer.body["error"] == "invalid_grant"));
    assert_eq!(live(&centre), 0);
    for token in [&first.refresh_token, &second, &third] {
        assert_eq!(redeem(&centre, &first.id, token).await.body["error"], "invalid_grant");
    }
}

#[actix_web::test]
async fn aut_05_successors_are_as_unguessable_as_their_tokens_and_differ_between_installations() {
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let centre = Centre::open().await;
        let mut token = provider(&centre).await.refresh_token;
        for _ in 0..3 {
            token = refresh_token(redeem(&centre, "common", &token).await);
            assert!(token.starts_with("pcr_") && token.len() == 47, "{}", token.len());
            assert!(!centre.database().holds(&token));
            seen.insert(token.clone());
        }
    }
    assert_eq!(seen.len(), 6);
}

/// A browser in which somebody is signed in.
async fn signed_in(centre: &Centre, user_name: &str, password: &str) -> Browser {
    let browser = Browser::new(centre);
    let entered = browser.submit("/sign-in", &[("user_name", user_name), ("password", password)]).await;
    assert_eq!(entered.status, 303, "{}", entered.text);
    browser
}

/// Whether a page that needs a session opens.
async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account").await.status == 200
}

struct Credentials {
    actor: Actor,
    here: Browser,
    elsewhere: Browser,
}

impl Credentials {
    async fn of(centre: &Centre, actor: Actor, user_name: &str) -> Self {
        let here = signed_in(centre, user_name, PASSWORD).await;
        let elsewhere = signed_in(centre, user_name, PASSWORD).await;
        let all = Self { actor, here, elsewhere };
        assert_eq!(all.actor.get("/v1/customers").await.status, 200);
        assert!(is_signed_in(&all.here).await && is_signed_in(&all.elsewhere).await);
        all
    }

    /// The very next use of each is refused.
    async fn have_ended(&self, centre: &Centre) {
        assert_eq!(self.actor.get("/v1/customers").await.refusal(), "401 tokenInvalid");
        let refused = redeem(centre, &self.actor.id, &self.actor.refresh_token).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_grant")));
        assert!(!is_signed_in(&self.elsewhere).await);
    }
}

#[actix_web::test]
async fn aut_06_a_changed_password_ends_every_credential_but_the_browser_it_was_changed_in() {
    let centre = Centre::open().await;
    let actor = provider(&centre).await;
    let old = Credentials::of(&centre, actor, "admin@northwind.example").await;
    let changed = old.here.submit("/account/password", &[("present", PASSWORD), ("password", NEW_PASSWORD)]).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    old.have_ended(&centre).await;
    assert!(is_signed_in(&old.here).await);
    let name = ("user_name", "admin@northwind.example");
    let again = Browser::new(&centre).submit("/sign-in", &[name, ("password", PASSWORD)]).await;
    assert_eq!(again.status, 401);
    assert!(is_signed_in(&signed_in(&centre, name.1, NEW_PASSWORD).await).await);
}

#[actix_web::test]
async fn aut_06_a_reset_password_ends_every_credential_and_its_link() {
    let centre = Centre::open().await;
    let actor = provider(&centre).await;
    let old = Credentials::of(&centre, actor, "admin@northwind.example").await;
    let name = json!({ "userName": "admin@northwind.example" });
    assert_eq!(centre.post("/v1/accounts/passwordreset", name).await.status, 202);
    assert_eq!(old.actor.get("/v1/customers").await.status, 200, "asking alone changes nothing");
    centre.run_jobs().await;
    let link = format!("/reset-password/{}", centre.token_mailed_to("admin@northwind.example", "rst_"));
    let reset = Browser::new(&centre);
    assert_eq!(reset.get(&link).await.status, 303);
    assert_eq!(reset.submit("/reset-password", &[("password", NEW_PASSWORD)]).await.status, 303);
    old.have_ended(&centre).await;
    assert!(!is_signed_in(&old.here).await);
    let late = Browser::new(&centre);
    late.get(&link).await;
    assert!(!late.get("/reset-password").await.text.contains("name=\"password\""), "the link is dead");
}

#[actix_web::test]
async fn aut_06_a_second_factor_set_up_or_taken_ends_every_credential() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    let sam = admin.colleague("sam@northwind.example", &["sales_agent"]).await;
    let old = Credentials::of(&centre, sam, "sam@northwind.example").await;
    let (_, confirmed) = enrol(&old.actor).await;
    old.have_ended(&centre).await;
    assert!(!is_signed_in(&old.here).await);
    let strong = centre.sign_in(&admin.id, confirmed["refreshToken"].as_str().unwrap()).await;
    assert_eq!(strong.get("/v1/customers").await.status, 200);
    let users = admin.get("/v1/users").await.ok();
    let user = users["items"].as_array().unwrap().iter().find(|user| user["secondFactor"] == true).unwrap().clone();
    admin.delete(&format!("/v1/users/{}/secondfactor", user["id"].as_str().unwrap())).await.ok();
    assert_eq!(strong.get("/v1/customers").await.refusal(), "401 tokenInvalid");
    assert_eq!(redeem(&centre, &strong.id, &strong.refresh_token).await.status, 400);
}

#[actix_web::test]
async fn aut_06_roles_suspension_and_removal_end_browsers_sessions_too() {
    let centre = Centre::open().await;
    let admin = provider(&centre).await;
    for (number, change) in
        [json!({ "roles": ["helpdesk_agent"] }), json!({ "state": "suspended" }), Value::Null].into_iter().enumerate()
    {
        let email = format!("sam{number}@northwind.example");
        let sam = admin.colleague(&email, &["sales_agent"]).await;
        let old = Credentials::of(&centre, sam, &email).await;
        let users = admin.get("/v1/users").await.ok();
        let user = users["items"].as_array().unwrap().iter().find(|user| user["userName"] == email.as_str()).unwrap();
        let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
        match change {
            Value::Null => admin.delete(&path).await.ok(),
            change => admin.patch(&path, user["attributes"]["etag"].as_str().unwrap(), change).await.ok(),
        };
        old.have_ended(&centre).await;
        assert!(!is_signed_in(&old.here).await);
    }
}

fn guess(user_name: &str, password: &str) -> TestRequest {
    let body = json!({ "userName": user_name, "temporaryPassword": password, "newPassword": NEW_PASSWORD });
    TestRequest::post().uri(FIRST_SIGN_IN).set_json(body)
}

fn unlimited(settings: &mut Settings) {
    settings.api.calls_per_minute = 0;
}

/// How often each answer was given.
fn counted(answers: &[Answer]) -> BTreeMap<u16, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.status).or_default() += 1;
        counts
    })
}

#[actix_web::test]
async fn aut_07_of_2000_guesses_at_once_with_rotating_headers_at_most_100_reach_the_hash() {
    const GUESSES: u32 = 2_000;
    const REACH_THE_HASH: usize = 100;
    for one_account in [true, false] {
        let centre = Centre::open_with(unlimited).await;
        let _ = provider(&centre).await;
        let guesses = (0..GUESSES).map(|number| {
            let name =
                if one_account { "admin@northwind.example".to_owned() } else { format!("user{number}@x.example") };
            let forwarded = format!("198.51.{}.{}", number / 250, number % 250);
            let request = guess(&name, &format!("guess {number}")).peer_addr("203.0.113.9:1".parse().unwrap());
            let request = request.insert_header(("x-forwarded-for", forwarded.clone()));
            centre.call(request.insert_header(("forwarded", format!("for={forwarded}"))))
        });
        let counts = counted(&join_all(guesses).await);
        assert!(counts.keys().all(|status| [401, 429, 503].contains(status)), "{counts:?}");
        assert!(counts[&401] <= REACH_THE_HASH, "{counts:?}");
        // Whoever asks again, one after the other, is let through at the rate of forgetting only.
        let mut later = Vec::new();
        for number in 0..50 {
            later.push(centre.call(guess("admin@northwind.example", &format!("later {number}"))).await);
        }
        assert!(counted(&later).get(&401).copied().unwrap_or(0) <= 10, "{:?}", counted(&later));
    }
}

#[actix_web::test]
async fn aut_07_behind_a_trusted_proxy_guessers_are_told_apart_by_what_the_proxy_wrote() {
    let centre = Centre::open_with(|settings| {
        unlimited(settings);
        settings.http.trusted_proxies = Names::from(&["10.0.0.1"][..]);
    })
    .await;
    let from = |number: u32, peer: &str, forwarded: &str| {
        let request = guess(&format!("user{number}@x.example"), "guess").peer_addr(peer.parse().unwrap());
        centre.call(request.insert_header(("x-forwarded-for", forwarded.to_owned())))
    };
    for number in 0..40 {
        let status = from(number, "10.0.0.1:1", &format!("192.0.2.{number}, 198.51.100.7")).await.status;
        assert_eq!(status, if number < 30 { 401 } else { 429 }, "{number}");
    }
    assert_eq!(from(100, "10.0.0.1:1", "198.51.100.8").await.status, 401, "another client of the proxy");
    assert_eq!(from(101, "10.0.0.2:1", "198.51.100.7").await.status, 401, "a proxy nobody trusts is itself");
    let told = from(102, "10.0.0.1:1", "198.51.100.7").await;
    assert_eq!((told.refusal(), told.header("retry-after")), ("429 tooManyAttempts".to_owned(), "10".to_owned()));
}

#[actix_web::test]
async fn aut_07_of_200_codes_of_a_second_factor_tried_at_once_ten_are_looked_at() {
    const GUESSES: usize = 200;
    let centre = Centre::open_with(unlimited).await;
    let admin = provider(&centre).await;
    let _ = enrol(&admin).await;
    let browser = signed_in(&centre, "admin@northwind.example", PASSWORD).await;
    let page = browser.get("/sign-in/code").await;
    let token = crate::harness::form_token(&page);
    let guesses = (0..GUESSES).map(|number| {
        let form = [("csrf", token.clone()), ("code", format!("{number:06}"))];
        let request = TestRequest::post().uri("/sign-in/code").peer_addr(format!("10.0.{number}.1:1").parse().unwrap());
        let request = request.insert_header(("origin", "null")).insert_header(("sec-fetch-site", "same-origin"));
        browser.call(request.set_form(form))
    });
    let counts = counted(&join_all(guesses).await);
    assert_eq!(counts, BTreeMap::from([(400, 10), (429, GUESSES - 10)]));
}

fn masked(answer: &Answer, name: &str) -> String {
    let mut text = answer.text.replace(name, "<name>");
    for header in ["ms-requestid", "ms-correlationid"] {
        text = text.replace(&answer.header(header), "<request>");
    }
    format!("{} {text}", answer.status)
}

/// A page without the token of its form.
fn without_form_token(answer: &Answer, name: &str) -> String {
    let page = masked(answer, name);
    let token = crate::harness::form_token(answer);
    page.replace(&token, "<token>")
}

#[actix_web::test]
async fn aut_08_unknown_wrong_suspended_and_expired_are_told_the_same() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    for name in ["fabrikam", "tailspin"] {
        let body = crate::harness::customer_body(name, None);
        provider.post("/v1/customers", body).await.ok();
    }
    centre.advance(partner_center::platform::clock::days(60));
    let provider = provider.sign_in_again().await;
    provider.post("/v1/customers", crate::harness::customer_body("current", None)).await.ok();
    centre.advance(partner_center::platform::clock::days(31));
    let provider = provider.sign_in_again().await;
    provider.colleague("sam@northwind.example", &["sales_agent"]).await;
    let users = provider.get("/v1/users").await.ok();
    let sam =
        users["items"].as_array().unwrap().iter().find(|user| user["userName"] == "sam@northwind.example").unwrap();
    let path = format!("/v1/users/{}", sam["id"].as_str().unwrap());
    let etag = sam["attributes"]["etag"].as_str().unwrap();
    provider.patch(&path, etag, json!({ "state": "suspended" })).await.ok();
    let invited = json!({ "email": "new@northwind.example", "displayName": "N", "roles": ["sales_agent"] });
    provider.post("/v1/users", invited).await.ok();
    let cases = [
        ("nobody@x.example", PASSWORD),
        ("admin@northwind.example", "a wrong password"),
        ("sam@northwind.example", PASSWORD),
        ("sam@northwind.example", "a wrong password"),
        ("new@northwind.example", PASSWORD),
        ("admin@current.onmicrosoft.com", "a wrong password"),
        ("admin@fabrikam.onmicrosoft.com", "a wrong password"),
    ];
    let mut told = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for (name, password) in cases {
        told.insert(masked(&centre.call(guess(name, password)).await, name));
        let browser = Browser::new(&centre);
        let page = browser.submit("/sign-in", &[("user_name", name), ("password", password)]).await;
        shown.insert(without_form_token(&page, name));
    }
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told.first().unwrap().starts_with("401 "));
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert!(shown.first().unwrap().starts_with("401 "));
    // The other way round the names are told apart by nothing either: a reset is always promised.
    for name in ["nobody@x.example", "admin@northwind.example", "sam@northwind.example"] {
        let answer = centre.post("/v1/accounts/passwordreset", json!({ "userName": name })).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""), "{name}");
    }
}

#[actix_web::test]
async fn aut_08_the_password_of_an_unknown_user_is_hashed_too() {
    // Only the queue in front of the hash says "busy": a crowd of unknown names fills it, so each of them is hashed.
    const CROWD: u32 = 1_000;
    let centre = Centre::open_with(unlimited).await;
    let crowd = (0..CROWD).map(|number| {
        let peer = format!("10.{}.{}.1:1", number / 250, number % 250);
        centre.call(guess(&format!("user{number}@x.example"), "guess").peer_addr(peer.parse().unwrap()))
    });
    let counts = counted(&join_all(crowd).await);
    assert_eq!(counts.keys().copied().collect::<Vec<_>>(), [401, 503], "{counts:?}");
    assert!(counts[&503] > 100 && counts[&401] >= 68, "{counts:?}");
}
