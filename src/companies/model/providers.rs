//! The public list of providers: its entries, and what providers ask to have changed.

use crate::access::{PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;
use crate::platform::text::{Country, EmailAddress, shorten};
use crate::{ids, words};

ids! {
    /// A provider's request to change its entry.
    ChangeRequestId,
}

words! {
    /// Where a change request stands.
    ChangeRequestState {
        /// Waiting for the operator.
        Open = "open",
        /// Done, or decided otherwise.
        Closed = "closed",
    }
}

/// What the operator may change of an entry.
#[derive(Clone, Debug)]
pub struct ProviderEntry {
    /// The provider's name.
    pub name: String,
    /// Its country.
    pub country: Country,
    /// Whom to write to.
    pub contact_email: EmailAddress,
    /// What it sells.
    pub description: String,
}

/// What a provider asks to have changed in its entry.
#[derive(Clone, Debug)]
pub struct ChangeRequest {
    /// Its id.
    pub id: ChangeRequestId,
    /// The provider.
    pub provider: PartnerId,
    /// The provider's name.
    pub provider_name: String,
    /// Who asks, unless an application does.
    pub requested_by: Option<UserId>,
    /// What is asked.
    pub text: String,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When the operator was done with it.
    pub closed_at: Option<Timestamp>,
}

impl ChangeRequest {
    /// Where it stands.
    pub fn state(&self) -> ChangeRequestState {
        if self.closed_at.is_some() { ChangeRequestState::Closed } else { ChangeRequestState::Open }
    }
}

/// Open change requests of one provider at most.
pub const MAX_OPEN_REQUESTS: usize = 5;

/// There is no such entry.
#[derive(Debug, thiserror::Error)]
#[error("There is no provider {0} on the list. GET /v1/indirectproviders shows who is.")]
pub struct ProviderUnknown(String);

impl ProviderUnknown {
    /// Says so of what was named.
    pub fn new(named: &impl ToString) -> Self {
        Self(shorten(&named.to_string(), 40))
    }
}

impl Refusal for ProviderUnknown {
    fn code(&self) -> Code {
        Code::new(910_131, "providerUnknown", Kind::NotFound)
    }
}

/// Why an entry is not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Nothing to change.
    #[error(transparent)]
    Unknown(#[from] ProviderUnknown),
    /// Not what the caller looked at.
    #[error(transparent)]
    Etag(#[from] EtagError),
}

impl Refusal for ProviderError {
    fn code(&self) -> Code {
        match self {
            ProviderError::Unknown(error) => error.code(),
            ProviderError::Etag(error) => error.code(),
        }
    }
}

/// Why a change request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRequestError {
    /// Not on the list.
    #[error(transparent)]
    Unknown(#[from] ProviderUnknown),
    /// The operator has enough to do.
    #[error(
        "Your company already has {MAX_OPEN_REQUESTS} open change requests. Wait until the operator has closed one, or \
         write to the operator."
    )]
    TooMany,
}

impl Refusal for ChangeRequestError {
    fn code(&self) -> Code {
        match self {
            ChangeRequestError::Unknown(error) => error.code(),
            ChangeRequestError::TooMany => Code::new(910_132, "tooManyChangeRequests", Kind::Conflict),
        }
    }
}

/// There is no such change request.
#[derive(Debug, thiserror::Error)]
#[error("There is no change request {0}.")]
pub struct ChangeRequestUnknown(pub ChangeRequestId);

impl Refusal for ChangeRequestUnknown {
    fn code(&self) -> Code {
        Code::new(910_133, "changeRequestUnknown", Kind::NotFound)
    }
}
