//! Subscriptions: types and pure rules.

pub mod catalogue;
pub mod licenses;
mod settings;
pub mod users;

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
