//! Profiles of a customer: what they hold, and whether that can be so.

use serde::{Deserialize, Serialize};

use super::countries::CountryRules;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{EmailAddress, shorten};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    pub address_line1: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line3: Option<String>,
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

/// Why a profile is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A property is missing or malformed.
    #[error("{property}: {reason}")]
    Property {
        /// Which.
        property: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A company of this country has to give its register number.
    #[error(
        "companyProfile.organizationRegistrationNumber: is required of a company in {country}, such as {sample}. Ask the \
         customer for it."
    )]
    RegistrationMissing {
        /// The country.
        country: &'static str,
        /// A number of that form.
        sample: &'static str,
    },
    /// The register number does not look like one of this country.
    #[error(
        "companyProfile.organizationRegistrationNumber: \"{number}\" is no register number of {country}. Write it as \
         {sample}."
    )]
    RegistrationMalformed {
        /// As it was sent.
        number: String,
        /// The country.
        country: &'static str,
        /// A number of that form.
        sample: &'static str,
    },
    /// A register number where none is taken.
    #[error(
        "companyProfile.organizationRegistrationNumber: \"{number}\" cannot be given for a company in {country}. Leave it \
         out."
    )]
    RegistrationUnsupported {
        /// As it was sent.
        number: String,
        /// The country.
        country: &'static str,
    },
    /// Where a register number is due, a telephone number is as well.
    #[error(
        "billingProfile.defaultAddress.phoneNumber: is required of a company in {country}. Give one, such as \
         +{calling_code} and digits."
    )]
    PhoneMissing {
        /// The country.
        country: &'static str,
        /// What is dialled before its numbers.
        calling_code: &'static str,
    },
}

impl Refusal for ProfileError {
    fn code(&self) -> Code {
        match self {
            ProfileError::Property { .. } => Code::new(800_002, "propertyInvalid", Kind::BadInput),
            ProfileError::RegistrationMissing { .. } => Code::new(600_049, "registrationNumberMissing", Kind::BadInput),
            ProfileError::RegistrationMalformed { .. } => {
                Code::new(600_050, "registrationNumberMalformed", Kind::BadInput)
            }
            ProfileError::RegistrationUnsupported { .. } => {
                Code::new(600_002, "registrationNumberUnsupported", Kind::BadInput)
            }
            ProfileError::PhoneMissing { .. } => Code::new(600_051, "phoneNumberMissing", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let number = || ("property", "companyProfile.organizationRegistrationNumber".to_owned());
        match self {
            ProfileError::Property { property, .. } => vec![("property", property.clone())],
            ProfileError::RegistrationMissing { sample, .. } | ProfileError::RegistrationMalformed { sample, .. } => {
                vec![number(), ("sample", (*sample).to_owned())]
            }
            ProfileError::RegistrationUnsupported { .. } => vec![number()],
            ProfileError::PhoneMissing { .. } => {
                vec![("property", "billingProfile.defaultAddress.phoneNumber".to_owned())]
            }
        }
    }
}

/// Characters of a profile's text at most.
const MAX_TEXT: usize = 200;
/// Characters of a person's first or last name at most.
const MAX_NAME: usize = 50;

/// Where a billing profile stands in what was sent.
#[derive(Clone, Copy, Debug)]
pub enum Within {
    /// In a customer.
    Customer,
    /// By itself.
    Itself,
}

/// Whether a billing profile holds what the contract and its country require, and the rules of that country.
///
/// # Errors
/// Names the property and what is wrong with it.
pub fn check_billing(billing: &BillingProfile, within: Within) -> Result<CountryRules, ProfileError> {
    let property = |name: &str| match within {
        Within::Customer => format!("billingProfile.{name}"),
        Within::Itself => name.to_owned(),
    };
    let wrong = |name: &str, reason: String| Err(ProfileError::Property { property: property(name), reason });
    let address = &billing.default_address;
    let required = [
        ("email", billing.email.as_str()),
        ("culture", billing.culture.as_str()),
        ("language", billing.language.as_str()),
        ("companyName", billing.company_name.as_str()),
        ("defaultAddress.country", address.country.as_str()),
        ("defaultAddress.addressLine1", address.address_line1.as_str()),
    ];
    let optional = [
        ("firstName", &billing.first_name, MAX_NAME),
        ("lastName", &billing.last_name, MAX_NAME),
        ("defaultAddress.region", &address.region, MAX_TEXT),
        ("defaultAddress.city", &address.city, MAX_TEXT),
        ("defaultAddress.state", &address.state, MAX_TEXT),
        ("defaultAddress.district", &address.district, MAX_TEXT),
        ("defaultAddress.addressLine2", &address.address_line2, MAX_TEXT),
        ("defaultAddress.addressLine3", &address.address_line3, MAX_TEXT),
        ("defaultAddress.postalCode", &address.postal_code, MAX_TEXT),
        ("defaultAddress.firstName", &address.first_name, MAX_NAME),
        ("defaultAddress.lastName", &address.last_name, MAX_NAME),
        ("defaultAddress.phoneNumber", &address.phone_number, MAX_TEXT),
    ];
    for (name, value) in required {
        if let Err(reason) = check_required(value) {
            return wrong(name, reason);
        }
    }
    for (name, value, limit) in optional {
        if let Err(reason) = value.as_deref().map_or(Ok(()), |value| check_text(value, limit)) {
            return wrong(name, reason);
        }
    }
    if EmailAddress::try_from(billing.email.clone()).is_err() {
        return wrong("email", format!("\"{}\" is no e-mail address", billing.email));
    }
    let country = address.country.trim();
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
        let reason = format!("\"{}\" is no two-letter country code such as SE", shorten(country, 40));
        return wrong("defaultAddress.country", reason);
    }
    let Some(rules) = CountryRules::of(country) else {
        return wrong("defaultAddress.country", format!("\"{country}\" is the code of no country; use one such as SE"));
    };
    match rules.faults(address).into_iter().next() {
        Some(fault) => wrong(&format!("defaultAddress.{}", fault.field), fault.reason),
        None => Ok(rules),
    }
}

fn check_required(value: &str) -> Result<(), String> {
    if value.trim().is_empty() { Err("is required".to_owned()) } else { check_text(value, MAX_TEXT) }
}

fn check_text(value: &str, limit: usize) -> Result<(), String> {
    if value.chars().count() > limit {
        Err(format!("has more than {limit} characters"))
    } else if value.chars().any(char::is_control) {
        Err("holds a control character".to_owned())
    } else {
        Ok(())
    }
}

/// Whether a new customer's name, register number and billing profile are what the contract and its country require.
///
/// # Errors
/// Names the property and what is wrong with it.
pub fn check_profile(
    company_name: &str,
    registration_number: Option<&str>,
    billing: &BillingProfile,
) -> Result<(), ProfileError> {
    if let Err(reason) = check_required(company_name) {
        return Err(ProfileError::Property { property: "companyProfile.companyName".to_owned(), reason });
    }
    let rules = check_billing(billing, Within::Customer)?;
    let country = rules.code();
    let number = registration_number.map(str::trim).filter(|number| !number.is_empty());
    match (rules.registration_sample(), number) {
        (None, None) => return Ok(()),
        (None, Some(number)) => {
            return Err(ProfileError::RegistrationUnsupported { number: shorten(number, 60), country });
        }
        (Some(sample), None) => return Err(ProfileError::RegistrationMissing { country, sample }),
        (Some(sample), Some(number)) if !rules.is_registration(number) => {
            return Err(ProfileError::RegistrationMalformed { number: shorten(number, 60), country, sample });
        }
        (Some(_), Some(_)) => {}
    }
    match billing.default_address.phone_number.as_deref().map(str::trim) {
        None | Some("") => Err(ProfileError::PhoneMissing { country, calling_code: rules.calling_code() }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn told(name: &str, number: &str, change: impl FnOnce(&mut BillingProfile)) -> String {
        let mut billing = billing();
        change(&mut billing);
        let checked = check_profile(name, Some(number), &billing);
        checked.map(|()| "ok".to_owned()).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_wrong_property_is_named_with_what_is_wrong() {
        assert_eq!(told("Fabrikam", "", |_| {}), "ok");
        assert_eq!(told(" ", "", |_| {}), "companyProfile.companyName: is required");
        assert_eq!(told("F", "", |b| b.email.clear()), "billingProfile.email: is required");
        assert_eq!(told("F", "", |b| b.email = "x".into()), "billingProfile.email: \"x\" is no e-mail address");
        assert_eq!(
            told("F", "", |b| b.default_address.country = "Sweden".into()),
            "billingProfile.defaultAddress.country: \"Sweden\" is no two-letter country code such as SE"
        );
        assert_eq!(
            told("F", "", |b| b.default_address.country = "ZZ".into()),
            "billingProfile.defaultAddress.country: \"ZZ\" is the code of no country; use one such as SE"
        );
        assert_eq!(
            told("F", "", |b| b.default_address.city = Some("a\nb".into())),
            "billingProfile.defaultAddress.city: holds a control character"
        );
        assert_eq!(
            told("F", "", |b| b.first_name = Some("x".repeat(51))),
            "billingProfile.firstName: has more than 50 characters"
        );
        assert_eq!(told(&"x".repeat(201), "", |_| {}), "companyProfile.companyName: has more than 200 characters");
    }

    #[test]
    fn register_and_telephone_numbers_are_due_where_the_contract_says() {
        let code = |country: &str, number: &str, phone: &str| {
            let mut billing = billing();
            billing.default_address.country = country.to_owned();
            billing.default_address.phone_number = Some(phone.to_owned());
            check_profile("F", Some(number), &billing).map_or_else(|error| error.code().number, |()| 0)
        };
        assert_eq!(code("PL", "", "+48 22 1234567"), 600_049);
        assert_eq!(code("PL", "12", "+48 22 1234567"), 600_050);
        assert_eq!(code("PL", "123-456-78-90", ""), 600_051);
        assert_eq!(code("PL", "123-456-78-90", "+48 22 1234567"), 0);
        assert_eq!(code("SE", "556677-8899", ""), 600_002);
        assert_eq!(code("SE", "", ""), 0);
    }
}
