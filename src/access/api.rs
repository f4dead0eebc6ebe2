//! REST of accounts, applications and tokens.

use std::time::Duration;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{self, Redemption, Tenant};
use super::guard::{Allowed, Anyone};
use super::model::{
    AccessSettings, Account, ActivationError, ApplicationId, FirstSignInError, ManageApplications, PasswordError, Role,
    TokenError, UserState, check_password,
};
use super::passwords::Passwords;
use super::tokens::{Claims, Tokens, life};
use super::{Activation, PUBLIC_CLIENT};
use crate::audit::System;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Sure;
use crate::platform::http::{Error, Form, Json, Reply};
use crate::platform::keys::LinkToken;
use crate::platform::text::{Line, shorten};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(activate)
        .service(change_temporary_password)
        .service(register_application)
        .service(token_v2)
        .service(token_v1);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ActivationRequest {
    /// From the activation mail.
    code: String,
    /// 12 characters at least.
    #[schema(value_type = String)]
    password: SecretString,
}

/// Signed in: redeem the refresh token at `/{tenantId}/oauth2/v2.0/token`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    user_name: String,
    tenant_id: Uuid,
    client_id: &'static str,
    refresh_token: String,
}

impl SignedIn {
    fn new(account: &Account, token: &SecretString) -> Self {
        Self {
            user_name: account.user_name.clone(),
            tenant_id: account.organisation.uuid(),
            client_id: PUBLIC_CLIENT,
            refresh_token: token.expose_secret().to_owned(),
        }
    }
}

/// Activate an account with the code from its mail; the mailbox is proved by it.
#[utoipa::path(tag = "Accounts", request_body = ActivationRequest, responses((status = 200, body = SignedIn)))]
#[post("/v1/accounts/activation")]
async fn activate(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    body: Json<ActivationRequest>,
) -> Result<actix_web::web::Json<SignedIn>, Error> {
    let now = parts.clock.now();
    check_password(body.0.password.expose_secret())?;
    let code = LinkToken::<Activation>::parse(&body.0.code);
    let keys = parts.keys.clone();
    let account = parts.db.read(move |read| actions::account_to_activate(read, &keys, &code, now)).await?;
    if account.state == UserState::Active {
        let known = account.password_hash.clone();
        if !passwords.verify(body.0.password, known).await? {
            return Err(ActivationError::CodeInvalid.into());
        }
        let again = account.clone();
        let token =
            parts.db.write(move |tx| -> Sure<_> { Ok(actions::sign_in_again(tx, &again, &settings, now)?) }).await?;
        return Ok(actix_web::web::Json(SignedIn::new(&account, &token)));
    }
    let hash = passwords.hash(body.0.password).await?;
    let actor = System { organisation: Some(account.organisation.uuid()), request: anyone.request };
    let activating = account.clone();
    let token = parts.db.write(move |tx| actions::activate(tx, &activating, &hash, &actor, &settings, now)).await?;
    Ok(actix_web::web::Json(SignedIn::new(&account, &token)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FirstSignIn {
    /// `admin@` and the customer's domain.
    user_name: String,
    /// As shown once at the creation.
    #[schema(value_type = String)]
    temporary_password: SecretString,
    /// 12 characters at least, another one.
    #[schema(value_type = String)]
    new_password: SecretString,
}

/// Change a temporary password at the first sign-in.
#[utoipa::path(tag = "Accounts", request_body = FirstSignIn, responses((status = 200, body = SignedIn)))]
#[post("/v1/accounts/password")]
async fn change_temporary_password(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    body: Json<FirstSignIn>,
) -> Result<actix_web::web::Json<SignedIn>, Error> {
    let now = parts.clock.now();
    let FirstSignIn { user_name, temporary_password, new_password } = body.0;
    check_password(new_password.expose_secret())?;
    if new_password.expose_secret() == temporary_password.expose_secret() {
        return Err(PasswordError::Unchanged.into());
    }
    let account = parts.db.read(move |read| -> Sure<_> { Ok(actions::account_by_name(read, &user_name)?) }).await?;
    let account = account.filter(|account| account.password_is_temporary);
    let known = account.as_ref().and_then(|account| account.password_hash.clone());
    let matches = passwords.verify(temporary_password, known).await?;
    let account = account.filter(|_| matches).ok_or(FirstSignInError::Refused)?;
    let hash = passwords.hash(new_password).await?;
    let actor = System { organisation: Some(account.organisation.uuid()), request: anyone.request };
    let changing = account.clone();
    let token = parts
        .db
        .write(move |tx| actions::change_temporary_password(tx, &changing, &hash, &actor, &settings, now))
        .await?;
    Ok(actix_web::web::Json(SignedIn::new(&account, &token)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApplication {
    name: Line<100>,
    /// What it may do when no user is behind a call.
    #[schema(max_items = 5)]
    roles: Vec<Role>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationCreated {
    id: ApplicationId,
    name: String,
    roles: Vec<Role>,
    /// Shown this one time.
    secret: String,
    #[schema(value_type = String, format = DateTime)]
    secret_expires_at: Timestamp,
}

/// Register an application of one's own company; its secret is shown this one time.
#[utoipa::path(tag = "Accounts", request_body = NewApplication, responses((status = 201, body = ApplicationCreated)))]
#[post("/v1/applications")]
async fn register_application(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    body: Json<NewApplication>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewApplication { name, mut roles } = body.0;
    roles.sort();
    roles.dedup();
    me.write(&parts, move |tx, me| {
        actions::register_application(tx, me, name.as_str(), &roles, now).map(|made| {
            Reply::created(&ApplicationCreated {
                id: made.id,
                name: name.clone().into(),
                roles: roles.clone(),
                secret: made.secret.expose_secret().to_owned(),
                secret_expires_at: made.secret_expires_at,
            })
            .secret(&["/secret"])
        })
    })
    .await
}

/// A token request as RFC 6749 has it; parameters of other grants are ignored.
#[derive(Deserialize, ToSchema)]
struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
    resource: Option<String>,
    scope: Option<String>,
}

/// Which of the two token endpoints: they differ in how they write numbers.
#[derive(Clone, Copy)]
enum Endpoint {
    V1,
    V2,
}

/// The token endpoint, version 2: numbers are numbers.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Tenant id, domain, `common` or `organizations`")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "An access token, and for a user the next refresh token")))]
#[post("/{tenant}/oauth2/v2.0/token")]
async fn token_v2(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    tokens: Data<Tokens>,
    tenant: Path<String>,
    body: Form<TokenRequest>,
) -> Result<actix_web::web::Json<Value>, Error> {
    token(&parts, settings, &tokens, &tenant, body.0, Endpoint::V2).await
}

/// The token endpoint, version 1: numbers are strings.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Tenant id, domain, `common` or `organizations`")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "An access token, and for a user the next refresh token")))]
#[post("/{tenant}/oauth2/token")]
async fn token_v1(
    _anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    tokens: Data<Tokens>,
    tenant: Path<String>,
    body: Form<TokenRequest>,
) -> Result<actix_web::web::Json<Value>, Error> {
    token(&parts, settings, &tokens, &tenant, body.0, Endpoint::V1).await
}

async fn token(
    parts: &Parts,
    settings: Data<AccessSettings>,
    tokens: &Tokens,
    tenant: &str,
    request: TokenRequest,
    endpoint: Endpoint,
) -> Result<actix_web::web::Json<Value>, Error> {
    let now = parts.clock.now();
    let tenant = Tenant::new(tenant);
    let client = request.client_id.ok_or(TokenError::ParameterMissing("client_id"));
    let named = request.resource.as_deref().or(request.scope.as_deref());
    let unknown = || TokenError::UnknownResource(shorten(named.unwrap_or_default(), 80));
    let audience = tokens.audience(named).ok_or_else(unknown)?;
    let minutes = Duration::from_secs(settings.access_token_minutes * 60);
    let answer =
        |claims: Claims, refresh: Option<SecretString>| token_answer(tokens, &claims, refresh.as_ref(), endpoint);
    match request.grant_type.as_deref() {
        Some("refresh_token") => {
            let token = request.refresh_token.ok_or(TokenError::ParameterMissing("refresh_token"))?;
            if client? != PUBLIC_CLIENT {
                return Err(TokenError::InvalidClient.into());
            }
            let redeemed =
                parts.db.write(move |tx| actions::redeem(tx, token.expose_secret(), &tenant, &settings, now)).await?;
            let Redemption::Redeemed(redeemed) = redeemed else { return Err(TokenError::InvalidGrant.into()) };
            let claims = user_claims(tokens, audience, &redeemed.account, life(now, minutes));
            Ok(actix_web::web::Json(answer(claims, Some(redeemed.refresh_token))))
        }
        Some("client_credentials") => {
            let secret = request.client_secret.ok_or(TokenError::ParameterMissing("client_secret"))?;
            let client = client?;
            let (application, organisation, epoch) = parts
                .db
                .read(move |read| {
                    actions::authenticate_application(read, &client, secret.expose_secret(), &tenant, now)
                })
                .await?;
            let (issued, expires) = life(now, minutes);
            let claims = Claims {
                iss: tokens.issuer().to_owned(),
                aud: audience,
                sub: application.uuid(),
                jti: Uuid::now_v7(),
                iat: issued,
                nbf: issued,
                exp: expires,
                tid: organisation.uuid(),
                appid: application.to_string(),
                oid: None,
                upn: None,
                scp: None,
                amr: Vec::new(),
                epoch,
                ver: "1.0".to_owned(),
            };
            Ok(actix_web::web::Json(answer(claims, None)))
        }
        Some(other) => Err(TokenError::UnsupportedGrant(shorten(other, 40)).into()),
        None => Err(TokenError::ParameterMissing("grant_type").into()),
    }
}

fn user_claims(tokens: &Tokens, audience: String, account: &Account, (issued, expires): (i64, i64)) -> Claims {
    Claims {
        iss: tokens.issuer().to_owned(),
        aud: audience,
        sub: account.id.uuid(),
        jti: Uuid::now_v7(),
        iat: issued,
        nbf: issued,
        exp: expires,
        tid: account.organisation.uuid(),
        appid: PUBLIC_CLIENT.to_owned(),
        oid: Some(account.id.uuid()),
        upn: Some(account.user_name.clone()),
        scp: Some("user_impersonation".to_owned()),
        amr: vec!["pwd".to_owned()],
        epoch: account.epoch,
        ver: "1.0".to_owned(),
    }
}

fn token_answer(tokens: &Tokens, claims: &Claims, refresh: Option<&SecretString>, endpoint: Endpoint) -> Value {
    let lives = claims.exp - claims.iat;
    let number = |value: i64| match endpoint {
        Endpoint::V1 => json!(value.to_string()),
        Endpoint::V2 => json!(value),
    };
    let mut answer = json!({
        "token_type": "Bearer",
        "expires_in": number(lives),
        "ext_expires_in": number(lives),
        "access_token": tokens.sign(claims),
    });
    if matches!(endpoint, Endpoint::V1) {
        answer["expires_on"] = number(claims.exp);
        answer["not_before"] = number(claims.nbf);
        answer["resource"] = json!(claims.aud);
    }
    if let Some(refresh) = refresh {
        answer["scope"] = json!("user_impersonation");
        answer["refresh_token"] = json!(refresh.expose_secret());
    }
    answer
}
