//! What an operator can set.

use serde::Deserialize;

/// `[subscriptions]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionSettings {
    /// Whether nothing is sold to a customer before somebody confirmed that it accepted the Microsoft Customer Agreement.
    pub require_customer_agreement: bool,
}
