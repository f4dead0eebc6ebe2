//! Texts of the pages of this feature.

mod customers;
mod draft_lines;
mod subscriptions;

pub use customers::CustomerTexts;
pub use draft_lines::DraftLineTexts;
pub use subscriptions::{IncentiveTexts, SubscriptionTexts};
