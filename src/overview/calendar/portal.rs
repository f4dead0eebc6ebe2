//! The calendar as a page.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query, ServiceConfig, get};
use askama::Template;
use serde::Deserialize;

use super::actions;
use super::model::{EntryKind, Wanted, Window, read_kinds};
use crate::access::{Barred, Visitor};
use crate::overview::texts::CalendarTexts;
use crate::platform::Parts;
use crate::platform::clock::days;
use crate::platform::error::Sure;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, see_other};

pub(in crate::overview) fn pages(config: &mut ServiceConfig) {
    config.route("/calendar", get().to(show));
}

/// Entries on the page at most; programs page through more.
const SHOWN: i64 = 200;
/// How far ahead the page looks.
const DAYS: u64 = 90;

struct Line {
    day: String,
    kind: &'static str,
    title: String,
    with: String,
    extends: bool,
}

/// A kind to filter by.
struct Choice {
    kind: &'static str,
    text: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "overview/templates/calendar_page.html")]
struct CalendarPage {
    frame: Frame,
    text: &'static CalendarTexts,
    choices: Vec<Choice>,
    /// Whether any of them is.
    chosen: bool,
    lines: Vec<Line>,
    more: bool,
}

#[derive(Deserialize)]
struct CalendarQuery {
    kind: Option<String>,
}

fn kind_text(text: &'static CalendarTexts, kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Invitation => text.invitation,
        EntryKind::RelationshipRequest => text.relationship_request,
        EntryKind::AdministrationRequest => text.administration_request,
        EntryKind::Administration => text.administration,
        EntryKind::Subscription => text.subscription,
        EntryKind::Agreement => text.agreement,
    }
}

async fn show(parts: Data<Parts>, visitor: Visitor, query: Query<CalendarQuery>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let text = CalendarTexts::of(visitor.visit().language());
    // What is no kind is none chosen.
    let kinds = read_kinds(query.kind.as_deref()).unwrap_or_default();
    let wanted =
        Wanted { window: Window { from: now, until: now.after(days(DAYS)) }, kinds: kinds.clone(), customer: None };
    let found = visitor
        .read_own(&parts, move |read, me| -> Sure<_> {
            let entries = actions::calendar(read, me, &wanted, None, SHOWN + 1)?;
            let names = actions::names(read, &entries)?;
            Ok((entries, names))
        })
        .await;
    let (mut entries, names) = match found {
        Ok(found) => found,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(barred) => return Err(barred.into()),
    };
    let shown = usize::try_from(SHOWN).unwrap_or_default();
    let more = entries.len() > shown;
    entries.truncate(shown);
    let lines = entries.into_iter().map(|entry| {
        let others = [entry.customer.map(|id| id.uuid()), entry.partner.map(|id| id.uuid())];
        let with: Vec<String> = others.into_iter().flatten().filter_map(|id| names.get(&id).cloned()).collect();
        let kind = kind_text(text, entry.kind);
        Line { day: entry.at.readable(), kind, title: entry.title, with: with.join(", "), extends: entry.extends }
    });
    let choice =
        |kind: &EntryKind| Choice { kind: kind.as_str(), text: kind_text(text, *kind), chosen: kinds.contains(kind) };
    visitor.visit().page(&CalendarPage {
        frame: visitor.onlooker(&parts).await?.frame,
        text,
        chosen: !kinds.is_empty(),
        choices: EntryKind::ALL.iter().map(choice).collect(),
        lines: lines.collect(),
        more,
    })
}
