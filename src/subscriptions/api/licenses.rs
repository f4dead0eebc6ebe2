//! REST of users' licences (section 12 of the contract).

use std::borrow::Cow;

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::access::{Allowed, ChangeCustomerUsers, ReadCustomerUsers, Scope};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, codes};
use crate::platform::http::{Collection, Error, Lenient, Reply, Resource, resource};
use crate::subscriptions::actions::licenses as actions;
use crate::subscriptions::model::SubscriptionSettings;
use crate::subscriptions::model::licenses::{
    Assignment, LICENSE_GROUP, LicenceMark, LicenseError, LicenseUpdate, Sku, SkuId, Units, asks_for_ours,
};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_skus).service(list_licenses).service(update_licenses).service(check_licenses);
}

/// Whom a licence or a plan is for: people alone have licences here.
const TARGET: &str = "User";

/// What licences are of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ProductSkuView {
    id: SkuId,
    name: String,
    sku_part_number: String,
    target_type: &'static str,
    license_group_id: &'static str,
}

impl ProductSkuView {
    fn of(sku: &Sku) -> Self {
        Self {
            id: sku.id,
            name: sku.name.clone(),
            sku_part_number: sku.part_number(),
            target_type: TARGET,
            license_group_id: LICENSE_GROUP,
        }
    }
}

/// A service that a licence carries.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServicePlanView {
    id: Uuid,
    display_name: String,
    service_name: String,
    /// `Disabled`, if the user does not get it; else `Success`.
    capability_status: &'static str,
    target_type: &'static str,
}

/// The plans of a SKU, those that are excluded as such.
fn plans(sku: &Sku, is_excluded: impl Fn(Uuid) -> bool) -> Vec<ServicePlanView> {
    let view = |plan: &crate::subscriptions::model::catalogue::ServicePlan| ServicePlanView {
        id: plan.id,
        display_name: plan.display_name.clone(),
        service_name: plan.name.clone(),
        capability_status: if is_excluded(plan.id) { "Disabled" } else { "Success" },
        target_type: TARGET,
    };
    sku.plans.iter().map(view).collect()
}

/// The parameter of lists of licences, for the document: it may come more than once.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document only; a query is read as it came")]
struct GroupQuery {
    /// `group1`, which is every licence here, or `group2`, of which there are none. Both if absent.
    #[param(rename = "licenseGroupIds")]
    license_group_ids: Option<Vec<String>>,
}

/// Whether the licences that there are here are asked for.
fn asks(request: &HttpRequest) -> Result<bool, Error> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).collect();
    let groups = pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case("licenseGroupIds"));
    asks_for_ours(groups.map(|(_, group)| group.as_ref())).map_err(|why| Error::plain(codes::BAD_REQUEST, why))
}

/// What a customer has licences of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SubscribedSkuView {
    /// Those that can be assigned.
    available_units: i64,
    active_units: i64,
    consumed_units: i64,
    suspended_units: i64,
    total_units: i64,
    /// Those that are assigned although there are no active ones for them any more.
    warning_units: i64,
    product_sku: ProductSkuView,
    service_plans: Vec<ServicePlanView>,
    /// `Enabled`, `Warning` or `Suspended`.
    capability_status: &'static str,
}

/// What a customer that one's company administers has licences of, whoever sold them, and how many are left.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), GroupQuery),
    responses((status = 200, body = Collection<Resource<SubscribedSkuView>>)))]
#[get("/v1/customers/{customer}/subscribedskus")]
async fn list_skus(
    me: Allowed<ReadCustomerUsers>,
    parts: Data<Parts>,
    customer: Path<String>,
    request: HttpRequest,
) -> Result<Answer<Collection<Resource<SubscribedSkuView>>>, Error> {
    let now = parts.clock.now();
    let (reference, ours) = (CustomerReference::new(&customer), asks(&request)?);
    let list = move |read: &mut Read<'_>, me: &Scope| actions::subscribed_skus(read, me, &reference, now);
    let rows = me.read(&parts, list).await?;
    let view = |(sku, units): (Sku, Units)| {
        let view = SubscribedSkuView {
            available_units: units.available,
            active_units: units.active,
            consumed_units: units.consumed,
            suspended_units: units.suspended,
            total_units: units.total,
            warning_units: units.warning,
            product_sku: ProductSkuView::of(&sku),
            service_plans: plans(&sku, |_| false),
            capability_status: units.capability(),
        };
        resource("SubscribedSku", view)
    };
    let shown = rows.into_iter().filter(|_| ours).map(view).collect();
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/subscribedskus"), shown)))
}

/// A licence of a user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LicenseView {
    product_sku: ProductSkuView,
    service_plans: Vec<ServicePlanView>,
}

/// The licences of a user of a customer that one's company administers.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id"), GroupQuery),
    responses((status = 200, body = Collection<Resource<LicenseView>>)))]
#[get("/v1/customers/{customer}/users/{id}/licenses")]
async fn list_licenses(
    me: Allowed<ReadCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<Answer<Collection<Resource<LicenseView>>>, Error> {
    let now = parts.clock.now();
    let (customer, user) = path.into_inner();
    let own = format!("/customers/{customer}/users/{user}/licenses");
    let (reference, ours) = (CustomerReference::new(&customer), asks(&request)?);
    let list = move |read: &mut Read<'_>, me: &Scope| actions::licenses(read, me, &reference, &user, now);
    let rows = me.read(&parts, list).await?;
    let view = |(sku, assignment): (Sku, Assignment)| {
        let service_plans = plans(&sku, |plan| assignment.excluded.contains(&plan));
        resource("License", LicenseView { product_sku: ProductSkuView::of(&sku), service_plans })
    };
    Ok(Answer(Collection::whole(&own, rows.into_iter().filter(|_| ours).map(view).collect())))
}

/// What is to be assigned to a user, and what taken from it: all of it or nothing.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LicenseUpdateBody {
    licenses_to_assign: Option<Vec<LicenseToAssign>>,
    /// Ids of SKUs.
    licenses_to_remove: Option<Vec<SkuId>>,
}

#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LicenseToAssign {
    /// As `subscribedskus` names it.
    sku_id: SkuId,
    /// Service plans of it that the user does not get.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_plans: Option<Vec<Uuid>>,
}

impl LicenseUpdateBody {
    fn update(&self) -> LicenseUpdate {
        let assign = self.licenses_to_assign.iter().flatten().map(|one| Assignment {
            sku: one.sku_id,
            excluded: one.excluded_plans.iter().flatten().copied().collect(),
        });
        LicenseUpdate { assign: assign.collect(), remove: self.licenses_to_remove.clone().unwrap_or_default() }
    }
}

/// What was assigned and taken away.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LicenseUpdateView {
    licenses_to_assign: Vec<LicenseToAssign>,
    licenses_to_remove: Vec<SkuId>,
    /// Always empty: what cannot be done is refused.
    #[schema(value_type = Vec<String>)]
    license_warnings: [(); 0],
}

/// Assign licences to a user of a customer that one's company administers, and take others from it. The same again changes
/// nothing.
#[utoipa::path(tag = "Customer users", request_body = LicenseUpdateBody,
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 201, body = Resource<LicenseUpdateView>)))]
#[post("/v1/customers/{customer}/users/{id}/licenseupdates")]
async fn update_licenses(
    me: Allowed<ChangeCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    body: Lenient<LicenseUpdateBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, user) = path.into_inner();
    let (reference, sent) = (CustomerReference::new(&customer), body.0);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, LicenseError> {
        actions::update_licenses(tx, me, &reference, &user, &sent.update(), now)?;
        let LicenseUpdateBody { licenses_to_assign, licenses_to_remove } = sent.clone();
        let view = LicenseUpdateView {
            licenses_to_assign: licenses_to_assign.unwrap_or_default(),
            licenses_to_remove: licenses_to_remove.unwrap_or_default(),
            license_warnings: [],
        };
        Ok(Reply::created(&resource("LicenseUpdate", view)))
    };
    me.write(&parts, work).await
}

/// Whether a user has what is required.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LicenseCheckView {
    /// `applied`, `missing` or `not_checked`.
    licenses: &'static str,
    /// Names of the service plans that are missing.
    missing_service_plans: Vec<String>,
}

/// Whether a user of a customer that one's company administers has licences for every service plan that is required here.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 200, body = Resource<LicenseCheckView>)))]
#[get("/v1/customers/{customer}/users/{id}/licensecheck")]
async fn check_licenses(
    me: Allowed<ReadCustomerUsers>,
    parts: Data<Parts>,
    settings: Data<SubscriptionSettings>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<LicenseCheckView>>, Error> {
    let now = parts.clock.now();
    let (customer, user) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let check = move |read: &mut Read<'_>, me: &Scope| {
        let required = settings.required_service_plans.names();
        actions::check_licenses(read, me, &reference, &user, required, now)
    };
    let (licenses, missing_service_plans) = match me.read(&parts, check).await? {
        LicenceMark::Applied => ("applied", Vec::new()),
        LicenceMark::Missing(plans) => ("missing", plans),
        LicenceMark::NotChecked => ("not_checked", Vec::new()),
    };
    Ok(Answer(resource("LicenseCheck", LicenseCheckView { licenses, missing_service_plans })))
}
