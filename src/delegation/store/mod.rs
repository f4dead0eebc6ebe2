//! Tables of delegated administration; here the grants.

pub(in crate::delegation) mod assignments;
pub(in crate::delegation) mod granular;
pub(in crate::delegation) mod notices;
pub(in crate::delegation) mod requests;
pub(in crate::delegation) mod setup_infos;

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId};
use crate::customers::Mark;
use crate::delegation::model::{EnderId, Grant, GrantId, Group, Right};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    administration_grants (id) {
        id -> Id,
        partner_id -> Id,
        customer_id -> Id,
        origin -> Text,
        all_roles -> Bool,
        starts_at -> Moment,
        last_used_at -> Nullable<Moment>,
        ends_at -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    assigned_roles (assignment_id, role_id) {
        assignment_id -> Id,
        role_id -> Text,
        grant_id -> Id,
        container -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(administration_grants, assigned_roles);

use administration_grants as grants;

type GrantRow = (GrantId, PartnerId, CustomerId, String, bool, Timestamp, Option<Timestamp>);

fn grant((id, partner, customer, origin, all_roles, starts_at, ends_at): GrantRow) -> QueryResult<Grant> {
    Ok(Grant { id, partner, customer, origin: word(origin)?, all_roles, starts_at, ends_at })
}

const GRANT: (
    grants::id,
    grants::partner_id,
    grants::customer_id,
    grants::origin,
    grants::all_roles,
    grants::starts_at,
    grants::ends_at,
) = (
    grants::id,
    grants::partner_id,
    grants::customer_id,
    grants::origin,
    grants::all_roles,
    grants::starts_at,
    grants::ends_at,
);

pub(in crate::delegation) fn insert(tx: &mut Tx<'_>, new: &Grant) -> QueryResult<()> {
    diesel::insert_into(grants::table)
        .values((
            grants::id.eq(new.id),
            grants::partner_id.eq(new.partner),
            grants::customer_id.eq(new.customer),
            grants::origin.eq(new.origin.as_str()),
            grants::all_roles.eq(new.all_roles),
            grants::starts_at.eq(new.starts_at),
            grants::ends_at.eq(new.ends_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Every grant of the two, newest first: the live one, or the last that ended.
pub(in crate::delegation) fn between(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> QueryResult<Vec<Grant>> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .order(grants::id.desc())
        .limit(100)
        .select(GRANT)
        .load(read.connection())?;
    rows.into_iter().map(grant).collect()
}

/// Uses the live grants that give `right` to `groups`, on the rows that [`end`] changes: of a use and an ending at the
/// same moment one sees the other, whatever the isolation.
pub(in crate::delegation) fn touch_live(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    right: Right,
    groups: &[Group],
    now: Timestamp,
) -> QueryResult<bool> {
    let roles: Vec<String> = right.roles().iter().map(|role| role.id().to_string()).collect();
    let containers: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
    let assigned = assigned_roles::table
        .filter(assigned_roles::grant_id.eq(grants::id))
        .filter(assigned_roles::role_id.eq_any(roles))
        .filter(assigned_roles::container.eq_any(containers));
    let touched = diesel::update(grants::table)
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .filter(grants::all_roles.or(diesel::dsl::exists(assigned)))
        .set(grants::last_used_at.eq(now))
        .execute(tx.connection())?;
    Ok(touched > 0)
}

pub(in crate::delegation) fn live_of_customer(
    read: &mut Read<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<Vec<Grant>> {
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .order(grants::id)
        .select(GRANT)
        .load(read.connection())?;
    rows.into_iter().map(grant).collect()
}

/// Whether the partner holds all roles over the customer now, and not only those that somebody assigned.
pub(in crate::delegation) fn holds_everything(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let live = live_of_customer(read, customer, now)?;
    Ok(live.iter().any(|grant| grant.partner == partner && grant.all_roles))
}

/// When an ending takes effect: never before the grant's last use.
pub(in crate::delegation) fn last_use(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> QueryResult<Option<Timestamp>> {
    let uses: Vec<Option<Timestamp>> = grants::table
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .select(grants::last_used_at)
        .load(read.connection())?;
    Ok(uses.into_iter().flatten().max())
}

/// Ends the full grants of the two. Ended by hand is marked, for whoever took the time before.
pub(in crate::delegation) fn end_full(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    by: EnderId,
    at: Timestamp,
) -> QueryResult<usize> {
    diesel::update(grants::table)
        .filter(grants::customer_id.eq(customer))
        .filter(grants::partner_id.eq(partner))
        .filter(grants::all_roles)
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(at)))
        .set((grants::ends_at.eq(at), grants::ended_by.eq(by)))
        .execute(tx.connection())
}

/// Ends the grants of some delegated admin relationships.
pub(in crate::delegation) fn end_granular(
    tx: &mut Tx<'_>,
    ids: &[GrantId],
    by: EnderId,
    at: Timestamp,
) -> QueryResult<usize> {
    diesel::update(grants::table)
        .filter(grants::id.eq_any(ids))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(at)))
        .set((grants::ends_at.eq(at), grants::ended_by.eq(by)))
        .execute(tx.connection())
}

/// How many customers `partner` can administer now, of those given.
pub(in crate::delegation) fn live_among(
    read: &mut Read<'_>,
    partner: PartnerId,
    customers: &[CustomerId],
    now: Timestamp,
) -> QueryResult<Vec<CustomerId>> {
    grants::table
        .filter(grants::partner_id.eq(partner))
        .filter(grants::customer_id.eq_any(customers))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        // Ended by hand means ended, also for whoever took the time before the ending and asks after it.
        .filter(grants::ended_by.is_null())
        .select(grants::customer_id)
        .load(read.connection())
}

macro_rules! live_grant {
    ($and:expr) => {
        concat!(
            "EXISTS (SELECT 1 FROM administration_grants AS grants \
             WHERE grants.partner_id = customer_relationships.partner_id \
             AND grants.customer_id = customer_relationships.customer_id \
             AND grants.starts_at <= moment.now AND (grants.ends_at IS NULL OR grants.ends_at > moment.now) \
             AND grants.ended_by IS NULL",
            $and
        )
    };
}

/// Whether the partner of a relationship can administer its customer at the moment asked for, in whatever role: what
/// [`live_among`] says.
pub(in crate::delegation) const LIVE_GRANT: Mark = Mark(live_grant!(")"));

type Marks = HashMap<(Right, Vec<Group>), &'static str>;

/// Whether members of `groups` of the partner of a relationship have a right over its customer at the moment asked for.
pub(in crate::delegation) fn right_now(right: Right, groups: &[Group]) -> Mark {
    // Ids of built-in roles and names of groups: nothing in it comes from outside. There are few, and each is made once.
    static MADE: LazyLock<Mutex<Marks>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || -> &'static str {
        let roles: Vec<String> = right.roles().iter().map(|role| format!("'{}'", role.id())).collect();
        let names: Vec<String> = groups.iter().map(|group| format!("'{group}'")).collect();
        let assigned = if names.is_empty() {
            String::new()
        } else {
            format!(
                " OR EXISTS (SELECT 1 FROM assigned_roles AS assigned WHERE assigned.grant_id = grants.id \
                 AND assigned.role_id IN ({}) AND assigned.container IN ({}))",
                roles.join(", "),
                names.join(", ")
            )
        };
        Box::leak(format!("{} AND (grants.all_roles{assigned}))", live_grant!("")).into_boxed_str())
    };
    Mark(made.entry((right, groups.to_vec())).or_insert_with(make))
}

/// Every grant there was, in pages of ids: for the invariants.
pub(in crate::delegation) fn all(read: &mut Read<'_>, after: Option<GrantId>, limit: i64) -> QueryResult<Vec<Grant>> {
    let mut query = grants::table.select(GRANT).into_boxed();
    if let Some(after) = after {
        query = query.filter(grants::id.gt(after));
    }
    let rows: Vec<GrantRow> = query.order(grants::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(grant).collect()
}

/// A page of the customers with whom a partner has a delegated admin relationship in force, in order of their ids.
pub(in crate::delegation) fn administered_customers(
    read: &mut Read<'_>,
    partner: PartnerId,
    only: Option<CustomerId>,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<CustomerId>> {
    let mut query = grants::table
        .filter(grants::partner_id.eq(partner))
        .filter(grants::starts_at.le(now))
        .filter(grants::ends_at.is_null().or(grants::ends_at.gt(now)))
        .filter(grants::ended_by.is_null())
        .select(grants::customer_id)
        .distinct()
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(grants::customer_id.eq(only));
    }
    if let Some(after) = after {
        query = query.filter(grants::customer_id.gt(after));
    }
    query.order(grants::customer_id).limit(limit).load(read.connection())
}
