//! One row for each operation: who gets past its guard, what its ids name, and a body that would be taken if they
//! named something of the caller's.

/// Who gets past the guard.
#[derive(Clone, Copy)]
pub enum Guard {
    /// Everybody, on purpose.
    Public,
    /// Every user, for their own account.
    SignedIn,
    /// Every user and every application.
    AnySignedIn,
    /// Whoever holds the permission.
    Needs(&'static str),
    /// Whoever holds the permission, if a person is behind the call, although the permission accepts applications.
    NeedsUser(&'static str),
}

/// What the ids in the path name.
#[derive(Clone, Copy)]
pub enum Target {
    Nothing,
    User,
    SpareUser,
    Application,
    SpareApplication,
    Secret,
    Invitation,
    SpareInvitation,
    Token,
    SpareToken,
    Request,
    SpareRequest,
    RequestToken,
    SpareRequestToken,
    Partner,
    Customer,
    Administrator,
    Registration,
    Device,
    DeviceRow,
    ReleaseRequest,
    Batch,
    BatchDevice,
    UploadJob,
    Policy,
    ImportedIdentity,
    DeviceIdentity,
    Order,
    Subscription,
    Cart,
    CustomerDraft,
    SpareCustomerDraft,
    SetupInfoToken,
    // There is one owner of these, the operator: nobody's is foreign to it.
    Entry,
    Enrollment,
    OtherEnrollment,
    ChangeRequest,
    Tenant,
    Record,
    Relationship,
    SpareRelationship,
    AccessRequest,
    Assignment,
    Operation,
    Group,
    AdministeredCustomer,
    DomainName,
    AdministrationLink,
    Domain,
    Consent,
    CustomerUser,
    SpareCustomerUser,
    // Of nobody: the same for all.
    Country,
    Template,
    Offer,
    Product,
    GuideTemplate,
    GuideScript,
    Manifest,
}

/// An operation.
#[derive(Clone, Copy)]
pub struct Row {
    pub operation: &'static str,
    pub guard: Guard,
    pub target: Target,
    pub query: &'static str,
    /// What is sent with ids that are not the caller's: it would be taken with the caller's own. With those a body is
    /// sent that no operation takes.
    pub body: &'static str,
    /// The body is a file.
    pub uploads: bool,
    /// It takes no body that could be refused, so with ids of the caller's own it is called once by one who may.
    pub consumes: bool,
    /// What was removed leaves no trace, so removing what never was is answered like removing twice: it is gone.
    pub repeatable: bool,
    /// It shows everybody's on purpose.
    pub shows_all: bool,
    /// What it shows grows with every call, so it is not compared before and after.
    pub grows: bool,
    /// Principals whose own is refused nevertheless, and how.
    pub except: &'static [(&'static str, &'static str)],
}

impl Row {
    fn on(self, target: Target) -> Self {
        Self { target, ..self }
    }
    fn taking(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
    fn uploading(self) -> Self {
        Self { uploads: true, ..self }
    }
    fn consuming(self) -> Self {
        Self { consumes: true, ..self }
    }
    fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }
    fn asking(self, query: &'static str) -> Self {
        Self { query, ..self }
    }
    fn showing_all(self) -> Self {
        Self { shows_all: true, ..self }
    }
    fn growing(self) -> Self {
        Self { grows: true, ..self }
    }
    fn except(self, except: &'static [(&'static str, &'static str)]) -> Self {
        Self { except, ..self }
    }

    pub fn method(&self) -> &'static str {
        self.operation.split_once(' ').unwrap().0
    }
    pub fn path(&self) -> &'static str {
        self.operation.split_once(' ').unwrap().1
    }
}

fn row(operation: &'static str, guard: Guard) -> Row {
    let (target, query, body) = (Target::Nothing, "", "{}");
    let (uploads, consumes, repeatable, shows_all, grows) = (false, false, false, false, false);
    Row { operation, guard, target, query, body, uploads, consumes, repeatable, shows_all, grows, except: &[] }
}

fn public(operation: &'static str) -> Row {
    row(operation, Guard::Public)
}

fn needs(permission: &'static str, operation: &'static str) -> Row {
    row(operation, Guard::Needs(permission))
}

fn needs_user(permission: &'static str, operation: &'static str) -> Row {
    row(operation, Guard::NeedsUser(permission))
}

/// Reseller B has no relationship with the customer that stands for its own.
const RELATIONSHIP: &[(&str, &str)] = &[("reseller B", "404 relationshipMissing")];
/// The operator has no customers.
const OPERATOR_ALONE: (&str, &str) = ("operator", "404 relationshipMissing");
/// Besides, the delegation to reseller D has ended.
const GATE: &[(&str, &str)] =
    &[("reseller B", "404 relationshipMissing"), ("reseller D", "403 delegatedAdministrationMissing")];
/// Reseller B has asked no customer for anything.
const NO_RELATIONSHIP_B: &[(&str, &str)] = &[("reseller B", "404 delegatedAdminRelationshipUnknown")];
/// What one administers no more is as if one never did.
const ADMINISTERED: &[(&str, &str)] =
    &[("reseller B", "404 relationshipMissing"), ("reseller D", "404 relationshipMissing")];
/// Reseller B has no partnership, that of reseller C was removed.
const PARTNERSHIP: &[(&str, &str)] =
    &[("reseller B", "404 partnershipMissing"), ("reseller C", "404 partnershipMissing")];

/// What there was with reseller C can still be looked at.
const NEVER_PARTNERS: &[(&str, &str)] = &[("reseller B", "404 partnershipMissing")];

/// All of them.
pub fn rows() -> Vec<Row> {
    [
        access(),
        companies(),
        partnerships(),
        customers(),
        customer_users(),
        subscriptions(),
        graph(),
        catalogue(),
        devices(),
        device_batches(),
        device_graph(),
        overview(),
    ]
    .concat()
}

/// Accounts, users, applications, tokens. What consumes comes after what only looks.
pub fn access() -> Vec<Row> {
    let factor = |operation| row(operation, Guard::SignedIn);
    vec![
        public("POST /v1/accounts/activation"),
        public("POST /v1/accounts/password"),
        public("POST /v1/accounts/passwordreset"),
        public("GET /common/discovery/instance"),
        public("GET /{tenant}/.well-known/openid-configuration").on(Target::Tenant),
        public("GET /{tenant}/v2.0/.well-known/openid-configuration").on(Target::Tenant),
        public("GET /{tenant}/discovery/keys").on(Target::Tenant),
        public("GET /{tenant}/discovery/v2.0/keys").on(Target::Tenant),
        public("POST /{tenant}/oauth2/token").on(Target::Tenant),
        public("POST /{tenant}/oauth2/v2.0/token").on(Target::Tenant),
        factor("GET /v1/accounts/secondfactor"),
        factor("POST /v1/accounts/secondfactor").taking(r#"{"code": "000000"}"#),
        factor("GET /v1/accounts/notifications"),
        factor("PUT /v1/accounts/notifications"),
        needs("ReadUsers", "GET /v1/users"),
        needs("ReadUsers", "GET /v1/users/{id}").on(Target::User),
        needs("ManageUsers", "POST /v1/users"),
        needs("ManageUsers", "PATCH /v1/users/{id}").on(Target::User).taking(r#"{"displayName": "x"}"#),
        needs("ManageUsers", "POST /v1/users/{id}/activation").on(Target::SpareUser).consuming(),
        needs("ManageUsers", "DELETE /v1/users/{id}/secondfactor").on(Target::SpareUser).consuming(),
        needs("ManageUsers", "DELETE /v1/users/{id}").on(Target::SpareUser).consuming(),
        needs("ManageApplications", "GET /v1/applications"),
        needs("ManageApplications", "POST /v1/applications"),
        needs("ManageApplications", "POST /v1/applications/{id}/secrets").on(Target::Application).consuming(),
        needs("ManageApplications", "DELETE /v1/applications/{id}/secrets/{secretId}")
            .on(Target::Secret)
            .consuming()
            .repeatable(),
        needs("ManageApplications", "DELETE /v1/applications/{id}").on(Target::SpareApplication).consuming(),
    ]
}

/// Companies, their profiles, enrolments, agreements.
pub fn companies() -> Vec<Row> {
    let entry = r#"{"name": "x", "country": "SE", "contactEmail": "x@y.example", "description": "x"}"#;
    vec![
        public("GET /v1/indirectproviders").showing_all(),
        public("GET /v1/indirectproviders/{id}").on(Target::Entry),
        public("POST /v1/enrollments"),
        needs("RunTheCentre", "POST /v1/indirectproviders"),
        needs("RunTheCentre", "PUT /v1/indirectproviders/{id}").on(Target::Entry).taking(entry),
        needs("ReadOwnListing", "GET /v1/indirectproviders/current"),
        needs("RequestListingChange", "POST /v1/indirectproviders/current/changerequests"),
        needs("RunTheCentre", "GET /v1/indirectproviders/changerequests"),
        needs("RunTheCentre", "POST /v1/indirectproviders/changerequests/{id}/close")
            .on(Target::ChangeRequest)
            .consuming(),
        needs_user("ReadProfiles", "GET /v1/profiles/mpn"),
        needs_user("ReadProfiles", "GET /v1/compliance/csp/agreementstatus"),
        needs("ReadProfiles", "GET /accountenrollments/v1/accountexternalresourcekeys"),
        needs("ReadProfiles", "GET /v1/profiles/legalbusiness"),
        needs("ChangeProfiles", "PUT /v1/profiles/legalbusiness"),
        needs_user("ReadProfiles", "GET /v1/profiles/organization"),
        needs("ChangeProfiles", "PUT /v1/profiles/organization"),
        needs_user("ReadProfiles", "GET /v1/profiles/billing"),
        needs("ChangeProfiles", "PUT /v1/profiles/billing"),
        needs_user("ReadProfiles", "GET /v1/profiles/support"),
        needs("ChangeProfiles", "PUT /v1/profiles/support"),
        needs("RunTheCentre", "GET /v1/enrollments"),
        needs("ReadOwnEnrollment", "GET /v1/enrollments/current"),
        needs("DecideEnrollments", "POST /v1/enrollments/{id}/reject")
            .on(Target::OtherEnrollment)
            .taking(r#"{"reason": "x"}"#),
        needs("DecideEnrollments", "POST /v1/enrollments/{id}/approve").on(Target::Enrollment).consuming(),
        needs("RunTheCentre", "POST /v1/agreements/mpa/versions"),
        needs("ReadAgreementVersions", "GET /v1/agreements/mpa/versions"),
        needs("SignAgreement", "POST /v1/agreements/mpa/signatures"),
        needs("ReadAgreements", "GET /v1/agreements/mpa/signatures"),
    ]
}

/// Invitations, partnerships, their removal.
pub fn partnerships() -> Vec<Row> {
    let removal = r#"{"attestation": true}"#;
    vec![
        public("GET /v1/invitations/{token}").on(Target::Token),
        needs("ReadPartnerships", "GET /v1/relationships").asking("?relationship_type=0"),
        needs("ReadInvitations", "GET /v1/relationships/invitations"),
        needs("ReadInvitations", "GET /v1/relationships/invitations/{id}").on(Target::Invitation),
        needs("InviteResellers", "POST /v1/relationships/invitations"),
        needs("InviteResellers", "POST /v1/relationships/invitations/{id}/send")
            .on(Target::Invitation)
            .taking(r#"{"subject": "x"}"#),
        needs("InviteResellers", "POST /v1/relationships/invitations/{id}/sentoutside")
            .on(Target::SpareInvitation)
            .consuming(),
        needs("InviteResellers", "POST /v1/relationships/invitations/{id}/resend").on(Target::Invitation),
        needs("InviteResellers", "DELETE /v1/relationships/invitations/{id}").on(Target::SpareInvitation).consuming(),
        needs("ReadInvitations", "GET /v1/relationships/invitationlink"),
        needs("InviteResellers", "POST /v1/relationships/invitationlink/rotate").consuming(),
        needs("InviteResellers", "DELETE /v1/relationships/invitationlink").consuming().repeatable(),
        needs("AnswerInvitations", "POST /v1/invitations/{token}/open").on(Target::SpareToken).consuming(),
        needs("AnswerInvitations", "POST /v1/invitations/{token}/decline").on(Target::Token),
        needs("AnswerInvitations", "POST /v1/invitations/{token}/accept").on(Target::SpareToken).consuming(),
        needs("ReadPartnerships", "GET /v1/relationships/partners"),
        needs("ReadPartnerships", "GET /v1/relationships/{partnerId}/history")
            .on(Target::Partner)
            .except(NEVER_PARTNERS),
        needs("InviteResellers", "GET /v1/relationships/{partnerId}/agreementreminder").on(Target::Partner),
        needs("RemovePartnerships", "GET /v1/relationships/{partnerId}/removal/notices")
            .on(Target::Partner)
            .except(NEVER_PARTNERS),
        needs("RemovePartnerships", "GET /v1/relationships/{partnerId}/removal")
            .on(Target::Partner)
            .except(PARTNERSHIP),
        needs("RemovePartnerships", "POST /v1/relationships/{partnerId}/removal").on(Target::Partner).taking(removal),
    ]
}

const BILLING: &str = r#"{"email": "a@b.example", "culture": "sv-SE", "language": "sv", "companyName": "x",
    "defaultAddress": {"country": "SE", "addressLine1": "x"}}"#;
const EDUCATION: &str = r#"{"qualification": "education"}"#;
const AGREEMENT: &str = r#"{"templateId": "117a77b0-9360-443b-8795-c6dedc750cf9", "dateAgreed": "2026-11-21T08:00:00Z",
    "primaryContact": {"firstName": "x", "lastName": "x", "email": "a@b.example"}}"#;

const DOMAIN: &str = r#"{"verifiedDomainName": "x.example", "domain": {"name": "x.example"}}"#;
const CONSENT: &str = r#"{"applicationId": "117a77b0-9360-443b-8795-c6dedc750cf9",
    "applicationGrants": [{"enterpriseApplicationId": "117a77b0-9360-443b-8795-c6dedc750cf9", "scope": "x"}]}"#;

/// Customers and who administers them.
pub fn customers() -> Vec<Row> {
    let administrators = "GET /v1/customers/{customer}/administrators";
    let end = "DELETE /v1/customers/{customer}/administrators/{partnerId}";
    // Resellers B and C have no provider to ask with.
    let without = &[("reseller B", "404 relationshipRequestUnknown"), ("reseller C", "404 relationshipRequestUnknown")];
    let records = |operation| needs_user("ReadCustomers", operation).on(Target::Customer).except(RELATIONSHIP);
    let changes = |operation| needs_user("ChangeCustomers", operation).on(Target::Customer);
    vec![
        needs_user("ReadRelationshipRequests", "GET /v1/customers/relationshiprequests"),
        needs("ReadRelationshipRequests", "GET /v1/relationshiprequests"),
        needs("ReadRelationshipRequests", "GET /v1/relationshiprequests/{id}").on(Target::Request).except(without),
        needs("RequestRelationships", "POST /v1/relationshiprequests"),
        needs("RequestRelationships", "DELETE /v1/relationshiprequests/{id}").on(Target::SpareRequest).consuming(),
        needs("RequestRelationships", "POST /v1/relationshiprequests/link/rotate").consuming(),
        public("GET /v1/relationshiprequests/links/{token}").on(Target::RequestToken),
        needs("AnswerRelationshipRequests", "POST /v1/relationshiprequests/links/{token}/decline")
            .on(Target::RequestToken),
        needs("AnswerRelationshipRequests", "POST /v1/relationshiprequests/links/{token}/approve")
            .on(Target::SpareRequestToken)
            .consuming(),
        needs("ReadCustomers", "GET /v1/customers"),
        needs("CreateCustomers", "POST /v1/customers"),
        needs("ReadCustomers", "GET /v1/customers/{customer}").on(Target::Customer).except(RELATIONSHIP),
        needs_user("ReadCustomers", "GET /v1/customers/{customer}/relationships")
            .on(Target::Customer)
            .except(RELATIONSHIP),
        needs("ReadCustomers", "HEAD /v1/domains/{domain}").on(Target::Domain),
        needs("ReadCustomers", "GET /v1/countryvalidationrules/{iso2}").on(Target::Country),
        needs("ReadCustomers", "POST /v1/validations/address"),
        needs_user("ReadCustomers", "GET /v1/customers/{customer}/profiles/company")
            .on(Target::Customer)
            .except(RELATIONSHIP),
        needs("ReadCustomers", "GET /v1/customers/{customer}/profiles/billing")
            .on(Target::Customer)
            .except(RELATIONSHIP),
        needs("ChangeCustomers", "PUT /v1/customers/{customer}/profiles/billing").on(Target::Customer).taking(BILLING),
        needs("ReadCustomers", "GET /v1/customers/{customer}/organization").on(Target::Customer).except(GATE),
        needs("ReadCustomers", "GET /v1/customers/{customer}/customDomains").on(Target::Customer).except(GATE),
        records("GET /v1/customers/{customer}/managedservices"),
        records("GET /v1/customers/{customer}/validationStatus"),
        records("GET /v1/customers/{customer}/qualifications"),
        changes("POST /v1/customers/{customer}/qualifications").taking(EDUCATION),
        records("GET /v1/customers/{customer}/qualification"),
        changes("PUT /v1/customers/{customer}/qualification").taking(EDUCATION),
        needs_user("ReadCustomers", "GET /v1/agreements"),
        needs_user("ReadCustomers", "GET /v1/agreementtemplates/{templateId}/document").on(Target::Template),
        records("GET /v1/customers/{customer}/agreements"),
        changes("POST /v1/customers/{customer}/agreements").taking(AGREEMENT),
        records("GET /v1/customers/{customer}/directSignedMicrosoftCustomerAgreementStatus"),
        needs("ChangeCustomers", "POST /v1/customers/{customer}/verifieddomain").on(Target::Customer).taking(DOMAIN),
        changes("POST /v1/customers/{customer}/applicationconsents").taking(CONSENT),
        changes("DELETE /v1/customers/{customer}/applicationconsents/{applicationId}").on(Target::Consent).consuming(),
        needs("ReadAdministrators", administrators).on(Target::Customer),
        needs("EndAdministration", end).on(Target::Administrator).consuming(),
        needs("ReadCustomerDrafts", "GET /v1/customerdrafts"),
        needs("CreateCustomers", "POST /v1/customerdrafts"),
        needs("ReadCustomerDrafts", "GET /v1/customerdrafts/{id}").on(Target::CustomerDraft),
        needs("CreateCustomers", "PUT /v1/customerdrafts/{id}").on(Target::CustomerDraft),
        needs("CreateCustomers", "POST /v1/customerdrafts/{id}/submit").on(Target::CustomerDraft),
        needs("CreateCustomers", "DELETE /v1/customerdrafts/{id}").on(Target::SpareCustomerDraft).consuming(),
        public("POST /v1/setupinfo/{token}").on(Target::SetupInfoToken).consuming(),
        needs("ResetSetupInfo", "POST /v1/customers/{customer}/setupinfo").on(Target::Customer),
        needs("ReadTenantOwners", "GET /v1/customers/{customer}/tenantowners")
            .on(Target::Customer)
            .except(RELATIONSHIP),
        needs("GrantTenantOwner", "POST /v1/customers/{customer}/tenantowners")
            .on(Target::Customer)
            .taking(r#"{"partnerId": "00000000-0000-0000-0000-000000000000"}"#),
        needs("GrantTenantOwner", "DELETE /v1/customers/{customer}/tenantowners/{partnerId}")
            .on(Target::Administrator)
            .consuming(),
        needs("EndCustomerRelationships", "PATCH /v1/customers/{customer}").on(Target::Customer),
        public("GET /v1/administrationrequests/links/{token}").on(Target::AdministrationLink),
        needs("AnswerAdministration", "POST /v1/administrationrequests/links/{token}/approve")
            .on(Target::AdministrationLink),
        needs("AnswerAdministration", "POST /v1/administrationrequests/links/{token}/decline")
            .on(Target::AdministrationLink),
    ]
}

const CUSTOMER_USER: &str =
    r#"{"userPrincipalName": "x@custa.onmicrosoft.com", "displayName": "x", "passwordProfile": {}}"#;
const LICENSES: &str = r#"{"licensesToAssign": [], "licensesToRemove": []}"#;

/// Users of customers and their licences.
pub fn customer_users() -> Vec<Row> {
    let reads = |operation| needs("ReadCustomerUsers", operation).on(Target::CustomerUser).except(GATE);
    let changes = |operation| needs("ChangeCustomerUsers", operation).on(Target::CustomerUser);
    vec![
        reads("GET /v1/customers/{customer}/users").on(Target::Customer),
        reads("GET /v1/customers/{customer}/subscribedskus").on(Target::Customer),
        reads("GET /v1/customers/{customer}/users/{id}"),
        reads("GET /v1/customers/{customer}/users/{id}/licenses"),
        reads("GET /v1/customers/{customer}/users/{id}/licensecheck"),
        changes("POST /v1/customers/{customer}/users").on(Target::Customer).taking(CUSTOMER_USER),
        changes("PATCH /v1/customers/{customer}/users/{id}").taking(CUSTOMER_USER),
        changes("PATCH /v1/customers/{customer}/users/{id}/resetpassword").taking(CUSTOMER_USER),
        changes("POST /v1/customers/{customer}/users/{id}/licenseupdates").taking(LICENSES),
        changes("DELETE /v1/customers/{customer}/users/{id}").on(Target::SpareCustomerUser).consuming(),
    ]
}

const LINES: &str = r#"{"lineItems": [{"offerId": "none", "quantity": 1}]}"#;
const ITEMS: &str = r#"{"lineItems": [{"catalogItemId": "none", "quantity": 1}]}"#;
const CONTACT: &str = r#"{"supportTenantId": "00000000-0000-0000-0000-000000000000"}"#;

/// Orders, carts, subscriptions, incentives.
pub fn subscriptions() -> Vec<Row> {
    let reads = |operation| needs("ReadSubscriptions", operation).except(RELATIONSHIP);
    let asks = |operation| needs_user("ReadSubscriptions", operation).except(RELATIONSHIP);
    let places = |operation| needs("PlaceOrders", operation);
    vec![
        reads("GET /v1/customers/{customer}/orders").on(Target::Customer),
        reads("GET /v1/customers/{customer}/orders/{order}").on(Target::Order),
        asks("GET /v1/customers/{customer}/orders/{order}/provisioningstatus").on(Target::Order),
        places("POST /v1/customers/{customer}/orders").on(Target::Customer).taking(LINES),
        places("PATCH /v1/customers/{customer}/orders/{order}").on(Target::Order).taking(LINES),
        needs("ReadCustomerDrafts", "GET /v1/customers/{customer}/carts/{cart}").on(Target::Cart),
        places("POST /v1/customers/{customer}/carts").on(Target::Customer).taking(ITEMS),
        places("PUT /v1/customers/{customer}/carts/{cart}").on(Target::Cart).taking(ITEMS),
        places("POST /v1/customers/{customer}/carts/{cart}/checkout").on(Target::Cart).consuming(),
        reads("GET /v1/customers/{customer}/subscriptions").on(Target::Customer),
        reads("GET /v1/customers/{customer}/subscriptions/{subscription}").on(Target::Subscription),
        reads("GET /v1/customers/{customer}/subscriptions/{subscription}/addons").on(Target::Subscription),
        reads("GET /v1/customers/{customer}/subscriptions/{subscription}/associations").on(Target::Subscription),
        asks("GET /v1/customers/{customer}/subscriptions/{subscription}/supportcontact").on(Target::Subscription),
        needs_user("ReadSubscriptions", "GET /v1/customers/{customer}/subscriptions/{subscription}/provisioningstatus")
            .on(Target::Subscription)
            .except(GATE),
        needs("ChangeSubscriptions", "PATCH /v1/customers/{customer}/subscriptions/{subscription}")
            .on(Target::Subscription),
        needs("DesignateSupportContacts", "PUT /v1/customers/{customer}/subscriptions/{subscription}/supportcontact")
            .on(Target::Subscription)
            .taking(CONTACT),
        needs("ReadIncentives", "GET /v1/incentives"),
        needs("ReadIncentives", "GET /v1/incentives/periods"),
    ]
}

/// Delegated administration as Graph's clients see it.
pub fn graph() -> Vec<Row> {
    let read = |operation| needs("ReadAdministration", operation);
    let request = |operation| needs("RequestAdministration", operation);
    vec![
        needs("ReadCustomers", "GET /v1.0/contracts"),
        read("GET /v1.0/groups"),
        read("GET /v1.0/groups/{group}").on(Target::Group),
        read("GET /v1.0/tenantRelationships/delegatedAdminCustomers"),
        read("GET /v1.0/tenantRelationships/delegatedAdminCustomers/{tenantId}")
            .on(Target::AdministeredCustomer)
            .except(ADMINISTERED),
        read("GET /v1.0/tenantRelationships/delegatedAdminCustomers/{tenantId}/serviceManagementDetails")
            .on(Target::AdministeredCustomer)
            .except(ADMINISTERED),
        needs("ReadCustomers", "GET /v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')")
            .on(Target::AdministeredCustomer)
            .except(RELATIONSHIP),
        needs(
            "ReadCustomers",
            "GET /v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='{domainName}')",
        )
        .on(Target::DomainName)
        .except(RELATIONSHIP),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships"),
        request("POST /v1.0/tenantRelationships/delegatedAdminRelationships"),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}")
            .on(Target::Relationship)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests")
            .on(Target::Relationship)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests/{requestId}")
            .on(Target::AccessRequest)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/operations")
            .on(Target::Relationship)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/operations/{operationId}")
            .on(Target::Operation)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments")
            .on(Target::Relationship)
            .except(NO_RELATIONSHIP_B),
        read("GET /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")
            .on(Target::Assignment)
            .except(NO_RELATIONSHIP_B),
        request("POST /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments")
            .on(Target::Relationship)
            .taking(
                r#"{"accessContainer": {"accessContainerId": "AdminAgents"}, "accessDetails": {"unifiedRoles": []}}"#,
            ),
        request("PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")
            .on(Target::Assignment)
            .taking(r#"{"accessDetails": {"unifiedRoles": []}}"#),
        request("DELETE /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignmentId}")
            .on(Target::Assignment)
            .consuming(),
        request("POST /v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests")
            .on(Target::SpareRelationship)
            .taking(r#"{"action": "lockForApproval"}"#),
        request("PATCH /v1.0/tenantRelationships/delegatedAdminRelationships/{id}").on(Target::SpareRelationship),
        request("DELETE /v1.0/tenantRelationships/delegatedAdminRelationships/{id}")
            .on(Target::SpareRelationship)
            .consuming(),
    ]
}

/// The catalogue.
pub fn catalogue() -> Vec<Row> {
    let read = |operation| needs("ReadCatalogue", operation);
    // The operator has no customers, and reseller B none of these.
    let customers = |operation| {
        read(operation).on(Target::Customer).except(&[OPERATOR_ALONE, ("reseller B", "404 relationshipMissing")])
    };
    let products = |operation| {
        read(operation).on(Target::Product).except(&[OPERATOR_ALONE, ("reseller B", "404 relationshipMissing")])
    };
    vec![
        needs("RunTheCentre", "POST /v1/offers/import"),
        read("GET /v1/offers"),
        read("GET /v1/offers/{id}").on(Target::Offer),
        read("GET /v1/offers/{id}/addons").on(Target::Offer),
        read("GET /v1/offercategories"),
        customers("GET /v1/customers/{customer}/offers"),
        customers("GET /v1/customers/{customer}/offercategories"),
        products("GET /v1/customers/{customer}/products/{product}/skus"),
        products("GET /v1/customers/{customer}/products/{product}/skus/{sku}"),
        products("GET /v1/customers/{customer}/products/{product}/skus/{sku}/availabilities"),
        products("GET /v1/customers/{customer}/products/{product}/skus/{sku}/availabilities/{availability}"),
    ]
}

/// Registrations, devices, the device directory.
pub fn devices() -> Vec<Row> {
    let read = |operation| needs("ReadDevices", operation).except(GATE);
    vec![
        needs("RunTheCentre", "POST /v1/devicedirectory/manifests").uploading(),
        needs("ReadDevices", "GET /v1/devices/guide"),
        needs("ReadDevices", "GET /v1/devices/templates/{file}").on(Target::GuideTemplate),
        needs("ReadDevices", "GET /v1/devices/scripts/{file}").on(Target::GuideScript),
        read("GET /v1/customers/{customer}/deviceRegistrations").on(Target::Customer),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}").on(Target::Registration),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}/rows").on(Target::Registration),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}/findings").on(Target::Registration),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}/results.csv").on(Target::Registration),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}/cleaned.csv").on(Target::Registration),
        read("GET /v1/customers/{customer}/deviceRegistrations/{id}/events").on(Target::Registration),
        needs("RunTheCentre", "GET /v1/devicedirectory/manifests"),
        needs("RunTheCentre", "GET /v1/devicedirectory/manifests/{id}").on(Target::Manifest),
        read("GET /v1/customers/{customer}/devices").on(Target::Customer),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations")
            .on(Target::Customer)
            .uploading()
            .except(GATE),
        read("GET /v1/customers/{customer}/devices/{id}").on(Target::Device),
        read("GET /v1/customers/{customer}/devices/{id}/usernote").on(Target::Device),
        needs("RegisterDevices", "PATCH /v1/customers/{customer}/devices/{id}")
            .on(Target::Device)
            .taking(r#"{ "displayName": "mine" }"#),
        needs("RegisterDevices", "POST /v1/customers/{customer}/devices/{id}/imagecheck").on(Target::Device),
        needs("RegisterDevices", "DELETE /v1/customers/{customer}/devices/{id}/imagecheck")
            .on(Target::Device)
            .consuming(),
        needs("RegisterDevices", "POST /v1/customers/{customer}/devices/assignments")
            .on(Target::Customer)
            .taking(r#"{ "assignments": [{ "serialNumber": "a1" }] }"#),
        needs("RegisterDevices", "POST /v1/customers/{customer}/devices/deregister")
            .on(Target::Customer)
            .taking(r#"{ "devices": ["0193a9c0-0000-7000-8000-000000000000"] }"#),
        needs("CheckInDevices", "POST /v1/devicecheckins"),
        read("GET /v1/customers/{customer}/releaserequests").on(Target::Customer),
        // What became of it is shown to whoever asked.
        read("GET /v1/customers/{customer}/releaserequests/sent").on(Target::Customer).growing(),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations/{id}/rows/{row}/releaserequest")
            .on(Target::DeviceRow)
            .except(GATE),
        needs("RegisterDevices", "POST /v1/customers/{customer}/releaserequests/{id}/release")
            .on(Target::ReleaseRequest)
            .consuming(),
        needs("RegisterDevices", "POST /v1/customers/{customer}/releaserequests/{id}/decline")
            .on(Target::ReleaseRequest)
            .consuming(),
        needs("RegisterDevices", "DELETE /v1/customers/{customer}/devices/{id}").on(Target::Device).consuming(),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations/{id}/register")
            .on(Target::Registration),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations/{id}/retry")
            .on(Target::Registration),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations/{id}/dismiss")
            .on(Target::Registration),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceRegistrations/{id}/void")
            .on(Target::Registration)
            .consuming()
            .except(GATE),
    ]
}

/// Device batches, upload jobs, policies.
pub fn device_batches() -> Vec<Row> {
    let read = |operation| needs("ReadDevices", operation).except(GATE);
    let policies = |operation| needs("ManageDevicePolicies", operation);
    vec![
        read("GET /v1/customers/{customer}/deviceBatches").on(Target::Customer),
        read("GET /v1/customers/{customer}/deviceBatches/{batch}/devices").on(Target::Batch),
        read("GET /v1/customers/{customer}/batchJobStatus/{job}").on(Target::UploadJob),
        read("GET /v1/customers/{customer}/policies").on(Target::Customer),
        read("GET /v1/customers/{customer}/policies/{policy}").on(Target::Policy),
        needs_user("RegisterDevices", "POST /v1/customers/{customer}/deviceBatches").on(Target::Customer),
        needs("RegisterDevices", "POST /v1/customers/{customer}/deviceBatches/{batch}/devices")
            .on(Target::Batch)
            .taking("[]"),
        policies("PUT /v1/customers/{customer}/deviceBatches/{batch}/devices/{id}").on(Target::BatchDevice),
        policies("PATCH /v1/customers/{customer}/deviceBatches/{batch}/devices/{id}").on(Target::BatchDevice),
        policies("PATCH /v1/customers/{customer}/DevicePolicyUpdates")
            .on(Target::Customer)
            .taking(r#"{"devices": [{"id": "x"}]}"#),
        policies("POST /v1/customers/{customer}/policies").on(Target::Customer),
        policies("PUT /v1/customers/{customer}/policies/{policy}").on(Target::Policy),
        needs("RegisterDevices", "DELETE /v1/customers/{customer}/deviceBatches/{batch}/devices/{id}")
            .on(Target::BatchDevice)
            .consuming(),
        policies("DELETE /v1/customers/{customer}/policies/{policy}").on(Target::Policy).consuming(),
    ]
}

/// Devices at Graph's paths. Partners call with tokens for their own tenants, which name no customer.
pub fn device_graph() -> Vec<Row> {
    let read = |operation| needs("ReadDevices", operation);
    let register = |operation| needs("RegisterDevices", operation);
    vec![
        read("GET /v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities"),
        read("GET /v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/{device}")
            .on(Target::ImportedIdentity),
        register("POST /v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities"),
        register("POST /v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/import"),
        read("GET /v1.0/deviceManagement/windowsAutopilotDeviceIdentities"),
        read("GET /v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}").on(Target::DeviceIdentity),
        register("POST /v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/updateDeviceProperties")
            .on(Target::DeviceIdentity),
        register("POST /v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/assignUserToDevice")
            .on(Target::DeviceIdentity),
        register("POST /v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}/unassignUserFromDevice")
            .on(Target::DeviceIdentity)
            .consuming(),
        read("GET /v1.0/deviceManagement/windowsAutopilotSettings"),
        register("POST /v1.0/deviceManagement/windowsAutopilotSettings/sync").consuming(),
        register("DELETE /v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities/{device}")
            .on(Target::ImportedIdentity)
            .consuming(),
        register("DELETE /v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}")
            .on(Target::DeviceIdentity)
            .consuming(),
    ]
}

/// The trail, and questions across features.
pub fn overview() -> Vec<Row> {
    let trail = |operation| needs("ReadTrail", operation).growing();
    vec![
        trail("GET /v1/auditrecords"),
        trail("GET /v1/auditrecords/{id}").on(Target::Record),
        trail("GET /v1/auditrecords/export"),
        row("POST /v1.0/$batch", Guard::AnySignedIn),
        row("GET /v1/calendar", Guard::AnySignedIn),
        row("GET /v1/why", Guard::AnySignedIn).asking("?action=readDevices"),
    ]
}
