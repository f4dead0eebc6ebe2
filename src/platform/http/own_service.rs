//! The service itself, for calls that come packed in another call.

use std::rc::Rc;

use actix_http::Request;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use super::Error;

/// What answers a request as if it had come by itself.
pub type Answering = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, actix_web::Error>>>;

type Making = Rc<dyn Fn() -> LocalBoxFuture<'static, Option<Answering>>>;

/// The service of this thread, made when the first packed call comes.
#[derive(Clone)]
pub struct OwnService {
    make: Making,
    made: Rc<OnceCell<Option<Answering>>>,
}

impl OwnService {
    /// Made by `make`, once.
    pub fn new(make: impl Fn() -> LocalBoxFuture<'static, Option<Answering>> + 'static) -> Self {
        Self { make: Rc::new(make), made: Rc::default() }
    }

    /// The service.
    ///
    /// # Errors
    /// Only if it cannot be made.
    pub async fn get(&self) -> Result<Answering, Error> {
        let made = self.made.get_or_init(|| (self.make)()).await;
        made.clone().ok_or_else(Error::internal)
    }
}
