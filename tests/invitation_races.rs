//! Invitations, links and removals under many hands at once, guessed links, and the limits of mails.
//!
//! `SOAK` says which percentage of the soak's rounds are run. On PostgreSQL two copies of the program share the database.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use partner_center::config::Settings;
use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::chance::{Random, rounds, seed};
use crate::harness::{Actor, Answer, Browser, Centre, PASSWORD, customer_body, database, nothing, request};

const INVITATIONS: &str = "/v1/relationships/invitations";
const REQUEST_LINKS: &str = "/v1/relationshiprequests/links";
const STANDING_LINK: &str = "/v1/relationships/invitationlink";
const PROVIDERS: usize = 25;
const RESELLERS: usize = 20;
/// Calls under way at a time.
const CLIENTS: usize = 64;

fn without_call_limit(settings: &mut Settings) {
    settings.api.calls_per_minute = 0;
}

fn token_of(draft: &Value) -> String {
    let link = draft["link"].as_str().expect("a draft with a link");
    link.strip_prefix("https://partners.test/invitations/").unwrap().to_owned()
}

/// An invitation that nobody mails: its id and its token.
async fn invitation(provider: &Actor, email: &str) -> (String, String) {
    let made = provider.post(INVITATIONS, json!({ "email": email, "send": false })).await.ok();
    (made["id"].as_str().unwrap().to_owned(), token_of(&made))
}

async fn standing_token(provider: &Actor) -> String {
    token_of(&provider.get(STANDING_LINK).await.ok())
}

fn accept(token: &str) -> String {
    format!("/v1/invitations/{token}/accept")
}

async fn part(provider: &Actor, reseller: &Actor) -> Answer {
    provider.post(&format!("/v1/relationships/{}/removal", reseller.id), json!({ "attestation": true })).await
}

fn told(answer: &Answer) -> String {
    if answer.status < 300 { answer.status.to_string() } else { answer.refusal() }
}

fn count(centre: &Centre, what: &str) -> usize {
    centre.database().texts(&format!("SELECT 'x' AS name FROM {what}")).len()
}

struct Channel {
    centre: Centre,
    other: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
}

impl Channel {
    async fn open() -> Self {
        Self::open_with(without_call_limit).await
    }

    async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        let centre = Centre::open_with(change).await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        Self { other: centre.second_copy().await, centre, operator, provider, reseller }
    }
}

#[actix_web::test]
async fn inv_06_500_invitations_accepted_by_64_clients_at_a_time_make_500_partnerships() {
    let clients = rounds(3, CLIENTS);
    let centre = Centre::open_with(without_call_limit).await;
    let other = centre.second_copy().await;
    let operator = centre.operator().await;
    let (mut providers, mut resellers) = (Vec::new(), Vec::new());
    for n in 0..PROVIDERS {
        providers.push(centre.provider(&operator, &format!("p{n}")).await);
    }
    for n in 0..RESELLERS {
        resellers.push(centre.reseller(&operator, &format!("r{n}"), &(6_001_000 + n).to_string()).await);
    }
    let pairs = (0..PROVIDERS).flat_map(|p| (0..RESELLERS).map(move |r| (p, r)));
    let invite = |(p, r): (usize, usize)| {
        let provider = providers[p].clone();
        async move { (r, invitation(&provider, &format!("p{p}@r{r}.example")).await.1) }
    };
    let invited: Vec<(usize, String)> = futures_util::stream::iter(pairs.map(invite)).buffered(8).collect().await;
    // Those of one invitation follow each other, so that they are under way together.
    let calls =
        invited.iter().enumerate().flat_map(|(n, (r, token))| (0..clients).map(move |client| (n, *r, token, client)));
    let answer = |(n, r, token, client): (usize, usize, &String, usize)| {
        let reseller = if client % 2 == 0 { resellers[r].clone() } else { resellers[r].at(&other) };
        let path = accept(token);
        async move { (n, reseller.post(&path, nothing()).await) }
    };
    let begun = std::time::Instant::now();
    let answers: Vec<(usize, Answer)> =
        futures_util::stream::iter(calls.map(answer)).buffer_unordered(CLIENTS).collect().await;
    println!("{} answers in {:.1} s", answers.len(), begun.elapsed().as_secs_f64());
    assert_eq!(answers.len(), PROVIDERS * RESELLERS * clients);
    let mut made = vec![0; invited.len()];
    for (n, answer) in &answers {
        assert!(matches!(answer.status, 200 | 201), "{}: {}", answer.status, answer.text);
        made[*n] += usize::from(answer.status == 201);
    }
    assert!(made.iter().all(|made| *made == 1), "{made:?}");
    assert_eq!(count(&centre, "partnerships WHERE ended_at IS NULL"), PROVIDERS * RESELLERS);
    assert_eq!(count(&centre, "partnerships"), PROVIDERS * RESELLERS);
    assert_eq!(count(&centre, "events WHERE kind = 'partnership_accepted'"), PROVIDERS * RESELLERS);
    assert_eq!(count(&centre, "invitations WHERE state = 'accepted'"), PROVIDERS * RESELLERS);
    assert_eq!(providers[0].get("/v1/relationships/partners").await.ok()["totalCount"], RESELLERS);
    assert_eq!(resellers[0].get("/v1/relationships/partners").await.ok()["totalCount"], PROVIDERS);
}

/// Two calls at the same moment, either of them first in line.
async fn at_once(
    first: impl Future<Output = Answer>,
    second: impl Future<Output = Answer>,
    turned: bool,
) -> [Answer; 2] {
    match turned {
        false => join(first, second).await.into(),
        true => {
            let (second, first) = join(second, first).await;
            [first, second]
        }
    }
}

#[actix_web::test]
async fn inv_06_accepting_while_the_provider_takes_the_link_away_is_one_of_the_two_orders() {
    let rounds = rounds(16, 10_000);
    let channel = Channel::open().await;
    let (provider, reseller) = (&channel.provider, channel.reseller.at(&channel.other));
    let mut outcomes = std::collections::BTreeMap::<String, usize>::new();
    let mut made = 0;
    for round in 0..rounds {
        let turned = round % 2 == 0;
        for act in ["revoke", "resend", "rotate"] {
            let (id, token) = match act {
                "rotate" => (String::new(), standing_token(provider).await),
                _ => invitation(provider, &format!("{act}{round}@norrsken.example")).await,
            };
            let one = format!("{INVITATIONS}/{id}");
            let taking = async {
                match act {
                    "revoke" => provider.delete(&one).await,
                    "resend" => provider.post(&format!("{one}/resend"), json!({ "send": false })).await,
                    _ => provider.post(&format!("{STANDING_LINK}/rotate"), nothing()).await,
                }
            };
            let path = accept(&token);
            let [accepted, taken] = at_once(reseller.post(&path, nothing()), taking, turned).await;
            let outcome = format!("{act}: {} and {}", told(&accepted), told(&taken));
            match outcome.as_str() {
                // Accepted first: there is nothing left to take away; a standing link goes on to its next version.
                "revoke: 201 and 409 invitationAnswered" | "resend: 201 and 409 invitationAnswered" => {}
                "rotate: 201 and 200" => {}
                // Taken away first.
                "revoke: 404 invitationLinkInvalid and 204" => {}
                "resend: 404 invitationLinkInvalid and 200" | "rotate: 404 invitationLinkInvalid and 200" => {
                    assert_eq!(reseller.post(&accept(&token_of(&taken.body)), nothing()).await.status, 201);
                }
                other => panic!("{other}"),
            }
            let partners = outcome.contains("201") || act != "revoke";
            made += usize::from(partners);
            assert_eq!(
                count(&channel.centre, "partnerships WHERE ended_at IS NULL"),
                usize::from(partners),
                "{outcome}"
            );
            if partners {
                part(provider, &reseller).await.ok();
            }
            // Whatever came first: the old link is dead once there is no partnership to tell of.
            assert_eq!(told(&reseller.post(&path, nothing()).await), "404 invitationLinkInvalid", "{outcome}");
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    println!("{outcomes:#?}");
    assert_eq!(count(&channel.centre, "partnerships"), made);
    assert_eq!(count(&channel.centre, "events WHERE kind = 'partnership_accepted'"), made);
}

#[actix_web::test]
async fn inv_18_no_customer_is_associated_after_the_partnership_was_removed() {
    let rounds = rounds(40, 10_000);
    let channel = Channel::open().await;
    let centre = &channel.centre;
    let (provider, here) = (channel.provider.at(&channel.other), &channel.provider);
    here.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    let token = standing_token(here).await;
    channel.reseller.post(&accept(&token), nothing()).await.ok();
    let before = centre.customer(here, "fabrikam", Some(&channel.reseller)).await;
    let rows = |table: &str, ended: &str| count(centre, &format!("{table} WHERE {ended} IS NOT NULL"));
    let each = (count(centre, "customer_relationships"), count(centre, "administration_grants"));
    let mut customers = vec![before.id];
    let (mut provider, mut reseller) = (provider, channel.reseller.clone());
    let mut since = centre.clock.now();
    let tick = || centre.advance(Duration::from_millis(1));
    // The password of a new admin takes its time, so the removal looks around first: longer when it came too early, less
    // long when it came too late. So it stays near the moment at which it matters.
    let mut looks = 0_usize;
    for round in 0..rounds {
        if since.after(Duration::from_secs(30 * 60)) < centre.clock.now() {
            (provider, reseller) = (provider.sign_in_again().await, reseller.sign_in_again().await);
            since = centre.clock.now();
        }
        tick();
        assert!(reseller.post(&accept(&token), nothing()).await.status < 300);
        let removal = async {
            for _ in 0..looks {
                provider.get("/v1/agreements/mpa/signatures").await.ok();
            }
            tick();
            match round % 3 {
                0 => part(&reseller, &provider).await,
                _ => part(&provider, &reseller).await,
            }
        };
        let creation = async {
            tick();
            provider.post("/v1/customers", customer_body(&format!("c{round}"), Some(&reseller.id))).await
        };
        let [removed, created] = at_once(removal, creation, round % 2 == 0).await;
        assert_eq!(removed.status, 200, "{}", removed.text);
        match told(&created).as_str() {
            "201" => {
                looks = looks.saturating_sub(1);
                customers.push(created.ok()["id"].as_str().unwrap().to_owned());
            }
            refused => {
                looks += 1;
                assert_eq!(refused, "400 resellerUnknown");
            }
        }
        tick();
        let late = provider.post("/v1/customers", customer_body("late", Some(&reseller.id))).await;
        assert_eq!(told(&late), "400 resellerUnknown");
    }
    println!("{} of {rounds} customers came before the removal", customers.len() - 1);
    let reseller = reseller.sign_in_again().await;
    let listed = reseller.get("/v1/customers?size=10000").await.ok();
    let listed = listed["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
    assert_eq!(listed.collect::<BTreeSet<_>>(), customers.iter().take(10_000).cloned().collect());
    // What the removals left: each customer as it was made, nothing of it ended.
    let expected = (each.0 * customers.len(), each.1 * customers.len());
    assert_eq!((count(centre, "customer_relationships"), count(centre, "administration_grants")), expected);
    assert_eq!((rows("customer_relationships", "until"), rows("administration_grants", "ends_at")), (0, 0));
    assert_eq!(count(centre, "partnerships WHERE ended_at IS NULL"), 0);
}

#[actix_web::test]
async fn a_partnership_can_be_removed_although_an_ended_one_has_a_newer_id() {
    let channel = Channel::open().await;
    let (provider, reseller) = (&channel.provider, &channel.reseller);
    let token = standing_token(provider).await;
    reseller.post(&accept(&token), nothing()).await.ok();
    part(provider, reseller).await.ok();
    // The program that made it had a clock ahead of the others'.
    let newer = match database::server() {
        None => format!("x'{}'", "f".repeat(32)),
        Some(_) => format!("'{}'", uuid::Uuid::max()),
    };
    channel.centre.database().break_with(&format!("UPDATE partnerships SET id = {newer}"));
    assert_eq!(reseller.post(&accept(&token), nothing()).await.status, 201);
    part(reseller, provider).await.ok();
    assert_eq!(count(&channel.centre, "partnerships WHERE ended_at IS NULL"), 0);
}

/// Everything of an answer but what names the call.
fn masked(answer: &Answer, token: &str) -> String {
    let headers = answer.headers.iter().filter(|(name, _)| !name.as_str().starts_with("ms-"));
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    format!("{} {} {}", answer.status, headers.join("\n"), answer.text).replace(token, "TOKEN")
}

async fn presented(reseller: &Actor, centre: &Centre, token: &str) -> [String; 4] {
    let act = |what: &str| format!("/v1/invitations/{token}/{what}");
    [
        masked(&centre.get(&format!("/v1/invitations/{token}")).await, token),
        masked(&reseller.post(&act("open"), nothing()).await, token),
        masked(&reseller.post(&act("accept"), nothing()).await, token),
        masked(&reseller.post(&act("decline"), nothing()).await, token),
    ]
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[actix_web::test]
async fn inv_01_a_link_with_one_other_character_is_answered_like_a_random_one() {
    let (seed, changes) = (seed(), rounds(300, 10_000));
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let channel = Channel::open().await;
    let (_, invited) = invitation(&channel.provider, "a@norrsken.example").await;
    let standing = standing_token(&channel.provider).await;
    let mut any = |prefix: &str, length: usize| -> String {
        let body = (0..length).map(|_| char::from(ALPHABET[random.below(ALPHABET.len())]));
        format!("{prefix}{}", body.collect::<String>())
    };
    let (unknown, other) = (any("inv_", 64), any("std_", 64));
    let expected = presented(&channel.reseller, &channel.centre, &unknown).await;
    assert!(expected.iter().all(|answer| answer.contains("invitationLinkInvalid")), "{expected:#?}");
    assert_eq!(presented(&channel.reseller, &channel.centre, &other).await, expected);
    let mut random = Random::new(seed + 1);
    for change in 0..changes {
        let good = if change % 2 == 0 { &invited } else { &standing };
        let mut bytes = good.clone().into_bytes();
        let position = random.below(bytes.len());
        let others: Vec<u8> = ALPHABET.iter().copied().filter(|letter| *letter != bytes[position]).collect();
        bytes[position] = *random.one_of(&others);
        let changed = String::from_utf8(bytes).unwrap();
        let answers = presented(&channel.reseller, &channel.centre, &changed).await;
        assert_eq!(answers, expected, "character {position} of {good}: {changed}");
    }
    for cut in [&invited[..invited.len() - 1], &invited[1..], &format!("{invited}A"), &format!("{standing}A")] {
        assert_eq!(presented(&channel.reseller, &channel.centre, cut).await, expected, "{cut}");
    }
    // All that was only tried: both links are as good as before.
    for good in [&invited, &standing] {
        assert_eq!(channel.centre.get(&format!("/v1/invitations/{good}")).await.status, 200);
    }
    assert_eq!(channel.reseller.post(&accept(&invited), nothing()).await.status, 201);
}

/// Where a secret can be presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Door {
    AskedByAnyone,
    Opened,
    Declined,
    Accepted,
    LinkPage,
    RequestShown,
    RequestPage,
    RequestDeclined,
    RequestApproved,
    Activation,
    ActivationPage,
    ResetPage,
    RefreshGrant,
    CodeGrant,
    ApplicationSecret,
    SessionCookie,
    Bearer,
}

/// Those that use up what they open come last.
const DOORS: [Door; 17] = [
    Door::AskedByAnyone,
    Door::Opened,
    Door::LinkPage,
    Door::RequestShown,
    Door::RequestPage,
    Door::ActivationPage,
    Door::ResetPage,
    Door::SessionCookie,
    Door::Bearer,
    Door::ApplicationSecret,
    Door::CodeGrant,
    Door::RefreshGrant,
    Door::Activation,
    Door::Declined,
    Door::Accepted,
    Door::RequestDeclined,
    Door::RequestApproved,
];

const REDIRECT: &str = "https://app.northwind.example/cb";

/// Where secrets are tried, and what has to be with them.
struct House {
    channel: Channel,
    customer: Actor,
    application: String,
    secret: String,
}

impl House {
    async fn opens(&self, door: Door, token: &str) -> bool {
        let Channel { centre, reseller, .. } = &self.channel;
        let form = |pairs: &str| {
            let body = format!("{pairs}&redirect_uri={REDIRECT}");
            async move { centre.form("/common/oauth2/v2.0/token", &body).await }
        };
        let browser = Browser::new(centre);
        let answer = match door {
            Door::AskedByAnyone => centre.get(&format!("/v1/invitations/{token}")).await,
            Door::Opened => reseller.post(&format!("/v1/invitations/{token}/open"), nothing()).await,
            Door::Declined => reseller.post(&format!("/v1/invitations/{token}/decline"), nothing()).await,
            Door::Accepted => reseller.post(&accept(token), nothing()).await,
            Door::LinkPage => browser.follow(&format!("/invitations/{token}")).await,
            Door::RequestShown => centre.get(&format!("{REQUEST_LINKS}/{token}")).await,
            Door::RequestPage => browser.follow(&format!("/relationships/{token}")).await,
            Door::RequestDeclined => self.customer.post(&format!("{REQUEST_LINKS}/{token}/decline"), nothing()).await,
            Door::RequestApproved => self.customer.post(&format!("{REQUEST_LINKS}/{token}/approve"), nothing()).await,
            Door::Activation => {
                centre.post("/v1/accounts/activation", json!({ "code": token, "password": PASSWORD })).await
            }
            Door::ActivationPage => browser.follow(&format!("/activate/{token}")).await,
            Door::ResetPage => browser.follow(&format!("/reset-password/{token}")).await,
            Door::RefreshGrant => {
                let grant = "grant_type=refresh_token&client_id=partner-center-cli";
                form(&format!("{grant}&refresh_token={token}")).await
            }
            Door::CodeGrant => {
                let client = format!("client_id={}&client_secret={}", self.application, self.secret);
                form(&format!("grant_type=authorization_code&{client}&code={token}")).await
            }
            Door::ApplicationSecret => {
                let client = format!("client_id={}&client_secret={token}", self.application);
                form(&format!("grant_type=client_credentials&{client}")).await
            }
            Door::SessionCookie => {
                browser.cookies.borrow_mut().insert("__Host-session".to_owned(), token.to_owned());
                browser.get("/account").await
            }
            Door::Bearer => {
                let bearer = ("authorization", format!("Bearer {token}"));
                centre.call(request("GET", "/v1/relationships/partners").insert_header(bearer)).await
            }
        };
        assert!(answer.status < 500, "{door:?} {token}: {}", answer.text);
        (200..300).contains(&answer.status)
    }
}

#[actix_web::test]
async fn inv_02_every_kind_of_token_opens_its_own_doors_and_no_other() {
    let channel = Channel::open().await;
    let (centre, provider) = (&channel.centre, &channel.provider);
    let (_, invited) = invitation(provider, "a@norrsken.example").await;
    let (_, to_decline) = invitation(provider, "b@norrsken.example").await;
    let southwind = centre.provider(&channel.operator, "southwind").await;
    let standing = standing_token(&southwind).await;
    let colleague = json!({ "email": "new@northwind.example", "displayName": "New", "roles": ["helpdesk_agent"] });
    provider.post("/v1/users", colleague).await.ok();
    let forgot = json!({ "userName": "admin@northwind.example" });
    assert_eq!(centre.post("/v1/accounts/passwordreset", forgot).await.status, 202);
    centre.run_jobs().await;
    let activation = centre.token_mailed_to("new@northwind.example", "act_");
    let reset = centre.token_mailed_to("admin@northwind.example", "rst_");
    let application = json!({ "name": "Console", "roles": ["admin_agent"], "redirectUris": [REDIRECT] });
    let application = provider.post("/v1/applications", application).await.ok();
    let (id, secret) = (application["id"].as_str().unwrap(), application["secret"].as_str().unwrap());
    let browser = Browser::new(centre);
    let entered = [("user_name", "admin@northwind.example"), ("password", PASSWORD), ("for", "")];
    assert_eq!(browser.submit("/sign-in", &entered).await.status, 303);
    let session = browser.cookies.borrow()["__Host-session"].clone();
    let ask = format!("/common/oauth2/v2.0/authorize?client_id={id}&response_type=code&redirect_uri={REDIRECT}");
    let consent = browser.get(&ask).await.header("location");
    let answered = browser.submit(&consent, &[("answer", "allow")]).await.header("location");
    let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    let code: String = answered[answered.find("pca_").expect("a code")..].chars().take_while(is_token).collect();
    let (application, secret) = (id.to_owned(), secret.to_owned());
    let (refresh, access) = (provider.refresh_token.clone(), channel.reseller.token.clone());

    let customer = centre.customer(provider, "fabrikam", None).await.admin;
    let mut asked = Vec::new();
    for _ in 0..2 {
        let made = southwind.post("/v1/relationshiprequests", json!({ "delegatedAdmin": true })).await.ok();
        asked.push(made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned());
    }
    let many = southwind.get("/v1/customers/relationshiprequests").await.ok();
    let many = many["url"].as_str().unwrap().split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let requests = [Door::RequestShown, Door::RequestPage, Door::RequestDeclined, Door::RequestApproved];

    let links = [Door::AskedByAnyone, Door::Opened, Door::LinkPage, Door::Declined, Door::Accepted];
    let kinds: [(&str, &str, &[Door]); 11] = [
        ("req_", &asked[0], &requests),
        ("rel_", &many, &requests),
        ("inv_", &invited, &links),
        ("std_", &standing, &links),
        ("act_", &activation, &[Door::Activation, Door::ActivationPage]),
        ("rst_", &reset, &[Door::ResetPage]),
        ("pcr_", &refresh, &[Door::RefreshGrant]),
        ("pca_", &code, &[Door::CodeGrant]),
        ("pcs_", &secret, &[Door::ApplicationSecret]),
        ("pcw_", &session, &[Door::SessionCookie]),
        ("", &access, &[Door::Bearer]),
    ];
    let house = House { customer, application, secret: secret.clone(), channel };
    for (prefix, token, own) in kinds {
        assert!(token.starts_with(prefix), "{prefix}: {token}");
        for door in DOORS {
            // Not its own door, nor under the name of those whose door it is.
            let names = kinds.iter().filter(|(other, _, doors)| *other != prefix && doors.contains(&door));
            let disguised = names.map(|(other, ..)| format!("{other}{}", token.strip_prefix(prefix).unwrap()));
            let plain = (!own.contains(&door)).then(|| token.to_owned());
            for tried in plain.into_iter().chain(disguised) {
                assert!(!house.opens(door, &tried).await, "{door:?} opened to {tried}");
            }
        }
    }
    // The diagonal, after all that.
    house.channel.centre.advance(Duration::from_secs(120));
    for door in DOORS {
        for (prefix, token, _) in kinds.iter().filter(|(_, _, doors)| doors.contains(&door)) {
            let token = match (*prefix, door) {
                ("inv_", Door::Declined) => to_decline.as_str(),
                ("req_", Door::RequestDeclined) => asked[1].as_str(),
                _ => *token,
            };
            assert!(house.opens(door, token).await, "{door:?} stayed shut to {prefix}");
        }
    }
}

/// An answer that says when to try again.
fn seconds_to_wait(refused: &Answer, limit: &str) -> u64 {
    assert_eq!(refused.refusal(), "429 invitationMailLimit", "{}", refused.text);
    assert_eq!(refused.body["parameters"]["limit"], limit);
    refused.header("retry-after").parse().expect("a Retry-After")
}

/// Has a mail sent to the mailbox, by an invitation or by sending it again.
async fn try_to_mail(provider: &Actor, email: &str) -> Answer {
    let open = provider.get(&format!("{INVITATIONS}?state=open&size=1000")).await.ok();
    let open = open["items"].as_array().unwrap().iter().find(|item| item["email"] == email).cloned();
    match open {
        None => provider.post(INVITATIONS, json!({ "email": email })).await,
        Some(open) => {
            let path = format!("{INVITATIONS}/{}/resend", open["id"].as_str().unwrap());
            provider.post(&path, nothing()).await
        }
    }
}

#[actix_web::test]
async fn inv_14_a_mailbox_gets_three_mails_a_day_from_all_providers_together_also_after_a_restart() {
    let tries = rounds(60, 1_000);
    let channel = Channel::open().await;
    let centre = &channel.centre;
    let mut providers = vec![channel.provider.clone()];
    for name in ["southwind", "eastwind", "westwind"] {
        providers.push(centre.provider(&channel.operator, name).await);
    }
    let email = "arvid@norrsken.example";
    let begun = centre.clock.now();
    let mut mailed = 0;
    for n in 0..tries {
        let answer = try_to_mail(&providers[n % providers.len()], email).await;
        if answer.status < 300 {
            mailed += 1;
            centre.run_jobs().await;
            centre.advance(Duration::from_secs(60));
        } else {
            let wait = seconds_to_wait(&answer, "mailbox");
            let passed = u64::try_from(centre.clock.now().seconds() - begun.seconds()).unwrap();
            assert_eq!(wait, 24 * 60 * 60 - passed, "free a day after the first of the three");
        }
    }
    centre.run_jobs().await;
    assert_eq!((mailed, centre.mails_to(email).len()), (3, 3));
    // A refused invitation leaves nothing, and a refused renewal the link that there was.
    let listed = providers[3].get(INVITATIONS).await.ok();
    assert_eq!(listed["totalCount"], 0, "{listed}");

    let restarted = centre.another_copy().await;
    let wait = seconds_to_wait(&try_to_mail(&providers[3].at(&restarted), email).await, "mailbox");
    centre.advance(Duration::from_secs(wait - 1));
    let fourth = providers[3].sign_in_again().await.at(&restarted);
    assert_eq!(seconds_to_wait(&try_to_mail(&fourth, email).await, "mailbox"), 1);
    centre.advance(Duration::from_secs(1));
    assert_eq!(try_to_mail(&fourth, email).await.status, 201);
    // One became free, not three.
    assert_eq!(seconds_to_wait(&try_to_mail(&fourth, email).await, "mailbox"), 60);
    centre.run_jobs().await;
    assert_eq!(centre.mails_to(email).len(), 4);
    // Another mailbox is another matter.
    assert_eq!(try_to_mail(&fourth, "other@norrsken.example").await.status, 201);
}

#[actix_web::test]
async fn inv_14_of_many_mails_wanted_at_once_three_go_out() {
    let channel = Channel::open().await;
    let mut providers = vec![channel.provider.clone()];
    for name in ["southwind", "eastwind", "westwind", "highwind", "lowwind", "oldwind", "newwind"] {
        providers.push(channel.centre.provider(&channel.operator, name).await.at(&channel.other));
    }
    for round in 0..rounds(5, 500) {
        let email = format!("m{round}@norrsken.example");
        // Upper case is the same mailbox.
        let spelled = [email.clone(), email.to_uppercase().replace("EXAMPLE", "example")];
        let calls = providers.iter().enumerate().map(|(n, provider)| {
            let body = json!({ "email": spelled[n % 2] });
            async move { provider.post(INVITATIONS, body).await }
        });
        let answers = join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
        for refused in answers.iter().filter(|answer| answer.status != 201) {
            seconds_to_wait(refused, "mailbox");
        }
        channel.centre.run_jobs().await;
        assert_eq!(channel.centre.mails_to(&email).len(), 3);
    }
}

#[actix_web::test]
async fn inv_14_a_person_and_a_company_have_limits_of_their_own_also_after_a_restart() {
    let channel = Channel::open_with(|settings| {
        settings.partnerships.mails_per_person = 2;
        settings.partnerships.mails_per_company = 3;
    })
    .await;
    let (centre, admin) = (&channel.centre, &channel.provider);
    let colleague = admin.colleague("carl@northwind.example", &["sales_agent"]).await;
    let script = admin.application(&["admin_agent"]).await;
    let southwind = centre.provider(&channel.operator, "southwind").await;
    let mut mailbox = 0;
    let mut invite = |actor: &Actor| {
        mailbox += 1;
        let (actor, body) = (actor.clone(), json!({ "email": format!("m{mailbox}@norrsken.example") }));
        async move { actor.post(INVITATIONS, body).await }
    };
    assert_eq!(invite(admin).await.status, 201);
    centre.advance(Duration::from_secs(60));
    assert_eq!(invite(admin).await.status, 201);
    let day = 24 * 60 * 60;
    assert_eq!(seconds_to_wait(&invite(admin).await, "person"), day - 60);
    assert_eq!(invite(&colleague).await.status, 201);
    for actor in [&colleague, &script] {
        assert_eq!(seconds_to_wait(&invite(actor).await, "company"), day - 60);
    }
    let restarted = centre.another_copy().await;
    assert_eq!(seconds_to_wait(&invite(&admin.at(&restarted)).await, "person"), day - 60);
    assert_eq!(seconds_to_wait(&invite(&script.at(&restarted)).await, "company"), day - 60);
    // Others are not touched by it, and neither is what one sends oneself.
    assert_eq!(invite(&southwind).await.status, 201);
    let own = json!({ "email": "own@norrsken.example", "send": false });
    assert_eq!(admin.post(INVITATIONS, own).await.status, 201);
    centre.advance(days(1));
    let admin = admin.sign_in_again().await;
    assert_eq!(invite(&admin).await.status, 201);
}
