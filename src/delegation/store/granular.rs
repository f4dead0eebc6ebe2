//! Tables of granular delegated administration.

use diesel::prelude::*;

use super::grants;
use crate::access::{CustomerId, PartnerId, UserId};
use crate::delegation::model::{
    DirectoryRole, EXTENSION_DAYS, EnderId, GrantId, Granular, GranularName, GranularState, GranularStatus,
    GranularTerms,
};
use crate::platform::clock::Timestamp;
use crate::platform::db::{MultiBackend, Read, Tx, word};
use crate::platform::stretch::Stretch;
use crate::platform::text::folded;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    delegated_admin_relationships (id) {
        id -> Id,
        partner_id -> Id,
        customer_id -> Nullable<Id>,
        display_name -> Text,
        display_name_folded -> Text,
        days -> Integer,
        auto_extend_days -> Integer,
        roles -> Text,
        state -> Text,
        version -> Integer,
        created_by -> Nullable<Id>,
        created_at -> Moment,
        modified_at -> Moment,
        lapses_at -> Nullable<Moment>,
        activated_at -> Nullable<Moment>,
        ends_at -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
    }
}

use delegated_admin_relationships as relationships;

#[derive(Queryable, Selectable)]
#[diesel(table_name = delegated_admin_relationships)]
struct GranularRow {
    id: GrantId,
    partner_id: PartnerId,
    customer_id: Option<CustomerId>,
    display_name: String,
    days: i32,
    auto_extend_days: i32,
    roles: String,
    state: String,
    version: i32,
    created_by: Option<UserId>,
    created_at: Timestamp,
    modified_at: Timestamp,
    lapses_at: Option<Timestamp>,
    activated_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

/// Roles as a column holds them.
pub(super) fn written(roles: &[DirectoryRole]) -> String {
    roles.iter().map(|role| role.id().to_string()).collect::<Vec<_>>().join(" ")
}

pub(super) fn read_roles(text: &str) -> Vec<DirectoryRole> {
    // A role that this version of the program does not know opens nothing here.
    text.split(' ').filter_map(|id| DirectoryRole::known(id.parse().ok()?)).collect()
}

impl GranularRow {
    fn granular(self) -> QueryResult<Granular> {
        let display_name = GranularName::try_from(self.display_name)
            .map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
        Ok(Granular {
            id: self.id,
            partner: self.partner_id,
            customer: self.customer_id,
            terms: GranularTerms {
                display_name,
                days: self.days,
                auto_extend: self.auto_extend_days > 0,
                roles: read_roles(&self.roles),
            },
            state: word(self.state)?,
            version: self.version,
            created_by: self.created_by,
            created_at: self.created_at,
            modified_at: self.modified_at,
            lapses_at: self.lapses_at,
            activated_at: self.activated_at,
            ends_at: self.ends_at,
        })
    }
}

fn extension(terms: &GranularTerms) -> i32 {
    if terms.auto_extend { EXTENSION_DAYS } else { 0 }
}

pub(in crate::delegation) fn insert(tx: &mut Tx<'_>, new: &Granular) -> QueryResult<()> {
    diesel::insert_into(relationships::table)
        .values((
            relationships::id.eq(new.id),
            relationships::partner_id.eq(new.partner),
            relationships::customer_id.eq(new.customer),
            relationships::display_name.eq(new.terms.display_name.as_str()),
            relationships::display_name_folded.eq(folded(new.terms.display_name.as_str())),
            relationships::days.eq(new.terms.days),
            relationships::auto_extend_days.eq(extension(&new.terms)),
            relationships::roles.eq(written(&new.terms.roles)),
            relationships::state.eq(new.state.as_str()),
            relationships::version.eq(new.version),
            relationships::created_by.eq(new.created_by),
            relationships::created_at.eq(new.created_at),
            relationships::modified_at.eq(new.modified_at),
            relationships::lapses_at.eq(new.lapses_at),
            relationships::activated_at.eq(new.activated_at),
            relationships::ends_at.eq(new.ends_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Which of a partner's relationships are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GranularFilter {
    /// In this status.
    pub status: Option<GranularStatus>,
    /// With this customer.
    pub customer: Option<CustomerId>,
}

/// Those of one partner that a filter lets through.
fn filtered(
    partner: PartnerId,
    filter: &GranularFilter,
    now: Timestamp,
) -> relationships::BoxedQuery<'static, MultiBackend> {
    let mut query = relationships::table.filter(relationships::partner_id.eq(partner)).into_boxed();
    if let Some(customer) = filter.customer {
        query = query.filter(relationships::customer_id.eq(customer));
    }
    let state = |state: GranularState| relationships::state.eq(state.as_str());
    match filter.status {
        None => query,
        Some(GranularStatus::Created) => query.filter(state(GranularState::Created)),
        Some(GranularStatus::ApprovalPending) => {
            query.filter(state(GranularState::ApprovalPending)).filter(relationships::lapses_at.gt(now))
        }
        Some(GranularStatus::Active) => {
            query.filter(state(GranularState::Active)).filter(relationships::ends_at.gt(now))
        }
        Some(GranularStatus::Expired) => {
            let lapsed = state(GranularState::ApprovalPending).nullable().and(relationships::lapses_at.le(now));
            let ended = state(GranularState::Active).nullable().and(relationships::ends_at.le(now));
            query.filter(lapsed.or(ended))
        }
        Some(GranularStatus::Terminated) => query.filter(state(GranularState::Terminated)),
    }
}

/// In which order a list comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were made.
    #[default]
    OldestFirst,
    /// The other way.
    NewestFirst,
}

/// A page of those of one partner.
pub(in crate::delegation) fn of_partner(
    read: &mut Read<'_>,
    partner: PartnerId,
    filter: &GranularFilter,
    order: Order,
    after: Option<GrantId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<Granular>> {
    let query = filtered(partner, filter, now).select(GranularRow::as_select()).limit(limit);
    let query = match (order, after) {
        (Order::OldestFirst, None) => query.order(relationships::id.asc()),
        (Order::OldestFirst, Some(after)) => query.filter(relationships::id.gt(after)).order(relationships::id.asc()),
        (Order::NewestFirst, None) => query.order(relationships::id.desc()),
        (Order::NewestFirst, Some(after)) => query.filter(relationships::id.lt(after)).order(relationships::id.desc()),
    };
    let rows: Vec<GranularRow> = query.load(read.connection())?;
    rows.into_iter().map(GranularRow::granular).collect()
}

/// How many there are of one partner.
pub(in crate::delegation) fn count_of_partner(
    read: &mut Read<'_>,
    partner: PartnerId,
    filter: &GranularFilter,
    now: Timestamp,
) -> QueryResult<i64> {
    filtered(partner, filter, now).count().get_result(read.connection())
}

/// By id alone: for a link that proves it, and for jobs.
pub(in crate::delegation) fn by_id(read: &mut Read<'_>, id: GrantId) -> QueryResult<Option<Granular>> {
    let row: Option<GranularRow> = relationships::table
        .filter(relationships::id.eq(id))
        .select(GranularRow::as_select())
        .first(read.connection())
        .optional()?;
    row.map(GranularRow::granular).transpose()
}

/// One of a partner's own.
pub(in crate::delegation) fn of_partner_by_id(
    read: &mut Read<'_>,
    partner: PartnerId,
    id: GrantId,
) -> QueryResult<Option<Granular>> {
    Ok(by_id(read, id)?.filter(|found| found.partner == partner))
}

/// Those of a customer in force at `now`, or those that ask, oldest first, at most `limit`.
pub(in crate::delegation) fn of_customer(
    read: &mut Read<'_>,
    customer: CustomerId,
    end: GranularEnd,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<Granular>> {
    let query = relationships::table.filter(relationships::customer_id.eq(customer)).into_boxed();
    let query = match end {
        GranularEnd::Administration => {
            query.filter(relationships::state.eq(GranularState::Active.as_str())).filter(relationships::ends_at.gt(now))
        }
        GranularEnd::Request => query
            .filter(relationships::state.eq(GranularState::ApprovalPending.as_str()))
            .filter(relationships::lapses_at.gt(now)),
    };
    let rows: Vec<GranularRow> =
        query.order(relationships::id).limit(limit).select(GranularRow::as_select()).load(read.connection())?;
    rows.into_iter().map(GranularRow::granular).collect()
}

/// What a partner has of a customer at `now`, or asks for: all of it, because what ends them may leave none.
pub(in crate::delegation) fn unended_between(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<Vec<Granular>> {
    let active =
        relationships::state.eq(GranularState::Active.as_str()).and(relationships::ends_at.assume_not_null().gt(now));
    let asking = relationships::state
        .eq(GranularState::ApprovalPending.as_str())
        .and(relationships::lapses_at.assume_not_null().gt(now));
    let rows: Vec<GranularRow> = relationships::table
        .filter(relationships::customer_id.eq(customer))
        .filter(relationships::partner_id.eq(partner))
        .filter(active.or(asking))
        .order(relationships::id)
        .select(GranularRow::as_select())
        .load(read.connection())?;
    rows.into_iter().map(GranularRow::granular).collect()
}

/// Whose relationships.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// A partner's own.
    Partner(PartnerId),
    /// Those with a customer.
    Customer(CustomerId),
}

/// Which end of a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GranularEnd {
    /// That of what is in force.
    Administration,
    /// That of a request that waits for the customer.
    Request,
}

/// Relationships in order of their ends, in a stretch of time; those with one customer if it is named.
pub(in crate::delegation) fn ending(
    read: &mut Read<'_>,
    side: Side,
    with: Option<CustomerId>,
    end: GranularEnd,
    stretch: &Stretch,
) -> QueryResult<Vec<Granular>> {
    let (at, id) = stretch.start();
    let (id, until) = (GrantId::from_uuid(id), stretch.until);
    let mut query = relationships::table.select(GranularRow::as_select()).limit(stretch.limit).into_boxed();
    query = match side {
        Side::Partner(partner) => query.filter(relationships::partner_id.eq(partner)),
        Side::Customer(customer) => query.filter(relationships::customer_id.eq(customer)),
    };
    if let Some(customer) = with {
        query = query.filter(relationships::customer_id.eq(customer));
    }
    query = match end {
        GranularEnd::Administration => query
            .filter(relationships::state.eq(GranularState::Active.as_str()))
            .filter(relationships::ends_at.ge(at))
            .filter(relationships::ends_at.lt(until))
            .filter(relationships::ends_at.gt(at).or(relationships::id.nullable().gt(id)))
            .order((relationships::ends_at, relationships::id)),
        GranularEnd::Request => query
            .filter(relationships::state.eq(GranularState::ApprovalPending.as_str()))
            .filter(relationships::lapses_at.ge(at))
            .filter(relationships::lapses_at.lt(until))
            .filter(relationships::lapses_at.gt(at).or(relationships::id.nullable().gt(id)))
            .order((relationships::lapses_at, relationships::id)),
    };
    let rows: Vec<GranularRow> = query.load(read.connection())?;
    rows.into_iter().map(GranularRow::granular).collect()
}

pub(in crate::delegation) fn name_is_taken(
    read: &mut Read<'_>,
    partner: PartnerId,
    name: &GranularName,
    but: GrantId,
) -> QueryResult<bool> {
    let found: Option<GrantId> = relationships::table
        .filter(relationships::partner_id.eq(partner))
        .filter(relationships::display_name_folded.eq(folded(name.as_str())))
        .select(relationships::id)
        .first(read.connection())
        .optional()?;
    Ok(found.is_some_and(|id| id != but))
}

/// Writes terms and customer of what is still as it was read.
pub(in crate::delegation) fn change(
    tx: &mut Tx<'_>,
    before: &Granular,
    terms: &GranularTerms,
    customer: Option<CustomerId>,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(relationships::table)
        .filter(relationships::id.eq(before.id))
        .filter(relationships::version.eq(before.version))
        .filter(relationships::state.eq(before.state.as_str()))
        .set((
            relationships::display_name.eq(terms.display_name.as_str()),
            relationships::display_name_folded.eq(folded(terms.display_name.as_str())),
            relationships::days.eq(terms.days),
            relationships::auto_extend_days.eq(extension(terms)),
            relationships::roles.eq(written(&terms.roles)),
            relationships::customer_id.eq(customer),
            relationships::version.eq(before.version + 1),
            relationships::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Asks the customer, until `lapses_at`.
pub(in crate::delegation) fn lock(
    tx: &mut Tx<'_>,
    before: &Granular,
    lapses_at: Timestamp,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(relationships::table)
        .filter(relationships::id.eq(before.id))
        .filter(relationships::state.eq(GranularState::Created.as_str()))
        .filter(relationships::version.eq(before.version))
        .set((
            relationships::state.eq(GranularState::ApprovalPending.as_str()),
            relationships::lapses_at.eq(lapses_at),
            relationships::version.eq(before.version + 1),
            relationships::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The customer said yes. Of two answers at once, one counts.
pub(in crate::delegation) fn activate(
    tx: &mut Tx<'_>,
    before: &Granular,
    customer: CustomerId,
    ends_at: Timestamp,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(relationships::table)
        .filter(relationships::id.eq(before.id))
        .filter(relationships::state.eq(GranularState::ApprovalPending.as_str()))
        .filter(relationships::version.eq(before.version))
        .set((
            relationships::state.eq(GranularState::Active.as_str()),
            relationships::customer_id.eq(customer),
            relationships::activated_at.eq(now),
            relationships::ends_at.eq(ends_at),
            relationships::version.eq(before.version + 1),
            relationships::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// The customer said no, and which one it was.
pub(in crate::delegation) fn decline(
    tx: &mut Tx<'_>,
    before: &Granular,
    customer: CustomerId,
    by: EnderId,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(relationships::table)
        .filter(relationships::id.eq(before.id))
        .filter(relationships::state.eq(GranularState::ApprovalPending.as_str()))
        .filter(relationships::version.eq(before.version))
        .set((
            relationships::state.eq(GranularState::Terminated.as_str()),
            relationships::customer_id.eq(customer),
            relationships::ended_by.eq(by),
            relationships::version.eq(before.version + 1),
            relationships::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Ends some that are not over: active ones, and those that ask.
pub(in crate::delegation) fn terminate(
    tx: &mut Tx<'_>,
    ids: &[GrantId],
    by: EnderId,
    at: Timestamp,
) -> QueryResult<usize> {
    let unended = [GranularState::Active.as_str(), GranularState::ApprovalPending.as_str()];
    diesel::update(relationships::table)
        .filter(relationships::id.eq_any(ids))
        .filter(relationships::state.eq_any(unended))
        .set((
            relationships::state.eq(GranularState::Terminated.as_str()),
            relationships::ends_at.eq(at),
            relationships::ended_by.eq(by),
            relationships::version.eq(relationships::version + 1),
            relationships::modified_at.eq(at),
        ))
        .execute(tx.connection())
}

/// Moves the end of one that is active and ends at `from`, and that of its grant.
pub(in crate::delegation) fn extend(
    tx: &mut Tx<'_>,
    id: GrantId,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> QueryResult<bool> {
    let extended = diesel::update(relationships::table)
        .filter(relationships::id.eq(id))
        .filter(relationships::state.eq(GranularState::Active.as_str()))
        .filter(relationships::ends_at.eq(from))
        .set((
            relationships::ends_at.eq(to),
            relationships::version.eq(relationships::version + 1),
            relationships::modified_at.eq(now),
        ))
        .execute(tx.connection())?;
    if extended == 1 {
        diesel::update(grants::table)
            .filter(grants::id.eq(id))
            .filter(grants::ended_by.is_null())
            .set(grants::ends_at.eq(to))
            .execute(tx.connection())?;
    }
    Ok(extended == 1)
}

/// Removes one that was never asked for.
pub(in crate::delegation) fn delete(tx: &mut Tx<'_>, before: &Granular) -> QueryResult<bool> {
    let deleted = diesel::delete(relationships::table)
        .filter(relationships::id.eq(before.id))
        .filter(relationships::state.eq(GranularState::Created.as_str()))
        .filter(relationships::version.eq(before.version))
        .execute(tx.connection())?;
    Ok(deleted == 1)
}
