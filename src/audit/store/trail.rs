//! One organisation's part of the events, by its own indexes: SQL written out, once for both databases. Parameters appear
//! in the order of their numbers, because SQLite numbers `$n` by first appearance.

use std::time::Duration;

use diesel::prelude::*;
use uuid::Uuid;

use super::super::model::EventId;
use super::{EventRow, Subject, events};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{MultiBackend, Read};

/// Whose trail it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// What the organisation caused, and what names it as the other one or as the customer.
    Organisation(Uuid),
    /// The same of the operator, and what nobody signed in caused.
    Operator(Uuid),
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Newest first.
    Backward,
    /// Oldest first.
    Forward,
}

/// Which kinds of events. The names are the program's own, never a caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// All of them.
    All,
    /// Only these.
    Only(Vec<&'static str>),
    /// All but these.
    AllBut(Vec<&'static str>),
}

/// About which customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Customers {
    /// Any, or none.
    Any,
    /// One of these.
    Only(Vec<Uuid>),
}

/// A place in the trail.
pub type Place = (Timestamp, EventId);

/// What of a trail is wanted.
#[derive(Clone, Debug)]
pub struct TrailQuery {
    /// Whose it is: what may be seen.
    pub whose: Whose,
    /// From when.
    pub from: Timestamp,
    /// Before when.
    pub until: Timestamp,
    /// Which kinds.
    pub kinds: Kinds,
    /// About whom.
    pub customers: Customers,
    /// In which order.
    pub direction: Direction,
    /// After which place in that order.
    pub after: Option<Place>,
    /// Rows at most.
    pub limit: i64,
}

/// The ways by which an event is part of a trail, each with an index of its own.
fn ways(whose: Whose) -> (Uuid, Vec<&'static str>) {
    let own = vec!["actor_organisation_id = $1", "organisation_id = $1", "customer_id = $1"];
    match whose {
        Whose::Organisation(id) => (id, own),
        Whose::Operator(id) => {
            let nobody = "actor_user_id IS NULL AND actor_application_id IS NULL";
            (id, own.into_iter().chain([nobody]).collect())
        }
    }
}

/// The words in a list of SQL. None at all is a list in which nothing is.
fn listed(words: &[String]) -> String {
    if words.is_empty() { "NULL".to_owned() } else { words.join(", ") }
}

/// The finest time that is kept.
const TICK: Duration = Duration::from_micros(1);

/// A page of a trail.
///
/// # Errors
/// Only the database's.
pub fn trail(read: &mut Read<'_>, wanted: &TrailQuery) -> QueryResult<Vec<EventRow>> {
    let (own, ways) = ways(wanted.whose);
    let (order, beyond) = match wanted.direction {
        Direction::Backward => ("DESC", "<"),
        Direction::Forward => ("ASC", ">"),
    };
    // The place is put into the bounds of time as well: a comparison of pairs alone would not keep SQLite from reading the
    // pages before it again.
    let (from, until) = match (wanted.after, wanted.direction) {
        (Some((at, _)), Direction::Backward) => (wanted.from, wanted.until.min(at.after(TICK))),
        (Some((at, _)), Direction::Forward) => (wanted.from.max(at), wanted.until),
        (None, _) => (wanted.from, wanted.until),
    };
    let mut conditions = "AND at >= $2 AND at < $3".to_owned();
    let mut number = 3;
    if wanted.after.is_some() {
        conditions += &format!(" AND (at, id) {beyond} ($4, $5)");
        number = 5;
    }
    if let Customers::Only(customers) = &wanted.customers {
        let places: Vec<String> = (1..=customers.len()).map(|place| format!("${}", number + place)).collect();
        conditions += &format!(" AND customer_id IN ({})", listed(&places));
    }
    let quoted = |kinds: &[&str]| listed(&kinds.iter().map(|kind| format!("'{kind}'")).collect::<Vec<_>>());
    match &wanted.kinds {
        Kinds::All => {}
        Kinds::Only(kinds) => conditions += &format!(" AND kind IN ({})", quoted(kinds)),
        Kinds::AllBut(kinds) => conditions += &format!(" AND kind NOT IN ({})", quoted(kinds)),
    }
    let limit = wanted.limit;
    let parts: Vec<String> = ways
        .iter()
        .enumerate()
        .map(|(n, way)| {
            format!(
                "SELECT at, id FROM (SELECT at, id FROM events WHERE {way} {conditions} \
                 ORDER BY at {order}, id {order} LIMIT {limit}) AS way{n}"
            )
        })
        .collect();
    let text = format!(
        "SELECT events.* FROM ({}) AS found JOIN events ON events.id = found.id \
         ORDER BY found.at {order}, found.id {order} LIMIT {limit}",
        parts.join(" UNION ")
    );
    let mut query = diesel::sql_query(text)
        .into_boxed::<MultiBackend>()
        .bind::<Id, _>(Subject::from_uuid(own))
        .bind::<Moment, _>(from)
        .bind::<Moment, _>(until);
    if let Some((at, id)) = wanted.after {
        query = query.bind::<Moment, _>(at).bind::<Id, _>(id);
    }
    if let Customers::Only(customers) = &wanted.customers {
        for customer in customers {
            query = query.bind::<Id, _>(Subject::from_uuid(*customer));
        }
    }
    query.load(read.connection())
}

/// One event, if it is part of the trail.
///
/// # Errors
/// Only the database's.
pub fn event_in_trail(read: &mut Read<'_>, whose: Whose, id: EventId) -> QueryResult<Option<EventRow>> {
    let (own, ways) = ways(whose);
    diesel::sql_query(format!("SELECT * FROM events WHERE (({})) AND id = $2", ways.join(") OR (")))
        .bind::<Id, _>(Subject::from_uuid(own))
        .bind::<Id, _>(id)
        .get_result(read.connection())
        .optional()
}

/// The newest events of a subject, oldest first: for whoever may see the subject.
///
/// # Errors
/// Only the database's.
pub fn about(read: &mut Read<'_>, subject: Uuid, limit: i64) -> QueryResult<Vec<EventRow>> {
    let mut found = events::table
        .filter(events::subject_id.eq(Subject::from_uuid(subject)))
        .order(events::id.desc())
        .limit(limit)
        .select(EventRow::as_select())
        .load(read.connection())?;
    found.reverse();
    Ok(found)
}
