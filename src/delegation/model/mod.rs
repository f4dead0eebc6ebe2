//! Grants of delegated administration: types and pure rules.

mod granular;
mod notices;
mod refusals;
pub mod request_refusals;
pub mod requests;
mod roles;
mod setup_info;

use crate::access::{CustomerId, PartnerId};
use crate::customers::{DomainError, OutsideRegion, ProfileError};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

pub use granular::{
    AccessAction, AccessRequest, AccessRequestId, AdministrationLink, Assignment, AssignmentId, DURATION_DAYS,
    EXTENSION_DAYS, EnderId, Granular, GranularName, GranularState, GranularStatus, GranularTerms, LAPSES_AFTER,
    Operation, OperationId, TermsRefused, default_name, read_days, read_graph_id, written_days,
};
pub use notices::{Notice, NoticeId, NoticeKind, TenantOwner, TenantOwnerId};
pub use refusals::{AdministrationAnswerError, GranularError, TenantOwnerError};
pub use roles::{DEFAULT_ROLES, DirectoryRole, Group, Right, default_roles_of_reseller, groups_of};
pub use setup_info::*;

ids! {
    /// A grant of delegated administration.
    GrantId,
}

words! {
    /// How a grant came about.
    GrantOrigin {
        /// With the customer, by the provider who created it.
        CustomerCreated = "customer_created",
        /// With a relationship, by the customer's admin who approved it.
        RelationshipRequest = "relationship_request",
        /// By the customer's admin who approved a delegated admin relationship, or by one made with the customer.
        DelegatedAdminRelationship = "delegated_admin_relationship",
    }
}

/// A grant: full delegated administration is the grant of all roles without an end.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who may administer.
    pub partner: PartnerId,
    /// Whom.
    pub customer: CustomerId,
    /// Why.
    pub origin: GrantOrigin,
    /// Whether it is of all roles; else it holds what its delegated admin relationship assigns.
    pub all_roles: bool,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when; without end if absent.
    pub ends_at: Option<Timestamp>,
}

/// Why a customer is not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateCustomerError {
    /// The provider's own agreement lapsed or was never signed.
    #[error(
        "Your company has not signed the Microsoft Partner Agreement in force. Sign it: POST /v1/agreements/mpa/signatures."
    )]
    OwnAgreementMissing,
    /// The reseller's.
    #[error("The reseller {0} has not signed the Microsoft Partner Agreement in force. Ask it to sign.")]
    ResellerAgreementMissing(String),
    /// Not one of the caller's active resellers, whether or not it exists.
    #[error("\"{0}\" is none of your active indirect resellers. GET /v1/relationships lists them.")]
    ResellerUnknown(String),
    /// An MPN ID of an active reseller, but not the one it onboarded with.
    #[error("{given} is not the location your reseller onboarded with. Use {onboarded}.")]
    MpnIdNotOnboarded {
        /// The ID sent.
        given: String,
        /// The ID to send.
        onboarded: String,
    },
    /// Naming a reseller takes a person.
    #[error(
        "Creating a customer for a reseller needs a user: an app-only token is not accepted with associatedPartnerId."
    )]
    AppOnlyRefused,
    /// Name, register number, billing profile or address.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The country.
    #[error(transparent)]
    Region(#[from] OutsideRegion),
    /// The domain.
    #[error(transparent)]
    Domain(#[from] DomainError),
}

impl Refusal for CreateCustomerError {
    fn code(&self) -> Code {
        match self {
            CreateCustomerError::OwnAgreementMissing => Code::new(900_124, "ownAgreementMissing", Kind::Forbidden),
            CreateCustomerError::ResellerAgreementMissing(_) => {
                Code::new(900_123, "resellerAgreementMissing", Kind::Forbidden)
            }
            CreateCustomerError::ResellerUnknown(_) => Code::new(800_016, "resellerUnknown", Kind::BadInput),
            CreateCustomerError::MpnIdNotOnboarded { .. } => Code::new(910_310, "mpnIdNotOnboarded", Kind::BadInput),
            CreateCustomerError::AppOnlyRefused => Code::new(900_329, "appOnlyRefused", Kind::Forbidden),
            CreateCustomerError::Profile(error) => error.code(),
            CreateCustomerError::Region(error) => error.code(),
            CreateCustomerError::Domain(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            CreateCustomerError::MpnIdNotOnboarded { onboarded, .. } => vec![("use", onboarded.clone())],
            CreateCustomerError::Profile(error) => error.parameters(),
            CreateCustomerError::Region(error) => error.parameters(),
            CreateCustomerError::OwnAgreementMissing => vec![("remedy", "/v1/agreements/mpa/signatures".to_owned())],
            _ => Vec::new(),
        }
    }
}

/// The partner named does not administer the caller's organisation.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// Not the caller's own organisation.
    #[error(transparent)]
    Customer(#[from] crate::customers::RelationshipMissing),
    /// Never had a grant.
    #[error("{0} does not administer your organisation. GET …/administrators lists who does.")]
    NoAdministrator(PartnerId),
}

impl Refusal for EndError {
    fn code(&self) -> Code {
        match self {
            EndError::Customer(error) => error.code(),
            EndError::NoAdministrator(_) => Code::new(910_320, "administratorMissing", Kind::NotFound),
        }
    }
}
