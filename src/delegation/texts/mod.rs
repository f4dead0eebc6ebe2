//! Texts of the pages and mails of this feature.

mod administration;
mod mails;
mod requests;
mod setup_info;

pub use administration::AdministrationTexts;
pub use mails::AdministrationMailTexts;
pub use requests::{RequestMailTexts, RequestTexts, TenantTexts};
pub use setup_info::SetupInfoTexts;
