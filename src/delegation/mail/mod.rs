//! Mails about delegated administration, requests for a relationship and setup info.

mod administration;
pub mod requests;
mod setup_info;

use crate::platform::jobs::JobKind;
use crate::platform::mail::Compose;

pub use administration::{NEWS, NOTICE};
pub use setup_info::SETUP_INFO;

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    let mut composers = administration::composers();
    composers.extend(requests::composers());
    composers.extend(setup_info::composers());
    composers
}
