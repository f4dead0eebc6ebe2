//! Subscriptions: types and pure rules.

pub mod catalogue;
pub mod drafts;
pub mod endings;

use crate::ids;

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
