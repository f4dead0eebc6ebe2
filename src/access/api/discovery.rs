//! What clients read before they sign in: endpoints, key sets (OpenID Connect Discovery).

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path};
use serde_json::{Value, json};

use super::super::actions::Tenant;
use super::super::guard::Anyone;
use super::super::tokens::Tokens;
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::Sure;
use crate::platform::http::Error;

/// Where a tenant's endpoints are, version 2.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Tenant id, domain, `common` or `organizations`")),
    responses((status = 200, description = "OpenID configuration")))]
#[get("/{tenant}/v2.0/.well-known/openid-configuration")]
pub(super) async fn configuration_v2(
    _anyone: Anyone,
    parts: Data<Parts>,
    tokens: Data<Tokens>,
    tenant: Path<String>,
) -> Result<Answer<Value>, Error> {
    configuration(&parts, &tokens, &tenant, "/v2.0").await
}

/// Where a tenant's endpoints are, version 1.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Tenant id, domain, `common` or `organizations`")),
    responses((status = 200, description = "OpenID configuration")))]
#[get("/{tenant}/.well-known/openid-configuration")]
pub(super) async fn configuration_v1(
    _anyone: Anyone,
    parts: Data<Parts>,
    tokens: Data<Tokens>,
    tenant: Path<String>,
) -> Result<Answer<Value>, Error> {
    configuration(&parts, &tokens, &tenant, "").await
}

/// A tenant that does not exist is answered as if it did: nobody learns here which ones do.
async fn configuration(parts: &Parts, tokens: &Tokens, tenant: &str, version: &str) -> Result<Answer<Value>, Error> {
    let named = Tenant::new(tenant);
    let known = parts.db.read(move |read: &mut Read<'_>| -> Sure<_> { Ok(named.resolve(read)?) }).await?;
    let issuer = match known {
        Some(id) => tokens.issuer(id),
        None => tokens.issuer("{tenantid}"),
    };
    let tenant: String = percent_encoding::utf8_percent_encode(tenant, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
        .replace("%2E", ".");
    let at = |path: &str| parts.base.join(&format!("/{tenant}/{path}"));
    Ok(Answer(json!({
        "issuer": issuer,
        "authorization_endpoint": at(&format!("oauth2{version}/authorize")),
        "token_endpoint": at(&format!("oauth2{version}/token")),
        "jwks_uri": at(&format!("discovery{version}/keys")),
        "response_types_supported": ["code", "code id_token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "offline_access", "user_impersonation"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "oid", "tid", "name", "amr"],
    })))
}

/// The keys that tokens are signed with: the one in use, the one before and the one after it.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Any tenant: the keys are the same")),
    responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/{tenant}/discovery/v2.0/keys")]
pub(super) async fn key_set_v2(
    _anyone: Anyone,
    parts: Data<Parts>,
    tokens: Data<Tokens>,
    _tenant: Path<String>,
) -> Answer<Value> {
    Answer(tokens.key_set(parts.clock.now()))
}

/// The keys that tokens are signed with, at the address of version 1.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Any tenant: the keys are the same")),
    responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/{tenant}/discovery/keys")]
pub(super) async fn key_set_v1(
    _anyone: Anyone,
    parts: Data<Parts>,
    tokens: Data<Tokens>,
    _tenant: Path<String>,
) -> Answer<Value> {
    Answer(tokens.key_set(parts.clock.now()))
}

/// Which names this authority has: MSAL asks before it trusts one.
#[utoipa::path(tag = "Tokens", responses((status = 200, description = "Instance metadata")))]
#[get("/common/discovery/instance")]
pub(super) async fn instance_discovery(_anyone: Anyone, parts: Data<Parts>) -> Answer<Value> {
    let address = parts.base.as_str();
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    Answer(json!({
        "tenant_discovery_endpoint": parts.base.join("/common/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": authority, "preferred_cache": authority, "aliases": [authority] }],
    }))
}
