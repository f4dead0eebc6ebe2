//! The table of customers' users.

use diesel::prelude::*;

use crate::access::CustomerId;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::subscriptions::model::users::{CustomerUser, CustomerUserId, KEPT, Person, UserList, UserOrder};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_users (id) {
        id -> Id,
        customer_id -> Id,
        principal_name -> Text,
        display_name -> Text,
        display_name_folded -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        usage_location -> Nullable<Text>,
        immutable_id -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        version -> Integer,
        created_at -> Moment,
        removed_at -> Nullable<Moment>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = customer_users)]
struct UserRow {
    id: CustomerUserId,
    principal_name: String,
    display_name: String,
    first_name: Option<String>,
    last_name: Option<String>,
    usage_location: Option<String>,
    immutable_id: Option<String>,
    phone_number: Option<String>,
    version: i32,
    removed_at: Option<Timestamp>,
}

impl From<UserRow> for CustomerUser {
    fn from(row: UserRow) -> Self {
        let UserRow { id, version, removed_at, .. } = row;
        let person = Person {
            principal_name: row.principal_name,
            display_name: row.display_name,
            first_name: row.first_name,
            last_name: row.last_name,
            usage_location: row.usage_location,
            immutable_id: row.immutable_id,
            phone_number: row.phone_number,
        };
        Self { id, person, version, removed_at }
    }
}

/// A user of a customer, removed or not.
pub(in crate::subscriptions) fn user(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: CustomerUserId,
) -> QueryResult<Option<CustomerUser>> {
    let row: Option<UserRow> = customer_users::table
        .filter(customer_users::customer_id.eq(customer))
        .filter(customer_users::id.eq(id))
        .select(UserRow::as_select())
        .first(read.connection())
        .optional()?;
    Ok(row.map(CustomerUser::from))
}

/// The user of a customer that has a principal name, removed or not.
pub(in crate::subscriptions) fn user_named(
    read: &mut Read<'_>,
    customer: CustomerId,
    principal_name: &str,
) -> QueryResult<Option<CustomerUser>> {
    let row: Option<UserRow> = customer_users::table
        .filter(customer_users::customer_id.eq(customer))
        .filter(customer_users::principal_name.eq(principal_name))
        .select(UserRow::as_select())
        .first(read.connection())
        .optional()?;
    Ok(row.map(CustomerUser::from))
}

/// A page of a customer's users: those after a place, which is the text they are sorted by and an id.
pub(in crate::subscriptions) fn users(
    read: &mut Read<'_>,
    customer: CustomerId,
    wanted: UserList,
    after: Option<&(String, CustomerUserId)>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<CustomerUser>> {
    use customer_users::{display_name_folded as name, id, principal_name as principal, removed_at};
    let mut query = customer_users::table
        .filter(customer_users::customer_id.eq(customer))
        .select(UserRow::as_select())
        .into_boxed();
    query =
        if wanted.removed { query.filter(removed_at.gt(now.before(KEPT))) } else { query.filter(removed_at.is_null()) };
    // The bound on the text by itself lets an index begin at the place; no two users have one principal name.
    query = match (wanted.order, wanted.descending, after) {
        (_, _, None) => query,
        (UserOrder::DisplayName, false, Some((text, last))) => {
            query.filter(name.ge(text)).filter(name.gt(text).or(id.gt(*last)))
        }
        (UserOrder::DisplayName, true, Some((text, last))) => {
            query.filter(name.le(text)).filter(name.lt(text).or(id.lt(*last)))
        }
        (UserOrder::PrincipalName, false, Some((text, _))) => query.filter(principal.gt(text)),
        (UserOrder::PrincipalName, true, Some((text, _))) => query.filter(principal.lt(text)),
    };
    query = match (wanted.order, wanted.descending) {
        (UserOrder::DisplayName, false) => query.order((name, id)),
        (UserOrder::DisplayName, true) => query.order((name.desc(), id.desc())),
        (UserOrder::PrincipalName, false) => query.order(principal),
        (UserOrder::PrincipalName, true) => query.order(principal.desc()),
    };
    let rows: Vec<UserRow> = query.limit(limit).load(read.connection())?;
    Ok(rows.into_iter().map(CustomerUser::from).collect())
}

pub(in crate::subscriptions) fn insert(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    user: &CustomerUser,
    now: Timestamp,
) -> QueryResult<()> {
    let Person { principal_name, display_name, first_name, last_name, usage_location, immutable_id, phone_number } =
        &user.person;
    diesel::insert_into(customer_users::table)
        .values((
            customer_users::id.eq(user.id),
            customer_users::customer_id.eq(customer),
            customer_users::principal_name.eq(principal_name),
            customer_users::display_name.eq(display_name),
            customer_users::display_name_folded.eq(user.person.folded_display_name()),
            customer_users::first_name.eq(first_name),
            customer_users::last_name.eq(last_name),
            customer_users::usage_location.eq(usage_location),
            customer_users::immutable_id.eq(immutable_id),
            customer_users::phone_number.eq(phone_number),
            customer_users::version.eq(user.version),
            customer_users::created_at.eq(now),
            customer_users::removed_at.eq(user.removed_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Writes a user that this transaction has read.
pub(in crate::subscriptions) fn update(tx: &mut Tx<'_>, customer: CustomerId, user: &CustomerUser) -> QueryResult<()> {
    let Person { principal_name, display_name, first_name, last_name, usage_location, immutable_id, phone_number } =
        &user.person;
    diesel::update(customer_users::table)
        .filter(customer_users::customer_id.eq(customer))
        .filter(customer_users::id.eq(user.id))
        .set((
            customer_users::principal_name.eq(principal_name),
            customer_users::display_name.eq(display_name),
            customer_users::display_name_folded.eq(user.person.folded_display_name()),
            customer_users::first_name.eq(first_name),
            customer_users::last_name.eq(last_name),
            customer_users::usage_location.eq(usage_location),
            customer_users::immutable_id.eq(immutable_id),
            customer_users::phone_number.eq(phone_number),
            customer_users::version.eq(user.version),
            customer_users::removed_at.eq(user.removed_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Deletes a user for good. The caller has proved that it is gone.
pub(in crate::subscriptions) fn forget(tx: &mut Tx<'_>, id: CustomerUserId) -> QueryResult<()> {
    diesel::delete(customer_users::table.filter(customer_users::id.eq(id))).execute(tx.connection())?;
    Ok(())
}

/// Deletes for good who was removed at `before` or earlier.
pub(in crate::subscriptions) fn forget_removed(tx: &mut Tx<'_>, before: Timestamp) -> QueryResult<()> {
    diesel::delete(customer_users::table.filter(customer_users::removed_at.le(before))).execute(tx.connection())?;
    Ok(())
}
