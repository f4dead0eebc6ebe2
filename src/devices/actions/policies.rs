//! Policies of devices, and which devices have them.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use uuid::Uuid;

use super::super::model::{
    BatchDevice, DeviceId, DevicePolicy, MAX_GIVEN_DEVICES, MAX_POLICIES, PolicyError, PolicyId, PolicyTerms,
};
use super::super::store;
use crate::access::Scope;
use crate::audit::{self, Event};
use crate::delegation::{Administers, Observes};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::text::shorten;

/// The policies of a customer, in the order in which they were made.
///
/// # Errors
/// Only the database's.
pub fn policies<'t>(read: &mut Read<'t>, proof: &Observes<'t>) -> QueryResult<Vec<DevicePolicy>> {
    store::policies(read, proof.customer(), None, MAX_POLICIES)
}

/// One policy of a customer.
///
/// # Errors
/// [`PolicyError::Unknown`].
pub fn policy<'t>(read: &mut Read<'t>, proof: &Observes<'t>, named: &str) -> Outcome<DevicePolicy, PolicyError> {
    let unknown = || PolicyError::Unknown(shorten(named, 60));
    let id: PolicyId = named.trim().parse().map_err(|_| unknown())?;
    Ok(store::policies(read, proof.customer(), Some(id), 1)?.into_iter().next().ok_or_else(unknown)?)
}

/// Makes a policy.
///
/// # Errors
/// [`PolicyError::TooMany`].
pub fn create_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    terms: &PolicyTerms,
    now: Timestamp,
) -> Outcome<DevicePolicy, PolicyError> {
    let there = store::policies(tx, proof.customer(), None, MAX_POLICIES)?.len();
    if i64::try_from(there).unwrap_or(i64::MAX) >= MAX_POLICIES {
        return Err(PolicyError::TooMany.into());
    }
    let id = PolicyId::fresh();
    store::insert_policy(tx, proof, id, terms, now)?;
    let event = Event::DevicePolicyCreated { policy: id.uuid(), customer: proof.customer().uuid() };
    audit::record(tx, me, &event, now)?;
    policy(tx, &proof.observes(), &id.to_string())
}

/// Changes a policy; the devices that have it keep it.
///
/// # Errors
/// [`PolicyError::Unknown`].
pub fn change_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (named, terms): (&str, &PolicyTerms),
    now: Timestamp,
) -> Outcome<DevicePolicy, PolicyError> {
    let found = policy(tx, &proof.observes(), named)?;
    if !store::change_policy(tx, proof, found.id, terms, now)? {
        return Err(PolicyError::Unknown(shorten(named, 60)).into());
    }
    let event = Event::DevicePolicyChanged { policy: found.id.uuid(), customer: proof.customer().uuid() };
    audit::record(tx, me, &event, now)?;
    policy(tx, &proof.observes(), named)
}

/// Removes a policy that no device has.
///
/// # Errors
/// [`PolicyError`].
pub fn delete_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    named: &str,
    now: Timestamp,
) -> Outcome<(), PolicyError> {
    let found = policy(tx, &proof.observes(), named)?;
    if found.devices > 0 {
        return Err(PolicyError::InUse(found.devices).into());
    }
    store::delete_policy(tx, proof, found.id)?;
    let event = Event::DevicePolicyDeleted { policy: found.id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// What is wrong with a device of a job, by the names that the same has in an answer of its own.
const NO_DEVICE: &str = "deviceUnknown";
const NO_POLICY: &str = "devicePolicyUnknown";
const NOTHING_SAID: &str = "devicePolicyRefused";

/// A policy as calls name it: none, if it is to be taken away.
pub type NamedPolicy = Option<String>;

/// Gives one device of a batch a policy, or takes its own away; says nothing if its policy is to stay.
///
/// # Errors
/// [`PolicyError::Unknown`].
pub fn apply_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (device, policy_named): (BatchDevice, Option<NamedPolicy>),
    now: Timestamp,
) -> Outcome<BatchDevice, PolicyError> {
    let Some(named) = policy_named else { return Ok(device) };
    let chosen = match named {
        None => None,
        Some(named) => Some(policy(tx, &proof.observes(), &named)?.id),
    };
    store::apply_policy(tx, proof, &[device.id], chosen)?;
    let event = Event::DevicePropertiesChanged { device: device.id.uuid(), customer: proof.customer().uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(BatchDevice { policy: chosen, ..device })
}

/// Gives many devices policies, each its own, and keeps what became of each: the job that clients ask for. A device that is
/// none, or a policy that is none, stops none of the others.
///
/// # Errors
/// [`PolicyError::TooManyDevices`].
pub fn apply_policies<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    wanted: &[(String, Option<NamedPolicy>)],
    now: Timestamp,
) -> Outcome<Uuid, PolicyError> {
    if wanted.len() > MAX_GIVEN_DEVICES {
        return Err(PolicyError::TooManyDevices(wanted.len()).into());
    }
    let ids: Vec<DeviceId> = wanted.iter().filter_map(|(device, _)| device.trim().parse().ok()).collect();
    let there: HashSet<DeviceId> = store::registered_among(tx, proof.customer(), &ids)?.into_iter().collect();
    let known = store::policies(tx, proof.customer(), None, MAX_POLICIES)?;
    let known: HashSet<PolicyId> = known.into_iter().map(|policy| policy.id).collect();
    let mut given: HashMap<Option<PolicyId>, Vec<DeviceId>> = HashMap::new();
    let mut updates = Vec::with_capacity(wanted.len());
    for (device, named) in wanted {
        let id = device.trim().parse::<DeviceId>().ok().filter(|id| there.contains(id));
        let policy = |named: &NamedPolicy| match named {
            None => Some(None),
            Some(named) => named.trim().parse().ok().filter(|id| known.contains(id)).map(Some),
        };
        let error = match (id, named.as_ref().map(policy)) {
            (None, _) => Some(NO_DEVICE),
            (_, None) => Some(NOTHING_SAID),
            (_, Some(None)) => Some(NO_POLICY),
            (Some(id), Some(Some(chosen))) => {
                given.entry(chosen).or_default().push(id);
                None
            }
        };
        updates.push((shorten(device, 60), error));
    }
    // One statement for each policy that is given, of which a customer has few.
    for (policy, devices) in &given {
        store::apply_policy(tx, proof, devices, *policy)?;
    }
    let job = Uuid::now_v7();
    store::insert_policy_job(tx, proof, job, &updates, now)?;
    let event = Event::DevicePoliciesApplied { job, customer: proof.customer().uuid(), devices: wanted.len() };
    audit::record(tx, me, &event, now)?;
    Ok(job)
}
