//! REST of the customer's side: who administers it.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, EndAdministration, PartnerId, ReadAdministrators};
use crate::customers::{CustomerReference, RelationshipKind};
use crate::delegation::actions::{self, Administrator};
use crate::delegation::model::GrantOrigin;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Reply};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_administrators).service(end_administration);
}

/// A partner that can administer the caller's organisation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AdministratorView {
    partner_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship: Option<RelationshipKind>,
    /// All of them: full delegated administration.
    roles: [&'static str; 1],
    origin: GrantOrigin,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// Who can administer one's own organisation, since when and why.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<AdministratorView>)))]
#[get("/v1/customers/{customer}/administrators")]
async fn list_administrators(
    me: Allowed<ReadAdministrators>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<AdministratorView>>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let rows = me.read(&parts, move |read, me| actions::administrators(read, me, &reference, now)).await?;
    let shown = rows.into_iter().map(|Administrator { grant, profile, relationship }| AdministratorView {
        partner_id: grant.partner,
        name: profile.map(|profile| profile.name),
        relationship: relationship.map(|relationship| relationship.kind),
        roles: ["all"],
        origin: grant.origin,
        since: grant.starts_at,
        until: grant.ends_at,
    });
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/administrators"), shown.collect())))
}

/// End a partner's administration of one's own organisation, at once.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain"), ("partnerId" = PartnerId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/administrators/{partnerId}")]
async fn end_administration(
    me: Allowed<EndAdministration>,
    parts: Data<Parts>,
    path: Path<(String, PartnerId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, partner) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::end_administration(tx, me, &reference, partner, now).map(|()| Reply::no_content())
    })
    .await
}
