//! REST of setup info: revealing it with a link, and making it anew when it was lost.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, post};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::decided::Decided;
use crate::access::{AccessSettings, Allowed, Anyone, CustomerId, Passwords, ResetSetupInfo, temporary_password};
use crate::customers::CustomerReference;
use crate::delegation::actions::{self};
use crate::delegation::model::{RecipientForm, SetupInfo, SetupInfoLink};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Error, MaybeJson, Reply};
use crate::platform::keys::LinkToken;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(reveal_setup_info).service(reset_setup_info);
}

/// A temporary password and its hash.
///
/// # Errors
/// The service is too busy to hash.
pub async fn freshly_made(passwords: &Passwords) -> Result<(SecretString, String), Error> {
    let password = temporary_password();
    let hash = passwords.hash(SecretString::from(password.expose_secret())).await?;
    Ok((password, hash))
}

/// The person who gets setup info by a link.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentTo {
    name: String,
    email: String,
    /// Until when the link reveals it.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SentTo {
    pub(super) fn new(info: &SetupInfo) -> Self {
        let recipient = &info.recipient;
        let (name, email) = (recipient.name.clone(), recipient.email.as_str().to_owned());
        Self { name, email, expires_at: info.expires_at }
    }
}

/// Setup info, shown this one time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SetupInfoView {
    company_name: String,
    /// Signs in as.
    user_name: String,
    /// Good for one sign-in, which changes it.
    password: String,
    #[schema(value_type = String, format = DateTime)]
    password_expires_at: Timestamp,
    /// Where to sign in.
    sign_in: String,
}

/// Reveal setup info with the link from its mail: the link is used up, and the password was never anywhere before.
#[utoipa::path(tag = "Customers", responses((status = 200, body = SetupInfoView)))]
#[post("/v1/setupinfo/{token}")]
async fn reveal_setup_info(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    passwords: Data<Passwords>,
    token: Path<String>,
) -> Result<Answer<SetupInfoView>, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), LinkToken::<SetupInfoLink>::parse(&token));
    let asked = link.clone();
    let known = keys.clone();
    // Only who has a good link makes us hash.
    parts.db.read(move |read| actions::revealable(read, &known, &asked, now)).await?;
    let (password, hash) = freshly_made(&passwords).await?;
    let request = anyone.request;
    let revealed = parts.db.write(move |tx| actions::reveal(tx, &keys, &link, &hash, &settings, request, now)).await?;
    Ok(Answer(SetupInfoView {
        company_name: revealed.company,
        user_name: revealed.user_name,
        password: password.expose_secret().to_owned(),
        password_expires_at: revealed.expires_at,
        sign_in: parts.base.join("/sign-in"),
    }))
}

/// Who gets setup info that is made anew: the caller, if nobody is named.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResetBody {
    setup_info_to: Option<RecipientForm>,
}

/// Setup info that was made anew.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ResetView {
    customer_id: CustomerId,
    user_name: String,
    /// Shown this one time.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    password_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_info_sent_to: Option<SentTo>,
}

/// Make a customer's setup info anew, because lost means reset: another temporary password for its first admin, or a link
/// that reveals one. Every older password, link, session and token of that account ends.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")), request_body = ResetBody,
    responses((status = 200, body = ResetView)))]
#[post("/v1/customers/{customer}/setupinfo")]
async fn reset_setup_info(
    me: Allowed<ResetSetupInfo>,
    parts: Data<Parts>,
    decided: Decided,
    passwords: Data<Passwords>,
    customer: Path<String>,
    body: MaybeJson<ResetBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (reference, to) = (CustomerReference::new(&customer), body.0.setup_info_to);
    let made = if to.is_some() { None } else { Some(freshly_made(&passwords).await?) };
    me.write(&parts, move |tx, me| {
        let terms = decided.terms();
        let hash = made.as_ref().map(|(_, hash)| hash.as_str());
        actions::reset_setup_info(tx, me, &reference, to.as_ref(), hash, terms, now).map(|reset| {
            let reply = Reply::ok(&ResetView {
                customer_id: reset.customer,
                user_name: reset.user_name,
                password: made.as_ref().map(|(password, _)| password.expose_secret().to_owned()),
                password_expires_at: reset.expires_at,
                setup_info_sent_to: reset.setup_info.as_ref().map(SentTo::new),
            });
            if made.is_some() { reply.secret(&["/password"]) } else { reply }
        })
    })
    .await
}
