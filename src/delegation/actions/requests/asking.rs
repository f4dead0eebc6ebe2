//! Use cases of the partner who asks: requests as drafts or mails.

use secrecy::ExposeSecret;

use crate::access::{self, OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies;
use crate::delegation::mail::requests as mail;
use crate::delegation::model::request_refusals::{AskError, NoRequest};
use crate::delegation::model::requests::{
    DEFAULT_DAYS, LINK_VERSION, Request, RequestId, RequestLink, RequestState, link_address,
};
use crate::delegation::store::requests::{self as store, End};
use crate::partnerships::{self, Office, Wording, Words};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::BaseUrl;
use crate::platform::jobs;
use crate::platform::keys::Keys;
use crate::platform::text::EmailAddress;

/// What a partner asks a customer for.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Whether delegated administration is included.
    pub delegated_admin: bool,
    /// With which reseller.
    pub reseller: Option<PartnerId>,
    /// Through which provider.
    pub provider: Option<PartnerId>,
    /// The one recipient; without one the partner delivers it.
    pub email: Option<EmailAddress>,
    /// Its words.
    pub wording: Wording,
    /// Whether it is mailed from here.
    pub send: bool,
    /// Days it can be answered.
    pub days: Option<u64>,
}

/// Who would sell and who would serve, as the caller names them. Whoever is no active partner of the caller's is unknown,
/// so that nothing can be found out about others. A reseller may leave its provider to whoever completes the link.
pub(super) fn sides(
    read: &mut Read<'_>,
    me: &Scope,
    provider: Option<PartnerId>,
    reseller: Option<PartnerId>,
) -> Outcome<(Option<PartnerId>, Option<PartnerId>), AskError> {
    let own = me.partner();
    let (same_side, other) = match me.kind() {
        OrganisationKind::Provider => (provider, reseller),
        _ => (reseller, provider),
    };
    if let Some(named) = same_side.filter(|named| *named != own) {
        return Err(AskError::PartnerUnknown(named).into());
    }
    let sides = match me.kind() {
        OrganisationKind::Provider => (Some(own), other),
        _ => (other, Some(own)),
    };
    if let ((Some(provider), Some(reseller)), Some(other)) = (sides, other)
        && partnerships::active_between(read, provider, reseller)?.is_none()
    {
        return Err(AskError::PartnerUnknown(other).into());
    }
    Ok(sides)
}

fn words(
    read: &mut Read<'_>,
    me: &Scope,
    new: &NewRequest,
    sides: (PartnerId, Option<PartnerId>),
    base: &BaseUrl,
) -> Outcome<Words, AskError> {
    let wording = &new.wording;
    let language = match wording.language {
        Some(language) => language,
        None => access::own_language(read, me)?,
    };
    partnerships::check_subject(wording.subject.as_deref()).map_err(AskError::from)?;
    let keepable = |message: &str| partnerships::keepable_message(message, &link_address(base, ""), |_| false);
    let given = wording.message.as_deref().map(keepable).transpose().map_err(AskError::from)?;
    let (provider, reseller) = sides;
    let named: Vec<PartnerId> = std::iter::once(provider).chain(reseller).collect();
    let mut profiles = companies::profiles(read, &named)?;
    let mut name = |id: PartnerId| profiles.remove(&id).map(|profile| profile.name).unwrap_or_default();
    let reseller = reseller.map(&mut name);
    let (subject, message) =
        mail::usual_words(language, &name(provider), reseller.as_deref(), me.kind(), new.delegated_admin);
    Ok(Words { language, subject: wording.subject.clone().unwrap_or(subject), message: given.unwrap_or(message) })
}

/// Asks a customer for a relationship. Every call makes a request of its own, which is answered once.
///
/// # Errors
/// See [`AskError`].
pub fn ask(
    tx: &mut Tx<'_>,
    me: &Scope,
    new: &NewRequest,
    office: &Office,
    now: Timestamp,
) -> Outcome<Request, AskError> {
    let (provider, reseller) = sides(tx, me, new.provider, new.reseller)?;
    let provider = provider.ok_or(AskError::ProviderMissing)?;
    let words = words(tx, me, new, (provider, reseller), &office.base)?;
    let request = Request {
        id: RequestId::fresh(),
        partner: me.partner(),
        created_by: me.user_id(),
        provider,
        reseller,
        delegated_admin: new.delegated_admin,
        email: new.email.clone(),
        language: words.language,
        subject: words.subject,
        message: words.message,
        standing_link_version: None,
        state: RequestState::Open,
        created_at: now,
        expires_at: now.after(days(new.days.unwrap_or(DEFAULT_DAYS))),
        opened_at: None,
        answered_at: None,
        answered_by: None,
        decline_reason: None,
    };
    store::insert(tx, &request)?;
    audit::record(tx, me, &Event::RelationshipRequestCreated { request: request.id.uuid() }, now)?;
    if new.send {
        let to = request.email.as_ref().ok_or(AskError::NobodyToSendTo)?;
        partnerships::claim_mail(tx, to, request.partner, request.created_by, &office.settings, now)
            .map_err(Failure::widen)?;
        jobs::want(tx, mail::REQUEST, request.id.uuid(), LINK_VERSION, now)?;
    }
    Ok(request)
}

/// Takes a request back: its link is dead, its mail, if still waiting, is dropped. Twice changes nothing.
///
/// # Errors
/// See [`AskError`].
pub fn revoke(tx: &mut Tx<'_>, me: &Scope, id: RequestId, now: Timestamp) -> Outcome<(), AskError> {
    let request = store::of(tx, me.partner(), id)?.ok_or(AskError::Unknown(NoRequest(id)))?;
    if request.state == RequestState::Revoked {
        return Ok(());
    }
    let end = End { state: RequestState::Revoked, by: None, reason: None, at: now };
    if !store::close(tx, id, &end)? {
        return Err(AskError::Answered(request.state).into());
    }
    Ok(audit::record(tx, me, &Event::RelationshipRequestRevoked { request: id.uuid() }, now)?)
}

/// The address of a request's link.
pub fn request_address(keys: &Keys, base: &BaseUrl, request: &Request) -> String {
    let token = keys.link::<RequestLink>(request.id.uuid(), LINK_VERSION);
    link_address(base, token.expose_secret())
}
