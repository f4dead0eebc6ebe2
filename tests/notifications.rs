//! What people are told by mail, as each of them chooses.

use partner_center::platform::clock::days;
use serde_json::json;

use crate::harness::{Actor, Centre, nothing};

const CHOICES: &str = "/v1/accounts/notifications";

async fn invite(provider: &Actor, email: &str) -> String {
    let made = provider.post("/v1/relationships/invitations", json!({ "email": email, "send": false })).await.ok();
    made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[actix_web::test]
async fn everybody_chooses_what_to_be_told_and_own_doing_is_told_unless_one_says_no() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let nora = provider.colleague("nora@northwind.example", &["sales_agent"]).await;
    let quiet = provider.colleague("quiet@northwind.example", &["sales_agent"]).await;
    let lead = provider.colleague("lead@northwind.example", &["admin_agent"]).await;
    let arvid = reseller.colleague("arvid@norrsken.example", &["sales_agent"]).await;
    let default = json!({
        "invitationAccepted": "own", "invitationDeclined": "own", "invitationExpiring": "own",
        "relationshipApproved": "own", "relationshipDeclined": "own",
    });
    assert_eq!(nora.get(CHOICES).await.ok(), default);
    let all = json!({ "invitationAccepted": "all", "invitationDeclined": "all" });
    for _ in 0..2 {
        let chosen = lead.put(CHOICES, all.clone(), None).await.ok();
        assert_eq!((&chosen["invitationAccepted"], &chosen["invitationExpiring"]), (&json!("all"), &json!("own")));
    }
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "notifications_chosen").count(), 1);
    quiet.put(CHOICES, json!({ "invitationDeclined": "none", "invitationExpiring": "none" }), None).await.ok();
    reseller.put(CHOICES, all, None).await.ok();
    assert_eq!(nora.put(CHOICES, json!({ "invitationAccepted": "some" }), None).await.status, 400);
    let script = provider.application(&["sales_agent"]).await;
    assert_eq!(script.get(CHOICES).await.refusal(), "403 appOnlyRefused");

    let told = |who: &str, about: &str| centre.mails_to(who).iter().filter(|mail| mail.contains(about)).count();
    let token = invite(&quiet, "one@b.example").await;
    arvid.post(&format!("/v1/invitations/{token}/decline"), json!({ "reason": "Too far" })).await;
    centre.run_jobs().await;
    let about = "Subject: The invitation to one@b.example was declined";
    assert_eq!(told("quiet@northwind.example", about), 0);
    assert_eq!(told("nora@northwind.example", about), 0);
    assert_eq!(told("lead@northwind.example", about), 1);
    let mail = centre.mails_to("lead@northwind.example").pop().unwrap();
    assert!(mail.contains("Too far") && mail.contains("Hello lead@northwind.example,"), "{mail}");
    // The colleague of whoever declined asked to be told; who did it knows.
    assert_eq!(told("admin@norrsken.example", "Subject: Your company declined an invitation from northwind"), 1);
    assert!(!centre.mails_to("admin@norrsken.example").pop().unwrap().contains("Too far"));
    assert_eq!(told("arvid@norrsken.example", "declined"), 0);

    let token = invite(&nora, "two@b.example").await;
    arvid.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    arvid.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    centre.run_jobs().await;
    let about = "Subject: norrsken is your indirect reseller now";
    assert_eq!((told("nora@northwind.example", about), told("lead@northwind.example", about)), (1, 1));
    assert_eq!((told("quiet@northwind.example", about), told("admin@northwind.example", about)), (0, 0));
    assert_eq!(told("admin@norrsken.example", "Subject: Your company is an indirect reseller of northwind now"), 1);
}

#[actix_web::test]
async fn whoever_invited_is_told_before_an_invitation_ends_unanswered() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let nora = provider.colleague("nora@northwind.example", &["sales_agent"]).await;
    let gone = provider.colleague("gone@northwind.example", &["sales_agent"]).await;
    for (who, email) in [(&nora, "one@b.example"), (&gone, "two@b.example"), (&nora, "never-sent@b.example")] {
        let made = who.post("/v1/relationships/invitations", json!({ "email": email, "send": false })).await.ok();
        if email != "never-sent@b.example" {
            let path = format!("/v1/relationships/invitations/{}/sentoutside", made["id"].as_str().unwrap());
            who.post(&path, nothing()).await.ok();
        }
    }
    let users = provider.get("/v1/users").await.ok();
    let user =
        users["items"].as_array().unwrap().iter().find(|user| user["userName"] == "gone@northwind.example").unwrap();
    let path = format!("/v1/users/{}", user["id"].as_str().unwrap());
    provider.patch(&path, user["attributes"]["etag"].as_str().unwrap(), json!({ "state": "suspended" })).await.ok();
    let told = |who: &str| centre.mails_to(who).iter().filter(|mail| mail.contains("ends on")).count();
    for (wait, mails) in [(22, 0), (1, 1), (5, 1), (1, 2), (5, 2)] {
        centre.advance(days(wait));
        centre.run_jobs().await;
        assert_eq!((told("nora@northwind.example"), told("gone@northwind.example")), (mails, 0), "{wait}");
    }
}

#[actix_web::test]
async fn a_reminder_whose_worker_died_after_the_work_is_not_told_again() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    provider.post("/v1/relationships/invitations", json!({ "email": "a@b.example" })).await.ok();
    centre.run_jobs().await;
    centre.advance(days(24));
    centre.run_jobs().await;
    let before = (centre.mails_to("a@b.example").len(), centre.mails_to("admin@northwind.example").len());
    // The work and the end of its job are one: there is no moment between them in which a worker could die.
    let done = "SELECT state AS name FROM jobs WHERE kind = 'invitation_expiring' ORDER BY due_at";
    assert_eq!(centre.database().texts(done), ["done", "waiting"]);
    centre.advance(days(1));
    centre.run_jobs().await;
    assert_eq!((centre.mails_to("a@b.example").len(), centre.mails_to("admin@northwind.example").len()), before);
}

#[actix_web::test]
async fn who_has_become_a_partner_meanwhile_is_not_reminded() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let named = json!({ "email": "a@b.example", "mpnId": "6001234" });
    provider.post("/v1/relationships/invitations", named).await.ok();
    let opened = provider.post("/v1/relationships/invitations", json!({ "email": "c@d.example" })).await.ok();
    let token = opened["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
    centre.run_jobs().await;
    let link = provider.get("/v1/relationships/invitationlink").await.ok();
    let token = link["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let path = format!("/v1/relationships/invitations/{}", opened["id"].as_str().unwrap());
    assert_eq!(provider.get(&path).await.ok()["alreadyPartners"], false);
    reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    assert_eq!(provider.get(&path).await.ok()["alreadyPartners"], true);
    centre.advance(days(29));
    centre.run_jobs().await;
    assert_eq!((centre.mails_to("a@b.example").len(), centre.mails_to("c@d.example").len()), (1, 1));
    assert!(centre.mails_to("admin@northwind.example").iter().all(|mail| !mail.contains("ends on")));
}

#[actix_web::test]
async fn a_no_to_the_standing_link_is_told_once_and_shown_on_its_page() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    provider.put(CHOICES, json!({ "invitationDeclined": "all" }), None).await.ok();
    let link = provider.get("/v1/relationships/invitationlink").await.ok();
    let token = link["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    for _ in 0..3 {
        let said = json!({ "reason": "We have one" });
        assert_eq!(reseller.post(&format!("/v1/invitations/{token}/decline"), said).await.status, 204);
    }
    centre.run_jobs().await;
    let told = centre.mails_to("admin@northwind.example");
    let told: Vec<_> = told.iter().filter(|mail| mail.contains("Subject: norrsken declined")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("We have one"));
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "standing_link_declined").count(), 1);
    let sheet = reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
    assert_eq!(sheet["state"], "declined");
    // Having said no to the link's old version, the company is asked anew by the next one.
    let next = provider.post("/v1/relationships/invitationlink/rotate", nothing()).await.ok();
    let token = next["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let sheet = reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await.ok();
    assert_eq!(sheet["state"], "open");
}
