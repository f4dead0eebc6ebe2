//! Why it is not told how far a subscription is set up.

use super::refusals::SubscriptionError;
use crate::delegation::GateError;
use crate::platform::error::{Code, Refusal};

/// The subscription is not the caller's to see, or its customer's administration is not delegated to it.
#[derive(Debug, thiserror::Error)]
pub enum ProvisioningError {
    /// No such subscription for the caller.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// What the gate misses.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl Refusal for ProvisioningError {
    fn code(&self) -> Code {
        match self {
            ProvisioningError::Subscription(error) => error.code(),
            ProvisioningError::Gate(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            ProvisioningError::Subscription(error) => error.parameters(),
            ProvisioningError::Gate(error) => error.parameters(),
        }
    }
}
