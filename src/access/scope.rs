//! Who asks: the organisation, the person or application, and what they may do in their own company.

use std::sync::Arc;

use diesel::QueryResult;
use uuid::Uuid;

use super::model::{
    AccessError, AccessSettings, Account, AppOnly, ApplicationId, CustomerId, OrganisationId, OrganisationKind,
    PartnerId, Permission, Role, Rule, Stage, UserId, UserState,
};
use super::store;
use super::tokens::Claims;
use crate::audit::Actor;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::http::RequestIds;
use crate::platform::keys::secret_digest;

/// Who asks and for which organisation. Only sign-in makes one, so a function that takes `&Scope` knows its caller, and
/// takes the tenant's id from it: there is never a second id to compare.
#[derive(Clone, Debug)]
pub struct Scope {
    organisation: OrganisationId,
    kind: OrganisationKind,
    user: Option<UserId>,
    application: Option<ApplicationId>,
    roles: Vec<Role>,
    tenant: Option<CustomerId>,
    second_factor: bool,
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

    /// The roles held in the caller's own company.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether the caller proved a second factor when it signed in.
    pub fn proved_second_factor(&self) -> bool {
        self.second_factor
    }

    /// The customer whose tenant the caller's token is for, if it is not for the caller's own: then it opens nothing
    /// but that customer.
    pub fn confined_to(&self) -> Option<CustomerId> {
        self.tenant
    }

    /// The customer whose tenant the caller's token is for: its own, or one that it administers.
    pub fn tenant_customer(&self) -> Option<CustomerId> {
        self.tenant.or_else(|| self.as_customer())
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

    /// Whether the caller holds permission `P` in its own company.
    pub fn holds<P: Permission>(&self) -> bool {
        self.may(&P::RULE).is_ok()
    }

    /// Whether the caller holds the permission of `rule` in its own company.
    ///
    /// # Errors
    /// Says whether the kind of organisation, the role or a user is missing.
    pub fn may(&self, rule: &Rule) -> Result<(), AccessError> {
        if self.user.is_none() && rule.app_only == AppOnly::Refused {
            return Err(AccessError::AppOnlyRefused);
        }
        if !rule.is_for(self.kind) {
            let kinds: Vec<&str> = rule.holders.iter().map(|(kind, _)| kind.as_str()).collect();
            return Err(AccessError::WrongOrganisation { expected: kinds.join(" or "), actual: self.kind });
        }
        if !rule.is_held_by(self.kind, &self.roles) {
            return Err(AccessError::RoleMissing { needed: rule.roles_of(self.kind) });
        }
        Ok(())
    }
}

impl Scope {
    /// Whether a token for a customer's tenant is used for that customer. `named` is the customer of the path.
    pub(super) fn stays_in_tenant(&self, named: Option<&str>) -> Result<(), AccessError> {
        match self.tenant {
            Some(customer) if named.and_then(|named| named.parse().ok()) != Some(customer) => {
                Err(AccessError::WrongTenant(customer))
            }
            _ => Ok(()),
        }
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

/// The holder of an account, who proved it without a token: by a password, a session or a mailed link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    organisation: OrganisationId,
    user: UserId,
    request: RequestIds,
}

impl Holder {
    pub(super) fn of(account: &Account, request: RequestIds) -> Self {
        Self { organisation: account.organisation, user: account.id, request }
    }
}

impl Actor for Holder {
    fn organisation(&self) -> Option<Uuid> {
        Some(self.organisation.uuid())
    }
    fn user(&self) -> Option<Uuid> {
        Some(self.user.uuid())
    }
    fn application(&self) -> Option<Uuid> {
        None
    }
    fn request(&self) -> RequestIds {
        self.request
    }
}

/// What proves who calls.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// A verified access token.
    Token(Arc<Claims>),
}

/// Whether a partner administers a customer at a moment: delegation knows, and the program tells this module.
#[derive(Clone, Copy)]
pub struct Tenancy(pub fn(&mut Read<'_>, PartnerId, CustomerId, Timestamp) -> QueryResult<bool>);

/// Which sign-in is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Any: to set up a second factor.
    Password,
    /// With the second factor, if the account has one.
    SecondFactorIfSetUp,
    /// With a second factor, of whoever acts for others.
    SecondFactor,
}

impl Proof {
    fn is_needed(self, of: &store::Principal) -> bool {
        match self {
            Proof::Password => false,
            Proof::SecondFactorIfSetUp => of.has_second_factor,
            Proof::SecondFactor => of.has_second_factor || of.kind.needs_second_factor(),
        }
    }
}

/// Which sign-in the settings ask for.
pub(super) fn usual_proof(settings: &AccessSettings) -> Proof {
    if settings.second_factor.is_required() { Proof::SecondFactor } else { Proof::SecondFactorIfSetUp }
}

/// What decides over a caller beside its own account.
#[derive(Clone, Copy)]
pub(super) struct Conditions {
    pub(super) proof: Proof,
    pub(super) tenancy: Tenancy,
}

/// Roles, state and epoch are read per request: what ends an account ends its tokens at once.
pub(super) fn scope_of(
    read: &mut Read<'_>,
    credential: &Credential,
    conditions: Conditions,
    request: RequestIds,
    now: Timestamp,
) -> Outcome<Scope, AccessError> {
    let Credential::Token(claims) = credential;
    let scope = match claims.oid {
        Some(user) => {
            let user = UserId::from_uuid(user);
            let found = store::principal_user(read, user)?.ok_or(AccessError::TokenInvalid("its account is gone"))?;
            if found.state != UserState::Active {
                return Err(AccessError::TokenInvalid("its account is not active").into());
            }
            if found.epoch != claims.epoch {
                return Err(AccessError::TokenInvalid("the account has changed since").into());
            }
            let proved = claims.amr.iter().any(|method| method == "mfa");
            if conditions.proof.is_needed(&found) && !proved {
                return Err(AccessError::SecondFactorMissing.into());
            }
            Scope {
                organisation: found.organisation,
                kind: found.kind,
                user: Some(user),
                application: claims.appid.parse().ok(),
                roles: found.roles,
                tenant: None,
                second_factor: proved,
                request,
            }
        }
        None => {
            let application = ApplicationId::from_uuid(claims.sub);
            let found = store::principal_application(read, application)?
                .ok_or(AccessError::TokenInvalid("its application is gone"))?;
            if found.epoch != claims.epoch {
                return Err(AccessError::TokenInvalid("the application has changed since").into());
            }
            Scope {
                organisation: found.organisation,
                kind: found.kind,
                user: None,
                application: Some(application),
                roles: found.roles,
                tenant: None,
                second_factor: false,
                request,
            }
        }
    };
    if scope.organisation.uuid() == claims.tid {
        return Ok(scope);
    }
    // A token for a customer's tenant keeps the partner's identity, and is worth what the delegation is worth now.
    let customer = CustomerId::from_uuid(claims.tid);
    let administers = match scope.as_partner() {
        Some(partner) => (conditions.tenancy.0)(read, partner, customer, now)?,
        None => false,
    };
    if !administers {
        return Err(AccessError::TenantClosed(customer).into());
    }
    Ok(Scope { tenant: Some(customer), ..scope })
}

/// Whoever is signed in with a browser whose cookie this is; `None` if nobody is, or not with proof enough.
pub(super) fn session_scope(
    read: &mut Read<'_>,
    cookie: &str,
    conditions: Conditions,
    request: RequestIds,
    now: Timestamp,
) -> QueryResult<Option<Scope>> {
    let session = store::sessions::live_session(read, &secret_digest(cookie), now)?;
    let Some(session) = session.filter(|session| session.stage == Stage::SignedIn) else { return Ok(None) };
    let Some(found) = store::principal_user(read, session.user)? else { return Ok(None) };
    if conditions.proof.is_needed(&found) && !session.second_factor {
        return Ok(None);
    }
    Ok(Some(Scope {
        organisation: found.organisation,
        kind: found.kind,
        user: Some(session.user),
        application: None,
        roles: found.roles,
        tenant: None,
        second_factor: session.second_factor,
        request,
    }))
}
