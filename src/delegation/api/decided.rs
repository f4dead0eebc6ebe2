//! What the operator decided about creating customers, as an argument of handlers.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::access::AccessSettings;
use crate::companies::Regions;
use crate::customers::CustomerSettings;
use crate::delegation::actions::Terms;
use crate::platform::http::Error;

/// The settings and the table of regions under which customers are created and handed over.
#[derive(Clone)]
pub struct Decided {
    access: Data<AccessSettings>,
    customers: Data<CustomerSettings>,
    regions: Data<Regions>,
}

impl Decided {
    /// As actions take them.
    pub fn terms(&self) -> Terms<'_> {
        Terms { access: &self.access, customers: &self.customers, regions: &self.regions }
    }
}

impl FromRequest for Decided {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let decided = || {
            Some(Self {
                access: request.app_data::<Data<AccessSettings>>()?.clone(),
                customers: request.app_data::<Data<CustomerSettings>>()?.clone(),
                regions: request.app_data::<Data<Regions>>()?.clone(),
            })
        };
        ready(decided().ok_or_else(Error::internal))
    }
}
