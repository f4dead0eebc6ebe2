//! REST of the calendar.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions;
use super::model::{CalendarError, Entry, EntryKind, Wanted, Window, read_kinds};
use crate::access::{CustomerId, PartnerId, SignedIn};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Sure;
use crate::platform::http::{Collection, Error, Page, PageQuery};
use crate::platform::text::shorten;

pub(in crate::overview) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(calendar);
}

/// Something that lapses.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    kind: EntryKind,
    id: Uuid,
    /// A mailbox, a display name, a version.
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id: Option<PartnerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_name: Option<String>,
    /// Whether it is extended then instead of ending.
    extends: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CalendarQuery {
    /// The first day, as 2026-11-21; from now on if absent.
    from: Option<String>,
    /// The last day; 90 days from the first if absent.
    to: Option<String>,
    /// One or several of invitation, relationshipRequest, administrationRequest, administration, subscription, agreement.
    kind: Option<String>,
    /// Only what concerns this customer: its tenant id.
    customer_id: Option<String>,
}

/// What will lapse, in order of time: invitations, requests, granular administration, agreements.
#[utoipa::path(tag = "Questions", params(CalendarQuery, PageQuery),
    responses((status = 200, body = Collection<EntryView>)))]
#[get("/v1/calendar")]
async fn calendar(
    me: SignedIn,
    parts: Data<Parts>,
    query: Query<CalendarQuery>,
    page: Page,
) -> Result<Answer<Collection<EntryView>>, Error> {
    let CalendarQuery { from, to, kind, customer_id } = query.into_inner();
    let window = Window::read(from.as_deref(), to.as_deref(), parts.clock.now())?;
    let customer = match customer_id.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| CalendarError::CustomerMalformed(shorten(text, 60)))?),
    };
    let wanted = Wanted { window, kinds: read_kinds(kind.as_deref())?, customer };
    let (after, limit) = (page.after_moment::<Uuid>()?, page.fetch());
    let (entries, names) = me
        .read(&parts, move |read, me| -> Sure<_> {
            let entries = actions::calendar(read, me, &wanted, after, limit)?;
            let names = actions::names(read, &entries)?;
            Ok((entries, names))
        })
        .await?;
    let key = |entry: &Entry| {
        let (at, id) = entry.place();
        [&at.micros().to_be_bytes()[..], id.as_bytes()].concat()
    };
    Ok(Answer(Collection::page(entries, &page, key, |entry| EntryView {
        at: entry.at,
        kind: entry.kind,
        id: entry.id,
        title: entry.title,
        customer_id: entry.customer,
        customer_name: entry.customer.and_then(|id| names.get(&id.uuid()).cloned()),
        partner_id: entry.partner,
        partner_name: entry.partner.and_then(|id| names.get(&id.uuid()).cloned()),
        extends: entry.extends,
    })))
}
