//! The end of a relationship with a customer waits until nothing runs any more (ruling 11 of the design).

use partner_center::platform::clock::days;
use serde_json::{Value, json};
use uuid::Uuid;

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

/// Ids and moments as a database writes them.
struct Written<'a>(&'a Centre);

impl Written<'_> {
    fn postgres(&self) -> bool {
        self.0.database().url().starts_with("postgres")
    }

    fn id(&self, id: &str) -> String {
        let id: Uuid = id.parse().unwrap();
        if self.postgres() { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
    }

    fn days_ahead(&self, ahead: u32) -> String {
        let at = self.0.clock.now().after(days(ahead.into())).micros();
        if self.postgres() { format!("to_timestamp({at} / 1000000.0)") } else { at.to_string() }
    }

    fn yes(&self, yes: bool) -> String {
        if self.postgres() { yes.to_string() } else { i32::from(yes).to_string() }
    }

    /// Sells a subscription; of whom the reseller of record is, if there is one.
    fn sell(
        &self,
        (provider, customer): (&Actor, &Customer),
        name: &str,
        status: &str,
        of_record: Option<&Actor>,
    ) -> String {
        self.sell_until((provider, customer), name, (status, true, 365), of_record)
    }

    fn sell_until(
        &self,
        (provider, customer): (&Actor, &Customer),
        name: &str,
        (status, renewed, ends_in): (&str, bool, u32),
        of_record: Option<&Actor>,
    ) -> String {
        let (order, id) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
        let database = self.0.database();
        let offer = format!("offer-{id}");
        let now = self.days_ahead(0);
        let no = self.yes(false);
        database.break_with(&format!(
            "INSERT INTO offers (id, category, rank, name, product_id, is_add_on, details, imported_at)
             VALUES ('{offer}', 'Office', 1, '{name}', '{offer}', {no}, '{{}}', {now})"
        ));
        let (customer_id, provider_id) = (self.id(&customer.id), self.id(&provider.id));
        let order_id = self.id(&order);
        database.break_with(&format!(
            "INSERT INTO orders (id, customer_id, provider_id, billing_cycle, version, created_at)
             VALUES ({order_id}, {customer_id}, {provider_id}, 'monthly', 1, {now})"
        ));
        let (own, renews, ends) = (self.id(&id), self.yes(renewed), self.days_ahead(ends_in));
        database.break_with(&format!(
            "INSERT INTO subscriptions (id, customer_id, provider_id, order_id, offer_id, friendly_name, quantity, status,
                 status_since, term, billing_cycle, auto_renew, reducible, started_at, ends_at, version, created_at)
             VALUES ({own}, {customer_id}, {provider_id}, {order_id}, '{offer}', '{name}', 5, '{status}',
                 {now}, 'P1Y', 'monthly', {renews}, '[]', {now}, {ends}, 1, {now})"
        ));
        if let Some(reseller) = of_record {
            let (reseller_id, yes) = (self.id(&reseller.id), self.yes(true));
            database.break_with(&format!(
                "INSERT INTO association_periods (subscription_id, number, customer_id, provider_id, reseller_id, mpn_id,
                     offer_id, earns, quantity, active, associated_at, since, from_day, until_day, lapse_day)
                 VALUES ({own}, 1, {customer_id}, {provider_id}, {reseller_id}, '6001234',
                     '{offer}', {yes}, 5, {yes}, {now}, {now}, 0, 1000000, 1000000)"
            ));
        }
        id
    }

    fn change(&self, table: &str, set: &str, column: &str, id: &str) {
        self.0.database().break_with(&format!("UPDATE {table} SET {set} WHERE {column} = {}", self.id(id)));
    }
}

fn details(answer: &Answer) -> Vec<String> {
    let told = answer.body["data"].as_array().cloned().unwrap_or_default();
    told.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
}

#[actix_web::test]
async fn a_relationship_ends_once_every_subscription_is_suspended_or_over() {
    let centre = Centre::open().await;
    let (provider, _, customer) = channel(&centre).await;
    let written = Written(&centre);
    let sold = (&provider, &customer);
    let running = written.sell(sold, "Mail for the office", "active", None);
    written.sell(sold, "Old mail", "suspended", None);
    written.sell(sold, "Older mail", "deleted", None);
    written.sell_until(sold, "A trial", ("active", false, 0), None);
    let refused = end(&provider, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    let sentence = refused.sentence();
    assert!(sentence.contains(&format!("Mail for the office ({running})")), "{sentence}");
    assert!(sentence.contains("1 subscription of this customer is still active") && !sentence.contains("Old"));
    assert!(sentence.contains("Suspend or cancel"), "{sentence}");
    assert_eq!(details(&refused), [format!("Mail for the office ({running})")], "{}", refused.text);
    assert_eq!(refused.body["parameters"]["count"], "1");
    let path = format!("/v1/customers/{}", customer.id);
    assert_eq!(provider.get(&path).await.status, 200, "nothing ended");
    assert!(!centre.event_kinds().iter().any(|kind| kind.contains("ended")), "{:?}", centre.event_kinds());
    written.change("subscriptions", "status = 'suspended'", "id", &running);
    assert_eq!(end(&provider, &customer).await.ok()["relationshipToPartner"], "none");
    assert_eq!(provider.get(&path).await.refusal(), "404 relationshipMissing");
    assert_eq!(end(&provider, &customer).await.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn a_reseller_leaves_once_it_is_of_record_of_nothing_that_runs() {
    let centre = Centre::open().await;
    let (provider, reseller, customer) = channel(&centre).await;
    let written = Written(&centre);
    let sold = (&provider, &customer);
    let own = written.sell(sold, "Credited", "active", Some(&reseller));
    written.sell(sold, "Sold alone", "active", None);
    let refused = end(&reseller, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    assert_eq!(details(&refused), [format!("Credited ({own})")]);
    assert_eq!(details(&end(&provider, &customer).await).len(), 2, "the provider sold both");
    let until = format!("until = {}", written.days_ahead(0));
    written.change("association_periods", &until, "subscription_id", &own);
    end(&reseller, &customer).await.ok();
    assert_eq!(end(&provider, &customer).await.refusal(), "400 subscriptionsActive");
}

#[actix_web::test]
async fn of_many_subscriptions_the_first_hundred_are_listed_and_all_are_counted() {
    let centre = Centre::open().await;
    let (provider, _, customer) = channel(&centre).await;
    let written = Written(&centre);
    for number in 0..103 {
        written.sell((&provider, &customer), &format!("Number {number}"), "active", None);
    }
    let refused = end(&provider, &customer).await;
    assert_eq!(refused.refusal(), "400 subscriptionsActive");
    assert!(refused.sentence().contains("103 subscriptions of this customer are"), "{}", refused.sentence());
    assert!(refused.sentence().contains(" and 100 more"), "{}", refused.sentence());
    assert_eq!(details(&refused).len(), 100);
}

#[actix_web::test]
async fn administration_can_be_given_up_while_subscriptions_run_and_others_subscriptions_hinder_nobody() {
    let centre = Centre::open().await;
    let (provider, reseller, customer) = channel(&centre).await;
    let written = Written(&centre);
    let sold = (&provider, &customer);
    written.sell(sold, "Mail", "active", None);
    let elsewhere = centre.customer(&provider, "tailspin", Some(&reseller)).await;
    written.sell((&provider, &elsewhere), "Elsewhere", "active", Some(&reseller));
    end(&reseller, &customer).await.ok();
    let path = format!("/v1/customers/{}", customer.id);
    let left: Value = provider.send("PATCH", &path, json!({ "allowDelegatedAccess": false })).await.ok();
    assert_eq!((&left["relationshipToPartner"], &left["allowDelegatedAccess"]), (&json!("reseller"), &json!(false)));
}
