//! Companies: profiles on the public directory, reseller enrolments, MPN IDs, the Microsoft Partner Agreement.

mod actions;
mod api;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::{
    agreement_in_force, claims, enrolment_approved, invariants, mpa_active, mpn_account, profiles, same_region,
};
pub use api::routes;
pub use mail::composers;
pub use model::{CompanyProfile, CompanySettings, Domain, MpnAccount, MpnId, MpnKind, Regions, RegionsDiffer};
pub use portal::pages;
