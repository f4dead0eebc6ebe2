//! How Graph shows delegated administration, and what it is sent.

use std::collections::HashMap;

use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::CustomerId;
use crate::delegation::actions::administration_link;
use crate::delegation::model::{
    AccessRequest, Assignment, DirectoryRole, Granular, GranularError, GranularStatus, Operation, written_days,
};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::BaseUrl;
use crate::platform::http::odata::context;
use crate::platform::text::shorten;

/// The path of the relationships below a version.
pub(super) const RELATIONSHIPS: &str = "/tenantRelationships/delegatedAdminRelationships";

/// Roles as Graph sends them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessDetails {
    #[serde(default)]
    unified_roles: Vec<UnifiedRole>,
}

/// A role by the id that every directory gives to it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnifiedRole {
    role_definition_id: String,
}

impl AccessDetails {
    /// The roles, each once.
    pub(super) fn roles(&self) -> Result<Vec<DirectoryRole>, GranularError> {
        let unknown = |id: &str| GranularError::Property {
            property: "accessDetails.unifiedRoles",
            reason: format!("\"{}\" is the roleDefinitionId of no built-in role", shorten(id, 60)),
        };
        let mut roles = Vec::new();
        for UnifiedRole { role_definition_id: id } in &self.unified_roles {
            let known = id.trim().parse::<Uuid>().ok().and_then(DirectoryRole::known);
            let role = known.ok_or_else(|| unknown(id))?;
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        Ok(roles)
    }
}

fn details(roles: &[DirectoryRole]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({ "roleDefinitionId": role.id() })).collect();
    json!({ "unifiedRoles": roles })
}

/// An etag as OData writes it.
pub(super) fn etag(version: i32) -> String {
    format!("W/\"{version}\"")
}

/// What a relationship looks like: with the address that asks the customer, while it asks.
pub(super) fn relationship(
    parts: &Parts,
    one: &Granular,
    names: &HashMap<CustomerId, String>,
    now: Timestamp,
) -> Value {
    let customer = one.customer.map(|id| json!({ "tenantId": id, "displayName": names.get(&id) }));
    let status = one.status(now);
    let mut shown = json!({
        "@odata.type": "#microsoft.graph.delegatedAdminRelationship",
        "@odata.etag": etag(one.version),
        "id": one.graph_id(),
        "displayName": one.terms.display_name.as_str(),
        "duration": written_days(one.terms.days),
        "autoExtendDuration": written_days(if one.terms.auto_extend { crate::delegation::model::EXTENSION_DAYS } else { 0 }),
        "customer": customer,
        "accessDetails": details(&one.terms.roles),
        "status": status,
        "createdDateTime": one.created_at,
        "lastModifiedDateTime": one.modified_at,
        "activatedDateTime": one.activated_at,
        "endDateTime": one.planned_end(now),
    });
    if status == GranularStatus::ApprovalPending {
        let token = administration_link(&parts.keys, one);
        let link = parts.base.join(&format!("/administration-requests/{}", token.expose_secret()));
        shown["approvalLink"] = json!(link);
    }
    shown
}

/// The same by itself.
pub(super) fn entity(base: &BaseUrl, what: &str, mut shown: Value) -> Value {
    shown["@odata.context"] = json!(context(base, &format!("{what}/$entity")));
    shown
}

/// What was asked of a relationship.
pub(super) fn request(one: &AccessRequest) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminRelationshipRequest",
        "id": one.id,
        "action": one.action.wire(),
        "status": if one.settled_at.is_some() { "succeeded" } else { "created" },
        "createdDateTime": one.created_at,
        "lastModifiedDateTime": one.settled_at.unwrap_or(one.created_at),
    })
}

/// Roles of a group.
pub(super) fn assignment(relationship: &Granular, one: &Assignment) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminAccessAssignment",
        "@odata.etag": etag(one.version),
        "id": one.id,
        "status": if one.deleted_at.is_some() { "deleted" } else { "active" },
        "createdDateTime": one.created_at,
        "lastModifiedDateTime": one.modified_at,
        "accessContainer": {
            "accessContainerId": one.group.id_in(relationship.partner),
            "accessContainerType": "securityGroup",
        },
        "accessDetails": details(&one.roles),
    })
}

/// A change that was made.
pub(super) fn operation(one: &Operation) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminRelationshipOperation",
        "id": one.id,
        "operationType": one.kind,
        "data": one.data,
        "status": "succeeded",
        "createdDateTime": one.created_at,
        "lastModifiedDateTime": one.created_at,
    })
}
