//! Use cases of a partner that asks for granular delegated administration.

use super::endings::end_granular;
use super::notices::{Told, tell_customer};
use crate::access::{CustomerId, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::customers::{self, RelationshipMissing};
use crate::delegation::model::{
    AccessAction, AccessRequest, AccessRequestId, DirectoryRole, GrantId, Granular, GranularError, GranularState,
    GranularStatus, GranularTerms, LAPSES_AFTER, NoticeKind, Operation, OperationId, read_graph_id,
};
use crate::delegation::store::{assignments, granular as store};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::{EtagError, IfMatch};
use crate::platform::stretch::Stretch;
use crate::platform::text::shorten;

pub use store::{GranularEnd, GranularFilter, Order, Side};

/// One of the caller's own, by the id that Graph shows.
///
/// # Errors
/// [`GranularError::Unknown`].
pub fn granular(read: &mut Read<'_>, me: &Scope, id: &str) -> Outcome<Granular, GranularError> {
    let unknown = || GranularError::Unknown(shorten(id, 80));
    let key = read_graph_id(id).ok_or_else(unknown)?;
    let found = store::of_partner_by_id(read, me.partner(), key)?;
    Ok(found.filter(|found| found.graph_id().eq_ignore_ascii_case(id)).ok_or_else(unknown)?)
}

/// Which page of the caller's own is wanted.
#[derive(Clone, Debug, Default)]
pub struct GranularPage {
    /// Which of them.
    pub filter: GranularFilter,
    /// In which order.
    pub order: Order,
    /// After which.
    pub after: Option<GrantId>,
    /// How many at most.
    pub limit: i64,
    /// Whether all that the filter lets through are counted.
    pub counted: bool,
}

/// A page of the caller's own, and how many there are, if that was asked.
///
/// # Errors
/// Only the database's.
pub fn granular_list(
    read: &mut Read<'_>,
    me: &Scope,
    page: &GranularPage,
    now: Timestamp,
) -> diesel::QueryResult<(Vec<Granular>, Option<i64>)> {
    let GranularPage { filter, order, after, limit, counted } = page;
    let count = match counted {
        true => Some(store::count_of_partner(read, me.partner(), filter, now)?),
        false => None,
    };
    Ok((store::of_partner(read, me.partner(), filter, *order, *after, *limit, now)?, count))
}

/// A customer that a partner names: one it works with, or as if there were none.
fn named(read: &mut Read<'_>, partner: PartnerId, customer: CustomerId) -> Outcome<(), GranularError> {
    match customers::between(read, partner, customer)? {
        Some(_) => Ok(()),
        None => Err(GranularError::Customer(RelationshipMissing(customer.to_string())).into()),
    }
}

/// Makes a delegated admin relationship, which its partner edits before it asks the customer.
///
/// # Errors
/// See [`GranularError`].
pub fn create_granular(
    tx: &mut Tx<'_>,
    me: &Scope,
    terms: &GranularTerms,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> Outcome<Granular, GranularError> {
    terms.check().map_err(GranularError::from)?;
    if let Some(customer) = customer {
        named(tx, me.partner(), customer)?;
    }
    let id = GrantId::fresh();
    if store::name_is_taken(tx, me.partner(), &terms.display_name, id)? {
        return Err(GranularError::NameTaken(terms.display_name.to_string()).into());
    }
    let new = Granular {
        id,
        partner: me.partner(),
        customer,
        terms: terms.clone(),
        state: GranularState::Created,
        version: 1,
        created_by: me.user_id(),
        created_at: now,
        modified_at: now,
        lapses_at: None,
        activated_at: None,
        ends_at: None,
    };
    store::insert(tx, &new)?;
    let event =
        Event::GranularAdministrationCreated { relationship: id.uuid(), customer: customer.map(CustomerId::uuid) };
    audit::record(tx, me, &event, now)?;
    Ok(new)
}

/// What a partner changes; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct GranularChange {
    /// What it is called.
    pub display_name: Option<crate::delegation::model::GranularName>,
    /// How many days it lasts.
    pub days: Option<i32>,
    /// Whether it is extended at its end.
    pub auto_extend: Option<bool>,
    /// Whom it is for.
    pub customer: Option<CustomerId>,
    /// In which roles.
    pub roles: Option<Vec<DirectoryRole>>,
}

/// How a change was made.
#[derive(Clone, Debug)]
pub enum Changed {
    /// At once.
    Now(Granular),
    /// As an operation that Graph's clients look for.
    Operation(Granular, OperationId),
}

/// Changes what was created; of what is in force, only whether it is extended, and Global Administrator can be taken out.
///
/// # Errors
/// See [`GranularError`].
pub fn change_granular(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: &str,
    version: &IfMatch,
    change: &GranularChange,
    now: Timestamp,
) -> Outcome<Changed, GranularError> {
    let before = granular(tx, me, id)?;
    version.check(&before.version.to_string()).map_err(GranularError::from)?;
    let mut terms = before.terms.clone();
    if let Some(name) = &change.display_name {
        terms.display_name = name.clone();
    }
    terms.days = change.days.unwrap_or(terms.days);
    terms.auto_extend = change.auto_extend.unwrap_or(terms.auto_extend);
    if let Some(roles) = &change.roles {
        terms.roles.clone_from(roles);
    }
    let customer = change.customer.or(before.customer);
    if terms == before.terms && customer == before.customer {
        return Ok(Changed::Now(before));
    }
    terms.check().map_err(GranularError::from)?;
    let status = before.status(now);
    let without_global = |roles: &[DirectoryRole]| -> Vec<DirectoryRole> {
        roles.iter().copied().filter(|role| *role != DirectoryRole::GLOBAL_ADMINISTRATOR).collect()
    };
    let takes_global_out = terms.roles != before.terms.roles && terms.roles == without_global(&before.terms.roles);
    let allowed = match status {
        GranularStatus::Created => true,
        GranularStatus::Active => {
            let rest = GranularTerms {
                auto_extend: before.terms.auto_extend,
                roles: before.terms.roles.clone(),
                ..terms.clone()
            };
            rest == before.terms
                && customer == before.customer
                && (terms.roles == before.terms.roles || takes_global_out)
        }
        _ => false,
    };
    if !allowed {
        let instead = "only autoExtendDuration can change while it is active, and Global Administrator be taken out; \
                       for anything else create a new one";
        return Err(GranularError::WrongState { action: "This change", status, instead }.into());
    }
    if let Some(customer) = customer.filter(|customer| before.customer != Some(*customer)) {
        named(tx, me.partner(), customer)?;
    }
    if store::name_is_taken(tx, me.partner(), &terms.display_name, before.id)? {
        return Err(GranularError::NameTaken(terms.display_name.to_string()).into());
    }
    if !store::change(tx, &before, &terms, customer, now)? {
        return Err(GranularError::Version(EtagError::Stale(before.version.to_string())).into());
    }
    let after = Granular { terms, customer, version: before.version + 1, modified_at: now, ..before.clone() };
    let event = Event::GranularAdministrationChanged {
        relationship: after.id.uuid(),
        customer: after.customer.map(CustomerId::uuid),
        partner: after.partner.uuid(),
    };
    audit::record(tx, me, &event, now)?;
    if let Some(customer) = after.customer.filter(|_| status == GranularStatus::Active)
        && after.terms.auto_extend != before.terms.auto_extend
    {
        let kind = if after.terms.auto_extend { NoticeKind::Extending } else { NoticeKind::Ending };
        tell_customer(tx, &Told::about(&after, customer, kind, after.ends_at), now)?;
    }
    if !takes_global_out || status != GranularStatus::Active {
        return Ok(Changed::Now(after));
    }
    for assigned in assignments::assignments_of(tx, &[after.id])? {
        let left = without_global(&assigned.roles);
        if left != assigned.roles {
            assignments::change_assignment(tx, &assigned, &left, now)?;
        }
    }
    if let Some(customer) = after.customer {
        let told = Told::about(&after, customer, NoticeKind::RolesChanged, after.ends_at);
        tell_customer(tx, &told, now)?;
    }
    let operation = Operation {
        id: OperationId::fresh(),
        kind: "delegatedAdminRelationshipUpdate".to_owned(),
        data: "{\"removedRole\":\"Global Administrator\"}".to_owned(),
        created_at: now,
    };
    assignments::insert_operation(tx, after.id, &operation)?;
    Ok(Changed::Operation(after, operation.id))
}

/// Removes what was created and never asked for.
///
/// # Errors
/// See [`GranularError`].
pub fn delete_granular(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: &str,
    version: &IfMatch,
    now: Timestamp,
) -> Outcome<(), GranularError> {
    let before = granular(tx, me, id)?;
    version.check(&before.version.to_string()).map_err(GranularError::from)?;
    if !store::delete(tx, &before)? {
        let instead = "what the customer was asked for stays on record; terminate it";
        let status = before.status(now);
        return Err(GranularError::WrongState { action: "Deleting", status, instead }.into());
    }
    let event = Event::GranularAdministrationDeleted { relationship: before.id.uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// Asks the customer, or ends the relationship. Ending twice changes nothing; asking twice is refused.
///
/// # Errors
/// See [`GranularError`].
pub fn request_access(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: &str,
    action: AccessAction,
    now: Timestamp,
) -> Outcome<AccessRequest, GranularError> {
    let before = granular(tx, me, id)?;
    let status = before.status(now);
    let wrong = |action, instead| GranularError::WrongState { action, status, instead };
    match action {
        AccessAction::LockForApproval => {
            if let Some(customer) = before.customer {
                named(tx, me.partner(), customer)?;
            }
            if !store::lock(tx, &before, now.after(LAPSES_AFTER), now)? {
                return Err(wrong("lockForApproval", "only what was created can be asked for; create a new one").into());
            }
            let event = Event::GranularAdministrationAsked {
                relationship: before.id.uuid(),
                customer: before.customer.map(CustomerId::uuid),
            };
            audit::record(tx, me, &event, now)?;
            if let Some(customer) = before.customer {
                let told = Told::about(&before, customer, NoticeKind::Asked, Some(now.after(LAPSES_AFTER)));
                tell_customer(tx, &told, now)?;
            }
        }
        AccessAction::Terminate => {
            if status == GranularStatus::Created {
                return Err(wrong("terminate", "what was never asked for is deleted").into());
            }
            if status == GranularStatus::Expired {
                return Err(wrong("terminate", "it is over already").into());
            }
            end_granular(tx, me, &before, now)?;
        }
    }
    let request = AccessRequest { id: AccessRequestId::fresh(), action, created_at: now, settled_at: Some(now) };
    assignments::insert_request(tx, before.id, &request)?;
    Ok(request)
}

/// Requests and operations of one relationship that are told of at most.
pub const TOLD: i64 = 300;

/// What was asked of one of the caller's own.
///
/// # Errors
/// [`GranularError::Unknown`].
pub fn access_requests(read: &mut Read<'_>, me: &Scope, id: &str) -> Outcome<Vec<AccessRequest>, GranularError> {
    let one = granular(read, me, id)?;
    Ok(assignments::requests_of(read, one.id, TOLD)?)
}

/// What was changed in the assignments of one of the caller's own, newest first.
///
/// # Errors
/// [`GranularError::Unknown`].
pub fn operations(read: &mut Read<'_>, me: &Scope, id: &str) -> Outcome<Vec<Operation>, GranularError> {
    let one = granular(read, me, id)?;
    Ok(assignments::operations_of(read, one.id, TOLD)?)
}

/// A page of the customers that the caller administers now, with their names; or `only` that one.
///
/// # Errors
/// Only the database's.
pub fn administered_customers(
    read: &mut Read<'_>,
    me: &Scope,
    only: Option<CustomerId>,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> diesel::QueryResult<Vec<(CustomerId, String)>> {
    let ids = crate::delegation::store::administered_customers(read, me.partner(), only, after, limit, now)?;
    let mut names = customers::names(read, &ids)?;
    Ok(ids.into_iter().map(|id| (id, names.remove(&id).unwrap_or_default())).collect())
}

/// Delegated admin relationships of one side in order of their ends, in a stretch of time; those with one customer if it
/// is named.
///
/// # Errors
/// Only the database's.
pub fn ending(
    read: &mut Read<'_>,
    side: Side,
    with: Option<CustomerId>,
    end: GranularEnd,
    stretch: &Stretch,
) -> diesel::QueryResult<Vec<Granular>> {
    store::ending(read, side, with, end, stretch)
}
