//! Mails about invitations: to the reseller, and to people who want to be told what came of them.

use askama::Template;
use diesel::QueryResult;
use secrecy::ExposeSecret;

use super::actions;
use super::jobs::link_of_reminder;
use super::model::{
    Invitation, InvitationId, LINK_PLACE, PartnershipId, StandingDecline, StandingDeclineId, link_address,
};
use super::store::{self, invitations, standing_links};
use super::texts::InvitationMailTexts;
use crate::access::{NotificationId, PartnerId, Told, Topic, told};
use crate::companies;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::http::BaseUrl;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};

/// The invitation to a reseller; its version is that of the link.
pub const INVITATION: JobKind = mail_kind("mail_invitation");
/// That an invitation will end; its version is that of the reminder.
pub const REMINDER: JobKind = mail_kind("mail_invitation_reminder");
/// What came of an invitation, to a person who wants to be told; its subject is the notification.
pub const NEWS: JobKind = mail_kind("mail_invitation_news");

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    vec![(INVITATION, invitation), (REMINDER, reminder), (NEWS, news)]
}

/// Subject and text unless the provider writes its own, with the place of the link marked.
pub fn usual_words(language: Language, provider: &str, base: &BaseUrl) -> (String, String) {
    let text = InvitationMailTexts::of(language);
    // A company may be called anything, but a message holds the place of the link once.
    let provider = provider.replace(LINK_PLACE, "(link)");
    let enrol = base.join("/enrol");
    let values = [("provider", provider.as_str()), ("link", LINK_PLACE), ("enrol", enrol.as_str())];
    (fill(text.subject, &values), fill(text.message, &values))
}

/// Characters of a `mailto:` URI at most: what mail programs take from a browser without cutting it (2,083 in Windows).
pub const MAX_MAILTO: usize = 2_000;

/// The `mailto:` URI that opens a draft in its sender's own mail program (RFC 6068), and whether it had to be shortened:
/// then it carries the link with a line, and the whole text is to be copied.
pub fn mailto(to: Option<&str>, subject: &str, text: &str, link: &str, language: Language) -> (String, bool) {
    let whole = mailto_uri(to, subject, text);
    if whole.len() <= MAX_MAILTO {
        return (whole, false);
    }
    let line = fill(InvitationMailTexts::of(language).short, &[("link", link)]);
    let short = mailto_uri(to, subject, &line);
    if short.len() <= MAX_MAILTO { (short, true) } else { (mailto_uri(to, "", &line), true) }
}

/// The `mailto:` URI of a mail without a personal link; its text is left out where mail programs would cut it.
pub fn plain_mailto(to: &str, subject: &str, text: &str) -> String {
    let whole = mailto_uri(Some(to), subject, text);
    if whole.len() <= MAX_MAILTO { whole } else { mailto_uri(Some(to), subject, "") }
}

fn mailto_uri(to: Option<&str>, subject: &str, text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    const ADDRESS: &AsciiSet = &PLAIN.remove(b'@');
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    format!(
        "mailto:{}?subject={}&body={}",
        utf8_percent_encode(to.unwrap_or_default(), ADDRESS),
        utf8_percent_encode(subject, PLAIN),
        utf8_percent_encode(&text, PLAIN)
    )
}

/// Paragraphs of lines, as HTML shows them.
type Paragraphs<'a> = Vec<Vec<&'a str>>;

fn paragraphs(text: &str) -> Paragraphs<'_> {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.lines().collect()).collect()
}

#[derive(Template)]
#[template(path = "partnerships/templates/letter.html")]
struct Letter<'a> {
    language: Language,
    subject: &'a str,
    before: Paragraphs<'a>,
    /// Address and text of the button, if there is one.
    button: Option<(&'a str, &'static str)>,
    after: Paragraphs<'a>,
}

/// The text of the button in an invitation's mail.
pub fn invitation_button(language: Language) -> &'static str {
    InvitationMailTexts::of(language).button
}

/// The HTML of a mail whose text holds the place of a link, which becomes a button.
pub fn html_with_link(
    language: Language,
    subject: &str,
    message: &str,
    link: &str,
    button: &'static str,
) -> Option<String> {
    let (before, after) = message.split_once(LINK_PLACE)?;
    let letter = Letter {
        language,
        subject,
        before: paragraphs(before),
        button: Some((link, button)),
        after: paragraphs(after),
    };
    letter.render().ok()
}

fn with_link(to: &Invitation, subject: &str, message: &str, stationery: &Stationery) -> Option<Message> {
    let token = actions::link(&stationery.keys, to);
    let link = link_address(&stationery.base, token.expose_secret());
    Some(Message {
        to: to.email.clone(),
        subject: subject.to_owned(),
        text: message.replace(LINK_PLACE, &link),
        html: html_with_link(to.language, subject, message, &link, invitation_button(to.language))?,
    })
}

/// The invitation, if it is still open and `link` is its link: what was revoked, answered, replaced or has expired while
/// its mail waited is not mailed late.
fn still_open(read: &mut Read<'_>, job: &Job, link: i32, now: Timestamp) -> QueryResult<Option<Invitation>> {
    let found = invitations::by_id(read, InvitationId::from_uuid(job.subject_id.uuid()))?;
    Ok(found.filter(|invitation| invitation.is_open(now) && invitation.link_version == link))
}

fn invitation(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let open = still_open(read, job, job.version, now)?;
    Ok(open.and_then(|invitation| with_link(&invitation, &invitation.subject, &invitation.message, stationery)))
}

fn company_name(read: &mut Read<'_>, company: PartnerId) -> QueryResult<String> {
    Ok(companies::profiles(read, &[company])?.remove(&company).map(|profile| profile.name).unwrap_or_default())
}

fn reminder(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(invitation) = still_open(read, job, link_of_reminder(job.version), now)? else { return Ok(None) };
    if actions::is_pointless(read, &invitation)? {
        return Ok(None);
    }
    let provider = company_name(read, invitation.provider)?.replace(LINK_PLACE, "(link)");
    let text = InvitationMailTexts::of(invitation.language);
    let until = invitation.expires_at.readable();
    let values = [("provider", provider.as_str()), ("link", LINK_PLACE), ("until", until.as_str())];
    let (subject, message) = (fill(text.reminder_subject, &values), fill(text.reminder_message, &values));
    Ok(with_link(&invitation, &subject, &message, stationery))
}

fn news(read: &mut Read<'_>, _: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(told) = told(read, NotificationId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let text = InvitationMailTexts::of(told.language);
    let Some((subject, sentence)) = what_came(read, &told, text, now)? else { return Ok(None) };
    let greeting = fill(text.greeting, &[("name", &told.name)]);
    let message = format!("{greeting}\n\n{sentence}\n\n{}", text.news_why);
    let Some(html) = plain_html(told.language, &subject, &message) else { return Ok(None) };
    Ok(Some(Message { to: told.email, subject, text: message, html }))
}

/// The HTML of a mail without a link.
pub fn plain_html(language: Language, subject: &str, message: &str) -> Option<String> {
    let (before, after) = (paragraphs(message), Vec::new());
    Letter { language, subject, before, button: None, after }.render().ok()
}

/// Subject and sentence of what came of an invitation, as the person's side of it sees it; `None` if it is news no more.
fn what_came(
    read: &mut Read<'_>,
    told: &Told,
    text: &InvitationMailTexts,
    now: Timestamp,
) -> QueryResult<Option<(String, String)>> {
    let subject = told.notification.subject;
    if told.notification.topic == Topic::InvitationAccepted {
        let Some(partnership) = store::partnership(read, PartnershipId::from_uuid(subject))? else { return Ok(None) };
        let (provider, reseller) =
            (company_name(read, partnership.provider)?, company_name(read, partnership.reseller)?);
        let values = [("provider", provider.as_str()), ("reseller", reseller.as_str())];
        return Ok(Some(if told.organisation == partnership.provider.into() {
            (fill(text.accepted_subject, &values), fill(text.accepted, &values))
        } else {
            (fill(text.own_accepted_subject, &values), fill(text.own_accepted, &values))
        }));
    }
    if let Some(declined) = standing_links::standing_decline(read, StandingDeclineId::from_uuid(subject))? {
        return standing_declined(read, told, text, &declined).map(Some);
    }
    let Some(invitation) = invitations::by_id(read, InvitationId::from_uuid(subject))? else { return Ok(None) };
    let provider = company_name(read, invitation.provider)?;
    let until = invitation.expires_at.readable();
    let mailbox = invitation.email.as_str();
    let values = [("provider", provider.as_str()), ("mailbox", mailbox), ("until", until.as_str())];
    if told.notification.topic == Topic::InvitationExpiring {
        let open = invitation.is_open(now);
        return Ok(open.then(|| (fill(text.expiring_subject, &values), fill(text.expiring, &values))));
    }
    if told.organisation != invitation.provider.into() {
        // The link may have been passed on: the mailbox is not theirs to know.
        let masked = invitation.email.masked();
        let values = [("provider", provider.as_str()), ("mailbox", masked.as_str())];
        return Ok(Some((fill(text.own_declined_subject, &values), fill(text.own_declined, &values))));
    }
    let sentence = with_reason(text, fill(text.declined, &values), invitation.decline_reason.as_deref());
    Ok(Some((fill(text.declined_subject, &values), sentence)))
}

fn with_reason(text: &InvitationMailTexts, sentence: String, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{sentence}\n\n{}", fill(text.declined_reason, &[("reason", reason)])),
        None => sentence,
    }
}

fn standing_declined(
    read: &mut Read<'_>,
    told: &Told,
    text: &InvitationMailTexts,
    declined: &StandingDecline,
) -> QueryResult<(String, String)> {
    let (provider, reseller) = (company_name(read, declined.provider)?, company_name(read, declined.reseller)?);
    let values = [("provider", provider.as_str()), ("reseller", reseller.as_str())];
    if told.organisation != declined.provider.into() {
        return Ok((fill(text.own_declined_subject, &values), fill(text.own_standing_declined, &values)));
    }
    let sentence = with_reason(text, fill(text.standing_declined, &values), declined.reason.as_deref());
    Ok((fill(text.standing_declined_subject, &values), sentence))
}

#[cfg(test)]
mod tests {
    use super::super::model::keepable_invitation;
    use super::*;

    #[test]
    fn drf_02_the_usual_words_hold_the_link_once_in_every_language_and_fit_a_mailto() {
        let base = BaseUrl::new("https://partners.a-distributor.example");
        let link = link_address(&base, &format!("inv_{}", "A".repeat(64)));
        for language in Language::ALL {
            for provider in ["Northwind & Söhne", "{link}", "{provider}"] {
                let (subject, message) = usual_words(*language, provider, &base);
                keepable_invitation(&message, &base, None).unwrap();
                let text = message.replace(LINK_PLACE, &link);
                let (uri, shortened) = mailto(Some("anna@fabrikam.example"), &subject, &text, &link, *language);
                assert!(!shortened, "{language}: {}", uri.len());
            }
        }
    }

    #[test]
    fn a_mailto_uri_keeps_line_breaks_spaces_and_letters() {
        let (uri, shortened) = mailto(Some("anna@fabrikam.example"), "Å & B", "Hej\n{x}", "x", Language::English);
        assert_eq!(uri, "mailto:anna@fabrikam.example?subject=%C3%85%20%26%20B&body=Hej%0D%0A%7Bx%7D");
        assert!(!shortened);
        assert_eq!(mailto(None, "a", "b", "x", Language::English).0, "mailto:?subject=a&body=b");
    }

    #[test]
    fn a_text_that_mail_programs_would_cut_is_left_out_and_the_link_kept() {
        let link = "https://partners.test/invitations/inv_x";
        for subject in ["Hej", &"Å".repeat(200)] {
            let (uri, shortened) = mailto(Some("a@b.example"), subject, &"å ".repeat(800), link, Language::Swedish);
            assert!(shortened && uri.len() <= MAX_MAILTO && uri.contains("inv_x"), "{uri}");
        }
    }

    #[test]
    fn drf_02_names_and_texts_are_escaped_in_html() {
        let message = "<b>Hej</b>\n\n{link}\n\n\"&\"";
        let html =
            html_with_link(Language::Dutch, "<i>", message, "https://partners.test/invitations/inv_x", "<u>").unwrap();
        assert!(
            html.contains("lang=\"nl\"") && !html.contains("<b>") && !html.contains("<i>") && !html.contains("<u>"),
            "{html}"
        );
        assert_eq!(html.matches("inv_x").count(), 1);
    }
}
