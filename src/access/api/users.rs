//! REST of a company's users.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::actions::{self, NewPerson, UserPatch};
use super::super::guard::Allowed;
use super::super::model::{AccessSettings, ManageUsers, ReadUsers, Role, User, UserId, UserState};
use super::super::scope::Scope;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Sure;
use crate::platform::http::{Collection, Error, IfMatch, Json, Page, PageQuery, Reply};
use crate::platform::portal::Language;
use crate::platform::text::{EmailAddress, Line};

/// A user of one's own company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserView {
    id: UserId,
    user_name: String,
    display_name: String,
    state: UserState,
    roles: Vec<Role>,
    language: String,
    /// Whether a second factor is set up.
    second_factor: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    attributes: UserAttributes,
}

/// The version of a user, for `If-Match`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserAttributes {
    object_type: &'static str,
    etag: String,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let User { id, user_name, display_name, state, roles, language, second_factor, version, created_at } = user;
        let attributes = UserAttributes { object_type: "PartnerUser", etag: version.to_string() };
        Self { id, user_name, display_name, state, roles, language, second_factor, created_at, attributes }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserQuery {
    /// `removed` lists those who were removed; otherwise everybody else.
    state: Option<UserState>,
}

/// The users of one's own company.
#[utoipa::path(tag = "Users", params(UserQuery, PageQuery), responses((status = 200, body = Collection<UserView>)))]
#[get("/v1/users")]
pub(super) async fn list_users(
    me: Allowed<ReadUsers>,
    parts: Data<Parts>,
    query: Query<UserQuery>,
    page: Page,
) -> Result<Answer<Collection<UserView>>, Error> {
    let (after, limit, removed) = (page.after_id()?, page.fetch(), query.state == Some(UserState::Removed));
    let list =
        move |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(actions::users(read, me, removed, after, limit)?) };
    let rows = me.read(&parts, list).await?;
    Ok(Answer(Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), UserView::from)))
}

/// One user of one's own company.
#[utoipa::path(tag = "Users", responses((status = 200, body = UserView)))]
#[get("/v1/users/{id}")]
pub(super) async fn get_user(
    me: Allowed<ReadUsers>,
    parts: Data<Parts>,
    id: Path<UserId>,
) -> Result<Answer<UserView>, Error> {
    Ok(Answer(me.read(&parts, move |read, me| actions::user(read, me, *id)).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUser {
    email: EmailAddress,
    display_name: Line<100>,
    /// One at least.
    #[schema(min_items = 1, max_items = 5)]
    roles: Vec<Role>,
    /// Of the person's mails; English if absent.
    language: Option<Language>,
}

fn sorted(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort();
    roles.dedup();
    roles
}

/// Invite a person into one's own company; the mailbox gets an activation code.
#[utoipa::path(tag = "Users", request_body = NewUser, responses((status = 201, body = UserView)))]
#[post("/v1/users")]
pub(super) async fn invite_user(
    me: Allowed<ManageUsers>,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    body: Json<NewUser>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewUser { email, display_name, roles, language } = body.0;
    let language = language.unwrap_or(Language::English).as_str().to_owned();
    let person = NewPerson { email, display_name: display_name.into(), roles: sorted(roles), language };
    me.write(&parts, move |tx, me| {
        let invited = actions::invite_colleague(tx, me, &person, &settings, now);
        invited.map(|user| Reply::created(&UserView::from(user)))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedUser {
    display_name: Option<Line<100>>,
    /// All the roles there are to be.
    #[schema(min_items = 1, max_items = 5)]
    roles: Option<Vec<Role>>,
    language: Option<Language>,
    /// `suspended` shuts the user out at once; `active` restores, from suspension and from removal.
    state: Option<UserState>,
}

/// Change, suspend or restore a user. A change of roles or state ends the user's tokens and sessions at once.
#[utoipa::path(tag = "Users", request_body = ChangedUser, params(("id" = UserId, Path), ("If-Match" = String, Header, description = "The etag of the user as it was read")),
    responses((status = 200, body = UserView)))]
#[patch("/v1/users/{id}")]
pub(super) async fn change_user(
    me: Allowed<ManageUsers>,
    parts: Data<Parts>,
    id: Path<UserId>,
    seen: IfMatch,
    body: Json<ChangedUser>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let ChangedUser { display_name, roles, language, state } = body.0;
    let patch = UserPatch {
        display_name: display_name.map(String::from),
        language: language.map(|language| language.as_str().to_owned()),
        roles: roles.map(sorted),
        state,
    };
    me.write(&parts, move |tx, me| {
        actions::change_user(tx, me, *id, &seen, &patch, now).map(|user| Reply::ok(&UserView::from(user)))
    })
    .await
}

/// Remove a user: nothing of it opens anything any more.
#[utoipa::path(tag = "Users", responses((status = 204)))]
#[delete("/v1/users/{id}")]
pub(super) async fn remove_user(
    me: Allowed<ManageUsers>,
    parts: Data<Parts>,
    id: Path<UserId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::remove_user(tx, me, *id, now).map(|()| Reply::no_content())).await
}

/// Send an invited user another activation code; the old one is dead.
#[utoipa::path(tag = "Users", responses((status = 200, body = UserView)))]
#[post("/v1/users/{id}/activation")]
pub(super) async fn invite_again(
    me: Allowed<ManageUsers>,
    parts: Data<Parts>,
    settings: Data<AccessSettings>,
    id: Path<UserId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| {
        let again = actions::invite_again(tx, me, *id, &settings, now);
        again.map(|user| Reply::ok(&UserView::from(user)))
    })
    .await
}

/// Take a lost second factor from a user, who sets up another one at the next sign-in.
#[utoipa::path(tag = "Users", responses((status = 204)))]
#[delete("/v1/users/{id}/secondfactor")]
pub(super) async fn reset_second_factor(
    me: Allowed<ManageUsers>,
    parts: Data<Parts>,
    id: Path<UserId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::reset_second_factor(tx, me, *id, now).map(|()| Reply::no_content())).await
}
