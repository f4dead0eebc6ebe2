//! Pages about delegated administration, for customers and for partners, and those behind requests for a relationship.

mod administration;
mod administrators;
mod approval;
mod requests;

use actix_web::web::ServiceConfig;

pub use approval::ADMINISTRATION_LINK;
pub use requests::REQUEST_LINK;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    administrators::pages(config);
    approval::pages(config);
    administration::pages(config);
    requests::pages(config);
}
