//! Events and who caused them.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::http::RequestIds;
use crate::platform::keys::sha256;

ids! {
    /// An event.
    EventId,
}

/// Who did something, as far as the trail needs to know.
pub trait Actor {
    /// The organisation it was done for.
    fn organisation(&self) -> Option<Uuid>;
    /// The person, if it was one.
    fn user(&self) -> Option<Uuid>;
    /// The application through which it was done, if any.
    fn application(&self) -> Option<Uuid>;
    /// The call in which it was done.
    fn request(&self) -> RequestIds;
}

/// Nobody signed in: a job, a command, a visitor. `organisation` is the one it was done for, if any.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// The organisation it was done for.
    pub organisation: Option<Uuid>,
    /// The call in which it was done.
    pub request: RequestIds,
}

impl Actor for System {
    fn organisation(&self) -> Option<Uuid> {
        self.organisation
    }
    fn user(&self) -> Option<Uuid> {
        None
    }
    fn application(&self) -> Option<Uuid> {
        None
    }
    fn request(&self) -> RequestIds {
        self.request
    }
}

/// Everything that can happen. The first field of a variant is its subject; ids are bare, because this module knows no
/// feature.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the names are the mission's own and the fields repeat them")]
pub enum Event {
    OperatorUserCreated { user: Uuid },
    AccountActivated { user: Uuid },
    TemporaryPasswordChanged { user: Uuid },
    PasswordResetRequested { user: Uuid },
    PasswordChanged { user: Uuid },
    SecondFactorSet { user: Uuid },
    SecondFactorRemoved { user: Uuid },
    RecoveryCodeUsed { user: Uuid },
    SignedIn { user: Uuid, second_factor: bool },
    UserInvited { user: Uuid, roles: Vec<&'static str> },
    UserChanged { user: Uuid, roles: Option<Vec<&'static str>> },
    UserSuspended { user: Uuid },
    UserRestored { user: Uuid },
    UserRemoved { user: Uuid },
    ApplicationRegistered { application: Uuid, name: String },
    ApplicationSecretAdded { application: Uuid, secret: Uuid },
    ApplicationSecretRemoved { application: Uuid, secret: Uuid },
    ApplicationRemoved { application: Uuid },
    ApplicationAuthorized { user: Uuid, client: String },
    ProviderListed { provider: Uuid },
    EnrollmentSubmitted { enrollment: Uuid, reseller: Uuid },
    EnrollmentApproved { enrollment: Uuid, reseller: Uuid },
    EnrollmentRejected { enrollment: Uuid, reseller: Uuid, reason: String },
    AgreementPublished { user: Option<Uuid>, version: String },
    AgreementSigned { signature: Uuid, version: String },
    InvitationCreated { invitation: Uuid },
    InvitationSent { invitation: Uuid },
    InvitationSentOutside { invitation: Uuid },
    InvitationReplaced { invitation: Uuid, version: i32 },
    InvitationReminded { invitation: Uuid },
    InvitationOpened { invitation: Uuid, provider: Uuid },
    InvitationRevoked { invitation: Uuid },
    InvitationDeclined { invitation: Uuid, provider: Uuid, reason: Option<String> },
    StandingLinkRotated { provider: Uuid, version: i32 },
    StandingLinkRevoked { provider: Uuid },
    StandingLinkDeclined { provider: Uuid, reseller: Uuid, reason: Option<String> },
    PartnershipAccepted { partnership: Uuid, provider: Uuid, reseller: Uuid, invitation: Option<Uuid> },
    PartnershipRemoved { partnership: Uuid, provider: Uuid, reseller: Uuid, attestation_version: String },
    CustomerCreated { customer: Uuid, reseller: Option<Uuid> },
    CustomerDraftCreated { draft: Uuid },
    CustomerDraftChanged { draft: Uuid, version: i32 },
    CustomerDraftCancelled { draft: Uuid },
    CustomerDraftSubmitted { draft: Uuid, customer: Uuid },
    SetupInfoMailed { setup_info: Uuid, customer: Uuid },
    SetupInfoRevealed { setup_info: Uuid, customer: Uuid, partner: Uuid },
    SetupInfoReset { user: Uuid, customer: Uuid, own_account: bool, mailed: bool },
    CustomerBillingChanged { customer: Uuid, version: i32 },
    CustomerQualified { customer: Uuid, qualification: String },
    CustomerAgreementConfirmed { agreement: Uuid, customer: Uuid, kind: String },
    CustomerDomainAdded { customer: Uuid, domain: String },
    ApplicationConsented { customer: Uuid, application: Uuid },
    ApplicationConsentWithdrawn { customer: Uuid, application: Uuid },
    AdministrationEnded { customer: Uuid, partner: Uuid },
    CustomerRelationshipEnded { customer: Uuid, partner: Uuid },
    GranularAdministrationCreated { relationship: Uuid, customer: Option<Uuid> },
    GranularAdministrationChanged { relationship: Uuid, customer: Option<Uuid>, partner: Uuid },
    GranularAdministrationDeleted { relationship: Uuid },
    GranularAdministrationAsked { relationship: Uuid, customer: Option<Uuid> },
    GranularAdministrationApproved { relationship: Uuid, customer: Uuid, partner: Uuid },
    GranularAdministrationDeclined { relationship: Uuid, customer: Uuid, partner: Uuid },
    GranularAdministrationExtended { relationship: Uuid, customer: Uuid, partner: Uuid, until: String },
    GranularAdministrationExpired { relationship: Uuid, customer: Uuid, partner: Uuid },
    GranularAdministrationTerminated { relationship: Uuid, customer: Option<Uuid>, partner: Uuid },
    AccessAssignmentCreated { assignment: Uuid, customer: Option<Uuid>, group: String },
    AccessAssignmentChanged { assignment: Uuid, customer: Option<Uuid>, group: String },
    AccessAssignmentDeleted { assignment: Uuid, customer: Option<Uuid>, group: String },
    TenantOwnerGranted { owner: Uuid, customer: Uuid, partner: Uuid },
    TenantOwnerEnded { customer: Uuid, partner: Uuid },
    RelationshipRequestCreated { request: Uuid },
    RelationshipRequestOpened { request: Uuid, customer: Uuid, partner: Uuid },
    RelationshipRequestRevoked { request: Uuid },
    RelationshipRequestDeclined { request: Uuid, customer: Uuid, partner: Uuid, reason: Option<String> },
    RelationshipApproved { request: Uuid, customer: Uuid, partner: Uuid, through: Option<Uuid> },
    AdministrationApproved { customer: Uuid, partner: Uuid, request: Uuid },
    RelationshipLinkRotated { partner: Uuid, version: i32 },
    TenantCreated { customer: Uuid },
    OffersImported { import: Uuid, offers: usize },
    OrderPlaced { order: Uuid, customer: Uuid, subscriptions: Vec<Uuid> },
    SubscriptionChanged { subscription: Uuid, customer: Uuid, provider: Uuid, changes: Vec<String> },
    SubscriptionRenewed { subscription: Uuid, customer: Uuid, provider: Uuid, until: String },
    SubscriptionEnded { subscription: Uuid, customer: Uuid, provider: Uuid },
    ResellerAssociated { subscription: Uuid, customer: Uuid, reseller: Uuid, mpn_id: String },
    ResellerDissociated { subscription: Uuid, customer: Uuid, reseller: Uuid, mpn_id: String },
    SupportContactDesignated { subscription: Uuid, customer: Uuid, partner: Uuid },
    CartCreated { cart: Uuid, buyer: Uuid },
    CartChanged { cart: Uuid, buyer: Uuid, version: i32 },
    CartOrdered { cart: Uuid, customer: Uuid, orders: Vec<Uuid> },
    CustomerUserCreated { user: Uuid, customer: Uuid },
    CustomerUserChanged { user: Uuid, customer: Uuid },
    CustomerUserRemoved { user: Uuid, customer: Uuid },
    CustomerUserRestored { user: Uuid, customer: Uuid },
    CustomerUserPasswordReset { user: Uuid, customer: Uuid },
    LicensesChanged { user: Uuid, customer: Uuid, assigned: Vec<String>, removed: Vec<String> },
    DirectoryImported { import: Uuid, devices: usize },
    DirectoryLoaded { import: Uuid, devices: usize },
    DevicesSubmitted { registration: Uuid, customer: Uuid, rows: usize },
    DeviceFilesChecked { registration: Uuid, customer: Uuid, rows: u32, refused: bool },
    DevicesSettled { registration: Uuid, customer: Uuid, ready: i64, failed: i64 },
    DevicesRetried { registration: Uuid, customer: Uuid, rows: usize },
    DevicesVoided { registration: Uuid, customer: Uuid },
    DeviceErrorsDismissed { registration: Uuid, customer: Uuid, rows: usize },
    DeviceReleased { device: Uuid, customer: Uuid },
    DevicesDeregistered { customer: Uuid, devices: Vec<Uuid> },
    DeviceChanged { device: Uuid, customer: Uuid, changes: Vec<String> },
    DevicesAssigned { customer: Uuid, devices: Vec<Uuid> },
    DevicesCheckedIn { customer: Uuid, devices: usize },
    DeviceImageChecked { device: Uuid, customer: Uuid },
    DeviceImageCheckWithdrawn { device: Uuid, customer: Uuid },
    ReleaseRequested { request: Uuid, customer: Uuid, registration: Uuid },
    ReleaseAsked { request: Uuid, customer: Uuid, device: Uuid },
    ReleaseAnswered { request: Uuid, customer: Uuid, device: Uuid, answer: String },
    ReleaseDecided { request: Uuid, customer: Uuid, answer: String },
    DevicePropertiesChanged { device: Uuid, customer: Uuid },
    DevicePolicyCreated { policy: Uuid, customer: Uuid },
    DevicePolicyChanged { policy: Uuid, customer: Uuid },
    DevicePolicyDeleted { policy: Uuid, customer: Uuid },
    DevicePoliciesApplied { job: Uuid, customer: Uuid, devices: usize },
    ImportedDeviceRemoved { device: Uuid, customer: Uuid },
    DevicesSynchronised { customer: Uuid },
    ProviderChanged { provider: Uuid, version: i32 },
    ListingChangeRequested { request: Uuid, provider: Uuid },
    ListingChangeClosed { request: Uuid, provider: Uuid },
    PartnerProfileChanged { company: Uuid, profile: String, version: i32 },
    AccountSuperseded { user: Uuid, by: Uuid },
    NotificationsChosen { user: Uuid },
    AccessRefused { caller: Uuid, operation: String, object: String, refusal: String },
}

impl Event {
    /// What the event is about.
    pub fn subject(&self) -> Uuid {
        match self {
            Event::OperatorUserCreated { user: id }
            | Event::AccountActivated { user: id }
            | Event::TemporaryPasswordChanged { user: id }
            | Event::PasswordResetRequested { user: id }
            | Event::PasswordChanged { user: id }
            | Event::SecondFactorSet { user: id }
            | Event::SecondFactorRemoved { user: id }
            | Event::RecoveryCodeUsed { user: id }
            | Event::SignedIn { user: id, .. }
            | Event::UserInvited { user: id, .. }
            | Event::UserChanged { user: id, .. }
            | Event::UserSuspended { user: id }
            | Event::UserRestored { user: id }
            | Event::UserRemoved { user: id }
            | Event::ApplicationAuthorized { user: id, .. }
            | Event::ApplicationRegistered { application: id, .. }
            | Event::ApplicationSecretAdded { application: id, .. }
            | Event::ApplicationSecretRemoved { application: id, .. }
            | Event::ApplicationRemoved { application: id }
            | Event::ProviderListed { provider: id }
            | Event::EnrollmentSubmitted { enrollment: id, .. }
            | Event::EnrollmentApproved { enrollment: id, .. }
            | Event::EnrollmentRejected { enrollment: id, .. }
            | Event::AgreementSigned { signature: id, .. }
            | Event::InvitationCreated { invitation: id }
            | Event::InvitationSent { invitation: id }
            | Event::InvitationSentOutside { invitation: id }
            | Event::InvitationReplaced { invitation: id, .. }
            | Event::InvitationReminded { invitation: id }
            | Event::InvitationOpened { invitation: id, .. }
            | Event::InvitationRevoked { invitation: id }
            | Event::InvitationDeclined { invitation: id, .. }
            | Event::StandingLinkRotated { provider: id, .. }
            | Event::StandingLinkRevoked { provider: id }
            | Event::StandingLinkDeclined { provider: id, .. }
            | Event::PartnershipAccepted { partnership: id, .. }
            | Event::PartnershipRemoved { partnership: id, .. }
            | Event::CustomerCreated { customer: id, .. }
            | Event::CustomerDraftCreated { draft: id }
            | Event::CustomerDraftChanged { draft: id, .. }
            | Event::CustomerDraftCancelled { draft: id }
            | Event::CustomerDraftSubmitted { draft: id, .. }
            | Event::SetupInfoMailed { setup_info: id, .. }
            | Event::SetupInfoRevealed { setup_info: id, .. }
            | Event::SetupInfoReset { user: id, .. }
            | Event::CustomerBillingChanged { customer: id, .. }
            | Event::CustomerQualified { customer: id, .. }
            | Event::CustomerAgreementConfirmed { agreement: id, .. }
            | Event::CustomerDomainAdded { customer: id, .. }
            | Event::ApplicationConsented { customer: id, .. }
            | Event::ApplicationConsentWithdrawn { customer: id, .. }
            | Event::AdministrationEnded { customer: id, .. }
            | Event::CustomerRelationshipEnded { customer: id, .. }
            | Event::GranularAdministrationCreated { relationship: id, .. }
            | Event::GranularAdministrationChanged { relationship: id, .. }
            | Event::GranularAdministrationDeleted { relationship: id }
            | Event::GranularAdministrationAsked { relationship: id, .. }
            | Event::GranularAdministrationApproved { relationship: id, .. }
            | Event::GranularAdministrationDeclined { relationship: id, .. }
            | Event::GranularAdministrationExtended { relationship: id, .. }
            | Event::GranularAdministrationExpired { relationship: id, .. }
            | Event::GranularAdministrationTerminated { relationship: id, .. }
            | Event::AccessAssignmentCreated { assignment: id, .. }
            | Event::AccessAssignmentChanged { assignment: id, .. }
            | Event::AccessAssignmentDeleted { assignment: id, .. }
            | Event::TenantOwnerGranted { owner: id, .. }
            | Event::TenantOwnerEnded { customer: id, .. }
            | Event::RelationshipRequestCreated { request: id }
            | Event::RelationshipRequestOpened { request: id, .. }
            | Event::RelationshipRequestRevoked { request: id }
            | Event::RelationshipRequestDeclined { request: id, .. }
            | Event::RelationshipApproved { request: id, .. }
            | Event::AdministrationApproved { customer: id, .. }
            | Event::RelationshipLinkRotated { partner: id, .. }
            | Event::TenantCreated { customer: id }
            | Event::OffersImported { import: id, .. }
            | Event::OrderPlaced { order: id, .. }
            | Event::SubscriptionChanged { subscription: id, .. }
            | Event::SubscriptionRenewed { subscription: id, .. }
            | Event::SubscriptionEnded { subscription: id, .. }
            | Event::ResellerAssociated { subscription: id, .. }
            | Event::ResellerDissociated { subscription: id, .. }
            | Event::SupportContactDesignated { subscription: id, .. }
            | Event::CartCreated { cart: id, .. }
            | Event::CartChanged { cart: id, .. }
            | Event::CartOrdered { cart: id, .. }
            | Event::CustomerUserCreated { user: id, .. }
            | Event::CustomerUserChanged { user: id, .. }
            | Event::CustomerUserRemoved { user: id, .. }
            | Event::CustomerUserRestored { user: id, .. }
            | Event::CustomerUserPasswordReset { user: id, .. }
            | Event::LicensesChanged { user: id, .. }
            | Event::DirectoryImported { import: id, .. }
            | Event::DirectoryLoaded { import: id, .. }
            | Event::DevicesSubmitted { registration: id, .. }
            | Event::DeviceFilesChecked { registration: id, .. }
            | Event::DevicesRetried { registration: id, .. }
            | Event::DevicesVoided { registration: id, .. }
            | Event::DeviceErrorsDismissed { registration: id, .. }
            | Event::DevicesSettled { registration: id, .. }
            | Event::DeviceReleased { device: id, .. }
            | Event::DevicesDeregistered { customer: id, .. }
            | Event::DeviceChanged { device: id, .. }
            | Event::DevicesAssigned { customer: id, .. }
            | Event::DevicesCheckedIn { customer: id, .. }
            | Event::DeviceImageChecked { device: id, .. }
            | Event::DeviceImageCheckWithdrawn { device: id, .. }
            | Event::ReleaseRequested { request: id, .. }
            | Event::ReleaseAsked { request: id, .. }
            | Event::ReleaseAnswered { request: id, .. }
            | Event::ReleaseDecided { request: id, .. }
            | Event::DevicePropertiesChanged { device: id, .. }
            | Event::DevicePolicyCreated { policy: id, .. }
            | Event::DevicePolicyChanged { policy: id, .. }
            | Event::DevicePolicyDeleted { policy: id, .. }
            | Event::DevicePoliciesApplied { job: id, .. }
            | Event::ImportedDeviceRemoved { device: id, .. }
            | Event::DevicesSynchronised { customer: id }
            | Event::ProviderChanged { provider: id, .. }
            | Event::ListingChangeRequested { request: id, .. }
            | Event::ListingChangeClosed { request: id, .. }
            | Event::PartnerProfileChanged { company: id, .. }
            | Event::AccountSuperseded { user: id, .. }
            | Event::NotificationsChosen { user: id }
            | Event::AccessRefused { caller: id, .. } => *id,
            Event::AgreementPublished { user, .. } => user.unwrap_or_default(),
        }
    }

    /// The other organisation concerned.
    pub fn organisation(&self) -> Option<Uuid> {
        match self {
            Event::ProviderListed { provider }
            | Event::InvitationOpened { provider, .. }
            | Event::InvitationDeclined { provider, .. }
            | Event::StandingLinkDeclined { provider, .. } => Some(*provider),
            Event::EnrollmentSubmitted { reseller, .. }
            | Event::EnrollmentApproved { reseller, .. }
            | Event::EnrollmentRejected { reseller, .. } => Some(*reseller),
            Event::PartnershipAccepted { provider, .. } => Some(*provider),
            Event::CustomerCreated { reseller, .. } => *reseller,
            Event::AdministrationEnded { partner, .. }
            | Event::CustomerRelationshipEnded { partner, .. }
            | Event::GranularAdministrationChanged { partner, .. }
            | Event::GranularAdministrationApproved { partner, .. }
            | Event::GranularAdministrationDeclined { partner, .. }
            | Event::GranularAdministrationExtended { partner, .. }
            | Event::GranularAdministrationExpired { partner, .. }
            | Event::GranularAdministrationTerminated { partner, .. }
            | Event::TenantOwnerGranted { partner, .. }
            | Event::TenantOwnerEnded { partner, .. } => Some(*partner),
            Event::RelationshipRequestOpened { partner, .. }
            | Event::RelationshipRequestDeclined { partner, .. }
            | Event::RelationshipApproved { partner, .. }
            | Event::AdministrationApproved { partner, .. }
            | Event::SetupInfoRevealed { partner, .. } => Some(*partner),
            Event::ProviderChanged { provider, .. } | Event::ListingChangeClosed { provider, .. } => Some(*provider),
            Event::SubscriptionChanged { provider, .. }
            | Event::SubscriptionRenewed { provider, .. }
            | Event::SubscriptionEnded { provider, .. } => Some(*provider),
            Event::ResellerAssociated { reseller, .. } | Event::ResellerDissociated { reseller, .. } => Some(*reseller),
            Event::SupportContactDesignated { partner, .. } => Some(*partner),
            // Who was refused what is its own company's matter: naming the object's owner would tell that it exists.
            Event::AccessRefused { .. } => None,
            // The other side of a removal is told nothing: no notice goes to the reseller or the customers.
            _ => None,
        }
    }

    /// The customer concerned.
    pub fn customer(&self) -> Option<Uuid> {
        match self {
            Event::CustomerCreated { customer, .. }
            | Event::SetupInfoMailed { customer, .. }
            | Event::SetupInfoRevealed { customer, .. }
            | Event::SetupInfoReset { customer, .. }
            | Event::CustomerBillingChanged { customer, .. }
            | Event::CustomerQualified { customer, .. }
            | Event::CustomerAgreementConfirmed { customer, .. }
            | Event::CustomerDomainAdded { customer, .. }
            | Event::ApplicationConsented { customer, .. }
            | Event::ApplicationConsentWithdrawn { customer, .. }
            | Event::AdministrationEnded { customer, .. }
            | Event::CustomerRelationshipEnded { customer, .. }
            | Event::GranularAdministrationApproved { customer, .. }
            | Event::GranularAdministrationDeclined { customer, .. }
            | Event::GranularAdministrationExtended { customer, .. }
            | Event::GranularAdministrationExpired { customer, .. }
            | Event::TenantOwnerGranted { customer, .. }
            | Event::TenantOwnerEnded { customer, .. }
            | Event::RelationshipRequestOpened { customer, .. }
            | Event::RelationshipRequestDeclined { customer, .. }
            | Event::RelationshipApproved { customer, .. }
            | Event::AdministrationApproved { customer, .. }
            | Event::TenantCreated { customer }
            | Event::DevicesSubmitted { customer, .. }
            | Event::DeviceFilesChecked { customer, .. }
            | Event::DevicesRetried { customer, .. }
            | Event::DevicesVoided { customer, .. }
            | Event::DeviceErrorsDismissed { customer, .. }
            | Event::DevicesSettled { customer, .. }
            | Event::DeviceReleased { customer, .. }
            | Event::DevicesDeregistered { customer, .. }
            | Event::DeviceChanged { customer, .. }
            | Event::DevicesAssigned { customer, .. }
            | Event::DevicesCheckedIn { customer, .. }
            | Event::DeviceImageChecked { customer, .. }
            | Event::DeviceImageCheckWithdrawn { customer, .. }
            | Event::ReleaseRequested { customer, .. }
            | Event::ReleaseAsked { customer, .. }
            | Event::ReleaseAnswered { customer, .. }
            | Event::ReleaseDecided { customer, .. }
            | Event::DevicePropertiesChanged { customer, .. }
            | Event::DevicePolicyCreated { customer, .. }
            | Event::DevicePolicyChanged { customer, .. }
            | Event::DevicePolicyDeleted { customer, .. }
            | Event::DevicePoliciesApplied { customer, .. }
            | Event::ImportedDeviceRemoved { customer, .. }
            | Event::DevicesSynchronised { customer }
            | Event::OrderPlaced { customer, .. }
            | Event::SubscriptionChanged { customer, .. }
            | Event::SubscriptionRenewed { customer, .. }
            | Event::SubscriptionEnded { customer, .. }
            | Event::ResellerAssociated { customer, .. }
            | Event::ResellerDissociated { customer, .. }
            | Event::SupportContactDesignated { customer, .. }
            | Event::CartOrdered { customer, .. }
            | Event::CustomerUserCreated { customer, .. }
            | Event::CustomerUserChanged { customer, .. }
            | Event::CustomerUserRemoved { customer, .. }
            | Event::CustomerUserRestored { customer, .. }
            | Event::CustomerUserPasswordReset { customer, .. }
            | Event::LicensesChanged { customer, .. } => Some(*customer),
            Event::GranularAdministrationChanged { customer, .. }
            | Event::GranularAdministrationAsked { customer, .. }
            | Event::GranularAdministrationTerminated { customer, .. }
            | Event::AccessAssignmentCreated { customer, .. }
            | Event::AccessAssignmentChanged { customer, .. }
            | Event::AccessAssignmentDeleted { customer, .. } => *customer,
            _ => None,
        }
    }
}

/// A call that was refused to somebody signed in.
#[derive(Clone, Debug)]
pub struct RefusedCall {
    /// The person, or the application that acts by itself.
    pub caller: Uuid,
    /// Method and route template.
    pub operation: String,
    /// The ids that the path names.
    pub object: String,
    /// The stable name of the refusal.
    pub refusal: &'static str,
}

/// Refusals of one caller, operation and object are counted together for so long.
pub(super) const REFUSALS_TOGETHER: Duration = Duration::from_secs(60);

impl RefusedCall {
    /// Under which key refusals in the minute that begins at `minute` are counted.
    pub(super) fn key(&self, minute: Timestamp) -> [u8; 32] {
        let mut counted = Vec::with_capacity(160);
        let minute = minute.micros().to_be_bytes();
        for part in [&self.caller.as_bytes()[..], self.operation.as_bytes(), self.object.as_bytes(), &minute] {
            counted.extend_from_slice(&(part.len() as u64).to_be_bytes());
            counted.extend_from_slice(part);
        }
        sha256(&counted)
    }

    /// As an event.
    pub(super) fn event(&self) -> Event {
        Event::AccessRefused {
            caller: self.caller,
            operation: self.operation.clone(),
            object: self.object.clone(),
            refusal: self.refusal.to_owned(),
        }
    }
}

/// When the minute began in which `now` lies.
pub(super) fn minute_of(now: Timestamp) -> Timestamp {
    let minute = i64::try_from(REFUSALS_TOGETHER.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros() - now.micros().rem_euclid(minute))
}
