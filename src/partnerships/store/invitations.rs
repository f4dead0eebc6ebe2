//! Invitations.

use std::time::Duration;

use diesel::prelude::*;

use crate::access::{PartnerId, UserId};
use crate::companies::MpnId;
use crate::partnerships::model::{Invitation, InvitationId, InvitationState, Shown};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};
use crate::platform::stretch::Stretch;
use crate::platform::text::EmailAddress;

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    invitations (id) {
        id -> Id,
        provider_id -> Id,
        created_by -> Nullable<Id>,
        email -> Text,
        mpn_id -> Nullable<Text>,
        subject -> Text,
        message -> Text,
        state -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        answered_at -> Nullable<Moment>,
        answered_by -> Nullable<Id>,
        decline_reason -> Nullable<Text>,
        language -> Text,
        link_version -> Integer,
        sent_outside_at -> Nullable<Moment>,
        opened_at -> Nullable<Moment>,
        opened_by -> Nullable<Id>,
    }
}

pub(in crate::partnerships) fn insert(tx: &mut Tx<'_>, invitation: &Invitation) -> QueryResult<()> {
    diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(invitation.id),
            invitations::provider_id.eq(invitation.provider),
            invitations::created_by.eq(invitation.created_by),
            invitations::email.eq(invitation.email.as_str()),
            invitations::mpn_id.eq(invitation.mpn_id.as_ref().map(MpnId::as_str)),
            invitations::subject.eq(&invitation.subject),
            invitations::message.eq(&invitation.message),
            invitations::state.eq(invitation.state.as_str()),
            invitations::created_at.eq(invitation.created_at),
            invitations::expires_at.eq(invitation.expires_at),
            invitations::language.eq(invitation.language.as_str()),
            invitations::link_version.eq(invitation.link_version),
        ))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    id: InvitationId,
    provider_id: PartnerId,
    created_by: Option<UserId>,
    email: String,
    mpn_id: Option<String>,
    language: String,
    subject: String,
    message: String,
    link_version: i32,
    state: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    sent_outside_at: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    opened_by: Option<PartnerId>,
    answered_at: Option<Timestamp>,
    answered_by: Option<PartnerId>,
    decline_reason: Option<String>,
}

impl InvitationRow {
    fn invitation(self) -> QueryResult<Invitation> {
        let unreadable = |error: String| diesel::result::Error::DeserializationError(error.into());
        Ok(Invitation {
            id: self.id,
            provider: self.provider_id,
            created_by: self.created_by,
            email: EmailAddress::try_from(self.email).map_err(|error| unreadable(error.to_string()))?,
            mpn_id: self.mpn_id.map(MpnId::try_from).transpose().map_err(unreadable)?,
            language: word(self.language)?,
            subject: self.subject,
            message: self.message,
            link_version: self.link_version,
            state: word(self.state)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            sent_outside_at: self.sent_outside_at,
            opened_at: self.opened_at,
            opened_by: self.opened_by,
            answered_at: self.answered_at,
            answered_by: self.answered_by,
            decline_reason: self.decline_reason,
        })
    }
}

/// By id alone: whoever asks holds a link, which is proved against the row, or is a job that has the id from one.
pub(in crate::partnerships) fn by_id(read: &mut Read<'_>, id: InvitationId) -> QueryResult<Option<Invitation>> {
    let row = invitations::table.filter(invitations::id.eq(id)).select(InvitationRow::as_select());
    row.first(read.connection()).optional()?.map(InvitationRow::invitation).transpose()
}

pub(in crate::partnerships) fn of(
    read: &mut Read<'_>,
    provider: PartnerId,
    id: InvitationId,
) -> QueryResult<Option<Invitation>> {
    let row = invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::provider_id.eq(provider))
        .select(InvitationRow::as_select());
    row.first(read.connection()).optional()?.map(InvitationRow::invitation).transpose()
}

/// The open invitation to an MPN ID; without one, that to the mailbox which names none.
pub(in crate::partnerships) fn open_to(
    read: &mut Read<'_>,
    provider: PartnerId,
    email: &EmailAddress,
    mpn_id: Option<&MpnId>,
    now: Timestamp,
) -> QueryResult<Option<Invitation>> {
    let query = invitations::table
        .filter(invitations::provider_id.eq(provider))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::expires_at.gt(now))
        .select(InvitationRow::as_select())
        .into_boxed();
    let query = match mpn_id {
        Some(mpn_id) => query.filter(invitations::mpn_id.eq(mpn_id.as_str())),
        None => query.filter(invitations::email.eq(email.as_str())).filter(invitations::mpn_id.is_null()),
    };
    // Not ordered by the database: it would rather walk all that are open in that order than look for these few.
    let rows: Vec<InvitationRow> = query.limit(FEW).load(read.connection())?;
    rows.into_iter().min_by_key(|row| row.id).map(InvitationRow::invitation).transpose()
}

/// Open invitations to one mailbox or company, of which there is one but for races of renewals.
const FEW: i64 = 10;

/// Open invitations that name one of a reseller's MPN IDs, or that it has opened.
pub(in crate::partnerships) fn count_open_to(
    read: &mut Read<'_>,
    provider: PartnerId,
    reseller: PartnerId,
    mpn_ids: &[String],
    now: Timestamp,
) -> QueryResult<i64> {
    let open = invitations::table
        .filter(invitations::provider_id.eq(provider))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::expires_at.gt(now));
    let named: i64 = open.filter(invitations::mpn_id.eq_any(mpn_ids)).count().get_result(read.connection())?;
    let opened: i64 = open
        .filter(invitations::opened_by.eq(reseller))
        .filter(invitations::mpn_id.is_null())
        .count()
        .get_result(read.connection())?;
    Ok(named + opened)
}

/// In the order in which they were made; open and expired ones in the order of their ends, so that neither are looked for
/// among the others. `after` is the end and the id of the last one known.
pub(in crate::partnerships) fn list(
    read: &mut Read<'_>,
    provider: PartnerId,
    shown: Shown,
    after: Option<(Timestamp, InvitationId)>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<Invitation>> {
    let mut query = invitations::table
        .filter(invitations::provider_id.eq(provider))
        .select(InvitationRow::as_select())
        .into_boxed();
    let open = InvitationState::Open.as_str();
    // One bound on each side: of two, SQLite begins at the one it happens to take.
    query = match (shown, after) {
        (Shown::All, _) => query,
        (Shown::Ended(state), _) => query.filter(invitations::state.eq(state.as_str())),
        (Shown::Open, Some((end, _))) if end > now => query.filter(invitations::state.eq(open)),
        (Shown::Open, _) => query.filter(invitations::state.eq(open)).filter(invitations::expires_at.gt(now)),
        (Shown::Expired, _) => query.filter(invitations::state.eq(open)).filter(invitations::expires_at.le(now)),
    };
    query = match (shown, after) {
        (Shown::Open, Some((end, _))) if end <= now => query,
        (Shown::Open | Shown::Expired, Some((end, id))) => query
            .filter(invitations::expires_at.ge(end))
            .filter(invitations::expires_at.gt(end).or(invitations::id.gt(id))),
        (_, Some((_, id))) => query.filter(invitations::id.gt(id)),
        (_, None) => query,
    };
    query = match shown {
        Shown::Open | Shown::Expired => query.order((invitations::expires_at, invitations::id)),
        _ => query.order(invitations::id),
    };
    let rows = query.limit(limit).load(read.connection())?;
    rows.into_iter().map(InvitationRow::invitation).collect()
}

/// Open invitations of a provider in order of their ends.
pub(in crate::partnerships) fn ending(
    read: &mut Read<'_>,
    provider: PartnerId,
    stretch: &Stretch,
) -> QueryResult<Vec<(InvitationId, Timestamp, String)>> {
    let (at, id) = stretch.start();
    let id = InvitationId::from_uuid(id);
    invitations::table
        .filter(invitations::provider_id.eq(provider))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::expires_at.ge(at))
        .filter(invitations::expires_at.lt(stretch.until))
        .filter(invitations::expires_at.gt(at).or(invitations::id.gt(id)))
        .order((invitations::expires_at, invitations::id))
        .limit(stretch.limit)
        .select((invitations::id, invitations::expires_at, invitations::email))
        .load(read.connection())
}

/// Guarded: an invitation is answered or revoked once, and by the link that is good at that moment.
pub(in crate::partnerships) fn close(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    state: InvitationState,
    by: PartnerId,
    reason: Option<&str>,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::id.eq(invitation.id))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::link_version.eq(invitation.link_version))
        .set((
            invitations::state.eq(state.as_str()),
            invitations::answered_at.eq(now),
            invitations::answered_by.eq(by),
            invitations::decline_reason.eq(reason),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: the first opening of a link counts.
pub(in crate::partnerships) fn mark_opened(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    by: PartnerId,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::id.eq(invitation.id))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::link_version.eq(invitation.link_version))
        .filter(invitations::opened_at.is_null())
        .set((invitations::opened_at.eq(now), invitations::opened_by.eq(by)))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Guarded: the first time counts.
pub(in crate::partnerships) fn mark_sent_outside(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    now: Timestamp,
) -> QueryResult<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::id.eq(invitation.id))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::sent_outside_at.is_null())
        .set(invitations::sent_outside_at.eq(now))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

pub(in crate::partnerships) fn set_draft(
    tx: &mut Tx<'_>,
    id: InvitationId,
    subject: &str,
    message: &str,
) -> QueryResult<()> {
    diesel::update(invitations::table)
        .filter(invitations::id.eq(id))
        .set((invitations::subject.eq(subject), invitations::message.eq(message)))
        .execute(tx.connection())?;
    Ok(())
}

/// Guarded: gives an invitation, still open, a new link, a new end, and words that may be new.
pub(in crate::partnerships) fn renew(tx: &mut Tx<'_>, before: &Invitation, renewed: &Invitation) -> QueryResult<bool> {
    let changed = diesel::update(invitations::table)
        .filter(invitations::id.eq(before.id))
        .filter(invitations::state.eq(InvitationState::Open.as_str()))
        .filter(invitations::link_version.eq(before.link_version))
        .set((
            invitations::link_version.eq(renewed.link_version),
            invitations::expires_at.eq(renewed.expires_at),
            invitations::language.eq(renewed.language.as_str()),
            invitations::subject.eq(&renewed.subject),
            invitations::message.eq(&renewed.message),
            invitations::sent_outside_at.eq(None::<Timestamp>),
            invitations::opened_at.eq(None::<Timestamp>),
            invitations::opened_by.eq(None::<PartnerId>),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    invitation_mails (id) {
        id -> Id,
        recipient -> Text,
        provider_id -> Id,
        user_id -> Nullable<Id>,
        wanted_at -> Moment,
    }
}

crate::ids! {
    /// A mail that a limit counts.
    CountedMailId,
}

pub(in crate::partnerships) fn count_mail(
    tx: &mut Tx<'_>,
    recipient: &EmailAddress,
    provider: PartnerId,
    user: Option<UserId>,
    now: Timestamp,
) -> QueryResult<()> {
    diesel::insert_into(invitation_mails::table)
        .values((
            invitation_mails::id.eq(CountedMailId::fresh()),
            invitation_mails::recipient.eq(recipient.as_str()),
            invitation_mails::provider_id.eq(provider),
            invitation_mails::user_id.eq(user),
            invitation_mails::wanted_at.eq(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Whose counted mails are looked at.
#[derive(Clone, Copy, Debug)]
pub(in crate::partnerships) enum Counted<'a> {
    To(&'a EmailAddress),
    ByPerson(UserId),
    ByCompany(PartnerId),
}

/// When the `nth` newest counted mail since `since` was wanted, if there are so many: the limit is free again a day later.
pub(in crate::partnerships) fn nth_newest_mail(
    read: &mut Read<'_>,
    counted: Counted<'_>,
    nth: i64,
    since: Timestamp,
) -> QueryResult<Option<Timestamp>> {
    let mut query = invitation_mails::table
        .filter(invitation_mails::wanted_at.gt(since))
        .select(invitation_mails::wanted_at)
        .into_boxed();
    query = match counted {
        Counted::To(recipient) => query.filter(invitation_mails::recipient.eq(recipient.as_str())),
        Counted::ByPerson(user) => query.filter(invitation_mails::user_id.eq(user)),
        Counted::ByCompany(provider) => query.filter(invitation_mails::provider_id.eq(provider)),
    };
    query.order(invitation_mails::wanted_at.desc()).offset(nth - 1).limit(1).first(read.connection()).optional()
}

/// How long mails are counted: twice the day that limits look back on.
const COUNTED: Duration = Duration::from_secs(2 * 24 * 60 * 60);

pub(in crate::partnerships) fn forget_counted(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::delete(invitation_mails::table.filter(invitation_mails::wanted_at.le(now.before(COUNTED))))
        .execute(tx.connection())?;
    Ok(())
}
