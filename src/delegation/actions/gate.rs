//! The gate: who may do what for a customer, proved within the transaction that does it.

use std::marker::PhantomData;

use diesel::QueryResult;

use crate::access::{CustomerId, OrganisationId, PartnerId, Scope};
use crate::customers::{self, CustomerRecord, CustomerReference, Mark, RelationshipMissing};
use crate::delegation::model::{Group, Right, groups_of};
use crate::delegation::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Kind, Outcome, Refusal};

/// The right to change a customer's devices, for the rest of the transaction that proved it: by a live grant, or because
/// whoever acts is that customer. Made by [`administer`] for a caller and by [`administer_for`] for work that goes on.
#[derive(Debug)]
pub struct Administers<'t> {
    customer: CustomerId,
    acting: OrganisationId,
    transaction: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl<'t> Administers<'t> {
    /// The customer.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Who acts.
    pub fn acting(&self) -> OrganisationId {
        self.acting
    }

    /// Whoever may change may also look.
    pub fn observes(&self) -> Observes<'t> {
        Observes { customer: self.customer, transaction: PhantomData }
    }
}

/// The right to look at a customer's devices, for the rest of the use of the database that proved it.
#[derive(Debug)]
pub struct Observes<'t> {
    customer: CustomerId,
    transaction: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl Observes<'_> {
    /// The customer.
    pub fn customer(&self) -> CustomerId {
        self.customer
    }
}

/// What the gate asks for and does not find.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// No relationship, or no such customer: the same answer.
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    /// A relationship without delegated administration.
    #[error(
        "You work with customer {customer}, but have no delegated administration of it{}. Ask its admin to grant it: \
         POST /v1/relationshiprequests with delegatedAdmin, or a delegated admin relationship.",
        since(*.ended_at)
    )]
    Delegation {
        /// The customer.
        customer: CustomerId,
        /// When the last grant ended, if there was one.
        ended_at: Option<Timestamp>,
    },
    /// Delegated administration, but in none of the roles that this takes.
    #[error(
        "Your delegated administration of customer {customer} gives you none of the roles that this takes: {}. Assign one \
         of them to a group you are in, on a delegated admin relationship that has it.",
        needed.names()
    )]
    Role {
        /// The customer.
        customer: CustomerId,
        /// What was asked for.
        needed: Right,
    },
}

fn since(ended_at: Option<Timestamp>) -> String {
    ended_at.map(|at| format!(" since {}", at.readable())).unwrap_or_default()
}

impl Refusal for GateError {
    fn code(&self) -> Code {
        match self {
            GateError::Relationship(error) => error.code(),
            GateError::Delegation { .. } => Code::new(900_308, "delegatedAdministrationMissing", Kind::Forbidden),
            GateError::Role { .. } => Code::new(900_308, "administrationRoleMissing", Kind::Forbidden),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            GateError::Relationship(error) => error.parameters(),
            GateError::Delegation { customer, ended_at } => {
                let mut values =
                    vec![("customer", customer.to_string()), ("missing", "delegatedAdministration".to_owned())];
                values.extend(ended_at.map(|at| ("endedAt", at.to_string())));
                values
            }
            GateError::Role { customer, needed } => vec![
                ("customer", customer.to_string()),
                ("missing", "administrationRole".to_owned()),
                ("roles", needed.names()),
            ],
        }
    }
}

/// Proves that the caller may change the devices of `customer` now.
///
/// # Errors
/// [`GateError`] says which of the two is missing and how to ask for it.
pub fn administer<'t>(
    tx: &mut Tx<'t>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Administers<'t>, GateError> {
    let id = related(tx, me, customer)?;
    prove(tx, me.organisation(), &groups_of(me), id, Right::WriteDevices, now)
}

/// The same proof for work that goes on after the request, asked anew in each of its transactions: what any group of the
/// organisation may do, since nobody is behind it any more.
///
/// # Errors
/// As [`administer`].
pub fn administer_for<'t>(
    tx: &mut Tx<'t>,
    acting: OrganisationId,
    customer: CustomerId,
    now: Timestamp,
) -> Outcome<Administers<'t>, GateError> {
    prove(tx, acting, Group::ALL, customer, Right::WriteDevices, now)
}

fn prove<'t>(
    tx: &mut Tx<'t>,
    acting: OrganisationId,
    groups: &[Group],
    customer: CustomerId,
    right: Right,
    now: Timestamp,
) -> Outcome<Administers<'t>, GateError> {
    let own = OrganisationId::from(customer) == acting;
    let partner = PartnerId::from_uuid(acting.uuid());
    if !own && !store::touch_live(tx, partner, customer, right, groups, now)? {
        return Err(missing(tx, partner, customer, right, now)?.into());
    }
    Ok(Administers { customer, acting, transaction: PhantomData })
}

/// Proves that the caller's delegated administration of `customer` gives it `right` now, on the row that ends it: what
/// is changed with it cannot be changed after the end.
///
/// # Errors
/// As [`administer`].
pub fn require(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    right: Right,
    now: Timestamp,
) -> Outcome<CustomerId, GateError> {
    let id = related(tx, me, customer)?;
    prove(tx, me.organisation(), &groups_of(me), id, right, now).map(|proof| proof.customer())
}

/// Whether the caller has `right` over `customer` now, by a grant or by being it. What it changes asks [`require`].
///
/// # Errors
/// As [`administer`].
pub fn has_right(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    right: Right,
    now: Timestamp,
) -> Outcome<CustomerId, GateError> {
    if me.as_customer().is_some() {
        return related(read, me, customer);
    }
    Ok(administered(read, me, customer, right, now)?.id)
}

/// The record of a customer over which the caller's company has `right` now: with the proof in one query.
///
/// # Errors
/// As [`administer`].
pub fn administered(
    read: &mut Read<'_>,
    me: &Scope,
    customer: &CustomerReference,
    right: Right,
    now: Timestamp,
) -> Outcome<CustomerRecord, GateError> {
    let marks = [store::right_now(right, &groups_of(me)), Mark::ALWAYS];
    let (record, [held, _]) = customers::customer(read, me, customer, marks, now).map_err(Failure::widen)?;
    if !held {
        return Err(missing(read, me.partner(), record.id, right, now)?.into());
    }
    Ok(record)
}

/// Proves that the caller may look at the devices of `customer` now.
///
/// # Errors
/// As [`administer`].
pub fn observe<'t>(
    read: &mut Read<'t>,
    me: &Scope,
    customer: &CustomerReference,
    now: Timestamp,
) -> Outcome<Observes<'t>, GateError> {
    let customer = has_right(read, me, customer, Right::ReadDevices, now)?;
    Ok(Observes { customer, transaction: PhantomData })
}

fn related(read: &mut Read<'_>, me: &Scope, customer: &CustomerReference) -> Outcome<CustomerId, GateError> {
    if let Some(own) = me.as_customer() {
        return match customer.resolve(read)? {
            Some(id) if id == own => Ok(own),
            _ => Err(GateError::from(RelationshipMissing(customer.as_str().to_owned())).into()),
        };
    }
    Ok(customers::live_relationship(read, me, customer).map_err(Failure::widen)?.customer)
}

fn missing(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    needed: Right,
    now: Timestamp,
) -> QueryResult<GateError> {
    if holds_grant(read, partner, customer, now)? {
        return Ok(GateError::Role { customer, needed });
    }
    let ended_at = store::between(read, partner, customer)?.iter().filter_map(|grant| grant.ends_at).max();
    Ok(GateError::Delegation { customer, ended_at })
}

/// Whether `partner` holds a live grant over `customer`: what a token for the customer's tenant is worth. It opens no
/// device; [`administer`] does.
///
/// # Errors
/// Only the database's.
pub fn holds_grant(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId, now: Timestamp) -> QueryResult<bool> {
    Ok(!store::live_among(read, partner, &[customer], now)?.is_empty())
}

/// Whether any partner can administer `customer` now, in whatever roles.
///
/// # Errors
/// Only the database's.
pub fn is_administered(read: &mut Read<'_>, customer: CustomerId, now: Timestamp) -> QueryResult<bool> {
    Ok(!store::live_of_customer(read, customer, now)?.is_empty())
}

/// Those of `customers` that the caller's company can administer now, in whatever roles.
///
/// # Errors
/// Only the database's.
pub fn administered_among(
    read: &mut Read<'_>,
    me: &Scope,
    customers: &[CustomerId],
    now: Timestamp,
) -> QueryResult<Vec<CustomerId>> {
    store::live_among(read, me.partner(), customers, now)
}

/// Whether `partner` holds a grant over `customer`, or held one. Asked by the customer itself.
///
/// # Errors
/// Only the database's.
pub fn has_held_grant(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId) -> QueryResult<bool> {
    Ok(!store::between(read, partner, customer)?.is_empty())
}
