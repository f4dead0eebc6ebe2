//! Invitations, acceptance, removal.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::json;

use crate::harness::{Actor, Browser, Centre, names, nothing, request};

const RESELLERS: &str = "/v1/relationships?relationship_type=is_indirect_cloud_solution_provider_of";

async fn provider_and_reseller(centre: &Centre) -> (Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    (provider, reseller)
}

#[actix_web::test]
async fn inv_06_parallel_accepts_of_one_invitation_make_one_partnership() {
    const CLIENTS: usize = 64;
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    let clients = (0..CLIENTS).map(|_| reseller.post(&accept, nothing()));
    let answers = futures_util::future::join_all(clients).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((count(201), count(200)), (1, CLIENTS - 1), "{:?}", answers.iter().find(|a| a.status > 299));
    assert_eq!(provider.get(RESELLERS).await.ok()["totalCount"], 1);
}

#[actix_web::test]
async fn inv_06_parallel_accepts_of_several_invitations_by_one_reseller_make_one_partnership() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    let mut tokens = Vec::new();
    for n in 0..8 {
        tokens.push(centre.invite(&provider, &format!("person{n}@norrsken.example")).await);
    }
    let accepts: Vec<String> = tokens.iter().map(|token| format!("/v1/invitations/{token}/accept")).collect();
    let answers = futures_util::future::join_all(accepts.iter().map(|path| reseller.post(path, nothing()))).await;
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.status == 201));
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(provider.get(RESELLERS).await.ok()["totalCount"], 1);
}

#[actix_web::test]
async fn inv_01_every_link_that_cannot_be_used_is_answered_alike() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    let open = centre.invite(&provider, "a@norrsken.example").await;
    let altered = format!("{}{}", &open[..open.len() - 1], if open.ends_with('A') { "B" } else { "A" });
    let revoked = centre.invite(&provider, "b@norrsken.example").await;
    let listed = provider.get("/v1/relationships/invitations").await.ok();
    let id = listed["items"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(provider.delete(&format!("/v1/relationships/invitations/{id}")).await.status, 204);
    provider
        .post("/v1/relationships/invitations", json!({ "email": "c@other.example", "mpnId": "9999999" }))
        .await
        .ok();
    centre.run_jobs().await;
    let foreign = centre.token_mailed_to("c@other.example", "inv_");
    let declined = centre.invite(&provider, "d@norrsken.example").await;
    reseller.post(&format!("/v1/invitations/{declined}/decline"), json!({ "reason": "Not now" })).await;

    let mut told = Vec::new();
    for token in ["inv_x", "act_x", &altered, &revoked, &foreign, &declined] {
        let answer = reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await;
        told.push(answer.text);
    }
    centre.advance(days(31));
    let reseller = reseller.sign_in_again().await;
    told.push(reseller.post(&format!("/v1/invitations/{open}/accept"), nothing()).await.text);
    assert!(told[0].contains("invitationLinkInvalid"));
    assert!(told.iter().all(|text| *text == told[0]), "{told:#?}");
}

#[actix_web::test]
async fn inv_03_a_provider_cannot_accept_its_own_invitation() {
    let centre = Centre::open().await;
    let (provider, _) = provider_and_reseller(&centre).await;
    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    let own = provider.post(&format!("/v1/invitations/{token}/accept"), nothing()).await;
    assert_eq!(own.refusal(), "403 wrongOrganisation");
}

#[actix_web::test]
async fn inv_11_opening_the_link_changes_nothing_and_shows_who_asks() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    for _ in 0..3 {
        assert_eq!(centre.call(request("HEAD", &format!("/invitations/{token}"))).await.status, 303);
        let page = Browser::new(&centre).follow(&format!("/invitations/{token}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("northwind asks to be your indirect provider"), "{}", page.text);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        let opened = centre.get(&format!("/v1/invitations/{token}")).await.ok();
        assert_eq!(opened["sentTo"], "a…@norrsken.example");
    }
    assert_eq!(reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.status, 201);
    assert_eq!(Browser::new(&centre).follow(&format!("/invitations/{token}")).await.status, 404);
}

#[actix_web::test]
async fn a_reseller_whose_enrolment_is_not_approved_is_told_so_and_the_link_survives() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    let reseller = centre.activate("admin@norrsken.example").await;
    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    assert_eq!(reseller.post(&accept, nothing()).await.refusal(), "403 enrollmentNotApproved");
    provider
        .post("/v1/relationships/invitations", json!({ "email": "named@norrsken.example", "mpnId": "6001234" }))
        .await
        .ok();
    centre.run_jobs().await;
    let named = centre.token_mailed_to("named@norrsken.example", "inv_");
    let accept_named = format!("/v1/invitations/{named}/accept");
    assert_eq!(reseller.post(&accept_named, nothing()).await.refusal(), "403 enrollmentNotApproved");
    operator.post(&format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap()), nothing()).await.ok();
    assert_eq!(reseller.post(&accept, nothing()).await.status, 201);
}

#[actix_web::test]
async fn a_second_invitation_to_the_same_mailbox_gives_the_open_first_one() {
    let centre = Centre::open().await;
    let (provider, _) = provider_and_reseller(&centre).await;
    let invitation = json!({ "email": "Arvid@Norrsken.example" });
    let first = provider.post("/v1/relationships/invitations", invitation.clone()).await.ok();
    let second = provider.post("/v1/relationships/invitations", invitation).await.ok();
    assert_eq!(first["id"], second["id"]);
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("arvid@norrsken.example").len(), 1);
}

#[actix_web::test]
async fn a_message_without_the_link_is_refused_with_what_to_put_back() {
    let centre = Centre::open().await;
    let (provider, _) = provider_and_reseller(&centre).await;
    let invitation = json!({ "email": "a@b.example", "message": "Join us!" });
    let refused = provider.post("/v1/relationships/invitations", invitation).await;
    assert_eq!(refused.refusal(), "400 invitationLinkMissing");
    assert_eq!(refused.body["parameters"]["putBack"], "{link}");
    let own_words = json!({ "email": "a@b.example", "subject": "Hej", "message": "Öppna {link} nu.", "send": false });
    let made = provider.post("/v1/relationships/invitations", own_words).await.ok();
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with("https://partners.test/invitations/inv_"), "{link}");
    assert_eq!(made["message"], format!("Öppna {link} nu."));
    assert!(made["mailto"].as_str().unwrap().starts_with("mailto:a@b.example?subject=Hej&body=%C3%96ppna%20https"));
    centre.run_jobs().await;
    assert!(centre.mails_to("a@b.example").is_empty());
}

#[actix_web::test]
async fn an_invitation_has_a_time_line() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    let token = centre.invite(&provider, "arvid@norrsken.example").await;
    centre.advance(Duration::from_secs(60));
    reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.ok();
    let id = provider.get("/v1/relationships/invitations").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = provider.get(&format!("/v1/relationships/invitations/{id}")).await.ok();
    assert_eq!(shown["state"], "accepted");
    let steps: Vec<&str> =
        shown["timeline"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert_eq!(steps, ["created", "mailed", "accepted"]);
}

#[actix_web::test]
async fn removing_takes_the_attestation_happens_once_and_can_be_followed_by_a_new_partnership() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    centre.partner(&provider, &reseller).await;
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    let refused = provider.post(&removal, json!({ "attestation": false })).await;
    assert_eq!(refused.refusal(), "400 attestationMissing");
    let first = provider.post(&removal, json!({ "attestation": true })).await.ok();
    let second = provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(first, second);
    assert_eq!(provider.get(&removal).await.refusal(), "404 partnershipMissing");
    centre.run_jobs().await;
    assert!(centre.mails_to("admin@norrsken.example").iter().all(|mail| !mail.contains("remove")));
    centre.advance(Duration::from_secs(1));
    let token = centre.invite(&provider, "again@norrsken.example").await;
    assert_eq!(reseller.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.status, 201);
    assert_eq!(names(&provider.get(RESELLERS).await.ok()), ["norrsken"]);
}

#[actix_web::test]
async fn a_reseller_can_leave_too() {
    let centre = Centre::open().await;
    let (provider, reseller) = provider_and_reseller(&centre).await;
    centre.partner(&provider, &reseller).await;
    let removal = format!("/v1/relationships/{}/removal", provider.id);
    reseller.post(&removal, json!({ "attestation": true, "reason": "Closing shop" })).await.ok();
    assert_eq!(provider.get(RESELLERS).await.ok()["totalCount"], 0);
}

#[actix_web::test]
async fn lists_page_by_size_and_continuation_token() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    for (name, location) in [("one", "6001001"), ("two", "6001002"), ("three", "6001003")] {
        let reseller = centre.reseller(&operator, name, location).await;
        centre.partner(&provider, &reseller).await;
    }
    let first = provider.get(&format!("{RESELLERS}&size=2")).await.ok();
    assert_eq!(names(&first), ["one", "two"]);
    let token = first["continuationToken"].as_str().unwrap();
    assert_eq!(first["links"]["next"]["headers"][0]["value"], token);
    let uri = "/relationships?relationship_type=is_indirect_cloud_solution_provider_of&size=2&seekOperation=Next";
    assert_eq!(first["links"]["next"]["uri"], uri);
    let rest = provider.get(&format!("{RESELLERS}&size=2&seekOperation=Next&continuationToken={token}")).await.ok();
    assert_eq!(names(&rest), ["three"]);
    assert!(rest.get("continuationToken").is_none());
}
