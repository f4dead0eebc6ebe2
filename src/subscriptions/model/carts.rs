//! Carts: what is about to be ordered for a customer there is.

use std::time::Duration;

use super::orders::WantedLine;
use super::refusals::{OrderError, SaleError};
use super::{CartId, OrderId};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::customers::RelationshipMissing;
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::EtagError;
use crate::platform::text::shorten;

/// How long a cart can be gone on with (section 25, row 22 of the contract).
pub const CART_LIFE: Duration = days(7);

/// A cart.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Its id.
    pub id: CartId,
    /// For whom.
    pub customer: CustomerId,
    /// Whose.
    pub provider: PartnerId,
    /// Who changed it last, if it was a person.
    pub modified_by: Option<UserId>,
    /// What is in it.
    pub lines: Vec<WantedLine>,
    /// Raised by each change.
    pub version: i32,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub modified_at: Timestamp,
    /// From when it is as if it had never been.
    pub expires_at: Timestamp,
    /// What came of it, once it was ordered.
    pub orders: Option<Vec<OrderId>>,
}

/// Why a cart is not kept, shown or ordered.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// None of the caller's company for this customer, or it has expired.
    #[error("There is no cart {0} of your company for this customer; carts expire after 7 days. Begin a new one.")]
    Unknown(String),
    /// It was ordered.
    #[error("Cart {0} was ordered already, and cannot be changed. Begin a new one.")]
    Ordered(CartId),
    /// A text that is too long, or holds a control character.
    #[error("lineItems[{0}]: a text has more than 254 characters, or holds a control character.")]
    Unkeepable(usize),
    /// Another version than the one the caller looked at.
    #[error(transparent)]
    Version(#[from] EtagError),
    /// It cannot be ordered like this, or cannot be at all.
    #[error(transparent)]
    Order(#[from] OrderError),
}

impl Refusal for CartError {
    fn code(&self) -> Code {
        match self {
            CartError::Unknown(_) => Code::new(800_008, "cartUnknown", Kind::NotFound),
            CartError::Ordered(_) => Code::new(800_065, "cartOrdered", Kind::BadInput),
            CartError::Unkeepable(_) => Code::new(910_676, "cartTextInvalid", Kind::BadInput),
            CartError::Version(error) => error.code(),
            CartError::Order(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            CartError::Unknown(id) => vec![("cart", shorten(id, 60))],
            CartError::Order(error) => error.parameters(),
            _ => Vec::new(),
        }
    }
}

impl From<RelationshipMissing> for CartError {
    fn from(error: RelationshipMissing) -> Self {
        OrderError::from(SaleError::from(error)).into()
    }
}
