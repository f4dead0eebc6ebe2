//! Questions across features. Owns no table.

mod actions;
mod api;
mod portal;
mod texts;

pub use actions::invariants;
pub use api::routes;
pub use portal::pages;
