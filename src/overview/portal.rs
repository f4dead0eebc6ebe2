//! The first page.

use actix_web::HttpResponse;
use actix_web::web::{Data, ServiceConfig, get};
use askama::Template;

use super::texts::HomeTexts;
use crate::access::Anyone;
use crate::platform::Parts;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, Visit};

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/", get().to(home)).configure(super::calendar::pages);
}

#[derive(Template)]
#[template(path = "overview/templates/home.html")]
struct Home<'a> {
    frame: Frame,
    text: &'static HomeTexts,
    base: &'a str,
}

async fn home(_anyone: Anyone, parts: Data<Parts>, visit: Visit) -> Result<HttpResponse, Error> {
    visit.page(&Home { frame: visit.frame(), text: HomeTexts::of(visit.language()), base: parts.base.as_str() })
}
