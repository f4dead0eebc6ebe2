//! Tables of customers and their relationships with partners.

pub mod directory;
pub mod lists;
pub mod records;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{BillingProfile, CustomerKey, CustomerRecord, Mark, Relationship, RelationshipId, searched};
use crate::access::{CustomerId, OrganisationId, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::db::types::{Id, Moment};
use crate::platform::db::{AnyConnection, MultiBackend, Read, Tx, word};
use crate::platform::text::folded;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customers (organisation_id) {
        organisation_id -> Id,
        created_by -> Id,
        company_name -> Text,
        company_name_folded -> Text,
        domain -> Text,
        profile -> Text,
        created_at -> Moment,
        version -> Integer,
        registration_number -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_relationships (id) {
        id -> Id,
        partner_id -> Id,
        customer_id -> Id,
        kind -> Text,
        provider_id -> Nullable<Id>,
        since -> Moment,
        until -> Nullable<Moment>,
        searched -> Text,
        last_sold_at -> Nullable<Moment>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(customers, customer_relationships);

/// Whose customers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose {
    /// Everybody's.
    All,
    /// A partner's.
    Partner(PartnerId),
    /// The customer itself.
    Itself(CustomerId),
}

fn written(value: &impl Serialize) -> QueryResult<String> {
    serde_json::to_string(value).map_err(|error| diesel::result::Error::SerializationError(error.into()))
}

fn read_back<T: DeserializeOwned>(text: &str) -> QueryResult<T> {
    serde_json::from_str(text).map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}

pub(super) fn insert(tx: &mut Tx<'_>, customer: &CustomerRecord, by: OrganisationId) -> QueryResult<()> {
    diesel::insert_into(customers::table)
        .values((
            customers::organisation_id.eq(customer.id),
            customers::created_by.eq(by),
            customers::company_name.eq(&customer.company_name),
            customers::company_name_folded.eq(folded(&customer.company_name)),
            customers::domain.eq(&customer.domain),
            customers::profile.eq(written(&customer.billing)?),
            customers::registration_number.eq(&customer.registration_number),
            customers::version.eq(customer.version),
            customers::created_at.eq(customer.created_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type CustomerRow = (CustomerId, String, String, String, Option<String>, i32, Timestamp);

fn record(row: CustomerRow) -> QueryResult<CustomerRecord> {
    let (id, company_name, domain, profile, registration_number, version, created_at) = row;
    let billing: BillingProfile = read_back(&profile)?;
    Ok(CustomerRecord { id, company_name, domain, registration_number, billing, version, created_at })
}

/// Guarded: replaces the billing profile if its version is the one before.
pub(super) fn replace_billing(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    billing: &BillingProfile,
    version: i32,
) -> QueryResult<bool> {
    let changed = diesel::update(customers::table)
        .filter(customers::organisation_id.eq(customer))
        .filter(customers::version.eq(version - 1))
        .set((customers::profile.eq(written(billing)?), customers::version.eq(version)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// By id alone: whoever asks is that customer.
pub(super) fn by_id(read: &mut Read<'_>, id: CustomerId) -> QueryResult<Option<CustomerRecord>> {
    let row: Option<CustomerRow> = customers::table
        .filter(customers::organisation_id.eq(id))
        .select((
            customers::organisation_id,
            customers::company_name,
            customers::domain,
            customers::profile,
            customers::registration_number,
            customers::version,
            customers::created_at,
        ))
        .first(read.connection())
        .optional()?;
    row.map(record).transpose()
}

pub(super) fn id_by_domain(read: &mut Read<'_>, domain: &str) -> QueryResult<Option<CustomerId>> {
    customers::table
        .filter(customers::domain.eq(domain))
        .select(customers::organisation_id)
        .first(read.connection())
        .optional()
}

/// The names of some customers. Whoever asks knows them by id already.
pub(super) fn names(read: &mut Read<'_>, ids: &[CustomerId]) -> QueryResult<Vec<(CustomerId, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    // SQLite takes a bounded number of parameters.
    for some in ids.chunks(5_000) {
        let rows: Vec<(CustomerId, String)> = customers::table
            .filter(customers::organisation_id.eq_any(some))
            .select((customers::organisation_id, customers::company_name))
            .load(read.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Customers whose name holds `part`, as `LIKE` writes it: of one partner, now or formerly, or one by itself.
pub(super) fn named(read: &mut Read<'_>, of: Whose, part: &str, limit: i64) -> QueryResult<Vec<CustomerId>> {
    let named = customers::table
        .filter(customers::company_name_folded.like(part).escape('\\'))
        .order(customers::organisation_id)
        .limit(limit)
        .select(customers::organisation_id)
        .into_boxed();
    let wanted = match of {
        Whose::All => named,
        Whose::Itself(id) => named.filter(customers::organisation_id.eq(id)),
        Whose::Partner(partner) => named.filter(
            customers::organisation_id.eq_any(
                customer_relationships::table
                    .filter(customer_relationships::partner_id.eq(partner))
                    .select(customer_relationships::customer_id),
            ),
        ),
    };
    wanted.load(read.connection())
}

pub(super) fn insert_relationship(tx: &mut Tx<'_>, relationship: &Relationship) -> QueryResult<()> {
    let (name, domain): (String, String) = customers::table
        .filter(customers::organisation_id.eq(relationship.customer))
        .select((customers::company_name, customers::domain))
        .first(tx.connection())?;
    diesel::insert_into(customer_relationships::table)
        .values((
            customer_relationships::id.eq(relationship.id),
            customer_relationships::partner_id.eq(relationship.partner),
            customer_relationships::customer_id.eq(relationship.customer),
            customer_relationships::kind.eq(relationship.kind.as_str()),
            customer_relationships::provider_id.eq(relationship.provider),
            customer_relationships::since.eq(relationship.since),
            customer_relationships::searched.eq(searched(&name, &domain)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type RelationshipRow = (RelationshipId, PartnerId, CustomerId, String, Option<PartnerId>, Timestamp);

fn relationship((id, partner, customer, kind, provider, since): RelationshipRow) -> QueryResult<Relationship> {
    Ok(Relationship { id, partner, customer, kind: word(kind)?, provider, since })
}

const RELATIONSHIP: (
    customer_relationships::id,
    customer_relationships::partner_id,
    customer_relationships::customer_id,
    customer_relationships::kind,
    customer_relationships::provider_id,
    customer_relationships::since,
) = (
    customer_relationships::id,
    customer_relationships::partner_id,
    customer_relationships::customer_id,
    customer_relationships::kind,
    customer_relationships::provider_id,
    customer_relationships::since,
);

pub(super) fn live_relationship(
    read: &mut Read<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> QueryResult<Option<Relationship>> {
    let row: Option<RelationshipRow> = customer_relationships::table
        .filter(customer_relationships::partner_id.eq(partner))
        .filter(customer_relationships::customer_id.eq(customer))
        .filter(customer_relationships::until.is_null())
        .select(RELATIONSHIP)
        .first(read.connection())
        .optional()?;
    row.map(relationship).transpose()
}

/// The record of a customer with which a partner has a relationship now, and which marks hold of it. Written out,
/// because marks speak of a table that this feature does not know; as a query of its own, because the databases keep
/// those prepared, and `sql_query` is planned anew each time.
struct MarkedCustomer<'a> {
    partner: PartnerId,
    key: &'a CustomerKey,
    marks: [Mark; 2],
    now: Timestamp,
}

impl QueryFragment<MultiBackend> for MarkedCustomer<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(
            "SELECT customers.organisation_id, customers.company_name, customers.domain, customers.profile, \
             customers.registration_number, customers.version, customers.created_at, ",
        );
        out.push_sql(self.marks[0].0);
        out.push_sql(", ");
        out.push_sql(self.marks[1].0);
        out.push_sql(
            " FROM customer_relationships \
             JOIN customers ON customers.organisation_id = customer_relationships.customer_id \
             CROSS JOIN (SELECT ",
        );
        out.push_bind_param::<Moment, _>(&self.now)?;
        out.push_sql(
            " AS now) AS moment WHERE customer_relationships.until IS NULL AND customer_relationships.partner_id = ",
        );
        out.push_bind_param::<Id, _>(&self.partner)?;
        match self.key {
            CustomerKey::Id(id) => {
                out.push_sql(" AND customer_relationships.customer_id = ");
                out.push_bind_param::<Id, _>(id)
            }
            CustomerKey::Domain(domain) => {
                out.push_sql(" AND customers.domain = ");
                out.push_bind_param::<Text, _>(domain.as_str())
            }
        }
    }
}

impl QueryId for MarkedCustomer<'_> {
    type QueryId = ();
    // The text depends on the key and the marks, so it is the name under which the query is kept.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for MarkedCustomer<'_> {
    type SqlType = (Id, Text, Text, Text, Nullable<Text>, Integer, Moment, Bool, Bool);
}

impl RunQueryDsl<AnyConnection> for MarkedCustomer<'_> {}

/// The record of a customer with which `partner` has a relationship now, by id or domain, and which of the marks hold of
/// it: a request has two round trips, its caller's and this one.
pub(super) fn customer_of(
    read: &mut Read<'_>,
    partner: PartnerId,
    key: &CustomerKey,
    marks: [Mark; 2],
    now: Timestamp,
) -> QueryResult<Option<(CustomerRecord, [bool; 2])>> {
    let query = MarkedCustomer { partner, key, marks, now };
    type Row = (CustomerId, String, String, String, Option<String>, i32, Timestamp, bool, bool);
    let row: Option<Row> = query.get_result(read.connection()).optional()?;
    row.map(|(id, name, domain, profile, number, version, created_at, first, second)| {
        Ok((record((id, name, domain, profile, number, version, created_at))?, [first, second]))
    })
    .transpose()
}

pub(super) fn live_relationships_of(read: &mut Read<'_>, customer: CustomerId) -> QueryResult<Vec<Relationship>> {
    let rows: Vec<RelationshipRow> = customer_relationships::table
        .filter(customer_relationships::customer_id.eq(customer))
        .filter(customer_relationships::until.is_null())
        .order(customer_relationships::id)
        .select(RELATIONSHIP)
        .load(read.connection())?;
    rows.into_iter().map(relationship).collect()
}

/// Guarded: something new is sold in a relationship that there is. Of copies whose clocks differ the latest holds.
pub(super) fn touch_live(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let touched = diesel::sql_query(
        "UPDATE customer_relationships SET last_sold_at = CASE WHEN last_sold_at > $1 THEN last_sold_at ELSE $1 END \
         WHERE partner_id = $2 AND customer_id = $3 AND until IS NULL",
    )
    .bind::<Moment, _>(now)
    .bind::<Id, _>(partner)
    .bind::<Id, _>(customer)
    .execute(tx.connection())?;
    Ok(touched == 1)
}

/// Ends what the two have, never before the last sale in it. `false` if there was nothing to end.
pub(super) fn end_relationship(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let live = customer_relationships::table
        .filter(customer_relationships::partner_id.eq(partner))
        .filter(customer_relationships::customer_id.eq(customer))
        .filter(customer_relationships::until.is_null());
    let last: Option<Option<Timestamp>> =
        live.select(customer_relationships::last_sold_at).first(tx.connection()).optional()?;
    let at = last.flatten().map_or(now, |last| last.max(now));
    let ended = diesel::update(customer_relationships::table)
        .filter(customer_relationships::partner_id.eq(partner))
        .filter(customer_relationships::customer_id.eq(customer))
        .filter(customer_relationships::until.is_null())
        .set(customer_relationships::until.eq(at))
        .execute(tx.connection())?;
    Ok(ended > 0)
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    customers: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    marked: i64,
}

/// How many customers `reseller` serves through `provider`, and of how many `mark` is true at `now`.
pub(super) fn count_associated(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    mark: Mark,
    now: Timestamp,
) -> QueryResult<(i64, i64)> {
    let row: CountRow = diesel::sql_query(format!(
        "SELECT count(*) AS customers, count(CASE WHEN {} THEN 1 END) AS marked \
         FROM customer_relationships CROSS JOIN (SELECT $1 AS now) AS moment \
         WHERE partner_id = $2 AND provider_id = $3 AND until IS NULL",
        mark.0
    ))
    .bind::<Moment, _>(now)
    .bind::<Id, _>(reseller)
    .bind::<Id, _>(provider)
    .get_result(read.connection())?;
    Ok((row.customers, row.marked))
}

pub(super) fn served_through(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    customers: &[CustomerId],
) -> QueryResult<Vec<CustomerId>> {
    customer_relationships::table
        .filter(customer_relationships::partner_id.eq(reseller))
        .filter(customer_relationships::provider_id.eq(provider))
        .filter(customer_relationships::until.is_null())
        .filter(customer_relationships::customer_id.eq_any(customers))
        .select(customer_relationships::customer_id)
        .load(read.connection())
}

type PeriodRow = (RelationshipId, PartnerId, CustomerId, Timestamp, Option<Timestamp>);

/// When relationships were: for the invariants, in pages of ids.
pub(super) fn periods(read: &mut Read<'_>, after: Option<RelationshipId>, limit: i64) -> QueryResult<Vec<PeriodRow>> {
    let mut query = customer_relationships::table
        .select((
            customer_relationships::id,
            customer_relationships::partner_id,
            customer_relationships::customer_id,
            customer_relationships::since,
            customer_relationships::until,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(customer_relationships::id.gt(after));
    }
    query.order(customer_relationships::id).limit(limit).load(read.connection())
}

/// Relationships through a provider: reseller, provider, since when. For the invariants, in pages of ids.
pub(super) fn through_providers(
    read: &mut Read<'_>,
    after: Option<RelationshipId>,
    limit: i64,
) -> QueryResult<Vec<Relationship>> {
    let mut query = customer_relationships::table
        .filter(customer_relationships::provider_id.is_not_null())
        .select(RELATIONSHIP)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(customer_relationships::id.gt(after));
    }
    let rows: Vec<RelationshipRow> = query.order(customer_relationships::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(relationship).collect()
}

/// Relationships whose searched text is not that of their customer. For the invariants.
pub(super) fn wrongly_searched(read: &mut Read<'_>) -> QueryResult<Vec<RelationshipId>> {
    customer_relationships::table
        .inner_join(customers::table.on(customers::organisation_id.eq(customer_relationships::customer_id)))
        .filter(
            customer_relationships::searched.ne(customers::company_name_folded.concat("\n").concat(customers::domain)),
        )
        .order(customer_relationships::id)
        .limit(100)
        .select(customer_relationships::id)
        .load(read.connection())
}
