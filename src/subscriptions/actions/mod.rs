//! Use cases of subscriptions.

pub mod drafts;
pub mod endings;
pub mod listing;
