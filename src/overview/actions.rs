//! Answers that several features give together.

use diesel::QueryResult;

use crate::access::{CustomerId, PartnerId, Scope};
use crate::companies::{self, CompanyProfile};
use crate::customers::CustomerRecord;
use crate::devices::Registration;
use crate::partnerships::{self, NoPartnership, WaysBack};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::keys::Keys;
use crate::platform::portal::Language;
use crate::subscriptions::{self, InForce};
use crate::{access, audit, customers, delegation, devices};

/// What removing a partnership would leave in force.
#[derive(Clone, Debug)]
pub struct ConsequenceSheet {
    /// The other partner.
    pub other: CompanyProfile,
    /// Customers that stay, how many.
    pub customers: i64,
    /// The first of them, and whether the reseller goes on administering each.
    pub listed: Vec<(CustomerRecord, bool)>,
    /// Grants of delegated administration to the reseller that stay live, how many.
    pub live_grants: i64,
    /// Registrations of the reseller for customers of both that go on, with the customers' names.
    pub running: Vec<(Registration, String)>,
    /// Subscriptions that go on naming the reseller.
    pub subscriptions: InForce,
    /// By what the two could become partners again at once.
    pub ways_back: WaysBack,
}

/// Lines of a consequence sheet at most; the notices list every customer, in pages.
pub const LISTED: i64 = 100;
/// Running registrations looked at, of which only those for customers of both are told.
const RUNNING: i64 = 5_000;

fn sides(me: &Scope, other: PartnerId) -> (PartnerId, PartnerId) {
    match me.kind() {
        access::OrganisationKind::Provider => (me.partner(), other),
        _ => (other, me.partner()),
    }
}

/// What removing the partnership with `other` would leave in force.
///
/// # Errors
/// [`NoPartnership`].
pub fn consequences(
    read: &mut Read<'_>,
    me: &Scope,
    other: PartnerId,
    now: Timestamp,
) -> Outcome<ConsequenceSheet, NoPartnership> {
    let (provider, reseller) = sides(me, other);
    partnerships::active_between(read, provider, reseller)?.ok_or(NoPartnership(other))?;
    let profile = companies::profiles(read, &[other])?.remove(&other).ok_or(NoPartnership(other))?;
    let (customers, live_grants) = delegation::count_through(read, provider, reseller, now)?;
    let listed = delegation::served_through(read, provider, reseller, None, LISTED, now)?;
    let mut running = devices::running_by(read, reseller.into(), RUNNING)?;
    let theirs: Vec<CustomerId> = running.iter().map(|registration| registration.customer).collect();
    let shared = customers::served_through(read, provider, reseller, &theirs)?;
    running.retain(|registration| shared.contains(&registration.customer));
    let names = customers::names(read, &shared)?;
    let running = running.into_iter().map(|registration| {
        let name = names.get(&registration.customer).cloned().unwrap_or_default();
        (registration, name)
    });
    let running = running.collect();
    let subscriptions = subscriptions::in_force(read, provider, reseller)?;
    let ways_back = partnerships::ways_back(read, provider, reseller, now)?;
    Ok(ConsequenceSheet { other: profile, customers, listed, live_grants, running, subscriptions, ways_back })
}

/// What notices of a removal are written from: nobody is told by us.
#[derive(Clone, Debug)]
pub struct NoticeMaterial {
    /// The caller's own company.
    pub own: CompanyProfile,
    /// The other partner.
    pub other: CompanyProfile,
    /// The indirect reseller of the two, as customers know it.
    pub reseller: String,
    /// The indirect provider of the two.
    pub provider: String,
    /// A page of the customers concerned, and whether the reseller administers each.
    pub customers: Vec<(CustomerRecord, bool)>,
    /// In which language drafts are, unless another is asked for.
    pub language: Language,
}

/// Whom the caller may owe a notice that its partnership with `other` ends, or has ended: the partner, and each customer of
/// both.
///
/// # Errors
/// [`NoPartnership`], if there never was one.
pub fn notices(
    read: &mut Read<'_>,
    me: &Scope,
    other: PartnerId,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> Outcome<NoticeMaterial, NoPartnership> {
    let (provider, reseller) = partnerships::newest_with(read, me, other)?;
    let mut profiles = companies::profiles(read, &[me.partner(), other])?;
    let own = profiles.remove(&me.partner()).ok_or(NoPartnership(other))?;
    let other = profiles.remove(&other).ok_or(NoPartnership(other))?;
    let (by_provider, by_reseller) = (own.name.clone(), other.name.clone());
    let (provider_name, reseller_name) =
        if provider == me.partner() { (by_provider, by_reseller) } else { (by_reseller, by_provider) };
    let customers = delegation::served_through(read, provider, reseller, after, limit, now)?;
    let language = access::own_language(read, me)?;
    Ok(NoticeMaterial { own, other, reseller: reseller_name, provider: provider_name, customers, language })
}

/// What must always be true: every violation of every feature, as sentences. Without `keys` the trail is not walked: a
/// database that was never served has none.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>, keys: Option<&Keys>) -> QueryResult<Vec<String>> {
    let mut broken = companies::invariants(read)?;
    broken.extend(partnerships::invariants(read)?);
    broken.extend(customers::invariants(read)?);
    broken.extend(delegation::invariants(read)?);
    broken.extend(delegation::request_invariants(read)?);
    broken.extend(subscriptions::invariants(read)?);
    broken.extend(subscriptions::license_invariants(read)?);
    broken.extend(devices::invariants(read)?);
    if let Some(keys) = keys {
        let trail = audit::verify(read, keys, None)?;
        broken.extend(trail.broken.into_iter().map(|sentence| format!("I6: {sentence}")));
    }
    broken.extend(crate::platform::db::integrity(read)?);
    Ok(broken)
}
