//! REST of customers' creation and administration, and of requests for a relationship.

mod administrators;
mod approvals;
mod customers;
mod decided;
mod directory;
mod graph;
mod records;
mod request_answers;
mod requests;
mod setup_info;
mod tenant_owners;

pub use customers::{CUSTOMER_SECRETS, CustomerView};
pub use decided::Decided;
pub use setup_info::freshly_made;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    // Before the customers, one of which its link would seem to name.
    requests::routes(config);
    request_answers::routes(config);
    customers::routes(config);
    administrators::routes(config);
    approvals::routes(config);
    tenant_owners::routes(config);
    graph::routes(config);
    setup_info::routes(config);
    records::routes(config);
    directory::routes(config);
}
