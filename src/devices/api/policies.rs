//! Policies of devices (section 13 of the contract).

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions;
use super::super::model::{DevicePolicy, OOBE, PolicyError, PolicyId, PolicySetting, PolicyTerms};
use super::batches::BatchRefusal;
use crate::access::{Allowed, ManageDevicePolicies, ReadDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{Collection, Error, Lenient, Reply, Resource, resource};

/// The routes of policies.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_policies)
        .service(create_policy)
        .service(get_policy)
        .service(change_policy)
        .service(delete_policy);
}

/// A policy as clients send it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyBody {
    name: Option<String>,
    /// `o_o_b_e`.
    category: Option<String>,
    description: Option<String>,
    #[schema(value_type = Option<Vec<PolicySetting>>)]
    policy_settings: Option<Vec<String>>,
}

impl PolicyBody {
    fn terms(&self) -> Result<PolicyTerms, PolicyError> {
        let settings = self.policy_settings.as_deref().unwrap_or_default();
        PolicyTerms::read(self.name.as_deref(), self.category.as_deref(), self.description.as_deref(), settings)
    }
}

/// A policy as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyView {
    id: PolicyId,
    name: String,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    policy_settings: Vec<PolicySetting>,
    /// The same as `devicesAssignedCount`: clients read either.
    devices_assigned: i64,
    devices_assigned_count: i64,
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_modified_date: Timestamp,
}

impl PolicyView {
    fn new(policy: DevicePolicy) -> Resource<Self> {
        let view = Self {
            id: policy.id,
            name: policy.terms.name.into(),
            category: OOBE,
            description: policy.terms.description.map(String::from),
            policy_settings: policy.terms.settings,
            devices_assigned: policy.devices,
            devices_assigned_count: policy.devices,
            created_date: policy.created_at,
            last_modified_date: policy.modified_at,
        };
        resource("ConfigurationPolicy", view)
    }
}

/// The device policies of a customer.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<Resource<PolicyView>>)))]
#[get("/v1/customers/{customer}/policies")]
async fn list_policies(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<Resource<PolicyView>>>, Error> {
    let (reference, now) = (CustomerReference::new(&customer), parts.clock.now());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok((proof.customer(), actions::policies(read, &proof)?))
    };
    let (id, policies) = me.read(&parts, list).await?;
    let shown = policies.into_iter().map(PolicyView::new).collect();
    Ok(Answer(Collection::whole(&format!("/customers/{id}/policies"), shown)))
}

/// Make a device policy.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    request_body(content = PolicyBody), responses((status = 200, body = Resource<PolicyView>)))]
#[post("/v1/customers/{customer}/policies")]
async fn create_policy(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<PolicyBody>,
) -> Result<HttpResponse, Error> {
    let (reference, now) = (CustomerReference::new(&customer), parts.clock.now());
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let terms = body.0.terms().map_err(BatchRefusal::from)?;
        let made = actions::create_policy(tx, &proof, me, &terms, now).map_err(Failure::widen)?;
        Ok(Reply::ok(&PolicyView::new(made)))
    })
    .await
}

/// One device policy.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("policy", description = "The policy's id")),
    responses((status = 200, body = Resource<PolicyView>)))]
#[get("/v1/customers/{customer}/policies/{policy}")]
async fn get_policy(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<PolicyView>>, Error> {
    let now = parts.clock.now();
    let (customer, policy) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BatchRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::policy(read, &proof, &policy).map_err(Failure::widen)
    };
    Ok(Answer(PolicyView::new(me.read(&parts, find).await?)))
}

/// Change the name, description and settings of a device policy.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("policy", description = "The policy's id")),
    request_body(content = PolicyBody), responses((status = 200, body = Resource<PolicyView>)))]
#[put("/v1/customers/{customer}/policies/{policy}")]
async fn change_policy(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    body: Lenient<PolicyBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, policy) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::policy(tx, &proof.observes(), &policy).map_err(Failure::widen)?;
        let terms = body.0.terms().map_err(BatchRefusal::from)?;
        let changed = actions::change_policy(tx, &proof, me, (&policy, &terms), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&PolicyView::new(changed)))
    })
    .await
}

/// Delete a device policy that no device has.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("policy", description = "The policy's id")),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/policies/{policy}")]
async fn delete_policy(
    me: Allowed<ManageDevicePolicies>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, policy) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx: &mut Tx<'_>, me| -> Outcome<Reply, BatchRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::delete_policy(tx, &proof, me, &policy, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    })
    .await
}
