//! REST of subscriptions.

mod catalogue;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    catalogue::routes(config);
}
