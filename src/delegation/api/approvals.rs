//! REST of a customer's answer to a request for granular delegated administration.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, AnswerAdministration, Anyone};
use crate::delegation::actions;
use crate::delegation::model::{AdministrationAnswerError, AdministrationLink, GranularStatus};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Outcome;
use crate::platform::http::{Error, MaybeJson, Reply};
use crate::platform::keys::LinkToken;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(look).service(approve).service(decline);
}

/// What a link asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AskedView {
    /// Names what is looked at: send it with the answer.
    version: String,
    /// Who asks.
    partner: String,
    partner_country: String,
    display_name: String,
    /// Directory roles by name.
    roles: Vec<&'static str>,
    days: i32,
    /// Whether it is extended by 180 days at its end, again and again.
    auto_extends: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    lapses_at: Option<Timestamp>,
}

/// What a link asks, for whoever holds it. It names no customer.
#[utoipa::path(tag = "Customers", params(("token", description = "The last part of the link")),
    responses((status = 200, body = AskedView)))]
#[get("/v1/administrationrequests/links/{token}")]
async fn look(_anyone: Anyone, parts: Data<Parts>, token: Path<String>) -> Result<Answer<AskedView>, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), LinkToken::<AdministrationLink>::parse(&token));
    let (one, partner) = parts.db.read(move |read| actions::asked_administration(read, &keys, &link, now)).await?;
    Ok(Answer(AskedView {
        version: one.version.to_string(),
        partner: partner.name,
        partner_country: partner.country,
        display_name: one.terms.display_name.to_string(),
        roles: one.terms.roles.iter().map(|role| role.name()).collect(),
        days: one.terms.days,
        auto_extends: one.terms.auto_extend,
        lapses_at: one.lapses_at,
    }))
}

/// The answer.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct AnswerBody {
    /// What was looked at; if it has changed since, nothing is answered.
    version: Option<String>,
}

/// How it stands after the answer.
#[derive(Serialize, ToSchema)]
struct AnsweredView {
    status: GranularStatus,
}

/// Give the partner what it asks for, for one's own organisation. Twice changes nothing.
#[utoipa::path(tag = "Customers", params(("token", description = "The last part of the link")),
    request_body = AnswerBody, responses((status = 200, body = AnsweredView)))]
#[post("/v1/administrationrequests/links/{token}/approve")]
async fn approve(
    me: Allowed<AnswerAdministration>,
    parts: Data<Parts>,
    token: Path<String>,
    body: MaybeJson<AnswerBody>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), LinkToken::<AdministrationLink>::parse(&token));
    me.write(&parts, move |tx, me| -> Outcome<Reply, AdministrationAnswerError> {
        actions::approve_administration(tx, me, &keys, &link, body.0.version.as_deref(), now)?;
        Ok(Reply::ok(&AnsweredView { status: GranularStatus::Active }))
    })
    .await
}

/// Say no. Twice changes nothing.
#[utoipa::path(tag = "Customers", params(("token", description = "The last part of the link")),
    request_body = AnswerBody, responses((status = 200, body = AnsweredView)))]
#[post("/v1/administrationrequests/links/{token}/decline")]
async fn decline(
    me: Allowed<AnswerAdministration>,
    parts: Data<Parts>,
    token: Path<String>,
    body: MaybeJson<AnswerBody>,
) -> Result<HttpResponse, Error> {
    let (now, keys, link) = (parts.clock.now(), parts.keys.clone(), LinkToken::<AdministrationLink>::parse(&token));
    me.write(&parts, move |tx, me| -> Outcome<Reply, AdministrationAnswerError> {
        actions::decline_administration(tx, me, &keys, &link, body.0.version.as_deref(), now)?;
        Ok(Reply::ok(&AnsweredView { status: GranularStatus::Terminated }))
    })
    .await
}
