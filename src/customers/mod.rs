//! Customers: their records and their relationships with partners. What a partner may *do* for a customer is
//! `delegation`'s matter.

mod actions;
mod api;
mod model;
mod store;

pub use actions::{
    CustomerReference, NewCustomer, RelationshipPeriods, associated_with, begin_relationship, between,
    count_associated, customer, customers, directory, domain_is_taken, end_relationship, insert, insert_own,
    invariants, listed, live_relationship, named, names, own_record, partners_of,
    records::{has_accepted_agreement, sells_in},
    resellers_served_through, sell, served_through,
};
pub use api::{BillingProfileView, BillingResource, billing_resource, routes};
pub use model::{
    Address, ApplicationGrant, Authentication, BillingProfile, CountryRules, CustomerFilter, CustomerRecord,
    CustomerSettings, DirectoryError, DomainError, ListedCustomer, Mark, OutsideRegion, ProfileError, RecordError,
    Relationship, RelationshipKind, RelationshipMissing, VerifiedDomain, check_customer_domain, check_profile,
};
