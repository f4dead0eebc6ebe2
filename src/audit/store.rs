//! The event table: rows are added, and sealed once; never changed afterwards.

pub(super) mod chain;
pub(super) mod trail;

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{Actor, Event, EventId};
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    events (id) {
        id -> Id,
        at -> Moment,
        kind -> Text,
        actor_organisation_id -> Nullable<Id>,
        actor_user_id -> Nullable<Id>,
        actor_application_id -> Nullable<Id>,
        subject_id -> Id,
        organisation_id -> Nullable<Id>,
        customer_id -> Nullable<Id>,
        data -> Text,
        request_id -> Id,
        correlation_id -> Id,
        repeats -> Integer,
        refusal_key -> Nullable<Binary>,
        seal_from -> Nullable<Moment>,
        sequence -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

ids! {
    /// Any id, as the trail keeps it.
    Subject,
}

/// An event as it is kept: every column, because the seal covers each of them.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = events)]
pub struct EventRow {
    /// Its id.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// The name of the event.
    pub kind: String,
    /// The organisation it was done for.
    pub actor_organisation_id: Option<Subject>,
    /// The person who did it.
    pub actor_user_id: Option<Subject>,
    /// The application through which it was done.
    pub actor_application_id: Option<Subject>,
    /// What it is about.
    pub subject_id: Subject,
    /// The other organisation concerned.
    pub organisation_id: Option<Subject>,
    /// The customer concerned.
    pub customer_id: Option<Subject>,
    /// The event's fields: JSON.
    pub data: String,
    /// The call in which it was done.
    pub request_id: Subject,
    /// The operation of which that call was a part.
    pub correlation_id: Subject,
    /// How often: more than once only for refusals.
    pub repeats: i32,
    /// Under which key refusals are counted.
    pub refusal_key: Option<Vec<u8>>,
    /// Not sealed before: until then refusals are counted.
    pub seal_from: Option<Timestamp>,
    /// Its place in the chain, once sealed.
    pub sequence: Option<i64>,
    /// Its seal.
    pub hash: Option<Vec<u8>>,
}

/// How a refusal is counted.
pub(super) struct Counted {
    /// Under which key.
    pub(super) key: [u8; 32],
    /// Until when.
    pub(super) until: Timestamp,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    event: &Event,
    counted: Option<&Counted>,
    now: Timestamp,
) -> QueryResult<()> {
    let stored =
        serde_json::to_value(event).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    // An externally tagged enum is an object of one entry: its name, its fields.
    let (kind, data) = match stored.as_object().and_then(|map| map.iter().next()) {
        Some((kind, data)) => (kind.clone(), data.to_string()),
        None => (String::new(), stored.to_string()),
    };
    let ids = actor.request();
    let optional = |id: Option<Uuid>| id.map(Subject::from_uuid);
    diesel::insert_into(events::table)
        .values((
            events::id.eq(EventId::fresh()),
            events::at.eq(now),
            events::kind.eq(kind),
            events::actor_organisation_id.eq(optional(actor.organisation())),
            events::actor_user_id.eq(optional(actor.user())),
            events::actor_application_id.eq(optional(actor.application())),
            events::subject_id.eq(Subject::from_uuid(event.subject())),
            events::organisation_id.eq(optional(event.organisation())),
            events::customer_id.eq(optional(event.customer())),
            events::data.eq(data),
            events::request_id.eq(Subject::from_uuid(ids.request)),
            events::correlation_id.eq(Subject::from_uuid(ids.correlation)),
            events::repeats.eq(1),
            events::refusal_key.eq(counted.map(|counted| counted.key.to_vec())),
            events::seal_from.eq(counted.map(|counted| counted.until)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Counts a refusal once more, unless its row is sealed or there is none.
pub(super) fn count_again(tx: &mut Tx<'_>, key: &[u8]) -> QueryResult<bool> {
    let counted = diesel::update(events::table)
        .filter(events::refusal_key.eq(key))
        .filter(events::sequence.is_null())
        .set(events::repeats.eq(events::repeats + 1))
        .execute(tx.connection())?;
    Ok(counted == 1)
}

/// Whether the refusals counted under this key are sealed: then nothing is added to them.
pub(super) fn is_counted_out(read: &mut Read<'_>, key: &[u8]) -> QueryResult<bool> {
    let sealed = events::table.filter(events::refusal_key.eq(key)).filter(events::sequence.is_not_null());
    let found: i64 = sealed.count().get_result(read.connection())?;
    Ok(found > 0)
}
