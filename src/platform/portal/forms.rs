//! Forms that only our own pages can send: whoever is lured to another site cannot be made to act here.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::ORIGIN;
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;

use super::language::LANGUAGE_COOKIE;
use super::page::{html_answer, render};
use super::{Frame, Language};
use crate::platform::Parts;
use crate::platform::error::codes;
use crate::platform::http::{BaseUrl, Error, form_text};
use crate::platform::keys::random_bytes;

/// The name, before [`cookie_name`], of the cookie that a signed-in browser holds. Forms are bound to its value: a form
/// shown before a sign-in or a sign-out is not taken after it.
pub const SESSION_COOKIE: &str = "session";
const VISIT_COOKIE: &str = "visit";
/// The hidden field of every form.
const TOKEN_FIELD: &str = "csrf";
const YEAR: CookieDuration = CookieDuration::days(365);

/// The name under which a cookie is kept. Browsers take `__Host-` only with Secure and never from another host of the
/// domain; without TLS there is no such name.
pub fn cookie_name(base: &BaseUrl, name: &str) -> String {
    if base.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// A browser on a page: its language, and what its forms are proved by.
#[derive(Clone, Debug)]
pub struct Visit {
    language: Language,
    /// The language is to be remembered.
    chosen: bool,
    cookie: String,
    /// The browser does not have the cookie yet.
    fresh: bool,
    token: String,
    has_session: bool,
    path: String,
    query: String,
    base: BaseUrl,
}

impl Visit {
    fn of(request: &HttpRequest) -> Result<Self, Error> {
        let parts = request.app_data::<Data<Parts>>();
        let parts = parts.ok_or_else(|| Error::plain(codes::INTERNAL, "This page could not be shown."))?;
        let named =
            |name: &str| request.cookie(&cookie_name(&parts.base, name)).map(|cookie| cookie.value().to_owned());
        let known =
            named(VISIT_COOKIE).filter(|value| URL_SAFE_NO_PAD.decode(value).is_ok_and(|bits| bits.len() == 32));
        let fresh = known.is_none();
        let cookie = known.unwrap_or_else(|| URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let session = named(SESSION_COOKIE).unwrap_or_default();
        let bound = bound_to(&cookie, &session);
        let language = Language::of(request);
        let remembered = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| Language::from_tag(cookie.value()));
        Ok(Self {
            language,
            chosen: Language::chosen(request).is_some() && remembered != Some(language),
            token: parts.keys.form_token(&bound),
            cookie,
            fresh,
            has_session: !session.is_empty(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            base: parts.base.clone(),
        })
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The value of the hidden field `csrf` of a form.
    pub fn form_token(&self) -> &str {
        &self.token
    }

    /// The frame of the page.
    pub fn frame(&self) -> Frame {
        Frame::new(self.language, &self.path, &self.query, self.token.clone()).with_entrance(self.has_session)
    }

    /// The page as an answer.
    ///
    /// # Errors
    /// Only if the template cannot be rendered.
    pub fn page(&self, page: &impl Template) -> Result<HttpResponse, Error> {
        self.page_with(StatusCode::OK, page)
    }

    /// The page as an answer with another status than 200.
    ///
    /// # Errors
    /// Only if the template cannot be rendered.
    pub fn page_with(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Error> {
        let html = render(page)?;
        // The cookie goes with the first form: who only reads gets none.
        let shows_form = html.contains(&self.token);
        let mut response = html_answer(status, html);
        self.attach(&mut response, shows_form)?;
        Ok(response)
    }

    fn attach(&self, response: &mut HttpResponse, shows_form: bool) -> Result<(), Error> {
        let secure = self.base.is_https();
        let failed = |_| Error::plain(codes::INTERNAL, "This page could not be shown.");
        if self.fresh && shows_form {
            let cookie = Cookie::build(cookie_name(&self.base, VISIT_COOKIE), self.cookie.as_str())
                .path("/")
                .secure(secure)
                .http_only(true)
                .same_site(SameSite::Lax)
                .finish();
            response.add_cookie(&cookie).map_err(failed)?;
        }
        if self.chosen {
            let cookie = Cookie::build(LANGUAGE_COOKIE, self.language.code())
                .path("/")
                .secure(secure)
                .http_only(true)
                .same_site(SameSite::Lax)
                .max_age(YEAR)
                .finish();
            response.add_cookie(&cookie).map_err(failed)?;
        }
        Ok(())
    }
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// What a form's token is made from. The first part has a fixed length, so no two pairs look alike.
fn bound_to(visit: &str, session: &str) -> Vec<u8> {
    [visit.as_bytes(), session.as_bytes()].concat()
}

/// A form that one of our own pages sent, from the browser that it was shown to: the only way in which the POST handler
/// of a page gets its form. `T` ignores surplus fields; as a list of pairs it gets fields that occur more than once.
pub struct Posted<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = form_text(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let body = body.await?;
            let parts = request.app_data::<Data<Parts>>().ok_or_else(forged)?;
            if !comes_from_here(&request, &parts.base) {
                return Err(forged());
            }
            let pairs = Query::<Vec<(String, String)>>::from_query(&body).map_err(|_| forged())?;
            let mut sent = pairs.iter().filter(|(name, _)| name == TOKEN_FIELD).map(|(_, value)| value);
            let (Some(token), None) = (sent.next(), sent.next()) else { return Err(forged()) };
            let cookie = |name: &str| request.cookie(&cookie_name(&parts.base, name));
            let visit = cookie(VISIT_COOKIE).ok_or_else(forged)?;
            let session = cookie(SESSION_COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
            if !parts.keys.proves_form_token(&bound_to(visit.value(), &session), token) {
                return Err(forged());
            }
            Query::<T>::from_query(&body)
                .map(|form| Posted(form.into_inner()))
                .map_err(|error| Error::plain(codes::BAD_REQUEST, format!("The form could not be read: {error}")))
        })
    }
}

/// What the browser says about where the form was, in headers that no page can set.
fn comes_from_here(request: &HttpRequest, base: &BaseUrl) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = header("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    match header(ORIGIN.as_str()) {
        None => true,
        // Our pages send no Referer, and then browsers write "null" instead of the origin of a form (Fetch, section 3.2):
        // who sends that has to be told by the other header.
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin.eq_ignore_ascii_case(&base.origin()),
    }
}

fn forged() -> Error {
    Error::plain(
        codes::FORM_FORGED,
        "This form is too old or came from another site. Go back, reload the page and send it again.",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn web_01_only_our_own_origin_is_here() {
        let base = BaseUrl::new("https://partners.test/base/");
        for (site, origin, here) in [
            (None, None, true),
            (Some("same-origin"), Some("https://partners.test"), true),
            (Some("same-origin"), Some("null"), true),
            (Some("none"), None, true),
            (None, Some("https://partners.test"), true),
            (None, Some("null"), false),
            (Some("none"), Some("null"), false),
            (Some("same-site"), None, false),
            (Some("cross-site"), Some("https://partners.test"), false),
            (Some("SAME-ORIGIN"), None, false),
            (None, Some("http://partners.test"), false),
            (None, Some("https://partners.test.evil.example"), false),
            (None, Some("https://partners.test:444"), false),
            (Some("same-origin"), Some("https://evil.example"), false),
        ] {
            let mut request = TestRequest::post();
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    request = request.insert_header((name, value));
                }
            }
            assert_eq!(comes_from_here(&request.to_http_request(), &base), here, "{site:?} {origin:?}");
        }
    }
}
