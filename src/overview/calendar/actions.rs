//! What lies ahead of the caller's organisation, gathered from the features that know.

use diesel::QueryResult;
use uuid::Uuid;

use super::model::{Entry, EntryKind, Wanted};
use crate::access::{
    CustomerId, OrganisationKind, ReadAdministration, ReadAdministrators, ReadAgreements, ReadInvitations,
    ReadRelationshipRequests, ReadSubscriptions, Scope,
};
use crate::delegation::{self, GranularEnd, Side};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::keys::sha256;
use crate::platform::stretch::Stretch;
use crate::subscriptions::{self, Subscription};
use crate::{companies, partnerships};

/// A page of the calendar: what the caller may see of it, in order.
pub(super) fn calendar(
    read: &mut Read<'_>,
    me: &Scope,
    wanted: &Wanted,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let stretch = Stretch { from: wanted.window.from, until: wanted.window.until, after, limit };
    let mut entries = Vec::new();
    if wanted.wants(EntryKind::Invitation) && wanted.customer.is_none() && me.holds::<ReadInvitations>() {
        entries.extend(invitations(read, me, &stretch)?);
    }
    if wanted.wants(EntryKind::Agreement) && wanted.customer.is_none() && me.holds::<ReadAgreements>() {
        entries.extend(agreements(read, &stretch)?);
    }
    let side = match me.as_customer() {
        Some(own) => me.holds::<ReadAdministrators>().then_some(Side::Customer(own)),
        None => me.holds::<ReadAdministration>().then_some(Side::Partner(me.partner())),
    };
    for (kind, end) in [
        (EntryKind::Administration, GranularEnd::Administration),
        (EntryKind::AdministrationRequest, GranularEnd::Request),
    ] {
        if let Some(side) = side.filter(|_| wanted.wants(kind)) {
            entries.extend(administration(read, me, kind, (side, end), wanted.customer, &stretch)?);
        }
    }
    let seller = match me.as_customer() {
        Some(own) => Side::Customer(own),
        None => Side::Partner(me.partner()),
    };
    if wanted.wants(EntryKind::Subscription) && me.holds::<ReadSubscriptions>() {
        entries.extend(ending_subscriptions(read, seller, wanted.customer, &stretch)?);
    }
    // Who answers a request for a relationship is known when it is answered.
    if wanted.wants(EntryKind::RelationshipRequest)
        && wanted.customer.is_none()
        && me.as_customer().is_none()
        && me.holds::<ReadRelationshipRequests>()
    {
        entries.extend(relationship_requests(read, me, &stretch)?);
    }
    entries.sort_by_key(Entry::place);
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(entries)
}

fn ending_subscriptions(
    read: &mut Read<'_>,
    side: Side,
    with: Option<CustomerId>,
    stretch: &Stretch,
) -> QueryResult<Vec<Entry>> {
    let entry = |one: Subscription| Entry {
        at: one.ends_at,
        kind: EntryKind::Subscription,
        id: one.id.uuid(),
        title: one.friendly_name,
        customer: Some(one.customer),
        partner: None,
        extends: false,
    };
    Ok(subscriptions::ending(read, side, with, stretch)?.into_iter().map(entry).collect())
}

fn invitations(read: &mut Read<'_>, me: &Scope, stretch: &Stretch) -> QueryResult<Vec<Entry>> {
    let ending = partnerships::ending(read, me.partner(), stretch)?;
    let entry = |(id, at, title)| Entry {
        at,
        kind: EntryKind::Invitation,
        id,
        title,
        customer: None,
        partner: None,
        extends: false,
    };
    Ok(ending.into_iter().map(entry).collect())
}

/// Versions have no id of that kind: one is made of their names, so that entries of one moment have an order.
fn id_of_version(version: &str) -> Uuid {
    let digest = sha256(version.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn agreements(read: &mut Read<'_>, stretch: &Stretch) -> QueryResult<Vec<Entry>> {
    let (from, _) = stretch.start();
    let mut entries: Vec<Entry> = companies::agreements_coming(read, from, stretch.until, stretch.limit + 1)?
        .into_iter()
        .map(|version| Entry {
            at: version.effective_at,
            kind: EntryKind::Agreement,
            id: id_of_version(&version.version),
            title: version.version,
            customer: None,
            partner: None,
            extends: false,
        })
        .collect();
    entries.retain(|entry| stretch.after.is_none_or(|after| entry.place() > after));
    Ok(entries)
}

fn administration(
    read: &mut Read<'_>,
    me: &Scope,
    kind: EntryKind,
    (side, end): (Side, GranularEnd),
    with: Option<CustomerId>,
    stretch: &Stretch,
) -> QueryResult<Vec<Entry>> {
    let rows = delegation::ending(read, side, with, end, stretch)?;
    let as_customer = me.kind() == OrganisationKind::Customer;
    let entry = |one: delegation::Granular| {
        let at = match end {
            GranularEnd::Administration => one.ends_at,
            GranularEnd::Request => one.lapses_at,
        };
        Some(Entry {
            at: at?,
            kind,
            id: one.id.uuid(),
            title: one.terms.display_name.to_string(),
            customer: one.customer,
            partner: as_customer.then_some(one.partner),
            extends: end == GranularEnd::Administration && one.terms.auto_extend,
        })
    };
    Ok(rows.into_iter().filter_map(entry).collect())
}

fn relationship_requests(read: &mut Read<'_>, me: &Scope, stretch: &Stretch) -> QueryResult<Vec<Entry>> {
    let ending = delegation::requests_ending(read, me.partner(), stretch)?;
    let entry = |request: delegation::Request| Entry {
        at: request.expires_at,
        kind: EntryKind::RelationshipRequest,
        id: request.id.uuid(),
        title: request.email.map_or(request.subject, |email| email.as_str().to_owned()),
        customer: None,
        partner: None,
        extends: false,
    };
    Ok(ending.into_iter().map(entry).collect())
}

/// The names of those that entries are about: customers, and partners as a customer sees them.
pub(super) fn names(read: &mut Read<'_>, entries: &[Entry]) -> QueryResult<std::collections::HashMap<Uuid, String>> {
    let mut customers: Vec<CustomerId> = entries.iter().filter_map(|entry| entry.customer).collect();
    let mut partners: Vec<_> = entries.iter().filter_map(|entry| entry.partner).collect();
    customers.sort();
    customers.dedup();
    partners.sort();
    partners.dedup();
    let known = crate::customers::names(read, &customers)?.into_iter().map(|(id, name)| (id.uuid(), name));
    let profiles = companies::profiles(read, &partners)?.into_iter().map(|(id, profile)| (id.uuid(), profile.name));
    Ok(known.chain(profiles).collect())
}
