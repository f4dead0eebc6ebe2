//! What will lapse, and when: invitations, requests, grants, agreements.

mod actions;
mod api;
mod model;
mod portal;

pub(super) use api::routes;
pub(super) use portal::pages;
