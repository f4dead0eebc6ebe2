//! Lines of drafts: what stands in their way, and ordering them once there is a customer.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;

use super::drafts::{DraftState, DraftTerms, change_draft, draft};
use super::listing::resellers_to_choose;
use super::orders::{Buyer, place_orders};
use super::reseller_of_record::fit;
use crate::access::{PartnerId, Scope};
use crate::companies::{self, CompanyProfile};
use crate::delegation::{CreateCustomerError, CreatedCustomer};
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::IfMatch;
use crate::subscriptions::model::catalogue::{Offer, OfferFilter};
use crate::subscriptions::model::draft_lines::DraftLine;
use crate::subscriptions::model::drafts::{CustomerDraft, CustomerDraftId, DraftContents, DraftError, Lack, Missing};
use crate::subscriptions::model::orders::WantedLine;
use crate::subscriptions::model::refusals::{LineError, ResellerOfRecordError};
use crate::subscriptions::store::catalogue;

/// What the lines of a draft name.
#[derive(Clone, Debug, Default)]
pub struct NamedInLines {
    /// The offers that there are, sold still or not, by id.
    pub offers: HashMap<String, Offer>,
    /// The resellers of record that are active resellers of the provider, by id.
    pub resellers: HashMap<PartnerId, CompanyProfile>,
}

/// What the lines of a draft name. Nobody but active resellers is found, so that nothing is told of others.
pub(super) fn named_in(read: &mut Read<'_>, me: &Scope, lines: &[DraftLine]) -> QueryResult<NamedInLines> {
    let offers = catalogue::offers_by_id(read, lines.iter().map(|line| line.offer_id.clone()))?;
    let resellers: HashSet<PartnerId> = lines.iter().filter_map(|line| line.reseller_of_record).collect();
    if resellers.is_empty() {
        return Ok(NamedInLines { offers, resellers: HashMap::new() });
    }
    let resellers: Vec<PartnerId> = resellers.into_iter().collect();
    let active = partnerships::active_among(read, me.partner(), &resellers)?;
    Ok(NamedInLines { offers, resellers: companies::profiles(read, &active)? })
}

/// What a form for lines offers.
#[derive(Debug)]
pub struct LineChoices {
    /// The draft.
    pub state: DraftState,
    /// What is sold where the customer is, in the order of the catalogue.
    pub offers: Vec<Offer>,
    /// Who can be reseller of record, by name.
    pub resellers: Vec<CompanyProfile>,
}

/// Offers that a form has to choose from at most.
const CHOICES: i64 = 1_000;

/// What can be chosen for the lines of a draft that waits to be submitted.
///
/// # Errors
/// [`DraftError::Unknown`] and [`DraftError::Submitted`].
pub fn line_choices(
    read: &mut Read<'_>,
    me: &Scope,
    id: CustomerDraftId,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<LineChoices, DraftError> {
    let state = draft(read, me, id, terms, now)?;
    if let Some(customer) = state.draft.customer {
        return Err(DraftError::Submitted(customer).into());
    }
    let country = &state.draft.contents.customer.billing_profile.default_address.country;
    let country = Some(country.trim().to_ascii_uppercase()).filter(|code| !code.is_empty());
    let sold_there = OfferFilter { country, ..OfferFilter::default() };
    let offers = catalogue::offers_listed(read, &sold_there, 0, CHOICES)?;
    Ok(LineChoices { state, offers, resellers: resellers_to_choose(read, me)? })
}

/// Replaces the lines of a draft, if all of them can be ordered.
///
/// # Errors
/// [`DraftError::Incomplete`] with what is wrong with which line, and as for any change of a draft.
pub fn change_lines(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: CustomerDraftId,
    seen: &IfMatch,
    lines: &[DraftLine],
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<(), DraftError> {
    let CustomerDraft { contents, reseller, .. } = draft(tx, me, id, terms, now)?.draft;
    let contents = DraftContents { lines: lines.to_vec(), ..contents };
    let state = change_draft(tx, me, id, seen, (&contents, reseller), terms, now)?;
    let wrong: Vec<Missing> = state.missing.into_iter().filter(Missing::is_of_lines).collect();
    if wrong.is_empty() { Ok(()) } else { Err(DraftError::Incomplete(wrong).into()) }
}

/// Refuses lines that name somebody else than an active reseller, whether or not there is such a company.
///
/// # Errors
/// [`CreateCustomerError::ResellerUnknown`], as for the reseller of the customer.
pub(super) fn check_resellers(
    read: &mut Read<'_>,
    me: &Scope,
    lines: &[DraftLine],
) -> Outcome<(), CreateCustomerError> {
    let named = named_in(read, me, lines)?;
    let mut of_record = lines.iter().filter_map(|line| line.reseller_of_record);
    match of_record.find(|reseller| !named.resellers.contains_key(reseller)) {
        None => Ok(()),
        Some(unknown) => Err(CreateCustomerError::ResellerUnknown(unknown.to_string()).into()),
    }
}

/// What stands in the way of ordering the lines of a draft, as far as that is known before there is a customer.
pub(super) fn lacking_lines(
    read: &mut Read<'_>,
    contents: &DraftContents,
    named: &NamedInLines,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> QueryResult<Vec<Missing>> {
    let mut missing = Vec::new();
    if !contents.lines.is_empty() && terms.sales.require_customer_agreement {
        let sentence = "lines: nothing is sold to a customer before it is confirmed that it accepted the Microsoft Customer \
                        Agreement. Submit the customer without lines, confirm it (POST /v1/customers/{id}/agreements), \
                        and order then.";
        missing.push(Missing::lacks("lines", sentence, Lack::CustomerAgreement));
    }
    let unfit = unfit_resellers(read, named, now)?;
    let country =
        Some(contents.customer.billing_profile.default_address.country.trim()).filter(|code| !code.is_empty());
    let wanted: Vec<WantedLine> = contents.lines.iter().map(DraftLine::wanted).collect();
    for (place, (line, wanted)) in contents.lines.iter().zip(&wanted).enumerate() {
        let judged = wanted.judge(None, &named.offers, country).map(|judged| judged.offer);
        let joined = judged.and_then(|offer| join(offer, line, &contents.lines, &named.offers));
        missing.extend(joined.err().map(|error| Missing::of_line(place, error)));
        let Some(reseller) = line.reseller_of_record else { continue };
        let error = match (named.resellers.contains_key(&reseller), unfit.get(&reseller)) {
            (false, _) => ResellerOfRecordError::NotAReseller(reseller),
            (true, Some(why)) => why.clone(),
            (true, None) => continue,
        };
        missing.push(Missing::of_line(place, error.into()));
    }
    Ok(missing)
}

/// Whether a line has what it is added to, if it is an add-on and only then.
fn join(
    offer: &Offer,
    line: &DraftLine,
    lines: &[DraftLine],
    offers: &HashMap<String, Offer>,
) -> Result<(), LineError> {
    if !offer.is_add_on {
        return match line.parent_line {
            None => Ok(()),
            Some(_) => Err(LineError::NotAnAddOn(offer.id.clone())),
        };
    }
    let base = line.parent_line.and_then(|place| lines.get(place)).and_then(|base| offers.get(&base.offer_id));
    if base.is_some_and(|base| offer.adds_to(base)) {
        return Ok(());
    }
    Err(LineError::ParentMissing { offer: offer.id.clone(), prerequisites: offer.prerequisite_offers.clone() })
}

/// Why some of the resellers cannot be named in something new.
fn unfit_resellers(
    read: &mut Read<'_>,
    named: &NamedInLines,
    now: Timestamp,
) -> QueryResult<HashMap<PartnerId, ResellerOfRecordError>> {
    let mut unfit = HashMap::new();
    for (id, profile) in &named.resellers {
        match fit(read, *id, &profile.name, now) {
            Ok(()) => {}
            Err(Failure::Refused(why)) => {
                unfit.insert(*id, why);
            }
            Err(Failure::Database(error)) => return Err(error),
        }
    }
    Ok(unfit)
}

/// Orders what a draft holds for the customer that came of it.
///
/// # Errors
/// As for any order; then nothing is left of the customer either.
pub(super) fn order_lines(
    tx: &mut Tx<'_>,
    me: &Scope,
    contents: &DraftContents,
    created: &CreatedCustomer,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<(), DraftError> {
    if contents.lines.is_empty() {
        return Ok(());
    }
    let country = created.record.billing.default_address.country.clone();
    let buyer = Buyer { customer: created.record.id, country };
    let lines: Vec<WantedLine> = contents.lines.iter().map(DraftLine::wanted).collect();
    place_orders(tx, me, &buyer, &lines, None, terms.sales, now).map_err(Failure::widen)?;
    Ok(())
}
