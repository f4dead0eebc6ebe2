//! The reseller of record: who it was, when, of how many licences; and the days that are credited.

use super::SubscriptionId;
use super::catalogue::Offer;
use super::subscriptions::{Subscription, SubscriptionState};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;

/// The last day there is: until when what has no end counts.
pub const NO_DAY: i32 = i32::MAX;

/// The day in UTC that holds a moment, counted from 1970.
pub fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.seconds().div_euclid(24 * 60 * 60)).unwrap_or(NO_DAY)
}

/// A reseller of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResellerOfRecord {
    /// Who.
    pub reseller: PartnerId,
    /// The MPN ID it onboarded with.
    pub mpn_id: String,
}

/// A stretch of time in which a subscription had one reseller of record and nothing changed that incentives depend on. A
/// licence is credited for each day at whose end (UTC) it was there: so a stretch counts the day it begins on, and not the
/// day it ends on, and stretches that follow each other count no day twice and none of them less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssociationPeriod {
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// Its place among those of the subscription, from 1.
    pub number: i32,
    /// Which of the subscription's resellers of record it belongs to, from 1: the same one again counts anew.
    pub association: i32,
    /// Of which customer.
    pub customer: CustomerId,
    /// Who sold it.
    pub provider: PartnerId,
    /// Who is credited.
    pub of_record: ResellerOfRecord,
    /// For what.
    pub offer: String,
    /// Whether the offer earns incentives.
    pub earns: bool,
    /// How many licences.
    pub quantity: i32,
    /// Whether the subscription ran.
    pub active: bool,
    /// When the reseller became the one of record.
    pub associated_at: Timestamp,
    /// Who decided that, if it was a person.
    pub associated_by: Option<UserId>,
    /// From when.
    pub since: Timestamp,
    /// Until when; nothing while it lasts.
    pub until: Option<Timestamp>,
    /// From when on it is not credited by the clock: the end of a term that is not renewed.
    pub lapses_at: Option<Timestamp>,
}

impl AssociationPeriod {
    /// The first period of an association of `subscription` that begins now; `newest` is the last one before it.
    pub fn begin(
        subscription: &Subscription,
        offer: &Offer,
        of_record: ResellerOfRecord,
        newest: Option<&Self>,
        by: Option<UserId>,
        now: Timestamp,
    ) -> Self {
        Self {
            subscription: subscription.id,
            number: newest.map_or(0, |newest| newest.number) + 1,
            association: newest.map_or(0, |newest| newest.association) + 1,
            customer: subscription.customer,
            provider: subscription.provider,
            of_record,
            offer: offer.id.clone(),
            earns: offer.earns_incentives,
            quantity: subscription.quantity,
            active: subscription.state == SubscriptionState::Active,
            associated_at: now,
            associated_by: by,
            since: now,
            until: None,
            lapses_at: subscription.lapses_at(),
        }
    }

    /// The period that follows at `at`, when the subscription has become `subscription`; nothing, if nothing changed that
    /// is credited.
    pub fn followed(&self, subscription: &Subscription, offer: &Offer, at: Timestamp) -> Option<Self> {
        let begun = Self::begin(subscription, offer, self.of_record.clone(), Some(self), self.associated_by, at);
        let next = Self {
            association: self.association,
            associated_at: self.associated_at,
            // What was sold as earning goes on earning: an import changes what is sold from then on.
            earns: if offer.id == self.offer { self.earns } else { begun.earns },
            ..begun
        };
        let credited = |one: &Self| (one.offer.clone(), one.earns, one.quantity, one.active, one.lapses_at);
        (credited(self) != credited(&next)).then_some(next)
    }

    /// The licence-days from the day `from` up to, and without, the day `end`.
    pub fn licence_days(&self, from: i32, end: i32) -> i64 {
        if !self.active {
            return 0;
        }
        let until = self.until.map_or(NO_DAY, day_of).min(self.lapses_at.map_or(NO_DAY, day_of)).min(end);
        let days = i64::from(until) - i64::from(day_of(self.since).max(from));
        days.max(0) * i64::from(self.quantity)
    }
}

/// What is credited to one MPN ID for one offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Who sold.
    pub provider: PartnerId,
    /// Who is credited.
    pub of_record: ResellerOfRecord,
    /// For what.
    pub offer: String,
    /// Whether it earns incentives; if not, the days are only told.
    pub eligible: bool,
    /// Licences times days.
    pub licence_days: i64,
}
