//! Subscriptions: ordered, changed, ended; by whoever sold them and whoever is of record.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::catalogue::{
    ADD_ON, GERMAN_ONLY, LEGACY_SUITE, LEGACY_SUITE_PLUS, MODERN_SUITE, TRIAL, UNPAID_TOOL, WITHDRAWN,
};
use crate::harness::selling::{Channel, ONBOARDED, id_of, line, order};
use crate::harness::{Answer, Centre, nothing};

/// What existing clients send back: every name in Pascal case, links, nulls for what is not there.
fn as_sdk(shown: &Value) -> Value {
    fn pascal(value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .iter()
                .map(|(name, field)| (name[..1].to_uppercase() + &name[1..], pascal(field)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Array(items) => items.iter().map(pascal).collect(),
            plain => plain.clone(),
        }
    }
    let mut sent = pascal(shown);
    for absent in ["ParentSubscriptionId", "PartnerId", "ConsumptionType", "RefundOptions", "PromotionId"] {
        if sent.get(absent).is_none() {
            sent[absent] = Value::Null;
        }
    }
    sent
}

#[actix_web::test]
async fn an_order_becomes_subscriptions_each_with_its_reseller_of_record() {
    let channel = Channel::open().await;
    let lines = [line(LEGACY_SUITE, 5, Some(ONBOARDED)), line(UNPAID_TOOL, 2, None)];
    let placed = channel.provider.post(&channel.path("/orders"), order(&lines)).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let placed = placed.ok();
    assert_eq!(placed["lineItems"][0]["partnerIdOnRecord"], ONBOARDED);
    assert_eq!(placed["lineItems"][1]["lineItemNumber"], 1);
    assert_eq!(placed["attributes"]["objectType"], "Order");
    let read = channel.provider.get(&channel.path(&format!("/orders/{}", id_of(&placed)))).await.ok();
    assert_eq!(read, placed);
    assert_eq!(channel.provider.get(&channel.path("/orders")).await.ok()["items"], json!([placed]));

    let all = channel.provider.get(&channel.path("/subscriptions")).await.ok();
    assert_eq!(all["totalCount"], 2);
    let suite = &all["items"][0];
    assert_eq!((&suite["partnerId"], &suite["quantity"]), (&json!(ONBOARDED), &json!(5)));
    assert_eq!((&suite["status"], &suite["termDuration"]), (&json!("active"), &json!("P1Y")));
    assert_eq!(suite["commitmentEndDate"], "2027-11-21T08:00:00.000000Z");
    assert_eq!(suite["orderId"], placed["id"]);
    // Nobody is of record of the other, and the property is not there: old clients cannot read null.
    assert!(all["items"][1].get("partnerId").is_none());
    let of = async |query: &str| {
        let path = channel.path(&format!("/subscriptions?{query}"));
        channel.provider.get(&path).await.ok()["totalCount"].as_i64().unwrap()
    };
    assert_eq!(of(&format!("order_id={}", id_of(&placed))).await, 2);
    assert_eq!(of("order_id=none").await, 0);
    assert_eq!((of("mpn_id=6001234").await, of("mpn_id=7").await), (1, 0));
    let status =
        channel.provider.get(&channel.path(&format!("/orders/{}/provisioningstatus", id_of(&placed)))).await.ok();
    assert_eq!(
        status["items"][1]["quantityProvisioningInformation"],
        json!([{ "quantity": 2, "status": "fulfilled" }])
    );
    let status = channel.provider.get(&channel.of(suite, "/provisioningstatus")).await.ok();
    assert_eq!((&status["status"], &status["quantity"]), (&json!("success"), &json!(5)));
}

#[actix_web::test]
async fn what_cannot_be_sold_is_refused_line_by_line_and_nothing_is_left() {
    let channel = Channel::open().await;
    let orders = channel.path("/orders");
    let refused = async |lines: &[Value]| {
        let answer = channel.provider.post(&orders, order(lines)).await;
        assert_eq!(channel.provider.get(&channel.path("/subscriptions")).await.ok()["totalCount"], 0);
        answer
    };
    let one = async |offer: &str, quantity: i32| refused(&[line(offer, quantity, None)]).await.refusal();
    assert_eq!(one("no-such-offer", 1).await, "400 orderOfferUnknown");
    assert_eq!(one(WITHDRAWN, 1).await, "403 orderOfferNotPurchasable");
    assert_eq!(one(GERMAN_ONLY, 1).await, "403 orderOfferNotInCountry");
    assert_eq!(one(ADD_ON, 1).await, "400 orderAddOnWithoutParent");
    assert_eq!(refused(&[]).await.refusal(), "400 orderLineCount");
    let second = refused(&[line(LEGACY_SUITE, 1, None), line(LEGACY_SUITE, 301, None)]).await;
    assert_eq!(second.refusal(), "400 subscriptionQuantityOutOfRange");
    assert!(
        second.sentence().starts_with("lineItems[1]: The quantity is 301; Legacy suite is sold in 1 to 300 units.")
    );
    let mut numbered = [line(LEGACY_SUITE, 1, None), line(LEGACY_SUITE, 2, None)];
    (numbered[0]["lineItemNumber"], numbered[1]["lineItemNumber"]) = (json!(0), json!(2));
    assert_eq!(refused(&numbered).await.refusal(), "400 orderLineNumber");
    let mut yearly = order(&[line(UNPAID_TOOL, 1, None)]);
    yearly["billingCycle"] = json!("annual");
    assert_eq!(channel.provider.post(&orders, yearly).await.refusal(), "400 subscriptionCycleNotOffered");
    // Who has no relationship with the customer learns nothing about it.
    let stranger = channel.centre.provider(&channel.operator, "contoso").await;
    assert_eq!(
        stranger.post(&orders, order(&[line(LEGACY_SUITE, 1, None)])).await.refusal(),
        "404 relationshipMissing"
    );
    assert_eq!(stranger.get(&channel.path("/subscriptions")).await.refusal(), "404 relationshipMissing");
    // Nor does a reseller order: its provider does.
    let by_reseller = channel.reseller.post(&orders, order(&[line(LEGACY_SUITE, 1, None)])).await;
    assert_eq!(by_reseller.status, 403);
}

#[actix_web::test]
async fn sub_04_quantities_stay_within_the_limits_of_the_offer_at_every_boundary() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 1, None).await;
    for (quantity, expected) in [
        (json!(300), "200"),
        (json!(301), "400 subscriptionQuantityOutOfRange"),
        (json!(1), "200"),
        (json!(0), "400 subscriptionQuantityOutOfRange"),
        (json!(-1), "400 subscriptionQuantityOutOfRange"),
        (json!(i32::MAX), "400 subscriptionQuantityOutOfRange"),
        (json!(i32::MIN), "400 subscriptionQuantityOutOfRange"),
        (json!(i64::from(i32::MAX) + 1), "400 badRequest"),
        (json!(1.5), "400 badRequest"),
        (json!("2"), "400 badRequest"),
        (json!(null), "200"),
    ] {
        let answer = channel.change(&suite, json!({ "quantity": quantity })).await;
        let told = if answer.status == 200 { "200".to_owned() } else { answer.refusal() };
        assert_eq!(told, expected, "{quantity}: {}", answer.text);
    }
    assert_eq!(channel.again(&suite).await["quantity"], 1);
    let trial =
        channel.provider.post(&channel.path("/orders"), json!({ "lineItems": [line(TRIAL, 25, None)] })).await.ok();
    assert_eq!(trial["billingCycle"], "none");
}

#[actix_web::test]
async fn sub_03_a_stale_etag_is_refused_wherever_it_stands_and_without_one_the_last_write_wins() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let old = suite["attributes"]["etag"].as_str().unwrap().to_owned();
    let changed = channel.provider.patch(&channel.of(&suite, ""), &old, json!({ "quantity": 6 })).await.ok();
    let new = changed["attributes"]["etag"].as_str().unwrap();
    assert_ne!(old, new);
    let stale = channel.provider.patch(&channel.of(&suite, ""), &old, json!({ "quantity": 7 })).await;
    assert_eq!((stale.refusal().as_str(), &stale.body["code"]), ("400 subscriptionEtagStale", &json!(2055)));
    let in_body = json!({ "quantity": 7, "attributes": { "etag": old } });
    assert_eq!(channel.change(&suite, in_body).await.refusal(), "400 subscriptionEtagStale");
    let in_body = json!({ "Quantity": 7, "Attributes": { "Etag": new, "ObjectType": "Subscription" } });
    let changed = channel.change(&suite, in_body).await.ok();
    assert_eq!(channel.change(&suite, json!({ "quantity": 8 })).await.ok()["quantity"], 8);
    // Naming a reseller of record changes the etag too: it is shown with the rest.
    let before = channel.again(&suite).await["attributes"]["etag"].clone();
    channel.change(&suite, json!({ "partnerId": ONBOARDED })).await.ok();
    assert_ne!(channel.again(&suite).await["attributes"]["etag"], before);
    assert_ne!(changed["attributes"]["etag"], before);
}

#[actix_web::test]
async fn what_a_client_echoes_back_changes_nothing_and_what_it_changed_changes_alone() {
    let channel = Channel::open().await;
    for mpn_id in [Some(ONBOARDED), None] {
        for offer in [LEGACY_SUITE, MODERN_SUITE] {
            let shown = channel.buy(offer, 5, mpn_id).await;
            let events = channel.centre.event_kinds().len();
            for echoed in [shown.clone(), as_sdk(&shown)] {
                assert_eq!(channel.change(&shown, echoed).await.ok(), shown);
            }
            assert_eq!(channel.centre.event_kinds().len(), events);
            let mut named = as_sdk(&shown);
            named["FriendlyName"] = json!("Head office");
            let changed = channel.change(&shown, named).await.ok();
            assert_eq!(changed["friendlyName"], "Head office");
            let mut rest = changed.clone();
            rest["friendlyName"] = shown["friendlyName"].clone();
            rest["attributes"] = shown["attributes"].clone();
            assert_eq!(rest, shown);
            assert_eq!(channel.centre.event_kinds()[events..], ["subscription_changed"]);
        }
    }
}

#[actix_web::test]
async fn a_subscription_is_suspended_and_taken_up_again_and_suspended_it_keeps_its_quantity() {
    let mut channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let suspended = channel.change(&suite, json!({ "status": "Suspended" })).await.ok();
    assert_eq!((&suspended["status"], &suspended["suspensionReasons"]), (&json!("suspended"), &json!(["Partner"])));
    let answer = channel.change(&suite, json!({ "quantity": 6 })).await;
    assert_eq!((answer.refusal().as_str(), &answer.body["code"]), ("400 subscriptionSuspendedQuantity", &json!(2001)));
    // The SDK counts statuses.
    assert_eq!(channel.change(&suite, json!({ "status": 1 })).await.ok()["status"], "active");
    assert_eq!(channel.change(&suite, json!({ "status": "expired" })).await.refusal(), "400 subscriptionStatusUnknown");
    assert_eq!(channel.change(&suite, json!({ "status": "gone" })).await.refusal(), "400 badRequest");
    // A term that ends while it is suspended ends it: nobody can take it up again.
    channel.change(&suite, json!({ "status": "suspended" })).await.ok();
    channel.wait(days(366)).await;
    assert_eq!(channel.again(&suite).await["status"], "disabled");
    let answer = channel.change(&suite, json!({ "status": "active" })).await;
    assert_eq!(answer.refusal(), "400 subscriptionStatusChange");
    channel.wait(days(90)).await;
    assert_eq!(channel.again(&suite).await["status"], "deleted");
}

#[actix_web::test]
async fn what_is_not_renewed_expires_is_disabled_and_deleted_by_the_clock() {
    let mut channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let changed = channel.change(&suite, json!({ "autoRenewEnabled": false })).await.ok();
    assert_eq!((&changed["autoRenewEnabled"], &changed["renewalTermDuration"]), (&json!(false), &json!("")));
    let calendar = channel.provider.get("/v1/calendar?kind=subscription&to=2027-12-31").await.ok();
    let ends = calendar["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "subscription");
    assert_eq!(ends.map(|entry| &entry["title"]).collect::<Vec<_>>(), ["Legacy suite"]);
    channel.wait(days(365)).await;
    for (step, status) in [(0, "expired"), (29, "expired"), (1, "disabled"), (89, "disabled"), (1, "deleted")] {
        channel.wait(days(step)).await;
        assert_eq!(channel.again(&suite).await["status"], status);
        let again = channel.change(&suite, json!({ "autoRenewEnabled": true })).await;
        let refusal = if status == "deleted" { "400 subscriptionDeleted" } else { "400 subscriptionNotUpdatable" };
        assert_eq!(again.refusal(), refusal);
    }
    let answer = channel.change(&suite, json!({ "friendlyName": "x" })).await;
    assert_eq!((answer.refusal().as_str(), &answer.body["code"]), ("400 subscriptionDeleted", &json!(2011)));
    let parts = channel.centre.app.parts();
    partner_center::subscriptions::keep_house(&parts.db, &parts.clock).await.unwrap();
    assert_eq!(channel.again(&suite).await["status"], "deleted");
    let history = channel.provider.get(&channel.of(&suite, "/associations")).await.ok();
    assert!(history["items"].as_array().unwrap().iter().all(|period| period["to"].is_string()), "{history}");
    assert!(channel.centre.event_kinds().contains(&"subscription_ended".to_owned()));
}

#[actix_web::test]
async fn licences_of_the_new_commerce_can_be_given_back_for_seven_days_and_legacy_ones_always() {
    let mut channel = Channel::open().await;
    let modern = channel.buy(MODERN_SUITE, 10, None).await;
    assert_eq!(modern["refundableQuantity"]["totalQuantity"], 10);
    channel.wait(days(5)).await;
    channel.change(&modern, json!({ "quantity": 14 })).await.ok();
    channel.wait(days(3)).await;
    let shown = channel.again(&modern).await;
    assert_eq!(shown["refundableQuantity"]["totalQuantity"], 4);
    let answer = channel.change(&modern, json!({ "quantity": 9 })).await;
    assert_eq!(
        (answer.refusal().as_str(), &answer.body["code"]),
        ("400 subscriptionReturnWindowOver", &json!(800_090))
    );
    assert!(answer.sentence().contains("which holds for 4 now"), "{}", answer.sentence());
    channel.change(&modern, json!({ "quantity": 11 })).await.ok();
    channel.change(&modern, json!({ "quantity": 10 })).await.ok();
    let answer = channel.change(&modern, json!({ "quantity": 9 })).await;
    assert_eq!(answer.refusal(), "400 subscriptionReturnWindowOver");
    assert_eq!(
        channel.change(&modern, json!({ "status": "deleted" })).await.refusal(),
        "400 subscriptionCancellationOver"
    );
    // After the renewal everything can be given back again, and all of it cancelled.
    channel.wait(days(23)).await;
    assert_eq!(channel.again(&modern).await["refundableQuantity"]["totalQuantity"], 10);
    assert_eq!(channel.change(&modern, json!({ "quantity": 2 })).await.ok()["quantity"], 2);
    assert_eq!(channel.change(&modern, json!({ "status": "deleted" })).await.ok()["status"], "deleted");
    let legacy = channel.buy(LEGACY_SUITE, 10, None).await;
    channel.wait(days(100)).await;
    assert_eq!(channel.change(&legacy, json!({ "quantity": 1 })).await.ok()["quantity"], 1);
}

#[actix_web::test]
async fn a_month_that_ends_on_its_last_day_goes_on_ending_on_the_last_day() {
    let mut channel = Channel::open().await;
    // 2026-11-21 to 2027-01-31.
    channel.wait(days(71)).await;
    let monthly = channel.buy(MODERN_SUITE, 1, None).await;
    for (step, end) in [(0, "2027-02-28"), (28, "2027-03-31"), (31, "2027-04-30"), (30, "2027-05-31")] {
        channel.wait(days(step)).await;
        let shown = channel.again(&monthly).await;
        assert!(shown["commitmentEndDate"].as_str().unwrap().starts_with(end), "{shown}");
    }
}

#[actix_web::test]
async fn instructions_for_the_next_term_hold_from_its_first_moment_on() {
    let mut channel = Channel::open().await;
    let modern = channel.buy(MODERN_SUITE, 10, Some(ONBOARDED)).await;
    let (product, rest) = MODERN_SUITE.split_once(':').unwrap();
    let (sku, availability) = rest.split_once(':').unwrap();
    let next = json!({ "scheduledNextTermInstructions": {
        "product": { "productId": product, "skuId": sku, "availabilityId": availability, "termDuration": "P1Y", "billingCycle": "annual" },
        "quantity": 3,
    } });
    let changed = channel.change(&modern, next).await.ok();
    assert_eq!(changed["scheduledNextTermInstructions"]["quantity"], 3);
    assert_eq!((&changed["renewalTermDuration"], &changed["quantity"]), (&json!("P1Y"), &json!(10)));
    // What a client sends back whole keeps them; null removes them; suspending does too.
    assert_eq!(channel.change(&modern, as_sdk(&changed)).await.ok(), changed);
    channel.wait(days(29)).await;
    channel.centre.run_jobs().await;
    assert_eq!(channel.again(&modern).await["quantity"], 10);
    channel.wait(days(2)).await;
    // Whoever looks before the job has run is told the same.
    let shown = channel.again(&modern).await;
    assert_eq!((&shown["quantity"], &shown["termDuration"]), (&json!(3), &json!("P1Y")));
    assert_eq!(shown["commitmentEndDate"], "2027-12-21T08:00:00.000000Z");
    channel.centre.run_jobs().await;
    let kept = channel.again(&modern).await;
    assert_eq!((&kept["quantity"], &kept["billingCycle"]), (&json!(3), &json!("annual")));
    let history = channel.provider.get(&channel.of(&modern, "/associations")).await.ok();
    assert_eq!(history["items"][0]["to"], "2026-12-21T08:00:00.000000Z");
    assert_eq!(history["items"][1]["quantity"], 3);
    let removed = json!({ "scheduledNextTermInstructions": { "quantity": 5 } });
    channel.change(&modern, removed).await.ok();
    let gone = channel.change(&modern, json!({ "scheduledNextTermInstructions": null })).await.ok();
    assert!(gone.get("scheduledNextTermInstructions").is_none());
    channel.change(&modern, json!({ "autoRenewEnabled": false })).await.ok();
    let answer = channel.change(&modern, json!({ "scheduledNextTermInstructions": { "quantity": 5 } })).await;
    assert_eq!(answer.refusal(), "400 subscriptionNothingFollows");
}

#[actix_web::test]
async fn a_subscription_is_upgraded_to_the_offers_its_own_names_and_to_longer_terms() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let answer = channel.change(&suite, json!({ "offerId": UNPAID_TOOL })).await;
    assert_eq!(answer.refusal(), "400 subscriptionNotAnUpgrade");
    assert!(answer.sentence().contains(LEGACY_SUITE_PLUS));
    let upgraded = channel.change(&suite, json!({ "offerId": LEGACY_SUITE_PLUS, "quantity": 400 })).await.ok();
    assert_eq!((&upgraded["offerName"], &upgraded["quantity"]), (&json!("Legacy suite plus"), &json!(400)));
    assert_eq!((&upgraded["partnerId"], &upgraded["id"]), (&json!(ONBOARDED), &suite["id"]));
    // It was called as its offer, and still is.
    assert_eq!(upgraded["friendlyName"], "Legacy suite plus");
    let monthly = channel.buy(MODERN_SUITE, 5, None).await;
    channel.centre.advance(Duration::from_secs(3_600));
    let longer = channel.change(&monthly, json!({ "termDuration": "P1Y" })).await.ok();
    assert_eq!(longer["commitmentEndDate"], "2027-11-21T09:00:00.000000Z");
    let shorter = channel.change(&monthly, json!({ "termDuration": "P1M" })).await;
    assert_eq!(shorter.refusal(), "400 subscriptionTermShorter");
    let cycle = channel.change(&monthly, json!({ "billingCycle": "annual" })).await;
    assert_eq!((cycle.refusal().as_str(), &cycle.body["code"]), ("400 subscriptionBillingCycle", &json!(2054)));
    let trial = json!({ "lineItems": [line(TRIAL, 25, None)] });
    let trial = channel.provider.post(&channel.path("/orders"), trial).await.ok();
    let trial = json!({ "id": trial["lineItems"][0]["subscriptionId"] });
    let answer = channel.change(&trial, json!({ "autoRenewEnabled": true })).await;
    assert_eq!(answer.refusal(), "400 subscriptionNotRenewable");
}

#[actix_web::test]
async fn an_add_on_is_bought_to_a_subscription_stops_with_it_and_is_not_taken_up_before_it() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let order_path = channel.path(&format!("/orders/{}", suite["orderId"].as_str().unwrap()));
    let placed = channel.provider.get(&order_path).await.ok();
    let mut sent = as_sdk(&placed);
    let mut add_on = line(ADD_ON, 4, Some(ONBOARDED));
    add_on["parentSubscriptionId"] = suite["id"].clone();
    sent["LineItems"].as_array_mut().unwrap().push(add_on.clone());
    let added = channel.provider.send("PATCH", &order_path, sent).await.ok();
    assert_eq!(added["lineItems"].as_array().unwrap().len(), 2);
    assert_eq!(added["lineItems"][1]["parentSubscriptionId"], suite["id"]);
    let listed = channel.provider.get(&channel.of(&suite, "/addons")).await.ok();
    let add_on_shown = listed["items"][0].clone();
    assert_eq!((&listed["totalCount"], &add_on_shown["partnerId"]), (&json!(1), &json!(ONBOARDED)));
    // Nothing is added to what it does not fit.
    let tool = channel.buy(UNPAID_TOOL, 1, None).await;
    add_on["parentSubscriptionId"] = tool["id"].clone();
    let answer = channel.provider.post(&channel.path("/orders"), order(&[add_on.clone()])).await;
    assert_eq!(answer.refusal(), "400 orderAddOnWithoutParent");
    let mut base = line(UNPAID_TOOL, 1, None);
    base["parentSubscriptionId"] = suite["id"].clone();
    assert_eq!(channel.provider.post(&channel.path("/orders"), order(&[base])).await.refusal(), "400 orderNotAnAddOn");

    assert_eq!(channel.change(&suite, json!({ "status": "deleted" })).await.refusal(), "400 subscriptionHasAddOns");
    channel.change(&suite, json!({ "status": "suspended" })).await.ok();
    assert_eq!(channel.again(&add_on_shown).await["status"], "suspended");
    let early = channel.change(&add_on_shown, json!({ "status": "active" })).await;
    assert_eq!((early.refusal().as_str(), &early.body["code"]), ("409 subscriptionParentInactive", &json!(27_009)));
    channel.change(&suite, json!({ "status": "active" })).await.ok();
    assert_eq!(channel.again(&add_on_shown).await["status"], "suspended");
    assert_eq!(channel.change(&add_on_shown, json!({ "status": "active" })).await.ok()["status"], "active");
}

#[actix_web::test]
async fn a_cart_is_filled_changed_and_ordered_once() {
    let mut channel = Channel::open().await;
    let carts = channel.path("/carts");
    let item = |offer: &str, cycle: &str| {
        json!({ "catalogItemId": offer, "quantity": 2, "billingCycle": cycle,
            "participants": [{ "key": "transaction_reseller", "value": ONBOARDED }] })
    };
    let cart = channel.provider.post(&carts, json!({ "lineItems": [item(LEGACY_SUITE, "monthly")] })).await;
    assert_eq!(cart.status, 201);
    let cart = cart.ok();
    let path = format!("{carts}/{}", id_of(&cart));
    assert_eq!(channel.provider.put(&path, as_sdk(&cart), None).await.ok(), cart);
    let mut with_add_on = item(LEGACY_SUITE, "monthly");
    with_add_on["addonItems"] = json!([{ "catalogItemId": ADD_ON, "quantity": 1, "billingCycle": "monthly" }]);
    let lines = json!({ "lineItems": [with_add_on, item(MODERN_SUITE, "annual")] });
    let changed =
        channel.provider.put(&path, lines.clone(), Some(cart["attributes"]["etag"].as_str().unwrap())).await.ok();
    assert_eq!(changed["lineItems"][0]["addonItems"][0]["catalogItemId"], ADD_ON);
    assert_eq!(channel.provider.put(&path, lines, Some("1")).await.refusal(), "412 etagStale");
    let ordered = channel.provider.post(&format!("{path}/checkout"), nothing()).await;
    assert_eq!(ordered.status, 201, "{}", ordered.text);
    let ordered = ordered.ok();
    // One order for each billing cycle.
    assert_eq!(ordered["orders"].as_array().unwrap().len(), 2);
    assert_eq!(
        ordered["orders"][0]["lineItems"][1]["parentSubscriptionId"],
        ordered["orders"][0]["lineItems"][0]["subscriptionId"]
    );
    let again = channel.provider.post(&format!("{path}/checkout"), nothing()).await.ok();
    assert_eq!(again, ordered);
    assert_eq!(channel.provider.get(&path).await.ok()["status"], "Ordered");
    assert_eq!(channel.provider.put(&path, as_sdk(&cart), None).await.refusal(), "400 cartOrdered");
    let left = channel.provider.post(&carts, json!({ "lineItems": [item(LEGACY_SUITE, "monthly")] })).await.ok();
    channel.wait(days(7)).await;
    let left = channel.provider.get(&format!("{carts}/{}", id_of(&left))).await;
    assert_eq!((left.refusal().as_str(), &left.body["code"]), ("404 cartUnknown", &json!(800_008)));
}

/// What a refusal says, without what differs from call to call and without the ID that was sent.
fn masked(answer: &Answer, sent: &str) -> String {
    answer.text.replace(sent, "MPN")
}

#[actix_web::test]
async fn sub_05_the_wrong_mpn_ids_are_told_apart_for_partners_alone() {
    let channel = Channel::open().await;
    let stranger = channel.centre.reseller(&channel.operator, "sundsvall", "6009999").await;
    let provider_id = channel.provider.get("/v1/profiles/mpn").await.ok()["mpnId"].as_str().unwrap().to_owned();
    let global = format!("1{ONBOARDED}");
    let elsewhere = format!("2{ONBOARDED}");
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let table = [
        ("7777777", "404 mpnIdUnknown", 800_015),
        // Of a company that is no partner: as if there were none, whichever of its IDs it is.
        ("6009999", "404 mpnIdUnknown", 800_015),
        ("16009999", "404 mpnIdUnknown", 800_015),
        ("26009999", "404 mpnIdUnknown", 800_015),
        ("not digits", "404 mpnIdUnknown", 800_015),
        (provider_id.as_str(), "404 mpnIdOfProvider", 2072),
        (global.as_str(), "400 mpnIdGlobal", 800_016),
        (elsewhere.as_str(), "400 mpnIdNeverOnboarded", 800_016),
    ];
    let mut unknown = std::collections::BTreeSet::new();
    for (given, refusal, code) in table {
        let changed = channel.change(&suite, json!({ "partnerId": given })).await;
        let ordered =
            channel.provider.post(&channel.path("/orders"), order(&[line(LEGACY_SUITE, 1, Some(given))])).await;
        let item = json!({ "catalogItemId": LEGACY_SUITE, "quantity": 1, "participants": [{ "key": "TransactionReseller", "value": given }] });
        let cart = channel.provider.post(&channel.path("/carts"), json!({ "lineItems": [item] })).await.ok();
        let checked_out =
            channel.provider.post(&channel.path(&format!("/carts/{}/checkout", id_of(&cart))), nothing()).await;
        for answer in [&changed, &ordered, &checked_out] {
            assert_eq!(
                (answer.refusal().as_str(), &answer.body["code"]),
                (refusal, &json!(code)),
                "{given}: {}",
                answer.text
            );
            if code == 800_016 {
                // The caller may know: it is told which one to use.
                assert!(answer.sentence().contains(ONBOARDED) && answer.text.contains("useInstead"), "{}", answer.text);
            }
        }
        if refusal == "404 mpnIdUnknown" {
            unknown.insert(masked(&changed, given));
        }
    }
    // Which of them exists cannot be told.
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    // It is not the partnership alone: a reseller that has not signed cannot be named.
    channel.centre.partner(&channel.provider, &stranger).await;
    channel.centre.advance(Duration::from_secs(1));
    let version = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa-2" });
    channel.operator.post("/v1/agreements/mpa/versions", version).await.ok();
    let own = channel.change(&suite, json!({ "partnerId": "6009999" })).await;
    assert_eq!((own.refusal().as_str(), &own.body["code"]), ("403 sellerAgreementMissing", &json!(900_124)));
    channel.provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    let theirs = channel.change(&suite, json!({ "partnerId": "6009999" })).await;
    assert_eq!(
        (theirs.refusal().as_str(), &theirs.body["code"]),
        ("403 resellerOfRecordAgreementMissing", &json!(900_123))
    );
    stranger.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    assert_eq!(channel.change(&suite, json!({ "partnerId": "6009999" })).await.ok()["partnerId"], "6009999");
    // Afterwards it stays, whatever becomes of the partnership, and what is sent back is no new naming.
    let removal = format!("/v1/relationships/{}/removal", stranger.id);
    channel.provider.post(&removal, json!({ "attestation": true })).await.ok();
    let shown = channel.again(&suite).await;
    assert_eq!(shown["partnerId"], "6009999");
    assert_eq!(channel.change(&suite, as_sdk(&shown)).await.ok(), shown);
    channel.change(&suite, json!({ "partnerId": "" })).await.ok();
    assert_eq!(channel.change(&suite, json!({ "partnerId": "6009999" })).await.refusal(), "404 mpnIdUnknown");
}

#[actix_web::test]
async fn a_reseller_of_record_manages_that_subscription_and_nothing_else() {
    let channel = Channel::open().await;
    let other = channel.centre.reseller(&channel.operator, "sundsvall", "6009999").await;
    channel.centre.partner(&channel.provider, &other).await;
    assert_eq!(other.get(&channel.path("/subscriptions")).await.refusal(), "404 relationshipMissing");
    let managed = channel.buy(LEGACY_SUITE, 5, Some("6009999")).await;
    let hidden = channel.buy(UNPAID_TOOL, 1, None).await;
    let seen = other.get(&channel.path("/subscriptions")).await.ok();
    assert_eq!((&seen["totalCount"], &seen["items"][0]["id"]), (&json!(1), &managed["id"]));
    assert_eq!(other.get(&channel.of(&hidden, "")).await.refusal(), "404 subscriptionNotFound");
    let changed = other.send("PATCH", &channel.of(&managed, ""), json!({ "quantity": 6 })).await.ok();
    assert_eq!(changed["quantity"], 6);
    assert_eq!(other.send("PATCH", &channel.of(&managed, ""), changed).await.status, 200);
    let given_away = other.send("PATCH", &channel.of(&managed, ""), json!({ "partnerId": ONBOARDED })).await;
    assert_eq!(given_away.refusal(), "403 subscriptionNotTheSeller");
    for path in ["", "/devices", "/users", "/profiles/billing", "/subscribedskus", "/orders"] {
        assert_eq!(other.get(&channel.path(path)).await.refusal(), "404 relationshipMissing", "{path}");
    }
    assert_eq!(other.get(&channel.of(&managed, "/provisioningstatus")).await.refusal(), "404 relationshipMissing");
    // The customer's own reseller sees what its provider sold, and may not say who is of record either.
    assert_eq!(channel.reseller.get(&channel.path("/subscriptions")).await.ok()["totalCount"], 2);
    let taken = channel.reseller.send("PATCH", &channel.of(&hidden, ""), json!({ "partnerId": ONBOARDED })).await;
    assert_eq!(taken.refusal(), "403 subscriptionNotTheSeller");
    assert_eq!(channel.customer.admin.get(&channel.path("/subscriptions")).await.ok()["totalCount"], 2);
    let by_customer = channel.customer.admin.send("PATCH", &channel.of(&hidden, ""), json!({ "quantity": 2 })).await;
    assert_eq!(by_customer.status, 403);
    // Once somebody else is of record, it is over.
    channel.change(&managed, json!({ "partnerId": ONBOARDED })).await.ok();
    assert_eq!(other.get(&channel.of(&managed, "")).await.refusal(), "404 relationshipMissing");
    let history = channel.provider.get(&channel.of(&managed, "/associations")).await.ok();
    let told: Vec<(&Value, &Value)> =
        history["items"].as_array().unwrap().iter().map(|period| (&period["mpnId"], &period["quantity"])).collect();
    assert_eq!(told, [(&json!("6009999"), &json!(5)), (&json!("6009999"), &json!(6)), (&json!(ONBOARDED), &json!(6))]);
    // A reseller sees its own part of the history.
    let own = channel.reseller.get(&channel.of(&managed, "/associations")).await.ok();
    assert_eq!(own["totalCount"], 1);
}

#[actix_web::test]
async fn once_the_provider_has_left_nothing_more_can_be_bought_through_it() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    let tool = channel.buy(UNPAID_TOOL, 5, Some(ONBOARDED)).await;
    for one in [&suite, &tool] {
        channel.change(one, json!({ "status": "suspended" })).await.ok();
    }
    let leave = json!({ "relationshipToPartner": "none" });
    channel.provider.send("PATCH", &channel.path(""), leave).await.ok();
    let by_reseller = async |body: Value| channel.reseller.send("PATCH", &channel.of(&suite, ""), body).await;
    // What there is stays, and can be named and looked at; nobody takes it up again behind the provider's back.
    assert_eq!(by_reseller(json!({ "friendlyName": "Old suite" })).await.status, 200);
    assert_eq!(by_reseller(json!({ "status": "active" })).await.refusal(), "403 sellerGone");
    assert_eq!(by_reseller(json!({ "autoRenewEnabled": false })).await.status, 200);
    assert_eq!(by_reseller(json!({ "autoRenewEnabled": true })).await.refusal(), "403 sellerGone");
    let order = channel.provider.post(&channel.path("/orders"), order(&[line(LEGACY_SUITE, 1, None)])).await;
    assert_eq!(order.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn where_it_is_required_nothing_is_sold_before_the_customer_agreement_is_confirmed() {
    let centre = Centre::open_with(|settings| settings.subscriptions.require_customer_agreement = true).await;
    let channel = Channel::at(centre).await;
    let orders = channel.path("/orders");
    let wanted = order(&[line(LEGACY_SUITE, 1, None)]);
    let early = channel.provider.post(&orders, wanted.clone()).await;
    assert_eq!((early.refusal().as_str(), &early.body["code"]), ("403 customerAgreementMissing", &json!(13_605)));
    let agreement = json!({
        "primaryContact": { "firstName": "Anna", "lastName": "Ek", "email": "anna@fabrikam.example" },
        "templateId": "117a77b0-9360-443b-8795-c6dedc750cf9", "dateAgreed": "2026-11-20T00:00:00Z",
        "type": "MicrosoftCustomerAgreement",
    });
    channel.provider.post(&channel.path("/agreements"), agreement).await.ok();
    assert_eq!(channel.provider.post(&orders, wanted).await.status, 201);
}

#[actix_web::test]
async fn whoever_may_not_buy_more_gives_no_instructions_to_buy_more_later() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, Some(ONBOARDED)).await;
    channel.centre.advance(Duration::from_secs(1));
    let version = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa-2" });
    channel.operator.post("/v1/agreements/mpa/versions", version).await.ok();
    let later = json!({ "scheduledNextTermInstructions": { "quantity": 50 } });
    let by_reseller = channel.reseller.send("PATCH", &channel.of(&suite, ""), later.clone()).await;
    assert_eq!(by_reseller.refusal(), "403 sellerAgreementMissing");
    assert_eq!(channel.change(&suite, json!({ "quantity": 6 })).await.refusal(), "403 sellerAgreementMissing");
    // A lapsed agreement blocks new transactions alone.
    channel.change(&suite, json!({ "status": "suspended" })).await.ok();
    channel.change(&suite, json!({ "status": "active", "quantity": 4 })).await.ok();
    channel.provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    channel.change(&suite, later).await.ok();
}

#[actix_web::test]
async fn what_is_echoed_of_instructions_is_not_asked_for_again() {
    let channel = Channel::open().await;
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    channel.change(&suite, json!({ "scheduledNextTermInstructions": { "quantity": 9 } })).await.ok();
    let shown = channel.again(&suite).await;
    let events = channel.centre.event_kinds().len();
    assert_eq!(channel.change(&suite, as_sdk(&shown)).await.ok(), shown);
    assert_eq!(channel.centre.event_kinds().len(), events);
    // Suspended as SDKs do it, the whole body with one word changed; that removes them.
    let mut sent = as_sdk(&shown);
    sent["Status"] = json!("suspended");
    let suspended = channel.change(&suite, sent).await.ok();
    assert!(suspended.get("scheduledNextTermInstructions").is_none());
    channel.change(&suite, json!({ "status": "active" })).await.ok();
    channel.change(&suite, json!({ "scheduledNextTermInstructions": { "quantity": 9 } })).await.ok();
    let mut sent = as_sdk(&channel.again(&suite).await);
    sent["AutoRenewEnabled"] = json!(false);
    let stopped = channel.change(&suite, sent).await.ok();
    assert!(stopped.get("scheduledNextTermInstructions").is_none());
    // An upgrade does not fall back to the old offer when its term ends.
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    channel.change(&suite, json!({ "scheduledNextTermInstructions": { "quantity": 9 } })).await.ok();
    let mut sent = as_sdk(&channel.again(&suite).await);
    sent["OfferId"] = json!(LEGACY_SUITE_PLUS);
    let upgraded = channel.change(&suite, sent).await.ok();
    assert_eq!(upgraded["offerId"], LEGACY_SUITE_PLUS);
    assert!(upgraded.get("scheduledNextTermInstructions").is_none());
}

#[actix_web::test]
async fn sub_03_an_etag_changes_with_the_renewal_and_not_when_it_is_kept() {
    let mut channel = Channel::open().await;
    let modern = channel.buy(MODERN_SUITE, 10, Some(ONBOARDED)).await;
    channel.change(&modern, json!({ "scheduledNextTermInstructions": { "quantity": 5 } })).await.ok();
    let before = channel.again(&modern).await;
    channel.wait(days(31)).await;
    let renewed = channel.again(&modern).await;
    assert_eq!(renewed["quantity"], 5);
    // Whoever looked before the renewal does not undo it.
    let stale = channel.change(&modern, before).await;
    assert_eq!(stale.refusal(), "400 subscriptionEtagStale");
    channel.centre.run_jobs().await;
    let parts = channel.centre.app.parts().clone();
    partner_center::subscriptions::keep_house(&parts.db, &parts.clock).await.unwrap();
    assert_eq!(channel.again(&modern).await, renewed);
    channel.wait(days(31)).await;
    let again = channel.again(&modern).await;
    partner_center::subscriptions::keep_house(&parts.db, &parts.clock).await.unwrap();
    let mut named = again;
    named["friendlyName"] = json!("Head office");
    assert_eq!(channel.change(&modern, named).await.status, 200);
}

#[actix_web::test]
async fn an_add_on_does_not_outlive_what_it_is_added_to_and_is_bought_across_billing_cycles() {
    let mut channel = Channel::open().await;
    let other = channel.centre.reseller(&channel.operator, "sundsvall", "6009999").await;
    channel.centre.partner(&channel.provider, &other).await;
    let base = json!({ "catalogItemId": LEGACY_SUITE, "quantity": 2, "billingCycle": "annual",
        "participants": [{ "key": "transaction_reseller", "value": "6009999" }],
        "addonItems": [{ "catalogItemId": ADD_ON, "quantity": 1, "billingCycle": "monthly" }] });
    let first = json!({ "catalogItemId": UNPAID_TOOL, "quantity": 1, "billingCycle": "monthly" });
    let cart = channel.provider.post(&channel.path("/carts"), json!({ "lineItems": [first, base] })).await.ok();
    let path = channel.path(&format!("/carts/{}", id_of(&cart)));
    let ordered = channel.provider.post(&format!("{path}/checkout"), nothing()).await.ok();
    assert_ne!(channel.provider.get(&path).await.ok()["attributes"]["etag"], cart["attributes"]["etag"]);
    let find = |offer: &str| -> Value {
        let orders = ordered["orders"].as_array().unwrap().iter();
        let mut lines = orders.flat_map(|order| order["lineItems"].as_array().unwrap());
        json!({ "id": lines.find(|line| line["offerId"] == offer).unwrap()["subscriptionId"] })
    };
    let (base, add_on) = (find(LEGACY_SUITE), find(ADD_ON));
    let yearly = channel.provider.get(&channel.path("/orders?billingType=Annual")).await.ok();
    assert_eq!((&yearly["totalCount"], &yearly["items"][0]["billingCycle"]), (&json!(1), &json!("annual")));
    // Who is of record of the base alone learns of its add-ons that there are some.
    let told = other.send("PATCH", &channel.of(&base, ""), json!({ "status": "deleted" })).await;
    assert_eq!(told.refusal(), "400 subscriptionHasAddOns");
    assert!(told.sentence().contains("1 add-ons") && !told.text.contains(id_of(&add_on)), "{}", told.text);
    // The new offer is none that the add-on goes with.
    let upgrade = channel.change(&base, json!({ "offerId": LEGACY_SUITE_PLUS })).await;
    assert_eq!(upgrade.refusal(), "400 subscriptionHasAddOns");
    assert!(upgrade.text.contains(id_of(&add_on)));
    channel.change(&base, json!({ "autoRenewEnabled": false })).await.ok();
    assert_eq!(channel.again(&add_on).await["autoRenewEnabled"], false);
    let early = channel.change(&add_on, json!({ "autoRenewEnabled": true })).await;
    assert_eq!(early.refusal(), "409 subscriptionParentNotRenewed");
    channel.wait(days(366)).await;
    assert_eq!(channel.again(&add_on).await["status"], "expired");
}

#[actix_web::test]
async fn what_cannot_be_kept_or_found_is_told_and_lines_are_named_as_they_were_sent() {
    let channel = Channel::open().await;
    let carts = channel.path("/carts");
    for wrong in ["x".repeat(255), "a\0b".to_owned()] {
        let item = json!({ "catalogItemId": LEGACY_SUITE, "quantity": 1, "friendlyName": wrong });
        let answer = channel.provider.post(&carts, json!({ "lineItems": [item] })).await;
        assert_eq!(answer.refusal(), "400 cartTextInvalid");
    }
    let nul = order(&[line("a\0", 1, None)]);
    assert_eq!(channel.provider.post(&channel.path("/orders"), nul).await.refusal(), "400 orderOfferUnknown");
    let none = channel.provider.get(&channel.path("/subscriptions?mpn_id=%00")).await.ok();
    assert_eq!(none["totalCount"], 0);
    let suite = channel.buy(LEGACY_SUITE, 5, None).await;
    let path = channel.path(&format!("/orders/{}", suite["orderId"].as_str().unwrap()));
    let mut sent = channel.provider.get(&path).await.ok();
    sent["lineItems"].as_array_mut().unwrap().push(line("none", 1, None));
    let answer = channel.provider.send("PATCH", &path, sent).await;
    assert!(answer.sentence().starts_with("lineItems[1]:"), "{}", answer.sentence());
    let mut lines = [line("none", 1, None), line(LEGACY_SUITE, 1, None)];
    (lines[0]["lineItemNumber"], lines[1]["lineItemNumber"]) = (json!(1), json!(0));
    let answer = channel.provider.post(&channel.path("/orders"), order(&lines)).await;
    assert!(answer.sentence().starts_with("lineItems[0]:"), "{}", answer.sentence());
}
