//! The table of carts.

use diesel::prelude::*;

use super::{read_back, written};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::subscriptions::model::carts::Cart;
use crate::subscriptions::model::{CartId, OrderId};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    carts (id) {
        id -> Id,
        customer_id -> Id,
        provider_id -> Id,
        modified_by -> Nullable<Id>,
        contents -> Text,
        version -> Integer,
        created_at -> Moment,
        modified_at -> Moment,
        expires_at -> Moment,
        orders -> Nullable<Text>,
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = carts)]
struct CartRow {
    id: CartId,
    customer_id: CustomerId,
    provider_id: PartnerId,
    modified_by: Option<UserId>,
    contents: String,
    version: i32,
    created_at: Timestamp,
    modified_at: Timestamp,
    expires_at: Timestamp,
    orders: Option<String>,
}

pub(in crate::subscriptions) fn insert(tx: &mut Tx<'_>, new: &Cart) -> QueryResult<()> {
    let row = CartRow {
        id: new.id,
        customer_id: new.customer,
        provider_id: new.provider,
        modified_by: new.modified_by,
        contents: written(&new.lines)?,
        version: new.version,
        created_at: new.created_at,
        modified_at: new.modified_at,
        expires_at: new.expires_at,
        orders: None,
    };
    diesel::insert_into(carts::table).values(row).execute(tx.connection())?;
    Ok(())
}

/// A cart of a provider for a customer that has not expired, ordered or not.
pub(in crate::subscriptions) fn cart_of(
    read: &mut Read<'_>,
    provider: PartnerId,
    customer: CustomerId,
    id: CartId,
    now: Timestamp,
) -> QueryResult<Option<Cart>> {
    let row: Option<CartRow> = carts::table
        .filter(carts::id.eq(id))
        .filter(carts::provider_id.eq(provider))
        .filter(carts::customer_id.eq(customer))
        .filter(carts::expires_at.gt(now))
        .first(read.connection())
        .optional()?;
    row.map(|row| {
        Ok(Cart {
            id: row.id,
            customer: row.customer_id,
            provider: row.provider_id,
            modified_by: row.modified_by,
            lines: read_back(&row.contents)?,
            version: row.version,
            created_at: row.created_at,
            modified_at: row.modified_at,
            expires_at: row.expires_at,
            orders: row.orders.as_deref().map(read_back).transpose()?,
        })
    })
    .transpose()
}

/// Guarded by the version, which it raises: what was ordered or changed in between stays.
pub(in crate::subscriptions) fn change(tx: &mut Tx<'_>, cart: &Cart) -> QueryResult<bool> {
    let changed = diesel::update(carts::table)
        .filter(carts::id.eq(cart.id))
        .filter(carts::version.eq(cart.version))
        .filter(carts::orders.is_null())
        .set((
            carts::contents.eq(written(&cart.lines)?),
            carts::modified_by.eq(cart.modified_by),
            carts::modified_at.eq(cart.modified_at),
            carts::version.eq(cart.version + 1),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: a cart is ordered once.
pub(in crate::subscriptions) fn use_up(tx: &mut Tx<'_>, cart: &Cart, orders: &[OrderId]) -> QueryResult<bool> {
    let changed = diesel::update(carts::table)
        .filter(carts::id.eq(cart.id))
        .filter(carts::version.eq(cart.version))
        .filter(carts::orders.is_null())
        .set((carts::orders.eq(written(&orders)?), carts::version.eq(cart.version + 1)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Forgets what has expired.
pub(in crate::subscriptions) fn forget_expired(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::delete(carts::table.filter(carts::expires_at.le(now))).execute(tx.connection())?;
    Ok(())
}
