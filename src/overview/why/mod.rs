//! "Why can't I?": every condition of an action in words, and whom to ask for what is missing.

mod actions;
mod api;
mod model;

pub(super) use api::routes;
