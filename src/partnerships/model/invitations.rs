//! Invitations, the standing link, and their answers: types and pure rules.

use std::time::Duration;

use super::DraftError;
use crate::access::{PartnerId, UserId};
use crate::companies::{CompanyProfile, MpnId, Shortcoming};
use crate::platform::clock::Timestamp;
use crate::platform::http::BaseUrl;
use crate::platform::keys::{LinkPurpose, LinkToken, name_of};
use crate::platform::portal::Language;
use crate::platform::text::EmailAddress;
use crate::{ids, words};

ids! {
    /// An invitation.
    InvitationId,
    /// A company's no to a standing link.
    StandingDeclineId,
}

/// The personal link in an invitation: it proves knowledge of the offer, never ownership of a mailbox.
pub struct InvitationLink;

impl LinkPurpose for InvitationLink {
    const PREFIX: &'static str = "inv_";
}

/// A provider's link for many uses; its id is the provider's.
pub struct StandingLink;

impl LinkPurpose for StandingLink {
    const PREFIX: &'static str = "std_";
}

/// A link that asks a reseller for a partnership, as presented.
#[derive(Clone)]
pub enum AskingLink {
    /// An invitation's.
    Invitation(LinkToken<InvitationLink>),
    /// A provider's standing one.
    Standing(LinkToken<StandingLink>),
}

impl AskingLink {
    /// Reads a token. Anything malformed becomes a link that proves nothing.
    pub fn parse(text: &str) -> Self {
        if text.starts_with(StandingLink::PREFIX) {
            AskingLink::Standing(LinkToken::parse(text))
        } else {
            AskingLink::Invitation(LinkToken::parse(text))
        }
    }
}

words! {
    /// What has become of an invitation, beside its expiry.
    InvitationState {
        /// Can be answered until it expires.
        Open = "open",
        /// A partnership came of it.
        Accepted = "accepted",
        /// The reseller said no.
        Declined = "declined",
        /// The provider took it back.
        Revoked = "revoked",
    }
}

/// An invitation to one mailbox.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who asks.
    pub provider: PartnerId,
    /// Who sent it.
    pub created_by: Option<UserId>,
    /// The mailbox.
    pub email: EmailAddress,
    /// The only company that may accept, if one is named.
    pub mpn_id: Option<MpnId>,
    /// The language of its mails.
    pub language: Language,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text, with [`LINK_PLACE`] where the link goes: the link itself is never stored.
    pub message: String,
    /// Which of its links is good: those before are dead.
    pub link_version: i32,
    /// What has become of it.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was said to be sent from elsewhere.
    pub sent_outside_at: Option<Timestamp>,
    /// When a reseller's user, signed in, first opened it.
    pub opened_at: Option<Timestamp>,
    /// For which company.
    pub opened_by: Option<PartnerId>,
    /// When it was answered or revoked.
    pub answered_at: Option<Timestamp>,
    /// By which company.
    pub answered_by: Option<PartnerId>,
    /// Why it was declined.
    pub decline_reason: Option<String>,
}

/// A company's no to a standing link, which goes on asking others.
#[derive(Clone, Debug)]
pub struct StandingDecline {
    /// Its id.
    pub id: StandingDeclineId,
    /// Who asked.
    pub provider: PartnerId,
    /// Who said no.
    pub reseller: PartnerId,
    /// Why.
    pub reason: Option<String>,
}

words! {
    /// How far an invitation has come, as people see it.
    Progress {
        /// Made; nobody was written to yet.
        Created = "created",
        /// Its mail is with the mail server.
        Mailed = "mailed",
        /// The mail server refused the mailbox for good.
        Bounced = "bounced",
        /// Its mail could not be delivered within three days.
        Failed = "failed",
        /// Sent with the provider's own mail program.
        SentOutside = "sentOutside",
        /// A reseller's user has looked at it, signed in.
        Opened = "opened",
        /// A partnership came of it.
        Accepted = "accepted",
        /// The reseller said no.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// The provider took it back.
        Revoked = "revoked",
    }
}

impl Invitation {
    /// Whether it can still be answered.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == InvitationState::Open && now < self.expires_at
    }

    /// How far it has come; `mail` is what became of the mail of its present link, if it is known.
    pub fn progress(&self, mail: Option<Progress>, now: Timestamp) -> Progress {
        match self.state {
            InvitationState::Accepted => Progress::Accepted,
            InvitationState::Declined => Progress::Declined,
            InvitationState::Revoked => Progress::Revoked,
            InvitationState::Open if now >= self.expires_at => Progress::Expired,
            InvitationState::Open if self.opened_at.is_some() => Progress::Opened,
            InvitationState::Open => match (mail, self.sent_outside_at) {
                (Some(Progress::Mailed), _) => Progress::Mailed,
                (_, Some(_)) => Progress::SentOutside,
                (Some(outcome), None) => outcome,
                (None, None) => Progress::Created,
            },
        }
    }
}

/// Which invitations a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of them.
    All,
    /// Those that can still be answered.
    Open,
    /// Those that nobody answered in time.
    Expired,
    /// Those that ended so.
    Ended(InvitationState),
}

/// Where the personal link stands in a message.
pub const LINK_PLACE: &str = "{link}";

/// Characters of a message at most.
pub const MAX_MESSAGE: usize = 8_000;

/// Days an invitation can be accepted, at most.
pub const MAX_DAYS: u64 = 90;

/// Before the end of an invitation, when somebody is reminded of it.
pub const REMINDERS: [Duration; 2] = [Duration::from_secs(7 * 24 * 60 * 60), Duration::from_secs(24 * 60 * 60)];

/// The address of the page that a link opens.
pub fn link_address(base: &BaseUrl, token: &str) -> String {
    base.join(&format!("/invitations/{token}"))
}

/// What tokens of links that ask for something begin with: those of invitations, and of relationships with customers,
/// which a higher feature asks for.
pub const ASKING_PREFIXES: [&str; 4] = [InvitationLink::PREFIX, StandingLink::PREFIX, "req_", "rel_"];

/// The first token of a link in a text, wherever and in whatever address it stands: no link is kept in a database.
pub fn token_in(text: &str) -> Option<&str> {
    /// Base64url characters of a token's 48 bytes.
    const BODY: usize = 64;
    let is_body = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    ASKING_PREFIXES.into_iter().find_map(|prefix| {
        let mut places = text.match_indices(prefix).map(|(place, _)| place);
        places.find_map(|place| {
            let end = place + prefix.len() + BODY;
            let body = text.as_bytes().get(place + prefix.len()..end)?;
            body.iter().all(is_body).then(|| &text[place..end])
        })
    })
}

/// The message as it is kept: the draft's personal link, where it stands as an address, becomes [`LINK_PLACE`]. Addresses of
/// links of this kind begin with `address`; `is_own` says of a token whether it is the draft's.
///
/// # Errors
/// If the link is not in it exactly once; the refusal carries the text with the link put right. If it holds another
/// personal link, or something that is not plain text.
pub fn keepable_message(message: &str, address: &str, is_own: impl Fn(&str) -> bool) -> Result<String, DraftError> {
    let mut kept = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(address) {
        let after = &rest[at + address.len()..];
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(after.len());
        if !is_own(&after[..end]) {
            return Err(DraftError::ForeignLink(rest[at..at + address.len() + end].to_owned()));
        }
        kept.push_str(&rest[..at]);
        kept.push_str(LINK_PLACE);
        rest = &after[end..];
    }
    kept.push_str(rest);
    if let Some(token) = token_in(&kept) {
        return Err(DraftError::ForeignLink(token.to_owned()));
    }
    if kept.chars().count() > MAX_MESSAGE {
        return Err(DraftError::MessageTooLong);
    }
    if kept.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
        return Err(DraftError::MessageControlCharacter);
    }
    match kept.matches(LINK_PLACE).count() {
        1 => Ok(kept.replace("\r\n", "\n").replace('\r', "\n")),
        0 => Err(DraftError::LinkMissing { found: 0, mended: format!("{}\n\n{LINK_PLACE}", kept.trim_end()) }),
        found => {
            let (before, after) = kept.split_once(LINK_PLACE).unwrap_or((&kept, ""));
            Err(DraftError::LinkMissing {
                found,
                mended: format!("{before}{LINK_PLACE}{}", after.replace(LINK_PLACE, "")),
            })
        }
    }
}

/// The message of an invitation as it is kept; `own` is the invitation, if it is made already.
///
/// # Errors
/// As [`keepable_message`].
pub fn keepable_invitation(message: &str, base: &BaseUrl, own: Option<InvitationId>) -> Result<String, DraftError> {
    keepable_message(message, &link_address(base, ""), |token| match AskingLink::parse(token) {
        AskingLink::Invitation(token) => own.is_some_and(|own| own.uuid() == token.id()),
        AskingLink::Standing(_) => false,
    })
}

/// What a reseller is asked, from the link it holds.
#[derive(Clone, Debug)]
pub enum Asked {
    /// By an invitation.
    Invitation(Box<Invitation>),
    /// By the standing link of a provider, in a version.
    Standing(PartnerId, i32),
}

impl Asked {
    /// Who asks.
    pub fn provider(&self) -> PartnerId {
        match self {
            Asked::Invitation(invitation) => invitation.provider,
            Asked::Standing(provider, _) => *provider,
        }
    }

    /// The invitation, if it is one.
    pub fn invitation(&self) -> Option<&Invitation> {
        match self {
            Asked::Invitation(invitation) => Some(invitation),
            Asked::Standing(..) => None,
        }
    }

    /// Names exactly what a page shows: who asks, in which words, by which link. What is accepted must still have it.
    pub fn version(&self, provider: &CompanyProfile) -> String {
        let (id, version) = match self {
            Asked::Invitation(invitation) => (invitation.id.uuid(), invitation.link_version),
            Asked::Standing(provider, version) => (provider.uuid(), *version),
        };
        let shown = provider.shown();
        let own = [id.as_bytes().to_vec(), version.to_be_bytes().to_vec()];
        name_of(&own.iter().chain(&shown).map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// What a signed-in reseller sees behind a link.
#[derive(Clone, Debug)]
pub struct AnswerSheet {
    /// Who asks.
    pub provider: CompanyProfile,
    /// Who is asked: the name of the reseller's company.
    pub company: String,
    /// By what.
    pub asked: Asked,
    /// What is shown, named for the answer.
    pub version: String,
    /// Where it stands.
    pub standing: AnswerStanding,
    /// What the reseller's company still lacks. Only a missing agreement does not stand in the way of accepting.
    pub lacking: Vec<Shortcoming>,
}

/// Where the answer of a company stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerStanding {
    /// It can answer.
    Open,
    /// The two are partners since.
    Partners(Timestamp),
    /// It declined.
    Declined,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::error::Refusal;

    fn told(message: &str) -> Result<String, &'static str> {
        keepable_invitation(message, &BaseUrl::new("https://partners.test"), None).map_err(|error| error.code().name)
    }

    #[test]
    fn drf_02_a_message_holds_the_link_exactly_once() {
        assert_eq!(told("Open {link}, please."), Ok("Open {link}, please.".to_owned()));
        assert_eq!(told("a\r\nb\rc {link}"), Ok("a\nb\nc {link}".to_owned()));
        assert_eq!(told("Open it."), Err("invitationLinkMissing"));
        assert_eq!(told("{link} {link}"), Err("invitationLinkMissing"));
        assert_eq!(told("{link}\u{0}"), Err("invitationMessageNotText"));
        assert_eq!(told(&format!("{{link}}{}", "x".repeat(MAX_MESSAGE))), Err("invitationMessageTooLong"));
        let other = "https://partners.test/invitations/inv_abc";
        assert_eq!(told(&format!("{{link}} {other}")), Err("invitationLinkForeign"));
    }

    #[test]
    fn drf_02_the_refusal_of_a_text_without_the_link_puts_it_back() {
        let mended = |message: &str| match keepable_invitation(message, &BaseUrl::new("https://partners.test"), None) {
            Err(DraftError::LinkMissing { mended, .. }) => mended,
            other => panic!("{other:?}"),
        };
        assert_eq!(mended("Hello\n"), "Hello\n\n{link}");
        assert_eq!(mended("{link} or {link} or {link}"), "{link} or  or ");
    }

    #[test]
    fn the_link_of_the_draft_itself_is_taken_for_its_place() {
        let base = BaseUrl::new("https://partners.test");
        let keys = crate::platform::keys::Keys::from_master(&[7; 32]);
        let id = InvitationId::fresh();
        let token = keys.link::<InvitationLink>(id.uuid(), 1);
        let message = format!("Öppna {} nu.", link_address(&base, secrecy::ExposeSecret::expose_secret(&token)));
        assert_eq!(keepable_invitation(&message, &base, Some(id)).unwrap(), "Öppna {link} nu.");
        let twice = keepable_invitation(&format!("{message} {message}"), &base, Some(id)).unwrap_err();
        assert_eq!(twice.code().name, "invitationLinkMissing");
        let other = keepable_invitation(&message, &base, Some(InvitationId::fresh())).unwrap_err();
        assert_eq!(other.code().name, "invitationLinkForeign");
    }

    #[test]
    fn drf_02_a_token_is_seen_in_whatever_address_it_stands() {
        let keys = crate::platform::keys::Keys::from_master(&[7; 32]);
        let token = keys.link::<StandingLink>(InvitationId::fresh().uuid(), 1);
        let token = secrecy::ExposeSecret::expose_secret(&token);
        for text in [token.to_owned(), format!("https://PARTNERS.test/invitations/{token}."), format!("åx{token}")] {
            assert_eq!(token_in(&text), Some(token), "{text}");
            assert_eq!(told(&format!("{{link}} {text}")), Err("invitationLinkForeign"));
        }
        for text in ["inv_", "std_x", &token[..67], "inv_åååååååååååååååååååååååååååååååååååååååå"]
        {
            assert_eq!(token_in(text), None, "{text}");
        }
    }

    #[test]
    fn an_invitation_is_as_far_as_its_last_step() {
        let now = Timestamp::from_micros(1_000_000);
        let end = Timestamp::from_micros(2_000_000);
        let base = Invitation {
            id: InvitationId::fresh(),
            provider: PartnerId::fresh(),
            created_by: None,
            email: EmailAddress::try_from("a@b.example".to_owned()).unwrap(),
            mpn_id: None,
            language: Language::English,
            subject: String::new(),
            message: String::new(),
            link_version: 1,
            state: InvitationState::Open,
            created_at: now,
            expires_at: end,
            sent_outside_at: None,
            opened_at: None,
            opened_by: None,
            answered_at: None,
            answered_by: None,
            decline_reason: None,
        };
        assert!(base.is_open(now) && !base.is_open(end));
        let outside = Invitation { sent_outside_at: Some(now), ..base.clone() };
        let opened = Invitation { opened_at: Some(now), ..base.clone() };
        let revoked = Invitation { state: InvitationState::Revoked, ..opened.clone() };
        for (invitation, mail, at, progress) in [
            (&base, None, now, Progress::Created),
            (&base, Some(Progress::Mailed), now, Progress::Mailed),
            (&base, Some(Progress::Bounced), now, Progress::Bounced),
            (&base, Some(Progress::Failed), now, Progress::Failed),
            (&base, Some(Progress::Mailed), end, Progress::Expired),
            (&outside, None, now, Progress::SentOutside),
            (&outside, Some(Progress::Bounced), now, Progress::SentOutside),
            (&opened, Some(Progress::Mailed), now, Progress::Opened),
            (&revoked, None, end, Progress::Revoked),
        ] {
            assert_eq!(invitation.progress(mail, at), progress);
        }
    }
}
