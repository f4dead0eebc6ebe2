//! Bodies: bounded, timed, read strictly on our own paths and leniently on the compatible ones.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt};
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde_json::Value;

use super::admission::admitted;
use super::errors::Error;
use crate::platform::error::codes;
use crate::platform::idempotency::Surface;
use crate::platform::keys::sha256;

/// Bounds of a body that is not a file.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Bytes at most.
    pub bytes: usize,
}

/// The digest of a body as it was read, and the conventions of its path: what a repeated call is compared by.
#[derive(Clone, Copy, Debug)]
pub struct BodyDigest {
    /// SHA-256.
    pub digest: [u8; 32],
    /// Which conventions the path follows.
    pub surface: Surface,
}

/// A client that sends nothing for this long is cut off.
const IDLE: Duration = Duration::from_secs(15);
/// A body that is not a file arrives within this time.
const WHOLE: Duration = Duration::from_secs(60);

/// A JSON body read strictly: for our own paths, whose input types refuse unknown properties.
pub struct Json<T>(pub T);

/// The same, of a body that may be left out.
pub struct MaybeJson<T>(pub T);

/// A JSON body read as real Partner Center clients write it: property names in any case, surplus ones ignored.
pub struct Lenient<T>(pub T);

/// A form body, as the token endpoints take it.
pub struct Form<T>(pub T);

pub(super) const JSON: &str = "application/json";

pub(super) type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, JSON, Surface::Extension);
        Box::pin(async move { strict(&body.await?).map(Json) })
    }
}

impl<T: DeserializeOwned + Default + 'static> FromRequest for MaybeJson<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let says_what = request.headers().contains_key(CONTENT_TYPE);
        let body = read(request, payload, if says_what { JSON } else { "" }, Surface::Extension);
        Box::pin(async move {
            let body = body.await?;
            if body.is_empty() {
                return Ok(MaybeJson(T::default()));
            }
            if !says_what {
                return Err(unsupported(JSON, ""));
            }
            strict(&body).map(MaybeJson)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Lenient<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, JSON, Surface::Compatible);
        Box::pin(async move { lenient(&body.await?).map(Lenient) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = form_text(request, payload);
        Box::pin(async move {
            actix_web::web::Query::from_query(&text.await?)
                .map(|query: actix_web::web::Query<T>| Form(query.into_inner()))
                .map_err(|error| bad_request(&error))
        })
    }
}

/// A form body, bounded and timed, still encoded.
pub(in crate::platform) fn form_text(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<String, Error>> + 'static {
    let body = read(request, payload, "application/x-www-form-urlencoded", Surface::Extension);
    async move { String::from_utf8(body.await?.to_vec()).map_err(|error| bad_request(&error)) }
}

pub(super) fn bad_request(error: &dyn std::fmt::Display) -> Error {
    Error::plain(codes::BAD_REQUEST, format!("The body could not be read: {error}"))
}

/// Reads JSON as [`Lenient`] does.
pub(super) fn lenient<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let value: Value = serde_json::from_slice(body).map_err(|error| bad_request(&error))?;
    serde_path_to_error::deserialize(AnyCase(value)).map_err(unreadable)
}

fn strict<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(unreadable)?;
    reader.end().map_err(|error| bad_request(&error))?;
    Ok(value)
}

fn unsupported(media_type: &str, named: &str) -> Error {
    let sentence = format!("Send Content-Type: {media_type}; this request says \"{named}\".");
    Error::plain(codes::UNSUPPORTED_MEDIA, sentence)
}

fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let place = error.path().to_string();
    let reason = error.into_inner();
    let sentence =
        if place == "." { format!("The body could not be read: {reason}") } else { format!("{place}: {reason}") };
    Error::plain(codes::BAD_REQUEST, sentence)
}

/// A body within the usual bound.
pub(super) fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &'static str,
    surface: Surface,
) -> impl Future<Output = Result<Bytes, Error>> + 'static {
    let limit = request.app_data::<BodyLimits>().map_or(64 * 1024, |limits| limits.bytes);
    read_up_to(limit, request, payload, media_type, surface)
}

/// A body of at most `limit` bytes.
pub(super) fn read_up_to(
    limit: usize,
    request: &HttpRequest,
    payload: &mut Payload,
    media_type: &'static str,
    surface: Surface,
) -> impl Future<Output = Result<Bytes, Error>> + 'static {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let declared = request
        .headers()
        .get("content-length")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    let mut payload = payload.take();
    let admitted = admitted(request);
    let request = request.clone();
    async move {
        admitted.await;
        if named != media_type {
            return Err(unsupported(media_type, &named));
        }
        let too_large =
            || Error::plain(codes::TOO_LARGE, format!("The body is larger than the {limit} bytes allowed here."));
        if declared.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let collect = async {
            let mut body = BytesMut::new();
            while let Some(chunk) = next_chunk(&mut payload).await? {
                if body.len() + chunk.len() > limit {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            let digest = sha256(&body);
            request.extensions_mut().insert(BodyDigest { digest, surface });
            Ok(body.freeze())
        };
        tokio::time::timeout(WHOLE, collect).await.unwrap_or_else(|_| Err(too_slow()))
    }
}

/// The next piece of a body, or the next part of one, or an error if the client stays silent too long.
///
/// # Errors
/// Says whether the client was too slow or the transfer broke.
pub async fn next_chunk<T, E: std::fmt::Display>(
    stream: &mut (impl Stream<Item = Result<T, E>> + Unpin),
) -> Result<Option<T>, Error> {
    match tokio::time::timeout(IDLE, stream.next()).await {
        Err(_) => Err(too_slow()),
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(error))) => Err(bad_request(&error)),
    }
}

fn too_slow() -> Error {
    Error::plain(codes::TIMED_OUT, "The body took too long to arrive; nothing was changed.")
}

/// Reads JSON into a type whatever the case of its property names: the type's own names are known to serde when
/// it asks for a struct, so no table of names is needed.
struct AnyCase(Value);

fn same_name(sent: &str, field: &str) -> bool {
    let fold = |c: &u8| *c != b'_';
    let (sent, field) = (sent.bytes().filter(fold), field.bytes().filter(fold));
    sent.map(|c| c.to_ascii_lowercase()).eq(field.map(|c| c.to_ascii_lowercase()))
}

impl<'de> Deserializer<'de> for AnyCase {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(AnyCase))),
            Value::Object(map) => {
                visitor.visit_map(MapDeserializer::new(map.into_iter().map(|(k, v)| (k, AnyCase(v)))))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::String(word) => {
                let known = variants.iter().find(|variant| same_name(&word, variant));
                visitor.visit_enum(known.map_or(word.as_str(), |variant| *variant).into_deserializer())
            }
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let map = match self.0 {
            Value::Object(map) => map,
            // serde would read the properties by position, which no client means.
            Value::Array(_) => return Err(serde::de::Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => return self.deserialize_any(visitor),
        };
        let named = map.into_iter().filter_map(|(name, value)| {
            let field = fields.iter().find(|field| same_name(&name, field))?;
            Some((*field, AnyCase(value)))
        });
        visitor.visit_map(MapDeserializer::new(named))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for AnyCase {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Outer {
        company_name: String,
        inner: Option<Inner>,
        list: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Inner {
        first_name: Option<String>,
        count: i32,
    }

    #[test]
    fn property_names_are_read_in_any_case_and_surplus_ones_ignored() {
        let sent = serde_json::json!({
            "CompanyName": "Fabrikam", "Links": {"Self": null}, "INNER": {"first_name": "Anna", "Count": 2},
            "List": [{"FirstName": null, "count": 3, "Attributes": {}}]
        });
        let read: Outer = serde_path_to_error::deserialize(AnyCase(sent)).unwrap();
        assert_eq!(
            read,
            Outer {
                company_name: "Fabrikam".into(),
                inner: Some(Inner { first_name: Some("Anna".into()), count: 2 }),
                list: vec![Inner { first_name: None, count: 3 }],
            }
        );
    }

    #[test]
    fn an_error_names_the_property_that_is_wrong() {
        let sent = serde_json::json!({"companyName": "x", "list": [{"count": "many"}]});
        let error = serde_path_to_error::deserialize::<_, Outer>(AnyCase(sent)).unwrap_err();
        let told = unreadable(error).to_string();
        assert!(told.starts_with("list[0].count: invalid type: string"), "{told}");
        let sent = serde_json::json!(["Fabrikam", null, []]);
        let error = serde_path_to_error::deserialize::<_, Outer>(AnyCase(sent)).unwrap_err();
        assert!(unreadable(error).to_string().contains("invalid type: sequence"));
    }
}
