//! Drafts of customers: filled in step by step, submitted as a whole or not at all.

use std::collections::BTreeMap;

use partner_center::platform::clock::days;
use partner_center::platform::error::Sure;
use partner_center::subscriptions;
use serde_json::{Value, json};

use crate::harness::catalogue::{ADD_ON, GERMAN_ONLY, LEGACY_SUITE, MODERN_SUITE, TRIAL, UNPAID_TOOL, WITHDRAWN};
use crate::harness::{Actor, Centre, customer_body, nothing};

const DRAFTS: &str = "/v1/customerdrafts";

async fn channel(centre: &Centre) -> (Actor, Actor, Actor) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    (operator, provider, reseller)
}

fn complete(name: &str, reseller: Option<&Actor>) -> Value {
    let customer = customer_body(name, None);
    let mut body = json!({ "customer": {
        "companyName": name, "domain": customer["companyProfile"]["domain"], "billingProfile": customer["billingProfile"],
    } });
    if let Some(reseller) = reseller {
        body["resellerId"] = json!(reseller.id);
    }
    body
}

fn path_of(draft: &Value) -> String {
    format!("{DRAFTS}/{}", draft["id"].as_str().unwrap())
}

fn etag_of(draft: &Value) -> String {
    draft["attributes"]["etag"].as_str().unwrap().to_owned()
}

fn lacking(draft: &Value) -> Vec<String> {
    let missing = draft["missing"].as_array().unwrap().iter();
    missing.map(|one| one["property"].as_str().unwrap().to_owned()).collect()
}

async fn submit(actor: &Actor, draft: &Value) -> crate::harness::Answer {
    actor.with("POST", &format!("{}/submit", path_of(draft)), &[("if-match", &etag_of(draft))], nothing()).await
}

#[actix_web::test]
async fn a_draft_is_filled_in_step_by_step_and_says_what_it_still_lacks() {
    let centre = Centre::open().await;
    let (_, provider, reseller) = channel(&centre).await;
    let begun = provider.post(DRAFTS, json!({ "resellerId": reseller.id })).await;
    assert_eq!(begun.status, 201);
    let begun = begun.ok();
    assert_eq!(begun["reseller"], json!({ "id": reseller.id, "name": "norrsken", "mpnId": "6001234" }));
    assert!(lacking(&begun).contains(&"customer.domain".to_owned()), "{begun}");
    let early = submit(&provider, &begun).await;
    assert_eq!(early.refusal(), "400 customerDraftIncomplete");
    assert!(early.sentence().contains("customer.companyName is required."), "{}", early.sentence());

    let path = path_of(&begun);
    let half = json!({ "customer": { "companyName": "Fabrikam", "domain": "fabrikam" }, "resellerId": reseller.id });
    assert_eq!(provider.put(&path, half.clone(), None).await.refusal(), "428 etagMissing");
    let changed = provider.put(&path, half.clone(), Some(&etag_of(&begun))).await.ok();
    assert_eq!(provider.put(&path, half, Some(&etag_of(&begun))).await.refusal(), "412 etagStale");
    let missing = changed["missing"].as_array().unwrap();
    let domain = missing.iter().find(|one| one["property"] == "customer.domain").unwrap();
    assert!(domain["sentence"].as_str().unwrap().contains("fabrikam"), "{domain}");
    // The reseller can be cleared.
    let whole = complete("fabrikam", None);
    let changed = provider.put(&path, whole, Some(&etag_of(&changed))).await.ok();
    assert!(changed.get("resellerId").is_none() && lacking(&changed).is_empty(), "{changed}");
    let listed = provider.get(DRAFTS).await.ok();
    assert_eq!((&listed["totalCount"], &listed["items"][0]["domain"]), (&json!(1), &json!("fabrikam.onmicrosoft.com")));
    let shown = provider.get(&path).await.ok();
    assert_eq!(etag_of(&shown), etag_of(&changed));

    let made = submit(&provider, &shown).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["userCredentials"]["userName"], "admin");
    assert_eq!(provider.get(DRAFTS).await.ok()["totalCount"], 0);
    let again = submit(&provider, &shown).await;
    assert_eq!((again.status, &again.body["id"]), (200, &made.body["id"]));
    assert_eq!(again.body["secretAvailable"], false);
    let submitted = provider.get(&path).await.ok();
    assert_eq!(submitted["customerId"], made.body["id"]);
    let late = provider.put(&path, nothing(), Some(&etag_of(&shown))).await;
    assert_eq!(late.refusal(), "409 customerDraftSubmitted");
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 1);
}

#[actix_web::test]
async fn a_draft_tells_of_a_domain_added_to_another_customer_and_of_a_country_outside_the_region() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let customer = centre.customer(&provider, "tailspin", None).await;
    let domain = json!({ "verifiedDomainName": "tailspin.example", "domain": {
        "name": "tailspin.example", "status": "Verified", "authenticationType": "Managed",
    } });
    provider.post(&format!("/v1/customers/{}/verifieddomain", customer.id), domain).await.ok();
    let mut body = complete("fabrikam", None);
    body["customer"]["domain"] = json!("Tailspin.example");
    let billing = &mut body["customer"]["billingProfile"];
    billing["culture"] = json!("en-US");
    billing["defaultAddress"] = json!({
        "country": "us", "addressLine1": "1 Pike Street", "city": "Seattle", "state": "WA", "postalCode": "98101",
        "phoneNumber": "+1 206 555 0100",
    });
    let draft = provider.post(DRAFTS, body).await.ok();
    assert_eq!(lacking(&draft), ["customer.domain", "customer.billingProfile.defaultAddress.country"], "{draft}");
    let told = draft["missing"][1]["sentence"].as_str().unwrap();
    assert!(
        told.starts_with("customer.billingProfile.defaultAddress.country: \"US\" lies outside the region"),
        "{told}"
    );
    let refused = submit(&provider, &draft).await;
    assert_eq!(refused.refusal(), "400 customerOutsideRegion");
    let corrected = provider.put(&path_of(&draft), complete("fabrikam", None), Some(&etag_of(&draft))).await.ok();
    assert_eq!(lacking(&corrected), Vec::<String>::new());
}

/// A suite that a reseller is of record of, its add-on, and something that is served without a reseller.
fn lines(reseller: &Actor) -> Value {
    json!([
        { "offerId": LEGACY_SUITE, "quantity": 25, "friendlyName": "Office of Umeå", "resellerOfRecord": reseller.id },
        { "offerId": ADD_ON, "quantity": 5, "parentLine": 0 },
        { "offerId": MODERN_SUITE, "quantity": 1, "term": "P1Y", "billingCycle": "annual" },
    ])
}

#[actix_web::test]
async fn what_a_draft_orders_comes_with_its_customer_and_both_associations_stay_apart() {
    let centre = Centre::open().await.with_catalogue();
    let (_, provider, reseller) = channel(&centre).await;
    let mut body = complete("fabrikam", None);
    body["lines"] = lines(&reseller);
    let draft = provider.post(DRAFTS, body.clone()).await.ok();
    assert_eq!((&draft["lines"], lacking(&draft)), (&body["lines"], Vec::new()), "{draft}");
    let made = submit(&provider, &draft).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let database = centre.database();
    let sold = "SELECT friendly_name || ' ' || CAST(quantity AS text) || ' ' || term || ' ' || billing_cycle || ' ' || status \
                AS name FROM subscriptions ORDER BY friendly_name";
    assert_eq!(
        database.texts(sold),
        ["Add-on 5 P1Y monthly active", "Modern suite 1 P1Y annual active", "Office of Umeå 25 P1Y monthly active"]
    );
    assert_eq!(
        database.texts("SELECT billing_cycle AS name FROM orders ORDER BY billing_cycle"),
        ["annual", "monthly"]
    );
    let parents = "SELECT parent.friendly_name AS name FROM subscriptions child \
                   JOIN subscriptions parent ON parent.id = child.parent_id";
    assert_eq!(database.texts(parents), ["Office of Umeå"]);
    let of_record = "SELECT s.friendly_name || ' ' || p.mpn_id AS name FROM association_periods p \
                     JOIN subscriptions s ON s.id = p.subscription_id";
    assert_eq!(database.texts(of_record), ["Office of Umeå 6001234"]);
    // Of record of a subscription is not associated with the customer.
    assert!(made.body.get("associatedPartnerId").is_none());
    assert_eq!(reseller.get("/v1/customers").await.ok()["totalCount"], 0);
    let kinds = centre.event_kinds();
    for (kind, times) in [("order_placed", 2), ("reseller_associated", 1), ("customer_created", 1)] {
        assert_eq!(kinds.iter().filter(|one| *one == kind).count(), times, "{kind}: {kinds:?}");
    }
    let path = format!("/v1/customers/{}", made.body["id"].as_str().unwrap());
    let refused = provider.send("PATCH", &path, json!({ "relationshipToPartner": "none" })).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    assert_eq!(refused.body["data"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_draft_says_of_each_line_why_it_cannot_be_ordered_and_submits_none() {
    let centre = Centre::open().await.with_catalogue();
    let (operator, provider, reseller) = channel(&centre).await;
    for (line, property, told, refusal) in [
        (json!({ "offerId": "nothing", "quantity": 1 }), "offerId", "not in the catalogue", "400 orderOfferUnknown"),
        (
            json!({ "offerId": WITHDRAWN, "quantity": 1 }),
            "offerId",
            "not sold any more",
            "403 orderOfferNotPurchasable",
        ),
        (json!({ "offerId": GERMAN_ONLY, "quantity": 1 }), "offerId", "not sold in SE", "403 orderOfferNotInCountry"),
        (
            json!({ "offerId": TRIAL, "quantity": 1 }),
            "quantity",
            "sold in 25 to 25 units",
            "400 subscriptionQuantityOutOfRange",
        ),
        (
            json!({ "offerId": UNPAID_TOOL, "quantity": 1, "term": "P1M" }),
            "term",
            "Its terms are P1Y",
            "400 subscriptionTermNotOffered",
        ),
        (
            json!({ "offerId": UNPAID_TOOL, "quantity": 1, "billingCycle": "annual" }),
            "billingCycle",
            "Its billing cycles are monthly",
            "400 subscriptionCycleNotOffered",
        ),
        (json!({ "offerId": ADD_ON, "quantity": 1 }), "parentLine", LEGACY_SUITE, "400 orderAddOnWithoutParent"),
        (
            json!({ "offerId": ADD_ON, "quantity": 1, "parentLine": 1 }),
            "parentLine",
            "is an add-on",
            "400 orderAddOnWithoutParent",
        ),
        (
            json!({ "offerId": UNPAID_TOOL, "quantity": 1, "parentLine": 0 }),
            "parentLine",
            "is no add-on",
            "400 orderNotAnAddOn",
        ),
    ] {
        let mut body = complete("fabrikam", None);
        body["lines"] = json!([{ "offerId": MODERN_SUITE, "quantity": 1 }, line]);
        let draft = provider.post(DRAFTS, body).await.ok();
        assert_eq!(lacking(&draft), [format!("lines[1].{property}")], "{draft}");
        let sentence = draft["missing"][0]["sentence"].as_str().unwrap();
        assert!(sentence.starts_with(&format!("lines[1].{property}: ")) && sentence.contains(told), "{sentence}");
        let before = tables(&centre);
        let refused = submit(&provider, &draft).await;
        assert_eq!((refused.refusal().as_str(), refused.sentence().as_str()), (refusal, sentence));
        assert_eq!(tables(&centre), before, "{refusal}");
    }
    let mut body = complete("fabrikam", None);
    let mut line = json!({ "offerId": MODERN_SUITE, "quantity": 1, "resellerOfRecord": uuid::Uuid::now_v7() });
    body["lines"] = json!([line]);
    assert_eq!(provider.post(DRAFTS, body.clone()).await.refusal(), "400 resellerUnknown");
    line["resellerOfRecord"] = json!(reseller.id);
    body["lines"] = json!([line]);
    let draft = provider.post(DRAFTS, body.clone()).await.ok();
    centre.advance(std::time::Duration::from_secs(1));
    let version = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa-2" });
    operator.post("/v1/agreements/mpa/versions", version).await.ok();
    provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    assert_eq!(lacking(&provider.get(&path_of(&draft)).await.ok()), ["lines[0].resellerOfRecord"]);
    assert_eq!(submit(&provider, &draft).await.refusal(), "403 resellerOfRecordAgreementMissing");
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    assert_eq!(lacking(&provider.get(&path_of(&draft)).await.ok()), ["lines[0].resellerOfRecord"]);
    assert_eq!(submit(&provider, &draft).await.refusal(), "404 resellerOfRecordUnknown");
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 0);
}

#[actix_web::test]
async fn where_the_customer_agreement_comes_first_a_draft_with_lines_says_so() {
    let centre = Centre::open_with(|settings| settings.subscriptions.require_customer_agreement = true).await;
    let centre = centre.with_catalogue();
    let (_, provider, reseller) = channel(&centre).await;
    let mut body = complete("fabrikam", None);
    body["lines"] = lines(&reseller);
    let draft = provider.post(DRAFTS, body).await.ok();
    assert_eq!(lacking(&draft), ["lines"]);
    assert_eq!(submit(&provider, &draft).await.refusal(), "403 customerAgreementMissing");
    let without = provider.put(&path_of(&draft), complete("fabrikam", None), Some(&etag_of(&draft))).await.ok();
    assert!(without.get("lines").is_none() && lacking(&without).is_empty(), "{without}");
    assert_eq!(submit(&provider, &without).await.status, 201);
}

#[actix_web::test]
async fn what_cannot_be_kept_in_a_draft_is_refused_with_its_place() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let refused = provider.post(DRAFTS, json!({ "customer": { "companyName": "a\u{0}b" } })).await;
    assert_eq!(refused.refusal(), "400 customerDraftPropertyInvalid");
    assert_eq!(refused.body["parameters"]["property"], "customer.companyName");
    let long = json!({ "setupInfoTo": { "name": "x".repeat(300) } });
    assert_eq!(provider.post(DRAFTS, long).await.refusal(), "400 customerDraftPropertyInvalid");
    let line = json!({ "offerId": LEGACY_SUITE, "quantity": 1, "friendlyName": "a\nb" });
    let refused = provider.post(DRAFTS, json!({ "lines": [line] })).await;
    assert_eq!(refused.body["parameters"]["property"], "lines[0].friendlyName");
    let many = json!({ "lines": vec![json!({ "offerId": "x", "quantity": 1 }); 101] });
    assert_eq!(provider.post(DRAFTS, many).await.refusal(), "400 customerDraftPropertyInvalid");
    let surplus = json!({ "customer": { "name": "Fabrikam" } });
    assert_eq!(provider.post(DRAFTS, surplus).await.refusal(), "400 badRequest");
    assert_eq!(provider.get(DRAFTS).await.ok()["totalCount"], 0);
}

#[actix_web::test]
async fn a_cancelled_draft_leaves_nothing_and_an_expired_one_is_as_if_absent() {
    let centre = Centre::open().await;
    let (_, provider, _) = channel(&centre).await;
    let cancelled = provider.post(DRAFTS, complete("fabrikam", None)).await.ok();
    let path = path_of(&cancelled);
    assert_eq!(provider.delete(&path).await.refusal(), "428 etagMissing");
    assert_eq!(provider.with("DELETE", &path, &[("if-match", "1")], nothing()).await.status, 204);
    assert_eq!(provider.get(&path).await.refusal(), "404 customerDraftUnknown");
    assert_eq!(centre.database().texts("SELECT contents AS name FROM customer_drafts").len(), 0);
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 0);
    let draft = provider.post(DRAFTS, complete("fabrikam", None)).await.ok();
    let kept = provider.post(DRAFTS, complete("tailspin", None)).await.ok();
    submit(&provider, &kept).await.ok();
    centre.advance(days(7));
    let provider = provider.sign_in_again().await;
    for answer in
        [provider.get(&path_of(&draft)).await, submit(&provider, &draft).await, submit(&provider, &kept).await]
    {
        assert_eq!(answer.refusal(), "404 customerDraftUnknown");
    }
    assert_eq!(provider.get(DRAFTS).await.ok()["totalCount"], 0);
    let now = centre.clock.now();
    let swept = centre.db().write(move |tx| -> Sure<()> { Ok(subscriptions::forget_ended(tx, now)?) }).await;
    swept.unwrap();
    assert_eq!(centre.database().texts("SELECT contents AS name FROM customer_drafts").len(), 0);
}

#[actix_web::test]
async fn sub_02_of_drafts_submitted_64_times_at_once_comes_one_customer() {
    let centre = Centre::open().await.with_catalogue();
    let (_, provider, reseller) = channel(&centre).await;
    let mut body = complete("fabrikam", Some(&reseller));
    body["lines"] = lines(&reseller);
    let draft = provider.post(DRAFTS, body).await.ok();
    let answers = futures_util::future::join_all((0..64).map(|_| submit(&provider, &draft))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.text.contains("\"password\"")).count(), 1);
    let made = answers.iter().find(|answer| answer.status == 201).unwrap();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        // Under load a copy may give up its turn, but never makes a second customer.
        assert!(
            answer.status == 200 && answer.body["id"] == made.body["id"] || answer.status == 503,
            "{}",
            answer.text
        );
    }
    assert_eq!(provider.get("/v1/customers").await.ok()["totalCount"], 1);
    assert_eq!(centre.database().texts("SELECT friendly_name AS name FROM subscriptions").len(), 3);
}

/// The rows of every table that a submission writes.
fn tables(centre: &Centre) -> BTreeMap<&'static str, Vec<String>> {
    let count = |table: &'static str| format!("SELECT CAST(count(*) AS text) AS name FROM {table}");
    let mut tables: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for table in [
        "organisations",
        "customers",
        "customer_relationships",
        "administration_grants",
        "users",
        "user_roles",
        "setup_infos",
        "jobs",
        "orders",
        "order_lines",
        "subscriptions",
        "association_periods",
    ] {
        tables.insert(table, centre.database().texts(&count(table)));
    }
    let draft = "SELECT CAST(version AS text) || contents || coalesce(CAST(customer_id AS text), '') AS name \
                 FROM customer_drafts ORDER BY id";
    tables.insert("customer_drafts", centre.database().texts(draft));
    let events = "SELECT kind AS name FROM events WHERE kind <> 'access_refused' ORDER BY id";
    tables.insert("events", centre.database().texts(events));
    tables
}

#[actix_web::test]
async fn sub_01_a_submission_that_a_rule_refuses_leaves_everything_as_it_was() {
    let centre = Centre::open().await;
    let (operator, provider, reseller) = channel(&centre).await;
    let draft = provider.post(DRAFTS, complete("fabrikam", Some(&reseller))).await.ok();
    let script = provider.application(&["sales_agent"]).await;
    let refused = async |actor: &Actor, refusal: &str| {
        let before = tables(&centre);
        assert_eq!(submit(actor, &draft).await.refusal(), refusal);
        assert_eq!(tables(&centre), before, "{refusal}");
    };
    // Naming a reseller takes a person.
    refused(&script, "403 appOnlyRefused").await;
    centre.advance(std::time::Duration::from_secs(1));
    let version = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa-2" });
    operator.post("/v1/agreements/mpa/versions", version).await.ok();
    assert_eq!(lacking(&provider.get(&path_of(&draft)).await.ok()), ["agreement", "resellerId"]);
    refused(&provider, "403 ownAgreementMissing").await;
    provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    refused(&provider, "403 resellerAgreementMissing").await;
    reseller.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    let taken = provider.post("/v1/customers", customer_body("fabrikam", None)).await.ok();
    assert_eq!(lacking(&provider.get(&path_of(&draft)).await.ok()), ["customer.domain"]);
    refused(&provider, "409 customerDomainTaken").await;
    assert!(taken["id"].is_string());
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    let shown = provider.get(&path_of(&draft)).await.ok();
    assert_eq!((shown.get("reseller"), &shown["resellerId"]), (None, &json!(reseller.id)));
    refused(&provider, "400 resellerUnknown").await;
}

#[actix_web::test]
async fn sub_01_a_submission_that_fails_at_any_statement_leaves_everything_as_it_was() {
    let centre = Centre::open().await.with_catalogue();
    let (_, provider, reseller) = channel(&centre).await;
    let mut body = complete("fabrikam", Some(&reseller));
    body["lines"] = lines(&reseller);
    body["setupInfoTo"] = json!({ "name": "Anna", "email": "anna@fabrikam.example" });
    let draft = provider.post(DRAFTS, body).await.ok();
    let postgres = centre.database().url().starts_with("postgres");
    if postgres {
        centre.database().break_with(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$",
        );
    }
    let before = tables(&centre);
    for (table, doing) in [
        ("partnerships", "UPDATE"),
        ("organisations", "INSERT"),
        ("customers", "INSERT"),
        ("users", "INSERT"),
        ("user_roles", "INSERT"),
        ("customer_relationships", "INSERT"),
        ("administration_grants", "INSERT"),
        ("setup_infos", "INSERT"),
        ("jobs", "INSERT"),
        ("customer_relationships", "UPDATE"),
        ("orders", "INSERT"),
        ("subscriptions", "INSERT"),
        ("order_lines", "INSERT"),
        ("association_periods", "INSERT"),
        ("events", "INSERT"),
        ("customer_drafts", "UPDATE"),
    ] {
        centre.database().break_with(&match postgres {
            true => format!("CREATE TRIGGER broken BEFORE {doing} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"),
            false => {
                format!("CREATE TRIGGER broken BEFORE {doing} ON {table} BEGIN SELECT RAISE(ABORT, 'on purpose'); END")
            }
        });
        let answer = submit(&provider, &draft).await;
        assert!(answer.status >= 400, "{doing} {table}: {}", answer.text);
        assert_eq!(tables(&centre), before, "{doing} {table}");
        centre.database().break_with(&match postgres {
            true => format!("DROP TRIGGER broken ON {table}"),
            false => "DROP TRIGGER broken".to_owned(),
        });
    }
    let made = submit(&provider, &draft).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["setupInfoSentTo"]["name"], "Anna");
    assert_eq!(centre.database().texts("SELECT friendly_name AS name FROM subscriptions").len(), 3);
    let again = submit(&provider, &draft).await;
    assert_eq!((again.status, &again.body["secretAvailable"]), (200, &json!(false)));
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("anna@fabrikam.example").len(), 1);
}
