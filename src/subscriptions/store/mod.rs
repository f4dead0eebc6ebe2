//! Tables of subscriptions.

pub mod catalogue;
