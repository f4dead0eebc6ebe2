//! Grants: how they begin, what they reach, and what must be true of them.

use std::collections::HashMap;

use diesel::QueryResult;

use super::notices::{Told, tell_customer};
use super::setup_info::unmailed;
use crate::access::{CustomerId, OrganisationId, PartnerId};
use crate::customers::{self, CustomerRecord};
use crate::delegation::model::{Grant, GrantId, GrantOrigin, NoticeKind};
use crate::delegation::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};

/// Begins full delegated administration of a customer, without an end.
///
/// # Errors
/// Only the database's.
pub fn grant_everything(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    origin: GrantOrigin,
    now: Timestamp,
) -> QueryResult<()> {
    let id = GrantId::fresh();
    store::insert(tx, &Grant { id, partner, customer, origin, all_roles: true, starts_at: now, ends_at: None })?;
    let told = Told { customer, partner, kind: NoticeKind::Granted, relationship: None, ends_at: None };
    tell_customer(tx, &told, now)
}

/// How many customers `reseller` serves through `provider`, and how many of them it can administer.
///
/// # Errors
/// Only the database's.
pub fn count_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    now: Timestamp,
) -> QueryResult<(i64, i64)> {
    customers::count_associated(read, provider, reseller, store::LIVE_GRANT, now)
}

/// A page of the customers that `reseller` serves through `provider`, and whether it can administer each.
///
/// # Errors
/// Only the database's.
pub fn served_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    after: Option<CustomerId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<(CustomerRecord, bool)>> {
    let records = customers::associated_with(read, provider, reseller, after, limit)?;
    let ids: Vec<CustomerId> = records.iter().map(|record| record.id).collect();
    let live = store::live_among(read, reseller, &ids, now)?;
    Ok(records.into_iter().map(|record| (record.clone(), live.contains(&record.id))).collect())
}

/// When which partner could administer which customer: for the invariants.
pub struct GrantPeriods(HashMap<(PartnerId, CustomerId), Vec<Period>>);

/// From when, until when if it has ended.
type Period = (Timestamp, Option<Timestamp>);

impl GrantPeriods {
    /// All of them, in pages.
    ///
    /// # Errors
    /// Only the database's.
    pub fn load(read: &mut Read<'_>) -> QueryResult<Self> {
        let mut periods: HashMap<_, Vec<_>> = HashMap::new();
        let mut after = None;
        loop {
            let page = store::all(read, after, 10_000)?;
            let Some(last) = page.last() else { return Ok(Self(periods)) };
            after = Some(last.id);
            for grant in &page {
                periods.entry((grant.partner, grant.customer)).or_default().push((grant.starts_at, grant.ends_at));
            }
        }
    }

    /// Whether `acting` could administer `customer` at `at`, by a grant or by being it.
    pub fn include(&self, acting: OrganisationId, customer: CustomerId, at: Timestamp) -> bool {
        let partner = PartnerId::from_uuid(acting.uuid());
        let periods = self.0.get(&(partner, customer)).map(Vec::as_slice).unwrap_or_default();
        acting == customer.into() || periods.iter().any(|(start, end)| *start <= at && end.is_none_or(|end| at <= end))
    }
}

/// What must always be true of this feature's rows: each sentence is a violation.
///
/// # Errors
/// Only the database's.
pub fn invariants(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let periods = GrantPeriods::load(read)?;
    let backwards =
        periods.0.iter().filter(|(_, list)| list.iter().any(|(start, end)| end.is_some_and(|end| end < *start)));
    let mut broken: Vec<String> = backwards
        .map(|((partner, customer), _)| format!("a grant of {partner} over {customer} ends before it starts"))
        .collect();
    broken.extend(unmailed(read)?);
    Ok(broken)
}
