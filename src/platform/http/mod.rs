//! The edge: requests become typed values, answers and errors take the shape of their surface.

mod admission;
mod bulk;
mod errors;
mod etag;
mod filter;
mod hosts;
mod index;
mod json;
mod loose;
mod middleware;
pub mod odata;
mod own_service;
mod paging;
mod paths;
mod peer;
mod reply;
mod request;
mod throttle;

pub use admission::Admission;
pub use bulk::{Bulk, BulkLimits};
pub use errors::{Dialect, Error, Problem, status_of};

pub use etag::{EtagError, IfMatch, etag};
pub use filter::Condition;
pub use hosts::{KnownHosts, is_host};
pub use index::{IndexPage, IndexQuery};
pub(in crate::platform) use json::form_text;
pub use json::{BodyDigest, BodyLimits, Form, Json, Lenient, MaybeJson, next_chunk};
pub use loose::Loose;
pub use middleware::{around, unknown_path};
pub use own_service::{Answering, OwnService};
pub use paging::{Collection, Page, PageQuery, PagingSettings, Resource, resource, text_key, versioned};
pub use paths::PathTable;
pub use peer::{PeerNetwork, TrustedProxies};
pub use reply::Reply;
pub use request::{BaseUrl, RequestIds};
pub use throttle::{CallLimit, TooManyCalls, count_anonymous};
