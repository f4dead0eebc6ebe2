//! REST of customers.

mod agreements;
mod billing;
mod helpers;
mod qualifications;

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path, Query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::{self, CustomerReference};
use super::model::{CustomerFilter, CustomerRecord, RelationshipMissing};
use crate::access::{AccessError, Allowed, CustomerId, PartnerId, ReadCustomers, Scope};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Code, Failure, Outcome, Refusal, codes};
use crate::platform::http::{Collection, Error, Page, PageQuery, Resource, resource};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_customers).service(list_partners);
    billing::routes(config);
    qualifications::routes(config);
    agreements::routes(config);
    helpers::routes(config);
}

pub use billing::{BillingProfileView, BillingResource, billing_resource};

/// The contract's links to a resource itself.
pub(super) fn links(uri: &str) -> Value {
    json!({ "self": { "uri": uri, "method": "GET", "headers": [] } })
}

/// A customer in a list: the contract shows part of it there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerSummary {
    id: CustomerId,
    company_profile: Resource<CompanySummary>,
    relationship_to_partner: &'static str,
    #[schema(value_type = Object)]
    links: Links,
}

/// The contract's links to a resource itself, as a type: lists have thousands of them.
#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    own: Link,
}

#[derive(Serialize)]
struct Link {
    uri: String,
    method: &'static str,
    headers: [(); 0],
}

impl Links {
    fn to(uri: String) -> Self {
        Self { own: Link { uri, method: "GET", headers: [] } }
    }
}

/// The part of a company profile that lists show.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CompanySummary {
    tenant_id: CustomerId,
    domain: String,
    company_name: String,
    #[schema(value_type = Object)]
    links: Links,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CustomerQuery {
    /// `{"Field":"CompanyName","Value":"Fab","Operator":"starts_with"}`, percent-encoded; Field may also be Domain,
    /// IndirectReseller or IndirectCloudSolutionProvider, the last two with a tenant id. Two are joined as
    /// `{"LeftFilter":{…},"RightFilter":{…},"Operator":"and"}`.
    filter: Option<String>,
    /// A part of the name or the domain, whatever the capitals.
    search: Option<String>,
}

/// The customers of one's own company.
#[utoipa::path(tag = "Customers", params(CustomerQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<CustomerSummary>>)))]
#[get("/v1/customers")]
async fn list_customers(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    query: Query<CustomerQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<CustomerSummary>>>, Error> {
    let filter = CustomerFilter::read(query.filter.as_deref(), query.search.as_deref())
        .map_err(|why| Error::plain(codes::BAD_REQUEST, why))?;
    let (after, limit) = (page.after_id()?, page.fetch());
    let rows = me.read(&parts, move |read, me| actions::customers(read, me, &filter, after, limit)).await?;
    let key = |row: &CustomerRecord| row.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| {
        let CustomerRecord { id, company_name, domain, .. } = row;
        let links = Links::to(format!("/customers/{id}/profiles/company"));
        let company = CompanySummary { tenant_id: id, domain, company_name, links };
        let company_profile = resource("CustomerCompanyProfile", company);
        let links = Links::to(format!("/customers/{id}"));
        resource("Customer", CustomerSummary { id, company_profile, relationship_to_partner: "reseller", links })
    })))
}

/// A partner of a customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerPartner {
    id: PartnerId,
    name: String,
    relationship_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
}

/// Why the partners of a customer are not shown.
#[derive(Debug, thiserror::Error)]
enum PartnersRefusal {
    #[error(transparent)]
    Relationship(#[from] RelationshipMissing),
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Refusal for PartnersRefusal {
    fn code(&self) -> Code {
        match self {
            PartnersRefusal::Relationship(error) => error.code(),
            PartnersRefusal::Access(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            PartnersRefusal::Relationship(error) => error.parameters(),
            PartnersRefusal::Access(error) => error.parameters(),
        }
    }
}

/// The resellers tied to one of one's own customers.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<Resource<CustomerPartner>>)))]
#[get("/v1/customers/{customer}/relationships")]
async fn list_partners(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<Resource<CustomerPartner>>>, Error> {
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Vec<_>, PartnersRefusal> {
        me.require_user().map_err(PartnersRefusal::from)?;
        let own = actions::live_relationship(read, me, &reference).map_err(Failure::widen)?;
        let rows = actions::partners_of(read, own.customer)?;
        Ok(rows.into_iter().filter(|(relationship, _)| relationship.provider.is_some()).collect())
    };
    let rows = me.read(&parts, list).await?;
    let shown = rows.into_iter().map(|(relationship, profile)| {
        let (name, mpn_id) = profile.map(|profile| (profile.name, profile.mpn_id)).unwrap_or_default();
        let id = relationship.partner;
        let relationship_type = "is_indirect_cloud_solution_provider_of";
        resource("PartnerRelationship", CustomerPartner { id, name, relationship_type, mpn_id })
    });
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/relationships"), shown.collect())))
}
