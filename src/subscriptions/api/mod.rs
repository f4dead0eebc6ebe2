//! REST of subscriptions.

mod decided;
mod drafts;
mod endings;

pub(in crate::subscriptions) use decided::DecidedDrafts;
use utoipa_actix_web::service_config::ServiceConfig;

/// The operations of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    endings::routes(config);
    drafts::routes(config);
}
