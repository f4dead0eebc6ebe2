//! Grants of delegated administration: types and pure rules.

mod drafts;
mod granular;
mod notices;
mod refusals;
pub mod request_refusals;
pub mod requests;
mod roles;
mod setup_info;

use crate::access::{CustomerId, PartnerId};
use crate::customers::{BillingProfile, DomainError};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

pub use drafts::*;
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
    /// A property is missing or malformed.
    #[error("{property}: {reason}")]
    Property {
        /// Which.
        property: &'static str,
        /// In which way.
        reason: String,
    },
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
            CreateCustomerError::Property { .. } => Code::new(800_002, "propertyInvalid", Kind::BadInput),
            CreateCustomerError::Domain(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            CreateCustomerError::MpnIdNotOnboarded { onboarded, .. } => vec![("use", onboarded.clone())],
            CreateCustomerError::Property { property, .. } => vec![("property", (*property).to_owned())],
            CreateCustomerError::OwnAgreementMissing => vec![("remedy", "/v1/agreements/mpa/signatures".to_owned())],
            _ => Vec::new(),
        }
    }
}

/// Characters of a profile's text at most.
const MAX_TEXT: usize = 200;

/// Whether a customer's name and billing profile hold what the contract requires.
///
/// # Errors
/// Names the property and what is wrong with it.
pub fn check_profile(company_name: &str, billing: &BillingProfile) -> Result<(), CreateCustomerError> {
    let address = &billing.default_address;
    let required = [
        ("companyProfile.companyName", company_name),
        ("billingProfile.email", billing.email.as_str()),
        ("billingProfile.culture", billing.culture.as_str()),
        ("billingProfile.language", billing.language.as_str()),
        ("billingProfile.companyName", billing.company_name.as_str()),
        ("billingProfile.defaultAddress.country", address.country.as_str()),
        ("billingProfile.defaultAddress.addressLine1", address.address_line1.as_str()),
    ];
    let optional = [
        ("billingProfile.firstName", &billing.first_name),
        ("billingProfile.lastName", &billing.last_name),
        ("billingProfile.defaultAddress.region", &address.region),
        ("billingProfile.defaultAddress.city", &address.city),
        ("billingProfile.defaultAddress.state", &address.state),
        ("billingProfile.defaultAddress.addressLine2", &address.address_line2),
        ("billingProfile.defaultAddress.postalCode", &address.postal_code),
        ("billingProfile.defaultAddress.firstName", &address.first_name),
        ("billingProfile.defaultAddress.lastName", &address.last_name),
        ("billingProfile.defaultAddress.phoneNumber", &address.phone_number),
    ];
    let wrong = |property, reason: String| Err(CreateCustomerError::Property { property, reason });
    for (property, value) in required {
        if value.trim().is_empty() {
            return wrong(property, "is required".to_owned());
        }
    }
    let present = optional.iter().filter_map(|(property, value)| Some((*property, value.as_deref()?)));
    for (property, value) in required.into_iter().chain(present) {
        if value.chars().count() > MAX_TEXT {
            return wrong(property, format!("has more than {MAX_TEXT} characters"));
        }
        if value.chars().any(char::is_control) {
            return wrong(property, "holds a control character".to_owned());
        }
    }
    if address.country.len() != 2 || !address.country.bytes().all(|b| b.is_ascii_alphabetic()) {
        let reason = format!("\"{}\" is no two-letter country code such as SE", address.country);
        return wrong("billingProfile.defaultAddress.country", reason);
    }
    if crate::platform::text::EmailAddress::try_from(billing.email.clone()).is_err() {
        return wrong("billingProfile.email", format!("\"{}\" is no e-mail address", billing.email));
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::Address;

    fn billing() -> BillingProfile {
        BillingProfile {
            email: "anna@fabrikam.example".into(),
            culture: "sv-SE".into(),
            language: "sv".into(),
            company_name: "Fabrikam".into(),
            first_name: None,
            last_name: None,
            default_address: Address {
                country: "SE".into(),
                address_line1: "Storgatan 1".into(),
                ..Address::default()
            },
        }
    }

    fn told(name: &str, change: impl FnOnce(&mut BillingProfile)) -> String {
        let mut billing = billing();
        change(&mut billing);
        check_profile(name, &billing).map(|()| "ok".to_owned()).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_wrong_property_is_named_with_what_is_wrong() {
        assert_eq!(told("Fabrikam", |_| {}), "ok");
        assert_eq!(told(" ", |_| {}), "companyProfile.companyName: is required");
        assert_eq!(told("F", |b| b.email.clear()), "billingProfile.email: is required");
        assert_eq!(told("F", |b| b.email = "x".into()), "billingProfile.email: \"x\" is no e-mail address");
        assert_eq!(
            told("F", |b| b.default_address.country = "Sweden".into()),
            "billingProfile.defaultAddress.country: \"Sweden\" is no two-letter country code such as SE"
        );
        assert_eq!(
            told("F", |b| b.default_address.city = Some("a\nb".into())),
            "billingProfile.defaultAddress.city: holds a control character"
        );
        assert_eq!(told(&"x".repeat(201), |_| {}), "companyProfile.companyName: has more than 200 characters");
    }
}
