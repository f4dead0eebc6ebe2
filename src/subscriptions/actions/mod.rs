//! Use cases of subscriptions.

pub mod catalogue;
