//! The Microsoft Partner Agreement: published by the operator, signed by partners.

use diesel::QueryResult;

use crate::access::{AccessError, Scope};
use crate::audit::{self, Actor, Event};
use crate::companies::model::{AgreementError, MpaVersion, Signature, SignatureId};
use crate::companies::store::agreements as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Outcome, Refusal};

/// Publishes a version of the partner agreement; the answer is the version as it stands. Publishing the same twice changes
/// nothing. `effective_at` is from when it asks for signatures: now, if absent.
///
/// # Errors
/// See [`AgreementError`].
pub fn publish_agreement(
    tx: &mut Tx<'_>,
    actor: &dyn Actor,
    version: &MpaVersion,
    effective_at: Option<Timestamp>,
    now: Timestamp,
) -> Outcome<MpaVersion, AgreementError> {
    if let Some(published) = store::version(tx, &version.version)? {
        let same = published.title == version.title
            && published.document_url == version.document_url
            && effective_at.is_none_or(|date| date == published.effective_at);
        return if same { Ok(published) } else { Err(AgreementError::VersionTaken(version.version.clone()).into()) };
    }
    let version = MpaVersion { effective_at: effective_at.unwrap_or(now), ..version.clone() };
    version.check(now)?;
    store::insert_version(tx, &version)?;
    let event = Event::AgreementPublished { user: actor.user(), version: version.version.clone() };
    audit::record(tx, actor, &event, now)?;
    Ok(version)
}

/// All versions, in the order in which they come into force, after the one whose date and name are `after`.
///
/// # Errors
/// Only the database's.
pub fn versions(read: &mut Read<'_>, after: Option<&(Timestamp, String)>, limit: i64) -> QueryResult<Vec<MpaVersion>> {
    store::versions(read, after, limit)
}

/// The agreement in force, if one is, and the signatures of the caller's company.
///
/// # Errors
/// Only the database's.
pub fn signatures(
    read: &mut Read<'_>,
    me: &Scope,
    after: Option<SignatureId>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<(Option<MpaVersion>, Vec<Signature>)> {
    store::in_force_and_signatures(read, me.partner(), after, limit, now)
}

/// The agreement in force, if one is, and the signature of the caller's company under it, if it has signed.
///
/// # Errors
/// Only the database's.
pub fn standing(
    read: &mut Read<'_>,
    me: &Scope,
    now: Timestamp,
) -> QueryResult<(Option<MpaVersion>, Option<Signature>)> {
    let Some(current) = store::current_version(read, now)? else { return Ok((None, None)) };
    let signature = store::signature(read, me.partner(), &current.version)?;
    Ok((Some(current), signature))
}

/// Signs for the caller's company the agreement in force, or the announced version that is `named`. Signing twice changes
/// nothing.
///
/// # Errors
/// See [`SignError`].
pub fn sign_agreement(
    tx: &mut Tx<'_>,
    me: &Scope,
    named: Option<&str>,
    now: Timestamp,
) -> Outcome<Signature, SignError> {
    let user = me.require_user().map_err(SignError::from)?;
    let current = store::current_version(tx, now)?.map(|version| version.version);
    let version = match named.filter(|named| current.as_deref() != Some(named)) {
        None => current.ok_or(SignError::from(AgreementError::NonePublished))?,
        Some(named) => match store::version(tx, named)?.filter(|version| version.effective_at > now) {
            Some(announced) => announced.version,
            None => {
                let current = current.ok_or(SignError::from(AgreementError::NonePublished))?;
                return Err(SignError::from(AgreementError::NotCurrent { current, named: named.to_owned() }).into());
            }
        },
    };
    if let Some(signed) = store::signature(tx, me.partner(), &version)? {
        return Ok(signed);
    }
    let signature = Signature { id: SignatureId::fresh(), version, user, signed_at: now };
    store::insert_signature(tx, &signature, me.partner())?;
    let event = Event::AgreementSigned { signature: signature.id.uuid(), version: signature.version.clone() };
    audit::record(tx, me, &event, now)?;
    Ok(signature)
}

/// Why an agreement is not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The agreement's part.
    #[error(transparent)]
    Agreement(#[from] AgreementError),
    /// The caller's part.
    #[error(transparent)]
    Access(#[from] AccessError),
}

impl Refusal for SignError {
    fn code(&self) -> Code {
        match self {
            SignError::Agreement(error) => error.code(),
            SignError::Access(error) => error.code(),
        }
    }
}

/// When the agreement that companies have signed lapses: the versions that come into force from `from` on and before
/// `until`, at most `limit`. Each asks everybody for a signature from its date (ruling 18 of the design).
///
/// # Errors
/// Only the database's.
pub fn agreements_coming(
    read: &mut Read<'_>,
    from: Timestamp,
    until: Timestamp,
    limit: i64,
) -> QueryResult<Vec<MpaVersion>> {
    store::coming(read, from, until, limit)
}
