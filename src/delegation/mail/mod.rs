//! Mails about delegated administration and about requests for a relationship.

mod administration;
pub mod requests;

use crate::platform::jobs::JobKind;
use crate::platform::mail::Compose;

pub use administration::{NEWS, NOTICE};

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    let mut composers = administration::composers();
    composers.extend(requests::composers());
    composers
}
