//! What a customer's directory holds beside its profile. Whoever calls has proved that the caller administers the customer.

use diesel::QueryResult;
use uuid::Uuid;

use crate::access::{self, CustomerId, Scope};
use crate::audit::{self, Event};
use crate::customers::model::{
    ApplicationGrant, DirectoryError, DomainError, MAX_CONSENTS, MAX_DOMAINS, VerifiedDomain, check_verified,
};
use crate::customers::store::directory::{self as store, NamedApplication};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;

/// The names of the domains that were added for a customer.
///
/// # Errors
/// Only the database's.
pub fn added_domains(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<Vec<String>> {
    Ok(store::domains_of(read, customer)?.into_iter().map(|domain| domain.name).collect())
}

/// The domains that were added for a customer, with who signs in their users.
///
/// # Errors
/// Only the database's.
pub fn verified_domains(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<Vec<VerifiedDomain>> {
    store::domains_of(read, customer)
}

/// Adds a domain that the customer owns. The same again changes nothing. It names the customer in no path and signs
/// nobody in.
///
/// # Errors
/// See [`DirectoryError`].
pub fn add_domain(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    verified: &str,
    domain: &VerifiedDomain,
    now: Timestamp,
) -> Outcome<VerifiedDomain, DirectoryError> {
    let domain = check_verified(verified, domain.clone())?;
    let known = store::domains_of(tx, customer)?;
    if let Some(same) = known.iter().find(|one| **one == domain) {
        return Ok(same.clone());
    }
    if access::organisation_by_domain(tx, &domain.name)?.is_some() || store::is_added(tx, &domain.name)? {
        return Err(DirectoryError::from(DomainError::Taken(domain.name)).into());
    }
    if known.len() >= MAX_DOMAINS {
        return Err(DirectoryError::TooManyDomains.into());
    }
    store::add(tx, customer, &domain, me.partner(), now)?;
    let event = Event::CustomerDomainAdded { customer: customer.uuid(), domain: domain.name.clone() };
    audit::record(tx, me, &event, now)?;
    Ok(domain)
}

/// Records what an application of the caller's may use of the customer's, in place of what it might before.
///
/// # Errors
/// See [`DirectoryError`].
pub fn consent(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    application: Uuid,
    grants: &[ApplicationGrant],
    now: Timestamp,
) -> Outcome<(), DirectoryError> {
    if grants.is_empty() {
        return Err(DirectoryError::NothingGranted.into());
    }
    let named = NamedApplication::from_uuid(application);
    let known = store::consents_of(tx, customer, me.partner())?;
    let before = known.iter().find(|(one, _)| *one == named);
    if before.is_some_and(|(_, before)| before == grants) {
        return Ok(());
    }
    if grants.len() > MAX_CONSENTS || (before.is_none() && known.len() >= MAX_CONSENTS) {
        return Err(DirectoryError::TooManyConsents.into());
    }
    store::consent(tx, customer, me.partner(), (named, grants), now)?;
    audit::record(tx, me, &Event::ApplicationConsented { customer: customer.uuid(), application }, now)?;
    Ok(())
}

/// Takes such a consent back.
///
/// # Errors
/// [`DirectoryError::ConsentUnknown`].
pub fn withdraw_consent(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    application: Uuid,
    now: Timestamp,
) -> Outcome<(), DirectoryError> {
    if !store::withdraw(tx, customer, me.partner(), NamedApplication::from_uuid(application))? {
        return Err(DirectoryError::ConsentUnknown(application).into());
    }
    audit::record(tx, me, &Event::ApplicationConsentWithdrawn { customer: customer.uuid(), application }, now)?;
    Ok(())
}
