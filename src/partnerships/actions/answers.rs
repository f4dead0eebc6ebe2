//! Use cases of the reseller who holds a link: look, accept, decline.

use diesel::QueryResult;

use super::standing_link::standing_link_of;
use crate::access::{self, News, PartnerId, Scope, Topic};
use crate::audit::{self, Event};
use crate::companies::{self, Candidate, CompanyProfile, MpnKind, Regions, Shortcoming};
use crate::partnerships::mail;
use crate::partnerships::model::{
    AnswerError, AnswerSheet, AnswerStanding, Asked, AskingLink, Invitation, InvitationId, InvitationState, Origin,
    Partnership, PartnershipId, StandingDecline, StandingDeclineId,
};
use crate::partnerships::store::{self, invitations, standing_links};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::keys::Keys;

/// What the link asks, whatever has become of it since.
fn proved(read: &mut Read<'_>, keys: &Keys, link: &AskingLink) -> QueryResult<Option<Asked>> {
    match link {
        AskingLink::Invitation(token) => {
            let found = invitations::by_id(read, InvitationId::from_uuid(token.id()))?;
            let proved = found.filter(|invitation| keys.proves(token, invitation.link_version));
            Ok(proved.map(|invitation| Asked::Invitation(Box::new(invitation))))
        }
        AskingLink::Standing(token) => {
            let provider = PartnerId::from_uuid(token.id());
            let state = standing_link_of(read, provider)?;
            let good = keys.proves(token, state.version) && !state.revoked;
            Ok(good.then_some(Asked::Standing(provider, state.version)))
        }
    }
}

fn is_open(asked: &Asked, now: Timestamp) -> bool {
    asked.invitation().is_none_or(|invitation| invitation.is_open(now))
}

/// What a link asks and who, for whoever opens it.
///
/// # Errors
/// [`AnswerError::UnknownLink`].
pub fn asked(
    read: &mut Read<'_>,
    keys: &Keys,
    link: &AskingLink,
    now: Timestamp,
) -> Outcome<(Asked, CompanyProfile), AnswerError> {
    let asked = proved(read, keys, link)?.filter(|asked| is_open(asked, now)).ok_or(AnswerError::UnknownLink)?;
    let provider = profile(read, asked.provider())?;
    Ok((asked, provider))
}

fn profile(read: &mut Read<'_>, provider: PartnerId) -> Outcome<CompanyProfile, AnswerError> {
    Ok(companies::profiles(read, &[provider])?.remove(&provider).ok_or(AnswerError::UnknownLink)?)
}

/// Why `reseller` cannot accept an invitation for what it names; `None` if it can. One that names an MPN ID is for the
/// company that has it alone.
fn misaddressed(read: &mut Read<'_>, reseller: PartnerId, invitation: &Invitation) -> QueryResult<Option<AnswerError>> {
    let Some(asked) = invitation.mpn_id.clone() else { return Ok(None) };
    let account = match companies::mpn_account(read, &asked)? {
        Some(account) if account.company == reseller => account,
        // Its own claim, not verified yet: what is missing is the approval.
        None if companies::claims(read, reseller, &asked)? => return Ok(Some(AnswerError::NotEnrolled)),
        _ => return Ok(Some(AnswerError::UnknownLink)),
    };
    if account.kind == MpnKind::Location && account.onboarded {
        return Ok(None);
    }
    let used = companies::profiles(read, &[reseller])?.remove(&reseller).and_then(|profile| profile.mpn_id);
    Ok(Some(match account.kind {
        MpnKind::Global => AnswerError::MpnIdGlobal { asked, used },
        MpnKind::Location => AnswerError::MpnIdNeverOnboarded { asked, used },
    }))
}

/// What the caller's company sees behind a link: who asks, what it still lacks, and where its answer stands.
///
/// # Errors
/// [`AnswerError::UnknownLink`].
pub fn sheet(
    read: &mut Read<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<AnswerSheet, AnswerError> {
    let reseller = me.partner();
    let asked = proved(read, keys, link)?.ok_or(AnswerError::UnknownLink)?;
    let mut lacking = companies::lacking(read, asked.provider(), Candidate::Company(reseller), regions, now)?;
    if let Some(invitation) = asked.invitation() {
        match misaddressed(read, reseller, invitation)? {
            Some(AnswerError::UnknownLink) => return Err(AnswerError::UnknownLink.into()),
            Some(AnswerError::MpnIdGlobal { .. }) => lacking.insert(0, Shortcoming::MpnIdGlobal),
            Some(AnswerError::MpnIdNeverOnboarded { .. }) => lacking.insert(0, Shortcoming::MpnIdNeverOnboarded),
            _ => {}
        }
    }
    let partners = store::active_between(read, asked.provider(), reseller)?;
    let own = asked.invitation().filter(|invitation| invitation.answered_by == Some(reseller));
    let declined = match &asked {
        Asked::Invitation(_) => own.is_some_and(|invitation| invitation.state == InvitationState::Declined),
        Asked::Standing(provider, version) => standing_links::has_declined(read, *provider, reseller, *version)?,
    };
    let standing = match (partners, declined) {
        (Some(partnership), _) => AnswerStanding::Partners(partnership.started_at),
        (None, true) => AnswerStanding::Declined,
        (None, _) if is_open(&asked, now) => AnswerStanding::Open,
        (None, _) => return Err(AnswerError::UnknownLink.into()),
    };
    let mut profiles = companies::profiles(read, &[asked.provider(), reseller])?;
    let provider = profiles.remove(&asked.provider()).ok_or(AnswerError::UnknownLink)?;
    let company = profiles.remove(&reseller).map(|profile| profile.name).unwrap_or_default();
    Ok(AnswerSheet { version: asked.version(&provider), provider, company, asked, standing, lacking })
}

/// The same, and keeps that somebody signed in has opened the invitation. Opening again changes nothing.
///
/// # Errors
/// [`AnswerError::UnknownLink`].
pub fn open(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<AnswerSheet, AnswerError> {
    let sheet = sheet(tx, me, keys, link, regions, now)?;
    if let Some(invitation) = sheet.asked.invitation().filter(|_| sheet.standing == AnswerStanding::Open)
        && invitations::mark_opened(tx, invitation, me.partner(), now)?
    {
        let event = Event::InvitationOpened { invitation: invitation.id.uuid(), provider: invitation.provider.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    Ok(sheet)
}

/// How an acceptance ended.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// The two are partners now.
    New(Partnership),
    /// They were already.
    Already(Partnership),
}

/// Makes the caller's company a reseller of the provider who sent the link. `shown` names what its people looked at.
///
/// # Errors
/// See [`AnswerError`].
pub fn accept(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    shown: Option<&str>,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<Accepted, AnswerError> {
    let reseller = me.partner();
    let asked = proved(tx, keys, link)?.ok_or(AnswerError::UnknownLink)?;
    let misaddressed = match asked.invitation() {
        Some(invitation) => misaddressed(tx, reseller, invitation)?,
        None => None,
    };
    if let Some(AnswerError::UnknownLink) = misaddressed {
        return Err(AnswerError::UnknownLink.into());
    }
    if let Some(existing) = store::active_between(tx, asked.provider(), reseller)? {
        return Ok(Accepted::Already(existing));
    }
    if !is_open(&asked, now) {
        return Err(AnswerError::UnknownLink.into());
    }
    if let Some(refusal) = misaddressed {
        return Err(refusal.into());
    }
    if !is_still(tx, &asked, shown)? {
        return Err(AnswerError::Changed.into());
    }
    if !companies::enrolment_approved(tx, reseller)? {
        return Err(AnswerError::NotEnrolled.into());
    }
    companies::same_region(tx, regions, asked.provider(), reseller)
        .map_err(|failure| failure.widen::<AnswerError>())?;
    let partnership = Partnership {
        id: PartnershipId::fresh(),
        provider: asked.provider(),
        reseller,
        started_at: now,
        ended_at: None,
    };
    let origin = match &asked {
        Asked::Invitation(invitation) => {
            if !invitations::close(tx, invitation, InvitationState::Accepted, reseller, None, now)? {
                return Err(AnswerError::UnknownLink.into());
            }
            Origin::Invitation(invitation.id)
        }
        Asked::Standing(_, version) => Origin::StandingLink(*version),
    };
    store::insert_partnership(tx, &partnership, origin)?;
    let event = Event::PartnershipAccepted {
        partnership: partnership.id.uuid(),
        provider: partnership.provider.uuid(),
        reseller: reseller.uuid(),
        invitation: asked.invitation().map(|invitation| invitation.id.uuid()),
    };
    audit::record(tx, me, &event, now)?;
    tell_both(tx, me, &asked, Topic::InvitationAccepted, partnership.id.uuid(), now)?;
    Ok(Accepted::New(partnership))
}

/// Whether the company that an invitation is for, as far as it is known, is a partner already: then nobody waits for its
/// answer.
///
/// # Errors
/// Only the database's.
pub fn is_pointless(read: &mut Read<'_>, invitation: &Invitation) -> QueryResult<bool> {
    let named = match &invitation.mpn_id {
        Some(mpn_id) => companies::mpn_account(read, mpn_id)?.map(|account| account.company),
        None => None,
    };
    for company in [named, invitation.opened_by].into_iter().flatten() {
        if store::active_between(read, invitation.provider, company)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_still(read: &mut Read<'_>, asked: &Asked, shown: Option<&str>) -> Outcome<bool, AnswerError> {
    let Some(shown) = shown else { return Ok(true) };
    let provider = profile(read, asked.provider())?;
    Ok(asked.version(&provider) == shown)
}

/// People of both sides who want to be told; whoever did it knows.
fn tell_both(
    tx: &mut Tx<'_>,
    me: &Scope,
    asked: &Asked,
    topic: Topic,
    subject: uuid::Uuid,
    now: Timestamp,
) -> QueryResult<()> {
    let maker = asked.invitation().and_then(|invitation| invitation.created_by);
    let news = News { topic, subject, mail: mail::NEWS };
    access::notify(tx, asked.provider().into(), &news, maker, None, now)?;
    access::notify(tx, me.organisation(), &news, None, me.user_id(), now)
}

/// Declines an invitation. Twice changes nothing.
///
/// # Errors
/// See [`AnswerError`].
pub fn decline(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    reason: Option<&str>,
    shown: Option<&str>,
    now: Timestamp,
) -> Outcome<(), AnswerError> {
    let reseller = me.partner();
    let asked = proved(tx, keys, link)?.ok_or(AnswerError::UnknownLink)?;
    let Asked::Invitation(invitation) = &asked else {
        return decline_standing(tx, me, &asked, reason, shown, now);
    };
    // Whatever else it lacks, a company can say no to what is meant for it.
    if let Some(AnswerError::UnknownLink) = misaddressed(tx, reseller, invitation)? {
        return Err(AnswerError::UnknownLink.into());
    }
    if invitation.state == InvitationState::Declined && invitation.answered_by == Some(reseller) {
        return Ok(());
    }
    if !invitation.is_open(now) {
        return Err(AnswerError::UnknownLink.into());
    }
    if !is_still(tx, &asked, shown)? {
        return Err(AnswerError::Changed.into());
    }
    if !invitations::close(tx, invitation, InvitationState::Declined, reseller, reason, now)? {
        return Err(AnswerError::UnknownLink.into());
    }
    let event = Event::InvitationDeclined {
        invitation: invitation.id.uuid(),
        provider: invitation.provider.uuid(),
        reason: reason.map(str::to_owned),
    };
    audit::record(tx, me, &event, now)?;
    Ok(tell_both(tx, me, &asked, Topic::InvitationDeclined, invitation.id.uuid(), now)?)
}

/// A standing link goes on asking others: that one company said no is kept once for each version of the link.
fn decline_standing(
    tx: &mut Tx<'_>,
    me: &Scope,
    asked: &Asked,
    reason: Option<&str>,
    shown: Option<&str>,
    now: Timestamp,
) -> Outcome<(), AnswerError> {
    let (provider, reseller) = (asked.provider(), me.partner());
    let Asked::Standing(_, version) = asked else { return Err(AnswerError::UnknownLink.into()) };
    let partners = store::active_between(tx, provider, reseller)?.is_some();
    if partners || standing_links::has_declined(tx, provider, reseller, *version)? {
        return Ok(());
    }
    if !is_still(tx, asked, shown)? {
        return Err(AnswerError::Changed.into());
    }
    let declined =
        StandingDecline { id: StandingDeclineId::fresh(), provider, reseller, reason: reason.map(str::to_owned) };
    standing_links::insert_standing_decline(tx, &declined, *version, now)?;
    let event = Event::StandingLinkDeclined {
        provider: provider.uuid(),
        reseller: reseller.uuid(),
        reason: declined.reason.clone(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(tell_both(tx, me, asked, Topic::InvitationDeclined, declined.id.uuid(), now)?)
}
