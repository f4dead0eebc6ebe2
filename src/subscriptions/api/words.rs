//! How clients write words of this feature, and how links are written to them: section 1.6 of the contract.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::platform::error::codes;
use crate::platform::http::Error;
use crate::platform::text::shorten;
use crate::subscriptions::model::catalogue::{BillingCycle, Offer, Term};
use crate::subscriptions::model::subscriptions::SubscriptionStatus;

/// A property that was sent, null included; [`None`] only if it was left out. With `#[serde(default)]`.
pub(super) fn sent<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The word among those of a list that .NET counts from 0, in whatever way it was written; nothing for null and `""`.
fn among<'w>(property: &str, value: Option<&Value>, words: &[&'w str]) -> Result<Option<&'w str>, Error> {
    let found = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => words.iter().find(|word| plain(word) == plain(text)),
        Some(Value::Number(number)) => {
            number.as_u64().and_then(|place| usize::try_from(place).ok()).and_then(|place| words.get(place))
        }
        Some(_) => None,
    };
    let shown = || shorten(&value.map(Value::to_string).unwrap_or_default(), 40);
    let sentence = || format!("{property} is {}; it can be {}.", shown(), words.join(", "));
    found.map(|word| Some(*word)).ok_or_else(|| Error::plain(codes::BAD_REQUEST, sentence()))
}

/// The status that a client says a subscription has or is to have.
pub(super) fn status(value: Option<&Value>) -> Result<Option<SubscriptionStatus>, Error> {
    let words = ["none", "active", "suspended", "deleted", "expired", "disabled"];
    let found = among("status", value, &words)?;
    Ok(found.and_then(|word| SubscriptionStatus::ALL.iter().copied().find(|status| status.as_str() == word)))
}

/// A billing cycle; `unknown` says nothing.
pub(super) fn billing_cycle(value: Option<&Value>) -> Result<Option<BillingCycle>, Error> {
    let words = ["unknown", "monthly", "annual", "none", "one_time", "triennial"];
    let found = among("billingCycle", value, &words)?;
    Ok(found.and_then(|word| BillingCycle::ALL.iter().copied().find(|cycle| cycle.as_str() == word)))
}

/// A term as ISO 8601 writes it; `""` says nothing.
pub(super) fn term(value: Option<&str>) -> Result<Option<Term>, Error> {
    let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = match text.to_ascii_uppercase().as_str() {
        "P12M" => Some(Term::Year),
        "P36M" => Some(Term::ThreeYears),
        upper => Term::ALL.iter().copied().find(|term| term.as_str() == upper),
    };
    let sentence = || format!("termDuration is \"{}\"; it can be P1M, P1Y, P3Y.", shorten(text, 40));
    found.map(Some).ok_or_else(|| Error::plain(codes::BAD_REQUEST, sentence()))
}

/// A link of the contract.
pub(super) fn link(uri: String) -> Value {
    json!({ "uri": uri, "method": "GET", "headers": [] })
}

/// Where an offer is found: a legacy one in the list of offers, one of the new commerce by product, SKU and availability.
pub(super) fn links_of_offer(customer: &impl std::fmt::Display, offer: &Offer, links: &mut Value) {
    if !offer.is_new_commerce() {
        links["offer"] = link(format!("/offers/{}", offer.id));
        return;
    }
    let (product, sku, availability) = offer.parts();
    let of_sku = format!("/customers/{customer}/products/{product}/skus/{sku}");
    links["availability"] = link(format!("{of_sku}/availabilities/{availability}"));
    links["sku"] = link(of_sku);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_all_clients_write_them() {
        let told = |value: Value| status(Some(&value)).ok();
        assert_eq!(told(json!("Suspended")), Some(Some(SubscriptionStatus::Suspended)));
        assert_eq!(told(json!(2)), Some(Some(SubscriptionStatus::Suspended)));
        assert_eq!(told(json!("none")), Some(None));
        assert_eq!(told(json!(null)), Some(None));
        assert_eq!(told(json!("gone")), None);
        let cycle = |value: Value| billing_cycle(Some(&value)).ok();
        assert_eq!(cycle(json!("OneTime")), Some(Some(BillingCycle::OneTime)));
        assert_eq!(cycle(json!("one_time")), Some(Some(BillingCycle::OneTime)));
        assert_eq!(cycle(json!(1)), Some(Some(BillingCycle::Monthly)));
        assert_eq!(cycle(json!("unknown")), Some(None));
        assert_eq!(term(Some("p1y")).ok(), Some(Some(Term::Year)));
        assert_eq!(term(Some("P12M")).ok(), Some(Some(Term::Year)));
        assert_eq!(term(Some("")).ok(), Some(None));
        assert!(term(Some("P2Y")).is_err());
    }
}
