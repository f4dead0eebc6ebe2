//! Customers: their records and their relationships with partners. What a partner may *do* for a customer is
//! `delegation`'s matter.

mod actions;
mod api;
mod model;
mod store;

pub use actions::{
    CustomerReference, NewCustomer, associated_with, begin_relationship, count_associated, customer, directory, insert,
    invariants, live_relationship, named, names, partners_of, records::sells_in, served_through,
};
pub use api::{BillingProfileView, BillingResource, billing_resource, routes};
pub use model::{
    Address, ApplicationGrant, Authentication, BillingProfile, CustomerRecord, DirectoryError, DomainError, Mark,
    OutsideRegion, ProfileError, RecordError, Relationship, RelationshipKind, RelationshipMissing, VerifiedDomain,
    check_customer_domain, check_profile,
};
