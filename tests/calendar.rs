//! The calendar of what lapses.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::administration::{PATH, answer, asked, terms};
use crate::harness::{Actor, Browser, Centre, Customer, PASSWORD, nothing};

const CALENDAR: &str = "/v1/calendar";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

struct Ahead {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    fabrikam: Customer,
}

/// Two customers and one of each that lapses: an invitation in 30 days, a request for a relationship, administration of
/// the first customer in 30 days, a request for administration of the second in 90, a new version of the agreement.
async fn ahead() -> Ahead {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let fabrikam = centre.customer(&provider, "fabrikam", None).await;
    let contoso = centre.customer(&provider, "contoso", None).await;
    // The first version took effect a moment ago; it does not lie ahead.
    centre.advance(Duration::from_secs(60));
    let version = json!({
        "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa", "effectiveAt": "2026-12-01T00:00:00Z",
    });
    operator.post("/v1/agreements/mpa/versions", version).await.ok();
    provider.post("/v1/relationships/invitations", json!({ "email": "purchasing@norrsken.example" })).await.ok();
    provider
        .post("/v1/relationshiprequests", json!({ "email": "it@tailspin.example", "delegatedAdmin": true }))
        .await
        .ok();
    for (name, customer) in [("Care", &fabrikam), ("Audit", &contoso)] {
        let mut body = terms(name, &[GLOBAL_READER]);
        body["customer"] = json!({ "tenantId": customer.id });
        if name == "Care" {
            body["autoExtendDuration"] = json!("P180D");
        }
        let (_, token) = asked(&provider, body).await;
        if name == "Care" {
            customer.admin.post(&answer(&token, "approve"), nothing()).await.ok();
        }
    }
    Ahead { centre, operator, provider, fabrikam }
}

fn entries(page: &Value) -> Vec<String> {
    let line = |entry: &Value| {
        let word = |name: &str| entry[name].as_str().unwrap_or("-").to_owned();
        let extends = if entry["extends"] == true { " extends" } else { "" };
        format!("{} {} {} {}{extends}", &word("at")[..10], word("kind"), word("title"), word("customerName"))
    };
    page["items"].as_array().unwrap().iter().map(line).collect()
}

#[actix_web::test]
async fn what_lapses_stands_in_the_order_of_time_and_is_narrowed_by_kind_customer_and_days() {
    let Ahead { centre, provider, fabrikam, .. } = ahead().await;
    let shown = async |query: &str| entries(&provider.get(&format!("{CALENDAR}{query}")).await.ok());
    let all = [
        "2026-12-01 agreement 2 -",
        "2026-12-21 administration Care fabrikam extends",
        "2026-12-21 invitation purchasing@norrsken.example -",
        "2026-12-21 relationshipRequest it@tailspin.example -",
        "2027-02-19 administrationRequest Audit contoso",
    ];
    // Those of one moment are in the order of their ids.
    let mut whole = shown("").await;
    assert_eq!((&whole[0][..], whole.len()), (all[0], 4), "{whole:?}");
    whole.sort();
    assert_eq!(whole, all[..4]);
    // The request of 90 days lies behind the usual window.
    let mut long = shown("?to=2027-02-19").await;
    long.sort();
    assert_eq!(long, all);
    assert_eq!(shown("?kind=agreement,administrationRequest&from=2026-11-22&to=2027-02-19").await, [all[0], all[4]]);
    assert_eq!(shown(&format!("?customerId={}&to=2027-06-01", fabrikam.id)).await, [all[1]]);
    assert_eq!(shown("?from=2026-12-01&to=2026-12-01").await, [all[0]]);
    assert!(shown("?from=2026-12-02&to=2026-12-20").await.is_empty());

    // Page by page it is the same.
    let (mut paged, mut token) = (Vec::new(), String::new());
    for _ in 0..3 {
        let next =
            if token.is_empty() { String::new() } else { format!("&seekOperation=Next&continuationToken={token}") };
        let page = provider.get(&format!("{CALENDAR}?to=2027-02-19&size=2{next}")).await.ok();
        paged.extend(entries(&page));
        token = page["continuationToken"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((token.as_str(), paged.len()), ("", 5));
    paged.sort();
    assert_eq!(paged, all);

    for (query, refusal) in [
        ("?from=tomorrow", "400 calendarDayMalformed"),
        ("?from=2026-12-02&to=2026-12-01", "400 calendarWindowRefused"),
        ("?to=2036-12-01", "400 calendarWindowRefused"),
        ("?kind=party", "400 calendarKindUnknown"),
        ("?customerId=fabrikam", "400 calendarCustomerMalformed"),
    ] {
        assert_eq!(provider.get(&format!("{CALENDAR}{query}")).await.refusal(), refusal, "{query}");
    }
    // What has lapsed is behind.
    centre.advance(days(31));
    let provider = provider.sign_in_again().await;
    let left = entries(&provider.get(&format!("{CALENDAR}?to=2027-02-19")).await.ok());
    assert_eq!(left.last().unwrap(), all[4]);
    assert!(
        !left.iter().any(|entry| entry.contains("invitation") || entry.contains("relationshipRequest")),
        "{left:?}"
    );
}

#[actix_web::test]
async fn everybody_sees_what_is_theirs() {
    let Ahead { centre, operator, fabrikam, .. } = ahead().await;
    let shown = async |actor: &Actor| entries(&actor.get(&format!("{CALENDAR}?to=2027-02-19")).await.ok());
    let page = fabrikam.admin.get(CALENDAR).await.ok();
    assert_eq!(entries(&page), ["2026-12-21 administration Care fabrikam extends"]);
    assert_eq!(page["items"][0]["partnerName"], "northwind");
    assert!(shown(&operator).await.is_empty(), "agreements are signed by partners");
    let other = centre.provider(&operator, "trey").await;
    assert_eq!(shown(&other).await, ["2026-12-01 agreement 2 -"]);
    let asked_for = format!("{CALENDAR}?customerId={}&to=2027-06-01", fabrikam.id);
    assert!(entries(&other.get(&asked_for).await.ok()).is_empty());
}

#[actix_web::test]
async fn the_page_shows_the_next_90_days_and_is_narrowed_by_a_kind() {
    let Ahead { centre, provider, .. } = ahead().await;
    let browser = Browser::new(&centre);
    assert_eq!(browser.get("/calendar").await.header("location"), "/sign-in");
    browser.submit("/sign-in", &[("user_name", "admin@northwind.example"), ("password", PASSWORD)]).await;
    let page = browser.get("/calendar").await;
    assert_eq!(page.status, 200);
    for text in ["purchasing@norrsken.example", "it@tailspin.example", "Care", "fabrikam", "extended then"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let one = browser.get("/calendar?kind=invitation").await;
    assert!(one.text.contains("purchasing@norrsken.example") && !one.text.contains("it@tailspin.example"));
    // What is shown can be ended, and then is gone.
    let id = &provider.get(&format!("{PATH}?$filter=status%20eq%20'active'")).await.ok()["value"][0]["id"];
    let end = json!({ "action": "terminate" });
    let path = format!("{PATH}/{}/requests", id.as_str().unwrap());
    assert_eq!(provider.post(&path, end).await.status, 201);
    centre.run_jobs().await;
    assert!(!browser.get("/calendar").await.text.contains("Care"));
}
