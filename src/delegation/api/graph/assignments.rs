//! Access assignments, and the groups they are made to.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::shapes::{self, AccessDetails, RELATIONSHIPS, entity};
use crate::access::{Allowed, PartnerId, ReadAdministration, RequestAdministration, Scope};
use crate::delegation::actions;
use crate::delegation::model::{GranularError, Group};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, Sure};
use crate::platform::http::odata::{Options, context};
use crate::platform::http::{Error, IfMatch, Lenient, Reply};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_assignments)
        .service(create_assignment)
        .service(get_assignment)
        .service(change_assignment)
        .service(delete_assignment)
        .service(list_groups)
        .service(get_group);
}

/// An assignment as clients send it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AssignmentBody {
    access_container: Option<ContainerBody>,
    access_details: Option<AccessDetails>,
}

/// One of the caller's own groups: AdminAgents, HelpdeskAgents or SalesAgents, by id or name.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ContainerBody {
    access_container_id: Option<String>,
}

fn required(property: &'static str) -> GranularError {
    GranularError::Property { property, reason: "is required".to_owned() }
}

fn what(id: &str) -> String {
    format!("tenantRelationships/delegatedAdminRelationships('{id}')/accessAssignments")
}

/// Which of one's groups hold which roles by a relationship.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments")]
async fn list_assignments(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<Answer<Value>, Error> {
    let what = what(&id);
    let (one, list) = me.read(&parts, move |read, me| actions::assignments(read, me, &id)).await?;
    let shown: Vec<Value> = list.iter().map(|assigned| shapes::assignment(&one, assigned)).collect();
    Ok(Answer(json!({ "@odata.context": context(&parts.base, &what), "value": shown })))
}

/// Assign roles that the customer gave to one of one's groups. They hold from the answer on; its status says pending, as
/// clients of Graph expect.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")), request_body = AssignmentBody,
    responses((status = 201, body = Object)))]
#[post("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments")]
async fn create_assignment(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
    body: Lenient<AssignmentBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let AssignmentBody { access_container, access_details } = body.0;
    let container = access_container.and_then(|container| container.access_container_id);
    let container = container.ok_or_else(|| required("accessContainer.accessContainerId"))?;
    let roles = access_details.ok_or_else(|| required("accessDetails.unifiedRoles"))?.roles()?;
    let base = parts.base.clone();
    me.write(&parts, move |tx, me| -> Outcome<Reply, GranularError> {
        let made = actions::assign(tx, me, &id, &container, &roles, now)?;
        let one = actions::granular(tx, me, &id)?;
        let mut shown = entity(&base, &what(&id), shapes::assignment(&one, &made));
        shown["status"] = json!("pending");
        let location = base.join(&format!("/v1.0{RELATIONSHIPS}/{id}/accessAssignments/{}", made.id));
        Ok(Reply::created(&shown).at(location))
    })
    .await
}

/// One assignment, taken back or not.
#[utoipa::path(tag = "Graph",
    params(("id", description = "As the list shows it"), ("assignmentId", description = "The assignment's id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")]
async fn get_assignment(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Value>, Error> {
    let (id, assigned) = path.into_inner();
    let what = what(&id);
    let (one, found) = me.read(&parts, move |read, me| actions::assignment(read, me, &id, &assigned)).await?;
    Ok(Answer(entity(&parts.base, &what, shapes::assignment(&one, &found))))
}

/// Give an assignment other roles.
#[utoipa::path(tag = "Graph",
    params(("id", description = "As the list shows it"), ("assignmentId", description = "The assignment's id")),
    request_body = AssignmentBody, responses((status = 202), (status = 200, body = Object)))]
#[patch("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")]
async fn change_assignment(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    version: IfMatch,
    body: Lenient<AssignmentBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let roles = body.0.access_details.ok_or_else(|| required("accessDetails.unifiedRoles"))?.roles()?;
    let (id, assigned) = path.into_inner();
    let base = parts.base.clone();
    me.write(&parts, move |tx, me| -> Outcome<Reply, GranularError> {
        let (after, operation) = actions::reassign(tx, me, (&id, &assigned), &version, &roles, now)?;
        if let Some(operation) = operation {
            let path = format!("/v1.0{RELATIONSHIPS}/{id}/operations/{operation}");
            return Ok(Reply::accepted(base.join(&path)));
        }
        let one = actions::granular(tx, me, &id)?;
        Ok(Reply::ok(&entity(&base, &what(&id), shapes::assignment(&one, &after))))
    })
    .await
}

/// Take an assignment back: the group's members lose its roles at once.
#[utoipa::path(tag = "Graph",
    params(("id", description = "As the list shows it"), ("assignmentId", description = "The assignment's id")),
    responses((status = 204)))]
#[delete("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")]
async fn delete_assignment(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    version: IfMatch,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (id, assigned) = path.into_inner();
    me.write(&parts, move |tx, me| {
        actions::unassign(tx, me, (&id, &assigned), &version, now).map(|()| Reply::no_content())
    })
    .await
}

fn group(partner: PartnerId, group: Group) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.group",
        "id": group.id_in(partner),
        "displayName": group,
        "securityEnabled": true,
        "mailEnabled": false,
    })
}

/// One's own groups, to which roles can be assigned: whoever has the role is a member.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/groups")]
async fn list_groups(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let wanted = options.equalities()?;
    let own = me.read(&parts, |_: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(me.partner()) }).await?;
    let is_wanted = |group: &&Group| {
        wanted.iter().all(|(name, value)| match name.as_str() {
            "displayname" => group.as_str().eq_ignore_ascii_case(value),
            "id" => Group::named(own, value) == Some(**group),
            "securityenabled" => value == "true",
            _ => false,
        })
    };
    let shown: Vec<Value> = Group::ALL.iter().filter(is_wanted).map(|one| options.selected(group(own, *one))).collect();
    Ok(Answer(json!({ "@odata.context": context(&parts.base, "groups"), "value": shown })))
}

/// One of one's own groups.
#[utoipa::path(tag = "Graph", params(("group", description = "Its id or name")), responses((status = 200, body = Object)))]
#[get("/v1.0/groups/{group}")]
async fn get_group(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    named: Path<String>,
) -> Result<Answer<Value>, Error> {
    let found = move |_: &mut Read<'_>, me: &Scope| -> Outcome<Value, GranularError> {
        let unknown = || GranularError::ContainerUnknown(crate::platform::text::shorten(&named, 60));
        Ok(group(me.partner(), Group::named(me.partner(), &named).ok_or_else(unknown)?))
    };
    let shown = me.read(&parts, found).await?;
    Ok(Answer(entity(&parts.base, "groups", shown)))
}
