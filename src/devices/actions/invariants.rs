//! What must always be true of devices and registrations.

use diesel::QueryResult;
use uuid::Uuid;

use super::super::jobs::{LOAD_DIRECTORY, REGISTER};
use super::super::model::{ImportId, RegistrationId};
use super::super::store;
use crate::delegation::GrantPeriods;
use crate::platform::db::Read;
use crate::platform::jobs;

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let mut broken = Vec::new();
    for (sentence, count) in store::broken_rows(read)? {
        if count > 0 {
            broken.push(sentence.replace("{}", &count.to_string()));
        }
    }
    for (manufacturer, serial) in store::doubled_claims(read)? {
        broken.push(format!("I4: {manufacturer} {serial} has more than one active claim"));
    }
    let periods = GrantPeriods::load(read)?;
    for (acting, customer, at) in store::settled_transactions(read)? {
        if !periods.include(acting, customer, at) {
            broken.push(format!("I9: {acting} registered devices for {customer} at {at} without delegation"));
        }
    }
    let unfinished: Vec<Uuid> = store::unfinished(read)?.into_iter().map(RegistrationId::uuid).collect();
    for id in jobs::unwanted(read, REGISTER, jobs::Which::Waiting, &unfinished)? {
        broken.push(format!("I3: registration {id} is unfinished, and no job works on it"));
    }
    let loading: Vec<Uuid> = store::unfinished_imports(read)?.into_iter().map(ImportId::uuid).collect();
    for id in jobs::unwanted(read, LOAD_DIRECTORY, jobs::Which::Ever, &loading)? {
        broken.push(format!("I3: manifest {id} is not loaded, and no job works on it"));
    }
    Ok(broken)
}
