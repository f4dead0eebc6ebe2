//! Subscriptions: the catalogue, orders, and what comes of them: the reseller of record with its incentives, the support
//! contact, users with their licences.
//!
//! Three associations look alike and do different things. With a customer, a reseller manages and administers it
//! (`customers`, `delegation`); as reseller of record of a subscription, by its MPN ID, it manages that subscription and is
//! credited for incentives; as support contact it answers the customer. None does another's.

mod actions;
mod api;
mod intake;
mod jobs;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::catalogue::{OffersImported, import_offers};
pub use actions::drafts::forget_ended;
pub use actions::licenses::{licence_mark, licence_marks, license_invariants};
pub use actions::users::forget_removed as forget_removed_users;
pub use actions::{InForce, ending, forget_expired_carts, in_force, invariants, sees};
pub use api::routes;
pub use intake::read_file;
pub use jobs::{SubscriptionKeeper, keep_house};
pub use model::SubscriptionId;
pub use model::imports::{ImportRefused, OfferFile};
pub use model::licenses::LicenceMark;
pub use model::settings::SubscriptionSettings;
pub use model::subscriptions::Subscription;
pub use portal::pages;
