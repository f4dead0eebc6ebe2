//! Subscriptions: types and pure rules.

pub mod associations;
pub mod carts;
pub mod catalogue;
pub mod draft_lines;
pub mod drafts;
pub mod endings;
pub mod imports;
pub mod incentives;
pub mod licenses;
pub mod orders;
pub mod provisioning;
pub mod refusals;
pub mod settings;
pub mod subscriptions;
pub mod support_contacts;
pub mod users;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::ids;

pub use settings::SubscriptionSettings;

ids! {
    /// An order.
    OrderId,
    /// A subscription.
    SubscriptionId,
    /// A cart.
    CartId,
    /// The designation of a support contact.
    SupportContactId,
}

/// The etag of a subscription at a version, as the contract writes it: base64 of JSON (section 1.10).
pub fn subscription_etag(id: SubscriptionId, version: i32) -> String {
    STANDARD.encode(format!("{{\"id\":\"{id}\",\"version\":{version}}}"))
}
