//! Enrolments.

use serde_json::json;

use crate::harness::{Centre, nothing};

#[actix_web::test]
async fn an_enrolment_is_decided_once_and_its_company_is_told() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    assert_eq!(enrolled["state"], "submitted");
    let listed = operator.get("/v1/enrollments").await.ok();
    assert_eq!(listed["items"][0]["companyName"], "norrsken");
    assert_eq!(listed["items"][0]["mpnIds"].as_array().unwrap().len(), 3);
    let path = |act: &str| format!("/v1/enrollments/{}/{act}", enrolled["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(operator.post(&path("approve"), nothing()).await.ok()["state"], "approved");
    }
    let late = operator.post(&path("reject"), json!({ "reason": "no" })).await;
    assert_eq!(late.refusal(), "409 enrollmentDecided");
    centre.run_jobs().await;
    let mails = centre.mails_to("admin@norrsken.example");
    assert_eq!(mails.iter().filter(|mail| mail.contains("is approved")).count(), 1);
    let reseller = centre.activate("admin@norrsken.example").await;
    assert_eq!(reseller.get("/v1/enrollments/current").await.ok()["state"], "approved");
}

#[actix_web::test]
async fn an_mpn_id_is_verified_for_one_company_only() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let first = centre.enroll("norrsken", "6001234").await.ok();
    let second = centre.enroll("adatum", "6001234").await.ok();
    let approve = |id: &serde_json::Value| format!("/v1/enrollments/{}/approve", id["id"].as_str().unwrap());
    assert_eq!(operator.post(&approve(&first), nothing()).await.status, 200);
    let refused = operator.post(&approve(&second), nothing()).await;
    assert_eq!(refused.refusal(), "409 mpnIdClaimConflict");
    let reject = format!("/v1/enrollments/{}/reject", second["id"].as_str().unwrap());
    operator.post(&reject, json!({ "reason": "That MPN ID is not yours" })).await.ok();
    centre.run_jobs().await;
    let mails = centre.mails_to("admin@adatum.example");
    assert!(mails.iter().any(|mail| mail.contains("That MPN ID is not yours")));
    // The company may try again with its own.
    assert_eq!(centre.enroll("adatum", "6002234").await.status, 201);
}

#[actix_web::test]
async fn claims_that_do_not_fit_together_are_refused() {
    let centre = Centre::open().await;
    let body = |global: &str, locations: &[&str], onboarding: &str| {
        json!({
            "companyName": "X", "country": "SE", "domain": "x.example",
            "mpnIds": { "global": global, "locations": locations, "onboarding": onboarding },
            "admin": { "email": "a@x.example", "displayName": "A" },
        })
    };
    for (body, refusal) in [
        (body("1", &["2"], "1"), "400 onboardingIsGlobal"),
        (body("1", &["2"], "3"), "400 onboardingIsNoLocation"),
        (body("1", &["2", "2"], "2"), "400 mpnIdNamedTwice"),
        (body("x", &["2"], "2"), "400 badRequest"),
    ] {
        assert_eq!(centre.post("/v1/enrollments", body).await.refusal(), refusal);
    }
}

#[actix_web::test]
async fn approving_an_enrolment_takes_a_person() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let script = operator.application(&["global_admin"]).await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    let path = |act: &str| format!("/v1/enrollments/{}/{act}", enrolled["id"].as_str().unwrap());
    // The script may look, and nothing else.
    assert_eq!(script.get("/v1/enrollments").await.ok()["totalCount"], 1);
    assert_eq!(script.post(&path("approve"), nothing()).await.refusal(), "403 appOnlyRefused");
    let rejection = json!({ "reason": "no" });
    assert_eq!(script.post(&path("reject"), rejection.clone()).await.refusal(), "403 appOnlyRefused");
    assert_eq!(operator.get("/v1/enrollments").await.ok()["items"][0]["state"], "submitted");
    for (body, mentions) in [(json!({}), "reason"), (json!({ "reason": " " }), "empty")] {
        let refused = operator.post(&path("reject"), body).await;
        assert_eq!(refused.refusal(), "400 badRequest");
        assert!(refused.sentence().contains(mentions), "{}", refused.sentence());
    }
    let rejected = operator.post(&path("reject"), rejection).await.ok();
    assert_eq!((rejected["state"].clone(), rejected["reason"].clone()), (json!("rejected"), json!("no")));
    assert_eq!(operator.post(&path("approve"), nothing()).await.refusal(), "409 enrollmentDecided");
    let absent = format!("/v1/enrollments/{}/approve", uuid::Uuid::now_v7());
    assert_eq!(operator.post(&absent, nothing()).await.refusal(), "404 enrollmentUnknown");
}

#[actix_web::test]
async fn a_rejected_company_enrols_again_with_the_same_domain_number_and_person() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let first = centre.enroll("norrsken", "6001234").await.ok();
    let before = centre.activate("admin@norrsken.example").await;
    let reject = format!("/v1/enrollments/{}/reject", first["id"].as_str().unwrap());
    operator.post(&reject, json!({ "reason": "Send us your register extract" })).await.ok();
    let told = before.get("/v1/enrollments/current").await.ok();
    assert_eq!(told["reason"], "Send us your register extract");
    let token = centre.invite(&provider, "purchasing@norrsken.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    assert_eq!(before.post(&accept, nothing()).await.refusal(), "403 enrollmentNotApproved");

    let after = centre.reseller(&operator, "norrsken", "6001234").await;
    assert_ne!(after.id, before.id);
    assert_eq!(after.get("/v1/enrollments/current").await.ok()["state"], "approved");
    assert_eq!(after.post(&accept, nothing()).await.status, 201);
    // The mailbox is the new company's now, and the old account is at its end.
    assert_eq!(before.get("/v1/enrollments/current").await.refusal(), "401 tokenInvalid");
    assert!(centre.event_kinds().contains(&"account_superseded".to_owned()));
    // Of a company in good standing nobody takes the person away.
    centre.enroll("adatum", "6002234").await.ok();
    centre.activate("admin@adatum.example").await;
    let mut other = json!({
        "companyName": "Impostor", "country": "SE", "domain": "impostor.example",
        "mpnIds": { "global": "9", "locations": ["8"], "onboarding": "8" },
        "admin": { "email": "admin@adatum.example", "displayName": "A" },
    });
    centre.post("/v1/enrollments", other.take()).await.ok();
    centre.run_jobs().await;
    let code = centre.token_mailed_to("admin@adatum.example", "act_");
    let body = json!({ "code": code, "password": crate::harness::PASSWORD });
    assert_eq!(centre.post("/v1/accounts/activation", body).await.refusal(), "409 addressHasAccount");
}

#[actix_web::test]
async fn any_number_verified_for_another_company_stands_in_the_way() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    // Global 16001234, locations 6001234 and 26001234.
    centre.reseller(&operator, "norrsken", "6001234").await;
    for (name, global, location) in [("adatum", "16001234", "7"), ("proseware", "71", "26001234")] {
        let body = json!({
            "companyName": name, "country": "SE", "domain": format!("{name}.example"),
            "mpnIds": { "global": global, "locations": [location], "onboarding": location },
            "admin": { "email": format!("admin@{name}.example"), "displayName": name },
        });
        // It is a claim: whose the number is, the operator decides.
        let enrolled = centre.post("/v1/enrollments", body).await.ok();
        let approve = format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap());
        assert_eq!(operator.post(&approve, nothing()).await.refusal(), "409 mpnIdClaimConflict", "{name}");
    }
    let northwind = json!({
        "name": "Northwind", "country": "SE", "domain": "northwind.example", "contactEmail": "a@northwind.example",
        "description": "d", "mpnId": "6001234", "admin": { "email": "a@northwind.example", "displayName": "A" },
    });
    assert_eq!(operator.post("/v1/indirectproviders", northwind).await.refusal(), "409 mpnIdOfAnotherCompany");
    // The list shows, page by page, who claims what, and what of it is verified.
    let mut token = String::new();
    for (name, claims, verified) in [("norrsken", 3, true), ("adatum", 2, false), ("proseware", 2, false)] {
        let page = operator.get(&format!("/v1/enrollments?size=1&continuationToken={token}")).await.ok();
        let shown = &page["items"][0];
        let ids = shown["mpnIds"].as_array().unwrap();
        assert_eq!((shown["companyName"].clone(), ids.len()), (json!(name), claims));
        assert!(ids.iter().all(|claim| claim["verified"] == json!(verified)), "{shown}");
        token = page["continuationToken"].as_str().unwrap_or_default().to_owned();
    }
    assert!(token.is_empty());
}
