//! Applications and their secrets.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::model::{Application, ApplicationId, ApplicationSecret, OrganisationId, Role, SecretId};
use super::schema::{application_redirects, application_roles, application_secrets, applications};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

pub(in crate::access) fn insert_application(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    organisation: OrganisationId,
    name: &str,
    roles: &[Role],
    redirects: &[String],
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(applications::table)
        .values((
            applications::id.eq(id),
            applications::organisation_id.eq(organisation),
            applications::name.eq(name),
            applications::created_at.eq(now),
            applications::epoch.eq(1_i64),
        ))
        .execute(tx.connection())?;
    for role in roles {
        diesel::insert_into(application_roles::table)
            .values((application_roles::application_id.eq(id), application_roles::role.eq(role.as_str())))
            .execute(tx.connection())?;
    }
    for uri in redirects {
        diesel::insert_into(application_redirects::table)
            .values((application_redirects::application_id.eq(id), application_redirects::uri.eq(uri)))
            .execute(tx.connection())?;
    }
    Ok(())
}

pub(in crate::access) fn insert_secret(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    digest: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> QueryResult<SecretId> {
    let id = SecretId::fresh();
    diesel::insert_into(application_secrets::table)
        .values((
            application_secrets::id.eq(id),
            application_secrets::application_id.eq(application),
            application_secrets::digest.eq(digest),
            application_secrets::created_at.eq(now),
            application_secrets::expires_at.eq(expires_at),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// The organisation of an application that presents the secret with this digest.
pub(in crate::access) fn application_with_secret(
    read: &mut Read<'_>,
    application: ApplicationId,
    digest: &[u8],
    now: Timestamp,
) -> QueryResult<Option<(OrganisationId, i64)>> {
    application_secrets::table
        .inner_join(applications::table.on(applications::id.eq(application_secrets::application_id)))
        .filter(application_secrets::digest.eq(digest))
        .filter(application_secrets::application_id.eq(application))
        .filter(application_secrets::expires_at.gt(now))
        .filter(applications::removed_at.is_null())
        .select((applications::organisation_id, applications::epoch))
        .first(read.connection())
        .optional()
}

type ApplicationRow = (ApplicationId, String, Timestamp);

/// What hangs on applications, in one query for each kind of it.
fn with_details(read: &mut Read<'_>, rows: Vec<ApplicationRow>) -> QueryResult<Vec<Application>> {
    let ids: Vec<ApplicationId> = rows.iter().map(|row| row.0).collect();
    let mut roles: HashMap<ApplicationId, Vec<Role>> = HashMap::new();
    let mut redirects: HashMap<ApplicationId, Vec<String>> = HashMap::new();
    let mut secrets: HashMap<ApplicationId, Vec<ApplicationSecret>> = HashMap::new();
    for some in ids.chunks(5_000) {
        let found: Vec<(ApplicationId, String)> = application_roles::table
            .filter(application_roles::application_id.eq_any(some))
            .select((application_roles::application_id, application_roles::role))
            .load(read.connection())?;
        for (application, role) in found {
            roles.entry(application).or_default().push(word(role)?);
        }
        let found: Vec<(ApplicationId, String)> = application_redirects::table
            .filter(application_redirects::application_id.eq_any(some))
            .order(application_redirects::uri)
            .load(read.connection())?;
        for (application, uri) in found {
            redirects.entry(application).or_default().push(uri);
        }
        let found: Vec<(ApplicationId, SecretId, Timestamp, Timestamp)> = application_secrets::table
            .filter(application_secrets::application_id.eq_any(some))
            .order(application_secrets::id)
            .select((
                application_secrets::application_id,
                application_secrets::id,
                application_secrets::created_at,
                application_secrets::expires_at,
            ))
            .load(read.connection())?;
        for (application, id, created_at, expires_at) in found {
            secrets.entry(application).or_default().push(ApplicationSecret { id, created_at, expires_at });
        }
    }
    let shown = rows.into_iter().map(|(id, name, created_at)| {
        let mut roles = roles.remove(&id).unwrap_or_default();
        roles.sort();
        Application {
            id,
            name,
            roles,
            redirects: redirects.remove(&id).unwrap_or_default(),
            secrets: secrets.remove(&id).unwrap_or_default(),
            created_at,
        }
    });
    Ok(shown.collect())
}

pub(in crate::access) fn applications_of(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    after: Option<ApplicationId>,
    limit: i64,
) -> QueryResult<Vec<Application>> {
    let mut query = applications::table
        .filter(applications::organisation_id.eq(organisation))
        .filter(applications::removed_at.is_null())
        .select((applications::id, applications::name, applications::created_at))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(applications::id.gt(after));
    }
    let rows = query.order(applications::id).limit(limit).load(read.connection())?;
    with_details(read, rows)
}

pub(in crate::access) fn application_of(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    id: ApplicationId,
) -> QueryResult<Option<Application>> {
    let row: Option<ApplicationRow> = applications::table
        .filter(applications::organisation_id.eq(organisation))
        .filter(applications::id.eq(id))
        .filter(applications::removed_at.is_null())
        .select((applications::id, applications::name, applications::created_at))
        .first(read.connection())
        .optional()?;
    Ok(with_details(read, row.into_iter().collect())?.pop())
}

/// Whose an application is and what it is called: for the authorization endpoint, where nobody is signed in yet.
pub(in crate::access) fn client(
    read: &mut Read<'_>,
    id: ApplicationId,
) -> QueryResult<Option<(OrganisationId, Application)>> {
    let owner: Option<OrganisationId> = applications::table
        .filter(applications::id.eq(id))
        .select(applications::organisation_id)
        .first(read.connection())
        .optional()?;
    let Some(owner) = owner else { return Ok(None) };
    Ok(application_of(read, owner, id)?.map(|application| (owner, application)))
}

/// Ends every token that the application has.
pub(in crate::access) fn raise_epoch(tx: &mut Tx<'_>, id: ApplicationId) -> QueryResult<()> {
    diesel::update(applications::table)
        .filter(applications::id.eq(id))
        .set(applications::epoch.eq(applications::epoch + 1))
        .execute(tx.connection())?;
    Ok(())
}

pub(in crate::access) fn delete_secret(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    secret: SecretId,
) -> QueryResult<bool> {
    let deleted = diesel::delete(
        application_secrets::table
            .filter(application_secrets::application_id.eq(application))
            .filter(application_secrets::id.eq(secret)),
    )
    .execute(tx.connection())?;
    Ok(deleted == 1)
}

/// Guarded: an application is removed once.
pub(in crate::access) fn remove(tx: &mut Tx<'_>, id: ApplicationId, now: Timestamp) -> QueryResult<bool> {
    let removed = diesel::update(applications::table)
        .filter(applications::id.eq(id))
        .filter(applications::removed_at.is_null())
        .set((applications::removed_at.eq(now), applications::epoch.eq(applications::epoch + 1)))
        .execute(tx.connection())?;
    diesel::delete(application_secrets::table.filter(application_secrets::application_id.eq(id)))
        .execute(tx.connection())?;
    Ok(removed == 1)
}
