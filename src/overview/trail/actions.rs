//! Reading the trail of one's own organisation.

use diesel::QueryResult;

use super::model::{Filter, TrailError, Window, kinds_about, record_id};
use crate::access::{self, CustomerId, OrganisationKind, PartnerId, Scope, UserId};
use crate::audit::{self, Customers, Direction, EventId, EventRow, Kinds, Place, TrailQuery, Whose};
use crate::companies;
use crate::customers;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::text::shorten;

/// An event, with the names that its reader may know.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) row: EventRow,
    /// Whether the reader's own organisation caused it: who of another did is that one's matter.
    pub(super) own: bool,
    pub(super) user_name: Option<String>,
    pub(super) customer_name: Option<String>,
    /// The company that caused it.
    pub(super) company_name: Option<String>,
}

/// Which part of the trail is wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) window: Window,
    pub(super) filter: Filter,
    pub(super) direction: Direction,
}

/// Customers that a name may mean at most.
const NAMED: i64 = 1_000;

fn whose(me: &Scope) -> Whose {
    match me.kind() {
        OrganisationKind::Operator => Whose::Operator(me.organisation().uuid()),
        _ => Whose::Organisation(me.organisation().uuid()),
    }
}

/// A page of the caller's trail.
pub(super) fn page(
    read: &mut Read<'_>,
    me: &Scope,
    wanted: &Wanted,
    after: Option<Place>,
    limit: i64,
) -> Outcome<Vec<Record>, TrailError> {
    let customers = match &wanted.filter {
        Filter::CompanyName(part) => {
            let found = customers::named(read, me, part, NAMED + 1)?;
            if found.len() > usize::try_from(NAMED).unwrap_or(usize::MAX) {
                return Err(TrailError::TooManyCustomers { part: shorten(part, 60), limit: NAMED }.into());
            }
            Customers::Only(found.into_iter().map(CustomerId::uuid).collect())
        }
        Filter::CustomerId(id) => Customers::Only(vec![*id]),
        _ => Customers::Any,
    };
    let kinds = match &wanted.filter {
        Filter::ResourceType(resource) => kinds_about(resource),
        _ => Kinds::All,
    };
    let Window { from, until } = wanted.window;
    let query =
        TrailQuery { whose: whose(me), from, until, kinds, customers, direction: wanted.direction, after, limit };
    let rows = audit::trail(read, &query)?;
    Ok(named(read, me, rows)?)
}

/// One record of the caller's trail.
pub(super) fn record(read: &mut Read<'_>, me: &Scope, id: &str) -> Outcome<Record, TrailError> {
    let unknown = || TrailError::RecordUnknown(shorten(id, 200));
    let event = id.rsplit('_').next().and_then(|event| event.parse::<EventId>().ok()).ok_or_else(unknown)?;
    let row = audit::event_in_trail(read, whose(me), event)?;
    let row = row.filter(|row| record_id(row).eq_ignore_ascii_case(id)).ok_or_else(unknown)?;
    Ok(named(read, me, vec![row])?.pop().ok_or_else(unknown)?)
}

/// Rows with their names: three queries, however many rows.
fn named(read: &mut Read<'_>, me: &Scope, rows: Vec<EventRow>) -> QueryResult<Vec<Record>> {
    fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
        let mut ids: Vec<T> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
    let users = distinct(rows.iter().filter_map(|row| row.actor_user_id).map(|id| UserId::from_uuid(id.uuid())));
    let partners =
        distinct(rows.iter().filter_map(|row| row.actor_organisation_id).map(|id| PartnerId::from_uuid(id.uuid())));
    let about = distinct(rows.iter().filter_map(|row| row.customer_id).map(|id| CustomerId::from_uuid(id.uuid())));
    let users = access::user_names(read, me, &users)?;
    let partners = companies::profiles(read, &partners)?;
    let about = customers::names(read, &about)?;
    let record = |row: EventRow| Record {
        own: row.actor_organisation_id.map(|id| id.uuid()) == Some(me.organisation().uuid()),
        user_name: row.actor_user_id.and_then(|id| users.get(&UserId::from_uuid(id.uuid())).cloned()),
        customer_name: row.customer_id.and_then(|id| about.get(&CustomerId::from_uuid(id.uuid())).cloned()),
        company_name: row
            .actor_organisation_id
            .and_then(|id| partners.get(&PartnerId::from_uuid(id.uuid())))
            .map(|profile| profile.name.clone()),
        row,
    };
    Ok(rows.into_iter().map(record).collect())
}
