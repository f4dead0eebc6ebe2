//! Use cases of the token and authorization endpoints: each grant gives who a token is for.

use std::time::Duration;

use diesel::QueryResult;
use secrecy::SecretString;

use super::super::PUBLIC_CLIENT;
use super::super::model::{
    AccessSettings, Account, Application, ApplicationId, AuthorizationError, AuthorizationId, AuthorizationRequest,
    CustomerId, FamilyId, OrganisationId, OrganisationKind, PartnerId, TokenError, UserId, UserState, check_verifier,
    is_loopback_redirect,
};
use super::super::scope::Tenancy;
use super::super::store::tokens::{self, AuthorizationRow, SignIn};
use super::super::store::{self, applications, users};
use crate::audit::{self, Actor, Event};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::keys::{Keys, new_secret, secret_digest};

/// The client of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// The built-in one, which keeps no secret.
    Public,
    /// A registered one that presented its secret.
    Application(ApplicationId),
}

impl Client {
    fn application(self) -> Option<ApplicationId> {
        match self {
            Client::Public => None,
            Client::Application(id) => Some(id),
        }
    }
}

/// An application that presented a good secret.
#[derive(Clone, Copy, Debug)]
pub struct ProvedApplication {
    /// Its id.
    pub id: ApplicationId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Raised by whatever ends its tokens.
    pub epoch: i64,
}

/// The application with this id, if the secret is one of its own.
///
/// # Errors
/// [`TokenError::InvalidClient`].
pub fn prove_application(
    read: &mut Read<'_>,
    client_id: &str,
    secret: &str,
    now: Timestamp,
) -> Outcome<ProvedApplication, TokenError> {
    let id: ApplicationId = client_id.parse().map_err(|_| TokenError::InvalidClient)?;
    let found = applications::application_with_secret(read, id, &secret_digest(secret), now)?;
    let (organisation, epoch) = found.ok_or(TokenError::InvalidClient)?;
    Ok(ProvedApplication { id, organisation, epoch })
}

/// `{tenant}` of a request, as it stands in the path.
#[derive(Clone, Debug)]
pub struct Tenant(String);

impl Tenant {
    /// An id, a domain, `common` or `organizations`, in any case.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    /// The tenant's id, where it names one that exists.
    ///
    /// # Errors
    /// Only the database's.
    pub fn resolve(&self, read: &mut Read<'_>) -> QueryResult<Option<OrganisationId>> {
        match self.0.parse::<OrganisationId>() {
            Ok(id) => Ok(Some(id)),
            Err(_) => store::organisation_by_domain(read, &self.0),
        }
    }

    fn is_any(&self) -> bool {
        matches!(self.0.as_str(), "common" | "organizations")
    }
}

/// The tenant a token is made for: the caller's own, or that of a customer whom the caller administers now.
fn tenant_for(
    read: &mut Read<'_>,
    tenant: &Tenant,
    own: OrganisationId,
    tenancy: Tenancy,
    now: Timestamp,
) -> Outcome<OrganisationId, TokenError> {
    if tenant.is_any() {
        return Ok(own);
    }
    let wrong = || TokenError::WrongTenant(tenant.0.clone());
    let named = tenant.resolve(read)?.ok_or_else(wrong)?;
    if named == own {
        return Ok(own);
    }
    let kind = store::organisation(read, own)?.map(|(kind, _)| kind);
    let partner = PartnerId::from_uuid(own.uuid());
    let open = kind.is_some_and(OrganisationKind::is_partner)
        && (tenancy.0)(read, partner, CustomerId::from_uuid(named.uuid()), now)?;
    if open { Ok(named) } else { Err(wrong().into()) }
}

/// The tenant for which an application gets a token of its own.
///
/// # Errors
/// [`TokenError::WrongTenant`].
pub fn application_tenant(
    read: &mut Read<'_>,
    application: ProvedApplication,
    tenant: &Tenant,
    tenancy: Tenancy,
    now: Timestamp,
) -> Outcome<OrganisationId, TokenError> {
    tenant_for(read, tenant, application.organisation, tenancy, now)
}

/// What refresh tokens begin with.
const REFRESH_PREFIX: &str = "pcr_";

pub(super) fn issue_refresh_token(
    tx: &mut Tx<'_>,
    sign_in: SignIn,
    account: &Account,
    settings: &AccessSettings,
    now: Timestamp,
) -> QueryResult<SecretString> {
    let (token, digest) = new_secret(REFRESH_PREFIX);
    let expires_at = now.after(days(settings.refresh_token_days));
    tokens::insert_refresh_token(tx, sign_in, account, &digest, now, expires_at)?;
    Ok(token)
}

/// Who a user's token is for.
pub struct Granted {
    /// The user.
    pub account: Account,
    /// The tenant.
    pub tenant: OrganisationId,
    /// Whether a second factor was proved at the sign-in.
    pub second_factor: bool,
    /// The next refresh token.
    pub refresh_token: SecretString,
    /// What was asked for at the authorization endpoint, for an id token.
    pub request: Option<AuthorizationRequest>,
}

/// How a redemption ended. A spent token is an ending of its own, because it changes something: its family is revoked.
pub enum Redemption {
    /// Good.
    Granted(Box<Granted>),
    /// Unknown, expired, revoked, or spent: then the whole family is revoked.
    Refused,
}

/// Two uses of one token this close together are a client's retry; later ones mean that it was stolen.
const GRACE: Duration = Duration::from_secs(10);

/// Redeems a refresh token. A client with a secret may redeem one again while it lives; of the built-in one each token
/// gives way to the next, and a late second use ends the whole family.
///
/// # Errors
/// [`TokenError::WrongTenant`].
pub fn redeem(
    tx: &mut Tx<'_>,
    keys: &Keys,
    token: &str,
    client: Client,
    (tenant, tenancy): (&Tenant, Tenancy),
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<Redemption, TokenError> {
    let Some(row) = tokens::refresh_token(tx, &secret_digest(token))? else { return Ok(Redemption::Refused) };
    let Some(account) = users::account(tx, row.user_id)? else { return Ok(Redemption::Refused) };
    let live = row.revoked_at.is_none()
        && now < row.expires_at
        && row.application_id == client.application()
        && account.state == UserState::Active
        && account.epoch == row.user_epoch;
    if !live {
        return Ok(Redemption::Refused);
    }
    if client == Client::Public && row.redeemed_at.is_some_and(|at| now > at.after(GRACE)) {
        tokens::revoke_family(tx, row.family_id, now)?;
        return Ok(Redemption::Refused);
    }
    let tenant = tenant_for(tx, tenant, account.organisation, tenancy, now)?;
    let is_first = tokens::mark_redeemed(tx, row.id, now)?;
    let sign_in = SignIn { family: row.family_id, application: row.application_id, second_factor: row.second_factor };
    let refresh_token = match client {
        Client::Application(_) => issue_refresh_token(tx, sign_in, &account, settings, now)?,
        // A retry is told the same successor: with one each, a thief's would live on beside the owner's unnoticed.
        Client::Public => {
            let (successor, digest) = keys.successor(REFRESH_PREFIX, token);
            if is_first {
                let expires_at = now.after(days(settings.refresh_token_days));
                tokens::insert_refresh_token(tx, sign_in, &account, &digest, now, expires_at)?;
            }
            successor
        }
    };
    let second_factor = row.second_factor;
    Ok(Redemption::Granted(Box::new(Granted { account, tenant, second_factor, refresh_token, request: None })))
}

/// How long a person may take to answer an application's request.
const REQUEST_LIFE: Duration = Duration::from_secs(30 * 60);
/// How long a code may be redeemed (RFC 6749 section 4.1.2: at most ten minutes).
const CODE_LIFE: Duration = Duration::from_secs(5 * 60);

/// Who asks for authorization: a registered application, or the built-in client.
#[derive(Clone, Debug)]
pub enum Asker {
    /// A registered application and whose it is.
    Application(OrganisationId, Application),
    /// The built-in client.
    BuiltIn,
}

/// The client of an authorization request, if it may have the answer at `redirect`. Until that is certain, browsers are
/// sent nowhere.
///
/// # Errors
/// See [`AuthorizationError`].
pub fn asker(read: &mut Read<'_>, client_id: &str, redirect: &str) -> Outcome<Asker, AuthorizationError> {
    if client_id == PUBLIC_CLIENT {
        let open = is_loopback_redirect(redirect);
        return if open { Ok(Asker::BuiltIn) } else { Err(AuthorizationError::RedirectUnknown.into()) };
    }
    let id: ApplicationId = client_id.parse().map_err(|_| AuthorizationError::ClientUnknown)?;
    let (owner, application) = applications::client(read, id)?.ok_or(AuthorizationError::ClientUnknown)?;
    if !application.redirects.iter().any(|registered| registered == redirect) {
        return Err(AuthorizationError::RedirectUnknown.into());
    }
    Ok(Asker::Application(owner, application))
}

/// Keeps a request until the person has answered it; the browser carries only the id.
///
/// # Errors
/// Only the database's.
pub fn keep_request(tx: &mut Tx<'_>, request: &AuthorizationRequest, now: Timestamp) -> QueryResult<AuthorizationId> {
    let id = AuthorizationId::fresh();
    let text =
        serde_json::to_string(request).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    tokens::insert_authorization(tx, id, &request.client_id, &text, now.after(REQUEST_LIFE))?;
    Ok(id)
}

fn request_of(row: &AuthorizationRow) -> QueryResult<AuthorizationRequest> {
    serde_json::from_str(&row.request).map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}

/// A request that waits for its answer.
///
/// # Errors
/// [`AuthorizationError::RequestGone`] for unknown, answered and old ones alike.
pub fn kept_request(
    read: &mut Read<'_>,
    id: AuthorizationId,
    now: Timestamp,
) -> Outcome<AuthorizationRequest, AuthorizationError> {
    let row = tokens::authorization(read, id)?.filter(|row| row.user_id.is_none() && now < row.expires_at);
    Ok(request_of(&row.ok_or(AuthorizationError::RequestGone)?)?)
}

/// The person agrees: a code for the application, which acts in the person's name from then on.
///
/// # Errors
/// See [`AuthorizationError`].
pub fn agree(
    tx: &mut Tx<'_>,
    id: AuthorizationId,
    user: UserId,
    second_factor: bool,
    actor: &dyn Actor,
    now: Timestamp,
) -> Outcome<(AuthorizationRequest, Account, SecretString), AuthorizationError> {
    let request = kept_request(tx, id, now)?;
    let account = users::account(tx, user)?.ok_or(AuthorizationError::RequestGone)?;
    let application = match asker(tx, &request.client_id, &request.redirect_uri)? {
        Asker::BuiltIn => None,
        Asker::Application(owner, _) if owner != account.organisation => {
            return Err(AuthorizationError::OtherCompany.into());
        }
        Asker::Application(_, application) => Some(application.id),
    };
    let (code, digest) = new_secret("pca_");
    let sign_in = SignIn { family: FamilyId::fresh(), application, second_factor };
    if !tokens::answer_authorization(tx, id, &account, sign_in, &digest, now.after(CODE_LIFE))? {
        return Err(AuthorizationError::RequestGone.into());
    }
    let event = Event::ApplicationAuthorized { user: user.uuid(), client: request.client_id.clone() };
    audit::record(tx, actor, &event, now)?;
    Ok((request, account, code))
}

/// The person does not agree. The request is gone.
///
/// # Errors
/// [`AuthorizationError::RequestGone`].
pub fn disagree(
    tx: &mut Tx<'_>,
    id: AuthorizationId,
    now: Timestamp,
) -> Outcome<AuthorizationRequest, AuthorizationError> {
    let request = kept_request(tx, id, now)?;
    tokens::delete_authorization(tx, id)?;
    Ok(request)
}

/// Redeems a code. One that is redeemed twice was stolen once: what came of it ends.
///
/// # Errors
/// [`TokenError`] for a wrong tenant.
pub fn redeem_code(
    tx: &mut Tx<'_>,
    code: &str,
    client: Client,
    (redirect, verifier): (&str, Option<&str>),
    (tenant, tenancy): (&Tenant, Tenancy),
    settings: &AccessSettings,
    now: Timestamp,
) -> Outcome<Redemption, TokenError> {
    let Some(row) = tokens::authorization_by_code(tx, &secret_digest(code))? else { return Ok(Redemption::Refused) };
    let request = request_of(&row)?;
    let (Some(user), Some(family)) = (row.user_id, row.family_id) else { return Ok(Redemption::Refused) };
    if row.redeemed_at.is_some() {
        tokens::revoke_family(tx, family, now)?;
        return Ok(Redemption::Refused);
    }
    let application = match client {
        Client::Public => request.client_id == PUBLIC_CLIENT,
        Client::Application(id) => request.client_id.parse() == Ok(id),
    };
    let fits = application
        && now < row.expires_at
        && request.redirect_uri == redirect
        && check_verifier(request.code_challenge.as_deref(), verifier).is_ok();
    let account = users::account(tx, user)?
        .filter(|account| account.state == UserState::Active && Some(account.epoch) == row.user_epoch);
    let Some(account) = account.filter(|_| fits) else { return Ok(Redemption::Refused) };
    if !tokens::redeem_code(tx, row.id, now)? {
        return Ok(Redemption::Refused);
    }
    let tenant = tenant_for(tx, tenant, account.organisation, tenancy, now)?;
    let second_factor = row.second_factor.unwrap_or(false);
    let sign_in = SignIn { family, application: client.application(), second_factor };
    let refresh_token = issue_refresh_token(tx, sign_in, &account, settings, now)?;
    let request = Some(request);
    Ok(Redemption::Granted(Box::new(Granted { account, tenant, second_factor, refresh_token, request })))
}
