//! The catalogue: offers, and which add-ons go with them.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};

use super::read_back;
use crate::platform::clock::Timestamp;
use crate::platform::db::types::Moment;
use crate::platform::db::{MultiBackend, Read, Tx, insert_all};
use crate::subscriptions::model::catalogue::{Category, Offer, OfferFilter};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Moment;
    offers (id) {
        id -> Text,
        category -> Text,
        rank -> Integer,
        name -> Text,
        product_id -> Text,
        is_add_on -> Bool,
        details -> Text,
        imported_at -> Moment,
        is_available -> Bool,
        sold_in -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    offer_add_ons (offer_id, add_on_id) {
        offer_id -> Text,
        add_on_id -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(offers, offer_add_ons);

/// Ids asked for in one statement: it takes a bounded number of parameters.
const IDS_AT_ONCE: usize = 1_000;
/// Offers written in one statement, ten parameters each.
const OFFERS_AT_ONCE: usize = 1_000;

/// Those of the offers with these ids that there are, sold still or not.
pub(in crate::subscriptions) fn offers_among(read: &mut Read<'_>, ids: &[String]) -> QueryResult<Vec<Offer>> {
    let mut found = Vec::with_capacity(ids.len());
    // No id holds a control character, and not every database takes one.
    let ids: Vec<&String> = ids.iter().filter(|id| !id.chars().any(char::is_control)).collect();
    for some in ids.chunks(IDS_AT_ONCE) {
        let rows: Vec<String> = offers::table
            .filter(offers::id.eq_any(some.iter().copied()))
            .select(offers::details)
            .load(read.connection())?;
        for details in rows {
            found.push(read_back(&details)?);
        }
    }
    Ok(found)
}

/// What is in the lists: what is sold, and passes the filter.
macro_rules! listed {
    ($of:expr, $filter:expr) => {{
        let mut query = $of.filter(offers::is_available).into_boxed();
        if let Some(country) = &$filter.country {
            query = query.filter(offers::sold_in.eq("").or(offers::sold_in.like(sold_there(country))));
        }
        if let Some(category) = &$filter.category {
            query = query.filter(offers::category.eq(category));
        }
        if let Some(product) = &$filter.product {
            query = query.filter(offers::product_id.eq(product));
        }
        if let Some(offer) = &$filter.add_ons_of {
            let add_ons =
                offer_add_ons::table.filter(offer_add_ons::offer_id.eq(offer)).select(offer_add_ons::add_on_id);
            query = query.filter(offers::id.eq_any(add_ons));
        }
        query
    }};
}

/// Offers that are sold and pass the filter, as lists show them.
pub(in crate::subscriptions) fn offers_listed(
    read: &mut Read<'_>,
    filter: &OfferFilter,
    offset: i64,
    limit: i64,
) -> QueryResult<Vec<Offer>> {
    let rows: Vec<String> = listed!(offers::table.select(offers::details), filter)
        .order((offers::rank, offers::id))
        .offset(offset)
        .limit(limit)
        .load(read.connection())?;
    rows.iter().map(|details| read_back(details)).collect()
}

/// The categories of the offers that pass the filter, each where its first offer stands.
pub(in crate::subscriptions) fn categories_listed(
    read: &mut Read<'_>,
    filter: &OfferFilter,
    offset: i64,
    limit: i64,
) -> QueryResult<Vec<Category>> {
    let first = diesel::dsl::min(offers::rank);
    let grouped = offers::table.group_by(offers::category).select((offers::category, first));
    let rows: Vec<(String, Option<i32>)> = listed!(grouped, filter)
        .order((first, offers::category))
        .offset(offset)
        .limit(limit)
        .load(read.connection())?;
    Ok(rows.into_iter().map(|(name, rank)| Category { name, rank: rank.unwrap_or_default() }).collect())
}

/// The ranks of categories, by name: where the first offer of each stands.
pub(in crate::subscriptions) fn category_ranks(
    read: &mut Read<'_>,
    names: &[String],
) -> QueryResult<Vec<(String, i32)>> {
    let mut found = Vec::with_capacity(names.len());
    for some in names.chunks(IDS_AT_ONCE) {
        let rows: Vec<(String, Option<i32>)> = offers::table
            .filter(offers::category.eq_any(some))
            .group_by(offers::category)
            .select((offers::category, diesel::dsl::min(offers::rank)))
            .load(read.connection())?;
        found.extend(rows.into_iter().map(|(name, rank)| (name, rank.unwrap_or_default())));
    }
    Ok(found)
}

/// Those of the offers with these ids that an add-on goes with which is sold, in a country if one is given.
pub(in crate::subscriptions) fn with_add_ons(
    read: &mut Read<'_>,
    ids: &[String],
    country: Option<&str>,
) -> QueryResult<Vec<String>> {
    let pattern = country.map_or_else(|| "%".to_owned(), sold_there);
    let mut found = Vec::new();
    for some in ids.chunks(IDS_AT_ONCE) {
        let rows: Vec<String> = offer_add_ons::table
            .inner_join(offers::table.on(offers::id.eq(offer_add_ons::add_on_id)))
            .filter(offer_add_ons::offer_id.eq_any(some))
            .filter(offers::is_available)
            .filter(offers::sold_in.eq("").or(offers::sold_in.like(&pattern)))
            .select(offer_add_ons::offer_id)
            .distinct()
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Those of the products with these ids that have more than `most` offers.
pub(in crate::subscriptions) fn crowded_products(
    read: &mut Read<'_>,
    products: &[&str],
    most: i64,
) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for some in products.chunks(IDS_AT_ONCE) {
        let rows: Vec<String> = offers::table
            .filter(offers::product_id.eq_any(some))
            .group_by(offers::product_id)
            .having(diesel::dsl::count_star().gt(most))
            .select(offers::product_id)
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Adds offers and replaces those there are.
pub(in crate::subscriptions) fn keep_offers(tx: &mut Tx<'_>, kept: &[&Offer], now: Timestamp) -> QueryResult<()> {
    for some in kept.chunks(OFFERS_AT_ONCE) {
        upsert(tx, some, now)?;
        let ids: Vec<&str> = some.iter().map(|offer| offer.id.as_str()).collect();
        diesel::delete(offer_add_ons::table.filter(offer_add_ons::add_on_id.eq_any(ids))).execute(tx.connection())?;
    }
    // Offers come before what names them: a prerequisite may stand further down in the file.
    for some in kept.chunks(OFFERS_AT_ONCE) {
        let pairs: Vec<NewAddOn<'_>> = some.iter().flat_map(|offer| add_on_pairs(offer)).collect();
        insert_all!(tx, offer_add_ons::table, pairs)?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = offer_add_ons)]
struct NewAddOn<'o> {
    offer_id: &'o str,
    add_on_id: &'o str,
}

fn add_on_pairs(offer: &Offer) -> impl Iterator<Item = NewAddOn<'_>> {
    offer.prerequisite_offers.iter().map(|prerequisite| NewAddOn { offer_id: prerequisite, add_on_id: &offer.id })
}

/// Written out, because a set of rows that may be there already is beyond the query builder over two databases.
fn upsert(tx: &mut Tx<'_>, some: &[&Offer], now: Timestamp) -> QueryResult<()> {
    const COLUMNS: usize = 10;
    let row = |nth: usize| -> String {
        let places: Vec<String> = (1..=COLUMNS).map(|column| format!("${}", nth * COLUMNS + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..some.len()).map(row).collect();
    let mut query = diesel::sql_query(format!(
        "INSERT INTO offers (id, category, rank, name, product_id, is_add_on, details, imported_at, is_available, sold_in) \
         VALUES {} ON CONFLICT (id) DO UPDATE SET category = excluded.category, rank = excluded.rank, \
         name = excluded.name, product_id = excluded.product_id, is_add_on = excluded.is_add_on, \
         details = excluded.details, imported_at = excluded.imported_at, is_available = excluded.is_available, \
         sold_in = excluded.sold_in",
        rows.join(", ")
    ))
    .into_boxed::<MultiBackend>();
    for offer in some {
        let details =
            serde_json::to_string(offer).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
        query = query
            .bind::<Text, _>(offer.id.clone())
            .bind::<Text, _>(offer.category.clone())
            .bind::<Integer, _>(offer.rank)
            .bind::<Text, _>(offer.name.clone())
            .bind::<Text, _>(offer.parts().0.to_owned())
            .bind::<Bool, _>(offer.is_add_on)
            .bind::<Text, _>(details)
            .bind::<Moment, _>(now)
            .bind::<Bool, _>(offer.is_available)
            .bind::<Text, _>(sold_in(&offer.countries));
    }
    query.execute(tx.connection()).map(drop)
}

/// Those of the offers that are named, however often, by id.
pub(in crate::subscriptions) fn offers_by_id(
    read: &mut Read<'_>,
    named: impl IntoIterator<Item = String>,
) -> QueryResult<HashMap<String, Offer>> {
    let ids: BTreeSet<String> = named.into_iter().collect();
    let ids: Vec<String> = ids.into_iter().collect();
    Ok(offers_among(read, &ids)?.into_iter().map(|offer| (offer.id.clone(), offer)).collect())
}

/// The countries as a pattern finds them: each between blanks.
fn sold_in(countries: &[String]) -> String {
    if countries.is_empty() { String::new() } else { format!(" {} ", countries.join(" ")) }
}

/// Finds a country among those.
fn sold_there(country: &str) -> String {
    format!("% {country} %")
}
