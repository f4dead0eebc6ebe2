//! Questions across features. Owns no table.

mod actions;
mod api;
mod batch;
mod calendar;
mod portal;
mod texts;
mod trail;
mod why;

pub use actions::invariants;
pub use api::routes;
pub use portal::pages;
