//! Pages of this feature: customers, who administers them, and those behind requests for a relationship.

mod administration;
mod administrators;
mod approval;
mod customers;
mod requests;

use actix_web::web::ServiceConfig;
use askama::Template;

use crate::platform::portal::Frame;

pub use approval::ADMINISTRATION_LINK;
pub use requests::REQUEST_LINK;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    customers::pages(config);
    administrators::pages(config);
    approval::pages(config);
    administration::pages(config);
    requests::pages(config);
}

/// A page that says something, and where to go on.
#[derive(Template)]
#[template(path = "delegation/templates/message_page.html")]
struct MessagePage {
    frame: Frame,
    title: String,
    sentence: String,
    /// Address and text of what to do next.
    next: Option<(String, &'static str)>,
    good: bool,
}
