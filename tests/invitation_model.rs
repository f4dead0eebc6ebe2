//! INV-8: whatever is done to invitations and partnerships, in whatever order, the program answers as a small model does.
//!
//! `SEED` repeats a run, `SOAK` says which percentage of the soak's sequences are played.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use partner_center::platform::clock::{Timestamp, days};
use serde_json::{Value, json};

use crate::harness::chance::{Random, rounds, seed};
use crate::harness::{Actor, Answer, Centre, nothing};

/// Sequences of operations in a run of the suite.
const SEQUENCES: usize = 60;
/// The same in a soak.
const SEQUENCES_IN_SOAK: usize = 10_000;
/// Operations of a sequence.
const OPERATIONS: usize = 20;
/// Sequences that follow each other in one centre; each writes to mailboxes of its own.
const SEQUENCES_OF_A_CENTRE: usize = 30;
/// Every so many sequences the mails go out.
const MAILED_EVERY: usize = 10;
const MAILBOXES: usize = 3;
const MAILS_PER_MAILBOX: usize = 3;
const PROVIDERS: [&str; 2] = ["northwind", "southwind"];
const RESELLERS: [(&str, &str); 3] = [("norrsken", "6001001"), ("adatum", "6001002"), ("tailspin", "6001003")];

const INVITATIONS: &str = "/v1/relationships/invitations";
const STANDING_LINK: &str = "/v1/relationships/invitationlink";

/// What the row of an invitation says; an open one may have expired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Open,
    Accepted,
    Declined,
    Revoked,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Accepted => "accepted",
            State::Declined => "declined",
            State::Revoked => "revoked",
        }
    }
}

/// Which of its owner's MPN IDs an invitation names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Account {
    Onboarded,
    OtherLocation,
    Global,
}

/// An MPN ID of one of the resellers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Mpn {
    owner: usize,
    account: Account,
}

impl Mpn {
    fn text(self) -> String {
        let onboarded = RESELLERS[self.owner].1;
        match self.account {
            Account::Onboarded => onboarded.to_owned(),
            Account::OtherLocation => format!("2{onboarded}"),
            Account::Global => format!("1{onboarded}"),
        }
    }
}

struct Invitation {
    id: String,
    provider: usize,
    email: String,
    mpn: Option<Mpn>,
    /// One for each version of its link, the newest last.
    tokens: Vec<String>,
    subject: String,
    state: State,
    expires: Timestamp,
    answered_by: Option<usize>,
    sent_outside: bool,
    opened: bool,
    /// Versions whose mail was wanted, and those whose mail went out.
    wanted: BTreeSet<usize>,
    mailed: BTreeSet<usize>,
}

impl Invitation {
    fn version(&self) -> usize {
        self.tokens.len()
    }

    fn is_open(&self, now: Timestamp) -> bool {
        self.state == State::Open && now < self.expires
    }

    fn progress(&self, now: Timestamp) -> &'static str {
        match self.state {
            State::Open if now >= self.expires => "expired",
            State::Open if self.opened => "opened",
            State::Open if self.mailed.contains(&self.version()) => "mailed",
            State::Open if self.sent_outside => "sentOutside",
            State::Open => "created",
            ended => ended.word(),
        }
    }
}

struct StandingLink {
    tokens: Vec<String>,
    revoked: bool,
}

struct Partnership {
    /// Once it was seen.
    id: Option<String>,
    active: bool,
}

/// A link that a reseller may hold.
#[derive(Clone, Copy, Debug)]
enum Link {
    /// Of an invitation, in a version.
    Invitation(usize, usize),
    /// Of a provider's standing link, in a version.
    Standing(usize, usize),
}

/// Somebody who signs in again when the access token has ended.
struct Person {
    actor: Actor,
    since: Timestamp,
}

struct Run {
    centre: Centre,
    random: Random,
    providers: Vec<Person>,
    resellers: Vec<Person>,
    invitations: Vec<Invitation>,
    standing: Vec<StandingLink>,
    partnerships: BTreeMap<(usize, usize), Vec<Partnership>>,
    /// Who said no to which standing link: the provider, the version, the reseller.
    standing_declines: BTreeSet<(usize, usize, usize)>,
    mails: BTreeMap<String, Vec<Timestamp>>,
    sequence: usize,
    /// The first invitation of this sequence.
    first: usize,
    subjects: usize,
    said: Vec<String>,
}

fn token_of(answer: &Value) -> String {
    let link = answer["link"].as_str().expect("a draft with a link");
    link.strip_prefix("https://partners.test/invitations/").unwrap().to_owned()
}

impl Run {
    async fn open(seed: u64) -> Self {
        let centre = Centre::open_with(|settings| {
            settings.api.calls_per_minute = 0;
            settings.partnerships.mails_per_mailbox = i64::try_from(MAILS_PER_MAILBOX).unwrap();
            settings.partnerships.mails_per_person = 1_000_000;
            settings.partnerships.mails_per_company = 1_000_000;
        })
        .await;
        let operator = centre.operator().await;
        let since = centre.clock.now();
        let (mut providers, mut resellers, mut standing) = (Vec::new(), Vec::new(), Vec::new());
        for name in PROVIDERS {
            let actor = centre.provider(&operator, name).await;
            let shown = actor.get(STANDING_LINK).await.ok();
            standing.push(StandingLink { tokens: vec![token_of(&shown)], revoked: false });
            providers.push(Person { actor, since });
        }
        for (name, location) in RESELLERS {
            resellers.push(Person { actor: centre.reseller(&operator, name, location).await, since });
        }
        Self {
            centre,
            random: Random::new(seed),
            providers,
            resellers,
            invitations: Vec::new(),
            standing,
            partnerships: BTreeMap::new(),
            standing_declines: BTreeSet::new(),
            mails: BTreeMap::new(),
            sequence: 0,
            first: 0,
            subjects: 0,
            said: Vec::new(),
        }
    }

    fn now(&self) -> Timestamp {
        self.centre.clock.now()
    }

    async fn provider(&mut self, at: usize) -> Actor {
        fresh(&self.centre, &mut self.providers[at]).await
    }

    async fn reseller(&mut self, at: usize) -> Actor {
        fresh(&self.centre, &mut self.resellers[at]).await
    }

    /// The answer is the one that the model gives.
    fn expect(&mut self, what: String, answer: &Answer, expected: &str) {
        let told = if answer.status < 300 { answer.status.to_string() } else { answer.refusal() };
        self.said.push(format!("{what}: {told}"));
        assert_eq!(told, expected, "{}\n{}", answer.text, self.said.join("\n"));
    }

    fn partners(&self, provider: usize, reseller: usize) -> bool {
        let history = self.partnerships.get(&(provider, reseller));
        history.and_then(|history| history.last()).is_some_and(|last| last.active)
    }

    /// The open invitation that a new one to the same would be.
    fn open_to(&self, provider: usize, email: &str, mpn: Option<Mpn>) -> Option<usize> {
        let now = self.now();
        self.invitations.iter().position(|invitation| {
            let same = match mpn {
                Some(_) => invitation.mpn == mpn,
                None => invitation.mpn.is_none() && invitation.email == email,
            };
            invitation.provider == provider && invitation.is_open(now) && same
        })
    }

    /// Whether the mailbox has had its mails of the day.
    fn is_full(&self, email: &str) -> bool {
        let since = self.now().before(days(1));
        let counted = self.mails.get(email).map(Vec::as_slice).unwrap_or_default();
        counted.iter().filter(|at| **at > since).count() >= MAILS_PER_MAILBOX
    }

    fn want_mail(&mut self, at: usize) {
        let now = self.now();
        let invitation = &mut self.invitations[at];
        invitation.wanted.insert(invitation.tokens.len());
        self.mails.entry(invitation.email.clone()).or_default().push(now);
    }

    async fn operation(&mut self) {
        match self.random.below(100) {
            0..17 => self.invite().await,
            17..22 => self.send().await,
            22..26 => self.mark_sent_outside().await,
            26..34 => self.resend().await,
            34..40 => self.revoke().await,
            40..43 => self.rotate().await,
            43..45 => self.revoke_standing_link().await,
            45..67 => self.accept().await,
            67..74 => self.decline().await,
            74..82 => self.look().await,
            82..93 => self.remove().await,
            _ => self.advance().await,
        }
    }

    async fn invite(&mut self) {
        let provider = self.random.below(PROVIDERS.len());
        let email = format!("m{}@s{}.example", self.random.below(MAILBOXES), self.sequence);
        let owner = self.random.below(RESELLERS.len());
        let mpn = match self.random.below(10) {
            0..6 => None,
            6 | 7 => Some(Mpn { owner, account: Account::Onboarded }),
            8 => Some(Mpn { owner, account: Account::OtherLocation }),
            _ => Some(Mpn { owner, account: Account::Global }),
        };
        let send = self.random.happens(25);
        let valid = *self.random.one_of(&[1_u64, 30, 90]);
        let found = self.open_to(provider, &email, mpn);
        // What is open already is answered as it is, and not sent.
        let mails = send && found.is_none();
        let refused = mails && self.is_full(&email);
        let expected = match (refused, found) {
            (true, _) => "429 invitationMailLimit",
            (false, Some(_)) => "200",
            (false, None) => "201",
        };
        self.subjects += 1;
        let subject = format!("Subject {}", self.subjects);
        let mut body = json!({ "email": email, "days": valid, "send": send, "subject": subject });
        if let Some(mpn) = mpn {
            body["mpnId"] = json!(mpn.text());
        }
        let answer = self.provider(provider).await.post(INVITATIONS, body).await;
        self.expect(format!("{provider} invites {email} {mpn:?} send {send}"), &answer, expected);
        if refused {
            return;
        }
        let shown = answer.ok();
        let (id, token) = (shown["id"].as_str().unwrap().to_owned(), token_of(&shown));
        let at = match found {
            Some(at) => {
                assert_eq!((&self.invitations[at].id, self.invitations[at].tokens.last()), (&id, Some(&token)));
                at
            }
            None => {
                let expires = self.now().after(days(valid));
                self.invitations.push(Invitation {
                    id,
                    provider,
                    email,
                    mpn,
                    tokens: vec![token],
                    subject,
                    state: State::Open,
                    expires,
                    answered_by: None,
                    sent_outside: false,
                    opened: false,
                    wanted: BTreeSet::new(),
                    mailed: BTreeSet::new(),
                });
                self.invitations.len() - 1
            }
        };
        if mails {
            self.want_mail(at);
        }
    }

    /// An invitation of this sequence and somebody who asks for something of it: now and then one who did not send it.
    fn asked_of(&mut self) -> Option<(usize, usize)> {
        let count = self.invitations.len() - self.first;
        if count == 0 {
            return None;
        }
        let at = self.first + self.random.below(count);
        let own = self.invitations[at].provider;
        Some((at, if self.random.happens(95) { own } else { 1 - own }))
    }

    /// Why a provider cannot do what takes an open invitation.
    fn not_open(&self, at: usize, provider: usize) -> Option<&'static str> {
        let invitation = &self.invitations[at];
        match invitation.state {
            _ if invitation.provider != provider => Some("404 invitationUnknown"),
            State::Open if invitation.is_open(self.now()) => None,
            State::Open => Some("409 invitationExpired"),
            _ => Some("409 invitationAnswered"),
        }
    }

    async fn send(&mut self) {
        let Some((at, provider)) = self.asked_of() else { return };
        let other_words = self.random.happens(30);
        let is_wanted = self.invitations[at].wanted.contains(&self.invitations[at].version());
        let expected = match self.not_open(at, provider) {
            Some(refusal) => refusal,
            None if is_wanted && other_words => "409 invitationBeingMailed",
            None if is_wanted => "200",
            None if self.is_full(&self.invitations[at].email) => "429 invitationMailLimit",
            None => "200",
        };
        self.subjects += 1;
        let subject =
            if other_words { format!("Subject {}", self.subjects) } else { self.invitations[at].subject.clone() };
        let path = format!("{INVITATIONS}/{}/send", self.invitations[at].id);
        let answer = self.provider(provider).await.post(&path, json!({ "subject": subject })).await;
        self.expect(format!("{provider} sends {at}, in other words {other_words}"), &answer, expected);
        if expected == "200" {
            if !is_wanted {
                self.want_mail(at);
                self.invitations[at].subject = subject;
            }
            let shown = answer.ok();
            assert_eq!(shown["subject"], self.invitations[at].subject);
            assert_eq!(Some(&token_of(&shown)), self.invitations[at].tokens.last());
        }
    }

    async fn mark_sent_outside(&mut self) {
        let Some((at, provider)) = self.asked_of() else { return };
        let expected = self.not_open(at, provider).unwrap_or("200");
        let path = format!("{INVITATIONS}/{}/sentoutside", self.invitations[at].id);
        let answer = self.provider(provider).await.post(&path, nothing()).await;
        self.expect(format!("{provider} sent {at} outside"), &answer, expected);
        self.invitations[at].sent_outside |= expected == "200";
    }

    async fn resend(&mut self) {
        let Some((at, provider)) = self.asked_of() else { return };
        let send = self.random.happens(25);
        let valid = *self.random.one_of(&[1_u64, 30, 90]);
        let invitation = &self.invitations[at];
        let other = self.open_to(invitation.provider, &invitation.email, invitation.mpn).filter(|other| *other != at);
        let expected = match invitation.state {
            _ if invitation.provider != provider => "404 invitationUnknown",
            State::Open if other.is_some() => "409 invitationAnotherOpen",
            State::Open if send && self.is_full(&invitation.email) => "429 invitationMailLimit",
            State::Open => "200",
            _ => "409 invitationAnswered",
        };
        let path = format!("{INVITATIONS}/{}/resend", invitation.id);
        let answer = self.provider(provider).await.post(&path, json!({ "send": send, "days": valid })).await;
        self.expect(format!("{provider} resends {at}, send {send}"), &answer, expected);
        if expected == "200" {
            let token = token_of(&answer.ok());
            let expires = self.now().after(days(valid));
            let invitation = &mut self.invitations[at];
            assert!(!invitation.tokens.contains(&token), "a new link");
            invitation.tokens.push(token);
            invitation.expires = expires;
            (invitation.sent_outside, invitation.opened) = (false, false);
            if send {
                self.want_mail(at);
            }
        }
    }

    async fn revoke(&mut self) {
        let Some((at, provider)) = self.asked_of() else { return };
        self.revoke_one(at, provider).await;
    }

    async fn revoke_one(&mut self, at: usize, provider: usize) {
        let invitation = &self.invitations[at];
        let expected = match invitation.state {
            _ if invitation.provider != provider => "404 invitationUnknown",
            State::Open | State::Revoked => "204",
            _ => "409 invitationAnswered",
        };
        let path = format!("{INVITATIONS}/{}", invitation.id);
        let answer = self.provider(provider).await.delete(&path).await;
        self.expect(format!("{provider} revokes {at}"), &answer, expected);
        if expected == "204" {
            self.invitations[at].state = State::Revoked;
        }
    }

    async fn rotate(&mut self) {
        let provider = self.random.below(PROVIDERS.len());
        let answer = self.provider(provider).await.post(&format!("{STANDING_LINK}/rotate"), nothing()).await;
        self.expect(format!("{provider} rotates"), &answer, "200");
        let shown = answer.ok();
        let link = &mut self.standing[provider];
        link.tokens.push(token_of(&shown));
        link.revoked = false;
        assert_eq!((&shown["state"], &shown["version"]), (&json!("active"), &json!(link.tokens.len())));
    }

    async fn revoke_standing_link(&mut self) {
        let provider = self.random.below(PROVIDERS.len());
        let actor = self.provider(provider).await;
        let answer = actor.delete(STANDING_LINK).await;
        self.expect(format!("{provider} revokes the standing link"), &answer, "204");
        self.standing[provider].revoked = true;
        assert_eq!(actor.get(STANDING_LINK).await.ok()["state"], "revoked");
        let refused = actor.post(INVITATIONS, nothing()).await;
        self.expect("a draft with it".to_owned(), &refused, "409 standingLinkRevoked");
    }

    fn link(&mut self) -> Link {
        let count = self.invitations.len() - self.first;
        let (standing, newest) = (self.random.happens(25), self.random.happens(75));
        let (provider, chosen) = (self.random.below(PROVIDERS.len()), self.random.below(count.max(1)));
        let versions = match standing || count == 0 {
            true => self.standing[provider].tokens.len(),
            false => self.invitations[self.first + chosen].version(),
        };
        let version = if newest { versions } else { 1 + self.random.below(versions) };
        match standing || count == 0 {
            true => Link::Standing(provider, version),
            false => Link::Invitation(self.first + chosen, version),
        }
    }

    fn token(&self, link: Link) -> String {
        match link {
            Link::Invitation(at, version) => self.invitations[at].tokens[version - 1].clone(),
            Link::Standing(provider, version) => self.standing[provider].tokens[version - 1].clone(),
        }
    }

    fn asker(&self, link: Link) -> usize {
        match link {
            Link::Invitation(at, _) => self.invitations[at].provider,
            Link::Standing(provider, _) => provider,
        }
    }

    /// Whether it is the newest of its kind.
    fn is_good(&self, link: Link) -> bool {
        match link {
            Link::Invitation(at, version) => self.invitations[at].version() == version,
            Link::Standing(provider, version) => {
                let standing = &self.standing[provider];
                standing.tokens.len() == version && !standing.revoked
            }
        }
    }

    fn can_be_answered(&self, link: Link) -> bool {
        match link {
            Link::Invitation(at, _) => self.invitations[at].is_open(self.now()),
            Link::Standing(..) => true,
        }
    }

    /// The MPN ID that the link names.
    fn named(&self, link: Link) -> Option<Mpn> {
        match link {
            Link::Invitation(at, _) => self.invitations[at].mpn,
            Link::Standing(..) => None,
        }
    }

    fn was_declined_by(&self, link: Link, reseller: usize) -> bool {
        let at = match link {
            Link::Standing(provider, version) => {
                return self.standing_declines.contains(&(provider, version, reseller));
            }
            Link::Invitation(at, _) => at,
        };
        let invitation = &self.invitations[at];
        invitation.state == State::Declined && invitation.answered_by == Some(reseller)
    }

    fn close(&mut self, link: Link, reseller: usize, state: State) {
        if let Link::Invitation(at, _) = link {
            self.invitations[at].state = state;
            self.invitations[at].answered_by = Some(reseller);
        }
    }

    async fn accept(&mut self) {
        let (link, reseller) = (self.link(), self.random.below(RESELLERS.len()));
        let provider = self.asker(link);
        let mpn = self.named(link);
        let expected = match mpn {
            _ if !self.is_good(link) => "404 invitationLinkInvalid",
            Some(mpn) if mpn.owner != reseller => "404 invitationLinkInvalid",
            _ if self.partners(provider, reseller) => "200",
            _ if !self.can_be_answered(link) => "404 invitationLinkInvalid",
            Some(Mpn { account: Account::Global, .. }) => "409 invitationMpnIdGlobal",
            Some(Mpn { account: Account::OtherLocation, .. }) => "409 invitationMpnIdNeverOnboarded",
            _ => "201",
        };
        let path = format!("/v1/invitations/{}/accept", self.token(link));
        let answer = self.reseller(reseller).await.post(&path, nothing()).await;
        self.expect(format!("{reseller} accepts {link:?}"), &answer, expected);
        if expected == "201" {
            self.close(link, reseller, State::Accepted);
            self.partnerships.entry((provider, reseller)).or_default().push(Partnership { id: None, active: true });
        }
    }

    async fn decline(&mut self) {
        let (link, reseller) = (self.link(), self.random.below(RESELLERS.len()));
        let foreign = self.named(link).is_some_and(|mpn| mpn.owner != reseller);
        let closes = self.is_good(link) && !foreign && self.can_be_answered(link);
        let declined = self.is_good(link) && !foreign && self.was_declined_by(link, reseller);
        let expected = if closes || declined { "204" } else { "404 invitationLinkInvalid" };
        let path = format!("/v1/invitations/{}/decline", self.token(link));
        let answer = self.reseller(reseller).await.post(&path, nothing()).await;
        self.expect(format!("{reseller} declines {link:?}"), &answer, expected);
        if closes {
            self.close(link, reseller, State::Declined);
            if let Link::Standing(provider, version) = link
                && !self.partners(provider, reseller)
            {
                self.standing_declines.insert((provider, version, reseller));
            }
        }
    }

    async fn look(&mut self) {
        let (link, reseller) = (self.link(), self.random.below(RESELLERS.len()));
        self.look_at(link, reseller).await;
    }

    /// Looks behind a link, as anyone and signed in.
    async fn look_at(&mut self, link: Link, reseller: usize) {
        let open = self.is_good(link) && self.can_be_answered(link);
        let token = self.token(link);
        let shown = self.centre.get(&format!("/v1/invitations/{token}")).await;
        self.expect(format!("anyone sees {link:?}"), &shown, if open { "200" } else { "404 invitationLinkInvalid" });
        let foreign = self.named(link).is_some_and(|mpn| mpn.owner != reseller);
        let standing = match () {
            () if !self.is_good(link) || foreign => None,
            () if self.partners(self.asker(link), reseller) => Some("partners"),
            () if self.was_declined_by(link, reseller) => Some("declined"),
            () if open => Some("open"),
            () => None,
        };
        let answer = self.reseller(reseller).await.post(&format!("/v1/invitations/{token}/open"), nothing()).await;
        let expected = if standing.is_some() { "200" } else { "404 invitationLinkInvalid" };
        self.expect(format!("{reseller} opens {link:?}"), &answer, expected);
        assert_eq!(answer.body["state"].as_str(), standing, "{}", self.said.join("\n"));
        if let (Some("open"), Link::Invitation(at, _)) = (standing, link) {
            self.invitations[at].opened = true;
        }
    }

    async fn remove(&mut self) {
        let (provider, reseller) = (self.random.below(PROVIDERS.len()), self.random.below(RESELLERS.len()));
        let by_provider = self.random.happens(50);
        let (actor, other) = match by_provider {
            true => (self.provider(provider).await, self.resellers[reseller].actor.id.clone()),
            false => (self.reseller(reseller).await, self.providers[provider].actor.id.clone()),
        };
        let path = format!("/v1/relationships/{other}/removal");
        let answer = actor.post(&path, json!({ "attestation": true })).await;
        let known = self.partnerships.contains_key(&(provider, reseller));
        let side = if by_provider { "provider" } else { "reseller" };
        let expected = if known { "200" } else { "404 partnershipMissing" };
        self.expect(format!("{provider} and {reseller} part, by the {side}"), &answer, expected);
        if let Some(last) = self.partnerships.get_mut(&(provider, reseller)).and_then(|history| history.last_mut()) {
            let id = answer.ok()["partnershipId"].as_str().unwrap().to_owned();
            assert_eq!(*last.id.get_or_insert_with(|| id.clone()), id);
            last.active = false;
        }
    }

    async fn advance(&mut self) {
        let by =
            *self.random.one_of(&[Duration::from_secs(60 * 60), Duration::from_secs(26 * 60 * 60), days(8), days(31)]);
        self.said.push(format!("{} hours pass", by.as_secs() / 3_600));
        self.centre.advance(by);
        // Nobody stays away until the refresh token has ended as well, after 90 days.
        let now = self.now();
        for person in self.providers.iter_mut().chain(&mut self.resellers) {
            if person.since.after(days(50)) < now {
                fresh(&self.centre, person).await;
            }
        }
    }

    /// All links that an invitation of this sequence ever had: the newest alone may work.
    async fn look_at_every_link(&mut self, at: usize) {
        let reseller = self.random.below(RESELLERS.len());
        for version in 1..=self.invitations[at].version() {
            self.look_at(Link::Invitation(at, version), reseller).await;
        }
    }

    /// The lists are what the model says; all of them, or one of each kind.
    async fn compare(&mut self, thoroughly: bool) {
        let now = self.now();
        let states = ["open", "expired", "accepted", "declined", "revoked"];
        for provider in 0..PROVIDERS.len() {
            let actor = self.provider(provider).await;
            let chosen = self.random.below(states.len());
            let filtered = states.iter().enumerate().filter(|(at, _)| thoroughly || *at == chosen);
            for state in filtered.map(|(_, state)| Some(*state)).chain([None]) {
                let filter = state.map(|state| format!("&state={state}")).unwrap_or_default();
                let size = if thoroughly { 7 } else { 10_000 };
                let listed = every_page(&actor, &format!("{INVITATIONS}?size={size}{filter}")).await;
                let shown = |item: &Value| {
                    let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
                    (text("id"), text("state"), text("email"), text("answeredBy"))
                };
                let own = self.invitations.iter().filter(|invitation| invitation.provider == provider);
                let wanted = own.filter(|invitation| match state {
                    None => true,
                    Some("open") => invitation.is_open(now),
                    Some("expired") => invitation.state == State::Open && !invitation.is_open(now),
                    Some(ended) => invitation.state != State::Open && invitation.state.word() == ended,
                });
                let mut wanted: Vec<&Invitation> = wanted.collect();
                if matches!(state, Some("open" | "expired")) {
                    wanted.sort_by_key(|invitation| invitation.expires);
                }
                let expected = wanted.iter().map(|invitation| {
                    let by = invitation.answered_by.map(|by| self.resellers[by].actor.id.clone()).unwrap_or_default();
                    (invitation.id.clone(), invitation.progress(now).to_owned(), invitation.email.clone(), by)
                });
                let (listed, expected): (Vec<_>, Vec<_>) = (listed.iter().map(shown).collect(), expected.collect());
                assert_eq!(listed, expected, "{state:?}\n{}", self.said.join("\n"));
            }
        }
        self.compare_partners().await;
        for provider in 0..PROVIDERS.len() {
            for reseller in 0..RESELLERS.len() {
                let first = self.random.happens(50);
                for by_provider in [true, false] {
                    if thoroughly || by_provider == first {
                        self.compare_history(provider, reseller, by_provider).await;
                    }
                }
            }
        }
    }

    /// Both sides list the same partners.
    async fn compare_partners(&mut self) {
        let ids = |list: Value| -> BTreeSet<String> {
            list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        for provider in 0..PROVIDERS.len() {
            let actor = self.provider(provider).await;
            let list = "/v1/relationships?relationship_type=is_indirect_cloud_solution_provider_of";
            let (listed, partners) =
                (ids(actor.get(list).await.ok()), ids(actor.get("/v1/relationships/partners").await.ok()));
            let active = (0..RESELLERS.len()).filter(|reseller| self.partners(provider, *reseller));
            let active: BTreeSet<String> = active.map(|reseller| self.resellers[reseller].actor.id.clone()).collect();
            assert_eq!((&listed, &partners), (&active, &active), "{}", self.said.join("\n"));
        }
        for reseller in 0..RESELLERS.len() {
            let actor = self.reseller(reseller).await;
            let listed = ids(actor.get("/v1/relationships?relationship_type=is_indirect_reseller_of").await.ok());
            let active = (0..PROVIDERS.len()).filter(|provider| self.partners(*provider, reseller));
            let active: BTreeSet<String> = active.map(|provider| self.providers[provider].actor.id.clone()).collect();
            assert_eq!(listed, active, "{}", self.said.join("\n"));
        }
    }

    /// Every partnership after a removal is a new one, and those before stay as they were.
    async fn compare_history(&mut self, provider: usize, reseller: usize, by_provider: bool) {
        let (actor, other) = match by_provider {
            true => (self.provider(provider).await, self.resellers[reseller].actor.id.clone()),
            false => (self.reseller(reseller).await, self.providers[provider].actor.id.clone()),
        };
        let answer = actor.get(&format!("/v1/relationships/{other}/history?size=10000")).await;
        let Some(history) = self.partnerships.get_mut(&(provider, reseller)) else {
            return self.expect(format!("the history of {provider} and {reseller}"), &answer, "404 partnershipMissing");
        };
        let shown = answer.ok()["items"].as_array().cloned().unwrap();
        assert_eq!(shown.len(), history.len(), "{}", self.said.join("\n"));
        let mut seen = BTreeSet::new();
        for (item, known) in shown.iter().zip(history) {
            let id = item["partnershipId"].as_str().unwrap();
            assert!(seen.insert(id.to_owned()), "{id} twice");
            assert_eq!(known.id.get_or_insert_with(|| id.to_owned()), id);
            assert_eq!(item["endedAt"].is_null(), known.active, "{}", self.said.join("\n"));
        }
    }

    async fn play(&mut self, sequence: usize, last: bool) {
        self.sequence = sequence;
        self.first = self.invitations.len();
        self.said.clear();
        for _ in 0..OPERATIONS {
            self.operation().await;
            if self.random.happens(10) && self.invitations.len() > self.first {
                let at = self.first + self.random.below(self.invitations.len() - self.first);
                self.look_at_every_link(at).await;
            }
        }
        for at in self.first..self.invitations.len() {
            self.look_at_every_link(at).await;
        }
        // What names an MPN ID would be found by later sequences, whose mailboxes are others.
        for at in self.first..self.invitations.len() {
            if self.invitations[at].mpn.is_some() && self.invitations[at].state == State::Open {
                self.revoke_one(at, self.invitations[at].provider).await;
            }
        }
        if last || sequence.is_multiple_of(MAILED_EVERY) {
            self.centre.run_jobs().await;
            let now = self.now();
            for invitation in &mut self.invitations {
                let version = invitation.tokens.len();
                // What was not open any more, or had a newer link, was dropped; what is done stays done.
                let waits = invitation.wanted.contains(&version) && invitation.is_open(now);
                if waits {
                    invitation.mailed.insert(version);
                }
            }
        }
        self.compare(last).await;
    }
}

/// The rows of all pages of a list.
async fn every_page(actor: &Actor, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = actor.get(&next).await.ok();
        rows.extend(page["items"].as_array().cloned().unwrap());
        let Some(token) = page["continuationToken"].as_str() else { return rows };
        next = format!("{path}&seekOperation=Next&continuationToken={token}");
    }
}

async fn fresh(centre: &Centre, person: &mut Person) -> Actor {
    let now = centre.clock.now();
    if person.since.after(Duration::from_secs(30 * 60)) < now {
        person.actor = person.actor.sign_in_again().await;
        person.since = now;
    }
    person.actor.clone()
}

#[actix_web::test]
async fn inv_08_random_sequences_of_operations_are_answered_as_the_model_says() {
    let (seed, sequences) = (seed(), rounds(SEQUENCES, SEQUENCES_IN_SOAK));
    println!("seed {seed}: {sequences} sequences");
    let mut played = 0;
    while played < sequences {
        let mut run = Run::open(seed.wrapping_add(u64::try_from(played).unwrap())).await;
        let until = sequences.min(played + SEQUENCES_OF_A_CENTRE);
        for sequence in played..until {
            run.play(sequence, sequence + 1 == until).await;
        }
        played = until;
    }
}
