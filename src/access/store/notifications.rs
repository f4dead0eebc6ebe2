//! What people want to be told, and what they were told.

use diesel::prelude::*;

use super::super::model::{Choice, Notification, NotificationId, OrganisationId, Topic, UserId, UserState};
use super::schema::users;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, insert_all, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    notification_choices (user_id, topic) {
        user_id -> Id,
        topic -> Text,
        choice -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    notifications (id) {
        id -> Id,
        user_id -> Id,
        topic -> Text,
        subject_id -> Id,
        created_at -> Moment,
    }
}

diesel::allow_tables_to_appear_in_same_query!(notification_choices, users);

pub(in crate::access) fn choices_of(read: &mut Read<'_>, user: UserId) -> QueryResult<Vec<(Topic, Choice)>> {
    let rows: Vec<(String, String)> = notification_choices::table
        .filter(notification_choices::user_id.eq(user))
        .select((notification_choices::topic, notification_choices::choice))
        .load(read.connection())?;
    // A topic that this version of the program does not know is nobody's loss.
    let known = rows.into_iter().filter_map(|(topic, choice)| Some((topic.parse().ok()?, choice)));
    known.map(|(topic, choice)| Ok((topic, word(choice)?))).collect()
}

pub(in crate::access) fn set_choice(tx: &mut Tx<'_>, user: UserId, topic: Topic, choice: Choice) -> QueryResult<()> {
    let changed = diesel::update(notification_choices::table)
        .filter(notification_choices::user_id.eq(user))
        .filter(notification_choices::topic.eq(topic.as_str()))
        .set(notification_choices::choice.eq(choice.as_str()))
        .execute(tx.connection())?;
    if changed == 0 {
        diesel::insert_into(notification_choices::table)
            .values((
                notification_choices::user_id.eq(user),
                notification_choices::topic.eq(topic.as_str()),
                notification_choices::choice.eq(choice.as_str()),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}

/// Active users of an organisation who chose to be told of everything, at most `limit`; and `maker`, unless that person
/// chose to be told nothing.
pub(in crate::access) fn people_to_tell(
    read: &mut Read<'_>,
    organisation: OrganisationId,
    topic: Topic,
    maker: Option<UserId>,
    limit: i64,
) -> QueryResult<Vec<UserId>> {
    let choice = notification_choices::choice.nullable();
    let mut query = users::table
        .left_join(
            notification_choices::table
                .on(notification_choices::user_id.eq(users::id).and(notification_choices::topic.eq(topic.as_str()))),
        )
        .filter(users::organisation_id.eq(organisation))
        .filter(users::state.eq(UserState::Active.as_str()))
        .filter(users::removed_at.is_null())
        .select(users::id)
        .into_boxed();
    let all = choice.eq(Choice::All.as_str()).assume_not_null();
    query = match maker {
        None => query.filter(all),
        Some(maker) => {
            let undecided = choice.is_null().or(choice.ne(Choice::None.as_str()).assume_not_null());
            query.filter(all.or(users::id.eq(maker).and(undecided)))
        }
    };
    query.order(users::id).limit(limit).load(read.connection())
}

#[derive(Insertable)]
#[diesel(table_name = notifications)]
struct NewNotification {
    id: NotificationId,
    user_id: UserId,
    topic: &'static str,
    subject_id: NotificationId,
    created_at: Timestamp,
}

/// One for each of `people`; their ids.
pub(in crate::access) fn insert_notifications(
    tx: &mut Tx<'_>,
    people: &[UserId],
    topic: Topic,
    subject: uuid::Uuid,
    now: Timestamp,
) -> QueryResult<Vec<uuid::Uuid>> {
    let new = |user: &UserId| NewNotification {
        id: NotificationId::fresh(),
        user_id: *user,
        topic: topic.as_str(),
        subject_id: NotificationId::from_uuid(subject),
        created_at: now,
    };
    let new: Vec<NewNotification> = people.iter().map(new).collect();
    insert_all!(tx, notifications::table, new)?;
    Ok(new.iter().map(|notification| notification.id.uuid()).collect())
}

/// By id alone: for the job that mails it.
pub(in crate::access) fn notification(read: &mut Read<'_>, id: NotificationId) -> QueryResult<Option<Notification>> {
    let row: Option<(UserId, String, NotificationId, Timestamp)> = notifications::table
        .filter(notifications::id.eq(id))
        .select((notifications::user_id, notifications::topic, notifications::subject_id, notifications::created_at))
        .first(read.connection())
        .optional()?;
    let found = |(user, topic, subject, created_at): (UserId, String, NotificationId, Timestamp)| {
        Ok(Notification { user, topic: word(topic)?, subject: subject.uuid(), created_at })
    };
    row.map(found).transpose()
}
