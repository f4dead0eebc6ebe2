//! Uploads: files stream into the staging folder, encrypted, bounded and timed; fields are short texts.

use std::io::{self, Write};
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use aws_lc_rs::digest::{Context, SHA256};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::super::model::{DeviceSettings, MAX_FREE_TEXT, Mode, Shape};
use super::super::reception::{StagedUpload, finished};
use super::super::staging::{Staged, Staging};
use crate::platform::error::{Code, Kind, codes};
use crate::platform::http::{BodyDigest, Error, next_chunk};
use crate::platform::idempotency::Surface;
use crate::platform::keys::sha256;
use crate::platform::text::{Line, shorten};

/// An upload: one or more files, and what is said of them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "read by the document only; the multipart stream is what handlers take")]
pub(super) struct UploadBody {
    /// A CSV file; the part may come several times.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Any text up to 256 characters.
    order_id: Option<String>,
    /// Any text up to 256 characters.
    purchase_id: Option<String>,
    /// What is registered if some rows are wrong: `accept_valid_rows`, the default, or `all_or_nothing`.
    mode: Option<Mode>,
    /// `true` if nothing is to be registered yet.
    dry_run: Option<bool>,
    /// The columns of files that have no heading.
    headerless: Option<Shape>,
}

/// The parts of an upload as received.
pub(super) struct Received {
    pub(super) files: Vec<StagedUpload>,
    pub(super) order_id: Option<String>,
    pub(super) purchase_id: Option<String>,
    pub(super) mode: Mode,
    pub(super) dry_run: bool,
    pub(super) headerless: Option<Shape>,
    pub(super) digest: BodyDigest,
}

/// Files of an upload at most: a flash drive full of captures, one for each device.
const MAX_FILES: usize = 1_000;
/// Further parts of an upload at most.
const MAX_FIELDS: usize = 16;
/// An upload arrives within this time.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(60 * 60);
/// Chunks of a file that wait for the disk.
const WAITING: usize = 16;
/// Bytes after which the room on the disk is looked at again.
const ROOM_CHECK: u64 = 16 * 1024 * 1024;

/// No room for a file.
pub(super) const NO_ROOM: Code = Code::new(910_412, "stagingFull", Kind::Unavailable);
/// Too much is staged by one organisation.
pub(super) const QUOTA: Code = Code::new(910_413, "stagingQuota", Kind::TooMany);

/// Bytes the client says it will send; none if it does not say.
pub(super) fn announced(request: &HttpRequest) -> u64 {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Refuses an upload that cannot be kept, before it is read.
pub(super) async fn admit(
    request: &HttpRequest,
    staging: &Staging,
    settings: &DeviceSettings,
    staged: u64,
) -> Result<(), Error> {
    /// Multipart's own bytes, and the fields.
    const AROUND: u64 = 1024 * 1024;
    let bytes = announced(request);
    if bytes > settings.max_upload_bytes.saturating_add(AROUND) {
        return Err(too_large(settings.max_upload_bytes));
    }
    if staged.saturating_add(bytes) > settings.staged_bytes_per_organisation {
        let sentence = format!(
            "Your organisation has {staged} bytes of device files staged, and may have {}. Wait until registrations have \
             ended, or ask the operator for more.",
            settings.staged_bytes_per_organisation
        );
        return Err(Error::plain(QUOTA, sentence));
    }
    let staging = staging.clone();
    let room = finished(tokio::task::spawn_blocking(move || staging.has_room_for(bytes))).await;
    if room.map_err(|error| broken(&error))? { Ok(()) } else { Err(no_room()) }
}

fn too_large(limit: u64) -> Error {
    Error::plain(codes::TOO_LARGE, format!("The upload is larger than the {limit} bytes allowed. Split it."))
}

fn no_room() -> Error {
    Error::plain(NO_ROOM, "There is no room for this upload just now. Nothing was changed; try again later.")
}

pub(super) fn broken(error: &io::Error) -> Error {
    tracing::error!(%error, "the staging folder");
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return no_room();
    }
    Error::plain(codes::INTERNAL, "The upload could not be kept just now. Nothing was changed; try again.")
}

/// Reads an upload to its end.
pub(super) async fn receive(parts: Multipart, staging: &Staging, settings: &DeviceSettings) -> Result<Received, Error> {
    let slow = || Error::plain(codes::TIMED_OUT, "The upload took longer than an hour; nothing was changed.");
    tokio::time::timeout(UPLOAD_DEADLINE, receive_parts(parts, staging, settings)).await.unwrap_or_else(|_| Err(slow()))
}

async fn receive_parts(mut parts: Multipart, staging: &Staging, settings: &DeviceSettings) -> Result<Received, Error> {
    let refuse = |sentence: String| Error::plain(codes::BAD_REQUEST, sentence);
    let mut kept = Kept { staging, files: Vec::new() };
    let (mut order_id, mut purchase_id) = (None, None);
    let (mut mode, mut dry_run, mut headerless) = (Mode::AcceptValidRows, false, None);
    let (mut digests, mut fields, mut left) = (Vec::new(), 0, settings.max_upload_bytes);
    while let Some(mut part) = next_chunk(&mut parts).await? {
        let name = part.name().unwrap_or_default().to_owned();
        digests.extend_from_slice(&sha256(name.as_bytes()));
        if name == "file" {
            if kept.files.len() == MAX_FILES {
                return Err(refuse(format!("The upload has more than {MAX_FILES} files. Send them in parts.")));
            }
            let file_name = part.content_disposition().and_then(|disposition| disposition.get_filename());
            let file_name = shorten(&file_name.unwrap_or("upload.csv").replace(char::is_control, "_"), 200);
            let (copy, digest) = stage(&mut part, staging, settings.max_upload_bytes, &mut left).await?;
            digests.extend_from_slice(&digest);
            kept.files.push(StagedUpload { name: file_name, copy });
            continue;
        }
        fields += 1;
        if fields > MAX_FIELDS {
            return Err(refuse(format!("The upload has more than {MAX_FIELDS} fields.")));
        }
        let text = field(&name, &mut part).await?;
        digests.extend_from_slice(&sha256(text.as_bytes()));
        match name.as_str() {
            "orderId" => order_id = free_text("orderId", &text)?,
            "purchaseId" => purchase_id = free_text("purchaseId", &text)?,
            "mode" => mode = word("mode", &text)?,
            "dryRun" => dry_run = flag("dryRun", &text)?,
            "headerless" => headerless = Some(word("headerless", &text)?),
            other => {
                let sentence = format!(
                    "The part \"{}\" is not known. Known: file, orderId, purchaseId, mode, dryRun, headerless.",
                    shorten(other, 40)
                );
                return Err(refuse(sentence));
            }
        }
    }
    if kept.files.is_empty() {
        return Err(refuse("The upload holds no part named \"file\".".to_owned()));
    }
    let digest = BodyDigest { digest: sha256(&digests), surface: Surface::Extension };
    let files = std::mem::take(&mut kept.files);
    Ok(Received { files, order_id, purchase_id, mode, dry_run, headerless, digest })
}

/// Copies of an upload that is not whole yet: gone with it.
struct Kept<'s> {
    staging: &'s Staging,
    files: Vec<StagedUpload>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        remove_copies(self.staging, &self.files);
    }
}

/// Removes the copies of an upload of which nothing came. What is left is found by housekeeping.
pub(super) fn remove_copies(staging: &Staging, files: &[StagedUpload]) {
    for file in files {
        if let Err(error) = staging.remove(file.copy.id) {
            tracing::warn!(%error, "a copy of an upload could not be removed");
        }
    }
}

/// Streams a file into the staging folder; it is on disk when this returns.
async fn stage(part: &mut Field, staging: &Staging, limit: u64, left: &mut u64) -> Result<(Staged, [u8; 32]), Error> {
    let (out, mut chunks) = mpsc::channel::<Option<Bytes>>(WAITING);
    let room = staging.clone();
    let writing = tokio::task::spawn_blocking(move || {
        let (mut file, mut digest, mut since_check) = (room.begin()?, Context::new(&SHA256), 0);
        while let Some(chunk) = chunks.blocking_recv() {
            let Some(bytes) = chunk else {
                let digest: [u8; 32] = digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes");
                return Ok((file.finish()?, digest));
            };
            digest.update(&bytes);
            file.write_all(&bytes)?;
            since_check += bytes.len() as u64;
            if since_check >= ROOM_CHECK {
                since_check = 0;
                if !room.has_room_for(0)? {
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
        }
        // The sender went away before the end: the copy goes as well.
        Err(io::ErrorKind::UnexpectedEof.into())
    });
    while let Some(bytes) = next_chunk(part).await? {
        *left = left.checked_sub(bytes.len() as u64).ok_or_else(|| too_large(limit))?;
        if out.send(Some(bytes)).await.is_err() {
            break;
        }
    }
    // If nobody takes the end, the thread has ended with an error, which it tells.
    let _ = out.send(None).await;
    finished(writing).await.map_err(|error| broken(&error))
}

async fn field(name: &str, part: &mut Field) -> Result<String, Error> {
    const LIMIT: usize = MAX_FREE_TEXT * 4;
    let refuse = |reason: &str| Error::plain(codes::BAD_REQUEST, format!("{} {reason}.", shorten(name, 40)));
    let mut bytes = Vec::new();
    while let Some(chunk) = next_chunk(part).await? {
        if bytes.len() + chunk.len() > LIMIT {
            return Err(refuse("is longer than 256 characters"));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8 text"))
}

fn free_text(name: &str, text: &str) -> Result<Option<String>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let line = Line::<MAX_FREE_TEXT>::try_from(text.to_owned())
        .map_err(|error| Error::plain(codes::BAD_REQUEST, format!("{name} {error}.")))?;
    Ok(Some(line.into()))
}

fn word<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, Error> {
    text.trim().parse().map_err(|error| Error::plain(codes::BAD_REQUEST, format!("{name}: {error}")))
}

fn flag(name: &str, text: &str) -> Result<bool, Error> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        other => {
            let sentence = format!("{name} is \"{}\"; it must be true or false.", shorten(other, 40));
            Err(Error::plain(codes::BAD_REQUEST, sentence))
        }
    }
}
