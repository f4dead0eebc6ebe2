//! Why nothing was done about delegated administration.

use super::{DirectoryRole, GranularStatus, TermsRefused};
use crate::access::PartnerId;
use crate::customers::RelationshipMissing;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;

/// Why a delegated admin relationship is not made, changed, asked for or ended by its partner.
#[derive(Debug, thiserror::Error)]
pub enum GranularError {
    /// None of the caller's.
    #[error("There is no delegated admin relationship {0} of your company.")]
    Unknown(String),
    /// The customer named is none of the caller's.
    #[error(transparent)]
    Customer(#[from] RelationshipMissing),
    /// A property.
    #[error("{property}: {reason}.")]
    Property {
        /// Which.
        property: &'static str,
        /// In which way.
        reason: String,
    },
    /// The name is used once.
    #[error("You already have a delegated admin relationship called \"{0}\". Choose another display name.")]
    NameTaken(String),
    /// Not in this state.
    #[error("{action} is not possible while the relationship is {status}: {instead}.")]
    WrongState {
        /// What was wanted.
        action: &'static str,
        /// Where it stands.
        status: GranularStatus,
        /// What to do instead.
        instead: &'static str,
    },
    /// None of the relationship's assignments.
    #[error("There is no access assignment {0} on this relationship.")]
    AssignmentUnknown(String),
    /// None of the partner's groups.
    #[error("The access container \"{0}\" does not exist. Yours are AdminAgents, HelpdeskAgents and SalesAgents.")]
    ContainerUnknown(String),
    /// The group has its assignment.
    #[error("{0} already has an access assignment on this relationship. Change that one.")]
    ContainerAssigned(&'static str),
    /// Roles that the customer did not give.
    #[error("The customer has not given these roles on this relationship: {}. Assign among those it has.", names(.0))]
    RolesNotGiven(Vec<DirectoryRole>),
    /// Somebody changed it in between, or it was not said what is changed.
    #[error(transparent)]
    Version(#[from] EtagError),
}

fn names(roles: &[DirectoryRole]) -> String {
    roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

impl From<TermsRefused> for GranularError {
    fn from(TermsRefused { property, reason }: TermsRefused) -> Self {
        GranularError::Property { property, reason }
    }
}

impl Refusal for GranularError {
    fn code(&self) -> Code {
        match self {
            GranularError::Unknown(_) => Code::new(910_380, "delegatedAdminRelationshipUnknown", Kind::NotFound),
            GranularError::Customer(error) => error.code(),
            GranularError::Property { .. } => Code::new(910_381, "administrationPropertyInvalid", Kind::BadInput),
            GranularError::NameTaken(_) => Code::new(910_382, "nameAlreadyExists", Kind::Conflict),
            GranularError::WrongState { .. } => Code::new(910_383, "notAllowedInThisState", Kind::Conflict),
            GranularError::AssignmentUnknown(_) => Code::new(910_384, "accessAssignmentUnknown", Kind::NotFound),
            GranularError::ContainerUnknown(_) => Code::new(910_385, "accessContainerUnknown", Kind::BadInput),
            GranularError::ContainerAssigned(_) => Code::new(910_386, "accessContainerAssigned", Kind::Conflict),
            GranularError::RolesNotGiven(_) => Code::new(910_387, "rolesNotGiven", Kind::BadInput),
            GranularError::Version(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            GranularError::Customer(error) => error.parameters(),
            GranularError::Property { property, .. } => vec![("property", (*property).to_owned())],
            GranularError::WrongState { status, .. } => vec![("status", status.to_string())],
            GranularError::RolesNotGiven(roles) => vec![("roles", names(roles))],
            _ => Vec::new(),
        }
    }
}

/// Why a customer's answer to a request for delegated administration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationAnswerError {
    /// Unknown, lapsed, answered, ended or meant for somebody else: the same answer.
    #[error("This link asks for nothing any more. Ask whoever sent it for a new one.")]
    UnknownLink,
    /// Not what was looked at.
    #[error("What is asked for has changed since you looked. Look again, then answer.")]
    Changed,
    /// Administration is added to a relationship; it makes none.
    #[error(
        "{0} has no relationship with your organisation yet, so there is nothing to administer. Ask it for a relationship \
         request first."
    )]
    NoRelationship(String),
}

impl Refusal for AdministrationAnswerError {
    fn code(&self) -> Code {
        match self {
            AdministrationAnswerError::UnknownLink => Code::new(910_388, "administrationLinkUnknown", Kind::NotFound),
            AdministrationAnswerError::Changed => Code::new(910_389, "administrationRequestChanged", Kind::Conflict),
            AdministrationAnswerError::NoRelationship(_) => {
                Code::new(910_390, "administrationWithoutRelationship", Kind::Conflict)
            }
        }
    }
}

/// Why tenant owner permission is not given or ended.
#[derive(Debug, thiserror::Error)]
pub enum TenantOwnerError {
    /// The customer is not the caller's.
    #[error(transparent)]
    Customer(#[from] RelationshipMissing),
    /// Only a reseller that is associated with the customer already.
    #[error(
        "{0} is no reseller associated with this customer. Associate it first: tenant owner is a second, separate step."
    )]
    NotAssociated(PartnerId),
    /// It has no such permission.
    #[error("{0} is not tenant owner of this customer's directory.")]
    NoOwner(PartnerId),
}

impl Refusal for TenantOwnerError {
    fn code(&self) -> Code {
        match self {
            TenantOwnerError::Customer(error) => error.code(),
            TenantOwnerError::NotAssociated(_) => Code::new(910_391, "resellerNotAssociated", Kind::BadInput),
            TenantOwnerError::NoOwner(_) => Code::new(910_392, "tenantOwnerUnknown", Kind::NotFound),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            TenantOwnerError::Customer(error) => error.parameters(),
            _ => Vec::new(),
        }
    }
}
