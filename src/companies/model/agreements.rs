//! The partner agreement: versions, signatures, and whether another company has signed.

use uuid::Uuid;

use super::SignatureId;
use crate::access::{AccessError, PartnerId, UserId};
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;

/// A version of the partner agreement.
#[derive(Clone, Debug)]
pub struct MpaVersion {
    /// Its name, such as `2026-10`.
    pub version: String,
    /// Its title.
    pub title: String,
    /// Where it can be read.
    pub document_url: String,
    /// From when it asks for a signature.
    pub effective_at: Timestamp,
}

/// A signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Its id.
    pub id: SignatureId,
    /// The version signed.
    pub version: String,
    /// Who signed.
    pub user: UserId,
    /// When.
    pub signed_at: Timestamp,
}

/// Why an agreement is not signed or published.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// Nothing to sign.
    #[error("No agreement is in force yet. The operator publishes it: POST /v1/agreements/mpa/versions.")]
    NonePublished,
    /// Neither the version in force nor an announced one.
    #[error(
        "The version in force is {current}; you named {named}, which is neither that nor one announced. Read {current} \
         and sign that."
    )]
    NotCurrent {
        /// The version in force.
        current: String,
        /// The version named.
        named: String,
    },
    /// A version is published once.
    #[error("The version {0} is already published with another text. Give the new text a new version.")]
    VersionTaken(String),
    /// Not an address.
    #[error("documentUrl \"{0}\" must begin with https:// or http://.")]
    BadDocumentUrl(String),
    /// Too early or too late.
    #[error(
        "effectiveAt {0} must lie between now and {MAX_ANNOUNCEMENT_DAYS} days from now. Leave it out to publish at once."
    )]
    BadDate(Timestamp),
}

/// Days that a version can be announced before its date at most: two years.
const MAX_ANNOUNCEMENT_DAYS: u64 = 731;

impl MpaVersion {
    /// Whether it can be published at `now`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(&self, now: Timestamp) -> Result<(), AgreementError> {
        if !self.document_url.starts_with("https://") && !self.document_url.starts_with("http://") {
            return Err(AgreementError::BadDocumentUrl(self.document_url.clone()));
        }
        if self.effective_at < now || self.effective_at > now.after(days(MAX_ANNOUNCEMENT_DAYS)) {
            return Err(AgreementError::BadDate(self.effective_at));
        }
        Ok(())
    }
}

impl Refusal for AgreementError {
    fn code(&self) -> Code {
        match self {
            AgreementError::NonePublished => Code::new(910_120, "noAgreementPublished", Kind::Conflict),
            AgreementError::NotCurrent { .. } => Code::new(910_121, "agreementNotCurrent", Kind::Conflict),
            AgreementError::VersionTaken(_) => Code::new(910_122, "agreementVersionTaken", Kind::Conflict),
            AgreementError::BadDocumentUrl(_) => Code::new(910_123, "agreementDocumentUrl", Kind::BadInput),
            AgreementError::BadDate(_) => Code::new(910_130, "agreementDate", Kind::BadInput),
        }
    }
}

/// Of which company the agreement's status is asked (section 5.2 of the contract).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgreementQuestion {
    /// The one behind an MPN ID, global or of a location.
    Mpn(String),
    /// The one with a tenant id.
    Tenant(PartnerId),
}

impl AgreementQuestion {
    /// Reads the two parameters, of which exactly one is given; an empty one counts as absent.
    ///
    /// # Errors
    /// Says which is wrong.
    pub fn read(mpn_id: Option<&str>, tenant_id: Option<&str>) -> Result<Self, AgreementStatusError> {
        let given = |value: Option<&str>| value.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
        match (given(mpn_id), given(tenant_id)) {
            (None, None) => Err(AgreementStatusError::NeitherGiven),
            (Some(_), Some(_)) => Err(AgreementStatusError::BothGiven),
            (Some(mpn_id), None) if mpn_id.bytes().all(|b| b.is_ascii_digit()) => Ok(Self::Mpn(mpn_id)),
            (Some(mpn_id), None) => Err(AgreementStatusError::NotANumber(shorten(&mpn_id, 40))),
            (None, Some(tenant)) => match Uuid::parse_str(&tenant) {
                Ok(id) => Ok(Self::Tenant(PartnerId::from_uuid(id))),
                Err(_) => Err(AgreementStatusError::NotATenantId(shorten(&tenant, 40))),
            },
        }
    }
}

/// Why a company is not shown as having signed.
#[derive(Debug, thiserror::Error)]
pub enum AgreementStatusError {
    /// Letters in an MPN ID.
    #[error("mpnId \"{0}\" is no number. An MPN ID has digits only.")]
    NotANumber(String),
    /// No tenant id.
    #[error("tenantId \"{0}\" is no GUID.")]
    NotATenantId(String),
    /// One too many.
    #[error("Give mpnId or tenantId, not both.")]
    BothGiven,
    /// One too few.
    #[error("Give mpnId or tenantId.")]
    NeitherGiven,
    /// No approved company has it.
    #[error("No partner here has the MPN ID {0}. Check the number.")]
    MpnIdUnknown(String),
    /// Of another region.
    #[error("The partner with the MPN ID {mpn_id} is in {country}, which is of another region than yours ({own}).")]
    RegionDiffers {
        /// The number.
        mpn_id: String,
        /// That partner's country.
        country: String,
        /// The caller's.
        own: String,
    },
    /// It has to sign first.
    #[error("The reseller with the MPN ID {0} has not signed the Microsoft Partner Agreement in force. Ask it to.")]
    NotSigned(String),
    /// Known, but no reseller.
    #[error("The partner with the MPN ID {0} is not enrolled as indirect reseller.")]
    NoReseller(String),
    /// No partner has it.
    #[error("No partner here has the tenant id {0}.")]
    TenantUnknown(PartnerId),
    /// It has to sign first.
    #[error("The partner with the tenant id {0} has not signed the Microsoft Partner Agreement in force. Ask it to.")]
    TenantNotSigned(PartnerId),
    /// The caller's part.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Refusal for AgreementStatusError {
    fn code(&self) -> Code {
        let (invalid, bad) = ("agreementArgumentInvalid", Kind::BadInput);
        match self {
            AgreementStatusError::NotANumber(_)
            | AgreementStatusError::NotATenantId(_)
            | AgreementStatusError::BothGiven => Code::new(2000, invalid, bad),
            AgreementStatusError::NeitherGiven => Code::new(2001, "agreementArgumentMissing", bad),
            AgreementStatusError::MpnIdUnknown(_) => Code::new(2200, "agreementMpnIdUnknown", bad),
            AgreementStatusError::RegionDiffers { .. } => Code::new(2201, "agreementRegionDiffers", bad),
            AgreementStatusError::NotSigned(_) => Code::new(2203, "agreementNotSigned", bad),
            AgreementStatusError::NoReseller(_) => Code::new(2204, "agreementNoReseller", bad),
            AgreementStatusError::TenantUnknown(_) => Code::new(2205, "agreementTenantUnknown", bad),
            AgreementStatusError::TenantNotSigned(_) => Code::new(2206, "agreementTenantNotSigned", bad),
            AgreementStatusError::Access(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_asked_with_exactly_one_parameter() {
        let read = |mpn: Option<&str>, tenant: Option<&str>| {
            AgreementQuestion::read(mpn, tenant).map_err(|error| error.code().number)
        };
        let tenant = "0190a0a0-0000-7000-8000-000000000001";
        assert_eq!(read(Some("6001234"), None), Ok(AgreementQuestion::Mpn("6001234".to_owned())));
        assert!(matches!(read(Some(""), Some(&tenant.to_uppercase())), Ok(AgreementQuestion::Tenant(_))));
        for (mpn, tenant, number) in [
            (None, None, 2001),
            (Some(""), Some(" "), 2001),
            (Some("6001234"), Some(tenant), 2000),
            (Some("60o1234"), None, 2000),
            (None, Some("fabrikam.example"), 2000),
        ] {
            assert_eq!(read(mpn, tenant), Err(number), "{mpn:?} {tenant:?}");
        }
    }

    #[test]
    fn a_version_comes_into_force_now_or_within_two_years() {
        let now = Timestamp::from_micros(1_795_248_000_000_000);
        let check = |effective_at, url: &str| {
            let version = MpaVersion {
                version: "2".to_owned(),
                title: "MPA".to_owned(),
                document_url: url.to_owned(),
                effective_at,
            };
            version.check(now).map_err(|error| error.code().name)
        };
        let url = "https://partners.test/mpa";
        assert_eq!(check(now, url), Ok(()));
        assert_eq!(check(now.after(days(731)), url), Ok(()));
        assert_eq!(check(now.after(days(732)), url), Err("agreementDate"));
        assert_eq!(check(now.before(days(1)), url), Err("agreementDate"));
        assert_eq!(check(now, "ftp://x"), Err("agreementDocumentUrl"));
    }
}
