//! Pages of this feature.

mod customers;
mod incentives;
mod subscriptions;

use actix_web::web::ServiceConfig;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    customers::pages(config);
    subscriptions::pages(config);
    incentives::pages(config);
}
