//! Offers, SKUs and availabilities as the contract shows them.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::platform::http::{Resource, resource};
use crate::subscriptions::actions::catalogue::ListedOffer;
use crate::subscriptions::model::catalogue::{BillingCycle, Category, Offer, ServicePlan, Term, UnitType};

/// The language of the catalogue, as the contract names it.
const LOCALE: &str = "en-US";

fn link(uri: &str) -> Value {
    json!({ "uri": uri, "method": "GET", "headers": [] })
}

/// A category of offers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CategoryView {
    id: String,
    name: String,
    rank: i32,
    locale: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

impl CategoryView {
    pub(super) fn new(category: Category, country: Option<&str>) -> Resource<Self> {
        let Category { name, rank } = category;
        let country = country.map(str::to_owned);
        resource("OfferCategory", Self { id: name.clone(), name, rank, locale: LOCALE, country })
    }
}

/// The product of an offer.
#[derive(Serialize, ToSchema)]
struct ProductView {
    id: String,
    name: String,
    unit: UnitType,
}

/// An offer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfferView {
    id: String,
    name: String,
    description: String,
    minimum_quantity: i32,
    maximum_quantity: i32,
    rank: i32,
    uri: String,
    locale: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    category: Resource<CategoryView>,
    prerequisite_offers: Vec<String>,
    is_add_on: bool,
    is_available_for_purchase: bool,
    /// `license`, `usage` or `none`.
    billing: &'static str,
    supported_billing_cycles: Vec<BillingCycle>,
    /// For how long it can be bought; the first unless something else is asked for.
    supported_terms: Vec<Term>,
    is_auto_renewable: bool,
    is_trial: bool,
    has_add_ons: bool,
    upgrade_target_offers: Vec<String>,
    /// Subscriptions of it that one customer can have; 0 for any number.
    limit: i32,
    limit_unit_of_measure: &'static str,
    unit_type: UnitType,
    product: ProductView,
    /// Nobody needs to qualify.
    reseller_qualifications: [String; 0],
    /// Nobody needs to qualify.
    resellee_qualifications: [String; 0],
    /// Whether the reseller of record is credited for incentives.
    earns_incentives: bool,
    /// The services that one licence carries.
    service_plans: Vec<ServicePlan>,
    #[schema(value_type = Object)]
    links: Value,
}

impl OfferView {
    pub(super) fn new(listed: ListedOffer, country: Option<&str>) -> Resource<Self> {
        let ListedOffer { offer, category_rank, has_add_ons, is_sold } = listed;
        let uri = match country {
            Some(country) => format!("/offers/{}?country={country}", offer.id),
            None => format!("/offers/{}", offer.id),
        };
        let category = Category { name: offer.category, rank: category_rank };
        let product_id = offer.id.split(':').next().unwrap_or_default().to_owned();
        resource(
            "Offer",
            Self {
                links: json!({ "self": link(&uri), "learnMore": link(&uri) }),
                uri,
                product: ProductView { id: product_id, name: offer.name.clone(), unit: offer.unit_type },
                id: offer.id,
                name: offer.name,
                description: offer.description,
                minimum_quantity: offer.minimum_quantity,
                maximum_quantity: offer.maximum_quantity,
                rank: offer.rank,
                locale: LOCALE,
                country: country.map(str::to_owned),
                category: CategoryView::new(category, country),
                prerequisite_offers: offer.prerequisite_offers,
                is_add_on: offer.is_add_on,
                is_available_for_purchase: is_sold,
                billing: billing(offer.unit_type),
                supported_billing_cycles: offer.billing_cycles,
                supported_terms: offer.terms,
                is_auto_renewable: offer.is_auto_renewable,
                is_trial: offer.is_trial,
                has_add_ons,
                upgrade_target_offers: offer.upgrade_target_offers,
                limit: 0,
                limit_unit_of_measure: "none",
                unit_type: offer.unit_type,
                reseller_qualifications: [],
                resellee_qualifications: [],
                earns_incentives: offer.earns_incentives,
                service_plans: offer.service_plans,
            },
        )
    }
}

fn billing(unit: UnitType) -> &'static str {
    match unit {
        UnitType::Licenses => "license",
        UnitType::UsageBased => "usage",
        UnitType::None => "none",
    }
}

/// A SKU of a product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SkuView {
    id: String,
    product_id: String,
    title: String,
    description: String,
    minimum_quantity: i32,
    maximum_quantity: i32,
    is_trial: bool,
    supported_billing_cycles: Vec<BillingCycle>,
    /// Nothing has to be done before.
    purchase_prerequisites: [String; 0],
    /// Nothing has to be told.
    provisioning_variables: [String; 0],
    #[schema(value_type = Object)]
    dynamic_attributes: Map<String, Value>,
    #[schema(value_type = Object)]
    links: Value,
}

impl SkuView {
    /// A SKU as the first of its offers describes it. `path` leads to the customer's products.
    pub(super) fn new(offer: &Offer, path: &str) -> Resource<Self> {
        let (product, sku, _) = offer.parts();
        let uri = format!("{path}/{product}/skus/{sku}");
        resource(
            "Sku",
            Self {
                id: sku.to_owned(),
                product_id: product.to_owned(),
                title: offer.name.clone(),
                description: offer.description.clone(),
                minimum_quantity: offer.minimum_quantity,
                maximum_quantity: offer.maximum_quantity,
                is_trial: offer.is_trial,
                supported_billing_cycles: offer.billing_cycles.clone(),
                purchase_prerequisites: [],
                provisioning_variables: [],
                dynamic_attributes: Map::new(),
                links: json!({ "self": link(&uri), "availabilities": link(&format!("{uri}/availabilities")) }),
            },
        )
    }
}

/// For how long and how something can be bought.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TermView {
    id: String,
    duration: Term,
    description: String,
    billing_cycle: BillingCycle,
}

/// An availability of a SKU: what is ordered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AvailabilityView {
    id: String,
    product_id: String,
    sku_id: String,
    /// What an order or a cart names.
    catalog_item_id: String,
    segment: &'static str,
    country: String,
    is_purchasable: bool,
    is_renewable: bool,
    terms: Vec<TermView>,
    #[schema(value_type = Object)]
    links: Value,
}

impl AvailabilityView {
    /// `path` leads to the customer's products.
    pub(super) fn new(offer: &Offer, country: &str, path: &str) -> Resource<Self> {
        let (product, sku, availability) = offer.parts();
        let uri = format!("{path}/{product}/skus/{sku}/availabilities/{availability}");
        let pairs = offer.terms.iter().flat_map(|term| offer.billing_cycles.iter().map(move |cycle| (*term, *cycle)));
        let terms = pairs.filter(|(term, cycle)| cycle.fits(*term)).map(|(duration, billing_cycle)| TermView {
            id: format!("{duration}-{billing_cycle}"),
            duration,
            description: format!("{}, {}", commitment(duration), charged(billing_cycle)),
            billing_cycle,
        });
        resource(
            "Availability",
            Self {
                id: availability.to_owned(),
                product_id: product.to_owned(),
                sku_id: sku.to_owned(),
                catalog_item_id: offer.id.clone(),
                segment: "commercial",
                country: country.to_owned(),
                is_purchasable: true,
                is_renewable: offer.is_auto_renewable,
                terms: terms.collect(),
                links: json!({ "self": link(&uri) }),
            },
        )
    }
}

fn commitment(term: Term) -> &'static str {
    match term {
        Term::Month => "One-month commitment",
        Term::Year => "One-year commitment",
        Term::ThreeYears => "Three-year commitment",
    }
}

fn charged(cycle: BillingCycle) -> &'static str {
    match cycle {
        BillingCycle::Monthly => "charged every month",
        BillingCycle::Annual => "charged every year",
        BillingCycle::Triennial => "charged every three years",
        BillingCycle::OneTime => "charged once",
        BillingCycle::None => "not charged",
    }
}
