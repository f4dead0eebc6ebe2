//! Tables of subscriptions.

pub mod associations;
pub mod carts;
pub mod catalogue;
pub mod drafts;
pub mod licenses;
pub mod orders;
pub mod subscriptions;
pub mod support_contacts;
pub mod users;

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn written(value: &impl Serialize) -> QueryResult<String> {
    serde_json::to_string(value).map_err(|error| diesel::result::Error::SerializationError(error.into()))
}

fn read_back<T: DeserializeOwned>(text: &str) -> QueryResult<T> {
    serde_json::from_str(text).map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}
