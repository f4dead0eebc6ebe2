//! The page behind the link that reveals setup info. Opening it changes nothing; its one button uses the link up.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::{ExposeSecret, SecretString};

use super::MessagePage;
use crate::access::{AccessSettings, Anyone, Passwords};
use crate::delegation::actions::{self, Revealable};
use crate::delegation::api::freshly_made;
use crate::delegation::model::{SetupInfo, SetupInfoLink};
use crate::delegation::texts::SetupInfoTexts;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Failure;
use crate::platform::http::Error;
use crate::platform::keys::LinkToken;
use crate::platform::portal::{Frame, KeptLink, Language, Posted, Visit, fill};

pub(super) fn pages(config: &mut ServiceConfig) {
    config
        .route("/setup-info/{token}", get().to(keep_link))
        .route("/setup-info", get().to(show))
        .route("/setup-info", post().to(reveal));
}

/// Who gets setup info, and how.
enum Gets {
    Shown(Shown),
    Mailed(String),
}

/// What is shown this one time.
struct Shown {
    user_name: String,
    password: String,
    until: String,
    sign_in: String,
}

/// Setup info as pages show it.
pub struct SetupInfoCard {
    text: &'static SetupInfoTexts,
    gets: Gets,
}

impl SetupInfoCard {
    /// A password that is shown now and never again.
    pub fn shown(
        language: Language,
        parts: &Parts,
        user_name: String,
        password: &SecretString,
        until: Timestamp,
    ) -> Self {
        let text = SetupInfoTexts::of(language);
        let until = fill(text.good_until, &[("until", &until.readable())]);
        let password = password.expose_secret().to_owned();
        Self { text, gets: Gets::Shown(Shown { user_name, password, until, sign_in: parts.base.join("/sign-in") }) }
    }

    /// Says who gets the link that reveals it.
    pub fn mailed(language: Language, info: &SetupInfo) -> Self {
        let text = SetupInfoTexts::of(language);
        let until = info.expires_at.readable();
        let values =
            [("name", info.recipient.name.as_str()), ("email", info.recipient.email.as_str()), ("until", &until)];
        Self { text, gets: Gets::Mailed(fill(text.mailed, &values)) }
    }
}

/// The page on which setup info is shown, or says to whom it was mailed.
#[derive(Template)]
#[template(path = "delegation/templates/handed_over_page.html")]
pub struct HandedOverPage {
    /// What is around every page.
    pub frame: Frame,
    /// Its heading.
    pub title: String,
    /// A sentence under it.
    pub lead: Option<String>,
    /// The setup info.
    pub setup: SetupInfoCard,
    /// Addresses and texts of where to go on.
    pub links: Vec<(String, &'static str)>,
}

/// The link, while its page is open.
const SETUP_INFO: KeptLink = KeptLink { cookie: "setup-info", page: "/setup-info", days: None };

async fn keep_link(_anyone: Anyone, parts: Data<Parts>, token: Path<String>) -> Result<HttpResponse, Error> {
    SETUP_INFO.keep(&parts.base, &token)
}

fn kept(request: &HttpRequest, parts: &Parts) -> LinkToken<SetupInfoLink> {
    LinkToken::parse(&SETUP_INFO.of(request, &parts.base).unwrap_or_default())
}

/// What the kept link would reveal; nothing, if it reveals nothing.
async fn revealable(request: &HttpRequest, parts: &Parts) -> Result<Option<Revealable>, Error> {
    let (keys, link, now) = (parts.keys.clone(), kept(request, parts), parts.clock.now());
    match parts.db.read(move |read| actions::revealable(read, &keys, &link, now)).await {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn frame(visit: &Visit) -> Frame {
    // Whoever reveals is nobody here yet, and the way out of the page would lose what it shows.
    Frame { entrance: None, ..visit.frame() }
}

fn dead(visit: &Visit, parts: &Parts) -> Result<HttpResponse, Error> {
    let text = SetupInfoTexts::of(visit.language());
    let page = MessagePage {
        frame: frame(visit),
        title: text.dead_title.to_owned(),
        sentence: text.dead_text.to_owned(),
        next: None,
        good: false,
    };
    let mut response = visit.page_with(StatusCode::NOT_FOUND, &page)?;
    SETUP_INFO.forget(&parts.base, &mut response)?;
    Ok(response)
}

#[derive(Template)]
#[template(path = "delegation/templates/setup_info_page.html")]
struct SetupInfoPage {
    frame: Frame,
    text: &'static SetupInfoTexts,
    title: String,
    lead: String,
    sent_to: String,
    user_name: String,
    until: String,
}

async fn show(_anyone: Anyone, parts: Data<Parts>, request: HttpRequest, visit: Visit) -> Result<HttpResponse, Error> {
    let Some(Revealable { info, company, partner, account }) = revealable(&request, &parts).await? else {
        return dead(&visit, &parts);
    };
    let text = SetupInfoTexts::of(visit.language());
    let values = [("company", company.as_str()), ("partner", partner.as_str())];
    visit.page(&SetupInfoPage {
        frame: frame(&visit),
        text,
        title: fill(text.title, &values),
        lead: fill(text.lead, &values),
        sent_to: format!("{} ({})", info.recipient.name, info.recipient.email.masked()),
        user_name: account.user_name,
        until: info.expires_at.readable(),
    })
}

async fn reveal(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    request: HttpRequest,
    visit: Visit,
    _form: Posted<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    // Only who has a good link makes us hash.
    if revealable(&request, &parts).await?.is_none() {
        return dead(&visit, &parts);
    }
    let (password, hash) = freshly_made(&passwords).await?;
    let (keys, link, now) = (parts.keys.clone(), kept(&request, &parts), parts.clock.now());
    let ids = anyone.request;
    let use_up = parts.db.write(move |tx| actions::reveal(tx, &keys, &link, &hash, &settings, ids, now)).await;
    let revealed = match use_up {
        Ok(revealed) => revealed,
        Err(Failure::Refused(_)) => return dead(&visit, &parts),
        Err(failure) => return Err(failure.into()),
    };
    let language = visit.language();
    let text = SetupInfoTexts::of(language);
    let mut frame = frame(&visit);
    // The page cannot be shown again, in whichever language.
    frame.languages.clear();
    let page = HandedOverPage {
        frame,
        title: fill(text.title, &[("company", &revealed.company)]),
        lead: None,
        setup: SetupInfoCard::shown(language, &parts, revealed.user_name, &password, revealed.expires_at),
        links: Vec::new(),
    };
    let mut response = visit.page(&page)?;
    SETUP_INFO.forget(&parts.base, &mut response)?;
    Ok(response)
}
