//! The end of a relationship with a customer.

use crate::access::{CustomerId, Scope};
use crate::customers::{self, CustomerReference};
use crate::delegation;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::{Failure, Outcome};
use crate::subscriptions::model::endings::{EndRelationshipError, LISTED, StillActive};
use crate::subscriptions::store::subscriptions;

/// Ends the caller's own relationship with a customer, and whatever it could do there, once nothing runs any more that
/// its company sold or manages there. What is suspended stays with whoever sold it.
///
/// # Errors
/// See [`EndRelationshipError`].
pub fn end_relationship(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerId, EndRelationshipError> {
    let customer = customers::live_relationship(tx, me, reference).map_err(Failure::widen)?.customer;
    let count = subscriptions::count_active_of(tx, me.partner(), customer, now)?;
    if count > 0 {
        let first = subscriptions::active_of(tx, me.partner(), customer, LISTED, now)?;
        return Err(EndRelationshipError::SubscriptionsActive(StillActive { customer, count, first }).into());
    }
    delegation::end_relationship(tx, me, reference, now).map_err(Failure::widen)
}
