//! Profiles of a partner (section 5.4 of the contract): what it says of itself, each in a bounded form.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::EnrollmentState;
use crate::access::{AppOnly, PartnerId};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{Country, EmailAddress, Line};
use crate::words;

words! {
    /// Which profile.
    ProfileKind {
        /// Of the law.
        LegalBusiness = "legal_business",
        /// Of the organisation.
        Organization = "organization",
        /// For invoices.
        Billing = "billing",
        /// For those who need help.
        Support = "support",
    }
}

words! {
    /// What the operator has found out about a company, in the contract's words.
    VettingStatus {
        /// Not decided yet.
        Pending = "pending",
        /// It may work here.
        Authorized = "authorized",
        /// It may not.
        Rejected = "rejected",
    }
}

/// What the record of a company gives to its profiles.
#[derive(Clone, Debug)]
pub struct CompanyRecord {
    /// The company.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: String,
    /// Whom to write to.
    pub contact_email: String,
    /// Its domain.
    pub domain: String,
    /// Where its enrolment stands; a provider has none.
    pub enrolment: Option<EnrollmentState>,
}

impl CompanyRecord {
    /// Whether it may work here: the operator lists providers, and decides about resellers.
    pub fn vetting(&self) -> VettingStatus {
        match self.enrolment {
            Some(EnrollmentState::Submitted) => VettingStatus::Pending,
            Some(EnrollmentState::Rejected) => VettingStatus::Rejected,
            Some(EnrollmentState::Approved) | None => VettingStatus::Authorized,
        }
    }

    fn email(&self) -> Option<EmailAddress> {
        EmailAddress::try_from(self.contact_email.clone()).ok()
    }

    fn address(&self) -> PartnerAddress {
        PartnerAddress { country: Country::try_from(self.country.clone()).ok(), ..PartnerAddress::default() }
    }

    fn contact(&self) -> PartnerContact {
        PartnerContact { email: self.email(), ..PartnerContact::default() }
    }
}

/// A profile: what is stored of it, which is also what a client may send.
pub trait Profile: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Which one.
    const KIND: ProfileKind;
    /// Whether a call without a user may see it (section 2.4 of the contract).
    const APP_ONLY: AppOnly;

    /// What it says until the company has changed it.
    fn derived(company: &CompanyRecord) -> Self;

    /// The etag in the body that was sent.
    fn sent_etag(&self) -> Option<&str>;
}

/// `attributes` of a body that was sent: clients echo what they got.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentAttributes {
    /// The version the client looked at.
    etag: Option<String>,
}

/// A text that may be left out; an empty one counts as left out, because clients send those.
fn optional<'de, D: Deserializer<'de>, T: TryFrom<String>>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T::Error: Display,
{
    let text = Option::<String>::deserialize(deserializer)?.filter(|text| !text.trim().is_empty());
    text.map(T::try_from).transpose().map_err(serde::de::Error::custom)
}

/// A day of the month; clients send 0 for none.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    match Option::<i64>::deserialize(deserializer)? {
        None | Some(0) => Ok(None),
        Some(day @ 1..=31) => Ok(u8::try_from(day).ok()),
        Some(other) => Err(serde::de::Error::custom(format!("{other} is no day of a month"))),
    }
}

/// A part that may be left out or null.
fn part<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Declares a type of optional, bounded texts, and others.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$text_doc:meta])* $text:ident: $bound:ty,)+
        ; $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $(
                $(#[$text_doc])*
                #[serde(deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
                pub $text: Option<$bound>,
            )+
            $($(#[$field_doc])* pub $field: $type,)*
        }
    };
}

bounded! {
    /// An address.
    PartnerAddress {
        /// Two letters.
        country: Country,
        /// Region.
        region: Line<100>,
        /// City.
        city: Line<100>,
        /// State or province.
        state: Line<100>,
        /// Street and number.
        address_line1: Line<200>,
        /// More of it.
        address_line2: Line<200>,
        /// Postal code.
        postal_code: Line<20>,
        /// Whom it reaches.
        first_name: Line<100>,
        /// Whom it reaches.
        last_name: Line<100>,
        /// By telephone.
        phone_number: Line<50>,
        ;
    }
}

bounded! {
    /// A person to write to.
    PartnerContact {
        /// First name.
        first_name: Line<100>,
        /// Last name.
        last_name: Line<100>,
        /// E-mail address.
        email: EmailAddress,
        /// Telephone number.
        phone_number: Line<50>,
        ;
    }
}

bounded! {
    /// The legal business profile.
    LegalBusiness {
        /// The company's legal name.
        company_name: Line<200>,
        /// Who approves for the company.
        company_approver_email: EmailAddress,
        ;
        /// The company's address.
        #[serde(deserialize_with = "part")]
        address: PartnerAddress,
        /// Whom to write to.
        #[serde(deserialize_with = "part")]
        primary_contact: PartnerContact,
        /// Where who approves is reached.
        #[serde(deserialize_with = "part")]
        company_approver_address: PartnerAddress,
        /// Where a client puts the etag.
        #[serde(skip_serializing)]
        #[schema(ignore)]
        attributes: Option<SentAttributes>,
    }
}

bounded! {
    /// The organisation's profile.
    Organization {
        /// The company's name.
        company_name: Line<200>,
        /// Whom to write to.
        email: EmailAddress,
        /// Two letters.
        language: Line<35>,
        /// Such as `sv-SE`.
        culture: Line<35>,
        ;
        /// The organisation's address.
        #[serde(deserialize_with = "part")]
        default_address: PartnerAddress,
        /// Where a client puts the etag.
        #[serde(skip_serializing)]
        #[schema(ignore)]
        attributes: Option<SentAttributes>,
    }
}

bounded! {
    /// The billing profile.
    Billing {
        /// The name on invoices.
        company_name: Line<200>,
        /// A number to put on invoices.
        purchase_order_number: Line<100>,
        /// The tax id.
        tax_id: Line<50>,
        /// Such as `SEK`.
        billing_currency: Line<10>,
        ;
        /// Where invoices go.
        #[serde(deserialize_with = "part")]
        address: PartnerAddress,
        /// To whom.
        #[serde(deserialize_with = "part")]
        primary_contact: PartnerContact,
        /// On which day of the month.
        #[serde(deserialize_with = "day", skip_serializing_if = "Option::is_none")]
        billing_day: Option<u8>,
        /// Where a client puts the etag.
        #[serde(skip_serializing)]
        #[schema(ignore)]
        attributes: Option<SentAttributes>,
    }
}

bounded! {
    /// The support profile.
    Support {
        /// E-mail address.
        email: EmailAddress,
        /// Telephone number.
        telephone: Line<50>,
        /// Web site.
        website: Line<500>,
        ;
        /// Where a client puts the etag.
        #[serde(skip_serializing)]
        #[schema(ignore)]
        attributes: Option<SentAttributes>,
    }
}

macro_rules! profiles {
    ($($name:ident, $app_only:ident: $company:ident => $derived:expr;)+) => {$(
        impl Profile for $name {
            const KIND: ProfileKind = ProfileKind::$name;
            const APP_ONLY: AppOnly = AppOnly::$app_only;

            fn derived($company: &CompanyRecord) -> Self {
                $derived
            }

            fn sent_etag(&self) -> Option<&str> {
                self.attributes.as_ref()?.etag.as_deref()
            }
        }
    )+};
}

profiles! {
    LegalBusiness, Accepted: company => Self {
        company_name: Line::try_from(company.name.clone()).ok(),
        address: company.address(),
        primary_contact: company.contact(),
        ..Self::default()
    };
    Organization, Refused: company => Self {
        company_name: Line::try_from(company.name.clone()).ok(),
        email: company.email(),
        default_address: company.address(),
        ..Self::default()
    };
    Billing, Refused: company => Self {
        company_name: Line::try_from(company.name.clone()).ok(),
        address: company.address(),
        primary_contact: company.contact(),
        ..Self::default()
    };
    Support, Refused: company => Self { email: company.email(), ..Self::default() };
}

/// Whose an MPN ID is.
#[derive(Clone, Debug)]
pub struct MpnProfile {
    /// The company.
    pub partner_name: String,
    /// The MPN ID.
    pub mpn_id: String,
}

/// No company is known by that MPN ID.
#[derive(Debug, thiserror::Error)]
#[error(
    "The partner with partner_id {0} could not be found. Check the MPN ID; only those of approved companies are known here."
)]
pub struct MpnProfileUnknown(pub String);

impl Refusal for MpnProfileUnknown {
    fn code(&self) -> Code {
        Code::new(3000, "mpnProfileUnknown", Kind::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_leave_out_or_empty_is_left_out() {
        let sent = r#"{"companyName": " Norrsken ", "taxId": "", "billingDay": 0, "address": {"country": "se"}, "primaryContact": null,
                       "attributes": {"etag": "3"}, "links": {}}"#;
        let read: Billing = serde_json::from_str(sent).unwrap();
        assert_eq!(read.sent_etag(), Some("3"));
        let stored = serde_json::to_value(&read).unwrap();
        let kept =
            serde_json::json!({ "companyName": "Norrsken", "address": { "country": "SE" }, "primaryContact": {} });
        assert_eq!(stored, kept);
        for bad in [r#"{"billingDay": 32}"#, r#"{"address": {"country": "Sweden"}}"#, r#"{"taxId": "1\n2"}"#] {
            assert!(serde_json::from_str::<Billing>(bad).is_err(), "{bad}");
        }
    }
}
