//! The page behind an invitation's link.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, ServiceConfig, get};
use askama::Template;

use super::actions;
use super::model::InvitationToken;
use super::texts::InvitationTexts;
use crate::access::Anyone;
use crate::platform::Parts;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, Visit, fill};

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    config.route("/invitations/{token}", get().to(show_invitation));
}

#[derive(Template)]
#[template(path = "partnerships/templates/invitation_page.html")]
struct InvitationPage<'a> {
    frame: Frame,
    text: &'static InvitationTexts,
    provider: &'a str,
    country: &'a str,
    contact: &'a str,
    description: &'a str,
    expires: String,
    accept: String,
    decline: String,
}

impl InvitationPage<'_> {
    fn named(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }
}

/// Shows who asks, what accepting means and what it does not. Opening it changes nothing: mail scanners open links too.
async fn show_invitation(
    _anyone: Anyone,
    parts: Data<Parts>,
    visit: Visit,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, presented) = (parts.keys.clone(), InvitationToken::parse(&token));
    let (invitation, provider) = parts.db.read(move |read| actions::opened(read, &keys, &presented, now)).await?;
    let address = |act: &str| parts.base.join(&format!("/v1/invitations/{token}/{act}"));
    visit.page(&InvitationPage {
        frame: visit.frame(),
        text: InvitationTexts::of(visit.language()),
        provider: &provider.name,
        country: &provider.country,
        contact: &provider.contact_email,
        description: &provider.description,
        expires: invitation.expires_at.readable(),
        accept: address("accept"),
        decline: address("decline"),
    })
}
