//! Invitations as the provider lives with them: drafts, sending, the time line, renewing, the standing link, reminders.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Centre, nothing};

const INVITATIONS: &str = "/v1/relationships/invitations";

async fn channel(centre: &Centre) -> (Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    (provider, reseller)
}

fn at(invitation: &Value, act: &str) -> String {
    let id = invitation["id"].as_str().unwrap();
    if act.is_empty() { format!("{INVITATIONS}/{id}") } else { format!("{INVITATIONS}/{id}/{act}") }
}

fn token(invitation: &Value) -> String {
    invitation["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn steps(invitation: &Value) -> Vec<String> {
    let steps = invitation["timeline"].as_array().unwrap();
    steps.iter().map(|step| step["what"].as_str().unwrap().to_owned()).collect()
}

async fn draft(provider: &Actor, body: Value) -> Value {
    let mut body = body;
    body["send"] = json!(false);
    provider.post(INVITATIONS, body).await.ok()
}

#[actix_web::test]
async fn a_draft_has_words_in_the_language_asked_for_and_everything_needed_to_send_it() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    for (language, greeting, button) in [
        ("en", "Hello,", "Open the invitation"),
        ("sv", "Hej,", "Öppna inbjudan"),
        ("nl", "Hallo,", "Uitnodiging openen"),
    ] {
        let made = draft(&provider, json!({ "email": format!("{language}@b.example"), "language": language })).await;
        let (link, message) = (made["link"].as_str().unwrap(), made["message"].as_str().unwrap());
        assert!(link.starts_with("https://partners.test/invitations/inv_"), "{link}");
        assert!(message.starts_with(greeting) && message.contains("https://partners.test/enrol"), "{message}");
        assert_eq!(message.matches(link).count(), 1);
        let html = made["html"].as_str().unwrap();
        assert!(html.contains(button) && html.contains(&format!("lang=\"{language}\"")), "{html}");
        assert_eq!(html.matches(link).count(), 1);
        let mailto = made["mailto"].as_str().unwrap();
        assert!(mailto.starts_with(&format!("mailto:{language}@b.example?subject=")) && mailto.len() <= 2_000);
        assert_eq!(made["mailtoIsShort"], false);
        assert_eq!(
            (made["state"].as_str(), made["expiresAt"].as_str()),
            (Some("created"), Some("2026-12-21T08:00:00.000000Z"))
        );
    }
    centre.run_jobs().await;
    assert!(centre.mails_to("en@b.example").is_empty());
}

#[actix_web::test]
async fn a_text_too_long_for_mail_programs_keeps_the_link_and_says_that_it_was_left_out() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let long = format!("{} {{link}}", "Välkommen! ".repeat(300));
    let made = draft(&provider, json!({ "email": "a@b.example", "message": long, "language": "sv" })).await;
    assert_eq!(made["mailtoIsShort"], true);
    let mailto = made["mailto"].as_str().unwrap();
    assert!(mailto.len() <= 2_000 && mailto.contains(&token(&made)), "{mailto}");
}

#[actix_web::test]
async fn a_draft_is_edited_with_its_link_in_it_and_mailed_once() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let made = draft(&provider, json!({ "email": "a@b.example" })).await;
    let send = at(&made, "send");
    let without = provider.post(&send, json!({ "message": "Join us!" })).await;
    assert_eq!(without.refusal(), "400 invitationLinkMissing");
    assert_eq!(without.body["parameters"]["message"], "Join us!\n\n{link}");
    let foreign = draft(&provider, json!({ "email": "other@b.example" })).await;
    let text = format!("Join us: {}", foreign["link"].as_str().unwrap());
    assert_eq!(provider.post(&send, json!({ "message": text })).await.refusal(), "400 invitationLinkForeign");
    let text = format!("Join us:\n{}\nSoon.", made["link"].as_str().unwrap());
    let sent = provider.post(&send, json!({ "subject": "Hej", "message": text })).await.ok();
    assert_eq!((sent["subject"].clone(), sent["message"].clone()), (json!("Hej"), json!(text)));
    assert_eq!(steps(&sent), ["created", "waiting to be mailed"]);
    provider.post(&send, nothing()).await.ok();
    assert_eq!(provider.post(&send, json!({ "subject": "Hallo" })).await.refusal(), "409 invitationBeingMailed");
    centre.run_jobs().await;
    let mails = centre.mails_to("a@b.example");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("Subject: Hej\r\n"), "{}", mails[0]);
    let shown = provider.get(&at(&made, "")).await.ok();
    assert_eq!(
        (shown["state"].as_str(), steps(&shown)),
        (Some("mailed"), vec!["created".to_owned(), "mailed".to_owned()])
    );
}

#[actix_web::test]
async fn what_was_sent_with_ones_own_mail_program_is_marked_so() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let made = draft(&provider, json!({ "email": "a@b.example" })).await;
    for _ in 0..2 {
        let marked = provider.post(&at(&made, "sentoutside"), nothing()).await.ok();
        assert_eq!(
            (marked["state"].as_str(), steps(&marked).join(", ")),
            (Some("sentOutside"), "created, sent outside".to_owned())
        );
    }
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "invitation_sent_outside").count(), 1);
}

#[actix_web::test]
async fn inv_08_sending_again_replaces_the_link_and_gives_more_time() {
    let centre = Centre::open().await;
    let (provider, reseller) = channel(&centre).await;
    let first = provider.post(INVITATIONS, json!({ "email": "a@b.example", "days": 2 })).await.ok();
    centre.run_jobs().await;
    centre.advance(days(3));
    let (provider, reseller) = (provider.sign_in_again().await, reseller.sign_in_again().await);
    assert_eq!(provider.get(&at(&first, "")).await.ok()["state"], "expired");
    assert_eq!(provider.post(&at(&first, "send"), nothing()).await.refusal(), "409 invitationExpired");
    let again = provider.post(&at(&first, "resend"), json!({ "language": "nl", "days": 90 })).await.ok();
    assert_eq!(again["id"], first["id"]);
    assert!(again["message"].as_str().unwrap().starts_with("Hallo"));
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("a@b.example").len(), 2);
    let accept = |link: &Value| format!("/v1/invitations/{}/accept", token(link));
    assert_eq!(reseller.post(&accept(&first), nothing()).await.refusal(), "404 invitationLinkInvalid");
    assert_eq!(reseller.post(&accept(&again), nothing()).await.status, 201);
    let shown = provider.get(&at(&first, "")).await.ok();
    assert_eq!(steps(&shown), ["created", "mailed", "replaced", "mailed", "accepted"]);
    assert_eq!(provider.post(&at(&first, "resend"), nothing()).await.refusal(), "409 invitationAnswered");
    assert_eq!(provider.delete(&at(&first, "")).await.refusal(), "409 invitationAnswered");
}

#[actix_web::test]
async fn mail_7_a_mail_that_waits_while_its_link_is_replaced_is_not_sent() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let first = provider.post(INVITATIONS, json!({ "email": "a@b.example" })).await.ok();
    let again = provider.post(&at(&first, "resend"), nothing()).await.ok();
    centre.run_jobs().await;
    let mails = centre.mails_to("a@b.example");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains(&token(&again)) && !mails[0].contains(&token(&first)));
    assert_eq!(steps(&provider.get(&at(&first, "")).await.ok()), ["created", "replaced", "not mailed", "mailed"]);
}

#[actix_web::test]
async fn days_are_from_one_to_ninety() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    for wrong in [0, 91] {
        let refused = provider.post(INVITATIONS, json!({ "email": "a@b.example", "days": wrong })).await;
        assert_eq!(refused.refusal(), "400 badRequest", "{wrong}");
    }
    let made = draft(&provider, json!({ "email": "a@b.example", "days": 90 })).await;
    assert_eq!(made["expiresAt"], "2027-02-19T08:00:00.000000Z");
}

#[actix_web::test]
async fn a_second_open_invitation_to_an_mpn_id_gives_the_first_whatever_the_mailbox() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let first = provider.post(INVITATIONS, json!({ "email": "a@b.example", "mpnId": "6001234" })).await;
    let second = provider.post(INVITATIONS, json!({ "email": "c@d.example", "mpnId": "6001234" })).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.ok()["id"], second.ok()["id"]);
    let unnamed = provider.post(INVITATIONS, json!({ "email": "a@b.example" })).await;
    assert_eq!(unnamed.status, 201);
    // An expired one can be renewed only while nothing newer is open.
    centre.advance(days(31));
    let provider = provider.sign_in_again().await;
    let newer = draft(&provider, json!({ "email": "a@b.example" })).await;
    let older = unnamed.ok();
    let refused = provider.post(&at(&older, "resend"), nothing()).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.body["parameters"]["invitationId"]),
        ("409 invitationAnotherOpen", &newer["id"])
    );
}

#[actix_web::test]
async fn what_the_invited_company_lacks_is_shown_when_it_is_invited() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    centre.reseller(&operator, "norrsken", "6001234").await;
    centre.reseller_in("JP", &operator, "tokyo", "6003234").await;
    let enrolled = centre.enroll("unsigned", "6004234").await.ok();
    operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await.ok();
    centre.enroll("waiting", "6005234").await.ok();
    for (mpn_id, lacking) in [
        ("6001234", vec![]),
        ("9999999", vec!["mpnIdUnknown"]),
        ("6005234", vec!["mpnIdUnknown"]),
        ("16001234", vec!["mpnIdGlobal"]),
        ("26001234", vec!["mpnIdNeverOnboarded"]),
        ("6003234", vec!["regionDiffers"]),
        ("6004234", vec!["agreementMissing"]),
    ] {
        let made = draft(&provider, json!({ "email": format!("m{mpn_id}@b.example"), "mpnId": mpn_id })).await;
        let told = made["eligibility"].as_array().cloned().unwrap_or_default();
        let what: Vec<&str> = told.iter().map(|one| one["what"].as_str().unwrap()).collect();
        assert_eq!(what, lacking, "{mpn_id}");
        // Never another MPN ID (design, ruling 5).
        assert!(told.iter().all(|one| !one["sentence"].as_str().unwrap().contains("600")), "{told:?}");
    }
}

#[actix_web::test]
async fn the_list_says_how_far_each_invitation_has_come_and_can_be_narrowed() {
    let centre = Centre::open().await;
    let (provider, reseller) = channel(&centre).await;
    let short = draft(&provider, json!({ "email": "short@b.example", "days": 1 })).await;
    centre.advance(days(2));
    let (provider, reseller) = (provider.sign_in_again().await, reseller.sign_in_again().await);
    let revoked = draft(&provider, json!({ "email": "revoked@b.example" })).await;
    provider.delete(&at(&revoked, "")).await;
    let declined = draft(&provider, json!({ "email": "declined@b.example" })).await;
    reseller.post(&format!("/v1/invitations/{}/decline", token(&declined)), nothing()).await;
    let opened = draft(&provider, json!({ "email": "opened@b.example" })).await;
    reseller.post(&format!("/v1/invitations/{}/open", token(&opened)), nothing()).await.ok();
    let accepted = draft(&provider, json!({ "email": "accepted@b.example" })).await;
    reseller.post(&format!("/v1/invitations/{}/accept", token(&accepted)), nothing()).await.ok();
    provider.post(INVITATIONS, json!({ "email": "mailed@b.example" })).await.ok();
    centre.run_jobs().await;
    draft(&provider, json!({ "email": "created@b.example" })).await;
    let listed = async |query: &str| {
        let list = provider.get(&format!("{INVITATIONS}{query}")).await.ok();
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| format!("{} {}", item["email"].as_str().unwrap(), item["state"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let open = ["opened@b.example opened", "mailed@b.example mailed", "created@b.example created"];
    assert_eq!(listed("?state=open").await, open);
    assert_eq!(listed("?state=expired").await, ["short@b.example expired"]);
    assert_eq!(listed("?state=Revoked").await, ["revoked@b.example revoked"]);
    assert_eq!(listed("?state=declined").await, ["declined@b.example declined"]);
    assert_eq!(listed("?state=accepted").await, ["accepted@b.example accepted"]);
    assert_eq!(listed("").await.len(), 7);
    assert_eq!(provider.get(&format!("{INVITATIONS}?state=lost")).await.refusal(), "400 badRequest");
    assert_eq!(short["state"], "created");
}

#[actix_web::test]
async fn the_standing_link_has_many_uses_until_it_is_rotated_or_revoked() {
    const LINK: &str = "/v1/relationships/invitationlink";
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let mut resellers = Vec::new();
    for (name, location) in [("one", "6001001"), ("two", "6001002"), ("three", "6001003")] {
        resellers.push(centre.reseller(&operator, name, location).await);
    }
    let draft = provider.post(INVITATIONS, json!({ "language": "sv" })).await;
    assert_eq!(draft.status, 200);
    let first = draft.ok();
    assert!(first["mailto"].as_str().unwrap().starts_with("mailto:?subject="), "{first}");
    assert_eq!(first["link"], provider.get(LINK).await.ok()["link"]);
    let accept = |link: &Value| format!("/v1/invitations/{}/accept", token(link));
    let asked = centre.get(&format!("/v1/invitations/{}", token(&first))).await.ok();
    assert_eq!((&asked["provider"]["name"], asked.get("sentTo")), (&json!("northwind"), None));
    for reseller in &resellers[..2] {
        assert_eq!(reseller.post(&accept(&first), nothing()).await.status, 201);
        assert_eq!(reseller.post(&accept(&first), nothing()).await.status, 200);
    }
    let second = provider.post(&format!("{LINK}/rotate"), nothing()).await.ok();
    assert_eq!(resellers[2].post(&accept(&first), nothing()).await.refusal(), "404 invitationLinkInvalid");
    let said = json!({ "reason": "Not yet" });
    assert_eq!(resellers[2].post(&format!("/v1/invitations/{}/decline", token(&second)), said).await.status, 204);
    assert_eq!(resellers[2].post(&accept(&second), nothing()).await.status, 201);
    for _ in 0..2 {
        assert_eq!(provider.delete(LINK).await.status, 204);
    }
    assert_eq!(provider.get(LINK).await.ok()["state"], "revoked");
    assert_eq!(provider.post(INVITATIONS, nothing()).await.refusal(), "409 standingLinkRevoked");
    let dead = centre.get(&format!("/v1/invitations/{}", token(&second))).await;
    assert_eq!(dead.refusal(), "404 invitationLinkInvalid");
    let third = provider.post(&format!("{LINK}/rotate"), nothing()).await.ok();
    assert_eq!((&third["state"], &third["version"]), (&json!("active"), &json!(3)));
    assert_eq!(provider.get("/v1/relationships/partners").await.ok()["totalCount"], 3);
}

#[actix_web::test]
async fn a_draft_without_a_mailbox_takes_nothing_that_needs_one() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    for (body, refusal) in [
        (json!({ "send": true }), "400 invitationWithoutMailbox"),
        (json!({ "mpnId": "6001234" }), "400 invitationNeedsMailbox"),
        (json!({ "days": 3 }), "400 invitationNeedsMailbox"),
        (json!({ "message": "no link" }), "400 invitationLinkMissing"),
    ] {
        assert_eq!(provider.post(INVITATIONS, body.clone()).await.refusal(), refusal, "{body}");
    }
}

#[actix_web::test]
async fn drf_01_addresses_and_subjects_that_could_split_a_header_are_refused() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    for email in ["a@b.example\r\nBcc: c@d.example", "\"a b\"@c.example", "å@b.example", "a@b.example,c@d.example", "a"]
    {
        assert_eq!(provider.post(INVITATIONS, json!({ "email": email })).await.status, 400, "{email}");
    }
    for subject in ["a\nb", "a\rb", "a\u{0}b", "", "\u{7}"] {
        let body = json!({ "email": "a@b.example", "subject": subject });
        assert_eq!(provider.post(INVITATIONS, body).await.status, 400, "{subject:?}");
    }
}

#[actix_web::test]
async fn the_invited_are_reminded_a_week_and_a_day_before_the_end_and_not_after_an_answer() {
    let centre = Centre::open().await;
    let (provider, reseller) = channel(&centre).await;
    let made = provider.post(INVITATIONS, json!({ "email": "a@b.example", "language": "nl" })).await.ok();
    let outside = draft(&provider, json!({ "email": "outside@b.example" })).await;
    centre.run_jobs().await;
    for (wait, mails) in [(days(22), 1), (days(1), 2), (days(5), 2), (days(1), 3)] {
        centre.advance(wait);
        centre.run_jobs().await;
        assert_eq!(centre.mails_to("a@b.example").len(), mails, "after {wait:?}");
    }
    let reminder = centre.mails_to("a@b.example").pop().unwrap();
    assert!(reminder.contains("Herinnering") && reminder.contains(&token(&made)), "{reminder}");
    let provider = provider.sign_in_again().await;
    let told = steps(&provider.get(&at(&made, "")).await.ok());
    assert_eq!(told, ["created", "mailed", "reminded", "reminded"]);
    // What was not mailed from here is not reminded from here.
    assert!(centre.mails_to("outside@b.example").is_empty());
    assert_eq!(steps(&provider.get(&at(&outside, "")).await.ok()), ["created"]);

    let answered = provider.post(INVITATIONS, json!({ "email": "c@d.example" })).await.ok();
    centre.run_jobs().await;
    let reseller = reseller.sign_in_again().await;
    reseller.post(&format!("/v1/invitations/{}/accept", token(&answered)), nothing()).await.ok();
    centre.advance(days(29));
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("c@d.example").len(), 1);
}

#[actix_web::test]
async fn inv_14_the_fourth_mail_to_a_mailbox_in_a_day_waits_whoever_sends_it() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let mut made = Vec::new();
    for name in ["northwind", "trey", "adatum"] {
        let provider = centre.provider(&operator, name).await;
        made.push((provider.clone(), provider.post(INVITATIONS, json!({ "email": "a@b.example" })).await.ok()));
    }
    let (provider, invitation) = &made[0];
    let fourth = provider.post(&at(invitation, "resend"), nothing()).await;
    assert_eq!(fourth.refusal(), "429 invitationMailLimit");
    assert_eq!(fourth.header("retry-after"), "86400");
    // The link was not replaced either: nothing happened.
    assert_eq!(provider.get(&at(invitation, "")).await.ok()["link"], invitation["link"]);
    assert_eq!(provider.post(&at(invitation, "resend"), json!({ "send": false })).await.status, 200);
    centre.advance(days(1) + Duration::from_secs(1));
    let provider = provider.sign_in_again().await;
    assert_eq!(provider.post(&at(invitation, "resend"), nothing()).await.status, 200);
}

#[actix_web::test]
async fn mail_3_a_kept_answer_holds_no_link() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let named = async |path: &str, body: Value| {
        let id = uuid::Uuid::now_v7().to_string();
        let first = provider.with("POST", path, &[("ms-requestid", &id)], body.clone()).await.ok();
        let again = provider.with("POST", path, &[("ms-requestid", &id)], body).await.ok();
        assert!(first["link"].is_string(), "{first}");
        assert_eq!((again.get("link"), &again["secretAvailable"]), (None, &json!(false)), "{path}");
        first
    };
    let made = named(INVITATIONS, json!({ "email": "a@b.example", "send": false })).await;
    for act in ["send", "sentoutside", "resend"] {
        named(&at(&made, act), nothing()).await;
    }
    named(INVITATIONS, nothing()).await;
    named("/v1/relationships/invitationlink/rotate", nothing()).await;
    let kept = centre.database().texts("SELECT answer AS name FROM answered_calls WHERE answer IS NOT NULL").join(" ");
    assert!(kept.contains("expiresAt") && !kept.contains("inv_") && !kept.contains("std_"), "{kept}");
}

#[actix_web::test]
async fn drf_02_a_link_in_the_subject_is_refused() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    let made = draft(&provider, json!({ "email": "a@b.example" })).await;
    let subject = format!("Open {}", token(&made));
    for (path, body) in [
        (INVITATIONS.to_owned(), json!({ "email": "c@d.example", "subject": subject })),
        (at(&made, "send"), json!({ "subject": subject })),
        (at(&made, "resend"), json!({ "subject": subject })),
    ] {
        assert_eq!(provider.post(&path, body).await.refusal(), "400 invitationLinkInSubject", "{path}");
    }
}

#[actix_web::test]
async fn a_colleagues_draft_is_not_sent_by_asking_for_the_same_company() {
    let centre = Centre::open().await;
    let (provider, _) = channel(&centre).await;
    draft(&provider, json!({ "email": "a@b.example", "mpnId": "6001234", "subject": "Not ready" })).await;
    let asked = provider.post(INVITATIONS, json!({ "email": "c@d.example", "mpnId": "6001234" })).await;
    assert_eq!((asked.status, &asked.body["subject"]), (200, &json!("Not ready")));
    centre.run_jobs().await;
    assert!(centre.mails_to("a@b.example").is_empty() && centre.mails_to("c@d.example").is_empty());
}
