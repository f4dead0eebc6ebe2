//! Why an invitation is not made, sent or answered.

use std::time::Duration;

use super::{InvitationId, InvitationState, LINK_PLACE, MAX_MESSAGE};
use crate::companies::{MpnId, RegionsDiffer};
use crate::platform::error::{Code, Kind, Refusal};
use crate::words;

/// Why a draft is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The personal link must stay in the text.
    #[error(
        "The message must hold {LINK_PLACE} exactly once, where the personal link goes; it holds it {found} times. \
         parameters.message is your text with the link put right."
    )]
    LinkMissing {
        /// How often it is there.
        found: usize,
        /// The text with the link exactly once.
        mended: String,
    },
    /// A link that is not this draft's.
    #[error("The message holds {0}, which is the link of something else. Write {LINK_PLACE} where this one's goes.")]
    ForeignLink(String),
    /// A link where none belongs.
    #[error("The subject holds the link {0}. Leave it out: the link belongs into the message, as {LINK_PLACE}.")]
    LinkInSubject(String),
    /// Too long.
    #[error("The message has more than {MAX_MESSAGE} characters.")]
    MessageTooLong,
    /// Not text.
    #[error("The message holds a control character. Use plain text.")]
    MessageControlCharacter,
    /// Nobody to send it to.
    #[error(
        "Without \"email\" there is nobody to send it to: leave out \"send\", and send the standing link yourself."
    )]
    NobodyToSendTo,
    /// An invitation's property without an invitation.
    #[error("\"{0}\" belongs to an invitation to one mailbox: name \"email\" as well, or leave it out.")]
    NeedsMailbox(&'static str),
    /// The provider has no standing link now.
    #[error("Your standing link is revoked. Make a new one: POST /v1/relationships/invitationlink/rotate.")]
    StandingLinkRevoked,
}

impl Refusal for DraftError {
    fn code(&self) -> Code {
        match self {
            DraftError::LinkMissing { .. } => Code::new(910_200, "invitationLinkMissing", Kind::BadInput),
            DraftError::MessageTooLong => Code::new(910_201, "invitationMessageTooLong", Kind::BadInput),
            DraftError::MessageControlCharacter => Code::new(910_202, "invitationMessageNotText", Kind::BadInput),
            DraftError::ForeignLink(_) => Code::new(910_205, "invitationLinkForeign", Kind::BadInput),
            DraftError::LinkInSubject(_) => Code::new(910_215, "invitationLinkInSubject", Kind::BadInput),
            DraftError::NobodyToSendTo => Code::new(910_206, "invitationWithoutMailbox", Kind::BadInput),
            DraftError::NeedsMailbox(_) => Code::new(910_207, "invitationNeedsMailbox", Kind::BadInput),
            DraftError::StandingLinkRevoked => Code::new(910_208, "standingLinkRevoked", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DraftError::LinkMissing { mended, .. } => {
                vec![("putBack", LINK_PLACE.to_owned()), ("message", mended.clone())]
            }
            DraftError::StandingLinkRevoked => {
                vec![("remedy", "/v1/relationships/invitationlink/rotate".to_owned())]
            }
            _ => Vec::new(),
        }
    }
}

words! {
    /// Whose mails a limit counts.
    MailLimit {
        /// All mails of this kind to a mailbox, from whomever.
        Mailbox = "mailbox",
        /// Those of one person.
        Person = "person",
        /// Those of one company.
        Company = "company",
    }
}

/// More invitations and requests were to be mailed than a day allows.
#[derive(Debug, thiserror::Error)]
#[error(
    "In the last 24 hours {allowed} invitations and requests were mailed {}, and no more are. Try again in {} minutes, or send it \
     yourself with \"send\": false.", counted_by(*limit), wait.as_secs().div_ceil(60)
)]
pub struct MailLimitReached {
    /// Which limit.
    pub limit: MailLimit,
    /// How many it allows a day.
    pub allowed: i64,
    /// Until the next one may go.
    pub wait: Duration,
}

fn counted_by(limit: MailLimit) -> &'static str {
    match limit {
        MailLimit::Mailbox => "to this mailbox",
        MailLimit::Person => "by you",
        MailLimit::Company => "by your company",
    }
}

impl Refusal for MailLimitReached {
    fn code(&self) -> Code {
        Code::new(910_209, "invitationMailLimit", Kind::TooMany)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("limit", self.limit.to_string()), ("allowed", self.allowed.to_string())]
    }
    fn retry_after(&self) -> Option<u32> {
        Some(u32::try_from(self.wait.as_micros().div_ceil(1_000_000)).unwrap_or(u32::MAX))
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

/// Why an invitation is not made, sent, sent again or revoked.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Not the caller's.
    #[error(transparent)]
    Unknown(#[from] NoInvitation),
    /// The text.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Too many.
    #[error(transparent)]
    Limit(#[from] MailLimitReached),
    /// Too late.
    #[error("The invitation was already {0}.")]
    Answered(InvitationState),
    /// Too late, but it can be renewed.
    #[error("The invitation has expired. Renew it: POST /v1/relationships/invitations/{0}/resend.")]
    Expired(InvitationId),
    /// The same was asked anew meanwhile.
    #[error("There is an open invitation to the same company already: {0}. Send that one again, or revoke it first.")]
    AnotherOpen(InvitationId),
    /// Its mail did not arrive.
    #[error(
        "The mail of this invitation could not be delivered. Send it again with a new link: POST \
         /v1/relationships/invitations/{0}/resend."
    )]
    NotDelivered(InvitationId),
    /// Its mail is under way as it was.
    #[error(
        "The invitation is already being mailed, so its text cannot change. Send it again with a new link: POST \
         /v1/relationships/invitations/{0}/resend."
    )]
    BeingMailed(InvitationId),
}

impl Refusal for InviteError {
    fn code(&self) -> Code {
        match self {
            InviteError::Unknown(error) => error.code(),
            InviteError::Draft(error) => error.code(),
            InviteError::Limit(error) => error.code(),
            InviteError::Answered(_) => Code::new(910_204, "invitationAnswered", Kind::Conflict),
            InviteError::Expired(_) => Code::new(910_216, "invitationExpired", Kind::Conflict),
            InviteError::AnotherOpen(_) => Code::new(910_218, "invitationAnotherOpen", Kind::Conflict),
            InviteError::NotDelivered(_) => Code::new(910_219, "invitationNotDelivered", Kind::Conflict),
            InviteError::BeingMailed(_) => Code::new(910_217, "invitationBeingMailed", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            InviteError::Draft(error) => error.parameters(),
            InviteError::Limit(error) => error.parameters(),
            InviteError::Expired(id) | InviteError::BeingMailed(id) | InviteError::NotDelivered(id) => {
                vec![("remedy", format!("/v1/relationships/invitations/{id}/resend"))]
            }
            InviteError::AnotherOpen(id) => vec![("invitationId", id.to_string())],
            InviteError::Unknown(_) | InviteError::Answered(_) => Vec::new(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            InviteError::Limit(error) => error.retry_after(),
            _ => None,
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
    /// The invitation names an account with which nobody does business.
    #[error(
        "The invitation names {asked}, your partner global account. Partnerships are made with the location you onboarded \
         with: ask the provider to invite {}.",
        or_none(used)
    )]
    MpnIdGlobal {
        /// The one named.
        asked: MpnId,
        /// The one to name instead.
        used: Option<String>,
    },
    /// The invitation names a location that was never used here.
    #[error(
        "The invitation names {asked}, a location of yours that never onboarded. Ask the provider to invite {}.",
        or_none(used)
    )]
    MpnIdNeverOnboarded {
        /// The one named.
        asked: MpnId,
        /// The one to name instead.
        used: Option<String>,
    },
    /// It is not what was shown.
    #[error("What the invitation says has changed since it was shown. Look at it again and answer then.")]
    Changed,
}

fn or_none(used: &Option<String>) -> &str {
    used.as_deref().unwrap_or("the location that your enrolment names")
}

impl Refusal for AnswerError {
    fn code(&self) -> Code {
        match self {
            AnswerError::UnknownLink => Code::new(910_210, "invitationLinkInvalid", Kind::NotFound),
            AnswerError::NotEnrolled => Code::new(910_211, "enrollmentNotApproved", Kind::Forbidden),
            AnswerError::RegionsDiffer(error) => error.code(),
            AnswerError::MpnIdGlobal { .. } => Code::new(910_212, "invitationMpnIdGlobal", Kind::Conflict),
            AnswerError::MpnIdNeverOnboarded { .. } => {
                Code::new(910_213, "invitationMpnIdNeverOnboarded", Kind::Conflict)
            }
            AnswerError::Changed => Code::new(910_214, "invitationChanged", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            AnswerError::NotEnrolled => vec![("remedy", "/v1/enrollments/current".to_owned())],
            AnswerError::RegionsDiffer(error) => error.parameters(),
            AnswerError::MpnIdGlobal { asked, used } | AnswerError::MpnIdNeverOnboarded { asked, used } => {
                let named = used.iter().map(|used| ("use", used.clone()));
                std::iter::once(("mpnId", asked.to_string())).chain(named).collect()
            }
            AnswerError::UnknownLink | AnswerError::Changed => Vec::new(),
        }
    }
}
