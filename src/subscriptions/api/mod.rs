//! REST of subscriptions.

mod licenses;
mod users;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    users::routes(config);
    licenses::routes(config);
}
