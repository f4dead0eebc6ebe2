//! Use cases of the customer who holds a link: look, approve, decline.

use diesel::QueryResult;
use uuid::Uuid;

use super::standing::link_version;
use crate::access::{self, CustomerId, News, OrganisationKind, PartnerId, Scope, Topic};
use crate::audit::{self, Event};
use crate::companies::{self, Regions};
use crate::customers::{self, RelationshipKind};
use crate::delegation::actions::grants::grant_everything;
use crate::delegation::mail::requests as mail;
use crate::delegation::model::GrantOrigin;
use crate::delegation::model::request_refusals::RequestAnswerError;
use crate::delegation::model::requests::{
    Asked, AskedBy, AskingLink, Choices, LINK_VERSION, Obstacle, Parties, Request, RequestId, RequestSheet,
    RequestStanding, RequestState,
};
use crate::delegation::store::requests::{self as store, End};
use crate::delegation::store::{self as grant_store};
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::keys::Keys;
use crate::platform::portal::Language;

/// What the link asks, whatever has become of it since. It names no companies that are not partners: an approved request
/// alone outlives the partnership that it came of.
fn proved(read: &mut Read<'_>, keys: &Keys, link: &AskingLink) -> QueryResult<Option<Asked>> {
    let asked = match link {
        AskingLink::Request(token) => {
            let found = store::by_id(read, RequestId::from_uuid(token.id()))?;
            // An answer to a standing link has no link of its own.
            let linked = found.filter(|request| request.standing_link_version.is_none());
            linked.filter(|_| keys.proves(token, LINK_VERSION)).map(Asked::by_request)
        }
        AskingLink::Standing(token, choices) => {
            let partner = PartnerId::from_uuid(token.id());
            let version = link_version(read, partner)?;
            match keys.proves(token, version) {
                true => completed(read, partner, *choices, version)?,
                false => None,
            }
        }
    };
    let Some(asked) = asked else { return Ok(None) };
    let kept = asked.request().is_some_and(|request| request.state == RequestState::Approved);
    let strangers = match asked.reseller {
        Some(reseller) if !kept => partnerships::active_between(read, asked.provider, reseller)?.is_none(),
        _ => false,
    };
    Ok((!strangers).then_some(asked))
}

/// What a standing link asks with its query; nothing, if that speaks for another company or leaves a reseller without
/// provider.
fn completed(read: &mut Read<'_>, partner: PartnerId, choices: Choices, version: i32) -> QueryResult<Option<Asked>> {
    let Choices { delegated_admin, provider, reseller } = choices;
    let is_other = |named: Option<PartnerId>| named.is_some_and(|named| named != partner);
    let sides = match access::kind_of(read, partner.into())? {
        Some(OrganisationKind::Provider) if !is_other(provider) => Some((partner, reseller)),
        Some(OrganisationKind::Reseller) if !is_other(reseller) => provider.map(|provider| (provider, Some(partner))),
        _ => None,
    };
    Ok(sides.map(|(provider, reseller)| {
        let by = AskedBy::Standing(version);
        Asked { partner, provider, reseller, delegated_admin, by }
    }))
}

fn is_open(asked: &Asked, now: Timestamp) -> bool {
    asked.request().is_none_or(|request| request.is_open(now))
}

fn parties(read: &mut Read<'_>, asked: &Asked) -> Outcome<Parties, RequestAnswerError> {
    let mut profiles = companies::profiles(read, &asked.partners())?;
    let provider = profiles.remove(&asked.provider).ok_or(RequestAnswerError::UnknownLink)?;
    let reseller = match asked.reseller {
        Some(id) => Some(profiles.remove(&id).ok_or(RequestAnswerError::UnknownLink)?),
        None => None,
    };
    Ok(Parties { provider, reseller })
}

/// What a link asks and who, for whoever opens it.
///
/// # Errors
/// [`RequestAnswerError::UnknownLink`].
pub fn asked(
    read: &mut Read<'_>,
    keys: &Keys,
    link: &AskingLink,
    now: Timestamp,
) -> Outcome<(Asked, Parties), RequestAnswerError> {
    let asked = proved(read, keys, link)?.filter(|asked| is_open(asked, now)).ok_or(RequestAnswerError::UnknownLink)?;
    let parties = parties(read, &asked)?;
    Ok((asked, parties))
}

/// The caller's own organisation, which answers.
fn customer_of(me: &Scope) -> Outcome<CustomerId, RequestAnswerError> {
    Ok(me.as_customer().ok_or(RequestAnswerError::UnknownLink)?)
}

/// What of that which is asked is not so yet.
struct Missing {
    relationships: Vec<(PartnerId, RelationshipKind, Option<PartnerId>)>,
    grants: Vec<PartnerId>,
    /// Since when the relationships are that are so already.
    since: Option<Timestamp>,
}

impl Missing {
    fn is_empty(&self) -> bool {
        self.relationships.is_empty() && self.grants.is_empty()
    }
}

fn missing(read: &mut Read<'_>, customer: CustomerId, asked: &Asked, now: Timestamp) -> QueryResult<Missing> {
    let existing = customers::partners_of(read, customer)?;
    let own_kind = if asked.reseller.is_some() { RelationshipKind::Provider } else { RelationshipKind::Direct };
    let mut wanted = vec![(asked.provider, own_kind, None)];
    wanted.extend(asked.reseller.map(|id| (id, RelationshipKind::Reseller, Some(asked.provider))));
    let since_of = |partner: PartnerId| {
        let mut rows = existing.iter().map(|(relationship, _)| relationship);
        rows.find(|relationship| relationship.partner == partner).map(|relationship| relationship.since)
    };
    let since = asked.partners().into_iter().filter_map(since_of).max();
    wanted.retain(|(partner, ..)| since_of(*partner).is_none());
    let mut grants = if asked.delegated_admin { asked.partners() } else { Vec::new() };
    if !grants.is_empty() {
        let live = grant_store::live_of_customer(read, customer, now)?;
        grants.retain(|partner| !live.iter().any(|grant| grant.partner == *partner && grant.all_roles));
    }
    Ok(Missing { relationships: wanted, grants, since })
}

/// What stands in the way of a relationship now.
fn obstacles(
    read: &mut Read<'_>,
    customer: CustomerId,
    asked: &Asked,
    parties: &Parties,
    regions: &Regions,
    now: Timestamp,
) -> QueryResult<Vec<Obstacle>> {
    let standings = companies::reseller_standings(read, &asked.partners(), now)?;
    let unsigned = std::iter::once(&parties.provider)
        .chain(&parties.reseller)
        .filter(|profile| !standings.get(&profile.id).is_some_and(|standing| standing.agreement_in_force));
    let mut obstacles: Vec<Obstacle> =
        unsigned.map(|profile| Obstacle::AgreementMissing(profile.name.clone())).collect();
    let record = customers::own_record(read, customer)?;
    let own = record.map(|record| record.billing.default_address.country.to_ascii_uppercase()).unwrap_or_default();
    let country = &parties.provider.country;
    if regions.of(country) != regions.of(&own) {
        obstacles.push(Obstacle::RegionDiffers(country.clone(), own));
    }
    Ok(obstacles)
}

/// What the caller's organisation sees behind a link: who asks for what, and where its answer stands.
///
/// # Errors
/// [`RequestAnswerError::UnknownLink`].
pub fn sheet(
    read: &mut Read<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<RequestSheet, RequestAnswerError> {
    let customer = customer_of(me)?;
    let asked = proved(read, keys, link)?.ok_or(RequestAnswerError::UnknownLink)?;
    let parties = parties(read, &asked)?;
    let standing = standing_of(read, customer, &asked, now)?.ok_or(RequestAnswerError::UnknownLink)?;
    let obstacles = match standing {
        RequestStanding::Open => obstacles(read, customer, &asked, &parties, regions, now)?,
        _ => Vec::new(),
    };
    let company = customers::own_record(read, customer)?.map(|record| record.company_name).unwrap_or_default();
    Ok(RequestSheet { version: asked.version(&parties), asked, parties, company, standing, obstacles })
}

/// Where a customer's answer stands; `None` if the link is not for it any more.
fn standing_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    asked: &Asked,
    now: Timestamp,
) -> QueryResult<Option<RequestStanding>> {
    match &asked.by {
        AskedBy::Request(request) => Ok(match (request.state, request.answered_at) {
            (RequestState::Open, _) => request.is_open(now).then_some(RequestStanding::Open),
            (RequestState::Approved, Some(at)) if request.answered_by == Some(customer) => {
                Some(RequestStanding::Approved(at))
            }
            (RequestState::Declined, _) if request.answered_by == Some(customer) => Some(RequestStanding::Declined),
            _ => None,
        }),
        AskedBy::Standing(version) => {
            let missing = missing(read, customer, asked, now)?;
            if let (true, Some(since)) = (missing.is_empty(), missing.since) {
                return Ok(Some(RequestStanding::Approved(since)));
            }
            let declined = store::has_declined(read, customer, asked, *version)?;
            Ok(Some(if declined { RequestStanding::Declined } else { RequestStanding::Open }))
        }
    }
}

/// Keeps that a customer's admin, signed in, has opened a request. Opening again changes nothing.
///
/// # Errors
/// [`RequestAnswerError::UnknownLink`].
pub fn open(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    now: Timestamp,
) -> Outcome<(), RequestAnswerError> {
    let customer = customer_of(me)?;
    let asked = proved(tx, keys, link)?.ok_or(RequestAnswerError::UnknownLink)?;
    standing_of(tx, customer, &asked, now)?.ok_or(RequestAnswerError::UnknownLink)?;
    if let Some(request) = asked.request().filter(|request| request.is_open(now))
        && store::mark_opened(tx, request.id, now)?
    {
        let (request, partner) = (request.id.uuid(), asked.partner.uuid());
        let event = Event::RelationshipRequestOpened { request, customer: customer.uuid(), partner };
        audit::record(tx, me, &event, now)?;
    }
    Ok(())
}

/// How an approval ended.
#[derive(Clone, Debug)]
pub enum Approved {
    /// Something is so now that was not.
    New(Asked, Parties),
    /// It was so already.
    Already(Asked, Parties),
}

/// Establishes everything that the link asks, and nothing else, all together; what is so already stays as it is. `shown`
/// names what the customer's admin looked at.
///
/// # Errors
/// See [`RequestAnswerError`]; then nothing has begun.
pub fn approve(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    shown: Option<&str>,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<Approved, RequestAnswerError> {
    let customer = customer_of(me)?;
    let asked = proved(tx, keys, link)?.ok_or(RequestAnswerError::UnknownLink)?;
    let parties = parties(tx, &asked)?;
    let standing = standing_of(tx, customer, &asked, now)?.ok_or(RequestAnswerError::UnknownLink)?;
    if matches!(standing, RequestStanding::Approved(_)) {
        return Ok(Approved::Already(asked, parties));
    }
    if asked.request().is_some() && standing == RequestStanding::Declined {
        return Err(RequestAnswerError::UnknownLink.into());
    }
    if shown.is_some_and(|shown| asked.version(&parties) != shown) {
        return Err(RequestAnswerError::Changed.into());
    }
    let mut obstacles = obstacles(tx, customer, &asked, &parties, regions, now)?;
    if !obstacles.is_empty() {
        return Err(RequestAnswerError::from(obstacles.remove(0)).into());
    }
    let missing = missing(tx, customer, &asked, now)?;
    // A relationship that a copy of the service with a faster clock has just begun was there before the answer.
    let at = missing.since.map_or(now, |since| since.max(now));
    if let Some(reseller) = asked.reseller {
        // A removal at the same moment comes wholly before or after.
        partnerships::associate_with(tx, asked.provider, reseller, at).map_err(|failure| match failure {
            Failure::Refused(_) => Failure::Refused(RequestAnswerError::UnknownLink),
            Failure::Database(error) => Failure::Database(error),
        })?;
    }
    let request = answer(tx, &asked, customer, RequestState::Approved, None, at)?;
    for (partner, kind, provider) in &missing.relationships {
        customers::begin_relationship(tx, *partner, customer, *kind, *provider, at)?;
    }
    for partner in &missing.grants {
        grant_everything(tx, *partner, customer, GrantOrigin::RelationshipRequest, at)?;
    }
    for partner in asked.partners() {
        let through = (asked.reseller == Some(partner)).then(|| asked.provider.uuid());
        let (customer, granted) = (customer.uuid(), missing.grants.contains(&partner));
        let event = Event::RelationshipApproved { request, customer, partner: partner.uuid(), through };
        audit::record(tx, me, &event, at)?;
        if granted {
            let event = Event::AdministrationApproved { customer, partner: partner.uuid(), request };
            audit::record(tx, me, &event, at)?;
        }
        tell(tx, &asked, partner, Topic::RelationshipApproved, request, at)?;
    }
    Ok(Approved::New(asked, parties))
}

/// Declines. A request is closed by it; a standing link goes on asking others. Twice changes nothing.
///
/// # Errors
/// See [`RequestAnswerError`].
pub fn decline(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &AskingLink,
    reason: Option<&str>,
    shown: Option<&str>,
    now: Timestamp,
) -> Outcome<(), RequestAnswerError> {
    let customer = customer_of(me)?;
    let asked = proved(tx, keys, link)?.ok_or(RequestAnswerError::UnknownLink)?;
    match standing_of(tx, customer, &asked, now)?.ok_or(RequestAnswerError::UnknownLink)? {
        RequestStanding::Open => {}
        RequestStanding::Declined => return Ok(()),
        // What was approved is ended where it is listed, not by the link.
        RequestStanding::Approved(_) => return Err(RequestAnswerError::UnknownLink.into()),
    }
    if let Some(shown) = shown {
        let parties = parties(tx, &asked)?;
        if asked.version(&parties) != shown {
            return Err(RequestAnswerError::Changed.into());
        }
    }
    let request = answer(tx, &asked, customer, RequestState::Declined, reason, now)?;
    let (partner, reason) = (asked.partner.uuid(), reason.map(str::to_owned));
    let event = Event::RelationshipRequestDeclined { request, customer: customer.uuid(), partner, reason };
    audit::record(tx, me, &event, now)?;
    Ok(tell(tx, &asked, asked.partner, Topic::RelationshipDeclined, request, now)?)
}

/// Keeps the answer: with the request, or as one of its own if a standing link is answered. The request's id.
fn answer(
    tx: &mut Tx<'_>,
    asked: &Asked,
    customer: CustomerId,
    state: RequestState,
    reason: Option<&str>,
    now: Timestamp,
) -> Outcome<Uuid, RequestAnswerError> {
    let version = match &asked.by {
        AskedBy::Request(request) => {
            let end = End { state, by: Some(customer), reason, at: now };
            return match store::close(tx, request.id, &end)? {
                true => Ok(request.id.uuid()),
                false => Err(RequestAnswerError::UnknownLink.into()),
            };
        }
        AskedBy::Standing(version) => *version,
    };
    let request = Request {
        id: RequestId::fresh(),
        partner: asked.partner,
        created_by: None,
        provider: asked.provider,
        reseller: asked.reseller,
        delegated_admin: asked.delegated_admin,
        email: None,
        language: Language::English,
        subject: String::new(),
        message: String::new(),
        standing_link_version: Some(version),
        state,
        created_at: now,
        expires_at: now,
        opened_at: None,
        answered_at: Some(now),
        answered_by: Some(customer),
        decline_reason: reason.map(str::to_owned),
    };
    store::insert(tx, &request)?;
    Ok(request.id.uuid())
}

/// People of a partner who want to be told; of the one who asked, whoever sent the request.
fn tell(
    tx: &mut Tx<'_>,
    asked: &Asked,
    partner: PartnerId,
    topic: Topic,
    subject: Uuid,
    now: Timestamp,
) -> QueryResult<()> {
    let maker = asked.request().filter(|request| request.partner == partner).and_then(|request| request.created_by);
    let news = News { topic, subject, mail: mail::NEWS };
    access::notify(tx, partner.into(), &news, maker, None, now)
}
