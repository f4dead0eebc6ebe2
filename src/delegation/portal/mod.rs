//! Pages about delegated administration, for customers and for partners.

mod administration;
mod administrators;
mod approval;

use actix_web::web::ServiceConfig;

pub use approval::ADMINISTRATION_LINK;

/// The pages of this feature.
pub fn pages(config: &mut ServiceConfig) {
    administrators::pages(config);
    approval::pages(config);
    administration::pages(config);
}
