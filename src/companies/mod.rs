//! Companies: profiles on the public directory, reseller enrolments, MPN IDs, the Microsoft Partner Agreement.

mod actions;
mod api;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::{
    Search,
    agreements::agreements_coming,
    named,
    network::{lacking, reseller_standings},
};
pub use actions::{
    agreement_in_force, claims, enrolment_approved, invariants, mpa_active, mpn_account, mpn_ids, profiles,
    providers::listed_among, same_region,
};
pub use api::routes;
pub use mail::composers;
pub use model::{
    Candidate, CompanyProfile, CompanySettings, Domain, MpnAccount, MpnId, MpnKind, Regions, RegionsDiffer,
    ResellerStanding, Shortcoming,
};
pub use portal::pages;
