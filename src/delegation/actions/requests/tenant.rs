//! Use case of a customer that has no account here yet: it makes its own tenant, from a request that waits for its answer.

use super::answers::asked;
use crate::access::{self, AccessSettings, CustomerId, NewPerson};
use crate::audit::{self, Actor, Event};
use crate::customers::{self, NewCustomer};
use crate::delegation::model::request_refusals::TenantError;
use crate::delegation::model::requests::AskingLink;
use crate::partnerships::{self, PartnershipSettings};
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::{Failure, Outcome};
use crate::platform::keys::Keys;

/// What a customer fills in to make its tenant.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The customer.
    pub customer: NewCustomer,
    /// Its first Global admin, who gets an activation mail.
    pub admin: NewPerson,
}

/// Makes a tenant of a customer's own. The link is no more than the occasion: it neither verifies the admin's address nor
/// signs anybody in, and the request waits for its answer.
///
/// # Errors
/// See [`TenantError`]; then nothing is left.
pub fn create_tenant(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    keys: &Keys,
    link: &AskingLink,
    new: &NewTenant,
    settings: (&AccessSettings, &PartnershipSettings),
    now: Timestamp,
) -> Outcome<CustomerId, TenantError> {
    let (asked, _) = asked(tx, keys, link, now).map_err(Failure::widen)?;
    let (access, limits) = settings;
    // Whoever holds the link types the mailbox: it gets no more mail by it than by being asked.
    partnerships::claim_mail(tx, &new.admin.email, asked.partner, None, limits, now).map_err(Failure::widen)?;
    let record = customers::insert_own(tx, &new.customer, now).map_err(Failure::widen)?;
    access::invite_user(tx, record.id.into(), &new.admin, access, now)?;
    audit::record(tx, actor, &Event::TenantCreated { customer: record.id.uuid() }, now)?;
    Ok(record.id)
}
