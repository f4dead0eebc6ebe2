//! REST of the partners one has and had, beside the contract's list, and of the removal.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::actions::{self, Attestation, ListedPartner, UnsignedPartner};
use super::super::model::{InvitationId, Origin, PartnershipId, PartnershipSettings, PastPartnership};
use super::super::texts::AgreementReminderTexts;
use super::drafts::{LanguageQuery, MailDraftView};
use crate::access::{Allowed, InviteResellers, PartnerId, ReadPartnerships, RemovePartnerships, Scope};
use crate::companies::Search;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Outcome};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply};
use crate::platform::portal::fill;
use crate::platform::text::Line;

/// Which partners are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PartnerQuery {
    /// A part of the name, or the beginning of the MPN ID; at most 200 characters.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// A partner with how far it is: a provider's reseller, or a reseller's provider.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartnerView {
    /// Tenant id of the other partner.
    id: PartnerId,
    name: String,
    /// The MPN ID it onboarded with.
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    partners_since: Timestamp,
    /// Where its enrolment stands, of a reseller.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrollment: Option<String>,
    agreement: AgreementView,
}

/// The Microsoft Partner Agreement of a partner.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgreementView {
    /// Whether it signed the version in force: without it, no new transaction.
    active: bool,
    /// The newest version it signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    signed_at: Option<Timestamp>,
}

impl PartnerView {
    fn new(own: PartnerId, listed: ListedPartner) -> Self {
        let ListedPartner { partnership, profile, standing } = listed;
        let (name, mpn_id, location) = match profile {
            Some(profile) => (profile.name, profile.mpn_id, Some(profile.country)),
            None => (String::new(), None, None),
        };
        let (version, signed_at) = standing.as_ref().and_then(|standing| standing.agreement.clone()).unzip();
        Self {
            id: partnership.other_side(own),
            name,
            mpn_id,
            location,
            partners_since: partnership.started_at,
            enrollment: standing.as_ref().and_then(|standing| standing.enrollment.clone()),
            agreement: AgreementView {
                active: standing.is_some_and(|standing| standing.agreement_in_force),
                version,
                signed_at,
            },
        }
    }
}

/// One's active partners, with enrolment, agreement and MPN ID beside each.
#[utoipa::path(tag = "Partnerships", params(PartnerQuery, PageQuery),
    responses((status = 200, body = Collection<PartnerView>)))]
#[get("/v1/relationships/partners")]
pub(super) async fn list_partners(
    me: Allowed<ReadPartnerships>,
    parts: Data<Parts>,
    query: Query<PartnerQuery>,
    page: Page,
) -> Result<Answer<Collection<PartnerView>>, Error> {
    let now = parts.clock.now();
    let (after, limit) = (page.after_id::<PartnershipId>()?, page.fetch());
    let searched = query.into_inner().search.filter(|search| !search.trim().is_empty());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BadRequest> {
        if searched.as_ref().is_some_and(|search| search.chars().count() > 200) {
            return Err(BadRequest("search has more than 200 characters.".to_owned()).into());
        }
        let search = searched.map(Search::Contains);
        Ok((me.partner(), actions::partners(read, me, search.as_ref(), after, limit, now)?))
    };
    let (own, rows) = me.read(&parts, list).await?;
    let key = |row: &ListedPartner| row.partnership.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| PartnerView::new(own, row))))
}

/// A time during which the two were partners.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PastView {
    partnership_id: PartnershipId,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// The invitation it came of; absent if it was the standing link.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_id: Option<InvitationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Which side ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<PartnerId>,
    /// One's own reason, if one's own side ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Which text one's own side attested.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation_version: Option<String>,
}

impl From<PastPartnership> for PastView {
    fn from(past: PastPartnership) -> Self {
        Self {
            partnership_id: past.partnership.id,
            started_at: past.partnership.started_at,
            invitation_id: match past.origin {
                Origin::Invitation(id) => Some(id),
                Origin::StandingLink(_) => None,
            },
            ended_at: past.partnership.ended_at,
            ended_by: past.ended_by,
            reason: past.end_reason,
            attestation_version: past.attestation_version,
        }
    }
}

/// The partnerships there were and are with another partner, oldest first.
#[utoipa::path(tag = "Partnerships", params(("partnerId" = PartnerId, Path), PageQuery),
    responses((status = 200, body = Collection<PastView>)))]
#[get("/v1/relationships/{partnerId}/history")]
pub(super) async fn show_history(
    me: Allowed<ReadPartnerships>,
    parts: Data<Parts>,
    partner: Path<PartnerId>,
    page: Page,
) -> Result<Answer<Collection<PastView>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let rows = me.read(&parts, move |read, me| actions::history(read, me, *partner, after, limit)).await?;
    let key = |row: &PastPartnership| row.partnership.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, PastView::from)))
}

/// A draft that reminds a reseller to sign the agreement.
#[utoipa::path(tag = "Partnerships", params(("partnerId" = PartnerId, Path), LanguageQuery),
    responses((status = 200, body = MailDraftView)))]
#[get("/v1/relationships/{partnerId}/agreementreminder")]
pub(super) async fn draft_agreement_reminder(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    partner: Path<PartnerId>,
    query: Query<LanguageQuery>,
) -> Result<Answer<MailDraftView>, Error> {
    let (base, language, now) = (parts.base.clone(), query.language, parts.clock.now());
    let find = move |read: &mut Read<'_>, me: &Scope| actions::unsigned_partner(read, me, *partner, now);
    let UnsignedPartner { own, reseller, language: usual } = me.read(&parts, find).await?;
    let text = AgreementReminderTexts::of(language.unwrap_or(usual));
    let page = base.join("/agreement");
    let values = [("provider", own.name.as_str()), ("reseller", reseller.name.as_str()), ("page", page.as_str())];
    let (subject, message) = (fill(text.subject, &values), fill(text.message, &values));
    Ok(Answer(MailDraftView::new(reseller.contact_email, subject, message)))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Removal {
    /// Must be `true`: what it attests is in the consequence sheet.
    attestation: bool,
    reason: Option<Line<500>>,
}

/// A removed partnership.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RemovedView {
    partnership_id: PartnershipId,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    /// Nobody is told by us; where to find drafts of the notices one may owe.
    notices: String,
}

/// Remove the partnership with another partner, from either side. Customers, delegated administration and associations
/// stay; nobody is notified. Removing twice changes nothing.
#[utoipa::path(tag = "Partnerships", request_body = Removal, responses((status = 200, body = RemovedView)))]
#[post("/v1/relationships/{partnerId}/removal")]
pub(super) async fn remove(
    me: Allowed<RemovePartnerships>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    partner: Path<PartnerId>,
    body: Json<Removal>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let reason = body.0.reason.map(String::from);
    let attested = if body.0.attestation { Attestation::Given } else { Attestation::Withheld };
    me.write(&parts, move |tx, me| {
        let removed = actions::remove(tx, me, *partner, attested, reason.as_deref(), &settings, now);
        removed.map(|removed| {
            Reply::ok(&RemovedView {
                partnership_id: removed.partnership,
                ended_at: removed.ended_at,
                notices: format!("/v1/relationships/{partner}/removal/notices"),
            })
        })
    })
    .await
}
