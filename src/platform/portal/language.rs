//! In which language a page is written.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;

use crate::words;

words! {
    /// A language of pages and mails, in the order in which they are offered.
    Language {
        /// English.
        English = "en",
        /// Swedish.
        Swedish = "sv",
        /// Dutch.
        Dutch = "nl",
    }
}

/// Remembers the language that a person chose.
pub(super) const LANGUAGE_COOKIE: &str = "language";

impl Language {
    /// Its code in HTML, in cookies and in `?lang=`.
    pub fn code(self) -> &'static str {
        self.as_str()
    }

    /// Its name, in itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Swedish => "Svenska",
            Language::Dutch => "Nederlands",
        }
    }

    /// The language of a tag such as `sv` or `nl-BE`, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split('-').next().unwrap_or_default();
        Self::ALL.iter().copied().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The language of a request: what `?lang=` says, else what was chosen before, else what the browser prefers.
    pub fn of(request: &HttpRequest) -> Self {
        Self::chosen(request)
            .or_else(|| request.cookie(LANGUAGE_COOKIE).and_then(|cookie| Self::from_tag(cookie.value())))
            .or_else(|| preferred(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?))
            .unwrap_or(Language::English)
    }

    /// What `?lang=` says.
    pub(super) fn chosen(request: &HttpRequest) -> Option<Self> {
        let tag = request.query_string().split('&').rev().find_map(|pair| pair.strip_prefix("lang="))?;
        Self::from_tag(tag)
    }
}

/// RFC 9110 section 12.5.4. Of two that weigh the same, the first.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for item in header.split(',').take(32) {
        let mut parts = item.split(';');
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse().ok());
        let (Some(language), Some(weight)) = (Language::from_tag(tag), weight) else { continue };
        if weight > 0.0 && best.is_none_or(|(other, _)| weight > other) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_browser_is_understood_with_its_weights() {
        for (header, language) in [
            ("sv", Some(Language::Swedish)),
            ("sv-FI,sv;q=0.9,en;q=0.8", Some(Language::Swedish)),
            ("de, nl-BE;q=0.7, en;q=0.8", Some(Language::English)),
            ("en;q=0.1, NL;q=0.2", Some(Language::Dutch)),
            ("sv;q=0, nl;q=0.1", Some(Language::Dutch)),
            ("nl, sv", Some(Language::Dutch)),
            ("de, fr", None),
            ("*", None),
            ("", None),
            (";;;q=,", None),
            ("sv;q=NaN", None),
        ] {
            assert_eq!(preferred(header), language, "{header}");
        }
    }

    #[test]
    fn what_was_chosen_goes_before_what_was_remembered_and_that_before_the_browser() {
        let of = |uri: &str, cookie: Option<&str>, accepts: &str| {
            let mut request = TestRequest::with_uri(uri).insert_header(("accept-language", accepts));
            if let Some(cookie) = cookie {
                request = request.insert_header(("cookie", format!("language={cookie}")));
            }
            Language::of(&request.to_http_request()).code()
        };
        assert_eq!(of("/x?a=1&lang=nl", Some("sv"), "en"), "nl");
        assert_eq!(of("/x?lang=xx", Some("sv"), "en"), "sv");
        assert_eq!(of("/x", Some("<script>"), "sv"), "sv");
        assert_eq!(of("/x", None, "sv"), "sv");
        assert_eq!(of("/x", None, "fi"), "en");
    }
}
