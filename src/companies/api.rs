//! REST of companies: the providers list, enrolments, the partner agreement.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::actions::{self, Decision};
use super::model::{
    CompanyProfile, Domain, Enrollment, EnrollmentId, EnrollmentState, MAX_LOCATIONS, MpaVersion, MpnClaim, MpnClaims,
    MpnId, NewCompany, Signature, SignatureId,
};
use crate::access::{
    AccessSettings, Allowed, Anyone, DecideEnrollments, NewPerson, PartnerId, ReadAgreements, ReadOwnEnrollment, Role,
    RunTheCentre, Scope, SignAgreement,
};
use crate::audit::System;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Sure, codes};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply};
use crate::platform::text::{Country, EmailAddress, Line};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_providers)
        .service(create_provider)
        .service(submit_enrollment)
        .service(list_enrollments)
        .service(own_enrollment)
        .service(approve_enrollment)
        .service(reject_enrollment)
        .service(publish_agreement)
        .service(sign_agreement)
        .service(list_signatures);
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

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewProvider {
    name: Line<200>,
    country: Country,
    domain: Domain,
    contact_email: EmailAddress,
    /// What it sells.
    description: Line<1000>,
    mpn_id: MpnId,
    admin: Admin,
}

/// An entry of the public list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Provider {
    id: PartnerId,
    name: String,
    country: String,
    contact_email: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
}

impl From<CompanyProfile> for Provider {
    fn from(profile: CompanyProfile) -> Self {
        let CompanyProfile { id, name, country, contact_email, description, mpn_id } = profile;
        Self { id, name, country, contact_email, description, mpn_id }
    }
}

/// The public list of indirect providers: how a reseller finds one.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Collection<Provider>)))]
#[get("/v1/indirectproviders")]
async fn list_providers(
    _anyone: Anyone,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<Provider>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let rows = parts.db.read(move |read| -> Sure<_> { Ok(actions::providers(read, after, limit)?) }).await?;
    Ok(Answer(Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), Provider::from)))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Created {
    id: Uuid,
}

/// List a provider; its first admin gets an activation mail.
#[utoipa::path(tag = "Companies", request_body = NewProvider, responses((status = 201, body = Created)))]
#[post("/v1/indirectproviders")]
async fn create_provider(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    body: Json<NewProvider>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let body = body.0;
    let mpn_id = body.mpn_id;
    let company = NewCompany {
        name: body.name.into(),
        country: body.country,
        domain: body.domain,
        contact_email: body.contact_email,
        description: body.description.into(),
        admin: body.admin.person(),
    };
    me.write(&parts, move |tx, me| {
        let created = actions::create_provider(tx, me, &company, &mpn_id, &settings, now);
        created.map(|id| Reply::created(&Created { id: id.uuid() }))
    })
    .await
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
    let list = move |read: &mut Read<'_>, _: &Scope| -> Sure<_> {
        let rows = actions::enrollments(read, after, limit)?;
        let companies: Vec<PartnerId> = rows.iter().map(|row| row.reseller).collect();
        Ok((rows, actions::profiles(read, &companies)?, actions::mpn_claims(read, &companies)?))
    };
    let (rows, names, mut claims) = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(
        rows,
        &page,
        |row| row.id.uuid().into_bytes().to_vec(),
        |row| {
            let company_name = names.get(&row.reseller).map(|profile| profile.name.clone());
            let mpn_ids = claims.remove(&row.reseller).unwrap_or_default();
            EnrollmentView { company_name, mpn_ids, ..EnrollmentView::from(row) }
        },
    )))
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

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewVersion {
    /// Its name, such as `2026-10`.
    version: Line<40>,
    title: Line<200>,
    /// Where the text can be read.
    document_url: Line<1000>,
}

/// Publish a version of the Microsoft Partner Agreement. It is in force at once and asks everybody for a signature.
#[utoipa::path(tag = "Companies", request_body = NewVersion, responses((status = 201, body = AgreementView)))]
#[post("/v1/agreements/mpa/versions")]
async fn publish_agreement(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    body: Json<NewVersion>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewVersion { version, title, document_url } = body.0;
    let version = MpaVersion {
        version: version.into(),
        title: title.into(),
        document_url: document_url.into(),
        effective_at: now,
    };
    me.write(&parts, move |tx, me| {
        let published = actions::publish_agreement(tx, me, &version, now);
        published.map(|published| Reply::created(&AgreementView::from(published)))
    })
    .await
}

/// A version of the agreement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgreementView {
    version: String,
    title: String,
    document_url: String,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
}

impl From<MpaVersion> for AgreementView {
    fn from(version: MpaVersion) -> Self {
        let MpaVersion { version, title, document_url, effective_at } = version;
        Self { version, title, document_url, effective_at }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignatureRequest {
    /// The version its signer has read; the one in force if absent.
    version: Option<Line<40>>,
}

/// A signature of one's own company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SignatureView {
    id: SignatureId,
    version: String,
    #[schema(value_type = String, format = DateTime)]
    signed_at: Timestamp,
}

impl From<Signature> for SignatureView {
    fn from(Signature { id, version, signed_at }: Signature) -> Self {
        Self { id, version, signed_at }
    }
}

/// Sign the agreement in force for one's own company.
#[utoipa::path(tag = "Companies", request_body = SignatureRequest, responses((status = 201, body = SignatureView)))]
#[post("/v1/agreements/mpa/signatures")]
async fn sign_agreement(
    me: Allowed<SignAgreement>,
    parts: Data<Parts>,
    body: Json<SignatureRequest>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let named = body.0.version.map(String::from);
    me.write(&parts, move |tx, me| {
        let signed = actions::sign_agreement(tx, me, named.as_deref(), now);
        signed.map(|signature| Reply::created(&SignatureView::from(signature)))
    })
    .await
}

/// What one's own company has signed, and what it is asked to sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Signatures {
    /// The agreement in force, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<AgreementView>,
    #[serde(flatten)]
    signatures: Collection<SignatureView>,
}

/// The agreement in force, and the signatures of one's own company.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Signatures)))]
#[get("/v1/agreements/mpa/signatures")]
async fn list_signatures(
    me: Allowed<ReadAgreements>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Signatures>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> {
        let rows = actions::signatures(read, me, after, limit)?;
        Ok((rows, actions::agreement_in_force(read, now)?))
    };
    let (rows, in_force) = me.read(&parts, list).await?;
    let signatures = Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), SignatureView::from);
    Ok(Answer(Signatures { in_force: in_force.map(AgreementView::from), signatures }))
}
