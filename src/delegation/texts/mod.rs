//! Texts of the pages and mails about delegated administration.

mod administration;
mod mails;

pub use administration::AdministrationTexts;
pub use mails::AdministrationMailTexts;
