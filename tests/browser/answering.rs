//! A reseller opens the link in a provider's mail, enrols first, signs the agreement and accepts: all in the browser.

use std::path::Path;
use std::time::{Duration, Instant};

use partner_center::demo::client::Client;
use serde_json::{Value, json};

use crate::driver::Driver;
use crate::program::{Installation, token};

const PASSWORD: &str = "correct horse battery staple";
const OPTIONAL: &[(&str, &str)] = &[("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")];

/// The newest mail to an address, as soon as it is there.
fn mail_to(folder: &Path, address: &str, holding: &str) -> String {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let files = std::fs::read_dir(folder.join("mail")).into_iter().flatten().map_while(Result::ok);
        let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        let mut mails = texts.map(|text| text.replace("=\r\n", ""));
        if let Some(mail) = mails.find(|mail| mail.contains(&format!("To: {address}")) && mail.contains(holding)) {
            return mail;
        }
        assert!(Instant::now() < patience, "no mail to {address} with {holding}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn activated(base: &str, code: &str) -> Client {
    let body = json!({ "code": code, "password": PASSWORD });
    let answer = Client::new(base).post("/v1/accounts/activation", &body).unwrap();
    Client::new(base).sign_in(&answer.text("/tenantId"), &answer.text("/refreshToken")).unwrap().0
}

#[test]
fn a_reseller_answers_an_invitation_after_enrolling_and_signs_the_agreement() {
    let installation = Installation::new("browser");
    let code = installation.operator(OPTIONAL, "olga@operator.example");
    let _serving = installation.serve(OPTIONAL);
    let base = format!("http://127.0.0.1:{}", installation.port);
    let at = |path: &str| format!("{base}{path}");

    let operator = activated(&base, &code);
    let agreement = json!({ "version": "2026-1", "title": "Microsoft Partner Agreement", "documentUrl": "https://partners.example/mpa" });
    operator.post("/v1/agreements/mpa/versions", &agreement).unwrap();
    let provider = json!({
        "name": "Northwind Distribution", "country": "SE", "domain": "northwind.example",
        "contactEmail": "channel@northwind.example", "mpnId": "5001000",
        "description": "Licences, devices and everything around them, for resellers in the Nordics.",
        "admin": { "email": "nora@northwind.example", "displayName": "Nora Lind" },
    });
    operator.post("/v1/indirectproviders", &provider).unwrap();
    let code = token(&mail_to(&installation.folder, "nora@northwind.example", "act_"), "act_").unwrap();
    let provider = activated(&base, &code);

    let driver = Driver::start(&installation.folder.join("profile"));
    for language in ["nl", "sv", "en"] {
        let body = json!({ "email": format!("{language}@norrsken.example"), "language": language });
        let made = provider.post("/v1/relationships/invitations", &body).unwrap();
        let file = installation.folder.join(format!("mail-{language}.html"));
        std::fs::write(&file, made.text("/html")).unwrap();
        driver.open(&format!("file://{}", file.display()));
        driver.look(&format!("mail-invitation-{language}"));
    }
    let mail = mail_to(&installation.folder, "en@norrsken.example", "inv_");
    let link = format!("/invitations/{}", token(&mail, "inv_").unwrap());

    driver.open(&at(&format!("{link}?lang=en")));
    assert_eq!(driver.path(), "/invitation", "the token is not in the address");
    assert_eq!(driver.text("h1"), "Northwind Distribution asks to be your indirect provider");
    driver.look("invitation");
    for language in ["sv", "nl"] {
        driver.open(&at(&format!("/invitation?lang={language}")));
        driver.look(&format!("invitation-{language}"));
    }
    driver.open(&at("/invitation?lang=en"));
    driver.click("main a[href='/enrol']");
    for (field, text) in [
        ("#company", "Norrsken IT AB"),
        ("#domain", "norrsken.example"),
        ("#global", "6000001"),
        ("#locations", "6001234"),
        ("#onboarding", "6001234"),
        ("#admin_name", "Arvid Ek"),
        ("#admin_email", "arvid@norrsken.example"),
    ] {
        driver.type_into(field, text);
    }
    driver.script("document.querySelector('#country').value = 'SE'");
    driver.click("main button");
    let code = token(&mail_to(&installation.folder, "arvid@norrsken.example", "act_"), "act_").unwrap();
    driver.open(&at(&format!("/activate/{code}")));
    driver.type_into("#password", PASSWORD);
    driver.click("main button");
    assert_eq!(driver.path(), "/invitation", "the browser has kept the link");
    driver.look("invitation-signed-in");
    driver.click("main form button");
    assert_eq!(driver.path(), "/invitation/answer");
    assert!(driver.text("main").contains("is not approved"), "{}", driver.text("main"));
    driver.look("answer-not-enrolled");

    let waiting = operator.get("/v1/enrollments").unwrap();
    let path = format!("/v1/enrollments/{}/approve", waiting.text("/items/0/id"));
    operator.post(&path, &Value::Object(Default::default())).unwrap();
    driver.open(&at("/invitation/answer"));
    for language in ["sv", "nl", "en"] {
        driver.open(&at(&format!("/invitation/answer?lang={language}")));
        driver.look(&format!("answer-{language}"));
    }
    driver.click("form[action='/invitation/accept'] button");
    assert_eq!(driver.text("h1"), "You and Northwind Distribution are partners");
    driver.look("answered");
    driver.click("main a[href='/agreement']");
    driver.look("agreement");
    driver.click("main form button");
    assert!(driver.text("main").contains("Norrsken IT AB signed this version"), "{}", driver.text("main"));
    driver.look("agreement-signed");
    driver.open(&at("/invitation/answer"));
    driver.look("answered-signed");
    driver.click("main form button");
    driver.open(&at("/invitation"));
    assert_eq!(driver.text("h1"), "This invitation is not valid any more");
    driver.look("invitation-gone");

    let partners = provider.get("/v1/relationships/partners").unwrap();
    assert_eq!(partners.text("/items/0/name"), "Norrsken IT AB");
    let complaints = driver.complaints();
    let policy = complaints.iter().find(|complaint| complaint.contains("Content Security Policy"));
    assert_eq!(policy, None);
}
