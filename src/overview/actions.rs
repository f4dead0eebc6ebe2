//! Answers that several features give together.

use diesel::QueryResult;

use crate::access::{CustomerId, PartnerId, Scope};
use crate::companies::{self, CompanyProfile};
use crate::customers::CustomerRecord;
use crate::partnerships::{self, NoPartnership};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::keys::Keys;
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
    /// Registrations of the reseller for customers of both that go on, how many.
    pub running_registrations: usize,
}

/// Lines of a consequence sheet at most.
const LISTED: i64 = 100;
/// Running registrations looked at, of which only those for customers of both are told.
const RUNNING: i64 = 5_000;

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
    let (provider, reseller) = match me.kind() {
        access::OrganisationKind::Provider => (me.partner(), other),
        _ => (other, me.partner()),
    };
    partnerships::active_between(read, provider, reseller)?.ok_or(NoPartnership(other))?;
    let profile = companies::profiles(read, &[other])?.remove(&other).ok_or(NoPartnership(other))?;
    let grants = delegation::grants_through(read, provider, reseller, LISTED, now)?;
    let running = devices::running_by(read, reseller.into(), RUNNING)?;
    let theirs: Vec<CustomerId> = running.iter().map(|registration| registration.customer).collect();
    let shared = customers::served_through(read, provider, reseller, &theirs)?;
    Ok(ConsequenceSheet {
        other: profile,
        customers: grants.customers,
        listed: grants.listed,
        running_registrations: theirs.iter().filter(|customer| shared.contains(customer)).count(),
    })
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
    broken.extend(devices::invariants(read)?);
    if let Some(keys) = keys {
        let trail = audit::verify(read, keys, None)?;
        broken.extend(trail.broken.into_iter().map(|sentence| format!("I6: {sentence}")));
    }
    broken.extend(crate::platform::db::integrity(read)?);
    Ok(broken)
}
