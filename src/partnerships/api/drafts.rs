//! Drafts of mails, those around a personal link and others; what else is shown of what is asked by a link.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::actions::{Step, Words};
use super::super::mail::{html_with_link, mailto, plain_mailto};
use super::super::model::{LINK_PLACE, MAX_DAYS};
use crate::platform::clock::Timestamp;
use crate::platform::portal::Language;
use crate::platform::text::EmailAddress;

/// In which language a draft is written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LanguageQuery {
    /// `en`, `sv` or `nl`; one's own, if absent.
    pub language: Option<Language>,
}

/// A mail to write, with words to begin with. It is not sent from here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailDraftView {
    to: String,
    subject: String,
    message: String,
    mailto: String,
}

impl MailDraftView {
    /// A draft without a personal link.
    pub fn new(to: String, subject: String, message: String) -> Self {
        let mailto = plain_mailto(&to, &subject, &message);
        Self { to, subject, message, mailto }
    }
}

/// Days that a link can be answered.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
pub struct LinkDays(pub u64);

impl TryFrom<u64> for LinkDays {
    type Error = String;
    fn try_from(days: u64) -> Result<Self, String> {
        match (1..=MAX_DAYS).contains(&days) {
            true => Ok(Self(days)),
            false => Err(format!("{days} is not from 1 to {MAX_DAYS} days")),
        }
    }
}

impl utoipa::PartialSchema for LinkDays {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(1))
            .maximum(Some(u32::try_from(MAX_DAYS).unwrap_or(u32::MAX)))
            .into()
    }
}
impl ToSchema for LinkDays {}

/// What a draft says, ready to be sent in any way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    language: Language,
    subject: String,
    /// The text with the personal link in its place: for the clipboard.
    message: String,
    html: String,
    link: String,
    /// Opens the draft in a mail program.
    mailto: String,
    /// The text is too long for a `mailto`: that one carries the link with a line, and the text is to be copied.
    mailto_is_short: bool,
}

/// Where a draft carries its link: shown, but never kept with an answer that may be repeated.
pub const LINKS: &[&str] = &["/link", "/message", "/html", "/mailto"];

impl DraftView {
    /// A draft with its link in its place; `button` is what the HTML shows there.
    pub fn new(to: Option<&EmailAddress>, words: Words, link: &str, button: &'static str) -> Self {
        let Words { language, subject, message } = words;
        let html = html_with_link(language, &subject, &message, link, button).unwrap_or_default();
        let message = message.replace(LINK_PLACE, link);
        let (mailto, mailto_is_short) = mailto(to.map(EmailAddress::as_str), &subject, &message, link, language);
        Self { language, subject, message, html, link: link.to_owned(), mailto, mailto_is_short }
    }
}

/// One line of a time line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let Step { what, at, detail } = step;
        Self { what, at, detail }
    }
}
