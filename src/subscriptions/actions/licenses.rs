//! Licences of a customer's users. Seats come from the customer's subscriptions, whoever sold them.

use std::collections::{BTreeSet, HashMap};

use diesel::QueryResult;

use super::users::found;
use crate::access::{CustomerId, Scope};
use crate::audit::{self, Event};
use crate::customers::CustomerReference;
use crate::delegation::{self, Right};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::text::shorten;
use crate::subscriptions::model::licenses::{
    Assignment, LicenceMark, LicenseError, LicenseUpdate, Sku, SkuId, Units, skus_of,
};
use crate::subscriptions::model::users::{CustomerUserId, UserError};
use crate::subscriptions::store::{catalogue, licenses as store};

/// Everything that a customer has, or had, licences of.
fn skus(read: &mut Read<'_>, customer: CustomerId, now: Timestamp) -> QueryResult<Vec<Sku>> {
    let seats = store::seats(read, customer, now)?;
    let offers: BTreeSet<&String> = seats.iter().map(|seats| &seats.offer).collect();
    let offers: Vec<String> = offers.into_iter().cloned().collect();
    Ok(skus_of(&seats, &catalogue::offers_among(read, &offers)?))
}

/// What a customer that the caller administers has licences of, and how many of them are left.
///
/// # Errors
/// [`UserError::Gate`].
pub fn subscribed_skus(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    now: Timestamp,
) -> Outcome<Vec<(Sku, Units)>, UserError> {
    let customer = delegation::has_right(read, me, reference, Right::ReadLicenses, now).map_err(Failure::widen)?;
    let consumed = store::consumed(read, customer)?;
    let counted = skus(read, customer, now)?.into_iter().map(|sku| {
        let units = Units::of(&sku, consumed.get(&sku.id).copied().unwrap_or_default());
        (sku, units)
    });
    Ok(counted.filter(|(_, units)| units.is_something()).collect())
}

/// The licences of a user of a customer that the caller administers.
///
/// # Errors
/// [`UserError::Gate`], [`UserError::Unknown`].
pub fn licenses(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    user: &str,
    now: Timestamp,
) -> Outcome<Vec<(Sku, Assignment)>, UserError> {
    let customer = delegation::has_right(read, me, reference, Right::ReadLicenses, now).map_err(Failure::widen)?;
    let user = found(read, customer, user, now)?;
    let assigned = store::assignments_of(read, customer, user.id)?;
    let skus = skus(read, customer, now)?;
    let of = |sku: Sku| assigned.iter().find(|one| one.sku == sku.id).cloned().map(|assignment| (sku, assignment));
    Ok(skus.into_iter().filter_map(of).collect())
}

/// Assigns licences to a user and takes others from it, all or nothing. What is as it was changes nothing.
///
/// # Errors
/// See [`LicenseError`].
pub fn update_licenses(
    tx: &mut Tx<'_>,
    me: &Scope,
    reference: &CustomerReference,
    user: &str,
    wanted: &LicenseUpdate,
    now: Timestamp,
) -> Outcome<(), LicenseError> {
    let customer = delegation::require(tx, me, reference, Right::WriteLicenses, now).map_err(Failure::widen)?;
    wanted.check()?;
    let user = found(tx, customer, user, now).map_err(Failure::widen)?;
    if let Some(at) = user.removed_at {
        return Err(LicenseError::from(UserError::removed(&user.person.principal_name, at)).into());
    }
    let skus: HashMap<SkuId, Sku> = skus(tx, customer, now)?.into_iter().map(|sku| (sku.id, sku)).collect();
    let held = store::assignments_of(tx, customer, user.id)?;
    let has = |sku: SkuId| held.iter().any(|one| one.sku == sku);
    let (replaced, new): (Vec<&Assignment>, Vec<&Assignment>) =
        wanted.assign.iter().filter(|one| !held.contains(one)).partition(|one| has(one.sku));
    for Assignment { sku, excluded } in &wanted.assign {
        let sku = skus.get(sku).ok_or(LicenseError::SkuUnknown(*sku))?;
        check_plans(sku, excluded)?;
    }
    if !new.is_empty() && user.person.usage_location.is_none() {
        return Err(LicenseError::UsageLocationMissing.into());
    }
    let ids = |assignments: &[&Assignment]| assignments.iter().map(|one| one.sku).collect::<Vec<_>>();
    let (replaced_ids, new_ids) = (ids(&replaced), ids(&new));
    take_seats(tx, customer, &skus, &new_ids)?;
    let removed: Vec<SkuId> = wanted.remove.iter().copied().filter(|sku| has(*sku)).collect();
    if !removed.is_empty() {
        store::count(tx, customer, &removed, -1)?;
    }
    let gone = [&removed[..], &replaced_ids[..]].concat();
    if gone.is_empty() && new.is_empty() {
        return Ok(());
    }
    store::unassign(tx, user.id, &gone)?;
    store::assign(tx, customer, user.id, &[&replaced[..], &new[..]].concat(), now)?;
    record(tx, me, customer, user.id, (&[&replaced_ids[..], &new_ids[..]].concat(), &removed), now)?;
    Ok(())
}

fn check_plans(sku: &Sku, excluded: &BTreeSet<uuid::Uuid>) -> Result<(), LicenseError> {
    match excluded.iter().find(|plan| sku.plans.iter().all(|known| known.id != **plan)) {
        None => Ok(()),
        Some(plan) => {
            let known = sku.plans.iter().map(|plan| format!("{} ({})", plan.id, plan.name));
            let plans = shorten(&known.collect::<Vec<_>>().join(", "), 500);
            Err(LicenseError::PlanUnknown { name: sku.name.clone(), plan: *plan, plans })
        }
    }
}

/// Takes a seat of each of these SKUs, if all have one left. What was read of a counter still holds when it is changed:
/// whoever changed it meanwhile makes this transaction begin again.
fn take_seats(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    skus: &HashMap<SkuId, Sku>,
    wanted: &[SkuId],
) -> Outcome<(), LicenseError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let consumed = store::consumed(tx, customer)?;
    for sku in wanted.iter().filter_map(|sku| skus.get(sku)) {
        let taken = consumed.get(&sku.id).copied().unwrap_or_default();
        if taken >= sku.active {
            let (id, name, seats) = (sku.id, sku.name.clone(), sku.active);
            return Err(LicenseError::Exhausted { sku: id, name, seats, consumed: taken }.into());
        }
    }
    let uncounted: Vec<SkuId> = wanted.iter().copied().filter(|sku| !consumed.contains_key(sku)).collect();
    store::begin_counting(tx, customer, &uncounted)?;
    Ok(store::count(tx, customer, wanted, 1)?)
}

fn record(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    user: CustomerUserId,
    (assigned, removed): (&[SkuId], &[SkuId]),
    now: Timestamp,
) -> QueryResult<()> {
    let named = |skus: &[SkuId]| skus.iter().map(SkuId::to_string).collect();
    let (assigned, removed) = (named(assigned), named(removed));
    audit::record(
        tx,
        me,
        &Event::LicensesChanged { user: user.uuid(), customer: customer.uuid(), assigned, removed },
        now,
    )
}

/// Takes every licence from a user who is being removed.
pub(super) fn free_all(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    user: CustomerUserId,
    now: Timestamp,
) -> QueryResult<()> {
    let held: Vec<SkuId> = store::assignments_of(tx, customer, user)?.into_iter().map(|one| one.sku).collect();
    if held.is_empty() {
        return Ok(());
    }
    store::count(tx, customer, &held, -1)?;
    store::unassign(tx, user, &held)?;
    record(tx, me, customer, user, (&[], &held), now)
}

/// Whether users of a customer, by principal name, have licences for every service plan that is `required`. Licences of
/// which the customer has no active subscription any more bring nothing, and whom nobody recorded has none. Whoever
/// calls has proved that the caller may see it.
///
/// # Errors
/// Only the database's.
pub fn licence_marks(
    read: &mut Read<'_>,
    required: &[String],
    customer: CustomerId,
    names: &[String],
    now: Timestamp,
) -> QueryResult<HashMap<String, LicenceMark>> {
    if required.is_empty() {
        return Ok(names.iter().map(|name| (name.clone(), LicenceMark::NotChecked)).collect());
    }
    let folded: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let held = store::assignments_of_names(read, customer, &folded)?;
    let skus = skus(read, customer, now)?;
    let mut marks = HashMap::with_capacity(names.len());
    for (name, folded) in names.iter().zip(&folded) {
        let mut has = Vec::new();
        for assignment in held.get(folded).into_iter().flatten() {
            let sku = skus.iter().find(|sku| sku.id == assignment.sku && sku.active > 0);
            let plans = sku.map(|sku| sku.plans.as_slice()).unwrap_or_default();
            has.extend(
                plans.iter().filter(|plan| !assignment.excluded.contains(&plan.id)).map(|plan| plan.name.as_str()),
            );
        }
        marks.insert(name.clone(), LicenceMark::of(required, &has));
    }
    Ok(marks)
}

/// The same of one user.
///
/// # Errors
/// Only the database's.
pub fn licence_mark(
    read: &mut Read<'_>,
    required: &[String],
    customer: CustomerId,
    user_principal_name: &str,
    now: Timestamp,
) -> QueryResult<LicenceMark> {
    let names = [user_principal_name.to_owned()];
    let marks = licence_marks(read, required, customer, &names, now)?;
    Ok(marks.into_values().next().unwrap_or(LicenceMark::NotChecked))
}

/// The mark of a user of a customer that the caller administers.
///
/// # Errors
/// [`UserError::Gate`], [`UserError::Unknown`].
pub fn check_licenses(
    read: &mut Read<'_>,
    me: &Scope,
    reference: &CustomerReference,
    user: &str,
    required: &[String],
    now: Timestamp,
) -> Outcome<LicenceMark, UserError> {
    let customer = delegation::has_right(read, me, reference, Right::ReadLicenses, now).map_err(Failure::widen)?;
    let user = found(read, customer, user, now)?;
    Ok(licence_mark(read, required, customer, &user.person.principal_name, now)?)
}

/// What must always be true of licences: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn license_invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let mut broken = Vec::new();
    for (customer, sku) in store::miscounted(read)? {
        broken.push(format!(
            "the licences of SKU {sku} that users of customer {customer} have are not as many as counted"
        ));
    }
    for user in store::misassigned(read)? {
        broken.push(format!("user {user} was removed, or is of another customer, and has licences"));
    }
    Ok(broken)
}
