//! REST of what one is told by mail.

use actix_web::web::{Data, Json as Answer};
use actix_web::{HttpResponse, get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::actions;
use super::super::guard::SignedIn;
use super::super::model::{Choice, Topic};
use crate::platform::Parts;
use crate::platform::http::{Error, Json, Reply};

/// How much one wants to be told of each topic: `none`, `own` (what came of one's own doing) or `all`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NotificationChoices {
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_accepted: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_declined: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation_expiring: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administration_approved: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administration_declined: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administration_ending: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    administration_ended: Option<Choice>,
    relationship_approved: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship_declined: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_requested: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_answered: Option<Choice>,
}

impl NotificationChoices {
    fn made(&self) -> Vec<(Topic, Choice)> {
        let of = |topic: Topic| match topic {
            Topic::InvitationAccepted => self.invitation_accepted,
            Topic::InvitationDeclined => self.invitation_declined,
            Topic::InvitationExpiring => self.invitation_expiring,
            Topic::AdministrationApproved => self.administration_approved,
            Topic::AdministrationDeclined => self.administration_declined,
            Topic::AdministrationEnding => self.administration_ending,
            Topic::AdministrationEnded => self.administration_ended,
            Topic::RelationshipApproved => self.relationship_approved,
            Topic::RelationshipDeclined => self.relationship_declined,
            Topic::ReleaseRequested => self.release_requested,
            Topic::ReleaseAnswered => self.release_answered,
        };
        Topic::ALL.iter().filter_map(|topic| Some((*topic, of(*topic)?))).collect()
    }

    fn shown(choices: &[(Topic, Choice)]) -> Self {
        let of = |topic: Topic| choices.iter().find(|(known, _)| *known == topic).map(|(_, choice)| *choice);
        Self {
            invitation_accepted: of(Topic::InvitationAccepted),
            invitation_declined: of(Topic::InvitationDeclined),
            invitation_expiring: of(Topic::InvitationExpiring),
            administration_approved: of(Topic::AdministrationApproved),
            administration_declined: of(Topic::AdministrationDeclined),
            administration_ending: of(Topic::AdministrationEnding),
            administration_ended: of(Topic::AdministrationEnded),
            relationship_approved: of(Topic::RelationshipApproved),
            relationship_declined: of(Topic::RelationshipDeclined),
            release_requested: of(Topic::ReleaseRequested),
            release_answered: of(Topic::ReleaseAnswered),
        }
    }
}

/// What one is told by mail.
#[utoipa::path(tag = "Accounts", responses((status = 200, body = NotificationChoices)))]
#[get("/v1/accounts/notifications")]
pub(super) async fn show_notifications(me: SignedIn, parts: Data<Parts>) -> Result<Answer<NotificationChoices>, Error> {
    let choices = me.read(&parts, actions::notification_choices).await?;
    Ok(Answer(NotificationChoices::shown(&choices)))
}

/// Choose what one is told by mail. Topics that are left out stay as they are.
#[utoipa::path(tag = "Accounts", request_body = NotificationChoices, responses((status = 200, body = NotificationChoices)))]
#[put("/v1/accounts/notifications")]
pub(super) async fn choose_notifications(
    me: SignedIn,
    parts: Data<Parts>,
    body: Json<NotificationChoices>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let choices = body.0.made();
    me.write(&parts, move |tx, me| {
        let made = actions::choose_notifications(tx, me, &choices, now);
        made.map(|choices| Reply::ok(&NotificationChoices::shown(&choices)))
    })
    .await
}
