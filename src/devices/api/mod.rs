//! REST of devices.

mod devices;
mod directory;
mod events;
mod files;
mod guide;
mod registrations;
mod upload;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    registrations::routes(config);
    files::routes(config);
    events::routes(config);
    devices::routes(config);
    directory::routes(config);
    guide::routes(config);
}
