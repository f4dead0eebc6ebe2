//! Licences of a customer's users: SKUs, seats, assignments.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::catalogue::{Offer, ServicePlan, UnitType};
use super::users::UserError;
use crate::delegation::GateError;
use crate::ids;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::keys::sha256;
use crate::platform::text::shorten;

ids! {
    /// What licences are of: a product and one of its SKUs, whatever the availability they were bought with.
    SkuId,
}

/// The one group of licences there is here: those of the directory.
pub const LICENSE_GROUP: &str = "group1";
/// The contract's other group, of which nothing is sold here.
const OTHER_GROUP: &str = "group2";

/// SKUs that one request assigns at most, and that it removes at most.
pub const MAX_SKUS: usize = 100;
/// Service plans that one assignment excludes at most.
const MAX_EXCLUDED: usize = 100;

impl SkuId {
    /// The SKU of an offer. Of a legacy offer it is the offer's own id; of the new commerce, whose ids are no GUIDs, one made
    /// from product and SKU, the same for ever.
    pub fn of(offer: &Offer) -> Self {
        let (product, sku, _) = offer.parts();
        if let (false, Ok(id)) = (offer.is_new_commerce(), product.parse()) {
            return Self::from_uuid(id);
        }
        let digest = sha256(format!("{product}:{sku}").as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Licences of one offer that a customer's subscriptions hold.
#[derive(Clone, Debug)]
pub struct Seats {
    /// The offer's id.
    pub offer: String,
    /// Those of active subscriptions.
    pub active: i64,
    /// Those of suspended ones.
    pub suspended: i64,
}

/// What a customer has licences of.
#[derive(Clone, Debug)]
pub struct Sku {
    /// Its id.
    pub id: SkuId,
    /// What it is called.
    pub name: String,
    /// The services that one licence carries.
    pub plans: Vec<ServicePlan>,
    /// Licences that can be assigned.
    pub active: i64,
    /// Licences of suspended subscriptions.
    pub suspended: i64,
}

impl Sku {
    /// Its name as part numbers are written: capitals, digits and `_`.
    pub fn part_number(&self) -> String {
        let words = self.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_")
    }
}

/// The SKUs that seats are of, by name. Offers of one SKU are one, whoever sold which.
pub fn skus_of(seats: &[Seats], offers: &[Offer]) -> Vec<Sku> {
    let mut offers: Vec<&Offer> = offers.iter().filter(|offer| offer.unit_type == UnitType::Licenses).collect();
    offers.sort_by(|one, other| one.id.cmp(&other.id));
    let mut skus: BTreeMap<SkuId, Sku> = BTreeMap::new();
    for offer in offers {
        let id = SkuId::of(offer);
        let new = || Sku { id, name: offer.name.clone(), plans: Vec::new(), active: 0, suspended: 0 };
        let sku = skus.entry(id).or_insert_with(new);
        for plan in &offer.service_plans {
            if sku.plans.iter().all(|known| known.id != plan.id) {
                sku.plans.push(plan.clone());
            }
        }
        for seats in seats.iter().filter(|seats| seats.offer == offer.id) {
            sku.active += seats.active;
            sku.suspended += seats.suspended;
        }
    }
    let mut skus: Vec<Sku> = skus.into_values().collect();
    skus.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    skus
}

/// The units of a SKU as the contract counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// Of active subscriptions.
    pub active: i64,
    /// Assigned.
    pub consumed: i64,
    /// Of suspended subscriptions.
    pub suspended: i64,
    /// Assigned beyond those that are active.
    pub warning: i64,
    /// Active and warning.
    pub total: i64,
    /// Those that can be assigned.
    pub available: i64,
}

impl Units {
    /// The units of a SKU of which `consumed` are assigned. Licences that were assigned before there were fewer stay.
    pub fn of(sku: &Sku, consumed: i64) -> Self {
        let warning = (consumed - sku.active).max(0);
        let total = sku.active + warning;
        Self { active: sku.active, consumed, suspended: sku.suspended, warning, total, available: total - consumed }
    }

    /// The contract's word for how the SKU stands.
    pub fn capability(&self) -> &'static str {
        match self {
            Self { active: 0, .. } => "Suspended",
            Self { warning: 0, .. } => "Enabled",
            _ => "Warning",
        }
    }

    /// Whether there is anything to show.
    pub fn is_something(&self) -> bool {
        self.active > 0 || self.suspended > 0 || self.consumed > 0
    }
}

/// A licence of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Of what.
    pub sku: SkuId,
    /// The services that this user does not get of it, in order of their ids.
    pub excluded: BTreeSet<Uuid>,
}

/// What is to be assigned to a user, and what taken from it.
#[derive(Clone, Debug, Default)]
pub struct LicenseUpdate {
    /// To be assigned, or to have other plans excluded.
    pub assign: Vec<Assignment>,
    /// To be taken away.
    pub remove: Vec<SkuId>,
}

impl LicenseUpdate {
    /// Whether it names a bounded number of SKUs, each once.
    ///
    /// # Errors
    /// [`LicenseError::TooMany`], [`LicenseError::NamedTwice`].
    pub fn check(&self) -> Result<(), LicenseError> {
        if self.assign.len() > MAX_SKUS
            || self.remove.len() > MAX_SKUS
            || self.assign.iter().any(|one| one.excluded.len() > MAX_EXCLUDED)
        {
            return Err(LicenseError::TooMany);
        }
        let mut seen = BTreeSet::new();
        let named = self.assign.iter().map(|one| one.sku).chain(self.remove.iter().copied());
        match named.into_iter().find(|sku| !seen.insert(*sku)) {
            Some(twice) => Err(LicenseError::NamedTwice(twice)),
            None => Ok(()),
        }
    }
}

/// Whether the licences of the groups that a client asks for are those there are here: all, if it asks for none.
///
/// # Errors
/// A sentence that names the groups.
pub fn asks_for_ours<'a>(groups: impl IntoIterator<Item = &'a str>) -> Result<bool, String> {
    let (mut any, mut ours) = (false, false);
    for group in groups.into_iter().flat_map(|group| group.split(',')).map(str::trim).filter(|group| !group.is_empty())
    {
        any = true;
        if group.eq_ignore_ascii_case(LICENSE_GROUP) {
            ours = true;
        } else if !group.eq_ignore_ascii_case(OTHER_GROUP) {
            return Err(format!(
                "licenseGroupIds: \"{}\" is neither {LICENSE_GROUP} nor {OTHER_GROUP}.",
                shorten(group, 40)
            ));
        }
    }
    Ok(ours || !any)
}

/// Whether somebody has licences for every service plan that the operator requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenceMark {
    /// For every one.
    Applied,
    /// Not for these.
    Missing(Vec<String>),
    /// None is required.
    NotChecked,
}

impl LicenceMark {
    /// The mark of somebody who has the plans of these names.
    pub fn of(required: &[String], has: &[&str]) -> Self {
        if required.is_empty() {
            return LicenceMark::NotChecked;
        }
        let lacks = |name: &&String| !has.iter().any(|plan| plan.eq_ignore_ascii_case(name));
        let missing: Vec<String> = required.iter().filter(lacks).cloned().collect();
        if missing.is_empty() { LicenceMark::Applied } else { LicenceMark::Missing(missing) }
    }
}

/// Why licences are not shown or not changed.
#[derive(Debug, thiserror::Error)]
pub enum LicenseError {
    /// The user.
    #[error(transparent)]
    User(#[from] UserError),
    /// Every licence is assigned.
    #[error(
        "licensesToAssign: of {name} this customer has {seats} active licences, and {consumed} are assigned. Remove one from \
         somebody, or buy more: raise the quantity of the subscription, or order another."
    )]
    Exhausted {
        /// Of what.
        sku: SkuId,
        /// What that is called.
        name: String,
        /// How many there are.
        seats: i64,
        /// How many are assigned.
        consumed: i64,
    },
    /// The customer has no licences of that.
    #[error(
        "licensesToAssign: this customer has no licences of SKU {0}. GET /v1/customers/{{customer}}/subscribedskus lists those \
         it has."
    )]
    SkuUnknown(SkuId),
    /// A plan that the licence does not carry.
    #[error("licensesToAssign: {name} carries no service plan {plan}. Exclude plans of it only: {plans}.")]
    PlanUnknown {
        /// Of what.
        name: String,
        /// As it was sent.
        plan: Uuid,
        /// What there is.
        plans: String,
    },
    /// Services differ by country.
    #[error(
        "The user has no usageLocation, and which services a licence brings depends on it. PATCH the user with one first, \
         such as {{\"usageLocation\": \"SE\"}}."
    )]
    UsageLocationMissing,
    /// Twice, or both to be assigned and to be removed.
    #[error("SKU {0} is named twice. Name each once, in licensesToAssign or in licensesToRemove.")]
    NamedTwice(SkuId),
    /// More than one request takes.
    #[error(
        "One request assigns at most {MAX_SKUS} SKUs, each without at most {MAX_EXCLUDED} plans, and removes at most {MAX_SKUS}."
    )]
    TooMany,
}

impl From<GateError> for LicenseError {
    fn from(error: GateError) -> Self {
        LicenseError::User(error.into())
    }
}

impl Refusal for LicenseError {
    fn code(&self) -> Code {
        match self {
            LicenseError::User(error) => error.code(),
            LicenseError::Exhausted { .. } => Code::new(60_012, "licensesExhausted", Kind::BadInput),
            LicenseError::SkuUnknown(_) => Code::new(910_650, "licenseSkuUnknown", Kind::BadInput),
            LicenseError::PlanUnknown { .. } => Code::new(910_651, "licensePlanUnknown", Kind::BadInput),
            LicenseError::UsageLocationMissing => Code::new(910_652, "usageLocationMissing", Kind::BadInput),
            LicenseError::NamedTwice(_) => Code::new(910_653, "licenseNamedTwice", Kind::BadInput),
            LicenseError::TooMany => Code::new(910_654, "licensesTooMany", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            LicenseError::User(error) => error.parameters(),
            LicenseError::Exhausted { sku, seats, consumed, .. } => vec![
                ("skuId", sku.to_string()),
                ("activeUnits", seats.to_string()),
                ("consumedUnits", consumed.to_string()),
            ],
            LicenseError::SkuUnknown(sku) | LicenseError::NamedTwice(sku) => vec![("skuId", sku.to_string())],
            LicenseError::PlanUnknown { plan, .. } => vec![("planId", plan.to_string())],
            LicenseError::UsageLocationMissing => vec![("property", "usageLocation".to_owned())],
            LicenseError::TooMany => vec![("limit", MAX_SKUS.to_string())],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::{BillingCycle, Term};
    use super::*;

    fn offer(id: &str, name: &str) -> Offer {
        Offer {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            category: "x".to_owned(),
            rank: 0,
            minimum_quantity: 1,
            maximum_quantity: 100,
            unit_type: UnitType::Licenses,
            terms: vec![Term::Year],
            billing_cycles: vec![BillingCycle::Monthly],
            is_add_on: false,
            prerequisite_offers: Vec::new(),
            upgrade_target_offers: Vec::new(),
            is_trial: false,
            is_auto_renewable: true,
            earns_incentives: true,
            service_plans: Vec::new(),
            countries: Vec::new(),
            is_available: true,
        }
    }

    #[test]
    fn a_sku_is_a_guid_that_never_changes_and_does_not_depend_on_the_availability() {
        let legacy = "031c9e47-4802-4248-838e-778fb1d2cc05";
        assert_eq!(SkuId::of(&offer(legacy, "x")).to_string(), legacy);
        let new = SkuId::of(&offer("CFQ7TTC0LDPB:0001:CFQ7TTC0K59J", "x"));
        assert_eq!(new, SkuId::of(&offer("CFQ7TTC0LDPB:0001:CFQ7TTC0KXXX", "x")));
        assert_ne!(new, SkuId::of(&offer("CFQ7TTC0LDPB:0002:CFQ7TTC0K59J", "x")));
        assert_eq!(new.to_string(), "12ade9aa-e74c-8b29-aa4c-74de6e91ab4c");
        assert_ne!(SkuId::of(&offer("not-a-guid", "x")), SkuId::of(&offer("nor-this", "x")));
    }

    #[test]
    fn seats_of_one_sku_add_up_and_usage_has_none() {
        let mut azure = offer("MS-AZR", "Azure");
        azure.unit_type = UnitType::UsageBased;
        let offers = [azure, offer("p:1:b", "Suite"), offer("p:1:a", "Business Suite (E3)"), offer("p:2:a", "Another")];
        let seats = |offer: &str, active, suspended| Seats { offer: offer.to_owned(), active, suspended };
        let skus = skus_of(&[seats("p:1:a", 3, 0), seats("p:1:b", 4, 5), seats("MS-AZR", 9, 0)], &offers);
        let told: Vec<_> = skus.iter().map(|sku| (sku.part_number(), sku.active, sku.suspended)).collect();
        assert_eq!(told, [("ANOTHER".to_owned(), 0, 0), ("BUSINESS_SUITE_E3".to_owned(), 7, 5)]);
    }

    #[test]
    fn units_say_what_is_left_and_what_was_assigned_before_there_were_fewer() {
        let sku =
            |active, suspended| Sku { id: SkuId::fresh(), name: String::new(), plans: Vec::new(), active, suspended };
        for (active, suspended, consumed, warning, total, available, word) in [
            (5, 0, 0, 0, 5, 5, "Enabled"),
            (5, 0, 5, 0, 5, 0, "Enabled"),
            (5, 2, 7, 2, 7, 0, "Warning"),
            (0, 5, 5, 5, 5, 0, "Suspended"),
            (0, 5, 0, 0, 0, 0, "Suspended"),
            (0, 0, 3, 3, 3, 0, "Suspended"),
        ] {
            let units = Units::of(&sku(active, suspended), consumed);
            assert_eq!((units.warning, units.total, units.available), (warning, total, available));
            assert_eq!(units.capability(), word, "{units:?}");
        }
        assert!(!Units::of(&sku(0, 0), 0).is_something());
    }

    #[test]
    fn each_sku_is_named_once_in_a_request() {
        let (one, other) = (SkuId::fresh(), SkuId::fresh());
        let assign = |sku| Assignment { sku, excluded: BTreeSet::new() };
        let update = |assign: Vec<Assignment>, remove: Vec<SkuId>| {
            LicenseUpdate { assign, remove }.check().map_err(|error| error.code().name)
        };
        assert_eq!(update(vec![assign(one)], vec![other]), Ok(()));
        assert_eq!(update(vec![assign(one)], vec![one]), Err("licenseNamedTwice"));
        assert_eq!(update(vec![assign(one), assign(one)], vec![]), Err("licenseNamedTwice"));
        assert_eq!(update(vec![], (0..=MAX_SKUS).map(|_| SkuId::fresh()).collect()), Err("licensesTooMany"));
    }

    #[test]
    fn one_group_is_here_and_the_contracts_other_is_empty() {
        assert_eq!(asks_for_ours([]), Ok(true));
        assert_eq!(asks_for_ours([""]), Ok(true));
        assert_eq!(asks_for_ours(["Group1"]), Ok(true));
        assert_eq!(asks_for_ours(["group2"]), Ok(false));
        assert_eq!(asks_for_ours(["group2", "group1"]), Ok(true));
        assert_eq!(asks_for_ours(["group2,group1"]), Ok(true));
        assert!(asks_for_ours(["group3"]).is_err());
    }

    #[test]
    fn the_mark_names_what_is_missing_and_says_when_nothing_is_asked_for() {
        let required = ["INTUNE_A".to_owned(), "AAD_PREMIUM".to_owned()];
        assert_eq!(LicenceMark::of(&[], &[]), LicenceMark::NotChecked);
        assert_eq!(LicenceMark::of(&required, &["aad_premium", "intune_a", "x"]), LicenceMark::Applied);
        assert_eq!(LicenceMark::of(&required, &["INTUNE_A"]), LicenceMark::Missing(vec!["AAD_PREMIUM".to_owned()]));
    }
}
