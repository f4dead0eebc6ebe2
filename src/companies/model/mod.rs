//! Companies: types and pure rules.

mod agreements;
mod profiles;
mod providers;
mod regions;
mod standing;

use serde::{Deserialize, Serialize};

use crate::access::{NewPerson, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{Country, EmailAddress, shorten};
use crate::{ids, words};

pub use agreements::{AgreementError, AgreementQuestion, AgreementStatusError, MpaVersion, Signature};
pub use profiles::{
    Billing, CompanyRecord, LegalBusiness, MpnProfile, MpnProfileUnknown, Organization, Profile, ProfileKind, Support,
    VettingStatus,
};
pub use providers::{
    ChangeRequest, ChangeRequestError, ChangeRequestId, ChangeRequestState, ChangeRequestUnknown, MAX_OPEN_REQUESTS,
    ProviderEntry, ProviderError, ProviderUnknown,
};
pub use regions::{CompanySettings, Regions, RegionsDiffer};
pub use standing::{Candidate, ResellerStanding, Shortcoming};

ids! {
    /// A reseller's enrolment.
    EnrollmentId,
    /// A company's claim to an MPN ID.
    MpnAccountId,
    /// A signature under the partner agreement.
    SignatureId,
}

words! {
    /// Where an enrolment stands.
    EnrollmentState {
        /// Waiting for the operator.
        Submitted = "submitted",
        /// The company may accept invitations.
        Approved = "approved",
        /// Refused, with a reason.
        Rejected = "rejected",
    }
}

words! {
    /// What an MPN ID names.
    MpnKind {
        /// A partner global account: for membership, never for transactions.
        Global = "global",
        /// A partner location account.
        Location = "location",
    }
}

/// An MPN ID: digits, as the partner network prints it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MpnId(String);

impl MpnId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MpnId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.trim();
        if (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits.to_owned()))
        } else {
            Err(format!("\"{}\" is no MPN ID: it has 1 to 12 digits", shorten(&text, 40)))
        }
    }
}

impl From<MpnId> for String {
    fn from(id: MpnId) -> String {
        id.0
    }
}

impl std::fmt::Display for MpnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for MpnId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9]{1,12}$"))
            .into()
    }
}
impl utoipa::ToSchema for MpnId {}

/// A domain such as `fabrikam.example`: lower case, at least one dot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// The domain as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Domain {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let domain = text.trim().to_ascii_lowercase();
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // RFC 6761 section 6.4: nobody has such a name, so we use them for what has no domain.
        let reserved = domain.ends_with(".invalid");
        if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label) && !reserved {
            Ok(Self(domain))
        } else {
            Err(format!("\"{}\" is no domain such as fabrikam.example", shorten(&text, 80)))
        }
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> String {
        domain.0
    }
}

impl utoipa::PartialSchema for Domain {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .max_length(Some(253))
            .into()
    }
}
impl utoipa::ToSchema for Domain {}

/// What others may know of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyProfile {
    /// The partner.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: String,
    /// Whom to write to.
    pub contact_email: String,
    /// What it sells.
    pub description: String,
    /// The version of its entry.
    pub version: i32,
    /// The MPN ID of the location it onboarded with, once verified.
    pub mpn_id: Option<String>,
}

impl CompanyProfile {
    /// What pages show of it, as the parts of a name: an answer to what was shown must still find the same.
    pub fn shown(&self) -> Vec<Vec<u8>> {
        let texts = [&self.name, &self.country, &self.contact_email, &self.description];
        let own = [self.id.uuid().as_bytes().to_vec(), self.version.to_be_bytes().to_vec()];
        own.into_iter().chain(texts.map(|text| text.as_bytes().to_vec())).collect()
    }
}

/// A verified MPN ID.
#[derive(Clone, Debug)]
pub struct MpnAccount {
    /// Whose it is.
    pub company: PartnerId,
    /// What it names.
    pub kind: MpnKind,
    /// Whether the company onboarded with it.
    pub onboarded: bool,
}

/// An MPN ID that a company says is its own.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MpnClaim {
    /// The number.
    pub mpn_id: String,
    /// What it names.
    pub kind: MpnKind,
    /// Whether the company onboards with it.
    pub onboarding: bool,
    /// Whether the operator has verified it.
    pub verified: bool,
}

/// A company that is to be recorded.
#[derive(Clone, Debug)]
pub struct NewCompany {
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Country,
    /// Its domain, by which token requests may name it.
    pub domain: Domain,
    /// Whom to write to.
    pub contact_email: EmailAddress,
    /// What it sells.
    pub description: String,
    /// Its first Global admin.
    pub admin: NewPerson,
}

/// The MPN IDs that a reseller claims in its enrolment.
#[derive(Clone, Debug)]
pub struct MpnClaims {
    /// Its partner global account.
    pub global: MpnId,
    /// Its partner location accounts.
    pub locations: Vec<MpnId>,
    /// The location it onboards with.
    pub onboarding: MpnId,
}

/// Locations of one company at most.
pub const MAX_LOCATIONS: usize = 50;

impl MpnClaims {
    /// Whether the claims fit together.
    ///
    /// # Errors
    /// Says which does not.
    pub fn check(&self) -> Result<(), EnrollError> {
        let mut all: Vec<&MpnId> = self.locations.iter().chain([&self.global]).collect();
        all.sort();
        if let Some(pair) = all.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(EnrollError::MpnIdTwice(pair[0].clone()));
        }
        if self.onboarding == self.global {
            return Err(EnrollError::OnboardingIsGlobal(self.onboarding.clone()));
        }
        if !self.locations.contains(&self.onboarding) {
            return Err(EnrollError::OnboardingIsNoLocation(self.onboarding.clone()));
        }
        Ok(())
    }
}

/// Why a company cannot be recorded.
#[derive(Debug, thiserror::Error)]
pub enum EnrollError {
    /// The domain is in use.
    #[error("The domain {0} already belongs to an organisation here. If it is yours, sign in instead.")]
    DomainTaken(String),
    /// One MPN ID named twice.
    #[error("The MPN ID {0} is named twice. Name the global account once and each location once.")]
    MpnIdTwice(MpnId),
    /// Nobody onboards with a global account.
    #[error("{0} is the global account. Onboard with the MPN ID of a location.")]
    OnboardingIsGlobal(MpnId),
    /// Not among the locations.
    #[error("{0} is not among the locations named. Onboard with one of them.")]
    OnboardingIsNoLocation(MpnId),
    /// A verified MPN ID of another company.
    #[error("The MPN ID {0} is verified for another company. Check the number.")]
    MpnIdOfAnother(MpnId),
}

impl Refusal for EnrollError {
    fn code(&self) -> Code {
        match self {
            EnrollError::DomainTaken(_) => Code::new(910_100, "domainTaken", Kind::Conflict),
            EnrollError::MpnIdTwice(_) => Code::new(910_101, "mpnIdNamedTwice", Kind::BadInput),
            EnrollError::OnboardingIsGlobal(_) => Code::new(910_102, "onboardingIsGlobal", Kind::BadInput),
            EnrollError::OnboardingIsNoLocation(_) => Code::new(910_103, "onboardingIsNoLocation", Kind::BadInput),
            EnrollError::MpnIdOfAnother(_) => Code::new(910_104, "mpnIdOfAnotherCompany", Kind::Conflict),
        }
    }
}

/// An enrolment.
#[derive(Clone, Debug)]
pub struct Enrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The company.
    pub reseller: PartnerId,
    /// Where it stands.
    pub state: EnrollmentState,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When the operator decided.
    pub decided_at: Option<Timestamp>,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// An enrolment with what whoever decides needs to know.
#[derive(Clone, Debug)]
pub struct Application {
    /// The enrolment.
    pub enrollment: Enrollment,
    /// The company's name.
    pub company_name: String,
    /// The MPN IDs it claims, verified or not.
    pub claims: Vec<MpnClaim>,
}

/// Why an enrolment cannot be decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// No such enrolment.
    #[error("There is no enrolment {0}.")]
    Unknown(EnrollmentId),
    /// Decided already, the other way.
    #[error("The enrolment was already {0}; that decision stands.")]
    AlreadyDecided(EnrollmentState),
    /// A claim that another company has had verified in between.
    #[error("The MPN ID {0} is verified for another company, so this claim to it cannot be approved.")]
    MpnIdOfAnother(String),
}

impl Refusal for DecideError {
    fn code(&self) -> Code {
        match self {
            DecideError::Unknown(_) => Code::new(910_110, "enrollmentUnknown", Kind::NotFound),
            DecideError::AlreadyDecided(_) => Code::new(910_111, "enrollmentDecided", Kind::Conflict),
            DecideError::MpnIdOfAnother(_) => Code::new(910_112, "mpnIdClaimConflict", Kind::Conflict),
        }
    }
}

/// The caller's company has no enrolment.
#[derive(Debug, thiserror::Error)]
#[error("Your company has no enrolment. Enrol first: POST /v1/enrollments.")]
pub struct NotEnrolled;

impl Refusal for NotEnrolled {
    fn code(&self) -> Code {
        Code::new(910_113, "notEnrolled", Kind::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> MpnId {
        MpnId::try_from(text.to_owned()).unwrap()
    }

    fn claims(global: &str, locations: &[&str], onboarding: &str) -> Result<(), &'static str> {
        let claims = MpnClaims {
            global: id(global),
            locations: locations.iter().map(|l| id(l)).collect(),
            onboarding: id(onboarding),
        };
        claims.check().map_err(|error| error.code().name)
    }

    #[test]
    fn a_reseller_onboards_with_one_of_its_locations() {
        assert_eq!(claims("100", &["101", "102"], "102"), Ok(()));
        assert_eq!(claims("100", &["101"], "100"), Err("onboardingIsGlobal"));
        assert_eq!(claims("100", &["101"], "103"), Err("onboardingIsNoLocation"));
        assert_eq!(claims("100", &["101", "101"], "101"), Err("mpnIdNamedTwice"));
        assert_eq!(claims("100", &["100"], "100"), Err("mpnIdNamedTwice"));
        assert_eq!(claims("100", &[], "100"), Err("onboardingIsGlobal"));
    }

    #[test]
    fn domains_and_mpn_ids_are_checked_at_the_door() {
        for good in ["fabrikam.example", "A.B-c.example"] {
            assert!(Domain::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "operator.invalid", "fabrikam", "-a.example", "a..example", "a b.example", "ä.example"] {
            assert!(Domain::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        for bad in ["", "12a", "1234567890123", "-1"] {
            assert!(MpnId::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
