//! Setup info: handing over the user name and temporary password of a customer's first admin, once, and again when lost.

use std::time::Duration;

use diesel::QueryResult;
use secrecy::SecretString;

use super::creation::ADMIN_NAME;
use super::gate::{GateError, require};
use crate::access::{self, AccessSettings, Account, CustomerId, Scope, UserId};
use crate::audit::{self, Actor, Event, System};
use crate::companies::{self, Regions};
use crate::customers::{self, CustomerReference, CustomerSettings, RelationshipMissing};
use crate::delegation::mail;
use crate::delegation::model::{
    CreateCustomerError, Recipient, RecipientForm, Right, SetupInfo, SetupInfoId, SetupInfoLink, SetupInfoLinkDead,
    SetupInfoState,
};
use crate::delegation::store::{self, setup_infos};
use crate::platform::clock::{Timestamp, days};
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Kind, Outcome, Refusal};
use crate::platform::http::RequestIds;
use crate::platform::jobs;
use crate::platform::keys::{Keys, LinkToken};

/// How the first admin of a customer gets its temporary password.
#[derive(Clone, Debug)]
pub enum Handover {
    /// It is shown to whoever asked for it; this is its hash.
    Shown(String),
    /// A named person reveals it by a link. Until then there is none, and nobody can sign in.
    Mailed(Recipient),
}

impl Handover {
    /// The hash of the password, if there is one yet.
    pub fn password_hash(&self) -> Option<&str> {
        match self {
            Handover::Shown(hash) => Some(hash),
            Handover::Mailed(_) => None,
        }
    }
}

/// What the operator decided: how long passwords and links can be used, and who sells where.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Of passwords.
    pub access: &'a AccessSettings,
    /// Of links.
    pub customers: &'a CustomerSettings,
    /// Of customers' countries.
    pub regions: &'a Regions,
}

/// A link's token never has another version: a new link is to another id.
const LINK_VERSION: i32 = 1;

/// The link that reveals setup info.
pub fn link(keys: &Keys, id: SetupInfoId) -> SecretString {
    keys.link::<SetupInfoLink>(id.uuid(), LINK_VERSION)
}

/// Wants the mail with the link that reveals the setup info of `user`.
pub(super) fn mail_setup_info(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: CustomerId,
    user: UserId,
    recipient: &Recipient,
    terms: Terms<'_>,
    now: Timestamp,
) -> QueryResult<SetupInfo> {
    let info = SetupInfo {
        id: SetupInfoId::fresh(),
        customer,
        user,
        partner: me.partner(),
        recipient: recipient.clone(),
        state: SetupInfoState::Open,
        created_at: now,
        expires_at: now.after(days(terms.customers.setup_info_days)),
    };
    setup_infos::insert(tx, &info)?;
    jobs::want(tx, mail::SETUP_INFO, info.id.uuid(), 1, now)?;
    let event = Event::SetupInfoMailed { setup_info: info.id.uuid(), customer: customer.uuid() };
    audit::record(tx, me, &event, now)?;
    Ok(info)
}

/// Setup info that can be revealed, without what it will reveal.
#[derive(Clone, Debug)]
pub struct Revealable {
    /// The hand-over.
    pub info: SetupInfo,
    /// The customer's company name.
    pub company: String,
    /// The partner's name.
    pub partner: String,
    /// The admin's account.
    pub account: Account,
}

/// What a link would reveal, and to whom it was sent. Changes nothing.
///
/// # Errors
/// [`SetupInfoLinkDead`], the same for every link that reveals nothing.
pub fn revealable(
    read: &mut Read<'_>,
    keys: &Keys,
    token: &LinkToken<SetupInfoLink>,
    now: Timestamp,
) -> Outcome<Revealable, SetupInfoLinkDead> {
    let found = setup_infos::by_id(read, SetupInfoId::from_uuid(token.id()))?;
    let info = found.filter(|info| keys.proves(token, LINK_VERSION) && info.is_open(now)).ok_or(SetupInfoLinkDead)?;
    let account = access::active_account(read, info.user)?.ok_or(SetupInfoLinkDead)?;
    let company = customers::names(read, &[info.customer])?.remove(&info.customer).unwrap_or_default();
    let partner = companies::profiles(read, &[info.partner])?.remove(&info.partner);
    Ok(Revealable { info, company, partner: partner.map(|profile| profile.name).unwrap_or_default(), account })
}

/// Setup info that was revealed, but for the password itself.
#[derive(Clone, Debug)]
pub struct Revealed {
    /// The customer's company name.
    pub company: String,
    /// Signs in as.
    pub user_name: String,
    /// Until when the temporary password can be used.
    pub expires_at: Timestamp,
}

/// Uses a link up: the password whose hash this is becomes the account's. Of any number of uses one does it.
///
/// # Errors
/// [`SetupInfoLinkDead`].
pub fn reveal(
    tx: &mut Tx<'_>,
    keys: &Keys,
    token: &LinkToken<SetupInfoLink>,
    password_hash: &str,
    settings: &AccessSettings,
    request: RequestIds,
    now: Timestamp,
) -> Outcome<Revealed, SetupInfoLinkDead> {
    let Revealable { info, company, account, .. } = revealable(tx, keys, token, now)?;
    if !setup_infos::use_up(tx, info.id)? {
        return Err(SetupInfoLinkDead.into());
    }
    let given = access::give_temporary_password(tx, &account, Some(password_hash), settings, now)?;
    let expires_at = given.ok_or(SetupInfoLinkDead)?;
    let event = Event::SetupInfoRevealed {
        setup_info: info.id.uuid(),
        customer: info.customer.uuid(),
        partner: info.partner.uuid(),
    };
    let visitor: &dyn Actor = &System { organisation: Some(info.customer.uuid()), request };
    audit::record(tx, visitor, &event, now)?;
    Ok(Revealed { company, user_name: account.user_name, expires_at })
}

/// Why setup info is not made anew.
#[derive(Debug, thiserror::Error)]
pub enum SetupInfoError {
    /// The customer's administration is not the caller's.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// Its first admin is not there any more.
    #[error(
        "The account {0}, which the customer was created with, was suspended or removed by the customer. Ask one of its \
         Global admins, who manage its users."
    )]
    AccountMissing(String),
    /// The account belongs to the customer by now.
    #[error(
        "{0} has signed in and has a password of its own, so the account is the customer's. Only a partner with full \
         delegated administration may still reset it; ask a Global admin of the customer."
    )]
    AccountIsOwn(String),
    /// More links than anybody needs.
    #[error("{0} links were mailed for this customer in the last 24 hours, which is the limit. Try again tomorrow.")]
    TooOften(i64),
    /// The person named.
    #[error(transparent)]
    Recipient(#[from] CreateCustomerError),
}

impl Refusal for SetupInfoError {
    fn code(&self) -> Code {
        match self {
            SetupInfoError::Gate(error) => error.code(),
            SetupInfoError::AccountMissing(_) => Code::new(910_371, "setupInfoAccountMissing", Kind::Conflict),
            SetupInfoError::AccountIsOwn(_) => Code::new(910_372, "setupInfoAccountIsOwn", Kind::Forbidden),
            SetupInfoError::TooOften(_) => Code::new(910_373, "setupInfoTooOften", Kind::TooMany),
            SetupInfoError::Recipient(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            SetupInfoError::Gate(error) => error.parameters(),
            SetupInfoError::AccountMissing(name) | SetupInfoError::AccountIsOwn(name) => {
                vec![("userName", name.clone())]
            }
            SetupInfoError::TooOften(_) => Vec::new(),
            SetupInfoError::Recipient(error) => error.parameters(),
        }
    }
    fn retry_after(&self) -> Option<u32> {
        matches!(self, SetupInfoError::TooOften(_)).then_some(24 * 60 * 60)
    }
}

/// Links mailed for one customer in 24 hours at most, so that nobody's mailbox is flooded.
const LINKS_A_DAY: i64 = 10;

/// Setup info made anew.
#[derive(Clone, Debug)]
pub struct ResetSetupInfo {
    /// The customer.
    pub customer: CustomerId,
    /// Signs in as.
    pub user_name: String,
    /// Until when the temporary password can be used, if it is shown at once.
    pub expires_at: Option<Timestamp>,
    /// To whom it goes otherwise.
    pub setup_info: Option<SetupInfo>,
}

/// Gives the customer's first admin another temporary password, or mails a link that reveals one. Whatever the account
/// had before ends: passwords, links, sessions, tokens. `password_hash` is there if nobody is named.
///
/// # Errors
/// See [`SetupInfoError`].
pub fn reset_setup_info(
    tx: &mut Tx<'_>,
    me: &Scope,
    customer: &CustomerReference,
    to: Option<&RecipientForm>,
    password_hash: Option<&str>,
    terms: Terms<'_>,
    now: Timestamp,
) -> Outcome<ResetSetupInfo, SetupInfoError> {
    let id = require(tx, me, customer, Right::ResetAdminPassword, now).map_err(Failure::widen)?;
    let recipient = to.map(RecipientForm::check).transpose();
    let recipient = recipient.map_err(|error| SetupInfoError::from(CreateCustomerError::from(error)))?;
    let missing = || SetupInfoError::Gate(RelationshipMissing(customer.as_str().to_owned()).into());
    let record = customers::own_record(tx, id)?.ok_or_else(missing)?;
    let user_name = format!("{ADMIN_NAME}@{}", record.domain);
    let account = access::active_account_named(tx, id.into(), &user_name)?
        .ok_or_else(|| SetupInfoError::AccountMissing(user_name.clone()))?;
    let own_account = !account.password_is_temporary;
    if own_account && !store::holds_everything(tx, me.partner(), id, now)? {
        return Err(SetupInfoError::AccountIsOwn(user_name).into());
    }
    if recipient.is_some() {
        let day_ago = now.before(Duration::from_secs(24 * 60 * 60));
        if setup_infos::count_since(tx, id, day_ago)? >= LINKS_A_DAY {
            return Err(SetupInfoError::TooOften(LINKS_A_DAY).into());
        }
    }
    setup_infos::replace_open(tx, id)?;
    let password_hash = password_hash.filter(|_| recipient.is_none());
    let given = access::give_temporary_password(tx, &account, password_hash, terms.access, now)?;
    let until = given.ok_or_else(|| SetupInfoError::AccountMissing(user_name.clone()))?;
    let mailed = recipient.is_some();
    let event = Event::SetupInfoReset { user: account.id.uuid(), customer: id.uuid(), own_account, mailed };
    audit::record(tx, me, &event, now)?;
    let setup_info = match &recipient {
        None => None,
        Some(recipient) => Some(mail_setup_info(tx, me, id, account.id, recipient, terms, now)?),
    };
    Ok(ResetSetupInfo { customer: id, user_name, expires_at: password_hash.map(|_| until), setup_info })
}

/// Links that wait to be used, but that no mail carries: each sentence is a violation.
pub(super) fn unmailed(read: &mut Read<'_>) -> QueryResult<Vec<String>> {
    let open: Vec<uuid::Uuid> = setup_infos::open_ids(read)?.into_iter().map(SetupInfoId::uuid).collect();
    let unmailed = jobs::unwanted(read, mail::SETUP_INFO, jobs::Which::Ever, &open)?;
    Ok(unmailed
        .into_iter()
        .map(|id| format!("I5: setup info {id} waits for its recipient, but no mail says so"))
        .collect())
}

/// Forgets links whose time is over.
///
/// # Errors
/// Only the database's.
pub fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> QueryResult<()> {
    setup_infos::forget_expired(tx, now)
}
