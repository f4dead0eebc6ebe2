//! The public list of providers.

use serde_json::{Value, json};

use crate::harness::{Centre, nothing};

const LIST: &str = "/v1/indirectproviders";
const REQUESTS: &str = "/v1/indirectproviders/current/changerequests";

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

fn entry(name: &str) -> Value {
    json!({ "name": name, "country": "NO", "contactEmail": "Sales@Northwind.example", "description": "Cloud" })
}

#[actix_web::test]
async fn sub_03_the_operator_changes_an_entry_that_nobody_has_changed_since() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let path = format!("{LIST}/{}", provider.id);
    let seen = centre.get(&path).await.ok();
    assert_eq!(
        (seen["name"].clone(), seen["attributes"]["objectType"].clone()),
        (json!("northwind"), json!("IndirectProvider"))
    );
    let etag = seen["attributes"]["etag"].as_str().unwrap();
    assert_eq!(centre.get(LIST).await.ok()["items"][0]["attributes"]["etag"], etag);
    assert_eq!(operator.put(&path, entry("Northwind"), None).await.refusal(), "428 etagMissing");
    let changed = operator.put(&path, entry("Northwind"), Some(&format!("\"{etag}\""))).await.ok();
    assert_eq!((changed["name"].clone(), changed["country"].clone()), (json!("Northwind"), json!("NO")));
    assert_ne!(changed["attributes"]["etag"], etag);
    assert_eq!(operator.put(&path, entry("Northwind AB"), Some(etag)).await.refusal(), "412 etagStale");
    let shown = centre.get(LIST).await.ok();
    assert_eq!(shown["items"][0], changed);
    assert_eq!(shown["items"][0]["mpnId"], seen["mpnId"]);
    // The same again is no change.
    let again = operator.put(&path, entry("Northwind"), changed["attributes"]["etag"].as_str()).await.ok();
    assert_eq!(again, changed);
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "provider_changed").count(), 1);
    let mut surplus = entry("Northwind");
    surplus["mpnId"] = json!("1");
    assert_eq!(operator.put(&path, surplus, Some("*")).await.refusal(), "400 badRequest");
    assert_eq!(provider.put(&path, entry("Mine"), Some("*")).await.refusal(), "403 wrongOrganisation");
}

#[actix_web::test]
async fn only_listed_providers_have_an_entry() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    for id in [reseller.id, uuid::Uuid::now_v7().to_string()] {
        let path = format!("{LIST}/{id}");
        assert_eq!(centre.get(&path).await.refusal(), "404 providerUnknown");
        assert_eq!(operator.put(&path, entry("X"), Some("*")).await.refusal(), "404 providerUnknown");
    }
    assert_eq!(centre.get("/V1/IndirectProviders/Current").await.refusal(), "401 tokenMissing");
    assert_eq!(centre.get("/v1/indirectproviders/ChangeRequests/").await.refusal(), "401 tokenMissing");
    assert_eq!(centre.get("/v1/indirectproviders/nobody").await.refusal(), "404 providerUnknown");
}

#[actix_web::test]
async fn a_provider_sees_its_entry_as_the_public_does_and_asks_for_a_change() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    centre.provider(&operator, "contoso").await;
    let mut own = provider.get(&format!("{LIST}/current")).await.ok();
    let request = own.as_object_mut().unwrap().remove("changeRequest").unwrap();
    assert_eq!(own, centre.get(&format!("{LIST}/{}", provider.id)).await.ok());
    assert!(request["subject"].as_str().unwrap().contains("northwind"), "{request}");
    let text = request["text"].as_str().unwrap().replace("Name: northwind", "Name: Northwind <b>Traders</b>");

    let asked = provider.post(REQUESTS, json!({ "text": text.replace('\n', "\r\n") })).await.ok();
    assert_eq!((asked["state"].clone(), asked["providerName"].clone()), (json!("open"), json!("northwind")));
    assert_eq!(provider.post(REQUESTS, json!({ "text": text })).await.ok()["id"], asked["id"], "asked once");
    centre.run_jobs().await;
    let mails = centre.mails_to("olga@operator.example");
    let mail = mails.iter().find(|mail| mail.contains("asks for a change")).expect("a mail to the operator");
    assert!(mail.contains("Name: Northwind <b>Traders</b>") && mail.contains("admin@northwind.example"), "{mail}");
    assert!(!mail.split("text/html").nth(1).unwrap().contains("<b>Traders"), "{mail}");

    let listed = operator.get(&format!("{LIST}/changerequests")).await.ok();
    assert_eq!(listed["items"], json!([asked]));
    let close = format!("{LIST}/changerequests/{}/close", asked["id"].as_str().unwrap());
    assert_eq!(provider.post(&close, nothing()).await.refusal(), "403 wrongOrganisation");
    for _ in 0..2 {
        assert_eq!(operator.post(&close, nothing()).await.ok()["state"], "closed");
    }
    let events = centre.event_kinds();
    let count = |wanted: &str| events.iter().filter(|kind| *kind == wanted).count();
    assert_eq!((count("listing_change_requested"), count("listing_change_closed")), (1, 1));
    let absent = format!("{LIST}/changerequests/{}/close", uuid::Uuid::now_v7());
    assert_eq!(operator.post(&absent, nothing()).await.refusal(), "404 changeRequestUnknown");
}

#[actix_web::test]
async fn change_requests_are_plain_text_bounded_and_five_at_a_time() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    for text in ["", " \n ", "a\u{0}b", "a\u{1b}[2Jb", &"x".repeat(4_001)] {
        assert_eq!(provider.post(REQUESTS, json!({ "text": text })).await.refusal(), "400 badRequest", "{text:.20}");
    }
    let helpdesk = provider.application(&["helpdesk_agent"]).await;
    assert_eq!(helpdesk.get(&format!("{LIST}/current")).await.status, 200);
    assert_eq!(helpdesk.post(REQUESTS, json!({ "text": "x" })).await.refusal(), "403 roleMissing");
    let sales = provider.application(&["sales_agent"]).await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        let asked =
            sales.post(REQUESTS, json!({ "text": format!("Change {number}\n{}", "x".repeat(3_900)) })).await.ok();
        ids.push(asked["id"].as_str().unwrap().to_owned());
    }
    let sixth = json!({ "text": "Change 6" });
    assert_eq!(sales.post(REQUESTS, sixth.clone()).await.refusal(), "409 tooManyChangeRequests");
    // Closed before its mail was sent, it is not sent any more.
    operator.post(&format!("{LIST}/changerequests/{}/close", ids[0]), nothing()).await.ok();
    assert_eq!(sales.post(REQUESTS, sixth).await.status, 201);
    centre.run_jobs().await;
    let mails = centre.mails_to("olga@operator.example");
    assert!(!mails.iter().any(|mail| mail.contains("Change 1")) && mails.iter().any(|mail| mail.contains("Change 2")));
    let page = operator.get(&format!("{LIST}/changerequests?size=4")).await.ok();
    assert_eq!(page["totalCount"], 4);
    let next = page["continuationToken"].as_str().unwrap();
    let rest = operator.get(&format!("{LIST}/changerequests?size=4&continuationToken={next}")).await.ok();
    assert_eq!((rest["totalCount"].clone(), rest["items"][1]["text"].clone()), (json!(2), json!("Change 6")));
}
