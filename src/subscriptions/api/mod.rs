//! REST of subscriptions.

mod carts;
mod catalogue;
mod decided;
mod drafts;
mod endings;
mod incentives;
mod licenses;
mod orders;
mod subscriptions;
mod support_contacts;
mod users;
mod views;
mod words;

pub(in crate::subscriptions) use decided::DecidedDrafts;
pub(in crate::subscriptions) use incentives::{day as incentives_day, file as incentives_file};
use utoipa_actix_web::service_config::ServiceConfig;

/// The operations of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    catalogue::routes(config);
    endings::routes(config);
    drafts::routes(config);
    orders::routes(config);
    carts::routes(config);
    subscriptions::routes(config);
    support_contacts::routes(config);
    incentives::routes(config);
    users::routes(config);
    licenses::routes(config);
}
