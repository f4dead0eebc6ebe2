//! The catalogue: importing offers, and looking them up.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;

use crate::audit::{self, Actor, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::subscriptions::model::catalogue::{CatalogueError, Category, Offer, OfferFilter, offer_id};
use crate::subscriptions::model::imports::{ImportId, ImportRefused, MAX_OFFERS_OF_PRODUCT, OfferFile, OfferFinding};
use crate::subscriptions::store;

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffersImported {
    /// Its id, as in the trail; none if everything was there already.
    pub id: Option<ImportId>,
    /// Offers in the file.
    pub offers: usize,
    /// Those that are new.
    pub added: usize,
    /// Those that were there and are different now.
    pub changed: usize,
}

/// Adds the offers of a file to the catalogue and corrects those there are, all of them or none. Importing a file twice
/// changes nothing; nothing is ever removed.
///
/// # Errors
/// [`ImportRefused`] with everything that is wrong.
pub fn import_offers(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    file: &OfferFile,
    now: Timestamp,
) -> Outcome<OffersImported, ImportRefused> {
    let mut findings = file.findings.clone();
    let references = file.references();
    let known = store::catalogue::offers_among(tx, &references)?;
    let mut missing: HashSet<String> = references.into_iter().collect();
    for offer in known {
        missing.remove(&offer.id);
    }
    findings.extend(file.naming(&missing));
    if !findings.is_empty() {
        return Err(refused(findings).into());
    }
    let ids: Vec<String> = file.offers.iter().map(|(_, offer)| offer.id.clone()).collect();
    let there = store::catalogue::offers_among(tx, &ids)?;
    let there: HashMap<&str, &Offer> = there.iter().map(|offer| (offer.id.as_str(), offer)).collect();
    let different = |offer: &&Offer| there.get(offer.id.as_str()).is_none_or(|known| known != offer);
    let kept: Vec<&Offer> = file.offers.iter().map(|(_, offer)| offer).filter(different).collect();
    let changed = kept.iter().filter(|offer| there.contains_key(offer.id.as_str())).count();
    let mut imported = OffersImported { id: None, offers: ids.len(), added: kept.len() - changed, changed };
    if kept.is_empty() {
        return Ok(imported);
    }
    store::catalogue::keep_offers(tx, &kept, now)?;
    let mut products: Vec<&str> = kept.iter().map(|offer| offer.parts().0).collect();
    products.sort_unstable();
    products.dedup();
    let crowded = store::catalogue::crowded_products(tx, &products, MAX_OFFERS_OF_PRODUCT)?;
    if !crowded.is_empty() {
        return Err(refused(file.of_products(&crowded.into_iter().collect())).into());
    }
    let id = ImportId::fresh();
    imported.id = Some(id);
    audit::record(tx, actor, &Event::OffersImported { import: id.uuid(), offers: kept.len() }, now)?;
    Ok(imported)
}

fn refused(mut findings: Vec<OfferFinding>) -> ImportRefused {
    findings.sort_by_key(|finding| finding.place);
    ImportRefused { findings }
}

/// An offer as it is shown.
#[derive(Clone, Debug)]
pub struct ListedOffer {
    /// The offer.
    pub offer: Offer,
    /// Where its category stands in a list.
    pub category_rank: i32,
    /// Whether add-ons go with it that are sold where it was looked up.
    pub has_add_ons: bool,
    /// Whether it is sold where it was looked up.
    pub is_sold: bool,
}

/// Adds to offers what stands elsewhere, in two queries for all of them.
fn shown(read: &mut Read<'_>, offers: Vec<Offer>, country: Option<&str>) -> QueryResult<Vec<ListedOffer>> {
    let mut categories: Vec<String> = offers.iter().map(|offer| offer.category.clone()).collect();
    categories.sort();
    categories.dedup();
    let ranks: HashMap<String, i32> = store::catalogue::category_ranks(read, &categories)?.into_iter().collect();
    let ids: Vec<String> = offers.iter().map(|offer| offer.id.clone()).collect();
    let extended: HashSet<String> = store::catalogue::with_add_ons(read, &ids, country)?.into_iter().collect();
    let listed = |offer: Offer| ListedOffer {
        category_rank: ranks.get(&offer.category).copied().unwrap_or(offer.rank),
        has_add_ons: extended.contains(&offer.id),
        is_sold: offer.is_available && country.is_none_or(|country| offer.sells_in(country)),
        offer,
    };
    Ok(offers.into_iter().map(listed).collect())
}

/// The offers that are sold and pass a filter.
///
/// # Errors
/// Only the database's.
pub fn offers(read: &mut Read<'_>, filter: &OfferFilter, offset: i64, limit: i64) -> QueryResult<Vec<ListedOffer>> {
    let offers = store::catalogue::offers_listed(read, filter, offset, limit)?;
    shown(read, offers, filter.country.as_deref())
}

/// The categories of the offers that are sold and pass a filter.
///
/// # Errors
/// Only the database's.
pub fn categories(read: &mut Read<'_>, filter: &OfferFilter, offset: i64, limit: i64) -> QueryResult<Vec<Category>> {
    store::catalogue::categories_listed(read, filter, offset, limit)
}

/// One offer, sold still or not, as clients write its id.
///
/// # Errors
/// [`CatalogueError::Offer`].
pub fn offer(read: &mut Read<'_>, id: &str, country: Option<&str>) -> Outcome<ListedOffer, CatalogueError> {
    let offers = store::catalogue::offers_among(read, &[offer_id(id)])?;
    let found = shown(read, offers, country)?.pop();
    Ok(found.ok_or_else(|| CatalogueError::offer(id))?)
}

/// What can be added to an offer and is sold.
///
/// # Errors
/// [`CatalogueError::Offer`].
pub fn add_ons(
    read: &mut Read<'_>,
    id: &str,
    country: Option<String>,
    offset: i64,
    limit: i64,
) -> Outcome<Vec<ListedOffer>, CatalogueError> {
    let offer = offer(read, id, country.as_deref())?.offer;
    let filter = OfferFilter { country, add_ons_of: Some(offer.id), ..OfferFilter::default() };
    Ok(offers(read, &filter, offset, limit)?)
}

/// The offers of a product that are sold in a country: at least one.
///
/// # Errors
/// [`CatalogueError::Product`].
pub fn product(read: &mut Read<'_>, product: &str, country: &str) -> Outcome<Vec<Offer>, CatalogueError> {
    let filter =
        OfferFilter { country: Some(country.to_owned()), product: Some(offer_id(product)), ..OfferFilter::default() };
    let offers = store::catalogue::offers_listed(read, &filter, 0, MAX_OFFERS_OF_PRODUCT)?;
    if offers.is_empty() { Err(CatalogueError::product(product).into()) } else { Ok(offers) }
}

/// The offers of a SKU that are sold in a country: at least one.
///
/// # Errors
/// [`CatalogueError::Product`], [`CatalogueError::Sku`].
pub fn sku(read: &mut Read<'_>, product: &str, sku: &str, country: &str) -> Outcome<Vec<Offer>, CatalogueError> {
    let mut offers = self::product(read, product, country)?;
    offers.retain(|offer| offer.parts().1.eq_ignore_ascii_case(sku));
    if offers.is_empty() { Err(CatalogueError::sku(product, sku).into()) } else { Ok(offers) }
}
