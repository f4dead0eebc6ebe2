//! The catalogue: importing offers, and looking them up.

use std::collections::{HashMap, HashSet};

use crate::audit::{self, Actor, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::Outcome;
use crate::subscriptions::model::catalogue::Offer;
use crate::subscriptions::model::imports::{ImportId, ImportRefused, OfferFile, SHOWN_FINDINGS};
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
        findings.sort_by_key(|finding| finding.place);
        findings.truncate(SHOWN_FINDINGS);
        return Err(ImportRefused { findings }.into());
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
    let id = ImportId::fresh();
    imported.id = Some(id);
    audit::record(tx, actor, &Event::OffersImported { import: id.uuid(), offers: kept.len() }, now)?;
    Ok(imported)
}
