//! The first page.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, ServiceConfig, get};
use askama::Template;

use crate::access::Anyone;
use crate::platform::Parts;
use crate::platform::error::codes;
use crate::platform::http::Error;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/", get().to(home));
}

#[derive(Template)]
#[template(path = "overview/templates/home.html")]
struct Home<'a> {
    base: &'a str,
}

async fn home(_anyone: Anyone, parts: Data<Parts>) -> Result<HttpResponse, Error> {
    let page = Home { base: parts.base.as_str() }.render().map_err(|error| {
        tracing::error!(%error, "page not rendered");
        Error::plain(codes::INTERNAL, "This page could not be shown.")
    })?;
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(page))
}
