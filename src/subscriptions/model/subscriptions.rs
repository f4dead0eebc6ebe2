//! A subscription: what it is at a moment, and what can be made of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::catalogue::{BillingCycle, Offer, Term};
use super::refusals::SubscriptionError;
use super::{OrderId, SubscriptionId};
use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::{Timestamp, days};
use crate::words;

/// How long licences of the new commerce can be given back after they were bought or renewed (section 9.3 of the contract).
pub const RETURN_WINDOW: Duration = days(7);
/// How long users keep access after the end of a term that was not renewed (section 9.4).
const EXPIRED: Duration = days(30);
/// How long the data is kept after that, or after the end of a suspended term.
const DISABLED: Duration = days(90);
/// Characters of a friendly name at most.
pub const MAX_FRIENDLY_NAME: usize = 254;

words! {
    /// What somebody decided about a subscription; the rest follows from the time.
    SubscriptionState {
        /// It runs.
        Active = "active",
        /// It was stopped and can be taken up again.
        Suspended = "suspended",
        /// It was cancelled, or is over for good.
        Deleted = "deleted",
    }
}

words! {
    /// What a subscription is at a moment.
    SubscriptionStatus {
        /// It runs.
        Active = "active",
        /// Stopped: its users have no service.
        Suspended = "suspended",
        /// Its term ended and was not renewed; users keep access for 30 days.
        Expired = "expired",
        /// Only its data is still there, for 90 days.
        Disabled = "disabled",
        /// Over for good.
        Deleted = "deleted",
    }
}

/// What is to be different from the next term on. What is not said stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NextTerm {
    /// Of what.
    pub offer: Option<String>,
    /// How many.
    pub quantity: Option<i32>,
    /// For how long.
    pub term: Option<Term>,
    /// Charged how often.
    pub billing_cycle: Option<BillingCycle>,
}

/// Licences that can still be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returnable {
    /// How many.
    pub quantity: i32,
    /// Until when, in microseconds since 1970.
    until: i64,
}

impl Returnable {
    fn new(quantity: i32, until: Timestamp) -> Self {
        Self { quantity, until: until.micros() }
    }

    /// Until when.
    pub fn until(self) -> Timestamp {
        Timestamp::from_micros(self.until)
    }
}

/// A subscription as kept. [`Subscription::as_of`] tells what it is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Who sold it.
    pub provider: PartnerId,
    /// The order it came of.
    pub order: OrderId,
    /// Of which offer.
    pub offer: String,
    /// Of an add-on: the subscription it is added to.
    pub parent: Option<SubscriptionId>,
    /// What people call it.
    pub friendly_name: String,
    /// Units.
    pub quantity: i32,
    /// What was decided.
    pub state: SubscriptionState,
    /// Since when.
    pub state_since: Timestamp,
    /// How long a term is.
    pub term: Term,
    /// How often it is charged.
    pub billing_cycle: BillingCycle,
    /// Whether another term follows by itself.
    pub auto_renew: bool,
    /// What is to be different then.
    pub next_term: Option<NextTerm>,
    /// Licences bought since the term began that can still be given back.
    pub returnable: Vec<Returnable>,
    /// When the first term of this length began.
    pub started_at: Timestamp,
    /// When the term under way ends.
    pub ends_at: Timestamp,
    /// Raised by each change.
    pub version: i32,
    /// When it was bought.
    pub created_at: Timestamp,
}

impl Subscription {
    /// The subscription at `now`: with the renewals that were due by then.
    pub fn as_of(mut self, now: Timestamp) -> Self {
        while let Some(renewed) = self.renewal().filter(|_| self.ends_at <= now) {
            self = renewed;
        }
        self
    }

    /// What it becomes when its term ends, if another follows by itself.
    pub fn renewal(&self) -> Option<Self> {
        if self.state != SubscriptionState::Active || !self.auto_renew {
            return None;
        }
        let (began, next) = (self.ends_at, self.next_term.clone().unwrap_or_default());
        let mut renewed = self.clone();
        renewed.next_term = None;
        renewed.offer = next.offer.unwrap_or(renewed.offer);
        renewed.quantity = next.quantity.unwrap_or(renewed.quantity);
        renewed.billing_cycle = next.billing_cycle.unwrap_or(renewed.billing_cycle);
        if let Some(term) = next.term.filter(|term| *term != self.term) {
            (renewed.term, renewed.started_at) = (term, began);
        }
        renewed.ends_at = renewed.term.following(renewed.started_at, began);
        renewed.returnable = vec![Returnable::new(renewed.quantity, began.after(RETURN_WINDOW))];
        // Whoever reads it before it is kept reads the same version as afterwards.
        renewed.version += 1;
        Some(renewed)
    }

    /// What it is at `now`; to be asked of what [`Subscription::as_of`] gave.
    pub fn status(&self, now: Timestamp) -> SubscriptionStatus {
        let over = self.ends_at;
        match self.state {
            SubscriptionState::Deleted => SubscriptionStatus::Deleted,
            SubscriptionState::Active if self.auto_renew || now < over => SubscriptionStatus::Active,
            SubscriptionState::Active if now < over.after(EXPIRED) => SubscriptionStatus::Expired,
            SubscriptionState::Active if now < over.after(EXPIRED).after(DISABLED) => SubscriptionStatus::Disabled,
            SubscriptionState::Suspended if now < over => SubscriptionStatus::Suspended,
            SubscriptionState::Suspended if now < over.after(DISABLED) => SubscriptionStatus::Disabled,
            SubscriptionState::Active | SubscriptionState::Suspended => SubscriptionStatus::Deleted,
        }
    }

    /// Of what is over for good at `now` though nobody cancelled it, the term ended before these moments: the first if it
    /// ran then, the second if it was suspended.
    pub fn gone_since(now: Timestamp) -> (Timestamp, Timestamp) {
        (now.before(DISABLED).before(EXPIRED), now.before(DISABLED))
    }

    /// From when on nothing is credited for it, unless somebody does something before.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        (!self.auto_renew).then_some(self.ends_at)
    }

    /// What can be given back at `now`, and until when: of a legacy offer whatever there is, at any time.
    pub fn returnable_at(&self, now: Timestamp) -> Vec<Returnable> {
        self.returnable.iter().copied().filter(|some| some.until() > now).collect()
    }

    /// Until when all of it can be cancelled: while every unit can be given back.
    pub fn cancellable_until(&self) -> Option<Timestamp> {
        let first = self.returnable.iter().map(|some| some.until()).min()?;
        let all: i32 = self.returnable.iter().map(|some| some.quantity).sum();
        (all >= self.quantity).then_some(first)
    }

    fn grow(&mut self, by: i32, now: Timestamp) {
        self.returnable = self.returnable_at(now);
        self.returnable.push(Returnable::new(by, now.after(RETURN_WINDOW)));
        self.quantity += by;
    }

    fn shrink(&mut self, mut by: i32, now: Timestamp) {
        self.quantity -= by;
        self.returnable = self.returnable_at(now);
        // What was bought last goes first: it can be given back longest.
        for some in self.returnable.iter_mut().rev() {
            let taken = some.quantity.min(by);
            some.quantity -= taken;
            by -= taken;
        }
        self.returnable.retain(|some| some.quantity > 0);
    }
}

/// What is to be changed of a subscription. What is not said stays; what is said and is so already changes nothing.
#[derive(Clone, Debug, Default)]
pub struct SubscriptionChange {
    /// Units.
    pub quantity: Option<i32>,
    /// What people call it.
    pub friendly_name: Option<String>,
    /// Suspend it, take it up again, or cancel it.
    pub state: Option<SubscriptionState>,
    /// Whether another term follows by itself.
    pub auto_renew: Option<bool>,
    /// A longer term, which begins at once.
    pub term: Option<Term>,
    /// Never changed in a term.
    pub billing_cycle: Option<BillingCycle>,
    /// Upgrade to another offer.
    pub offer: Option<String>,
    /// What is to be different from the next term on, or nothing.
    pub next_term: Option<Option<NextTerm>>,
}

/// The offers that a change is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// Of the subscription as it is.
    pub own: &'a Offer,
    /// The one to upgrade to, if it is known.
    pub target: Option<&'a Offer>,
    /// The one of the next term, if another is asked for and known.
    pub next: Option<&'a Offer>,
    /// The customer's country.
    pub country: &'a str,
}

impl Subscription {
    /// The subscription after `change`, with the names of what changed; nothing, if nothing did.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn changed(
        &self,
        change: &SubscriptionChange,
        offers: Judged<'_>,
        now: Timestamp,
    ) -> Result<Option<(Self, Vec<&'static str>)>, SubscriptionError> {
        let mut after = self.clone();
        after.change_state(change, now)?;
        after.change_offer(change, offers, now)?;
        after.change_quantity(change, offers, now)?;
        after.change_term(change, offers, now)?;
        after.change_renewal(self, change, offers, now)?;
        let name = change.friendly_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| *name != self.friendly_name) {
            if name.chars().count() > MAX_FRIENDLY_NAME || name.chars().any(char::is_control) {
                return Err(SubscriptionError::FriendlyName);
            }
            name.clone_into(&mut after.friendly_name);
        }
        let differs = [
            ("status", after.state != self.state),
            ("offerId", after.offer != self.offer),
            ("quantity", after.quantity != self.quantity),
            ("termDuration", after.term != self.term),
            ("autoRenewEnabled", after.auto_renew != self.auto_renew),
            ("scheduledNextTermInstructions", after.next_term != self.next_term),
            ("friendlyName", after.friendly_name != self.friendly_name),
        ];
        let changes: Vec<&'static str> =
            differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if changes.is_empty() {
            return Ok(None);
        }
        after.version += 1;
        Ok(Some((after, changes)))
    }

    /// A name is all that can be changed of what does not run.
    fn running(&self, property: &'static str, now: Timestamp) -> Result<(), SubscriptionError> {
        match self.status(now) {
            SubscriptionStatus::Active => Ok(()),
            SubscriptionStatus::Deleted => Err(SubscriptionError::Deleted(self.id)),
            SubscriptionStatus::Suspended if property == "quantity" => Err(SubscriptionError::SuspendedQuantity),
            status => Err(SubscriptionError::NotUpdatable { property, status }),
        }
    }

    fn change_state(&mut self, change: &SubscriptionChange, now: Timestamp) -> Result<(), SubscriptionError> {
        let from = self.status(now);
        if from == SubscriptionStatus::Deleted {
            return Err(SubscriptionError::Deleted(self.id));
        }
        let Some(to) = change.state.filter(|to| to.as_str() != from.as_str()) else { return Ok(()) };
        let possible = match (from, to) {
            (SubscriptionStatus::Active, SubscriptionState::Suspended)
            | (SubscriptionStatus::Suspended, SubscriptionState::Active) => true,
            (SubscriptionStatus::Active | SubscriptionStatus::Suspended, SubscriptionState::Deleted) => {
                let until = self.cancellable_until();
                if until.is_none_or(|until| now >= until) {
                    return Err(SubscriptionError::CancellationOver(until));
                }
                true
            }
            _ => false,
        };
        if !possible {
            return Err(SubscriptionError::StatusChange { from, to });
        }
        (self.state, self.state_since) = (to, now);
        // Suspending removes what was scheduled (section 9.4 of the contract).
        if to != SubscriptionState::Active {
            self.next_term = None;
        }
        Ok(())
    }

    /// What of instructions differs from what there is; clients send the rest too. Nothing, if nothing does.
    fn differing(&self, next: NextTerm) -> Option<NextTerm> {
        let left = NextTerm {
            offer: next.offer.filter(|offer| *offer != self.offer),
            quantity: next.quantity.filter(|quantity| *quantity != self.quantity),
            term: next.term.filter(|term| *term != self.term),
            billing_cycle: next.billing_cycle.filter(|cycle| *cycle != self.billing_cycle),
        };
        (left != NextTerm::default()).then_some(left)
    }

    fn change_offer(
        &mut self,
        change: &SubscriptionChange,
        offers: Judged<'_>,
        now: Timestamp,
    ) -> Result<(), SubscriptionError> {
        let Some(wanted) = change.offer.as_ref().filter(|wanted| **wanted != self.offer) else { return Ok(()) };
        self.running("offerId", now)?;
        let not_offered = || SubscriptionError::NotAnUpgrade {
            offer: wanted.clone(),
            targets: offers.own.upgrade_target_offers.clone(),
        };
        let target =
            offers.target.filter(|_| offers.own.upgrade_target_offers.contains(wanted)).ok_or_else(not_offered)?;
        if !target.is_available || !target.sells_in(offers.country) {
            return Err(not_offered());
        }
        if !target.terms.contains(&self.term) || !target.billing_cycles.contains(&self.billing_cycle) {
            return Err(SubscriptionError::TermNotOffered { offer: target.id.clone(), terms: target.terms.clone() });
        }
        let quantity = change.quantity.unwrap_or(self.quantity);
        check_quantity(target, quantity)?;
        // What is called as what it was is called as what it becomes.
        if self.friendly_name == offers.own.name {
            self.friendly_name.clone_from(&target.name);
        }
        self.offer.clone_from(&target.id);
        self.auto_renew &= target.is_auto_renewable;
        // They were given for the other offer.
        self.next_term = None;
        Ok(())
    }

    fn change_quantity(
        &mut self,
        change: &SubscriptionChange,
        offers: Judged<'_>,
        now: Timestamp,
    ) -> Result<(), SubscriptionError> {
        let Some(wanted) = change.quantity.filter(|wanted| *wanted != self.quantity) else { return Ok(()) };
        // What is suspended in the same call keeps its quantity too.
        self.running("quantity", now)?;
        let offer = offers.target.filter(|target| target.id == self.offer).unwrap_or(offers.own);
        check_quantity(offer, wanted)?;
        if wanted > self.quantity {
            self.grow(wanted - self.quantity, now);
            return Ok(());
        }
        let fewer = self.quantity - wanted;
        let possible: i32 = self.returnable_at(now).iter().map(|some| some.quantity).sum();
        if offer.is_new_commerce() && fewer > possible {
            return Err(SubscriptionError::ReturnWindow { fewer, possible });
        }
        self.shrink(fewer, now);
        Ok(())
    }

    fn change_term(
        &mut self,
        change: &SubscriptionChange,
        offers: Judged<'_>,
        now: Timestamp,
    ) -> Result<(), SubscriptionError> {
        if change.billing_cycle.is_some_and(|cycle| cycle != self.billing_cycle) {
            return Err(SubscriptionError::BillingCycle(self.billing_cycle));
        }
        let Some(wanted) = change.term.filter(|wanted| *wanted != self.term) else { return Ok(()) };
        self.running("termDuration", now)?;
        let offer = offers.target.filter(|target| target.id == self.offer).unwrap_or(offers.own);
        if !offer.terms.contains(&wanted) {
            return Err(SubscriptionError::TermNotOffered { offer: offer.id.clone(), terms: offer.terms.clone() });
        }
        let ends_at = wanted.end_after(now, 1);
        if ends_at <= self.ends_at {
            return Err(SubscriptionError::TermShorter { wanted, ends_at: self.ends_at });
        }
        (self.term, self.started_at, self.ends_at) = (wanted, now, ends_at);
        self.next_term = None;
        Ok(())
    }

    fn change_renewal(
        &mut self,
        before: &Self,
        change: &SubscriptionChange,
        offers: Judged<'_>,
        now: Timestamp,
    ) -> Result<(), SubscriptionError> {
        let own = offers.target.filter(|target| target.id == self.offer).unwrap_or(offers.own);
        // What was so before is not asked for, also if an upgrade has changed it.
        if let Some(wanted) = change.auto_renew.filter(|wanted| *wanted != before.auto_renew) {
            // A term that has ended is not begun anew like that.
            let status = self.status(now);
            if !matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Suspended) {
                return Err(SubscriptionError::NotUpdatable { property: "autoRenewEnabled", status });
            }
            if wanted && !own.is_auto_renewable {
                return Err(SubscriptionError::NotRenewable(own.id.clone()));
            }
            self.auto_renew = wanted;
        }
        if !self.auto_renew {
            self.next_term = None;
        }
        let Some(wanted) = &change.next_term else { return Ok(()) };
        let wanted = wanted.clone().and_then(|next| before.differing(next));
        if wanted.as_ref() == before.next_term.clone().and_then(|next| before.differing(next)).as_ref() {
            return Ok(());
        }
        let Some(next) = wanted else {
            self.next_term = None;
            return Ok(());
        };
        if !self.auto_renew || self.state != SubscriptionState::Active {
            return Err(SubscriptionError::NothingFollows);
        }
        let offer = match &next.offer {
            Some(id) if *id != own.id => {
                let targets = &own.upgrade_target_offers;
                let sold = |offer: &&Offer| offer.is_available && offer.sells_in(offers.country);
                let known = offers.next.filter(|offer| targets.contains(&offer.id)).filter(sold);
                known.ok_or_else(|| SubscriptionError::NotAnUpgrade {
                    offer: id.clone(),
                    targets: own.upgrade_target_offers.clone(),
                })?
            }
            _ => own,
        };
        if !offer.is_auto_renewable {
            return Err(SubscriptionError::NotRenewable(offer.id.clone()));
        }
        let (term, cycle) = (next.term.unwrap_or(self.term), next.billing_cycle.unwrap_or(self.billing_cycle));
        if !offer.terms.contains(&term) || !offer.billing_cycles.contains(&cycle) || !cycle.fits(term) {
            return Err(SubscriptionError::TermNotOffered { offer: offer.id.clone(), terms: offer.terms.clone() });
        }
        check_quantity(offer, next.quantity.unwrap_or(self.quantity))?;
        self.next_term = Some(next);
        Ok(())
    }
}

/// Whether a quantity is within an offer's limits.
///
/// # Errors
/// [`SubscriptionError::Quantity`].
pub fn check_quantity(offer: &Offer, quantity: i32) -> Result<(), SubscriptionError> {
    if offer.allows(quantity) {
        return Ok(());
    }
    let (minimum, maximum) = (offer.minimum_quantity, offer.maximum_quantity);
    Err(SubscriptionError::Quantity { quantity, minimum, maximum, offer: offer.name.clone() })
}

/// What can be given back of a new subscription.
pub fn all_returnable(quantity: i32, now: Timestamp) -> Vec<Returnable> {
    vec![Returnable::new(quantity, now.after(RETURN_WINDOW))]
}
