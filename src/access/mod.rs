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
    Activation, NewPerson, News, PasswordReset, Told, admins_of, create_customer_admin, create_operator,
    create_organisation, forget_ended, invite_user, kind_of, name_is_taken, notify, oldest_active_admin,
    organisation_by_domain, own_language, release_domain, told, user_names,
};
pub use actions::{active_account, active_account_named, give_temporary_password};
pub use api::routes;
pub use attempts::{Attempts, TooManyAttempts};
pub use guard::{Allowed, Anyone, InTenant, SignedIn};
pub use mail::composers;
pub use model::{
    AccessError, AccessSettings, Account, AppOnly, ApplicationId, CustomerId, NotificationId, OrganisationId,
    OrganisationKind, PERMISSIONS, PartnerId, PasswordError, Permission, Role, Rule, SecondFactorRule, Topic, UserId,
};
pub use model::{
    AnswerAdministration, AnswerInvitations, AnswerRelationshipRequests, ChangeCustomerUsers, ChangeCustomers,
    ChangeProfiles, ChangeSubscriptions, CheckInDevices, CreateCustomers, DecideEnrollments, DesignateSupportContacts,
    EndAdministration, EndCustomerRelationships, GrantTenantOwner, InviteResellers, ManageDevicePolicies, ManageUsers,
    PlaceOrders, ReadAdministration, ReadAdministrators, ReadAgreementVersions, ReadAgreements, ReadCatalogue,
    ReadCustomerDrafts, ReadCustomerUsers, ReadCustomers, ReadDevices, ReadIncentives, ReadInvitations,
    ReadOwnEnrollment, ReadOwnListing, ReadPartnerships, ReadProfiles, ReadRelationshipRequests, ReadSubscriptions,
    ReadTenantOwners, ReadTrail, ReadUsers, RegisterDevices, RemovePartnerships, RequestAdministration,
    RequestListingChange, RequestRelationships, ResetSetupInfo, RunTheCentre, SignAgreement,
};
pub use passwords::{Passwords, temporary_password};
pub use portal::{AfterSignIn, Barred, Onlooker, Visitor, later, pages};
pub use scope::{Scope, Tenancy};
pub use tokens::Tokens;

/// The `client_id` of the built-in public client, for which activation and first sign-in give a refresh token.
pub const PUBLIC_CLIENT: &str = "partner-center-cli";
