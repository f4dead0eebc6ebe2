//! Partnerships: types and pure rules.

use serde::Deserialize;

use crate::access::{PartnerId, UserId};
use crate::companies::{MpnId, RegionsDiffer};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::keys::{LinkPurpose, LinkToken};
use crate::platform::text::EmailAddress;
use crate::{ids, words};

ids! {
    /// An invitation.
    InvitationId,
    /// A partnership of a provider and a reseller.
    PartnershipId,
}

/// The personal link in an invitation: it proves knowledge of the offer, never ownership of a mailbox.
pub struct InvitationLink;

impl LinkPurpose for InvitationLink {
    const PREFIX: &'static str = "inv_";
}

/// An invitation's token as presented.
pub type InvitationToken = LinkToken<InvitationLink>;

/// Every invitation's link has this version: links are replaced by new invitations.
pub const LINK_VERSION: i32 = 1;

words! {
    /// What has become of an invitation, beside its expiry.
    InvitationState {
        /// Can be answered until it expires.
        Open = "open",
        /// A partnership came of it.
        Accepted = "accepted",
        /// The reseller said no.
        Declined = "declined",
        /// The provider took it back.
        Revoked = "revoked",
    }
}

/// An invitation to one mailbox.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who asks.
    pub provider: PartnerId,
    /// Who sent it.
    pub created_by: Option<UserId>,
    /// The mailbox.
    pub email: EmailAddress,
    /// The only company that may accept, if one is named.
    pub mpn_id: Option<MpnId>,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text, with [`LINK_PLACE`] where the link goes: the link itself is never stored.
    pub message: String,
    /// What has become of it.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was answered or revoked.
    pub answered_at: Option<Timestamp>,
    /// Why it was declined.
    pub decline_reason: Option<String>,
}

impl Invitation {
    /// Whether it can still be answered.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == InvitationState::Open && now < self.expires_at
    }

    /// The state as people see it.
    pub fn shown_state(&self, now: Timestamp) -> &'static str {
        if self.state == InvitationState::Open && now >= self.expires_at { "expired" } else { self.state.as_str() }
    }
}

/// Where the personal link stands in a message.
pub const LINK_PLACE: &str = "{link}";

/// Characters of a message at most.
pub const MAX_MESSAGE: usize = 8_000;

/// Whether `message` can be sent: the personal link exactly once, no control characters that could hide anything.
///
/// # Errors
/// Says what to put back or take out.
pub fn check_message(message: &str) -> Result<(), InviteError> {
    if message.matches(LINK_PLACE).count() != 1 {
        return Err(InviteError::LinkMissing(message.matches(LINK_PLACE).count()));
    }
    if message.chars().count() > MAX_MESSAGE {
        return Err(InviteError::MessageTooLong);
    }
    if message.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        return Err(InviteError::MessageControlCharacter);
    }
    Ok(())
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
}

impl Default for PartnershipSettings {
    fn default() -> Self {
        let attestation = "I remove this partnership in good faith and for a legitimate business purpose, in line with \
                           the agreement with the customer or partner, and hold the operator of this platform harmless.";
        Self {
            invitation_days: 30,
            removal_attestation: attestation.to_owned(),
            removal_attestation_version: "1".to_owned(),
        }
    }
}

/// Why an invitation is not made.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The personal link must stay in the text.
    #[error("The message must hold {LINK_PLACE} exactly once, where the personal link goes; it holds it {0} times.")]
    LinkMissing(usize),
    /// Too long.
    #[error("The message has more than {MAX_MESSAGE} characters.")]
    MessageTooLong,
    /// Not text.
    #[error("The message holds a control character. Use plain text.")]
    MessageControlCharacter,
}

impl Refusal for InviteError {
    fn code(&self) -> Code {
        match self {
            InviteError::LinkMissing(_) => Code::new(910_200, "invitationLinkMissing", Kind::BadInput),
            InviteError::MessageTooLong => Code::new(910_201, "invitationMessageTooLong", Kind::BadInput),
            InviteError::MessageControlCharacter => Code::new(910_202, "invitationMessageNotText", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            InviteError::LinkMissing(_) => vec![("putBack", LINK_PLACE.to_owned())],
            _ => Vec::new(),
        }
    }
}

/// There is no such invitation for the caller.
#[derive(Debug, thiserror::Error)]
#[error("You sent no invitation {0}.")]
pub struct NoInvitation(pub InvitationId);

impl Refusal for NoInvitation {
    fn code(&self) -> Code {
        Code::new(910_203, "invitationUnknown", Kind::NotFound)
    }
}

/// Why an invitation cannot be revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// Not the caller's.
    #[error(transparent)]
    Unknown(#[from] NoInvitation),
    /// Too late.
    #[error("The invitation was already {0}, so it cannot be revoked.")]
    Answered(InvitationState),
}

impl Refusal for RevokeError {
    fn code(&self) -> Code {
        match self {
            RevokeError::Unknown(error) => error.code(),
            RevokeError::Answered(_) => Code::new(910_204, "invitationAnswered", Kind::Conflict),
        }
    }
}

/// Why an invitation is not answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Unknown, altered, expired, used, revoked or meant for another company: one answer for all.
    #[error("This invitation link is not valid any more. Ask the provider for a new one.")]
    UnknownLink,
    /// The company must be enrolled first.
    #[error(
        "Your company's enrolment as indirect reseller is not approved yet. See GET /v1/enrollments/current; the link \
         stays valid meanwhile."
    )]
    NotEnrolled,
    /// The two sides sell in different regions.
    #[error(transparent)]
    RegionsDiffer(#[from] RegionsDiffer),
}

impl Refusal for AnswerError {
    fn code(&self) -> Code {
        match self {
            AnswerError::UnknownLink => Code::new(910_210, "invitationLinkInvalid", Kind::NotFound),
            AnswerError::NotEnrolled => Code::new(910_211, "enrollmentNotApproved", Kind::Forbidden),
            AnswerError::RegionsDiffer(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            AnswerError::UnknownLink => Vec::new(),
            AnswerError::NotEnrolled => vec![("remedy", "/v1/enrollments/current".to_owned())],
            AnswerError::RegionsDiffer(error) => error.parameters(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_the_link_exactly_once() {
        let told = |message: &str| check_message(message).map_err(|error| error.code().name);
        assert_eq!(told("Open {link}, please."), Ok(()));
        assert_eq!(told("Open it."), Err("invitationLinkMissing"));
        assert_eq!(told("{link} {link}"), Err("invitationLinkMissing"));
        assert_eq!(told("{link}\u{0}"), Err("invitationMessageNotText"));
        assert_eq!(told(&format!("{{link}}{}", "x".repeat(MAX_MESSAGE))), Err("invitationMessageTooLong"));
    }

    #[test]
    fn an_open_invitation_expires_at_its_time() {
        let now = Timestamp::from_micros(1_000_000);
        let mut invitation = Invitation {
            id: InvitationId::fresh(),
            provider: PartnerId::fresh(),
            created_by: None,
            email: EmailAddress::try_from("a@b.example".to_owned()).unwrap(),
            mpn_id: None,
            subject: String::new(),
            message: String::new(),
            state: InvitationState::Open,
            created_at: now,
            expires_at: Timestamp::from_micros(1_000_001),
            answered_at: None,
            decline_reason: None,
        };
        assert!(invitation.is_open(now));
        assert!(!invitation.is_open(invitation.expires_at));
        assert_eq!(invitation.shown_state(invitation.expires_at), "expired");
        invitation.state = InvitationState::Revoked;
        assert_eq!(invitation.shown_state(now), "revoked");
    }
}
