//! Tables of subscriptions.

pub mod catalogue;
pub mod drafts;
pub mod subscriptions;
