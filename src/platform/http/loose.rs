//! JSON as scripts put it together by hand: names without quotes, a comma too many.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::errors::Error;
use super::json::{Extraction, JSON, bad_request, lenient, read};
use crate::platform::idempotency::Surface;

/// As [`super::Lenient`], and also read if property names stand without quotes or a comma comes before the end (section 1.5 of
/// the contract). An empty body is an empty object.
pub struct Loose<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Loose<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, JSON, Surface::Compatible);
        Box::pin(async move {
            let body = body.await?;
            let text = std::str::from_utf8(&body).map_err(|error| bad_request(&error))?;
            let text = text.trim_start_matches('\u{feff}');
            if text.trim().is_empty() {
                return lenient(b"{}").map(Loose);
            }
            lenient(strict(text).as_bytes()).map(Loose)
        })
    }
}

/// The text with quotes around its names and without commas before an end; what stands in strings stays.
fn strict(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                out.push('"');
                while let Some(inner) = letters.next() {
                    out.push(inner);
                    match inner {
                        '\\' => out.extend(letters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '}' | ']' => {
                let kept = out.trim_end().trim_end_matches(',').len();
                out.truncate(kept);
                out.push(letter);
            }
            letter if letter.is_ascii_alphabetic() || matches!(letter, '_' | '@' | '$') => {
                let mut word = String::from(letter);
                while let Some(next) =
                    letters.next_if(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '@' | '$' | '.'))
                {
                    word.push(next);
                }
                let mut blanks = String::new();
                while let Some(blank) = letters.next_if(|next| next.is_whitespace()) {
                    blanks.push(blank);
                }
                let is_name = letters.peek() == Some(&':');
                let quote = if is_name { "\"" } else { "" };
                out.extend([quote, &word, quote, &blanks]);
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::strict;

    #[test]
    fn names_get_quotes_and_nothing_else_changes() {
        for (sent, read) in [
            ("{ groupTag: \"a: b,\", }", "{ \"groupTag\": \"a: b,\"}"),
            ("{\"displayName\":\"x\\\"y: z\"}", "{\"displayName\":\"x\\\"y: z\"}"),
            ("{a:null,b:[true,],c:1.5e3}", "{\"a\":null,\"b\":[true],\"c\":1.5e3}"),
            ("{ @odata.type : \"#x\" }", "{ \"@odata.type\" : \"#x\"}"),
            ("{ \"open", "{ \"open"),
        ] {
            assert_eq!(strict(sent), read, "{sent}");
        }
    }
}
