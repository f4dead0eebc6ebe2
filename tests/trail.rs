//! Audit records: who sees what, found by time, filter and id, page by page and as a file.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::Service;
use actix_web::test::{TestRequest, init_service};
use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Browser, Centre, Customer, PASSWORD, nothing};

const RECORDS: &str = "/v1/auditrecords";

struct Channel {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

/// A provider, its reseller and their customer; the partnership is removed at the end.
async fn channel() -> Channel {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    centre.advance(Duration::from_secs(60));
    reseller.register(&customer.id, b"Manufacturer,Model,Serial Number\nA,B,S1\n").await;
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    Channel { centre, operator, provider, reseller, customer }
}

fn custom(record: &Value, key: &str) -> Option<String> {
    let pairs = record["customizedData"].as_array().unwrap();
    pairs.iter().find(|pair| pair["key"] == key).map(|pair| pair["value"].as_str().unwrap().to_owned())
}

fn events(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|record| custom(record, "event").unwrap()).collect()
}

async fn trail(actor: &Actor) -> Vec<String> {
    events(&actor.get(RECORDS).await.ok())
}

fn holds(trail: &[String], kind: &str) -> bool {
    trail.iter().any(|event| event == kind)
}

#[actix_web::test]
async fn ten_01_everybody_sees_what_they_caused_and_what_concerns_them_and_nothing_else() {
    let Channel { operator, provider, reseller, customer, .. } = channel().await;
    let seen = trail(&provider).await;
    for kind in ["partnership_removed", "customer_created", "partnership_accepted", "invitation_created"] {
        assert!(holds(&seen, kind), "{kind}: {seen:?}");
    }
    assert!(!holds(&seen, "devices_submitted") && !holds(&seen, "enrollment_submitted"), "{seen:?}");
    let seen = trail(&reseller).await;
    for kind in ["devices_submitted", "customer_created", "partnership_accepted", "enrollment_approved"] {
        assert!(holds(&seen, kind), "{kind}: {seen:?}");
    }
    // Nobody is told of a removal.
    assert!(!holds(&seen, "partnership_removed") && !holds(&seen, "invitation_created"), "{seen:?}");
    let seen = trail(&customer.admin).await;
    assert_eq!(
        seen,
        ["devices_settled", "devices_submitted", "temporary_password_changed", "customer_created"],
        "newest first"
    );
    let seen = trail(&operator).await;
    for kind in ["enrollment_approved", "provider_listed", "agreement_published", "enrollment_submitted"] {
        assert!(holds(&seen, kind), "{kind}: {seen:?}");
    }
    assert!(!holds(&seen, "partnership_removed") && !holds(&seen, "customer_created"), "{seen:?}");
}

#[actix_web::test]
async fn what_people_do_with_their_own_account_is_in_their_companys_trail_with_their_name() {
    let Channel { centre, operator, provider, customer, .. } = channel().await;
    let name = "carla@northwind.example";
    provider.colleague(name, &["sales_agent"]).await;
    let browser = Browser::new(&centre);
    browser.submit("/sign-in", &[("user_name", name), ("password", PASSWORD)]).await;
    let passwords = [("present", PASSWORD), ("password", "another long password")];
    assert_eq!(browser.submit("/account/password", &passwords).await.status, 200);
    let list = provider.get(RECORDS).await.ok();
    let own = |event: &str| {
        let records = list["items"].as_array().unwrap().iter();
        let names: Vec<&Value> = records
            .filter(|record| custom(record, "event").unwrap() == event)
            .map(|record| &record["userPrincipalName"])
            .collect();
        names.contains(&&json!(name))
    };
    assert!(own("account_activated") && own("signed_in") && own("password_changed"), "{list}");
    let seen = trail(&operator).await;
    assert!(!holds(&seen, "signed_in") && !holds(&seen, "password_changed"), "{seen:?}");
    assert!(!holds(&seen, "temporary_password_changed"), "{seen:?}");
    let first = customer.admin.get(RECORDS).await.ok();
    let changed = first["items"].as_array().unwrap().iter();
    let mut changed = changed.filter(|record| custom(record, "event").unwrap() == "temporary_password_changed");
    assert_eq!(changed.next().unwrap()["userPrincipalName"], "admin@fabrikam.onmicrosoft.com");
}

#[actix_web::test]
async fn a_record_has_the_words_of_the_contract_and_hides_the_people_of_others() {
    let Channel { provider, reseller, customer, .. } = channel().await;
    let find = async |actor: &Actor, event: &str| {
        let list = actor.get(RECORDS).await.ok();
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|record| custom(record, "event").unwrap() == event).unwrap()
    };
    let created = find(&provider, "customer_created").await;
    let id = created["id"].as_str().unwrap();
    assert!(id.starts_with(&format!("{}_{}_addcustomer_6393", provider.id, customer.id)), "{id}");
    assert_eq!(created["partnerId"], provider.id);
    assert_eq!(created["customerId"], customer.id);
    assert_eq!(created["customerName"], "fabrikam");
    assert_eq!(created["userPrincipalName"], "admin@northwind.example");
    assert_eq!(created["operationType"], "add_customer");
    assert_eq!(created["resourceType"], "customer");
    assert_eq!(created["operationStatus"], "succeeded");
    assert_eq!(created["operationDate"], "2026-11-21T08:00:00.000000Z");
    assert_eq!(created["sessionId"], created["originalCorrelationId"]);
    assert_eq!(created["attributes"]["objectType"], "AuditRecord");
    let value: Value = serde_json::from_str(created["resourceNewValue"].as_str().unwrap()).unwrap();
    assert_eq!(value, json!({ "Id": customer.id, "Customer": customer.id, "Reseller": reseller.id }));
    let same = find(&customer.admin, "customer_created").await;
    assert_eq!(same["id"], created["id"]);
    assert!(same.get("userPrincipalName").is_none() && same.get("applicationId").is_none(), "{same}");
    assert_eq!(custom(&same, "companyName").unwrap(), "northwind");
    let invited = find(&provider, "invitation_created").await;
    assert_eq!((&invited["operationType"], &invited["resourceType"]), (&json!("undefined"), &json!("undefined")));
    assert!(invited.get("customerId").is_none() && !invited.to_string().contains("null"), "{invited}");
    for _ in 0..3 {
        assert_eq!(reseller.post("/v1/customers", nothing()).await.status, 403);
    }
    let refused = find(&reseller, "access_refused").await;
    assert_eq!(refused["operationStatus"], "failed");
    assert_eq!(custom(&refused, "repeats").unwrap(), "3");
    let value: Value = serde_json::from_str(refused["resourceNewValue"].as_str().unwrap()).unwrap();
    assert_eq!((&value["Operation"], &value["Repeats"]), (&json!("POST /v1/customers"), &json!(3)));
}

#[actix_web::test]
async fn pages_follow_one_another_and_every_record_is_found_by_its_id() {
    let Channel { centre, provider, reseller, .. } = channel().await;
    let whole = provider.get(RECORDS).await.ok()["items"].as_array().unwrap().clone();
    assert!(whole.len() > 5);
    let mut paged = Vec::new();
    for root in ["/v1", "/auditactivity/v1"] {
        paged.clear();
        let mut path = format!("{root}/auditrecords?size=2");
        let mut token = String::new();
        loop {
            let bearer = format!("Bearer {}", provider.token);
            let request = TestRequest::get().uri(&path).insert_header(("authorization", bearer));
            let page = centre.call(request.insert_header(("ms-continuationtoken", token.as_str()))).await.ok();
            paged.extend(page["items"].as_array().unwrap().clone());
            assert!(paged.len() <= whole.len());
            let next = &page["links"]["next"];
            let Some(uri) = next["uri"].as_str() else { break };
            assert!(uri.starts_with("/auditrecords?"), "{uri}");
            path = format!("/v1{uri}");
            token = next["headers"][0]["value"].as_str().unwrap().to_owned();
        }
        assert_eq!(paged, whole);
    }
    let foreign = |id: &str| format!("404 auditRecordUnknown There is no audit record {id} in your trail.");
    for record in &whole {
        let id = record["id"].as_str().unwrap();
        assert_eq!(provider.get(&format!("{RECORDS}/{id}")).await.ok(), *record);
        assert_eq!(provider.get(&format!("/auditactivity/v1/auditrecords/{id}")).await.ok(), *record);
        if custom(record, "event").unwrap() == "partnership_removed" {
            let refused = reseller.get(&format!("{RECORDS}/{id}")).await;
            assert_eq!(format!("{} {}", refused.refusal(), refused.sentence()), foreign(id));
        }
    }
    let altered = whole[0]["id"].as_str().unwrap().replacen(&provider.id, &reseller.id, 1);
    for absent in [uuid::Uuid::now_v7().to_string(), "x".to_owned(), altered] {
        let refused = provider.get(&format!("{RECORDS}/{absent}")).await;
        assert_eq!(format!("{} {}", refused.refusal(), refused.sentence()), foreign(&absent));
    }
    let bad = provider.get(&format!("{RECORDS}?continuationToken=AAAA")).await;
    assert_eq!(bad.refusal(), "400 badRequest");
}

#[actix_web::test]
async fn records_are_found_by_time_however_long_ago_and_by_filter() {
    let Channel { centre, provider, reseller, customer, .. } = channel().await;
    let get = async |query: &str| events(&provider.get(&format!("{RECORDS}?{query}")).await.ok());
    let all = get("").await;
    assert_eq!(get("startDate=2026-11-21&endDate=2026-11-21").await, all);
    assert_eq!(get("STARTDATE=11%2F21%2F2026%208%3A00%3A00%20AM").await, all);
    assert_eq!(get("startDate=11/21/2026+8:01:00+AM").await, ["partnership_removed"]);
    assert_eq!(get("endDate=2026-11-20").await, Vec::<String>::new());
    assert_eq!(get("startDate=2026-11-21T08:01:00Z").await, ["partnership_removed"]);
    let filter = |field: &str, value: &str, operator: &str| {
        let text = json!({ "Field": field, "Value": value, "Operator": operator }).to_string();
        format!("filter={}", text.replace('"', "%22").replace(' ', "%20").replace('{', "%7B").replace('}', "%7D"))
    };
    assert_eq!(get(&filter("CustomerId", &customer.id, "equals")).await, ["customer_created"]);
    assert_eq!(get(&filter("customer_id", &customer.id.to_uppercase(), "Equals")).await, ["customer_created"]);
    assert_eq!(get(&filter("CompanyName", "BRIK", "substring")).await, ["customer_created"]);
    assert_eq!(get(&filter("CompanyName", "%", "substring")).await, Vec::<String>::new());
    let relationships = ["partnership_removed", "partnership_accepted"];
    assert_eq!(get(&filter("ResourceType", "partner_relationship", "equals")).await, relationships);
    assert_eq!(get(&filter("resourcetype", "PartnerRelationship", "Equals")).await, relationships);
    assert_eq!(get(&filter("ResourceType", "order", "equals")).await, Vec::<String>::new());
    assert!(!holds(&get(&filter("ResourceType", "undefined", "equals")).await, "customer_created"));
    // A customer is found by its name by whoever has to do with it, and by nobody else.
    let named = format!("{RECORDS}?{}", filter("CompanyName", "fabrikam", "substring"));
    assert!(holds(&events(&reseller.get(&named).await.ok()), "devices_submitted"));
    assert_eq!(events(&customer.admin.get(&named).await.ok()).len(), 3);
    for (query, refusal) in [
        ("startDate=yesterday", "400 trailDateMalformed"),
        ("startDate=2026-11-22&endDate=2026-11-21", "400 trailDatesReversed"),
        ("filter=x", "400 trailFilterNotOffered"),
        (&filter("Domain", "x", "equals"), "400 trailFilterNotOffered"),
        (&filter("CompanyName", "x", "starts_with"), "400 trailFilterNotOffered"),
        ("size=x", "400 badRequest"),
    ] {
        assert_eq!(provider.get(&format!("{RECORDS}?{query}")).await.refusal(), refusal, "{query}");
    }
    // Each use of the refresh token prolongs it.
    let mut later = provider.clone();
    for _ in 0..3 {
        centre.advance(days(70));
        later = later.sign_in_again().await;
    }
    let seen = trail(&later).await;
    assert!(seen.is_empty(), "{seen:?}");
    assert_eq!(events(&later.get(&format!("{RECORDS}?startDate=2020-01-01")).await.ok()), all);
}

/// Adds 2,500 events of the provider: more than an export reads at once.
fn more_than_one_page(centre: &Centre) {
    let fresh = if centre.database().url().starts_with("sqlite") { "randomblob(16)" } else { "gen_random_uuid()" };
    centre.database().break_with(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
         INSERT INTO events (id, at, kind, actor_organisation_id, subject_id, data, request_id, correlation_id) \
         SELECT {fresh}, e.at, e.kind, e.actor_organisation_id, e.subject_id, '{{}}', e.request_id, e.correlation_id \
         FROM n, (SELECT * FROM events WHERE kind = 'partnership_removed') AS e"
    ));
}

#[actix_web::test]
async fn the_whole_trail_comes_as_one_file_that_no_spreadsheet_computes() {
    let Channel { centre, provider, reseller, .. } = channel().await;
    centre.customer(&provider, "cells", None).await;
    let rename = "UPDATE customers SET company_name = '=1+1' WHERE company_name = 'cells'";
    centre.database().break_with(rename);
    more_than_one_page(&centre);
    let listed = provider.get(&format!("{RECORDS}?size=10000")).await.ok()["items"].as_array().unwrap().clone();
    assert!(listed.len() > 2_500);
    let file = provider.get(&format!("{RECORDS}/export")).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit-trail-2026-11-21.jsonl\"");
    assert_eq!(file.header("content-type"), "application/jsonl");
    let mut lines: Vec<Value> = file.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.reverse();
    assert_eq!(lines, listed);
    let file = provider.get(&format!("{RECORDS}/export?format=CSV&startDate=2026-11-21&endDate=2026-11-21")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"audit-trail-2026-11-21.csv\"");
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(file.text.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), listed.len());
    assert!(file.text.starts_with("Id,OperationDate,Event,"), "{}", &file.text[..100]);
    assert!(file.text.contains("'=1+1"));
    assert!(!file.text.contains(",=1+1"));
    for (row, record) in rows.iter().rev().zip(&listed) {
        assert_eq!(row[0], *record["id"].as_str().unwrap());
    }
    assert_eq!(provider.get(&format!("{RECORDS}/export?format=xml")).await.refusal(), "400 exportFormatUnknown");
    let empty = reseller.get(&format!("{RECORDS}/export?endDate=2020-01-01&startDate=2019-01-01")).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
}

#[actix_web::test]
async fn every_role_of_a_partner_reads_the_trail_and_so_does_its_application() {
    let Channel { provider, reseller, .. } = channel().await;
    for partner in [&provider, &reseller] {
        for role in ["sales_agent", "admin_agent", "helpdesk_agent", "user_management_admin"] {
            let application = partner.application(&[role]).await;
            assert!(!trail(&application).await.is_empty(), "{role}");
        }
    }
}

#[actix_web::test]
async fn an_export_breaks_off_when_the_right_to_it_ends() {
    let Channel { centre, provider, .. } = channel().await;
    more_than_one_page(&centre);
    let service = init_service(centre.app.service()).await;
    let bearer = ("authorization", format!("Bearer {}", provider.token));
    let request = TestRequest::get().uri("/v1/auditrecords/export").insert_header(bearer).to_request();
    let response = service.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut next = async || poll_fn(|context| Pin::new(&mut body).poll_next(context)).await;
    assert!(next().await.unwrap().is_ok());
    assert!(next().await.unwrap().is_ok());
    // The account changes: its tokens end with it.
    centre.database().break_with("UPDATE users SET epoch = epoch + 1");
    assert!(next().await.unwrap().is_err());
}
