//! The audit trail as its readers see it: audit records of the contract, and a file of them.

mod actions;
mod api;
mod export;
mod model;

pub(super) use api::routes;
