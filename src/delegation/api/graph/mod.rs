//! Graph's face of delegated administration: `/v1.0/tenantRelationships` and what its clients ask besides (sections 19,
//! 20 and 23 of the contract).

mod assignments;
mod relationships;
mod shapes;
mod tenants;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    relationships::routes(config);
    assignments::routes(config);
    tenants::routes(config);
}
