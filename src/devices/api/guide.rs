//! REST of the guide: the same for everybody who may look at devices.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, ReadDevices};
use crate::devices::guide::{Guide, GuideFileUnknown, Script, Template};
use crate::platform::Parts;
use crate::platform::error::Outcome;
use crate::platform::http::Error;
use crate::platform::portal::Language;

/// The routes of the guide.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(guide).service(template).service(script);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GuideQuery {
    /// `en`, `sv` or `nl`; what `Accept-Language` prefers, if absent.
    language: Option<Language>,
}

/// The guide to registering devices: five steps, each way to obtain hardware hashes, the formats that are always read.
#[utoipa::path(tag = "Devices", params(GuideQuery), responses((status = 200, body = Guide)))]
#[get("/v1/devices/guide")]
async fn guide(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    request: HttpRequest,
    query: Query<GuideQuery>,
) -> Result<HttpResponse, Error> {
    let language = query.language.unwrap_or_else(|| Language::of(&request));
    let guide = me.read(&parts, move |_, _| -> Outcome<_, GuideFileUnknown> { Ok(Guide::of(language)) }).await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_LANGUAGE, language.code())).json(guide))
}

/// A template for a device file, `partner.csv` or `customer.csv`: the heading, and a sample row to replace.
#[utoipa::path(tag = "Devices", params(("file", description = "Such as customer.csv")),
    responses((status = 200, content_type = "text/csv")))]
#[get("/v1/devices/templates/{file}")]
async fn template(me: Allowed<ReadDevices>, parts: Data<Parts>, file: Path<String>) -> Result<HttpResponse, Error> {
    let template = me.read(&parts, move |_, _| -> Outcome<_, GuideFileUnknown> { Ok(Template::named(&file)?) }).await?;
    Ok(download(template.name, "text/csv; charset=utf-8", template.text()))
}

/// A script of the guide: `capture.ps1`, `merge.ps1`, `merge.py` or `configuration-manager.sql`.
#[utoipa::path(tag = "Devices", params(("file", description = "Such as merge.ps1")),
    responses((status = 200, content_type = "text/plain")))]
#[get("/v1/devices/scripts/{file}")]
async fn script(me: Allowed<ReadDevices>, parts: Data<Parts>, file: Path<String>) -> Result<HttpResponse, Error> {
    let script = me.read(&parts, move |_, _| -> Outcome<_, GuideFileUnknown> { Ok(Script::named(&file)?) }).await?;
    Ok(download(script.name, script.media_type, script.text.to_owned()))
}

fn download(name: &str, media_type: &'static str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(text)
}
