//! Qualifications, agreements, domains and consents of customers.

use diesel::prelude::*;

use super::{read_back, written};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::customers::model::{
    AcceptedAgreement, AgreementTemplate, CustomerAgreementId, Qualification, QualificationDetails,
    StatedQualification, template,
};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, word};

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_qualifications (customer_id, qualification) {
        customer_id -> Id,
        qualification -> Text,
        details -> Text,
        stated_by -> Id,
        stated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{Id, Moment};
    customer_agreements (id) {
        id -> Id,
        customer_id -> Id,
        template_id -> Id,
        contact -> Text,
        agreed_at -> Moment,
        attested_by -> Id,
        attested_by_user -> Nullable<Id>,
        attested_at -> Moment,
    }
}

crate::ids! {
    /// A template's id, as it is stored.
    TemplateId,
}

type QualificationRow = (String, String, Timestamp);

fn qualification((qualification, details, stated_at): QualificationRow) -> QueryResult<StatedQualification> {
    let (qualification, details) = (word(qualification)?, read_back::<QualificationDetails>(&details)?);
    Ok(StatedQualification { qualification, details, stated_at })
}

/// What is stated of a customer, in the order in which it was.
pub(in crate::customers) fn qualifications_of(
    read: &mut Read<'_>,
    customer: CustomerId,
) -> QueryResult<Vec<StatedQualification>> {
    use customer_qualifications as stated;
    let rows: Vec<QualificationRow> = stated::table
        .filter(stated::customer_id.eq(customer))
        .order((stated::stated_at, stated::qualification))
        .select((stated::qualification, stated::details, stated::stated_at))
        .load(read.connection())?;
    rows.into_iter().map(qualification).collect()
}

/// States a qualification, in place of what was stated of it before.
pub(in crate::customers) fn state(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    by: PartnerId,
    new: &StatedQualification,
) -> QueryResult<()> {
    use customer_qualifications as stated;
    withdraw(tx, customer, Some(new.qualification))?;
    diesel::insert_into(stated::table)
        .values((
            stated::customer_id.eq(customer),
            stated::qualification.eq(new.qualification.as_str()),
            stated::details.eq(written(&new.details)?),
            stated::stated_by.eq(by),
            stated::stated_at.eq(new.stated_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes back one qualification, or all of them.
pub(in crate::customers) fn withdraw(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    one: Option<Qualification>,
) -> QueryResult<usize> {
    use customer_qualifications as stated;
    let mut gone = diesel::delete(stated::table).filter(stated::customer_id.eq(customer)).into_boxed();
    if let Some(one) = one {
        gone = gone.filter(stated::qualification.eq(one.as_str()));
    }
    gone.execute(tx.connection())
}

type AgreementRow = (CustomerAgreementId, TemplateId, String, Timestamp, PartnerId, Option<UserId>, Timestamp);

fn agreement(row: AgreementRow) -> QueryResult<AcceptedAgreement> {
    let (id, stored, contact, agreed_at, attested_by, user, attested_at) = row;
    let template: AgreementTemplate =
        template(&stored.to_string()).map_err(|error| diesel::result::Error::DeserializationError(error.into()))?;
    let (contact, attested_by_user) = (read_back(&contact)?, user.map(UserId::uuid));
    Ok(AcceptedAgreement { id, template, contact, agreed_at, attested_by, attested_by_user, attested_at })
}

/// The agreements that a customer accepted, in the order in which that was recorded.
pub(in crate::customers) fn agreements_of(
    read: &mut Read<'_>,
    customer: CustomerId,
) -> QueryResult<Vec<AcceptedAgreement>> {
    use customer_agreements as accepted;
    let rows: Vec<AgreementRow> = accepted::table
        .filter(accepted::customer_id.eq(customer))
        .order(accepted::id)
        .select((
            accepted::id,
            accepted::template_id,
            accepted::contact,
            accepted::agreed_at,
            accepted::attested_by,
            accepted::attested_by_user,
            accepted::attested_at,
        ))
        .load(read.connection())?;
    rows.into_iter().map(agreement).collect()
}

pub(in crate::customers) fn insert_agreement(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    new: &AcceptedAgreement,
) -> QueryResult<()> {
    use customer_agreements as accepted;
    diesel::insert_into(accepted::table)
        .values((
            accepted::id.eq(new.id),
            accepted::customer_id.eq(customer),
            accepted::template_id.eq(TemplateId::from_uuid(new.template.id)),
            accepted::contact.eq(written(&new.contact)?),
            accepted::agreed_at.eq(new.agreed_at),
            accepted::attested_by.eq(new.attested_by),
            accepted::attested_by_user.eq(new.attested_by_user.map(UserId::from_uuid)),
            accepted::attested_at.eq(new.attested_at),
        ))
        .execute(tx.connection())?;
    Ok(())
}
