//! What companies have of delegated administration, for the matrix.

use serde_json::{Value, json};

use crate::harness::{Actor, Customer, nothing};

/// A partner's relationships: one in force with an assignment, a request and an operation; one still to be edited.
#[derive(Clone, Default)]
pub struct Granted {
    pub relationship: String,
    pub request: String,
    pub assignment: String,
    pub operation: String,
    pub spare: String,
    pub group: String,
}

const PATH: &str = "/v1.0/tenantRelationships/delegatedAdminRelationships";
const INTUNE: &str = "3a2c62db-5318-420d-8d74-23affee5d9d5";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

fn text(of: &Value) -> String {
    of.as_str().unwrap().to_owned()
}

fn body(name: &str) -> Value {
    let roles = json!([{ "roleDefinitionId": INTUNE }, { "roleDefinitionId": GLOBAL_READER }]);
    json!({ "displayName": name, "duration": "P30D", "accessDetails": { "unifiedRoles": roles } })
}

fn roles(id: &str) -> Value {
    json!({ "unifiedRoles": [{ "roleDefinitionId": id }] })
}

/// A relationship that asks whoever opens its link; the link's last part.
pub async fn asking(partner: &Actor, name: &str) -> (String, String) {
    let made = partner.post(PATH, body(name)).await.ok();
    let one = format!("{PATH}/{}", text(&made["id"]));
    partner.post(&format!("{one}/requests"), json!({ "action": "lockForApproval" })).await.ok();
    let link = text(&partner.get(&one).await.ok()["approvalLink"]);
    (text(&made["id"]), link.rsplit('/').next().unwrap().to_owned())
}

/// Everything of it, approved by the customer.
pub async fn granted(partner: &Actor, customer: &Customer, name: &str) -> Granted {
    let (relationship, token) = asking(partner, &format!("{name} one")).await;
    customer.admin.post(&format!("/v1/administrationrequests/links/{token}/approve"), nothing()).await.ok();
    let one = format!("{PATH}/{relationship}");
    let assignments = format!("{one}/accessAssignments");
    let container = json!({ "accessContainerId": "HelpdeskAgents", "accessContainerType": "securityGroup" });
    let assigned = json!({ "accessContainer": container, "accessDetails": roles(GLOBAL_READER) });
    let assignment = text(&partner.post(&assignments, assigned).await.ok()["id"]);
    let changed = json!({ "accessDetails": roles(INTUNE) });
    let answer = partner.patch(&format!("{assignments}/{assignment}"), "1", changed).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let operation = answer.header("location").rsplit('/').next().unwrap().to_owned();
    let request = text(&partner.get(&format!("{one}/requests")).await.ok()["value"][0]["id"]);
    let spare = text(&partner.post(PATH, body(&format!("{name} two"))).await.ok()["id"]);
    let group = text(&partner.get("/v1.0/groups").await.ok()["value"][0]["id"]);
    Granted { relationship, request, assignment, operation, spare, group }
}

/// Ids of this shape that are nobody's.
pub fn absent(id: &str, other: &str) -> String {
    format!("{id}-{other}")
}
