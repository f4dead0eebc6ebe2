//! Use cases of a partner that assigns the roles it was given to its groups.

use super::granular::granular;
use crate::access::{CustomerId, Scope};
use crate::audit::{self, Event};
use crate::delegation::model::{
    Assignment, AssignmentId, DirectoryRole, Granular, GranularError, GranularStatus, Group, Operation, OperationId,
};
use crate::delegation::store::assignments as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::{EtagError, IfMatch};
use crate::platform::text::shorten;

/// The assignments of one of the caller's own, and the relationship itself.
///
/// # Errors
/// [`GranularError::Unknown`].
pub fn assignments(read: &mut Read<'_>, me: &Scope, id: &str) -> Outcome<(Granular, Vec<Assignment>), GranularError> {
    let one = granular(read, me, id)?;
    let assigned = store::assignments_of(read, &[one.id])?;
    Ok((one, assigned))
}

/// One assignment, taken back or not.
///
/// # Errors
/// [`GranularError::Unknown`], [`GranularError::AssignmentUnknown`].
pub fn assignment(
    read: &mut Read<'_>,
    me: &Scope,
    id: &str,
    assignment: &str,
) -> Outcome<(Granular, Assignment), GranularError> {
    let one = granular(read, me, id)?;
    let unknown = || GranularError::AssignmentUnknown(shorten(assignment, 60));
    let key: AssignmentId = assignment.parse().map_err(|_| unknown())?;
    let found = store::assignment_of(read, one.id, key)?.ok_or_else(unknown)?;
    Ok((one, found))
}

/// The relationship in force, whose roles these are.
fn in_force(one: Granular, roles: &[DirectoryRole], now: Timestamp) -> Result<Granular, GranularError> {
    let status = one.status(now);
    if status != GranularStatus::Active {
        let instead = "roles are assigned once the customer has approved and while it lasts";
        return Err(GranularError::WrongState { action: "Assigning roles", status, instead });
    }
    if roles.is_empty() {
        let reason = "names at least one role; delete the assignment instead".to_owned();
        return Err(GranularError::Property { property: "accessDetails.unifiedRoles", reason });
    }
    let missing: Vec<DirectoryRole> = roles.iter().copied().filter(|role| !one.terms.roles.contains(role)).collect();
    if missing.is_empty() { Ok(one) } else { Err(GranularError::RolesNotGiven(missing)) }
}

/// Assigns roles to a group of the caller's company. Its members hold them from then on.
///
/// # Errors
/// See [`GranularError`].
pub fn assign(
    tx: &mut Tx<'_>,
    me: &Scope,
    id: &str,
    container: &str,
    roles: &[DirectoryRole],
    now: Timestamp,
) -> Outcome<Assignment, GranularError> {
    let one = in_force(granular(tx, me, id)?, roles, now)?;
    let group =
        Group::named(me.partner(), container).ok_or_else(|| GranularError::ContainerUnknown(shorten(container, 60)))?;
    if store::assignments_of(tx, &[one.id])?.iter().any(|assigned| assigned.group == group) {
        return Err(GranularError::ContainerAssigned(group.as_str()).into());
    }
    let new = Assignment {
        id: AssignmentId::fresh(),
        relationship: one.id,
        group,
        roles: roles.to_vec(),
        version: 1,
        created_at: now,
        modified_at: now,
        deleted_at: None,
    };
    store::insert_assignment(tx, &new)?;
    let event = Event::AccessAssignmentCreated {
        assignment: new.id.uuid(),
        customer: one.customer.map(CustomerId::uuid),
        group: group.to_string(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(new)
}

fn stale(before: &Assignment) -> GranularError {
    GranularError::Version(EtagError::Stale(before.version.to_string()))
}

/// Gives an assignment other roles. `None` if they are what it has.
///
/// # Errors
/// See [`GranularError`].
pub fn reassign(
    tx: &mut Tx<'_>,
    me: &Scope,
    (id, assigned): (&str, &str),
    version: &IfMatch,
    roles: &[DirectoryRole],
    now: Timestamp,
) -> Outcome<(Assignment, Option<OperationId>), GranularError> {
    let (one, before) = assignment(tx, me, id, assigned)?;
    version.check(&before.version.to_string()).map_err(GranularError::from)?;
    if before.deleted_at.is_some() {
        return Err(GranularError::AssignmentUnknown(shorten(assigned, 60)).into());
    }
    let one = in_force(one, roles, now)?;
    if before.roles == roles {
        return Ok((before, None));
    }
    if !store::change_assignment(tx, &before, roles, now)? {
        return Err(stale(&before).into());
    }
    let event = Event::AccessAssignmentChanged {
        assignment: before.id.uuid(),
        customer: one.customer.map(CustomerId::uuid),
        group: before.group.to_string(),
    };
    audit::record(tx, me, &event, now)?;
    let operation = Operation {
        id: OperationId::fresh(),
        kind: "delegatedAdminAccessAssignmentUpdate".to_owned(),
        data: serde_json::json!({ "accessAssignmentId": before.id }).to_string(),
        created_at: now,
    };
    store::insert_operation(tx, one.id, &operation)?;
    let after = Assignment { roles: roles.to_vec(), version: before.version + 1, modified_at: now, ..before };
    Ok((after, Some(operation.id)))
}

/// Takes an assignment back: the group's members lose its roles at once. Twice changes nothing.
///
/// # Errors
/// See [`GranularError`].
pub fn unassign(
    tx: &mut Tx<'_>,
    me: &Scope,
    (id, assigned): (&str, &str),
    version: &IfMatch,
    now: Timestamp,
) -> Outcome<(), GranularError> {
    let (one, before) = assignment(tx, me, id, assigned)?;
    if before.deleted_at.is_some() {
        return Ok(());
    }
    version.check(&before.version.to_string()).map_err(GranularError::from)?;
    if !store::delete_assignment(tx, &before, now)? {
        return Err(stale(&before).into());
    }
    let event = Event::AccessAssignmentDeleted {
        assignment: before.id.uuid(),
        customer: one.customer.map(CustomerId::uuid),
        group: before.group.to_string(),
    };
    Ok(audit::record(tx, me, &event, now)?)
}
