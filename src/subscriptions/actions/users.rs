//! Users in a customer's directory, kept by partners that administer the customer.

use diesel::QueryResult;

use crate::access::{CustomerId, Scope};
use crate::audit::{self, Event};
use crate::customers::{self, Authentication, CustomerReference};
use crate::delegation::{self, Right};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{IfMatch, etag};
use crate::platform::text::shorten;
use crate::subscriptions::model::users::{
    CustomerUser, CustomerUserId, KEPT, Person, SentPerson, UserChange, UserError, UserList,
};
use crate::subscriptions::store::users as store;

use super::licenses;

/// A page of the users of a customer that the caller administers.
///
/// # Errors
/// [`UserError::Gate`].
pub fn users(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    wanted: UserList,
    after: Option<&(String, CustomerUserId)>,
    limit: i64,
    now: Timestamp,
) -> Outcome<(CustomerId, Vec<CustomerUser>), UserError> {
    let customer = delegation::has_right(read, me, reference, Right::ReadUsers, now).map_err(Failure::widen)?;
    Ok((customer, store::users(read, customer, wanted, after, limit, now)?))
}

/// One of them, also for the 30 days after its removal.
///
/// # Errors
/// [`UserError::Gate`], [`UserError::Unknown`].
pub fn user(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    now: Timestamp,
) -> Outcome<(CustomerId, CustomerUser), UserError> {
    let customer = delegation::has_right(read, me, reference, Right::ReadUsers, now).map_err(Failure::widen)?;
    Ok((customer, found(read, customer, id, now)?))
}

/// The user of `customer` that a path names, removed or not: whoever calls has proved the right to it.
pub(super) fn found(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: &str,
    now: Timestamp,
) -> Outcome<CustomerUser, UserError> {
    let unknown = || UserError::Unknown(shorten(id, 60));
    let key: CustomerUserId = id.parse().map_err(|_| unknown())?;
    let user = store::user(read, customer, key)?.ok_or_else(unknown)?;
    if user.is_gone(now) { Err(unknown().into()) } else { Ok(user) }
}

/// Records a user of a customer that the caller administers. A name that the customer's users have already is refused.
///
/// # Errors
/// See [`UserError`].
pub fn create_user(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    sent: &SentPerson,
    now: Timestamp,
) -> Outcome<(CustomerId, CustomerUser), UserError> {
    let customer = delegation::require(tx, me, reference, Right::WriteUsers, now).map_err(Failure::widen)?;
    let person = Person::default().with(sent)?;
    check_name(tx, customer, &person, now)?;
    let user = CustomerUser { id: CustomerUserId::fresh(), person, version: 1, removed_at: None };
    store::insert(tx, customer, &user, now)?;
    let event = Event::CustomerUserCreated { user: user.id.uuid(), customer: customer.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok((customer, user))
}

/// Holds a principal name to the customer's domains and to the names of its users.
fn check_name(tx: &mut Tx<'_>, customer: CustomerId, person: &Person, now: Timestamp) -> Outcome<(), UserError> {
    let domain = person.domain();
    let first = customers::own_record(tx, customer)?.map(|record| record.domain).unwrap_or_default();
    if domain != first {
        let added = customers::directory::verified_domains(tx, customer)?;
        match added.iter().find(|one| one.name == domain) {
            Some(one) if one.authentication_type == Authentication::Federated => {
                return Err(UserError::Federated(domain.to_owned()).into());
            }
            Some(_) => {}
            None => {
                let managed = added.iter().filter(|one| one.authentication_type == Authentication::Managed);
                let known: Vec<&str> =
                    [first.as_str()].into_iter().chain(managed.map(|one| one.name.as_str())).collect();
                let known = shorten(&known.join(", "), 500);
                return Err(UserError::Domain { domain: domain.to_owned(), known }.into());
            }
        }
    }
    match store::user_named(tx, customer, &person.principal_name)? {
        // Not swept away yet.
        Some(other) if other.is_gone(now) => Ok(store::forget(tx, other.id)?),
        Some(CustomerUser { person, removed_at: Some(at), .. }) => {
            Err(UserError::removed(&person.principal_name, at).into())
        }
        Some(other) => Err(UserError::Taken(other.person.principal_name).into()),
        None => Ok(()),
    }
}

/// Changes a user: what is recorded of it, its password, or that it was removed. What is as it was changes nothing.
///
/// There is no directory here to sign in to, so another password is an event and nothing else: it is never read.
///
/// # Errors
/// See [`UserError`].
pub fn change_user(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    (change, if_match): (&UserChange, &IfMatch),
    now: Timestamp,
) -> Outcome<(CustomerId, CustomerUser), UserError> {
    let right = if change.password { Right::ResetUserPassword } else { Right::WriteUsers };
    let customer = delegation::require(tx, me, reference, right, now).map_err(Failure::widen)?;
    let before = found(tx, customer, id, now)?;
    if_match.check_compatible(change.etag.as_deref(), &etag(before.version)).map_err(UserError::from)?;
    let restored = match (change.active()?, before.removed_at) {
        (Some(true), Some(_)) => true,
        (_, Some(at)) => return Err(UserError::removed(&before.person.principal_name, at).into()),
        (Some(false), None) => return Err(UserError::InactiveByPatch.into()),
        (_, None) => false,
    };
    let person = before.person.with(&change.person)?;
    let changed = person != before.person;
    if change.password && (changed || restored) {
        delegation::require(tx, me, reference, Right::WriteUsers, now).map_err(Failure::widen)?;
    }
    if person.principal_name != before.person.principal_name {
        check_name(tx, customer, &person, now)?;
    }
    let (user, of) = (before.id.uuid(), customer.uuid());
    let events = [
        (restored, Event::CustomerUserRestored { user, customer: of }),
        (changed, Event::CustomerUserChanged { user, customer: of }),
        (change.password, Event::CustomerUserPasswordReset { user, customer: of }),
    ];
    for (_, event) in events.iter().filter(|(happened, _)| *happened) {
        audit::record(tx, me, event, now)?;
    }
    if !changed && !restored {
        return Ok((customer, before));
    }
    let after = CustomerUser { person, version: before.version + 1, removed_at: None, ..before };
    store::update(tx, customer, &after)?;
    Ok((customer, after))
}

/// Removes a user, who can be restored for 30 days, and frees the licences it has. Removing it again changes nothing.
///
/// # Errors
/// See [`UserError`].
pub fn remove_user(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    now: Timestamp,
) -> Outcome<(), UserError> {
    let customer = delegation::require(tx, me, reference, Right::DeleteUsers, now).map_err(Failure::widen)?;
    let before = found(tx, customer, id, now)?;
    if before.removed_at.is_some() {
        return Ok(());
    }
    licenses::free_all(tx, me, customer, before.id, now)?;
    let after = CustomerUser { version: before.version + 1, removed_at: Some(now), ..before };
    store::update(tx, customer, &after)?;
    let event = Event::CustomerUserRemoved { user: after.id.uuid(), customer: customer.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(())
}

/// Sweeps away users who were removed 30 days ago or earlier. Nobody sees them any more before that.
///
/// # Errors
/// Only the database's.
pub fn forget_removed(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    store::forget_removed(tx, now.before(KEPT))
}
