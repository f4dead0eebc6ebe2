//! Users in a customer's directory, as partners that administer it keep them.

use std::time::Duration;

use partner_center::platform::clock::days;
use partner_center::platform::error::Sure;
use serde_json::{Value, json};

use crate::harness::administration::{PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, only};
use crate::harness::{Actor, Answer, Centre, Customer, request};

struct Channel {
    centre: Centre,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

const REMOVED: &str =
    "?filter=%7B%22Field%22%3A%22UserState%22%2C%22Value%22%3A%22Inactive%22%2C%22Operator%22%3A%22equals%22%7D";

impl Channel {
    async fn open() -> Self {
        let centre = Centre::open().await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        Self { centre, provider, reseller, customer }
    }

    fn users(&self, rest: &str) -> String {
        format!("/v1/customers/{}/users{rest}", self.customer.id)
    }

    async fn create(&self, name: &str) -> Value {
        self.reseller.post(&self.users(""), user(name)).await.ok()
    }

    async fn listed(&self, query: &str) -> Vec<String> {
        let list = self.reseller.get(&self.users(query)).await.ok();
        let items = list["items"].as_array().unwrap();
        items.iter().map(|user| user["displayName"].as_str().unwrap().to_owned()).collect()
    }

    async fn patch(&self, user: &Value, body: Value) -> Answer {
        self.reseller.send("PATCH", &self.users(&format!("/{}", user["id"].as_str().unwrap())), body).await
    }

    async fn remove(&self, user: &Value) {
        let path = self.users(&format!("/{}", user["id"].as_str().unwrap()));
        assert_eq!(self.reseller.delete(&path).await.status, 204);
    }
}

fn user(name: &str) -> Value {
    json!({
        "usageLocation": "SE", "userPrincipalName": format!("{name}@fabrikam.onmicrosoft.com"), "firstName": name,
        "lastName": "Berg", "displayName": name,
        "passwordProfile": { "password": "Welcome-2026", "forceChangePassword": true },
    })
}

#[actix_web::test]
async fn a_partner_creates_changes_removes_and_restores_a_user() {
    let channel = Channel::open().await;
    // As the .NET SDK writes it: a slash at the end, Pascal case, every null.
    let sent = json!({
        "Id": null, "UsageLocation": "se", "UserPrincipalName": "Anna@Fabrikam.onmicrosoft.com", "FirstName": "Anna",
        "LastName": "Åberg", "DisplayName": "Anna Åberg", "PasswordProfile": { "Password": "x", "ForceChangePassword": true },
        "LastDirectorySyncTime": null, "UserDomainType": "none", "State": null, "SoftDeletionTime": null, "Links": null,
        "Attributes": { "ObjectType": "CustomerUser" },
    });
    let made = channel.provider.post(&channel.users("/"), sent).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.ok();
    let path = channel.users(&format!("/{}", made["id"].as_str().unwrap()));
    let mut expected = json!({
        "id": made["id"], "userPrincipalName": "anna@fabrikam.onmicrosoft.com", "displayName": "Anna Åberg",
        "firstName": "Anna", "lastName": "Åberg", "usageLocation": "SE", "userDomainType": "managed", "state": "active",
        "links": { "self": { "uri": path[3..], "method": "GET", "headers": [] } },
        "attributes": { "objectType": "CustomerUser", "etag": "1" },
    });
    assert_eq!(made, expected);
    // Both partners keep one directory.
    assert_eq!(channel.reseller.get(&path).await.ok(), expected);
    assert_eq!(channel.listed("").await, ["Anna Åberg"]);

    // What a client echoes back is understood.
    let mut echoed = made.clone();
    echoed["phoneNumber"] = json!("+46 90 123");
    echoed["firstName"] = Value::Null;
    expected["phoneNumber"] = json!("+46 90 123");
    expected["attributes"]["etag"] = json!("2");
    assert_eq!(channel.patch(&made, echoed.clone()).await.ok(), expected);
    assert_eq!(channel.patch(&made, echoed).await.refusal(), "412 etagStale");
    assert_eq!(channel.reseller.patch(&path, "1", json!({ "lastName": "B" })).await.refusal(), "412 etagStale");
    // The same again changes nothing.
    assert_eq!(channel.patch(&made, json!({ "phoneNumber": "+46 90 123" })).await.ok(), expected);

    channel.remove(&made).await;
    channel.remove(&made).await;
    assert!(channel.listed("").await.is_empty());
    assert_eq!(channel.listed(REMOVED).await, ["Anna Åberg"]);
    let removed = channel.reseller.get(&path).await.ok();
    assert_eq!(
        (&removed["state"], &removed["softDeletionTime"]),
        (&json!("inactive"), &json!("2026-11-21T08:00:00.000000Z"))
    );
    assert_eq!(channel.patch(&made, json!({ "firstName": "A" })).await.refusal(), "409 customerUserRemoved");
    let restore = json!({ "State": "active", "Attributes": { "ObjectType": "CustomerUser" } });
    expected["attributes"]["etag"] = json!("4");
    assert_eq!(channel.patch(&made, restore.clone()).await.ok(), expected);
    assert_eq!(channel.patch(&made, restore).await.ok(), expected);
    assert_eq!(channel.listed("").await, ["Anna Åberg"]);
    let kinds = channel.centre.event_kinds();
    let about: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| kind.starts_with("customer_user_")).collect();
    let expected =
        ["customer_user_created", "customer_user_changed", "customer_user_removed", "customer_user_restored"];
    assert_eq!(about, expected);
    let trail = channel.provider.get("/v1/auditrecords?size=100").await.ok();
    assert!(
        trail["items"].as_array().unwrap().iter().any(|row| row["operationType"] == "create_customer_user"),
        "{trail}"
    );
}

#[actix_web::test]
async fn no_password_that_clients_send_is_stored_or_shown() {
    const CANARY: &str = "canary-Pa55word-canary";
    let channel = Channel::open().await;
    let mut sent = user("anna");
    sent["passwordProfile"]["password"] = json!(CANARY);
    let named = [("ms-requestid", "11111111-2222-4333-8444-555555555555")];
    let made = channel.reseller.with("POST", &channel.users(""), &named, sent.clone()).await;
    let again = channel.reseller.with("POST", &channel.users(""), &named, sent).await;
    assert_eq!((made.status, &made.text), (200, &again.text));
    let made = made.ok();
    let profile = json!({ "passwordProfile": { "password": CANARY, "forceChangePassword": true } });
    let path = channel.users(&format!("/{}/resetpassword", made["id"].as_str().unwrap()));
    for answer in [channel.reseller.send("PATCH", &path, profile.clone()).await, channel.patch(&made, profile).await] {
        assert_eq!((answer.status, answer.body["attributes"]["etag"].as_str()), (200, Some("1")), "{}", answer.text);
        assert!(!answer.text.contains(CANARY) && answer.body["displayName"] == "anna", "{}", answer.text);
    }
    let empty = channel.reseller.send("PATCH", &path, json!({})).await;
    assert_eq!(empty.refusal(), "400 passwordProfileMissing");
    channel.centre.run_jobs().await;
    assert!(channel.centre.database().holds("anna@fabrikam.onmicrosoft.com"), "the search itself must see");
    assert!(!channel.centre.database().holds(CANARY));
    let resets = channel.centre.event_kinds().iter().filter(|kind| *kind == "customer_user_password_reset").count();
    assert_eq!(resets, 2);

    // It signs nobody in.
    let first = json!({
        "userName": "anna@fabrikam.onmicrosoft.com", "temporaryPassword": CANARY, "newPassword": "correct horse battery",
    });
    assert_eq!(channel.centre.post("/v1/accounts/password", first).await.refusal(), "401 firstSignInRefused");
}

#[actix_web::test]
async fn what_cannot_be_recorded_is_named() {
    let channel = Channel::open().await;
    for (name, kind) in [("fabrikam.example", "Managed"), ("federated.example", "Federated")] {
        let mut body = json!({ "verifiedDomainName": name, "domain": { "name": name, "authenticationType": kind } });
        if kind == "Federated" {
            body["domainFederationSettings"] = json!({ "issuerUri": "x" });
        }
        let path = format!("/v1/customers/{}/verifieddomain", channel.customer.id);
        channel.reseller.post(&path, body).await.ok();
    }
    let anna = channel.create("anna").await;
    let refused = async |change: Value| {
        let mut body = user("bo");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        channel.reseller.post(&channel.users(""), body).await
    };
    for (change, refusal, mentions) in [
        (json!({ "userPrincipalName": "Anna@fabrikam.onmicrosoft.com" }), "409 customerUserNameTaken", "anna@"),
        (
            json!({ "userPrincipalName": "bo@tailspin.onmicrosoft.com" }),
            "400 customerUserDomainUnknown",
            "Those are fabrikam.onmicrosoft.com, fabrikam.example.",
        ),
        (json!({ "userPrincipalName": "bo@federated.example" }), "400 customerUserDomainFederated", "federated"),
        (json!({ "userPrincipalName": "bo" }), "400 customerUserPropertyWrong", "userPrincipalName: \"bo\""),
        (json!({ "userPrincipalName": null }), "400 customerUserPropertyWrong", "userPrincipalName: must not be empty"),
        (json!({ "displayName": "" }), "400 customerUserPropertyWrong", "displayName: must not be empty"),
        (json!({ "displayName": "x".repeat(257) }), "400 customerUserPropertyWrong", "at most 256"),
        (json!({ "firstName": "a\nb" }), "400 customerUserPropertyWrong", "firstName"),
        (json!({ "usageLocation": "Sweden" }), "400 customerUserPropertyWrong", "usageLocation: \"Sweden\""),
        (json!({ "phoneNumber": 7 }), "400 badRequest", "phoneNumber"),
    ] {
        let answer = refused(change.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{change}");
        assert!(answer.sentence().contains(mentions), "{change}: {}", answer.sentence());
    }
    refused(json!({ "userPrincipalName": "bo@fabrikam.example" })).await.ok();

    for (change, refusal) in [
        (json!({ "state": "asleep" }), "400 customerUserPropertyWrong"),
        (json!({ "state": "inactive" }), "400 customerUserInactiveByPatch"),
        (json!({ "userPrincipalName": "bo@fabrikam.example" }), "409 customerUserNameTaken"),
        (json!({ "userPrincipalName": "anna@x.example" }), "400 customerUserDomainUnknown"),
    ] {
        assert_eq!(channel.patch(&anna, change.clone()).await.refusal(), refusal, "{change}");
    }
    channel.remove(&anna).await;
    let waits = refused(json!({ "userPrincipalName": "anna@fabrikam.onmicrosoft.com" })).await;
    assert_eq!(waits.refusal(), "409 customerUserRemoved");
    assert!(waits.sentence().contains("until 2026-12-21"), "{}", waits.sentence());
    let absent = uuid::Uuid::now_v7().to_string();
    for nobody in [absent.as_str(), "anna", "%00"] {
        let answer = channel.reseller.get(&channel.users(&format!("/{nobody}"))).await;
        assert_eq!(
            (answer.refusal().as_str(), &answer.body["code"]),
            ("404 customerUserUnknown", &json!(60002)),
            "{nobody}"
        );
    }
    for query in ["?sortField=Phone", "?sortDirection=sideways", "?filter=%7B%7D", "?continuationToken=AAAA"] {
        assert_eq!(channel.reseller.get(&channel.users(query)).await.refusal(), "400 badRequest", "{query}");
    }
}

#[actix_web::test]
async fn a_removed_user_is_gone_after_30_days_swept_away_or_not() {
    let channel = Channel::open().await;
    let (anna, bo) = (channel.create("anna").await, channel.create("bo").await);
    channel.remove(&anna).await;
    channel.centre.advance(days(15));
    let mut channel = Channel { reseller: channel.reseller.sign_in_again().await, ..channel };
    channel.remove(&bo).await;
    channel.centre.advance(days(15) - Duration::from_secs(1));
    channel.reseller = channel.reseller.sign_in_again().await;
    assert_eq!(channel.listed(REMOVED).await, ["anna", "bo"]);
    channel.centre.advance(Duration::from_secs(1));
    assert_eq!(channel.listed(REMOVED).await, ["bo"]);
    assert_eq!(channel.patch(&anna, json!({ "state": "active" })).await.refusal(), "404 customerUserUnknown");
    // The name is free before anybody swept.
    let other = channel.create("anna").await;
    assert_ne!(other["id"], anna["id"]);
    channel.centre.advance(days(15));
    channel.reseller = channel.reseller.sign_in_again().await;
    let now = channel.centre.clock.now();
    let sweep = channel
        .centre
        .db()
        .write(move |tx| -> Sure<()> { Ok(partner_center::subscriptions::forget_removed_users(tx, now)?) });
    sweep.await.unwrap();
    let kept = channel.centre.database().texts("SELECT principal_name AS name FROM customer_users");
    assert_eq!(kept, ["anna@fabrikam.onmicrosoft.com"]);
    assert_eq!(channel.listed("").await, ["anna"]);
}

#[actix_web::test]
async fn a_list_pages_in_both_directions_by_either_name() {
    let channel = Channel::open().await;
    let people = ["Eva", "anna", "Åke", "Bo", "anna", "Cecilia", "bo", "Anna", "David"];
    for (number, name) in people.iter().enumerate() {
        let mut body = user(&format!("p{}", 9 - number));
        body["displayName"] = json!(name);
        channel.reseller.post(&channel.users(""), body).await.ok();
    }
    let removed = channel.create("gone").await;
    channel.remove(&removed).await;
    let walk = async |query: &str| {
        let (mut names, mut pages) = (Vec::new(), 0);
        let mut next = Some((channel.users(query), String::new()));
        while let Some((path, token)) = next {
            let page =
                channel.reseller.call(request("GET", &path).insert_header(("ms-continuationtoken", token))).await.ok();
            pages += 1;
            assert!(page["totalCount"].as_u64().unwrap() <= 4 && pages < 5);
            for user in page["items"].as_array().unwrap() {
                let text = |name: &str| user[name].as_str().unwrap().to_owned();
                names.push((text("displayName").to_lowercase(), text("userPrincipalName")));
            }
            let link = &page["links"]["next"];
            next = link["uri"].as_str().map(|uri| {
                assert_eq!(page["continuationToken"], link["headers"][0]["value"]);
                (format!("/v1{uri}"), page["continuationToken"].as_str().unwrap().to_owned())
            });
        }
        assert_eq!((names.len(), pages), (people.len(), 3), "{query}");
        names
    };
    let up = walk("?size=4").await;
    let mut down = walk("?size=4&sortField=DisplayName&sortDirection=Descending").await;
    down.reverse();
    assert_eq!(up, down);
    let first: Vec<&str> = up.iter().map(|(name, _)| name.as_str()).take(6).collect();
    assert_eq!(first, ["anna", "anna", "anna", "bo", "bo", "cecilia"]);
    let by_name: Vec<String> =
        walk("?size=4&sortField=UserPrincipalName").await.into_iter().map(|(_, name)| name).collect();
    assert!(by_name.is_sorted());
    let mut back: Vec<String> =
        walk("?size=4&sortField=user_principal_name&sortDirection=descending&seekOperation=First")
            .await
            .into_iter()
            .map(|(_, name)| name)
            .collect();
    back.reverse();
    assert_eq!(by_name, back);
    // Some clients never ask for a second page.
    assert_eq!(channel.listed("").await.len(), people.len());
}

#[actix_web::test]
async fn one_name_is_given_once_also_in_parallel() {
    const CLIENTS: usize = 64;
    let channel = Channel::open().await;
    let path = channel.users("");
    let tries = (0..CLIENTS).map(|_| channel.reseller.post(&path, user("anna")));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().filter(|answer| answer.status != 200).all(|a| a.refusal() == "409 customerUserNameTaken"));
    assert_eq!(channel.listed("").await, ["anna"]);
}

const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const DIRECTORY_WRITERS: &str = "9360feb5-f418-4baa-8175-e2a00bac4301";
const DIRECTORY_READERS: &str = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";
const LICENSE_ADMINISTRATOR: &str = "4d6ac14f-3453-41d0-bef9-a3e0c569773a";

/// What of users and licences somebody may do, by the names of the calls.
async fn opened(channel: &Channel, user_id: &str) -> Vec<&'static str> {
    let (users, one) = (channel.users(""), channel.users(&format!("/{user_id}")));
    let password = json!({ "passwordProfile": { "password": "x" } });
    let name = uuid::Uuid::now_v7().to_string();
    let with_change = json!({ "passwordProfile": { "password": "x" }, "lastName": name });
    let mut opened = Vec::new();
    for (call, method, path, body) in [
        ("list", "GET", users.clone(), json!({})),
        ("get", "GET", one.clone(), json!({})),
        ("create", "POST", users, user(&name)),
        ("change", "PATCH", one.clone(), json!({})),
        ("delete", "DELETE", one.clone(), json!({})),
        ("restore", "PATCH", one.clone(), json!({ "state": "active" })),
        ("reset", "PATCH", format!("{one}/resetpassword"), password.clone()),
        ("reset by patch", "PATCH", one.clone(), password),
        ("reset and change", "PATCH", one.clone(), with_change),
        ("skus", "GET", format!("/v1/customers/{}/subscribedskus", channel.customer.id), json!({})),
        ("licences", "GET", format!("{one}/licenses"), json!({})),
        ("check", "GET", format!("{one}/licensecheck"), json!({})),
        ("assign", "POST", format!("{one}/licenseupdates"), json!({})),
    ] {
        let answer = channel.reseller.send(method, &path, body).await;
        if answer.status < 300 {
            opened.push(call);
        } else {
            assert_eq!(answer.refusal(), "403 administrationRoleMissing", "{call}");
        }
    }
    opened
}

#[actix_web::test]
async fn dap_01_each_call_about_users_and_licences_asks_for_a_role_of_its_own() {
    let channel = Channel::open().await;
    let anna = channel.create("anna").await;
    let anna = anna["id"].as_str().unwrap();
    let all = opened(&channel, anna).await;
    assert_eq!(all.len(), 13);
    for (role, opens) in [
        ("62e90394-69f5-4237-9190-012177145e10", &all[..]),
        (USER_ADMINISTRATOR, &all),
        (DIRECTORY_WRITERS, &["create", "change", "restore", "skus", "licences", "check", "assign"]),
        (DIRECTORY_READERS, &["list", "get", "skus", "licences", "check"]),
        ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", &["list", "get", "skus", "licences", "check"]),
        (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, &["reset", "reset by patch"]),
        (LICENSE_ADMINISTRATOR, &["skus", "licences", "check", "assign"]),
        ("3a2c62db-5318-420d-8d74-23affee5d9d5", &[]),
    ] {
        only(&channel.reseller, &channel.customer, role).await;
        assert_eq!(opened(&channel, anna).await, opens, "{role}");
    }
    let end = format!("/v1/customers/{}/administrators/{}", channel.customer.id, channel.reseller.id);
    assert_eq!(channel.customer.admin.delete(&end).await.status, 204);
    let ended = channel.reseller.get(&channel.users("")).await;
    assert_eq!(ended.refusal(), "403 delegatedAdministrationMissing");
    // Users are kept by partners: the customer's own admin has no part in it.
    assert_eq!(channel.customer.admin.get(&channel.users("")).await.refusal(), "403 wrongOrganisation");
}
