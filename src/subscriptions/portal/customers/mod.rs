//! Pages about customers: the list, one of them, creating one.

mod draft;
mod form;
pub(super) mod in_words;
mod lines;
mod list;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{ServiceConfig, get, post};

use crate::access::{AccessError, Barred, Onlooker, Visitor};
use crate::companies::CompanyProfile;
use crate::delegation::MessagePage;
use crate::platform::Parts;
use crate::platform::error::Refusal;
use crate::platform::http::{Error, status_of};
use crate::platform::portal::{fill, see_other};
use crate::subscriptions::texts::CustomerTexts;

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/customers", get().to(list::list))
        .route("/customers/new", get().to(form::show_new))
        .route("/customers/new", post().to(form::begin))
        .route("/customers/drafts/{id}", get().to(draft::review))
        .route("/customers/drafts/{id}/change", get().to(form::show_change))
        .route("/customers/drafts/{id}/change", post().to(form::change))
        .route("/customers/drafts/{id}/subscriptions", get().to(lines::show))
        .route("/customers/drafts/{id}/subscriptions", post().to(lines::change))
        .route("/customers/drafts/{id}/submit", post().to(draft::submit))
        .route("/customers/drafts/{id}/cancel", post().to(draft::cancel))
        .route("/customers/{customer}", get().to(list::show))
        .route("/customers/{customer}/setup-info", post().to(list::reset));
}

pub(super) fn text_of(visitor: &Visitor) -> &'static CustomerTexts {
    CustomerTexts::of(visitor.visit().language())
}

pub(super) async fn message(
    visitor: &Visitor,
    parts: &Parts,
    status: StatusCode,
    (title, sentence): (&str, String),
    link: Option<(String, &'static str)>,
) -> Result<HttpResponse, Error> {
    let Onlooker { frame, .. } = visitor.onlooker(parts).await?;
    visitor
        .visit()
        .page_with(status, &MessagePage { frame, title: title.to_owned(), sentence, next: link, good: false })
}

/// What a page answers to whom it is not for; everything else is an error.
pub(super) async fn barred<R: Refusal>(
    visitor: &Visitor,
    parts: &Parts,
    barred: Barred<R>,
) -> Result<HttpResponse, Error> {
    let error = match barred {
        Barred::NobodySignedIn => return Ok(see_other("/sign-in")),
        Barred::NotAllowed(error) => error,
        other => return Err(other.into()),
    };
    let text = text_of(visitor);
    let company = visitor.onlooker(parts).await?.company.unwrap_or_default();
    let lacks_role = matches!(error, AccessError::RoleMissing { .. });
    let why = fill(if lacks_role { text.role_missing } else { text.wrong_company }, &[("company", &company)]);
    message(visitor, parts, status_of(error.code().kind), (text.barred_title, why), None).await
}

/// A partner that can be chosen.
struct PartnerOption {
    id: String,
    text: String,
    chosen: bool,
}

impl PartnerOption {
    fn new(profile: &CompanyProfile, chosen: &str) -> Self {
        let id = profile.id.to_string();
        Self { text: with_mpn_id(profile), chosen: id == chosen, id }
    }
}

/// A reseller as people tell it from others: by name and onboarded MPN ID.
pub(super) fn with_mpn_id(profile: &CompanyProfile) -> String {
    match &profile.mpn_id {
        Some(mpn_id) => format!("{} (MPN ID {mpn_id})", profile.name),
        None => profile.name.clone(),
    }
}
