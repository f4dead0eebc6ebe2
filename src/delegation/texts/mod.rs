//! Texts of the pages and mails about delegated administration and requests for a relationship.

mod administration;
mod mails;
mod requests;

pub use administration::AdministrationTexts;
pub use mails::AdministrationMailTexts;
pub use requests::{RequestMailTexts, RequestTexts, TenantTexts};
