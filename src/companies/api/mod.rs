//! REST of companies: the providers list, enrolments, the partner agreement, profiles, MPN IDs.

mod agreements;
mod enrollments;
mod network;
mod profiles;
mod providers;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{NewPerson, Role};
use crate::platform::text::{EmailAddress, Line};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    providers::routes(config);
    enrollments::routes(config);
    agreements::routes(config);
    network::routes(config);
    profiles::routes(config);
}

/// A person who becomes the company's first Global admin.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Admin {
    email: EmailAddress,
    display_name: Line<100>,
}

impl Admin {
    fn person(self) -> NewPerson {
        NewPerson {
            email: self.email,
            display_name: self.display_name.into(),
            roles: vec![Role::GlobalAdmin],
            language: "en".to_owned(),
        }
    }
}

/// `links` of a resource.
fn links(uri: &str) -> Value {
    json!({ "self": { "uri": uri, "method": "GET", "headers": [] } })
}
