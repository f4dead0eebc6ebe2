//! REST of tenant owners.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, GrantTenantOwner, OrganisationId, PartnerId, ReadTenantOwners};
use crate::customers::CustomerReference;
use crate::delegation::actions;
use crate::delegation::model::TenantOwner;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Json, Reply};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_owners).service(grant_owner).service(end_owner);
}

/// A reseller that is tenant owner of a customer's directory.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnerView {
    partner_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The provider, or the customer itself.
    granted_by: OrganisationId,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

fn view(owner: TenantOwner, name: Option<String>) -> OwnerView {
    OwnerView { partner_id: owner.partner, name, granted_by: owner.granted_by, since: owner.since }
}

/// Who is tenant owner of a customer's directory. It opens no devices.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<OwnerView>)))]
#[get("/v1/customers/{customer}/tenantowners")]
async fn list_owners(
    me: Allowed<ReadTenantOwners>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<OwnerView>>, Error> {
    let reference = CustomerReference::new(&customer);
    let owners = me.read(&parts, move |read, me| actions::tenant_owners(read, me, &reference)).await?;
    let shown = owners.into_iter().map(|(owner, profile)| view(owner, profile.map(|profile| profile.name)));
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/tenantowners"), shown.collect())))
}

/// Which reseller.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OwnerBody {
    /// A reseller that is associated with the customer already.
    partner_id: PartnerId,
}

/// Give a reseller that is associated with a customer already tenant owner permission on its directory.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")), request_body = OwnerBody,
    responses((status = 201, body = OwnerView)))]
#[post("/v1/customers/{customer}/tenantowners")]
async fn grant_owner(
    me: Allowed<GrantTenantOwner>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Json<OwnerBody>,
) -> Result<HttpResponse, Error> {
    let (now, partner) = (parts.clock.now(), body.0.partner_id);
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::grant_tenant_owner(tx, me, &reference, partner, now).map(|owner| Reply::created(&view(owner, None)))
    })
    .await
}

/// End a reseller's tenant owner permission.
#[utoipa::path(tag = "Customers",
    params(("customer", description = "Tenant id or domain"), ("partnerId" = PartnerId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/tenantowners/{partnerId}")]
async fn end_owner(
    me: Allowed<GrantTenantOwner>,
    parts: Data<Parts>,
    path: Path<(String, PartnerId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, partner) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::end_tenant_owner(tx, me, &reference, partner, now).map(|()| Reply::no_content())
    })
    .await
}
