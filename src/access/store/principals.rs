//! Organisations, and what a request needs to know of its caller.

use diesel::prelude::*;

use super::schema::{application_roles, applications, organisations, user_roles, users};

use super::super::model::{ApplicationId, OrganisationId, OrganisationKind, Role, UserId, UserState};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

/// What a request needs to know of its caller.
pub(in crate::access) struct Principal {
    pub(in crate::access) organisation: OrganisationId,
    pub(in crate::access) kind: OrganisationKind,
    pub(in crate::access) state: UserState,
    pub(in crate::access) epoch: i64,
    pub(in crate::access) has_second_factor: bool,
    pub(in crate::access) roles: Vec<Role>,
}

type PrincipalRow = (OrganisationId, String, String, i64, bool, Option<String>);

fn principal(rows: Vec<PrincipalRow>) -> QueryResult<Option<Principal>> {
    let Some((organisation, kind, state, epoch, has_second_factor, _)) = rows.first().cloned() else {
        return Ok(None);
    };
    let roles = rows.into_iter().filter_map(|(.., role)| role);
    Ok(Some(Principal {
        organisation,
        kind: word(kind)?,
        state: word(state)?,
        epoch,
        has_second_factor,
        roles: roles.map(word).collect::<QueryResult<_>>()?,
    }))
}

/// One query: an authenticated request must not need more round trips than its work.
pub(in crate::access) fn principal_user(read: &mut Read<'_>, id: UserId) -> QueryResult<Option<Principal>> {
    let rows = users::table
        .inner_join(organisations::table.on(organisations::id.eq(users::organisation_id)))
        .left_join(user_roles::table.on(user_roles::user_id.eq(users::id)))
        .filter(users::id.eq(id))
        .filter(users::removed_at.is_null())
        .select((
            users::organisation_id,
            organisations::kind,
            users::state,
            users::epoch,
            users::second_factor_since.is_not_null(),
            user_roles::role.nullable(),
        ))
        .load::<PrincipalRow>(read.connection())?;
    principal(rows)
}

pub(in crate::access) fn principal_application(
    read: &mut Read<'_>,
    id: ApplicationId,
) -> QueryResult<Option<Principal>> {
    let rows = applications::table
        .inner_join(organisations::table.on(organisations::id.eq(applications::organisation_id)))
        .left_join(application_roles::table.on(application_roles::application_id.eq(applications::id)))
        .filter(applications::id.eq(id))
        .filter(applications::removed_at.is_null())
        .select((
            applications::organisation_id,
            organisations::kind,
            applications::epoch,
            application_roles::role.nullable(),
        ))
        .load::<(OrganisationId, String, i64, Option<String>)>(read.connection())?;
    let active = UserState::Active.as_str();
    principal(
        rows.into_iter().map(|(id, kind, epoch, role)| (id, kind, active.to_owned(), epoch, false, role)).collect(),
    )
}

pub(in crate::access) fn insert_organisation(
    tx: &mut Tx<'_>,
    id: OrganisationId,
    kind: OrganisationKind,
    domain: &str,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(organisations::table)
        .values((
            organisations::id.eq(id),
            organisations::kind.eq(kind.as_str()),
            organisations::domain.eq(domain),
            organisations::created_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::access) fn organisation_by_domain(
    read: &mut Read<'_>,
    domain: &str,
) -> QueryResult<Option<OrganisationId>> {
    organisations::table
        .filter(organisations::domain.eq(domain))
        .select(organisations::id)
        .first(read.connection())
        .optional()
}

pub(in crate::access) fn set_domain(tx: &mut Tx<'_>, id: OrganisationId, domain: &str) -> QueryResult<()> {
    diesel::update(organisations::table)
        .filter(organisations::id.eq(id))
        .set(organisations::domain.eq(domain))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::access) fn organisation_of_kind(
    read: &mut Read<'_>,
    kind: OrganisationKind,
) -> QueryResult<Option<OrganisationId>> {
    organisations::table
        .filter(organisations::kind.eq(kind.as_str()))
        .select(organisations::id)
        .first(read.connection())
        .optional()
}

/// An organisation's kind and domain.
pub(in crate::access) fn organisation(
    read: &mut Read<'_>,
    id: OrganisationId,
) -> QueryResult<Option<(OrganisationKind, String)>> {
    let row: Option<(String, String)> = organisations::table
        .filter(organisations::id.eq(id))
        .select((organisations::kind, organisations::domain))
        .first(read.connection())
        .optional()?;
    row.map(|(kind, domain)| Ok((word(kind)?, domain))).transpose()
}
