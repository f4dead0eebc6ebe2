//! REST of the device directory.

use actix_multipart::Multipart;
use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, Arrival, ImportSummary};
use super::super::jobs::manifest_rules;
use super::super::model::{DeviceSettings, FileReport, ImportId};
use super::super::reception::Reception;
use super::upload::{UploadBody, admit, receive, remove_copies};
use crate::access::{Allowed, RunTheCentre};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Sure;
use crate::platform::http::{Collection, Error, Page, PageQuery, Reply, RequestIds};

/// The routes of the directory.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_manifest).service(list_manifests).service(get_manifest);
}

/// A manifest, and how far it is loaded.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ManifestView {
    id: ImportId,
    /// `loading` or `loaded`.
    state: String,
    /// Its rows.
    devices: i32,
    /// Those that are loaded.
    loaded: i32,
    /// Rows that are loaded, in percent.
    percent: i32,
    files: Vec<FileReport>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl ManifestView {
    fn new(summary: ImportSummary) -> Self {
        let ImportSummary { import, files } = summary;
        let percent = i64::from(import.loaded_rows) * 100 / i64::from(import.row_count.max(1));
        Self {
            id: import.id,
            state: import.state,
            devices: import.row_count,
            loaded: import.loaded_rows,
            percent: i32::try_from(percent).unwrap_or(100),
            files,
            created_at: import.created_at,
            finished_at: import.finished_at,
        }
    }
}

/// Load a supplier's manifest into the device directory: CSV files with the heading `Manufacturer,Model,Serial Number`, and
/// `Windows Product ID` if there is one. A row that cannot be an entry refuses all of it; then it is loaded in the background.
#[utoipa::path(tag = "Devices", request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 201, body = ManifestView)))]
#[post("/v1/devicedirectory/manifests")]
async fn import_manifest(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    request: HttpRequest,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let organisation = me.read(&parts, |_, me| -> Sure<_> { Ok(me.organisation()) }).await?;
    admit(&request, reception.staging(), &settings, 0).await?;
    let received = receive(body, reception.staging(), &settings).await?;
    request.extensions_mut().insert(received.digest);
    let arrival = Arrival::for_directory(RequestIds::of(&request).request);
    let (rules, files) = (manifest_rules(settings.max_manifest_rows), received.files);
    let checked = reception.receive(files.clone(), rules, arrival.clone(), parts.clock.now()).await;
    let now = parts.clock.now();
    let answer = match checked {
        Err(error) => Err(error.into()),
        Ok(checked) => {
            me.write(&parts, move |tx, me| {
                let imported = actions::import_manifest(tx, me, organisation, (&arrival, &checked), now);
                imported.map(|summary| Reply::created(&ManifestView::new(summary)))
            })
            .await
        }
    };
    if answer.is_err() {
        remove_copies(reception.staging(), &files);
    }
    answer
}

/// Manifests that were loaded, the newest first.
#[utoipa::path(tag = "Devices", params(PageQuery), responses((status = 200, body = Collection<ManifestView>)))]
#[get("/v1/devicedirectory/manifests")]
async fn list_manifests(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<ManifestView>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let rows = me.read(&parts, move |read, _| -> Sure<_> { Ok(actions::imports(read, after, limit)?) }).await?;
    let key = |row: &ImportSummary| row.import.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, ManifestView::new)))
}

/// How far a manifest is loaded.
#[utoipa::path(tag = "Devices", params(("id" = ImportId, Path)), responses((status = 200, body = ManifestView)))]
#[get("/v1/devicedirectory/manifests/{id}")]
async fn get_manifest(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    id: Path<ImportId>,
) -> Result<Answer<ManifestView>, Error> {
    let id = *id;
    let found = me.read(&parts, move |read, _| actions::manifest_import(read, id)).await?;
    Ok(Answer(ManifestView::new(found)))
}
