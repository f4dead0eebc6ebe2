//! What a company may still lack before it can be a provider's indirect reseller.

use super::MpnId;
use crate::access::PartnerId;
use crate::words;

words! {
    /// Something that stands between a company and a partnership, or between it and doing business in it.
    Shortcoming {
        /// No approved company has the MPN ID.
        MpnIdUnknown = "mpnIdUnknown",
        /// The MPN ID is a partner global account's.
        MpnIdGlobal = "mpnIdGlobal",
        /// The MPN ID is that of a location which never onboarded.
        MpnIdNeverOnboarded = "mpnIdNeverOnboarded",
        /// The company is not enrolled as indirect reseller, or not approved yet.
        NotEnrolled = "notEnrolled",
        /// The two sides sell in different regions.
        RegionDiffers = "regionDiffers",
        /// The company has not signed the Microsoft Partner Agreement in force.
        AgreementMissing = "agreementMissing",
    }
}

impl Shortcoming {
    /// Whether the partnership cannot be made before it is remedied.
    pub fn prevents_accepting(self) -> bool {
        self != Shortcoming::AgreementMissing
    }

    /// As the provider is told.
    pub fn told_to_provider(self) -> &'static str {
        match self {
            Shortcoming::MpnIdUnknown => {
                "No approved company has this MPN ID. Check the number, or let the company enrol first."
            }
            Shortcoming::MpnIdGlobal => {
                "This MPN ID is a partner global account's. Ask for the location the company onboarded with."
            }
            Shortcoming::MpnIdNeverOnboarded => {
                "The location with this MPN ID never onboarded. Ask for the one the company onboarded with."
            }
            Shortcoming::NotEnrolled => "The company is not enrolled as indirect reseller yet. Ask it to enrol.",
            Shortcoming::RegionDiffers => {
                "The company sells in another region than yours, so it cannot be your reseller."
            }
            Shortcoming::AgreementMissing => {
                "The company has not signed the Microsoft Partner Agreement in force. It can accept, but not transact."
            }
        }
    }

    /// As the company itself is told.
    pub fn told_to_company(self) -> &'static str {
        match self {
            Shortcoming::MpnIdUnknown => "The invitation names an MPN ID that is not yours, or not approved yet.",
            Shortcoming::MpnIdGlobal => {
                "The invitation names your partner global account. Ask for one that names the location you onboarded with."
            }
            Shortcoming::MpnIdNeverOnboarded => {
                "The invitation names a location of yours that never onboarded. Ask for one that names the one that did."
            }
            Shortcoming::NotEnrolled => "Your company's enrolment as indirect reseller is not approved.",
            Shortcoming::RegionDiffers => {
                "The provider sells in another region than yours, so it cannot be your provider."
            }
            Shortcoming::AgreementMissing => {
                "Your company has not signed the Microsoft Partner Agreement in force. Until it has, no customer can be \
                 created for it, no order can be placed for it, and its MPN ID cannot be put on a subscription."
            }
        }
    }

    /// Where the company itself can remedy it, if it can.
    pub fn remedy(self) -> Option<&'static str> {
        match self {
            Shortcoming::NotEnrolled => Some("/v1/enrollments/current"),
            Shortcoming::AgreementMissing => Some("/v1/agreements/mpa/signatures"),
            _ => None,
        }
    }
}

/// Whom a partnership is thought of with.
#[derive(Clone, Copy, Debug)]
pub enum Candidate<'a> {
    /// The company with an MPN ID.
    MpnId(&'a MpnId),
    /// A company.
    Company(PartnerId),
}

/// How far a company is as a reseller, for the list of a provider's resellers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResellerStanding {
    /// Where its enrolment stands.
    pub enrollment: Option<String>,
    /// The newest version of the agreement it has signed, and when.
    pub agreement: Option<(String, crate::platform::clock::Timestamp)>,
    /// Whether it has signed the version in force.
    pub agreement_in_force: bool,
}
