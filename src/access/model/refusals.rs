//! Why somebody gets no further, with stable codes.

use super::{ApplicationId, CustomerId, OrganisationKind, UserId, UserState};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;

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
    #[error("The grant type \"{0}\" is not offered here. Use authorization_code, refresh_token or client_credentials.")]
    UnsupportedGrant(String),
    /// The refresh token is unknown, spent, expired or revoked.
    #[error("The refresh token is not valid any more. Sign in again.")]
    InvalidGrant,
    /// The client is unknown or its secret is wrong.
    #[error("The client is unknown, or its secret is wrong or has expired.")]
    InvalidClient,
    /// A certificate instead of a secret.
    #[error("Certificates (client_assertion) are not taken here. Send a client_secret.")]
    AssertionNotOffered,
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
            TokenError::AssertionNotOffered => Code::new(7_000_215, "invalidClient", Kind::Unauthenticated),
            TokenError::UnknownResource(_) => Code::new(500_011, "invalidTarget", Kind::BadInput),
            TokenError::WrongTenant(_) => Code::new(90_002, "wrongTenant", Kind::BadInput),
        }
    }
}

/// Why a user is not made, changed or shown.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// None of one's own company.
    #[error("Your company has no user {0}.")]
    Unknown(UserId),
    /// The mailbox has an account already.
    #[error("{1} is a user of your company already ({0}). Change that one, or remove it first.")]
    Exists(UserId, String),
    /// Somebody else signs in with that name by now.
    #[error("{0} signs in with another account by now, so this one cannot be restored.")]
    NameTaken(String),
    /// Somebody else changed it at the same moment.
    #[error("The user {0} changed at this moment. Read it again, then decide.")]
    Changed(UserId),
    /// Not the version that the caller named.
    #[error(transparent)]
    Etag(#[from] EtagError),
    /// A user without a role could do nothing.
    #[error("Give the user at least one role.")]
    NoRole,
    /// A role of partners.
    #[error("A {0} has Global admins only; the other roles are those of partners.")]
    PartnerRole(OrganisationKind),
    /// A User management admin and the role above it.
    #[error("Only a Global admin makes, changes or removes a Global admin. Ask one of your company.")]
    GlobalAdminOnly,
    /// Somebody has to stay.
    #[error("This is the last active Global admin of your company. Make another one first.")]
    LastGlobalAdmin,
    /// From where the user stands, this cannot be reached.
    #[error("The user is {actual}, and cannot become {wanted} from there.")]
    NoSuchStep {
        /// What was wanted.
        wanted: UserState,
        /// Where the user stands.
        actual: UserState,
    },
}

impl Refusal for UserError {
    fn code(&self) -> Code {
        match self {
            UserError::Unknown(_) => Code::new(910_030, "userUnknown", Kind::NotFound),
            UserError::Exists(..) => Code::new(910_031, "userExists", Kind::Conflict),
            UserError::NameTaken(_) => Code::new(910_032, "userNameTaken", Kind::Conflict),
            UserError::Changed(_) => Code::new(910_033, "userChanged", Kind::Conflict),
            UserError::Etag(error) => error.code(),
            UserError::NoRole => Code::new(910_034, "roleNeeded", Kind::BadInput),
            UserError::PartnerRole(_) => Code::new(910_035, "roleOfPartners", Kind::BadInput),
            UserError::GlobalAdminOnly => Code::new(910_036, "globalAdminOnly", Kind::Forbidden),
            UserError::LastGlobalAdmin => Code::new(910_037, "lastGlobalAdmin", Kind::Conflict),
            UserError::NoSuchStep { .. } => Code::new(910_038, "userStateUnreachable", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            UserError::Unknown(id) | UserError::Changed(id) => vec![("userId", id.to_string())],
            UserError::Exists(id, name) => vec![("userId", id.to_string()), ("userName", name.clone())],
            _ => Vec::new(),
        }
    }
}

/// Why an application is not registered, changed or shown.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// None of one's own company.
    #[error("Your company has no application {0}.")]
    Unknown(ApplicationId),
    /// The old and the new one.
    #[error("The application {0} has two secrets already. Remove one first.")]
    TwoSecrets(ApplicationId),
    /// Tokens would cross a network in the clear, or go to a program that anybody can be.
    #[error(
        "\"{0}\" is no redirect URI: it begins with https:// (or http://localhost on one's own machine), without #."
    )]
    BadRedirect(String),
}

impl Refusal for ApplicationError {
    fn code(&self) -> Code {
        match self {
            ApplicationError::Unknown(_) => Code::new(910_040, "applicationUnknown", Kind::NotFound),
            ApplicationError::TwoSecrets(_) => Code::new(910_041, "applicationHasTwoSecrets", Kind::Conflict),
            ApplicationError::BadRedirect(_) => Code::new(910_042, "redirectUriInvalid", Kind::BadInput),
        }
    }
}

/// Why a second factor is not set up or not proved.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// Wrong, used already, or of another time.
    #[error("The code is wrong, was used already, or is of another time. Wait for the next one and check your clock.")]
    CodeWrong,
    /// The account ended meanwhile.
    #[error("The account is gone.")]
    AccountGone,
    /// Whoever has one proves it before setting up another.
    #[error("Sign in with your present second factor first, then set up another one.")]
    ProveFirst,
    /// Only people have one.
    #[error("This operation needs a user: an app-only token has no second factor.")]
    UserNeeded,
}

impl Refusal for FactorError {
    fn code(&self) -> Code {
        match self {
            FactorError::CodeWrong => Code::new(910_045, "secondFactorWrong", Kind::BadInput),
            FactorError::AccountGone => Code::new(910_046, "accountGone", Kind::Unauthenticated),
            FactorError::ProveFirst => Code::new(910_047, "secondFactorProveFirst", Kind::Forbidden),
            FactorError::UserNeeded => Code::new(900_329, "appOnlyRefused", Kind::Forbidden),
        }
    }
}

/// Why an application's request for authorization goes no further. Shown to the person, never sent to the application.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// No such application.
    #[error("The application that sent you here is not known: its client_id is wrong, or it was removed.")]
    ClientUnknown,
    /// Not one of its addresses.
    #[error("The application asked to be answered at an address it did not register (redirect_uri).")]
    RedirectUnknown,
    /// Unknown, answered, or too old.
    #[error("This request is not open any more. Go back to the application and sign in again.")]
    RequestGone,
    /// Of another company.
    #[error("The application belongs to another company than your account.")]
    OtherCompany,
}

impl Refusal for AuthorizationError {
    fn code(&self) -> Code {
        match self {
            AuthorizationError::ClientUnknown => Code::new(700_016, "clientUnknown", Kind::BadInput),
            AuthorizationError::RedirectUnknown => Code::new(50_011, "redirectUriUnknown", Kind::BadInput),
            AuthorizationError::RequestGone => Code::new(910_050, "authorizationGone", Kind::NotFound),
            AuthorizationError::OtherCompany => Code::new(910_051, "applicationOfAnotherCompany", Kind::Forbidden),
        }
    }
}
