//! Use cases of subscriptions: who sees which; each part in a file of its own.

mod associations;
mod carts;
pub mod catalogue;
pub mod draft_lines;
pub mod drafts;
pub mod endings;
mod incentives;
mod invariants;
pub mod licenses;
pub mod listing;
mod orders;
pub mod pages;
mod reseller_of_record;
mod subscriptions;
mod support_contacts;
mod terms;
pub mod users;

use crate::access::{CustomerId, OrganisationKind, Scope};
use crate::customers::{self, CustomerReference, RelationshipKind, RelationshipMissing};
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::subscriptions::store::subscriptions::{self as store, Seen};

pub use associations::*;
pub use carts::*;
pub use incentives::*;
pub use invariants::*;
pub use orders::*;
pub use subscriptions::*;
pub use support_contacts::*;
pub use terms::*;

/// A customer, and which of its subscriptions the caller sees.
#[derive(Clone, Copy, Debug)]
struct Sight {
    customer: CustomerId,
    seen: Seen,
}

/// What the caller sees of a customer's subscriptions: the customer itself all of them, a provider those that it sold, a
/// reseller those of the provider that it serves the customer through and those that it is of record of. Being of record
/// opens that subscription and nothing else, so without any the customer is unknown to it.
fn sight(read: &mut Read<'_>, me: &Scope, reference: &CustomerReference) -> Outcome<Sight, RelationshipMissing> {
    let missing = || RelationshipMissing(reference.as_str().to_owned());
    if let Some(own) = me.as_customer() {
        return match reference.resolve(read)? {
            Some(id) if id == own => Ok(Sight { customer: own, seen: Seen::All }),
            _ => Err(missing().into()),
        };
    }
    let own = me.partner();
    match customers::live_relationship(read, me, reference) {
        Ok(found) => {
            let seen = match (found.kind, found.provider) {
                (RelationshipKind::Reseller, Some(provider)) => Seen::SoldByOrOfRecord(provider, own),
                _ if me.kind() == OrganisationKind::Reseller => Seen::OfRecord(own),
                _ => Seen::SoldBy(own),
            };
            Ok(Sight { customer: found.customer, seen })
        }
        Err(Failure::Refused(refusal)) => {
            let known = if me.kind() == OrganisationKind::Reseller { reference.resolve(read)? } else { None };
            match known {
                Some(customer) if store::is_of_record(read, own, customer)? => {
                    Ok(Sight { customer, seen: Seen::OfRecord(own) })
                }
                _ => Err(refusal.into()),
            }
        }
        Err(failure) => Err(failure),
    }
}
