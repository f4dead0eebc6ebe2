//! REST of the partner who asks for a relationship: the contract's standing link, and requests with a life.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, CustomerId, PartnerId, ReadRelationshipRequests, RequestRelationships, Scope, UserId};
use crate::delegation::actions::requests::{self as actions, NewRequest, RequestStory};
use crate::delegation::mail::requests::request_button;
use crate::delegation::model::request_refusals::AskError;
use crate::delegation::model::requests::{Request, RequestId, RequestProgress, RequestState, ShownRequests};
use crate::partnerships::{DraftView, LINKS, LinkDays, Office, PartnershipSettings, StepView, Wording, Words};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Failure, Outcome, Sure};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply, Resource, resource};
use crate::platform::portal::Language;
use crate::platform::text::{EmailAddress, Line};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(standing_link)
        .service(rotate_standing_link)
        .service(ask)
        .service(list_requests)
        .service(get_request)
        .service(revoke_request);
}

/// With whom the relationship is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct StandingLinkQuery {
    /// Of a reseller: the provider for a two-tier link. It can be put into the link later as well, as `indirectCSPId`.
    indirect_cloud_solution_provider_id: Option<PartnerId>,
    /// Of a provider: the reseller.
    indirect_reseller_id: Option<PartnerId>,
    /// Taken and not needed: nobody is both here.
    #[serde(rename = "dualRoleIndirectRelationship")]
    _dual_role_indirect_relationship: Option<String>,
}

/// The standing link, as the contract shows it.
#[derive(Serialize, ToSchema)]
struct StandingLinkView {
    /// Asks for delegated administration as well; with `DAP=false` in its place it does not.
    url: String,
}

/// One's standing link for many customers. What its query asks, the customer is shown and approves.
#[utoipa::path(tag = "Customers", params(StandingLinkQuery), responses((status = 200, body = Resource<StandingLinkView>)))]
#[get("/v1/customers/relationshiprequests")]
async fn standing_link(
    me: Allowed<ReadRelationshipRequests>,
    parts: Data<Parts>,
    query: Query<StandingLinkQuery>,
) -> Result<Answer<Resource<StandingLinkView>>, Error> {
    let (keys, base) = (parts.keys.clone(), parts.base.clone());
    let StandingLinkQuery { indirect_cloud_solution_provider_id: provider, indirect_reseller_id: reseller, .. } =
        query.into_inner();
    let url =
        me.read(&parts, move |read, me| actions::standing_url(read, me, &keys, &base, provider, reseller)).await?;
    Ok(Answer(resource("RelationshipRequest", StandingLinkView { url })))
}

/// Put a new standing link in the place of the present one, which is dead from then on.
#[utoipa::path(tag = "Customers", responses((status = 204)))]
#[post("/v1/relationshiprequests/link/rotate")]
async fn rotate_standing_link(me: Allowed<RequestRelationships>, parts: Data<Parts>) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| -> Sure<Reply> {
        actions::rotate(tx, me, now)?;
        Ok(Reply::no_content())
    })
    .await
}

/// A request for a relationship with a customer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewRequestBody {
    /// Whether delegated administration privileges are included; without them the relationship sells but does not
    /// administer.
    delegated_admin: bool,
    /// Of a provider: the reseller that would serve the customer through it.
    indirect_reseller_id: Option<PartnerId>,
    /// Of a reseller: the provider through which it would.
    indirect_cloud_solution_provider_id: Option<PartnerId>,
    /// The one recipient; without one the link is to be sent by oneself.
    email: Option<EmailAddress>,
    /// Of the usual words: one's own language, if absent.
    language: Option<Language>,
    subject: Option<Line<200>>,
    /// Must hold `{link}` exactly once: the link goes there.
    #[schema(max_length = 8000)]
    message: Option<String>,
    /// `true`: mailed from here. `false` (the default): a draft, to be sent with one's own mail program.
    send: Option<bool>,
    /// How long it can be answered; 30, if absent.
    days: Option<LinkDays>,
}

/// A request in a list, for the partner who sent it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedRequest {
    id: RequestId,
    /// How far it has come.
    state: RequestProgress,
    delegated_admin: bool,
    provider_id: PartnerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    indirect_reseller_id: Option<PartnerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
    /// The customer that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<CustomerId>,
    /// It is the answer to the standing link.
    by_standing_link: bool,
}

impl ListedRequest {
    fn new(request: &Request, now: Timestamp) -> Self {
        Self {
            id: request.id,
            state: request.progress(now),
            delegated_admin: request.delegated_admin,
            provider_id: request.provider,
            indirect_reseller_id: request.reseller,
            email: request.email.clone(),
            created_by: request.created_by,
            created_at: request.created_at,
            expires_at: request.expires_at,
            opened_at: request.opened_at,
            answered_at: request.answered_at,
            answered_by: request.answered_by,
            by_standing_link: request.standing_link_version.is_some(),
        }
    }
}

/// A request with its draft and its time line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RequestView {
    #[serde(flatten)]
    request: ListedRequest,
    /// None of an answer to the standing link.
    #[serde(flatten)]
    draft: Option<DraftView>,
    timeline: Vec<StepView>,
}

impl RequestView {
    fn new(story: RequestStory, parts: &Parts, now: Timestamp) -> Self {
        let RequestStory { request, steps } = story;
        let listed = ListedRequest::new(&request, now);
        let link = actions::request_address(&parts.keys, &parts.base, &request);
        let Request { language, subject, message, email, standing_link_version, .. } = request;
        let draft =
            || DraftView::new(email.as_ref(), Words { language, subject, message }, &link, request_button(language));
        Self {
            request: listed,
            draft: standing_link_version.is_none().then(draft),
            timeline: steps.into_iter().map(StepView::from).collect(),
        }
    }
}

/// Ask a customer, existing or not yet, for a relationship: a link that its Global admin opens and answers once, mailed or
/// as a draft.
#[utoipa::path(tag = "Customers", request_body = NewRequestBody, responses((status = 201, body = RequestView)))]
#[post("/v1/relationshiprequests")]
async fn ask(
    me: Allowed<RequestRelationships>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    body: Json<NewRequestBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let body = body.0;
    let new = NewRequest {
        delegated_admin: body.delegated_admin,
        reseller: body.indirect_reseller_id,
        provider: body.indirect_cloud_solution_provider_id,
        email: body.email,
        wording: Wording { language: body.language, subject: body.subject.map(String::from), message: body.message },
        send: body.send.unwrap_or(false),
        days: body.days.map(|days| days.0),
    };
    let (office, shown) =
        (Office { settings: PartnershipSettings::clone(&settings), base: parts.base.clone() }, parts.clone());
    me.write(&parts, move |tx, me| {
        let asked = actions::ask(tx, me, &new, &office, now)?;
        let story = actions::told(tx, asked, now)?;
        Ok::<_, Failure<AskError>>(Reply::created(&RequestView::new(story, &shown, now)).secret(LINKS))
    })
    .await
}

/// Which requests are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// `open`, `approved`, `declined`, `revoked` or `expired`; all, if absent.
    state: Option<String>,
}

fn shown_of(state: Option<&str>) -> Result<ShownRequests, BadRequest> {
    let Some(state) = state else { return Ok(ShownRequests::All) };
    match state.to_ascii_lowercase().as_str() {
        "open" => Ok(ShownRequests::Open),
        "expired" => Ok(ShownRequests::Expired),
        "approved" => Ok(ShownRequests::Ended(RequestState::Approved)),
        "declined" => Ok(ShownRequests::Ended(RequestState::Declined)),
        "revoked" => Ok(ShownRequests::Ended(RequestState::Revoked)),
        _ => Err(BadRequest(
            "state must be open, approved, declined, revoked or expired; leave it out for all.".to_owned(),
        )),
    }
}

/// What one's own company asked customers for, answers to the standing link included: open and expired requests in the
/// order of their ends.
#[utoipa::path(tag = "Customers", params(RequestsQuery, PageQuery),
    responses((status = 200, body = Collection<ListedRequest>)))]
#[get("/v1/relationshiprequests")]
async fn list_requests(
    me: Allowed<ReadRelationshipRequests>,
    parts: Data<Parts>,
    query: Query<RequestsQuery>,
    page: Page,
) -> Result<Answer<Collection<ListedRequest>>, Error> {
    let now = parts.clock.now();
    let (after, limit) = (page.after_moment()?, page.fetch());
    let state = query.into_inner().state;
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BadRequest> {
        Ok(actions::requests(read, me, shown_of(state.as_deref())?, after, limit, now)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |row: &Request| [&row.expires_at.micros().to_be_bytes()[..], row.id.uuid().as_bytes()].concat();
    Ok(Answer(Collection::page(rows, &page, key, |request| ListedRequest::new(&request, now))))
}

/// A request with its draft and its time line.
#[utoipa::path(tag = "Customers", responses((status = 200, body = RequestView)))]
#[get("/v1/relationshiprequests/{id}")]
async fn get_request(
    me: Allowed<ReadRelationshipRequests>,
    parts: Data<Parts>,
    id: Path<RequestId>,
) -> Result<Answer<RequestView>, Error> {
    let now = parts.clock.now();
    let story = me.read(&parts, move |read, me| actions::request(read, me, *id, now)).await?;
    Ok(Answer(RequestView::new(story, &parts, now)))
}

/// Revoke a request: its link is dead.
#[utoipa::path(tag = "Customers", responses((status = 204)))]
#[delete("/v1/relationshiprequests/{id}")]
async fn revoke_request(
    me: Allowed<RequestRelationships>,
    parts: Data<Parts>,
    id: Path<RequestId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::revoke(tx, me, *id, now).map(|()| Reply::no_content())).await
}
