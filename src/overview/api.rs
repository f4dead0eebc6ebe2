//! REST of questions across features.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Path, Query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::texts::RemovalNoticeTexts;
use super::{actions, calendar, trail, why};
use crate::access::{Allowed, CustomerId, PartnerId, RemovePartnerships};
use crate::customers::CustomerRecord;
use crate::partnerships::{LanguageQuery, MailDraftView, PartnershipSettings};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::http::{Collection, Error, Page, PageQuery};
use crate::platform::portal::fill;

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(removal_consequences)
        .service(removal_notices)
        .service(super::batch::batch)
        .configure(calendar::routes)
        .configure(trail::routes)
        .configure(why::routes);
}

/// What removing a partnership changes, and what it leaves in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsequenceSheetView {
    partner_id: PartnerId,
    name: String,
    /// What ends.
    ends: [&'static str; 2],
    /// Customers of both, which stay as they are.
    customers: i64,
    /// The first of them; the notices list all, in pages.
    stays: Vec<StayingCustomer>,
    /// Grants of delegated administration to the reseller, which stay live.
    live_grants: i64,
    /// Subscriptions whose reseller of record it stays, until somebody changes that: it goes on being credited.
    subscriptions_of_record: i64,
    /// Subscriptions whose support contact it stays, until somebody changes that.
    support_contacts: i64,
    /// Registrations of the reseller for these customers that go on.
    running_registrations: usize,
    /// The first of them.
    running: Vec<RunningRegistration>,
    /// Open invitations that the reseller could still accept: they name its MPN ID, or it has opened them.
    open_invitations: i64,
    /// Whether the provider's standing link is active: with it the reseller could accept again.
    standing_link_active: bool,
    /// Nobody is told by us; a notice may be owed.
    notice: &'static str,
    /// Where drafts of notices are.
    notices: String,
    /// What `"attestation": true` attests.
    attestation: String,
    attestation_version: String,
}

/// A customer that stays.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StayingCustomer {
    id: CustomerId,
    company_name: String,
    /// Whether the reseller goes on administering it.
    delegated_administration: bool,
}

/// A registration that goes on. What is in it is shown by the gate alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RunningRegistration {
    customer_id: CustomerId,
    company_name: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// The consequence sheet of a removal: read it before removing.
#[utoipa::path(tag = "Partnerships", params(("partnerId" = PartnerId, Path)),
    responses((status = 200, body = ConsequenceSheetView)))]
#[get("/v1/relationships/{partnerId}/removal")]
async fn removal_consequences(
    me: Allowed<RemovePartnerships>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    partner: Path<PartnerId>,
) -> Result<Answer<ConsequenceSheetView>, Error> {
    let now = parts.clock.now();
    let other = *partner;
    let sheet = me.read(&parts, move |read, me| actions::consequences(read, me, other, now)).await?;
    let staying = sheet.listed.into_iter().map(|(record, delegated)| StayingCustomer {
        id: record.id,
        company_name: record.company_name,
        delegated_administration: delegated,
    });
    let running_registrations = sheet.running.len();
    let listed = usize::try_from(actions::LISTED).unwrap_or(usize::MAX);
    let running = sheet.running.into_iter().take(listed).map(|(registration, company_name)| RunningRegistration {
        customer_id: registration.customer,
        company_name,
        created_at: registration.created_at,
    });
    Ok(Answer(ConsequenceSheetView {
        partner_id: sheet.other.id,
        name: sheet.other.name,
        ends: [
            "The reseller leaves the provider's list, and the provider the reseller's.",
            "Nothing new can name the reseller.",
        ],
        customers: sheet.customers,
        stays: staying.collect(),
        live_grants: sheet.live_grants,
        subscriptions_of_record: sheet.subscriptions.of_record,
        support_contacts: sheet.subscriptions.support_contacts,
        running_registrations,
        running: running.collect(),
        open_invitations: sheet.ways_back.open_invitations,
        standing_link_active: sheet.ways_back.standing_link,
        notice: "Neither the partner nor the customers are notified by this service. Your agreements may require you to.",
        notices: format!("/v1/relationships/{other}/removal/notices"),
        attestation: settings.removal_attestation.clone(),
        attestation_version: settings.removal_attestation_version.clone(),
    }))
}

/// Drafts of the notices that one may owe. None is sent from here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NoticesView {
    partner: NoticeDraft,
    customers: Collection<CustomerNotice>,
}

/// A notice, and whom it is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NoticeDraft {
    name: String,
    #[serde(flatten)]
    mail: MailDraftView,
}

impl NoticeDraft {
    fn new(name: String, to: String, subject: String, message: String) -> Self {
        Self { name, mail: MailDraftView::new(to, subject, message) }
    }
}

/// A notice to a customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerNotice {
    id: CustomerId,
    /// Whether the reseller goes on administering it.
    delegated_administration: bool,
    #[serde(flatten)]
    draft: NoticeDraft,
}

/// Drafts of the notices that one may owe when a partnership ends: to the partner, and one for each customer of both.
/// Before the removal and after it; none is sent from here.
#[utoipa::path(tag = "Partnerships", params(("partnerId" = PartnerId, Path), LanguageQuery, PageQuery),
    responses((status = 200, body = NoticesView)))]
#[get("/v1/relationships/{partnerId}/removal/notices")]
async fn removal_notices(
    me: Allowed<RemovePartnerships>,
    parts: Data<Parts>,
    partner: Path<PartnerId>,
    query: Query<LanguageQuery>,
    page: Page,
) -> Result<Answer<NoticesView>, Error> {
    let now = parts.clock.now();
    let (after, limit) = (page.after_id()?, page.fetch());
    let other = *partner;
    let found = me.read(&parts, move |read, me| actions::notices(read, me, other, after, limit, now)).await?;
    let text = RemovalNoticeTexts::of(query.language.unwrap_or(found.language));
    let named = |sentence: &str, customer: &str| {
        let values = [
            ("own", found.own.name.as_str()),
            ("other", found.other.name.as_str()),
            ("provider", found.provider.as_str()),
            ("reseller", found.reseller.as_str()),
            ("customer", customer),
        ];
        fill(sentence, &values)
    };
    let to_partner = NoticeDraft::new(
        found.other.name.clone(),
        found.other.contact_email.clone(),
        named(text.partner_subject, ""),
        named(text.partner, ""),
    );
    let key = |row: &(CustomerRecord, bool)| row.0.id.uuid().into_bytes().to_vec();
    let customers = Collection::page(found.customers.clone(), &page, key, |(customer, delegated)| {
        let goes_on = if delegated { text.goes_on } else { text.goes_on_without };
        let message = format!("{}\n\n{}", text.customer, goes_on);
        let message = format!("{message}\n\n{}", text.customer_end);
        CustomerNotice {
            id: customer.id,
            delegated_administration: delegated,
            draft: NoticeDraft::new(
                customer.company_name.clone(),
                customer.billing.email,
                named(text.customer_subject, &customer.company_name),
                named(&message, &customer.company_name),
            ),
        }
    });
    Ok(Answer(NoticesView { partner: to_partner, customers }))
}
