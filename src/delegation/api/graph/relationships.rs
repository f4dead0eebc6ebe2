//! Delegated admin relationships, their requests and operations.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::shapes::{self, AccessDetails, RELATIONSHIPS, entity};
use crate::access::{Allowed, CustomerId, ReadAdministration, RequestAdministration};
use crate::customers;
use crate::delegation::actions::{self, Changed, GranularChange, GranularFilter, GranularPage, Order};
use crate::delegation::model::{
    AccessAction, EXTENSION_DAYS, Granular, GranularError, GranularName, GranularStatus, GranularTerms, read_days,
};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, codes};
use crate::platform::http::odata::{Options, context};
use crate::platform::http::{Error, IfMatch, Lenient, Reply};
use crate::platform::text::shorten;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_relationships)
        .service(create_relationship)
        .service(get_relationship)
        .service(change_relationship)
        .service(delete_relationship)
        .service(list_requests)
        .service(create_request)
        .service(get_request)
        .service(list_operations)
        .service(get_operation);
}

/// Where entities of this kind are described.
const RELATIONSHIP: &str = "tenantRelationships/delegatedAdminRelationships";

/// A delegated admin relationship as clients send it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RelationshipBody {
    /// At most 50 characters; the customer sees it.
    display_name: Option<String>,
    /// ISO 8601, from `P1D` to `P730D`.
    duration: Option<String>,
    /// `P180D`, or `PT0S` for none.
    auto_extend_duration: Option<String>,
    customer: Option<CustomerBody>,
    access_details: Option<AccessDetails>,
}

/// The customer by its tenant id; its name is its own.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerBody {
    tenant_id: Option<String>,
}

fn property(property: &'static str, reason: String) -> GranularError {
    GranularError::Property { property, reason }
}

impl RelationshipBody {
    fn change(&self) -> Result<GranularChange, GranularError> {
        let name = |text: &String| {
            GranularName::try_from(text.clone()).map_err(|error| property("displayName", error.to_string()))
        };
        let days = |text: &String, name| {
            let wrong =
                || property(name, format!("\"{}\" is no ISO 8601 duration in days such as P730D", shorten(text, 40)));
            read_days(text).ok_or_else(wrong)
        };
        let auto_extend = match &self.auto_extend_duration {
            None => None,
            Some(text) => match days(text, "autoExtendDuration")? {
                0 => Some(false),
                EXTENSION_DAYS => Some(true),
                _ => return Err(property("autoExtendDuration", "is P180D, or PT0S for none".to_owned())),
            },
        };
        let tenant = self.customer.as_ref().and_then(|customer| customer.tenant_id.as_deref()).map(str::trim);
        let customer = match tenant.filter(|tenant| !tenant.is_empty()) {
            None => None,
            Some(id) => Some(
                id.parse::<CustomerId>()
                    .map_err(|_| property("customer.tenantId", format!("\"{}\" is no tenant id", shorten(id, 60))))?,
            ),
        };
        Ok(GranularChange {
            display_name: self.display_name.as_ref().map(name).transpose()?,
            days: self.duration.as_ref().map(|text| days(text, "duration")).transpose()?,
            auto_extend,
            customer,
            roles: self.access_details.as_ref().map(AccessDetails::roles).transpose()?,
        })
    }

    fn terms(&self) -> Result<(GranularTerms, Option<CustomerId>), GranularError> {
        let change = self.change()?;
        let required = |name| property(name, "is required".to_owned());
        let terms = GranularTerms {
            display_name: change.display_name.ok_or_else(|| required("displayName"))?,
            days: change.days.ok_or_else(|| required("duration"))?,
            auto_extend: change.auto_extend.unwrap_or(false),
            roles: change.roles.ok_or_else(|| required("accessDetails.unifiedRoles"))?,
        };
        Ok((terms, change.customer))
    }
}

/// The names of the customers of some relationships, in one query.
fn names(read: &mut Read<'_>, list: &[Granular]) -> diesel::QueryResult<std::collections::HashMap<CustomerId, String>> {
    let mut ids: Vec<CustomerId> = list.iter().filter_map(|one| one.customer).collect();
    ids.sort();
    ids.dedup();
    customers::names(read, &ids)
}

fn filter(options: &Options) -> Result<GranularFilter, Error> {
    let refused = |sentence: String| Error::plain(codes::BAD_REQUEST, sentence);
    let mut filter = GranularFilter::default();
    for (name, value) in options.equalities()? {
        match name.as_str() {
            "status" => {
                let known = GranularStatus::ALL.iter().find(|status| status.as_str().eq_ignore_ascii_case(&value));
                let wrong = || refused(format!("\"{}\" is no status of a relationship here.", shorten(&value, 40)));
                filter.status = Some(*known.ok_or_else(wrong)?);
            }
            "customer/tenantid" => {
                let wrong = |_| refused(format!("\"{}\" is no tenant id.", shorten(&value, 60)));
                filter.customer = Some(value.parse().map_err(wrong)?);
            }
            other => {
                let shown = shorten(other, 40);
                let sentence = format!("\"{shown}\" is not filtered by here; status and customer/tenantId are.");
                return Err(refused(sentence));
            }
        }
    }
    Ok(filter)
}

/// One's own delegated admin relationships.
#[utoipa::path(tag = "Graph", params(Options), responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships")]
async fn list_relationships(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let now = parts.clock.now();
    let order = if options.newest_first()? { Order::NewestFirst } else { Order::OldestFirst };
    let page = GranularPage {
        filter: filter(&options)?,
        order,
        after: options.after()?,
        limit: options.top()? + 1,
        counted: options.counted(),
    };
    let listed = move |read: &mut Read<'_>, me: &crate::access::Scope| -> Outcome<_, GranularError> {
        let (list, count) = actions::granular_list(read, me, &page, now)?;
        let names = names(read, &list)?;
        Ok((list, count, names))
    };
    let (list, count, names) = me.read(&parts, listed).await?;
    let shown = |one: Granular| shapes::relationship(&parts, &one, &names, now);
    Ok(Answer(options.page(&parts.base, RELATIONSHIPS, list, count, |one| one.id.uuid(), shown)?))
}

/// Make a delegated admin relationship, to be edited before the customer is asked.
#[utoipa::path(tag = "Graph", request_body = RelationshipBody, responses((status = 201, body = Object)))]
#[post("/v1.0/tenantRelationships/delegatedAdminRelationships")]
async fn create_relationship(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    body: Lenient<RelationshipBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (terms, customer) = body.0.terms()?;
    let known = parts.clone();
    me.write(&parts, move |tx, me| -> Outcome<Reply, GranularError> {
        let made = actions::create_granular(tx, me, &terms, customer, now)?;
        let names = names(tx, std::slice::from_ref(&made))?;
        let shown = entity(&known.base, RELATIONSHIP, shapes::relationship(&known, &made, &names, now));
        let location = known.base.join(&format!("/v1.0{RELATIONSHIPS}/{}", made.graph_id()));
        Ok(Reply::created(&shown).at(location))
    })
    .await
}

/// One of one's own.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it"), Options),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}")]
async fn get_relationship(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
    options: Query<Options>,
) -> Result<Answer<Value>, Error> {
    let now = parts.clock.now();
    let one = move |read: &mut Read<'_>, me: &crate::access::Scope| -> Outcome<_, GranularError> {
        let one = actions::granular(read, me, &id)?;
        let names = names(read, std::slice::from_ref(&one))?;
        Ok((one, names))
    };
    let (one, names) = me.read(&parts, one).await?;
    Ok(Answer(options.selected(entity(&parts.base, RELATIONSHIP, shapes::relationship(&parts, &one, &names, now)))))
}

/// Change what was created; of what is active only whether it is extended, and take Global Administrator out.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")), request_body = RelationshipBody,
    responses((status = 200, body = Object), (status = 202)))]
#[patch("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}")]
async fn change_relationship(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
    version: IfMatch,
    body: Lenient<RelationshipBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (change, known) = (body.0.change()?, parts.clone());
    me.write(&parts, move |tx, me| -> Outcome<Reply, GranularError> {
        match actions::change_granular(tx, me, &id, &version, &change, now)? {
            Changed::Now(one) => {
                let names = names(tx, std::slice::from_ref(&one))?;
                let shown = shapes::relationship(&known, &one, &names, now);
                Ok(Reply::ok(&entity(&known.base, RELATIONSHIP, shown)))
            }
            Changed::Operation(one, operation) => {
                let path = format!("/v1.0{RELATIONSHIPS}/{}/operations/{operation}", one.graph_id());
                Ok(Reply::accepted(known.base.join(&path)))
            }
        }
    })
    .await
}

/// Remove what was created and never asked for.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")), responses((status = 204)))]
#[delete("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}")]
async fn delete_relationship(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
    version: IfMatch,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::delete_granular(tx, me, &id, &version, now).map(|()| Reply::no_content()))
        .await
}

/// What is asked to be done.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct RequestBody {
    /// `lockForApproval` asks the customer, `terminate` ends.
    action: String,
}

fn whole(parts: &Parts, what: &str, value: Vec<Value>) -> Value {
    json!({ "@odata.context": context(&parts.base, what), "value": value })
}

/// What was asked of a relationship.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests")]
async fn list_requests(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<Answer<Value>, Error> {
    let what = format!("{RELATIONSHIP}('{id}')/requests");
    let list = me.read(&parts, move |read, me| actions::access_requests(read, me, &id)).await?;
    Ok(Answer(whole(&parts, &what, list.iter().map(shapes::request).collect())))
}

/// Ask the customer, or end the relationship.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")), request_body = RequestBody,
    responses((status = 201, body = Object)))]
#[post("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests")]
async fn create_request(
    me: Allowed<RequestAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
    body: Lenient<RequestBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let unknown = || property("action", format!("\"{}\" is lockForApproval or terminate", shorten(&body.0.action, 40)));
    let action = AccessAction::read(body.0.action.trim()).ok_or_else(unknown)?;
    let base = parts.base.clone();
    me.write(&parts, move |tx, me| {
        actions::request_access(tx, me, &id, action, now).map(|request| {
            let location = base.join(&format!("/v1.0{RELATIONSHIPS}/{id}/requests/{}", request.id));
            let shown = entity(&base, &format!("{RELATIONSHIP}('{id}')/requests"), shapes::request(&request));
            Reply::created(&shown).at(location)
        })
    })
    .await
}

/// One of them.
#[utoipa::path(tag = "Graph",
    params(("id", description = "As the list shows it"), ("requestId", description = "The request's id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/requests/{requestId}")]
async fn get_request(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Value>, Error> {
    let (id, wanted) = path.into_inner();
    let what = format!("{RELATIONSHIP}('{id}')/requests");
    let shown = shorten(&wanted, 60);
    let list = me.read(&parts, move |read, me| actions::access_requests(read, me, &id)).await?;
    let found = list.iter().find(|request| request.id.to_string().eq_ignore_ascii_case(&wanted));
    let found = found.ok_or(GranularError::Unknown(shown))?;
    Ok(Answer(entity(&parts.base, &what, shapes::request(found))))
}

/// What was changed in a relationship's assignments, newest first.
#[utoipa::path(tag = "Graph", params(("id", description = "As the list shows it")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/operations")]
async fn list_operations(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<Answer<Value>, Error> {
    let what = format!("{RELATIONSHIP}('{id}')/operations");
    let list = me.read(&parts, move |read, me| actions::operations(read, me, &id)).await?;
    Ok(Answer(whole(&parts, &what, list.iter().map(shapes::operation).collect())))
}

/// One of these changes.
#[utoipa::path(tag = "Graph",
    params(("id", description = "As the list shows it"), ("operationId", description = "The operation's id")),
    responses((status = 200, body = Object)))]
#[get("/v1.0/tenantRelationships/delegatedAdminRelationships/{id}/operations/{operationId}")]
async fn get_operation(
    me: Allowed<ReadAdministration>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Value>, Error> {
    let (id, wanted) = path.into_inner();
    let what = format!("{RELATIONSHIP}('{id}')/operations");
    let shown = shorten(&wanted, 60);
    let list = me.read(&parts, move |read, me| actions::operations(read, me, &id)).await?;
    let found = list.iter().find(|operation| operation.id.to_string().eq_ignore_ascii_case(&wanted));
    let found = found.ok_or(GranularError::Unknown(shown))?;
    Ok(Answer(entity(&parts.base, &what, shapes::operation(found))))
}
