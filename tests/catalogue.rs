//! The catalogue: what the operator imports, and what partners see of it.

use serde_json::json;

use crate::harness::Centre;
use crate::harness::catalogue::{LEGACY_SUITE, offer, small_catalogue};

#[actix_web::test]
async fn the_same_import_twice_changes_nothing() {
    let centre = Centre::open().await.with_catalogue();
    let again = centre.import_offers(&small_catalogue());
    assert_eq!((again.id, again.offers, again.added, again.changed), (None, 8, 0, 0));
    assert_eq!(centre.event_kinds(), ["offers_imported"]);
    let corrected = centre.import_offers(&json!([offer(LEGACY_SUITE, "Legacy suite, corrected", json!({}))]));
    assert_eq!((corrected.offers, corrected.added, corrected.changed), (1, 0, 1));
}
