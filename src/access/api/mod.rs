//! REST of accounts, users, applications and tokens.

mod accounts;
mod applications;
mod discovery;
mod notifications;
mod tokens;
mod users;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use tokens::methods;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(accounts::activate)
        .service(accounts::change_temporary_password)
        .service(accounts::request_reset)
        .service(accounts::offer_second_factor)
        .service(accounts::confirm_second_factor)
        .service(notifications::show_notifications)
        .service(notifications::choose_notifications)
        .service(users::list_users)
        .service(users::invite_user)
        .service(users::get_user)
        .service(users::change_user)
        .service(users::remove_user)
        .service(users::invite_again)
        .service(users::reset_second_factor)
        .service(applications::list_applications)
        .service(applications::register_application)
        .service(applications::remove_application)
        .service(applications::add_secret)
        .service(applications::remove_secret)
        .service(tokens::token_v2)
        .service(tokens::token_v1)
        .service(discovery::instance_discovery)
        .service(discovery::configuration_v2)
        .service(discovery::configuration_v1)
        .service(discovery::key_set_v2)
        .service(discovery::key_set_v1);
}
