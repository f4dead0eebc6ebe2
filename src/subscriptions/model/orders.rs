//! Orders: what was bought, as it was bought.

use serde::{Deserialize, Serialize};

use super::catalogue::{BillingCycle, Term};
use super::{OrderId, SubscriptionId};
use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::Timestamp;

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
