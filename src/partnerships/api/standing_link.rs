//! REST of a provider's standing link.

use actix_web::web::{Data, Json as Answer, Query};
use actix_web::{HttpResponse, delete, get, post};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::actions::{self, StandingLinkState, Wording, Words};
use super::super::model::DraftError;
use super::drafts::{DraftView, LINKS, LanguageQuery};
use super::invitations::invitation_draft;
use crate::access::{Allowed, InviteResellers, PartnerId, ReadInvitations};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Failure, Sure};
use crate::platform::http::{Error, Reply};

/// A provider's standing link, with a draft to send it with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StandingLinkView {
    /// `active`, or `revoked`: then there is no draft.
    state: &'static str,
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    #[serde(flatten)]
    draft: Option<DraftView>,
}

impl StandingLinkView {
    pub(super) fn new(provider: PartnerId, state: StandingLinkState, words: Words, parts: &Parts) -> Self {
        let token = actions::standing_token(&parts.keys, provider, state.version);
        Self {
            state: if state.revoked { "revoked" } else { "active" },
            version: state.version,
            changed_at: state.changed_at,
            draft: (!state.revoked).then(|| invitation_draft(None, words, token.expose_secret(), parts)),
        }
    }
}

/// One's standing link, for many uses, with a draft to send it with. Each use needs a reseller's acceptance.
#[utoipa::path(tag = "Partnerships", params(LanguageQuery), responses((status = 200, body = StandingLinkView)))]
#[get("/v1/relationships/invitationlink")]
pub(super) async fn show_standing_link(
    me: Allowed<ReadInvitations>,
    parts: Data<Parts>,
    query: Query<LanguageQuery>,
) -> Result<Answer<StandingLinkView>, Error> {
    let (wording, base) = (Wording { language: query.language, ..Wording::default() }, parts.base.clone());
    let (provider, state, words) = me
        .read(&parts, move |read, me| {
            let (state, words) = actions::standing_link(read, me, &wording, &base)?;
            Ok::<_, Failure<DraftError>>((me.partner(), state, words))
        })
        .await?;
    Ok(Answer(StandingLinkView::new(provider, state, words, &parts)))
}

/// Put a new standing link in the place of the present one, which is dead from then on.
#[utoipa::path(tag = "Partnerships", responses((status = 200, body = StandingLinkView)))]
#[post("/v1/relationships/invitationlink/rotate")]
pub(super) async fn rotate_standing_link(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let shown = parts.clone();
    me.write(&parts, move |tx, me| {
        actions::rotate_standing_link(tx, me, now)?;
        let (state, words) = actions::standing_link(tx, me, &Wording::default(), &shown.base)?;
        let view = StandingLinkView::new(me.partner(), state, words, &shown);
        Ok::<_, Failure<DraftError>>(Reply::ok(&view).secret(LINKS))
    })
    .await
}

/// Revoke one's standing link: there is none until the next rotation. Twice changes nothing.
#[utoipa::path(tag = "Partnerships", responses((status = 204)))]
#[delete("/v1/relationships/invitationlink")]
pub(super) async fn revoke_standing_link(
    me: Allowed<InviteResellers>,
    parts: Data<Parts>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    me.write(&parts, move |tx, me| -> Sure<Reply> {
        actions::revoke_standing_link(tx, me, now)?;
        Ok(Reply::no_content())
    })
    .await
}
