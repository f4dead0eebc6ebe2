//! Texts of the pages of this feature.

mod customers;

pub use customers::CustomerTexts;
