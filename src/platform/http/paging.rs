//! Lists: the contract's envelope, seek paging, a bound on every page.

use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};
use std::future::{Ready, ready};
use utoipa::ToSchema;

use super::errors::Error;
use crate::platform::clock::Timestamp;
use crate::platform::error::codes;

/// How large pages are.
#[derive(Clone, Copy, Debug)]
pub struct PagingSettings {
    /// Rows of a page whose `size` the caller left out: large, because some clients never ask for a second page.
    pub first_page: u32,
}

/// The largest `size` a caller may ask for.
const MAX_SIZE: u32 = 10_000;

/// Which page of a list is wanted.
#[derive(Clone, Debug)]
pub struct Page {
    /// Rows at most.
    pub size: u32,
    /// The place after which the page begins: what [`Collection`] gave as continuation token.
    pub after: Option<Vec<u8>>,
    path: String,
    /// The caller's own parameters, which the next page needs as well.
    query: String,
    sized: bool,
}

/// The query parameters of a paged list, for the OpenAPI document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document only; `Page` is what handlers take")]
pub struct PageQuery {
    /// Rows at most; absent or 0 means the service's default.
    #[param(maximum = 10000)]
    size: Option<u32>,
    /// `Next`, with the token of the previous page in the header MS-ContinuationToken or the parameter of that name.
    seek_operation: Option<String>,
}

impl Page {
    /// The id after which the page begins.
    ///
    /// # Errors
    /// A token that no page of this list gave.
    pub fn after_id<T: From<uuid::Uuid>>(&self) -> Result<Option<T>, Error> {
        let Some(bytes) = &self.after else { return Ok(None) };
        uuid::Uuid::from_slice(bytes).map(|id| Some(id.into())).map_err(|_| foreign_token())
    }

    /// The number after which the page begins.
    ///
    /// # Errors
    /// A token that no page of this list gave.
    pub fn after_number(&self) -> Result<Option<i64>, Error> {
        let Some(bytes) = &self.after else { return Ok(None) };
        let bytes: [u8; 8] = bytes.as_slice().try_into().map_err(|_| foreign_token())?;
        Ok(Some(i64::from_be_bytes(bytes)))
    }

    /// The id, and the number under that id, after which the page begins.
    ///
    /// # Errors
    /// A token that no page of this list gave.
    pub fn after_numbered<T: From<uuid::Uuid>>(&self) -> Result<Option<(T, i32)>, Error> {
        let Some(bytes) = &self.after else { return Ok(None) };
        let (number, id) = bytes.split_first_chunk::<4>().ok_or_else(foreign_token)?;
        let id = uuid::Uuid::from_slice(id).map_err(|_| foreign_token())?;
        Ok(Some((id.into(), i32::from_be_bytes(*number))))
    }

    /// The moment, and the id at that moment, after which the page begins.
    ///
    /// # Errors
    /// A token that no page of this list gave.
    pub fn after_moment<T: From<uuid::Uuid>>(&self) -> Result<Option<(Timestamp, T)>, Error> {
        let Some(bytes) = &self.after else { return Ok(None) };
        let (at, id) = bytes.split_first_chunk::<8>().ok_or_else(foreign_token)?;
        let at = Timestamp::from_micros(i64::from_be_bytes(*at));
        if !at.is_storable() {
            return Err(foreign_token());
        }
        uuid::Uuid::from_slice(id).map(|id| Some((at, id.into()))).map_err(|_| foreign_token())
    }

    /// The text, and the id of the row that has it, after which the page begins: what [`text_key`] made.
    ///
    /// # Errors
    /// A token that no page of this list gave.
    pub fn after_text<T: From<uuid::Uuid>>(&self) -> Result<Option<(String, T)>, Error> {
        let Some(bytes) = &self.after else { return Ok(None) };
        let (id, text) = bytes.split_first_chunk::<16>().ok_or_else(foreign_token)?;
        let text =
            String::from_utf8(text.to_vec()).ok().filter(|text| !text.contains('\0')).ok_or_else(foreign_token)?;
        Ok(Some((text, uuid::Uuid::from_bytes(*id).into())))
    }

    /// The page, of at most `size` rows.
    #[must_use]
    pub fn of_at_most(self, size: u32) -> Self {
        Self { size: self.size.min(size), ..self }
    }

    /// Rows to fetch: one more than the page, so that its end is seen.
    pub fn fetch(&self) -> i64 {
        i64::from(self.size) + 1
    }
}

/// The place of a row in a list that is sorted by a text.
pub fn text_key(text: &str, id: uuid::Uuid) -> Vec<u8> {
    [id.as_bytes(), text.as_bytes()].concat()
}

fn foreign_token() -> Error {
    Error::plain(codes::BAD_REQUEST, "The continuation token is not one that this list gave. Start again without it.")
}

impl FromRequest for Page {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        ready(page_of(request))
    }
}

fn page_of(request: &HttpRequest) -> Result<Page, Error> {
    let (size, sized) = size_of(request)?;
    let token = continuation_header(request.headers()).or_else(|| parameter(request, "continuationToken"));
    let after = match token.filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => Some(URL_SAFE_NO_PAD.decode(token).map_err(|_| foreign_token())?),
    };
    let query = query_without(request, &["size", "seekOperation", "continuationToken"]);
    Ok(Page { size, after, path: linked_path(request), query, sized })
}

/// A parameter of the query, still encoded, whatever the capitals of its name.
pub(super) fn parameter(request: &HttpRequest, wanted: &str) -> Option<String> {
    let pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.next().map(|(_, value)| value.to_owned())
}

/// The rows of a page, and whether the caller said how many.
pub(super) fn size_of(request: &HttpRequest) -> Result<(u32, bool), Error> {
    let default = request.app_data::<PagingSettings>().map_or(MAX_SIZE, |settings| settings.first_page);
    let asked = match parameter(request, "size") {
        None => None,
        Some(text) => Some(text.parse::<u32>().ok().filter(|size| *size <= MAX_SIZE).ok_or_else(|| {
            Error::plain(
                codes::BAD_REQUEST,
                format!("size is \"{text}\"; it must be a number from 0 (the default) to {MAX_SIZE}."),
            )
        })?),
    };
    let asked = asked.filter(|size| *size > 0);
    Ok((asked.unwrap_or(default), asked.is_some()))
}

/// The caller's own parameters, without those that say which page is wanted.
pub(super) fn query_without(request: &HttpRequest, paging: &[&str]) -> String {
    let pages = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        paging.iter().any(|paging| paging.eq_ignore_ascii_case(name))
    };
    let own: Vec<&str> = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pages(pair)).collect();
    own.join("&")
}

/// The path as links name it: without a version, because clients put one before it.
pub(super) fn linked_path(request: &HttpRequest) -> String {
    let path = request.path();
    path.strip_prefix("/v1").unwrap_or(path).to_owned()
}

/// `path` with those of `parameters` that say something.
pub(super) fn with_query(path: &str, parameters: &[&str]) -> String {
    let all: Vec<&str> = parameters.iter().copied().filter(|parameter| !parameter.is_empty()).collect();
    if all.is_empty() { path.to_owned() } else { format!("{path}?{}", all.join("&")) }
}

fn continuation_header(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("ms-continuationtoken")?.to_str().ok()?.to_owned())
}

/// A list in the contract's envelope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Collection<T> {
    total_count: usize,
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    #[schema(value_type = Object)]
    links: Value,
    attributes: Attributes,
}

/// What kind of thing a resource is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// The resource's type name.
    pub object_type: &'static str,
    /// Its version, if it has versions: what `If-Match` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl<T> Collection<T> {
    /// A page of at most `page.size` of the `rows` fetched, with the way to the next if there are more.
    pub fn page<R>(mut rows: Vec<R>, page: &Page, key: impl Fn(&R) -> Vec<u8>, show: impl FnMut(R) -> T) -> Self {
        let size = page.size as usize;
        let more = rows.len() > size;
        rows.truncate(size);
        let token = match rows.last() {
            Some(last) if more => Some(URL_SAFE_NO_PAD.encode(key(last))),
            _ => None,
        };
        let size_parameter = format!("size={}", page.size);
        let own_size = if page.sized { size_parameter.as_str() } else { "" };
        let own = with_query(&page.path, &[&page.query, own_size]);
        let mut links = json!({ "self": { "uri": own, "method": "GET", "headers": [] } });
        if let Some(token) = &token {
            links["next"] = json!({
                "uri": with_query(&page.path, &[&page.query, &size_parameter, "seekOperation=Next"]),
                "method": "GET",
                "headers": [{ "key": "MS-ContinuationToken", "value": token }],
            });
        }
        let items: Vec<T> = rows.into_iter().map(show).collect();
        Self {
            total_count: items.len(),
            items,
            continuation_token: token,
            links,
            attributes: Attributes { object_type: "Collection", etag: None },
        }
    }
}

impl<T> Collection<T> {
    /// A list that is never long enough to page, such as the partners of one customer.
    pub fn whole(path: &str, items: Vec<T>) -> Self {
        Self::linked(items, json!({ "self": { "uri": path, "method": "GET", "headers": [] } }))
    }

    /// A list with these links.
    pub(super) fn linked(items: Vec<T>, links: Value) -> Self {
        Self {
            total_count: items.len(),
            items,
            continuation_token: None,
            links,
            attributes: Attributes { object_type: "Collection", etag: None },
        }
    }
}

/// A resource with its `attributes`, as every answer of the contract has them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource<T> {
    #[serde(flatten)]
    body: T,
    attributes: Attributes,
}

/// Gives `body` its type name.
pub fn resource<T>(object_type: &'static str, body: T) -> Resource<T> {
    Resource { body, attributes: Attributes { object_type, etag: None } }
}

/// Gives `body` its type name and its version.
pub fn versioned<T>(object_type: &'static str, etag: String, body: T) -> Resource<T> {
    Resource { body, attributes: Attributes { object_type, etag: Some(etag) } }
}
