//! Subscriptions: the catalogue, orders, and what comes of them: the reseller of record with its incentives, the support
//! contact, users with their licences.
//!
//! Three associations look alike and do different things. With a customer, a reseller manages and administers it
//! (`customers`, `delegation`); as reseller of record of a subscription, by its MPN ID, it manages that subscription and is
//! credited for incentives; as support contact it answers the customer. None does another's.

mod actions;
mod api;
mod model;
mod store;

pub use actions::licenses::{licence_mark, licence_marks, license_invariants};
pub use actions::users::forget_removed as forget_removed_users;
pub use api::routes;
pub use model::SubscriptionSettings;
pub use model::licenses::LicenceMark;
