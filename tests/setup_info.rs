//! Setup info: who gets a new customer's user name and temporary password, once, and again when they were lost.

use std::collections::BTreeSet;
use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::administration::{PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, only};
use crate::harness::{Actor, Answer, Browser, Centre, Customer, PASSWORD, customer_body, nothing};

const ANNA: &str = "anna@fabrikam.example";

async fn channel(centre: &Centre) -> (Actor, Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    (operator, provider, reseller)
}

fn handed_over(name: &str, reseller: Option<&Actor>) -> Value {
    let mut body = customer_body(name, reseller.map(|reseller| reseller.id.as_str()));
    body["setupInfoTo"] = json!({ "name": "Anna Ek", "email": ANNA, "language": "sv" });
    body
}

/// A customer whose setup info Anna reveals, and the token of her link.
async fn waiting(centre: &Centre, provider: &Actor, name: &str) -> (String, String) {
    let made = provider.post("/v1/customers", handed_over(name, None)).await.ok();
    centre.run_jobs().await;
    (made["id"].as_str().unwrap().to_owned(), centre.token_mailed_to(ANNA, "set_"))
}

async fn reveal(centre: &Centre, token: &str) -> Answer {
    centre.post(&format!("/v1/setupinfo/{token}"), nothing()).await
}

async fn first_sign_in(centre: &Centre, name: &str, password: &str) -> Answer {
    let user = format!("admin@{name}.onmicrosoft.com");
    let body = json!({ "userName": user, "temporaryPassword": password, "newPassword": PASSWORD });
    centre.post("/v1/accounts/password", body).await
}

fn password_on(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("id=\"setup-password\"").expect("a page with setup info");
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[actix_web::test]
async fn the_named_person_reveals_the_setup_info_once_and_nobody_signs_in_before() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let made = provider.post("/v1/customers", handed_over("fabrikam", None)).await.ok();
    assert!(made.get("userCredentials").is_none(), "{made}");
    assert_eq!(made["setupInfoSentTo"]["email"], ANNA);
    assert_eq!(made["setupInfoSentTo"]["expiresAt"], "2026-11-28T08:00:00.000000Z");
    assert_eq!(first_sign_in(&centre, "fabrikam", "").await.refusal(), "401 firstSignInRefused");
    let browser = Browser::new(&centre);
    let user = ("user_name", "admin@fabrikam.onmicrosoft.com");
    let empty = browser.submit("/sign-in", &[user, ("password", ""), ("for", "")]).await;
    assert_eq!(empty.status, 401);
    // Nobody's mailbox: a forgotten password is no way around the link.
    centre.post("/v1/accounts/passwordreset", json!({ "userName": user.1 })).await.ok();
    centre.run_jobs().await;
    assert!(centre.mails_to(user.1).is_empty());
    let mail = centre.mails_to(ANNA).pop().unwrap();
    assert!(mail.contains("Hej Anna Ek") && mail.contains("northwind"), "{mail}");
    let token = centre.token_mailed_to(ANNA, "set_");
    assert!(!centre.database().holds(&token));

    let before = centre.event_kinds();
    let kept = browser.get(&format!("/setup-info/{token}")).await;
    assert_eq!((kept.status, kept.header("location").as_str()), (303, "/setup-info"));
    for _ in 0..2 {
        let page = browser.get("/setup-info?lang=en").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("a…@fabrikam.example") && page.text.contains("this one time only"));
        assert!(page.text.contains(user.1) && !page.text.contains(&token) && !page.text.contains("setup-password"));
    }
    assert_eq!(centre.event_kinds(), before, "looking changes nothing");
    let shown = browser.submit("/setup-info", &[]).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("cache-control"), "no-store");
    assert!(
        shown.text.contains("data-copy=\"setup-password\"") && shown.text.contains("https://partners.test/sign-in")
    );
    let password = password_on(&shown);
    assert_eq!(browser.follow(&format!("/setup-info/{token}")).await.status, 404);
    assert_eq!(reveal(&centre, &token).await.refusal(), "404 setupInfoLinkDead");
    assert_eq!(first_sign_in(&centre, "fabrikam", &password).await.status, 200);
    assert_eq!(first_sign_in(&centre, "fabrikam", &password).await.status, 401);
    let kinds = centre.event_kinds();
    assert!(["setup_info_mailed", "setup_info_revealed"].iter().all(|kind| kinds.contains(&(*kind).to_owned())));
}

#[actix_web::test]
async fn a_link_that_reveals_nothing_is_the_same_answer_whatever_became_of_it() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (_, used) = waiting(&centre, &provider, "fabrikam").await;
    reveal(&centre, &used).await.ok();
    let (customer, replaced) = waiting(&centre, &provider, "tailspin").await;
    let to = json!({ "setupInfoTo": { "name": "Anna Ek", "email": ANNA } });
    provider.post(&format!("/v1/customers/{customer}/setupinfo"), to).await.ok();
    centre.run_jobs().await;
    let good = centre.token_mailed_to(ANNA, "set_");
    let altered = format!("{}{}", &good[..good.len() - 6], if good.ends_with("AAAAAA") { "BBBBBB" } else { "AAAAAA" });
    let unknown = format!("set_{}", "Q".repeat(64));
    let (_, expired) = waiting(&centre, &provider, "contoso").await;
    for token in [&used, &replaced, &altered, &unknown, &"set_".to_owned(), &good.replace("set_", "inv_")] {
        let told = reveal(&centre, token).await;
        assert_eq!(told.refusal(), "404 setupInfoLinkDead", "{token}");
        assert!(told.sentence().starts_with("This link reveals nothing"), "{token}");
        let page = Browser::new(&centre).follow(&format!("/setup-info/{token}")).await;
        assert_eq!(page.status, 404, "{token}");
    }
    centre.advance(days(7) - Duration::from_secs(1));
    reveal(&centre, &good).await.ok();
    centre.advance(Duration::from_secs(1));
    assert_eq!(reveal(&centre, &expired).await.refusal(), "404 setupInfoLinkDead");
}

#[actix_web::test]
async fn tmp_02_of_64_reveals_at_once_one_shows_a_password() {
    const READERS: usize = 64;
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (_, token) = waiting(&centre, &provider, "fabrikam").await;
    let answers = futures_util::future::join_all((0..READERS).map(|_| reveal(&centre, &token))).await;
    let shown: Vec<&Answer> = answers.iter().filter(|answer| answer.text.contains("\"password\"")).collect();
    assert_eq!(shown.len(), 1);
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.refusal() == "404 setupInfoLinkDead"));
    let password = shown[0].body["password"].as_str().unwrap();
    assert_eq!(first_sign_in(&centre, "fabrikam", password).await.status, 200);
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "setup_info_revealed").count(), 1);
}

#[actix_web::test]
async fn tmp_02_a_revealed_password_expires_as_a_shown_one() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (_, token) = waiting(&centre, &provider, "fabrikam").await;
    centre.advance(days(6));
    let revealed = reveal(&centre, &token).await.ok();
    assert_eq!(revealed["passwordExpiresAt"], "2027-02-25T08:00:00.000000Z");
    centre.advance(days(90));
    let late = first_sign_in(&centre, "fabrikam", revealed["password"].as_str().unwrap()).await;
    assert_eq!(late.refusal(), "401 firstSignInRefused");
}

#[actix_web::test]
async fn tmp_01_no_password_and_no_link_is_in_the_database_and_no_password_in_a_mail() {
    const CREATIONS: usize = 15;
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let (mut passwords, mut links) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..CREATIONS {
        let name = format!("fabrikam{number}");
        let (customer, token) = waiting(&centre, &provider, &name).await;
        let shown = reveal(&centre, &token).await.ok();
        passwords.insert(shown["password"].as_str().unwrap().to_owned());
        links.insert(token);
        let headers = [("ms-requestid", customer.as_str())];
        let path = format!("/v1/customers/{customer}/setupinfo");
        let reset = provider.with("POST", &path, &headers, nothing()).await.ok();
        passwords.insert(reset["password"].as_str().unwrap().to_owned());
        let draft = provider.post("/v1/customerdrafts", draft_body(&format!("drafted{number}"))).await.ok();
        let submit = format!("/v1/customerdrafts/{}/submit", draft["id"].as_str().unwrap());
        let headers = [("ms-requestid", draft["id"].as_str().unwrap()), ("if-match", "1")];
        let made = provider.with("POST", &submit, &headers, nothing()).await.ok();
        passwords.insert(made["userCredentials"]["password"].as_str().unwrap().to_owned());
    }
    assert_eq!((passwords.len(), links.len()), (3 * CREATIONS, CREATIONS));
    centre.run_jobs().await;
    let mails = crate::harness::mail_files(&centre.mail_folder());
    let mails: Vec<String> =
        mails.iter().map(|mail| std::fs::read_to_string(mail).unwrap().replace("=\r\n", "")).collect();
    assert!(centre.database().holds("fabrikam14.onmicrosoft.com"), "the search itself must see");
    assert!(links.iter().all(|link| mails.iter().any(|mail| mail.contains(link))), "the search itself must see");
    for canary in &passwords {
        assert!(!centre.database().holds(canary) && !mails.iter().any(|mail| mail.contains(canary)), "{canary}");
    }
    assert!(!links.iter().any(|link| centre.database().holds(link)));
}

fn draft_body(name: &str) -> Value {
    let customer = customer_body(name, None);
    json!({ "customer": {
        "companyName": name, "domain": customer["companyProfile"]["domain"], "billingProfile": customer["billingProfile"],
    } })
}

#[actix_web::test]
async fn tmp_04_whichever_way_a_password_was_made_a_repeat_does_not_hold_it() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let customer = provider.post("/v1/customers", customer_body("contoso", None)).await.ok();
    let draft = provider.post("/v1/customerdrafts", draft_body("tailspin")).await.ok();
    let submit = format!("/v1/customerdrafts/{}/submit", draft["id"].as_str().unwrap());
    let reset = format!("/v1/customers/{}/setupinfo", customer["id"].as_str().unwrap());
    for (path, body, secret) in [
        ("/v1/customers".to_owned(), customer_body("fabrikam", None), "/userCredentials/password"),
        (submit.clone(), nothing(), "/userCredentials/password"),
        (reset, nothing(), "/password"),
    ] {
        let name = uuid::Uuid::now_v7().to_string();
        let headers = [("ms-requestid", name.as_str()), ("if-match", "1")];
        let first = provider.with("POST", &path, &headers, body.clone()).await;
        let password = first.body.pointer(secret).and_then(Value::as_str).unwrap_or_default().to_owned();
        assert!(password.len() > 15, "{path}: {}", first.text);
        let again = provider.with("POST", &path, &headers, body).await;
        assert_eq!((first.status, again.status), (again.status, first.status), "{path}");
        assert!(!again.text.contains(&password), "{path}");
        assert_eq!(again.body["secretAvailable"], false, "{path}");
    }
    // Also without a name for the call: a draft is submitted once.
    let again = provider.with("POST", &submit, &[("if-match", "1")], nothing()).await;
    assert_eq!((again.status, &again.body["secretAvailable"]), (200, &json!(false)), "{}", again.text);
    assert!(again.body["userCredentials"].get("password").is_none());
}

#[actix_web::test]
async fn lost_means_reset_and_everything_the_account_had_before_ends() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let made = provider.post("/v1/customers", customer_body("fabrikam", Some(&reseller.id))).await.ok();
    let path = format!("/v1/customers/{}/setupinfo", made["id"].as_str().unwrap());
    let reset = reseller.post(&path, nothing()).await.ok();
    assert_eq!(reset["userName"], "admin@fabrikam.onmicrosoft.com");
    let old = made["userCredentials"]["password"].as_str().unwrap();
    assert_eq!(first_sign_in(&centre, "fabrikam", old).await.status, 401);
    let new = reset["password"].as_str().unwrap();
    let signed_in = first_sign_in(&centre, "fabrikam", new).await.ok();
    let id = made["id"].as_str().unwrap();
    let admin = centre.sign_in(id, signed_in["refreshToken"].as_str().unwrap()).await;
    admin.get(&format!("/v1/customers/{id}/administrators")).await.ok();
    // The account is the customer's by now; who holds all roles may still reset it, and the customer sees who did.
    let to = json!({ "setupInfoTo": { "name": "Anna", "email": ANNA } });
    let mailed = provider.post(&path, to.clone()).await.ok();
    assert!(mailed.get("password").is_none() && mailed["setupInfoSentTo"]["name"] == "Anna");
    let ended = admin.get(&format!("/v1/customers/{id}/administrators")).await;
    assert_eq!(ended.status, 401, "{}", ended.text);
    assert_eq!(first_sign_in(&centre, "fabrikam", "another password").await.status, 401);
    centre.run_jobs().await;
    let shown = reveal(&centre, &centre.token_mailed_to(ANNA, "set_")).await.ok();
    let signed_in = first_sign_in(&centre, "fabrikam", shown["password"].as_str().unwrap()).await.ok();
    let admin = centre.sign_in(id, signed_in["refreshToken"].as_str().unwrap()).await;
    let trail = admin.get("/v1/auditrecords").await.ok().to_string();
    assert!(trail.contains("reset_customer_user_password"), "{trail}");
    let data = centre.database().texts("SELECT data AS name FROM events WHERE kind = 'setup_info_reset' ORDER BY id");
    let own: Vec<bool> = data.iter().map(|data| data.contains("\"ownAccount\":true")).collect();
    assert_eq!(own, [false, true]);

    let sales = provider.colleague("sam@northwind.example", &["sales_agent"]).await;
    sales.post(&path, nothing()).await.ok();
    let again = provider.post(&path, nothing()).await.ok();
    let signed_in = first_sign_in(&centre, "fabrikam", again["password"].as_str().unwrap()).await.ok();
    // Granular administration is not enough for an account that is the customer's own.
    let admin = centre.sign_in(id, signed_in["refreshToken"].as_str().unwrap()).await;
    only(&provider, &Customer { id: id.to_owned(), admin }, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR).await;
    assert_eq!(provider.post(&path, nothing()).await.refusal(), "403 setupInfoAccountIsOwn");
    let sales = reseller.colleague("sam@norrsken.example", &["sales_agent"]).await;
    assert_eq!(sales.post(&path, nothing()).await.refusal(), "403 roleMissing");
    // Without a relationship it is as if there were no such customer.
    let absent = provider.post(&format!("/v1/customers/{}/setupinfo", uuid::Uuid::now_v7()), nothing()).await;
    assert_eq!(absent.refusal(), "404 relationshipMissing");
    centre.run_jobs().await;
}

#[actix_web::test]
async fn a_reset_is_refused_with_its_reason_when_nothing_can_come_of_it() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let path = format!("/v1/customers/{}/setupinfo", customer.id);
    for (to, property) in [
        (json!({ "name": "", "email": ANNA }), "setupInfoTo.name"),
        (json!({ "name": "Anna", "email": "x" }), "setupInfoTo.email"),
        (json!({ "name": "Anna", "email": ANNA, "language": "de" }), "setupInfoTo.language"),
    ] {
        let refused = provider.post(&path, json!({ "setupInfoTo": to })).await;
        assert_eq!(
            (refused.refusal(), &refused.body["parameters"]["property"]),
            ("400 propertyInvalid".into(), &json!(property))
        );
        let mut body = customer_body("tailspin", None);
        body["setupInfoTo"] = to;
        assert_eq!(provider.post("/v1/customers", body).await.refusal(), "400 propertyInvalid");
    }
    customer.admin.delete(&format!("/v1/customers/{}/administrators/{}", customer.id, reseller.id)).await;
    assert_eq!(reseller.post(&path, nothing()).await.refusal(), "403 delegatedAdministrationMissing");
    let to = json!({ "setupInfoTo": { "name": "Anna", "email": ANNA } });
    for _ in 0..10 {
        provider.post(&path, to.clone()).await.ok();
    }
    assert_eq!(provider.post(&path, to).await.refusal(), "429 setupInfoTooOften");
    // The mails of links that were replaced meanwhile are not sent.
    centre.run_jobs().await;
    assert_eq!(centre.mails_to(ANNA).len(), 1);
    centre.database().break_with("UPDATE users SET state = 'suspended' WHERE user_name LIKE 'admin@fabrikam%'");
    assert_eq!(provider.post(&path, nothing()).await.refusal(), "409 setupInfoAccountMissing");
    assert_eq!(reveal(&centre, &centre.token_mailed_to(ANNA, "set_")).await.refusal(), "404 setupInfoLinkDead");
}
