//! Who may be reseller of record: an active reseller of the provider, by the MPN ID of the location it onboarded with.

use crate::access::{PartnerId, Scope};
use crate::companies::{self, MpnId, MpnKind};
use crate::partnerships;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::text::shorten;
use crate::subscriptions::model::associations::ResellerOfRecord;
use crate::subscriptions::model::orders::WantedReseller;
use crate::subscriptions::model::refusals::ResellerOfRecordError;

/// The reseller of record that the provider `me` names. The partnership is touched, so that a removal at the same moment
/// comes wholly before or after.
///
/// # Errors
/// See [`ResellerOfRecordError`].
pub(super) fn resolve(
    tx: &mut Tx<'_>,
    me: &Scope,
    wanted: &WantedReseller,
    now: Timestamp,
) -> Outcome<ResellerOfRecord, ResellerOfRecordError> {
    match wanted {
        WantedReseller::Partner(reseller) => {
            let unknown = || ResellerOfRecordError::NotAReseller(*reseller);
            active(tx, me, *reseller, now)?.then_some(()).ok_or_else(unknown)?;
            let (name, onboarded) = named(tx, *reseller)?;
            let mpn_id = onboarded.ok_or_else(unknown)?;
            fit(tx, *reseller, &name, now)?;
            Ok(ResellerOfRecord { reseller: *reseller, mpn_id })
        }
        WantedReseller::MpnId(given) => {
            let shown = shorten(given.trim(), 40);
            let unknown = || ResellerOfRecordError::Unknown(shown.clone());
            let mpn_id = MpnId::try_from(given.trim().to_owned()).map_err(|_| unknown())?;
            let account = companies::mpn_account(tx, &mpn_id)?.ok_or_else(unknown)?;
            if account.company == me.partner() {
                return Err(ResellerOfRecordError::Own(shown).into());
            }
            active(tx, me, account.company, now)?.then_some(()).ok_or_else(unknown)?;
            let (reseller, onboarded) = named(tx, account.company)?;
            let onboarded = onboarded.unwrap_or_default();
            if account.kind == MpnKind::Global {
                return Err(ResellerOfRecordError::Global { given: shown, reseller, onboarded }.into());
            }
            if !account.onboarded {
                return Err(ResellerOfRecordError::NeverOnboarded { given: shown, reseller, onboarded }.into());
            }
            fit(tx, account.company, &reseller, now)?;
            Ok(ResellerOfRecord { reseller: account.company, mpn_id: onboarded })
        }
    }
}

fn active(tx: &mut Tx<'_>, me: &Scope, reseller: PartnerId, now: Timestamp) -> Outcome<bool, ResellerOfRecordError> {
    match partnerships::associate(tx, me, reseller, now) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(Failure::Database(error)) => Err(error.into()),
    }
}

fn named(read: &mut Read<'_>, reseller: PartnerId) -> Outcome<(String, Option<String>), ResellerOfRecordError> {
    let profile = companies::profiles(read, &[reseller])?.remove(&reseller);
    Ok(profile.map(|profile| (profile.name, profile.mpn_id)).unwrap_or_default())
}

/// Whether it may be named in something new.
///
/// # Errors
/// See [`ResellerOfRecordError`].
pub(super) fn fit(
    read: &mut Read<'_>,
    reseller: PartnerId,
    name: &str,
    now: Timestamp,
) -> Outcome<(), ResellerOfRecordError> {
    if !companies::enrolment_approved(read, reseller)? {
        return Err(ResellerOfRecordError::ProgramInactive(name.to_owned()).into());
    }
    if !companies::mpa_active(read, reseller, now)? {
        return Err(ResellerOfRecordError::AgreementMissing(name.to_owned()).into());
    }
    Ok(())
}
