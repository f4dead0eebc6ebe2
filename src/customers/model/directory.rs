//! What a customer's directory holds beside its profile: further domains, and consents for partners' applications.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{DomainError, check_customer_domain, in_directory};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::Line;
use crate::{ids, words};

ids! {
    /// A domain of a customer's own.
    CustomerDomainId,
}

words! {
    /// Who signs in the users of a domain.
    Authentication {
        /// This directory.
        Managed = "Managed",
        /// Somebody else, whom the federation settings name.
        Federated = "Federated",
    }
}

/// A domain of a customer's own, as a partner says that it was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedDomain {
    /// Its name.
    pub name: String,
    /// Who signs in its users.
    pub authentication_type: Authentication,
    /// What it is used for, such as `Email`.
    pub capability: Option<Line<100>>,
    /// Whether new users get it.
    pub is_default: bool,
    /// The domain that it is under.
    pub root_domain: Option<Line<253>>,
    /// How its owner proved it, such as `DnsRecord`.
    pub verification_method: Option<Line<100>>,
    /// Of a federated domain: whom it is federated with.
    pub federation: Option<Value>,
}

/// Domains of one customer at most: they are shown in one list.
pub const MAX_DOMAINS: usize = 100;
/// Applications that one partner has consents for at one customer at most, and grants of each.
pub const MAX_CONSENTS: usize = 100;

/// Bytes of federation settings at most.
const MAX_FEDERATION: usize = 16 * 1024;

/// What a partner's application may use of the customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationGrant {
    /// The application that is used.
    pub enterprise_application_id: Uuid,
    /// What of it, parted by commas.
    pub scope: Line<1000>,
}

/// Why a customer's directory is not changed.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The domain.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// Two names for one domain.
    #[error("VerifiedDomainName \"{verified}\" and Domain.Name \"{name}\" differ. Send the same name in both.")]
    NamesDiffer {
        /// The one.
        verified: String,
        /// The other.
        name: String,
    },
    /// A name below the one that every customer begins with.
    #[error("Domain.Name \"{0}\" is given by the directory itself. Add a domain that the customer owns.")]
    NotItsOwn(String),
    /// A federated domain without whom it is federated with, or too much about that.
    #[error(
        "DomainFederationSettings: are required with AuthenticationType Federated, with at most {MAX_FEDERATION} bytes, and \
         belong to no other. Send them, or Managed."
    )]
    FederationSettings,
    /// More than one list shows.
    #[error("This customer has {MAX_DOMAINS} domains already, which is as many as are kept here.")]
    TooManyDomains,
    /// More than one list shows.
    #[error(
        "At most {MAX_CONSENTS} applications, with at most {MAX_CONSENTS} grants each, are kept here. Remove one first."
    )]
    TooManyConsents,
    /// Nothing was granted.
    #[error("applicationGrants: names nothing that the application may use. Send at least one, or DELETE the consent.")]
    NothingGranted,
    /// No consent of the caller's for that application.
    #[error("There is no consent for application {0} at this customer.")]
    ConsentUnknown(Uuid),
}

impl Refusal for DirectoryError {
    fn code(&self) -> Code {
        match self {
            DirectoryError::Domain(error) => error.code(),
            DirectoryError::NamesDiffer { .. } => Code::new(910_341, "domainNamesDiffer", Kind::BadInput),
            DirectoryError::NotItsOwn(_) => Code::new(910_342, "domainNotOwn", Kind::BadInput),
            DirectoryError::FederationSettings => Code::new(910_343, "federationSettingsWrong", Kind::BadInput),
            DirectoryError::TooManyDomains => Code::new(910_344, "customerDomainsTooMany", Kind::Conflict),
            DirectoryError::TooManyConsents => Code::new(910_345, "consentsTooMany", Kind::Conflict),
            DirectoryError::NothingGranted => Code::new(910_330, "consentEmpty", Kind::BadInput),
            DirectoryError::ConsentUnknown(_) => Code::new(1000, "consentUnknown", Kind::NotFound),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DirectoryError::Domain(error) => error.parameters(),
            _ => Vec::new(),
        }
    }
}

/// The domain in the form in which it is kept, if it can be a customer's own.
///
/// # Errors
/// See [`DirectoryError`].
pub fn check_verified(verified: &str, mut domain: VerifiedDomain) -> Result<VerifiedDomain, DirectoryError> {
    domain.name = check_customer_domain(&domain.name)?;
    if check_customer_domain(verified)? != domain.name {
        return Err(DirectoryError::NamesDiffer { verified: verified.to_owned(), name: domain.name });
    }
    if in_directory(&domain.name) {
        return Err(DirectoryError::NotItsOwn(domain.name));
    }
    let federated = domain.authentication_type == Authentication::Federated;
    let size = domain.federation.as_ref().map(|settings| settings.to_string().len());
    if federated != size.is_some() || size.is_some_and(|size| size > MAX_FEDERATION) {
        return Err(DirectoryError::FederationSettings);
    }
    Ok(domain)
}
