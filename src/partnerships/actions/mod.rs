//! Use cases of partnerships: the lists, what other features ask, the removal; those of invitations in files of their own.

mod answers;
mod invitations;
mod standing_link;
mod stories;

use std::collections::HashMap;

use diesel::QueryResult;

use super::model::{
    NoPartnership, Partnership, PartnershipId, PartnershipSettings, PastPartnership, ReminderError, RemoveError,
};
use super::store::{self, End};
use crate::access::{self, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile, ResellerStanding, Search};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::portal::Language;

pub use answers::*;
pub use invitations::*;
pub use standing_link::*;
pub use stories::*;

/// The active partnerships of the caller's company, each with the profile of the other side; only those whose other side
/// `search` finds.
///
/// # Errors
/// Only the database's.
pub fn partnerships(
    read: &mut Read<'_>,
    me: &Scope,
    search: Option<&Search>,
    after: Option<PartnershipId>,
    limit: i64,
) -> QueryResult<Vec<(Partnership, Option<CompanyProfile>)>> {
    let own = me.partner();
    let rows = match search {
        None => store::active_of(read, own, me.kind(), after, Some(limit))?,
        Some(search) => {
            let all = store::active_of(read, own, me.kind(), after, None)?;
            let others: Vec<PartnerId> = all.iter().map(|row| row.other_side(own)).collect();
            let found = companies::named(read, &others, search)?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            all.into_iter().filter(|row| found.contains(&row.other_side(own))).take(limit).collect()
        }
    };
    let others: Vec<PartnerId> = rows.iter().map(|row| row.other_side(own)).collect();
    let mut profiles = companies::profiles(read, &others)?;
    Ok(rows.into_iter().map(|row| (row.clone(), profiles.remove(&row.other_side(own)))).collect())
}

/// A partner as the other side's list shows it.
#[derive(Clone, Debug)]
pub struct ListedPartner {
    /// The partnership.
    pub partnership: Partnership,
    /// The other side.
    pub profile: Option<CompanyProfile>,
    /// How far it is with enrolment and agreement.
    pub standing: Option<ResellerStanding>,
}

/// The same list, with how far each partner is with enrolment and agreement.
///
/// # Errors
/// Only the database's.
pub fn partners(
    read: &mut Read<'_>,
    me: &Scope,
    search: Option<&Search>,
    after: Option<PartnershipId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<ListedPartner>> {
    let rows = partnerships(read, me, search, after, limit)?;
    let others: Vec<PartnerId> = rows.iter().map(|(row, _)| row.other_side(me.partner())).collect();
    let mut standings = companies::reseller_standings(read, &others, now)?;
    let listed = |(partnership, profile): (Partnership, Option<CompanyProfile>)| ListedPartner {
        standing: standings.remove(&partnership.other_side(me.partner())),
        partnership,
        profile,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// A reseller that has yet to sign the agreement, and who would remind it.
#[derive(Clone, Debug)]
pub struct UnsignedPartner {
    /// The caller's own company.
    pub own: CompanyProfile,
    /// The reseller.
    pub reseller: CompanyProfile,
    /// The caller's language.
    pub language: Language,
}

/// The partner `other`, to be reminded of the agreement.
///
/// # Errors
/// See [`ReminderError`].
pub fn unsigned_partner(
    read: &mut Read<'_>,
    me: &Scope,
    other: PartnerId,
    now: Timestamp,
) -> Outcome<UnsignedPartner, ReminderError> {
    let missing = || ReminderError::Missing(NoPartnership(other));
    active_between(read, me.partner(), other)?.ok_or_else(missing)?;
    let mut profiles = companies::profiles(read, &[me.partner(), other])?;
    let reseller = profiles.remove(&other).ok_or_else(missing)?;
    let own = profiles.remove(&me.partner()).ok_or_else(missing)?;
    if companies::mpa_active(read, other, now)? {
        return Err(ReminderError::AlreadySigned(reseller.name).into());
    }
    Ok(UnsignedPartner { own, reseller, language: access::own_language(read, me)? })
}

/// The partnerships there were and are with `other`, oldest first.
///
/// # Errors
/// [`NoPartnership`], if there never was one.
pub fn history(
    read: &mut Read<'_>,
    me: &Scope,
    other: PartnerId,
    after: Option<PartnershipId>,
    limit: i64,
) -> Outcome<Vec<PastPartnership>, NoPartnership> {
    let mut found = store::history_of(read, me.partner(), other, after, limit)?;
    if found.is_empty() && after.is_none() {
        return Err(NoPartnership(other).into());
    }
    // What one side wrote when it left is that side's matter.
    for past in found.iter_mut().filter(|past| past.ended_by != Some(me.partner())) {
        past.end_reason = None;
        past.attestation_version = None;
    }
    Ok(found)
}

/// The newest partnership with `other`, ended or not: who of the two is the provider, and who the reseller.
///
/// # Errors
/// [`NoPartnership`], if there never was one.
pub fn newest_with(
    read: &mut Read<'_>,
    me: &Scope,
    other: PartnerId,
) -> Outcome<(PartnerId, PartnerId), NoPartnership> {
    let found = store::newest_of(read, me.partner(), other)?.ok_or(NoPartnership(other))?;
    Ok((found.provider, found.reseller))
}

/// By what two that are partners no more could become so again, without a new request.
#[derive(Clone, Copy, Debug)]
pub struct WaysBack {
    /// Open invitations that name an MPN ID of the reseller, or that it has opened.
    pub open_invitations: i64,
    /// Whether the provider's standing link is active.
    pub standing_link: bool,
}

/// By what the two could become partners again.
///
/// # Errors
/// Only the database's.
pub fn ways_back(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<WaysBack> {
    let mpn_ids = companies::mpn_ids(read, reseller)?;
    Ok(WaysBack {
        open_invitations: store::invitations::count_open_to(read, provider, reseller, &mpn_ids, now)?,
        standing_link: !standing_link::standing_link_of(read, provider)?.revoked,
    })
}

/// Forgets mails that no limit counts any more.
///
/// # Errors
/// Only the database's.
pub fn forget_counted(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    store::invitations::forget_counted(tx, now)
}

/// The active partnership of the two, if there is one.
///
/// # Errors
/// Only the database's.
pub fn active_between(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
) -> QueryResult<Option<PartnershipId>> {
    Ok(store::active_between(read, provider, reseller)?.map(|partnership| partnership.id))
}

/// Those of `resellers` that are active resellers of `provider`, in one query.
///
/// # Errors
/// Only the database's.
pub fn active_among(read: &mut Read<'_>, provider: PartnerId, resellers: &[PartnerId]) -> QueryResult<Vec<PartnerId>> {
    store::active_among(read, provider, resellers)
}

/// The right to name a reseller in something new, for the rest of this transaction.
#[derive(Debug)]
pub struct Association {
    reseller: PartnerId,
}

impl Association {
    /// The reseller.
    pub fn reseller(&self) -> PartnerId {
        self.reseller
    }
}

/// Lets the provider `me` name `reseller` in something new. A removal at the same moment comes wholly before or after.
///
/// # Errors
/// [`NoPartnership`].
pub fn associate(
    tx: &mut Tx<'_>,
    me: &Scope,
    reseller: PartnerId,
    now: Timestamp,
) -> Outcome<Association, NoPartnership> {
    associate_with(tx, me.partner(), reseller, now)
}

/// The same where a customer decides: `provider` and `reseller` are named together.
///
/// # Errors
/// [`NoPartnership`].
pub fn associate_with(
    tx: &mut Tx<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> Outcome<Association, NoPartnership> {
    if !store::touch_active(tx, provider, reseller, now)? {
        return Err(NoPartnership(reseller).into());
    }
    Ok(Association { reseller })
}

/// A removed partnership.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The partnership.
    pub partnership: PartnershipId,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Ends the partnership with `other`, from either side. Customers, grants and associations stay as they are, and nobody
/// is told. Twice changes nothing.
///
/// # Errors
/// See [`RemoveError`].
pub fn remove(
    tx: &mut Tx<'_>,
    me: &Scope,
    other: PartnerId,
    attested: Attestation,
    reason: Option<&str>,
    settings: &PartnershipSettings,
    now: Timestamp,
) -> Outcome<Removed, RemoveError> {
    let found = store::newest_of(tx, me.partner(), other)?.ok_or(RemoveError::Missing(NoPartnership(other)))?;
    if let Some(ended_at) = found.ended_at {
        return Ok(Removed { partnership: found.id, ended_at });
    }
    if attested == Attestation::Withheld {
        return Err(RemoveError::AttestationMissing(settings.removal_attestation.clone()).into());
    }
    let ended_at = store::end_time(tx, found.id, now)?;
    let end = End {
        at: ended_at,
        by: me.partner(),
        reason,
        attestation: &settings.removal_attestation,
        attestation_version: &settings.removal_attestation_version,
    };
    if store::end(tx, found.id, &end)? {
        let event = Event::PartnershipRemoved {
            partnership: found.id.uuid(),
            provider: found.provider.uuid(),
            reseller: found.reseller.uuid(),
            attestation_version: settings.removal_attestation_version.clone(),
        };
        audit::record(tx, me, &event, now)?;
    }
    Ok(Removed { partnership: found.id, ended_at })
}

/// Whether whoever removes a partnership attests what the operator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// Yes.
    Given,
    /// Not yet.
    Withheld,
}

/// When which two were partners: for the invariants.
pub struct Periods(HashMap<(PartnerId, PartnerId), Vec<Period>>);

/// From when, until when if it has ended.
type Period = (Timestamp, Option<Timestamp>);

impl Periods {
    /// All of them, in one query.
    ///
    /// # Errors
    /// Only the database's.
    pub fn load(read: &mut Read<'_>) -> QueryResult<Self> {
        let mut periods: HashMap<_, Vec<_>> = HashMap::new();
        for partnership in store::all(read)? {
            let pair = (partnership.provider, partnership.reseller);
            periods.entry(pair).or_default().push((partnership.started_at, partnership.ended_at));
        }
        Ok(Self(periods))
    }

    /// Whether the two were partners at `at`.
    pub fn include(&self, provider: PartnerId, reseller: PartnerId, at: Timestamp) -> bool {
        let periods = self.0.get(&(provider, reseller)).map(Vec::as_slice).unwrap_or_default();
        periods.iter().any(|(start, end)| *start <= at && end.is_none_or(|end| at <= end))
    }
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let mut broken = Vec::new();
    for (provider, reseller) in store::doubled_pairs(read)? {
        broken.push(format!("I1: provider {provider} and reseller {reseller} have two active partnerships"));
    }
    for id in store::accepted_without_partnership(read)? {
        broken.push(format!("I2: invitation {id} was accepted, but no partnership names it"));
    }
    for id in store::partnerships_without_acceptance(read)? {
        broken.push(format!("I2: partnership {id} names an invitation that was not accepted"));
    }
    Ok(broken)
}
