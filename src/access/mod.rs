//! Who asks, and what that permits: organisations' identities, users, roles, applications, tokens.

mod actions;
mod api;
mod attempts;
mod factors;
mod guard;
mod mail;
mod model;
mod passwords;
mod portal;
mod scope;
mod store;
mod texts;
mod tokens;

pub use actions::{
    Activation, NewPerson, News, PasswordReset, Told, create_customer_admin, create_operator, create_organisation,
    forget_ended, invite_user, name_is_taken, notify, oldest_active_admin, organisation_by_domain, own_language,
    release_domain, told, user_names,
};
pub use api::routes;
pub use attempts::{Attempts, TooManyAttempts};
pub use guard::{Allowed, Anyone, SignedIn};
pub use mail::composers;
pub use model::{
    AccessError, AccessSettings, Account, AppOnly, ApplicationId, CustomerId, NotificationId, OrganisationId,
    OrganisationKind, PERMISSIONS, PartnerId, PasswordError, Permission, Role, Rule, SecondFactorRule, Topic, UserId,
};
pub use model::{
    AnswerInvitations, ChangeCustomers, ChangeProfiles, CreateCustomers, DecideEnrollments, EndAdministration,
    InviteResellers, ManageUsers, ReadAdministrators, ReadAgreementVersions, ReadAgreements, ReadCustomers,
    ReadDevices, ReadInvitations, ReadOwnEnrollment, ReadOwnListing, ReadPartnerships, ReadProfiles, ReadTrail,
    ReadUsers, RegisterDevices, RemovePartnerships, RequestListingChange, RunTheCentre, SignAgreement,
};
pub use passwords::{Passwords, temporary_password};
pub use portal::{AfterSignIn, Barred, Onlooker, Visitor, pages};
pub use scope::{Scope, Tenancy};
pub use tokens::Tokens;

/// The `client_id` of the built-in public client, for which activation and first sign-in give a refresh token.
pub const PUBLIC_CLIENT: &str = "partner-center-cli";
