//! Use cases of a customer's admin who is asked for granular delegated administration: look, approve, decline.

use diesel::QueryResult;

use super::notices::{Told, tell_customer};
use crate::access::{self, CustomerId, News, PartnerId, Scope, Topic};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerRecord};
use crate::delegation::jobs::want_milestones;
use crate::delegation::mail;
use crate::delegation::model::{
    AdministrationAnswerError, AdministrationLink, DURATION_DAYS, DirectoryRole, EnderId, Grant, GrantId, GrantOrigin,
    Granular, GranularName, GranularState, GranularStatus, GranularTerms, NoticeKind, default_name,
};
use crate::delegation::store;
use crate::platform::clock::{self, Timestamp};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::keys::{Keys, LinkToken};

/// The link's version: a relationship asks once, so its link never changes.
pub(in crate::delegation) const LINK_VERSION: i32 = 1;

/// The address by which a customer's admin is asked.
pub fn administration_link(keys: &Keys, relationship: &Granular) -> secrecy::SecretString {
    keys.link::<AdministrationLink>(relationship.id.uuid(), LINK_VERSION)
}

/// What a link asks, whatever has become of it since.
fn proved(read: &mut Read<'_>, keys: &Keys, link: &LinkToken<AdministrationLink>) -> QueryResult<Option<Granular>> {
    let found = store::granular::by_id(read, GrantId::from_uuid(link.id()))?;
    Ok(found.filter(|one| keys.proves(link, LINK_VERSION) && one.state != GranularState::Created))
}

fn partner_of(read: &mut Read<'_>, one: &Granular) -> Outcome<CompanyProfile, AdministrationAnswerError> {
    let profile = companies::profiles(read, &[one.partner])?.remove(&one.partner);
    Ok(profile.ok_or(AdministrationAnswerError::UnknownLink)?)
}

/// What a link that is still open asks and who, for whoever opens it.
///
/// # Errors
/// [`AdministrationAnswerError::UnknownLink`].
pub fn asked_administration(
    read: &mut Read<'_>,
    keys: &Keys,
    link: &LinkToken<AdministrationLink>,
    now: Timestamp,
) -> Outcome<(Granular, CompanyProfile), AdministrationAnswerError> {
    let open = proved(read, keys, link)?.filter(|one| one.status(now) == GranularStatus::ApprovalPending);
    let one = open.ok_or(AdministrationAnswerError::UnknownLink)?;
    let partner = partner_of(read, &one)?;
    Ok((one, partner))
}

/// What a customer's admin sees behind a link.
#[derive(Clone, Debug)]
pub struct ApprovalSheet {
    /// What is asked for.
    pub relationship: Granular,
    /// Where it stands.
    pub status: GranularStatus,
    /// Who asks.
    pub partner: CompanyProfile,
    /// Whether the two have the relationship that administration is added to.
    pub related: bool,
}

impl ApprovalSheet {
    /// Names what was looked at.
    pub fn version(&self) -> String {
        self.relationship.version.to_string()
    }
}

/// The relationship, if it asks the caller's organisation or is already its own.
fn meant_for(one: Granular, own: CustomerId) -> Option<Granular> {
    let open = one.customer.is_none() && one.state == GranularState::ApprovalPending;
    (open || one.customer == Some(own)).then_some(one)
}

/// What the caller's organisation is asked, or was.
///
/// # Errors
/// [`AdministrationAnswerError::UnknownLink`], also for what is meant for another organisation.
pub fn approval_sheet(
    read: &mut Read<'_>,
    me: &Scope,
    keys: &Keys,
    link: &LinkToken<AdministrationLink>,
    now: Timestamp,
) -> Outcome<ApprovalSheet, AdministrationAnswerError> {
    let unknown = AdministrationAnswerError::UnknownLink;
    let Some(own) = me.as_customer() else { return Err(unknown.into()) };
    let one = proved(read, keys, link)?.and_then(|one| meant_for(one, own)).ok_or(unknown)?;
    let status = one.status(now);
    if status == GranularStatus::Expired && one.activated_at.is_none() {
        return Err(AdministrationAnswerError::UnknownLink.into());
    }
    let partner = partner_of(read, &one)?;
    let related = customers::between(read, one.partner, own)?.is_some();
    Ok(ApprovalSheet { relationship: one, status, partner, related })
}

/// Gives the partner what it asked for. `shown` names what was looked at. Approving twice changes nothing.
///
/// # Errors
/// See [`AdministrationAnswerError`].
pub fn approve_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &LinkToken<AdministrationLink>,
    shown: Option<&str>,
    now: Timestamp,
) -> Outcome<(), AdministrationAnswerError> {
    let sheet = approval_sheet(tx, me, keys, link, now)?;
    let one = &sheet.relationship;
    let Some(own) = me.as_customer() else { return Err(AdministrationAnswerError::UnknownLink.into()) };
    match sheet.status {
        GranularStatus::ApprovalPending => {}
        GranularStatus::Active => return Ok(()),
        _ => return Err(AdministrationAnswerError::UnknownLink.into()),
    }
    if shown.is_some_and(|shown| shown != sheet.version()) {
        return Err(AdministrationAnswerError::Changed.into());
    }
    if !sheet.related {
        return Err(AdministrationAnswerError::NoRelationship(sheet.partner.name).into());
    }
    let ends_at = one.planned_end(now);
    if !store::granular::activate(tx, one, own, ends_at, now)? {
        return Err(AdministrationAnswerError::Changed.into());
    }
    begin_granular(tx, one, one.version + 1, own, GrantOrigin::DelegatedAdminRelationship, ends_at, now)?;
    let event = Event::GranularAdministrationApproved {
        relationship: one.id.uuid(),
        customer: own.uuid(),
        partner: one.partner.uuid(),
    };
    audit::record(tx, me, &event, now)?;
    tell_customer(tx, &Told::about(one, own, NoticeKind::Approved, Some(ends_at)), now)?;
    Ok(tell_partner(tx, one, Topic::AdministrationApproved, now)?)
}

/// The grant of a delegated admin relationship, and what happens as its end comes near. `version` is the one that the
/// relationship has from now on: each end has its milestones under a version of its own.
fn begin_granular(
    tx: &mut Tx<'_>,
    one: &Granular,
    version: i32,
    customer: CustomerId,
    origin: GrantOrigin,
    ends_at: Timestamp,
    now: Timestamp,
) -> QueryResult<()> {
    let (id, partner) = (one.id, one.partner);
    let grant = Grant { id, partner, customer, origin, all_roles: false, starts_at: now, ends_at: Some(ends_at) };
    store::insert(tx, &grant)?;
    want_milestones(tx, id, version, ends_at, now)
}

/// The delegated admin relationship that comes with a customer: two years, extended at its end. Its roles are assigned to
/// groups like any other's.
pub(super) fn begin_default(
    tx: &mut Tx<'_>,
    me: &Scope,
    partner: PartnerId,
    customer: &CustomerRecord,
    roles: &[DirectoryRole],
    now: Timestamp,
) -> QueryResult<()> {
    let id = GrantId::fresh();
    let name = GranularName::try_from(default_name(&customer.domain, id))
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let days = *DURATION_DAYS.end();
    let ends_at = now.after(clock::days(u64::try_from(days).unwrap_or_default()));
    let one = Granular {
        id,
        partner,
        customer: Some(customer.id),
        terms: GranularTerms { display_name: name, days, auto_extend: true, roles: roles.to_vec() },
        state: GranularState::Active,
        version: 1,
        created_by: me.user_id().filter(|_| partner == me.partner()),
        created_at: now,
        modified_at: now,
        lapses_at: None,
        activated_at: Some(now),
        ends_at: Some(ends_at),
    };
    store::granular::insert(tx, &one)?;
    begin_granular(tx, &one, one.version, customer.id, GrantOrigin::CustomerCreated, ends_at, now)?;
    tell_customer(tx, &Told::about(&one, customer.id, NoticeKind::Approved, Some(ends_at)), now)
}

fn tell_partner(tx: &mut Tx<'_>, one: &Granular, topic: Topic, now: Timestamp) -> QueryResult<()> {
    let news = News { topic, subject: one.id.uuid(), mail: mail::NEWS };
    access::notify(tx, one.partner.into(), &news, one.created_by, None, now)
}

/// Says no. Declining twice changes nothing.
///
/// # Errors
/// See [`AdministrationAnswerError`].
pub fn decline_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    keys: &Keys,
    link: &LinkToken<AdministrationLink>,
    shown: Option<&str>,
    now: Timestamp,
) -> Outcome<(), AdministrationAnswerError> {
    let sheet = approval_sheet(tx, me, keys, link, now)?;
    let one = &sheet.relationship;
    let Some(own) = me.as_customer() else { return Err(AdministrationAnswerError::UnknownLink.into()) };
    match sheet.status {
        GranularStatus::ApprovalPending => {}
        GranularStatus::Terminated if one.activated_at.is_none() => return Ok(()),
        _ => return Err(AdministrationAnswerError::UnknownLink.into()),
    }
    if shown.is_some_and(|shown| shown != sheet.version())
        || !store::granular::decline(tx, one, own, EnderId::of(me), now)?
    {
        return Err(AdministrationAnswerError::Changed.into());
    }
    let event = Event::GranularAdministrationDeclined {
        relationship: one.id.uuid(),
        customer: own.uuid(),
        partner: one.partner.uuid(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(tell_partner(tx, one, Topic::AdministrationDeclined, now)?)
}
