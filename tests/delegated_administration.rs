//! Delegated administration: granular relationships as Graph draws them, what they open and when they end, and what the
//! customer is told.

use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::administration::{
    PATH, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, answer, asked, assign, details, granted, terms,
};
use crate::harness::{Actor, Browser, Centre, Customer, PASSWORD, nothing};

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const INTUNE: &str = "3a2c62db-5318-420d-8d74-23affee5d9d5";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
const DIRECTORY_WRITERS: &str = "9360feb5-f418-4baa-8175-e2a00bac4301";
const FILE: &[u8] = b"Manufacturer,Model,Serial Number\nFabrikam,Falcon,F1\n";
/// The mailbox of a customer's billing profile in these tests; its language is Swedish.
const CONTACT: &str = "billing@fabrikam.example";

struct Channel {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

async fn channel() -> Channel {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    Channel { centre, operator, provider, reseller, customer }
}

/// Days go by; the actor's token with them, so there is a new one.
async fn after(centre: &Centre, actor: &Actor, count: u64) -> Actor {
    let mut actor = actor.clone();
    let mut left = count;
    while left > 0 {
        let step = left.min(60);
        centre.advance(days(step));
        actor = actor.sign_in_again().await;
        left -= step;
    }
    actor
}

/// Texts of the mails to a mailbox.
fn mails(centre: &Centre, mailbox: &str) -> Vec<String> {
    let read = |mail: String| {
        let mail = mailparse::parse_mail(mail.as_bytes()).unwrap();
        mail.subparts[0].get_body().unwrap()
    };
    centre.mails_to(mailbox).into_iter().map(read).collect()
}

fn text(of: &Value) -> String {
    of.as_str().unwrap().to_owned()
}

impl Channel {
    /// Leaves the reseller with its relationship alone.
    async fn without_full_grant(self) -> Self {
        let end = format!("/v1/customers/{}/administrators/{}", self.customer.id, self.reseller.id);
        assert_eq!(self.customer.admin.delete(&end).await.status, 204);
        self
    }

    async fn reads(&self, actor: &Actor) -> String {
        let answer = actor.get(&format!("/v1/customers/{}/devices", self.customer.id)).await;
        if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
    }

    async fn writes(&self, actor: &Actor) -> String {
        let path = format!("/v1/customers/{}/deviceRegistrations", self.customer.id);
        let answer = actor.upload(&path, FILE, &[]).await;
        if answer.status < 300 { "ok".to_owned() } else { answer.refusal() }
    }
}

#[actix_web::test]
async fn dap_01_what_opens_the_gate_is_the_role_in_a_group_of_the_caller_and_nothing_else() {
    let channel = channel().await.without_full_grant().await;
    let (reseller, customer) = (&channel.reseller, &channel.customer);
    let admin_agent = reseller.colleague("agent@norrsken.example", &["admin_agent"]).await;
    let sales_agent = reseller.colleague("sales@norrsken.example", &["sales_agent"]).await;
    let helpdesk = reseller.colleague("help@norrsken.example", &["helpdesk_agent"]).await;
    let script = reseller.application(&["sales_agent"]).await;
    let (gone, no_role) = ("403 delegatedAdministrationMissing", "403 administrationRoleMissing");
    let look = async || {
        let mut seen = Vec::new();
        for actor in [reseller, &admin_agent, &sales_agent, &helpdesk, &script] {
            seen.push(channel.reads(actor).await);
        }
        for actor in [&admin_agent, &sales_agent, &script] {
            seen.push(channel.writes(actor).await);
        }
        seen
    };
    assert_eq!(look().await, [gone; 8]);
    let roles = &[INTUNE, GLOBAL_READER, DIRECTORY_WRITERS];
    let id = granted(reseller, customer, terms("Norrsken basdrift", roles)).await;
    // Approved, but none of its roles is anybody's yet.
    assert_eq!(look().await, [no_role; 8]);
    let assigned = assign(reseller, &id, "SalesAgents", &[GLOBAL_READER]).await;
    assert_eq!(
        look().await,
        ["200", no_role, "200", no_role, "200", no_role, no_role, no_role],
        "Global Reader reads, in its group only; a Global admin counts in all three"
    );
    assign(reseller, &id, "AdminAgents", &[INTUNE]).await;
    assert_eq!(look().await, ["200", "200", "200", no_role, "200", "ok", no_role, no_role]);
    let path = format!("{PATH}/{id}/accessAssignments/{}", text(&assigned["id"]));
    let changed = reseller.patch(&path, "1", json!({ "accessDetails": details(&[DIRECTORY_WRITERS]) })).await;
    assert_eq!(changed.status, 202);
    let operation = changed.header("location");
    let operation = operation.strip_prefix("https://partners.test").unwrap();
    assert_eq!(reseller.get(operation).await.ok()["status"], "succeeded");
    assert_eq!(look().await, ["200", "200", no_role, no_role, no_role, "ok", no_role, no_role]);
    let refusal = sales_agent.get(&format!("/v1/customers/{}/devices", customer.id)).await;
    assert_eq!(
        refusal.body["parameters"]["roles"],
        "Global Administrator, Intune Administrator, Cloud Device Administrator, Global Reader"
    );
    let end = json!({ "action": "terminate" });
    reseller.post(&format!("{PATH}/{id}/requests"), end).await.ok();
    assert_eq!(look().await, [gone; 8]);
}

#[actix_web::test]
async fn dap_01_operations_and_relation_states_and_principals_as_a_table() {
    let channel = channel().await;
    let Channel { centre, operator, provider, reseller, customer } = &channel;
    let stranger = centre.reseller(operator, "adatum", "6002234").await;
    let other = centre.customer(provider, "tailspin", None).await;
    let asks = format!("/v1/customers/{}", customer.id);
    // Reading devices, registering them, the company's address, a token for the tenant.
    let look = async |actor: &Actor| {
        let address = actor.get(&asks).await;
        let told = match address.status {
            200 if address.body["companyProfile"].get("address").is_some() => "address".to_owned(),
            200 => "no address".to_owned(),
            _ => address.refusal(),
        };
        let form = format!(
            "grant_type=refresh_token&client_id=partner-center-cli&refresh_token={}",
            actor.sign_in_again().await.refresh_token
        );
        let token = centre.form(&format!("/{}/oauth2/v2.0/token", customer.id), &form).await;
        let token = if token.status == 200 { "token" } else { "no token" };
        [channel.reads(actor).await, channel.writes(actor).await, told, token.to_owned()].map(|said| said.to_string())
    };
    let missing = ["404 relationshipMissing"; 3];
    let gone = "403 delegatedAdministrationMissing";
    let own = "404 relationshipMissing";
    assert_eq!(look(&stranger).await, [missing[0], missing[1], missing[2], "no token"]);
    assert_eq!(look(provider).await, ["200", "ok", "address", "token"]);
    assert_eq!(look(reseller).await, ["200", "ok", "address", "token"]);
    assert_eq!(
        (channel.reads(&customer.admin).await, channel.writes(&customer.admin).await),
        ("200".into(), "422 deviceFileRefused".into())
    );
    assert_eq!((channel.reads(&other.admin).await, channel.writes(&other.admin).await), (own.into(), own.into()));
    // The partnership is nothing to the gate.
    let removal = json!({ "attestation": true });
    provider.post(&format!("/v1/relationships/{}/removal", reseller.id), removal).await.ok();
    assert_eq!(look(reseller).await, ["200", "ok", "address", "token"]);
    // The end of delegated administration leaves the relationship.
    let given_up = reseller.send("PATCH", &asks, json!({ "AllowDelegatedAccess": false })).await.ok();
    assert_eq!(
        (&given_up["allowDelegatedAccess"], &given_up["relationshipToPartner"]),
        (&json!(false), &json!("reseller"))
    );
    assert_eq!(look(reseller).await, [gone, gone, "no address", "no token"]);
    assert_eq!(look(provider).await, ["200", "ok", "address", "token"], "the other's grant is its own");
    // Tenant owner opens nothing.
    let owners = format!("{asks}/tenantowners");
    provider.post(&owners, json!({ "partnerId": reseller.id })).await.ok();
    assert_eq!(look(reseller).await, [gone, gone, "no address", "no token"]);
    // The end of the relationship ends everything, and everything that hangs on it.
    let ended = provider.send("PATCH", &asks, json!({ "relationshipToPartner": "none" })).await.ok();
    assert_eq!(ended["relationshipToPartner"], "none");
    assert_eq!(look(provider).await, [missing[0], missing[1], missing[2], "no token"]);
    assert_eq!(reseller.get(&asks).await.status, 200, "of a provider that leaves, the reseller keeps its own");
    reseller.send("PATCH", &asks, json!({ "relationshipToPartner": 5 })).await.ok();
    assert_eq!(customer.admin.get(&owners).await.ok()["totalCount"], 0);
    assert_eq!(reseller.send("PATCH", &asks, json!({ "relationshipToPartner": "none" })).await.refusal(), own);
}

#[actix_web::test]
async fn dap_01_each_part_of_a_customers_directory_asks_for_a_role_of_its_own() {
    let Channel { reseller, customer, .. } = channel().await;
    let path = |rest: &str| format!("/v1/customers/{}{rest}", customer.id);
    let domain =
        |name: &str| json!({ "verifiedDomainName": name, "domain": { "name": name, "authenticationType": "Managed" } });
    let consent = json!({
        "applicationId": INTUNE,
        "applicationGrants": [{ "enterpriseApplicationId": GLOBAL_READER, "scope": "User.Read" }],
    });
    let end = path(&format!("/administrators/{}", reseller.id));
    let (domains, applications) = ("8329153b-31d0-4727-b945-745eb3bc5f31", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3");
    let none = "403 administrationRoleMissing";
    for (role, expected) in [
        (GLOBAL_READER, ["200", "200", "address", "200", none, none, none]),
        (INTUNE, [none, none, "no address", "200", none, none, none]),
        (domains, [none, "200", "no address", none, "201", none, none]),
        (applications, [none, none, "no address", none, none, "201", none]),
        (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, [none, none, "no address", none, none, none, "200"]),
        (GLOBAL_ADMINISTRATOR, ["200", "200", "address", "200", "201", "201", "200"]),
    ] {
        assert_eq!(customer.admin.delete(&end).await.status, 204);
        let id = granted(&reseller, &customer, terms(&uuid::Uuid::now_v7().to_string(), &[role])).await;
        assign(&reseller, &id, "AdminAgents", &[role]).await;
        let told = |answer: crate::harness::Answer| match answer.status {
            status if status < 300 => status.to_string(),
            _ => answer.refusal(),
        };
        let profile = reseller.get(&path("/profiles/company")).await.ok();
        let address = if profile.get("address").is_some() { "address" } else { "no address" };
        let why = format!("/v1/why?action=resetSetupInfo&customerId={}", customer.id);
        let may_reset = reseller.get(&why).await.ok()["allowed"] == true;
        let seen = [
            told(reseller.get(&path("/organization")).await),
            told(reseller.get(&path("/customDomains")).await),
            address.to_owned(),
            told(reseller.get(&path("/devices")).await),
            told(reseller.post(&path("/verifieddomain"), domain(&format!("d{}.example", &id[..8]))).await),
            told(reseller.post(&path("/applicationconsents"), consent.clone()).await),
            if may_reset { "200".to_owned() } else { none.to_owned() },
        ];
        assert_eq!(seen, expected.map(str::to_owned), "{role}");
    }
}

#[actix_web::test]
async fn nulls_and_unknown_in_the_body_of_old_clients_end_nothing() {
    let Channel { provider, customer, .. } = channel().await;
    let path = format!("/v1/customers/{}/", customer.id);
    for body in [
        json!({}),
        json!({ "RelationshipToPartner": "unknown", "AllowDelegatedAccess": null, "Attributes": { "ObjectType": "Customer" } }),
        json!({ "RelationshipToPartner": 0, "CompanyProfile": null, "Links": null }),
        json!({ "relationshipToPartner": "reseller", "allowDelegatedAccess": true }),
    ] {
        let kept = provider.send("PATCH", &path, body.clone()).await.ok();
        assert_eq!(
            (&kept["relationshipToPartner"], &kept["allowDelegatedAccess"]),
            (&json!("reseller"), &json!(true)),
            "{body}"
        );
    }
    assert_eq!(
        provider.send("PATCH", &path, json!({ "relationshipToPartner": "gone" })).await.refusal(),
        "400 badRequest"
    );
    let script = provider.application(&["admin_agent"]).await;
    let end = json!({ "relationshipToPartner": "none" });
    assert_eq!(script.send("PATCH", &path, end).await.refusal(), "403 appOnlyRefused");
}

#[actix_web::test]
async fn dap_05_a_timed_grant_ends_by_the_clock_and_not_by_a_sweeper() {
    let channel = channel().await.without_full_grant().await;
    let Channel { centre, reseller, customer, .. } = &channel;
    let mut body = terms("One month", &[GLOBAL_READER]);
    // Over the 29th of February 2028.
    body["duration"] = json!("P463D");
    let id = granted(reseller, customer, body).await;
    assign(reseller, &id, "AdminAgents", &[GLOBAL_READER]).await;
    let one = format!("{PATH}/{id}");
    let end = text(&reseller.get(&one).await.ok()["endDateTime"]);
    let reseller = &after(centre, reseller, 462).await;
    centre.advance(Duration::from_secs(23 * 60 * 60));
    let reseller = &reseller.sign_in_again().await;
    assert_eq!(channel.reads(reseller).await, "200");
    centre.advance(Duration::from_secs(59 * 60));
    assert_eq!(channel.reads(reseller).await, "200");
    centre.advance(Duration::from_secs(60));
    let refusal = reseller.get(&format!("/v1/customers/{}/devices", customer.id)).await;
    assert_eq!(refusal.refusal(), "403 delegatedAdministrationMissing");
    assert_eq!(refusal.body["parameters"]["endedAt"], end);
    assert_eq!(reseller.get(&one).await.ok()["status"], "expired");
    centre.run_jobs().await;
    assert!(centre.event_kinds().contains(&"granular_administration_expired".to_owned()));
    assert_eq!(reseller.get(&one).await.ok()["status"], "expired");
}

#[actix_web::test]
async fn what_is_to_be_extended_is_extended_without_a_gap_again_and_again_until_it_is_ended() {
    let channel = channel().await.without_full_grant().await;
    let Channel { centre, reseller, customer, .. } = &channel;
    let mut body = terms("For years", &[GLOBAL_READER]);
    body["autoExtendDuration"] = json!("P180D");
    let id = granted(reseller, customer, body).await;
    assign(reseller, &id, "AdminAgents", &[GLOBAL_READER]).await;
    let one = format!("{PATH}/{id}");
    let mut reseller = reseller.clone();
    for round in 0..3 {
        let end = text(&reseller.get(&one).await.ok()["endDateTime"]);
        reseller = after(centre, &reseller, if round == 0 { 29 } else { 179 }).await;
        centre.advance(days(1) - Duration::from_secs(30 * 60));
        centre.run_jobs().await;
        reseller = reseller.sign_in_again().await;
        let shown = reseller.get(&one).await.ok();
        assert_ne!(shown["endDateTime"], end, "round {round}");
        centre.advance(Duration::from_secs(30 * 60));
        assert_eq!((shown["status"].as_str(), channel.reads(&reseller).await.as_str()), (Some("active"), "200"));
    }
    let etag = text(&reseller.get(&one).await.ok()["@odata.etag"]);
    let stopped = reseller.patch(&one, &etag, json!({ "autoExtendDuration": "PT0S" })).await;
    assert_eq!(stopped.ok()["autoExtendDuration"], "PT0S");
    let reseller = after(centre, &reseller, 180).await;
    centre.run_jobs().await;
    assert_eq!(channel.reads(&reseller).await, "403 delegatedAdministrationMissing");
    assert_eq!(reseller.get(&one).await.ok()["status"], "expired");
}

#[actix_web::test]
async fn what_came_with_the_customer_is_extended_again_and_again_too() {
    let channel = channel().await;
    let mut body = crate::harness::customer_body("tailspin", None);
    body["enableGDAPByDefault"] = json!(true);
    let created = channel.provider.post("/v1/customers", body).await.ok();
    let mut provider = channel.provider.clone();
    let filter = url_encoded(&format!("customer/tenantId eq '{}'", text(&created["id"])));
    let mut end = String::new();
    for round in 0..3 {
        provider = after(&channel.centre, &provider, if round == 0 { 729 } else { 179 }).await;
        channel.centre.advance(days(1) - Duration::from_secs(30 * 60));
        channel.centre.run_jobs().await;
        channel.centre.advance(Duration::from_secs(30 * 60));
        provider = provider.sign_in_again().await;
        let list = provider.get(&format!("{PATH}?$filter={filter}")).await.ok();
        let one = &list["value"][0];
        assert_eq!(one["status"], "active", "round {round}");
        assert_ne!(text(&one["endDateTime"]), end, "round {round}");
        end = text(&one["endDateTime"]);
    }
}

#[actix_web::test]
async fn what_is_over_is_not_ended_again_and_nobody_is_told_that_it_was() {
    let channel = channel().await.without_full_grant().await;
    let Channel { centre, reseller, customer, .. } = &channel;
    let id = granted(reseller, customer, terms("Short", &[GLOBAL_READER])).await;
    let mut open = terms("Unanswered", &[GLOBAL_READER]);
    open["customer"] = json!({ "tenantId": customer.id });
    let (asked, _) = asked(reseller, open).await;
    let one = format!("{PATH}/{id}");
    let end = text(&reseller.get(&one).await.ok()["endDateTime"]);
    let reseller = after(centre, reseller, 31).await;
    centre.run_jobs().await;
    let told = centre.mails_to(CONTACT).len();
    let terminate = json!({ "action": "terminate" });
    let refused = reseller.post(&format!("{one}/requests"), terminate).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let path = format!("/v1/customers/{}", customer.id);
    reseller.send("PATCH", &path, json!({ "allowDelegatedAccess": false })).await.ok();
    centre.run_jobs().await;
    let shown = reseller.get(&one).await.ok();
    assert_eq!((&shown["status"], text(&shown["endDateTime"])), (&json!("expired"), end));
    assert_eq!(reseller.get(&format!("{PATH}/{asked}")).await.ok()["status"], "terminated");
    assert_eq!(centre.mails_to(CONTACT).len(), told, "nothing that was in force ended");
}

#[actix_web::test]
async fn the_customer_is_told_when_an_end_becomes_open_and_nobody_asks_after_leaving() {
    let Channel { centre, reseller, customer, .. } = channel().await;
    let id = granted(&reseller, &customer, terms("Open", &[GLOBAL_READER])).await;
    let mut body = terms("Prepared", &[GLOBAL_READER]);
    body["customer"] = json!({ "tenantId": customer.id });
    let prepared = text(&reseller.post(PATH, body).await.ok()["id"]);
    centre.run_jobs().await;
    let told = centre.mails_to(CONTACT).len();
    let one = format!("{PATH}/{id}");
    let etag = text(&reseller.get(&one).await.ok()["@odata.etag"]);
    reseller.patch(&one, &etag, json!({ "autoExtendDuration": "P180D" })).await.ok();
    centre.run_jobs().await;
    let mails = mails(&centre, CONTACT);
    assert_eq!(mails.len(), told + 1);
    let path = format!("/v1/customers/{}", customer.id);
    reseller.send("PATCH", &path, json!({ "relationshipToPartner": "none" })).await.ok();
    let lock = reseller.post(&format!("{PATH}/{prepared}/requests"), json!({ "action": "lockForApproval" })).await;
    assert_eq!(lock.refusal(), "404 relationshipMissing");
}

#[actix_web::test]
async fn both_sides_are_reminded_30_7_and_1_days_before_the_end_and_on_the_day() {
    let channel = channel().await.without_full_grant().await;
    let Channel { centre, reseller, customer, .. } = &channel;
    let mut body = terms("Basdrift", &[GLOBAL_READER]);
    body["duration"] = json!("P60D");
    granted(reseller, customer, body).await;
    centre.run_jobs().await;
    let count = || (centre.mails_to(CONTACT).len(), centre.mails_to("admin@norrsken.example").len());
    let (mut told, mut partner) = count();
    for (wait, what) in [(30, "upphör 2027"), (23, "upphör 2027"), (6, "upphör 2027"), (1, "gick ut")] {
        centre.advance(days(wait));
        centre.run_jobs().await;
        let now = count();
        assert_eq!(now, (told + 1, partner + 1), "after {wait} more days");
        (told, partner) = now;
        let mails = mails(centre, CONTACT);
        assert!(mails.last().unwrap().contains(what), "{}", mails.last().unwrap());
    }
    centre.advance(days(100));
    centre.run_jobs().await;
    assert_eq!(count(), (told, partner));
}

#[actix_web::test]
async fn a_request_lapses_after_90_days_and_is_answered_once() {
    let Channel { centre, reseller, customer, .. } = channel().await;
    let (lapsed, late) = asked(&reseller, terms("First", &[INTUNE])).await;
    let (reseller, admin) = (after(&centre, &reseller, 45).await, after(&centre, &customer.admin, 44).await);
    centre.advance(days(1));
    let (reseller, admin) = (reseller.sign_in_again().await, admin.sign_in_again().await);
    assert_eq!(admin.post(&answer(&late, "approve"), nothing()).await.refusal(), "404 administrationLinkUnknown");
    assert_eq!(reseller.get(&format!("{PATH}/{lapsed}")).await.ok()["status"], "expired");
    let (id, token) = asked(&reseller, terms("Second", &[INTUNE])).await;
    for _ in 0..2 {
        assert_eq!(admin.post(&answer(&token, "decline"), nothing()).await.ok()["status"], "terminated");
    }
    assert_eq!(admin.post(&answer(&token, "approve"), nothing()).await.refusal(), "404 administrationLinkUnknown");
    assert_eq!(reseller.get(&format!("{PATH}/{id}")).await.ok()["status"], "terminated");
    let (_, token) = asked(&reseller, terms("Third", &[INTUNE])).await;
    for _ in 0..2 {
        assert_eq!(admin.post(&answer(&token, "approve"), nothing()).await.ok()["status"], "active");
    }
    assert_eq!(admin.post(&answer(&token, "decline"), nothing()).await.refusal(), "404 administrationLinkUnknown");
}

#[actix_web::test]
async fn dap_04_only_the_global_admin_of_the_customer_that_is_asked_answers_and_what_was_shown() {
    let Channel { centre, operator, provider, reseller, customer } = channel().await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let mut body = terms("For Fabrikam", &[INTUNE]);
    body["customer"] = json!({ "tenantId": customer.id, "displayName": "anything" });
    let (id, token) = asked(&reseller, body).await;
    let (approve, unknown) = (answer(&token, "approve"), "404 administrationLinkUnknown");
    assert_eq!(other.admin.post(&approve, nothing()).await.refusal(), unknown);
    assert_eq!(reseller.post(&approve, nothing()).await.refusal(), "403 wrongOrganisation");
    assert_eq!(centre.post(&approve, nothing()).await.refusal(), "401 tokenMissing");
    let looked = centre.get(answer(&token, "").trim_end_matches('/')).await.ok();
    assert_eq!((&looked["partner"], &looked["roles"]), (&json!("norrsken"), &json!(["Intune Administrator"])));
    assert!(!looked.to_string().contains("fabrikam"), "a link names no customer");
    let stale = json!({ "version": "1" });
    assert_eq!(customer.admin.post(&approve, stale).await.refusal(), "409 administrationRequestChanged");
    let shown = json!({ "version": looked["version"] });
    assert_eq!(customer.admin.post(&approve, shown).await.ok()["status"], "active");
    assert_eq!(reseller.get(&format!("{PATH}/{id}")).await.ok()["customer"]["displayName"], "fabrikam");
    // One who has no relationship gets none by it.
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    let (_, token) = asked(&stranger, terms("Hello", &[INTUNE])).await;
    let refusal = customer.admin.post(&answer(&token, "approve"), nothing()).await;
    assert_eq!(refusal.refusal(), "409 administrationWithoutRelationship");
}

#[actix_web::test]
async fn ten_04_customers_and_groups_of_others_are_as_if_absent() {
    let Channel { centre, provider, reseller, customer, .. } = channel().await;
    let foreign = centre.customer(&provider, "tailspin", None).await.id;
    let absent = uuid::Uuid::now_v7().to_string();
    let named = |id: &str| {
        let mut body = terms("Named", &[INTUNE]);
        body["customer"] = json!({ "tenantId": id });
        body
    };
    let made = text(&reseller.post(PATH, terms("Unnamed", &[INTUNE])).await.ok()["id"]);
    let mask = |answer: &crate::harness::Answer, id: &str| {
        let text =
            answer.text.replace(&answer.header("ms-requestid"), "").replace(&answer.header("ms-correlationid"), "");
        text.replace(id, "<id>")
    };
    let (one, other) = (reseller.post(PATH, named(&foreign)).await, reseller.post(PATH, named(&absent)).await);
    assert_eq!(mask(&one, &foreign), mask(&other, &absent));
    assert_eq!(one.status, 404);
    let path = format!("{PATH}/{made}");
    let tenant = |id: &str| json!({ "customer": { "tenantId": id } });
    let (one, other) =
        (reseller.patch(&path, "1", tenant(&foreign)).await, reseller.patch(&path, "1", tenant(&absent)).await);
    assert_eq!(mask(&one, &foreign), mask(&other, &absent));
    let id = granted(&reseller, &customer, terms("Groups", &[INTUNE])).await;
    let group = text(&provider.get("/v1.0/groups").await.ok()["value"][0]["id"]);
    let body =
        |group: &str| json!({ "accessContainer": { "accessContainerId": group }, "accessDetails": details(&[INTUNE]) });
    let assignments = format!("{PATH}/{id}/accessAssignments");
    let (one, other) =
        (reseller.post(&assignments, body(&group)).await, reseller.post(&assignments, body(&absent)).await);
    assert_eq!(mask(&one, &group), mask(&other, &absent));
    assert!(one.body["error"]["message"].as_str().unwrap().contains("does not exist"));
    let own = text(&reseller.get("/v1.0/groups?$filter=displayName%20eq%20'AdminAgents'").await.ok()["value"][0]["id"]);
    assert_eq!(reseller.post(&assignments, body(&own)).await.status, 201);
    let owners = format!("/v1/customers/{}/tenantowners", customer.id);
    let (one, other) = (
        provider.post(&owners, json!({ "partnerId": provider.id })).await,
        provider.post(&owners, json!({ "partnerId": absent })).await,
    );
    assert_eq!(mask(&one, &provider.id), mask(&other, &absent));
}

#[actix_web::test]
async fn what_cannot_be_asked_for_is_named() {
    let Channel { reseller, .. } = channel().await;
    let change = |name: &str, value: Value| {
        let mut body = terms("Terms", &[INTUNE]);
        body[name] = value;
        body
    };
    for (body, refusal) in [
        (json!({}), "displayName: is required."),
        (change("displayName", json!("x".repeat(51))), "displayName: has 51 characters; at most 50 are allowed."),
        (change("duration", json!("P731D")), "duration: is between P1D and P730D (two years)."),
        (change("duration", json!("30")), "duration: \"30\" is no ISO 8601 duration in days such as P730D."),
        (change("autoExtendDuration", json!("P90D")), "autoExtendDuration: is P180D, or PT0S for none."),
        (change("accessDetails", details(&[])), "accessDetails.unifiedRoles: names at least one role."),
        (
            change("accessDetails", details(&["00000000-0000-0000-0000-000000000000"])),
            "accessDetails.unifiedRoles: \"00000000-0000-0000-0000-000000000000\" is the roleDefinitionId of no built-in role.",
        ),
    ] {
        let answer = reseller.post(PATH, body.clone()).await;
        assert_eq!((answer.status, answer.body["error"]["message"].as_str()), (400, Some(refusal)), "{body}");
    }
    let mut forever = terms("Forever", &[GLOBAL_ADMINISTRATOR]);
    forever["autoExtendDuration"] = json!("P180D");
    assert!(reseller.post(PATH, forever).await.text.contains("must be PT0S"));
    reseller.post(PATH, terms("Terms", &[INTUNE])).await.ok();
    let taken = reseller.post(PATH, terms("TERMS", &[INTUNE])).await;
    assert_eq!((taken.status, &taken.body["error"]["code"]), (409, &json!("nameAlreadyExists")));
}

#[actix_web::test]
async fn states_change_as_graph_draws_them_and_every_change_names_its_version() {
    let Channel { reseller, customer, .. } = channel().await;
    let made = reseller.post(PATH, terms("Once", &[GLOBAL_ADMINISTRATOR, INTUNE])).await.ok();
    assert_eq!(
        (&made["status"], &made["@odata.type"]),
        (&json!("created"), &json!("#microsoft.graph.delegatedAdminRelationship"))
    );
    let one = format!("{PATH}/{}", text(&made["id"]));
    let change = |name: &str| json!({ "displayName": name });
    let code = |answer: &crate::harness::Answer| (answer.status, text(&answer.body["error"]["code"]));
    assert_eq!(code(&reseller.send("PATCH", &one, change("Twice")).await), (428, "etagMissing".into()));
    assert_eq!(code(&reseller.patch(&one, "W/\"9\"", change("Twice")).await), (412, "etagStale".into()));
    let changed = reseller.patch(&one, made["@odata.etag"].as_str().unwrap(), change("Twice")).await.ok();
    assert_eq!(changed["displayName"], "Twice");
    let early =
        json!({ "accessContainer": { "accessContainerId": "AdminAgents" }, "accessDetails": details(&[INTUNE]) });
    let assignments = format!("{one}/accessAssignments");
    assert_eq!(code(&reseller.post(&assignments, early.clone()).await), (409, "notAllowedInThisState".into()));
    let requests = format!("{one}/requests");
    let terminate = json!({ "action": "terminate" });
    assert_eq!(code(&reseller.post(&requests, terminate.clone()).await).0, 409);
    reseller.post(&requests, json!({ "action": "lockForApproval" })).await.ok();
    assert_eq!(code(&reseller.post(&requests, json!({ "action": "lockForApproval" })).await).0, 409);
    assert_eq!(code(&reseller.post(&requests, json!({ "action": "approve" })).await).0, 400);
    let pending = reseller.get(&one).await.ok();
    let etag = text(&pending["@odata.etag"]);
    assert_eq!(code(&reseller.patch(&one, &etag, change("Thrice")).await).0, 409);
    assert_eq!(code(&reseller.with("DELETE", &one, &[("if-match", &etag)], nothing()).await).0, 409);
    let token = text(&pending["approvalLink"]).rsplit('/').next().unwrap().to_owned();
    customer.admin.post(&answer(&token, "approve"), nothing()).await.ok();
    let active = reseller.get(&one).await.ok();
    assert!(active["activatedDateTime"].is_string() && active.get("approvalLink").is_none());
    let etag = text(&active["@odata.etag"]);
    assert_eq!(code(&reseller.patch(&one, &etag, json!({ "duration": "P60D" })).await).0, 409);
    reseller.post(&assignments, early.clone()).await.ok();
    assert_eq!(code(&reseller.post(&assignments, early).await).0, 409);
    let more = json!({ "accessContainer": { "accessContainerId": "SalesAgents" }, "accessDetails": details(&[GLOBAL_READER]) });
    assert_eq!(code(&reseller.post(&assignments, more).await), (400, "rolesNotGiven".into()));
    // Global Administrator can be taken out of what is active; then it may be extended.
    let smaller = json!({ "accessDetails": details(&[INTUNE]) });
    assert_eq!(reseller.patch(&one, &etag, smaller).await.status, 202);
    let etag = text(&reseller.get(&one).await.ok()["@odata.etag"]);
    reseller.patch(&one, &etag, json!({ "autoExtendDuration": "P180D" })).await.ok();
    for _ in 0..2 {
        assert_eq!(reseller.post(&requests, terminate.clone()).await.status, 201);
    }
    assert_eq!(reseller.get(&one).await.ok()["status"], "terminated");
    let spare = reseller.post(PATH, terms("Spare", &[INTUNE])).await.ok();
    let path = format!("{PATH}/{}", text(&spare["id"]));
    assert_eq!(reseller.with("DELETE", &path, &[("if-match", "W/\"1\"")], nothing()).await.status, 204);
    assert_eq!(reseller.get(&path).await.status, 404);
}

#[actix_web::test]
async fn lists_page_filter_choose_and_count_as_graph_clients_ask() {
    let Channel { reseller, customer, .. } = channel().await;
    for number in 0..5 {
        reseller.post(PATH, terms(&format!("Number {number}"), &[INTUNE])).await.ok();
    }
    let active = granted(&reseller, &customer, terms("Number 5", &[INTUNE])).await;
    let mut next =
        "/beta//tenantRelationships/DelegatedAdminRelationships?$top=2&$count=true&%24select=displayName".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = reseller.get(&next).await.ok();
        assert_eq!(page["@odata.count"], 6);
        for one in page["value"].as_array().unwrap() {
            assert!(one.get("status").is_none() && one["@odata.etag"].is_string());
            seen.push(text(&one["displayName"]));
        }
        match page["@odata.nextLink"].as_str() {
            Some(link) => next = link.strip_prefix("https://partners.test").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, (0..6).map(|number| format!("Number {number}")).collect::<Vec<_>>());
    let filter = format!("(status eq 'active') AND (customer/tenantId eq '{}')", customer.id);
    let filter: String = url_encoded(&filter);
    let found = reseller.get(&format!("{PATH}?$filter={filter}")).await.ok();
    assert_eq!((found["value"].as_array().unwrap().len(), &found["value"][0]["id"]), (1, &json!(active)));
    let newest = reseller.get(&format!("{PATH}?$orderby=createdDateTime%20desc&$top=1")).await.ok();
    assert_eq!(newest["value"][0]["displayName"], "Number 5");
    for wrong in
        ["$top=0", "$top=301", "$filter=x", "$orderby=displayName", "$skipToken=x", "$filter=status%20eq%20'odd'"]
    {
        assert_eq!(reseller.get(&format!("{PATH}?{wrong}")).await.status, 400, "{wrong}");
    }
    let customers = reseller.get("/v1.0/tenantRelationships/delegatedAdminCustomers").await.ok();
    assert_eq!(customers["value"][0]["displayName"], "fabrikam");
    let by_id = format!("/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='{}')", customer.id);
    assert_eq!(reseller.get(&by_id).await.ok()["defaultDomainName"], "fabrikam.onmicrosoft.com");
}

#[actix_web::test]
async fn contracts_are_those_with_ones_customers() {
    let Channel { centre, operator, provider, customer, .. } = channel().await;
    centre.customer(&provider, "contoso", None).await;
    let path = "/v1.0/contracts";
    let domains = |page: &Value| -> Vec<String> {
        page["value"].as_array().unwrap().iter().map(|one| text(&one["defaultDomainName"])).collect()
    };
    let first = provider.get(&format!("{path}?$top=1")).await.ok();
    assert_eq!(first["value"][0]["customerId"], customer.id);
    assert_eq!(first["value"][0]["contractType"], "ResellerPartner");
    let next = text(&first["@odata.nextLink"]);
    let second = provider.get(next.strip_prefix("https://partners.test").unwrap()).await.ok();
    assert_eq!(domains(&second), ["contoso.onmicrosoft.com"]);
    assert!(second.get("@odata.nextLink").is_none());
    for (filter, found) in [
        ("defaultDomainName eq 'fabrikam.onmicrosoft.com'".to_owned(), 1),
        (format!("customerId eq {}", customer.id), 1),
        ("defaultDomainName eq 'tailspin.onmicrosoft.com'".to_owned(), 0),
    ] {
        let page = provider.get(&format!("{path}?$filter={}", url_encoded(&filter))).await.ok();
        assert_eq!(domains(&page).len(), found, "{filter}");
    }
    let wrong = provider.get(&format!("{path}?$filter={}", url_encoded("displayName eq 'fabrikam'"))).await;
    assert_eq!(wrong.status, 400);
    let stranger = centre.provider(&operator, "trey").await;
    let filter = url_encoded(&format!("customerId eq '{}'", customer.id));
    assert!(domains(&stranger.get(&format!("{path}?$filter={filter}")).await.ok()).is_empty());
}

fn url_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[actix_web::test]
async fn a_customer_created_with_granular_administration_gives_the_contracts_default_roles() {
    let Channel { provider, reseller, .. } = channel().await;
    let mut body = crate::harness::customer_body("tailspin", Some(&reseller.id));
    body["enableGDAPByDefault"] = json!(true);
    let created = provider.post("/v1/customers", body).await.ok();
    assert_eq!(created["enableGDAPByDefault"], true);
    let id = text(&created["id"]);
    for (partner, roles) in [(&provider, 11), (&reseller, 9)] {
        let list =
            partner.get(&format!("{PATH}?$filter={}", url_encoded(&format!("customer/tenantId eq '{id}'")))).await.ok();
        let one = &list["value"][0];
        assert_eq!((&one["status"], &one["autoExtendDuration"]), (&json!("active"), &json!("P180D")));
        assert_eq!(one["accessDetails"]["unifiedRoles"].as_array().unwrap().len(), roles);
        let shown = partner.get(&format!("/v1/customers/{id}")).await.ok();
        assert_eq!(shown["allowDelegatedAccess"], true);
        assert!(shown["companyProfile"].get("address").is_none(), "no role is assigned to a group yet");
        assert_eq!(
            partner.get(&format!("/v1/customers/{id}/devices")).await.refusal(),
            "403 administrationRoleMissing"
        );
        assign(partner, one["id"].as_str().unwrap(), "AdminAgents", &[GLOBAL_READER]).await;
        assert!(partner.get(&format!("/v1/customers/{id}")).await.ok()["companyProfile"].get("address").is_some());
        assert_eq!(partner.get(&format!("/v1/customers/{id}/devices")).await.status, 200);
    }
}

#[actix_web::test]
async fn the_customer_sees_each_grant_with_roles_end_and_reason_and_ends_one_at_a_time() {
    let Channel { centre, reseller, customer, .. } = channel().await;
    let id = granted(&reseller, &customer, terms("Basdrift", &[INTUNE, GLOBAL_READER])).await;
    assign(&reseller, &id, "HelpdeskAgents", &[GLOBAL_READER]).await;
    let path = format!("/v1/customers/{}/administrators", customer.id);
    let list = customer.admin.get(&path).await.ok();
    let of_reseller: Vec<&Value> =
        list["items"].as_array().unwrap().iter().filter(|one| one["partnerId"] == json!(reseller.id)).collect();
    assert_eq!((&of_reseller[0]["roles"], &of_reseller[0]["origin"]), (&json!(["all"]), &json!("customer_created")));
    let granular = of_reseller[1];
    assert_eq!(
        (&granular["roles"], &granular["displayName"], &granular["origin"], &granular["autoExtends"]),
        (
            &json!(["Intune Administrator", "Global Reader"]),
            &json!("Basdrift"),
            &json!("delegated_admin_relationship"),
            &json!(false)
        )
    );
    assert_eq!(granular["assigned"][0], json!({ "group": "HelpdeskAgents", "roles": ["Global Reader"] }));
    assert!(granular["until"].is_string());
    let end = format!("{path}/{}?relationshipId={}", reseller.id, text(&granular["relationshipId"]));
    assert_eq!(customer.admin.delete(&end).await.status, 204);
    let left = customer.admin.get(&path).await.ok();
    assert_eq!(left["items"].as_array().unwrap().len(), 2, "the full grants stay");
    assert_eq!(reseller.get(&format!("{PATH}/{id}")).await.ok()["status"], "terminated");
    centre.run_jobs().await;
    let told = mails(&centre, CONTACT);
    assert!(told.iter().any(|mail| mail.contains("norrsken") && mail.contains("avslutades för hand")), "{told:?}");
    assert!(mails(&centre, "admin@norrsken.example").last().unwrap().contains("ended delegated administration"));
}

#[actix_web::test]
async fn the_customer_is_told_by_mail_about_every_change() {
    let Channel { centre, provider, reseller, customer, .. } = channel().await;
    centre.run_jobs().await;
    let count = || centre.mails_to(CONTACT).len();
    // Of both partners, when it was created.
    assert_eq!(count(), 2);
    let mut told = 2;
    let mut expect = async |what: &str, words: &str| {
        centre.run_jobs().await;
        let mails = mails(&centre, CONTACT);
        assert_eq!(mails.len(), told + 1, "{what}");
        assert!(mails[told].contains(words), "{what}: {}", mails[told]);
        told += 1;
    };
    let mut body = terms("Basdrift", &[GLOBAL_ADMINISTRATOR, INTUNE]);
    body["customer"] = json!({ "tenantId": customer.id });
    let (id, token) = asked(&reseller, body).await;
    expect("asked", "ber om delegerad administration").await;
    let mail = mails(&centre, CONTACT).pop().unwrap();
    assert!(mail.contains(&format!("/administration-requests/{token}")), "{mail}");
    customer.admin.post(&answer(&token, "approve"), nothing()).await.ok();
    expect("approved", "har godkänts").await;
    let one = format!("{PATH}/{id}");
    let etag = text(&reseller.get(&one).await.ok()["@odata.etag"]);
    assert_eq!(reseller.patch(&one, &etag, json!({ "accessDetails": details(&[INTUNE]) })).await.status, 202);
    expect("fewer roles", "Dessa roller är kvar").await;
    reseller.post(&format!("{one}/requests"), json!({ "action": "terminate" })).await.ok();
    expect("ended", "avslutades för hand").await;
    let owners = format!("/v1/customers/{}/tenantowners", customer.id);
    provider.post(&owners, json!({ "partnerId": reseller.id })).await.ok();
    expect("owner", "klientorganisationsägare").await;
    assert_eq!(customer.admin.delete(&format!("{owners}/{}", reseller.id)).await.status, 204);
    expect("no owner", "avslutades").await;
    reseller
        .send("PATCH", &format!("/v1/customers/{}", customer.id), json!({ "relationshipToPartner": "none" }))
        .await
        .ok();
    expect("relationship", "avslutade sin relation").await;
}

#[actix_web::test]
async fn dap_06_tenant_owner_is_a_separate_step_for_an_associated_reseller_and_changes_its_own_table_only() {
    let Channel { centre, operator, provider, reseller, customer } = channel().await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    centre.partner(&provider, &stranger).await;
    let owners = format!("/v1/customers/{}/tenantowners", customer.id);
    let grant = |partner: &Actor| json!({ "partnerId": partner.id });
    let shown = async |what: &str| {
        let all = customer.admin.get(&format!("/v1/customers/{}/{what}", customer.id)).await.ok();
        all["items"].to_string()
    };
    let (administrators, relationships) = (
        shown("administrators").await,
        provider.get(&format!("/v1/customers/{}/relationships", customer.id)).await.ok(),
    );
    assert_eq!(provider.post(&owners, grant(&stranger)).await.refusal(), "400 resellerNotAssociated");
    assert_eq!(reseller.post(&owners, grant(&reseller)).await.refusal(), "403 wrongOrganisation");
    for _ in 0..2 {
        assert_eq!(provider.post(&owners, grant(&reseller)).await.status, 201);
    }
    let list = reseller.get(&owners).await.ok();
    assert_eq!((&list["totalCount"], &list["items"][0]["grantedBy"]), (&json!(1), &json!(provider.id)));
    let end = format!("{owners}/{}", reseller.id);
    for _ in 0..2 {
        assert_eq!(customer.admin.delete(&end).await.status, 204);
    }
    assert_eq!(customer.admin.post(&owners, grant(&reseller)).await.status, 201);
    assert_eq!(reseller.get(&owners).await.ok()["items"][0]["grantedBy"], json!(customer.id));
    assert_eq!(shown("administrators").await, administrators);
    assert_eq!(
        provider.get(&format!("/v1/customers/{}/relationships", customer.id)).await.ok()["items"],
        relationships["items"]
    );
    let unknown = format!("{owners}/{}", stranger.id);
    assert_eq!(customer.admin.delete(&unknown).await.refusal(), "404 tenantOwnerUnknown");
    // Another channel of the same customer learns nothing of it.
    let other = centre.provider(&operator, "trey").await;
    let standing = other.get("/v1/customers/relationshiprequests").await.ok();
    let link = text(&standing["url"]);
    let (token, query) = link.rsplit('/').next().unwrap().split_once('?').unwrap();
    let approve = format!("/v1/relationshiprequests/links/{token}/approve?{query}");
    assert_eq!(customer.admin.post(&approve, nothing()).await.status, 201);
    assert_eq!(other.get(&owners).await.ok()["totalCount"], 0);
    assert_eq!(customer.admin.get(&owners).await.ok()["totalCount"], 1);
}

async fn signed_in(centre: &Centre, user_name: &str) -> Browser {
    let browser = Browser::new(centre);
    let form = [("user_name", user_name), ("password", PASSWORD)];
    let answer = browser.submit("/sign-in", &form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser
}

#[actix_web::test]
async fn the_pages_ask_approve_assign_and_end() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let partner = signed_in(&centre, "admin@northwind.example").await;
    let empty = partner.get("/administration").await;
    assert!(empty.text.contains("There is no granular delegated administration yet."));
    let wrong = partner.submit("/administration", &[("name", ""), ("customer", ""), ("days", "0")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("Choose at least one role.") && wrong.text.contains("Write a number from 1 to 730."));
    let unknown = [("name", "Devices"), ("customer", "nobody.example"), ("days", "90"), ("role", INTUNE)];
    assert!(partner.submit("/administration", &unknown).await.text.contains("You work with no customer"));
    let form = [("name", "Devices <b>"), ("customer", "fabrikam.onmicrosoft.com"), ("days", "90"), ("role", INTUNE)];
    let made = partner.submit("/administration", &form).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let page = made.header("location");
    let shown = partner.get(&page).await;
    assert!(shown.text.contains("Devices &#60;b&#62;") && !shown.text.contains("<b>"));
    assert_eq!(partner.submit_to(&page, &format!("{page}/ask"), &[]).await.status, 303);
    let shown = partner.get(&page).await;
    let link = shown.text.split("https://partners.test").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let admin = Browser::new(&centre);
    let kept = admin.get(&link).await;
    assert_eq!(
        (kept.status, kept.header("location").as_str()),
        (303, "/administration-request"),
        "the token leaves the address"
    );
    assert!(admin.get("/administration-request").await.text.contains("Sign in as a Global administrator"));
    let signed =
        admin.submit("/sign-in", &[("user_name", "admin@fabrikam.onmicrosoft.com"), ("password", PASSWORD)]).await;
    assert_eq!(signed.header("location"), "/administration-request", "{}", signed.text);
    let waiting = admin.get("/administrators").await;
    assert!(waiting.text.contains("Waiting for your answer"), "{}", waiting.text);
    let request = admin.get("/administration-request").await;
    assert!(request.text.contains("Intune Administrator") && request.text.contains("What approving means"));
    let foreign = partner.get("/administration-request").await;
    assert_eq!(foreign.status, 404);
    let approved = admin.submit_to("/administration-request", "/administration-request/approve", &[]).await;
    assert_eq!(approved.status, 303);
    assert!(admin.get("/administration-request").await.text.contains("can administer your organisation"));
    let groups = format!("{page}/groups/AdminAgents");
    assert_eq!(partner.submit_to(&page, &groups, &[("role", INTUNE), ("role", INTUNE)]).await.status, 303);
    assert!(partner.get(&page).await.text.contains("checked"));
    assert_eq!(partner.submit_to(&page, &groups, &[]).await.status, 303);
    assert!(!partner.get(&page).await.text.contains("checked"));
    let own = admin.get("/administrators").await;
    assert!(
        own.text.contains("All roles (full delegated administration)") && own.text.contains("Intune Administrator")
    );
    let ended = admin.submit_to("/administrators", "/administrators/end", &[]).await;
    assert!(ended.text.contains("cannot use it any more"), "{}", ended.text);
    let left = customer.admin.get(&format!("/v1/customers/{}/administrators", customer.id)).await.ok();
    assert_eq!(left["totalCount"], 1, "the page ends one grant at a time");
    assert_eq!(admin.get("/administration").await.status, 403);
    assert_eq!(partner.get("/administrators").await.status, 403);
}

#[actix_web::test]
async fn inv_11_looking_at_a_request_changes_nothing() {
    let Channel { centre, reseller, customer, .. } = channel().await;
    let (id, token) = asked(&reseller, terms("Scanned", &[INTUNE])).await;
    let before = centre.event_kinds();
    let browser = Browser::new(&centre);
    for path in [format!("/administration-requests/{token}"), "/administration-request".to_owned()] {
        for _ in 0..3 {
            browser.get(&path).await;
        }
    }
    centre.get(answer(&token, "").trim_end_matches('/')).await.ok();
    assert_eq!(centre.event_kinds(), before);
    assert_eq!(reseller.get(&format!("{PATH}/{id}")).await.ok()["status"], "approvalPending");
    assert_eq!(customer.admin.post(&answer(&token, "approve"), nothing()).await.status, 200);
}

#[actix_web::test]
async fn calls_packed_in_one_are_answered_as_if_each_had_come_by_itself() {
    let Channel { centre, reseller, customer, .. } = channel().await;
    let id = granted(&reseller, &customer, terms("Packed", &[INTUNE, GLOBAL_READER])).await;
    let json_body = json!({ "Content-Type": "application/json" });
    let assignment = |group: &str, roles: &[&str]| json!({ "accessContainer": { "accessContainerId": group }, "accessDetails": details(roles) });
    let url = format!("tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments");
    let requests = json!({ "requests": [
        { "id": "4", "method": "GET", "url": format!("/{url}"), "dependsOn": ["1"] },
        { "id": "1", "method": "POST", "url": format!("/{url}"), "headers": json_body, "body": assignment("AdminAgents", &[INTUNE]) },
        { "id": "2", "method": "POST", "url": url, "headers": json_body, "body": assignment("Nobody", &[INTUNE]) },
        { "id": "3", "method": "GET", "url": "/groups", "dependsOn": ["2"] },
        { "id": "5", "method": "POST", "url": url, "body": assignment("SalesAgents", &[INTUNE]) },
        { "id": "6", "method": "POST", "url": "/$batch", "headers": json_body, "body": { "requests": [] } },
        { "id": "7", "method": "GET", "url": "/nothing" },
        { "id": "8", "method": "POST", "url": "/%24Batch", "headers": json_body, "body": { "requests": [] } },
    ]});
    let answer = reseller.post("/beta/$batch", requests.clone()).await.ok();
    let of = |id: &str| answer["responses"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    let statuses: Vec<Value> = ["1", "2", "3", "4", "5", "6", "7", "8"].map(|id| of(id)["status"].clone()).to_vec();
    assert_eq!(json!(statuses), json!([201, 400, 424, 200, 400, 400, 404, 400]));
    assert_eq!(of("4")["body"]["value"].as_array().unwrap().len(), 1);
    assert_eq!(of("2")["body"]["error"]["code"], "accessContainerUnknown");
    // As Graph's client for JavaScript looks for it, and as it writes a whole address.
    assert!(of("4")["headers"]["Content-Type"].as_str().unwrap().starts_with("application/json"));
    assert_eq!(of("3")["headers"]["Content-Type"], "application/json");
    let whole = json!({ "requests": [{ "id": "1", "method": "GET", "url": format!("/v1.0/{url}") }] });
    assert_eq!(reseller.post("/v1.0/$batch", whole).await.ok()["responses"][0]["status"], 200);
    let other = json!({ "requests": [{ "id": "1", "method": "GET", "url": url, "headers": { "Authorization": format!("Bearer {}", reseller.token) } }] });
    let theirs = customer.admin.post("/v1.0/$batch", other.clone()).await.ok();
    assert_eq!(theirs["responses"][0]["status"], 403, "who asks is said once, outside");
    assert_eq!(centre.post("/v1.0/$batch", other).await.status, 401);
    assert_eq!(reseller.post("/v1.0/$batch", json!({ "requests": [] })).await.status, 400);
}
