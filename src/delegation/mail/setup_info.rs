//! The mail with the link that reveals setup info.

use askama::Template;
use diesel::QueryResult;
use secrecy::ExposeSecret;

use crate::companies;
use crate::customers;
use crate::delegation::actions;
use crate::delegation::model::{Recipient, SetupInfoId};
use crate::delegation::store::setup_infos;
use crate::delegation::texts::SetupInfoTexts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};

/// The link that reveals a customer's setup info.
pub const SETUP_INFO: JobKind = mail_kind("mail_setup_info");

pub(super) fn composers() -> Vec<(JobKind, Compose)> {
    vec![(SETUP_INFO, setup_info)]
}

/// The mail in its parts: no secret is among them but the link.
struct Letter {
    language: Language,
    subject: String,
    greeting: String,
    reason: String,
    link: String,
    once: String,
    unexpected: String,
}

#[derive(Template)]
#[template(path = "delegation/templates/setup_info_mail.txt")]
struct LetterText<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "delegation/templates/setup_info_mail.html")]
struct LetterHtml<'a> {
    letter: &'a Letter,
}

fn setup_info(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let found = setup_infos::by_id(read, SetupInfoId::from_uuid(job.subject_id.uuid()))?;
    let Some(info) = found.filter(|info| info.is_open(now)) else { return Ok(None) };
    let company = customers::names(read, &[info.customer])?.remove(&info.customer).unwrap_or_default();
    let partner = companies::profiles(read, &[info.partner])?.remove(&info.partner);
    let partner = partner.map(|profile| profile.name).unwrap_or_default();
    let Recipient { name, email, language } = info.recipient;
    let text = SetupInfoTexts::of(language);
    let until = info.expires_at.readable();
    let values = [
        ("name", name.as_str()),
        ("company", company.as_str()),
        ("partner", partner.as_str()),
        ("until", until.as_str()),
        ("base", stationery.base.as_str()),
    ];
    let token = actions::link(&stationery.keys, info.id);
    let letter = Letter {
        language,
        subject: fill(text.mail_subject, &values),
        greeting: fill(text.mail_greeting, &values),
        reason: fill(text.mail_reason, &values),
        link: stationery.base.join(&format!("/setup-info/{}", token.expose_secret())),
        once: fill(text.mail_once, &values),
        unexpected: fill(text.mail_unexpected, &values),
    };
    let (text, html) = (LetterText { letter: &letter }.render(), LetterHtml { letter: &letter }.render());
    let (Ok(text), Ok(html)) = (text, html) else { return Ok(None) };
    Ok(Some(Message { to: email, subject: letter.subject, text, html }))
}
