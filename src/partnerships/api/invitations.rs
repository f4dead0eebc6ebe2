//! REST of invitations and the standing link, for the provider.

use std::collections::HashMap;

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::actions::{self, Delivery, InvitationStory, Invited, NewInvitation, Office, Renewal, Wording, Words};
use super::super::mail::invitation_button;
use super::super::model::{
    DraftError, Invitation, InvitationId, InvitationState, InviteError, PartnershipSettings, Progress, Shown,
    link_address,
};
use super::drafts::{DraftView, LINKS, LinkDays, StepView};
use super::standing_link::StandingLinkView;
use crate::access::{Allowed, InviteResellers, PartnerId, ReadInvitations, Scope, UserId};
use crate::companies::{MpnId, Regions, Shortcoming};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Failure, Outcome};
use crate::platform::http::{Collection, Error, Json, MaybeJson, Page, PageQuery, Reply};
use crate::platform::portal::Language;
use crate::platform::text::{EmailAddress, Line};

/// An invitation to one mailbox; without one, a draft that carries the standing link.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewInvitationBody {
    email: Option<EmailAddress>,
    /// Then only the company with this MPN ID can accept.
    mpn_id: Option<MpnId>,
    /// Of the usual words: one's own language, if absent.
    language: Option<Language>,
    subject: Option<Line<200>>,
    /// Must hold `{link}` exactly once: the personal link goes there.
    #[schema(max_length = 8000)]
    message: Option<String>,
    /// How long it can be accepted; the setting's 30, if absent.
    days: Option<LinkDays>,
    /// `true` (the default): mailed from here. `false`: a draft, to be sent later or with one's own mail program.
    send: Option<bool>,
}

/// Something that the invited company still lacks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ShortcomingView {
    what: Shortcoming,
    /// Whether the invitation cannot be accepted before it is remedied.
    prevents_accepting: bool,
    sentence: &'static str,
}

/// An invitation in a list, for the provider who sent it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ListedInvitation {
    id: InvitationId,
    email: EmailAddress,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<MpnId>,
    /// How far it has come.
    state: Progress,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
    /// The company that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<PartnerId>,
}

impl ListedInvitation {
    fn new(invitation: &Invitation, state: Progress) -> Self {
        let by_reseller = matches!(invitation.state, InvitationState::Accepted | InvitationState::Declined);
        Self {
            id: invitation.id,
            email: invitation.email.clone(),
            mpn_id: invitation.mpn_id.clone(),
            state,
            created_by: invitation.created_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            opened_at: invitation.opened_at,
            answered_at: invitation.answered_at,
            answered_by: invitation.answered_by.filter(|_| by_reseller),
        }
    }
}

/// An invitation with its draft and its time line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvitationView {
    #[serde(flatten)]
    invitation: ListedInvitation,
    #[serde(flatten)]
    draft: DraftView,
    /// What the company with the MPN ID still lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    eligibility: Vec<ShortcomingView>,
    /// It is open, but the company is a partner already.
    already_partners: bool,
    timeline: Vec<StepView>,
}

impl InvitationView {
    fn new(story: InvitationStory, parts: &Parts) -> Self {
        let InvitationStory { invitation, progress, steps, lacking, already_partners } = story;
        let token = actions::link(&parts.keys, &invitation);
        let listed = ListedInvitation::new(&invitation, progress);
        let words = Words { language: invitation.language, subject: invitation.subject, message: invitation.message };
        let lacking = lacking.into_iter().map(|what| ShortcomingView {
            what,
            prevents_accepting: what.prevents_accepting(),
            sentence: what.told_to_provider(),
        });
        Self {
            draft: invitation_draft(Some(&invitation.email), words, token.expose_secret(), parts),
            invitation: listed,
            eligibility: lacking.collect(),
            already_partners,
            timeline: steps.into_iter().map(StepView::from).collect(),
        }
    }
}

/// The draft of an invitation, or of a mail with the standing link.
pub(super) fn invitation_draft(to: Option<&EmailAddress>, words: Words, token: &str, parts: &Parts) -> DraftView {
    let button = invitation_button(words.language);
    DraftView::new(to, words, &link_address(&parts.base, token), button)
}

/// What was asked for: an invitation, or the standing link.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by the document only")]
enum InvitedView {
    Invitation(InvitationView),
    StandingLink(StandingLinkView),
}

fn delivery(send: Option<bool>) -> Delivery {
    if send.unwrap_or(true) { Delivery::SendFromHere } else { Delivery::Outside }
}

fn office(settings: &PartnershipSettings, parts: &Parts) -> Office {
    Office { settings: settings.clone(), base: parts.base.clone() }
}

/// Request a partnership: an invitation to one mailbox, mailed or as a draft; without a mailbox a draft that carries the
/// standing link. A second invitation to the same MPN ID, or without one to the same mailbox, gives the open first one.
#[utoipa::path(tag = "Partnerships", request_body = NewInvitationBody,
    responses((status = 201, body = InvitationView), (status = 200, body = InvitedView)))]
#[post("/v1/relationships/invitations")]
pub(super) async fn invite(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    regions: Data<Regions>,
    body: Json<NewInvitationBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewInvitationBody { email, mpn_id, language, subject, message, days, send } = body.0;
    let wording = Wording { language, subject: subject.map(String::from), message };
    let (office, shown) = (office(&settings, &parts), parts.clone());
    let Some(email) = email else {
        let surplus = [("mpnId", mpn_id.is_some()), ("days", days.is_some())];
        let surplus = surplus.into_iter().find(|(_, given)| *given).map(|(name, _)| name);
        return me
            .write(&parts, move |tx, me| {
                if let Some(name) = surplus {
                    return Err(DraftError::NeedsMailbox(name).into());
                }
                if send == Some(true) {
                    return Err(DraftError::NobodyToSendTo.into());
                }
                let (state, words) = actions::standing_link(tx, me, &wording, &office.base)?;
                if state.revoked {
                    return Err(DraftError::StandingLinkRevoked.into());
                }
                let view = StandingLinkView::new(me.partner(), state, words, &shown);
                Ok::<_, Failure<DraftError>>(Reply::ok(&view).secret(LINKS))
            })
            .await;
    };
    let new = NewInvitation { email, mpn_id, wording, days: days.map(|days| days.0), delivery: delivery(send) };
    me.write(&parts, move |tx, me| {
        let invited = actions::invite(tx, me, &new, &office, now)?;
        let (Invited::New(invitation) | Invited::Open(invitation)) = invited.clone();
        let view = InvitationView::new(actions::told(tx, invitation, &regions, now)?, &shown);
        Ok::<_, Failure<InviteError>>(match invited {
            Invited::New(_) => Reply::created(&view).secret(LINKS),
            Invited::Open(_) => Reply::ok(&view).secret(LINKS),
        })
    })
    .await
}

/// Which invitations are listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InvitationQuery {
    /// `open`, `expired`, `accepted`, `declined` or `revoked`; all, if absent.
    state: Option<String>,
}

fn shown_of(state: Option<&str>) -> Result<Shown, BadRequest> {
    let named = HashMap::from([
        ("open", Shown::Open),
        ("expired", Shown::Expired),
        ("accepted", Shown::Ended(InvitationState::Accepted)),
        ("declined", Shown::Ended(InvitationState::Declined)),
        ("revoked", Shown::Ended(InvitationState::Revoked)),
    ]);
    match state {
        None => Ok(Shown::All),
        Some(state) => named.get(state.to_ascii_lowercase().as_str()).copied().ok_or_else(|| {
            BadRequest("state must be open, expired, accepted, declined or revoked; leave it out for all.".to_owned())
        }),
    }
}

/// The invitations that one's own company sent: open and expired ones in the order of their ends.
#[utoipa::path(tag = "Partnerships", params(InvitationQuery, PageQuery),
    responses((status = 200, body = Collection<ListedInvitation>)))]
#[get("/v1/relationships/invitations")]
pub(super) async fn list_invitations(
    me: Allowed<ReadInvitations>,
    parts: Data<Parts>,
    query: Query<InvitationQuery>,
    page: Page,
) -> Result<Answer<Collection<ListedInvitation>>, Error> {
    let now = parts.clock.now();
    let (after, limit) = (page.after_moment()?, page.fetch());
    let state = query.into_inner().state;
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BadRequest> {
        let shown = shown_of(state.as_deref())?;
        Ok(actions::invitations(read, me, shown, after, limit, now)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |(row, _): &(Invitation, Progress)| {
        [&row.expires_at.micros().to_be_bytes()[..], row.id.uuid().as_bytes()].concat()
    };
    Ok(Answer(Collection::page(rows, &page, key, |(invitation, state)| ListedInvitation::new(&invitation, state))))
}

/// An invitation with its draft and its time line.
#[utoipa::path(tag = "Partnerships", responses((status = 200, body = InvitationView)))]
#[get("/v1/relationships/invitations/{id}")]
pub(super) async fn get_invitation(
    me: Allowed<ReadInvitations>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    id: Path<InvitationId>,
) -> Result<Answer<InvitationView>, Error> {
    let now = parts.clock.now();
    let story = me.read(&parts, move |read, me| actions::invitation(read, me, *id, &regions, now)).await?;
    Ok(Answer(InvitationView::new(story, &parts)))
}

/// Revoke an invitation: its link is dead.
#[utoipa::path(tag = "Partnerships", responses((status = 204)))]
#[delete("/v1/relationships/invitations/{id}")]
pub(super) async fn revoke_invitation(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::revoke(tx, me, *id, now).map(|()| Reply::no_content())).await
}

/// The words of a draft, if they are to be others.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DraftBody {
    subject: Option<Line<200>>,
    /// Must hold the draft's link, or `{link}`, exactly once.
    #[schema(max_length = 8000)]
    message: Option<String>,
}

/// Mail a draft from here, in its words or others. Sending twice is one mail.
#[utoipa::path(tag = "Partnerships", request_body = DraftBody, responses((status = 200, body = InvitationView)))]
#[post("/v1/relationships/invitations/{id}/send")]
pub(super) async fn send_invitation(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    regions: Data<Regions>,
    id: Path<InvitationId>,
    body: MaybeJson<DraftBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (subject, message) = (body.0.subject.map(String::from), body.0.message);
    let (office, shown) = (office(&settings, &parts), parts.clone());
    me.write(&parts, move |tx, me| {
        let sent = actions::send(tx, me, *id, subject.as_deref(), message.as_deref(), &office, now)?;
        let story = actions::told(tx, sent, &regions, now)?;
        Ok::<_, Failure<InviteError>>(Reply::ok(&InvitationView::new(story, &shown)).secret(LINKS))
    })
    .await
}

/// Keep that one sent the invitation with one's own mail program. Twice changes nothing.
#[utoipa::path(tag = "Partnerships", responses((status = 200, body = InvitationView)))]
#[post("/v1/relationships/invitations/{id}/sentoutside")]
pub(super) async fn mark_sent_outside(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let shown = parts.clone();
    me.write(&parts, move |tx, me| {
        let marked = actions::sent_outside(tx, me, *id, now)?;
        let story = actions::told(tx, marked, &regions, now)?;
        Ok::<_, Failure<InviteError>>(Reply::ok(&InvitationView::new(story, &shown)).secret(LINKS))
    })
    .await
}

/// How an invitation is sent again; what is left out stays as it was.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ResendBody {
    /// Another language asks for its usual words.
    language: Option<Language>,
    subject: Option<Line<200>>,
    /// Must hold the draft's link, or `{link}`, exactly once.
    #[schema(max_length = 8000)]
    message: Option<String>,
    /// How long it can be accepted from now; the setting's 30, if absent.
    days: Option<LinkDays>,
    /// As when it was made.
    send: Option<bool>,
}

/// Send an invitation again, open or expired, with a new link: the old one is dead.
#[utoipa::path(tag = "Partnerships", request_body = ResendBody, responses((status = 200, body = InvitationView)))]
#[post("/v1/relationships/invitations/{id}/resend")]
pub(super) async fn resend_invitation(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    regions: Data<Regions>,
    id: Path<InvitationId>,
    body: MaybeJson<ResendBody>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let ResendBody { language, subject, message, days, send } = body.0;
    let wording = Wording { language, subject: subject.map(String::from), message };
    let renewal = Renewal { wording, days: days.map(|days| days.0), delivery: delivery(send) };
    let (office, shown) = (office(&settings, &parts), parts.clone());
    me.write(&parts, move |tx, me| {
        let renewed = actions::resend(tx, me, *id, &renewal, &office, now)?;
        let story = actions::told(tx, renewed, &regions, now)?;
        Ok::<_, Failure<InviteError>>(Reply::ok(&InvitationView::new(story, &shown)).secret(LINKS))
    })
    .await
}
