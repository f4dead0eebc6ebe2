//! Drafts of customers: types and pure rules.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::draft_lines::DraftLine;
use super::orders::MAX_LINES;
use super::refusals::{LineError, OrderError, SaleError};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::customers::{BillingProfile, ProfileError, check_customer_domain, check_profile};
use crate::delegation::{CreateCustomerError, RecipientForm};
use crate::ids;
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;

ids! {
    /// A draft of a customer.
    CustomerDraftId,
}

/// How long a draft can be gone on with.
pub const DRAFT_LIFE: Duration = days(7);

/// A draft of a customer.
#[derive(Clone, Debug)]
pub struct CustomerDraft {
    /// Its id.
    pub id: CustomerDraftId,
    /// Whose it is.
    pub provider: PartnerId,
    /// Who began it, if it was a person.
    pub created_by: Option<UserId>,
    /// What was filled in so far.
    pub contents: DraftContents,
    /// The reseller to associate.
    pub reseller: Option<PartnerId>,
    /// Its version.
    pub version: i32,
    /// When it was begun.
    pub created_at: Timestamp,
    /// From when it is as if it had never been.
    pub expires_at: Timestamp,
    /// The customer that came of it.
    pub customer: Option<CustomerId>,
}

/// What was filled in of a draft. All of it may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DraftContents {
    /// The customer.
    pub customer: DraftCustomer,
    /// Who gets the setup info; whoever submits, if absent.
    pub setup_info_to: Option<RecipientForm>,
    /// What is ordered for the customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<DraftLine>,
}

/// The customer of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DraftCustomer {
    /// What the company is called.
    pub company_name: String,
    /// Such as `fabrikam.onmicrosoft.com`.
    pub domain: String,
    /// Its number in the company register, where companies have to give one.
    pub organization_registration_number: Option<String>,
    /// As for a customer; its company name is the customer's, if it is left out.
    pub billing_profile: BillingProfile,
}

/// Something that a draft lacks before it can be submitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Missing {
    /// The property.
    pub property: String,
    /// What is missing or wrong.
    pub sentence: String,
    /// The same for pages, which say it in the person's language.
    #[serde(skip)]
    #[schema(ignore)]
    pub lack: Lack,
}

impl Missing {
    /// Says what is wrong with a property.
    pub fn new(property: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self::lacks(property, sentence.into(), Lack::Other)
    }

    /// Whether it is about what is ordered.
    pub fn is_of_lines(&self) -> bool {
        matches!(self.lack, Lack::CustomerAgreement | Lack::Line { .. })
    }

    /// Says what is wrong with a property, in words that pages have too.
    pub fn lacks(property: impl Into<String>, sentence: impl ToString, lack: Lack) -> Self {
        Self { property: property.into(), sentence: sentence.to_string(), lack }
    }
}

/// What a draft lacks, where pages have words of their own for it.
#[derive(Debug)]
pub enum Lack {
    /// The provider has not signed the agreement in force.
    OwnAgreement,
    /// The reseller has not.
    ResellerAgreement,
    /// The reseller is no partner any more.
    Reseller,
    /// The domain belongs to an organisation already.
    Domain(String),
    /// The provider does not sell in the customer's country.
    Country,
    /// Whether the customer accepted the customer agreement, which nobody can confirm before there is one.
    CustomerAgreement,
    /// Something is wrong with a line.
    Line {
        /// Its place, from 0.
        place: usize,
        /// What is wrong.
        error: LineError,
    },
    /// Something that only its sentence tells.
    Other,
}

/// The place in a draft of a property of a new customer.
fn place_in_draft(property: &str) -> String {
    match (property.strip_prefix("companyProfile."), property.strip_prefix("billingProfile.")) {
        (Some(name), _) => format!("customer.{name}"),
        (_, Some(name)) => format!("customer.billingProfile.{name}"),
        _ => property.to_owned(),
    }
}

/// Characters of a text of a draft at most.
const MAX_TEXT: usize = 254;

/// The first text that is too long or holds a control character, with its place.
fn unbounded(value: &Value, place: &str) -> Option<(String, &'static str)> {
    match value {
        Value::String(text) if text.chars().count() > MAX_TEXT => {
            Some((place.to_owned(), "has more than 254 characters"))
        }
        Value::String(text) if text.chars().any(char::is_control) => {
            Some((place.to_owned(), "holds a control character"))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(number, item)| unbounded(item, &format!("{place}[{number}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let inner = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
            unbounded(field, &inner)
        }),
        _ => None,
    }
}

impl DraftContents {
    /// Whether the texts may be kept, complete or not.
    ///
    /// # Errors
    /// [`DraftError::Property`] names the first that may not.
    pub fn check_bounds(&self) -> Result<(), DraftError> {
        if self.lines.len() > MAX_LINES {
            return Err(DraftError::Property { property: "lines".to_owned(), reason: "has more than 100 lines" });
        }
        let whole = serde_json::to_value(self).unwrap_or_default();
        match unbounded(&whole, "") {
            None => Ok(()),
            Some((property, reason)) => Err(DraftError::Property { property, reason }),
        }
    }

    /// The billing profile of the customer to be.
    pub fn billing(&self) -> BillingProfile {
        let mut billing = self.customer.billing_profile.clone();
        if billing.company_name.trim().is_empty() {
            billing.company_name.clone_from(&self.customer.company_name);
        }
        billing
    }

    /// What is missing or wrong in it, as far as that is seen without looking at others.
    pub fn missing(&self) -> Vec<Missing> {
        let (customer, billing) = (&self.customer, self.billing());
        let required = [
            ("customer.companyName", &customer.company_name),
            ("customer.domain", &customer.domain),
            ("customer.billingProfile.email", &billing.email),
            ("customer.billingProfile.culture", &billing.culture),
            ("customer.billingProfile.language", &billing.language),
            ("customer.billingProfile.defaultAddress.country", &billing.default_address.country),
            ("customer.billingProfile.defaultAddress.addressLine1", &billing.default_address.address_line1),
        ];
        let empty = required.into_iter().filter(|(_, value)| value.trim().is_empty());
        let mut missing: Vec<Missing> =
            empty.map(|(property, _)| Missing::new(property, format!("{property} is required."))).collect();
        let mut wrong = |error: ProfileError| {
            let sentence = error.to_string();
            // Each of them begins with its property.
            let (property, reason) = sentence.split_once(": ").unwrap_or(("customer", &sentence));
            let place = place_in_draft(property);
            missing.push(Missing::new(place.clone(), format!("{place}: {}.", reason.trim_end_matches('.'))));
        };
        if required.iter().all(|(_, value)| !value.trim().is_empty()) {
            let number = customer.organization_registration_number.as_deref();
            check_profile(&customer.company_name, number, &billing).unwrap_or_else(&mut wrong);
        }
        if let Some(recipient) = &self.setup_info_to {
            recipient.check().map_or_else(&mut wrong, |_| ());
        }
        if !customer.domain.trim().is_empty()
            && let Err(error) = check_customer_domain(&customer.domain)
        {
            missing.push(Missing::new("customer.domain", error.to_string()));
        }
        missing
    }
}

/// Why a draft is not kept, shown or submitted.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// None of the caller's company, or it has expired, or was cancelled.
    #[error("There is no draft {0} of your company: it was cancelled, or expired after 7 days. Begin a new one.")]
    Unknown(CustomerDraftId),
    /// It was submitted.
    #[error("This draft was submitted: customer {0} came of it. Change the customer itself.")]
    Submitted(CustomerId),
    /// Another version than the one the caller looked at.
    #[error(transparent)]
    Version(#[from] EtagError),
    /// A text that cannot be kept.
    #[error("{property} {reason}.")]
    Property {
        /// Where.
        property: String,
        /// In which way.
        reason: &'static str,
    },
    /// Submitted too early.
    #[error("The draft is not complete yet: {}", told(.0))]
    Incomplete(Vec<Missing>),
    /// As for any customer.
    #[error(transparent)]
    Create(#[from] CreateCustomerError),
    /// As for any order.
    #[error(transparent)]
    Sale(#[from] SaleError),
    /// A line that cannot be ordered.
    #[error("{}", .0.sentence)]
    Line(Box<Missing>, Code),
}

impl From<OrderError> for DraftError {
    fn from(error: OrderError) -> Self {
        let code = error.code();
        match error {
            OrderError::Sale(error) => error.into(),
            OrderError::Version(error) => error.into(),
            OrderError::Line { place, error } => DraftError::Line(Box::new(Missing::of_line(place, error)), code),
            other => DraftError::Line(Box::new(Missing::new("lines", other.to_string())), code),
        }
    }
}

fn told(missing: &[Missing]) -> String {
    missing.iter().map(|one| one.sentence.as_str()).collect::<Vec<_>>().join(" ")
}

impl Refusal for DraftError {
    fn code(&self) -> Code {
        match self {
            DraftError::Unknown(_) => Code::new(910_366, "customerDraftUnknown", Kind::NotFound),
            DraftError::Submitted(_) => Code::new(910_367, "customerDraftSubmitted", Kind::Conflict),
            DraftError::Property { .. } => Code::new(910_368, "customerDraftPropertyInvalid", Kind::BadInput),
            DraftError::Incomplete(_) => Code::new(910_369, "customerDraftIncomplete", Kind::BadInput),
            DraftError::Version(error) => error.code(),
            DraftError::Create(error) => error.code(),
            DraftError::Sale(error) => error.code(),
            DraftError::Line(_, code) => *code,
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DraftError::Submitted(customer) => vec![("customer", customer.to_string())],
            DraftError::Property { property, .. } => vec![("property", property.clone())],
            DraftError::Create(error) => error.parameters(),
            DraftError::Sale(error) => error.parameters(),
            DraftError::Line(missing, _) => vec![("property", missing.property.clone())],
            _ => Vec::new(),
        }
    }
    fn details(&self) -> Vec<String> {
        match self {
            DraftError::Incomplete(missing) => missing.iter().map(|one| one.sentence.clone()).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(contents: &DraftContents) -> Vec<String> {
        contents.missing().into_iter().map(|missing| missing.property).collect()
    }

    #[test]
    fn a_draft_says_what_it_lacks_property_by_property() {
        let mut contents = DraftContents::default();
        assert_eq!(lacking(&contents).len(), 7);
        contents.customer.company_name = "Fabrikam".into();
        contents.customer.domain = "fabrikam".into();
        let billing = &mut contents.customer.billing_profile;
        billing.email = "x".into();
        (billing.culture, billing.language) = ("sv-SE".into(), "sv".into());
        billing.default_address.country = "SE".into();
        billing.default_address.address_line1 = "Storgatan 1".into();
        assert_eq!(lacking(&contents), ["customer.billingProfile.email", "customer.domain"]);
        contents.customer.billing_profile.email = "a@b.example".into();
        contents.customer.domain = "fabrikam.onmicrosoft.com".into();
        assert_eq!(lacking(&contents), Vec::<String>::new());
        contents.setup_info_to = Some(RecipientForm { name: "Anna".into(), ..RecipientForm::default() });
        assert_eq!(lacking(&contents), ["setupInfoTo.email"]);
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        let mut contents = DraftContents::default();
        contents.check_bounds().unwrap();
        contents.customer.billing_profile.default_address.city = Some("a\0b".into());
        let told = contents.check_bounds().unwrap_err().to_string();
        assert_eq!(told, "customer.billingProfile.defaultAddress.city holds a control character.");
        contents.customer.billing_profile.default_address.city = None;
        contents.lines = vec![DraftLine { friendly_name: Some("x".repeat(255)), ..DraftLine::default() }];
        let told = contents.check_bounds().unwrap_err().to_string();
        assert_eq!(told, "lines[0].friendlyName has more than 254 characters.");
        contents.lines = vec![DraftLine::default(); 101];
        assert_eq!(contents.check_bounds().unwrap_err().to_string(), "lines has more than 100 lines.");
        contents.lines.clear();
        contents.customer.domain = "x".repeat(255);
        assert!(contents.check_bounds().unwrap_err().to_string().starts_with("customer.domain has more than"));
    }
}
