//! Offers: what can be bought, in which quantities, for which terms.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::portal::is_country;
use crate::platform::text::shorten;
use crate::words;

words! {
    /// How long a subscription runs before it ends or is renewed.
    Term {
        /// A month.
        Month = "P1M",
        /// A year.
        Year = "P1Y",
        /// Three years.
        ThreeYears = "P3Y",
    }
}

impl Term {
    fn months(self) -> u32 {
        match self {
            Term::Month => 1,
            Term::Year => 12,
            Term::ThreeYears => 36,
        }
    }

    /// When so many terms end of which the first begins at `start`: the same day of a later month, or its last day.
    pub fn end_after(self, start: Timestamp, terms: u32) -> Timestamp {
        let end = start.to_chrono().checked_add_months(Months::new(self.months().saturating_mul(terms)));
        Timestamp::from_chrono(end.unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The end of the term that holds `from`, counted from where the first one began, so that the last day of a month
    /// stays the last.
    pub fn following(self, first: Timestamp, from: Timestamp) -> Timestamp {
        let mut terms = 1;
        loop {
            let end = self.end_after(first, terms);
            if end > from || terms == u32::MAX {
                return end;
            }
            terms += 1;
        }
    }
}

words! {
    /// How often a subscription is charged.
    BillingCycle {
        /// Every month.
        Monthly = "monthly",
        /// Every year.
        Annual = "annual",
        /// Every three years.
        Triennial = "triennial",
        /// Once.
        OneTime = "one_time",
        /// Not at all: trials, benefits.
        None = "none",
    }
}

impl BillingCycle {
    /// Whether a term can be charged like this: no cycle is longer than what it charges for.
    pub fn fits(self, term: Term) -> bool {
        match self {
            BillingCycle::Monthly | BillingCycle::OneTime | BillingCycle::None => true,
            BillingCycle::Annual => term.months() >= 12,
            BillingCycle::Triennial => term.months() >= 36,
        }
    }
}

words! {
    /// What a quantity counts.
    UnitType {
        /// Licences, one for each user.
        Licenses = "Licenses",
        /// What is used, measured afterwards.
        UsageBased = "Usage-based",
        /// Nothing.
        None = "none",
    }
}

/// A service that a licence of an offer carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePlan {
    /// Its id.
    pub id: Uuid,
    /// Its name, such as `INTUNE_A`.
    pub name: String,
    /// What people call it.
    pub display_name: String,
}

/// Something that can be bought. Legacy offers have a bare id; offers of the new commerce are
/// `product:sku:availability`, and of those licences can be given back only for a few days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Offer {
    /// Its id: at most 100 characters.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The category it is found in.
    pub category: String,
    /// Where it stands in a list; small numbers first.
    #[serde(default)]
    pub rank: i32,
    /// Units of a subscription at least: 1 or more.
    pub minimum_quantity: i32,
    /// Units of a subscription at most.
    pub maximum_quantity: i32,
    /// What the quantity counts.
    pub unit_type: UnitType,
    /// For how long it can be bought; the first unless something else is asked for.
    pub terms: Vec<Term>,
    /// How it can be charged; the first unless something else is asked for.
    pub billing_cycles: Vec<BillingCycle>,
    /// Whether it is added to a subscription of another offer.
    #[serde(default)]
    pub is_add_on: bool,
    /// Of an add-on: the offers it can be added to.
    #[serde(default)]
    pub prerequisite_offers: Vec<String>,
    /// The offers that a subscription of it can be upgraded to.
    #[serde(default)]
    pub upgrade_target_offers: Vec<String>,
    /// Whether it is a trial.
    #[serde(default)]
    pub is_trial: bool,
    /// Whether its subscriptions can go on by themselves at the end of a term.
    pub is_auto_renewable: bool,
    /// Whether the reseller of record is credited for incentives.
    pub earns_incentives: bool,
    /// The services that one licence carries.
    #[serde(default)]
    pub service_plans: Vec<ServicePlan>,
    /// The countries it is sold in; everywhere, if there are none.
    #[serde(default)]
    pub countries: Vec<String>,
    /// Whether it is sold. One that is not stays, for the subscriptions there are.
    pub is_available: bool,
}

/// What stands for SKU and availability of a legacy offer, which has neither.
const ONLY: &str = "0001";

/// The id of an offer as the catalogue has it, from how clients write it: GUIDs in any case, and a legacy offer also by
/// the product, SKU and availability that it is shown as.
pub fn offer_id(written: &str) -> String {
    let bare = written.strip_suffix(":0001:0001").unwrap_or(written);
    match bare.parse::<Uuid>() {
        Ok(_) => bare.to_ascii_lowercase(),
        Err(_) => bare.to_owned(),
    }
}

impl Offer {
    /// Product, SKU and availability. A legacy offer is its own product with one of each.
    pub fn parts(&self) -> (&str, &str, &str) {
        let mut parts = self.id.splitn(3, ':');
        let product = parts.next().unwrap_or_default();
        (product, parts.next().unwrap_or(ONLY), parts.next().unwrap_or(ONLY))
    }

    /// Whether it is one of the new commerce.
    pub fn is_new_commerce(&self) -> bool {
        self.id.contains(':')
    }

    /// Whether customers of a country can buy it.
    pub fn sells_in(&self, country: &str) -> bool {
        self.countries.is_empty() || self.countries.iter().any(|one| one.eq_ignore_ascii_case(country))
    }

    /// How it can be charged when it is bought for a term; the first unless something else is asked for.
    pub fn cycles_for(&self, term: Term) -> Vec<BillingCycle> {
        self.billing_cycles.iter().copied().filter(|cycle| cycle.fits(term)).collect()
    }

    /// Whether it can be added to another offer.
    pub fn adds_to(&self, base: &Offer) -> bool {
        self.is_add_on && !base.is_add_on && self.prerequisite_offers.contains(&base.id)
    }

    /// Whether a quantity is within its limits.
    pub fn allows(&self, quantity: i32) -> bool {
        (self.minimum_quantity..=self.maximum_quantity).contains(&quantity)
    }
}

/// A category of offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// What it is called, which is its id as well.
    pub name: String,
    /// Where it stands in a list; small numbers first.
    pub rank: i32,
}

/// Which of the offers that are sold are meant.
#[derive(Clone, Debug, Default)]
pub struct OfferFilter {
    /// Those sold in a country, in capitals.
    pub country: Option<String>,
    /// Those of a category.
    pub category: Option<String>,
    /// Those of a product.
    pub product: Option<String>,
    /// Those that can be added to an offer.
    pub add_ons_of: Option<String>,
}

/// What is not in the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// No such offer.
    #[error("There is no offer \"{0}\". GET /v1/offers lists those that are sold.")]
    Offer(String),
    /// Of the product nothing is sold to the customer.
    #[error("There is no product \"{0}\" that is sold in the customer's country.")]
    Product(String),
    /// The product has no such SKU.
    #[error("The product \"{0}\" has no SKU \"{1}\" that is sold in the customer's country.")]
    Sku(String, String),
    /// The SKU has no such availability.
    #[error("The SKU \"{0}\" has no availability \"{1}\" in the customer's country.")]
    Availability(String, String),
    /// No country has that code.
    #[error("country is \"{0}\", the code of no country. Use two letters of ISO 3166-1, such as SE.")]
    Country(String),
}

/// Characters of an id that a sentence repeats.
const SHOWN: usize = 100;

impl CatalogueError {
    /// Says that there is no such offer.
    pub fn offer(id: &str) -> Self {
        Self::Offer(shorten(id, SHOWN))
    }

    /// Says that there is no such product.
    pub fn product(id: &str) -> Self {
        Self::Product(shorten(id, SHOWN))
    }

    /// Says that a product has no such SKU.
    pub fn sku(product: &str, sku: &str) -> Self {
        Self::Sku(shorten(product, SHOWN), shorten(sku, SHOWN))
    }

    /// Says that a SKU has no such availability.
    pub fn availability(sku: &str, availability: &str) -> Self {
        Self::Availability(shorten(sku, SHOWN), shorten(availability, SHOWN))
    }
}

impl Refusal for CatalogueError {
    fn code(&self) -> Code {
        match self {
            CatalogueError::Offer(_) => Code::new(910_601, "offerUnknown", Kind::NotFound),
            CatalogueError::Product(_) => Code::new(400_013, "productUnknown", Kind::NotFound),
            CatalogueError::Sku(..) => Code::new(400_018, "skuUnknown", Kind::NotFound),
            CatalogueError::Availability(..) => Code::new(400_019, "availabilityUnknown", Kind::NotFound),
            CatalogueError::Country(_) => Code::new(910_602, "marketUnknown", Kind::BadInput),
        }
    }
}

/// The country that a query names, in capitals. Clients send an empty one for none.
///
/// # Errors
/// [`CatalogueError::Country`].
pub fn market(country: Option<&str>) -> Result<Option<String>, CatalogueError> {
    let Some(named) = country.map(str::trim).filter(|country| !country.is_empty()) else { return Ok(None) };
    let country = named.to_ascii_uppercase();
    if is_country(&country) { Ok(Some(country)) } else { Err(CatalogueError::Country(shorten(named, SHOWN))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_found_by_what_clients_make_of_its_id() {
        let legacy = "195416c1-3447-423a-b37b-ee59a99a19c4";
        assert_eq!(offer_id("195416C1-3447-423A-B37B-EE59A99A19C4"), legacy);
        assert_eq!(offer_id(&format!("{legacy}:0001:0001")), legacy);
        assert_eq!(offer_id("CFQ7TTC0LH18:0001:CFQ7TTC0K971"), "CFQ7TTC0LH18:0001:CFQ7TTC0K971");
        assert_eq!(offer_id("anything"), "anything");
    }

    #[test]
    fn no_cycle_charges_for_longer_than_the_term() {
        let fitting = |term: Term| -> Vec<&str> {
            BillingCycle::ALL.iter().filter(|cycle| cycle.fits(term)).map(|cycle| cycle.as_str()).collect()
        };
        assert_eq!(fitting(Term::Month), ["monthly", "one_time", "none"]);
        assert_eq!(fitting(Term::Year), ["monthly", "annual", "one_time", "none"]);
        assert_eq!(fitting(Term::ThreeYears), ["monthly", "annual", "triennial", "one_time", "none"]);
    }
}
