//! REST of devices.

mod batch_views;
mod batches;
mod device_views;
mod devices;
mod directory;
mod events;
mod files;
mod given;
mod graph;
mod graph_imports;
mod guide;
mod policies;
mod registrations;
mod release_requests;
mod upload;
mod uses;
mod views;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    registrations::routes(config);
    files::routes(config);
    events::routes(config);
    devices::routes(config);
    uses::routes(config);
    release_requests::routes(config);
    directory::routes(config);
    batches::routes(config);
    policies::routes(config);
    graph_imports::routes(config);
    graph::routes(config);
    guide::routes(config);
}
