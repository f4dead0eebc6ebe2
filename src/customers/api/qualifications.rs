//! REST of what kind of customer somebody is.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, ChangeCustomers, ReadCustomers};
use crate::customers::actions::CustomerReference;
use crate::customers::actions::records as actions;
use crate::customers::model::{Qualification, QualificationDetails, StatedQualification};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Lenient, Reply, Resource, resource};
use crate::platform::text::Line;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_qualifications).service(qualify).service(show_qualification).service(qualify_only);
}

/// What a partner states of a customer. Nobody here vets it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct QualificationView {
    /// none, education, nonprofit, government_community_cloud or state_owned_entity.
    qualification: &'static str,
    vetting_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    vetting_create_date: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    details: QualificationDetails,
}

fn shown(stated: Option<StatedQualification>) -> Resource<QualificationView> {
    let view = match stated {
        Some(StatedQualification { qualification, details, stated_at }) => QualificationView {
            qualification: qualification.as_str(),
            vetting_status: "none",
            vetting_create_date: Some(stated_at),
            // The code is the customer's secret: whoever needs it asks the customer.
            details: QualificationDetails { validation_code: None, ..details },
        },
        None => QualificationView {
            qualification: "none",
            vetting_status: "none",
            vetting_create_date: None,
            details: QualificationDetails::default(),
        },
    };
    resource("CustomerQualification", view)
}

/// A qualification as clients send it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
struct SentQualification {
    /// none, education, nonprofit, government_community_cloud or state_owned_entity, in any case.
    #[schema(value_type = String)]
    qualification: Value,
    /// Such as `K12`, of a school.
    education_segment: Option<Line<50>>,
    /// Where the customer shows what it is.
    website: Option<Line<500>>,
    /// The code by which an authority was admitted to its cloud.
    validation_code: Option<Line<100>>,
}

/// What is stated of one of one's own customers.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Collection<Resource<QualificationView>>)))]
#[get("/v1/customers/{customer}/qualifications")]
async fn show_qualifications(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Collection<Resource<QualificationView>>>, Error> {
    let reference = CustomerReference::new(&customer);
    let stated = me.read(&parts, move |read, me| actions::qualifications(read, me, &reference)).await?;
    let items = stated.into_iter().map(|one| shown(Some(one))).collect();
    Ok(Answer(Collection::whole(&format!("/customers/{customer}/qualifications"), items)))
}

/// State what kind of customer one of one's own is.
#[utoipa::path(tag = "Customers", request_body = SentQualification,
    params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<QualificationView>)))]
#[post("/v1/customers/{customer}/qualifications")]
async fn qualify(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<SentQualification>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let SentQualification { qualification, education_segment, website, validation_code } = body.0;
    let qualification = Qualification::read(&qualification)?;
    let details = QualificationDetails { education_segment, website, validation_code };
    me.write(&parts, move |tx, me| {
        let stated = actions::qualify(tx, me, &reference, qualification, &details, now);
        stated.map(|stated| Reply::ok(&shown(Some(stated))))
    })
    .await
}

/// The qualification of one of one's own customers that was stated last: the older call, which knows one only.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<QualificationView>)))]
#[get("/v1/customers/{customer}/qualification")]
async fn show_qualification(
    me: Allowed<ReadCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
) -> Result<Answer<Resource<QualificationView>>, Error> {
    let reference = CustomerReference::new(&customer);
    let mut stated = me.read(&parts, move |read, me| actions::qualifications(read, me, &reference)).await?;
    Ok(Answer(shown(stated.pop())))
}

/// State one qualification of one of one's own customers in place of all others, or none.
#[utoipa::path(tag = "Customers", request_body = SentQualification,
    params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<QualificationView>)))]
#[put("/v1/customers/{customer}/qualification")]
async fn qualify_only(
    me: Allowed<ChangeCustomers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<SentQualification>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let qualification = Qualification::read(&body.0.qualification)?;
    me.write(&parts, move |tx, me| {
        actions::qualify_only(tx, me, &reference, qualification, now).map(|stated| Reply::ok(&shown(stated)))
    })
    .await
}
