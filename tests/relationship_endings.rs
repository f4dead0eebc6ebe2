//! The end of a relationship with a customer waits until nothing runs any more (ruling 11 of the design).

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::catalogue::LEGACY_SUITE;
use crate::harness::{Actor, Answer, Centre, Customer};

async fn channel(centre: &Centre) -> (Actor, Actor, Customer) {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    (provider, reseller, customer)
}

async fn end(actor: &Actor, customer: &Customer) -> Answer {
    actor.send("PATCH", &format!("/v1/customers/{}", customer.id), json!({ "relationshipToPartner": "none" })).await
}

/// Sells subscriptions with these names, of which a reseller is of record if there is one; their ids.
async fn sell(provider: &Actor, customer: &Customer, names: &[&str], of_record: Option<&str>) -> Vec<String> {
    let line = |name: &&str| json!({ "offerId": LEGACY_SUITE, "quantity": 5, "friendlyName": name, "termDuration": "P1M", "partnerIdOnRecord": of_record });
    let order = json!({ "lineItems": names.iter().map(line).collect::<Vec<_>>() });
    let order = provider.post(&format!("/v1/customers/{}/orders", customer.id), order).await.ok();
    let lines = order["lineItems"].as_array().unwrap().iter();
    lines.map(|line| line["subscriptionId"].as_str().unwrap().to_owned()).collect()
}

async fn change(provider: &Actor, customer: &Customer, id: &str, change: Value) {
    let path = format!("/v1/customers/{}/subscriptions/{id}", customer.id);
    provider.send("PATCH", &path, change).await.ok();
}

fn details(answer: &Answer) -> Vec<String> {
    let told = answer.body["data"].as_array().cloned().unwrap_or_default();
    told.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[actix_web::test]
async fn a_relationship_ends_once_every_subscription_is_suspended_or_over() {
    let centre = Centre::open().await.with_catalogue();
    let (provider, _, customer) = channel(&centre).await;
    let sold =
        sell(&provider, &customer, &["Mail for the office", "Old mail", "Older mail", "Not renewed"], None).await;
    change(&provider, &customer, &sold[1], json!({ "status": "suspended" })).await;
    change(&provider, &customer, &sold[2], json!({ "status": "deleted" })).await;
    change(&provider, &customer, &sold[3], json!({ "autoRenewEnabled": false })).await;
    assert_eq!(details(&end(&provider, &customer).await).len(), 2);
    centre.advance(days(32));
    let provider = provider.sign_in_again().await;
    let refused = end(&provider, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    let (sentence, running) = (refused.sentence(), format!("Mail for the office ({})", sold[0]));
    assert!(sentence.contains(&running) && !sentence.contains("Old"), "{sentence}");
    assert!(sentence.contains("1 subscription of this customer is still active"), "{sentence}");
    assert!(sentence.contains("Suspend or cancel"), "{sentence}");
    assert_eq!(details(&refused), [running], "{}", refused.text);
    assert_eq!(refused.body["parameters"]["count"], "1");
    let path = format!("/v1/customers/{}", customer.id);
    assert_eq!(provider.get(&path).await.status, 200, "nothing ended");
    assert!(!centre.event_kinds().iter().any(|kind| kind == "customer_relationship_ended"));
    change(&provider, &customer, &sold[0], json!({ "status": "suspended" })).await;
    assert_eq!(end(&provider, &customer).await.ok()["relationshipToPartner"], "none");
    assert_eq!(provider.get(&path).await.refusal(), "404 relationshipMissing");
    assert_eq!(end(&provider, &customer).await.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn a_reseller_leaves_once_it_is_of_record_of_nothing_that_runs() {
    let centre = Centre::open().await.with_catalogue();
    let (provider, reseller, customer) = channel(&centre).await;
    let own = sell(&provider, &customer, &["Credited"], Some("6001234")).await.remove(0);
    sell(&provider, &customer, &["Sold alone"], None).await;
    let refused = end(&reseller, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    assert_eq!(details(&refused), [format!("Credited ({own})")]);
    assert_eq!(details(&end(&provider, &customer).await).len(), 2, "the provider sold both");
    change(&provider, &customer, &own, json!({ "partnerId": "" })).await;
    end(&reseller, &customer).await.ok();
    assert_eq!(end(&provider, &customer).await.refusal(), "400 subscriptionsActive");
}

#[actix_web::test]
async fn of_many_subscriptions_the_first_hundred_are_listed_and_all_are_counted() {
    let centre = Centre::open().await.with_catalogue();
    let (provider, _, customer) = channel(&centre).await;
    sell(&provider, &customer, &["Mail"; 100], None).await;
    sell(&provider, &customer, &["More mail"; 3], None).await;
    let refused = end(&provider, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    assert!(refused.sentence().contains("103 subscriptions of this customer are"), "{}", refused.sentence());
    assert!(refused.sentence().contains(" and 100 more"), "{}", refused.sentence());
    assert_eq!(details(&refused).len(), 100);
}

#[actix_web::test]
async fn administration_can_be_given_up_while_subscriptions_run_and_others_subscriptions_hinder_nobody() {
    let centre = Centre::open().await.with_catalogue();
    let (provider, reseller, customer) = channel(&centre).await;
    sell(&provider, &customer, &["Mail"], None).await;
    let elsewhere = centre.customer(&provider, "tailspin", Some(&reseller)).await;
    sell(&provider, &elsewhere, &["Elsewhere"], Some("6001234")).await;
    end(&reseller, &customer).await.ok();
    let path = format!("/v1/customers/{}", customer.id);
    let left: Value = provider.send("PATCH", &path, json!({ "allowDelegatedAccess": false })).await.ok();
    assert_eq!((&left["relationshipToPartner"], &left["allowDelegatedAccess"]), (&json!("reseller"), &json!(false)));
}
