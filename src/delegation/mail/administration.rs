//! What customers are told about who administers them, and a partner's people about what became of what they asked for.

use diesel::QueryResult;
use secrecy::ExposeSecret;

use crate::access::{CustomerId, NotificationId, PartnerId, Told, Topic, told};
use crate::companies;
use crate::customers;
use crate::delegation::actions::administration_link;
use crate::delegation::model::{GrantId, Granular, GranularStatus, Notice, NoticeId, NoticeKind};
use crate::delegation::store::{granular, notices};
use crate::delegation::texts::AdministrationMailTexts;
use crate::partnerships::{LINK_PLACE, html_with_link, plain_html};
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::jobs::{Job, JobKind};
use crate::platform::mail::{Compose, Message, Stationery, mail_kind};
use crate::platform::portal::{Language, fill};

/// A change in who administers a customer, to one of its mailboxes.
pub const NOTICE: JobKind = mail_kind("mail_administration_notice");
/// What became of what a partner asked for, to a person who wants to be told; its subject is the notification.
pub const NEWS: JobKind = mail_kind("mail_administration_news");

pub(super) fn composers() -> Vec<(JobKind, Compose)> {
    vec![(NOTICE, notice), (NEWS, news)]
}

fn partner_name(read: &mut Read<'_>, partner: PartnerId) -> QueryResult<String> {
    let profile = companies::profiles(read, &[partner])?.remove(&partner);
    // A company may be called anything, but a message holds the place of the link once.
    Ok(profile.map(|profile| profile.name.replace(LINK_PLACE, "(link)")).unwrap_or_default())
}

fn customer_name(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<String> {
    let name = customers::names(read, &[customer])?.remove(&customer);
    Ok(name.map(|name| name.replace(LINK_PLACE, "(link)")).unwrap_or_default())
}

fn role_names(one: &Granular) -> String {
    one.terms.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
}

fn notice(read: &mut Read<'_>, stationery: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(notice) = notices::notice(read, NoticeId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let one = match notice.relationship {
        Some(id) => granular::by_id(read, id)?,
        None => None,
    };
    let language = Language::from_tag(&notice.language).unwrap_or(Language::English);
    let text = AdministrationMailTexts::of(language);
    let Some((subject, sentence)) = sentences(text, &notice, one.as_ref(), now) else { return Ok(None) };
    let (partner, customer) = (partner_name(read, notice.partner)?, customer_name(read, notice.customer)?);
    let until = notice.ends_at.map(Timestamp::readable).unwrap_or_default();
    let roles = one.as_ref().map(role_names).unwrap_or_default();
    let name = one.as_ref().map(|one| one.terms.display_name.to_string()).unwrap_or_default();
    let values = [
        ("partner", partner.as_str()),
        ("customer", customer.as_str()),
        ("until", until.as_str()),
        ("roles", roles.as_str()),
        ("name", name.as_str()),
    ];
    let (subject, sentence) = (fill(subject, &values), fill(sentence, &values));
    let link = match (&one, notice.kind) {
        (Some(one), NoticeKind::Asked) => {
            let token = administration_link(&stationery.keys, one);
            stationery.base.join(&format!("/administration-requests/{}", token.expose_secret()))
        }
        _ => stationery.base.join("/administrators"),
    };
    let asked = notice.kind == NoticeKind::Asked;
    let (lead, button) =
        if asked { (text.answer_lead, text.answer_button) } else { (text.look_lead, text.look_button) };
    let message = format!("{sentence}\n\n{lead}\n\n{LINK_PLACE}\n\n{}", fill(text.why, &values));
    let Some(html) = html_with_link(language, &subject, &message, &link, button) else { return Ok(None) };
    Ok(Some(Message { to: notice.email, subject, text: message.replace(LINK_PLACE, &link), html }))
}

/// Subject and sentence of a notice; `None` if it is news no more.
fn sentences(
    text: &'static AdministrationMailTexts,
    notice: &Notice,
    one: Option<&Granular>,
    now: Timestamp,
) -> Option<(&'static str, &'static str)> {
    let status = one.map(|one| one.status(now));
    let in_force = status == Some(GranularStatus::Active);
    Some(match notice.kind {
        NoticeKind::Asked if status != Some(GranularStatus::ApprovalPending) => return None,
        NoticeKind::Ending | NoticeKind::Extending if !in_force => return None,
        NoticeKind::Asked => (text.asked_subject, text.asked),
        NoticeKind::Granted => (text.granted_subject, text.granted),
        NoticeKind::Approved => (text.approved_subject, text.approved),
        NoticeKind::RolesChanged => (text.roles_subject, text.roles),
        NoticeKind::Ending => (text.ending_subject, text.ending),
        NoticeKind::Extending => (text.extending_subject, text.extending),
        NoticeKind::Extended => (text.extended_subject, text.extended),
        NoticeKind::Expired => (text.expired_subject, text.expired),
        NoticeKind::Ended => (text.ended_subject, text.ended),
        NoticeKind::RelationshipEnded => (text.relationship_subject, text.relationship),
        NoticeKind::OwnerGranted => (text.owner_subject, text.owner),
        NoticeKind::OwnerEnded => (text.owner_ended_subject, text.owner_ended),
    })
}

fn news(read: &mut Read<'_>, _: &Stationery, job: &Job, now: Timestamp) -> QueryResult<Option<Message>> {
    let Some(told) = told(read, NotificationId::from_uuid(job.subject_id.uuid()))? else { return Ok(None) };
    let text = AdministrationMailTexts::of(told.language);
    let Some((subject, sentence)) = what_became(read, &told, text, now)? else { return Ok(None) };
    let message = format!("{}\n\n{sentence}\n\n{}", fill(text.greeting, &[("name", &told.name)]), text.news_why);
    let Some(html) = plain_html(told.language, &subject, &message) else { return Ok(None) };
    Ok(Some(Message { to: told.email, subject, text: message, html }))
}

fn what_became(
    read: &mut Read<'_>,
    told: &Told,
    text: &'static AdministrationMailTexts,
    now: Timestamp,
) -> QueryResult<Option<(String, String)>> {
    let subject = told.notification.subject;
    let one = granular::by_id(read, GrantId::from_uuid(subject))?;
    let customer = match &one {
        Some(one) => one.customer,
        // Of the end of everything it had, the customer is told.
        None => Some(CustomerId::from_uuid(subject)),
    };
    let Some(customer) = customer else { return Ok(None) };
    let customer = customer_name(read, customer)?;
    let name = one.as_ref().map(|one| one.terms.display_name.to_string()).unwrap_or_default();
    let until = one.as_ref().and_then(|one| one.ends_at).map(Timestamp::readable).unwrap_or_default();
    let values = [("customer", customer.as_str()), ("name", name.as_str()), ("until", until.as_str())];
    let (subject, sentence) = match (told.notification.topic, &one) {
        (Topic::AdministrationApproved, Some(_)) => (text.news_approved_subject, text.news_approved),
        (Topic::AdministrationDeclined, Some(_)) => (text.news_declined_subject, text.news_declined),
        (Topic::AdministrationEnding, Some(one)) => match (one.status(now), one.terms.auto_extend) {
            (GranularStatus::Active, false) => (text.news_ending_subject, text.news_ending),
            (GranularStatus::Active, true) => (text.news_extending_subject, text.news_extending),
            (GranularStatus::Expired, _) => (text.news_expired_subject, text.news_expired),
            _ => return Ok(None),
        },
        (Topic::AdministrationEnded, _) => (text.news_ended_subject, text.news_ended),
        _ => return Ok(None),
    };
    Ok(Some((fill(subject, &values), fill(sentence, &values))))
}
