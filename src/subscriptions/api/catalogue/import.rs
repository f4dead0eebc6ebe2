//! Importing offers: a file as the body, bounded and timed.

use std::time::Duration;

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{BytesMut, Data, Payload, block};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Allowed, RunTheCentre};
use crate::platform::Parts;
use crate::platform::error::codes;
use crate::platform::http::{BodyDigest, Error, Reply, next_chunk};
use crate::platform::idempotency::Surface;
use crate::platform::keys::sha256;
use crate::platform::text::shorten;
use crate::subscriptions::actions::catalogue as actions;
use crate::subscriptions::intake::{MAX_BYTES, read_csv, read_json};
use crate::subscriptions::model::catalogue::Offer;
use crate::subscriptions::model::imports::{ImportId, ImportRefused, OfferFile};

/// A file arrives within this time.
const DEADLINE: Duration = Duration::from_secs(600);

/// Offers to import; a bare list of them is read as well.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "read by the document only; the file is read offer by offer, so that all faults are found"
)]
struct OffersBody {
    offers: Vec<Offer>,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ImportedView {
    /// As in the trail; absent if everything was there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ImportId>,
    /// Offers in the file.
    offers: usize,
    /// Those that are new.
    added: usize,
    /// Those that were there and are different now.
    changed: usize,
}

/// Reads one of the kinds of file.
type Reader = fn(&[u8]) -> Result<OfferFile, ImportRefused>;

/// Import offers into the catalogue: JSON, or CSV with columns named as the properties, lists with `|` between their
/// values and service plans as `id=NAME=Display name`. All of them or none; the same again changes nothing.
#[utoipa::path(tag = "Catalogue", request_body(content((OffersBody = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = ImportedView)))]
#[post("/v1/offers/import")]
pub(super) async fn import_offers(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Error> {
    let read = reader_of(&request)?;
    let slow = |_| Error::plain(codes::TIMED_OUT, "The file took longer than ten minutes; nothing was changed.");
    let bytes = tokio::time::timeout(DEADLINE, receive(&request, body)).await.map_err(slow)??;
    let digest = sha256(&bytes);
    request.extensions_mut().insert(BodyDigest { digest, surface: Surface::Extension });
    let now = parts.clock.now();
    // On a thread of its own: a large file takes a while.
    let file = match block(move || read(&bytes)).await {
        Ok(file) => file?,
        Err(error) => {
            tracing::error!(%error, "no thread to read a file");
            let sentence = "The file could not be read just now. Nothing was changed; try again.";
            return Err(Error::plain(codes::INTERNAL, sentence));
        }
    };
    me.write(&parts, move |tx, me| {
        let imported = actions::import_offers(tx, me, &file, now)?;
        let actions::OffersImported { id, offers, added, changed } = imported;
        Ok(Reply::ok(&ImportedView { id, offers, added, changed }))
    })
    .await
}

fn reader_of(request: &HttpRequest) -> Result<Reader, Error> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(read_json),
        "text/csv" => Ok(read_csv),
        other => {
            let sentence = format!(
                "Send Content-Type: application/json or text/csv; this request says \"{}\".",
                shorten(other, 80)
            );
            Err(Error::plain(codes::UNSUPPORTED_MEDIA, sentence))
        }
    }
}

async fn receive(request: &HttpRequest, mut body: Payload) -> Result<BytesMut, Error> {
    let too_large =
        || Error::plain(codes::TOO_LARGE, format!("The file is larger than the {MAX_BYTES} bytes allowed here."));
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > MAX_BYTES) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = next_chunk(&mut body).await? {
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
