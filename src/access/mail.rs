//! Mails about accounts.

use askama::Template;
use diesel::QueryResult;
use secrecy::ExposeSecret;

use super::actions::{Activation, PasswordReset};
use super::model::{Account, UserId, UserState};
use super::store::users;
use super::texts::AccountTexts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};
use crate::platform::text::EmailAddress;

/// The code that proves a mailbox.
pub const ACTIVATION: JobKind = mail_kind("mail_activation");
/// The link that resets a password.
pub const PASSWORD_RESET: JobKind = mail_kind("mail_password_reset");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(ACTIVATION, activation), (PASSWORD_RESET, password_reset)]
}

#[derive(Template)]
#[template(path = "access/templates/link_mail.txt")]
struct LinkText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "access/templates/link_mail.html")]
struct LinkHtml<'a> {
    letter: &'a Letter,
}

/// A mail around one link.
struct Letter {
    language: Language,
    subject: &'static str,
    greeting: String,
    /// Why it comes, up to the link.
    reason: String,
    link: String,
    /// Until when the link is good.
    until: String,
    /// The code by itself, for programs.
    code: Option<String>,
    unexpected: &'static str,
}

impl Letter {
    fn message(&self, account: &Account) -> Option<Message> {
        let (text, html) = (LinkText { letter: self }.render(), LinkHtml { letter: self }.render());
        let to = EmailAddress::try_from(account.user_name.clone());
        let (Ok(text), Ok(html), Ok(to)) = (text, html, to) else { return None };
        Some(Message { to, subject: self.subject.to_owned(), text, html })
    }
}

fn language_of(account: &Account) -> Language {
    Language::from_tag(&account.language).unwrap_or(Language::English)
}

fn activation(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(account) = users::account(read, UserId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let Some(end) = account.activation_expires_at else { return Ok(None) };
    if account.state != UserState::Invited || account.activation_version != job.version || now >= end {
        return Ok(None);
    }
    let code = stationery.keys.link::<Activation>(account.id.uuid(), account.activation_version);
    let code = code.expose_secret();
    let text = AccountTexts::of(language_of(&account));
    let values = [("name", account.user_name.as_str()), ("base", stationery.base.as_str())];
    let letter = Letter {
        language: language_of(&account),
        subject: text.mail_activation_subject,
        greeting: fill(text.mail_greeting, &[("name", &account.display_name)]),
        reason: fill(text.mail_activation_text, &values),
        link: stationery.base.join(&format!("/activate/{code}")),
        until: fill(text.mail_activation_code, &[("expires", &end.readable())]),
        code: Some(code.to_owned()),
        unexpected: text.mail_activation_unexpected,
    };
    Ok(letter.message(&account))
}

fn password_reset(
    read: &mut Read<'_>,
    stationery: &Stationery,
    job: &Job,
    now: Timestamp,
) -> QueryResult<Option<Message>> {
    let Some(account) = users::account(read, UserId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let Some(end) = account.reset_expires_at else { return Ok(None) };
    if account.state != UserState::Active || account.reset_version != job.version || now >= end {
        return Ok(None);
    }
    let link = stationery.keys.link::<PasswordReset>(account.id.uuid(), account.reset_version);
    let text = AccountTexts::of(language_of(&account));
    let values = [("name", account.user_name.as_str()), ("base", stationery.base.as_str())];
    let letter = Letter {
        language: language_of(&account),
        subject: text.mail_reset_subject,
        greeting: fill(text.mail_greeting, &[("name", &account.display_name)]),
        reason: fill(text.mail_reset_text, &values),
        link: stationery.base.join(&format!("/reset-password/{}", link.expose_secret())),
        until: fill(text.mail_reset_until, &[("expires", &end.readable())]),
        code: None,
        unexpected: text.mail_reset_unexpected,
    };
    Ok(letter.message(&account))
}
