//! Texts of the pages and mails about customers.

mod customers;
mod setup_info;

pub use customers::CustomerTexts;
pub use setup_info::SetupInfoTexts;
