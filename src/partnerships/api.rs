//! REST of partnerships.

use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::{self, Accepted, Attestation, Delivery, InvitationDraft, Step};
use super::mail::{link_address, mailto};
use super::model::{
    AnswerError, Invitation, InvitationId, InvitationToken, LINK_PLACE, Partnership, PartnershipId, PartnershipSettings,
};
use crate::access::{
    Allowed, AnswerInvitations, Anyone, InviteResellers, OrganisationKind, PartnerId, ReadInvitations,
    ReadPartnerships, RemovePartnerships, Scope,
};
use crate::companies::{CompanyProfile, MpnId, Regions};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Failure, Outcome, Sure};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply, Resource, resource};
use crate::platform::text::{EmailAddress, Line};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_partnerships)
        .service(invite)
        .service(list_invitations)
        .service(get_invitation)
        .service(revoke_invitation)
        .service(open_invitation)
        .service(accept)
        .service(decline)
        .service(remove);
}

/// A relationship with the other partner, as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartnerRelationship {
    /// Tenant id of the other partner.
    id: PartnerId,
    name: String,
    relationship_type: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

impl PartnerRelationship {
    fn new(id: PartnerId, profile: Option<CompanyProfile>, direction: Direction) -> Resource<Self> {
        let (name, mpn_id, location) = match profile {
            Some(profile) => (profile.name, profile.mpn_id, Some(profile.country)),
            None => (String::new(), None, None),
        };
        let body = Self { id, name, relationship_type: direction.as_str(), state: "Active", mpn_id, location };
        resource("PartnerRelationship", body)
    }
}

/// The direction of a relationship as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    IsIndirectResellerOf,
    IsIndirectCloudSolutionProviderOf,
}

impl Direction {
    const fn as_str(self) -> &'static str {
        match self {
            Direction::IsIndirectResellerOf => "is_indirect_reseller_of",
            Direction::IsIndirectCloudSolutionProviderOf => "is_indirect_cloud_solution_provider_of",
        }
    }

    /// As clients write it: Pascal or snake case, or the ordinal.
    fn parse(text: &str) -> Option<Self> {
        match text.replace('_', "").to_ascii_lowercase().as_str() {
            "isindirectresellerof" | "0" => Some(Direction::IsIndirectResellerOf),
            "isindirectcloudsolutionproviderof" | "1" => Some(Direction::IsIndirectCloudSolutionProviderOf),
            _ => None,
        }
    }

    fn of(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::Provider => Direction::IsIndirectCloudSolutionProviderOf,
            _ => Direction::IsIndirectResellerOf,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RelationshipQuery {
    /// `IsIndirectCloudSolutionProviderOf` lists a provider's resellers, `IsIndirectResellerOf` a reseller's providers.
    relationship_type: Option<String>,
    /// Not offered yet: refused rather than ignored.
    filter: Option<String>,
}

/// The active partnerships of one's own company.
#[utoipa::path(tag = "Partnerships", params(RelationshipQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<PartnerRelationship>>)))]
#[get("/v1/relationships")]
async fn list_partnerships(
    me: Allowed<ReadPartnerships>,
    parts: Data<Parts>,
    query: Query<RelationshipQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<PartnerRelationship>>>, Error> {
    let RelationshipQuery { relationship_type, filter } = query.into_inner();
    let (after, limit) = (page.after_id::<PartnershipId>()?, page.fetch());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BadRequest> {
        let wanted = relationship_type.as_deref().and_then(Direction::parse).ok_or_else(|| {
            let sentence = "relationship_type must be IsIndirectCloudSolutionProviderOf (a provider's resellers) or \
                            IsIndirectResellerOf (a reseller's providers).";
            BadRequest(sentence.to_owned())
        })?;
        if filter.is_some() {
            return Err(BadRequest("filter is not offered here. Leave it out.".to_owned()).into());
        }
        match wanted == Direction::of(me.kind()) {
            true => Ok((me.partner(), wanted, actions::partnerships(read, me, after, limit)?)),
            false => Ok((me.partner(), wanted, Vec::new())),
        }
    };
    let (own, wanted, rows) = me.read(&parts, list).await?;
    let key = |row: &(Partnership, Option<CompanyProfile>)| row.0.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |(partnership, profile)| {
        PartnerRelationship::new(partnership.other_side(own), profile, wanted)
    })))
}

/// An invitation to one mailbox.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewInvitation {
    email: EmailAddress,
    /// Then only the company with this MPN ID can accept.
    mpn_id: Option<MpnId>,
    subject: Option<Line<200>>,
    /// Must hold `{link}` exactly once: the personal link goes there.
    #[schema(max_length = 8000)]
    message: Option<String>,
    /// `true` (the default): mailed from here. `false`: sent with one's own mail program, from the answer's `mailto`.
    send: Option<bool>,
}

/// An invitation, for the provider who sent it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct InvitationView {
    id: InvitationId,
    email: EmailAddress,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<MpnId>,
    state: &'static str,
    subject: String,
    /// The text with the personal link in its place.
    message: String,
    link: String,
    mailto: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timeline: Vec<StepView>,
}

/// One line of an invitation's time line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StepView {
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl InvitationView {
    fn new(invitation: Invitation, steps: Vec<Step>, parts: &Parts) -> Self {
        let token = actions::link(&parts.keys, invitation.id);
        let link = link_address(&parts.base, token.expose_secret());
        let message = invitation.message.replace(LINK_PLACE, &link);
        Self {
            id: invitation.id,
            state: invitation.shown_state(parts.clock.now()),
            mailto: mailto(invitation.email.as_str(), &invitation.subject, &message),
            email: invitation.email,
            mpn_id: invitation.mpn_id,
            subject: invitation.subject,
            message,
            link,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            timeline: steps.into_iter().map(|Step { what, at, detail }| StepView { what, at, detail }).collect(),
        }
    }
}

/// Request a partnership: invite a reseller by e-mail. A second invitation to the same mailbox gives the open first one.
#[utoipa::path(tag = "Partnerships", request_body = NewInvitation, responses((status = 201, body = InvitationView)))]
#[post("/v1/relationships/invitations")]
async fn invite(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    settings: Data<PartnershipSettings>,
    body: Json<NewInvitation>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewInvitation { email, mpn_id, subject, message, send } = body.0;
    let draft = InvitationDraft {
        email,
        mpn_id,
        subject: subject.map(String::from),
        message,
        delivery: if send.unwrap_or(true) { Delivery::SendFromHere } else { Delivery::Outside },
    };
    let shown = parts.clone();
    me.write(&parts, move |tx, me| {
        let invited = actions::invite(tx, me, &draft, &settings, now);
        invited.map(|invitation| Reply::created(&InvitationView::new(invitation, Vec::new(), &shown)))
    })
    .await
}

/// The invitations that one's own company sent.
#[utoipa::path(tag = "Partnerships", params(PageQuery), responses((status = 200, body = Collection<InvitationView>)))]
#[get("/v1/relationships/invitations")]
async fn list_invitations(
    me: Allowed<ReadInvitations>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<InvitationView>>, Error> {
    let (after, limit) = (page.after_id()?, page.fetch());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(actions::invitations(read, me, after, limit)?) };
    let rows = me.read(&parts, list).await?;
    let key = |row: &Invitation| row.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |row| InvitationView::new(row, Vec::new(), &parts))))
}

/// An invitation with its time line.
#[utoipa::path(tag = "Partnerships", responses((status = 200, body = InvitationView)))]
#[get("/v1/relationships/invitations/{id}")]
async fn get_invitation(
    me: Allowed<ReadInvitations>,
    parts: Data<Parts>,
    id: Path<InvitationId>,
) -> Result<Answer<InvitationView>, Error> {
    let (invitation, steps) = me.read(&parts, move |read, me| actions::invitation(read, me, *id)).await?;
    Ok(Answer(InvitationView::new(invitation, steps, &parts)))
}

/// Revoke an invitation: its link is dead.
#[utoipa::path(tag = "Partnerships", responses((status = 204)))]
#[delete("/v1/relationships/invitations/{id}")]
async fn revoke_invitation(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| actions::revoke(tx, me, *id, now).map(|()| Reply::no_content())).await
}

/// What an invitation asks, for whoever holds its link.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OpenedInvitation {
    provider: Asker,
    /// The mailbox it was sent to, masked.
    sent_to: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
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

/// See who asks and until when. Changes nothing.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the personal link")),
    responses((status = 200, body = OpenedInvitation)))]
#[get("/v1/invitations/{token}")]
async fn open_invitation(
    _anyone: Anyone,
    parts: Data<Parts>,
    token: Path<String>,
) -> Result<Answer<OpenedInvitation>, Error> {
    let now = parts.clock.now();
    let (keys, token) = (parts.keys.clone(), InvitationToken::parse(&token));
    let (invitation, provider) = parts.db.read(move |read| actions::opened(read, &keys, &token, now)).await?;
    let CompanyProfile { id, name, country, contact_email, description, .. } = provider;
    Ok(Answer(OpenedInvitation {
        provider: Asker { id, name, country, contact_email, description },
        sent_to: invitation.email.masked(),
        expires_at: invitation.expires_at,
    }))
}

/// Accept: one's own company becomes the provider's indirect reseller. Accepting twice changes nothing.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the personal link")),
    responses((status = 201, body = Resource<PartnerRelationship>), (status = 200, body = Resource<PartnerRelationship>)))]
#[post("/v1/invitations/{token}/accept")]
async fn accept(
    me: Allowed<AnswerInvitations>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    token: Path<String>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, token) = (parts.keys.clone(), InvitationToken::parse(&token));
    me.write(&parts, move |tx, me| {
        let accepted = actions::accept(tx, me, &keys, &token, &regions, now)?;
        let (Accepted::New(partnership) | Accepted::Already(partnership)) = &accepted;
        let provider = partnership.provider;
        let profile = crate::companies::profiles(tx, &[provider])?.remove(&provider);
        let shown = PartnerRelationship::new(provider, profile, Direction::IsIndirectResellerOf);
        Ok::<_, Failure<AnswerError>>(match accepted {
            Accepted::New(_) => Reply::created(&shown),
            Accepted::Already(_) => Reply::ok(&shown),
        })
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Declined {
    /// What the provider is told.
    reason: Option<Line<500>>,
}

/// Decline an invitation.
#[utoipa::path(tag = "Partnerships", params(("token", description = "The token in the personal link")),
    request_body = Declined, responses((status = 204)))]
#[post("/v1/invitations/{token}/decline")]
async fn decline(
    me: Allowed<AnswerInvitations>,
    parts: Data<Parts>,
    token: Path<String>,
    body: Json<Declined>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (keys, token) = (parts.keys.clone(), InvitationToken::parse(&token));
    let reason = body.0.reason.map(String::from);
    me.write(&parts, move |tx, me| {
        actions::decline(tx, me, &keys, &token, reason.as_deref(), now).map(|_| Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Removal {
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
}

/// Remove the partnership with another partner, from either side. Customers, delegated administration and associations
/// stay; nobody is notified. Removing twice changes nothing.
#[utoipa::path(tag = "Partnerships", request_body = Removal, responses((status = 200, body = RemovedView)))]
#[post("/v1/relationships/{partnerId}/removal")]
async fn remove(
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
        removed
            .map(|removed| Reply::ok(&RemovedView { partnership_id: removed.partnership, ended_at: removed.ended_at }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_is_read_as_every_client_writes_it() {
        for text in ["IsIndirectResellerOf", "is_indirect_reseller_of", "0", "ISINDIRECTRESELLEROF"] {
            assert_eq!(Direction::parse(text), Some(Direction::IsIndirectResellerOf), "{text}");
        }
        for text in ["IsIndirectCloudSolutionProviderOf", "is_indirect_cloud_solution_provider_of", "1"] {
            assert_eq!(Direction::parse(text), Some(Direction::IsIndirectCloudSolutionProviderOf), "{text}");
        }
        assert_eq!(Direction::parse("none"), None);
    }
}
