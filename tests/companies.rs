//! The providers list, enrolments, the agreement.

use serde_json::json;

use crate::harness::{Centre, nothing};

#[actix_web::test]
async fn anyone_reads_the_providers_list_and_only_the_operator_writes_it() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let listed = centre.get("/v1/indirectproviders").await.ok();
    assert_eq!(listed["items"][0]["name"], "northwind");
    assert_eq!(listed["items"][0]["id"], provider.id);
    let body = json!({
        "name": "X", "country": "SE", "domain": "x.example", "contactEmail": "a@x.example", "description": "d",
        "mpnId": "1", "admin": { "email": "a@x.example", "displayName": "A" },
    });
    assert_eq!(provider.post("/v1/indirectproviders", body.clone()).await.refusal(), "403 wrongOrganisation");
    assert_eq!(centre.post("/v1/indirectproviders", body.clone()).await.refusal(), "401 tokenMissing");
    assert_eq!(operator.post("/v1/indirectproviders", body.clone()).await.status, 201);
    assert_eq!(operator.post("/v1/indirectproviders", body).await.refusal(), "409 mpnIdOfAnotherCompany");
}

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
async fn an_agreement_is_signed_once_and_only_in_the_version_in_force() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let signatures = "/v1/agreements/mpa/signatures";
    let listed = provider.get(signatures).await.ok();
    assert_eq!((listed["totalCount"].clone(), listed["inForce"]["version"].clone()), (json!(1), json!("1")));
    let again = provider.post(signatures, nothing()).await.ok();
    assert_eq!(again["id"], listed["items"][0]["id"]);
    let other = provider.post(signatures, json!({ "version": "0" })).await;
    assert_eq!(other.refusal(), "409 agreementNotCurrent");
    let version = json!({ "version": "1", "title": "Another text", "documentUrl": "https://partners.test/other" });
    let refused = operator.post("/v1/agreements/mpa/versions", version).await;
    assert_eq!(refused.refusal(), "409 agreementVersionTaken");
}
