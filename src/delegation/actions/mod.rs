//! Use cases of delegated administration, and the gate.

mod administrators;
mod creation;
mod gate;
mod grants;
mod records;

pub use administrators::{Administrator, administrators, end_administration};
pub use creation::{ADMIN_NAME, CustomerDetails, CustomerForm, check_form, create_customer, customer};
pub use gate::{Administers, GateError, Observes, administer, administer_for, has_held_grant, holds_grant, observe};
pub use grants::{GrantPeriods, count_through, invariants, served_through};
pub use records::{AdministeredError, administered, domains, in_directory};
