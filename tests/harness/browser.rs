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

    /// Opens a link and goes where it sends the browser.
    pub async fn follow(&self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        while answer.status == 303 {
            answer = self.get(&answer.header("location")).await;
        }
        answer
    }

    /// Opens the page at `path` and sends its form back to it, as browsers do: from a page without referrer.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = form_token(&self.get(path).await);
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.send_form(path, &all).await
    }

    /// Opens the page at `path` and sends its form for `action`, with what is hidden in it.
    pub async fn submit_to(&self, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let hidden = hidden_fields(&self.get(path).await, action);
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(fields);
        self.send_form(action, &all).await
    }

    async fn send_form(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let request = TestRequest::post().uri(action).insert_header(("origin", "null"));
        self.call(request.insert_header(("sec-fetch-site", "same-origin")).set_form(fields)).await
    }

    /// Makes a call with the cookies at hand, and keeps those that come back.
    pub async fn call(&self, request: TestRequest) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.insert_header(("cookie", cookies.join("; "))) };
        let answer = self.centre.call(request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let cookie = Cookie::parse(set.to_str().unwrap().to_owned()).unwrap();
            match cookie.value() {
                "" => self.cookies.borrow_mut().remove(cookie.name()),
                value => self.cookies.borrow_mut().insert(cookie.name().to_owned(), value.to_owned()),
            };
        }
        answer
    }
}

/// What is hidden in the form of a page that is sent to `action`.
#[track_caller]
pub fn hidden_fields(page: &Answer, action: &str) -> Vec<(String, String)> {
    let (_, form) = page.text.split_once(&format!("action=\"{action}\"")).expect("a page with that form");
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (name.to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect()
}

/// The token of the form on a page.
#[track_caller]
pub fn form_token(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"csrf\" value=\"").expect("a page with a form");
    rest.split('"').next().unwrap().to_owned()
}
