//! The page behind an invitation's link.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, Path, ServiceConfig, get};
use askama::Template;

use super::actions;
use super::model::InvitationToken;
use crate::access::Anyone;
use crate::platform::Parts;
use crate::platform::http::Error;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/invitations/{token}", get().to(show_invitation));
}

#[derive(Template)]
#[template(path = "partnerships/templates/invitation_page.html")]
struct InvitationPage<'a> {
    provider: &'a str,
    country: &'a str,
    contact: &'a str,
    description: &'a str,
    expires: String,
    accept: String,
    decline: String,
    enrol: String,
}

/// Shows who asks, what accepting means and what it does not. Opening it changes nothing: mail scanners open links too.
async fn show_invitation(_anyone: Anyone, parts: Data<Parts>, token: Path<String>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, presented) = (parts.keys.clone(), InvitationToken::parse(&token));
    let (invitation, provider) = parts.db.read(move |read| actions::opened(read, &keys, &presented, now)).await?;
    let address = |act: &str| parts.base.join(&format!("/v1/invitations/{token}/{act}"));
    let page = InvitationPage {
        provider: &provider.name,
        country: &provider.country,
        contact: &provider.contact_email,
        description: &provider.description,
        expires: invitation.expires_at.readable(),
        accept: address("accept"),
        decline: address("decline"),
        enrol: parts.base.join("/v1/enrollments"),
    };
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "page not rendered");
        Error::plain(crate::platform::error::codes::INTERNAL, "This page could not be shown.")
    })?;
    Ok(HttpResponse::Ok().content_type(ContentType::html()).body(html))
}
