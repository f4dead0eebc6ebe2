//! What every page stands on: languages, the frame around it, forms that nobody else can send.

mod countries;
mod field;
mod forms;
mod kept_link;
mod language;
mod page;
mod texts;

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, get};

pub use countries::{countries, country_name, is_country};
pub use field::{Control, Field, OptionGroup, read_email, read_line, read_reason, reason_field};
pub use forms::{Posted, SESSION_COOKIE, Visit, cookie_name};
pub use kept_link::KeptLink;
pub use language::Language;
pub(in crate::platform) use page::error_page;
pub use page::{FormTargets, Frame, LanguageLink, NavigationLink, SignedIn, see_other};
pub use texts::{PortalTexts, fill, has_same_placeholders};

/// The routes that every page needs.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/style.css", get().to(stylesheet)).route("/copy.js", get().to(copy_script));
}

async fn copy_script() -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(include_str!("copy.js"))
}

async fn stylesheet() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("style.css"))
}
