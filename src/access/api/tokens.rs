//! The token endpoints, as RFC 6749 and existing clients have them.

use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, post};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::PUBLIC_CLIENT;
use super::super::actions::{self, Client, Granted, ProvedApplication, Redemption, Tenant};
use super::super::guard::Anyone;
use super::super::model::{AccessSettings, OrganisationId, TokenError};
use super::super::scope::Tenancy;
use super::super::tokens::{Claims, Tokens, id_claims, life, user_claims};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::{Error, Form};
use crate::platform::text::shorten;

/// A token request as RFC 6749 has it; parameters of other grants are ignored.
#[derive(Deserialize, ToSchema)]
struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    client_assertion: Option<String>,
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    code: Option<SecretString>,
    redirect_uri: Option<String>,
    #[schema(value_type = Option<String>)]
    code_verifier: Option<SecretString>,
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
pub(super) async fn token_v2(
    _anyone: Anyone,
    parts: Data<Parts>,
    desk: Desk,
    tenant: Path<String>,
    body: Form<TokenRequest>,
) -> Result<actix_web::web::Json<Value>, Error> {
    desk.serve(&parts, &tenant, body.0, Endpoint::V2).await
}

/// The token endpoint, version 1: numbers are strings.
#[utoipa::path(tag = "Tokens", params(("tenant", description = "Tenant id, domain, `common` or `organizations`")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "An access token, and for a user the next refresh token")))]
#[post("/{tenant}/oauth2/token")]
pub(super) async fn token_v1(
    _anyone: Anyone,
    parts: Data<Parts>,
    desk: Desk,
    tenant: Path<String>,
    body: Form<TokenRequest>,
) -> Result<actix_web::web::Json<Value>, Error> {
    desk.serve(&parts, &tenant, body.0, Endpoint::V1).await
}

/// What both endpoints need.
pub(super) struct Desk {
    settings: Data<AccessSettings>,
    tokens: Data<Tokens>,
    tenancy: Tenancy,
    basic: Option<(String, SecretString)>,
}

impl actix_web::FromRequest for Desk {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let settings = request.app_data::<Data<AccessSettings>>().cloned();
        let tokens = request.app_data::<Data<Tokens>>().cloned();
        let tenancy = request.app_data::<Tenancy>().copied();
        let desk = match (settings, tokens, tenancy) {
            (Some(settings), Some(tokens), Some(tenancy)) => {
                Ok(Self { settings, tokens, tenancy, basic: basic(request.headers()) })
            }
            _ => Err(TokenError::InvalidClient.into()),
        };
        std::future::ready(desk)
    }
}

/// `Authorization: Basic`, each half form-encoded (RFC 6749 section 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, SecretString)> {
    let (scheme, value) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(value.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain =
        |half: &str| percent_encoding::percent_decode_str(&half.replace('+', " ")).decode_utf8_lossy().into_owned();
    Some((plain(id), plain(secret).into()))
}

/// A client that has shown what it has to show.
enum ProvedClient {
    Public,
    Application(ProvedApplication),
}

impl ProvedClient {
    fn client(&self) -> Client {
        match self {
            ProvedClient::Public => Client::Public,
            ProvedClient::Application(application) => Client::Application(application.id),
        }
    }

    fn id(&self) -> String {
        match self {
            ProvedClient::Public => PUBLIC_CLIENT.to_owned(),
            ProvedClient::Application(application) => application.id.to_string(),
        }
    }

    fn reference(&self) -> &'static str {
        match self {
            ProvedClient::Public => "0",
            ProvedClient::Application(_) => "1",
        }
    }
}

/// What a token request says of its resource.
enum Asked<'a> {
    /// The audience named, and the scope as it was written.
    Named(String, Option<&'a str>),
    /// Nothing: the service itself.
    Nothing(String),
}

impl Desk {
    async fn serve(
        self,
        parts: &Parts,
        tenant: &str,
        request: TokenRequest,
        endpoint: Endpoint,
    ) -> Result<actix_web::web::Json<Value>, Error> {
        let now = parts.clock.now();
        let named = request.resource.as_deref().or(request.scope.as_deref());
        let unknown = || TokenError::UnknownResource(shorten(named.unwrap_or_default(), 80));
        let audience = self.tokens.audience(named).ok_or_else(unknown)?;
        let asked = match named {
            Some(_) => Asked::Named(audience.clone(), request.scope.as_deref()),
            None => Asked::Nothing(audience.clone()),
        };
        let tenant = Tenant::new(tenant);
        let grant = request.grant_type.clone().ok_or(TokenError::ParameterMissing("grant_type"))?;
        let answer = match grant.as_str() {
            "client_credentials" => {
                let ProvedClient::Application(application) = self.client(parts, &request, now).await? else {
                    return Err(TokenError::InvalidClient.into());
                };
                let tenancy = self.tenancy;
                let find =
                    move |read: &mut Read<'_>| actions::application_tenant(read, application, &tenant, tenancy, now);
                let tenant = parts.db.read(find).await?;
                let claims = self.application_claims(application, tenant, audience, now);
                self.answer(&claims, None, endpoint, now)
            }
            "refresh_token" => {
                let token = request.refresh_token.clone().ok_or(TokenError::ParameterMissing("refresh_token"))?;
                let client = self.client(parts, &request, now).await?;
                let (kind, settings, tenancy) = (client.client(), self.settings.clone(), self.tenancy);
                let keys = parts.keys.clone();
                let redeem = move |tx: &mut Tx<'_>| -> Outcome<Redemption, TokenError> {
                    actions::redeem(tx, &keys, token.expose_secret(), kind, (&tenant, tenancy), &settings, now)
                };
                let redemption = parts.db.write(redeem).await?;
                self.user_answer(redemption, &client, asked, endpoint, now)?
            }
            "authorization_code" => {
                let code = request.code.clone().ok_or(TokenError::ParameterMissing("code"))?;
                let redirect = request.redirect_uri.clone().ok_or(TokenError::ParameterMissing("redirect_uri"))?;
                let client = self.client(parts, &request, now).await?;
                let verifier = request.code_verifier.clone();
                let (kind, settings, tenancy) = (client.client(), self.settings.clone(), self.tenancy);
                let redeem = move |tx: &mut Tx<'_>| -> Outcome<Redemption, TokenError> {
                    let verifier = verifier.as_ref().map(|verifier| verifier.expose_secret());
                    let proof = (redirect.as_str(), verifier);
                    actions::redeem_code(tx, code.expose_secret(), kind, proof, (&tenant, tenancy), &settings, now)
                };
                let redemption = parts.db.write(redeem).await?;
                self.user_answer(redemption, &client, asked, endpoint, now)?
            }
            other => return Err(TokenError::UnsupportedGrant(shorten(other, 40)).into()),
        };
        Ok(actix_web::web::Json(answer))
    }

    async fn client(&self, parts: &Parts, request: &TokenRequest, now: Timestamp) -> Result<ProvedClient, Error> {
        if request.client_assertion.is_some() {
            return Err(TokenError::AssertionNotOffered.into());
        }
        let form = request.client_id.clone().map(|id| (id, request.client_secret.clone()));
        let basic = self.basic.clone().map(|(id, secret)| (id, Some(secret)));
        let (id, secret) = form.or(basic).ok_or(TokenError::ParameterMissing("client_id"))?;
        if id == PUBLIC_CLIENT {
            return Ok(ProvedClient::Public);
        }
        let secret = secret.ok_or(TokenError::ParameterMissing("client_secret"))?;
        let prove = move |read: &mut Read<'_>| actions::prove_application(read, &id, secret.expose_secret(), now);
        Ok(ProvedClient::Application(parts.db.read(prove).await?))
    }

    fn times(&self, now: Timestamp) -> (i64, i64) {
        life(now, Duration::from_secs(self.settings.access_token_minutes * 60))
    }

    fn application_claims(
        &self,
        application: ProvedApplication,
        tenant: OrganisationId,
        audience: String,
        now: Timestamp,
    ) -> Claims {
        let (issued, expires) = self.times(now);
        Claims {
            iss: self.tokens.issuer(tenant),
            aud: audience,
            sub: application.id.uuid(),
            jti: Uuid::now_v7(),
            iat: issued,
            nbf: issued,
            exp: expires,
            tid: tenant.uuid(),
            appid: application.id.to_string(),
            appidacr: "1".to_owned(),
            oid: None,
            upn: None,
            unique_name: None,
            name: None,
            scp: None,
            amr: Vec::new(),
            epoch: application.epoch,
            ver: "1.0".to_owned(),
        }
    }

    fn user_answer(
        &self,
        redemption: Redemption,
        client: &ProvedClient,
        asked: Asked<'_>,
        endpoint: Endpoint,
        now: Timestamp,
    ) -> Result<Value, Error> {
        let Redemption::Granted(granted) = redemption else { return Err(TokenError::InvalidGrant.into()) };
        let Granted { account, tenant, second_factor, refresh_token, request } = *granted;
        // A code without a resource is for the one that the person agreed to.
        let agreed = request.as_ref().and_then(|request| request.resource.as_deref().or(Some(request.scope.as_str())));
        let (audience, asked) = match asked {
            Asked::Named(audience, scope) => (audience, scope),
            Asked::Nothing(own) => (self.tokens.audience(agreed).unwrap_or(own), agreed),
        };
        let times = self.times(now);
        let claims = Claims {
            aud: audience,
            appidacr: client.reference().to_owned(),
            ..user_claims(&self.tokens, &account, tenant, &client.id(), methods(second_factor), times)
        };
        let mut answer = self.answer(&claims, Some(&refresh_token), endpoint, now);
        if matches!(endpoint, Endpoint::V2) {
            answer["scope"] = json!(self.tokens.granted_scope(asked, &claims.aud));
        }
        if let Some(request) = request.filter(|request| request.is_openid()) {
            answer["id_token"] = json!(self.tokens.sign(&id_claims(&claims, request.nonce), now));
        }
        Ok(answer)
    }

    fn answer(&self, claims: &Claims, refresh: Option<&SecretString>, endpoint: Endpoint, now: Timestamp) -> Value {
        let lives = claims.exp - claims.iat;
        let number = |value: i64| match endpoint {
            Endpoint::V1 => json!(value.to_string()),
            Endpoint::V2 => json!(value),
        };
        let mut answer = json!({
            "token_type": "Bearer",
            "expires_in": number(lives),
            "ext_expires_in": number(lives),
            "access_token": self.tokens.sign(claims, now),
        });
        if matches!(endpoint, Endpoint::V1) {
            answer["expires_on"] = number(claims.exp);
            answer["not_before"] = number(claims.nbf);
            answer["resource"] = json!(claims.aud);
        }
        if let Some(refresh) = refresh {
            answer["scope"] = json!("user_impersonation");
            answer["refresh_token"] = json!(refresh.expose_secret());
            // By which MSAL tells accounts apart.
            let whose = json!({ "uid": claims.sub, "utid": claims.tid }).to_string();
            answer["client_info"] = json!(URL_SAFE_NO_PAD.encode(whose));
        }
        answer
    }
}

/// How a user proved itself (RFC 8176).
pub(in crate::access) fn methods(second_factor: bool) -> Vec<String> {
    let mut methods = vec!["pwd".to_owned()];
    if second_factor {
        methods.push("mfa".to_owned());
    }
    methods
}
