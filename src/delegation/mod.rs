//! Delegated administration: who may administer a customer, proved for each use, and ended by the customer at once.
//!
//! # The gate
//!
//! [`administer`], and [`administer_for`] in the transactions of work that goes on after a request, are the only sources of
//! [`Administers`], the value that functions which change a customer's devices take. The proof belongs to one
//! transaction. Within it, it can be used:
//!
//! ```no_run
//! # use partner_center::{access::Scope, customers::CustomerReference, delegation, platform::{clock::Timestamp, db::*}};
//! # fn demo(db: &Db, me: &Scope, customer: &CustomerReference, now: Timestamp) {
//! let id = db.write_now(Isolation::Serializable, &|tx| {
//!     let proof = delegation::administer(tx, me, customer, now)?;
//!     Ok::<_, partner_center::platform::error::Failure<delegation::GateError>>(proof.customer())
//! });
//! # }
//! ```
//!
//! It cannot be returned from its transaction:
//!
//! ```compile_fail
//! # use partner_center::{access::Scope, customers::CustomerReference, delegation, platform::{clock::Timestamp, db::*}};
//! # fn demo(db: &Db, me: &Scope, customer: &CustomerReference, now: Timestamp) {
//! let proof = db.write_now(Isolation::Serializable, &|tx| delegation::administer(tx, me, customer, now));
//! # }
//! ```
//!
//! nor stored for later, in a job or anywhere else:
//!
//! ```compile_fail
//! # use partner_center::{access::Scope, customers::CustomerReference, delegation, platform::{clock::Timestamp, db::*}};
//! # use std::cell::RefCell;
//! # fn demo(db: &Db, me: &Scope, customer: &CustomerReference, now: Timestamp) {
//! let kept = RefCell::new(None);
//! let id = db.write_now(Isolation::Serializable, &|tx| {
//!     let proof = delegation::administer(tx, me, customer, now)?;
//!     let id = proof.customer();
//!     kept.replace(Some(proof));
//!     Ok::<_, partner_center::platform::error::Failure<delegation::GateError>>(id)
//! });
//! # }
//! ```
//!
//! nor made up:
//!
//! ```compile_fail
//! # use partner_center::{access::{CustomerId, OrganisationId}, delegation::Administers};
//! # fn demo(customer: CustomerId, acting: OrganisationId) {
//! let proof = Administers { customer, acting };
//! # }
//! ```

mod actions;
mod api;
mod jobs;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::requests::{request_invariants, requests_ending};
pub use actions::{
    ADMIN_NAME, CreatedCustomer, CustomerDetails, CustomerForm, Handover, SetupInfoError, Terms, check_form,
    create_customer, customer, end_relationship, give_up_administration, reset_setup_info,
};
pub use actions::{
    Administers, GateError, GranularEnd, Observes, Side, administer, administer_for, administered_among, count_through,
    ending, has_right, invariants, is_administered, observe, require, served_through,
};
pub use actions::{GrantPeriods, forget_ended, has_held_grant, holds_grant};
pub use api::{CUSTOMER_SECRETS, CustomerView, Decided, freshly_made, routes};
pub use jobs::AdministrationKeeper;
pub use mail::composers;
pub use model::requests::Request;
pub use model::{CreateCustomerError, EndError, Granular, RecipientForm, Right};
pub use portal::{ADMINISTRATION_LINK, HandedOverPage, MessagePage, REQUEST_LINK, SetupInfoCard, pages};
