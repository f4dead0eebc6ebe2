//! Organisations, users, roles, permissions: types and pure rules.

use serde::Deserialize;

use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::{ids, words};

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

/// Whether a call without a user may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppOnly {
    /// It may, with the application's roles.
    Accepted,
    /// It may not: the contract wants app+user, or a person has to answer for it.
    Refused,
}

/// One line of the permission table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The permission's name.
    pub name: &'static str,
    /// Whether a call without a user may use it.
    pub app_only: AppOnly,
    /// For each kind of organisation that has it: the roles, beside Global admin, that hold it.
    pub holders: &'static [(OrganisationKind, &'static [Role])],
}

impl Rule {
    /// Whether an organisation of this kind can have the permission at all.
    pub fn is_for(&self, kind: OrganisationKind) -> bool {
        self.holders.iter().any(|(holder, _)| *holder == kind)
    }

    /// The roles of this kind of organisation that hold it, as refusals name them.
    pub fn roles_of(&self, kind: OrganisationKind) -> String {
        let holding = self.holders.iter().filter(|(holder, _)| *holder == kind).flat_map(|(_, roles)| *roles);
        let names: Vec<&str> = [&Role::GlobalAdmin].into_iter().chain(holding).map(|role| role.as_str()).collect();
        names.join(", ")
    }

    /// Whether somebody of this kind of organisation with these roles holds it.
    pub fn is_held_by(&self, kind: OrganisationKind, roles: &[Role]) -> bool {
        self.holders.iter().any(|(holder, holding)| {
            *holder == kind && roles.iter().any(|role| *role == Role::GlobalAdmin || holding.contains(role))
        })
    }
}

/// A permission as a type: a handler that takes [`super::Allowed`] of it cannot run without it.
pub trait Permission: 'static {
    /// Its line of the table.
    const RULE: Rule;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident, $app_only:ident: $($kind:ident [$($role:ident),*])+;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;
            impl Permission for $name {
                const RULE: Rule = Rule {
                    name: stringify!($name),
                    app_only: AppOnly::$app_only,
                    holders: &[$((OrganisationKind::$kind, &[$(Role::$role),*])),+],
                };
            }
        )+

        /// The permission table: who, beside each company's Global admin, may do what.
        pub const PERMISSIONS: &[Rule] = &[$($name::RULE),+];
    };
}

permissions! {
    /// List providers, publish agreements, see enrolments, load the device directory.
    RunTheCentre, Accepted: Operator [];
    /// Approve or reject enrolments.
    DecideEnrollments, Refused: Operator [];
    /// Register applications of one's own company.
    ManageApplications, Refused: Operator [] Provider [] Reseller [] Customer [];
    /// See one's own enrolment.
    ReadOwnEnrollment, Accepted: Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Sign the Microsoft Partner Agreement.
    SignAgreement, Refused: Provider [] Reseller [];
    /// See which agreements one's company has signed.
    ReadAgreements, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Invite resellers and revoke invitations.
    InviteResellers, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent];
    /// See the invitations one's company sent.
    ReadInvitations, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Accept or decline a provider's invitation.
    AnswerInvitations, Refused: Reseller [AdminAgent, SalesAgent];
    /// List the partnerships of one's company.
    ReadPartnerships, Refused:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Remove a partnership, or leave one.
    RemovePartnerships, Refused:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent]
        Reseller [AdminAgent, SalesAgent];
    /// Create customers.
    CreateCustomers, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent];
    /// See one's customers.
    ReadCustomers, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See which partners can administer one's own organisation.
    ReadAdministrators, Refused: Customer [];
    /// End a partner's administration of one's own organisation.
    EndAdministration, Refused: Customer [];
    /// Register and deregister devices: the delegation to the customer is asked for as well.
    RegisterDevices, Accepted: Provider [AdminAgent, SalesAgent] Reseller [AdminAgent, SalesAgent] Customer [];
    /// See devices and registrations: the delegation to the customer is asked for as well.
    ReadDevices, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [];
    /// See what one's own company did, and what concerns it.
    ReadTrail, Accepted:
        Operator []
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [];
    /// Ask why one may not do something.
    AskWhy, Accepted:
        Operator [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
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
    /// Raised by whatever ends old credentials.
    pub epoch: i64,
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

/// Why a caller gets no further.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No `Authorization: Bearer …`.
    #[error("Send an access token: Authorization: Bearer …. The README says how to get one.")]
    TokenMissing,
    /// A token that is altered, expired, meant for somebody else, or whose account has changed since.
    #[error("The access token is not valid: {0}. Get a new one with your refresh token, or sign in again.")]
    TokenInvalid(&'static str),
    /// A person of a partner without a second factor (section 2.3 of the contract).
    #[error("Unauthorized - MFA required")]
    SecondFactorMissing,
    /// A token for a customer's tenant whose delegation has ended.
    #[error(
        "The access token is for the tenant of customer {0}, which you do not administer any more. Ask for a relationship, \
         or use a token for your own tenant."
    )]
    TenantClosed(CustomerId),
    /// A token for a customer's tenant, used elsewhere.
    #[error(
        "The access token is for the tenant of customer {0} and opens nothing else. Use one for your own tenant here."
    )]
    WrongTenant(CustomerId),
    /// The contract wants a person here.
    #[error("This operation needs a user: an app-only token is not accepted here. Use an app+user token.")]
    AppOnlyRefused,
    /// Another kind of organisation does this.
    #[error("This is for a {expected}; you act for a {actual}.")]
    WrongOrganisation {
        /// Who may.
        expected: String,
        /// Who asks.
        actual: OrganisationKind,
    },
    /// The right company, a role too few.
    #[error("Your roles do not include this. It takes one of: {needed}. Ask a Global admin of your company.")]
    RoleMissing {
        /// The roles that may.
        needed: String,
    },
}

impl Refusal for AccessError {
    fn code(&self) -> Code {
        match self {
            AccessError::TokenMissing => Code::new(800_001, "tokenMissing", Kind::Unauthenticated),
            AccessError::TokenInvalid(_) => Code::new(910_010, "tokenInvalid", Kind::Unauthenticated),
            AccessError::SecondFactorMissing => Code::new(910_011, "secondFactorMissing", Kind::Unauthenticated),
            AccessError::TenantClosed(_) => Code::new(910_012, "tenantClosed", Kind::Unauthenticated),
            AccessError::WrongTenant(_) => Code::new(910_013, "wrongTenantToken", Kind::Forbidden),
            AccessError::AppOnlyRefused => Code::new(900_329, "appOnlyRefused", Kind::Forbidden),
            AccessError::WrongOrganisation { .. } => Code::new(1002, "wrongOrganisation", Kind::Forbidden),
            AccessError::RoleMissing { .. } => Code::new(900_150, "roleMissing", Kind::Forbidden),
        }
    }
}

/// Why an account cannot be activated.
#[derive(Debug, thiserror::Error)]
pub enum ActivationError {
    /// Unknown, altered, used or expired: one answer for all.
    #[error("This activation code is not valid any more. Ask whoever invited you for a new one.")]
    CodeInvalid,
    /// The mailbox already has an account.
    #[error("There is already an account for {0}. Sign in with it instead.")]
    AddressHasAccount(String),
    /// The password breaks a rule.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Refusal for ActivationError {
    fn code(&self) -> Code {
        match self {
            ActivationError::CodeInvalid => Code::new(910_020, "activationCodeInvalid", Kind::BadInput),
            ActivationError::AddressHasAccount(_) => Code::new(910_021, "addressHasAccount", Kind::Conflict),
            ActivationError::Password(error) => error.code(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            ActivationError::Password(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.")]
    Length,
    /// The same as before.
    #[error("The new password must differ from the temporary one.")]
    Unchanged,
    /// Too many sign-ins at once.
    #[error("Too many sign-ins at this moment. Try again in a few seconds.")]
    Busy,
}

/// Characters of a password at least.
pub const MIN_PASSWORD: usize = 12;
/// Bytes of a password at most: hashing takes as long as its input is long.
pub const MAX_PASSWORD: usize = 1024;

impl Refusal for PasswordError {
    fn code(&self) -> Code {
        match self {
            PasswordError::Length => Code::new(910_022, "passwordLength", Kind::BadInput),
            PasswordError::Unchanged => Code::new(910_023, "passwordUnchanged", Kind::BadInput),
            PasswordError::Busy => Code::new(910_024, "signInBusy", Kind::Unavailable),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        matches!(self, PasswordError::Busy).then_some(3)
    }
}

/// Whether a new password keeps the rules.
///
/// # Errors
/// [`PasswordError::Length`].
pub fn check_password(password: &str) -> Result<(), PasswordError> {
    if password.chars().count() < MIN_PASSWORD || password.len() > MAX_PASSWORD {
        return Err(PasswordError::Length);
    }
    Ok(())
}

/// Why the first sign-in with a temporary password failed.
#[derive(Debug, thiserror::Error)]
pub enum FirstSignInError {
    /// Unknown user, wrong password, used already, expired: one answer for all.
    #[error(
        "The user name or the temporary password is wrong, or it was used or has expired. Ask the partner who created \
         your account for a new one."
    )]
    Refused,
    /// The new password breaks a rule.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Refusal for FirstSignInError {
    fn code(&self) -> Code {
        match self {
            FirstSignInError::Refused => Code::new(910_025, "firstSignInRefused", Kind::Unauthenticated),
            FirstSignInError::Password(error) => error.code(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        match self {
            FirstSignInError::Password(error) => error.retry_after(),
            FirstSignInError::Refused => None,
        }
    }
}

/// Why the token endpoint gives nothing (RFC 6749 section 5.2).
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A parameter is missing.
    #[error("The parameter {0} is missing.")]
    ParameterMissing(&'static str),
    /// A grant that is not offered; a password never is.
    #[error("The grant type \"{0}\" is not offered here. Use refresh_token or client_credentials.")]
    UnsupportedGrant(String),
    /// The refresh token is unknown, spent, expired or revoked.
    #[error("The refresh token is not valid any more. Sign in again.")]
    InvalidGrant,
    /// The client is unknown or its secret is wrong.
    #[error("The client is unknown, or its secret is wrong or has expired.")]
    InvalidClient,
    /// A resource that this service is not.
    #[error(
        "The resource or scope \"{0}\" is none of this service. Ask for https://api.partnercenter.microsoft.com/.default."
    )]
    UnknownResource(String),
    /// `{tenant}` is not the caller's.
    #[error("The tenant \"{0}\" is not the one this account or application belongs to.")]
    WrongTenant(String),
}

impl Refusal for TokenError {
    fn code(&self) -> Code {
        match self {
            TokenError::ParameterMissing(_) => Code::new(900_144, "tokenParameterMissing", Kind::BadInput),
            TokenError::UnsupportedGrant(_) => Code::new(70_003, "unsupportedGrantType", Kind::BadInput),
            TokenError::InvalidGrant => Code::new(70_008, "invalidGrant", Kind::BadInput),
            TokenError::InvalidClient => Code::new(7_000_215, "invalidClient", Kind::Unauthenticated),
            TokenError::UnknownResource(_) => Code::new(500_011, "invalidTarget", Kind::BadInput),
            TokenError::WrongTenant(_) => Code::new(90_002, "wrongTenant", Kind::BadInput),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpdesk_agent_only_reads_and_a_global_admin_does_everything_of_its_company() {
        // Whoever is signed in may ask why.
        for rule in PERMISSIONS.iter().filter(|rule| rule.name != AskWhy::RULE.name) {
            for (kind, _) in rule.holders {
                assert!(rule.is_held_by(*kind, &[Role::GlobalAdmin]), "{}", rule.name);
                let reads = rule.name.starts_with("Read");
                let helpdesk = rule.is_held_by(*kind, &[Role::HelpdeskAgent]);
                let partner = matches!(kind, OrganisationKind::Provider | OrganisationKind::Reseller);
                assert_eq!(helpdesk, reads && partner, "{} of a {kind}", rule.name);
                assert!(!rule.is_held_by(*kind, &[]), "{}", rule.name);
            }
        }
        for kind in OrganisationKind::ALL {
            assert!(Role::ALL.iter().all(|role| AskWhy::RULE.is_held_by(*kind, &[*role])), "{kind}");
        }
    }
}
