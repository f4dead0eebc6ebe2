//! Customers as Graph's clients look for them.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path, Query};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::shapes::entity;
use crate::access::{AccessError, Allowed, CustomerId, ReadAdministration, ReadCustomers, Scope};
use crate::customers::{self, CustomerFilter, CustomerRecord, CustomerReference, RelationshipMissing};
use crate::delegation::actions;
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome, Sure, codes};
use crate::platform::http::Error;
use crate::platform::http::odata::{Options, context};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_customers)
        .service(get_customer)
        .service(list_services)
        .service(list_contracts)
        .service(find_by_tenant_id)
        .service(find_by_domain_name);
}

/// The path of the customers below a version.
const CUSTOMERS: &str = "/tenantRelationships/delegatedAdminCustomers";

fn customer((id, name): &(CustomerId, String)) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.delegatedAdminCustomer",
        "id": id,
        "tenantId": id,
        "displayName": name,
    })
}

/// The customers that one administers now.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminCustomers")]
async fn list_customers(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let (now, after, limit) = (parts.clock.now(), options.after()?, options.top()? + 1);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> {
        Ok(actions::administered_customers(read, me, None, after, limit, now)?)
    };
    let list = me.read(&parts, list).await?;
    Ok(Answer(options.page(&parts.base, CUSTOMERS, list, None, |(id, _)| id.uuid(), |one| customer(&one))?))
}

async fn administered(
    me: &Allowed<ReadAdministration>,
    parts: &Data<Parts>,
    tenant: String,
) -> Result<(CustomerId, String), Error> {
    let now = parts.clock.now();
    me.read(parts, move |read, me| -> Outcome<_, RelationshipMissing> {
        let missing = || RelationshipMissing(tenant.clone());
        let id: CustomerId = tenant.parse().map_err(|_| missing())?;
        let found = actions::administered_customers(read, me, Some(id), None, 1, now)?;
        Ok(found.into_iter().next().ok_or_else(missing)?)
    })
    .await
}

/// One of them.
#[utoipa::path(tag = "Graph", params(("tenantId", description = "The customer's tenant id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminCustomers/{tenantId}")]
async fn get_customer(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    tenant: Path<String>,
) -> Result<Answer<Value>, Error> {
    let found = administered(&me, &parts, tenant.into_inner()).await?;
    Ok(Answer(entity(&parts.base, "tenantRelationships/delegatedAdminCustomers", customer(&found))))
}

/// Where its services are managed.
#[utoipa::path(tag = "Graph", params(("tenantId", description = "The customer's tenant id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminCustomers/{tenantId}/serviceManagementDetails")]
async fn list_services(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    tenant: Path<String>,
) -> Result<Answer<Value>, Error> {
    let (id, _) = administered(&me, &parts, tenant.into_inner()).await?;
    let devices = json!({
        "id": "devices",
        "serviceName": "Devices",
        "serviceManagementUrl": parts.base.join(&format!("/v1/customers/{id}/devices")),
    });
    let what = format!("tenantRelationships/delegatedAdminCustomers('{id}')/serviceManagementDetails");
    Ok(Answer(json!({ "@odata.context": context(&parts.base, &what), "value": [devices] })))
}

fn contract(customer: &CustomerRecord) -> Value {
    json!({
        "id": customer.id,
        "contractType": "ResellerPartner",
        "customerId": customer.id,
        "defaultDomainName": customer.domain,
        "displayName": customer.company_name,
    })
}

/// The contracts with one's customers: one each. The filter names a customer by `customerId` or `defaultDomainName`.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/contracts")]
async fn list_contracts(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let (now, after, limit) = (parts.clock.now(), options.after()?, options.top()? + 1);
    let named = match options.equalities()?.as_slice() {
        [] => None,
        [(property, value)] if matches!(property.as_str(), "customerid" | "defaultdomainname") => {
            Some(CustomerReference::new(value))
        }
        _ => {
            let sentence = "$filter is customerId eq '…' or defaultDomainName eq '…' here.".to_owned();
            return Err(Error::plain(codes::BAD_REQUEST, sentence));
        }
    };
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, AccessError> {
        let Some(named) = &named else {
            return customers::customers(read, me, &CustomerFilter::default(), after, limit);
        };
        match actions::customer(read, me, named, now) {
            Ok(found) => Ok(vec![found.record]),
            Err(Failure::Refused(RelationshipMissing(_))) => Ok(Vec::new()),
            Err(Failure::Database(error)) => Err(error.into()),
        }
    };
    let list = me.read(&parts, list).await?;
    Ok(Answer(options.page(&parts.base, "/contracts", list, None, |one| one.id.uuid(), |one| contract(&one))?))
}

async fn information(me: Allowed<ReadCustomers>, parts: Data<Parts>, named: String) -> Result<Answer<Value>, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(named.trim_matches('\''));
    let found = me.read(&parts, move |read, me| actions::customer(read, me, &reference, now)).await?.record;
    Ok(Answer(json!({
        "@odata.context": context(&parts.base, "microsoft.graph.tenantInformation"),
        "tenantId": found.id,
        "displayName": found.company_name,
        "federationBrandName": null,
        "defaultDomainName": found.domain,
    })))
}

/// What one of one's customers is called, by its tenant id.
#[utoipa::path(tag = "Graph", params(("tenantId", description = "The customer's tenant id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{tenantId}')")]
async fn find_by_tenant_id(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    tenant: Path<String>,
) -> Result<Answer<Value>, Error> {
    information(me, parts, tenant.into_inner()).await
}

/// What one of one's customers is called, by its domain.
#[utoipa::path(tag = "Graph", params(("domainName", description = "The customer's domain")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='{domainName}')")]
async fn find_by_domain_name(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    domain: Path<String>,
) -> Result<Answer<Value>, Error> {
    information(me, parts, domain.into_inner()).await
}
