//! REST of the public list of providers.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Admin;
use crate::access::{
    AccessSettings, Allowed, Anyone, PartnerId, ReadOwnListing, RequestListingChange, RunTheCentre, Scope, UserId,
};
use crate::companies::actions::providers as actions;
use crate::companies::model::{
    ChangeRequest, ChangeRequestId, ChangeRequestState, CompanyProfile, Domain, MpnId, NewCompany, ProviderEntry,
    ProviderUnknown,
};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Sure;
use crate::platform::http::{
    Collection, Error, IfMatch, Json, Page, PageQuery, Reply, Resource, etag, resource, versioned,
};
use crate::platform::text::{Country, EmailAddress, Line, Lines};

/// The named segments come first: the router takes the first path that fits.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_providers)
        .service(create_provider)
        .service(own_entry)
        .service(request_change)
        .service(list_change_requests)
        .service(close_change_request)
        .service(get_provider)
        .service(change_provider);
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

const ENTRY: &str = "IndirectProvider";

impl Provider {
    fn shown(profile: CompanyProfile) -> Resource<Self> {
        versioned(ENTRY, etag(profile.version), Self::from(profile))
    }
}

impl From<CompanyProfile> for Provider {
    fn from(profile: CompanyProfile) -> Self {
        let CompanyProfile { id, name, country, contact_email, description, mpn_id, .. } = profile;
        Self { id, name, country, contact_email, description, mpn_id }
    }
}

/// The public list of indirect providers: how a reseller finds one.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Collection<Resource<Provider>>)))]
#[get("/v1/indirectproviders")]
async fn list_providers(
    _anyone: Anyone,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<Resource<Provider>>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let rows = parts.db.read(move |read| -> Sure<_> { Ok(actions::list(read, after, limit)?) }).await?;
    Ok(Answer(Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), Provider::shown)))
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

/// An entry of the public list.
#[utoipa::path(tag = "Companies", params(("id" = PartnerId, Path)), responses((status = 200, body = Resource<Provider>)))]
#[get("/v1/indirectproviders/{id}")]
async fn get_provider(
    _anyone: Anyone,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<Answer<Resource<Provider>>, Error> {
    let id = named(&id)?;
    Ok(Answer(Provider::shown(parts.db.read(move |read| actions::entry(read, id)).await?)))
}

/// The provider named in a path: what is no id is nobody's.
fn named(id: &str) -> Result<PartnerId, ProviderUnknown> {
    id.parse().map_err(|_| ProviderUnknown::new(&id))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedProvider {
    name: Line<200>,
    country: Country,
    contact_email: EmailAddress,
    /// What it sells.
    description: Line<1000>,
}

/// Change an entry of the public list. If-Match names the version that was looked at.
#[utoipa::path(tag = "Companies", request_body = ChangedProvider,
    params(("id" = PartnerId, Path), ("If-Match" = String, Header, description = "attributes.etag of the entry")),
    responses((status = 200, body = Resource<Provider>)))]
#[put("/v1/indirectproviders/{id}")]
async fn change_provider(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    id: Path<String>,
    looked_at: IfMatch,
    body: Json<ChangedProvider>,
) -> Result<HttpResponse, Error> {
    let (now, id) = (parts.clock.now(), named(&id)?);
    let ChangedProvider { name, country, contact_email, description } = body.0;
    let entry = ProviderEntry { name: name.into(), country, contact_email, description: description.into() };
    me.write(&parts, move |tx, me| {
        let changed = actions::change_entry(tx, me, id, &entry, &looked_at, now);
        changed.map(|changed| Reply::ok(&Provider::shown(changed)))
    })
    .await
}

/// One's own entry, and a request to fill in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OwnEntry {
    #[serde(flatten)]
    entry: Provider,
    change_request: PrefilledRequest,
}

/// A request to start from: change what is wrong in it and send it.
#[derive(Serialize, ToSchema)]
struct PrefilledRequest {
    subject: String,
    text: String,
}

impl PrefilledRequest {
    fn of(profile: &CompanyProfile) -> Self {
        let CompanyProfile { name, country, contact_email, description, .. } = profile;
        Self {
            subject: format!("Change of the entry of {name} in the providers list"),
            text: format!(
                "Please change our entry in the providers list to read:\n\nName: {name}\nCountry: {country}\n\
                 Contact: {contact_email}\nWhat we sell: {description}\n"
            ),
        }
    }
}

/// One's own entry as the public sees it, with a prefilled request to change it.
#[utoipa::path(tag = "Companies", responses((status = 200, body = Resource<OwnEntry>)))]
#[get("/v1/indirectproviders/current")]
async fn own_entry(me: Allowed<ReadOwnListing>, parts: Data<Parts>) -> Result<Answer<Resource<OwnEntry>>, Error> {
    let profile = me.read(&parts, |read, me| actions::entry(read, me.partner())).await?;
    let (version, change_request) = (etag(profile.version), PrefilledRequest::of(&profile));
    Ok(Answer(versioned(ENTRY, version, OwnEntry { entry: profile.into(), change_request })))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewChangeRequest {
    /// What is to be changed.
    text: Lines<4_000>,
}

/// A request of a provider to change its entry.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeRequestView {
    id: ChangeRequestId,
    provider_id: PartnerId,
    provider_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<UserId>,
    text: String,
    state: ChangeRequestState,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
}

fn request_shown(request: ChangeRequest) -> Resource<ChangeRequestView> {
    let state = request.state();
    let ChangeRequest { id, provider, provider_name, requested_by, text, created_at, closed_at } = request;
    let view = ChangeRequestView {
        id,
        provider_id: provider,
        provider_name,
        requested_by,
        text,
        state,
        created_at,
        closed_at,
    };
    resource("ListingChangeRequest", view)
}

/// Ask the operator to change one's own entry; the operator gets a mail. At most five wait at a time.
#[utoipa::path(tag = "Companies", request_body = NewChangeRequest,
    responses((status = 201, body = Resource<ChangeRequestView>)))]
#[post("/v1/indirectproviders/current/changerequests")]
async fn request_change(
    me: Allowed<RequestListingChange>,
    parts: Data<Parts>,
    body: Json<NewChangeRequest>,
) -> Result<HttpResponse, Error> {
    let (now, text) = (parts.clock.now(), String::from(body.0.text));
    me.write(&parts, move |tx, me| {
        let asked = actions::request_change(tx, me, &text, now);
        asked.map(|asked| Reply::created(&request_shown(asked)))
    })
    .await
}

/// What providers ask to have changed in their entries, oldest first.
#[utoipa::path(tag = "Companies", params(PageQuery),
    responses((status = 200, body = Collection<Resource<ChangeRequestView>>)))]
#[get("/v1/indirectproviders/changerequests")]
async fn list_change_requests(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<Resource<ChangeRequestView>>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let list = move |read: &mut Read<'_>, _: &Scope| -> Sure<_> { Ok(actions::change_requests(read, after, limit)?) };
    let rows = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), request_shown)))
}

/// Close a provider's change request: it is done, or decided otherwise.
#[utoipa::path(tag = "Companies", responses((status = 200, body = Resource<ChangeRequestView>)))]
#[post("/v1/indirectproviders/changerequests/{id}/close")]
async fn close_change_request(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    id: Path<ChangeRequestId>,
) -> Result<HttpResponse, Error> {
    let (now, id) = (parts.clock.now(), *id);
    me.write(&parts, move |tx, me| {
        let closed = actions::close_change_request(tx, me, id, now);
        closed.map(|closed| Reply::ok(&request_shown(closed)))
    })
    .await
}
