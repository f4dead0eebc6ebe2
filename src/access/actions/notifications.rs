//! Use cases of what people are told by mail.

use diesel::QueryResult;

use super::super::model::{
    AccessError, Choice, Notification, NotificationId, OrganisationId, Topic, UserId, UserState,
};
use super::super::scope::Scope;
use super::super::store::{notifications as store, users};
use crate::audit::{self, Event};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs::{self, JobKind};
use crate::platform::portal::Language;
use crate::platform::text::EmailAddress;

/// People of one company who are told of one thing, at most.
const PEOPLE: i64 = 200;

/// Something that people can be told.
#[derive(Clone, Copy, Debug)]
pub struct News {
    /// Of what kind.
    pub topic: Topic,
    /// What it is about; which table that is in, the topic says.
    pub subject: uuid::Uuid,
    /// The mail, whose subject is the notification.
    pub mail: JobKind,
}

/// Has the people of an organisation told who want to be: whoever chose all of the topic, and `maker`, of whose doing it
/// came. `except` knows already.
///
/// # Errors
/// Only the database's.
pub fn notify(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    news: &News,
    maker: Option<UserId>,
    except: Option<UserId>,
    now: Timestamp,
) -> QueryResult<()> {
    let mut people = store::people_to_tell(tx, organisation, news.topic, maker, PEOPLE)?;
    people.retain(|user| except != Some(*user));
    let told = store::insert_notifications(tx, &people, news.topic, news.subject, now)?;
    jobs::want_each(tx, news.mail, &told, 1, now)
}

/// Whom a notification is mailed to.
#[derive(Clone, Debug)]
pub struct Told {
    /// What of.
    pub notification: Notification,
    /// The person's organisation.
    pub organisation: OrganisationId,
    /// The mailbox.
    pub email: EmailAddress,
    /// How mails call the person.
    pub name: String,
    /// The language of the person's mails.
    pub language: Language,
}

/// A notification with its person, for the job that mails it; `None` if the account is shut.
///
/// # Errors
/// Only the database's.
pub fn told(read: &mut Read<'_>, id: NotificationId) -> QueryResult<Option<Told>> {
    let Some(notification) = store::notification(read, id)? else { return Ok(None) };
    let account = users::account(read, notification.user)?.filter(|account| account.state == UserState::Active);
    let Some(account) = account else { return Ok(None) };
    let Ok(email) = EmailAddress::try_from(account.user_name.clone()) else { return Ok(None) };
    Ok(Some(Told {
        notification,
        organisation: account.organisation,
        email,
        name: account.display_name,
        language: Language::from_tag(&account.language).unwrap_or(Language::English),
    }))
}

/// What the caller wants to be told, topic by topic.
///
/// # Errors
/// [`AccessError::AppOnlyRefused`]: applications get no mail.
pub fn notification_choices(read: &mut Read<'_>, me: &Scope) -> Outcome<Vec<(Topic, Choice)>, AccessError> {
    let chosen = store::choices_of(read, me.require_user()?)?;
    let of = |topic: &Topic| chosen.iter().find(|(known, _)| known == topic).map_or(Choice::Own, |(_, choice)| *choice);
    Ok(Topic::ALL.iter().map(|topic| (*topic, of(topic))).collect())
}

/// Chooses for the caller; topics that are not named stay as they are.
///
/// # Errors
/// [`AccessError::AppOnlyRefused`].
pub fn choose_notifications(
    tx: &mut Tx<'_>,
    me: &Scope,
    choices: &[(Topic, Choice)],
    now: Timestamp,
) -> Outcome<Vec<(Topic, Choice)>, AccessError> {
    let user = me.require_user()?;
    let before = notification_choices(tx, me)?;
    for (topic, choice) in choices {
        store::set_choice(tx, user, *topic, *choice)?;
    }
    let after = notification_choices(tx, me)?;
    if after != before {
        audit::record(tx, me, &Event::NotificationsChosen { user: user.uuid() }, now)?;
    }
    Ok(after)
}

/// The language of the caller's mails; English for an application.
///
/// # Errors
/// Only the database's.
pub fn own_language(read: &mut Read<'_>, me: &Scope) -> QueryResult<Language> {
    let Some(user) = me.user_id() else { return Ok(Language::English) };
    let account = users::account(read, user)?;
    Ok(account.and_then(|account| Language::from_tag(&account.language)).unwrap_or(Language::English))
}
