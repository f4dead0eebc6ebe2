//! Granular administration as a partner asks for it at Graph's paths and a customer approves it.

use serde_json::{Value, json};

use super::{Actor, Customer, nothing};

/// Where Graph has the relationships.
pub const PATH: &str = "/v1.0/tenantRelationships/delegatedAdminRelationships";

/// The built-in role that may reset the password of any account.
pub const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: &str = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13";

/// Access details with these roles.
pub fn details(roles: &[&str]) -> Value {
    let roles: Vec<Value> = roles.iter().map(|id| json!({ "roleDefinitionId": id })).collect();
    json!({ "unifiedRoles": roles })
}

/// What a partner asks for: 30 days, not extended.
pub fn terms(name: &str, roles: &[&str]) -> Value {
    json!({ "displayName": name, "duration": "P30D", "autoExtendDuration": "PT0S", "accessDetails": details(roles) })
}

/// Makes one and asks; its id and the last part of its link.
pub async fn asked(partner: &Actor, body: Value) -> (String, String) {
    let made = partner.post(PATH, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.ok()["id"].as_str().unwrap().to_owned();
    let answer = partner.post(&format!("{PATH}/{id}/requests"), json!({ "action": "lockForApproval" })).await;
    assert_eq!((answer.status, answer.ok()["action"].as_str()), (201, Some("lockForApproval")));
    let shown = partner.get(&format!("{PATH}/{id}")).await.ok();
    assert_eq!(shown["status"], "approvalPending");
    (id, shown["approvalLink"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
}

/// The path of an answer to a request: `approve` or `decline`.
pub fn answer(token: &str, what: &str) -> String {
    format!("/v1/administrationrequests/links/{token}/{what}")
}

/// Makes one, asks, and the customer approves; its id.
pub async fn granted(partner: &Actor, customer: &Customer, body: Value) -> String {
    let (id, token) = asked(partner, body).await;
    assert_eq!(customer.admin.post(&answer(&token, "approve"), nothing()).await.ok()["status"], "active");
    id
}

/// Assigns roles of a relationship to one of the partner's groups.
pub async fn assign(partner: &Actor, id: &str, group: &str, roles: &[&str]) -> Value {
    let body = json!({ "accessContainer": { "accessContainerId": group }, "accessDetails": details(roles) });
    let made = partner.post(&format!("{PATH}/{id}/accessAssignments"), body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.ok()
}

/// The customer ends the partner's full administration and approves one with this role instead, for its admin agents.
pub async fn only(partner: &Actor, customer: &Customer, role: &str) {
    let end = format!("/v1/customers/{}/administrators/{}", customer.id, partner.id);
    assert_eq!(customer.admin.delete(&end).await.status, 204);
    let id = granted(partner, customer, terms(role, &[role])).await;
    assign(partner, &id, "AdminAgents", &[role]).await;
}
