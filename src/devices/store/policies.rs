//! Policies of devices, which devices have them, and the calls that gave them.

use diesel::prelude::*;
use uuid::Uuid;

use super::super::model::{DeviceId, DevicePolicy, OOBE, PolicyId, PolicySetting, PolicyTerms};
use super::devices;
use crate::access::CustomerId;
use crate::delegation::Administers;
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, insert_all, word};

ids! {
    /// A call that gave policies to devices.
    PolicyJobId,
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    device_policies (id) {
        id -> Id,
        customer_id -> Id,
        name -> Text,
        description -> Nullable<Text>,
        category -> Text,
        settings -> Text,
        created_at -> Moment,
        modified_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    device_policy_jobs (id) {
        id -> Id,
        customer_id -> Id,
        done_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::Id;
    device_policy_updates (job_id, position) {
        job_id -> Id,
        position -> Integer,
        device_id -> Text,
        error -> Nullable<Text>,
    }
}

type PolicyRow = (PolicyId, String, Option<String>, String, Timestamp, Timestamp);

fn policy_of(row: PolicyRow, devices: i64) -> QueryResult<DevicePolicy> {
    let (id, name, description, settings, created_at, modified_at) = row;
    let settings: Vec<PolicySetting> = settings
        .split(',')
        .filter(|setting| !setting.is_empty())
        .map(|setting| word(setting.to_owned()))
        .collect::<QueryResult<_>>()?;
    let broken = |error| diesel::result::Error::DeserializationError(Box::new(error));
    let terms = PolicyTerms {
        name: name.try_into().map_err(broken)?,
        description: description.map(TryInto::try_into).transpose().map_err(broken)?,
        settings,
    };
    Ok(DevicePolicy { id, terms, devices, created_at, modified_at })
}

/// The policies of a customer, or one of them, each with how many devices have it.
pub(in crate::devices) fn policies(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: Option<PolicyId>,
    limit: i64,
) -> QueryResult<Vec<DevicePolicy>> {
    let mut query = device_policies::table
        .filter(device_policies::customer_id.eq(customer))
        .select((
            device_policies::id,
            device_policies::name,
            device_policies::description,
            device_policies::settings,
            device_policies::created_at,
            device_policies::modified_at,
        ))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(device_policies::id.eq(id));
    }
    let rows: Vec<PolicyRow> = query.order(device_policies::id).limit(limit).load(read.connection())?;
    let ids: Vec<PolicyId> = rows.iter().map(|row| row.0).collect();
    let counts: Vec<(Option<PolicyId>, i64)> = devices::table
        .filter(devices::policy_id.eq_any(&ids))
        .filter(devices::released_at.is_null())
        .group_by(devices::policy_id)
        .select((devices::policy_id, diesel::dsl::count_star()))
        .load(read.connection())?;
    let count = |id: PolicyId| counts.iter().find(|(policy, _)| *policy == Some(id)).map_or(0, |(_, count)| *count);
    rows.into_iter().map(|row| policy_of(row.clone(), count(row.0))).collect()
}

fn words(settings: &[PolicySetting]) -> String {
    settings.iter().map(|setting| setting.as_str()).collect::<Vec<_>>().join(",")
}

pub(in crate::devices) fn insert_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: PolicyId,
    terms: &PolicyTerms,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(device_policies::table)
        .values((
            device_policies::id.eq(id),
            device_policies::customer_id.eq(proof.customer()),
            device_policies::name.eq(terms.name.as_str()),
            device_policies::description.eq(terms.description.as_ref().map(|text| text.as_str())),
            device_policies::category.eq(OOBE),
            device_policies::settings.eq(words(&terms.settings)),
            device_policies::created_at.eq(now),
            device_policies::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Guarded: a policy of this customer is changed.
pub(in crate::devices) fn change_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: PolicyId,
    terms: &PolicyTerms,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(device_policies::table)
        .filter(device_policies::id.eq(id))
        .filter(device_policies::customer_id.eq(proof.customer()))
        .set((
            device_policies::name.eq(terms.name.as_str()),
            device_policies::description.eq(terms.description.as_ref().map(|text| text.as_str())),
            device_policies::settings.eq(words(&terms.settings)),
            device_policies::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Removes a policy that no registered device has.
pub(in crate::devices) fn delete_policy<'t>(tx: &mut Tx<'t>, proof: &Administers<'t>, id: PolicyId) -> QueryResult<()> {
    diesel::update(devices::table.filter(devices::policy_id.eq(id)).filter(devices::released_at.is_not_null()))
        .set(devices::policy_id.eq(None::<PolicyId>))
        .execute(tx.connection())?;
    diesel::delete(
        device_policies::table
            .filter(device_policies::id.eq(id))
            .filter(device_policies::customer_id.eq(proof.customer())),
    )
    .execute(tx.connection())?;
    Ok(())
}

/// Those among `ids` that are registered devices of the customer.
pub(in crate::devices) fn registered_among(
    read: &mut Read<'_>,
    customer: CustomerId,
    ids: &[DeviceId],
) -> QueryResult<Vec<DeviceId>> {
    devices::table
        .filter(devices::id.eq_any(ids))
        .filter(devices::customer_id.eq(customer))
        .filter(devices::released_at.is_null())
        .select(devices::id)
        .load(read.connection())
}

/// Gives devices of the customer a policy, or takes theirs away.
pub(in crate::devices) fn apply_policy<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    ids: &[DeviceId],
    policy: Option<PolicyId>,
) -> QueryResult<()> {
    diesel::update(devices::table)
        .filter(devices::id.eq_any(ids))
        .filter(devices::customer_id.eq(proof.customer()))
        .filter(devices::released_at.is_null())
        .set(devices::policy_id.eq(policy))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = device_policy_updates, treat_none_as_default_value = false)]
struct NewUpdate<'u> {
    job_id: PolicyJobId,
    position: i32,
    device_id: &'u str,
    error: Option<&'u str>,
}

/// Keeps what became of each device of a call.
pub(in crate::devices) fn insert_policy_job<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: Uuid,
    updates: &[(String, Option<&'static str>)],
    now: Timestamp,
) -> QueryResult<()> {
    let job_id = PolicyJobId::from_uuid(id);
    diesel::insert_into(device_policy_jobs::table)
        .values((
            device_policy_jobs::id.eq(job_id),
            device_policy_jobs::customer_id.eq(proof.customer()),
            device_policy_jobs::done_at.eq(now),
        ))
        .execute(tx.connection())?;
    let new: Vec<NewUpdate<'_>> = (1..)
        .zip(updates)
        .map(|(position, (device_id, error))| NewUpdate { job_id, position, device_id, error: *error })
        .collect();
    insert_all!(tx, device_policy_updates::table, new)
}

/// What became of a call: when it was done, and each device with what was wrong with it.
pub(in crate::devices) fn policy_job(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: Uuid,
) -> QueryResult<Option<(Timestamp, Vec<(String, Option<String>)>)>> {
    let job_id = PolicyJobId::from_uuid(id);
    let done: Option<Timestamp> = device_policy_jobs::table
        .filter(device_policy_jobs::id.eq(job_id))
        .filter(device_policy_jobs::customer_id.eq(customer))
        .select(device_policy_jobs::done_at)
        .first(read.connection())
        .optional()?;
    let Some(done) = done else { return Ok(None) };
    let updates = device_policy_updates::table
        .filter(device_policy_updates::job_id.eq(job_id))
        .order(device_policy_updates::position)
        .select((device_policy_updates::device_id, device_policy_updates::error))
        .load(read.connection())?;
    Ok(Some((done, updates)))
}
