//! Lines of drafts: what is ordered for the customer once there is one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::{BillingCycle, Term};
use super::drafts::{Lack, Missing};
use super::orders::{WantedLine, WantedReseller};
use super::refusals::{LineError, SubscriptionError};
use crate::access::PartnerId;

/// What is ordered with a customer: a subscription comes of each line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftLine {
    /// The offer's id.
    #[schema(max_length = 254)]
    pub offer_id: String,
    /// How many.
    pub quantity: i32,
    /// What to call the subscription; as the offer, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 254)]
    pub friendly_name: Option<String>,
    /// For how long; the offer's first term, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// Charged how often; the offer's first cycle, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_cycle: Option<BillingCycle>,
    /// The reseller of record of this subscription: one of one's active resellers, by tenant id. It has nothing to do with
    /// the reseller of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reseller_of_record: Option<PartnerId>,
    /// Of an add-on: the place of the line that it is added to, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_line: Option<usize>,
}

impl DraftLine {
    /// The line as it is ordered.
    pub fn wanted(&self) -> WantedLine {
        WantedLine {
            offer: self.offer_id.clone(),
            quantity: self.quantity,
            friendly_name: self.friendly_name.clone(),
            term: self.term,
            billing_cycle: self.billing_cycle,
            reseller: self.reseller_of_record.map(WantedReseller::Partner),
            parent: None,
            parent_line: self.parent_line,
        }
    }
}

/// The property of a line that an error is about.
pub fn property_of(error: &LineError) -> &'static str {
    match error {
        LineError::ParentMissing { .. } | LineError::NotAnAddOn(_) => "parentLine",
        LineError::ResellerOfRecord(_) => "resellerOfRecord",
        LineError::Subscription(SubscriptionError::Quantity { .. }) => "quantity",
        LineError::Subscription(SubscriptionError::TermNotOffered { .. }) => "term",
        LineError::Subscription(SubscriptionError::CycleNotOffered { .. }) => "billingCycle",
        LineError::Subscription(SubscriptionError::FriendlyName) => "friendlyName",
        _ => "offerId",
    }
}

impl Missing {
    /// Says what is wrong with a line.
    pub fn of_line(place: usize, error: LineError) -> Self {
        let property = format!("lines[{place}].{}", property_of(&error));
        let sentence = match &error {
            // There are no subscriptions yet that it could be added to.
            LineError::ParentMissing { offer, prerequisites } => format!(
                "{property}: offer {offer} is an add-on. Give the place of the line with what it is added to, counted from 0: {}.",
                prerequisites.join(", ")
            ),
            LineError::NotAnAddOn(offer) => format!("{property}: offer {offer} is no add-on. Leave it out."),
            other => format!("{property}: {other}"),
        };
        Self::lacks(property, sentence, Lack::Line { place, error })
    }
}
