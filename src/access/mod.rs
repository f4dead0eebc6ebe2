//! Who asks, and what that permits: organisations' identities, users, roles, applications, tokens.

mod actions;
mod api;
mod guard;
mod mail;
mod model;
mod passwords;
mod scope;
mod store;
mod tokens;

pub use actions::{
    Activation, NewPerson, create_customer_admin, create_operator, create_organisation, invite_user, name_is_taken,
    organisation_by_domain, release_domain, user_names,
};
pub use api::routes;
pub use guard::{Allowed, Anyone};
pub use mail::composers;
pub use model::{
    AccessError, AccessSettings, AppOnly, ApplicationId, CustomerId, OrganisationId, OrganisationKind, PERMISSIONS,
    PartnerId, PasswordError, Permission, Role, Rule, SecondFactorRule, UserId,
};
pub use model::{
    AnswerInvitations, AskWhy, CreateCustomers, DecideEnrollments, EndAdministration, InviteResellers,
    ReadAdministrators, ReadAgreements, ReadCustomers, ReadDevices, ReadInvitations, ReadOwnEnrollment,
    ReadPartnerships, ReadTrail, RegisterDevices, RemovePartnerships, RunTheCentre, SignAgreement,
};
pub use passwords::{Passwords, temporary_password};
pub use scope::{Scope, Tenancy};
pub use tokens::Tokens;

/// The `client_id` of the built-in public client, for which activation and first sign-in give a refresh token.
pub const PUBLIC_CLIENT: &str = "partner-center-cli";
