//! What the operator decided about new customers and sales, as an argument of handlers.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::delegation::Decided;
use crate::platform::http::Error;
use crate::subscriptions::actions::drafts::DraftTerms;
use crate::subscriptions::model::settings::SubscriptionSettings;

/// The settings under which drafts are looked at and submitted.
#[derive(Clone)]
pub struct DecidedDrafts {
    customers: Decided,
    sales: Data<SubscriptionSettings>,
}

impl DecidedDrafts {
    /// As actions take them.
    pub fn terms(&self) -> DraftTerms<'_> {
        DraftTerms { customers: self.customers.terms(), sales: &self.sales }
    }
}

impl FromRequest for DecidedDrafts {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut decided = || {
            let customers = Decided::from_request(request, payload).into_inner()?;
            let sales = request.app_data::<Data<SubscriptionSettings>>().ok_or_else(Error::internal)?.clone();
            Ok(Self { customers, sales })
        };
        ready(decided())
    }
}
