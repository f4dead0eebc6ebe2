//! What partners record of their customers. A relationship is enough; administration is not asked for.

use diesel::QueryResult;

use crate::access::{CustomerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, Regions};
use crate::customers::model::{
    AcceptedAgreement, AgreementContact, AgreementTemplate, BillingProfile, CustomerAgreementId, CustomerRecord, Mark,
    OutsideRegion, Qualification, QualificationDetails, RecordError, StatedQualification, Within, check_billing,
    templates_of,
};
use crate::customers::store::{self, records};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{EtagError, IfMatch, etag};

use super::{CustomerReference, live_relationship};

/// Whether the caller's company may sell in a country: partners sell only in their own region. `property` is where the
/// country stands in what was sent.
///
/// # Errors
/// [`OutsideRegion`].
pub fn sells_in(
    read: &mut Read<'_>,
    me: &Scope,
    regions: &Regions,
    country: &str,
    property: &'static str,
) -> Outcome<(), OutsideRegion> {
    let own = companies::profiles(read, &[me.partner()])?.remove(&me.partner());
    let provider = own.map(|profile| profile.country).unwrap_or_default();
    let customer = country.trim().to_ascii_uppercase();
    if regions.of(&provider) == regions.of(&customer) {
        Ok(())
    } else {
        Err(OutsideRegion { property, customer, provider }.into())
    }
}

/// The record of one of the caller's customers.
///
/// # Errors
/// [`RecordError::Relationship`].
pub fn record(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerRecord, RecordError> {
    Ok(super::customer(read, me, customer, [Mark::ALWAYS; 2], now).map_err(Failure::widen)?.0)
}

fn related(read: &mut Read<'_>, me: &Scope, customer: &CustomerReference) -> Outcome<CustomerId, RecordError> {
    me.require_user().map_err(RecordError::from)?;
    Ok(live_relationship(read, me, customer).map_err(Failure::widen)?.customer)
}

/// A billing profile that is to replace the one there.
#[derive(Clone, Debug)]
pub struct BillingChange {
    /// All of it.
    pub billing: BillingProfile,
    /// The etag in the body.
    pub sent_etag: Option<String>,
    /// The etag in the header.
    pub looked_at: IfMatch,
}

/// Replaces the billing profile of one of the caller's customers. The same again changes nothing.
///
/// # Errors
/// [`RecordError`]: no relationship, stale, or not what the contract and the country require.
pub fn change_billing(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    change: &BillingChange,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<CustomerRecord, RecordError> {
    let record = record(tx, me, customer, now)?;
    check_billing(&change.billing, Within::Itself).map_err(RecordError::from)?;
    let country = &change.billing.default_address.country;
    // Whoever stays where it is keeps its partners, also when the table of regions has changed.
    if !country.eq_ignore_ascii_case(&record.billing.default_address.country) {
        sells_in(tx, me, regions, country, "defaultAddress.country").map_err(Failure::widen)?;
    }
    let current = etag(record.version);
    change.looked_at.check_compatible(change.sent_etag.as_deref(), &current).map_err(RecordError::from)?;
    if change.billing == record.billing {
        return Ok(record);
    }
    let version = record.version + 1;
    if !store::replace_billing(tx, record.id, &change.billing, version)? {
        return Err(RecordError::from(EtagError::Stale(current)).into());
    }
    audit::record(tx, me, &Event::CustomerBillingChanged { customer: record.id.uuid(), version }, now)?;
    Ok(CustomerRecord { billing: change.billing.clone(), version, ..record })
}

/// What is stated of one of the caller's customers.
///
/// # Errors
/// [`RecordError::Relationship`], [`RecordError::Access`].
pub fn qualifications(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
) -> Outcome<Vec<StatedQualification>, RecordError> {
    let customer = related(read, me, customer)?;
    Ok(records::qualifications_of(read, customer)?)
}

/// States what kind of customer one of the caller's is. The same again changes nothing; other details replace those that
/// were there.
///
/// # Errors
/// See [`RecordError`].
pub fn qualify(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    qualification: Option<Qualification>,
    details: &QualificationDetails,
    now: Timestamp,
) -> Outcome<StatedQualification, RecordError> {
    let customer = related(tx, me, customer)?;
    let qualification = qualification.ok_or(RecordError::NothingToState)?;
    if qualification == Qualification::GovernmentCommunityCloud && details.validation_code.is_none() {
        return Err(RecordError::ValidationCodeMissing.into());
    }
    state(tx, me, customer, StatedQualification { qualification, details: details.clone(), stated_at: now }, now)
}

fn state(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    new: StatedQualification,
    now: Timestamp,
) -> Outcome<StatedQualification, RecordError> {
    let stated = records::qualifications_of(tx, customer)?;
    let same = |one: &&StatedQualification| one.qualification == new.qualification && one.details == new.details;
    if let Some(same) = stated.iter().find(same) {
        return Ok(same.clone());
    }
    records::state(tx, customer, me.partner(), &new)?;
    let qualification = new.qualification.as_str().to_owned();
    audit::record(tx, me, &Event::CustomerQualified { customer: customer.uuid(), qualification }, now)?;
    Ok(new)
}

/// Replaces everything that is stated of one of the caller's customers by one qualification, or by none: what the
/// contract's older call does, which knows one only. Details of a qualification that stays are kept.
///
/// # Errors
/// See [`RecordError`].
pub fn qualify_only(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    qualification: Option<Qualification>,
    now: Timestamp,
) -> Outcome<Option<StatedQualification>, RecordError> {
    let customer = related(tx, me, customer)?;
    let stated = records::qualifications_of(tx, customer)?;
    let kept = stated.iter().find(|one| Some(one.qualification) == qualification).cloned();
    if qualification == Some(Qualification::GovernmentCommunityCloud) && kept.is_none() {
        return Err(RecordError::ValidationCodeMissing.into());
    }
    for other in stated.iter().filter(|one| Some(one.qualification) != qualification) {
        records::withdraw(tx, customer, Some(other.qualification))?;
    }
    if qualification.is_none() && !stated.is_empty() {
        let event = Event::CustomerQualified { customer: customer.uuid(), qualification: "none".to_owned() };
        audit::record(tx, me, &event, now)?;
    }
    let Some(qualification) = qualification else { return Ok(None) };
    let new =
        kept.unwrap_or(StatedQualification { qualification, details: QualificationDetails::default(), stated_at: now });
    Ok(Some(state(tx, me, customer, new, now)?))
}

/// An agreement that a customer has accepted, as a partner says.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// Which.
    pub template: AgreementTemplate,
    /// Its type, if that was said besides.
    pub kind: Option<String>,
    /// Who accepted it for the customer.
    pub contact: AgreementContact,
    /// When.
    pub agreed_at: Timestamp,
}

/// How far the clock of a client may be ahead of ours.
const CLOCKS_DIFFER: u64 = 1;

/// Records that a customer of the caller's has accepted an agreement.
///
/// # Errors
/// [`RecordError::AgreementExists`] the second time.
pub fn attest(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    said: &Attestation,
    now: Timestamp,
) -> Outcome<AcceptedAgreement, RecordError> {
    let customer = related(tx, me, customer)?;
    let template = said.template;
    let named = said.kind.as_deref().map(|kind| (kind, templates_of(Some(kind))));
    if let Some((kind, found)) = named
        && !found.map_err(Failure::from)?.contains(&template)
    {
        let (kind, expected) = (kind.to_owned(), template.kind);
        return Err(RecordError::TemplateOfAnotherType { kind, template: template.id, expected }.into());
    }
    if said.agreed_at > now.after(days(CLOCKS_DIFFER)) {
        return Err(RecordError::AgreedInFuture(said.agreed_at).into());
    }
    let accepted = records::agreements_of(tx, customer)?;
    if let Some(before) = accepted.iter().find(|one| one.template == template) {
        return Err(RecordError::AgreementExists { kind: template.kind, agreed_at: before.agreed_at }.into());
    }
    let agreement = AcceptedAgreement {
        id: CustomerAgreementId::fresh(),
        template,
        contact: said.contact.clone(),
        agreed_at: said.agreed_at,
        attested_by: me.partner(),
        attested_by_user: me.user_id().map(crate::access::UserId::uuid),
        attested_at: now,
    };
    records::insert_agreement(tx, customer, &agreement)?;
    let event = Event::CustomerAgreementConfirmed {
        agreement: agreement.id.uuid(),
        customer: customer.uuid(),
        kind: template.kind.to_owned(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(agreement)
}

/// The agreements that a customer of the caller's has accepted, of the types named.
///
/// # Errors
/// See [`RecordError`].
pub fn agreements(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    kind: Option<&str>,
) -> Outcome<Vec<AcceptedAgreement>, RecordError> {
    let customer = related(read, me, customer)?;
    // Who names no type is shown all that there are.
    let wanted = templates_of(Some(kind.unwrap_or("*"))).map_err(Failure::from)?;
    let accepted = records::agreements_of(read, customer)?;
    // Who works at another partner of the customer is not the caller's to know.
    let shown = |one: AcceptedAgreement| match one.attested_by == me.partner() {
        true => one,
        false => AcceptedAgreement { attested_by_user: None, ..one },
    };
    Ok(accepted.into_iter().filter(|one| wanted.contains(&one.template)).map(shown).collect())
}

/// Whether somebody confirmed that a customer, known by id already, accepted the Microsoft Customer Agreement.
///
/// # Errors
/// Only the database's.
pub fn has_accepted_agreement(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<bool> {
    let accepted = records::agreements_of(read, customer)?;
    Ok(accepted.iter().any(|one| one.template.kind == "MicrosoftCustomerAgreement"))
}

/// Proves that a customer is one of the caller's, and that a person asks.
///
/// # Errors
/// [`RecordError::Relationship`], [`RecordError::Access`].
pub fn is_related(read: &mut Read<'_>, me: &Scope, customer: &CustomerReference) -> Outcome<(), RecordError> {
    related(read, me, customer).map(|_| ())
}
