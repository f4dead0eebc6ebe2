//! REST of questions across features.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{actions, trail, why};
use crate::access::{Allowed, CustomerId, PartnerId, RemovePartnerships};
use crate::partnerships::PartnershipSettings;
use crate::platform::Parts;
use crate::platform::http::Error;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(removal_consequences).configure(trail::routes).configure(why::routes);
}

/// What removing a partnership changes, and what it leaves in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsequenceSheetView {
    partner_id: PartnerId,
    name: String,
    /// What ends.
    ends: [&'static str; 2],
    /// Customers of both, which stay as they are.
    customers: i64,
    /// The first of them.
    stays: Vec<StayingCustomer>,
    /// Registrations of the reseller for these customers that go on.
    running_registrations: usize,
    /// Nobody is told by us; a notice may be owed.
    notice: &'static str,
    /// What `"attestation": true` attests.
    attestation: String,
    attestation_version: String,
}

/// A customer that stays.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StayingCustomer {
    id: CustomerId,
    company_name: String,
    /// Whether the reseller goes on administering it.
    delegated_administration: bool,
}

/// The consequence sheet of a removal: read it before removing.
#[utoipa::path(tag = "Partnerships", params(("partnerId" = PartnerId, Path)),
    responses((status = 200, body = ConsequenceSheetView)))]
#[get("/v1/relationships/{partnerId}/removal")]
async fn removal_consequences(
    me: Allowed<RemovePartnerships>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    partner: Path<PartnerId>,
) -> Result<Answer<ConsequenceSheetView>, Error> {
    let now = parts.clock.now();
    let sheet = me.read(&parts, move |read, me| actions::consequences(read, me, *partner, now)).await?;
    let staying = sheet.listed.into_iter().map(|(record, delegated)| StayingCustomer {
        id: record.id,
        company_name: record.company_name,
        delegated_administration: delegated,
    });
    Ok(Answer(ConsequenceSheetView {
        partner_id: sheet.other.id,
        name: sheet.other.name,
        ends: [
            "The reseller leaves the provider's list, and the provider the reseller's.",
            "Nothing new can name the reseller.",
        ],
        customers: sheet.customers,
        stays: staying.collect(),
        running_registrations: sheet.running_registrations,
        notice: "Neither the partner nor the customers are notified by this service. Your agreements may require you to.",
        attestation: settings.removal_attestation.clone(),
        attestation_version: settings.removal_attestation_version.clone(),
    }))
}
