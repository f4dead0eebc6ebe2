//! Who asks: extractors that put the permission into a handler's signature.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use uuid::Uuid;

use super::model::{
    AccessError, AppOnly, ApplicationId, CustomerId, OrganisationId, OrganisationKind, PartnerId, Permission, Role,
    Rule, UserId, UserState,
};
use super::store;
use super::tokens::{Claims, Tokens};
use crate::audit::Actor;
use crate::platform::Parts;
use crate::platform::error::Outcome;
use crate::platform::http::{Admission, Error, RequestIds};

/// Who asks and for which organisation. Only sign-in makes one, so a function that takes `&Scope` knows its caller, and
/// takes the tenant's id from it: there is never a second id to compare.
#[derive(Clone, Debug)]
pub struct Scope {
    organisation: OrganisationId,
    kind: OrganisationKind,
    user: Option<UserId>,
    application: Option<ApplicationId>,
    roles: Vec<Role>,
    request: RequestIds,
}

impl Scope {
    /// The organisation the caller acts for.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// What kind of organisation that is.
    pub fn kind(&self) -> OrganisationKind {
        self.kind
    }

    /// The caller's organisation as a partner; `None` if it is none.
    pub fn as_partner(&self) -> Option<PartnerId> {
        matches!(self.kind, OrganisationKind::Provider | OrganisationKind::Reseller)
            .then(|| PartnerId::from_uuid(self.organisation.uuid()))
    }

    /// The caller's organisation as a customer; `None` if it is none.
    pub fn as_customer(&self) -> Option<CustomerId> {
        (self.kind == OrganisationKind::Customer).then(|| CustomerId::from_uuid(self.organisation.uuid()))
    }

    /// The id under which the caller's organisation partners. Of an organisation that is no partner nothing is found
    /// under it.
    pub fn partner(&self) -> PartnerId {
        PartnerId::from_uuid(self.organisation.uuid())
    }

    /// The person, unless an application acts by itself.
    pub fn user_id(&self) -> Option<UserId> {
        self.user
    }

    /// The call.
    pub fn request_ids(&self) -> RequestIds {
        self.request
    }

    /// Whether a person is behind the call.
    ///
    /// # Errors
    /// [`AccessError::AppOnlyRefused`] if an application acts by itself.
    pub fn require_user(&self) -> Result<UserId, AccessError> {
        self.user.ok_or(AccessError::AppOnlyRefused)
    }

    fn may(&self, rule: &Rule) -> Result<(), AccessError> {
        if self.user.is_none() && rule.app_only == AppOnly::Refused {
            return Err(AccessError::AppOnlyRefused);
        }
        if !rule.is_for(self.kind) {
            let kinds: Vec<&str> = rule.holders.iter().map(|(kind, _)| kind.as_str()).collect();
            return Err(AccessError::WrongOrganisation { expected: kinds.join(" or "), actual: self.kind });
        }
        if !rule.is_held_by(self.kind, &self.roles) {
            let holding = rule.holders.iter().filter(|(kind, _)| *kind == self.kind).flat_map(|(_, roles)| *roles);
            let mut names = vec![Role::GlobalAdmin.as_str()];
            names.extend(holding.map(|role| role.as_str()));
            return Err(AccessError::RoleMissing { needed: names.join(", ") });
        }
        Ok(())
    }
}

impl Actor for Scope {
    fn organisation(&self) -> Option<Uuid> {
        Some(self.organisation.uuid())
    }
    fn user(&self) -> Option<Uuid> {
        self.user.map(UserId::uuid)
    }
    fn application(&self) -> Option<Uuid> {
        self.application.map(ApplicationId::uuid)
    }
    fn request(&self) -> RequestIds {
        self.request
    }
}

/// Signed in, acting for the company, holding permission `P`. A handler that does not take it is public, and says so by
/// taking [`Anyone`].
pub struct Allowed<P> {
    /// Who asks.
    pub scope: Scope,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admission = Admission::announce(request);
        let scope = authenticate(request, payload);
        Box::pin(async move {
            let scope = scope.await?;
            scope.may(&P::RULE)?;
            admission.grant();
            Ok(Self { scope, permission: PhantomData })
        })
    }
}

/// The handler is public on purpose.
pub struct Anyone {
    /// The call.
    pub request: RequestIds,
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ids = RequestIds::from_request(request, payload).into_inner();
        std::future::ready(Ok(Self { request: ids.unwrap_or_else(|never| match never {}) }))
    }
}

fn authenticate(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Scope, Error>> + use<> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let parts = request.app_data::<Data<Parts>>().cloned();
    let tokens = request.app_data::<Data<Tokens>>().cloned();
    let ids = RequestIds::from_request(request, payload).into_inner();
    async move {
        let ids = ids.unwrap_or_else(|never| match never {});
        let (Some(parts), Some(tokens)) = (parts, tokens) else { return Err(AccessError::TokenMissing.into()) };
        let token = token.ok_or(AccessError::TokenMissing)?;
        let claims = tokens.verify(&token, parts.clock.now())?;
        Ok(parts.db.read(move |read| scope_of(read, &claims, ids)).await?)
    }
}

/// Roles, state and epoch are read per request: what ends an account ends its tokens at once.
fn scope_of(
    read: &mut crate::platform::db::Read<'_>,
    claims: &Claims,
    request: RequestIds,
) -> Outcome<Scope, AccessError> {
    match claims.oid {
        Some(user) => {
            let user = UserId::from_uuid(user);
            let found = store::principal_user(read, user)?;
            let found = found.ok_or(AccessError::TokenInvalid("its account is gone"))?;
            if found.state != UserState::Active {
                return Err(AccessError::TokenInvalid("its account is not active").into());
            }
            if found.epoch != claims.epoch {
                return Err(AccessError::TokenInvalid("the account has changed since").into());
            }
            if found.organisation.uuid() != claims.tid {
                return Err(AccessError::TokenInvalid("it is for another organisation").into());
            }
            Ok(Scope {
                organisation: found.organisation,
                kind: found.kind,
                user: Some(user),
                application: None,
                roles: found.roles,
                request,
            })
        }
        None => {
            let application = ApplicationId::from_uuid(claims.sub);
            let found = store::principal_application(read, application)?;
            let found = found.ok_or(AccessError::TokenInvalid("its application is gone"))?;
            Ok(Scope {
                organisation: found.organisation,
                kind: found.kind,
                user: None,
                application: Some(application),
                roles: found.roles,
                request,
            })
        }
    }
}
