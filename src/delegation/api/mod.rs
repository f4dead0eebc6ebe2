//! REST of customers' creation and administration.

mod administrators;
mod customers;
mod directory;
mod records;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    customers::routes(config);
    administrators::routes(config);
    records::routes(config);
    directory::routes(config);
}
