//! What partners record of a customer: its qualifications, and the agreements it accepted.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::RelationshipMissing;
use crate::access::{AccessError, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;
use crate::platform::text::{EmailAddress, Line, shorten};
use crate::{ids, words};

use super::profiles::ProfileError;

ids! {
    /// An agreement that a customer accepted.
    CustomerAgreementId,
}

words! {
    /// What kind of customer it is, for offers that are for one kind only.
    Qualification {
        /// A school or university.
        Education = "education",
        /// A charity.
        Nonprofit = "nonprofit",
        /// An authority in its own cloud.
        GovernmentCommunityCloud = "government_community_cloud",
        /// Owned by a state.
        StateOwnedEntity = "state_owned_entity",
    }
}

/// Clients write a word of the contract in snake or Pascal case.
fn plain(word: &str) -> String {
    word.trim().replace('_', "").to_ascii_lowercase()
}

impl Qualification {
    /// The qualification that was sent: a word in any case, or the contract's number of it. `None` takes back what was
    /// stated.
    ///
    /// # Errors
    /// [`RecordError::QualificationUnknown`].
    pub fn read(sent: &Value) -> Result<Option<Self>, RecordError> {
        let unknown = || RecordError::QualificationUnknown(shorten(&sent.to_string(), 60));
        let place = match sent {
            Value::String(word) if plain(word) == "none" => return Ok(None),
            Value::String(word) => Self::ALL.iter().position(|known| plain(known.as_str()) == plain(word)),
            Value::Number(number) => match number.as_u64() {
                Some(0) => return Ok(None),
                other => other.and_then(|number| usize::try_from(number).ok()).and_then(|number| number.checked_sub(1)),
            },
            _ => None,
        };
        Ok(Some(*place.and_then(|place| Self::ALL.get(place)).ok_or_else(unknown)?))
    }
}

/// What is stated beside a qualification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct QualificationDetails {
    /// Such as `K12` or `higher_ed`, of a school.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub education_segment: Option<Line<50>>,
    /// Where the customer shows what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<Line<500>>,
    /// The code by which an authority was admitted to its cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_code: Option<Line<100>>,
}

/// A qualification as it was stated.
#[derive(Clone, Debug)]
pub struct StatedQualification {
    /// Which.
    pub qualification: Qualification,
    /// With what.
    pub details: QualificationDetails,
    /// When.
    pub stated_at: Timestamp,
}

/// An agreement that customers accept, as a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgreementTemplate {
    /// Its id, the contract's own.
    pub id: Uuid,
    /// Its type, in the contract's words.
    pub kind: &'static str,
    /// Where its text is.
    pub link: &'static str,
}

/// The contract's templates, in its order of rank.
pub const AGREEMENT_TEMPLATES: [AgreementTemplate; 2] = [
    AgreementTemplate {
        id: Uuid::from_u128(0x998b_88de_aa99_4388_a42c_1b35_17d4_9490),
        kind: "MicrosoftCloudAgreement",
        link: "https://aka.ms/microsoftcloudagreement",
    },
    AgreementTemplate {
        id: Uuid::from_u128(0x117a_77b0_9360_443b_8795_c6de_dc75_0cf9),
        kind: "MicrosoftCustomerAgreement",
        link: "https://aka.ms/customeragreement",
    },
];

/// The templates of a type: `*` is all of them, and who names none means the cloud agreement.
///
/// # Errors
/// [`RecordError::AgreementTypeUnknown`].
pub fn templates_of(kind: Option<&str>) -> Result<Vec<AgreementTemplate>, RecordError> {
    let kind = kind.map(str::trim).filter(|kind| !kind.is_empty()).unwrap_or("MicrosoftCloudAgreement");
    let found: Vec<_> =
        AGREEMENT_TEMPLATES.into_iter().filter(|one| kind == "*" || plain(one.kind) == plain(kind)).collect();
    if found.is_empty() { Err(RecordError::AgreementTypeUnknown(shorten(kind, 60))) } else { Ok(found) }
}

/// The template with this id.
///
/// # Errors
/// [`RecordError::TemplateUnknown`].
pub fn template(id: &str) -> Result<AgreementTemplate, RecordError> {
    let found = id.trim().parse().ok().and_then(|id: Uuid| AGREEMENT_TEMPLATES.into_iter().find(|one| one.id == id));
    found.ok_or_else(|| RecordError::TemplateUnknown(shorten(id, 60)))
}

/// Who accepted an agreement for the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreementContact {
    /// First name.
    pub first_name: Line<50>,
    /// Last name.
    pub last_name: Line<50>,
    /// E-mail address.
    pub email: EmailAddress,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<Line<50>>,
}

/// An agreement that a customer accepted, as a partner attests.
#[derive(Clone, Debug)]
pub struct AcceptedAgreement {
    /// Its id.
    pub id: CustomerAgreementId,
    /// Which.
    pub template: AgreementTemplate,
    /// Who accepted it for the customer.
    pub contact: AgreementContact,
    /// When it was accepted.
    pub agreed_at: Timestamp,
    /// The partner that attests it.
    pub attested_by: PartnerId,
    /// The person there.
    pub attested_by_user: Option<Uuid>,
    /// When that was.
    pub attested_at: Timestamp,
}

/// Why a record of a customer is not shown or not changed.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// No customer of the caller's.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// The contract wants a person.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Somebody changed it in between.
    #[error(transparent)]
    Etag(#[from] EtagError),
    /// The profile cannot be.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The country would lie in another region.
    #[error(transparent)]
    Region(#[from] OutsideRegion),
    /// No word for a kind of customer.
    #[error(
        "qualification: {0} is none of none, education, nonprofit, government_community_cloud and state_owned_entity. Use \
         one of them."
    )]
    QualificationUnknown(String),
    /// Taking back is another call.
    #[error(
        "qualification: \"none\" adds nothing. To take back what was stated, send PUT \
         /v1/customers/{{customer}}/qualification with \"none\"."
    )]
    NothingToState,
    /// An authority names the code by which it was admitted.
    #[error(
        "validationCode: is required with government_community_cloud. Ask the customer for the code of its admission."
    )]
    ValidationCodeMissing,
    /// No agreement of that type.
    #[error(
        "agreementType \"{0}\" is not one of MicrosoftCloudAgreement, MicrosoftCustomerAgreement and *. Use one of them."
    )]
    AgreementTypeUnknown(String),
    /// No template with that id.
    #[error("There is no agreement template {0}. GET /v1/agreements?agreementType=* lists them.")]
    TemplateUnknown(String),
    /// Id and type are of two agreements.
    #[error(
        "type: \"{kind}\" is not the type of template {template}, which is {expected}. Send that, or the other template."
    )]
    TemplateOfAnotherType {
        /// As it was sent.
        kind: String,
        /// The template sent.
        template: Uuid,
        /// Its type.
        expected: &'static str,
    },
    /// Accepted tomorrow.
    #[error("dateAgreed: {0} lies in the future. Send the time at which the customer accepted the agreement, in UTC.")]
    AgreedInFuture(Timestamp),
    /// It is known already.
    #[error(
        "It is recorded already that this customer accepted the {kind}, on {}. Nothing more is needed.", .agreed_at.readable()
    )]
    AgreementExists {
        /// Its type.
        kind: &'static str,
        /// When it was accepted.
        agreed_at: Timestamp,
    },
    /// No such kind of validation.
    #[error("type is \"{0}\"; the validation that is known here is account. Use type=account.")]
    ValidationUnknown(String),
}

impl Refusal for RecordError {
    fn code(&self) -> Code {
        match self {
            RecordError::Relationship(error) => error.code(),
            RecordError::Access(error) => error.code(),
            RecordError::Etag(error) => error.code(),
            RecordError::Profile(error) => error.code(),
            RecordError::Region(error) => error.code(),
            RecordError::QualificationUnknown(_) => Code::new(910_332, "qualificationUnknown", Kind::BadInput),
            RecordError::NothingToState => Code::new(910_333, "qualificationEmpty", Kind::BadInput),
            RecordError::ValidationCodeMissing => Code::new(910_334, "validationCodeMissing", Kind::BadInput),
            RecordError::AgreementTypeUnknown(_) => Code::new(910_335, "agreementTypeUnknown", Kind::BadInput),
            RecordError::TemplateUnknown(_) => Code::new(910_336, "agreementTemplateUnknown", Kind::NotFound),
            RecordError::TemplateOfAnotherType { .. } => Code::new(910_337, "agreementTypeWrong", Kind::BadInput),
            RecordError::AgreedInFuture(_) => Code::new(910_338, "agreedInFuture", Kind::BadInput),
            RecordError::AgreementExists { .. } => Code::new(600_061, "customerAgreementExists", Kind::Conflict),
            RecordError::ValidationUnknown(_) => Code::new(910_339, "validationTypeUnknown", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            RecordError::Relationship(error) => error.parameters(),
            RecordError::Access(error) => error.parameters(),
            RecordError::Profile(error) => error.parameters(),
            RecordError::Region(error) => error.parameters(),
            RecordError::TemplateOfAnotherType { expected, .. } => vec![("use", (*expected).to_owned())],
            RecordError::TemplateUnknown(_) => vec![("remedy", "/v1/agreements?agreementType=*".to_owned())],
            _ => Vec::new(),
        }
    }
}

/// A customer that its provider may not sell to.
#[derive(Debug, thiserror::Error)]
#[error(
    "{property}: \"{customer}\" lies outside the region in which your company ({provider}) sells; partners sell only in \
     their own region. Check the country; a customer of another region needs a provider there: GET /v1/indirectproviders."
)]
pub struct OutsideRegion {
    /// The property that names the country.
    pub property: &'static str,
    /// The customer's country.
    pub customer: String,
    /// The partner's.
    pub provider: String,
}

impl Refusal for OutsideRegion {
    fn code(&self) -> Code {
        Code::new(20_000, "customerOutsideRegion", Kind::BadInput)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("property", self.property.to_owned()),
            ("customerCountry", self.customer.clone()),
            ("providerCountry", self.provider.clone()),
            ("remedy", "/v1/indirectproviders".to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_qualification_is_read_as_clients_write_it() {
        let read = |sent: Value| Qualification::read(&sent).map_err(|error| error.code().name);
        for word in [json!("Education"), json!("education"), json!(1)] {
            assert_eq!(read(word), Ok(Some(Qualification::Education)));
        }
        let government = Ok(Some(Qualification::GovernmentCommunityCloud));
        assert_eq!(read(json!("GovernmentCommunityCloud")), government);
        assert_eq!(read(json!("government_community_cloud")), government);
        assert_eq!((read(json!("None")), read(json!(0))), (Ok(None), Ok(None)));
        for wrong in [json!("x"), json!(9), json!(-1), json!(null), json!({})] {
            assert_eq!(read(wrong), Err("qualificationUnknown"));
        }
    }

    #[test]
    fn the_templates_are_the_contracts_and_the_cloud_agreement_is_the_default() {
        let kinds = |kind: Option<&str>| templates_of(kind).map(|all| all.len()).unwrap_or_default();
        assert_eq!(
            (kinds(None), kinds(Some("*")), kinds(Some("microsoftCustomerAgreement")), kinds(Some("x"))),
            (1, 2, 1, 0)
        );
        assert_eq!(template("117A77B0-9360-443B-8795-C6DEDC750CF9").unwrap().kind, "MicrosoftCustomerAgreement");
        assert_eq!(templates_of(None).unwrap()[0].id.to_string(), "998b88de-aa99-4388-a42c-1b3517d49490");
        assert!(template("x").is_err());
    }
}
