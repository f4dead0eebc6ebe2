//! REST of answers, for whoever holds a link.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::actions::{self, Accepted};
use super::super::model::{AnswerError, AnswerSheet, AnswerStanding, Asked, AskingLink};
use super::super::texts::InvitationTexts;
use super::{Direction, PartnerRelationship};
use crate::access::{Allowed, AnswerInvitations, Anyone, PartnerId};
use crate::companies::{self, CompanyProfile, Regions, Shortcoming};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::Failure;
use crate::platform::http::{Error, MaybeJson, Reply, Resource};
use crate::platform::portal::{Language, fill};
use crate::platform::text::Line;

/// What a link asks, for whoever holds it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AskedView {
    provider: Asker,
    /// The mailbox it was sent to, masked; absent for a standing link.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_to: Option<String>,
    /// Absent for a standing link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Names what is shown: an answer that carries it is refused if that has changed since.
    version: String,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Asker {
    id: PartnerId,
    name: String,
    country: String,
    contact_email: String,
    description: String,
}

impl AskedView {
    fn new(asked: &Asked, provider: CompanyProfile) -> Self {
        let version = asked.version(&provider);
        let CompanyProfile { id, name, country, contact_email, description, .. } = provider;
        let invitation = asked.invitation();
        Self {
            provider: Asker { id, name, country, contact_email, description },
            sent_to: invitation.map(|invitation| invitation.email.masked()),
            expires_at: invitation.map(|invitation| invitation.expires_at),
            version,
        }
    }
}

/// See who asks and until when. Changes nothing.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the link")),
    responses((status = 200, body = AskedView)))]
#[get("/v1/invitations/{token}")]
pub(super) async fn show_asked(
    _anyone: Anyone,
    parts: Data<Parts>,
    token: Path<String>,
) -> Result<Answer<AskedView>, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), AskingLink::parse(&token));
    let (asked, provider) = parts.db.read(move |read| actions::asked(read, &keys, &link, now)).await?;
    Ok(Answer(AskedView::new(&asked, provider)))
}

/// Something that one's own company still lacks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LackingView {
    what: Shortcoming,
    /// Whether the invitation cannot be accepted before it is remedied.
    prevents_accepting: bool,
    sentence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

fn lacking_views(lacking: Vec<Shortcoming>) -> Vec<LackingView> {
    let view = |what: Shortcoming| LackingView {
        what,
        prevents_accepting: what.prevents_accepting(),
        sentence: what.told_to_company(),
        remedy: what.remedy(),
    };
    lacking.into_iter().map(view).collect()
}

/// What a link asks one's own company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OpenedView {
    #[serde(flatten)]
    asked: AskedView,
    /// `open`, `partners` or `declined`.
    state: &'static str,
    /// What accepting means.
    means: [String; 3],
    /// What it does not.
    means_not: [String; 3],
    /// What one's own company still lacks.
    lacking: Vec<LackingView>,
}

impl OpenedView {
    fn new(sheet: AnswerSheet) -> Self {
        let text = InvitationTexts::of(Language::English);
        let provider = sheet.provider.name.clone();
        let named = |sentence: &str| fill(sentence, &[("provider", &provider)]);
        Self {
            asked: AskedView::new(&sheet.asked, sheet.provider),
            state: match sheet.standing {
                AnswerStanding::Open => "open",
                AnswerStanding::Partners(_) => "partners",
                AnswerStanding::Declined => "declined",
            },
            means: [text.means_orders, text.means_support, text.means_lists].map(named),
            means_not: [text.not_rights, text.not_customers, text.not_for_ever].map(named),
            lacking: lacking_views(sheet.lacking),
        }
    }
}

/// Look at what a link asks one's own company, and what it still lacks. The first look is kept in the invitation's time
/// line.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the link")),
    responses((status = 200, body = OpenedView)))]
#[post("/v1/invitations/{token}/open")]
pub(super) async fn open(
    me: Allowed<AnswerInvitations>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), AskingLink::parse(&token));
    me.write(&parts, move |tx, me| {
        actions::open(tx, me, &keys, &link, &regions, now).map(|sheet| Reply::ok(&OpenedView::new(sheet)))
    })
    .await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AcceptanceBody {
    /// The `version` of what was looked at: then nothing else is accepted.
    version: Option<Line<100>>,
}

/// The new partner, and what one's own company still lacks to do business.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AcceptedView {
    #[serde(flatten)]
    relationship: Resource<PartnerRelationship>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lacking: Vec<LackingView>,
}

/// Accept: one's own company becomes the provider's indirect reseller. Accepting twice changes nothing.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the link")),
    request_body = AcceptanceBody, responses((status = 201, body = AcceptedView), (status = 200, body = AcceptedView)))]
#[post("/v1/invitations/{token}/accept")]
pub(super) async fn accept(
    me: Allowed<AnswerInvitations>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    token: Path<String>,
    body: MaybeJson<AcceptanceBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), AskingLink::parse(&token));
    let version = body.0.version.map(String::from);
    me.write(&parts, move |tx, me| {
        let accepted = actions::accept(tx, me, &keys, &link, version.as_deref(), &regions, now)?;
        let (Accepted::New(partnership) | Accepted::Already(partnership)) = &accepted;
        let provider = partnership.provider;
        let profile = companies::profiles(tx, &[provider])?.remove(&provider);
        let lacking = match companies::mpa_active(tx, me.partner(), now)? {
            true => Vec::new(),
            false => vec![Shortcoming::AgreementMissing],
        };
        let shown = AcceptedView {
            relationship: PartnerRelationship::new(provider, profile, Direction::IsIndirectResellerOf),
            lacking: lacking_views(lacking),
        };
        Ok::<_, Failure<AnswerError>>(match accepted {
            Accepted::New(_) => Reply::created(&shown),
            Accepted::Already(_) => Reply::ok(&shown),
        })
    })
    .await
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeclineBody {
    /// What the provider is told.
    reason: Option<Line<500>>,
    /// As for an acceptance.
    version: Option<Line<100>>,
}

/// Decline. An invitation is closed by it; a standing link goes on asking others.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the link")),
    request_body = DeclineBody, responses((status = 204)))]
#[post("/v1/invitations/{token}/decline")]
pub(super) async fn decline(
    me: Allowed<AnswerInvitations>,
    parts: Data<Parts>,
    token: Path<String>,
    body: MaybeJson<DeclineBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, link) = (parts.keys.clone(), AskingLink::parse(&token));
    let (reason, version) = (body.0.reason.map(String::from), body.0.version.map(String::from));
    me.write(&parts, move |tx, me| {
        actions::decline(tx, me, &keys, &link, reason.as_deref(), version.as_deref(), now).map(|()| Reply::no_content())
    })
    .await
}
