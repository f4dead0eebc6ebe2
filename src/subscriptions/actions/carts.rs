//! Carts: lines gathered for a customer there is, and ordered as a whole.

use diesel::QueryResult;

use super::orders::{buyer, order, place_orders};
use crate::access::Scope;
use crate::audit::{self, Event};
use crate::customers::{self, CustomerReference};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::{EtagError, IfMatch, etag};
use crate::subscriptions::model::carts::{CART_LIFE, Cart, CartError};
use crate::subscriptions::model::orders::{MAX_LINES, Order, WantedLine, WantedReseller};
use crate::subscriptions::model::refusals::OrderError;
use crate::subscriptions::model::settings::SubscriptionSettings;
use crate::subscriptions::model::subscriptions::MAX_FRIENDLY_NAME;
use crate::subscriptions::model::{CartId, OrderId};
use crate::subscriptions::store::carts as store;

fn bounded(lines: &[WantedLine]) -> Result<(), CartError> {
    if lines.is_empty() || lines.len() > MAX_LINES {
        return Err(OrderError::LineCount(lines.len()).into());
    }
    for (place, line) in lines.iter().enumerate() {
        let named = match &line.reseller {
            Some(WantedReseller::MpnId(id)) => Some(id),
            _ => None,
        };
        let texts = [Some(&line.offer), line.friendly_name.as_ref(), named];
        let unkeepable =
            |text: &&String| text.chars().count() > MAX_FRIENDLY_NAME || text.chars().any(char::is_control);
        if texts.into_iter().flatten().any(|text| unkeepable(&text)) {
            return Err(CartError::Unkeepable(place));
        }
    }
    Ok(())
}

fn own(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    now: Timestamp,
) -> Outcome<Cart, CartError> {
    let customer = customers::live_relationship(read, me, reference).map_err(Failure::widen)?.customer;
    let unknown = || CartError::Unknown(id.to_owned());
    let id: CartId = id.parse().map_err(|_| unknown())?;
    Ok(store::cart_of(read, me.partner(), customer, id, now)?.ok_or_else(unknown)?)
}

/// Begins a cart. What is wrong with its lines is told when it is ordered.
///
/// # Errors
/// See [`CartError`].
pub fn create_cart(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    lines: &[WantedLine],
    now: Timestamp,
) -> Outcome<Cart, CartError> {
    bounded(lines)?;
    let customer = customers::live_relationship(tx, me, reference).map_err(Failure::widen)?.customer;
    let cart = Cart {
        id: CartId::fresh(),
        customer,
        provider: me.partner(),
        modified_by: me.user_id(),
        lines: lines.to_vec(),
        version: 1,
        created_at: now,
        modified_at: now,
        expires_at: now.after(CART_LIFE),
        orders: None,
    };
    store::insert(tx, &cart)?;
    audit::record(tx, me, &Event::CartCreated { cart: cart.id.uuid(), buyer: customer.uuid() }, now)?;
    Ok(cart)
}

/// A cart of the caller's company.
///
/// # Errors
/// [`CartError::Unknown`], or no relationship.
pub fn cart(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    id: &str,
    now: Timestamp,
) -> Outcome<Cart, CartError> {
    own(read, me, reference, id, now)
}

/// Replaces the lines of a cart. The same again changes nothing.
///
/// # Errors
/// See [`CartError`].
pub fn change_cart(
    tx: &mut Tx<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    lines: &[WantedLine],
    (looked_at, sent_etag): (&IfMatch, Option<&str>),
    now: Timestamp,
) -> Outcome<Cart, CartError> {
    bounded(lines)?;
    let mut cart = own(tx, me, reference, id, now)?;
    if cart.orders.is_some() {
        return Err(CartError::Ordered(cart.id).into());
    }
    let current = etag(cart.version);
    looked_at.check_compatible(sent_etag, &current).map_err(CartError::from)?;
    if cart.lines == lines {
        return Ok(cart);
    }
    lines.clone_into(&mut cart.lines);
    (cart.modified_by, cart.modified_at) = (me.user_id(), now);
    if !store::change(tx, &cart)? {
        return Err(CartError::from(EtagError::Stale(current)).into());
    }
    cart.version += 1;
    let (id, buyer) = (cart.id.uuid(), cart.customer.uuid());
    audit::record(tx, me, &Event::CartChanged { cart: id, buyer, version: cart.version }, now)?;
    Ok(cart)
}

/// Orders what is in a cart. Ordering it twice gives the orders that came of it the first time.
///
/// # Errors
/// See [`CartError`]; then everything is as before.
pub fn order_cart(
    tx: &mut Tx<'_>,
    me: &Scope,
    (reference, id): (&CustomerReference, &str),
    settings: &SubscriptionSettings,
    now: Timestamp,
) -> Outcome<Vec<Order>, CartError> {
    let cart = own(tx, me, reference, id, now)?;
    if let Some(orders) = &cart.orders {
        let again = |id: &OrderId| order(tx, me, reference, &id.to_string()).map_err(Failure::widen);
        return orders.iter().map(again).collect();
    }
    let buyer = buyer(tx, me, reference, now).map_err(Failure::widen)?;
    let orders = place_orders(tx, me, &buyer, &cart.lines, None, settings, now).map_err(Failure::widen)?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    if !store::use_up(tx, &cart, &ids)? {
        return Err(diesel::result::Error::RollbackTransaction.into());
    }
    let event = Event::CartOrdered {
        cart: cart.id.uuid(),
        customer: buyer.customer.uuid(),
        orders: ids.into_iter().map(OrderId::uuid).collect(),
    };
    audit::record(tx, me, &event, now)?;
    Ok(orders)
}

/// Forgets carts that have expired.
///
/// # Errors
/// Only the database's.
pub fn forget_expired_carts(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    store::forget_expired(tx, now)
}
