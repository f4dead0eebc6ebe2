//! Files that come back: results of a registration, and cleaned files. Both are read from the staged copies as they are sent,
//! so nothing of them is held.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpResponse, get};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, Copies};
use super::super::intake::{FileWriter, Outcome as RowOutcome, RESULTS_HEADING};
use super::super::model::{CheckedRow, DeviceSettings, DeviceValues, FileFormat, RegistrationId, Report};
use super::super::reception::{Reception, finished};
use super::super::store::RowView;
use super::registrations::RegistrationRefusal;
use super::views::advice;
use crate::access::{Allowed, ReadDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation;
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome, codes};
use crate::platform::http::Error;

/// The routes of files.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(results).service(cleaned);
}

/// Rows that are written at a time.
const AT_ONCE: usize = 1_000;
/// Rows of a part: what the portals of the vendor take in one file.
const ROWS_OF_A_PART: u32 = 500;

type Reading = (mpsc::Receiver<Vec<CheckedRow>>, JoinHandle<std::io::Result<Report>>);

/// What is written of each row.
enum Kind {
    Results { support: String },
    Cleaned { format: FileFormat, part: Option<u32>, written: u32 },
}

struct Download {
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: CustomerReference,
    id: RegistrationId,
    copies: Copies,
    reading: Option<Reading>,
    kind: Kind,
    after: i32,
    begun: bool,
}

impl Download {
    async fn open(
        (me, parts, reception): (Allowed<ReadDevices>, Data<Parts>, &Reception),
        (customer, id): (String, RegistrationId),
        kind: Kind,
    ) -> Result<Self, Error> {
        let customer = CustomerReference::new(&customer);
        let (reference, now) = (customer.clone(), parts.clock.now());
        let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
            let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
            actions::copies_of(read, &proof, me, id).map_err(Failure::widen)
        };
        let copies = me.read(&parts, find).await?;
        let reading =
            (!copies.copies.is_empty()).then(|| reception.reread(copies.copies.clone(), copies.rules.clone(), AT_ONCE));
        Ok(Self { me, parts, customer, id, copies, reading, kind, after: 0, begun: false })
    }

    /// The rows after those that were written, as the database has them. The right to see them is proved each time.
    async fn outcomes(&self) -> Result<Vec<RowView>, Error> {
        let (reference, id, after, now) = (self.customer.clone(), self.id, self.after, self.parts.clock.now());
        let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
            let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
            actions::rows(read, &proof, id, None, after, AT_ONCE as i64).map_err(Failure::widen)
        };
        self.me.read(&self.parts, find).await
    }

    /// The next rows as they were written, with what became of them; from the database alone once the copies are gone.
    async fn rows(&mut self) -> Result<Vec<(CheckedRow, RowView)>, Error> {
        let outcomes = self.outcomes().await?;
        let Some((batches, _)) = &mut self.reading else {
            return Ok(outcomes.into_iter().map(|row| (without_copy(&row), row)).collect());
        };
        let rows = batches.recv().await.unwrap_or_default();
        if rows.is_empty()
            && let Some((_, reading)) = self.reading.take()
        {
            finished(reading).await.map_err(|error| super::upload::broken(&error))?;
            return Ok(Vec::new());
        }
        let are_own = self.copies.are_own;
        let shown = |mut row: CheckedRow| {
            row.hash = row.hash.filter(|_| are_own);
            row
        };
        // Both are in order, and the database has every row of the files.
        Ok(rows.into_iter().map(shown).zip(outcomes).collect())
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let rows = self.rows().await?;
            let Some((_, last)) = rows.last() else {
                return Ok((!std::mem::replace(&mut self.begun, true)).then(|| self.heading()));
            };
            self.after = last.position;
            let failed = |error: std::io::Error| super::upload::broken(&error);
            let begins = !std::mem::replace(&mut self.begun, true);
            let out = if begins { self.heading().to_vec() } else { Vec::new() };
            let before = out.len();
            let mut writer = FileWriter::resume(out);
            for (row, outcome) in rows {
                self.write(&mut writer, row, &outcome).map_err(failed)?;
            }
            let bytes = writer.end().map_err(failed)?;
            if begins || bytes.len() > before {
                return Ok(Some(Bytes::from(bytes)));
            }
        }
    }

    fn heading(&self) -> Bytes {
        let heading = match &self.kind {
            Kind::Results { .. } => RESULTS_HEADING,
            Kind::Cleaned { format, .. } => format.heading(),
        };
        Bytes::from(format!("{heading}\r\n"))
    }

    fn write(&mut self, writer: &mut FileWriter<Vec<u8>>, row: CheckedRow, outcome: &RowView) -> std::io::Result<()> {
        match &mut self.kind {
            Kind::Results { support } => {
                let error = outcome.error.zip(outcome.code);
                let advice = error.map(|(error, code)| advice(error, code, support)).unwrap_or_default();
                let file = usize::from(row.file).checked_sub(1).and_then(|file| self.copies.copies.get(file));
                let told = RowOutcome {
                    file: file.map_or("", |(name, _)| name),
                    status: outcome.state.title(),
                    error: error.map_or("", |(error, _)| error.title()),
                    code: error.map_or("", |(_, code)| code.as_str()),
                    advice: &advice,
                };
                writer.result(&row, &told)
            }
            Kind::Cleaned { format, part, written } => {
                if outcome.refused || !format.holds(&row) {
                    return Ok(());
                }
                let within = part.is_none_or(|part| *written / ROWS_OF_A_PART + 1 == part);
                *written += 1;
                if within { writer.row(format.of(row)) } else { Ok(()) }
            }
        }
    }

    async fn answer(mut self, name: String) -> Result<HttpResponse, Error> {
        let first = self.next().await?.unwrap_or_default();
        let rest = stream::try_unfold(self, |mut download| async move {
            match download.next().await {
                Ok(part) => Ok(part.map(|part| (part, download))),
                // The connection breaks off, so that half a file is not taken for a whole one.
                Err(error) => Err(std::io::Error::other(error.to_string())),
            }
        });
        Ok(HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .streaming(stream::iter([Ok(first)]).chain(rest)))
    }
}

/// A row of which only the database knows.
fn without_copy(row: &RowView) -> CheckedRow {
    let number = |number: i32| u32::try_from(number).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    CheckedRow {
        position: number(row.position),
        file: u16::try_from(row.file).unwrap_or_default(),
        line: number(row.line),
        written: DeviceValues {
            manufacturer: row.manufacturer.clone(),
            model: row.model.clone(),
            serial_number: row.serial_number.clone(),
            product_id: text(&row.product_id),
            group_tag: text(&row.group_tag),
            assigned_user: text(&row.assigned_user),
        },
        hash: None,
        refused: None,
    }
}

/// What became of each row of a registration, as a CSV file: fix its failed rows and upload it again. Hashes are in it only for
/// the organisation that uploaded them, and only as long as the uploaded files are kept.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    responses((status = 200, content_type = "text/csv", body = String)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/results.csv")]
async fn results(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    path: Path<(String, RegistrationId)>,
) -> Result<HttpResponse, Error> {
    let path = path.into_inner();
    let name = format!("results-{}.csv", path.1);
    let kind = Kind::Results { support: settings.support_contact.clone() };
    Download::open((me, parts, &reception), path, kind).await?.answer(name).await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CleanedQuery {
    /// The format; `partner` if absent.
    format: Option<FileFormat>,
    /// Only this part of 500 rows, counted from 1; the whole file if absent.
    #[param(minimum = 1)]
    part: Option<u32>,
}

/// The rows of a registration that the check let pass, as a clean CSV file in any of the formats, split at 500 rows if a part is
/// asked for. A part after the last holds the heading alone.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path), CleanedQuery),
    responses((status = 200, content_type = "text/csv", body = String)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/cleaned.csv")]
async fn cleaned(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    reception: Data<Reception>,
    path: Path<(String, RegistrationId)>,
    query: Query<CleanedQuery>,
) -> Result<HttpResponse, Error> {
    let CleanedQuery { format, part } = query.into_inner();
    if part == Some(0) {
        return Err(Error::plain(codes::BAD_REQUEST, "part is 0; parts are counted from 1."));
    }
    let (path, format) = (path.into_inner(), format.unwrap_or(FileFormat::Partner));
    let of = part.map(|part| format!("-{part}")).unwrap_or_default();
    let name = format!("cleaned-{}-{format}{of}.csv", path.1);
    let kind = Kind::Cleaned { format, part, written: 0 };
    Download::open((me, parts, &reception), path, kind).await?.answer(name).await
}
