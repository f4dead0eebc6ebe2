//! Directory roles that delegated administration gives in a customer's tenant, what they open here, and which of a
//! partner's groups hold them.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::access::{PartnerId, Role, Scope};
use crate::platform::keys::sha256;
use crate::words;

/// A built-in directory role. Only those that the directory has can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectoryRole(Uuid);

/// Ids and names of the built-in roles, as every directory has them.
const DIRECTORY_ROLES: &str = include_str!("directory_roles.tsv");

impl DirectoryRole {
    const fn new(id: u128) -> Self {
        Self(Uuid::from_u128(id))
    }

    /// Everything.
    pub const GLOBAL_ADMINISTRATOR: Self = Self::new(0x62e9_0394_69f5_4237_9190_0121_7714_5e10);
    /// Reads everything.
    pub const GLOBAL_READER: Self = Self::new(0xf2ef_992c_3afb_46b9_b7cf_a126_ee74_c451);
    /// Devices and their policies.
    pub const INTUNE_ADMINISTRATOR: Self = Self::new(0x3a2c_62db_5318_420d_8d74_23af_fee5_d9d5);
    /// Devices.
    pub const CLOUD_DEVICE_ADMINISTRATOR: Self = Self::new(0x7698_a772_787b_4ac8_901f_60d6_b08a_ffd2);
    /// Writes the directory's basics.
    pub const DIRECTORY_WRITERS: Self = Self::new(0x9360_feb5_f418_4baa_8175_e2a0_0bac_4301);
    /// Reads the directory's basics.
    pub const DIRECTORY_READERS: Self = Self::new(0x88d8_e3e3_8f55_4a1e_953a_9b98_98b8_876b);
    /// Passwords of administrators.
    pub const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: Self = Self::new(0x7be4_4c8a_adaf_4e2a_84d6_ab26_49e0_8a13);
    /// Licences.
    pub const LICENSE_ADMINISTRATOR: Self = Self::new(0x4d6a_c14f_3453_41d0_bef9_a3e0_c569_773a);
    /// Service requests.
    pub const SERVICE_SUPPORT_ADMINISTRATOR: Self = Self::new(0xf023_fd81_a637_4b56_95fd_791a_c022_6033);
    /// Users.
    pub const USER_ADMINISTRATOR: Self = Self::new(0xfe93_0be7_5e62_47db_91af_98c3_a49a_38b1);
    /// Role assignments.
    pub const PRIVILEGED_ROLE_ADMINISTRATOR: Self = Self::new(0xe861_1ab8_c189_46e8_94e1_6021_3ab1_f814);
    /// Passwords of those who are no administrators.
    pub const HELPDESK_ADMINISTRATOR: Self = Self::new(0x7298_27e3_9c14_49f7_bb1b_9608_f156_bbb8);
    /// Applications, their proxy apart.
    pub const CLOUD_APPLICATION_ADMINISTRATOR: Self = Self::new(0x158c_047a_c907_4556_b7ef_4465_51a6_b5f7);
    /// Applications.
    pub const APPLICATION_ADMINISTRATOR: Self = Self::new(0x9b89_5d92_2cd3_44c7_9d02_a6ac_2d5e_a5c3);
    /// Domain names.
    pub const DOMAIN_NAME_ADMINISTRATOR: Self = Self::new(0x8329_153b_31d0_4727_b945_745e_b3bc_5f31);

    /// Every built-in role, with its name.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        static READ: LazyLock<Vec<(DirectoryRole, &str)>> = LazyLock::new(|| {
            let role = |line: &'static str| {
                let (id, name) = line.split_once('\t')?;
                Some((DirectoryRole(id.parse().ok()?), name))
            };
            DIRECTORY_ROLES.lines().filter_map(role).collect()
        });
        READ.iter().copied()
    }

    /// The built-in role with this id, if there is one.
    pub fn known(id: Uuid) -> Option<Self> {
        Self::all().map(|(role, _)| role).find(|role| role.0 == id)
    }

    /// The bare id.
    pub fn id(self) -> Uuid {
        self.0
    }

    /// What the directory calls it.
    pub fn name(self) -> &'static str {
        Self::all().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// The roles that a provider gets with a customer it creates with granular administration (section 6.3 of the contract).
pub const DEFAULT_ROLES: [DirectoryRole; 11] = [
    DirectoryRole::DIRECTORY_READERS,
    DirectoryRole::DIRECTORY_WRITERS,
    DirectoryRole::LICENSE_ADMINISTRATOR,
    DirectoryRole::SERVICE_SUPPORT_ADMINISTRATOR,
    DirectoryRole::USER_ADMINISTRATOR,
    DirectoryRole::PRIVILEGED_ROLE_ADMINISTRATOR,
    DirectoryRole::HELPDESK_ADMINISTRATOR,
    DirectoryRole::PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    DirectoryRole::GLOBAL_READER,
    DirectoryRole::CLOUD_APPLICATION_ADMINISTRATOR,
    DirectoryRole::APPLICATION_ADMINISTRATOR,
];

/// The same of a reseller: without the two application roles.
pub fn default_roles_of_reseller() -> &'static [DirectoryRole] {
    &DEFAULT_ROLES[..9]
}

/// What delegated administration is asked for. Any one of its roles opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Register, change and remove devices.
    WriteDevices,
    /// See devices and registrations.
    ReadDevices,
    /// See the company's address, domains and contacts.
    ReadOrganization,
    /// The same of its domains.
    ReadDomains,
    /// Add domains.
    WriteDomains,
    /// See how far subscriptions are set up.
    ReadProvisioning,
    /// Say what a partner's application may use.
    ConsentToApplications,
    /// Reset an administrator's password.
    ResetAdminPassword,
    /// See users.
    ReadUsers,
    /// Create, change and restore users.
    WriteUsers,
    /// Remove users.
    DeleteUsers,
    /// Reset a user's password.
    ResetUserPassword,
    /// See which licences there are and who has them.
    ReadLicenses,
    /// Give licences to users and take them back.
    WriteLicenses,
}

impl Right {
    /// The roles that open it (ruling 13 of the design; section 18.5 of the contract for reading the organisation, users,
    /// licences and passwords). The contract names none for domains and consents: those whose task it is in a directory.
    pub fn roles(self) -> &'static [DirectoryRole] {
        use DirectoryRole as Role;
        match self {
            Right::WriteDevices => {
                &[Role::GLOBAL_ADMINISTRATOR, Role::INTUNE_ADMINISTRATOR, Role::CLOUD_DEVICE_ADMINISTRATOR]
            }
            Right::ReadDevices => &[
                Role::GLOBAL_ADMINISTRATOR,
                Role::INTUNE_ADMINISTRATOR,
                Role::CLOUD_DEVICE_ADMINISTRATOR,
                Role::GLOBAL_READER,
            ],
            Right::ReadOrganization => &[Role::GLOBAL_ADMINISTRATOR, Role::DIRECTORY_WRITERS, Role::GLOBAL_READER],
            Right::ReadDomains => &[
                Role::GLOBAL_ADMINISTRATOR,
                Role::DIRECTORY_WRITERS,
                Role::GLOBAL_READER,
                Role::DOMAIN_NAME_ADMINISTRATOR,
            ],
            Right::WriteDomains => &[Role::GLOBAL_ADMINISTRATOR, Role::DOMAIN_NAME_ADMINISTRATOR],
            Right::ReadProvisioning => &[Role::GLOBAL_ADMINISTRATOR, Role::DIRECTORY_READERS, Role::GLOBAL_READER],
            Right::ConsentToApplications => &[
                Role::GLOBAL_ADMINISTRATOR,
                Role::PRIVILEGED_ROLE_ADMINISTRATOR,
                Role::APPLICATION_ADMINISTRATOR,
                Role::CLOUD_APPLICATION_ADMINISTRATOR,
            ],
            Right::ResetAdminPassword => &[Role::GLOBAL_ADMINISTRATOR, Role::PRIVILEGED_AUTHENTICATION_ADMINISTRATOR],
            Right::ReadUsers => {
                &[Role::GLOBAL_ADMINISTRATOR, Role::DIRECTORY_READERS, Role::GLOBAL_READER, Role::USER_ADMINISTRATOR]
            }
            Right::WriteUsers => &[Role::GLOBAL_ADMINISTRATOR, Role::USER_ADMINISTRATOR, Role::DIRECTORY_WRITERS],
            Right::DeleteUsers => &[Role::GLOBAL_ADMINISTRATOR, Role::USER_ADMINISTRATOR],
            Right::ResetUserPassword => {
                &[Role::GLOBAL_ADMINISTRATOR, Role::USER_ADMINISTRATOR, Role::PRIVILEGED_AUTHENTICATION_ADMINISTRATOR]
            }
            Right::ReadLicenses => &[
                Role::GLOBAL_ADMINISTRATOR,
                Role::LICENSE_ADMINISTRATOR,
                Role::USER_ADMINISTRATOR,
                Role::DIRECTORY_WRITERS,
                Role::DIRECTORY_READERS,
                Role::GLOBAL_READER,
            ],
            Right::WriteLicenses => &[
                Role::GLOBAL_ADMINISTRATOR,
                Role::LICENSE_ADMINISTRATOR,
                Role::USER_ADMINISTRATOR,
                Role::DIRECTORY_WRITERS,
            ],
        }
    }

    /// Its roles by name, as refusals list them.
    pub fn names(self) -> String {
        self.roles().iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
    }
}

words! {
    /// The groups of a partner that hold roles in its customers' tenants: whoever has the role is a member.
    Group {
        /// Admin agents.
        Admin = "AdminAgents",
        /// Helpdesk agents.
        Helpdesk = "HelpdeskAgents",
        /// Sales agents.
        Sales = "SalesAgents",
    }
}

impl Group {
    /// The group's id in the partner's directory: made from both, so that no other partner's group has it.
    pub fn id_in(self, partner: PartnerId) -> Uuid {
        let digest = sha256(format!("{partner}/{}", self.as_str()).as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// The group that a partner names by id or by name, if it has one such.
    pub fn named(partner: PartnerId, text: &str) -> Option<Self> {
        let text = text.trim();
        let is = |group: &&Group| {
            group.as_str().eq_ignore_ascii_case(text) || text.parse::<Uuid>() == Ok(group.id_in(partner))
        };
        Group::ALL.iter().find(is).copied()
    }
}

/// The groups that a caller is a member of (ruling 13 of the design). A Global admin counts in all three.
pub fn groups_of(me: &Scope) -> Vec<Group> {
    let roles = me.roles();
    if roles.contains(&Role::GlobalAdmin) {
        return Group::ALL.to_vec();
    }
    let of = |role: &Role| match role {
        Role::AdminAgent => Some(Group::Admin),
        Role::HelpdeskAgent => Some(Group::Helpdesk),
        Role::SalesAgent => Some(Group::Sales),
        Role::GlobalAdmin | Role::UserManagementAdmin => None,
    };
    roles.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_role_and_no_id_or_name_comes_twice() {
        let all: Vec<_> = DirectoryRole::all().collect();
        assert_eq!(all.len(), DIRECTORY_ROLES.lines().count());
        let ids: std::collections::HashSet<_> = all.iter().map(|(role, _)| *role).collect();
        let names: std::collections::HashSet<_> = all.iter().map(|(_, name)| *name).collect();
        assert_eq!((ids.len(), names.len()), (all.len(), all.len()));
        for (role, name) in [
            (DirectoryRole::GLOBAL_ADMINISTRATOR, "Global Administrator"),
            (DirectoryRole::CLOUD_DEVICE_ADMINISTRATOR, "Cloud Device Administrator"),
            (DirectoryRole::DOMAIN_NAME_ADMINISTRATOR, "Domain Name Administrator"),
        ] {
            assert_eq!(role.name(), name);
        }
        for role in DEFAULT_ROLES {
            assert!(!role.name().is_empty());
        }
        assert_eq!(default_roles_of_reseller().last(), Some(&DirectoryRole::GLOBAL_READER));
        assert_eq!(DirectoryRole::known(Uuid::nil()), None);
    }

    #[test]
    fn what_opens_devices_is_as_the_design_rules() {
        assert_eq!(
            Right::WriteDevices.names(),
            "Global Administrator, Intune Administrator, Cloud Device Administrator"
        );
        assert_eq!(
            Right::ReadDevices.names(),
            "Global Administrator, Intune Administrator, Cloud Device Administrator, Global Reader"
        );
    }

    #[test]
    fn ten_04_a_group_is_known_by_name_or_id_to_its_own_partner_only() {
        let (own, other) = (PartnerId::fresh(), PartnerId::fresh());
        let id = Group::Sales.id_in(own);
        assert_eq!(Group::named(own, &id.to_string().to_uppercase()), Some(Group::Sales));
        assert_eq!(Group::named(own, "salesagents"), Some(Group::Sales));
        assert_eq!(Group::named(other, &id.to_string()), None);
        assert_eq!(Group::named(own, ""), None);
    }
}
