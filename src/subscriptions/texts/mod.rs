//! Texts of the pages of this feature.

mod customers;
mod draft_lines;

pub use customers::CustomerTexts;
pub use draft_lines::DraftLineTexts;
