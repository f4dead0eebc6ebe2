//! A provider with a reseller, a customer of both, and things to sell.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use super::{Actor, Centre, Customer};

/// A provider, its reseller with MPN ID 6001234, and their customer `fabrikam`; and the small catalogue.
pub struct Channel {
    pub centre: Centre,
    pub operator: Actor,
    pub provider: Actor,
    pub reseller: Actor,
    pub customer: Customer,
}

/// The MPN ID that the reseller onboarded with.
pub const ONBOARDED: &str = "6001234";

impl Channel {
    pub async fn open() -> Self {
        Self::at(Centre::open().await).await
    }

    /// The same in a centre with settings of its own.
    pub async fn at(centre: Centre) -> Self {
        let centre = centre.with_catalogue();
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", ONBOARDED).await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        Self { centre, operator, provider, reseller, customer }
    }

    /// Time passes; whoever is signed in stays so.
    pub async fn wait(&mut self, by: Duration) {
        let mut left = by;
        while !left.is_zero() {
            // Refresh tokens last for 90 days.
            let step = left.min(days(60));
            left -= step;
            self.centre.advance(step);
            for actor in [&mut self.operator, &mut self.provider, &mut self.reseller, &mut self.customer.admin] {
                *actor = actor.sign_in_again().await;
            }
        }
    }

    /// A path of the customer.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/customers/{}{rest}", self.customer.id)
    }

    /// A path of one of its subscriptions.
    pub fn of(&self, subscription: &Value, rest: &str) -> String {
        self.path(&format!("/subscriptions/{}{rest}", id_of(subscription)))
    }

    /// Orders one line; the subscription that comes of it.
    pub async fn buy(&self, offer: &str, quantity: i32, mpn_id: Option<&str>) -> Value {
        let order = self.provider.post(&self.path("/orders"), order(&[line(offer, quantity, mpn_id)])).await.ok();
        let id = order["lineItems"][0]["subscriptionId"].as_str().unwrap();
        self.provider.get(&self.path(&format!("/subscriptions/{id}"))).await.ok()
    }

    /// Changes a subscription as the provider.
    pub async fn change(&self, subscription: &Value, body: Value) -> super::Answer {
        self.provider.send("PATCH", &self.of(subscription, ""), body).await
    }

    /// The subscription as it is now.
    pub async fn again(&self, subscription: &Value) -> Value {
        self.provider.get(&self.of(subscription, "")).await.ok()
    }
}

/// The id of a resource.
pub fn id_of(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

/// A line of an order.
pub fn line(offer: &str, quantity: i32, mpn_id: Option<&str>) -> Value {
    let mut line = json!({ "offerId": offer, "quantity": quantity });
    if let Some(mpn_id) = mpn_id {
        line["partnerIdOnRecord"] = json!(mpn_id);
    }
    line
}

/// An order, charged monthly.
pub fn order(lines: &[Value]) -> Value {
    json!({ "billingCycle": "monthly", "lineItems": lines })
}
