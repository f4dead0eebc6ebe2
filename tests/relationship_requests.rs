//! Requests for a relationship with a customer: asking, answering over REST and on the pages, a tenant of one's own.

use std::time::Duration;

use futures_util::future::{join, join_all};
use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Browser, Centre, Customer, PASSWORD, form_token, nothing, request};

const REQUESTS: &str = "/v1/relationshiprequests";
const STANDING: &str = "/v1/customers/relationshiprequests";
const TENANT: &str = "/relationship/new-tenant";

/// Two providers, a reseller of the first, and a customer of the second.
struct Channel {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

impl Channel {
    async fn open() -> Self {
        let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let other = centre.provider(&operator, "contoso").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&other, "fabrikam", None).await;
        Self { centre, operator, provider, reseller, customer }
    }

    fn count(&self, what: &str) -> usize {
        self.centre.database().texts(&format!("SELECT 'x' AS name FROM {what}")).len()
    }

    /// Live relationships and grants of the first provider and its reseller.
    fn established(&self) -> (usize, usize) {
        // All that the customer has, without those of the provider who created it.
        let live = |table: &str, end: &str| self.count(&format!("{table} WHERE {end} IS NULL")) - 1;
        (live("customer_relationships", "until"), live("administration_grants", "ends_at"))
    }

    async fn approve(&self, token: &str) -> crate::harness::Answer {
        self.customer.admin.post(&answer(token, "approve"), nothing()).await
    }
}

fn token(of: &Value) -> String {
    of["link"].as_str().unwrap().strip_prefix("https://partners.test/relationships/").unwrap().to_owned()
}

/// Token and query of a link, as a path of the API names them.
fn answer(link: &str, what: &str) -> String {
    let link = link.strip_prefix("https://partners.test/relationships/").unwrap_or(link);
    let (token, query) = link.split_once('?').unwrap_or((link, ""));
    let (slash, mark) = (if what.is_empty() { "" } else { "/" }, if query.is_empty() { "" } else { "?" });
    format!("{REQUESTS}/links/{token}{slash}{what}{mark}{query}")
}

fn at(of: &Value) -> String {
    format!("{REQUESTS}/{}", of["id"].as_str().unwrap())
}

fn steps(of: &Value) -> Vec<String> {
    let steps = of["timeline"].as_array().unwrap();
    steps.iter().map(|step| step["what"].as_str().unwrap().to_owned()).collect()
}

async fn asked(partner: &Actor, body: Value) -> (Value, String) {
    let made = partner.post(REQUESTS, body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let token = token(&made.body);
    (made.body, token)
}

async fn standing(partner: &Actor, query: &str) -> String {
    partner.get(&format!("{STANDING}{query}")).await.ok()["url"].as_str().unwrap().to_owned()
}

async fn signed_in(centre: &Centre, user_name: &str) -> Browser {
    let browser = Browser::new(centre);
    let answer = browser.submit("/sign-in", &[("user_name", user_name), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

#[actix_web::test]
async fn a_customer_approves_and_the_provider_sells_and_administers_from_then_on() {
    let channel = Channel::open().await;
    let Channel { centre, provider, customer, .. } = &channel;
    let body = json!({ "delegatedAdmin": true, "email": "admin@fabrikam.example", "send": true, "language": "sv" });
    let (made, token) = asked(provider, body).await;
    assert_eq!((&made["state"], &made["expiresAt"]), (&json!("open"), &json!("2026-12-21T08:00:00.000000Z")));
    centre.run_jobs().await;
    let mail = centre.mails_to("admin@fabrikam.example").pop().unwrap();
    assert!(mail.contains(&token) && mail.contains("northwind ber om en relation"), "{mail}");
    let devices = format!("/v1/customers/{}/devices", customer.id);
    assert_eq!(provider.get(&devices).await.refusal(), "404 relationshipMissing");

    let shown = centre.get(&answer(&token, "")).await.ok();
    assert_eq!((&shown["delegatedAdmin"], &shown["sentTo"]), (&json!(true), &json!("a…@fabrikam.example")));
    assert_eq!(
        (&shown["partners"][0]["name"], &shown["partners"][0]["relationship"]),
        (&json!("northwind"), &json!("direct"))
    );
    let version = json!({ "version": shown["version"] });
    for status in [201, 200] {
        assert_eq!(customer.admin.post(&answer(&token, "approve"), version.clone()).await.status, status);
    }
    assert_eq!(channel.established(), (1, 1));
    provider.get(&devices).await.ok();
    let listed = provider.get("/v1/customers").await.ok();
    assert_eq!(listed["items"][0]["companyProfile"]["companyName"], "fabrikam");
    let administrators = customer.admin.get(&format!("/v1/customers/{}/administrators", customer.id)).await.ok();
    assert!(administrators.to_string().contains("relationship_request"), "{administrators}");
    let story = provider.get(&at(&made)).await.ok();
    assert_eq!(
        (steps(&story), &story["answeredBy"]),
        (vec!["created".into(), "mailed".into(), "approved".into()], &json!(customer.id))
    );
    for kind in ["relationship_approved", "administration_approved"] {
        assert_eq!(centre.event_kinds().iter().filter(|known| *known == kind).count(), 1);
        for actor in [provider, &customer.admin] {
            let trail = actor.get("/v1/auditrecords?size=200").await.ok();
            let told = if kind == "administration_approved" { "dap_admin_relationship_approved" } else { kind };
            assert!(trail.to_string().contains(told), "{trail}");
        }
    }
    // What was approved is ended where it is listed, not by the link.
    assert_eq!(
        customer.admin.post(&answer(&token, "decline"), nothing()).await.refusal(),
        "404 relationshipLinkInvalid"
    );
    assert_eq!(provider.delete(&at(&made)).await.refusal(), "409 relationshipRequestAnswered");
}

#[actix_web::test]
async fn without_the_choice_the_relationship_sells_and_a_later_request_adds_what_is_missing() {
    let channel = Channel::open().await;
    let Channel { provider, customer, .. } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": false })).await;
    assert_eq!(channel.approve(&token).await.status, 201);
    assert_eq!(channel.established(), (1, 0));
    let devices = format!("/v1/customers/{}/devices", customer.id);
    assert_eq!(provider.get(&devices).await.refusal(), "403 delegatedAdministrationMissing");
    let (_, more) = asked(provider, json!({ "delegatedAdmin": true })).await;
    assert_eq!(channel.approve(&more).await.status, 201);
    assert_eq!(channel.established(), (1, 1));
    provider.get(&devices).await.ok();
}

#[actix_web::test]
async fn one_approval_of_a_two_tier_request_establishes_both_relationships() {
    for by_reseller in [false, true] {
        let channel = Channel::open().await;
        let Channel { provider, reseller, customer, .. } = &channel;
        let (asker, body) = match by_reseller {
            true => (reseller, json!({ "delegatedAdmin": true, "indirectCloudSolutionProviderId": provider.id })),
            false => (provider, json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id })),
        };
        let (_, token) = asked(asker, body).await;
        let approved = channel.approve(&token).await.ok();
        let kinds: Vec<&str> = approved["partners"]
            .as_array()
            .unwrap()
            .iter()
            .map(|party| party["relationship"].as_str().unwrap())
            .collect();
        assert_eq!((kinds, &approved["partnerId"]), (vec!["provider", "reseller"], &json!(asker.id)));
        assert_eq!(channel.established(), (2, 2));
        let associated = provider.get(&format!("/v1/customers/{}/relationships", customer.id)).await.ok();
        assert_eq!(associated["items"][0]["id"], json!(reseller.id));
        reseller.get(&format!("/v1/customers/{}/devices", customer.id)).await.ok();
    }
}

#[actix_web::test]
async fn a_reseller_is_associated_with_a_customer_that_the_provider_has_already() {
    let channel = Channel::open().await;
    let (_, direct) = asked(&channel.provider, json!({ "delegatedAdmin": true })).await;
    channel.approve(&direct).await.ok();
    let body = json!({ "delegatedAdmin": false, "indirectResellerId": channel.reseller.id });
    let (_, associate) = asked(&channel.provider, body).await;
    assert_eq!(channel.approve(&associate).await.status, 201);
    assert_eq!(channel.established(), (2, 1));
}

#[actix_web::test]
async fn whom_one_names_must_be_an_active_partner_and_others_are_as_if_absent() {
    let channel = Channel::open().await;
    let Channel { centre, operator, provider, reseller, .. } = &channel;
    let stranger = centre.reseller(operator, "adatum", "6002234").await;
    let absent = uuid::Uuid::now_v7().to_string();
    let unknown = |answer: &crate::harness::Answer, id: &str| {
        assert_eq!(answer.refusal(), "400 relationshipPartnerUnknown");
        answer.sentence().replace(id, "ID")
    };
    for (partner, property, others) in [
        (provider, "indirectResellerId", [&stranger.id, &operator.id]),
        (reseller, "indirectCloudSolutionProviderId", [&stranger.id, &operator.id]),
    ] {
        let named = async |id: &str| {
            let body = json!({ "delegatedAdmin": true, property: id });
            let told = unknown(&partner.post(REQUESTS, body).await, id);
            assert_eq!(unknown(&partner.get(&format!("{STANDING}?{property}={id}")).await, id), told);
            told
        };
        let told = named(&absent).await;
        for other in others {
            assert_eq!(named(other).await, told);
        }
    }
    let nobody = reseller.post(REQUESTS, json!({ "delegatedAdmin": true })).await;
    assert_eq!(nobody.refusal(), "400 relationshipProviderMissing");
    // Nobody asks in another's name.
    let other = json!({ "delegatedAdmin": true, "indirectCloudSolutionProviderId": reseller.id });
    assert_eq!(provider.post(REQUESTS, other).await.refusal(), "400 relationshipPartnerUnknown");
    let app = provider.application(&["sales_agent"]).await;
    assert_eq!(app.get(STANDING).await.refusal(), "403 appOnlyRefused");
}

#[actix_web::test]
async fn the_standing_link_asks_what_its_query_says_also_with_what_clients_put_into_it() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, .. } = &channel;
    let own = standing(provider, "?dualRoleIndirectRelationship=false").await;
    assert!(own.starts_with("https://partners.test/relationships/rel_"), "{own}");
    let query = own.split_once('?').unwrap().1;
    assert_eq!(query, format!("invType=ResellerRelationship&partnerId={}&msppId=0&DAP=true", provider.id));
    let through = standing(reseller, &format!("?indirectCloudSolutionProviderId={}", provider.id)).await;
    let query = through.split_once('?').unwrap().1;
    let names = format!("partnerId={}&msppId=6001234&indirectCSPId={}&DAP=true", reseller.id, provider.id);
    assert_eq!(query, format!("invType=IndirectResellerRelationship&{names}"));

    // Without a provider nobody is served; a client completes the link.
    let bare = standing(reseller, "").await;
    assert_eq!(centre.get(&answer(&bare, "")).await.refusal(), "404 relationshipLinkInvalid");
    let completed = format!("{bare}&indirectCSPId={}", provider.id);
    let shown = centre.get(&answer(&completed, "")).await.ok();
    assert_eq!((&shown["partners"][1]["name"], &shown["delegatedAdmin"]), (&json!("norrsken"), &json!(true)));
    let selling = completed.replace("DAP=true", "DAP=false");
    assert_eq!(centre.get(&answer(&selling, "")).await.ok()["delegatedAdmin"], false);
    assert_eq!(customer.admin.post(&answer(&selling, "approve"), nothing()).await.status, 201);
    assert_eq!(channel.established(), (2, 0));
    for status in [201, 200] {
        assert_eq!(customer.admin.post(&answer(&completed, "approve"), nothing()).await.status, status);
    }
    assert_eq!(channel.established(), (2, 2));
    // The partner finds both answers among its requests; they have no link of their own.
    let list = reseller.get(&format!("{REQUESTS}?state=approved")).await.ok();
    assert_eq!((list["totalCount"].as_i64(), &list["items"][0]["byStandingLink"]), (Some(2), &json!(true)));
    let story = reseller.get(&at(&list["items"][0])).await.ok();
    assert_eq!((story.get("link"), steps(&story)), (None, vec!["approved".to_owned()]));
}

#[actix_web::test]
async fn a_standing_link_goes_on_asking_others_and_is_dead_once_it_is_rotated() {
    let channel = Channel::open().await;
    let Channel { centre, provider, customer, .. } = &channel;
    let link = standing(provider, "").await;
    for _ in 0..2 {
        let said = json!({ "reason": "Not now" });
        assert_eq!(customer.admin.post(&answer(&link, "decline"), said).await.status, 204);
    }
    assert_eq!(channel.count("relationship_requests WHERE state = 'declined'"), 1);
    let other = centre.customer(&centre.provider(&channel.operator, "wide").await, "tailspin", None).await;
    assert_eq!(other.admin.post(&answer(&link, "approve"), nothing()).await.status, 201);
    for _ in 0..2 {
        assert_eq!(provider.post(&format!("{REQUESTS}/link/rotate"), nothing()).await.status, 204);
    }
    assert_eq!(
        customer.admin.post(&answer(&link, "approve"), nothing()).await.refusal(),
        "404 relationshipLinkInvalid"
    );
    let next = standing(provider, "").await;
    assert_ne!(next, link);
    assert_eq!(customer.admin.post(&answer(&next, "approve"), nothing()).await.status, 201);
}

#[actix_web::test]
async fn inv_01_every_link_that_cannot_be_used_is_answered_alike() {
    let channel = Channel::open().await;
    let Channel { centre, operator, provider, reseller, customer } = &channel;
    let (made, revoked) = asked(provider, json!({ "delegatedAdmin": true })).await;
    for _ in 0..2 {
        assert_eq!(provider.delete(&at(&made)).await.status, 204);
    }
    let (_, expired) = asked(provider, json!({ "delegatedAdmin": true, "days": 1 })).await;
    let (_, used) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let other = centre.customer(&centre.provider(operator, "wide").await, "tailspin", None).await;
    other.admin.post(&answer(&used, "approve"), nothing()).await.ok();
    let both = json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id });
    let (_, ended) = asked(provider, both).await;
    let pair = standing(provider, &format!("?indirectResellerId={}", reseller.id)).await;
    centre.get(&answer(&pair, "")).await.ok();
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    provider.post(&removal, json!({ "attestation": true })).await.ok();
    centre.advance(Duration::from_secs(24 * 60 * 60));
    let admin = customer.admin.sign_in_again().await;
    let own = standing(&provider.sign_in_again().await, "").await;
    let foreign = format!("{own}&indirectCSPId={}", reseller.id);
    let absent = format!("{own}&indirectResellerId={}", uuid::Uuid::now_v7());
    let mut altered = own.clone().into_bytes();
    altered[50] = if altered[50] == b'x' { b'y' } else { b'x' };
    let altered = String::from_utf8(altered).unwrap();
    let masked = async |link: &str, what: &str| {
        let said = match what {
            "" => centre.get(&answer(link, "")).await,
            what => admin.post(&answer(link, what), nothing()).await,
        };
        assert_eq!(said.refusal(), "404 relationshipLinkInvalid", "{link} {what}");
        said.text.replace(&said.header("ms-requestid"), "").replace(&said.header("ms-correlationid"), "")
    };
    for what in ["", "approve", "decline"] {
        let random = masked("req_QQQQ", what).await;
        for link in [&revoked, &expired, &used, &ended, &pair, &foreign, &absent, &altered, "rel_x", "inv_x"] {
            assert_eq!(masked(link, what).await, random, "{link} {what}");
        }
    }
    let link = own.split_once('?').unwrap().0.to_owned();
    for position in "https://partners.test/relationships/".len()..link.len() {
        let mut bytes = link.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        masked(&String::from_utf8(bytes).unwrap(), "").await;
    }
    centre.get(&answer(&own, "")).await.ok();
}

#[actix_web::test]
async fn dap_04_only_a_global_admin_of_the_customer_answers_and_nobody_who_asks() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, operator } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let script = customer.admin.application(&["global_admin"]).await;
    let user = customer.admin.colleague("user@fabrikam.example", &["global_admin"]).await;
    centre.database().break_with(
        "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE user_name = 'user@fabrikam.example')",
    );
    for what in ["approve", "decline"] {
        for (actor, refusal) in [
            (provider, "403 wrongOrganisation"),
            (reseller, "403 wrongOrganisation"),
            (operator, "403 wrongOrganisation"),
            (&script, "403 appOnlyRefused"),
            (&user, "403 roleMissing"),
        ] {
            assert_eq!(actor.post(&answer(&token, what), nothing()).await.refusal(), refusal);
        }
        assert_eq!(centre.post(&answer(&token, what), nothing()).await.refusal(), "401 tokenMissing");
    }
    assert_eq!(channel.established(), (0, 0));
    for (who, told) in [
        ("admin@northwind.example", "which is not a customer organisation"),
        ("user@fabrikam.example", "only a Global admin of your organisation can answer"),
    ] {
        let browser = signed_in(centre, who).await;
        let page = browser.follow(&format!("/relationships/{token}")).await;
        assert!(page.text.contains(told) && !page.text.contains("action=\"/relationship\""), "{}", page.text);
        assert_eq!((page.header("x-frame-options"), page.status), ("DENY".to_owned(), 200));
        let csrf = form_token(&page);
        for action in ["/relationship", "/relationship/approve", "/relationship/decline"] {
            let sent = actix_web::test::TestRequest::post().uri(action);
            let sent = browser.call(sent.set_form([("csrf", csrf.as_str()), ("version", "x")])).await;
            assert_eq!((sent.status, sent.header("location").as_str()), (303, "/relationship"), "{who} {action}");
        }
        // Whoever has an organisation makes no other.
        assert_eq!(browser.get(TENANT).await.header("location"), "/relationship");
    }
    assert_eq!(channel.established(), (0, 0));
}

#[actix_web::test]
async fn inv_06_of_32_approvals_at_once_one_set_of_relationships_comes() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, .. } = &channel;
    let other = centre.second_copy().await;
    let both = json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id });
    let (_, single) = asked(provider, both).await;
    for (link, made) in [(standing(provider, &format!("?indirectResellerId={}", reseller.id)).await, 1), (single, 1)] {
        let calls = (0..32).map(|n| {
            let admin = if n % 2 == 0 { customer.admin.clone() } else { customer.admin.at(&other) };
            let path = answer(&link, "approve");
            async move { admin.post(&path, nothing()).await }
        });
        let answers = join_all(calls).await;
        let told = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((told(201), told(200)), (made, 32 - made), "{:?}", answers.first().map(|a| &a.text));
        assert_eq!(channel.established(), (2, 2));
    }
    assert_eq!(channel.count("events WHERE kind = 'administration_approved'"), 2);
}

#[actix_web::test]
async fn inv_18_an_approval_and_the_removal_of_the_partnership_come_one_after_the_other() {
    for round in 0..8 {
        let channel = Channel::open().await;
        let Channel { provider, reseller, customer, .. } = &channel;
        let both = json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id });
        let (_, token) = asked(provider, both).await;
        let removal = format!("/v1/relationships/{}/removal", reseller.id);
        let path = answer(&token, "approve");
        let approving = customer.admin.post(&path, nothing());
        let removing = provider.post(&removal, json!({ "attestation": true }));
        let (approved, removed) = match round % 2 {
            0 => join(approving, removing).await,
            _ => {
                let (removed, approved) = join(removing, approving).await;
                (approved, removed)
            }
        };
        assert_eq!(removed.status, 200, "{}", removed.text);
        let whole = if approved.status == 201 { (2, 2) } else { (0, 0) };
        assert!(approved.status == 201 || approved.refusal() == "404 relationshipLinkInvalid", "{}", approved.text);
        // Whole or not at all; that none is newer than the removal, the doctor says at the end (I8).
        assert_eq!(channel.established(), whole);
    }
}

#[actix_web::test]
async fn inv_10_what_was_shown_is_what_is_approved() {
    let channel = Channel::open().await;
    let Channel { centre, operator, provider, reseller, customer } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let shown = centre.get(&answer(&token, "")).await.ok();
    let entry = operator.get(&format!("/v1/indirectproviders/{}", provider.id)).await.ok();
    let renamed = json!({
        "name": "Northwind, now somebody else", "country": "SE", "contactEmail": "a@northwind.example", "description": "d",
    });
    let etag = entry["attributes"]["etag"].as_str().unwrap();
    operator.put(&format!("/v1/indirectproviders/{}", provider.id), renamed, Some(etag)).await.ok();
    for tampered in [shown["version"].as_str().unwrap(), "x"] {
        for what in ["approve", "decline"] {
            let said = customer.admin.post(&answer(&token, what), json!({ "version": tampered })).await;
            assert_eq!(said.refusal(), "409 relationshipRequestChanged");
        }
    }
    // A query that somebody changed on the way asks for something else than was shown.
    let link = standing(provider, "").await;
    let shown = centre.get(&answer(&link, "")).await.ok();
    let version = json!({ "version": shown["version"] });
    for changed in [link.replace("DAP=true", "DAP=false"), format!("{link}&indirectResellerId={}", reseller.id)] {
        let said = customer.admin.post(&answer(&changed, "approve"), version.clone()).await;
        assert_eq!(said.refusal(), "409 relationshipRequestChanged");
    }
    assert_eq!(channel.established(), (0, 0));
    assert_eq!(customer.admin.post(&answer(&link, "approve"), version).await.status, 201);
}

#[actix_web::test]
async fn each_thing_in_the_way_is_a_refusal_of_its_own_and_the_link_stays_valid() {
    let channel = Channel::open().await;
    let Channel { centre, operator, provider, customer, .. } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let agreement = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/2" });
    operator.post("/v1/agreements/mpa/versions", agreement).await.ok();
    let refused = channel.approve(&token).await;
    assert_eq!(refused.refusal(), "409 relationshipAgreementMissing");
    assert!(refused.sentence().starts_with("northwind has not signed"), "{}", refused.sentence());
    let browser = signed_in(centre, "admin@fabrikam.onmicrosoft.com").await;
    browser.follow(&format!("/relationships/{token}")).await;
    let page = browser.get("/relationship/answer").await;
    assert!(page.text.contains("northwind has not signed") && !page.text.contains("action=\"/relationship/approve\""));
    provider.post("/v1/agreements/mpa/signatures", nothing()).await.ok();
    centre.database().break_with("UPDATE companies SET country = 'JP' WHERE name = 'northwind'");
    let refused = channel.approve(&token).await;
    assert_eq!(refused.refusal(), "409 relationshipRegionDiffers");
    assert!(browser.get("/relationship/answer").await.text.contains("sells in another region"));
    centre.database().break_with("UPDATE companies SET country = 'NL' WHERE name = 'northwind'");
    assert_eq!(customer.admin.post(&answer(&token, "approve"), nothing()).await.status, 201);
}

#[actix_web::test]
async fn inv_11_a_request_is_opened_by_a_person_and_never_by_a_link_that_is_fetched() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let (made, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let browser = signed_in(centre, "admin@fabrikam.onmicrosoft.com").await;
    for method in ["GET", "HEAD"] {
        for path in [format!("/relationships/{token}"), answer(&token, "")] {
            assert!(centre.call(request(method, &path)).await.status < 400);
        }
        for path in [format!("/relationships/{token}"), "/relationship".to_owned(), "/relationship/answer".to_owned()] {
            assert!(browser.call(request(method, &path)).await.status < 400);
        }
    }
    assert_eq!(steps(&provider.get(&at(&made)).await.ok()), ["created"]);
    for _ in 0..2 {
        let opened = browser.submit_to("/relationship", "/relationship", &[]).await;
        assert_eq!(opened.header("location"), "/relationship/answer");
    }
    let story = provider.get(&at(&made)).await.ok();
    assert_eq!((steps(&story).join(" "), &story["state"]), ("created opened".to_owned(), &json!("opened")));
}

#[actix_web::test]
async fn inv_12_the_link_leaves_the_address_with_its_query_and_the_page_goes_on_after_the_sign_in() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, .. } = &channel;
    let bare = standing(reseller, "").await;
    let link = format!("{bare}&indirectCSPId={}", provider.id);
    let token = bare.split_once('?').unwrap().0.rsplit('/').next().unwrap().to_owned();
    let browser = Browser::new(centre);
    let first = browser.get(link.strip_prefix("https://partners.test").unwrap()).await;
    assert_eq!((first.status, first.header("location").as_str()), (303, "/relationship"));
    let cookie = first.header("set-cookie");
    assert!(cookie.starts_with("__Host-relationship=") && cookie.contains("HttpOnly") && cookie.contains("Secure"));
    let page = browser.get("/relationship").await;
    for part in ["norrsken asks to work for your organisation", "norrsken, as reseller, through northwind", "Included"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert!(!page.text.contains(&token) && page.text.contains("href=\"/relationship/new-tenant\""));
    assert_eq!(
        (page.header("referrer-policy"), page.header("cache-control")),
        ("no-referrer".to_owned(), "no-store".to_owned())
    );
    let typed = [("user_name", "admin@fabrikam.onmicrosoft.com"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &typed).await.header("location"), "/relationship");
    let page = browser.get("/relationship").await;
    assert!(page.text.contains("You are signed in for fabrikam."), "{}", page.text);
    browser.submit_to("/relationship", "/relationship", &[]).await;
    let page = browser.get("/relationship/answer").await;
    for part in
        ["norrsken looks after you as reseller", "northwind and norrsken can administer your Azure Active Directory"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    assert_eq!(browser.submit_to("/relationship/answer", "/relationship/approve", &[]).await.status, 303);
    for _ in 0..2 {
        let page = browser.get("/relationship/answer").await;
        assert!(page.text.contains("fabrikam works with norrsken"), "{}", page.text);
    }
    assert_eq!(channel.established(), (2, 2));
    assert_eq!(browser.get("/relationship").await.header("location"), "/relationship/answer");
    assert_eq!(browser.submit_to("/relationship/answer", "/relationship/later", &[]).await.status, 303);
    assert_eq!(browser.get("/relationship").await.status, 404);
    // No token is kept: neither in the database nor in the trail.
    centre.run_jobs().await;
    assert!(!centre.database().holds(&token));
}

#[actix_web::test]
async fn a_page_says_that_it_was_declined_and_the_partner_reads_why() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let (made, token) = asked(provider, json!({ "delegatedAdmin": false })).await;
    let browser = signed_in(centre, "admin@fabrikam.onmicrosoft.com").await;
    browser.follow(&format!("/relationships/{token}")).await;
    let page = browser.get("/relationship/answer").await;
    assert!(page.text.contains("no partner can change your directory"), "{}", page.text);
    let csrf = form_token(&page);
    for action in ["/relationship/approve", "/relationship/decline"] {
        let sent = actix_web::test::TestRequest::post().uri(action);
        let fields = [("csrf", csrf.as_str()), ("version", "old"), ("reason", "Too <far>")];
        let stale = browser.call(sent.set_form(fields)).await;
        assert_eq!(stale.status, 409);
        assert!(stale.text.contains("has changed since the page was shown"), "{}", stale.text);
        assert!(action.ends_with("approve") || stale.text.contains("Too &#60;far&#62;"), "{}", stale.text);
    }
    let long = "x".repeat(501);
    let refused = browser.submit_to("/relationship/answer", "/relationship/decline", &[("reason", &long)]).await;
    assert_eq!(refused.status, 400);
    let declined =
        browser.submit_to("/relationship/answer", "/relationship/decline", &[("reason", "Too\r\nfar")]).await;
    assert_eq!(declined.status, 303);
    assert!(browser.get("/relationship/answer").await.text.contains("You declined"));
    let story = provider.get(&at(&made)).await.ok();
    assert_eq!(story["timeline"].as_array().unwrap().last().unwrap()["detail"], "Too far");
}

#[actix_web::test]
async fn inv_01_a_page_of_a_dead_link_is_the_same_in_the_same_language() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let (made, revoked) = asked(provider, json!({ "delegatedAdmin": true })).await;
    provider.delete(&at(&made)).await;
    let dotted = format!("{revoked}.1..");
    for (language, told) in [("en", "not valid any more"), ("sv", "gäller inte längre"), ("nl", "niet meer geldig")] {
        let mut pages = Vec::new();
        for token in [revoked.as_str(), "req_x", "rel_x?DAP=true", &dotted, "x;Domain=evil.example", &"y".repeat(400)] {
            for page in ["/relationship", TENANT] {
                let browser = Browser::new(centre);
                browser.get(&format!("/relationships/{token}")).await;
                let page = browser.get(&format!("{page}?lang={language}")).await;
                assert_eq!(page.status, 404);
                assert!(page.text.contains(told), "{}", page.text);
                pages.push(page.text);
            }
        }
        assert!(pages.iter().all(|page| *page == pages[0]));
    }
}

const FORM: &[(&str, &str)] = &[
    ("company", "Litware AB"),
    ("country", "SE"),
    ("address", "Storgatan 1"),
    ("postal_code", "903 25"),
    ("city", "Umeå"),
    ("prefix", "Litware"),
    ("admin_name", "Lena Lit"),
    ("admin_email", "lena@litware.example"),
];

fn form_with<'a>(name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FORM.iter().map(|(known, typed)| (*known, if *known == name { value } else { *typed })).collect()
}

#[actix_web::test]
async fn a_customer_makes_its_own_tenant_from_a_request_and_comes_back_to_answer_it() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true, "email": "lena@litware.example" })).await;
    let browser = Browser::new(centre);
    browser.follow(&format!("/relationships/{token}?lang=sv")).await;
    let made = browser.submit(&format!("{TENANT}?lang=sv"), FORM).await;
    assert_eq!((made.status, made.header("location")), (303, format!("{TENANT}/made")), "{}", made.text);
    assert!(browser.get(&format!("{TENANT}/made")).await.text.contains("Titta i din inkorg"));
    // The link proves nobody's mailbox: until the code from the mail is there, nobody signs in and nothing is approved.
    let typed = [("user_name", "lena@litware.example"), ("password", PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &typed).await.status, 401);
    assert_eq!(channel.established(), (0, 0));
    centre.run_jobs().await;
    let code = centre.token_mailed_to("lena@litware.example", "act_");
    browser.follow(&format!("/activate/{code}")).await;
    let activated = browser.submit("/activate", &[("password", PASSWORD)]).await;
    assert_eq!(activated.header("location"), "/relationship");
    browser.submit_to("/relationship", "/relationship", &[]).await;
    assert_eq!(browser.submit_to("/relationship/answer", "/relationship/approve", &[]).await.status, 303);
    let listed = provider.get("/v1/customers").await.ok();
    assert_eq!(listed["items"][0]["companyProfile"]["domain"], "litware.onmicrosoft.com");
    let customer = provider.get("/v1/customers/litware.onmicrosoft.com").await.ok();
    assert_eq!(customer["billingProfile"]["defaultAddress"]["city"], "Umeå");
    assert_eq!(customer["billingProfile"]["culture"], "sv-SE");
    assert_eq!(channel.count("events WHERE kind = 'tenant_created' AND customer_id IS NOT NULL"), 1);
}

#[actix_web::test]
async fn what_is_wrong_with_the_form_is_said_beside_the_field() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let browser = Browser::new(centre);
    browser.follow(&format!("/relationships/{token}")).await;
    let long = "x".repeat(201);
    for (field, typed, language, sentence) in [
        ("company", " ", "en", "This field must be filled in."),
        ("company", long.as_str(), "en", "This has 201 characters; at most 200 are allowed."),
        ("country", "XX", "nl", "Kies een land uit de lijst."),
        ("address", "", "sv", "Fältet måste fyllas i."),
        ("postal_code", long.as_str(), "en", "This has 201 characters; at most 20 are allowed."),
        ("city", "", "en", "This field must be filled in."),
        ("prefix", "", "en", "This field must be filled in."),
        ("prefix", "lit.ware", "en", "“lit.ware” is no such name"),
        ("prefix", "<b>", "sv", "”&#60;b&#62;” är inget sådant namn"),
        ("prefix", "fabrikam", "en", "fabrikam.onmicrosoft.com already belongs to an organisation here"),
        ("admin_name", "", "en", "This field must be filled in."),
        ("admin_email", "lena", "en", "This is not an e-mail address"),
    ] {
        let answer = browser.submit(&format!("{TENANT}?lang={language}"), &form_with(field, typed)).await;
        assert_eq!(answer.status, if typed == "fabrikam" { 409 } else { 400 }, "{field} {typed:.20}");
        let (_, error) = answer.text.split_once(&format!("id=\"{field}-error\">")).unwrap_or(("", ""));
        assert!(error.starts_with(sentence), "{field} {typed:.20}: {error:.120}");
        assert_eq!(answer.text.matches("aria-invalid").count(), 1, "{field}");
        assert!(field == "address" || answer.text.contains("value=\"Storgatan 1\""), "{field}");
    }
    assert_eq!(channel.count("events WHERE kind = 'tenant_created'"), 0);
    assert_eq!(browser.submit(TENANT, &form_with("postal_code", "")).await.status, 303);
    // A tenant is made only from a link that still asks.
    let nobody = Browser::new(centre);
    let csrf = form_token(&nobody.get("/enrol").await);
    let sent = actix_web::test::TestRequest::post().uri(TENANT);
    let fields: Vec<(&str, &str)> = form_with("prefix", "other").into_iter().chain([("csrf", csrf.as_str())]).collect();
    assert_eq!(nobody.call(sent.set_form(fields)).await.header("location"), "/relationship");
    assert_eq!(channel.count("events WHERE kind = 'tenant_created'"), 1);
}

#[actix_web::test]
async fn inv_07_a_tenant_made_with_somebody_elses_address_gives_no_access_to_the_account() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let nora = provider.colleague("nora@northwind.example", &["sales_agent"]).await;
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let browser = Browser::new(centre);
    browser.follow(&format!("/relationships/{token}")).await;
    let made = browser.submit(TENANT, &form_with("admin_email", "nora@northwind.example")).await;
    // Nobody learns that the address has an account; its owner does, when activating.
    assert_eq!((made.status, made.header("location")), (303, format!("{TENANT}/made")));
    centre.run_jobs().await;
    let code = centre.token_mailed_to("nora@northwind.example", "act_");
    let body = json!({ "code": code, "password": PASSWORD });
    assert_eq!(centre.post("/v1/accounts/activation", body).await.refusal(), "409 addressHasAccount");
    assert_eq!(nora.get("/v1/users").await.status, 200);
    assert_eq!(channel.established(), (0, 0));
}

#[actix_web::test]
async fn inv_14_requests_invitations_and_tenants_share_what_a_mailbox_gets_in_a_day() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, .. } = &channel;
    let mailbox = "lena@litware.example";
    let ask = json!({ "delegatedAdmin": true, "email": mailbox, "send": true });
    asked(provider, ask.clone()).await;
    provider.post("/v1/relationships/invitations", json!({ "email": mailbox })).await.ok();
    let (_, token) = asked(provider, json!({ "delegatedAdmin": true })).await;
    let browser = Browser::new(centre);
    browser.follow(&format!("/relationships/{token}")).await;
    assert_eq!(browser.submit(TENANT, FORM).await.status, 303);
    let full = provider.post(REQUESTS, ask.clone()).await;
    assert_eq!(
        (full.refusal().as_str(), &full.body["parameters"]["limit"]),
        ("429 invitationMailLimit", &json!("mailbox"))
    );
    let mut through = ask.clone();
    through["indirectCloudSolutionProviderId"] = json!(provider.id);
    assert_eq!(reseller.post(REQUESTS, through).await.status, 429);
    let again = browser.submit(TENANT, &form_with("prefix", "other")).await;
    assert_eq!(again.status, 429);
    assert!(again.text.contains("No more mails are sent to this address today"), "{}", again.text);
    centre.run_jobs().await;
    assert_eq!(centre.mails_to(mailbox).len(), 3);
    centre.advance(days(1));
    assert_eq!(provider.sign_in_again().await.post(REQUESTS, ask).await.status, 201);
}

#[actix_web::test]
async fn drf_02_a_draft_has_words_in_three_languages_and_keeps_its_link_exactly_once() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, .. } = &channel;
    for (language, greeting, button) in
        [("en", "Hello,", "Open the request"), ("sv", "Hej,", "Öppna förfrågan"), ("nl", "Hallo,", "Verzoek openen")]
    {
        let body = json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id, "email": "a@b.example", "language": language });
        let (made, _) = asked(provider, body).await;
        let (link, message) = (made["link"].as_str().unwrap(), made["message"].as_str().unwrap());
        assert!(message.starts_with(greeting) && message.contains("norrsken"), "{message}");
        assert_eq!((message.matches(link).count(), made["html"].as_str().unwrap().matches(link).count()), (1, 1));
        assert!(made["html"].as_str().unwrap().contains(button));
        assert!(made["mailto"].as_str().unwrap().starts_with("mailto:a@b.example?subject="));
    }
    centre.run_jobs().await;
    assert!(centre.mails_to("a@b.example").is_empty());
    let standing = standing(provider, "").await;
    let invited =
        provider.post("/v1/relationships/invitations", json!({ "email": "c@d.example", "send": false })).await.ok();
    let refused = async |change: Value| {
        let mut body = json!({ "delegatedAdmin": true });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        provider.post(REQUESTS, body).await.refusal()
    };
    for (change, refusal) in [
        (json!({ "message": "Hello" }), "400 relationshipLinkMissing"),
        (json!({ "message": format!("{{link}} {standing}") }), "400 relationshipLinkForeign"),
        (
            json!({ "message": format!("{{link}} {}", invited["link"].as_str().unwrap()) }),
            "400 relationshipLinkForeign",
        ),
        (json!({ "message": "{link}\u{0}" }), "400 relationshipMessageNotText"),
        (json!({ "message": format!("{{link}}{}", "x".repeat(8_000)) }), "400 relationshipMessageTooLong"),
        (json!({ "subject": standing[..120] }), "400 relationshipLinkInSubject"),
        (json!({ "send": true }), "400 relationshipRequestWithoutMailbox"),
        (json!({ "days": 91 }), "400 badRequest"),
        (json!({ "customerId": "x" }), "400 badRequest"),
    ] {
        assert_eq!(refused(change.clone()).await, refusal, "{change:.80}");
    }
    let other = json!({ "email": "e@f.example", "message": format!("{{link}} {standing}") });
    assert_eq!(provider.post("/v1/relationships/invitations", other).await.refusal(), "400 invitationLinkForeign");
}

#[actix_web::test]
async fn mail_7_what_was_revoked_while_its_mail_waited_is_not_mailed() {
    let channel = Channel::open().await;
    let Channel { centre, provider, .. } = &channel;
    let body = json!({ "delegatedAdmin": true, "email": "a@b.example", "send": true });
    let (made, _) = asked(provider, body).await;
    provider.delete(&at(&made)).await;
    centre.run_jobs().await;
    assert!(centre.mails_to("a@b.example").is_empty());
    assert_eq!(steps(&provider.get(&at(&made)).await.ok()), ["created", "revoked", "not mailed"]);
}

#[actix_web::test]
async fn the_list_is_narrowed_by_state_and_paged_and_others_see_none_of_it() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, .. } = &channel;
    let (_, short) = asked(provider, json!({ "delegatedAdmin": true, "days": 1 })).await;
    centre.advance(days(2));
    let (provider, reseller) = (provider.sign_in_again().await, reseller.sign_in_again().await);
    let admin = customer.admin.sign_in_again().await;
    let (revoked, _) = asked(&provider, json!({ "delegatedAdmin": true })).await;
    provider.delete(&at(&revoked)).await;
    let (_, declined) = asked(&provider, json!({ "delegatedAdmin": true })).await;
    admin.post(&answer(&declined, "decline"), nothing()).await;
    let (_, approved) = asked(&provider, json!({ "delegatedAdmin": true })).await;
    admin.post(&answer(&approved, "approve"), nothing()).await.ok();
    for _ in 0..3 {
        asked(&provider, json!({ "delegatedAdmin": false })).await;
    }
    let listed = async |query: &str| {
        let list = provider.get(&format!("{REQUESTS}{query}")).await.ok();
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ["expired", "revoked", "declined", "approved", "open", "open", "open"]);
    assert_eq!(listed("?state=OPEN").await, ["open", "open", "open"]);
    for state in ["expired", "revoked", "declined", "approved"] {
        assert_eq!(listed(&format!("?state={state}")).await, [state]);
    }
    assert_eq!(provider.get(&format!("{REQUESTS}?state=lost")).await.refusal(), "400 badRequest");
    let mut seen = 0;
    let mut next = format!("{REQUESTS}?state=open&size=2");
    loop {
        let page = provider.get(&next).await.ok();
        seen += page["items"].as_array().unwrap().len();
        let Some(after) = page["continuationToken"].as_str() else { break };
        next = format!("{REQUESTS}?state=open&size=2&seekOperation=Next&continuationToken={after}");
    }
    assert_eq!((seen, short.is_empty()), (3, false));
    assert_eq!(reseller.get(REQUESTS).await.ok()["totalCount"], 0);
    assert_eq!(reseller.get(&at(&revoked)).await.refusal(), "404 relationshipRequestUnknown");
    assert_eq!(reseller.delete(&at(&revoked)).await.refusal(), "404 relationshipRequestUnknown");
}

#[actix_web::test]
async fn people_of_the_partners_are_told_what_came_of_it() {
    let channel = Channel::open().await;
    let Channel { centre, provider, reseller, customer, .. } = &channel;
    let nora = provider.colleague("nora@northwind.example", &["sales_agent"]).await;
    let choices = "/v1/accounts/notifications";
    reseller.put(choices, json!({ "relationshipApproved": "all" }), None).await.ok();
    let (_, declined) = asked(&nora, json!({ "delegatedAdmin": true })).await;
    let said = json!({ "reason": "Too far" });
    customer.admin.post(&answer(&declined, "decline"), said).await;
    let both = json!({ "delegatedAdmin": true, "indirectResellerId": reseller.id });
    let (_, approved) = asked(&nora, both).await;
    channel.approve(&approved).await.ok();
    centre.run_jobs().await;
    let mails = |who: &str, about: &str| {
        let mails = centre.mails_to(who);
        mails.into_iter().filter(|mail| mail.contains(about)).collect::<Vec<_>>()
    };
    let told = mails("nora@northwind.example", "Subject: fabrikam declined the request for a relationship");
    assert!(told.len() == 1 && told[0].contains("Too far"), "{told:?}");
    let about = "Subject: fabrikam approved the request for a relationship";
    let told = mails("nora@northwind.example", about);
    assert!(told.len() == 1 && told[0].contains("norrsken as reseller"), "{told:?}");
    assert_eq!((mails("admin@norrsken.example", about).len(), mails("admin@northwind.example", about).len()), (1, 0));
}
