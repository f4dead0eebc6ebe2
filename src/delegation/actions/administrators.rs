//! The customer's side: who administers it, and the end of that.

use std::collections::HashMap;

use crate::access::{CustomerId, OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::CompanyProfile;
use crate::customers::{self, CustomerReference, Relationship, RelationshipMissing};
use crate::delegation::model::{EndError, Grant};
use crate::delegation::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};

/// A partner that can administer a customer.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The grant.
    pub grant: Grant,
    /// The partner's name and country.
    pub profile: Option<CompanyProfile>,
    /// Its relationship, if it still has one.
    pub relationship: Option<Relationship>,
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
    let mut partners: HashMap<PartnerId, (Relationship, Option<CompanyProfile>)> = customers::partners_of(read, own)?
        .into_iter()
        .map(|(relationship, profile)| (relationship.partner, (relationship, profile)))
        .collect();
    let administrator = |grant: Grant| match partners.remove(&grant.partner) {
        Some((relationship, profile)) => Administrator { grant, profile, relationship: Some(relationship) },
        None => Administrator { grant, profile: None, relationship: None },
    };
    Ok(grants.into_iter().map(administrator).collect())
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

/// Ends a partner's administration of the caller's own organisation, for the next request and for running work. The
/// other partners' grants stay, and so does the sales relationship. Twice changes nothing.
///
/// # Errors
/// See [`EndError`].
pub fn end_administration(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    partner: PartnerId,
    now: Timestamp,
) -> Outcome<(), EndError> {
    let own = own_organisation(tx, me, customer).map_err(Failure::widen)?;
    if store::between(tx, partner, own)?.is_empty() {
        return Err(EndError::NoAdministrator(partner).into());
    }
    let at = store::last_use(tx, partner, own)?.map_or(now, |last| last.max(now));
    if store::end(tx, partner, own, me.user_id(), at)? > 0 {
        let event = Event::AdministrationEnded { customer: own.uuid(), partner: partner.uuid() };
        audit::record(tx, me, &event, now)?;
    }
    Ok(())
}
