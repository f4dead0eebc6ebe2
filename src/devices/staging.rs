//! The staging folder: encrypted copies of uploads, each on disk before its registration exists, and removed some time
//! after it has ended.
//!
//! A copy is a row of segments, each sealed with AES-256-GCM under a key of the file's own, which is derived from the key file
//! and the copy's id. The nonce counts the segments and marks the last one, so that nothing can be cut off, left out or
//! exchanged unnoticed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use uuid::Uuid;

use super::model::{DeviceSettings, StagedFileId};
use crate::platform::db::{Db, Isolation};
use crate::platform::error::{Failure, Never, Sure};
use crate::platform::installation;
use crate::platform::keys::Keys;
use crate::platform::private_folder;

/// Bytes of a segment before it is sealed.
const SEGMENT: usize = 64 * 1024;
/// Bytes that sealing adds to a segment.
const TAG: usize = 16;
/// The file by which copies of the service know that they look into the same folder.
const MARKER: &str = "partner-center.staging";

/// The staging folder.
#[derive(Clone, Debug)]
pub struct Staging {
    folder: PathBuf,
    keys: Arc<Keys>,
    min_free: u64,
}

/// Why the staging folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// The folder or a file in it.
    #[error(
        "cannot use the staging folder {folder}: {source}. Set devices.staging_folder to a folder this user may write to"
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another folder than the one that the database knows.
    #[error(
        "the staging folder {0} is not the one that this database's uploads lie in: its marker is missing or another. Copies \
         of the service share one folder; point devices.staging_folder at it, or restore it from your backup"
    )]
    AnotherFolder(PathBuf),
    /// The database, which remembers the folder.
    #[error("the staging folder cannot be looked up: {0}")]
    Database(String),
}

impl Staging {
    /// The folder of these settings; `default` if they name none.
    pub fn new(settings: &DeviceSettings, default: PathBuf, keys: Arc<Keys>) -> Self {
        let folder = settings.staging_folder.clone().unwrap_or(default);
        Self { folder, keys, min_free: settings.min_free_bytes }
    }

    fn failed(&self, source: io::Error) -> StagingError {
        StagingError::Folder { folder: self.folder.clone(), source }
    }

    /// What the folder's marker says, if it has one.
    ///
    /// # Errors
    /// [`StagingError::Folder`].
    pub fn marker(&self) -> Result<Option<Uuid>, StagingError> {
        match std::fs::read_to_string(self.folder.join(MARKER)) {
            Ok(text) => Ok(Uuid::parse_str(text.trim()).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Makes the folder with this marker, unless it has one already. Returns the marker that it then has.
    ///
    /// # Errors
    /// [`StagingError::Folder`].
    pub fn mark(&self, marker: Uuid) -> Result<Uuid, StagingError> {
        let made = || {
            private_folder(&self.folder)?;
            let draft = self.folder.join(format!("{MARKER}.{marker}"));
            let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&draft)?;
            writeln!(file, "{marker}")?;
            file.sync_all()?;
            // A link fails if the name is taken: of two copies that start at once the second finds the first one's marker.
            let linked = std::fs::hard_link(&draft, self.folder.join(MARKER));
            std::fs::remove_file(&draft)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => sync_folder(&self.folder),
            }
        };
        made().map_err(|error| self.failed(error))?;
        self.marker()?.ok_or_else(|| StagingError::AnotherFolder(self.folder.clone()))
    }

    /// The folder is not the one that the database knows.
    pub fn is_another(&self) -> StagingError {
        StagingError::AnotherFolder(self.folder.clone())
    }

    /// Whether `bytes` more leave enough room on the disk.
    ///
    /// # Errors
    /// The system's.
    pub fn has_room_for(&self, bytes: u64) -> io::Result<bool> {
        Ok(fs4::available_space(&self.folder)? >= self.min_free.saturating_add(bytes))
    }

    fn path(&self, id: StagedFileId) -> PathBuf {
        self.folder.join(format!("{}.staged", id.uuid()))
    }

    fn key(&self, id: StagedFileId) -> LessSafeKey {
        let key = self.keys.derived(&format!("staging-1/{}", id.uuid()));
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("the key has 32 bytes"))
    }

    /// Begins a copy. It is gone again unless it is finished.
    ///
    /// # Errors
    /// The system's.
    pub fn begin(&self) -> io::Result<StagingFile> {
        let id = StagedFileId::fresh();
        let path = self.path(id);
        let file = private(OpenOptions::new().write(true).create_new(true)).open(&path)?;
        Ok(StagingFile {
            id,
            file,
            path,
            folder: self.folder.clone(),
            key: self.key(id),
            pending: Vec::with_capacity(SEGMENT + TAG),
            segments: 0,
            bytes: 0,
            finished: false,
        })
    }

    /// Reads a copy, from its beginning.
    ///
    /// # Errors
    /// The system's; while reading also [`io::ErrorKind::InvalidData`], if the copy is not what was written.
    pub fn open(&self, id: StagedFileId) -> io::Result<impl Read + use<>> {
        let file = File::open(self.path(id))?;
        let reader = Unsealing {
            file: BufReader::with_capacity(2 * (SEGMENT + TAG), file),
            key: self.key(id),
            plain: Vec::with_capacity(SEGMENT + TAG),
            ahead: Vec::with_capacity(SEGMENT + TAG),
            at: 0,
            segments: 0,
            begun: false,
            ended: false,
        };
        Ok(reader)
    }

    /// Removes a copy. One that is gone already is no error.
    ///
    /// # Errors
    /// The system's.
    pub fn remove(&self, id: StagedFileId) -> io::Result<()> {
        match std::fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Copies that were begun longer than `age` ago, at most `limit`: those that no registration names are left over from an
    /// upload that was cut off.
    ///
    /// # Errors
    /// The system's.
    pub fn older_than(&self, age: Duration, limit: usize) -> io::Result<Vec<StagedFileId>> {
        let now = SystemTime::now();
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let id =
                name.to_str().and_then(|name| name.strip_suffix(".staged")).and_then(|id| Uuid::parse_str(id).ok());
            let Some(id) = id else { continue };
            let old = entry.metadata()?.modified()?;
            if now.duration_since(old).is_ok_and(|past| past >= age) {
                found.push(StagedFileId::from_uuid(id));
            }
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    }
}

/// Takes the folder as that of this database: its first copy marks it, the others find the mark.
///
/// # Errors
/// [`StagingError::AnotherFolder`] if the database knows another one.
pub fn claim_folder(db: &Db, staging: &Staging) -> Result<(), StagingError> {
    let failed = |failure: Failure<Never>| StagingError::Database(failure.to_string());
    let known = db.read_now(|read| -> Sure<_> { Ok(installation::staging_marker(read)?) }).map_err(failed)?;
    let found = match known {
        Some(_) => staging.marker()?,
        None => Some(staging.mark(Uuid::now_v7())?),
    };
    let Some(marker) = found else { return Err(staging.is_another()) };
    let known =
        db.write_now(Isolation::Serializable, &|tx| -> Sure<_> { Ok(installation::keep_staging_marker(tx, marker)?) });
    if known.map_err(failed)? == marker { Ok(()) } else { Err(staging.is_another()) }
}

fn private(options: &mut OpenOptions) -> &OpenOptions {
    options.mode(0o600)
}

/// A new name survives a power cut only once its folder is on disk as well.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The last segment is marked in its nonce: what ends before it was cut off.
fn nonce(segment: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&segment.to_be_bytes());
    bytes[11] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

/// A copy that is being written. Dropped before it is finished, it is removed.
pub struct StagingFile {
    id: StagedFileId,
    file: File,
    path: PathBuf,
    folder: PathBuf,
    key: LessSafeKey,
    pending: Vec<u8>,
    segments: u64,
    bytes: u64,
    finished: bool,
}

/// A copy that is whole and on disk.
#[derive(Clone, Copy, Debug)]
pub struct Staged {
    /// Its id.
    pub id: StagedFileId,
    /// Bytes of the file it is a copy of.
    pub bytes: u64,
}

impl StagingFile {
    fn seal(&mut self, last: bool) -> io::Result<()> {
        let nonce = nonce(self.segments, last);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut self.pending)
            .map_err(|_| io::Error::other("a segment could not be sealed"))?;
        self.file.write_all(&self.pending)?;
        self.pending.clear();
        self.segments += 1;
        Ok(())
    }

    /// The copy is whole: it is on disk, under its name, when this returns.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(mut self) -> io::Result<Staged> {
        self.seal(true)?;
        self.file.sync_all()?;
        sync_folder(&self.folder)?;
        self.finished = true;
        Ok(Staged { id: self.id, bytes: self.bytes })
    }
}

impl Write for StagingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pending.len() == SEGMENT {
            self.seal(false)?;
        }
        let taken = bytes.len().min(SEGMENT - self.pending.len());
        self.pending.extend_from_slice(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for StagingFile {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "an unfinished copy of an upload could not be removed");
        }
    }
}

struct Unsealing {
    file: BufReader<File>,
    key: LessSafeKey,
    plain: Vec<u8>,
    /// The segment after `plain`, still sealed: none means that `plain` is the last.
    ahead: Vec<u8>,
    at: usize,
    segments: u64,
    begun: bool,
    ended: bool,
}

impl Unsealing {
    fn fetch(&mut self) -> io::Result<()> {
        self.ahead.clear();
        (&mut self.file).take((SEGMENT + TAG) as u64).read_to_end(&mut self.ahead)?;
        Ok(())
    }

    fn next_segment(&mut self) -> io::Result<()> {
        if !self.begun {
            self.fetch()?;
            self.begun = true;
        }
        std::mem::swap(&mut self.plain, &mut self.ahead);
        self.fetch()?;
        self.ended = self.ahead.is_empty();
        let opened = self.key.open_in_place(nonce(self.segments, self.ended), Aad::empty(), &mut self.plain);
        let length = opened.map(|plain| plain.len()).map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, "the staged copy is damaged, or belongs to another key file")
        })?;
        self.plain.truncate(length);
        self.segments += 1;
        self.at = 0;
        Ok(())
    }
}

impl Read for Unsealing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_segment()?;
        }
        let taken = buffer.len().min(self.plain.len() - self.at);
        buffer[..taken].copy_from_slice(&self.plain[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staging() -> Staging {
        let folder = std::env::temp_dir().join(format!("pc-staging-{}", Uuid::now_v7()));
        private_folder(&folder).unwrap();
        let keys = Arc::new(Keys::from_master(&[7; 32]));
        Staging::new(
            &DeviceSettings { staging_folder: Some(folder), ..DeviceSettings::default() },
            PathBuf::new(),
            keys,
        )
    }

    fn written(staging: &Staging, bytes: &[u8]) -> Staged {
        let mut file = staging.begin().unwrap();
        file.write_all(bytes).unwrap();
        file.finish().unwrap()
    }

    fn read(staging: &Staging, id: StagedFileId) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        staging.open(id)?.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn csv_1_what_is_staged_is_read_back_and_is_not_on_disk_as_it_came() {
        let staging = staging();
        for length in [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 7] {
            let bytes: Vec<u8> = b"Fabrikam,Falcon,FK2400017\n".iter().copied().cycle().take(length).collect();
            let staged = written(&staging, &bytes);
            assert_eq!(staged.bytes, length as u64);
            assert!(read(&staging, staged.id).unwrap() == bytes, "{length}");
            let sealed = std::fs::read(staging.path(staged.id)).unwrap();
            assert!(!sealed.windows(8).any(|window| window == b"Fabrikam"));
            staging.remove(staged.id).unwrap();
            staging.remove(staged.id).unwrap();
        }
        std::fs::remove_dir_all(&staging.folder).unwrap();
    }

    #[test]
    fn a_copy_that_was_cut_changed_or_exchanged_is_not_read() {
        let staging = staging();
        let staged = written(&staging, &vec![b'x'; 3 * SEGMENT]);
        let path = staging.path(staged.id);
        let sealed = std::fs::read(&path).unwrap();
        let segment = SEGMENT + TAG;
        let swapped = [&sealed[segment..2 * segment], &sealed[..segment], &sealed[2 * segment..]].concat();
        let mut flipped = sealed.clone();
        flipped[segment + 5] ^= 1;
        for wrong in [&sealed[..2 * segment], &sealed[..sealed.len() - 1], &[], &swapped, &flipped] {
            std::fs::write(&path, wrong).unwrap();
            assert_eq!(read(&staging, staged.id).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        std::fs::remove_dir_all(&staging.folder).unwrap();
    }

    #[test]
    fn an_upload_that_is_cut_off_leaves_nothing() {
        let staging = staging();
        let mut file = staging.begin().unwrap();
        file.write_all(&vec![0; 2 * SEGMENT]).unwrap();
        drop(file);
        assert!(staging.older_than(Duration::ZERO, 10).unwrap().is_empty());
        std::fs::remove_dir_all(&staging.folder).unwrap();
    }

    #[test]
    fn the_folder_keeps_its_first_marker() {
        let staging = staging();
        assert_eq!(staging.marker().unwrap(), None);
        let first = Uuid::now_v7();
        assert_eq!(staging.mark(first).unwrap(), first);
        assert_eq!(staging.mark(Uuid::now_v7()).unwrap(), first);
        std::fs::remove_dir_all(&staging.folder).unwrap();
    }
}
