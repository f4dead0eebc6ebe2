//! Requests for a relationship with a customer: types and pure rules.

use uuid::Uuid;

use crate::access::{CustomerId, PartnerId, UserId};
use crate::companies::CompanyProfile;
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::http::BaseUrl;
use crate::platform::keys::{LinkPurpose, LinkToken, name_of};
use crate::platform::portal::Language;
use crate::platform::text::EmailAddress;
use crate::words;

ids! {
    /// A request for a relationship with a customer.
    RequestId,
}

/// The link of one request: it proves knowledge of what is asked, never ownership of a mailbox.
pub struct RequestLink;

impl LinkPurpose for RequestLink {
    const PREFIX: &'static str = "req_";
}

/// A partner's link for many customers; its id is the partner's. What it asks stands in its query.
pub struct StandingRequestLink;

impl LinkPurpose for StandingRequestLink {
    const PREFIX: &'static str = "rel_";
}

/// The version of every request's link: what asks for something else is another request.
pub const LINK_VERSION: i32 = 1;

/// Days a request can be answered, unless it says otherwise.
pub const DEFAULT_DAYS: u64 = 30;

/// What the query of a standing link asks. It is no secret: whoever opens the link is shown exactly it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Whether delegated administration is included.
    pub delegated_admin: bool,
    /// Through which provider.
    pub provider: Option<PartnerId>,
    /// With which reseller.
    pub reseller: Option<PartnerId>,
}

impl Choices {
    /// Reads a query, its names in any case as clients write them. What is no id names nobody, as an unknown one does.
    pub fn read(query: &str) -> Self {
        let value = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
        };
        let partner = |name: &str| value(name).map(|id| id.parse().unwrap_or(PartnerId::from_uuid(Uuid::nil())));
        Self {
            delegated_admin: value("DAP").is_some_and(|said| said.eq_ignore_ascii_case("true")),
            provider: partner("indirectCSPId"),
            reseller: partner("indirectResellerId"),
        }
    }
}

/// A link that asks a customer for a relationship, as presented.
#[derive(Clone)]
pub enum AskingLink {
    /// A request's.
    Request(LinkToken<RequestLink>),
    /// A partner's standing one, and what its query asks.
    Standing(LinkToken<StandingRequestLink>, Choices),
}

impl AskingLink {
    /// Reads a token. Anything malformed becomes a link that proves nothing.
    pub fn parse(token: &str, choices: Choices) -> Self {
        if token.starts_with(StandingRequestLink::PREFIX) {
            AskingLink::Standing(LinkToken::parse(token), choices)
        } else {
            AskingLink::Request(LinkToken::parse(token))
        }
    }

    /// Token and query as a browser keeps them, in letters that a cookie takes.
    pub fn kept(token: &str, choices: Choices) -> String {
        let id = |partner: Option<PartnerId>| partner.map(|id| id.uuid().simple().to_string()).unwrap_or_default();
        let delegated = u8::from(choices.delegated_admin);
        format!("{token}.{delegated}.{}.{}", id(choices.provider), id(choices.reseller))
    }

    /// The link that a browser kept; one that proves nothing, if it is none.
    pub fn from_kept(text: &str) -> Self {
        let mut parts = text.split('.');
        let token = parts.next().unwrap_or_default();
        let delegated_admin = parts.next() == Some("1");
        let mut partner = || parts.next().and_then(|id| id.parse().ok());
        let (provider, reseller) = (partner(), partner());
        Self::parse(token, Choices { delegated_admin, provider, reseller })
    }
}

words! {
    /// What has become of a request, beside its expiry.
    RequestState {
        /// Can be answered until it expires.
        Open = "open",
        /// The customer said yes.
        Approved = "approved",
        /// The customer said no.
        Declined = "declined",
        /// The partner took it back.
        Revoked = "revoked",
    }
}

words! {
    /// How far a request has come, as people see it.
    RequestProgress {
        /// Nobody has looked at it, signed in.
        Open = "open",
        /// A customer's admin has.
        Opened = "opened",
        /// The customer said yes.
        Approved = "approved",
        /// The customer said no.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// The partner took it back.
        Revoked = "revoked",
    }
}

/// Which requests a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownRequests {
    /// All of them.
    All,
    /// Those that can still be answered.
    Open,
    /// Those that nobody answered in time.
    Expired,
    /// Those that ended so.
    Ended(RequestState),
}

/// A request for a relationship.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub partner: PartnerId,
    /// Who sent it.
    pub created_by: Option<UserId>,
    /// The provider that would sell.
    pub provider: PartnerId,
    /// The reseller that would serve the customer through it.
    pub reseller: Option<PartnerId>,
    /// Whether delegated administration is included.
    pub delegated_admin: bool,
    /// The mailbox, if it is for one.
    pub email: Option<EmailAddress>,
    /// The language of its mail.
    pub language: Language,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text, with the place of the link marked: the link itself is never stored.
    pub message: String,
    /// The version of the standing link that was answered, if it is such an answer.
    pub standing_link_version: Option<i32>,
    /// What has become of it.
    pub state: RequestState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When a customer's admin, signed in, first opened it.
    pub opened_at: Option<Timestamp>,
    /// When it was answered or revoked.
    pub answered_at: Option<Timestamp>,
    /// By which customer.
    pub answered_by: Option<CustomerId>,
    /// Why it was declined.
    pub decline_reason: Option<String>,
}

impl Request {
    /// Whether it can still be answered.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == RequestState::Open && now < self.expires_at
    }

    /// How far it has come.
    pub fn progress(&self, now: Timestamp) -> RequestProgress {
        match self.state {
            RequestState::Approved => RequestProgress::Approved,
            RequestState::Declined => RequestProgress::Declined,
            RequestState::Revoked => RequestProgress::Revoked,
            RequestState::Open if now >= self.expires_at => RequestProgress::Expired,
            RequestState::Open if self.opened_at.is_some() => RequestProgress::Opened,
            RequestState::Open => RequestProgress::Open,
        }
    }
}

/// The address of the page that a link opens.
pub fn link_address(base: &BaseUrl, token: &str) -> String {
    base.join(&format!("/relationships/{token}"))
}

/// What a customer is asked, from the link it holds.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks.
    pub partner: PartnerId,
    /// The provider that would sell.
    pub provider: PartnerId,
    /// The reseller that would serve the customer through it.
    pub reseller: Option<PartnerId>,
    /// Whether delegated administration is included.
    pub delegated_admin: bool,
    /// By what.
    pub by: AskedBy,
}

/// By what a customer is asked.
#[derive(Clone, Debug)]
pub enum AskedBy {
    /// A request.
    Request(Box<Request>),
    /// A partner's standing link, in a version.
    Standing(i32),
}

/// Who would serve the customer.
#[derive(Clone, Debug)]
pub struct Parties {
    /// The provider.
    pub provider: CompanyProfile,
    /// The reseller, if one is named.
    pub reseller: Option<CompanyProfile>,
}

impl Parties {
    /// The one that asks.
    pub fn asker(&self, asked: &Asked) -> &CompanyProfile {
        self.reseller.as_ref().filter(|reseller| reseller.id == asked.partner).unwrap_or(&self.provider)
    }
}

impl Asked {
    /// What a request asks.
    pub fn by_request(request: Request) -> Self {
        let Request { partner, provider, reseller, delegated_admin, .. } = request;
        Self { partner, provider, reseller, delegated_admin, by: AskedBy::Request(Box::new(request)) }
    }

    /// The request, if it is one.
    pub fn request(&self) -> Option<&Request> {
        match &self.by {
            AskedBy::Request(request) => Some(request),
            AskedBy::Standing(_) => None,
        }
    }

    /// Everybody that a relationship is asked for.
    pub fn partners(&self) -> Vec<PartnerId> {
        std::iter::once(self.provider).chain(self.reseller).collect()
    }

    /// Names exactly what a page shows: who asks for what, by which link. What is approved must still have it.
    pub fn version(&self, parties: &Parties) -> String {
        let (id, version) = match &self.by {
            AskedBy::Request(request) => (request.id.uuid(), LINK_VERSION),
            AskedBy::Standing(version) => (self.partner.uuid(), *version),
        };
        let mut shown =
            vec![id.as_bytes().to_vec(), version.to_be_bytes().to_vec(), vec![u8::from(self.delegated_admin)]];
        shown.push(self.partner.uuid().as_bytes().to_vec());
        shown.extend(parties.provider.shown());
        shown.extend(parties.reseller.iter().flat_map(CompanyProfile::shown));
        name_of(&shown.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// What a signed-in customer sees behind a link.
#[derive(Clone, Debug)]
pub struct RequestSheet {
    /// What is asked.
    pub asked: Asked,
    /// By and for whom.
    pub parties: Parties,
    /// Who is asked: the customer's name.
    pub company: String,
    /// What is shown, named for the answer.
    pub version: String,
    /// Where the answer stands.
    pub standing: RequestStanding,
    /// Why it cannot be approved now.
    pub obstacles: Vec<Obstacle>,
}

/// Where the answer of a customer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStanding {
    /// It can answer.
    Open,
    /// Everything that is asked is so, since.
    Approved(Timestamp),
    /// It said no.
    Declined,
}

/// Something that stands between a customer and a relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A partner has not signed the agreement in force; its name.
    AgreementMissing(String),
    /// Provider and customer are of different regions; their countries.
    RegionDiffers(String, String),
}

/// Characters of the part of a domain that a customer chooses, at most.
pub const MAX_PREFIX: usize = 27;

/// The domain of a customer that makes its own tenant; `None` if what it chose is no name.
pub fn tenant_domain(prefix: &str, suffix: &str) -> Option<String> {
    let prefix = prefix.trim().to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = (1..=MAX_PREFIX).contains(&prefix.len())
        && prefix.bytes().all(plain)
        && !prefix.starts_with('-')
        && !prefix.ends_with('-');
    good.then(|| format!("{prefix}.{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partnerships::ASKING_PREFIXES;
    use crate::platform::keys::Keys;

    #[test]
    fn the_query_of_a_link_is_read_as_clients_write_it() {
        let id = PartnerId::fresh();
        let nobody = Some(PartnerId::from_uuid(Uuid::nil()));
        let read = Choices::read(&format!("invType=IndirectResellerRelationship&DAP=TRUE&indirectcspid={id}"));
        assert_eq!(read, Choices { delegated_admin: true, provider: Some(id), reseller: None });
        let read = Choices::read(&format!("dap=no&indirectResellerId={id}&indirectResellerId=x"));
        assert_eq!(read, Choices { delegated_admin: false, provider: None, reseller: Some(id) });
        assert_eq!(Choices::read("DAP&indirectCSPId=northwind").provider, nobody);
        assert_eq!(Choices::read(""), Choices::default());
    }

    #[test]
    fn a_browser_keeps_the_link_with_what_it_asks() {
        let keys = Keys::from_master(&[7; 32]);
        let (partner, other) = (PartnerId::fresh(), PartnerId::fresh());
        let token = keys.link::<StandingRequestLink>(partner.uuid(), 3);
        let token = secrecy::ExposeSecret::expose_secret(&token);
        for choices in [
            Choices { delegated_admin: true, provider: Some(other), reseller: None },
            Choices { delegated_admin: false, provider: None, reseller: Some(other) },
            Choices::default(),
        ] {
            let kept = AskingLink::kept(token, choices);
            assert!(kept.len() < 200, "{kept}");
            let AskingLink::Standing(read, with) = AskingLink::from_kept(&kept) else { panic!("{kept}") };
            assert!(keys.proves(&read, 3) && with == choices, "{kept}");
        }
        for text in ["", ".", "rel_", "req_x.1", "rel_x.2.y.z.1"] {
            match AskingLink::from_kept(text) {
                AskingLink::Request(token) => assert!(!keys.proves(&token, LINK_VERSION)),
                AskingLink::Standing(token, _) => assert!(!keys.proves(&token, 1)),
            }
        }
    }

    #[test]
    fn drf_02_links_of_requests_are_among_those_that_no_draft_may_hold() {
        for prefix in [RequestLink::PREFIX, StandingRequestLink::PREFIX] {
            assert!(ASKING_PREFIXES.contains(&prefix));
        }
    }

    #[test]
    fn a_tenant_is_named_by_letters_digits_and_hyphens() {
        let named = |prefix: &str| tenant_domain(prefix, "onmicrosoft.com");
        assert_eq!(named(" Fabrikam-2 ").as_deref(), Some("fabrikam-2.onmicrosoft.com"));
        for wrong in ["", "-a", "a-", "a.b", "a b", "å", &"a".repeat(28), "evil.example/"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
