//! The customer's side: who administers it, and the end of that.

use std::collections::HashMap;

use diesel::QueryResult;

use super::endings::{end_full, end_grants, end_granular};
use crate::access::{CustomerId, OrganisationKind, PartnerId, Scope};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerReference, Relationship, RelationshipMissing};
use crate::delegation::model::{Assignment, DirectoryRole, EndError, Grant, GrantId, Granular};
use crate::delegation::store::{self, granular::GranularEnd};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};

/// A partner that can administer a customer, by one grant.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The grant.
    pub grant: Grant,
    /// The delegated admin relationship behind it; `None` for one of all roles.
    pub granular: Option<Granular>,
    /// Which of its roles the partner has assigned to its groups.
    pub assigned: Vec<Assignment>,
    /// The partner's name and country.
    pub profile: Option<CompanyProfile>,
    /// Its relationship, if it still has one.
    pub relationship: Option<Relationship>,
}

impl Administrator {
    /// The roles that the partner was given; `None` for all.
    pub fn roles(&self) -> Option<&[DirectoryRole]> {
        self.granular.as_ref().map(|one| one.terms.roles.as_slice())
    }
}

/// Who can administer the caller's own organisation.
///
/// # Errors
/// [`RelationshipMissing`] if `customer` is not the caller's own organisation.
pub fn administrators(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Vec<Administrator>, RelationshipMissing> {
    let own = own_organisation(read, me, customer)?;
    let grants = store::live_of_customer(read, own, now)?;
    let mut granular: HashMap<GrantId, Granular> =
        store::granular::of_customer(read, own, GranularEnd::Administration, now, SHOWN)?
            .into_iter()
            .map(|one| (one.id, one))
            .collect();
    let ids: Vec<GrantId> = granular.keys().copied().collect();
    let mut assigned: HashMap<GrantId, Vec<Assignment>> = HashMap::new();
    for one in store::assignments::assignments_of(read, &ids)? {
        assigned.entry(one.relationship).or_default().push(one);
    }
    let partners: HashMap<PartnerId, (Relationship, Option<CompanyProfile>)> = customers::partners_of(read, own)?
        .into_iter()
        .map(|(relationship, profile)| (relationship.partner, (relationship, profile)))
        .collect();
    let administrator = |grant: Grant| {
        let (relationship, profile) = match partners.get(&grant.partner) {
            Some((relationship, profile)) => (Some(relationship.clone()), profile.clone()),
            None => (None, None),
        };
        let (granular, assigned) = (granular.remove(&grant.id), assigned.remove(&grant.id).unwrap_or_default());
        Administrator { grant, granular, assigned, profile, relationship }
    };
    Ok(grants.into_iter().map(administrator).collect())
}

/// Delegated admin relationships of one customer that are shown at most.
const SHOWN: i64 = 1_000;

/// The requests for delegated administration that name the caller's own organisation and wait for its answer.
///
/// # Errors
/// Only the database's.
pub fn requests_to(
    read: &mut Read<'_>,
    own: CustomerId,
    now: Timestamp,
) -> QueryResult<Vec<(Granular, Option<CompanyProfile>)>> {
    let asking = store::granular::of_customer(read, own, GranularEnd::Request, now, SHOWN)?;
    let partners: Vec<PartnerId> = asking.iter().map(|one| one.partner).collect();
    let profiles = companies::profiles(read, &partners)?;
    Ok(asking.into_iter().map(|one| (one.clone(), profiles.get(&one.partner).cloned())).collect())
}

fn own_organisation(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
) -> Outcome<CustomerId, RelationshipMissing> {
    let named = customer.resolve(read)?;
    match me.as_customer() {
        Some(own) if named == Some(own) && me.kind() == OrganisationKind::Customer => Ok(own),
        _ => Err(RelationshipMissing(customer.as_str().to_owned()).into()),
    }
}

/// Which of a partner's grants are ended.
#[derive(Clone, Copy, Debug)]
pub enum ToEnd {
    /// All of them.
    Everything,
    /// Full delegated administration alone.
    AllRoles,
    /// What one delegated admin relationship gives.
    One(GrantId),
}

/// Ends a partner's administration of the caller's own organisation, for the next request and for running work: all of it,
/// or what one delegated admin relationship gives. The other partners' grants stay, and so does the sales relationship.
/// Twice changes nothing.
///
/// # Errors
/// See [`EndError`].
pub fn end_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    partner: PartnerId,
    what: ToEnd,
    now: Timestamp,
) -> Outcome<(), EndError> {
    let own = own_organisation(tx, me, customer).map_err(Failure::widen)?;
    if store::between(tx, partner, own)?.is_empty() {
        return Err(EndError::NoAdministrator(partner).into());
    }
    match what {
        ToEnd::Everything => {
            end_grants(tx, me, partner, own, now)?;
        }
        ToEnd::AllRoles => {
            end_full(tx, me, partner, own, now)?;
        }
        ToEnd::One(id) => {
            let found = store::granular::of_partner_by_id(tx, partner, id)?;
            let one = found.filter(|one| one.customer == Some(own)).ok_or(EndError::NoAdministrator(partner))?;
            end_granular(tx, me, &one, now)?;
        }
    }
    Ok(())
}
