//! REST of the customer's side: who administers it.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, EndAdministration, PartnerId, ReadAdministrators};
use crate::customers::{CustomerReference, RelationshipKind};
use crate::delegation::actions::{self, Administrator, ToEnd};
use crate::delegation::model::{DirectoryRole, GrantId, GrantOrigin, Group};
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
    /// `all` for full delegated administration; else the directory roles by name.
    roles: Vec<&'static str>,
    /// Which of the partner's groups hold which of them; full delegated administration needs no assignment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assigned: Vec<AssignedView>,
    /// How it came about.
    origin: GrantOrigin,
    /// By which delegated admin relationship, and what the partner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship_id: Option<GrantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Whether it is extended by 180 days at its end.
    auto_extends: bool,
}

/// Roles that a group of the partner holds.
#[derive(Serialize, ToSchema)]
struct AssignedView {
    group: Group,
    roles: Vec<&'static str>,
}

fn role_names(roles: &[DirectoryRole]) -> Vec<&'static str> {
    roles.iter().map(|role| role.name()).collect()
}

impl AdministratorView {
    fn new(administrator: Administrator) -> Self {
        let roles = administrator.roles().map_or_else(|| vec!["all"], role_names);
        let Administrator { grant, granular, assigned, profile, relationship } = administrator;
        let assigned = assigned.iter().map(|one| AssignedView { group: one.group, roles: role_names(&one.roles) });
        Self {
            partner_id: grant.partner,
            name: profile.map(|profile| profile.name),
            relationship: relationship.map(|relationship| relationship.kind),
            roles,
            assigned: assigned.collect(),
            origin: grant.origin,
            relationship_id: granular.as_ref().map(|one| one.id),
            display_name: granular.as_ref().map(|one| one.terms.display_name.to_string()),
            since: grant.starts_at,
            until: grant.ends_at,
            auto_extends: granular.is_some_and(|one| one.terms.auto_extend),
        }
    }
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
    let shown = rows.into_iter().map(AdministratorView::new);
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/administrators"), shown.collect())))
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct EndQuery {
    /// Only what this delegated admin relationship gives: `relationshipId` of the list.
    relationship_id: Option<GrantId>,
}

/// End a partner's administration of one's own organisation, at once: all of it, or one delegated admin relationship.
#[utoipa::path(tag = "Customers",
    params(("customer", description = "Tenant id or domain"), ("partnerId" = PartnerId, Path), EndQuery),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/administrators/{partnerId}")]
async fn end_administration(
    me: Allowed<EndAdministration>,
    parts: Data<Parts>,
    path: Path<(String, PartnerId)>,
    query: Query<EndQuery>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let what = query.relationship_id.map_or(ToEnd::Everything, ToEnd::One);
    let (customer, partner) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| {
        actions::end_administration(tx, me, &reference, partner, what, now).map(|()| Reply::no_content())
    })
    .await
}
