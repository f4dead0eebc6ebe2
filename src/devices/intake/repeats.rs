//! The same device twice, found without holding the rows.

use std::collections::{HashMap, hash_map};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};

use crate::platform::text::folded;

/// Maps that grow one after the other, so that growing never takes much at once.
const SHARDS: usize = 64;

/// Where a device was seen first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub line: u32,
    pub file: u16,
    pub by_hash: bool,
}

/// How a row repeats another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It is the same device.
    Device(Place),
    /// It is the same product id.
    ProductId(Place),
    /// It is another device only if capitals count.
    Case(Place),
}

/// A keyed digest: nobody can make rows that collide. It is kept in halves, because an entry then takes 20 bytes, not 24.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u32; 2]);

impl Key {
    const fn of(digest: u64) -> Self {
        Self([(digest >> 32) as u32, digest as u32])
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(u64::from(self.0[0]) << 32 | u64::from(self.0[1]));
    }
}

/// Takes a key for its own digest.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are hashed as one number");
    }
}

#[derive(Clone, Copy)]
struct Entry {
    line: u32,
    /// Tells texts apart that differ only in capitals.
    exact: u32,
    file: u16,
    by_hash: bool,
}

impl Entry {
    const fn place(self) -> Place {
        Place { line: self.line, file: self.file, by_hash: self.by_hash }
    }
}

/// The devices seen so far: about 40 bytes for each identity.
pub(super) struct Repeats {
    keyed: RandomState,
    shards: Vec<HashMap<Key, Entry, BuildHasherDefault<AsIs>>>,
    buffer: String,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Self { keyed: RandomState::new(), shards: vec![HashMap::default(); SHARDS], buffer: String::new() }
    }

    /// Takes note of a device, and says whether it was seen before.
    pub(super) fn see(&mut self, manufacturer: &str, serial_number: &str, at: Place) -> Option<Repeat> {
        let exact = self.keyed.hash_one((0_u8, manufacturer, serial_number));
        self.buffer.clear();
        fold_after(&mut self.buffer, manufacturer);
        let middle = self.buffer.len();
        fold_after(&mut self.buffer, serial_number);
        let folded = self.keyed.hash_one((1_u8, &self.buffer[..middle], &self.buffer[middle..]));
        let entry = Entry { line: at.line, exact: exact as u32, file: at.file, by_hash: at.by_hash };
        let first = match self.keep(folded, entry) {
            None => return None,
            Some(first) if first.exact == entry.exact => return Some(Repeat::Device(first.place())),
            Some(first) => first,
        };
        // One that differs from the first only in capitals may still be the same as a later one.
        match self.keep(exact, entry) {
            Some(same) => Some(Repeat::Device(same.place())),
            None => Some(Repeat::Case(first.place())),
        }
    }

    /// Takes note of a product id, and says whether it was seen before.
    pub(super) fn see_product_id(&mut self, product_id: &str, at: Place) -> Option<Repeat> {
        let digest = self.keyed.hash_one((2_u8, product_id));
        let entry = Entry { line: at.line, exact: 0, file: at.file, by_hash: at.by_hash };
        self.keep(digest, entry).map(|first| Repeat::ProductId(first.place()))
    }

    /// Keeps an entry, or gives the one that is there.
    fn keep(&mut self, digest: u64, entry: Entry) -> Option<Entry> {
        // The map takes its own bits from both ends of the digest.
        let shard = &mut self.shards[(digest >> 28) as usize % SHARDS];
        match shard.entry(Key::of(digest)) {
            hash_map::Entry::Occupied(found) => Some(*found.get()),
            hash_map::Entry::Vacant(place) => {
                place.insert(entry);
                None
            }
        }
    }
}

/// As [`folded`], without making a text where there is nothing but ASCII.
fn fold_after(buffer: &mut String, text: &str) {
    let start = buffer.len();
    if text.is_ascii() {
        buffer.push_str(text);
        buffer[start..].make_ascii_lowercase();
    } else {
        buffer.push_str(&folded(text));
    }
}
