//! Customers: their records and their relationships with partners. What a partner may *do* for a customer is
//! `delegation`'s matter.

mod actions;
mod api;
mod model;
mod store;

pub use actions::{
    CustomerReference, NewCustomer, RelationshipPeriods, associated_with, begin_relationship, between,
    count_associated, customer, end_relationship, insert, insert_own, invariants, listed, live_relationship, named,
    names, own_record, partners_of, resellers_served_through, served_through,
};
pub use api::routes;
pub use model::{
    Address, BillingProfile, CustomerRecord, CustomerSearch, CustomerSettings, DomainError, ListedCustomer, Mark,
    Relationship, RelationshipKind, RelationshipMissing, check_customer_domain,
};
