//! Mails about customers.

mod setup_info;

use crate::platform::jobs::JobKind;
use crate::platform::mail::Compose;

pub use setup_info::SETUP_INFO;

/// The mails of this feature.
pub fn composers() -> Vec<(JobKind, Compose)> {
    setup_info::composers()
}
