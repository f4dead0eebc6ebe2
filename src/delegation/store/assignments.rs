//! Tables of access assignments: which of a partner's groups hold which roles by which relationship; and of what was asked
//! to be done with one.

use diesel::prelude::*;

use super::assigned_roles;
use super::granular::{read_roles, written};
use crate::delegation::model::{
    AccessAction, AccessRequest, AccessRequestId, Assignment, AssignmentId, DirectoryRole, GrantId, Operation,
    OperationId,
};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, insert_all, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    access_assignments (id) {
        id -> Id,
        relationship_id -> Id,
        container -> Text,
        roles -> Text,
        version -> Integer,
        created_at -> Moment,
        modified_at -> Moment,
        deleted_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    delegated_admin_operations (id) {
        id -> Id,
        relationship_id -> Id,
        kind -> Text,
        data -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    delegated_admin_requests (id) {
        id -> Id,
        relationship_id -> Id,
        action -> Text,
        created_at -> Moment,
        settled_at -> Nullable<Moment>,
    }
}

type AssignmentRow = (AssignmentId, GrantId, String, String, i32, Timestamp, Timestamp, Option<Timestamp>);

fn assignment(row: AssignmentRow) -> QueryResult<Assignment> {
    let (id, relationship, group, roles, version, created_at, modified_at, deleted_at) = row;
    let (group, roles) = (word(group)?, read_roles(&roles));
    Ok(Assignment { id, relationship, group, roles, version, created_at, modified_at, deleted_at })
}

/// Assignments of some relationships, oldest first; those taken back are left out.
pub(in crate::delegation) fn assignments_of(
    read: &mut Read<'_>,
    relationships: &[GrantId],
) -> QueryResult<Vec<Assignment>> {
    let mut found = Vec::new();
    // SQLite takes a bounded number of parameters.
    for some in relationships.chunks(5_000) {
        let rows: Vec<AssignmentRow> = access_assignments::table
            .filter(access_assignments::relationship_id.eq_any(some))
            .filter(access_assignments::deleted_at.is_null())
            .order(access_assignments::id)
            .load(read.connection())?;
        found.extend(rows.into_iter().map(assignment).collect::<QueryResult<Vec<_>>>()?);
    }
    Ok(found)
}

/// One of a relationship's, taken back or not.
pub(in crate::delegation) fn assignment_of(
    read: &mut Read<'_>,
    relationship: GrantId,
    id: AssignmentId,
) -> QueryResult<Option<Assignment>> {
    let row: Option<AssignmentRow> = access_assignments::table
        .filter(access_assignments::id.eq(id))
        .filter(access_assignments::relationship_id.eq(relationship))
        .first(read.connection())
        .optional()?;
    row.map(assignment).transpose()
}

pub(in crate::delegation) fn insert_assignment(tx: &mut Tx<'_>, new: &Assignment) -> QueryResult<()> {
    diesel::insert_into(access_assignments::table)
        .values((
            access_assignments::id.eq(new.id),
            access_assignments::relationship_id.eq(new.relationship),
            access_assignments::container.eq(new.group.as_str()),
            access_assignments::roles.eq(written(&new.roles)),
            access_assignments::version.eq(new.version),
            access_assignments::created_at.eq(new.created_at),
            access_assignments::modified_at.eq(new.modified_at),
        ))
        .execute(tx.connection())?;
    open(tx, new)
}

/// What the gate asks is what the assignment says, from the same transaction on.
fn open(tx: &mut Tx<'_>, assignment: &Assignment) -> QueryResult<()> {
    #[derive(Insertable)]
    #[diesel(table_name = assigned_roles)]
    struct Assigned {
        assignment_id: AssignmentId,
        role_id: String,
        grant_id: GrantId,
        container: &'static str,
    }
    let rows: Vec<Assigned> = assignment
        .roles
        .iter()
        .map(|role| Assigned {
            assignment_id: assignment.id,
            role_id: role.id().to_string(),
            grant_id: assignment.relationship,
            container: assignment.group.as_str(),
        })
        .collect();
    insert_all!(tx, assigned_roles::table, rows)?;
    Ok(())
}

fn close(tx: &mut Tx<'_>, id: AssignmentId) -> QueryResult<usize> {
    diesel::delete(assigned_roles::table).filter(assigned_roles::assignment_id.eq(id)).execute(tx.connection())
}

/// Gives an assignment other roles.
pub(in crate::delegation) fn change_assignment(
    tx: &mut Tx<'_>,
    before: &Assignment,
    roles: &[DirectoryRole],
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(access_assignments::table)
        .filter(access_assignments::id.eq(before.id))
        .filter(access_assignments::version.eq(before.version))
        .filter(access_assignments::deleted_at.is_null())
        .set((
            access_assignments::roles.eq(written(roles)),
            access_assignments::version.eq(before.version + 1),
            access_assignments::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    if changed == 1 {
        close(tx, before.id)?;
        open(tx, &Assignment { roles: roles.to_vec(), ..before.clone() })?;
    }
    Ok(changed == 1)
}

/// Takes an assignment back.
pub(in crate::delegation) fn delete_assignment(
    tx: &mut Tx<'_>,
    before: &Assignment,
    now: Timestamp,
) -> QueryResult<bool> {
    let deleted = diesel::update(access_assignments::table)
        .filter(access_assignments::id.eq(before.id))
        .filter(access_assignments::version.eq(before.version))
        .filter(access_assignments::deleted_at.is_null())
        .set((
            access_assignments::deleted_at.eq(now),
            access_assignments::modified_at.eq(now),
            access_assignments::version.eq(before.version + 1),
        ))
        .execute(tx.connection())?;
    if deleted == 1 {
        close(tx, before.id)?;
    }
    Ok(deleted == 1)
}

pub(in crate::delegation) fn insert_operation(
    tx: &mut Tx<'_>,
    relationship: GrantId,
    operation: &Operation,
) -> QueryResult<()> {
    diesel::insert_into(delegated_admin_operations::table)
        .values((
            delegated_admin_operations::id.eq(operation.id),
            delegated_admin_operations::relationship_id.eq(relationship),
            delegated_admin_operations::kind.eq(&operation.kind),
            delegated_admin_operations::data.eq(&operation.data),
            delegated_admin_operations::created_at.eq(operation.created_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The operations on a relationship, newest first, at most `limit`.
pub(in crate::delegation) fn operations_of(
    read: &mut Read<'_>,
    relationship: GrantId,
    limit: i64,
) -> QueryResult<Vec<Operation>> {
    let rows: Vec<(OperationId, String, String, Timestamp)> = delegated_admin_operations::table
        .filter(delegated_admin_operations::relationship_id.eq(relationship))
        .order(delegated_admin_operations::id.desc())
        .limit(limit)
        .select((
            delegated_admin_operations::id,
            delegated_admin_operations::kind,
            delegated_admin_operations::data,
            delegated_admin_operations::created_at,
        ))
        .load(read.connection())?;
    Ok(rows.into_iter().map(|(id, kind, data, created_at)| Operation { id, kind, data, created_at }).collect())
}

pub(in crate::delegation) fn insert_request(
    tx: &mut Tx<'_>,
    relationship: GrantId,
    request: &AccessRequest,
) -> QueryResult<()> {
    diesel::insert_into(delegated_admin_requests::table)
        .values((
            delegated_admin_requests::id.eq(request.id),
            delegated_admin_requests::relationship_id.eq(relationship),
            delegated_admin_requests::action.eq(request.action.as_str()),
            delegated_admin_requests::created_at.eq(request.created_at),
            delegated_admin_requests::settled_at.eq(request.settled_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// What was asked of a relationship, oldest first, at most `limit`.
pub(in crate::delegation) fn requests_of(
    read: &mut Read<'_>,
    relationship: GrantId,
    limit: i64,
) -> QueryResult<Vec<AccessRequest>> {
    let rows: Vec<(AccessRequestId, String, Timestamp, Option<Timestamp>)> = delegated_admin_requests::table
        .filter(delegated_admin_requests::relationship_id.eq(relationship))
        .order(delegated_admin_requests::id)
        .limit(limit)
        .select((
            delegated_admin_requests::id,
            delegated_admin_requests::action,
            delegated_admin_requests::created_at,
            delegated_admin_requests::settled_at,
        ))
        .load(read.connection())?;
    let request = |(id, action, created_at, settled_at)| {
        let action: AccessAction = word(action)?;
        Ok(AccessRequest { id, action, created_at, settled_at })
    };
    rows.into_iter().map(request).collect()
}
