//! Lists that are paged by index, as the contract pages the catalogue: an offset and a size.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest};
use serde_json::json;

use super::errors::Error;
use super::paging::{Collection, linked_path, parameter, query_without, size_of, with_query};
use crate::platform::error::codes;

/// The largest `offset` a caller may ask for.
const MAX_OFFSET: u32 = 1_000_000;

/// Which page of a list is wanted.
#[derive(Clone, Debug)]
pub struct IndexPage {
    /// Rows before it.
    offset: u32,
    /// Rows at most.
    size: u32,
    path: String,
    /// The caller's own parameters, which the other pages need as well.
    query: String,
}

/// The query parameters of such a list, for the OpenAPI document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document only; `IndexPage` is what handlers take")]
pub struct IndexQuery {
    /// Rows to leave out from the beginning.
    #[param(maximum = 1_000_000)]
    offset: Option<u32>,
    /// Rows at most; absent or 0 means the service's default.
    #[param(maximum = 10000)]
    size: Option<u32>,
}

impl IndexPage {
    /// Rows to leave out.
    pub fn offset(&self) -> i64 {
        i64::from(self.offset)
    }

    /// Rows to fetch: one more than the page, so that its end is seen.
    pub fn fetch(&self) -> i64 {
        i64::from(self.size) + 1
    }

    /// The page that begins at `offset`, as links name it.
    fn uri(&self, offset: u32) -> String {
        with_query(&self.path, &[&self.query, &format!("offset={offset}"), &format!("size={}", self.size)])
    }
}

impl FromRequest for IndexPage {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        ready(page_of(request))
    }
}

fn page_of(request: &HttpRequest) -> Result<IndexPage, Error> {
    let (size, _) = size_of(request)?;
    let offset = match parameter(request, "offset").filter(|text| !text.is_empty()) {
        None => 0,
        Some(text) => text.parse::<u32>().ok().filter(|offset| *offset <= MAX_OFFSET).ok_or_else(|| {
            let sentence = format!("offset is \"{text}\"; it must be a number from 0 to {MAX_OFFSET}.");
            Error::plain(codes::BAD_REQUEST, sentence)
        })?,
    };
    Ok(IndexPage { offset, size, path: linked_path(request), query: query_without(request, &["offset", "size"]) })
}

impl<T> Collection<T> {
    /// A page of at most the size asked for of the `rows` fetched, with the ways to the pages beside it.
    pub fn indexed<R>(mut rows: Vec<R>, page: &IndexPage, show: impl FnMut(R) -> T) -> Self {
        let size = page.size as usize;
        let more = rows.len() > size;
        rows.truncate(size);
        let link = |offset: u32| json!({ "uri": page.uri(offset), "method": "GET", "headers": [] });
        let mut links = json!({ "self": link(page.offset) });
        if more {
            links["next"] = link(page.offset.saturating_add(page.size));
        }
        if page.offset > 0 {
            links["previous"] = link(page.offset.saturating_sub(page.size));
        }
        Self::linked(rows.into_iter().map(show).collect(), links)
    }
}
