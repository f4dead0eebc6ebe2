//! Pages of this feature: who administers customers, those behind requests for a relationship, and setup info.

mod administration;
mod administrators;
mod approval;
mod requests;
mod setup_info;

use actix_web::web::ServiceConfig;
use askama::Template;

use crate::platform::portal::Frame;

pub use approval::ADMINISTRATION_LINK;
pub use requests::REQUEST_LINK;
pub use setup_info::{HandedOverPage, SetupInfoCard};

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    setup_info::pages(config);
    administrators::pages(config);
    approval::pages(config);
    administration::pages(config);
    requests::pages(config);
}

/// A page that says something, and where to go on.
#[derive(Template)]
#[template(path = "delegation/templates/message_page.html")]
pub struct MessagePage {
    /// What is around every page.
    pub frame: Frame,
    /// Its heading.
    pub title: String,
    /// What it says.
    pub sentence: String,
    /// Address and text of what to do next.
    pub next: Option<(String, &'static str)>,
    /// Whether it is good news.
    pub good: bool,
}
