//! REST of customers' creation and administration.

mod administrators;
mod approvals;
mod customers;
mod endings;
mod graph;
mod tenant_owners;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    customers::routes(config);
    administrators::routes(config);
    approvals::routes(config);
    endings::routes(config);
    tenant_owners::routes(config);
    graph::routes(config);
}
