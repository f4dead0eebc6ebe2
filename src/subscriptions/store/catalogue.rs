//! The table of offers.

use diesel::prelude::*;

use super::read_back;
use crate::platform::db::Read;
use crate::subscriptions::model::catalogue::Offer;

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
    }
}

/// Those of the offers with these ids that there are, sold still or not.
pub(in crate::subscriptions) fn offers_among(read: &mut Read<'_>, ids: &[String]) -> QueryResult<Vec<Offer>> {
    let mut found = Vec::with_capacity(ids.len());
    // A statement takes a bounded number of parameters.
    for some in ids.chunks(1_000) {
        let rows: Vec<String> =
            offers::table.filter(offers::id.eq_any(some)).select(offers::details).load(read.connection())?;
        for details in rows {
            found.push(read_back(&details)?);
        }
    }
    Ok(found)
}
