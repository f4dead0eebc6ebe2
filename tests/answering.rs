//! Answering an invitation: over REST and on its pages.

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Browser, Centre, PASSWORD, nothing};

const INVITATIONS: &str = "/v1/relationships/invitations";

/// Programs that open links before people do.
const SCANNERS: [&str; 20] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Safari/537.36",
    "Mozilla/5.0 (compatible; Microsoft Defender SafeLinks)",
    "BingPreview/1.0b",
    "Googlebot/2.1",
    "GoogleImageProxy",
    "Barracuda Sentinel (EE)",
    "Mimecast URL Protect",
    "Proofpoint URL Defense",
    "Symantec ClickTime",
    "TrendMicro-URL-Check",
    "Sophos-URL-Scanner",
    "Cisco-IronPort",
    "FireEye ETP",
    "Slackbot-LinkExpanding 1.0",
    "WhatsApp/2.23",
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1",
    "LinkedInBot/1.0",
    "curl/8.5.0",
    "",
];

async fn invited(provider: &Actor, body: Value) -> (Value, String) {
    let mut body = body;
    body["send"] = json!(false);
    let made = provider.post(INVITATIONS, body).await.ok();
    let token = made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    (made, token)
}

async fn signed_in(centre: &Centre, user_name: &str) -> Browser {
    let browser = Browser::new(centre);
    let answer = browser.submit("/sign-in", &[("user_name", user_name), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

async fn channel(centre: &Centre) -> (Actor, Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    (operator, provider, reseller)
}

#[actix_web::test]
async fn inv_11_an_invitation_is_opened_by_a_person_and_never_by_a_link_that_is_fetched() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let (made, token) = invited(&provider, json!({ "email": "a@b.example", "mpnId": "6001234" })).await;
    let path = format!("{INVITATIONS}/{}", made["id"].as_str().unwrap());
    for agent in SCANNERS {
        let get = actix_web::test::TestRequest::get().insert_header(("user-agent", agent));
        assert_eq!(centre.call(get.uri(&format!("/invitations/{token}"))).await.status, 303);
        let head = crate::harness::request("HEAD", &format!("/v1/invitations/{token}"));
        assert_eq!(centre.call(head.insert_header(("user-agent", agent))).await.status, 200);
        centre.get(&format!("/v1/invitations/{token}")).await.ok();
    }
    assert_eq!(provider.get(&path).await.ok()["state"], "created");
    for _ in 0..2 {
        centre.advance(std::time::Duration::from_secs(60));
        let sheet = reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
        assert_eq!((&sheet["state"], &sheet["provider"]["name"]), (&json!("open"), &json!("northwind")));
        assert_eq!(sheet["means"].as_array().unwrap().len(), 3);
    }
    let shown = provider.get(&path).await.ok();
    assert_eq!((&shown["state"], &shown["openedAt"]), (&json!("opened"), &json!("2026-11-21T08:01:00.000000Z")));
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "invitation_opened").count(), 1);
}

#[actix_web::test]
async fn inv_10_what_was_shown_is_what_is_accepted() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let (_, token) = invited(&provider, json!({ "email": "a@b.example" })).await;
    let shown = reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
    let entry = operator.get(&format!("/v1/indirectproviders/{}", provider.id)).await.ok();
    let renamed = json!({
        "name": "Northwind, now somebody else", "country": "SE", "contactEmail": "a@northwind.example",
        "description": "d",
    });
    let etag = entry["attributes"]["etag"].as_str().unwrap();
    operator.put(&format!("/v1/indirectproviders/{}", provider.id), renamed, Some(etag)).await.ok();
    let accept = format!("/v1/invitations/{token}/accept");
    for tampered in [shown["version"].as_str().unwrap(), "x"] {
        let answer = reseller.post(&accept, json!({ "version": tampered })).await;
        assert_eq!(answer.refusal(), "409 invitationChanged");
        let decline = format!("/v1/invitations/{token}/decline");
        assert_eq!(reseller.post(&decline, json!({ "version": tampered })).await.refusal(), "409 invitationChanged");
    }
    let again = reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
    assert_eq!(reseller.post(&accept, json!({ "version": again["version"] })).await.status, 201);
}

#[actix_web::test]
async fn each_missing_prerequisite_is_an_error_of_its_own() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let tokyo = centre.reseller_in("JP", &operator, "tokyo", "6003234").await;
    centre.enroll("waiting", "6005234").await.ok();
    let waiting = centre.activate("admin@waiting.example").await;
    let accepted_by = async |actor: &Actor, mpn_id: Option<&str>| {
        let mut body = json!({ "email": format!("{}@b.example", uuid::Uuid::now_v7()) });
        if let Some(mpn_id) = mpn_id {
            body["mpnId"] = json!(mpn_id);
        }
        let (_, token) = invited(&provider, body).await;
        actor.post(&format!("/v1/invitations/{token}/accept"), nothing()).await
    };
    assert_eq!(accepted_by(&waiting, None).await.refusal(), "403 enrollmentNotApproved");
    assert_eq!(accepted_by(&waiting, Some("6005234")).await.refusal(), "403 enrollmentNotApproved");
    assert_eq!(accepted_by(&tokyo, None).await.refusal(), "409 regionsDiffer");
    assert_eq!(accepted_by(&tokyo, Some("6001234")).await.refusal(), "404 invitationLinkInvalid");
    for (mpn_id, refusal) in
        [("16001234", "409 invitationMpnIdGlobal"), ("26001234", "409 invitationMpnIdNeverOnboarded")]
    {
        let answer = accepted_by(&reseller, Some(mpn_id)).await;
        assert_eq!((answer.refusal().as_str(), &answer.body["parameters"]["use"]), (refusal, &json!("6001234")));
    }
    assert_eq!(accepted_by(&reseller, Some("6001234")).await.status, 201);
}

#[actix_web::test]
async fn without_the_agreement_the_partnership_stands_and_what_cannot_be_done_is_said() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await.ok();
    let reseller = centre.activate("admin@norrsken.example").await;
    let (_, token) = invited(&provider, json!({ "email": "a@b.example" })).await;
    let accepted = reseller.post(&format!("/v1/invitations/{token}/accept"), json!({})).await;
    assert_eq!(accepted.status, 201);
    let lacking = &accepted.body["lacking"][0];
    assert_eq!((&lacking["what"], &lacking["preventsAccepting"]), (&json!("agreementMissing"), &json!(false)));

    let browser = signed_in(&centre, "admin@norrsken.example").await;
    let page = browser.follow(&format!("/invitations/{token}")).await;
    assert!(page.text.contains("You and northwind are partners"), "{}", page.text);
    assert!(page.text.contains("no customer can be created for you"), "{}", page.text);
    let agreement = browser.get("/agreement").await;
    assert!(agreement.text.contains("https://partners.test/mpa"), "{}", agreement.text);
    assert_eq!(browser.submit_to("/agreement", "/agreement", &[]).await.status, 303);
    assert!(browser.get("/agreement").await.text.contains("signed this version on"));
    let page = browser.get("/invitation/answer").await;
    assert!(!page.text.contains("no customer can be created for you"), "{}", page.text);
}

#[actix_web::test]
async fn inv_12_the_token_leaves_the_address_and_the_page_goes_on_after_the_sign_in() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (_, token) = invited(&provider, json!({ "email": "arvid@norrsken.example" })).await;
    let browser = Browser::new(&centre);
    let first = browser.get(&format!("/invitations/{token}")).await;
    assert_eq!((first.status, first.header("location").as_str()), (303, "/invitation"));
    let cookie = first.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-invitation=") && cookie.contains("HttpOnly") && cookie.contains("Secure"),
        "{cookie}"
    );
    let page = browser.get("/invitation").await;
    for part in
        ["northwind asks to be your indirect provider", "a…@norrsken.example", "href=\"/sign-in\"", "href=\"/enrol\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains(&token) && !page.text.contains("arvid@"));
    assert_eq!(
        (page.header("referrer-policy"), page.header("cache-control")),
        ("no-referrer".to_owned(), "no-store".to_owned())
    );
    let answer = browser.submit("/sign-in", &[("user_name", "admin@norrsken.example"), ("password", PASSWORD)]).await;
    assert_eq!(answer.header("location"), "/invitation");
    let page = browser.get("/invitation").await;
    assert!(page.text.contains("You are signed in for norrsken."), "{}", page.text);
    assert_eq!(browser.submit_to("/invitation", "/invitation", &[]).await.header("location"), "/invitation/answer");
    let page = browser.get("/invitation/answer").await;
    assert!(page.text.contains("What accepting means") && page.text.contains("What it does not mean"), "{}", page.text);
    assert_eq!(browser.submit_to("/invitation/answer", "/invitation/accept", &[]).await.status, 303);
    for _ in 0..2 {
        let page = browser.get("/invitation/answer").await;
        assert!(page.text.contains("You and northwind are partners"), "{}", page.text);
    }
    // Back to the first page, and done: the browser forgets the link.
    assert_eq!(browser.get("/invitation").await.header("location"), "/invitation/answer");
    assert_eq!(browser.submit_to("/invitation/answer", "/invitation/later", &[]).await.status, 303);
    assert_eq!(browser.get("/invitation").await.status, 404);
}

#[actix_web::test]
async fn the_link_survives_enrolling_first() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let (_, token) = invited(&provider, json!({ "email": "arvid@norrsken.example" })).await;
    let browser = Browser::new(&centre);
    browser.follow(&format!("/invitations/{token}")).await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    centre.run_jobs().await;
    let code = centre.token_mailed_to("admin@norrsken.example", "act_");
    browser.follow(&format!("/activate/{code}")).await;
    // The activation signs the person in, and the browser still knows the invitation.
    let activated = browser.submit("/activate", &[("password", PASSWORD)]).await;
    assert_eq!(activated.header("location"), "/invitation");
    browser.submit_to("/invitation", "/invitation", &[]).await;
    let page = browser.get("/invitation/answer").await;
    assert!(
        page.text.contains("is not approved") && !page.text.contains("action=\"/invitation/accept\""),
        "{}",
        page.text
    );
    operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await.ok();
    assert_eq!(browser.submit_to("/invitation/answer", "/invitation/accept", &[]).await.status, 303);
    assert!(browser.get("/invitation/answer").await.text.contains("You and northwind are partners"));
}

#[actix_web::test]
async fn inv_10_a_page_that_is_out_of_date_is_shown_anew_and_keeps_the_reason_typed() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (_, token) = invited(&provider, json!({ "email": "a@b.example" })).await;
    let browser = signed_in(&centre, "admin@norrsken.example").await;
    browser.follow(&format!("/invitations/{token}")).await;
    browser.submit_to("/invitation", "/invitation", &[]).await;
    let form = [("version", "old"), ("reason", "Too <far> away")];
    let csrf = crate::harness::form_token(&browser.get("/invitation/answer").await);
    let stale = async |action: &str| {
        let request = actix_web::test::TestRequest::post().uri(action).insert_header(("sec-fetch-site", "same-origin"));
        let fields: Vec<(&str, &str)> = form.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        browser.call(request.set_form(fields)).await
    };
    for action in ["/invitation/accept", "/invitation/decline"] {
        let page = stale(action).await;
        assert_eq!(page.status, 409);
        assert!(page.text.contains("has changed since this page was shown"), "{}", page.text);
    }
    assert!(stale("/invitation/decline").await.text.contains("Too &#60;far&#62; away"));
    let reason = "x".repeat(501);
    let long = browser.submit_to("/invitation/answer", "/invitation/decline", &[("reason", &reason)]).await;
    assert_eq!(long.status, 400);
    let declined = browser.submit_to("/invitation/answer", "/invitation/decline", &[("reason", "Too\r\nfar")]).await;
    assert_eq!(declined.status, 303);
    assert!(browser.get("/invitation/answer").await.text.contains("You declined"));
    let list = provider.get(INVITATIONS).await.ok();
    let path = format!("{INVITATIONS}/{}", list["items"][0]["id"].as_str().unwrap());
    let shown = provider.get(&path).await.ok();
    assert_eq!(shown["timeline"].as_array().unwrap().last().unwrap()["detail"], "Too far");
}

#[actix_web::test]
async fn inv_03_whoever_cannot_answer_is_told_who_can() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    reseller.colleague("helpdesk@norrsken.example", &["helpdesk_agent"]).await;
    let (_, token) = invited(&provider, json!({ "email": "a@b.example" })).await;
    for (who, told) in [
        ("admin@northwind.example", "which is not an indirect reseller"),
        ("helpdesk@norrsken.example", "your roles do not allow you to answer"),
    ] {
        let browser = signed_in(&centre, who).await;
        let page = browser.follow(&format!("/invitations/{token}")).await;
        assert!(page.text.contains(told), "{}", page.text);
        assert!(!page.text.contains("action=\"/invitation\""));
        let csrf = crate::harness::form_token(&page);
        for action in ["/invitation", "/invitation/accept", "/invitation/decline"] {
            let request = actix_web::test::TestRequest::post().uri(action);
            let sent = browser.call(request.set_form([("csrf", csrf.as_str()), ("version", "x")])).await;
            assert_eq!((sent.status, sent.header("location").as_str()), (303, "/invitation"), "{who} {action}");
        }
    }
    assert_eq!(provider.get("/v1/relationships/partners").await.ok()["totalCount"], 0);
    let refused = centre.event_kinds().iter().filter(|kind| *kind == "access_refused").count();
    assert!(refused > 0, "a refusal on a page is in the trail too");
}

#[actix_web::test]
async fn inv_01_a_link_that_is_not_valid_is_told_in_the_same_words_in_every_language() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (made, revoked) = invited(&provider, json!({ "email": "a@b.example" })).await;
    provider.delete(&format!("{INVITATIONS}/{}", made["id"].as_str().unwrap())).await;
    let (_, expired) = invited(&provider, json!({ "email": "c@d.example" })).await;
    centre.advance(days(31));
    for (language, told) in [("en", "not valid any more"), ("sv", "gäller inte längre"), ("nl", "niet meer geldig")] {
        let mut pages = Vec::new();
        for token in [revoked.as_str(), &expired, "inv_x", "std_x", "x;Domain=evil.example", &"y".repeat(400)] {
            let browser = Browser::new(&centre);
            browser.get(&format!("/invitations/{token}")).await;
            let page = browser.get(&format!("/invitation?lang={language}")).await;
            assert_eq!(page.status, 404);
            assert!(page.text.contains(told), "{}", page.text);
            pages.push(page.text);
        }
        assert!(pages.iter().all(|page| *page == pages[0]));
    }
}

#[actix_web::test]
async fn an_answer_needs_no_body_and_takes_no_other_than_its_own() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let (_, token) = invited(&provider, json!({ "email": "a@b.example" })).await;
    let accept = format!("/v1/invitations/{token}/accept");
    let post = || actix_web::test::TestRequest::post().uri(&accept);
    assert_eq!(reseller.call(post().set_payload("{}")).await.refusal(), "415 unsupportedMediaType");
    let other = post().insert_header(("content-type", "text/plain")).set_payload("{}");
    assert_eq!(reseller.call(other).await.refusal(), "415 unsupportedMediaType");
    assert_eq!(reseller.post(&accept, json!({ "vers": "x" })).await.refusal(), "400 badRequest");
    assert_eq!(reseller.call(post()).await.status, 201);
    assert_eq!(reseller.call(post().insert_header(("content-type", "application/json"))).await.status, 200);
}

#[actix_web::test]
async fn inv_04_only_an_account_whose_mailbox_was_proved_by_its_code_accepts() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let (_, token) = invited(&provider, json!({ "email": "admin@norrsken.example" })).await;
    let accept = format!("/v1/invitations/{token}/accept");
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await.ok();
    // The mailbox has an account now, and the inviter knows the link: neither opens anything.
    let by_link = json!({ "code": token, "password": PASSWORD });
    assert_eq!(centre.post("/v1/accounts/activation", by_link).await.refusal(), "400 activationCodeInvalid");
    let browser = Browser::new(&centre);
    browser.follow(&format!("/invitations/{token}")).await;
    let typed = [("user_name", "admin@norrsken.example"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &typed).await.status, 401);
    assert_eq!(centre.post(&accept, nothing()).await.refusal(), "401 tokenMissing");
    let reseller = centre.activate("admin@norrsken.example").await;
    assert_eq!(reseller.post(&accept, nothing()).await.status, 201);
}
