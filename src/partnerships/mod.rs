//! Indirect resellers: invitations by personal link, acceptance, the list on both sides, and a removal that leaves
//! customers, grants and associations as they are.

mod actions;
mod api;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::{Association, Periods, active_between, associate, invariants};
pub use api::routes;
pub use mail::composers;
pub use model::{NoPartnership, PartnershipId, PartnershipSettings};
pub use portal::pages;
