//! Use cases of a provider's standing link.

use diesel::QueryResult;
use secrecy::SecretString;

use super::invitations::{Wording, Words, words};
use crate::access::{PartnerId, Scope};
use crate::audit::{self, Event};
use crate::partnerships::model::{DraftError, StandingLink};
use crate::partnerships::store::standing_links as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::BaseUrl;
use crate::platform::keys::Keys;

/// A provider's standing link.
#[derive(Clone, Copy, Debug)]
pub struct StandingLinkState {
    /// Which link is good.
    pub version: i32,
    /// Since when it is as it is, if it was ever changed.
    pub changed_at: Option<Timestamp>,
    /// Whether there is none now.
    pub revoked: bool,
}

/// The standing link of the caller's company, and the usual words to send it with.
///
/// # Errors
/// See [`DraftError`].
pub fn standing_link(
    read: &mut Read<'_>,
    me: &Scope,
    wording: &Wording,
    base: &BaseUrl,
) -> Outcome<(StandingLinkState, Words), DraftError> {
    let state = standing_link_of(read, me.partner())?;
    Ok((state, words(read, me, wording, base, None)?))
}

/// The standing link of a provider. One that was never touched has its first version.
pub(super) fn standing_link_of(read: &mut Read<'_>, provider: PartnerId) -> QueryResult<StandingLinkState> {
    let untouched = StandingLinkState { version: 1, changed_at: None, revoked: false };
    Ok(store::standing_link(read, provider)?.map_or(untouched, |(version, changed_at, revoked_at)| StandingLinkState {
        version,
        changed_at: Some(changed_at),
        revoked: revoked_at.is_some(),
    }))
}

/// The token of a provider's standing link.
pub fn standing_token(keys: &Keys, provider: PartnerId, version: i32) -> SecretString {
    keys.link::<StandingLink>(provider.uuid(), version)
}

/// Puts a new standing link in the place of the present one, which is dead from then on.
///
/// # Errors
/// Only the database's.
pub fn rotate_standing_link(tx: &mut Tx<'_>, me: &Scope, now: Timestamp) -> QueryResult<StandingLinkState> {
    let before = standing_link_of(tx, me.partner())?;
    let version = before.version + 1;
    change_standing_link(tx, me, before, version, None, now)?;
    audit::record(tx, me, &Event::StandingLinkRotated { provider: me.partner().uuid(), version }, now)?;
    Ok(StandingLinkState { version, changed_at: Some(now), revoked: false })
}

/// Takes the standing link back; there is none until the next rotation. Twice changes nothing.
///
/// # Errors
/// Only the database's.
pub fn revoke_standing_link(tx: &mut Tx<'_>, me: &Scope, now: Timestamp) -> QueryResult<()> {
    let before = standing_link_of(tx, me.partner())?;
    if before.revoked {
        return Ok(());
    }
    change_standing_link(tx, me, before, before.version, Some(now), now)?;
    audit::record(tx, me, &Event::StandingLinkRevoked { provider: me.partner().uuid() }, now)
}

fn change_standing_link(
    tx: &mut Tx<'_>,
    me: &Scope,
    before: StandingLinkState,
    version: i32,
    revoked_at: Option<Timestamp>,
    now: Timestamp,
) -> QueryResult<()> {
    let from = before.changed_at.map(|_| before.version);
    match store::set_standing_link(tx, me.partner(), from, version, revoked_at, now)? {
        true => Ok(()),
        // Somebody else changed it since it was read in this very transaction: it is tried again.
        false => Err(diesel::result::Error::RollbackTransaction),
    }
}
