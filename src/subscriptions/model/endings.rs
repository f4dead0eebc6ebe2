//! The end of a relationship with a customer: what has to be over before.

use super::SubscriptionId;
use crate::access::CustomerId;
use crate::customers::RelationshipMissing;
use crate::platform::error::{Code, Kind, Refusal};

/// Subscriptions that are named one by one in a refusal at most.
pub const LISTED: i64 = 100;
/// Of those, how many its sentence names.
const TOLD: usize = 3;

/// Subscriptions that still run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StillActive {
    /// Whose.
    pub customer: CustomerId,
    /// How many there are.
    pub count: i64,
    /// The first of them, with what they are called.
    pub first: Vec<(SubscriptionId, String)>,
}

impl StillActive {
    fn named(&self) -> impl Iterator<Item = String> {
        self.first.iter().map(|(id, name)| format!("{name} ({id})"))
    }

    fn told(&self) -> String {
        let told: Vec<String> = self.named().take(TOLD).collect();
        let more = usize::try_from(self.count).unwrap_or(usize::MAX).saturating_sub(told.len());
        match more {
            0 => told.join(", "),
            more => format!("{} and {more} more", told.join(", ")),
        }
    }

    fn counted(&self) -> String {
        match self.count {
            1 => "1 subscription of this customer is".to_owned(),
            many => format!("{many} subscriptions of this customer are"),
        }
    }
}

/// Why a relationship with a customer is not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndRelationshipError {
    /// There is none.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// Something that the caller's company sold or manages still runs (ruling 11 of the design).
    #[error(
        "{} still active: {}. Suspend or cancel each of them (PATCH /v1/customers/{}/subscriptions/{{id}}), then end the \
         relationship.",
        .0.counted(),
        .0.told(),
        .0.customer
    )]
    SubscriptionsActive(StillActive),
}

impl Refusal for EndRelationshipError {
    fn code(&self) -> Code {
        match self {
            EndRelationshipError::Relationship(error) => error.code(),
            EndRelationshipError::SubscriptionsActive(_) => Code::new(910_620, "subscriptionsActive", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            EndRelationshipError::Relationship(error) => error.parameters(),
            EndRelationshipError::SubscriptionsActive(active) => {
                vec![("customer", active.customer.to_string()), ("count", active.count.to_string())]
            }
        }
    }
    fn details(&self) -> Vec<String> {
        match self {
            EndRelationshipError::Relationship(_) => Vec::new(),
            EndRelationshipError::SubscriptionsActive(active) => active.named().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_the_rest_are_counted() {
        let first: Vec<_> = (0..4).map(|number| (SubscriptionId::fresh(), format!("Number {number}"))).collect();
        let still = |count: i64| {
            let first = first.iter().take(usize::try_from(count).unwrap()).cloned().collect();
            EndRelationshipError::SubscriptionsActive(StillActive { customer: CustomerId::fresh(), count, first })
        };
        let one = still(1).to_string();
        assert!(
            one.starts_with(&format!("1 subscription of this customer is still active: Number 0 ({}). ", first[0].0))
        );
        assert!(still(4).to_string().contains(" and 1 more. Suspend"));
        assert!(!still(3).to_string().contains("more"));
        assert_eq!(still(4).details().len(), 4);
    }
}
