//! The catalogue: what the operator imports, and what partners see of it.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::harness::catalogue::{
    ADD_ON, DEVICE_PLAN, GERMAN_ONLY, LEGACY_SUITE, LEGACY_SUITE_PLUS, MAIL_PLAN, MODERN_SUITE, TRIAL, UNPAID_TOOL,
    WITHDRAWN, offer, small_catalogue,
};
use crate::harness::{Actor, Answer, Centre, customer_body};

const IMPORT: &str = "/v1/offers/import";

async fn import_csv(operator: &Actor, csv: &str) -> Answer {
    let request = TestRequest::post().uri(IMPORT).insert_header(("content-type", "text/csv; charset=utf-8"));
    operator.call(request.set_payload(csv.to_owned())).await
}

fn ids(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn details(answer: &Answer) -> Vec<String> {
    let listed = answer.body["data"].as_array().cloned().unwrap_or_default();
    listed.iter().map(|detail| detail.as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn the_same_import_twice_changes_nothing() {
    let centre = Centre::open().await.with_catalogue();
    let again = centre.import_offers(&small_catalogue());
    assert_eq!((again.id, again.offers, again.added, again.changed), (None, 8, 0, 0));
    assert_eq!(centre.event_kinds(), ["offers_imported"]);
    let corrected = centre.import_offers(&json!([offer(LEGACY_SUITE, "Legacy suite, corrected", json!({}))]));
    assert_eq!((corrected.offers, corrected.added, corrected.changed), (1, 0, 1));
    assert_eq!(centre.event_kinds(), ["offers_imported", "offers_imported"]);
    // Ids and codes are one however they are written.
    let same = json!({ "category": "Office ", "description": "Legacy suite, corrected, invented" });
    let again = centre.import_offers(&json!([offer(&LEGACY_SUITE.to_uppercase(), " Legacy suite, corrected ", same)]));
    assert_eq!((again.id, again.changed), (None, 0));
}

#[actix_web::test]
async fn the_operator_imports_json_and_csv_and_nobody_else_does() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let imported = operator.post(IMPORT, json!({ "offers": small_catalogue() })).await.ok();
    assert_eq!((imported["offers"].clone(), imported["added"].clone()), (json!(8), json!(8)));
    assert!(imported["id"].is_string());
    let again = operator.post(IMPORT, small_catalogue()).await.ok();
    assert_eq!(again, json!({ "offers": 8, "added": 0, "changed": 0 }));

    let csv = format!(
        "id,name,description,category,rank,minimumQuantity,maximumQuantity,unitType,terms,billingCycles,upgradeTargetOffers,\
         isAutoRenewable,earnsIncentives,servicePlans,isAvailable\r\n\
         {LEGACY_SUITE},Legacy suite,\"Legacy suite, invented\",Office,1,1,300,Licenses,P1Y|P1M,monthly|annual,\
         {LEGACY_SUITE_PLUS},true,true,{MAIL_PLAN}=MAIL_S=Mail|{DEVICE_PLAN}=INTUNE_A=Device management,true\r\n\
         {UNPAID_TOOL},Tool of today,,Tools,4,1,500,Licenses,P1Y,monthly,,true,false,,true\r\n"
    );
    // What a CSV file says of an offer is what JSON says of it.
    assert_eq!(import_csv(&operator, &csv).await.ok()["changed"], 1);
    assert_eq!(operator.get(&format!("/v1/offers/{UNPAID_TOOL}")).await.ok()["name"], "Tool of today");
    assert_eq!(provider.post(IMPORT, small_catalogue()).await.status, 403);
    let text = TestRequest::post().uri(IMPORT).insert_header(("content-type", "text/plain")).set_payload("id");
    assert_eq!(operator.call(text).await.refusal(), "415 unsupportedMediaType");
}

#[actix_web::test]
async fn a_file_that_is_wrong_anywhere_imports_nothing_and_every_fault_is_named() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let file = json!([
        offer("A", "Good", json!({})),
        offer("B c", "", json!({ "minimumQuantity": 0, "maximumQuantity": 10_000_001, "countries": ["Sweden", "se", "SE"] })),
        offer("C", "C", json!({ "terms": [], "billingCycles": ["monthly", "monthly"], "upgradeTargetOffers": ["C", "Z"] })),
        offer("D", "D", json!({ "terms": ["P1M"], "billingCycles": ["annual"], "isAddOn": true })),
        offer("A", "Again", json!({ "prerequisiteOffers": ["E"] })),
        { "id": "E", "colour": "red" },
        offer("F:1", "F", json!({ "minimumQuantity": 9, "maximumQuantity": 3 })),
    ]);
    let answer = operator.post(IMPORT, file).await;
    assert_eq!(answer.refusal(), "422 offersRefused");
    assert_eq!(answer.body["parameters"]["index"], "1");
    let told = details(&answer);
    let expected = [
        "offers[1], id: \"B c\" is no id",
        "offers[1], name: it is empty",
        "offers[1], minimumQuantity: it is 0",
        "offers[1], maximumQuantity: it is 10000001",
        "offers[1], countries: \"Sweden\" is the code of no country",
        "offers[1], countries: SE stands twice",
        "offers[2], terms: it is empty",
        "offers[2], billingCycles: one of them stands twice",
        "offers[2], upgradeTargetOffers: an offer cannot name itself",
        "offers[2], upgradeTargetOffers: there is no offer \"Z\"",
        "offers[3], billingCycles: none of its billing cycles can charge a term of P1M",
        "offers[3], prerequisiteOffers: an add-on names the offers",
        "offers[4], prerequisiteOffers: only an add-on has them",
        "offers[4], id: \"A\" stands at offers[0] as well",
        "offers[5], colour: unknown field `colour`",
        "offers[6], id: \"F:1\" is no id",
        "offers[6], maximumQuantity: it is 3, less than the minimum of 9",
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told} / {expected}");
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    assert_eq!(ids(&operator.get("/v1/offers").await.ok()), Vec::<&str>::new());
    assert!(!centre.event_kinds().contains(&"offers_imported".to_owned()));

    let columns = import_csv(&operator, "id,name,colour,id\n").await;
    assert_eq!(columns.refusal(), "422 offersRefused");
    assert!(details(&columns).iter().any(|told| told.contains("\"colour\"")), "{}", columns.text);
    let many: Vec<Value> = (0..150).map(|n| offer(&format!("no id {n}"), "x", json!({}))).collect();
    let answer = operator.post(IMPORT, json!(many)).await;
    assert_eq!(details(&answer).len(), 100);
    assert!(answer.sentence().contains("149 more findings"), "{}", answer.sentence());
}

#[actix_web::test]
async fn an_offer_that_is_sold_no_more_stays_and_leaves_the_lists() {
    let centre = Centre::open().await.with_catalogue();
    let operator = centre.operator().await;
    let listed = operator.get("/v1/offers").await.ok();
    assert_eq!(ids(&listed), [LEGACY_SUITE, LEGACY_SUITE_PLUS, MODERN_SUITE, UNPAID_TOOL, ADD_ON, TRIAL, GERMAN_ONLY]);
    let withdrawn = operator.get(&format!("/v1/offers/{WITHDRAWN}")).await.ok();
    assert_eq!(withdrawn["isAvailableForPurchase"], false);
    centre.import_offers(&json!([offer(UNPAID_TOOL, "Unpaid tool", json!({ "isAvailable": false }))]));
    assert!(!ids(&operator.get("/v1/offers").await.ok()).contains(&UNPAID_TOOL));
    assert_eq!(operator.get(&format!("/v1/offers/{UNPAID_TOOL}")).await.ok()["name"], "Unpaid tool");
    // A file names what it changes; the rest of the catalogue stays.
    assert_eq!(operator.get("/v1/offers").await.ok()["totalCount"], 6);
}

#[actix_web::test]
async fn an_offer_is_shown_as_the_contract_has_it() {
    let centre = Centre::open().await.with_catalogue();
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let link = json!({ "uri": format!("/offers/{LEGACY_SUITE}?country=SE"), "method": "GET", "headers": [] });
    assert_eq!(
        provider.get(&format!("/v1/offers/{LEGACY_SUITE}?country=se")).await.ok(),
        json!({
            "id": LEGACY_SUITE, "name": "Legacy suite", "description": "Legacy suite, invented",
            "minimumQuantity": 1, "maximumQuantity": 300, "rank": 1, "locale": "en-US", "country": "SE",
            "uri": format!("/offers/{LEGACY_SUITE}?country=SE"),
            "category": {
                "id": "Office", "name": "Office", "rank": 1, "locale": "en-US", "country": "SE",
                "attributes": { "objectType": "OfferCategory" },
            },
            "prerequisiteOffers": [], "isAddOn": false, "isAvailableForPurchase": true, "billing": "license",
            "supportedBillingCycles": ["monthly", "annual"], "supportedTerms": ["P1Y", "P1M"],
            "isAutoRenewable": true, "isTrial": false, "hasAddOns": true, "upgradeTargetOffers": [LEGACY_SUITE_PLUS],
            "limit": 0, "limitUnitOfMeasure": "none", "unitType": "Licenses",
            "product": { "id": LEGACY_SUITE, "name": "Legacy suite", "unit": "Licenses" },
            "resellerQualifications": [], "reselleeQualifications": [], "earnsIncentives": true,
            "servicePlans": [
                { "id": MAIL_PLAN, "name": "MAIL_S", "displayName": "Mail" },
                { "id": DEVICE_PLAN, "name": "INTUNE_A", "displayName": "Device management" },
            ],
            "links": { "self": link, "learnMore": link },
            "attributes": { "objectType": "Offer" },
        })
    );
    let encoded = MODERN_SUITE.replace(':', "%3A");
    for (written, found) in [
        (MODERN_SUITE, MODERN_SUITE),
        (encoded.as_str(), MODERN_SUITE),
        (&LEGACY_SUITE.to_uppercase(), LEGACY_SUITE),
        (&format!("{LEGACY_SUITE}:0001:0001"), LEGACY_SUITE),
    ] {
        assert_eq!(provider.get(&format!("/v1/offers/{written}")).await.ok()["id"], found, "{written}");
    }
    let abroad = provider.get(&format!("/v1/offers/{GERMAN_ONLY}?country=SE")).await.ok();
    assert_eq!(abroad["isAvailableForPurchase"], false);
    assert_eq!(provider.get("/v1/offers/nothing").await.refusal(), "404 offerUnknown");
    assert_eq!(provider.get("/v1/offers/nothing/addons").await.refusal(), "404 offerUnknown");
    let add_ons = provider.get(&format!("/V1/Offers/{LEGACY_SUITE}/AddOns?country=SE")).await.ok();
    assert_eq!(ids(&add_ons), [ADD_ON]);
    assert_eq!(add_ons["items"][0]["prerequisiteOffers"], json!([LEGACY_SUITE]));
    assert_eq!(provider.get(&format!("/v1/offers/{MODERN_SUITE}/addons")).await.ok()["totalCount"], 0);
    let elsewhere = json!({ "isAddOn": true, "prerequisiteOffers": [MODERN_SUITE], "countries": ["DE"] });
    centre.import_offers(&json!([offer(ADD_ON, "Add-on", elsewhere)]));
    for (id, query, has) in [(LEGACY_SUITE, "", false), (MODERN_SUITE, "", true), (MODERN_SUITE, "?country=SE", false)]
    {
        let offer = provider.get(&format!("/v1/offers/{id}{query}")).await.ok();
        let add_ons = provider.get(&format!("/v1/offers/{id}/addons{query}")).await.ok();
        assert_eq!((&offer["hasAddOns"], &add_ons["totalCount"]), (&json!(has), &json!(i32::from(has))), "{id}{query}");
    }
}

#[actix_web::test]
async fn lists_go_by_country_and_category_a_page_at_a_time() {
    let centre = Centre::open().await.with_catalogue();
    let operator = centre.operator().await;
    let get = |query: &str| {
        let path = format!("/v1/offers{query}");
        let operator = operator.clone();
        async move { operator.get(&path).await }
    };
    assert!(ids(&get("?country=DE").await.ok()).contains(&GERMAN_ONLY));
    for (country, every) in [("SE", false), ("se", false), ("", true), ("%20", true)] {
        let listed = get(&format!("?country={country}")).await.ok();
        assert_eq!(ids(&listed).contains(&GERMAN_ONLY), every, "{country}");
    }
    assert_eq!(get("?country=XX").await.refusal(), "400 marketUnknown");
    assert_eq!(ids(&get("?country=SE&offer_category_id=Tools").await.ok()), [UNPAID_TOOL]);
    assert_eq!(get("?offer_category_id=Nothing").await.ok()["totalCount"], 0);

    let mut seen = Vec::new();
    let mut next = "/offers?country=SE&size=4".to_owned();
    loop {
        let page = operator.get(&format!("/v1{next}")).await.ok();
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        match page["links"]["next"]["uri"].as_str() {
            Some(uri) => next = uri.to_owned(),
            None => {
                assert_eq!(page["links"]["previous"]["uri"], "/offers?country=SE&offset=0&size=4");
                break;
            }
        }
    }
    assert_eq!(seen, [LEGACY_SUITE, LEGACY_SUITE_PLUS, MODERN_SUITE, UNPAID_TOOL, ADD_ON, TRIAL]);
    let first = get("?country=SE&size=0").await.ok();
    assert_eq!((first["totalCount"].clone(), first["links"]["next"].clone()), (json!(6), Value::Null));
    for wrong in ["?size=10001", "?size=x", "?offset=-1", "?offset=1000001"] {
        assert_eq!(get(wrong).await.refusal(), "400 badRequest", "{wrong}");
    }

    let categories = operator.get("/v1/offercategories?country=SE&size=2").await.ok();
    let shown: Vec<(&str, &Value)> = categories["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), &item["rank"]))
        .collect();
    assert_eq!(shown, [("Office", &json!(1)), ("Tools", &json!(4))]);
    let rest = operator.get(&format!("/v1{}", categories["links"]["next"]["uri"].as_str().unwrap())).await.ok();
    assert_eq!(ids(&rest), ["Trials"]);
}

#[actix_web::test]
async fn a_customer_is_offered_what_is_sold_in_its_country() {
    let centre = Centre::open().await.with_catalogue();
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    centre.partner(&provider, &reseller).await;
    let swedish = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let mut body = customer_body("rheinwerk", None);
    body["billingProfile"]["defaultAddress"] =
        json!({ "country": "DE", "city": "Köln", "addressLine1": "Domplatz 1", "postalCode": "50667" });
    let german = provider.post("/v1/customers", body).await.ok();
    let german = german["id"].as_str().unwrap();
    for partner in [&provider, &reseller] {
        let offers = partner.get(&format!("/v1/customers/{}/offers", swedish.id)).await.ok();
        assert_eq!(ids(&offers), [LEGACY_SUITE, LEGACY_SUITE_PLUS, MODERN_SUITE, UNPAID_TOOL, ADD_ON, TRIAL]);
        assert_eq!(offers["items"][0]["country"], "SE");
    }
    let offers = provider.get(&format!("/v1/customers/{german}/offers?offer_category_id=Office&offset=4")).await.ok();
    assert_eq!(ids(&offers), [GERMAN_ONLY]);
    let categories = provider.get(&format!("/v1/customers/{german}/offercategories")).await.ok();
    assert_eq!(ids(&categories), ["Office", "Tools", "Trials"]);
    assert_eq!(categories["items"][0]["country"], "DE");
    let german_skus = format!("/v1/customers/{german}/products/{GERMAN_ONLY}/skus");
    assert_eq!(provider.get(&german_skus).await.ok()["totalCount"], 1);
    for path in ["offers", "offercategories", &format!("products/{MODERN_SUITE}/skus")] {
        let refused = stranger.get(&format!("/v1/customers/{}/{path}", swedish.id)).await;
        assert_eq!((refused.refusal(), &refused.body["code"]), ("404 relationshipMissing".to_owned(), &json!(3000)));
    }
}

#[actix_web::test]
async fn a_client_that_orders_by_product_id_finds_its_offer() {
    let centre = Centre::open().await.with_catalogue();
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let customer = centre.customer(&provider, "fabrikam", None).await.id;
    let modern = MODERN_SUITE.split(':').next().unwrap();
    for (product, orders) in [(modern, MODERN_SUITE), (LEGACY_SUITE, LEGACY_SUITE)] {
        // As the client for Node does: the first SKU, its first availability, and the three ids joined.
        let skus = provider.get(&format!("/v1/customers/{customer}/products/{product}/skus")).await.ok();
        let sku = skus["items"][0]["id"].as_str().unwrap();
        let path = format!("/v1/customers/{customer}/products/{product}/skus/{sku}/availabilities");
        let availabilities = provider.get(&path).await.ok();
        let availability = &availabilities["items"][0];
        let offer_id = format!("{product}:{sku}:{}", availability["id"].as_str().unwrap());
        let found = provider.get(&format!("/v1/offers/{offer_id}")).await.ok();
        assert_eq!((found["id"].as_str(), availability["catalogItemId"].as_str()), (Some(orders), Some(orders)));
    }
}

#[actix_web::test]
async fn skus_and_availabilities_are_those_that_the_customer_can_buy() {
    let centre = Centre::open().await.with_catalogue();
    let second = "CFQ7TTC0LH18:0001:CFQ7TTC0K999";
    let other = "CFQ7TTC0LH18:0002:CFQ7TTC0K111";
    centre.import_offers(&json!([
        offer(second, "Modern suite, by the year", json!({ "rank": 30 })),
        offer(other, "Modern suite for Germany", json!({ "rank": 31, "countries": ["DE"] })),
    ]));
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let customer = centre.customer(&provider, "fabrikam", None).await.id;
    let products = format!("/v1/customers/{customer}/products");
    let skus = provider.get(&format!("{products}/CFQ7TTC0LH18/skus")).await.ok();
    assert_eq!(ids(&skus), ["0001"]);
    let sku = provider.get(&format!("{products}/CFQ7TTC0LH18/skus/0001")).await.ok();
    let (title, product, kind) = (&sku["title"], &sku["productId"], &sku["attributes"]["objectType"]);
    assert_eq!((title, product, kind), (&json!("Modern suite"), &json!("CFQ7TTC0LH18"), &json!("Sku")));
    assert_eq!(sku["supportedBillingCycles"], json!(["monthly", "annual", "triennial"]));
    let list = provider.get(&format!("{products}/CFQ7TTC0LH18/skus/0001/availabilities")).await.ok();
    assert_eq!(ids(&list), ["CFQ7TTC0K971", "CFQ7TTC0K999"]);
    let one = provider.get(&format!("{products}/CFQ7TTC0LH18/skus/0001/availabilities/CFQ7TTC0K971")).await.ok();
    assert_eq!(one, list["items"][0]);
    let terms: Vec<String> = one["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| format!("{} {}", term["duration"].as_str().unwrap(), term["billingCycle"].as_str().unwrap()))
        .collect();
    assert_eq!(terms, ["P1M monthly", "P1Y monthly", "P1Y annual", "P3Y monthly", "P3Y annual", "P3Y triennial"]);
    assert_eq!(
        (&one["isPurchasable"], &one["country"], &one["segment"]),
        (&json!(true), &json!("SE"), &json!("commercial"))
    );
    for (path, code, name) in [
        ("NOTHING/skus", 400_013, "404 productUnknown"),
        (&format!("{GERMAN_ONLY}/skus"), 400_013, "404 productUnknown"),
        (&format!("{WITHDRAWN}/skus"), 400_013, "404 productUnknown"),
        ("NOTHING/skus/0001", 400_013, "404 productUnknown"),
        ("CFQ7TTC0LH18/skus/0002", 400_018, "404 skuUnknown"),
        ("CFQ7TTC0LH18/skus/0002/availabilities", 400_018, "404 skuUnknown"),
        ("CFQ7TTC0LH18/skus/0001/availabilities/NOTHING", 400_019, "404 availabilityUnknown"),
    ] {
        let answer = provider.get(&format!("{products}/{path}")).await;
        assert_eq!((answer.refusal(), &answer.body["code"]), (name.to_owned(), &json!(code)), "{path}");
    }
}

#[actix_web::test]
async fn a_large_file_is_imported_whole_whatever_the_order_of_its_offers() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let numbered = |n: usize| {
        let particulars = match n % 2 {
            0 => json!({ "rank": n, "isAddOn": true, "prerequisiteOffers": [format!("offer-{}", n + 1)] }),
            _ => json!({ "rank": n }),
        };
        offer(&format!("offer-{n}"), "One of many", particulars)
    };
    let many: Vec<Value> = (0..2_500).map(numbered).collect();
    assert_eq!(centre.import_offers(&json!(many)).added, 2_500);
    let page = operator.get("/v1/offers?offset=2498&size=10").await.ok();
    assert_eq!(ids(&page), ["offer-2498", "offer-2499"]);
    assert_eq!(ids(&operator.get("/v1/offers/offer-2499/addons").await.ok()), ["offer-2498"]);
    let too_many: Vec<Value> = (0..20_001).map(|n| json!({ "id": n })).collect();
    let refused = operator.post(IMPORT, json!(too_many)).await;
    assert_eq!(refused.refusal(), "422 offersRefused");
    assert!(refused.sentence().contains("20000"), "{}", refused.sentence());
    let crowd: Vec<Value> = (0..501).map(|n| offer(&format!("P:0001:A{n}"), "Crowd", json!({}))).collect();
    let refused = operator.post(IMPORT, json!(crowd)).await;
    assert!(refused.sentence().contains("more than 500 offers"), "{}", refused.sentence());
    assert_eq!(operator.get("/v1/offers/P:0001:A1").await.refusal(), "404 offerUnknown");
}

#[actix_web::test]
async fn the_catalogue_of_the_demo_can_be_imported() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let offers: Value = serde_json::from_str(include_str!("../src/demo/offers.json")).unwrap();
    let imported = operator.post(IMPORT, offers).await.ok();
    assert_eq!((&imported["offers"], &imported["added"]), (&json!(13), &json!(13)));
    let categories = operator.get("/v1/offercategories").await.ok();
    assert_eq!(ids(&categories), ["Office", "Security", "Device management", "Cloud"]);
}
