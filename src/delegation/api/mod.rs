//! REST of customers' creation and administration.

mod administrators;
mod customers;
mod drafts;
mod setup_info;

pub(in crate::delegation) use setup_info::freshly_made;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    customers::routes(config);
    administrators::routes(config);
    drafts::routes(config);
    setup_info::routes(config);
}
