//! A person's browser: it keeps cookies, and sends the forms it was shown.

use std::cell::RefCell;
use std::collections::BTreeMap;

use actix_web::cookie::Cookie;
use actix_web::http::header::SET_COOKIE;
use actix_web::test::TestRequest;

use super::{Answer, Centre};

/// A browser of one person, without scripts.
pub struct Browser {
    centre: Centre,
    pub cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub fn new(centre: &Centre) -> Self {
        Self { centre: centre.clone(), cookies: RefCell::default() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path)).await
    }

    /// Opens the page at `path` and sends its form back to it, as browsers do: from a page without referrer.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = form_token(&self.get(path).await);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        let request = TestRequest::post().uri(path).insert_header(("origin", "null"));
        self.call(request.insert_header(("sec-fetch-site", "same-origin")).set_form(all)).await
    }

    /// Makes a call with the cookies at hand, and keeps those that come back.
    pub async fn call(&self, request: TestRequest) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.insert_header(("cookie", cookies.join("; "))) };
        let answer = self.centre.call(request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let cookie = Cookie::parse(set.to_str().unwrap().to_owned()).unwrap();
            self.cookies.borrow_mut().insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
        answer
    }
}

/// The token of the form on a page.
#[track_caller]
pub fn form_token(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"csrf\" value=\"").expect("a page with a form");
    rest.split('"').next().unwrap().to_owned()
}
