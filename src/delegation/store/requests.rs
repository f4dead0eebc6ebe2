//! Requests for a relationship, and the versions of standing links.

use diesel::prelude::*;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::delegation::model::requests::{Asked, Request, RequestId, RequestState, ShownRequests};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::stretch::Stretch;
use crate::platform::text::EmailAddress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    relationship_requests (id) {
        id -> Id,
        partner_id -> Id,
        created_by -> Nullable<Id>,
        provider_id -> Id,
        reseller_id -> Nullable<Id>,
        delegated_admin -> Bool,
        email -> Nullable<Text>,
        language -> Text,
        subject -> Text,
        message -> Text,
        standing_link_version -> Nullable<Integer>,
        state -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        opened_at -> Nullable<Moment>,
        answered_at -> Nullable<Moment>,
        answered_by -> Nullable<Id>,
        decline_reason -> Nullable<Text>,
    }
}

use relationship_requests as requests;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = relationship_requests)]
struct RequestRow {
    id: RequestId,
    partner_id: PartnerId,
    created_by: Option<UserId>,
    provider_id: PartnerId,
    reseller_id: Option<PartnerId>,
    delegated_admin: bool,
    email: Option<String>,
    language: String,
    subject: String,
    message: String,
    standing_link_version: Option<i32>,
    state: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    opened_at: Option<Timestamp>,
    answered_at: Option<Timestamp>,
    answered_by: Option<CustomerId>,
    decline_reason: Option<String>,
}

impl RequestRow {
    fn of(request: &Request) -> Self {
        Self {
            id: request.id,
            partner_id: request.partner,
            created_by: request.created_by,
            provider_id: request.provider,
            reseller_id: request.reseller,
            delegated_admin: request.delegated_admin,
            email: request.email.as_ref().map(|email| email.as_str().to_owned()),
            language: request.language.as_str().to_owned(),
            subject: request.subject.clone(),
            message: request.message.clone(),
            standing_link_version: request.standing_link_version,
            state: request.state.as_str().to_owned(),
            created_at: request.created_at,
            expires_at: request.expires_at,
            opened_at: request.opened_at,
            answered_at: request.answered_at,
            answered_by: request.answered_by,
            decline_reason: request.decline_reason.clone(),
        }
    }

    fn request(self) -> QueryResult<Request> {
        let email = self.email.map(EmailAddress::try_from).transpose();
        Ok(Request {
            id: self.id,
            partner: self.partner_id,
            created_by: self.created_by,
            provider: self.provider_id,
            reseller: self.reseller_id,
            delegated_admin: self.delegated_admin,
            email: email.map_err(|error| diesel::result::Error::DeserializationError(error.to_string().into()))?,
            language: word(self.language)?,
            subject: self.subject,
            message: self.message,
            standing_link_version: self.standing_link_version,
            state: word(self.state)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            opened_at: self.opened_at,
            answered_at: self.answered_at,
            answered_by: self.answered_by,
            decline_reason: self.decline_reason,
        })
    }
}

pub(in crate::delegation) fn insert(tx: &mut Tx<'_>, request: &Request) -> QueryResult<()> {
    diesel::insert_into(requests::table).values(RequestRow::of(request)).execute(tx.connection())?;
    Ok(())
}

/// By id alone: whoever asks holds a link, which is proved against the row, or is a job that has the id from one.
pub(in crate::delegation) fn by_id(read: &mut Read<'_>, id: RequestId) -> QueryResult<Option<Request>> {
    let row = requests::table.filter(requests::id.eq(id)).select(RequestRow::as_select());
    row.first(read.connection()).optional()?.map(RequestRow::request).transpose()
}

pub(in crate::delegation) fn of(
    read: &mut Read<'_>,
    partner: PartnerId,
    id: RequestId,
) -> QueryResult<Option<Request>> {
    let row = requests::table
        .filter(requests::id.eq(id))
        .filter(requests::partner_id.eq(partner))
        .select(RequestRow::as_select());
    row.first(read.connection()).optional()?.map(RequestRow::request).transpose()
}

/// In the order in which they were made; open and expired ones in the order of their ends, so that neither are looked for
/// among the others. `after` is the end and the id of the last one known.
pub(in crate::delegation) fn list(
    read: &mut Read<'_>,
    partner: PartnerId,
    shown: ShownRequests,
    after: Option<(Timestamp, RequestId)>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<Request>> {
    let mut query =
        requests::table.filter(requests::partner_id.eq(partner)).select(RequestRow::as_select()).into_boxed();
    let open = RequestState::Open.as_str();
    // One bound on each side: of two, SQLite begins at the one it happens to take.
    query = match (shown, after) {
        (ShownRequests::All, _) => query,
        (ShownRequests::Ended(state), _) => query.filter(requests::state.eq(state.as_str())),
        (ShownRequests::Open, Some((end, _))) if end > now => query.filter(requests::state.eq(open)),
        (ShownRequests::Open, _) => query.filter(requests::state.eq(open)).filter(requests::expires_at.gt(now)),
        (ShownRequests::Expired, _) => query.filter(requests::state.eq(open)).filter(requests::expires_at.le(now)),
    };
    query = match (shown, after) {
        (ShownRequests::Open, Some((end, _))) if end <= now => query,
        (ShownRequests::Open | ShownRequests::Expired, Some((end, id))) => {
            query.filter(requests::expires_at.ge(end)).filter(requests::expires_at.gt(end).or(requests::id.gt(id)))
        }
        (_, Some((_, id))) => query.filter(requests::id.gt(id)),
        (_, None) => query,
    };
    query = match shown {
        ShownRequests::Open | ShownRequests::Expired => query.order((requests::expires_at, requests::id)),
        _ => query.order(requests::id),
    };
    let rows = query.limit(limit).load(read.connection())?;
    rows.into_iter().map(RequestRow::request).collect()
}

/// Open requests of a partner in order of their ends.
pub(in crate::delegation) fn ending(
    read: &mut Read<'_>,
    partner: PartnerId,
    stretch: &Stretch,
) -> QueryResult<Vec<Request>> {
    let (at, id) = stretch.start();
    let rows = requests::table
        .filter(requests::partner_id.eq(partner))
        .filter(requests::state.eq(RequestState::Open.as_str()))
        .filter(requests::expires_at.ge(at))
        .filter(requests::expires_at.lt(stretch.until))
        .filter(requests::expires_at.gt(at).or(requests::id.gt(RequestId::from_uuid(id))))
        .order((requests::expires_at, requests::id))
        .limit(stretch.limit)
        .select(RequestRow::as_select())
        .load(read.connection())?;
    rows.into_iter().map(RequestRow::request).collect()
}

/// How a request ended.
pub(in crate::delegation) struct End<'a> {
    pub(in crate::delegation) state: RequestState,
    pub(in crate::delegation) by: Option<CustomerId>,
    pub(in crate::delegation) reason: Option<&'a str>,
    pub(in crate::delegation) at: Timestamp,
}

/// Guarded: a request is answered or revoked once.
pub(in crate::delegation) fn close(tx: &mut Tx<'_>, id: RequestId, end: &End<'_>) -> QueryResult<bool> {
    let changed = diesel::update(requests::table)
        .filter(requests::id.eq(id))
        .filter(requests::state.eq(RequestState::Open.as_str()))
        .set((
            requests::state.eq(end.state.as_str()),
            requests::answered_at.eq(end.at),
            requests::answered_by.eq(end.by),
            requests::decline_reason.eq(end.reason),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: the first opening counts.
pub(in crate::delegation) fn mark_opened(tx: &mut Tx<'_>, id: RequestId, now: Timestamp) -> QueryResult<bool> {
    let changed = diesel::update(requests::table)
        .filter(requests::id.eq(id))
        .filter(requests::state.eq(RequestState::Open.as_str()))
        .filter(requests::opened_at.is_null())
        .set(requests::opened_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Whether `customer` said no to exactly this by this version of a standing link.
pub(in crate::delegation) fn has_declined(
    read: &mut Read<'_>,
    customer: CustomerId,
    asked: &Asked,
    version: i32,
) -> QueryResult<bool> {
    let said: Vec<(PartnerId, Option<PartnerId>)> = requests::table
        .filter(requests::answered_by.eq(customer))
        .filter(requests::partner_id.eq(asked.partner))
        .filter(requests::state.eq(RequestState::Declined.as_str()))
        .filter(requests::standing_link_version.eq(version))
        .filter(requests::delegated_admin.eq(asked.delegated_admin))
        .select((requests::provider_id, requests::reseller_id))
        .load(read.connection())?;
    Ok(said.contains(&(asked.provider, asked.reseller)))
}

/// Every approved request, in pages of ids: for the invariants.
pub(in crate::delegation) fn approved(
    read: &mut Read<'_>,
    after: Option<RequestId>,
    limit: i64,
) -> QueryResult<Vec<Request>> {
    let mut query = requests::table
        .filter(requests::state.eq(RequestState::Approved.as_str()))
        .select(RequestRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(requests::id.gt(after));
    }
    let rows = query.order(requests::id).limit(limit).load(read.connection())?;
    rows.into_iter().map(RequestRow::request).collect()
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    relationship_links (partner_id) {
        partner_id -> Id,
        version -> Integer,
        changed_at -> Moment,
    }
}

/// Which standing link of a partner is good, if it has touched it.
pub(in crate::delegation) fn link_version(read: &mut Read<'_>, partner: PartnerId) -> QueryResult<Option<i32>> {
    relationship_links::table
        .filter(relationship_links::partner_id.eq(partner))
        .select(relationship_links::version)
        .first(read.connection())
        .optional()
}

/// Guarded: another standing link takes the place of that in version `from`; `None` if the partner has not touched it yet.
pub(in crate::delegation) fn set_link_version(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    from: Option<i32>,
    version: i32,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = match from {
        None => diesel::insert_into(relationship_links::table)
            .values((
                relationship_links::partner_id.eq(partner),
                relationship_links::version.eq(version),
                relationship_links::changed_at.eq(now),
            ))
            .execute(tx.connection())?,
        Some(from) => diesel::update(relationship_links::table)
            .filter(relationship_links::partner_id.eq(partner))
            .filter(relationship_links::version.eq(from))
            .set((relationship_links::version.eq(version), relationship_links::changed_at.eq(now)))
            .execute(tx.connection())?,
    };
    Ok(changed == 1)
}
