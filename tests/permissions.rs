//! Every operation, as nobody and as somebody who may not. A new operation without a row here fails.

use crate::harness::{Centre, request};
use crate::openapi::operations;

/// Operations that are public on purpose.
const PUBLIC: &[&str] = &[
    "POST /v1/accounts/activation",
    "POST /v1/accounts/password",
    "POST /v1/accounts/passwordreset",
    "GET /common/discovery/instance",
    "GET /{tenant}/.well-known/openid-configuration",
    "GET /{tenant}/v2.0/.well-known/openid-configuration",
    "GET /{tenant}/discovery/keys",
    "GET /{tenant}/discovery/v2.0/keys",
    "POST /{tenant}/oauth2/token",
    "POST /{tenant}/oauth2/v2.0/token",
    "GET /v1/indirectproviders",
    "GET /v1/indirectproviders/{id}",
    "POST /v1/enrollments",
    "GET /v1/invitations/{token}",
];

/// Operations that need a permission, and which kinds of organisation have it: Operator, Provider, Reseller, Customer.
const GUARDED: &[(&str, &str)] = &[
    ("GET /v1/accounts/secondfactor", "OPRC"),
    ("POST /v1/accounts/secondfactor", "OPRC"),
    ("GET /v1/users", "OPRC"),
    ("POST /v1/users", "OPRC"),
    ("GET /v1/users/{id}", "OPRC"),
    ("PATCH /v1/users/{id}", "OPRC"),
    ("DELETE /v1/users/{id}", "OPRC"),
    ("POST /v1/users/{id}/activation", "OPRC"),
    ("DELETE /v1/users/{id}/secondfactor", "OPRC"),
    ("GET /v1/applications", "OPRC"),
    ("POST /v1/applications", "OPRC"),
    ("DELETE /v1/applications/{id}", "OPRC"),
    ("POST /v1/applications/{id}/secrets", "OPRC"),
    ("DELETE /v1/applications/{id}/secrets/{secretId}", "OPRC"),
    ("POST /v1/indirectproviders", "O"),
    ("PUT /v1/indirectproviders/{id}", "O"),
    ("GET /v1/indirectproviders/current", "P"),
    ("POST /v1/indirectproviders/current/changerequests", "P"),
    ("GET /v1/indirectproviders/changerequests", "O"),
    ("POST /v1/indirectproviders/changerequests/{id}/close", "O"),
    ("GET /v1/profiles/mpn", "PR"),
    ("GET /v1/compliance/csp/agreementstatus", "PR"),
    ("GET /accountenrollments/v1/accountexternalresourcekeys", "PR"),
    ("GET /v1/profiles/legalbusiness", "PR"),
    ("PUT /v1/profiles/legalbusiness", "PR"),
    ("GET /v1/profiles/organization", "PR"),
    ("PUT /v1/profiles/organization", "PR"),
    ("GET /v1/profiles/billing", "PR"),
    ("PUT /v1/profiles/billing", "PR"),
    ("GET /v1/profiles/support", "PR"),
    ("PUT /v1/profiles/support", "PR"),
    ("GET /v1/profiles/supportprofile", "PR"),
    ("PUT /v1/profiles/supportprofile", "PR"),
    ("GET /v1/enrollments", "O"),
    ("GET /v1/enrollments/current", "R"),
    ("POST /v1/enrollments/{id}/approve", "O"),
    ("POST /v1/enrollments/{id}/reject", "O"),
    ("POST /v1/agreements/mpa/versions", "O"),
    ("GET /v1/agreements/mpa/versions", "OPR"),
    ("POST /v1/agreements/mpa/signatures", "PR"),
    ("GET /v1/agreements/mpa/signatures", "PR"),
    ("GET /v1/relationships", "PR"),
    ("GET /v1/relationships/invitations", "P"),
    ("POST /v1/relationships/invitations", "P"),
    ("GET /v1/relationships/invitations/{id}", "P"),
    ("DELETE /v1/relationships/invitations/{id}", "P"),
    ("POST /v1/invitations/{token}/accept", "R"),
    ("POST /v1/invitations/{token}/decline", "R"),
    ("GET /v1/relationships/{partnerId}/removal", "PR"),
    ("POST /v1/relationships/{partnerId}/removal", "PR"),
    ("GET /v1/customers", "PR"),
    ("POST /v1/customers", "P"),
    ("GET /v1/customers/{customer}", "PR"),
    ("GET /v1/customers/{customer}/relationships", "PR"),
    ("GET /v1/customers/{customer}/administrators", "C"),
    ("DELETE /v1/customers/{customer}/administrators/{partnerId}", "C"),
    ("GET /v1/customers/{customer}/deviceRegistrations", "PRC"),
    ("POST /v1/customers/{customer}/deviceRegistrations", "PRC"),
    ("GET /v1/customers/{customer}/deviceRegistrations/{id}", "PRC"),
    ("GET /v1/customers/{customer}/deviceRegistrations/{id}/rows", "PRC"),
    ("GET /v1/customers/{customer}/devices", "PRC"),
    ("DELETE /v1/customers/{customer}/devices/{id}", "PRC"),
    ("POST /v1/devicedirectory/manifests", "O"),
    ("GET /v1/auditrecords", "OPRC"),
    ("GET /v1/auditrecords/export", "OPRC"),
    ("GET /v1/auditrecords/{id}", "OPRC"),
    ("GET /auditactivity/v1/auditrecords", "OPRC"),
    ("GET /auditactivity/v1/auditrecords/{id}", "OPRC"),
    ("GET /v1/why", "OPRC"),
];

#[test]
fn every_operation_has_a_row() {
    for (method, path) in operations() {
        let operation = format!("{method} {path}");
        let rows = PUBLIC.iter().filter(|row| **row == operation).count()
            + GUARDED.iter().filter(|(row, _)| *row == operation).count();
        assert_eq!(rows, 1, "{operation} needs exactly one row in tests/permissions.rs");
    }
    assert_eq!(operations().len(), PUBLIC.len() + GUARDED.len(), "a row names an operation that does not exist");
}

#[actix_web::test]
async fn ten_01_nobody_gets_past_a_guard_and_only_the_right_kinds_of_organisation_do() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let customer = centre.customer(&provider, "fabrikam", None).await;
    for (operation, kinds) in GUARDED {
        let (method, template) = operation.split_once(' ').unwrap();
        let absent = uuid::Uuid::now_v7().to_string();
        let path = ["{id}", "{customer}", "{partnerId}", "{token}", "{secretId}"]
            .iter()
            .fold(template.to_string(), |path, name| path.replace(name, &absent));
        let anonymous = centre.call(request(method, &path)).await;
        assert_eq!(anonymous.refusal(), "401 tokenMissing", "{operation}");
        for (kind, actor) in [('O', &operator), ('P', &provider), ('R', &reseller), ('C', &customer.admin)] {
            let answer = actor.send(method, &path, serde_json::json!({})).await;
            let refused = answer.refusal() == "403 wrongOrganisation";
            assert_eq!(refused, !kinds.contains(kind), "{operation} as {kind}: {}", answer.text);
            assert!(answer.status < 500, "{operation} as {kind}: {}", answer.text);
        }
    }
}
