//! The trail as a file: read and sent page by page, so that its length costs no memory.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Bytes, Data};
use futures_util::stream::{self, StreamExt};

use super::actions::{self, Wanted};
use super::api::AuditRecord;
use super::model::TrailError;
use crate::access::{Allowed, ReadTrail};
use crate::audit::Place;
use crate::platform::Parts;
use crate::platform::cells::guarded;
use crate::platform::error::codes;
use crate::platform::http::{Error, resource};
use crate::platform::text::shorten;

/// Which kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A JSON object in each line.
    JsonLines,
    Csv,
}

impl Format {
    pub(super) fn read(text: Option<&str>) -> Result<Self, TrailError> {
        match text.map(str::to_ascii_lowercase).as_deref() {
            None | Some("jsonl") => Ok(Format::JsonLines),
            Some("csv") => Ok(Format::Csv),
            Some(other) => Err(TrailError::FormatUnknown(shorten(other, 40))),
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Format::JsonLines => "application/jsonl",
            Format::Csv => "text/csv; charset=utf-8",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Format::JsonLines => "jsonl",
            Format::Csv => "csv",
        }
    }
}

const HEADING: [&str; 15] = [
    "Id",
    "OperationDate",
    "Event",
    "OperationType",
    "ResourceType",
    "OperationStatus",
    "PartnerId",
    "CompanyName",
    "UserPrincipalName",
    "ApplicationId",
    "CustomerId",
    "CustomerName",
    "OriginalCorrelationId",
    "Repeats",
    "ResourceNewValue",
];

/// Records of a page.
const PAGE: usize = 1_000;

/// An export under way.
struct Export {
    me: Allowed<ReadTrail>,
    parts: Data<Parts>,
    wanted: Wanted,
    format: Format,
    after: Option<Place>,
    over: bool,
}

impl Export {
    /// The next part of the file; nothing after the last. The caller is looked at again for each.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if self.over {
            return Ok(None);
        }
        let (wanted, after, begins) = (self.wanted.clone(), self.after, self.after.is_none());
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
        let records = self.me.read(&self.parts, move |read, me| actions::page(read, me, &wanted, after, limit)).await?;
        self.over = records.len() < PAGE;
        self.after = records.last().map(|record| (record.row.at, record.row.id));
        let written = match self.format {
            Format::JsonLines => json_lines(records),
            Format::Csv => csv_rows(records, begins),
        };
        let bytes = written.map_err(|error| {
            tracing::error!(%error, "the trail could not be written");
            Error::plain(codes::INTERNAL, "The trail could not be written into a file.")
        })?;
        Ok(Some(Bytes::from(bytes)))
    }
}

fn json_lines(records: Vec<actions::Record>) -> std::io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, &resource("AuditRecord", AuditRecord::from(record)))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn csv_rows(records: Vec<actions::Record>, begins: bool) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if begins {
        writer.write_record(HEADING)?;
    }
    for record in records {
        let (event, repeats) = (record.row.kind.clone(), record.row.repeats.to_string());
        let company = record.company_name.clone().unwrap_or_default();
        let view = AuditRecord::from(record);
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        let cells = [
            view.id,
            view.operation_date.to_string(),
            event,
            view.operation_type.to_owned(),
            view.resource_type.to_owned(),
            view.operation_status.to_owned(),
            view.partner_id.to_string(),
            company,
            view.user_principal_name.unwrap_or_default(),
            id(view.application_id),
            id(view.customer_id),
            view.customer_name.unwrap_or_default(),
            view.original_correlation_id.to_string(),
            repeats,
            view.resource_new_value,
        ];
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// The answer. What stops the caller is told before it begins; afterwards the connection breaks off, so that half a file
/// is not taken for a whole one.
pub(super) async fn answer(
    me: Allowed<ReadTrail>,
    parts: Data<Parts>,
    wanted: Wanted,
    format: Format,
) -> Result<HttpResponse, Error> {
    let day = parts.clock.now().to_chrono().format("%Y-%m-%d");
    let file = format!("attachment; filename=\"audit-trail-{day}.{}\"", format.extension());
    let mut export = Export { me, parts, wanted, format, after: None, over: false };
    let first = export.next().await?.unwrap_or_default();
    let rest = stream::try_unfold(export, |mut export| async move {
        match export.next().await {
            Ok(part) => Ok(part.map(|part| (part, export))),
            Err(error) => Err(std::io::Error::other(error.to_string())),
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CONTENT_DISPOSITION, file))
        .streaming(stream::iter([Ok(first)]).chain(rest)))
}
