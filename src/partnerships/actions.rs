//! Use cases of partnerships.

use std::collections::HashMap;

use diesel::QueryResult;
use secrecy::SecretString;

use super::mail;
use super::model::{
    AnswerError, Invitation, InvitationId, InvitationLink, InvitationState, InvitationToken, InviteError, LINK_VERSION,
    NoInvitation, NoPartnership, Partnership, PartnershipId, PartnershipSettings, RemoveError, RevokeError,
    check_message,
};
use super::store::{self, End};
use crate::access::{PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile, MpnId, Regions};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;
use crate::platform::keys::Keys;
use crate::platform::text::EmailAddress;

/// What a provider writes into an invitation.
#[derive(Clone, Debug)]
pub struct InvitationDraft {
    /// The one recipient.
    pub email: EmailAddress,
    /// The only company that may accept, if one is named.
    pub mpn_id: Option<MpnId>,
    /// The mail's subject; the default one if absent.
    pub subject: Option<String>,
    /// The mail's text; the default one if absent.
    pub message: Option<String>,
    /// Who delivers it.
    pub delivery: Delivery,
}

/// Who delivers an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// We do, by mail.
    SendFromHere,
    /// The provider does, with its own mail program.
    Outside,
}

/// Invites a reseller. A second invitation to the same mailbox is answered with the open first one.
///
/// # Errors
/// See [`InviteError`].
pub fn invite(
    tx: &mut Tx<'_>,
    me: &Scope,
    draft: &InvitationDraft,
    settings: &PartnershipSettings,
    now: Timestamp,
) -> Outcome<Invitation, InviteError> {
    let provider = me.partner();
    if let Some(message) = &draft.message {
        check_message(message)?;
    }
    if let Some(open) = store::open_invitation_to(tx, provider, &draft.email, draft.mpn_id.as_ref(), now)? {
        if draft.delivery == Delivery::SendFromHere {
            jobs::want(tx, mail::INVITATION, open.id.uuid(), LINK_VERSION, now)?;
        }
        return Ok(open);
    }
    let profiles = companies::profiles(tx, &[provider])?;
    let name = profiles.get(&provider).map(|profile| profile.name.clone()).unwrap_or_default();
    let invitation = Invitation {
        id: InvitationId::fresh(),
        provider,
        created_by: me.user_id(),
        email: draft.email.clone(),
        mpn_id: draft.mpn_id.clone(),
        subject: draft.subject.clone().unwrap_or_else(|| mail::default_subject(&name)),
        message: draft.message.clone().unwrap_or_else(|| mail::default_message(&name)),
        state: InvitationState::Open,
        created_at: now,
        expires_at: now.after(days(settings.invitation_days)),
        answered_at: None,
        decline_reason: None,
    };
    store::insert_invitation(tx, &invitation)?;
    audit::record(tx, me, &Event::InvitationCreated { invitation: invitation.id.uuid() }, now)?;
    if draft.delivery == Delivery::SendFromHere {
        jobs::want(tx, mail::INVITATION, invitation.id.uuid(), LINK_VERSION, now)?;
    }
    Ok(invitation)
}

/// The token of an invitation's personal link.
pub fn link(keys: &Keys, invitation: InvitationId) -> SecretString {
    keys.link::<InvitationLink>(invitation.uuid(), LINK_VERSION)
}

/// The invitations that the caller's company sent.
///
/// # Errors
/// Only the database's.
pub fn invitations(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<InvitationId>,
    limit: i64,
) -> QueryResult<Vec<Invitation>> {
    store::invitations_of(read, me.partner(), after, limit)
}

/// One line of an invitation's time line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub what: String,
    /// When, if it has.
    pub at: Option<Timestamp>,
    /// What went wrong, if anything did.
    pub detail: Option<String>,
}

/// An invitation that the caller's company sent, and what has happened to it.
///
/// # Errors
/// [`NoInvitation`].
pub fn invitation(read: &mut Read<'_>, me: &Scope, id: InvitationId) -> Outcome<(Invitation, Vec<Step>), NoInvitation> {
    let invitation = store::invitation_of(read, me.partner(), id)?.ok_or(NoInvitation(id))?;
    let step = |what: &str, at, detail| Step { what: what.to_owned(), at, detail };
    let mut steps = vec![step("created", Some(invitation.created_at), None)];
    for jobs::Standing { state, finished_at: at, last_error: error, .. } in
        jobs::of_subject(read, mail::INVITATION, id.uuid())?
    {
        steps.push(match state.as_str() {
            "done" => step("mailed", at, None),
            "dead" => step("failed", at, error),
            "dropped" => step("not mailed", at, Some("it was no longer open".to_owned())),
            _ => step("waiting to be mailed", None, error),
        });
    }
    if let Some(at) = invitation.answered_at {
        steps.push(step(invitation.state.as_str(), Some(at), invitation.decline_reason.clone()));
    }
    Ok((invitation, steps))
}

/// Takes an invitation back: its link is dead, its mail, if still waiting, is dropped. Twice changes nothing.
///
/// # Errors
/// See [`RevokeError`].
pub fn revoke(tx: &mut Tx<'_>, me: &Scope, id: InvitationId, now: Timestamp) -> Outcome<(), RevokeError> {
    let invitation = store::invitation_of(tx, me.partner(), id)?.ok_or(RevokeError::Unknown(NoInvitation(id)))?;
    if invitation.state == InvitationState::Revoked {
        return Ok(());
    }
    if !store::close_invitation(tx, id, InvitationState::Revoked, me.partner(), None, now)? {
        return Err(RevokeError::Answered(invitation.state).into());
    }
    Ok(audit::record(tx, me, &Event::InvitationRevoked { invitation: id.uuid() }, now)?)
}

/// The invitation behind a link, and who asks, for whoever opens it.
///
/// # Errors
/// [`AnswerError::UnknownLink`].
pub fn opened(
    read: &mut Read<'_>,
    keys: &Keys,
    token: &InvitationToken,
    now: Timestamp,
) -> Outcome<(Invitation, CompanyProfile), AnswerError> {
    let invitation = proved(read, keys, token)?.filter(|i| i.is_open(now)).ok_or(AnswerError::UnknownLink)?;
    let mut profiles = companies::profiles(read, &[invitation.provider])?;
    let provider = profiles.remove(&invitation.provider).ok_or(AnswerError::UnknownLink)?;
    Ok((invitation, provider))
}

fn proved(read: &mut Read<'_>, keys: &Keys, token: &InvitationToken) -> QueryResult<Option<Invitation>> {
    let invitation = store::invitation_behind_link(read, InvitationId::from_uuid(token.id()))?;
    Ok(invitation.filter(|_| keys.proves(token, LINK_VERSION)))
}

/// How an acceptance ended.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// The two are partners now.
    New(Partnership),
    /// They were already.
    Already(Partnership),
}

/// Makes the caller's company a reseller of the provider who sent the link.
///
/// # Errors
/// See [`AnswerError`].
pub fn accept(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    token: &InvitationToken,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<Accepted, AnswerError> {
    let reseller = me.partner();
    let invitation = answerable(tx, reseller, keys, token)?;
    if let Some(existing) = store::active_between(tx, invitation.provider, reseller)? {
        return Ok(Accepted::Already(existing));
    }
    if !invitation.is_open(now) {
        return Err(AnswerError::UnknownLink.into());
    }
    if !companies::enrolment_approved(tx, reseller)? {
        return Err(AnswerError::NotEnrolled.into());
    }
    companies::same_region(tx, regions, invitation.provider, reseller)
        .map_err(|failure| failure.widen::<AnswerError>())?;
    let partnership = Partnership {
        id: PartnershipId::fresh(),
        provider: invitation.provider,
        reseller,
        started_at: now,
        ended_at: None,
    };
    if !store::close_invitation(tx, invitation.id, InvitationState::Accepted, reseller, None, now)? {
        return Err(AnswerError::UnknownLink.into());
    }
    store::insert_partnership(tx, &partnership, invitation.id)?;
    let event = Event::PartnershipAccepted {
        partnership: partnership.id.uuid(),
        provider: partnership.provider.uuid(),
        reseller: reseller.uuid(),
        invitation: invitation.id.uuid(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(Accepted::New(partnership))
}

/// The invitation behind `token`, if it is not meant for another company.
fn answerable(
    read: &mut Read<'_>,
    reseller: PartnerId,
    keys: &Keys,
    token: &InvitationToken,
) -> Outcome<Invitation, AnswerError> {
    let invitation = proved(read, keys, token)?.ok_or(AnswerError::UnknownLink)?;
    if let Some(mpn_id) = &invitation.mpn_id {
        match companies::mpn_account(read, mpn_id)? {
            Some(account) if account.company == reseller => {}
            // Its own claim, not verified yet: what is missing is the approval.
            None if companies::claims(read, reseller, mpn_id)? => return Err(AnswerError::NotEnrolled.into()),
            _ => return Err(AnswerError::UnknownLink.into()),
        }
    }
    Ok(invitation)
}

/// Declines an invitation. Twice changes nothing.
///
/// # Errors
/// See [`AnswerError`].
pub fn decline(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    token: &InvitationToken,
    reason: Option<&str>,
    now: Timestamp,
) -> Outcome<(), AnswerError> {
    let invitation = answerable(tx, me.partner(), keys, token)?;
    if invitation.state == InvitationState::Declined {
        return Ok(());
    }
    if !invitation.is_open(now)
        || !store::close_invitation(tx, invitation.id, InvitationState::Declined, me.partner(), reason, now)?
    {
        return Err(AnswerError::UnknownLink.into());
    }
    let event = Event::InvitationDeclined {
        invitation: invitation.id.uuid(),
        provider: invitation.provider.uuid(),
        reason: reason.map(str::to_owned),
    };
    Ok(audit::record(tx, me, &event, now)?)
}

/// The active partnerships of the caller's company, each with the profile of the other side.
///
/// # Errors
/// Only the database's.
pub fn partnerships(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<PartnershipId>,
    limit: i64,
) -> QueryResult<Vec<(Partnership, Option<CompanyProfile>)>> {
    let own = me.partner();
    let rows = store::active_of(read, own, me.kind(), after, limit)?;
    let others: Vec<PartnerId> = rows.iter().map(|row| row.other_side(own)).collect();
    let mut profiles = companies::profiles(read, &others)?;
    Ok(rows.into_iter().map(|row| (row.clone(), profiles.remove(&row.other_side(own)))).collect())
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
    if !store::touch_active(tx, me.partner(), reseller, now)? {
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
