//! Drafts: a customer filled in step by step, and submitted or cancelled as a whole.

use diesel::QueryResult;

use super::draft_lines::{NamedInLines, check_resellers, lacking_lines, named_in, order_lines};
use crate::access::{PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerReference, DomainError, NewCustomer, check_customer_domain};
use crate::delegation::{
    self, CreateCustomerError, CreatedCustomer, CustomerDetails, CustomerForm, Handover, RecipientForm, Terms,
};
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{EtagError, IfMatch, etag};
use crate::platform::portal::is_country;
use crate::subscriptions::model::drafts::{
    CustomerDraft, CustomerDraftId, DRAFT_LIFE, DraftContents, DraftError, Lack, Missing,
};
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::store::drafts as store_of_drafts;

/// What the operator decided: about new customers, and about what is sold to them.
#[derive(Clone, Copy)]
pub struct DraftTerms<'a> {
    /// About customers.
    pub customers: Terms<'a>,
    /// About sales.
    pub sales: &'a SubscriptionSettings,
}

/// A draft as a form shows it.
#[derive(Debug)]
pub struct DraftState {
    /// The draft.
    pub draft: CustomerDraft,
    /// The reseller to associate, as long as it is a partner.
    pub reseller: Option<CompanyProfile>,
    /// What its lines name.
    pub named: NamedInLines,
    /// What is missing before it can be submitted.
    pub missing: Vec<Missing>,
}

impl DraftState {
    /// Whether submitting it shows a password: it is complete, not submitted yet, and nobody else gets the setup info.
    pub fn wants_password(&self) -> bool {
        let contents = &self.draft.contents;
        self.draft.customer.is_none() && contents.setup_info_to.is_none() && contents.missing().is_empty()
    }
}

/// The profile of one of the caller's active resellers.
///
/// # Errors
/// [`CreateCustomerError::ResellerUnknown`] of everybody else, whether or not they exist.
fn named_reseller(
    read: &mut Read<'_>,
    me: &Scope,
    reseller: PartnerId,
) -> Outcome<CompanyProfile, CreateCustomerError> {
    let unknown = || CreateCustomerError::ResellerUnknown(reseller.to_string());
    partnerships::active_between(read, me.partner(), reseller)?.ok_or_else(unknown)?;
    Ok(companies::profiles(read, &[reseller])?.remove(&reseller).ok_or_else(unknown)?)
}

/// Where a draft has the country of its customer.
const COUNTRY: &str = "customer.billingProfile.defaultAddress.country";

fn state(
    read: &mut Read<'_>,
    me: &Scope,
    draft: CustomerDraft,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> QueryResult<DraftState> {
    if draft.customer.is_some() {
        return Ok(DraftState { draft, reseller: None, named: NamedInLines::default(), missing: Vec::new() });
    }
    let mut missing = draft.contents.missing();
    if !companies::mpa_active(read, me.partner(), now)? {
        missing.push(Missing::lacks("agreement", CreateCustomerError::OwnAgreementMissing, Lack::OwnAgreement));
    }
    let mut reseller = None;
    if let Some(id) = draft.reseller {
        match named_reseller(read, me, id) {
            Ok(profile) => {
                if !companies::mpa_active(read, id, now)? {
                    let unsigned = CreateCustomerError::ResellerAgreementMissing(profile.name.clone());
                    missing.push(Missing::lacks("resellerId", unsigned, Lack::ResellerAgreement));
                }
                reseller = Some(profile);
            }
            Err(Failure::Refused(refusal)) => missing.push(Missing::lacks("resellerId", refusal, Lack::Reseller)),
            Err(Failure::Database(error)) => return Err(error),
        }
    }
    missing.extend(lacking_customer(read, me, &draft.contents, terms)?);
    let named = named_in(read, me, &draft.contents.lines)?;
    missing.extend(lacking_lines(read, &draft.contents, &named, terms, now)?);
    Ok(DraftState { draft, reseller, named, missing })
}

/// What stands in the way of its customer and is seen only by looking at others.
fn lacking_customer(
    read: &mut Read<'_>,
    me: &Scope,
    contents: &DraftContents,
    terms: DraftTerms<'_>,
) -> QueryResult<Vec<Missing>> {
    let mut missing = Vec::new();
    if let Ok(domain) = check_customer_domain(&contents.customer.domain) {
        match customers::domain_is_taken(read, &domain) {
            // Of what is no domain the draft itself tells.
            Ok(false) | Err(Failure::Refused(_)) => {}
            Ok(true) => {
                let taken = DomainError::Taken(domain.clone());
                missing.push(Missing::lacks("customer.domain", taken, Lack::Domain(domain)));
            }
            Err(Failure::Database(error)) => return Err(error),
        }
    }
    let country = &contents.customer.billing_profile.default_address.country;
    if is_country(&country.trim().to_ascii_uppercase()) {
        match customers::sells_in(read, me, terms.customers.regions, country, COUNTRY) {
            Ok(()) => {}
            Err(Failure::Refused(outside)) => missing.push(Missing::lacks(COUNTRY, outside, Lack::Country)),
            Err(Failure::Database(error)) => return Err(error),
        }
    }
    Ok(missing)
}

/// Begins a draft.
///
/// # Errors
/// See [`DraftError`].
pub fn create_draft(
    tx: &mut Tx<'_>,
    me: &Scope,
    contents: &DraftContents,
    reseller: Option<PartnerId>,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<DraftState, DraftError> {
    contents.check_bounds()?;
    if let Some(reseller) = reseller {
        named_reseller(tx, me, reseller).map_err(Failure::widen)?;
    }
    check_resellers(tx, me, &contents.lines).map_err(Failure::widen)?;
    let draft = CustomerDraft {
        id: CustomerDraftId::fresh(),
        provider: me.partner(),
        created_by: me.user_id(),
        contents: contents.clone(),
        reseller,
        version: 1,
        created_at: now,
        expires_at: now.after(DRAFT_LIFE),
        customer: None,
    };
    store_of_drafts::insert(tx, &draft)?;
    audit::record(tx, me, &Event::CustomerDraftCreated { draft: draft.id.uuid() }, now)?;
    Ok(state(tx, me, draft, terms, now)?)
}

/// The drafts of the caller's company that wait to be submitted.
///
/// # Errors
/// Only the database's.
pub fn drafts(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<CustomerDraftId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<CustomerDraft>> {
    store_of_drafts::drafts_of(read, me.partner(), after, limit, now)
}

/// A draft of the caller's company, with what it lacks.
///
/// # Errors
/// [`DraftError::Unknown`].
pub fn draft(
    read: &mut Read<'_>,
    me: &Scope,
    id: CustomerDraftId,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<DraftState, DraftError> {
    let found = own(read, me, id, now)?;
    Ok(state(read, me, found, terms, now)?)
}

fn own(read: &mut Read<'_>, me: &Scope, id: CustomerDraftId, now: Timestamp) -> Outcome<CustomerDraft, DraftError> {
    let found = store_of_drafts::draft_of(read, me.partner(), id, now)?;
    Ok(found.ok_or(DraftError::Unknown(id))?)
}

/// The draft, if it is open and in the version that the caller looked at.
fn open(
    read: &mut Read<'_>,
    me: &Scope,
    id: CustomerDraftId,
    seen: &IfMatch,
    now: Timestamp,
) -> Outcome<CustomerDraft, DraftError> {
    let draft = own(read, me, id, now)?;
    if let Some(customer) = draft.customer {
        return Err(DraftError::Submitted(customer).into());
    }
    seen.check(&etag(draft.version)).map_err(DraftError::from)?;
    Ok(draft)
}

fn raced(draft: &CustomerDraft) -> DraftError {
    EtagError::Stale(etag(draft.version)).into()
}

/// Replaces what a draft holds.
///
/// # Errors
/// See [`DraftError`].
pub fn change_draft(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: CustomerDraftId,
    seen: &IfMatch,
    (contents, reseller): (&DraftContents, Option<PartnerId>),
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<DraftState, DraftError> {
    let mut draft = open(tx, me, id, seen, now)?;
    contents.check_bounds()?;
    if let Some(reseller) = reseller {
        named_reseller(tx, me, reseller).map_err(Failure::widen)?;
    }
    check_resellers(tx, me, &contents.lines).map_err(Failure::widen)?;
    draft.contents = contents.clone();
    draft.reseller = reseller;
    if !store_of_drafts::change(tx, &draft)? {
        return Err(raced(&draft).into());
    }
    draft.version += 1;
    audit::record(tx, me, &Event::CustomerDraftChanged { draft: id.uuid(), version: draft.version }, now)?;
    Ok(state(tx, me, draft, terms, now)?)
}

/// Cancels a draft: nothing is left of it.
///
/// # Errors
/// See [`DraftError`].
pub fn cancel_draft(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: CustomerDraftId,
    seen: &IfMatch,
    now: Timestamp,
) -> Outcome<(), DraftError> {
    let draft = open(tx, me, id, seen, now)?;
    if !store_of_drafts::delete(tx, &draft)? {
        return Err(raced(&draft).into());
    }
    Ok(audit::record(tx, me, &Event::CustomerDraftCancelled { draft: id.uuid() }, now)?)
}

/// What came of a submission.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// The customer is new.
    New(Box<CreatedCustomer>),
    /// The draft was submitted before; the reseller it named.
    Already(Box<CustomerDetails>, Option<PartnerId>),
}

/// Creates the customer of a draft and orders its lines; the draft is used up by it. Twice gives the same customer. `password_hash` is that of
/// the temporary password, if the draft names nobody else who gets the setup info.
///
/// # Errors
/// See [`DraftError`]; then everything is as before.
pub fn submit_draft(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: CustomerDraftId,
    seen: &IfMatch,
    password_hash: Option<&str>,
    terms: DraftTerms<'_>,
    now: Timestamp,
) -> Outcome<Submitted, DraftError> {
    let draft = own(tx, me, id, now)?;
    if let Some(customer) = draft.customer {
        let reference = CustomerReference::new(&customer.to_string());
        return match delegation::customer(tx, me, &reference, now) {
            Ok(found) => Ok(Submitted::Already(Box::new(found), draft.reseller)),
            Err(Failure::Refused(_)) => Err(DraftError::Submitted(customer).into()),
            Err(Failure::Database(error)) => Err(error.into()),
        };
    }
    let draft = open(tx, me, id, seen, now)?;
    let missing = draft.contents.missing();
    if !missing.is_empty() {
        return Err(DraftError::Incomplete(missing).into());
    }
    let to = draft.contents.setup_info_to.as_ref().map(RecipientForm::check).transpose();
    let to = to.map_err(|error| DraftError::from(CreateCustomerError::from(error)))?;
    let handover = match (to, password_hash) {
        (Some(recipient), _) => Handover::Mailed(recipient),
        (None, Some(hash)) => Handover::Shown(hash.to_owned()),
        // It named somebody when the caller looked, and does not any more.
        (None, None) => return Err(raced(&draft).into()),
    };
    let mut form = CustomerForm {
        customer: NewCustomer {
            company_name: draft.contents.customer.company_name.trim().to_owned(),
            domain: draft.contents.customer.domain.clone(),
            registration_number: draft.contents.customer.organization_registration_number.clone(),
            billing: draft.contents.billing(),
        },
        reseller: draft.reseller.map(|reseller| reseller.to_string()),
        granular: false,
    };
    delegation::check_form(&mut form).map_err(DraftError::from)?;
    let created =
        delegation::create_customer(tx, me, &form, &handover, terms.customers, now).map_err(Failure::widen)?;
    order_lines(tx, me, &draft.contents, &created, terms, now)?;
    if !store_of_drafts::use_up(tx, &draft, created.record.id)? {
        return Err(raced(&draft).into());
    }
    let event = Event::CustomerDraftSubmitted { draft: id.uuid(), customer: created.record.id.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(Submitted::New(Box::new(created)))
}

/// Forgets drafts whose time is over.
///
/// # Errors
/// Only the database's.
pub fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    store_of_drafts::forget_expired(tx, now)
}
