//! Tenant owner: a second, separate step for a reseller that is associated with an Azure customer already.

use std::collections::HashMap;

use super::notices::{Told, tell_customer};
use crate::access::{CustomerId, OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies::{self, CompanyProfile};
use crate::customers::{self, CustomerReference, RelationshipMissing};
use crate::delegation::model::{EnderId, NoticeKind, TenantOwner, TenantOwnerError, TenantOwnerId};
use crate::delegation::store::notices as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;

/// Tenant owners of one directory at most.
const OWNERS: i64 = 1_000;

/// The customer, of whoever works with it or is it.
fn concerned(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
) -> Outcome<CustomerId, RelationshipMissing> {
    if me.kind() != OrganisationKind::Customer {
        return Ok(customers::live_relationship(read, me, reference)?.customer);
    }
    match (me.as_customer(), reference.resolve(read)?) {
        (Some(own), Some(named)) if own == named => Ok(own),
        _ => Err(RelationshipMissing(reference.as_str().to_owned()).into()),
    }
}

/// Who is tenant owner of a customer's directory, with their profiles.
///
/// # Errors
/// [`RelationshipMissing`].
pub fn tenant_owners(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
) -> Outcome<Vec<(TenantOwner, Option<CompanyProfile>)>, RelationshipMissing> {
    let customer = concerned(read, me, reference)?;
    let mut owners = store::owners_of(read, customer, OWNERS)?;
    if me.as_customer().is_none() {
        // A partner sees itself and its own resellers; who else serves the customer is not its business.
        let own: Vec<PartnerId> = customers::partners_of(read, customer)?
            .into_iter()
            .filter(|(relationship, _)| relationship.provider == Some(me.partner()))
            .map(|(relationship, _)| relationship.partner)
            .collect();
        owners.retain(|owner| owner.partner == me.partner() || own.contains(&owner.partner));
    }
    let ids: Vec<PartnerId> = owners.iter().map(|owner| owner.partner).collect();
    let mut profiles: HashMap<PartnerId, CompanyProfile> = companies::profiles(read, &ids)?.into_iter().collect();
    let shown = owners.into_iter().map(|owner| {
        let profile = profiles.remove(&owner.partner);
        (owner, profile)
    });
    Ok(shown.collect())
}

/// Gives a reseller tenant owner permission. Twice changes nothing.
///
/// # Errors
/// See [`TenantOwnerError`].
pub fn grant_tenant_owner(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    partner: PartnerId,
    now: Timestamp,
) -> Outcome<TenantOwner, TenantOwnerError> {
    let customer = concerned(tx, me, reference).map_err(crate::platform::error::Failure::widen)?;
    let associated = customers::between(tx, partner, customer)?.filter(|found| found.provider.is_some());
    // A provider speaks for its own resellers; of another's it learns nothing.
    let own = associated.filter(|found| me.as_customer().is_some() || found.provider == Some(me.partner()));
    if own.is_none() {
        return Err(TenantOwnerError::NotAssociated(partner).into());
    }
    if let Some(owner) = store::owners_of(tx, customer, OWNERS)?.into_iter().find(|owner| owner.partner == partner) {
        return Ok(owner);
    }
    let id = TenantOwnerId::fresh();
    let owner = TenantOwner { id, customer, partner, granted_by: me.organisation(), since: now };
    store::insert_owner(tx, &owner, me.user_id())?;
    let event = Event::TenantOwnerGranted { owner: id.uuid(), customer: customer.uuid(), partner: partner.uuid() };
    audit::record(tx, me, &event, now)?;
    let told = Told { customer, partner, kind: NoticeKind::OwnerGranted, relationship: None, ends_at: None };
    tell_customer(tx, &told, now)?;
    Ok(owner)
}

/// Ends it. Twice changes nothing.
///
/// # Errors
/// See [`TenantOwnerError`].
pub fn end_tenant_owner(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    partner: PartnerId,
    now: Timestamp,
) -> Outcome<(), TenantOwnerError> {
    let customer = concerned(tx, me, reference).map_err(crate::platform::error::Failure::widen)?;
    let through = customers::between(tx, partner, customer)?.and_then(|found| found.provider);
    let may = me.as_customer().is_some() || through == Some(me.partner());
    if !may || !store::has_been_owner(tx, customer, partner)? {
        return Err(TenantOwnerError::NoOwner(partner).into());
    }
    if store::end_owner(tx, customer, partner, EnderId::of(me), now)? {
        let event = Event::TenantOwnerEnded { customer: customer.uuid(), partner: partner.uuid() };
        audit::record(tx, me, &event, now)?;
        let told = Told { customer, partner, kind: NoticeKind::OwnerEnded, relationship: None, ends_at: Some(now) };
        tell_customer(tx, &told, now)?;
    }
    Ok(())
}
