//! REST of a company's applications.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get, post};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::actions::{self, NewSecret};
use super::super::guard::Allowed;
use super::super::model::{Application, ApplicationId, ApplicationSecret, ManageApplications, Role, SecretId};
use super::super::scope::Scope;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Sure, codes};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply};
use crate::platform::text::Line;

/// An application of one's own company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationView {
    id: ApplicationId,
    name: String,
    roles: Vec<Role>,
    redirect_uris: Vec<String>,
    secrets: Vec<SecretView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A client secret: that it exists.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SecretView {
    id: SecretId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        let Application { id, name, roles, redirects, secrets, created_at } = application;
        let shown = |secret: ApplicationSecret| SecretView {
            id: secret.id,
            created_at: secret.created_at,
            expires_at: secret.expires_at,
        };
        let secrets = secrets.into_iter().map(shown).collect();
        Self { id, name, roles, redirect_uris: redirects, secrets, created_at }
    }
}

/// The applications of one's own company.
#[utoipa::path(tag = "Applications", params(PageQuery), responses((status = 200, body = Collection<ApplicationView>)))]
#[get("/v1/applications")]
pub(super) async fn list_applications(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<ApplicationView>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(actions::applications(read, me, after, limit)?) };
    let rows = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), ApplicationView::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewApplication {
    name: Line<100>,
    /// What it may do when no user is behind a call.
    #[schema(max_items = 5)]
    roles: Vec<Role>,
    /// Where browsers may be sent back to, for sign-ins of users: https, or http on one's own machine.
    #[schema(max_items = 10)]
    #[serde(default)]
    redirect_uris: Vec<String>,
}

/// Redirect URIs of an application at most.
const MAX_REDIRECTS: usize = 10;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ApplicationCreated {
    id: ApplicationId,
    name: String,
    roles: Vec<Role>,
    redirect_uris: Vec<String>,
    secret_id: SecretId,
    /// Shown this one time.
    secret: String,
    #[schema(value_type = String, format = DateTime)]
    secret_expires_at: Timestamp,
}

/// Register an application of one's own company; its secret is shown this one time.
#[utoipa::path(tag = "Applications", request_body = NewApplication,
    responses((status = 201, body = ApplicationCreated)))]
#[post("/v1/applications")]
pub(super) async fn register_application(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    body: Json<NewApplication>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewApplication { name, mut roles, mut redirect_uris } = body.0;
    if redirect_uris.len() > MAX_REDIRECTS {
        let sentence = format!("redirectUris: at most {MAX_REDIRECTS} are taken.");
        return Err(Error::plain(codes::BAD_REQUEST, sentence));
    }
    roles.sort();
    roles.dedup();
    redirect_uris.sort();
    redirect_uris.dedup();
    me.write(&parts, move |tx, me| {
        let made = actions::register_application(tx, me, name.as_str(), &roles, &redirect_uris, now);
        made.map(|(id, secret)| {
            Reply::created(&ApplicationCreated {
                id,
                name: name.clone().into(),
                roles: roles.clone(),
                redirect_uris: redirect_uris.clone(),
                secret_id: secret.id,
                secret: secret.secret.expose_secret().to_owned(),
                secret_expires_at: secret.expires_at,
            })
            .secret(&["/secret"])
        })
    })
    .await
}

/// Remove an application: nothing it has opens anything any more.
#[utoipa::path(tag = "Applications", responses((status = 204)))]
#[delete("/v1/applications/{id}")]
pub(super) async fn remove_application(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    id: Path<ApplicationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::remove_application(tx, me, *id, now).map(|()| Reply::no_content())).await
}

/// A secret, shown this one time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SecretMade {
    id: SecretId,
    secret: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Make a second secret, so that clients can change over without a pause; two at a time.
#[utoipa::path(tag = "Applications", responses((status = 201, body = SecretMade)))]
#[post("/v1/applications/{id}/secrets")]
pub(super) async fn add_secret(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    id: Path<ApplicationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| {
        actions::add_secret(tx, me, *id, now).map(|NewSecret { id, secret, expires_at }| {
            let secret = secret.expose_secret().to_owned();
            Reply::created(&SecretMade { id, secret, expires_at }).secret(&["/secret"])
        })
    })
    .await
}

/// Remove a secret. Every token of the application ends with it; clients get new ones with the other secret.
#[utoipa::path(tag = "Applications", params(("id" = ApplicationId, Path), ("secretId" = SecretId, Path)),
    responses((status = 204)))]
#[delete("/v1/applications/{id}/secrets/{secretId}")]
pub(super) async fn remove_secret(
    me: Allowed<ManageApplications>,
    parts: Data<Parts>,
    path: Path<(ApplicationId, SecretId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (id, secret) = path.into_inner();
    me.write(&parts, move |tx, me| actions::remove_secret(tx, me, id, secret, now).map(|()| Reply::no_content())).await
}
