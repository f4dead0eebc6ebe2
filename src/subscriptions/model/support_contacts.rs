//! Support contacts: who answers a customer for a subscription.

use super::SubscriptionId;
use super::refusals::SubscriptionError;
use crate::access::{CustomerId, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};

/// Who answers.
#[derive(Clone, Debug)]
pub struct SupportContact {
    /// For which subscription.
    pub subscription: SubscriptionId,
    /// Of which customer.
    pub customer: CustomerId,
    /// Who.
    pub partner: PartnerId,
    /// What the company is called.
    pub name: String,
    /// Its MPN ID.
    pub mpn_id: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

/// Why nobody is designated.
#[derive(Debug, thiserror::Error)]
pub enum SupportContactError {
    /// No such subscription for the caller, or it is not its to say.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Nobody of that id, or no active reseller.
    #[error(
        "supportTenantId {0} is neither your own company nor one of your active resellers: GET /v1/relationships lists them."
    )]
    NotAReseller(PartnerId),
    /// The MPN ID is not that of the company named with it.
    #[error("supportMpnId {given} is not that of {name}, which is {mpn_id}. Leave it out, or give that.")]
    MpnIdOfAnother {
        /// As it was given.
        given: String,
        /// Who was named.
        name: String,
        /// Its own.
        mpn_id: String,
    },
}

impl Refusal for SupportContactError {
    fn code(&self) -> Code {
        match self {
            SupportContactError::Subscription(error) => error.code(),
            SupportContactError::NotAReseller(_) => Code::new(800_016, "supportContactNotAReseller", Kind::BadInput),
            SupportContactError::MpnIdOfAnother { .. } => Code::new(800_015, "supportContactMpnId", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            SupportContactError::Subscription(error) => error.parameters(),
            SupportContactError::NotAReseller(id) => vec![("supportTenantId", id.to_string())],
            SupportContactError::MpnIdOfAnother { mpn_id, .. } => vec![("useInstead", mpn_id.clone())],
        }
    }
}
