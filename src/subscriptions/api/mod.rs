//! REST of subscriptions.

mod drafts;
mod endings;

use utoipa_actix_web::service_config::ServiceConfig;

/// The operations of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    endings::routes(config);
    drafts::routes(config);
}
