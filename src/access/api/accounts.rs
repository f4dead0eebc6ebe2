//! REST of one's own account: activation, first sign-in, password reset, second factor.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::actions;
use super::super::attempts::Attempts;
use super::super::guard::{Anyone, SignedIn};
use super::super::model::{
    AccessSettings, Account, ActivationError, FactorError, FirstSignInError, PasswordError, UserId, UserState,
    check_password,
};
use super::super::passwords::Passwords;
use super::super::scope::{Holder, Scope};
use super::super::{Activation, PUBLIC_CLIENT};
use crate::audit::System;
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, Sure};
use crate::platform::http::{Error, Json, PeerNetwork, Reply};
use crate::platform::keys::LinkToken;

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
struct SignedInView {
    user_name: String,
    tenant_id: Uuid,
    client_id: &'static str,
    refresh_token: String,
}

impl SignedInView {
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
#[utoipa::path(tag = "Accounts", request_body = ActivationRequest, responses((status = 200, body = SignedInView)))]
#[post("/v1/accounts/activation")]
pub(super) async fn activate(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    body: Json<ActivationRequest>,
) -> Result<actix_web::web::Json<SignedInView>, Error> {
    let now = parts.clock.now();
    check_password(body.0.password.expose_secret())?;
    let code = LinkToken::<Activation>::parse(&body.0.code);
    let keys = parts.keys.clone();
    let account = parts.db.read(move |read| actions::account_to_activate(read, &keys, &code, now)).await?;
    if account.state == UserState::Active {
        let known = account.password_hash.clone();
        // Whoever once read the mailbox must not guess here what is limited at the sign-in.
        attempts.check(&account.user_name, &network, now)?;
        let verdict = passwords.verify(body.0.password, known).await?;
        if !verdict.matches {
            attempts.failed(&account.user_name, &network, now);
            return Err(ActivationError::CodeInvalid.into());
        }
        drop(verdict);
        let again = account.clone();
        let token = parts
            .db
            .write(move |tx| -> Sure<_> { Ok(actions::sign_in_with_password(tx, &again, &settings, now)?) })
            .await?;
        return Ok(actix_web::web::Json(SignedInView::new(&account, &token)));
    }
    let hash = passwords.hash(body.0.password).await?;
    let actor = Holder::of(&account, anyone.request);
    let activating = account.clone();
    let token = parts.db.write(move |tx| actions::activate(tx, &activating, &hash, &actor, &settings, now)).await?;
    Ok(actix_web::web::Json(SignedInView::new(&account, &token)))
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
#[utoipa::path(tag = "Accounts", request_body = FirstSignIn, responses((status = 200, body = SignedInView)))]
#[post("/v1/accounts/password")]
pub(super) async fn change_temporary_password(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    body: Json<FirstSignIn>,
) -> Result<actix_web::web::Json<SignedInView>, Error> {
    let now = parts.clock.now();
    let FirstSignIn { user_name, temporary_password, new_password } = body.0;
    check_password(new_password.expose_secret())?;
    if new_password.expose_secret() == temporary_password.expose_secret() {
        return Err(PasswordError::Unchanged.into());
    }
    let tried = user_name.clone();
    let account = parts.db.read(move |read| -> Sure<_> { Ok(actions::account_by_name(read, &user_name)?) }).await?;
    // Right before the hash: of guesses made at once no more than wait for it get past.
    attempts.check(&tried, &network, now)?;
    let account = account.filter(|account| account.password_is_temporary);
    let known = account.as_ref().and_then(|account| account.password_hash.clone());
    let verdict = passwords.verify(temporary_password, known).await?;
    let Some(account) = account.filter(|_| verdict.matches) else {
        attempts.failed(&tried, &network, now);
        return Err(FirstSignInError::Refused.into());
    };
    drop(verdict);
    let hash = passwords.hash(new_password).await?;
    let actor = Holder::of(&account, anyone.request);
    let changing = account.clone();
    let token = parts
        .db
        .write(move |tx| actions::change_temporary_password(tx, &changing, &hash, &actor, &settings, now))
        .await?;
    Ok(actix_web::web::Json(SignedInView::new(&account, &token)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResetRequest {
    #[schema(max_length = 254)]
    user_name: String,
}

/// Ask for a mail with a link that resets one's password. The answer is the same whether there is such an account.
#[utoipa::path(tag = "Accounts", request_body = ResetRequest, responses((status = 202)))]
#[post("/v1/accounts/passwordreset")]
pub(super) async fn request_reset(
    anyone: Anyone,
    parts: Data<Parts>,
    body: Json<ResetRequest>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let actor = System { organisation: None, request: anyone.request };
    let name = body.0.user_name;
    parts.db.write(move |tx| -> Sure<()> { Ok(actions::request_reset(tx, &name, &actor, now)?) }).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// What an authenticator is given.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FactorOffer {
    /// In Base32, to be typed into an authenticator.
    secret: String,
    /// The same as an `otpauth://` address, to be scanned.
    address: String,
}

/// Begin to set up a second factor: give the secret to an authenticator, then confirm with its code. Nothing changes
/// until then.
#[utoipa::path(tag = "Accounts", responses((status = 200, body = FactorOffer)))]
#[get("/v1/accounts/secondfactor")]
pub(super) async fn offer_second_factor(
    me: SignedIn,
    parts: Data<Parts>,
) -> Result<actix_web::web::Json<FactorOffer>, Error> {
    let keys = parts.keys.clone();
    let offer = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, FactorError> {
        actions::offer_second_factor(read, &keys, factor_owner(me)?)
    };
    let offered = me.read(&parts, offer).await?;
    Ok(actix_web::web::Json(FactorOffer {
        secret: offered.secret.expose_secret().to_owned(),
        address: offered.address.expose_secret().to_owned(),
    }))
}

fn factor_owner(me: &Scope) -> Result<UserId, FactorError> {
    me.user_id().ok_or(FactorError::UserNeeded)
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FactorConfirmation {
    /// Six digits, as the authenticator shows them now.
    #[schema(max_length = 12)]
    code: String,
}

/// A second factor in use.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FactorSet {
    /// Shown this one time: each opens once, when the authenticator is lost.
    recovery_codes: Vec<String>,
    /// Signed in with the second factor; older tokens have ended.
    refresh_token: String,
    tenant_id: Uuid,
    client_id: &'static str,
}

/// Put the second factor to use. Every older credential of the account ends; the answer's refresh token takes their place.
#[utoipa::path(tag = "Accounts", request_body = FactorConfirmation, responses((status = 200, body = FactorSet)))]
#[post("/v1/accounts/secondfactor")]
pub(super) async fn confirm_second_factor(
    me: SignedIn,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    attempts: Data<Attempts>,
    network: PeerNetwork,
    body: Json<FactorConfirmation>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, code) = (parts.keys.clone(), body.0.code);
    let own = me.read(&parts, |_, me| -> Outcome<UserId, FactorError> { Ok(factor_owner(me)?) }).await?.to_string();
    attempts.check(&own, &network, now)?;
    let confirm = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, FactorError> {
        let user = factor_owner(me)?;
        // Whoever has one proves it before setting up another: a password alone must not replace it.
        if actions::has_second_factor(tx, user)? && !me.proved_second_factor() {
            return Err(FactorError::ProveFirst.into());
        }
        let (account, codes) = actions::confirm_second_factor(tx, &keys, user, &code, me, now)?;
        let token = actions::sign_in_with_second_factor(tx, &account, &settings, now)?;
        let set = FactorSet {
            recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect(),
            refresh_token: token.expose_secret().to_owned(),
            tenant_id: account.organisation.uuid(),
            client_id: PUBLIC_CLIENT,
        };
        Ok(Reply::ok(&set).secret(&["/recoveryCodes", "/refreshToken"]))
    };
    let confirmed = me.write(&parts, confirm).await;
    if confirmed.as_ref().is_err_and(|error| error.problem().code.name == "secondFactorWrong") {
        attempts.failed(&own, &network, now);
    }
    confirmed
}
