//! Partnerships: types and pure rules.

mod invitations;
mod refusals;

use serde::Deserialize;

use crate::access::PartnerId;
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};

pub use invitations::*;
pub use refusals::*;

ids! {
    /// A partnership of a provider and a reseller.
    PartnershipId,
}

/// A partnership.
#[derive(Clone, Debug)]
pub struct Partnership {
    /// Its id.
    pub id: PartnershipId,
    /// The indirect provider.
    pub provider: PartnerId,
    /// The indirect reseller.
    pub reseller: PartnerId,
    /// Since when.
    pub started_at: Timestamp,
    /// Until when, once removed.
    pub ended_at: Option<Timestamp>,
}

/// What a partnership came of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An invitation.
    Invitation(InvitationId),
    /// The provider's standing link, in a version.
    StandingLink(i32),
}

/// A time during which two were partners, as one of them may look back on it.
#[derive(Clone, Debug)]
pub struct PastPartnership {
    /// The partnership.
    pub partnership: Partnership,
    /// What it came of.
    pub origin: Origin,
    /// Which side ended it.
    pub ended_by: Option<PartnerId>,
    /// Why, in the words of that side: for its own eyes.
    pub end_reason: Option<String>,
    /// The version of what that side attested: likewise.
    pub attestation_version: Option<String>,
}

impl Partnership {
    /// The partner on the other side of `one`.
    pub fn other_side(&self, one: PartnerId) -> PartnerId {
        if self.provider == one { self.reseller } else { self.provider }
    }
}

/// `[partnerships]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartnershipSettings {
    /// Days an invitation can be accepted; at most 90.
    pub invitation_days: u64,
    /// What whoever removes a partnership attests.
    pub removal_attestation: String,
    /// The version of that text, stored with the act.
    pub removal_attestation_version: String,
    /// Invitations mailed to one mailbox in 24 hours at most, by all providers together.
    pub mails_per_mailbox: i64,
    /// Invitations mailed by one person in 24 hours at most.
    pub mails_per_person: i64,
    /// Invitations mailed by one company in 24 hours at most.
    pub mails_per_company: i64,
}

impl Default for PartnershipSettings {
    fn default() -> Self {
        let attestation = "I remove this partnership in good faith and for a legitimate business purpose, in line with \
                           the agreement with the customer or partner, and hold the operator of this platform harmless.";
        Self {
            invitation_days: 30,
            removal_attestation: attestation.to_owned(),
            removal_attestation_version: "1".to_owned(),
            mails_per_mailbox: 3,
            mails_per_person: 2_000,
            mails_per_company: 5_000,
        }
    }
}

/// There is no partnership with that company.
#[derive(Debug, thiserror::Error)]
#[error("You have no partnership with {0}.")]
pub struct NoPartnership(pub PartnerId);

impl Refusal for NoPartnership {
    fn code(&self) -> Code {
        Code::new(910_220, "partnershipMissing", Kind::NotFound)
    }
}

/// Why nobody is reminded to sign the agreement.
#[derive(Debug, thiserror::Error)]
pub enum ReminderError {
    /// Nobody to remind.
    #[error(transparent)]
    Missing(#[from] NoPartnership),
    /// Nothing to remind of.
    #[error("{0} has signed the agreement in force: there is nothing to remind of.")]
    AlreadySigned(String),
}

impl Refusal for ReminderError {
    fn code(&self) -> Code {
        match self {
            ReminderError::Missing(error) => error.code(),
            ReminderError::AlreadySigned(_) => Code::new(910_222, "agreementAlreadySigned", Kind::Conflict),
        }
    }
}

/// Why a partnership is not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// Nothing to remove.
    #[error(transparent)]
    Missing(#[from] NoPartnership),
    /// The attestation is part of the act.
    #[error("Removing a partnership takes \"attestation\": true. It attests: {0}")]
    AttestationMissing(String),
}

impl Refusal for RemoveError {
    fn code(&self) -> Code {
        match self {
            RemoveError::Missing(error) => error.code(),
            RemoveError::AttestationMissing(_) => Code::new(910_221, "attestationMissing", Kind::BadInput),
        }
    }
}
