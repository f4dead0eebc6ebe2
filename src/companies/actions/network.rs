//! What partners may find out of each other by MPN ID: exactly the ID they ask for, never another (design, ruling 5).

use std::collections::HashMap;

use diesel::QueryResult;

use crate::access::{AccessError, PartnerId, Scope};
use crate::companies::model::{
    AgreementQuestion, AgreementStatusError, Candidate, CompanyProfile, MpnKind, MpnProfile, MpnProfileUnknown,
    Regions, ResellerStanding, Shortcoming,
};
use crate::companies::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Code, Outcome, Refusal};
use crate::platform::text::shorten;

/// Whose the MPN ID `asked` is; the caller's own if none is asked for. Of others only verified ones are known.
///
/// # Errors
/// See [`MpnProfileError`].
pub fn mpn_profile(read: &mut Read<'_>, me: &Scope, asked: Option<&str>) -> Outcome<MpnProfile, MpnProfileError> {
    me.require_user().map_err(MpnProfileError::from)?;
    let asked = asked.map(str::trim).filter(|asked| !asked.is_empty());
    let found = match asked {
        Some(asked) if !asked.bytes().all(|b| b.is_ascii_digit()) => None,
        Some(asked) => store::mpn_profile(read, me.partner(), asked)?,
        None => store::own_mpn_profile(read, me.partner())?,
    };
    let unknown = || MpnProfileError::from(MpnProfileUnknown(shorten(asked.unwrap_or("of your company"), 40)));
    Ok(found.ok_or_else(unknown)?)
}

/// Whether another company has signed the agreement in force; that it has is the only success.
///
/// # Errors
/// See [`AgreementStatusError`].
pub fn agreement_signed(
    read: &mut Read<'_>,
    me: &Scope,
    question: &AgreementQuestion,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<(), AgreementStatusError> {
    let refused = match question {
        AgreementQuestion::Mpn(mpn_id) => {
            let found = store::standing_by_mpn(read, me.partner(), mpn_id, now)?;
            let mpn_id = shorten(mpn_id, 40);
            match found {
                None => AgreementStatusError::MpnIdUnknown(mpn_id),
                Some(found) if !found.enrolled => AgreementStatusError::NoReseller(mpn_id),
                Some(found) => {
                    let own = found.own_country.unwrap_or_default();
                    if regions.of(&found.country) != regions.of(&own) {
                        AgreementStatusError::RegionDiffers { mpn_id, country: found.country, own }
                    } else if found.signed {
                        return Ok(());
                    } else {
                        AgreementStatusError::NotSigned(mpn_id)
                    }
                }
            }
        }
        AgreementQuestion::Tenant(tenant) => match store::standing_of(read, me.partner(), *tenant, now)? {
            None => AgreementStatusError::TenantUnknown(*tenant),
            Some(found) if found.signed => return Ok(()),
            Some(_) => AgreementStatusError::TenantNotSigned(*tenant),
        },
    };
    Err(refused.into())
}

/// What stands between a company and a partnership with `provider`, or between it and doing business in one.
///
/// # Errors
/// Only the database's.
pub fn lacking(
    read: &mut Read<'_>,
    provider: PartnerId,
    candidate: Candidate<'_>,
    regions: &Regions,
    now: Timestamp,
) -> QueryResult<Vec<Shortcoming>> {
    let mut lacking = Vec::new();
    let company = match candidate {
        Candidate::Company(company) => company,
        Candidate::MpnId(mpn_id) => {
            let Some(account) = store::verified_mpn_account(read, mpn_id.as_str())? else {
                return Ok(vec![Shortcoming::MpnIdUnknown]);
            };
            match account.kind {
                MpnKind::Global => lacking.push(Shortcoming::MpnIdGlobal),
                MpnKind::Location if !account.onboarded => lacking.push(Shortcoming::MpnIdNeverOnboarded),
                MpnKind::Location => {}
            }
            account.company
        }
    };
    let Some(found) = store::standing_of(read, provider, company, now)? else {
        lacking.push(Shortcoming::NotEnrolled);
        return Ok(lacking);
    };
    if !found.enrolled {
        lacking.push(Shortcoming::NotEnrolled);
    }
    if regions.of(&found.country) != regions.of(&found.own_country.unwrap_or_default()) {
        lacking.push(Shortcoming::RegionDiffers);
    }
    if !found.signed {
        lacking.push(Shortcoming::AgreementMissing);
    }
    Ok(lacking)
}

/// How far each of `companies` is as a reseller, in three queries however many they are.
///
/// # Errors
/// Only the database's.
pub fn reseller_standings(
    read: &mut Read<'_>,
    companies: &[PartnerId],
    now: Timestamp,
) -> QueryResult<HashMap<PartnerId, ResellerStanding>> {
    let in_force = store::agreements::current_version(read, now)?.map(|version| version.version);
    let mut standings: HashMap<PartnerId, ResellerStanding> =
        companies.iter().map(|company| (*company, ResellerStanding::default())).collect();
    for (company, state) in store::enrollments::states_of(read, companies)? {
        if let Some(standing) = standings.get_mut(&company) {
            standing.enrollment = Some(state.to_string());
        }
    }
    // Oldest first, so that the newest signature stays.
    for (company, version, signed_at) in store::agreements::signatures_of(read, companies)? {
        if let Some(standing) = standings.get_mut(&company) {
            standing.agreement_in_force |= in_force.as_ref() == Some(&version);
            standing.agreement = Some((version, signed_at));
        }
    }
    Ok(standings)
}

/// The companies among `tenants` whose MPN ID is verified.
///
/// # Errors
/// Only the database's.
pub fn verified_profiles(
    read: &mut Read<'_>,
    tenants: &[PartnerId],
) -> QueryResult<HashMap<PartnerId, CompanyProfile>> {
    let mut found = super::profiles(read, tenants)?;
    found.retain(|_, profile| profile.mpn_id.is_some());
    Ok(found)
}

/// Why no profile is shown.
#[derive(Debug, thiserror::Error)]
pub enum MpnProfileError {
    /// Nobody's.
    #[error(transparent)]
    Unknown(#[from] MpnProfileUnknown),
    /// The caller's part.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Refusal for MpnProfileError {
    fn code(&self) -> Code {
        match self {
            MpnProfileError::Unknown(error) => error.code(),
            MpnProfileError::Access(error) => error.code(),
        }
    }
}
