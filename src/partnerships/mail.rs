//! The invitation as mail.

use askama::Template;
use diesel::QueryResult;
use secrecy::ExposeSecret;

use super::actions;
use super::model::{InvitationId, InvitationState, LINK_PLACE, LINK_VERSION};
use super::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::http::BaseUrl;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};

/// The invitation to a reseller.
pub const INVITATION: JobKind = mail_kind("mail_invitation");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(INVITATION, invitation)]
}

/// The subject unless the provider writes its own.
pub fn default_subject(provider: &str) -> String {
    format!("{provider} invites you to work together as indirect reseller")
}

#[derive(Template)]
#[template(path = "partnerships/templates/invitation_default.txt")]
struct DefaultMessage<'a> {
    provider: &'a str,
    link: &'a str,
}

/// The text unless the provider writes its own, with the place of the link marked.
pub fn default_message(provider: &str) -> String {
    DefaultMessage { provider, link: LINK_PLACE }.render().unwrap_or_else(|_| LINK_PLACE.to_owned())
}

/// The address of the page that an invitation's link opens.
pub fn link_address(base: &BaseUrl, token: &str) -> String {
    base.join(&format!("/invitations/{token}"))
}

/// The `mailto:` URI that opens the invitation in the provider's own mail program (RFC 6068).
pub fn mailto(to: &str, subject: &str, text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    const ADDRESS: &AsciiSet = &PLAIN.remove(b'@');
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "mailto:{}?subject={}&body={}",
        utf8_percent_encode(to, ADDRESS),
        utf8_percent_encode(subject, PLAIN),
        utf8_percent_encode(&text, PLAIN)
    )
}

#[derive(Template)]
#[template(path = "partnerships/templates/invitation.html")]
struct InvitationHtml<'a> {
    subject: &'a str,
    before: Vec<&'a str>,
    after: Vec<&'a str>,
    link: &'a str,
}

fn invitation(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let id = InvitationId::from_uuid(job.subject_id.uuid());
    let Some(invitation) = store::invitation_behind_link(read, id)? else { return Ok(None) };
    // Revoked, answered or expired while waiting: not mailed late.
    if invitation.state != InvitationState::Open || now >= invitation.expires_at || job.version != LINK_VERSION {
        return Ok(None);
    }
    let token = actions::link(&stationery.keys, id);
    let link = link_address(&stationery.base, token.expose_secret());
    let text = invitation.message.replace(LINK_PLACE, &link);
    let (before, after) = invitation.message.split_once(LINK_PLACE).unwrap_or((&invitation.message, ""));
    let html = InvitationHtml {
        subject: &invitation.subject,
        before: before.trim().lines().collect(),
        after: after.trim().lines().collect(),
        link: &link,
    };
    let Ok(html) = html.render() else { return Ok(None) };
    Ok(Some(Message { to: invitation.email, subject: invitation.subject, text, html }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drf_02_the_default_message_holds_the_link_once() {
        super::super::model::check_message(&default_message("Northwind & Söhne")).unwrap();
        assert!(default_message("Northwind & Söhne").contains("Northwind & Söhne"));
    }

    #[test]
    fn a_mailto_uri_keeps_line_breaks_spaces_and_letters() {
        assert_eq!(
            mailto("anna@fabrikam.example", "Å & B", "Hej\n{x}"),
            "mailto:anna@fabrikam.example?subject=%C3%85%20%26%20B&body=Hej%0D%0A%7Bx%7D"
        );
    }
}
