//! Use cases of a partner's standing link, as the contract has it.

use diesel::QueryResult;
use secrecy::ExposeSecret;

use super::asking::sides;
use crate::access::{OrganisationKind, PartnerId, Scope};
use crate::audit::{self, Event};
use crate::companies;
use crate::delegation::model::request_refusals::AskError;
use crate::delegation::model::requests::{StandingRequestLink, link_address};
use crate::delegation::store::requests as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::http::BaseUrl;
use crate::platform::keys::Keys;

/// The standing link of the caller's company, for its own customers or with a partner. It asks for delegated
/// administration; the names of its query are those that clients of the contract know.
///
/// # Errors
/// See [`AskError`].
pub fn standing_url(
    read: &mut Read<'_>,
    me: &Scope,
    keys: &Keys,
    base: &BaseUrl,
    provider: Option<PartnerId>,
    reseller: Option<PartnerId>,
) -> Outcome<String, AskError> {
    me.require_user().map_err(AskError::from)?;
    let (provider, reseller) = sides(read, me, provider, reseller)?;
    let own = me.partner();
    let token = keys.link::<StandingRequestLink>(own.uuid(), link_version(read, own)?);
    let query = match me.kind() {
        OrganisationKind::Provider => {
            let with = reseller.map(|id| format!("&indirectResellerId={id}")).unwrap_or_default();
            format!("invType=ResellerRelationship&partnerId={own}&msppId=0{with}&DAP=true")
        }
        _ => {
            let profile = companies::profiles(read, &[own])?.remove(&own);
            let mpn_id = profile.and_then(|profile| profile.mpn_id).unwrap_or_else(|| "0".to_owned());
            let through = provider.map(|id| format!("&indirectCSPId={id}")).unwrap_or_default();
            format!("invType=IndirectResellerRelationship&partnerId={own}&msppId={mpn_id}{through}&DAP=true")
        }
    };
    Ok(format!("{}?{query}", link_address(base, token.expose_secret())))
}

/// Which standing link of a partner is good: the first, until it is rotated.
pub(super) fn link_version(read: &mut Read<'_>, partner: PartnerId) -> QueryResult<i32> {
    Ok(store::link_version(read, partner)?.unwrap_or(1))
}

/// Puts a new standing link in the place of the present one, which is dead from then on.
///
/// # Errors
/// Only the database's.
pub fn rotate(tx: &mut Tx<'_>, me: &Scope, now: Timestamp) -> QueryResult<()> {
    let before = store::link_version(tx, me.partner())?;
    let version = before.unwrap_or(1) + 1;
    if !store::set_link_version(tx, me.partner(), before, version, now)? {
        // Somebody else changed it since it was read in this very transaction: it is tried again.
        return Err(diesel::result::Error::RollbackTransaction);
    }
    audit::record(tx, me, &Event::RelationshipLinkRotated { partner: me.partner().uuid(), version }, now)
}
