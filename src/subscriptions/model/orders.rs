//! Orders: what was bought, as it was bought.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{BillingCycle, Offer, Term};
use super::refusals::{LineError, SubscriptionError};
use super::subscriptions::{MAX_FRIENDLY_NAME, check_quantity};
use super::{OrderId, SubscriptionId};
use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::text::shorten;

/// Lines of an order, a cart or a draft at most.
pub const MAX_LINES: usize = 100;

/// What somebody wants to buy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WantedLine {
    /// Of what.
    pub offer: String,
    /// How many.
    pub quantity: i32,
    /// What to call the subscription; as the offer, if nothing.
    pub friendly_name: Option<String>,
    /// For how long; the offer's first term, if nothing.
    pub term: Option<Term>,
    /// Charged how often; as the order, else the offer's first cycle, if nothing.
    pub billing_cycle: Option<BillingCycle>,
    /// The reseller of record.
    pub reseller: Option<WantedReseller>,
    /// Of an add-on: the subscription there is, that it is added to.
    pub parent: Option<SubscriptionId>,
    /// Of an add-on: the place of the line in the same order that it is added to.
    pub parent_line: Option<usize>,
}

/// How a reseller of record is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WantedReseller {
    /// By an MPN ID, as it was typed.
    MpnId(String),
    /// By who it is: the MPN ID it onboarded with is meant.
    Partner(PartnerId),
}

/// A line as its offer has it.
#[derive(Clone, Copy, Debug)]
pub struct JudgedLine<'a> {
    /// Of what.
    pub offer: &'a Offer,
    /// For how long.
    pub term: Term,
    /// Charged how often.
    pub billing_cycle: BillingCycle,
    /// What to call the subscription.
    pub friendly_name: &'a str,
}

impl WantedLine {
    /// The line, judged by its offer alone. `cycle` is that of its order; without a country that is not judged.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn judge<'a>(
        &'a self,
        cycle: Option<BillingCycle>,
        offers: &'a HashMap<String, Offer>,
        country: Option<&str>,
    ) -> Result<JudgedLine<'a>, LineError> {
        let offer = offers.get(&self.offer).ok_or_else(|| LineError::OfferUnknown(shorten(&self.offer, 100)))?;
        if !offer.is_available {
            return Err(LineError::NotPurchasable(offer.id.clone()));
        }
        if let Some(country) = country.filter(|country| !offer.sells_in(country)) {
            return Err(LineError::Country { offer: offer.id.clone(), country: country.to_owned() });
        }
        check_quantity(offer, self.quantity)?;
        let asked = self.billing_cycle.or(cycle);
        // Who says how it is to be charged and not for how long means a term that can be charged so.
        let fitting = || offer.terms.iter().copied().find(|term| asked.is_none_or(|cycle| cycle.fits(*term)));
        let usual = || fitting().or_else(|| offer.terms.first().copied());
        let term = self.term.or_else(usual).filter(|term| offer.terms.contains(term));
        let not_for_it = || SubscriptionError::TermNotOffered { offer: offer.id.clone(), terms: offer.terms.clone() };
        let term = term.ok_or_else(not_for_it)?;
        let cycles = offer.cycles_for(term);
        let wanted = asked.or_else(|| cycles.first().copied());
        let billing_cycle = wanted.filter(|cycle| cycles.contains(cycle));
        let not_like_it = || SubscriptionError::CycleNotOffered { offer: offer.id.clone(), cycles: cycles.clone() };
        let billing_cycle = billing_cycle.ok_or_else(not_like_it)?;
        let name = self.friendly_name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&offer.name);
        if name.chars().count() > MAX_FRIENDLY_NAME || name.chars().any(char::is_control) {
            return Err(SubscriptionError::FriendlyName.into());
        }
        Ok(JudgedLine { offer, term, billing_cycle, friendly_name: name })
    }
}

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// For whom.
    pub customer: CustomerId,
    /// Who sold.
    pub provider: PartnerId,
    /// Charged how often.
    pub billing_cycle: BillingCycle,
    /// Raised when lines are added.
    pub version: i32,
    /// When it was placed.
    pub created_at: Timestamp,
    /// What was bought.
    pub lines: Vec<OrderLine>,
}

/// A line of an order: one subscription came of it.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// Its number, from 0.
    pub number: i32,
    /// Of what.
    pub offer: String,
    /// How many.
    pub quantity: i32,
    /// What the subscription was called.
    pub friendly_name: String,
    /// For how long.
    pub term: Term,
    /// Charged how often.
    pub billing_cycle: BillingCycle,
    /// The MPN ID of the reseller of record.
    pub mpn_id: Option<String>,
    /// Of an add-on: what it was added to.
    pub parent: Option<SubscriptionId>,
    /// What came of it.
    pub subscription: SubscriptionId,
}
