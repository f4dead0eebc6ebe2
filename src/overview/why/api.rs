//! REST of "why can't I?".

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Query};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Question, Verdict, WhyError, rule_named};
use crate::access::{AccessSettings, SignedIn};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::http::Error;
use crate::platform::text::shorten;

/// The routes of this question.
pub(in crate::overview) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(why);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct WhyQuery {
    /// What one wants to do, such as `registerDevices`; an unknown one is answered with all of them.
    action: Option<String>,
    /// For which customer: tenant id or domain.
    customer_id: Option<String>,
    /// With which partner: tenant id.
    partner_id: Option<String>,
}

/// May I, and if not, what is missing and who can give it?
#[utoipa::path(tag = "Questions", params(WhyQuery), responses((status = 200, body = Verdict)))]
#[get("/v1/why")]
async fn why(
    me: SignedIn,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    query: Query<WhyQuery>,
) -> Result<Answer<Verdict>, Error> {
    let now = parts.clock.now();
    let WhyQuery { action, customer_id, partner_id } = query.into_inner();
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let rule = rule_named(&given(action).ok_or(WhyError::ActionMissing)?)?;
    let partner = given(partner_id)
        .map(|text| text.parse().map_err(|_| WhyError::PartnerMalformed(shorten(&text, 60))))
        .transpose()?;
    let customer = given(customer_id).map(|text| CustomerReference::new(&text));
    let second_factor_required = settings.second_factor.is_required();
    let question = Question { rule, customer, partner, second_factor_required };
    Ok(Answer(me.read(&parts, move |read, me| actions::answer(read, me, &question, now)).await?))
}
