//! REST of answers to requests for a relationship, for whoever holds a link.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, AnswerRelationshipRequests, Anyone, PartnerId};
use crate::companies::{CompanyProfile, Regions};
use crate::customers::RelationshipKind;
use crate::delegation::actions::requests::{self as actions, Approved};
use crate::delegation::model::requests::{Asked, AskingLink, Choices, Parties};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Error, MaybeJson, Reply};
use crate::platform::text::Line;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show_asked).service(approve).service(decline);
}

/// What the query of a standing link asks; a request's own link has none.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document only; the names are read in any case, as in the link itself")]
struct LinkQuery {
    /// Whether delegated administration is included.
    #[param(rename = "DAP")]
    dap: Option<bool>,
    /// Through which provider.
    #[param(rename = "indirectCSPId")]
    indirect_csp_id: Option<PartnerId>,
    /// With which reseller.
    #[param(rename = "indirectResellerId")]
    indirect_reseller_id: Option<PartnerId>,
}

fn presented(token: &str, request: &HttpRequest) -> AskingLink {
    AskingLink::parse(token, Choices::read(request.query_string()))
}

/// What a link asks, for whoever holds it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AskedView {
    /// Who asks.
    partner_id: PartnerId,
    /// With whom a relationship would begin.
    partners: Vec<PartyView>,
    delegated_admin: bool,
    /// The mailbox it was sent to, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_to: Option<String>,
    /// Absent for a standing link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Names what is shown: an answer that carries it is refused if that has changed since.
    version: String,
}

/// A partner with whom a relationship would begin.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartyView {
    id: PartnerId,
    relationship: RelationshipKind,
    name: String,
    country: String,
    contact_email: String,
    description: String,
}

impl PartyView {
    fn new(profile: CompanyProfile, relationship: RelationshipKind) -> Self {
        let CompanyProfile { id, name, country, contact_email, description, .. } = profile;
        Self { id, relationship, name, country, contact_email, description }
    }
}

impl AskedView {
    fn new(asked: &Asked, parties: Parties) -> Self {
        let version = asked.version(&parties);
        let request = asked.request();
        let Parties { provider, reseller } = parties;
        let own = if reseller.is_some() { RelationshipKind::Provider } else { RelationshipKind::Direct };
        let reseller = reseller.map(|profile| PartyView::new(profile, RelationshipKind::Reseller));
        Self {
            partner_id: asked.partner,
            partners: std::iter::once(PartyView::new(provider, own)).chain(reseller).collect(),
            delegated_admin: asked.delegated_admin,
            sent_to: request.and_then(|request| request.email.as_ref()).map(|email| email.masked()),
            expires_at: request.map(|request| request.expires_at),
            version,
        }
    }
}

/// See who asks for what, and until when. Changes nothing.
#[utoipa::path(tag = "Customers", params(("token", description = "The token in the link"), LinkQuery),
    responses((status = 200, body = AskedView)))]
#[get("/v1/relationshiprequests/links/{token}")]
async fn show_asked(
    _anyone: Anyone,
    parts: Data<Parts>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<Answer<AskedView>, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), presented(&token, &request));
    let (asked, parties) = parts.db.read(move |read| actions::asked(read, &keys, &link, now)).await?;
    Ok(Answer(AskedView::new(&asked, parties)))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ApprovalBody {
    /// The `version` of what was looked at: then nothing else is approved.
    version: Option<Line<100>>,
}

/// Approve: everything that the link asks begins, and nothing else. Approving twice changes nothing.
#[utoipa::path(tag = "Customers", params(("token", description = "The token in the link"), LinkQuery),
    request_body = ApprovalBody, responses((status = 201, body = AskedView), (status = 200, body = AskedView)))]
#[post("/v1/relationshiprequests/links/{token}/approve")]
async fn approve(
    me: Allowed<AnswerRelationshipRequests>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    request: HttpRequest,
    token: Path<String>,
    body: MaybeJson<ApprovalBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), presented(&token, &request));
    let version = body.0.version.map(String::from);
    me.write(&parts, move |tx, me| {
        let approved = actions::approve(tx, me, &keys, &link, version.as_deref(), &regions, now);
        approved.map(|approved| match approved {
            Approved::New(asked, parties) => Reply::created(&AskedView::new(&asked, parties)),
            Approved::Already(asked, parties) => Reply::ok(&AskedView::new(&asked, parties)),
        })
    })
    .await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RefusalBody {
    /// What the partner is told.
    reason: Option<Line<500>>,
    /// As for an approval.
    version: Option<Line<100>>,
}

/// Decline. A request is closed by it; a standing link goes on asking others.
#[utoipa::path(tag = "Customers", params(("token", description = "The token in the link"), LinkQuery),
    request_body = RefusalBody, responses((status = 204)))]
#[post("/v1/relationshiprequests/links/{token}/decline")]
async fn decline(
    me: Allowed<AnswerRelationshipRequests>,
    parts: Data<Parts>,
    request: HttpRequest,
    token: Path<String>,
    body: MaybeJson<RefusalBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), presented(&token, &request));
    let (reason, version) = (body.0.reason.map(String::from), body.0.version.map(String::from));
    me.write(&parts, move |tx, me| {
        actions::decline(tx, me, &keys, &link, reason.as_deref(), version.as_deref(), now).map(|()| Reply::no_content())
    })
    .await
}
