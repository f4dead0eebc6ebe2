//! The edge: requests become typed values, answers and errors take the shape of their surface.

mod admission;
mod errors;
mod etag;
mod json;
mod middleware;
mod paging;
mod paths;
mod reply;
mod request;

pub use admission::Admission;
pub use errors::{Dialect, Error, Problem};
pub use etag::{EtagError, IfMatch, etag};
pub use json::{BodyDigest, BodyLimits, Form, Json, Lenient, next_chunk};
pub use middleware::{around, unknown_path};
pub use paging::{Collection, Page, PageQuery, PagingSettings, Resource, resource, versioned};
pub use paths::PathTable;
pub use reply::Reply;
pub use request::{BaseUrl, RequestIds};
