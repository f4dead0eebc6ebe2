//! What a partner sees of a customer that it administers.

use crate::access::Scope;
use crate::customers::{CustomerRecord, CustomerReference};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};

use super::{GateError, customer, observe};

/// The record of a customer that the caller administers.
///
/// # Errors
/// [`GateError`] says which of relationship and delegated administration is missing.
pub fn administered(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<CustomerRecord, GateError> {
    observe(read, me, reference, now)?;
    Ok(customer(read, me, reference, now).map_err(Failure::widen)?.record)
}
