//! What every page shares: the stylesheet.

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, get};

/// The routes that every page needs.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/style.css", get().to(stylesheet));
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("portal/style.css"))
}
