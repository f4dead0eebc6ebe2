//! How far invitations have come: the list, and the time line of each.

use std::collections::HashMap;

use diesel::QueryResult;

use super::answers::is_pointless;
use crate::access::Scope;
use crate::audit;
use crate::companies::{self, Candidate, Regions, Shortcoming};
use crate::partnerships::mail;
use crate::partnerships::model::{Invitation, InvitationId, InvitationState, NoInvitation, Progress, Shown};
use crate::partnerships::store::invitations as store;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::platform::jobs::{self, JobKind, Standing};

/// What became of the mail of each invitation's present link.
fn mail_outcomes(read: &mut Read<'_>, invitations: &[Invitation]) -> QueryResult<Vec<Option<Progress>>> {
    let ids: Vec<uuid::Uuid> = invitations.iter().map(|invitation| invitation.id.uuid()).collect();
    let mut outcomes = HashMap::with_capacity(ids.len());
    for mail in jobs::of_subjects(read, mail::INVITATION, &ids)? {
        if let Some(outcome) = outcome(&mail, mail::INVITATION) {
            outcomes.insert((mail.subject_id.uuid(), mail.version), outcome);
        }
    }
    let of = |invitation: &Invitation| outcomes.get(&(invitation.id.uuid(), invitation.link_version)).copied();
    Ok(invitations.iter().map(of).collect())
}

/// What became of a mail; `None` while it waits, or if it was no longer wanted.
fn outcome(mail: &Standing, kind: JobKind) -> Option<Progress> {
    match mail.state.as_str() {
        "done" => Some(Progress::Mailed),
        "dead" if mail.was_refused(kind) => Some(Progress::Bounced),
        "dead" => Some(Progress::Failed),
        _ => None,
    }
}

/// The invitations that the caller's company sent, and how far each has come: in the order in which they were made, open
/// and expired ones in that of their ends.
///
/// # Errors
/// Only the database's.
pub fn invitations(
    read: &mut Read<'_>,
    me: &Scope,
    shown: Shown,
    after: Option<(Timestamp, InvitationId)>,
    limit: i64,
    now: Timestamp,
) -> QueryResult<Vec<(Invitation, Progress)>> {
    let found = store::list(read, me.partner(), shown, after, limit, now)?;
    let mails = mail_outcomes(read, &found)?;
    let both = found.into_iter().zip(mails);
    Ok(both.map(|(invitation, mail)| (invitation.clone(), invitation.progress(mail, now))).collect())
}

/// One line of a time line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub what: &'static str,
    /// When, if it has.
    pub at: Option<Timestamp>,
    /// What there is to say about it.
    pub detail: Option<String>,
}

/// The line of a mail of this kind in a time line; `why_dropped` says why it was not sent, if it was not.
pub fn mail_step(mail: Standing, kind: JobKind, why_dropped: &str) -> Step {
    let step = |what, at, detail| Step { what, at, detail };
    match (outcome(&mail, kind), mail.state.as_str()) {
        // What the server says of the mailbox is the sender's to know; what it says of us is the operator's.
        (Some(outcome), _) => {
            step(outcome.as_str(), mail.finished_at, mail.last_error.filter(|_| outcome == Progress::Bounced))
        }
        (None, "dropped") => step("not mailed", mail.finished_at, Some(why_dropped.to_owned())),
        (None, _) => step("waiting to be mailed", None, None),
    }
}

/// Events of a time line at most: the newest.
pub const STEPS: i64 = 1_000;

/// What the events of an invitation are called in its time line.
const STEP_OF_EVENT: &[(&str, &str)] = &[
    ("invitation_created", "created"),
    ("invitation_sent_outside", "sent outside"),
    ("invitation_opened", "opened"),
    ("invitation_replaced", "replaced"),
    ("invitation_reminded", "reminded"),
    ("invitation_revoked", "revoked"),
];

/// An invitation in full: how far it has come, and its time line.
#[derive(Clone, Debug)]
pub struct InvitationStory {
    /// The invitation.
    pub invitation: Invitation,
    /// How far it has come.
    pub progress: Progress,
    /// What has happened, oldest first.
    pub steps: Vec<Step>,
    /// What the company named by its MPN ID still lacks.
    pub lacking: Vec<Shortcoming>,
    /// Whether an open one is for a company that is a partner already, as far as that is known.
    pub already_partners: bool,
}

/// An invitation that the caller's company sent, and what has happened to it.
///
/// # Errors
/// [`NoInvitation`].
pub fn invitation(
    read: &mut Read<'_>,
    me: &Scope,
    id: InvitationId,
    regions: &Regions,
    now: Timestamp,
) -> Outcome<InvitationStory, NoInvitation> {
    let invitation = store::of(read, me.partner(), id)?.ok_or(NoInvitation(id))?;
    Ok(told(read, invitation, regions, now)?)
}

/// The story of an invitation that the caller has just made or changed.
///
/// # Errors
/// Only the database's.
pub fn told(
    read: &mut Read<'_>,
    invitation: Invitation,
    regions: &Regions,
    now: Timestamp,
) -> QueryResult<InvitationStory> {
    let step = |what, at, detail| Step { what, at, detail };
    let mut steps = Vec::new();
    for event in audit::about(read, invitation.id.uuid(), STEPS)? {
        if let Some((_, what)) = STEP_OF_EVENT.iter().find(|(kind, _)| *kind == event.kind) {
            steps.push(step(*what, Some(event.at), None));
        }
    }
    let mut present = None;
    for mail in jobs::of_subjects(read, mail::INVITATION, &[invitation.id.uuid()])? {
        if mail.version == invitation.link_version {
            present = outcome(&mail, mail::INVITATION);
        }
        let replaced = mail.version != invitation.link_version;
        let why = if replaced { "its link was replaced" } else { "it was no longer open" };
        steps.push(mail_step(mail, mail::INVITATION, why));
    }
    match (invitation.state, invitation.answered_at) {
        (InvitationState::Accepted | InvitationState::Declined, at) => {
            steps.push(step(invitation.state.as_str(), at, invitation.decline_reason.clone()));
        }
        (InvitationState::Open, _) if now >= invitation.expires_at => {
            steps.push(step("expired", Some(invitation.expires_at), None));
        }
        _ => {}
    }
    // What is still to come stands at the end.
    steps.sort_by_key(|step| (step.at.is_none(), step.at));
    let lacking = match &invitation.mpn_id {
        Some(mpn_id) => companies::lacking(read, invitation.provider, Candidate::MpnId(mpn_id), regions, now)?,
        None => Vec::new(),
    };
    let already_partners = invitation.is_open(now) && is_pointless(read, &invitation)?;
    Ok(InvitationStory { progress: invitation.progress(present, now), invitation, steps, lacking, already_partners })
}
