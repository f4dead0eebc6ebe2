//! Tables of subscriptions.

pub mod catalogue;
pub mod licenses;
pub mod users;
