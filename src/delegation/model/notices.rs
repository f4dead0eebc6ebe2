//! What a customer is told about who administers it, and tenant owners.

use super::GrantId;
use crate::access::{CustomerId, OrganisationId, PartnerId};
use crate::platform::clock::Timestamp;
use crate::platform::text::EmailAddress;
use crate::{ids, words};

ids! {
    /// A notice to one mailbox.
    NoticeId,
    /// Tenant owner permission of a reseller on a customer's directory.
    TenantOwnerId,
}

words! {
    /// What a customer is told.
    NoticeKind {
        /// A partner has full delegated administration.
        Granted = "granted",
        /// A partner asks for granular administration.
        Asked = "asked",
        /// Granular administration was approved.
        Approved = "approved",
        /// Roles were taken out.
        RolesChanged = "roles_changed",
        /// It ends soon.
        Ending = "ending",
        /// It will be extended soon.
        Extending = "extending",
        /// It was extended.
        Extended = "extended",
        /// Its time was over.
        Expired = "expired",
        /// Somebody ended it.
        Ended = "ended",
        /// A partner's relationship ended.
        RelationshipEnded = "relationship_ended",
        /// A reseller is tenant owner.
        OwnerGranted = "owner_granted",
        /// A reseller is tenant owner no more.
        OwnerEnded = "owner_ended",
    }
}

/// A notice to one mailbox.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// Who is told.
    pub customer: CustomerId,
    /// About which partner.
    pub partner: PartnerId,
    /// What.
    pub kind: NoticeKind,
    /// By which delegated admin relationship, if by one.
    pub relationship: Option<GrantId>,
    /// When that ends, or ended.
    pub ends_at: Option<Timestamp>,
    /// The mailbox.
    pub email: EmailAddress,
    /// The language of the mail.
    pub language: String,
    /// When it came to be told.
    pub created_at: Timestamp,
}

/// A reseller that is tenant owner of a customer's directory. It opens no device.
#[derive(Clone, Debug)]
pub struct TenantOwner {
    /// Its id.
    pub id: TenantOwnerId,
    /// Whose directory.
    pub customer: CustomerId,
    /// Which reseller.
    pub partner: PartnerId,
    /// Who gave it: the provider or the customer.
    pub granted_by: OrganisationId,
    /// Since when.
    pub since: Timestamp,
}
