//! Mails about release requests, and the note to a device's user.

use diesel::QueryResult;

use super::actions::UserNote;
use super::model::{ReleaseRequestId, ReleaseState};
use super::store;
use super::texts::{ReleaseMailTexts, UserNoteTexts};
use crate::access::{NotificationId, Topic, told};
use crate::customers;
use crate::partnerships::plain_html;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};

/// A release request, or what became of one, to a person who wants to be told; its subject is the notification.
pub const NEWS: JobKind = mail_kind("mail_release_news");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(NEWS, news)]
}

/// Each side reads its own customer's name and its own values of the device.
fn news(read: &mut Read<'_>, _: &Stationery, job: &Job, _: Timestamp) -> QueryResult<Option<Message>> {
    let Some(told) = told(read, NotificationId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let id = ReleaseRequestId::from_uuid(told.notification.subject);
    let Some(request) = store::release_request(read, id)? else { return Ok(None) };
    let text = ReleaseMailTexts::of(told.language);
    let (customer, values, subject, sentence) = match (told.notification.topic, request.state) {
        (Topic::ReleaseRequested, ReleaseState::Open) => {
            (request.holder, &request.held, text.asked_subject, text.asked)
        }
        (Topic::ReleaseAnswered, ReleaseState::Released) => {
            (request.asker, &request.wanted, text.released_subject, text.released)
        }
        (Topic::ReleaseAnswered, ReleaseState::Declined) => {
            (request.asker, &request.wanted, text.declined_subject, text.declined)
        }
        // Answered before the mail went out.
        _ => return Ok(None),
    };
    let name = customers::names(read, &[customer])?.remove(&customer).unwrap_or_default();
    let [manufacturer, model, serial] = values;
    let device = format!("{manufacturer} {model}");
    let values = [("customer", name.as_str()), ("device", device.as_str()), ("serial", serial.as_str())];
    let (subject, sentence) = (fill(subject, &values), fill(sentence, &values));
    let message = format!("{}\n\n{sentence}\n\n{}", fill(text.greeting, &[("name", &told.name)]), text.why);
    let Some(html) = plain_html(told.language, &subject, &message) else { return Ok(None) };
    Ok(Some(Message { to: told.email, subject, text: message, html }))
}

/// Subject and text of the note to a device's user.
pub fn user_note(note: &UserNote, language: Language) -> (String, String) {
    let text = UserNoteTexts::of(language);
    let device = format!("{} {}", note.device.manufacturer, note.device.model);
    let values = [
        ("customer", note.customer.as_str()),
        ("device", device.as_str()),
        ("serial", note.device.serial_number.as_str()),
        ("user", note.user.as_str()),
    ];
    (fill(text.subject, &values), fill(text.text, &values))
}
