//! What people are told by mail, as each of them chooses.

use super::UserId;
use crate::words;
use crate::{ids, platform::clock::Timestamp};

words! {
    /// What one can be told of.
    Topic {
        /// A reseller accepted an invitation.
        InvitationAccepted = "invitationAccepted",
        /// A reseller declined an invitation.
        InvitationDeclined = "invitationDeclined",
        /// An invitation ends soon and nobody has answered it.
        InvitationExpiring = "invitationExpiring",
        /// A customer approved delegated administration.
        AdministrationApproved = "administrationApproved",
        /// A customer declined it.
        AdministrationDeclined = "administrationDeclined",
        /// Delegated administration ends soon, or its time is over.
        AdministrationEnding = "administrationEnding",
        /// A customer ended it.
        AdministrationEnded = "administrationEnded",
        /// A customer approved a request for a relationship.
        RelationshipApproved = "relationshipApproved",
        /// A customer declined one.
        RelationshipDeclined = "relationshipDeclined",
        /// Somebody asks to release a device.
        ReleaseRequested = "releaseRequested",
        /// A device one asked for was released, or not.
        ReleaseAnswered = "releaseAnswered",
    }
}

words! {
    /// How much of it one wants to be told.
    Choice {
        /// Nothing.
        None = "none",
        /// What came of one's own doing, such as the invitations and requests that one sent. The default.
        Own = "own",
        /// Whatever concerns one's company.
        All = "all",
    }
}

ids! {
    /// A notification of one person.
    NotificationId,
}

/// Something one person is told.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Whom.
    pub user: UserId,
    /// Of what.
    pub topic: Topic,
    /// What it is about; which table that is in, the topic says.
    pub subject: uuid::Uuid,
    /// When it came to be told.
    pub created_at: Timestamp,
}
