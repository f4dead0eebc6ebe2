//! Customers: types and pure rules.

mod countries;
mod directory;
mod filter;
mod markets;
mod profiles;
mod records;

use serde::Deserialize;

use crate::access::{CustomerId, PartnerId};
use crate::companies::Domain;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;
use crate::{ids, words};

pub use countries::{CountryRules, CountryUnknown};
pub use directory::{
    ApplicationGrant, Authentication, CustomerDomainId, DirectoryError, MAX_CONSENTS, MAX_DOMAINS, VerifiedDomain,
    check_verified,
};
pub use filter::{CustomerFilter, searched};
pub use profiles::{Address, BillingProfile, ProfileError, Within, check_billing, check_profile};
pub use records::{
    AGREEMENT_TEMPLATES, AcceptedAgreement, AgreementContact, AgreementTemplate, CustomerAgreementId, OutsideRegion,
    Qualification, QualificationDetails, RecordError, StatedQualification, template, templates_of,
};

ids! {
    /// A relationship of a partner with a customer.
    RelationshipId,
}

/// `[customers]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerSettings {
    /// What the domain of a customer that makes its own tenant ends with.
    pub domain_suffix: String,
    /// Days a link that reveals setup info can be used.
    pub setup_info_days: u64,
}

impl Default for CustomerSettings {
    fn default() -> Self {
        Self { domain_suffix: "onmicrosoft.com".to_owned(), setup_info_days: 7 }
    }
}

words! {
    /// How a partner came to a customer.
    RelationshipKind {
        /// The provider serves the customer itself.
        Direct = "direct",
        /// The provider behind a reseller.
        Provider = "provider",
        /// The reseller, through a provider.
        Reseller = "reseller",
    }
}

/// A customer as kept.
#[derive(Clone, Debug)]
pub struct CustomerRecord {
    /// Its tenant id.
    pub id: CustomerId,
    /// Its company name.
    pub company_name: String,
    /// Its domain.
    pub domain: String,
    /// Its number in the company register, where companies have to give one.
    pub registration_number: Option<String>,
    /// Its billing profile.
    pub billing: BillingProfile,
    /// Raised by each change of the billing profile: its etag.
    pub version: i32,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// A customer in a list, as its partner works with it.
#[derive(Clone, Debug)]
pub struct ListedCustomer {
    /// The record.
    pub record: CustomerRecord,
    /// Since when the partner works with it.
    pub since: Timestamp,
    /// Of a reseller: the provider it serves the customer through.
    pub provider: Option<PartnerId>,
    /// Of a provider: the reseller that serves the customer through it.
    pub reseller: Option<PartnerId>,
}

/// What a path can name a customer by.
#[derive(Clone, Debug)]
pub enum CustomerKey {
    /// Its tenant id.
    Id(CustomerId),
    /// Its domain.
    Domain(Domain),
}

/// A condition on a relationship that a higher feature has: SQL over the columns of `customer_relationships`, in which
/// `moment.now` is the moment asked for.
#[derive(Clone, Copy, Debug)]
pub struct Mark(pub &'static str);

impl Mark {
    /// Holds of every relationship.
    pub const ALWAYS: Self = Self("1 = 1");
}

/// A partner's relationship with a customer. It sells; it does not administer.
#[derive(Clone, Debug)]
pub struct Relationship {
    /// Its id.
    pub id: RelationshipId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// How it came about.
    pub kind: RelationshipKind,
    /// Through which provider, for a reseller.
    pub provider: Option<PartnerId>,
    /// Since when.
    pub since: Timestamp,
}

/// Unknown and unrelated alike: whoever is not related learns nothing.
#[derive(Debug, thiserror::Error)]
#[error("You work with no customer {0}; if it exists, ask for a relationship: POST /v1/relationshiprequests.")]
pub struct RelationshipMissing(pub String);

impl Refusal for RelationshipMissing {
    fn code(&self) -> Code {
        Code::new(3000, "relationshipMissing", Kind::NotFound)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("customer", self.0.clone()), ("missing", "relationship".to_owned())]
    }
}

/// Why a domain cannot be a customer's.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// Malformed.
    #[error("companyProfile.domain \"{0}\" is no domain such as fabrikam.onmicrosoft.com")]
    Malformed(String),
    /// Too long for the directory that gives such domains, or not directly in it.
    #[error(
        "companyProfile.domain \"{domain}\": before .{suffix} stands one name of at most {limit} characters. Shorten it.",
        suffix = DIRECTORY_SUFFIX,
        limit = MAX_PREFIX
    )]
    Prefix {
        /// As it was sent.
        domain: String,
    },
    /// In use.
    #[error("The domain {0} already belongs to an organisation here. For an existing customer ask for a relationship.")]
    Taken(String),
}

impl Refusal for DomainError {
    fn code(&self) -> Code {
        match self {
            DomainError::Malformed(_) => Code::new(910_300, "customerDomainMalformed", Kind::BadInput),
            DomainError::Prefix { .. } => Code::new(910_331, "customerDomainPrefix", Kind::BadInput),
            DomainError::Taken(_) => Code::new(910_301, "customerDomainTaken", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![("property", "companyProfile.domain".to_owned())]
    }
}

/// Where customers have their first domain.
const DIRECTORY_SUFFIX: &str = "onmicrosoft.com";
/// Characters before it at most (section 6.1 of the contract).
const MAX_PREFIX: usize = 27;

/// Whether a domain is one of those that the directory gives.
fn in_directory(domain: &str) -> bool {
    domain.strip_suffix(DIRECTORY_SUFFIX).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The domain in the form in which it is kept and compared. A domain of the customer's own is taken as well.
///
/// # Errors
/// [`DomainError::Malformed`], [`DomainError::Prefix`].
pub fn check_customer_domain(domain: &str) -> Result<String, DomainError> {
    let domain = Domain::try_from(domain.to_owned())
        .map(String::from)
        .map_err(|_| DomainError::Malformed(shorten(domain, 80)))?;
    let prefix = domain.strip_suffix(DIRECTORY_SUFFIX).and_then(|rest| rest.strip_suffix('.'));
    if in_directory(&domain) && prefix.is_none_or(|prefix| prefix.len() > MAX_PREFIX || prefix.contains('.')) {
        return Err(DomainError::Prefix { domain: shorten(&domain, 80) });
    }
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_of_the_directory_has_one_short_name_before_it_and_others_are_ordinary() {
        let told = |domain: &str| check_customer_domain(domain).map_err(|error| error.code().name);
        assert_eq!(told(" Fabrikam.onmicrosoft.com"), Ok("fabrikam.onmicrosoft.com".to_owned()));
        assert!(told(&format!("{}.onmicrosoft.com", "x".repeat(27))).is_ok());
        assert_eq!(told(&format!("{}.onmicrosoft.com", "x".repeat(28))), Err("customerDomainPrefix"));
        assert_eq!(told("a.b.onmicrosoft.com"), Err("customerDomainPrefix"));
        assert_eq!(told("onmicrosoft.com"), Err("customerDomainPrefix"));
        assert!(told("notonmicrosoft.com").is_ok() && told("shop.fabrikam.example").is_ok());
        assert_eq!(told("fabrikam"), Err("customerDomainMalformed"));
    }
}
