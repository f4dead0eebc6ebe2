//! A page of what lies ahead: a stretch of time, and the place in it after which the page begins.

use uuid::Uuid;

use super::clock::Timestamp;

/// Which part of what lies ahead is wanted, in order of (moment, id).
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this one.
    pub until: Timestamp,
    /// After this place.
    pub after: Option<(Timestamp, Uuid)>,
    /// How many at most.
    pub limit: i64,
}

impl Stretch {
    /// The moment before which, and the id at that moment up to which, everything is passed by.
    pub fn start(&self) -> (Timestamp, Uuid) {
        self.after.unwrap_or((self.from, Uuid::nil()))
    }
}
