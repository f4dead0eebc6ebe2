//! Why a relationship is not asked for, or not answered.

use super::requests::{Obstacle, RequestId, RequestState};
use crate::access::{AccessError, PartnerId};
use crate::customers::DomainError;
use crate::partnerships::{DraftError, MailLimitReached};
use crate::platform::error::{Code, Kind, Refusal};

/// There is no such request for the caller.
#[derive(Debug, thiserror::Error)]
#[error("You sent no request {0}. GET /v1/relationshiprequests lists them.")]
pub struct NoRequest(pub RequestId);

impl Refusal for NoRequest {
    fn code(&self) -> Code {
        Code::new(910_350, "relationshipRequestUnknown", Kind::NotFound)
    }
}

/// Why a relationship is not asked for, or a request not revoked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Not the caller's.
    #[error(transparent)]
    Unknown(#[from] NoRequest),
    /// The caller's part.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Not one of the caller's active partners, whether or not it exists.
    #[error("{0} is none of your active partners. GET /v1/relationships lists them.")]
    PartnerUnknown(PartnerId),
    /// A reseller sells through somebody.
    #[error(
        "A reseller serves customers through a provider: name one of yours in \"indirectCloudSolutionProviderId\". GET \
         /v1/relationships lists them."
    )]
    ProviderMissing,
    /// The text.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Nobody to send it to.
    #[error("Without \"email\" there is nobody to send it to: leave out \"send\", and send the link yourself.")]
    NobodyToSendTo,
    /// Too many.
    #[error(transparent)]
    Limit(#[from] MailLimitReached),
    /// Too late.
    #[error("The request was already {0}.")]
    Answered(RequestState),
}

impl Refusal for AskError {
    fn code(&self) -> Code {
        match self {
            AskError::Unknown(error) => error.code(),
            AskError::Access(error) => error.code(),
            AskError::PartnerUnknown(_) => Code::new(910_351, "relationshipPartnerUnknown", Kind::BadInput),
            AskError::ProviderMissing => Code::new(910_352, "relationshipProviderMissing", Kind::BadInput),
            AskError::NobodyToSendTo => Code::new(910_353, "relationshipRequestWithoutMailbox", Kind::BadInput),
            AskError::Draft(error) => draft_code(error),
            AskError::Limit(error) => error.code(),
            AskError::Answered(_) => Code::new(910_354, "relationshipRequestAnswered", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            AskError::Access(error) => error.parameters(),
            AskError::Draft(error) => error.parameters(),
            AskError::Limit(error) => error.parameters(),
            AskError::PartnerUnknown(id) => vec![("partner", id.to_string())],
            _ => Vec::new(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            AskError::Limit(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// The draft of a request is refused as that of an invitation is, under names of its own.
fn draft_code(error: &DraftError) -> Code {
    match error {
        DraftError::LinkMissing { .. } => Code::new(910_359, "relationshipLinkMissing", Kind::BadInput),
        DraftError::MessageTooLong => Code::new(910_360, "relationshipMessageTooLong", Kind::BadInput),
        DraftError::MessageControlCharacter => Code::new(910_361, "relationshipMessageNotText", Kind::BadInput),
        DraftError::ForeignLink(_) => Code::new(910_362, "relationshipLinkForeign", Kind::BadInput),
        DraftError::LinkInSubject(_) => Code::new(910_363, "relationshipLinkInSubject", Kind::BadInput),
        of_invitations => of_invitations.code(),
    }
}

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub enum RequestAnswerError {
    /// Unknown, altered, expired, revoked, answered by another, or naming companies that are no partners: one answer.
    #[error("This link is not valid any more. Ask the partner who sent it for a new one.")]
    UnknownLink,
    /// It is not what was shown.
    #[error("What the request says has changed since it was shown. Look at it again and answer then.")]
    Changed,
    /// A partner may not begin new business.
    #[error(
        "{0} has not signed the Microsoft Partner Agreement in force, so no relationship with it can begin now. Ask it to \
         sign; the link stays valid meanwhile."
    )]
    AgreementMissing(String),
    /// The provider sells elsewhere.
    #[error(
        "The provider is in {provider} and your organisation in {customer}: these are different regions, and a provider \
         serves customers of its own. Find a provider of your region: GET /v1/indirectproviders."
    )]
    RegionDiffers {
        /// The provider's country.
        provider: String,
        /// The customer's.
        customer: String,
    },
}

impl From<Obstacle> for RequestAnswerError {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::AgreementMissing(name) => RequestAnswerError::AgreementMissing(name),
            Obstacle::RegionDiffers(provider, customer) => RequestAnswerError::RegionDiffers { provider, customer },
        }
    }
}

impl Refusal for RequestAnswerError {
    fn code(&self) -> Code {
        match self {
            RequestAnswerError::UnknownLink => Code::new(910_355, "relationshipLinkInvalid", Kind::NotFound),
            RequestAnswerError::Changed => Code::new(910_356, "relationshipRequestChanged", Kind::Conflict),
            RequestAnswerError::AgreementMissing(_) => {
                Code::new(910_357, "relationshipAgreementMissing", Kind::Conflict)
            }
            RequestAnswerError::RegionDiffers { .. } => Code::new(910_358, "relationshipRegionDiffers", Kind::Conflict),
        }
    }
}

/// Why a tenant is not made.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The link that asks for it.
    #[error(transparent)]
    Link(#[from] RequestAnswerError),
    /// The name.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// Too many mails to that mailbox.
    #[error(transparent)]
    Limit(#[from] MailLimitReached),
}

impl Refusal for TenantError {
    fn code(&self) -> Code {
        match self {
            TenantError::Link(error) => error.code(),
            TenantError::Domain(error) => error.code(),
            TenantError::Limit(error) => error.code(),
        }
    }
}
