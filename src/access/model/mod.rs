//! Organisations, users, roles, permissions: types and pure rules.

mod notifications;
mod oauth;
mod permissions;
mod refusals;

use serde::Deserialize;

use crate::platform::clock::Timestamp;
use crate::{ids, words};

pub use notifications::*;
pub use oauth::*;
pub use permissions::*;
pub use refusals::*;

ids! {
    /// Any organisation: operator, provider, reseller or customer. On the wire a tenant id.
    OrganisationId,
    /// A provider or a reseller.
    PartnerId,
    /// A customer.
    CustomerId,
    /// A person's account.
    UserId,
    /// An application registered by an organisation.
    ApplicationId,
    /// A secret of an application.
    SecretId,
    /// A refresh token.
    RefreshTokenId,
    /// The refresh tokens that descend from one sign-in.
    FamilyId,
    /// A browser's session.
    SessionId,
    /// What an application asked for at the authorization endpoint.
    AuthorizationId,
    /// A recovery code.
    RecoveryCodeId,
}

impl From<PartnerId> for OrganisationId {
    fn from(id: PartnerId) -> Self {
        Self::from_uuid(id.uuid())
    }
}

impl From<CustomerId> for OrganisationId {
    fn from(id: CustomerId) -> Self {
        Self::from_uuid(id.uuid())
    }
}

words! {
    /// What an organisation is.
    OrganisationKind {
        /// Runs this service.
        Operator = "operator",
        /// An indirect provider.
        Provider = "provider",
        /// An indirect reseller.
        Reseller = "reseller",
        /// A customer.
        Customer = "customer",
    }
}

impl OrganisationKind {
    /// Whether it acts for customers.
    pub fn is_partner(self) -> bool {
        matches!(self, OrganisationKind::Provider | OrganisationKind::Reseller)
    }

    /// Whether its users prove a second factor where that is required: those who act for others. A customer's admin may
    /// have one.
    pub fn needs_second_factor(self) -> bool {
        self != OrganisationKind::Customer
    }
}

words! {
    /// Whether an account can be used.
    UserState {
        /// Waiting for its activation code.
        Invited = "invited",
        /// In use.
        Active = "active",
        /// Shut out.
        Suspended = "suspended",
        /// Gone, but for its name in the trail.
        Removed = "removed",
    }
}

words! {
    /// What a user is allowed to be. A user may have several; a Global admin holds every permission of its company.
    Role {
        /// Everything in its own company.
        GlobalAdmin = "global_admin",
        /// Users and their roles, and the provider's daily work.
        UserManagementAdmin = "user_management_admin",
        /// Works for customers.
        AdminAgent = "admin_agent",
        /// Sells.
        SalesAgent = "sales_agent",
        /// Reads.
        HelpdeskAgent = "helpdesk_agent",
    }
}

/// An account as sign-in sees it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// The organisation it belongs to.
    pub organisation: OrganisationId,
    /// The name it signs in with: an e-mail address, or `admin@domain` of a customer.
    pub user_name: String,
    /// How pages and mails call the person.
    pub display_name: String,
    /// The language of the person's mails.
    pub language: String,
    /// Whether it can be used.
    pub state: UserState,
    /// Its password, hashed.
    pub password_hash: Option<String>,
    /// Whether the password must be changed at the first sign-in.
    pub password_is_temporary: bool,
    /// When a temporary password ends.
    pub password_expires_at: Option<Timestamp>,
    /// Which activation link is the current one.
    pub activation_version: i32,
    /// When that link ends.
    pub activation_expires_at: Option<Timestamp>,
    /// Which password reset link is the current one.
    pub reset_version: i32,
    /// When that link ends.
    pub reset_expires_at: Option<Timestamp>,
    /// The second factor, if one is set up or being set up.
    pub second_factor: SecondFactor,
    /// Raised by whatever ends old credentials.
    pub epoch: i64,
}

/// Where an account's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Which secret is the current one; its bytes derive from this and the key file.
    pub version: i32,
    /// Since when it is in use; `None` if it is not.
    pub since: Option<Timestamp>,
    /// The last time step whose code was used: a code opens once (RFC 6238 section 5.2).
    pub last_step: i64,
}

/// A user, for whoever manages users.
#[derive(Clone, Debug)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The name it signs in with.
    pub user_name: String,
    /// How pages and mails call the person.
    pub display_name: String,
    /// Whether the account can be used.
    pub state: UserState,
    /// What the person may do, sorted.
    pub roles: Vec<Role>,
    /// The language of the person's mails.
    pub language: String,
    /// Whether a second factor is set up.
    pub second_factor: bool,
    /// Raised by every change: the etag.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An application of a company.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its id, which clients send as `client_id`.
    pub id: ApplicationId,
    /// Its name.
    pub name: String,
    /// What it may do when no user is behind a call.
    pub roles: Vec<Role>,
    /// Where browsers may be sent back to.
    pub redirects: Vec<String>,
    /// Its secrets, oldest first; at most two.
    pub secrets: Vec<ApplicationSecret>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A client secret: that it exists, never what it is.
#[derive(Clone, Debug)]
pub struct ApplicationSecret {
    /// Its id.
    pub id: SecretId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

words! {
    /// How far a browser has come in signing in.
    Stage {
        /// The password was right; the second factor comes next.
        SecondFactor = "second_factor",
        /// The password was right; a second factor has to be set up.
        EnrolFactor = "enrol_factor",
        /// The password was temporary; a new one comes next.
        NewPassword = "new_password",
        /// Signed in.
        SignedIn = "signed_in",
    }
}

/// A browser's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// Whether a second factor was proved.
    pub second_factor: bool,
    /// The application that sent the browser here, to which it returns.
    pub authorization: Option<AuthorizationId>,
}

/// `[access]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSettings {
    /// Minutes an access token lives.
    pub access_token_minutes: u64,
    /// Days a refresh token lives after its last use.
    pub refresh_token_days: u64,
    /// Days an activation code can be used.
    pub activation_days: u64,
    /// Days a customer's temporary password can be used.
    pub temporary_password_days: u64,
    /// Whether users of partners and of the operator must prove a second factor.
    pub second_factor: SecondFactorRule,
}

words! {
    /// `access.second_factor`
    SecondFactorRule {
        /// Whoever has none sets one up first, and can do nothing else.
        Required = "required",
        /// Whoever has one proves it.
        Optional = "optional",
    }
}

impl SecondFactorRule {
    /// Whether those who act for others must prove one.
    pub fn is_required(self) -> bool {
        self == SecondFactorRule::Required
    }
}

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            access_token_minutes: 60,
            refresh_token_days: 90,
            activation_days: 14,
            temporary_password_days: 90,
            second_factor: SecondFactorRule::Required,
        }
    }
}
