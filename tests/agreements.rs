//! The Microsoft Partner Agreement: versions, dates, signatures, and who has signed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Actor, Centre, customer_body, nothing};

const VERSIONS: &str = "/v1/agreements/mpa/versions";
const SIGNATURES: &str = "/v1/agreements/mpa/signatures";
const STATUS: &str = "/v1/compliance/csp/agreementstatus";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn version(name: &str, effective_at: Option<&str>) -> Value {
    let mut body = json!({ "version": name, "title": "MPA", "documentUrl": "https://partners.test/mpa" });
    if let Some(effective_at) = effective_at {
        body["effectiveAt"] = json!(effective_at);
    }
    body
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

#[actix_web::test]
async fn a_new_version_asks_for_a_signature_from_its_date_and_ends_no_partnership() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    // Today is 2026-11-21.
    let announced = operator.post(VERSIONS, version("2", Some("2026-12-01T00:00:00+01:00"))).await.ok();
    assert_eq!(announced["effectiveAt"], "2026-11-30T23:00:00.000000Z");
    let before = customer_body("fabrikam", Some(&reseller.id));
    assert_eq!(provider.post("/v1/customers", before).await.status, 201);
    assert_eq!(provider.get(SIGNATURES).await.ok()["inForce"]["version"], "1");
    // Its reader may sign it early, by its name; signing without a name signs what is in force.
    let signed = reseller.post(SIGNATURES, json!({ "version": "2" })).await.ok();
    assert_eq!(signed["version"], "2");
    assert_eq!(provider.post(SIGNATURES, nothing()).await.ok()["version"], "1");

    centre.advance(10 * DAY);
    let (provider, reseller) = (provider.sign_in_again().await, reseller.sign_in_again().await);
    assert_eq!(provider.get(SIGNATURES).await.ok()["inForce"]["version"], "2");
    let after = customer_body("tailspin", Some(&reseller.id));
    let refused = provider.post("/v1/customers", after.clone()).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert_eq!(provider.post(SIGNATURES, json!({ "version": "1" })).await.refusal(), "409 agreementNotCurrent");
    provider.post(SIGNATURES, nothing()).await.ok();
    assert_eq!(provider.post("/v1/customers", after).await.status, 201);
    let partners = provider.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf").await.ok();
    assert_eq!(partners["totalCount"], 1);
    let listed = reseller.get(SIGNATURES).await.ok();
    let versions: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["version"]).collect();
    assert_eq!(versions, ["1", "2"]);
    let first = reseller.get(&format!("{SIGNATURES}?size=1")).await.ok();
    let next = first["continuationToken"].as_str().unwrap();
    let second = reseller.get(&format!("{SIGNATURES}?size=1&continuationToken={next}")).await.ok();
    assert_eq!((&second["items"], &second["inForce"]["version"]), (&json!([listed["items"][1]]), &json!("2")));
    assert!(listed["items"].as_array().unwrap().iter().all(|item| item["signedBy"].is_string()), "{listed}");
}

#[actix_web::test]
async fn a_version_is_announced_for_a_date_within_two_years() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    for (date, refusal) in [
        ("2026-11-21T07:59:59Z", "400 agreementDate"),
        ("2029-01-01T00:00:00Z", "400 agreementDate"),
        ("next year", "400 badRequest"),
        ("2027-01-01", "400 badRequest"),
    ] {
        assert_eq!(operator.post(VERSIONS, version("2", Some(date))).await.refusal(), refusal, "{date}");
    }
    let date = Some("2027-01-01T00:00:00Z");
    assert_eq!(operator.post(VERSIONS, version("2", date)).await.status, 201);
    centre.advance(60 * DAY);
    let operator = operator.sign_in_again().await;
    // The same again, though its date is past by now; another date is another version.
    assert_eq!(operator.post(VERSIONS, version("2", date)).await.status, 201);
    assert_eq!(operator.post(VERSIONS, version("2", None)).await.status, 201);
    let moved = operator.post(VERSIONS, version("2", Some("2028-06-01T00:00:00Z"))).await;
    assert_eq!(moved.refusal(), "409 agreementVersionTaken");
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "agreement_published").count(), 2);
}

#[actix_web::test]
async fn partners_and_the_operator_list_the_versions_by_date_page_by_page() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    for (name, date) in [("b", "2027-03-01T00:00:00Z"), ("a", "2027-03-01T00:00:00Z"), ("c", "2027-01-01T00:00:00Z")] {
        operator.post(VERSIONS, version(name, Some(date))).await.ok();
    }
    for reader in [&operator, &provider] {
        assert_eq!(pages(reader).await, ["1", "c", "a", "b"]);
    }
    let script = provider.application(&["helpdesk_agent"]).await;
    assert_eq!(pages(&script).await.len(), 4);
    for token in ["AAAA", "f_________9h", "AAAAAAAAAAAA"] {
        let path = format!("{VERSIONS}?continuationToken={token}");
        assert!([200, 400].contains(&provider.get(&path).await.status), "{token}");
    }
}

/// The names of all versions, one on each page.
async fn pages(reader: &Actor) -> Vec<String> {
    let mut names = Vec::new();
    let mut path = format!("{VERSIONS}?size=1");
    loop {
        let page = reader.get(&path).await.ok();
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["version"].as_str().unwrap().to_owned()));
        let Some(token) = page["continuationToken"].as_str() else { return names };
        path = format!("{VERSIONS}?size=1&seekOperation=Next&continuationToken={token}");
    }
}

#[actix_web::test]
async fn whether_a_reseller_has_signed_is_told_with_the_numbers_of_the_contract() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.reseller_in("US", &operator, "overseas", "6009999").await;
    let unsigned = centre.enroll("adatum", "6002234").await.ok();
    let approve = format!("/v1/enrollments/{}/approve", unsigned["id"].as_str().unwrap());
    operator.post(&approve, nothing()).await.ok();
    let pending = centre.enroll("proseware", "6003234").await.ok();
    let own = provider.get("/v1/profiles/mpn").await.ok()["mpnId"].as_str().unwrap().to_owned();
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let tenant = |enrolled: &Value| enrolled["tenantId"].as_str().unwrap().to_owned();
    for (query, status, code) in [
        (String::new(), 400, 2001),
        ("?mpnId=&tenantId=".to_owned(), 400, 2001),
        ("?mpnId=60o1".to_owned(), 400, 2000),
        ("?mpnId=%00".to_owned(), 400, 2000),
        ("?tenantId=norrsken.example".to_owned(), 400, 2000),
        (format!("?mpnId=6001234&tenantId={}", reseller.id), 400, 2000),
        ("?mpnId=1".to_owned(), 400, 2200),
        ("?mpnId=12345678901234567890".to_owned(), 400, 2200),
        // A claim that is not approved exists for nobody else.
        ("?mpnId=6003234".to_owned(), 400, 2200),
        ("?mpnId=6009999".to_owned(), 400, 2201),
        ("?mpnId=6002234".to_owned(), 400, 2203),
        (format!("?mpnId={own}"), 400, 2204),
        (format!("?tenantId={}", uuid::Uuid::now_v7()), 400, 2205),
        (format!("?tenantId={}", customer.id), 400, 2205),
        (format!("?tenantId={}", tenant(&unsigned)), 400, 2206),
        (format!("?tenantId={}", tenant(&pending)), 400, 2206),
        // A location, the global account, the tenant.
        ("?mpnId=6001234".to_owned(), 200, 0),
        ("?tenantId=&mpnId=16001234".to_owned(), 200, 0),
        (format!("?tenantId={}&mpnId=", reseller.id.to_uppercase()), 200, 0),
    ] {
        let answer = provider.get(&format!("{STATUS}{query}")).await;
        let told = (answer.status, answer.body["code"].as_i64().unwrap_or_default());
        assert_eq!(told, (status, code), "{query}: {}", answer.text);
        assert_eq!(answer.body["isAgreementSigned"].as_bool(), (status == 200).then_some(true), "{query}");
    }
    let script = provider.application(&["global_admin"]).await;
    let refused = script.get(&format!("{STATUS}?mpnId=6001234")).await;
    assert_eq!((refused.refusal(), refused.body["code"].clone()), ("403 appOnlyRefused".to_owned(), json!(900_329)));
    // A lapsed signature counts no more.
    operator.post(VERSIONS, version("2", None)).await.ok();
    assert_eq!(provider.get(&format!("{STATUS}?mpnId=6001234")).await.body["code"], 2203);
}
