//! REST of users in a customer's directory (section 12 of the contract).

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, ChangeCustomerUsers, CustomerId, ReadCustomerUsers, Scope};
use crate::customers::CustomerReference;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Outcome, codes};
use crate::platform::http::{
    Collection, Error, IfMatch, Lenient, Page, PageQuery, Reply, Resource, etag, text_key, versioned,
};
use crate::subscriptions::actions::users as actions;
use crate::subscriptions::model::users::{
    CustomerUser, CustomerUserId, SentPerson, UserChange, UserError, UserList, UserOrder,
};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_users)
        .service(create_user)
        .service(show_user)
        .service(change_user)
        .service(reset_password)
        .service(remove_user);
}

/// A user in a customer's directory.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerUserView {
    id: CustomerUserId,
    user_principal_name: String,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    immutable_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    user_domain_type: &'static str,
    /// `inactive` for 30 days after its removal, then it is gone.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    soft_deletion_time: Option<Timestamp>,
    #[schema(value_type = Object)]
    links: Value,
}

fn view(customer: CustomerId, user: CustomerUser) -> Resource<CustomerUserView> {
    let CustomerUser { id, person, version, removed_at } = user;
    let uri = format!("/customers/{customer}/users/{id}");
    let view = CustomerUserView {
        id,
        user_principal_name: person.principal_name,
        display_name: person.display_name,
        first_name: person.first_name,
        last_name: person.last_name,
        usage_location: person.usage_location,
        immutable_id: person.immutable_id,
        phone_number: person.phone_number,
        user_domain_type: "managed",
        state: if removed_at.is_some() { "inactive" } else { "active" },
        soft_deletion_time: removed_at,
        links: json!({ "self": { "uri": uri, "method": "GET", "headers": [] } }),
    };
    versioned("CustomerUser", etag(version), view)
}

/// A user as existing clients send it: a whole one, or what is to be different. What is absent or null stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentUser {
    /// A name in a domain of the customer's.
    user_principal_name: Option<String>,
    display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Two letters of ISO 3166-1. Without it no licence can be assigned.
    usage_location: Option<String>,
    immutable_id: Option<String>,
    phone_number: Option<String>,
    /// `active` restores a user that was removed.
    state: Option<String>,
    /// A password and whether it is to be changed. It is taken and never read: there is no directory here to sign in to.
    #[schema(value_type = Option<Object>)]
    password_profile: Option<IgnoredAny>,
    attributes: Option<SentAttributes>,
}

#[derive(Deserialize, ToSchema)]
struct SentAttributes {
    etag: Option<String>,
}

impl SentUser {
    fn change(self) -> UserChange {
        let password = self.password_profile.is_some();
        let (state, etag) = (self.state.clone(), self.attributes.as_ref().and_then(|sent| sent.etag.clone()));
        UserChange { state, password, etag, person: self.person() }
    }

    fn person(self) -> SentPerson {
        SentPerson {
            principal_name: self.user_principal_name,
            display_name: self.display_name,
            first_name: self.first_name,
            last_name: self.last_name,
            usage_location: self.usage_location,
            immutable_id: self.immutable_id,
            phone_number: self.phone_number,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct UserQuery {
    /// `{"Field":"UserState","Value":"Inactive","Operator":"equals"}`, percent-encoded: those that were removed and can be
    /// restored.
    filter: Option<String>,
    /// DisplayName, unless it is UserPrincipalName.
    sort_field: Option<String>,
    /// Ascending, unless it is Descending.
    sort_direction: Option<String>,
}

/// The users of a customer that one's company administers.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), UserQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<CustomerUserView>>)))]
#[get("/v1/customers/{customer}/users")]
async fn list_users(
    me: Allowed<ReadCustomerUsers>,
    parts: Data<Parts>,
    customer: Path<String>,
    query: Query<UserQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<CustomerUserView>>>, Error> {
    let now = parts.clock.now();
    let UserQuery { filter, sort_field, sort_direction } = query.into_inner();
    let wanted = UserList::read(filter.as_deref(), sort_field.as_deref(), sort_direction.as_deref())
        .map_err(|why| Error::plain(codes::BAD_REQUEST, why))?;
    let (reference, after, limit) = (CustomerReference::new(&customer), page.after_text()?, page.fetch());
    let list =
        move |read: &mut Read<'_>, me: &Scope| actions::users(read, me, &reference, wanted, after.as_ref(), limit, now);
    let (customer, rows) = me.read(&parts, list).await?;
    let key = |user: &CustomerUser| match wanted.order {
        UserOrder::DisplayName => text_key(&user.person.folded_display_name(), user.id.uuid()),
        UserOrder::PrincipalName => text_key(&user.person.principal_name, user.id.uuid()),
    };
    Ok(Answer(Collection::page(rows, &page, key, |user| view(customer, user))))
}

/// Create a user of a customer that one's company administers. It gives nobody a way to sign in here.
#[utoipa::path(tag = "Customer users", request_body = SentUser,
    params(("customer", description = "Tenant id or domain")),
    responses((status = 200, body = Resource<CustomerUserView>)))]
#[post("/v1/customers/{customer}/users")]
async fn create_user(
    me: Allowed<ChangeCustomerUsers>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<SentUser>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (reference, sent) = (CustomerReference::new(&customer), body.0.person());
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, UserError> {
        let (customer, user) = actions::create_user(tx, me, &reference, &sent, now)?;
        Ok(Reply::ok(&view(customer, user)))
    };
    me.write(&parts, work).await
}

/// One of the users of a customer that one's company administers, also for 30 days after its removal.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 200, body = Resource<CustomerUserView>)))]
#[get("/v1/customers/{customer}/users/{id}")]
async fn show_user(
    me: Allowed<ReadCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<Answer<Resource<CustomerUserView>>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let find = move |read: &mut Read<'_>, me: &Scope| actions::user(read, me, &reference, &id, now);
    let (customer, user) = me.read(&parts, find).await?;
    Ok(Answer(view(customer, user)))
}

/// Changes a user as asked, and shows it.
async fn changed(
    me: &Allowed<ChangeCustomerUsers>,
    parts: &Parts,
    (customer, id): (String, String),
    change: UserChange,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, UserError> {
        let (customer, user) = actions::change_user(tx, me, &reference, &id, (&change, &if_match), now)?;
        Ok(Reply::ok(&view(customer, user)))
    };
    me.write(parts, work).await
}

/// Change a user of a customer that one's company administers, reset its password, or restore it after its removal.
#[utoipa::path(tag = "Customer users", request_body = SentUser,
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 200, body = Resource<CustomerUserView>)))]
#[patch("/v1/customers/{customer}/users/{id}")]
async fn change_user(
    me: Allowed<ChangeCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    if_match: IfMatch,
    body: Lenient<SentUser>,
) -> Result<HttpResponse, Error> {
    changed(&me, &parts, path.into_inner(), body.0.change(), if_match).await
}

/// Another password for a user.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SentPassword {
    /// A password and whether it is to be changed. It is taken and never read: there is no directory here to sign in to.
    #[schema(value_type = Option<Object>)]
    password_profile: Option<IgnoredAny>,
}

/// Reset the password of a user of a customer that one's company administers: it is recorded that it was.
#[utoipa::path(tag = "Customer users", request_body = SentPassword,
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 200, body = Resource<CustomerUserView>)))]
#[patch("/v1/customers/{customer}/users/{id}/resetpassword")]
async fn reset_password(
    me: Allowed<ChangeCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    if_match: IfMatch,
    body: Lenient<SentPassword>,
) -> Result<HttpResponse, Error> {
    let change = UserChange { password: body.0.password_profile.is_some(), ..UserChange::default() };
    if !change.password {
        return Err(UserError::PasswordMissing.into());
    }
    changed(&me, &parts, path.into_inner(), change, if_match).await
}

/// Remove a user of a customer that one's company administers: its licences are free at once, and it can be restored for
/// 30 days.
#[utoipa::path(tag = "Customer users",
    params(("customer", description = "Tenant id or domain"), ("id", description = "The user's id")),
    responses((status = 204, description = "Removed")))]
#[delete("/v1/customers/{customer}/users/{id}")]
async fn remove_user(
    me: Allowed<ChangeCustomerUsers>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let work = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<Reply, UserError> {
        actions::remove_user(tx, me, &reference, &id, now)?;
        Ok(Reply::no_content())
    };
    me.write(&parts, work).await
}
