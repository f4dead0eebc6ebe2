//! The permission table.

use super::{OrganisationKind, Role};

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

/// A permission as a type: a handler that takes [`crate::access::Allowed`] of it cannot run without it.
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
    /// List providers, publish agreements, see enrolments, load the device directory, import offers.
    RunTheCentre, Accepted: Operator [];
    /// Approve or reject enrolments.
    DecideEnrollments, Refused: Operator [];
    /// Register applications of one's own company.
    ManageApplications, Refused: Operator [] Provider [] Reseller [] Customer [];
    /// Invite, change, suspend, restore and remove users of one's own company, and their roles.
    ManageUsers, Refused: Operator [] Provider [UserManagementAdmin] Reseller [UserManagementAdmin] Customer [];
    /// See the users of one's own company.
    ReadUsers, Accepted:
        Operator []
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [];
    /// See one's own enrolment.
    ReadOwnEnrollment, Accepted: Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Sign the Microsoft Partner Agreement.
    SignAgreement, Refused: Provider [] Reseller [];
    /// See which agreements one's company has signed.
    ReadAgreements, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See the versions of the Microsoft Partner Agreement.
    ReadAgreementVersions, Accepted:
        Operator []
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See the profiles of one's own company, and verify the MPN ID and the agreement of another.
    ReadProfiles, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Change the profiles of one's own company.
    ChangeProfiles, Refused: Provider [AdminAgent] Reseller [AdminAgent];
    /// See one's own entry of the providers list, with a change request to fill in.
    ReadOwnListing, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Ask the operator to change one's own entry of the providers list.
    RequestListingChange, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent];
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
    /// See the drafts of customers of one's own company.
    ReadCustomerDrafts, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See one's customers.
    ReadCustomers, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See the catalogue: offers, their categories and what can be added to them.
    ReadCatalogue, Accepted:
        Operator []
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Place orders for customers, and fill carts: the relationship with the customer is asked for as well.
    PlaceOrders, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent];
    /// See orders and subscriptions of customers: the relationship, or being the reseller of record, is asked for as well.
    ReadSubscriptions, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [];
    /// Change subscriptions of customers: the relationship, or being the reseller of record, is asked for as well.
    ChangeSubscriptions, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent, SalesAgent];
    /// Say who answers a customer for a subscription.
    DesignateSupportContacts, Refused: Provider [UserManagementAdmin, AdminAgent, SalesAgent];
    /// See for which licences resellers of record are credited.
    ReadIncentives, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// See the users of a customer: delegated administration of the customer is asked for as well.
    ReadCustomerUsers, Refused:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Create and change users of a customer and their licences: delegated administration of the customer is asked for as well.
    ChangeCustomerUsers, Refused: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent, SalesAgent];
    /// Ask customers for a relationship, and revoke such requests.
    RequestRelationships, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent]
        Reseller [AdminAgent, SalesAgent];
    /// See what one's company asked customers for, and its standing link.
    ReadRelationshipRequests, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Approve or decline a partner's request for a relationship.
    AnswerRelationshipRequests, Refused: Customer [];
    /// Change what is recorded of one's customers: the relationship with the customer is asked for as well.
    ChangeCustomers, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent, SalesAgent];
    /// See which partners can administer one's own organisation.
    ReadAdministrators, Refused: Customer [];
    /// End a partner's administration of one's own organisation.
    EndAdministration, Refused: Customer [];
    /// Ask customers for granular delegated administration, assign its roles to one's groups, and end it.
    RequestAdministration, Accepted: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent];
    /// See one's delegated administration of customers.
    ReadAdministration, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent];
    /// Approve or decline a partner's request for delegated administration of one's own organisation.
    AnswerAdministration, Refused: Customer [];
    /// End one's own company's relationship with a customer, or its delegated administration.
    EndCustomerRelationships, Refused: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent];
    /// Give a reseller tenant owner permission on a customer's directory, and end it.
    GrantTenantOwner, Refused: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Customer [];
    /// See who is tenant owner of a customer's directory.
    ReadTenantOwners, Accepted:
        Provider [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Reseller [UserManagementAdmin, AdminAgent, SalesAgent, HelpdeskAgent]
        Customer [];
    /// Register and deregister devices: the delegation to the customer is asked for as well.
    RegisterDevices, Accepted: Provider [AdminAgent, SalesAgent] Reseller [AdminAgent, SalesAgent] Customer [];
    /// Report which devices of one's own organisation are in use.
    CheckInDevices, Accepted: Customer [];
    /// Make policies of devices, change them and give them to devices: the delegation to the customer is asked for as well.
    ManageDevicePolicies, Accepted: Provider [AdminAgent] Reseller [AdminAgent] Customer [];
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
    /// Give a customer's first admin another temporary password: the delegation to the customer is asked for as well.
    ResetSetupInfo, Refused: Provider [UserManagementAdmin, AdminAgent, SalesAgent] Reseller [AdminAgent];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helpdesk_agent_only_reads_and_a_global_admin_does_everything_of_its_company() {
        for rule in PERMISSIONS {
            for (kind, _) in rule.holders {
                assert!(rule.is_held_by(*kind, &[Role::GlobalAdmin]), "{}", rule.name);
                let reads = rule.name.starts_with("Read");
                let helpdesk = rule.is_held_by(*kind, &[Role::HelpdeskAgent]);
                let partner = matches!(kind, OrganisationKind::Provider | OrganisationKind::Reseller);
                assert_eq!(helpdesk, reads && partner, "{} of a {kind}", rule.name);
                assert!(!rule.is_held_by(*kind, &[]), "{}", rule.name);
            }
        }
    }
}
