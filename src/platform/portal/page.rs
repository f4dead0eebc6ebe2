//! The frame around every page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use askama::Template;

use super::{Language, PortalTexts, fill};
use crate::platform::error::codes;
use crate::platform::http::{Error, Problem};

/// What the layout needs; every page's template has one in its field `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// What is on every page, in that language.
    pub texts: &'static PortalTexts,
    /// Who is signed in, if anybody.
    pub person: Option<SignedIn>,
    /// What the header offers while it names nobody.
    pub entrance: Option<NavigationLink>,
    /// The value of the hidden field `csrf` of every form of the page.
    pub csrf: String,
    /// The path of the page.
    pub path: String,
    /// Where the person may go.
    pub navigation: Vec<NavigationLink>,
    /// The page in each language; none if it cannot be shown again.
    pub languages: Vec<LanguageLink>,
}

/// Whoever is signed in, as the header names them.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person's name.
    pub name: String,
    /// The company the person acts for.
    pub company: String,
}

/// An entry of the main navigation.
#[derive(Clone, Debug)]
pub struct NavigationLink {
    /// A path of this service.
    pub path: &'static str,
    /// What it is called.
    pub text: &'static str,
}

/// The page in another language.
#[derive(Clone, Debug)]
pub struct LanguageLink {
    /// The language.
    pub language: Language,
    /// Where to find it: a query alone, so that it stays on the page.
    pub query: String,
}

impl Frame {
    /// A frame for nobody in particular.
    pub(super) fn new(language: Language, path: &str, query: &str, csrf: String) -> Self {
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
        let link = |language: Language| {
            let own = format!("lang={}", language.code());
            let pairs: Vec<&str> = kept.iter().copied().chain([own.as_str()]).collect();
            LanguageLink { language, query: format!("?{}", pairs.join("&")) }
        };
        Self {
            language,
            texts: PortalTexts::of(language),
            person: None,
            entrance: None,
            csrf,
            path: path.to_owned(),
            navigation: Vec::new(),
            languages: Language::ALL.iter().copied().map(link).collect(),
        }
    }

    /// The frame with the way in: to the account for a browser with a session, else to the sign-in.
    pub fn with_entrance(self, has_session: bool) -> Self {
        let entrance = if has_session {
            NavigationLink { path: "/account", text: self.texts.account }
        } else {
            NavigationLink { path: "/sign-in", text: self.texts.sign_in }
        };
        Self { entrance: Some(entrance), ..self }
    }

    /// The frame for somebody who is signed in and may go to these places.
    pub fn signed_in(self, person: SignedIn, navigation: Vec<NavigationLink>) -> Self {
        Self { person: Some(person), navigation, ..self }
    }
}

/// Where forms of the page may lead beside this service, such as an application that gets an answer by redirect: put it
/// into the extensions of the answer.
#[derive(Clone, Debug)]
pub struct FormTargets(pub Vec<String>);

pub(super) fn render(page: &impl Template) -> Result<String, Error> {
    page.render().map_err(|error| {
        tracing::error!(%error, "page not rendered");
        Error::plain(codes::INTERNAL, "This page could not be shown.")
    })
}

pub(super) fn html_answer(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(html)
}

/// Sends the browser on to a path of this service, with a GET.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}

#[derive(Template)]
#[template(path = "platform/portal/templates/error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    sentence: &'a str,
    request_id: String,
}

/// The page that tells a problem.
pub(in crate::platform) fn error_page(problem: &Problem, language: Language, path: &str, request_id: String) -> String {
    let frame = Frame::new(language, path, "", String::new());
    let texts = frame.texts;
    // What belongs to a feature is told by its pages in their language; what gets here keeps the sentence of the API.
    let sentence = match problem.code.name {
        "unknownPath" => texts.failed_unknown_path,
        "internalError" => texts.failed_internal,
        "databaseUnavailable" => texts.failed_unavailable,
        "formForged" => texts.failed_form_forged,
        "bodyTooLarge" => texts.failed_too_large,
        "rateLimitExceeded" => {
            let seconds = problem.retry_after.unwrap_or(60).to_string();
            &fill(texts.failed_too_many, &[("seconds", &seconds)])
        }
        _ => &problem.sentence,
    };
    let page = ErrorPage { frame, sentence, request_id };
    page.render().unwrap_or_else(|_| problem.code.name.to_owned())
}
