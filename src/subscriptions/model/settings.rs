//! What the operator decides about subscriptions.

use serde::Deserialize;

use crate::platform::names::Names;

/// Service plans that can be required at most, and characters of a name at most.
const MAX_REQUIRED: usize = 50;
const MAX_PLAN_NAME: usize = 100;

/// `[subscriptions]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubscriptionSettings {
    /// Whether nothing is sold to a customer before somebody confirmed that it accepted the Microsoft Customer Agreement.
    pub require_customer_agreement: bool,
    /// Service plans that a user must have before a device is handed over; not checked if there are none.
    pub required_service_plans: Names,
}

impl SubscriptionSettings {
    /// Whether what was set holds together.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        let names = self.required_service_plans.names();
        if names.len() > MAX_REQUIRED || names.iter().any(|name| name.chars().count() > MAX_PLAN_NAME) {
            return Err(format!(
                "subscriptions.required_service_plans holds at most {MAX_REQUIRED} names of at most {MAX_PLAN_NAME} \
                 characters"
            ));
        }
        Ok(())
    }
}
