//! Every path and its methods: what the OpenAPI document describes, and what it does not.

use utoipa::openapi::OpenApi;

use crate::platform::http::PathTable;

/// Pages and probes with their methods, which the OpenAPI document does not describe.
pub const OTHER_PATHS: &[(&str, &[&str])] = &[
    ("/", &["GET"]),
    ("/style.css", &["GET"]),
    ("/copy.js", &["GET"]),
    ("/openapi.json", &["GET"]),
    ("/healthz", &["GET"]),
    ("/readyz", &["GET"]),
    ("/sign-in", &["GET", "POST"]),
    ("/sign-in/code", &["GET", "POST"]),
    ("/sign-in/password", &["GET", "POST"]),
    ("/sign-out", &["POST"]),
    ("/activate", &["GET", "POST"]),
    ("/activate/{code}", &["GET"]),
    ("/forgot-password", &["GET", "POST"]),
    ("/reset-password", &["GET", "POST"]),
    ("/reset-password/{code}", &["GET"]),
    ("/account", &["GET"]),
    ("/account/password", &["GET", "POST"]),
    ("/account/second-factor", &["GET", "POST"]),
    ("/{tenant}/oauth2/authorize", &["GET"]),
    ("/{tenant}/oauth2/v2.0/authorize", &["GET"]),
    ("/consent/{id}", &["GET", "POST"]),
    ("/enrol", &["GET", "POST"]),
    ("/enrol/submitted", &["GET"]),
    ("/agreement", &["GET", "POST"]),
    ("/invitations/{token}", &["GET"]),
    ("/invitation", &["GET", "POST"]),
    ("/invitation/answer", &["GET"]),
    ("/invitation/accept", &["POST"]),
    ("/invitation/decline", &["POST"]),
    ("/invitation/later", &["POST"]),
    ("/calendar", &["GET"]),
    ("/administrators", &["GET"]),
    ("/administrators/end", &["POST"]),
    ("/administration-requests/{token}", &["GET"]),
    ("/administration-request", &["GET"]),
    ("/administration-request/approve", &["POST"]),
    ("/administration-request/decline", &["POST"]),
    ("/administration-request/later", &["POST"]),
    ("/administration", &["GET", "POST"]),
    ("/administration/{id}", &["GET"]),
    ("/administration/{id}/ask", &["POST"]),
    ("/administration/{id}/terminate", &["POST"]),
    ("/administration/{id}/delete", &["POST"]),
    ("/administration/{id}/groups/{group}", &["POST"]),
    ("/relationships/{token}", &["GET"]),
    ("/relationship", &["GET", "POST"]),
    ("/relationship/answer", &["GET"]),
    ("/relationship/approve", &["POST"]),
    ("/relationship/decline", &["POST"]),
    ("/relationship/later", &["POST"]),
    ("/relationship/new-tenant", &["GET", "POST"]),
    ("/relationship/new-tenant/made", &["GET"]),
    ("/setup-info/{token}", &["GET"]),
    ("/setup-info", &["GET", "POST"]),
    ("/customers", &["GET"]),
    ("/customers/new", &["GET", "POST"]),
    ("/customers/drafts/{id}", &["GET"]),
    ("/customers/drafts/{id}/change", &["GET", "POST"]),
    ("/customers/drafts/{id}/subscriptions", &["GET", "POST"]),
    ("/customers/drafts/{id}/submit", &["POST"]),
    ("/customers/drafts/{id}/cancel", &["POST"]),
    ("/customers/{customer}", &["GET"]),
    ("/customers/{customer}/setup-info", &["POST"]),
    ("/subscriptions", &["GET"]),
    ("/customers/{customer}/subscriptions", &["GET"]),
    ("/customers/{customer}/subscriptions/new", &["GET", "POST"]),
    ("/customers/{customer}/subscriptions/{id}", &["GET"]),
    ("/customers/{customer}/subscriptions/{id}/licences", &["POST"]),
    ("/customers/{customer}/subscriptions/{id}/name", &["POST"]),
    ("/customers/{customer}/subscriptions/{id}/renewal", &["POST"]),
    ("/customers/{customer}/subscriptions/{id}/status", &["POST"]),
    ("/customers/{customer}/subscriptions/{id}/reseller", &["POST"]),
    ("/customers/{customer}/subscriptions/{id}/support-contact", &["POST"]),
    ("/incentives", &["GET"]),
    ("/incentives/file", &["GET"]),
];

pub(super) fn path_table(document: &OpenApi) -> PathTable {
    let described = document.paths.paths.iter().map(|(path, item)| {
        let methods = [
            ("GET", item.get.is_some()),
            ("HEAD", item.head.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("PATCH", item.patch.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        let taken = methods.into_iter().filter(|(_, taken)| *taken).map(|(method, _)| method.to_owned());
        (path.clone(), taken.collect())
    });
    let other = OTHER_PATHS
        .iter()
        .map(|(path, methods)| ((*path).to_owned(), methods.iter().map(|m| (*m).to_owned()).collect()));
    PathTable::new(described.chain(other))
}
