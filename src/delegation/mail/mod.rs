//! Mails about delegated administration.

mod administration;

use crate::platform::jobs::JobKind;
use crate::platform::mail::Compose;

pub use administration::{NEWS, NOTICE};

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    administration::composers()
}
