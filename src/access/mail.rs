//! Mails about accounts.

use askama::Template;
use diesel::QueryResult;
use secrecy::ExposeSecret;

use super::actions::Activation;
use super::model::{UserId, UserState};
use super::store::users;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::text::EmailAddress;

/// The code that proves a mailbox.
pub const ACTIVATION: JobKind = mail_kind("mail_activation");
/// The link that resets a password.
pub const PASSWORD_RESET: JobKind = mail_kind("mail_password_reset");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(ACTIVATION, activation)]
}

#[derive(Template)]
#[template(path = "access/templates/activation.txt")]
struct ActivationText<'a> {
    user_name: &'a str,
    base: &'a str,
    code: &'a str,
    expires: String,
}

#[derive(Template)]
#[template(path = "access/templates/activation.html")]
struct ActivationHtml<'a> {
    user_name: &'a str,
    base: &'a str,
    code: &'a str,
    expires: String,
}

fn activation(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(account) = users::account(read, UserId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let Some(end) = account.activation_expires_at else { return Ok(None) };
    if account.state != UserState::Invited || account.activation_version != job.version || now >= end {
        return Ok(None);
    }
    let code = stationery.keys.link::<Activation>(account.id.uuid(), account.activation_version);
    let (user_name, base, code) = (account.user_name.as_str(), stationery.base.as_str(), code.expose_secret());
    let expires = end.readable();
    let text = ActivationText { user_name, base, code, expires: expires.clone() }.render();
    let html = ActivationHtml { user_name, base, code, expires }.render();
    let (Ok(text), Ok(html), Ok(to)) = (text, html, EmailAddress::try_from(account.user_name.clone())) else {
        return Ok(None);
    };
    Ok(Some(Message { to, subject: "Activate your Partner Center account".to_owned(), text, html }))
}
