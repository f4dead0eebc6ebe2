//! What drafts lack and why they are refused, in the person's language.

use crate::customers::DomainError;
use crate::delegation::CreateCustomerError;
use crate::platform::portal::fill;
use crate::subscriptions::actions::draft_lines::NamedInLines;
use crate::subscriptions::model::catalogue::{BillingCycle, Term};
use crate::subscriptions::model::drafts::{DraftError, Lack, Missing};
use crate::subscriptions::model::refusals::{LineError, ResellerOfRecordError, SubscriptionError};
use crate::subscriptions::texts::{CustomerTexts, DraftLineTexts};

/// What a draft lacks, where a page has words for it.
pub(super) fn lacking_in_words(
    (text, lines): (&CustomerTexts, &DraftLineTexts),
    named: &NamedInLines,
    missing: &Missing,
) -> String {
    match &missing.lack {
        Lack::OwnAgreement => text.own_unsigned.to_owned(),
        Lack::ResellerAgreement => text.reseller_unsigned.to_owned(),
        Lack::Reseller => text.reseller_gone.to_owned(),
        Lack::Domain(domain) => fill(text.domain_taken, &[("value", domain)]),
        Lack::Country => text.country_outside.to_owned(),
        Lack::CustomerAgreement => lines.agreement_first.to_owned(),
        Lack::Line { place, error } => {
            let name = |id: &str| named.offers.get(id).map_or_else(|| id.to_owned(), |offer| offer.name.clone());
            let sentence = line_in_words(lines, text, error, name);
            fill(lines.in_line, &[("number", &(place + 1).to_string()), ("sentence", &sentence)])
        }
        Lack::Other => missing.sentence.clone(),
    }
}

/// A refusal, where a page has words for it.
pub(super) fn refused_in_words(text: &CustomerTexts, refusal: &DraftError) -> String {
    match refusal {
        DraftError::Version(_) => text.draft_changed.to_owned(),
        DraftError::Create(CreateCustomerError::Domain(DomainError::Taken(domain))) => {
            fill(text.domain_taken, &[("value", domain)])
        }
        DraftError::Create(CreateCustomerError::OwnAgreementMissing) => text.own_unsigned.to_owned(),
        DraftError::Create(CreateCustomerError::ResellerAgreementMissing(_)) => text.reseller_unsigned.to_owned(),
        DraftError::Create(CreateCustomerError::ResellerUnknown(_)) => text.reseller_gone.to_owned(),
        other => other.to_string(),
    }
}

/// What is wrong with a line; `name` tells how the offer of an id is called.
pub(in crate::subscriptions::portal) fn line_in_words(
    text: &DraftLineTexts,
    customers: &CustomerTexts,
    error: &LineError,
    name: impl Fn(&str) -> String,
) -> String {
    let joined = |words: Vec<String>| words.join(", ");
    match error {
        LineError::OfferUnknown(_) | LineError::NotPurchasable(_) => text.offer_gone.to_owned(),
        LineError::Country { .. } => text.offer_abroad.to_owned(),
        LineError::ParentMissing { prerequisites, .. } => {
            let offers = joined(prerequisites.iter().map(|id| name(id)).collect());
            fill(text.parent_wrong, &[("offers", &offers)])
        }
        LineError::NotAnAddOn(_) => text.parent_surplus.to_owned(),
        LineError::Subscription(SubscriptionError::Quantity { minimum, maximum, offer, .. }) => {
            let (minimum, maximum) = (minimum.to_string(), maximum.to_string());
            fill(text.quantity_limits, &[("offer", offer), ("minimum", &minimum), ("maximum", &maximum)])
        }
        LineError::Subscription(SubscriptionError::TermNotOffered { terms, .. }) => {
            let terms = joined(terms.iter().map(|term| term_in_words(text, *term).to_owned()).collect());
            fill(text.term_wrong, &[("terms", &terms)])
        }
        LineError::Subscription(SubscriptionError::CycleNotOffered { cycles, .. }) => {
            let cycles = joined(cycles.iter().map(|cycle| cycle_in_words(text, *cycle).to_owned()).collect());
            fill(text.cycle_wrong, &[("cycles", &cycles)])
        }
        LineError::ResellerOfRecord(ResellerOfRecordError::AgreementMissing(_)) => {
            customers.reseller_unsigned.to_owned()
        }
        LineError::ResellerOfRecord(ResellerOfRecordError::ProgramInactive(_)) => text.reseller_unapproved.to_owned(),
        LineError::ResellerOfRecord(_) => customers.reseller_gone.to_owned(),
        other => other.to_string(),
    }
}

/// How long a term is.
pub(in crate::subscriptions::portal) fn term_in_words(text: &DraftLineTexts, term: Term) -> &'static str {
    match term {
        Term::Month => text.month,
        Term::Year => text.year,
        Term::ThreeYears => text.three_years,
    }
}

/// How often something is charged.
pub(in crate::subscriptions::portal) fn cycle_in_words(text: &DraftLineTexts, cycle: BillingCycle) -> &'static str {
    match cycle {
        BillingCycle::Monthly => text.monthly,
        BillingCycle::Annual => text.annual,
        BillingCycle::Triennial => text.triennial,
        BillingCycle::OneTime => text.one_time,
        BillingCycle::None => text.not_charged,
    }
}
