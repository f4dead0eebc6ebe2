//! Use cases of the provider who invites: drafts, sending, the standing link.

use diesel::QueryResult;
use secrecy::SecretString;

use crate::access::{self, PartnerId, Scope, UserId};
use crate::audit::{self, Event};
use crate::companies::{self, MpnId};
use crate::partnerships::jobs::{EXPIRING, reminder_version};
use crate::partnerships::mail;
use crate::partnerships::model::{
    DraftError, Invitation, InvitationId, InvitationLink, InvitationState, InviteError, MailLimit, MailLimitReached,
    NoInvitation, PartnershipSettings, REMINDERS, keepable_invitation, token_in,
};
use crate::partnerships::store::invitations::{self as store, Counted};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::BaseUrl;
use crate::platform::jobs::{self, JobState, Standing};
use crate::platform::keys::Keys;
use crate::platform::portal::Language;
use crate::platform::text::EmailAddress;

/// What a provider decides about the words of an invitation; what it leaves out is as usual.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    /// The language of the usual words: the caller's own, if absent.
    pub language: Option<Language>,
    /// The mail's subject.
    pub subject: Option<String>,
    /// The mail's text.
    pub message: Option<String>,
}

/// What a provider writes into an invitation.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// The one recipient.
    pub email: EmailAddress,
    /// The only company that may accept, if one is named.
    pub mpn_id: Option<MpnId>,
    /// Its words.
    pub wording: Wording,
    /// Days it can be accepted; the setting's, if absent.
    pub days: Option<u64>,
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

/// What the use cases of invitations need beside the database.
#[derive(Clone, Debug)]
pub struct Office {
    /// `[partnerships]`.
    pub settings: PartnershipSettings,
    /// Where links lead.
    pub base: BaseUrl,
}

/// An invitation that was asked for.
#[derive(Clone, Debug)]
pub enum Invited {
    /// It was made.
    New(Invitation),
    /// There was an open one already.
    Open(Invitation),
}

/// Subject and text of a draft, in a language, with the place of the link marked.
#[derive(Clone, Debug)]
pub struct Words {
    /// The language of what is usual in them.
    pub language: Language,
    /// One line.
    pub subject: String,
    /// The text.
    pub message: String,
}

pub(super) fn words(
    read: &mut Read<'_>,
    me: &Scope,
    wording: &Wording,
    base: &BaseUrl,
    own: Option<InvitationId>,
) -> Outcome<Words, DraftError> {
    let language = match wording.language {
        Some(language) => language,
        None => access::own_language(read, me)?,
    };
    check_subject(wording.subject.as_deref())?;
    let given = wording.message.as_deref().map(|message| keepable_invitation(message, base, own)).transpose()?;
    let profiles = companies::profiles(read, &[me.partner()])?;
    let name = profiles.get(&me.partner()).map(|profile| profile.name.as_str()).unwrap_or_default();
    let (subject, message) = mail::usual_words(language, name, base);
    Ok(Words { language, subject: wording.subject.clone().unwrap_or(subject), message: given.unwrap_or(message) })
}

/// Whether a subject can be a draft's.
///
/// # Errors
/// [`DraftError::LinkInSubject`].
pub fn check_subject(subject: Option<&str>) -> Result<(), DraftError> {
    match subject.and_then(token_in) {
        Some(token) => Err(DraftError::LinkInSubject(token.to_owned())),
        None => Ok(()),
    }
}

/// Invites a reseller. A second invitation to the same MPN ID, or without one to the same mailbox, is answered with the
/// open first one as it is: nothing is sent in the words or to the mailbox of somebody else's draft.
///
/// # Errors
/// See [`InviteError`].
pub fn invite(
    tx: &mut Tx<'_>,
    me: &Scope,
    new: &NewInvitation,
    office: &Office,
    now: Timestamp,
) -> Outcome<Invited, InviteError> {
    let provider = me.partner();
    let words = words(tx, me, &new.wording, &office.base, None).map_err(|failure| failure.widen::<InviteError>())?;
    if let Some(open) = store::open_to(tx, provider, &new.email, new.mpn_id.as_ref(), now)? {
        return Ok(Invited::Open(open));
    }
    let invitation = Invitation {
        id: InvitationId::fresh(),
        provider,
        created_by: me.user_id(),
        email: new.email.clone(),
        mpn_id: new.mpn_id.clone(),
        language: words.language,
        subject: words.subject,
        message: words.message,
        link_version: 1,
        state: InvitationState::Open,
        created_at: now,
        expires_at: now.after(days(new.days.unwrap_or(office.settings.invitation_days))),
        sent_outside_at: None,
        opened_at: None,
        opened_by: None,
        answered_at: None,
        answered_by: None,
        decline_reason: None,
    };
    store::insert(tx, &invitation)?;
    audit::record(tx, me, &Event::InvitationCreated { invitation: invitation.id.uuid() }, now)?;
    if new.delivery == Delivery::SendFromHere {
        mail_it(tx, &invitation, me.user_id(), office, now)?;
    }
    want_reminders(tx, &invitation, now)?;
    Ok(Invited::New(invitation))
}

fn want_reminders(tx: &mut Tx<'_>, invitation: &Invitation, now: Timestamp) -> QueryResult<()> {
    for (number, before) in REMINDERS.into_iter().enumerate() {
        let due = invitation.expires_at.before(before);
        if due > now {
            let version = reminder_version(invitation.link_version, number);
            jobs::want(tx, EXPIRING, invitation.id.uuid(), version, due)?;
        }
    }
    Ok(())
}

/// Where the mail of an invitation's present link stands, if one was wanted.
fn present_mail(read: &mut Read<'_>, invitation: &Invitation) -> QueryResult<Option<Standing>> {
    let mails = jobs::of_subjects(read, mail::INVITATION, &[invitation.id.uuid()])?;
    Ok(mails.into_iter().find(|mail| mail.version == invitation.link_version))
}

/// Has the invitation mailed, within what a day allows.
fn mail_it(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    by: Option<UserId>,
    office: &Office,
    now: Timestamp,
) -> Outcome<(), InviteError> {
    claim_mail(tx, &invitation.email, invitation.provider, by, &office.settings, now).map_err(Failure::widen)?;
    jobs::want(tx, mail::INVITATION, invitation.id.uuid(), invitation.link_version, now)?;
    Ok(())
}

/// Takes one of the mails that a day allows: to a mailbox from whomever, and of a person and a company.
///
/// # Errors
/// [`MailLimitReached`].
pub fn claim_mail(
    tx: &mut Tx<'_>,
    to: &EmailAddress,
    company: PartnerId,
    by: Option<UserId>,
    settings: &PartnershipSettings,
    now: Timestamp,
) -> Outcome<(), MailLimitReached> {
    let person = by.map(|user| (MailLimit::Person, Counted::ByPerson(user), settings.mails_per_person));
    let limits = [
        Some((MailLimit::Mailbox, Counted::To(to), settings.mails_per_mailbox)),
        person,
        Some((MailLimit::Company, Counted::ByCompany(company), settings.mails_per_company)),
    ];
    let day = days(1);
    for (limit, counted, allowed) in limits.into_iter().flatten() {
        if let Some(blocking) = store::nth_newest_mail(tx, counted, allowed, now.before(day))? {
            let free = blocking.after(day).micros() - now.micros();
            let wait = std::time::Duration::from_micros(u64::try_from(free).unwrap_or_default());
            return Err(MailLimitReached { limit, allowed, wait }.into());
        }
    }
    Ok(store::count_mail(tx, to, company, by, now)?)
}

fn own(read: &mut Read<'_>, me: &Scope, id: InvitationId) -> Outcome<Invitation, InviteError> {
    Ok(store::of(read, me.partner(), id)?.ok_or(InviteError::Unknown(NoInvitation(id)))?)
}

/// The invitation, if it can still be answered.
fn open(read: &mut Read<'_>, me: &Scope, id: InvitationId, now: Timestamp) -> Outcome<Invitation, InviteError> {
    let invitation = own(read, me, id)?;
    match invitation.state {
        InvitationState::Open if invitation.is_open(now) => Ok(invitation),
        InvitationState::Open => Err(InviteError::Expired(id).into()),
        ended => Err(InviteError::Answered(ended).into()),
    }
}

/// Mails a draft, with its words as they are or new ones. Sending twice is one mail.
///
/// # Errors
/// See [`InviteError`].
pub fn send(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: InvitationId,
    subject: Option<&str>,
    message: Option<&str>,
    office: &Office,
    now: Timestamp,
) -> Outcome<Invitation, InviteError> {
    let mut invitation = open(tx, me, id, now)?;
    let before = (invitation.subject.clone(), invitation.message.clone());
    check_subject(subject).map_err(InviteError::from)?;
    if let Some(subject) = subject {
        invitation.subject = subject.to_owned();
    }
    if let Some(message) = message {
        invitation.message = keepable_invitation(message, &office.base, Some(id)).map_err(InviteError::from)?;
    }
    let changed = before != (invitation.subject.clone(), invitation.message.clone());
    match present_mail(tx, &invitation)? {
        Some(mail) if mail.state == JobState::Dead.as_str() => return Err(InviteError::NotDelivered(id).into()),
        Some(_) if changed => return Err(InviteError::BeingMailed(id).into()),
        Some(_) => return Ok(invitation),
        None => {}
    }
    if changed {
        store::set_draft(tx, id, &invitation.subject, &invitation.message)?;
    }
    mail_it(tx, &invitation, me.user_id(), office, now)?;
    audit::record(tx, me, &Event::InvitationSent { invitation: id.uuid() }, now)?;
    Ok(invitation)
}

/// Keeps that the provider sent the invitation with its own mail program: what was written there cannot be checked. Twice
/// changes nothing.
///
/// # Errors
/// See [`InviteError`].
pub fn sent_outside(tx: &mut Tx<'_>, me: &Scope, id: InvitationId, now: Timestamp) -> Outcome<Invitation, InviteError> {
    let invitation = open(tx, me, id, now)?;
    if store::mark_sent_outside(tx, &invitation, now)? {
        audit::record(tx, me, &Event::InvitationSentOutside { invitation: id.uuid() }, now)?;
        return Ok(Invitation { sent_outside_at: Some(now), ..invitation });
    }
    Ok(invitation)
}

/// How an invitation is sent again.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Its words; what is left out stays as it was, but that another language asks for its usual words.
    pub wording: Wording,
    /// Days it can be accepted from now; the setting's, if absent.
    pub days: Option<u64>,
    /// Who delivers it.
    pub delivery: Delivery,
}

/// Sends an invitation again, open or expired, with a new link: the one before is dead. It can be accepted as long as a
/// new one.
///
/// # Errors
/// See [`InviteError`].
pub fn resend(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: InvitationId,
    renewal: &Renewal,
    office: &Office,
    now: Timestamp,
) -> Outcome<Invitation, InviteError> {
    let wording = &renewal.wording;
    let before = own(tx, me, id)?;
    if before.state != InvitationState::Open {
        return Err(InviteError::Answered(before.state).into());
    }
    let other = store::open_to(tx, me.partner(), &before.email, before.mpn_id.as_ref(), now)?;
    if let Some(other) = other.filter(|other| other.id != id) {
        return Err(InviteError::AnotherOpen(other.id).into());
    }
    let usual = wording.language.filter(|language| *language != before.language).is_some();
    let words = words(tx, me, wording, &office.base, Some(id)).map_err(|failure| failure.widen::<InviteError>())?;
    let renewed = Invitation {
        link_version: before.link_version + 1,
        language: wording.language.unwrap_or(before.language),
        subject: if usual || wording.subject.is_some() { words.subject } else { before.subject.clone() },
        message: if usual || wording.message.is_some() { words.message } else { before.message.clone() },
        expires_at: now.after(days(renewal.days.unwrap_or(office.settings.invitation_days))),
        sent_outside_at: None,
        opened_at: None,
        opened_by: None,
        ..before.clone()
    };
    if !store::renew(tx, &before, &renewed)? {
        // Somebody else changed it since it was read in this very transaction: it is tried again.
        return Err(diesel::result::Error::RollbackTransaction.into());
    }
    let event = Event::InvitationReplaced { invitation: id.uuid(), version: renewed.link_version };
    audit::record(tx, me, &event, now)?;
    if renewal.delivery == Delivery::SendFromHere {
        mail_it(tx, &renewed, me.user_id(), office, now)?;
    }
    want_reminders(tx, &renewed, now)?;
    Ok(renewed)
}

/// Takes an invitation back: its link is dead, its mail, if still waiting, is dropped. Twice changes nothing.
///
/// # Errors
/// See [`InviteError`].
pub fn revoke(tx: &mut Tx<'_>, me: &Scope, id: InvitationId, now: Timestamp) -> Outcome<(), InviteError> {
    let invitation = own(tx, me, id)?;
    if invitation.state == InvitationState::Revoked {
        return Ok(());
    }
    if !store::close(tx, &invitation, InvitationState::Revoked, me.partner(), None, now)? {
        return Err(InviteError::Answered(invitation.state).into());
    }
    Ok(audit::record(tx, me, &Event::InvitationRevoked { invitation: id.uuid() }, now)?)
}

/// The token of an invitation's personal link.
pub fn link(keys: &Keys, invitation: &Invitation) -> SecretString {
    keys.link::<InvitationLink>(invitation.id.uuid(), invitation.link_version)
}
