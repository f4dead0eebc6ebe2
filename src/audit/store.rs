//! The event table: rows are added, never changed.

use diesel::prelude::*;
use uuid::Uuid;

use super::model::{Actor, Event, EventId};
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;

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
    }
}

ids! {
    /// Any id, as the trail keeps it.
    Subject,
}

pub(super) fn insert(tx: &mut Tx<'_>, actor: &dyn Actor, event: &Event, now: Timestamp) -> QueryResult<()> {
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
        ))
        .execute(tx.connection())?;
    Ok(())
}
