//! Bodies that name many things at once.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::errors::Error;
use super::json::{Extraction, JSON, lenient, read_up_to};
use crate::platform::error::codes;
use crate::platform::idempotency::Surface;

/// Bounds of a body that names many things.
#[derive(Clone, Copy, Debug)]
pub struct BulkLimits {
    /// Bytes at most.
    pub bytes: usize,
}

/// As [`super::Lenient`], for bodies that name many things: with a bound of their own.
pub struct Bulk<T>(pub T);

/// Values of a body at most. Few bytes can be many values, each of which takes memory while they are read.
const MAX_VALUES: usize = 100_000;

impl<T: DeserializeOwned + 'static> FromRequest for Bulk<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<BulkLimits>().map_or(1024 * 1024, |limits| limits.bytes);
        let body = read_up_to(limit, request, payload, JSON, Surface::Compatible);
        Box::pin(async move {
            let body = body.await?;
            if values(&body) > MAX_VALUES {
                let sentence = format!("The body holds more than {MAX_VALUES} values. Send it in parts.");
                return Err(Error::plain(codes::TOO_LARGE, sentence));
            }
            lenient(&body).map(Bulk)
        })
    }
}

/// How many values a text of JSON holds at most: what separates them, counted outside of strings.
fn values(json: &[u8]) -> usize {
    let (mut count, mut in_string, mut escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' | b':' | b'[' | b'{' if !in_string => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn values_are_counted_outside_of_strings() {
        for (json, count) in
            [(&br#""a,b:c[{""#[..], 1), (br#"[1,2]"#, 3), (br#"{"a":"\",","b":[{}]}"#, 7), (br#""\\",1"#, 2)]
        {
            assert_eq!(values(json), count, "{}", String::from_utf8_lossy(json));
        }
    }
}
