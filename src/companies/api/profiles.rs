//! REST of the profiles of one's own company (section 5.4 of the contract).

use actix_web::web::{Data, Json as Answer};
use actix_web::{HttpResponse, get, put};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::links;
use crate::access::{Allowed, ChangeProfiles, PartnerId, ReadProfiles};
use crate::companies::actions::profiles::{self as actions, Shown};
use crate::companies::model::{Billing, CompanyRecord, LegalBusiness, Organization, Profile, Support, VettingStatus};
use crate::platform::Parts;
use crate::platform::http::{Error, IfMatch, Lenient, Reply, Resource, etag, versioned};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(legal_business)
        .service(change_legal_business)
        .service(organization)
        .service(change_organization)
        .service(billing)
        .service(change_billing)
        .service(support)
        .service(change_support);
}

/// How a profile is shown.
trait Viewed: Profile {
    const OBJECT_TYPE: &'static str;
    type View: Serialize;

    fn view(self, company: CompanyRecord) -> Self::View;
}

fn shown<P: Viewed>(Shown { company, profile, version }: Shown<P>) -> Resource<P::View> {
    versioned(P::OBJECT_TYPE, etag(version), profile.view(company))
}

type Answered<P> = Result<Answer<Resource<<P as Viewed>::View>>, Error>;

async fn read<P: Viewed>(me: Allowed<ReadProfiles>, parts: &Parts) -> Answered<P> {
    Ok(Answer(shown(me.read(parts, actions::profile::<P>).await?)))
}

async fn change<P: Viewed>(
    me: Allowed<ChangeProfiles>,
    parts: &Parts,
    looked_at: IfMatch,
    sent: P,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(parts, move |tx, me| {
        let changed = actions::change_profile(tx, me, &sent, &looked_at, now);
        changed.map(|changed| Reply::ok(&shown(changed)))
    })
    .await
}

/// The legal business profile, and what the operator has found out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LegalBusinessView {
    #[serde(flatten)]
    profile: LegalBusiness,
    vetting_status: VettingStatus,
    vetting_sub_status: &'static str,
    profile_type: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

impl Viewed for LegalBusiness {
    const OBJECT_TYPE: &'static str = "PartnerLegalBusinessProfile";
    type View = LegalBusinessView;

    fn view(self, company: CompanyRecord) -> LegalBusinessView {
        let vetting_status = company.vetting();
        let vetting_sub_status = if vetting_status == VettingStatus::Authorized { "none" } else { "decision" };
        LegalBusinessView {
            profile: self,
            vetting_status,
            vetting_sub_status,
            profile_type: "LegalBusinessProfile",
            links: links("/profiles/legalbusiness"),
        }
    }
}

/// The organisation's profile, with its identity.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrganizationView {
    id: PartnerId,
    tenant_id: PartnerId,
    domain: String,
    #[serde(flatten)]
    profile: Organization,
    profile_type: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

impl Viewed for Organization {
    const OBJECT_TYPE: &'static str = "PartnerOrganizationProfile";
    type View = OrganizationView;

    fn view(self, company: CompanyRecord) -> OrganizationView {
        OrganizationView {
            id: company.id,
            tenant_id: company.id,
            domain: company.domain,
            profile: self,
            profile_type: "OrganizationProfile",
            links: links("/profiles/organization"),
        }
    }
}

/// The billing profile.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BillingView {
    #[serde(flatten)]
    profile: Billing,
    profile_type: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

impl Viewed for Billing {
    const OBJECT_TYPE: &'static str = "PartnerBillingProfile";
    type View = BillingView;

    fn view(self, _: CompanyRecord) -> BillingView {
        BillingView { profile: self, profile_type: "BillingProfile", links: links("/profiles/billing") }
    }
}

/// The support profile.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SupportView {
    #[serde(flatten)]
    profile: Support,
    profile_type: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

impl Viewed for Support {
    const OBJECT_TYPE: &'static str = "PartnerSupportProfile";
    type View = SupportView;

    fn view(self, _: CompanyRecord) -> SupportView {
        SupportView { profile: self, profile_type: "support_profile", links: links("/profiles/support") }
    }
}

/// The legal business profile of one's own company.
#[utoipa::path(tag = "Companies",
    params(("vettingVersion" = Option<String>, Query, description = "current or last_finalized: there is one version here")),
    responses((status = 200, body = Resource<LegalBusinessView>)))]
#[get("/v1/profiles/legalbusiness")]
async fn legal_business(me: Allowed<ReadProfiles>, parts: Data<Parts>) -> Answered<LegalBusiness> {
    read::<LegalBusiness>(me, &parts).await
}

/// Replace the legal business profile of one's own company. An etag, in If-Match or in attributes, is compared.
#[utoipa::path(tag = "Companies", request_body = LegalBusiness, responses((status = 200, body = Resource<LegalBusinessView>)))]
#[put("/v1/profiles/legalbusiness")]
async fn change_legal_business(
    me: Allowed<ChangeProfiles>,
    parts: Data<Parts>,
    looked_at: IfMatch,
    body: Lenient<LegalBusiness>,
) -> Result<HttpResponse, Error> {
    change(me, &parts, looked_at, body.0).await
}

/// The profile of the organisation of one's own company.
#[utoipa::path(tag = "Companies", responses((status = 200, body = Resource<OrganizationView>)))]
#[get("/v1/profiles/organization")]
async fn organization(me: Allowed<ReadProfiles>, parts: Data<Parts>) -> Answered<Organization> {
    read::<Organization>(me, &parts).await
}

/// Replace the profile of the organisation of one's own company. An etag, in If-Match or in attributes, is compared.
#[utoipa::path(tag = "Companies", request_body = Organization, responses((status = 200, body = Resource<OrganizationView>)))]
#[put("/v1/profiles/organization")]
async fn change_organization(
    me: Allowed<ChangeProfiles>,
    parts: Data<Parts>,
    looked_at: IfMatch,
    body: Lenient<Organization>,
) -> Result<HttpResponse, Error> {
    change(me, &parts, looked_at, body.0).await
}

/// The billing profile of one's own company.
#[utoipa::path(tag = "Companies", responses((status = 200, body = Resource<BillingView>)))]
#[get("/v1/profiles/billing")]
async fn billing(me: Allowed<ReadProfiles>, parts: Data<Parts>) -> Answered<Billing> {
    read::<Billing>(me, &parts).await
}

/// Replace the billing profile of one's own company. An etag, in If-Match or in attributes, is compared.
#[utoipa::path(tag = "Companies", request_body = Billing, responses((status = 200, body = Resource<BillingView>)))]
#[put("/v1/profiles/billing")]
async fn change_billing(
    me: Allowed<ChangeProfiles>,
    parts: Data<Parts>,
    looked_at: IfMatch,
    body: Lenient<Billing>,
) -> Result<HttpResponse, Error> {
    change(me, &parts, looked_at, body.0).await
}

/// The support profile of one's own company.
#[utoipa::path(tag = "Companies", responses((status = 200, body = Resource<SupportView>)))]
#[get("/v1/profiles/support")]
async fn support(me: Allowed<ReadProfiles>, parts: Data<Parts>) -> Answered<Support> {
    read::<Support>(me, &parts).await
}

/// Replace the support profile of one's own company. An etag, in If-Match or in attributes, is compared.
#[utoipa::path(tag = "Companies", request_body = Support, responses((status = 200, body = Resource<SupportView>)))]
#[put("/v1/profiles/support")]
async fn change_support(
    me: Allowed<ChangeProfiles>,
    parts: Data<Parts>,
    looked_at: IfMatch,
    body: Lenient<Support>,
) -> Result<HttpResponse, Error> {
    change(me, &parts, looked_at, body.0).await
}
