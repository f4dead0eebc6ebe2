//! Pages of this feature.

mod customers;

use actix_web::web::ServiceConfig;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    customers::pages(config);
}
