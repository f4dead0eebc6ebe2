//! Use cases of subscriptions.

pub mod drafts;
pub mod listing;
