//! Customers: their records and their relationships with partners. What a partner may *do* for a customer is
//! `delegation`'s matter.

mod actions;
mod api;
mod model;
mod store;

pub use actions::{
    CustomerReference, NewCustomer, RelationshipPeriods, associated_with, begin_relationship, count_associated,
    customer, insert, insert_own, invariants, live_relationship, named, names, own_record, partners_of, served_through,
};
pub use api::routes;
pub use model::{
    Address, BillingProfile, CustomerRecord, CustomerSettings, DomainError, Mark, Relationship, RelationshipKind,
    RelationshipMissing, check_customer_domain,
};
