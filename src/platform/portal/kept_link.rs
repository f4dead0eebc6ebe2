//! A link's token while the pages behind it are open: in a cookie, so that it leaves the address at once.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};

use super::{cookie_name, see_other};
use crate::platform::http::{BaseUrl, Error};

/// A kind of link that is kept, and the page that goes on from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptLink {
    /// The cookie's name.
    pub cookie: &'static str,
    /// The page that the browser is sent to.
    pub page: &'static str,
    /// Days the browser keeps it; none: until it is closed.
    pub days: Option<i64>,
}

/// Characters of a token at most: more are none of ours.
const MAX_TOKEN: usize = 200;

impl KeptLink {
    /// Sends the browser to the page, with the token in its cookie; without it, if it cannot be one of ours.
    ///
    /// # Errors
    /// Only if the cookie cannot be written.
    pub fn keep(&self, base: &BaseUrl, token: &str) -> Result<HttpResponse, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
        let mut response = see_other(self.page);
        // What is in no token of ours could end the cookie's value.
        if token.len() > MAX_TOKEN || !token.chars().all(plain) {
            self.forget(base, &mut response)?;
            return Ok(response);
        }
        let mut cookie = self.with_value(base, token);
        if let Some(days) = self.days {
            cookie.set_max_age(Duration::days(days));
        }
        response.add_cookie(&cookie).map_err(|_| Error::internal())?;
        Ok(response)
    }

    /// The token that the browser keeps, if it keeps one.
    pub fn of(&self, request: &HttpRequest, base: &BaseUrl) -> Option<String> {
        request.cookie(&cookie_name(base, self.cookie)).map(|cookie| cookie.value().to_owned())
    }

    /// Has the browser forget it.
    ///
    /// # Errors
    /// Only if the cookie cannot be written.
    pub fn forget(&self, base: &BaseUrl, response: &mut HttpResponse) -> Result<(), Error> {
        let mut cookie = self.with_value(base, "");
        cookie.make_removal();
        response.add_cookie(&cookie).map_err(|_| Error::internal())
    }

    fn with_value<'a>(&self, base: &BaseUrl, value: &'a str) -> Cookie<'a> {
        Cookie::build(cookie_name(base, self.cookie), value)
            .path("/")
            .secure(base.is_https())
            .http_only(true)
            .same_site(SameSite::Lax)
            .finish()
    }
}
