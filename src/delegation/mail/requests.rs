//! Mails about requests for a relationship: to the customer, and to people of the partners who want to be told.

use diesel::QueryResult;

use crate::access::{NotificationId, OrganisationKind, PartnerId, Topic, told};
use crate::companies;
use crate::customers;
use crate::delegation::actions::requests as actions;
use crate::delegation::model::requests::{LINK_VERSION, Request, RequestId};
use crate::delegation::store::requests as store;
use crate::delegation::texts::RequestMailTexts;
use crate::partnerships::{LINK_PLACE, html_with_link, plain_html};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};

/// The request to a customer; its version is that of the link.
pub const REQUEST: JobKind = mail_kind("mail_relationship_request");
/// What came of a request, to a person who wants to be told; its subject is the notification.
pub const NEWS: JobKind = mail_kind("mail_relationship_news");

pub(super) fn composers() -> Vec<(JobKind, Compose)> {
    vec![(REQUEST, request), (NEWS, news)]
}

/// The text of the button in a request's mail.
pub fn request_button(language: Language) -> &'static str {
    RequestMailTexts::of(language).button
}

/// Subject and text unless the partner writes its own, with the place of the link marked. `asker` says which of the two
/// asks.
pub fn usual_words(
    language: Language,
    provider: &str,
    reseller: Option<&str>,
    asker: OrganisationKind,
    delegated_admin: bool,
) -> (String, String) {
    let text = RequestMailTexts::of(language);
    // A company may be called anything, but a message holds the place of the link once.
    let provider = provider.replace(LINK_PLACE, "(link)");
    let reseller = reseller.map(|name| name.replace(LINK_PLACE, "(link)"));
    let partner = reseller.as_ref().filter(|_| asker == OrganisationKind::Reseller).unwrap_or(&provider);
    let values = [
        ("partner", partner.as_str()),
        ("provider", provider.as_str()),
        ("reseller", reseller.as_deref().unwrap_or_default()),
        ("link", LINK_PLACE),
    ];
    let what = if reseller.is_some() { text.asks_two_tier } else { text.asks_direct };
    let administers = if delegated_admin { text.asks_administration } else { text.asks_no_administration };
    let parts = [text.hello, what, administers, text.open_it, text.no_account, text.regards];
    let message = parts.map(|part| fill(part, &values)).join("\n\n");
    (fill(text.subject, &values), message)
}

/// What was revoked, answered or has expired while its mail waited is not mailed late.
fn request(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let found = store::by_id(read, RequestId::from_uuid(job.subject_id.uuid()))?;
    let open = found.filter(|request| request.is_open(now) && job.version == LINK_VERSION);
    Ok(open.and_then(|request| with_link(&request, stationery)))
}

fn with_link(request: &Request, stationery: &Stationery) -> Option<Message> {
    let link = actions::request_address(&stationery.keys, &stationery.base, request);
    let Request { email, language, subject, message, .. } = request;
    Some(Message {
        to: email.clone()?,
        subject: subject.clone(),
        text: message.replace(LINK_PLACE, &link),
        html: html_with_link(*language, subject, message, &link, request_button(*language))?,
    })
}

fn news(read: &mut Read<'_>, _: &Stationery, job: &Job, _: Timestamp) -> QueryResult<Option<Message>> {
    let Some(told) = told(read, NotificationId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let Some(request) = store::by_id(read, RequestId::from_uuid(told.notification.subject))? else { return Ok(None) };
    let Some(customer) = request.answered_by else { return Ok(None) };
    let customer = customers::names(read, &[customer])?.remove(&customer).unwrap_or_default();
    let text = RequestMailTexts::of(told.language);
    let named: Vec<PartnerId> = std::iter::once(request.provider).chain(request.reseller).collect();
    let mut profiles = companies::profiles(read, &named)?;
    let mut name = |id: PartnerId| profiles.remove(&id).map(|profile| profile.name).unwrap_or_default();
    let (provider, reseller) = (name(request.provider), request.reseller.map(&mut name));
    let values = [
        ("customer", customer.as_str()),
        ("provider", provider.as_str()),
        ("reseller", reseller.as_deref().unwrap_or_default()),
        ("reason", request.decline_reason.as_deref().unwrap_or_default()),
    ];
    let approved = told.notification.topic == Topic::RelationshipApproved;
    let (subject, what) = match (approved, reseller.is_some()) {
        (true, false) => (text.approved_subject, text.approved),
        (true, true) => (text.approved_subject, text.approved_two_tier),
        (false, _) => (text.declined_subject, text.declined),
    };
    let greeting = fill(text.greeting, &[("name", &told.name)]);
    let more = match (approved, request.delegated_admin, &request.decline_reason) {
        (true, true, _) => Some(text.with_administration),
        (true, false, _) => Some(text.without_administration),
        (false, _, Some(_)) => Some(text.declined_reason),
        (false, _, None) => None,
    };
    let sentences = std::iter::once(what).chain(more).map(|sentence| fill(sentence, &values));
    let paragraphs: Vec<String> =
        std::iter::once(greeting).chain(sentences).chain([text.news_why.to_owned()]).collect();
    let (subject, message) = (fill(subject, &values), paragraphs.join("\n\n"));
    let Some(html) = plain_html(told.language, &subject, &message) else { return Ok(None) };
    Ok(Some(Message { to: told.email, subject, text: message, html }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partnerships::keepable_message;

    #[test]
    fn drf_02_the_usual_words_hold_the_link_once_in_every_language() {
        for language in Language::ALL {
            for (reseller, asker) in [
                (None, OrganisationKind::Provider),
                (Some("{link}"), OrganisationKind::Provider),
                (Some("{provider}"), OrganisationKind::Reseller),
            ] {
                for delegated in [true, false] {
                    let (subject, message) = usual_words(*language, "Northwind {link}", reseller, asker, delegated);
                    let kept = keepable_message(&message, "https://partners.test/relationships/", |_| false);
                    assert_eq!(kept.unwrap(), message);
                    assert!(!subject.contains(LINK_PLACE), "{subject}");
                }
            }
        }
    }
}
