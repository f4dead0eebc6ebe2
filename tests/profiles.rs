//! Partners' profiles, and what they find out of each other by MPN ID.

use serde_json::{Value, json};

use crate::harness::{Centre, nothing};

const KINDS: [&str; 4] = ["legalbusiness", "organization", "billing", "support"];

#[actix_web::test]
async fn an_mpn_id_is_verified_by_asking_for_it_and_no_other_is_told() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.enroll("adatum", "6002234").await.ok();
    let pending = centre.activate("admin@adatum.example").await;
    let mpn = |id: &str| format!("/v1/profiles/mpn?mpnId={id}");
    for (actor, asked, name, number) in [
        (&provider, "6001234", "norrsken", "6001234"),
        (&provider, "16001234", "norrsken", "16001234"),
        (&reseller, "26001234", "norrsken", "26001234"),
        (&reseller, "", "norrsken", "6001234"),
        (&pending, "", "adatum", "6002234"),
        // What it claims itself it may see.
        (&pending, "16002234", "adatum", "16002234"),
        (&pending, "6001234", "norrsken", "6001234"),
    ] {
        let found = actor.get(&mpn(asked)).await.ok();
        assert_eq!((found["partnerName"].clone(), found["mpnId"].clone()), (json!(name), json!(number)), "{asked}");
        assert_eq!(found["profileType"], "MpnProfile");
        assert_eq!(found["links"]["self"]["uri"], "/profiles/mpn");
        assert_eq!(found["attributes"], json!({ "objectType": "MpnProfile" }));
    }
    assert_eq!(provider.get("/v1/Profiles/MPN").await.ok()["partnerName"], "northwind");
    for asked in ["6002234", "1", "x", "%00", "6001234%27--", "12345678901234567890"] {
        let refused = provider.get(&mpn(asked)).await;
        let told = (refused.refusal(), refused.body["code"].clone());
        assert_eq!(told, ("404 mpnProfileUnknown".to_owned(), json!(3000)), "{asked}");
        assert!(!refused.text.contains("adatum") && !refused.text.contains("norrsken"), "{}", refused.text);
    }
    let script = provider.application(&["global_admin"]).await;
    let refused = script.get(&mpn("6001234")).await;
    assert_eq!((refused.refusal(), refused.body["code"].clone()), ("403 appOnlyRefused".to_owned(), json!(900_329)));
}

#[actix_web::test]
async fn tenants_have_their_mpn_id_as_external_key_and_the_unknown_have_none() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let pending = centre.enroll("adatum", "6002234").await.ok()["tenantId"].as_str().unwrap().to_owned();
    let root = "/accountenrollments/v1/accountexternalresourcekeys";
    let keys = |ids: &str, kind: &str| format!("{root}?accountIds={ids}&keyType={kind}");
    let own = provider.get(&keys(&provider.id, "mpnId")).await.ok();
    assert_eq!(own["items"][0]["keyValue"], provider.get("/v1/profiles/mpn").await.ok()["mpnId"]);
    let both = format!("{},{},{pending},nobody", reseller.id.to_uppercase(), uuid::Uuid::now_v7());
    let found = provider.get(&keys(&both, "MpnId")).await.ok();
    let expected = json!([{ "accountId": reseller.id, "keyType": "mpnId", "keyValue": "6001234" }]);
    assert_eq!((found["items"].clone(), found["totalCount"].clone()), (expected, json!(1)));
    for path in [keys(&pending, "mpnId"), keys("", "mpnId"), keys(&reseller.id, "vatId"), root.to_owned()] {
        let none = provider.get(&path).await.ok();
        assert_eq!((none["totalCount"].clone(), none["items"].clone()), (json!(0), json!([])), "{path}");
    }
}

#[actix_web::test]
async fn profiles_begin_with_what_the_company_enrolled_with() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let get = |kind: &'static str| {
        let (reseller, path) = (reseller.clone(), format!("/v1/profiles/{kind}"));
        async move { reseller.get(&path).await.ok() }
    };
    let legal = get("legalbusiness?vettingVersion=last_finalized").await;
    assert_eq!((legal["companyName"].clone(), legal["address"]["country"].clone()), (json!("norrsken"), json!("SE")));
    assert_eq!(legal["primaryContact"]["email"], "admin@norrsken.example");
    assert_eq!(
        (legal["profileType"].clone(), legal["vettingSubStatus"].clone()),
        (json!("LegalBusinessProfile"), json!("none"))
    );
    let organization = get("organization").await;
    assert_eq!((&organization["id"], &organization["tenantId"]), (&json!(reseller.id), &json!(reseller.id)));
    assert_eq!(
        (organization["domain"].clone(), organization["profileType"].clone()),
        (json!("norrsken.example"), json!("OrganizationProfile"))
    );
    assert_eq!(organization["defaultAddress"], json!({ "country": "SE" }));
    assert_eq!(get("billing").await["profileType"], "BillingProfile");
    let support = get("support").await;
    assert_eq!(
        (support["email"].clone(), support["profileType"].clone()),
        (json!("admin@norrsken.example"), json!("support_profile"))
    );
    assert_eq!(support["attributes"], json!({ "objectType": "PartnerSupportProfile", "etag": "0" }));
    assert_eq!(get("supportprofile").await, support);
    for kind in KINDS {
        assert!(!get(kind).await.to_string().contains("null"), "{kind}");
    }
}

#[actix_web::test]
async fn the_vetting_status_is_what_the_operator_decided() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    let reseller = centre.activate("admin@norrsken.example").await;
    let path = "/v1/profiles/legalbusiness";
    assert_eq!(provider.get(path).await.ok()["vettingStatus"], "authorized");
    assert_eq!(reseller.get(path).await.ok()["vettingStatus"], "pending");
    // Nobody vets itself.
    let changed = reseller.put(path, json!({ "VettingStatus": "authorized", "CompanyName": "N" }), None).await.ok();
    assert_eq!((changed["vettingStatus"].clone(), changed["companyName"].clone()), (json!("pending"), json!("N")));
    let decide = |act: &str| format!("/v1/enrollments/{}/{act}", enrolled["id"].as_str().unwrap());
    operator.post(&decide("reject"), json!({ "reason": "no" })).await.ok();
    assert_eq!(reseller.get(path).await.ok()["vettingStatus"], "rejected");
    let other = centre.reseller(&operator, "adatum", "6002234").await;
    assert_eq!(other.get(path).await.ok()["vettingStatus"], "authorized");
}

#[actix_web::test]
async fn api_2_a_profile_is_replaced_as_clients_send_it_back() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let other = centre.reseller(&operator, "adatum", "6002234").await;
    let path = "/v1/profiles/billing";
    // As .NET does it: every property, nulls, links, the etag in the body.
    let sent = json!({
        "CompanyName": "Norrsken Faktura", "TaxId": "SE556677", "BillingDay": 15, "BillingCurrency": "SEK",
        "PurchaseOrderNumber": null, "PrimaryContact": null,
        "Address": { "Country": "SE", "City": "Umeå", "AddressLine1": "Storgatan 1", "State": "", "Region": null },
        "ProfileType": "x", "Links": { "Self": null }, "Attributes": { "Etag": "0", "ObjectType": "x" },
    });
    let changed = reseller.put(path, sent.clone(), None).await.ok();
    assert_eq!(changed["address"], json!({ "country": "SE", "city": "Umeå", "addressLine1": "Storgatan 1" }));
    assert_eq!((changed["billingDay"].clone(), changed["attributes"]["etag"].clone()), (json!(15), json!("1")));
    assert_eq!(changed["profileType"], "BillingProfile");
    assert_eq!(reseller.get(path).await.ok(), changed);
    assert_eq!(reseller.put(path, sent, None).await.refusal(), "412 etagStale");
    // Echoed, it is no change.
    assert_eq!(reseller.put(path, changed.clone(), None).await.ok(), changed);
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "partner_profile_changed").count(), 1);
    assert_ne!(other.get(path).await.ok()["companyName"], "Norrsken Faktura");
    // The header counts more than the body; without either, whoever writes last is right.
    let newer = json!({ "companyName": "N", "attributes": { "etag": "1" } });
    for stale in ["\"0\"", "0", "W/\"0\""] {
        assert_eq!(reseller.put(path, newer.clone(), Some(stale)).await.refusal(), "412 etagStale", "{stale}");
    }
    let replaced = reseller.put(path, newer, Some("W/\"1\"")).await.ok();
    assert_eq!((replaced["attributes"]["etag"].clone(), replaced["taxId"].clone()), (json!("2"), Value::Null));
    assert_eq!(reseller.put(path, json!({ "companyName": "O" }), None).await.ok()["attributes"]["etag"], "3");
    let support = json!({ "website": "https://norrsken.example", "telephone": "+46 90 1" });
    let by_document = reseller.put("/v1/profiles/supportprofile", support, None).await.ok();
    assert_eq!(reseller.get("/v1/profiles/support").await.ok(), by_document);
}

#[actix_web::test]
async fn what_does_not_fit_into_a_profile_is_named() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    for (kind, body, mentions) in [
        ("billing", json!({ "billingDay": 32 }), "billingDay"),
        ("billing", json!({ "taxId": "x".repeat(51) }), "at most 50"),
        ("billing", json!({ "address": { "city": "a\u{0}b" } }), "address.city"),
        ("legalbusiness", json!({ "companyApproverEmail": "nobody" }), "companyApproverEmail"),
        ("organization", json!({ "defaultAddress": { "country": "Sverige" } }), "defaultAddress.country"),
        ("support", json!([]), "invalid type"),
    ] {
        let refused = provider.put(&format!("/v1/profiles/{kind}"), body, None).await;
        assert_eq!(refused.refusal(), "400 badRequest", "{mentions}");
        assert!(refused.sentence().contains(mentions), "{}", refused.sentence());
    }
}

#[actix_web::test]
async fn scripts_see_the_legal_profile_and_only_admins_change_any() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let script = provider.application(&["helpdesk_agent"]).await;
    for kind in KINDS {
        let path = format!("/v1/profiles/{kind}");
        let read = script.get(&path).await;
        if kind == "legalbusiness" {
            assert_eq!(read.status, 200, "{}", read.text);
        } else {
            assert_eq!((read.refusal(), read.body["code"].clone()), ("403 appOnlyRefused".to_owned(), json!(900_329)));
        }
        assert_eq!(script.put(&path, nothing(), None).await.refusal(), "403 appOnlyRefused", "{kind}");
        assert_eq!(operator.get(&path).await.refusal(), "403 wrongOrganisation", "{kind}");
    }
}

#[actix_web::test]
async fn every_role_reads_and_global_admins_and_admin_agents_change() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    for (role, changes) in [
        ("user_management_admin", false),
        ("sales_agent", false),
        ("helpdesk_agent", false),
        ("admin_agent", true),
        ("global_admin", true),
    ] {
        centre.database().break_with(&format!("UPDATE user_roles SET role = '{role}'"));
        for partner in [&provider, &reseller] {
            let mut reads = vec!["/v1/compliance/csp/agreementstatus?mpnId=6001234".to_owned()];
            reads.extend(KINDS.iter().chain(&["mpn"]).map(|kind| format!("/v1/profiles/{kind}")));
            for path in reads {
                assert_eq!(partner.get(&path).await.status, 200, "{role} {path}");
            }
            for kind in KINDS {
                let answer = partner.put(&format!("/v1/profiles/{kind}"), nothing(), None).await;
                let expected = if changes { "200 (no error)" } else { "403 roleMissing" };
                assert_eq!(answer.refusal(), expected, "{role} {kind}");
            }
        }
    }
}

#[actix_web::test]
async fn sub_03_of_eight_changes_of_one_version_one_is_made() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let path = "/v1/profiles/support";
    let put = |number: u32| {
        let body = json!({ "telephone": number.to_string(), "attributes": { "etag": "0" } });
        let provider = provider.clone();
        async move { provider.put(path, body, None).await.refusal() }
    };
    let all = futures_util::future::join_all((0..8).map(put)).await;
    assert_eq!(all.iter().filter(|told| told.starts_with("200")).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|told| *told == "412 etagStale").count(), 7, "{all:?}");
    assert_eq!(provider.get(path).await.ok()["attributes"]["etag"], "1");
}
