//! Drafts of mails that people send with their own mail program.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::mail::plain_mailto;
use crate::platform::portal::Language;

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
