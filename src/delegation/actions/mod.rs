//! Use cases of delegated administration, and the gate.

mod administrators;
mod approvals;
mod assignments;
mod creation;
mod endings;
mod gate;
mod grants;
mod granular;
mod notices;
mod records;
pub mod requests;
mod setup_info;
mod tenant_owners;

pub use administrators::{Administrator, ToEnd, administrators, end_administration, requests_to};
pub use approvals::{
    ApprovalSheet, administration_link, approval_sheet, approve_administration, asked_administration,
    decline_administration,
};
pub use assignments::{assign, assignment, assignments, reassign, unassign};
pub use creation::{ADMIN_NAME, CreatedCustomer, CustomerDetails, CustomerForm, check_form, create_customer, customer};
pub use endings::{end_relationship, give_up_administration};
pub use gate::{
    Administers, GateError, Observes, administer, administer_for, administered, administered_among, has_held_grant,
    has_right, holds_grant, is_administered, observe, require,
};
pub use grants::{GrantPeriods, count_through, invariants, served_through};
pub use granular::{
    Changed, GranularChange, GranularEnd, GranularFilter, GranularPage, Order, Side, access_requests,
    administered_customers, change_granular, create_granular, delete_granular, ending, granular, granular_list,
    operations, request_access,
};
pub use notices::{Told, tell_customer};
pub use records::{AdministeredError, domains, in_directory};
pub use setup_info::{
    Handover, Revealable, SetupInfoError, Terms, forget_ended, link, reset_setup_info, reveal, revealable,
};
pub use tenant_owners::{end_tenant_owner, grant_tenant_owner, tenant_owners};
