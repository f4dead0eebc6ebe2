//! What a partner sees of a customer that it administers.

use diesel::QueryResult;

use crate::access::{AccessError, CustomerId, Scope};
use crate::customers::{CustomerRecord, CustomerReference, DirectoryError, directory};
use crate::delegation::model::Right;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal};

use super::{GateError, require};

/// Why a customer's directory is not shown or not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministeredError {
    /// Relationship or delegated administration is missing.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The contract wants a person.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// What was to be put into it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl Refusal for AdministeredError {
    fn code(&self) -> Code {
        match self {
            AdministeredError::Gate(error) => error.code(),
            AdministeredError::Access(error) => error.code(),
            AdministeredError::Directory(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            AdministeredError::Gate(error) => error.parameters(),
            AdministeredError::Access(error) => error.parameters(),
            AdministeredError::Directory(error) => error.parameters(),
        }
    }
}

/// The names of a customer's domains: the one it began with, and those of its own.
///
/// # Errors
/// Only the database's.
pub fn domains(read: &mut Read<'_>, record: &CustomerRecord) -> QueryResult<Vec<String>> {
    let mut names = vec![record.domain.clone()];
    names.extend(directory::added_domains(read, record.id)?);
    Ok(names)
}

/// Changes the directory of a customer over which the caller has `right`. Nothing is changed after the end of the grant
/// that gives it.
///
/// # Errors
/// [`AdministeredError`]: what `change` refuses, or what is missing.
pub fn in_directory<T>(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    right: Right,
    now: Timestamp,
    change: impl FnOnce(&mut Tx<'_>, CustomerId) -> Outcome<T, DirectoryError>,
) -> Outcome<T, AdministeredError> {
    let customer = require(tx, me, reference, right, now).map_err(Failure::widen)?;
    change(tx, customer).map_err(Failure::widen)
}
