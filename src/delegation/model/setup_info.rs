//! Setup info: who gets the user name and temporary password of a customer's first admin, and by which link.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::customers::ProfileError;
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::keys::LinkPurpose;
use crate::platform::portal::Language;
use crate::platform::text::{EmailAddress, Line, shorten};
use crate::{ids, words};

ids! {
    /// A hand-over of setup info by a link.
    SetupInfoId,
}

words! {
    /// What became of such a hand-over.
    SetupInfoState {
        /// Its link can be used, up to its end.
        Open = "open",
        /// The link was used.
        Revealed = "revealed",
        /// Another link or another password took its place.
        Replaced = "replaced",
    }
}

/// The link that reveals setup info, once.
#[derive(Clone, Copy, Debug)]
pub struct SetupInfoLink;

impl LinkPurpose for SetupInfoLink {
    const PREFIX: &'static str = "set_";
}

/// Setup info that a named person reveals.
#[derive(Clone, Debug)]
pub struct SetupInfo {
    /// Its id, which its link is for.
    pub id: SetupInfoId,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's first admin.
    pub user: UserId,
    /// The partner that hands it over.
    pub partner: PartnerId,
    /// Who gets the link.
    pub recipient: Recipient,
    /// What became of it.
    pub state: SetupInfoState,
    /// When it was handed over.
    pub created_at: Timestamp,
    /// Until when the link can be used.
    pub expires_at: Timestamp,
}

impl SetupInfo {
    /// Whether its link can still be used.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == SetupInfoState::Open && now < self.expires_at
    }
}

/// The named person who gets setup info.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// How the mail calls the person.
    pub name: String,
    /// The mailbox.
    pub email: EmailAddress,
    /// The language of the mail.
    pub language: Language,
}

/// The person who gets the setup info, by a link in a mail, instead of whoever creates the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RecipientForm {
    /// Whom the mail greets.
    #[schema(max_length = 100)]
    pub name: String,
    /// One mailbox.
    #[schema(max_length = 254)]
    pub email: String,
    /// `en`, `sv` or `nl`; English, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl RecipientForm {
    /// The person, once everything is as it must be.
    ///
    /// # Errors
    /// Names the property and what is wrong with it.
    pub fn check(&self) -> Result<Recipient, ProfileError> {
        let wrong = |property: &str, reason: String| ProfileError::Property { property: property.to_owned(), reason };
        let name = Line::<100>::try_from(self.name.clone())
            .map_err(|reason| wrong("setupInfoTo.name", format!("{reason}: name the person whom the mail greets")))?;
        let email = EmailAddress::try_from(self.email.clone()).map_err(|_| {
            let reason = format!("\"{}\" is no e-mail address of one mailbox", shorten(&self.email, 80));
            wrong("setupInfoTo.email", reason)
        })?;
        let language = match &self.language {
            None => Language::English,
            Some(tag) => Language::from_tag(tag).ok_or_else(|| {
                wrong("setupInfoTo.language", format!("\"{}\" is not en, sv or nl", shorten(tag, 40)))
            })?,
        };
        Ok(Recipient { name: name.into(), email, language })
    }
}

/// A link that reveals nothing: unknown, altered, expired, used, replaced. All are answered alike.
#[derive(Debug, thiserror::Error)]
#[error(
    "This link reveals nothing: it was used already, has expired, or another one took its place. Ask the partner who \
     created your organisation here for a new one."
)]
pub struct SetupInfoLinkDead;

impl Refusal for SetupInfoLinkDead {
    fn code(&self) -> Code {
        Code::new(910_370, "setupInfoLinkDead", Kind::NotFound)
    }
}
