//! Indirect resellers: invitations by personal link, acceptance, the list on both sides, and a removal that leaves
//! customers, grants and associations as they are.

mod actions;
mod api;
mod jobs;
mod mail;
mod model;
mod portal;
mod store;
mod texts;

pub use actions::{
    Association, Periods, WaysBack, active_between, associate, forget_counted, invariants, newest_with, partnerships,
    ways_back,
};
pub use api::{LanguageQuery, MailDraftView, routes};
pub use jobs::Reminder;
pub use mail::composers;
pub use model::{NoPartnership, PartnershipId, PartnershipSettings};
pub use portal::{INVITATION_LINK, pages};
