//! Use cases of subscriptions.
