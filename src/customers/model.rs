//! Customers: types and pure rules.

use serde::{Deserialize, Serialize};

use crate::access::{CustomerId, PartnerId};
use crate::companies::Domain;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::Condition;
use crate::platform::text::shorten;
use crate::{ids, words};

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

/// An address as the contract has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the contract's own names")]
pub struct Address {
    pub country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    pub address_line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// A billing profile as the contract has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "the contract's own names")]
pub struct BillingProfile {
    pub email: String,
    pub culture: String,
    pub language: String,
    pub company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    pub default_address: Address,
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
    /// Its billing profile.
    pub billing: BillingProfile,
}

/// What a person looks for among a partner's customers.
#[derive(Clone, Debug, Default)]
pub struct CustomerSearch {
    /// Part of a name or a domain, whatever the capitals.
    pub text: Option<String>,
    /// Of a provider: those that this reseller serves through it.
    pub reseller: Option<PartnerId>,
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

/// Which of its customers a partner lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerFilter {
    /// All of them.
    All,
    /// Those whose company name begins so, whatever the capitals.
    NameBeginsWith(String),
    /// Those whose domain begins so.
    DomainBeginsWith(String),
    /// Of a provider: those that this reseller serves through it, a partner still or not.
    IndirectReseller(PartnerId),
    /// Of a reseller: those that it serves through this provider.
    IndirectProvider(PartnerId),
}

impl CustomerFilter {
    /// Reads the contract's filter of this list (section 1.9).
    ///
    /// # Errors
    /// A sentence that says what is read here.
    pub fn read(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "A filter here is {\"Field\":\"CompanyName\",\"Value\":\"…\",\"Operator\":\"starts_with\"}, \
                               percent-encoded; Field may also be Domain, IndirectReseller or IndirectCloudSolutionProvider.";
        let condition = Condition::read(text).map_err(|why| format!("{why} {EXAMPLE}"))?;
        let value = condition.value.trim();
        let partner = || {
            let id = value.parse();
            id.map_err(|_| format!("\"{}\" is no tenant id of a partner. {EXAMPLE}", shorten(value, 60)))
        };
        match (condition.field.as_str(), condition.operator.as_str()) {
            ("companyname" | "displayname", "startswith") => Ok(Self::NameBeginsWith(value.to_owned())),
            ("domain" | "defaultdomainname", "startswith") => Ok(Self::DomainBeginsWith(value.to_owned())),
            ("indirectreseller", "startswith") => Ok(Self::IndirectReseller(partner()?)),
            ("indirectcloudsolutionprovider", "startswith") => Ok(Self::IndirectProvider(partner()?)),
            _ => Err(EXAMPLE.to_owned()),
        }
    }
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
    /// In use.
    #[error("The domain {0} already belongs to an organisation here. For an existing customer ask for a relationship.")]
    Taken(String),
}

impl Refusal for DomainError {
    fn code(&self) -> Code {
        match self {
            DomainError::Malformed(_) => Code::new(910_300, "customerDomainMalformed", Kind::BadInput),
            DomainError::Taken(_) => Code::new(910_301, "customerDomainTaken", Kind::Conflict),
        }
    }
}

/// The domain in the form in which it is kept and compared.
///
/// # Errors
/// [`DomainError::Malformed`].
pub fn check_customer_domain(domain: &str) -> Result<String, DomainError> {
    crate::companies::Domain::try_from(domain.to_owned())
        .map(String::from)
        .map_err(|_| DomainError::Malformed(shorten(domain, 80)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_takes_the_filters_of_the_contract() {
        let read = |field: &str, value: &str| {
            CustomerFilter::read(&format!(
                "{{\"Field\":\"{field}\",\"Value\":\"{value}\",\"Operator\":\"starts_with\"}}"
            ))
            .ok()
        };
        let id = PartnerId::fresh();
        assert_eq!(read("CompanyName", " Fab"), Some(CustomerFilter::NameBeginsWith("Fab".to_owned())));
        assert_eq!(read("display_name", "Fab"), Some(CustomerFilter::NameBeginsWith("Fab".to_owned())));
        assert_eq!(read("Domain", "fab"), Some(CustomerFilter::DomainBeginsWith("fab".to_owned())));
        let upper = id.to_string().to_uppercase();
        assert_eq!(read("IndirectReseller", &upper), Some(CustomerFilter::IndirectReseller(id)));
        assert_eq!(read("indirectCloudSolutionProvider", &upper), Some(CustomerFilter::IndirectProvider(id)));
        assert_eq!(read("IndirectReseller", "6001234"), None);
        assert_eq!(read("Email", "x"), None);
        for wrong in ["", "{}", "[]", "{\"Field\":\"Domain\",\"Value\":\"x\",\"Operator\":\"equals\"}"] {
            assert!(CustomerFilter::read(wrong).is_err(), "{wrong}");
        }
    }
}
