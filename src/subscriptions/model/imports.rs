//! An import of offers: what must hold of each of them, and how what does not is told.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;

use super::catalogue::{Offer, offer_id};
use crate::ids;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::portal::is_country;
use crate::platform::text::shorten;

ids! {
    /// An import of offers.
    ImportId,
}

/// Offers of a file at most.
pub const MAX_OFFERS: usize = 20_000;
/// Findings told at most.
pub const SHOWN_FINDINGS: usize = 100;
/// Offers of one product at most: they are shown on one page.
pub const MAX_OFFERS_OF_PRODUCT: i64 = 500;
/// Units of a subscription at most, whatever the offer.
pub const MAX_QUANTITY: i32 = 10_000_000;

const MAX_ID: usize = 100;
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 2_000;
const MAX_CATEGORY: usize = 100;
/// Offers that one offer names at most, as prerequisites or as upgrades.
const MAX_REFERENCES: usize = 500;
const MAX_SERVICE_PLANS: usize = 200;

/// Where in a file an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The whole file.
    File,
    /// In a CSV file: the line, counted from 1 with the heading.
    Line(u32),
    /// In a JSON list: the index, counted from 0.
    Index(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File => f.write_str("The file"),
            Place::Line(line) => write!(f, "Line {line}"),
            Place::Index(index) => write!(f, "offers[{index}]"),
        }
    }
}

/// Something wrong in a file of offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferFinding {
    /// Where it stands.
    pub place: Place,
    /// The property, as JSON names it; none if the whole place is meant.
    pub property: String,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl OfferFinding {
    /// Says that a property at a place is wrong.
    pub fn new(place: Place, property: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place, property: property.into(), reason: reason.into() }
    }
}

impl fmt::Display for OfferFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.property.as_str() {
            "" => write!(f, "{}: {}", self.place, self.reason),
            property => write!(f, "{}, {property}: {}", self.place, self.reason),
        }
    }
}

/// A file of which nothing is imported.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ImportRefused {
    /// Why, in the order of the file.
    pub findings: Vec<OfferFinding>,
}

impl ImportRefused {
    /// Refuses a file as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { findings: vec![OfferFinding::new(Place::File, "", reason)] }
    }

    fn sentence(&self) -> String {
        let first = self.findings.first().map(ToString::to_string).unwrap_or_default();
        match self.findings.len() {
            0 | 1 => format!("{first} Nothing was imported."),
            more => format!("{first} Nothing was imported; there are {} more findings.", more - 1),
        }
    }
}

impl Refusal for ImportRefused {
    fn code(&self) -> Code {
        Code::new(910_600, "offersRefused", Kind::Unprocessable)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let first = self.findings.first();
        let place = first.and_then(|finding| match finding.place {
            Place::File => None,
            Place::Line(line) => Some(("line", line.to_string())),
            Place::Index(index) => Some(("index", index.to_string())),
        });
        let property = first.map(|finding| finding.property.clone()).filter(|property| !property.is_empty());
        place.into_iter().chain(property.map(|property| ("property", property))).collect()
    }
    fn details(&self) -> Vec<String> {
        self.findings.iter().take(SHOWN_FINDINGS).map(ToString::to_string).collect()
    }
}

/// What could be read of a file, and what is wrong with it as far as the file alone tells.
#[derive(Clone, Debug, Default)]
pub struct OfferFile {
    /// The offers and where they stand, in order, as the catalogue will have them.
    pub offers: Vec<(Place, Offer)>,
    /// The ids of offers that could not be read.
    pub unread: Vec<String>,
    /// What is wrong.
    pub findings: Vec<OfferFinding>,
}

impl OfferFile {
    /// Takes note of an offer that could not be read: what names it is not wrong.
    pub fn pass_over(&mut self, id: &str) {
        self.unread.push(canonical(id));
    }

    /// Takes an offer, in the form that the catalogue keeps.
    pub fn add(&mut self, place: Place, mut offer: Offer) {
        check(place, &offer, &mut self.findings);
        offer.id = canonical(&offer.id);
        // A category is found by its name: a blank after it would make another of it.
        for text in [&mut offer.name, &mut offer.category] {
            *text = text.trim().to_owned();
        }
        let references = offer.prerequisite_offers.iter_mut().chain(&mut offer.upgrade_target_offers);
        references.for_each(|id| *id = canonical(id));
        offer.countries.iter_mut().for_each(|country| country.make_ascii_uppercase());
        self.offers.push((place, offer));
    }

    /// What only the whole file tells: ids that stand twice.
    pub fn finish(mut self) -> Self {
        let mut first: HashMap<&str, Place> = HashMap::with_capacity(self.offers.len());
        for (place, offer) in &self.offers {
            if let Some(earlier) = first.get(offer.id.as_str()) {
                let reason = format!("\"{}\" stands at {earlier} as well; a file names an offer once.", offer.id);
                self.findings.push(OfferFinding::new(*place, "id", reason));
            } else {
                first.insert(&offer.id, *place);
            }
        }
        self
    }

    /// The offers that are named but do not stand in the file: the catalogue must have them.
    pub fn references(&self) -> Vec<String> {
        let read = self.offers.iter().map(|(_, offer)| &offer.id);
        let own: HashSet<&str> = read.chain(&self.unread).map(String::as_str).collect();
        let mut named: Vec<&str> =
            self.offers.iter().flat_map(|(_, offer)| named_by(offer)).map(|(_, id)| id).collect();
        named.sort_unstable();
        named.dedup();
        named.into_iter().filter(|id| !own.contains(id)).map(str::to_owned).collect()
    }

    /// A finding for each place that names one of `missing`.
    pub fn naming(&self, missing: &HashSet<String>) -> Vec<OfferFinding> {
        let finding = |place: Place, (property, id): (&str, &str)| {
            let reason = format!(
                "there is no offer \"{}\", neither in this file nor in the catalogue. Import it too, or leave it out.",
                shorten(id, MAX_ID)
            );
            OfferFinding::new(place, property, reason)
        };
        let all = self.offers.iter().flat_map(|(place, offer)| named_by(offer).map(|named| (*place, named)));
        all.filter(|(_, (_, id))| missing.contains(*id)).map(|(place, named)| finding(place, named)).collect()
    }

    /// A finding for each offer of one of the products in `crowded`.
    pub fn of_products(&self, crowded: &HashSet<String>) -> Vec<OfferFinding> {
        let of_crowded = self.offers.iter().filter(|(_, offer)| crowded.contains(offer.parts().0));
        let finding = |(place, offer): &(Place, Offer)| {
            let reason =
                format!("the product {} would have more than {MAX_OFFERS_OF_PRODUCT} offers.", offer.parts().0);
            OfferFinding::new(*place, "id", reason)
        };
        of_crowded.map(finding).collect()
    }
}

fn named_by(offer: &Offer) -> impl Iterator<Item = (&'static str, &str)> {
    let prerequisites = offer.prerequisite_offers.iter().map(|id| ("prerequisiteOffers", id.as_str()));
    prerequisites.chain(offer.upgrade_target_offers.iter().map(|id| ("upgradeTargetOffers", id.as_str())))
}

fn canonical(id: &str) -> String {
    offer_id(id.trim())
}

/// Whether an id is one that paths can hold: bare, or product, SKU and availability.
fn is_id(id: &str) -> bool {
    let letters = id.bytes().all(|b| b.is_ascii_alphanumeric() || b":_.-".contains(&b));
    let parts = id.split(':').collect::<Vec<_>>();
    (1..=MAX_ID).contains(&id.len())
        && letters
        && matches!(parts.len(), 1 | 3)
        && parts.iter().all(|part| !part.is_empty() && *part != "." && *part != "..")
}

fn check(place: Place, offer: &Offer, findings: &mut Vec<OfferFinding>) {
    let mut wrong = |property: &str, reason: String| findings.push(OfferFinding::new(place, property, reason));
    if !is_id(&canonical(&offer.id)) {
        wrong(
            "id",
            format!(
                "\"{}\" is no id of an offer: letters, digits, \"_\", \".\", \"-\", at most {MAX_ID} of them; or a product, \
                 a SKU and an availability with \":\" between them.",
                shorten(&offer.id, MAX_ID)
            ),
        );
    }
    let texts = [
        ("name", &offer.name, 1, MAX_NAME),
        ("category", &offer.category, 1, MAX_CATEGORY),
        ("description", &offer.description, 0, MAX_DESCRIPTION),
    ];
    for (property, text, least, most) in texts {
        if let Some(reason) = fault_of_text(text, least, most, property == "description") {
            wrong(property, reason);
        }
    }
    let (minimum, maximum) = (offer.minimum_quantity, offer.maximum_quantity);
    if minimum < 1 {
        wrong("minimumQuantity", format!("it is {minimum}; a subscription has 1 unit or more."));
    }
    if maximum > MAX_QUANTITY {
        wrong("maximumQuantity", format!("it is {maximum}; {MAX_QUANTITY} units are the most there can be."));
    }
    if maximum < minimum {
        wrong("maximumQuantity", format!("it is {maximum}, less than the minimum of {minimum}."));
    }
    check_terms(offer, &mut wrong);
    check_references(offer, &mut wrong);
    check_plans(offer, &mut wrong);
    for (position, country) in offer.countries.iter().enumerate() {
        let upper = country.to_ascii_uppercase();
        if !is_country(&upper) {
            let reason =
                format!("\"{}\" is the code of no country. Use two letters of ISO 3166-1.", shorten(country, 40));
            wrong("countries", reason);
        } else if offer.countries[..position].iter().any(|other| other.eq_ignore_ascii_case(country)) {
            wrong("countries", format!("{upper} stands twice; name a country once."));
            return;
        }
    }
}

/// Why a text is not one that the catalogue shows.
fn fault_of_text(text: &str, least: usize, most: usize, lines: bool) -> Option<String> {
    let length = text.chars().count();
    if text.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
        Some("it holds control characters; write plain text.".to_owned())
    } else if text.trim().chars().count() < least {
        Some("it is empty; write what people read.".to_owned())
    } else if length > most {
        Some(format!("it has {length} characters; at most {most} are allowed."))
    } else {
        None
    }
}

fn twice<T: Eq + Hash>(list: &[T]) -> bool {
    let different: HashSet<&T> = list.iter().collect();
    different.len() < list.len()
}

fn check_terms(offer: &Offer, wrong: &mut impl FnMut(&str, String)) {
    for (property, empty, doubled) in [
        ("terms", offer.terms.is_empty(), twice(&offer.terms)),
        ("billingCycles", offer.billing_cycles.is_empty(), twice(&offer.billing_cycles)),
    ] {
        if empty {
            wrong(property, "it is empty; an offer has at least one.".to_owned());
        } else if doubled {
            wrong(property, "one of them stands twice; name each once.".to_owned());
        }
    }
    if offer.billing_cycles.is_empty() {
        return;
    }
    for term in &offer.terms {
        if !offer.billing_cycles.iter().any(|cycle| cycle.fits(*term)) {
            let reason = format!("none of its billing cycles can charge a term of {term}; name a shorter one.");
            wrong("billingCycles", reason);
        }
    }
}

fn check_references(offer: &Offer, wrong: &mut impl FnMut(&str, String)) {
    let lists =
        [("prerequisiteOffers", &offer.prerequisite_offers), ("upgradeTargetOffers", &offer.upgrade_target_offers)];
    for (property, list) in lists {
        let ids: Vec<String> = list.iter().map(|id| canonical(id)).collect();
        if ids.len() > MAX_REFERENCES {
            wrong(property, format!("it names {} offers; at most {MAX_REFERENCES} are allowed.", ids.len()));
        } else if twice(&ids) {
            wrong(property, "an offer stands twice; name each once.".to_owned());
        }
        if ids.contains(&canonical(&offer.id)) {
            wrong(property, "an offer cannot name itself.".to_owned());
        }
    }
    match (offer.is_add_on, offer.prerequisite_offers.is_empty()) {
        (true, true) => wrong("prerequisiteOffers", "an add-on names the offers it can be added to.".to_owned()),
        (false, false) => {
            wrong("prerequisiteOffers", "only an add-on has them; say isAddOn, or leave them out.".to_owned());
        }
        _ => {}
    }
}

fn check_plans(offer: &Offer, wrong: &mut impl FnMut(&str, String)) {
    let plans = &offer.service_plans;
    if plans.len() > MAX_SERVICE_PLANS {
        wrong("servicePlans", format!("there are {}; at most {MAX_SERVICE_PLANS} are allowed.", plans.len()));
        return;
    }
    for (position, plan) in plans.iter().enumerate() {
        if let Some(reason) = fault_of_text(&plan.name, 1, MAX_NAME, false) {
            wrong("servicePlans.name", reason);
        }
        if let Some(reason) = fault_of_text(&plan.display_name, 1, MAX_NAME, false) {
            wrong("servicePlans.displayName", reason);
        }
        if plans[..position].iter().any(|other| other.id == plan.id) {
            wrong("servicePlans.id", format!("{} stands twice; an offer carries a service once.", plan.id));
        }
    }
}
