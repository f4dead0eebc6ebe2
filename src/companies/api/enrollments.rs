//! REST of enrolments.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::Admin;
use crate::access::{
    AccessSettings, Allowed, Anyone, DecideEnrollments, PartnerId, ReadOwnEnrollment, RunTheCentre, Scope,
};
use crate::audit::System;
use crate::companies::actions::enrollments::{self as actions, Decision};
use crate::companies::model::{
    Application, Domain, Enrollment, EnrollmentId, EnrollmentState, MAX_LOCATIONS, MpnClaim, MpnClaims, MpnId,
    NewCompany,
};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Sure, codes};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply};
use crate::platform::text::{Country, Line};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(submit_enrollment)
        .service(list_enrollments)
        .service(own_enrollment)
        .service(approve_enrollment)
        .service(reject_enrollment);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MpnIds {
    /// The partner global account.
    global: MpnId,
    /// The partner location accounts.
    #[schema(min_items = 1, max_items = 50)]
    locations: Vec<MpnId>,
    /// The location with which the company onboards.
    onboarding: MpnId,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewEnrollment {
    company_name: Line<200>,
    country: Country,
    domain: Domain,
    mpn_ids: MpnIds,
    admin: Admin,
}

/// An enrolment as indirect reseller.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EnrollmentView {
    id: EnrollmentId,
    tenant_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mpn_ids: Vec<MpnClaim>,
    state: EnrollmentState,
    #[schema(value_type = String, format = DateTime)]
    submitted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Enrollment> for EnrollmentView {
    fn from(enrollment: Enrollment) -> Self {
        let Enrollment { id, reseller, state, submitted_at, decided_at, reason } = enrollment;
        Self {
            id,
            tenant_id: reseller,
            company_name: None,
            mpn_ids: Vec::new(),
            state,
            submitted_at,
            decided_at,
            reason,
        }
    }
}

/// Enrol as indirect reseller. The admin named gets an activation mail; the operator approves.
#[utoipa::path(tag = "Companies", request_body = NewEnrollment, responses((status = 201, body = EnrollmentView)))]
#[post("/v1/enrollments")]
async fn submit_enrollment(
    anyone: Anyone,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    body: Json<NewEnrollment>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let body = body.0;
    if body.mpn_ids.locations.len() > MAX_LOCATIONS {
        let sentence = format!("mpnIds.locations: at most {MAX_LOCATIONS} locations are taken in one enrolment.");
        return Err(Error::plain(codes::BAD_REQUEST, sentence));
    }
    let MpnIds { global, locations, onboarding } = body.mpn_ids;
    let claims = MpnClaims { global, locations, onboarding };
    let admin = body.admin.person();
    let company = NewCompany {
        name: body.company_name.into(),
        country: body.country,
        domain: body.domain,
        contact_email: admin.email.clone(),
        description: String::new(),
        admin,
    };
    let actor = System { organisation: None, request: anyone.request };
    let enrollment =
        parts.db.write(move |tx| actions::submit_enrollment(tx, &actor, &company, &claims, &settings, now)).await?;
    Ok(HttpResponse::Created().json(EnrollmentView::from(enrollment)))
}

/// All enrolments, with the MPN IDs claimed in them.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Collection<EnrollmentView>)))]
#[get("/v1/enrollments")]
async fn list_enrollments(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<EnrollmentView>>, Error> {
    let (after, limit) = (page.after_id::<EnrollmentId>()?, page.fetch());
    let list = move |read: &mut Read<'_>, _: &Scope| -> Sure<_> { Ok(actions::applications(read, after, limit)?) };
    let rows = me.read(&parts, list).await?;
    let key = |row: &Application| row.enrollment.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| EnrollmentView {
        company_name: Some(row.company_name),
        mpn_ids: row.claims,
        ..EnrollmentView::from(row.enrollment)
    })))
}

/// The enrolment of one's own company.
#[utoipa::path(tag = "Companies", responses((status = 200, body = EnrollmentView)))]
#[get("/v1/enrollments/current")]
async fn own_enrollment(me: Allowed<ReadOwnEnrollment>, parts: Data<Parts>) -> Result<Answer<EnrollmentView>, Error> {
    let enrollment = me.read(&parts, actions::own_enrollment).await?;
    Ok(Answer(enrollment.into()))
}

/// Approve an enrolment: its MPN IDs count as verified, and the company may accept invitations.
#[utoipa::path(tag = "Companies", responses((status = 200, body = EnrollmentView)))]
#[post("/v1/enrollments/{id}/approve")]
async fn approve_enrollment(
    me: Allowed<DecideEnrollments>,
    parts: Data<Parts>,
    id: Path<EnrollmentId>,
) -> Result<HttpResponse, Error> {
    decide(me, &parts, *id, Decision::Approve).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rejection {
    /// What the company is told.
    reason: Line<1000>,
}

/// Refuse an enrolment, with a reason.
#[utoipa::path(tag = "Companies", request_body = Rejection, responses((status = 200, body = EnrollmentView)))]
#[post("/v1/enrollments/{id}/reject")]
async fn reject_enrollment(
    me: Allowed<DecideEnrollments>,
    parts: Data<Parts>,
    id: Path<EnrollmentId>,
    body: Json<Rejection>,
) -> Result<HttpResponse, Error> {
    decide(me, &parts, *id, Decision::Reject(body.0.reason.into())).await
}

async fn decide(
    me: Allowed<DecideEnrollments>,
    parts: &Parts,
    id: EnrollmentId,
    decision: Decision,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(parts, move |tx, me| {
        let decided = actions::decide_enrollment(tx, me, id, &decision, now);
        decided.map(|decided| Reply::ok(&EnrollmentView::from(decided)))
    })
    .await
}
