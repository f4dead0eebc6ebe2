//! Use cases of delegated administration, and the gate.

mod administrators;
mod creation;
mod drafts;
mod gate;
mod grants;
mod listing;
mod setup_info;

pub use administrators::{Administrator, administrators, end_administration};
pub use creation::{ADMIN_NAME, CreatedCustomer, CustomerDetails, CustomerForm, check_form, create_customer, customer};
pub use drafts::{DraftState, Submitted, cancel_draft, change_draft, create_draft, draft, drafts, submit_draft};
pub use gate::{Administers, GateError, Observes, administer, administer_for, has_held_grant, holds_grant, observe};
pub use grants::{GrantPeriods, count_through, invariants, served_through};
pub use listing::{listing, resellers_to_choose};
pub use setup_info::{
    Handover, Revealable, SetupInfoError, Terms, forget_ended, link, reset_setup_info, reveal, revealable,
};
