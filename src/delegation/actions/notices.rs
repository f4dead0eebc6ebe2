//! What customers are told: every change in who may administer them, to the mailboxes of their Global admins and to the
//! contact of their billing profile.

use diesel::QueryResult;

use crate::access::{self, CustomerId, PartnerId};
use crate::customers;
use crate::delegation::actions::ADMIN_NAME;
use crate::delegation::mail;
use crate::delegation::model::{GrantId, Granular, Notice, NoticeId, NoticeKind};
use crate::delegation::store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::portal::Language;

/// What a customer is told of, and about which partner.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Who is told.
    pub customer: CustomerId,
    /// About whom.
    pub partner: PartnerId,
    /// What.
    pub kind: NoticeKind,
    /// By which delegated admin relationship, if by one.
    pub relationship: Option<GrantId>,
    /// When that ends, or ended.
    pub ends_at: Option<Timestamp>,
}

impl Told {
    /// About a delegated admin relationship.
    pub fn about(relationship: &Granular, customer: CustomerId, kind: NoticeKind, ends_at: Option<Timestamp>) -> Self {
        Self { customer, partner: relationship.partner, kind, relationship: Some(relationship.id), ends_at }
    }
}

/// Has a customer told, in the transaction that makes it true.
///
/// # Errors
/// Only the database's.
pub fn tell_customer(tx: &mut Tx<'_>, told: &Told, now: Timestamp) -> QueryResult<()> {
    let Told { customer, partner, kind, relationship, ends_at } = *told;
    let Some(record) = customers::own_record(tx, customer)? else { return Ok(()) };
    // The first admin's name is made with the customer; nobody has said that there is a mailbox of that name.
    let made = format!("{ADMIN_NAME}@{}", record.domain);
    let mut mailboxes = access::admins_of(tx, customer.into())?;
    mailboxes.retain(|(mailbox, _)| mailbox.as_str() != made);
    let contact = crate::platform::text::EmailAddress::try_from(record.billing.email.clone());
    if let Ok(contact) = contact
        && !mailboxes.iter().any(|(mailbox, _)| *mailbox == contact)
    {
        let language = Language::from_tag(&record.billing.language).unwrap_or(Language::English);
        mailboxes.push((contact, language));
    }
    let notice = |(email, language): (_, Language)| Notice {
        id: NoticeId::fresh(),
        customer,
        partner,
        kind,
        relationship,
        ends_at,
        email,
        language: language.code().to_owned(),
        created_at: now,
    };
    let notices: Vec<Notice> = mailboxes.into_iter().map(notice).collect();
    store::notices::insert_notices(tx, &notices)?;
    let ids: Vec<uuid::Uuid> = notices.iter().map(|notice| notice.id.uuid()).collect();
    jobs::want_each(tx, mail::NOTICE, &ids, 1, now)
}
