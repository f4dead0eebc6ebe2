//! Uploads: a file and two free texts, bounded and timed.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::web::BytesMut;
use utoipa::ToSchema;

use super::super::old_intake::{Heading, read_file};
use super::super::model::{CheckedFile, DeviceSettings};
use crate::platform::error::codes;
use crate::platform::http::{BodyDigest, Error, next_chunk};
use crate::platform::idempotency::Surface;
use crate::platform::keys::sha256;
use crate::platform::text::{Line, shorten};

/// An upload: the file, and two free texts to find it by.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document only; the multipart stream is what handlers take")]
pub(super) struct UploadBody {
    /// A CSV file with the heading `Manufacturer,Model,Serial Number`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Any text up to 256 characters.
    order_id: Option<String>,
    /// Any text up to 256 characters.
    purchase_id: Option<String>,
}

/// The parts of an upload as received.
pub(super) struct Received {
    pub(super) file_name: String,
    pub(super) bytes: BytesMut,
    pub(super) order_id: Option<String>,
    pub(super) purchase_id: Option<String>,
    pub(super) digest: BodyDigest,
}

/// Characters of a free text at most.
const MAX_FREE_TEXT: usize = 256;
/// Parts of an upload at most; three have a meaning.
const MAX_PARTS: usize = 8;

/// Reads a file on a thread of its own: a large one takes a while.
pub(super) async fn checked(bytes: BytesMut, heading: Heading, max_rows: usize) -> Result<CheckedFile, Error> {
    match actix_web::web::block(move || read_file(&bytes, heading, max_rows)).await {
        Ok(read) => Ok(read?),
        Err(error) => {
            tracing::error!(%error, "no thread to read a file");
            Err(Error::plain(codes::INTERNAL, "The file could not be read just now. Nothing was changed; try again."))
        }
    }
}

/// An upload arrives within this time.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(600);

pub(super) async fn receive(parts: Multipart, settings: &DeviceSettings) -> Result<Received, Error> {
    let slow = || Error::plain(codes::TIMED_OUT, "The upload took longer than ten minutes; nothing was changed.");
    tokio::time::timeout(UPLOAD_DEADLINE, receive_parts(parts, settings)).await.unwrap_or_else(|_| Err(slow()))
}

async fn receive_parts(mut parts: Multipart, settings: &DeviceSettings) -> Result<Received, Error> {
    let refuse = |sentence: String| Error::plain(codes::BAD_REQUEST, sentence);
    let mut file: Option<(String, BytesMut)> = None;
    let (mut order_id, mut purchase_id) = (None, None);
    let mut digests = Vec::new();
    let mut count = 0;
    while let Some(mut part) = next_chunk(&mut parts).await? {
        count += 1;
        if count > MAX_PARTS {
            return Err(refuse(format!("The upload has more than {MAX_PARTS} parts.")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let limit = if name == "file" { settings.max_upload_bytes } else { MAX_FREE_TEXT * 4 };
        let file_name = part.content_disposition().and_then(|disposition| disposition.get_filename());
        let file_name = shorten(&file_name.unwrap_or("upload.csv").replace(char::is_control, "_"), 200);
        let mut bytes = BytesMut::new();
        while let Some(chunk) = next_chunk(&mut part).await? {
            if bytes.len() + chunk.len() > limit {
                let sentence = format!("The part \"{}\" is larger than the {limit} bytes allowed.", shorten(&name, 40));
                return Err(Error::plain(codes::TOO_LARGE, sentence));
            }
            bytes.extend_from_slice(&chunk);
        }
        digests.extend_from_slice(&sha256(name.as_bytes()));
        digests.extend_from_slice(&sha256(&bytes));
        match name.as_str() {
            "file" if file.is_some() => return Err(refuse("Send one file; this upload has two.".to_owned())),
            "file" => file = Some((file_name, bytes)),
            "orderId" => order_id = free_text("orderId", &bytes)?,
            "purchaseId" => purchase_id = free_text("purchaseId", &bytes)?,
            other => {
                let sentence =
                    format!("The part \"{}\" is not known. Known: file, orderId, purchaseId.", shorten(other, 40));
                return Err(refuse(sentence));
            }
        }
    }
    let (file_name, bytes) = file.ok_or_else(|| refuse("The upload holds no part named \"file\".".to_owned()))?;
    let digest = BodyDigest { digest: sha256(&digests), surface: Surface::Extension };
    Ok(Received { file_name, bytes, order_id, purchase_id, digest })
}

fn free_text(name: &str, bytes: &[u8]) -> Result<Option<String>, Error> {
    let refuse = |reason: String| Error::plain(codes::BAD_REQUEST, format!("{name} {reason}."));
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("is not UTF-8 text".to_owned()))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let line = Line::<MAX_FREE_TEXT>::try_from(text.to_owned()).map_err(|error| refuse(error.to_string()))?;
    Ok(Some(line.into()))
}
