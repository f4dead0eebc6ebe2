//! Use cases of subscriptions.

pub mod licenses;
pub mod users;
