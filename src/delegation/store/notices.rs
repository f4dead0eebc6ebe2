//! What customers are told about who administers them, and who is tenant owner.

use diesel::prelude::*;

use crate::access::{CustomerId, OrganisationId, PartnerId, UserId};
use crate::delegation::model::{EnderId, GrantId, Notice, NoticeId, TenantOwner, TenantOwnerId};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, insert_all, word};
use crate::platform::text::EmailAddress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    administration_notices (id) {
        id -> Id,
        customer_id -> Id,
        partner_id -> Id,
        kind -> Text,
        relationship_id -> Nullable<Id>,
        ends_at -> Nullable<Moment>,
        email -> Text,
        language -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    tenant_owners (id) {
        id -> Id,
        customer_id -> Id,
        partner_id -> Id,
        granted_by -> Id,
        granted_by_user -> Nullable<Id>,
        since -> Moment,
        until -> Nullable<Moment>,
        ended_by -> Nullable<Id>,
    }
}

#[derive(Insertable)]
#[diesel(table_name = administration_notices)]
struct NewNotice<'a> {
    id: NoticeId,
    customer_id: CustomerId,
    partner_id: PartnerId,
    kind: &'static str,
    relationship_id: Option<GrantId>,
    ends_at: Option<Timestamp>,
    email: &'a str,
    language: &'a str,
    created_at: Timestamp,
}

/// One for each mailbox; their ids are those of `notices`.
pub(in crate::delegation) fn insert_notices(tx: &mut Tx<'_>, notices: &[Notice]) -> QueryResult<()> {
    let rows: Vec<NewNotice<'_>> = notices
        .iter()
        .map(|notice| NewNotice {
            id: notice.id,
            customer_id: notice.customer,
            partner_id: notice.partner,
            kind: notice.kind.as_str(),
            relationship_id: notice.relationship,
            ends_at: notice.ends_at,
            email: notice.email.as_str(),
            language: &notice.language,
            created_at: notice.created_at,
        })
        .collect();
    insert_all!(tx, administration_notices::table, rows)?;
    Ok(())
}

/// By id alone: for the job that mails it.
pub(in crate::delegation) fn notice(read: &mut Read<'_>, id: NoticeId) -> QueryResult<Option<Notice>> {
    type Row = (NoticeId, CustomerId, PartnerId, String, Option<GrantId>, Option<Timestamp>, String, String, Timestamp);
    let row: Option<Row> =
        administration_notices::table.filter(administration_notices::id.eq(id)).first(read.connection()).optional()?;
    let read_row = |(id, customer, partner, kind, relationship, ends_at, email, language, created_at): Row| {
        let email =
            EmailAddress::try_from(email).map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
        Ok(Notice { id, customer, partner, kind: word(kind)?, relationship, ends_at, email, language, created_at })
    };
    row.map(read_row).transpose()
}

/// Gives tenant owner permission; the unique index is the net.
pub(in crate::delegation) fn insert_owner(tx: &mut Tx<'_>, new: &TenantOwner, user: Option<UserId>) -> QueryResult<()> {
    diesel::insert_into(tenant_owners::table)
        .values((
            tenant_owners::id.eq(new.id),
            tenant_owners::customer_id.eq(new.customer),
            tenant_owners::partner_id.eq(new.partner),
            tenant_owners::granted_by.eq(new.granted_by),
            tenant_owners::granted_by_user.eq(user),
            tenant_owners::since.eq(new.since),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Who is tenant owner of a customer's directory now, oldest first, at most `limit`.
pub(in crate::delegation) fn owners_of(
    read: &mut Read<'_>,
    customer: CustomerId,
    limit: i64,
) -> QueryResult<Vec<TenantOwner>> {
    let rows: Vec<(TenantOwnerId, PartnerId, OrganisationId, Timestamp)> = tenant_owners::table
        .filter(tenant_owners::customer_id.eq(customer))
        .filter(tenant_owners::until.is_null())
        .order(tenant_owners::id)
        .limit(limit)
        .select((tenant_owners::id, tenant_owners::partner_id, tenant_owners::granted_by, tenant_owners::since))
        .load(read.connection())?;
    let owner = |(id, partner, granted_by, since)| TenantOwner { id, customer, partner, granted_by, since };
    Ok(rows.into_iter().map(owner).collect())
}

/// Whether a partner was ever tenant owner there.
pub(in crate::delegation) fn has_been_owner(
    read: &mut Read<'_>,
    customer: CustomerId,
    partner: PartnerId,
) -> QueryResult<bool> {
    let found: Option<TenantOwnerId> = tenant_owners::table
        .filter(tenant_owners::customer_id.eq(customer))
        .filter(tenant_owners::partner_id.eq(partner))
        .select(tenant_owners::id)
        .first(read.connection())
        .optional()?;
    Ok(found.is_some())
}

/// Ends it. `false` if there was nothing to end.
pub(in crate::delegation) fn end_owner(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    partner: PartnerId,
    by: EnderId,
    now: Timestamp,
) -> QueryResult<bool> {
    let ended = diesel::update(tenant_owners::table)
        .filter(tenant_owners::customer_id.eq(customer))
        .filter(tenant_owners::partner_id.eq(partner))
        .filter(tenant_owners::until.is_null())
        .set((tenant_owners::until.eq(now), tenant_owners::ended_by.eq(by)))
        .execute(tx.connection())?;
    Ok(ended > 0)
}
