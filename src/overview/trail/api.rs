//! REST of the audit trail.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{self, Record, Wanted};
use super::export::{self, Format};
use super::model::{Filter, TrailError, Window, contract_names, new_value, record_id, status};
use crate::access::{Allowed, ReadTrail};
use crate::audit::{Direction, EventRow};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Page, PageQuery, Resource, resource};

/// The routes of the trail. The literal path comes before the one with a value in its place.
pub(in crate::overview) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_records).service(export_records).service(get_record);
}

/// One thing that happened, as the contract tells it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditRecord {
    pub(super) id: String,
    /// The company that caused it.
    pub(super) partner_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer_name: Option<String>,
    /// Who did it, if it was somebody of one's own company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_principal_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) application_id: Option<Uuid>,
    pub(super) session_id: Uuid,
    pub(super) resource_type: &'static str,
    /// JSON, with names in Pascal case.
    pub(super) resource_new_value: String,
    pub(super) operation_type: &'static str,
    pub(super) original_correlation_id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub(super) operation_date: Timestamp,
    /// `succeeded`, or `failed` for a call that was refused.
    pub(super) operation_status: &'static str,
    /// `event` names what happened in our own words.
    pub(super) customized_data: Vec<KeyValue>,
}

/// A value with its name.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyValue {
    key: &'static str,
    value: String,
}

impl From<Record> for AuditRecord {
    fn from(record: Record) -> Self {
        let Record { row, own, user_name, customer_name, company_name } = record;
        let (operation_type, resource_type) = contract_names(&row.kind);
        let mut customized_data = vec![
            KeyValue { key: "event", value: row.kind.clone() },
            KeyValue { key: "requestId", value: row.request_id.to_string() },
        ];
        customized_data.extend(company_name.map(|value| KeyValue { key: "companyName", value }));
        if row.repeats > 1 {
            customized_data.push(KeyValue { key: "repeats", value: row.repeats.to_string() });
        }
        Self {
            id: record_id(&row),
            partner_id: row.actor_organisation_id.map(|id| id.uuid()).unwrap_or_default(),
            customer_id: row.customer_id.map(|id| id.uuid()),
            customer_name,
            user_principal_name: user_name,
            application_id: row.actor_application_id.filter(|_| own).map(|id| id.uuid()),
            session_id: row.correlation_id.uuid(),
            resource_type,
            resource_new_value: new_value(&row),
            operation_type,
            original_correlation_id: row.correlation_id.uuid(),
            operation_date: row.at,
            operation_status: status(&row),
            customized_data,
        }
    }
}

/// Which records are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "read by the document only; `wanted` reads them as clients write them")]
struct TrailParameters {
    /// From when: `2026-11-21` or `11/21/2026 8:00:00 AM`; 30 days back if absent. As far back as there is anything.
    start_date: Option<String>,
    /// Until when, included; now if absent.
    end_date: Option<String>,
    /// JSON: CompanyName (substring), CustomerId (equals) or ResourceType (equals).
    filter: Option<String>,
}

/// The decoded value of a query parameter, whatever the capitals of its name.
fn parameter(request: &HttpRequest, wanted: &str) -> Option<String> {
    let pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    let value = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

fn wanted(request: &HttpRequest, direction: Direction, now: Timestamp) -> Result<Wanted, TrailError> {
    let (start, end) = (parameter(request, "startDate"), parameter(request, "endDate"));
    let window = Window::read(start.as_deref(), end.as_deref(), now)?;
    let filter = match parameter(request, "filter") {
        Some(text) => Filter::read(&text)?,
        None => Filter::None,
    };
    Ok(Wanted { window, filter, direction })
}

fn place(row: &EventRow) -> Vec<u8> {
    [&row.at.micros().to_be_bytes()[..], row.id.uuid().as_bytes()].concat()
}

/// What one's own company did, and what concerns it, newest first.
#[utoipa::path(tag = "Audit", params(TrailParameters, PageQuery),
    responses((status = 200, body = Collection<Resource<AuditRecord>>)))]
#[get("/v1/auditrecords")]
async fn list_records(
    me: Allowed<ReadTrail>,
    parts: Data<Parts>,
    request: HttpRequest,
    page: Page,
) -> Result<Answer<Collection<Resource<AuditRecord>>>, Error> {
    let wanted = wanted(&request, Direction::Backward, parts.clock.now())?;
    let (after, limit) = (page.after_moment()?, page.fetch());
    let rows = me.read(&parts, move |read, me| actions::page(read, me, &wanted, after, limit)).await?;
    let key = |record: &Record| place(&record.row);
    Ok(Answer(Collection::page(rows, &page, key, |record| resource("AuditRecord", AuditRecord::from(record)))))
}

/// One record of one's own trail.
#[utoipa::path(tag = "Audit", responses((status = 200, body = Resource<AuditRecord>)))]
#[get("/v1/auditrecords/{id}")]
async fn get_record(
    me: Allowed<ReadTrail>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<Answer<Resource<AuditRecord>>, Error> {
    let record = me.read(&parts, move |read, me| actions::record(read, me, &id)).await?;
    Ok(Answer(resource("AuditRecord", record.into())))
}

/// The trail as one file, oldest first, however long it is.
#[utoipa::path(tag = "Audit",
    params(TrailParameters, ("format" = Option<String>, Query, description = "`jsonl` (the default) or `csv`")),
    responses((status = 200, content_type = "application/jsonl"), (status = 200, content_type = "text/csv")))]
#[get("/v1/auditrecords/export")]
async fn export_records(
    me: Allowed<ReadTrail>,
    parts: Data<Parts>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let format = Format::read(parameter(&request, "format").as_deref())?;
    let wanted = wanted(&request, Direction::Forward, parts.clock.now())?;
    export::answer(me, parts, wanted, format).await
}
