//! Devices after their registration: the devices page, users, check-ins, image checks, the note to a user.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Actor, Centre, Customer, nothing};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Channel {
    centre: Centre,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
    /// The customer's devices.
    path: String,
}

async fn channel() -> Channel {
    channel_at(Centre::open().await).await
}

async fn channel_at(centre: Centre) -> Channel {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let path = format!("/v1/customers/{}/devices", customer.id);
    Channel { centre, provider, reseller, customer, path }
}

fn file(serials: &[&str]) -> Vec<u8> {
    let rows: Vec<String> = serials.iter().map(|serial| format!("Proseware,Cube,{serial}\n")).collect();
    format!("Manufacturer,Model,Serial Number\n{}", rows.concat()).into_bytes()
}

impl Channel {
    async fn register(&self, serials: &[&str]) {
        self.reseller.register(&self.customer.id, &file(serials)).await;
    }

    /// Serial numbers of the page with a query.
    async fn found(&self, query: &str) -> Vec<String> {
        let page = self.reseller.get(&format!("{}{query}", self.path)).await.ok();
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["serialNumber"].as_str().unwrap().to_owned()).collect()
    }

    async fn device(&self, serial: &str) -> Value {
        let page = self.reseller.get(&self.path).await.ok();
        let items = page["items"].as_array().unwrap();
        items.iter().find(|item| item["serialNumber"] == serial).unwrap().clone()
    }

    async fn of(&self, serial: &str, rest: &str) -> String {
        format!("{}/{}{rest}", self.path, self.device(serial).await["id"].as_str().unwrap())
    }

    /// Outcomes of check-ins by the customer's admin: serial number, user, seconds ago.
    async fn check_in(&self, seen: &[(&str, &str, i64)]) -> Vec<String> {
        let now = self.centre.clock.now();
        let moment = |ago: i64| {
            partner_center::platform::clock::Timestamp::from_micros(now.micros() - ago * 1_000_000).to_string()
        };
        let device = |(serial, user, ago): &(&str, &str, i64)| json!({ "manufacturer": "Proseware", "model": "Cube", "serialNumber": serial, "user": user, "seenAt": moment(*ago) });
        let devices: Vec<Value> = seen.iter().map(device).collect();
        outcomes(&self.customer.admin.post("/v1/devicecheckins", json!({ "devices": devices })).await.ok())
    }
}

fn outcomes(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|item| item["outcome"].as_str().unwrap().to_owned()).collect()
}

const ANNA: &str = "anna@fabrikam.onmicrosoft.com";

#[actix_web::test]
async fn a_device_is_active_while_it_is_used_and_inactive_after_seven_days_without() {
    let mut channel = channel().await;
    channel.register(&["S1", "S2"]).await;
    assert_eq!(channel.device("S1").await["status"], "Ready for user");
    assert_eq!(channel.check_in(&[("S1", ANNA, 60)]).await, ["recorded"]);
    let device = channel.device("S1").await;
    assert_eq!((&device["status"], &device["lastSeenUser"]), (&json!("Active"), &json!(ANNA)));
    assert!(device["licences"].is_null(), "the mark is of devices that are ready for a user");
    assert_eq!(channel.found("?status=active").await, ["S1"]);
    assert_eq!(channel.found("?status=Ready%20for%20user").await, ["S2"]);
    channel.centre.advance(7 * DAY);
    channel.reseller = channel.reseller.sign_in_again().await;
    channel.customer.admin = channel.customer.admin.sign_in_again().await;
    let device = channel.device("S1").await;
    assert_eq!((&device["status"], &device["ageInDays"]), (&json!("Inactive"), &json!(7)));
    assert_eq!(channel.found("?status=inactive").await, ["S1"]);
    assert_eq!(channel.check_in(&[("S1", ANNA, 0)]).await, ["recorded"]);
    assert_eq!(channel.device("S1").await["status"], "Active");
}

#[actix_web::test]
async fn a_check_in_changes_only_an_own_device_that_matches_exactly_and_nothing_that_is_newer() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    let other = channel.centre.customer(&channel.provider, "tailspin", Some(&channel.reseller)).await;
    channel.reseller.register(&other.id, &file(&["T1"])).await;
    let outcomes = channel
        .check_in(&[
            ("s1", ANNA, 60),
            ("T1", ANNA, 60),
            ("S1", "anna@elsewhere.example", 60),
            ("S1", ANNA, -301),
            ("S1", ANNA, 60),
            ("S1", "bo@fabrikam.onmicrosoft.com", 120),
            ("S1", "bo@fabrikam.onmicrosoft.com", -299),
        ])
        .await;
    let expected =
        ["deviceUnknown", "deviceUnknown", "assignedUserFormat", "seenInFuture", "recorded", "unchanged", "recorded"];
    assert_eq!(outcomes, expected);
    let seen = channel.device("S1").await;
    assert_eq!(seen["lastSeenUser"], "bo@fabrikam.onmicrosoft.com");
    // Again and older: as it was.
    let before = channel.centre.event_kinds().iter().filter(|kind| *kind == "devices_checked_in").count();
    assert_eq!(
        channel.check_in(&[("S1", "bo@fabrikam.onmicrosoft.com", -299), ("S1", ANNA, 600)]).await,
        ["unchanged"; 2]
    );
    assert_eq!(channel.device("S1").await["lastSeenAt"], seen["lastSeenAt"]);
    let after = channel.centre.event_kinds().iter().filter(|kind| *kind == "devices_checked_in").count();
    assert_eq!((before, after), (1, 1));
}

#[actix_web::test]
async fn the_customers_application_reports_devices_and_a_partner_does_not() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    let seen = json!({ "devices": [{ "manufacturer": "Proseware", "model": "Cube", "serialNumber": "S1", "user": ANNA,
        "seenAt": channel.centre.clock.now().to_string() }] });
    let script = channel.customer.admin.application(&["global_admin"]).await;
    assert_eq!(outcomes(&script.post("/v1/devicecheckins", seen.clone()).await.ok()), ["recorded"]);
    assert_eq!(channel.reseller.post("/v1/devicecheckins", seen.clone()).await.status, 403);
    let mut wrong = seen;
    wrong["devices"][0]["seenAt"] = json!("yesterday");
    assert_eq!(outcomes(&script.post("/v1/devicecheckins", wrong.clone()).await.ok()), ["seenAtMalformed"]);
    wrong["devices"] = vec![wrong["devices"][0].clone(); 1_001].into();
    assert_eq!(script.post("/v1/devicecheckins", wrong).await.status, 400);
}

#[actix_web::test]
async fn a_device_is_assigned_named_and_tagged_and_what_is_left_out_stays() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    let path = channel.of("S1", "").await;
    let changed = json!({ "assignedUser": ANNA, "displayName": "ANNAS-PC", "groupTag": "Office" });
    let device = channel.reseller.send("PATCH", &path, changed).await.ok();
    assert_eq!((&device["assignedUser"], &device["displayName"]), (&json!(ANNA), &json!("ANNAS-PC")));
    let device = channel.reseller.send("PATCH", &path, json!({ "assignedUser": null })).await.ok();
    assert!(device["assignedUser"].is_null());
    assert_eq!((&device["displayName"], &device["groupTag"]), (&json!("ANNAS-PC"), &json!("Office")));
    // The same again is no change.
    channel.reseller.send("PATCH", &path, json!({ "groupTag": "Office" })).await.ok();
    let changes = channel.centre.event_kinds().iter().filter(|kind| *kind == "device_changed").count();
    assert_eq!(changes, 2);
    let refused = channel.reseller.send("PATCH", &path, json!({ "assignedUser": "anna@tailspin.example" })).await;
    assert_eq!(refused.refusal(), "422 assignedUserFormat");
    assert!(refused.sentence().contains("\"anna@tailspin.example\" is not a sign-in name of this customer."));
    assert_eq!(channel.reseller.send("PATCH", &path, json!({ "displayName": "SIXTEEN-LETTERS!" })).await.status, 400);
    assert_eq!(channel.customer.admin.get(&path).await.ok()["displayName"], "ANNAS-PC");
}

#[actix_web::test]
async fn many_devices_are_assigned_at_once_and_a_wrong_one_hinders_no_other() {
    let channel = channel().await;
    channel.register(&["S1", "S2", "S3"]).await;
    channel.reseller.register(&channel.customer.id, b"Manufacturer,Model,Serial Number\nLitware,Slate,S3\n").await;
    let id = channel.device("S1").await["id"].clone();
    let body = json!({ "assignments": [
        { "id": id, "assignedUser": ANNA },
        { "serialNumber": "S2", "assignedUser": "bo@fabrikam.onmicrosoft.com" },
        { "serialNumber": "S1", "assignedUser": "bo@fabrikam.onmicrosoft.com" },
        { "serialNumber": "S3", "assignedUser": ANNA },
        { "serialNumber": "s2", "assignedUser": ANNA },
        { "assignedUser": ANNA },
    ] });
    let answer = channel.reseller.post(&format!("{}/assignments", channel.path), body.clone()).await.ok();
    let expected = ["assigned", "assigned", "namedTwice", "deviceAmbiguous", "deviceUnknown", "deviceNotNamed"];
    assert_eq!((outcomes(&answer), &answer["done"]), (expected.map(str::to_owned).to_vec(), &json!(2)));
    assert!(answer["items"][3]["sentence"].as_str().unwrap().contains("by its id"));
    assert_eq!(channel.found("?user=ANNA@Fabrikam.onmicrosoft.com").await, ["S1"]);
    let again = channel.reseller.post(&format!("{}/assignments", channel.path), body).await.ok();
    assert_eq!(outcomes(&again)[..2], ["unchanged", "unchanged"]);
    let freed = json!({ "assignments": [{ "serialNumber": "S2" }, { "id": id, "assignedUser": "x" }] });
    let freed = channel.reseller.post(&format!("{}/assignments", channel.path), freed).await.ok();
    assert_eq!(outcomes(&freed), ["assigned", "assignedUserFormat"]);
    assert!(channel.device("S2").await["assignedUser"].is_null());
}

#[actix_web::test]
async fn ten_04_ids_of_others_in_a_call_with_many_devices_are_unknown() {
    let channel = channel().await;
    let other = channel.centre.customer(&channel.provider, "tailspin", Some(&channel.reseller)).await;
    channel.reseller.register(&other.id, &file(&["T1"])).await;
    let theirs = other.admin.get(&format!("/v1/customers/{}/devices", other.id)).await.ok();
    let id = theirs["items"][0]["id"].clone();
    let assigned = json!({ "assignments": [{ "id": id, "assignedUser": ANNA }] });
    let answer = channel.customer.admin.post(&format!("{}/assignments", channel.path), assigned).await.ok();
    assert_eq!(outcomes(&answer), ["deviceUnknown"]);
    let gone =
        channel.customer.admin.post(&format!("{}/deregister", channel.path), json!({ "devices": [id] })).await.ok();
    assert_eq!(outcomes(&gone), ["deviceUnknown"]);
    let after = other.admin.get(&format!("/v1/customers/{}/devices", other.id)).await.ok();
    assert_eq!(theirs["items"], after["items"]);
}

#[actix_web::test]
async fn many_devices_are_deregistered_at_once_and_can_be_claimed_by_others() {
    let channel = channel().await;
    channel.register(&["S1", "S2", "S3"]).await;
    let ids = [channel.device("S1").await["id"].clone(), channel.device("S2").await["id"].clone()];
    let path = format!("{}/deregister", channel.path);
    let body = json!({ "devices": [ids[0], ids[1], ids[0]] });
    let answer = channel.reseller.post(&path, body.clone()).await.ok();
    assert_eq!(outcomes(&answer), ["deregistered", "deregistered", "namedTwice"]);
    assert_eq!(channel.found("").await, ["S3"]);
    assert_eq!(
        outcomes(&channel.reseller.post(&path, body).await.ok()),
        ["deviceUnknown", "deviceUnknown", "namedTwice"]
    );
    let other = channel.centre.customer(&channel.provider, "tailspin", Some(&channel.reseller)).await;
    let claimed = channel.reseller.register(&other.id, &file(&["S1", "S2"])).await;
    assert_eq!(claimed["counts"]["ready"], 2);
}

#[actix_web::test]
async fn the_page_is_filtered_by_serial_order_and_purchase_and_pages_through_what_is_left() {
    let channel = channel().await;
    let path = format!("/v1/customers/{}/deviceRegistrations", channel.customer.id);
    let texts = [("orderId", "PO-Été 7"), ("purchaseId", "p/1")];
    channel.reseller.upload(&path, &file(&["AB1", "AB2", "ab_3"]), &texts).await.ok();
    channel.reseller.upload(&path, &file(&["AC1", "AB1"]), &[("orderId", "other")]).await.ok();
    assert_eq!(channel.found("?status=registration_pending&serial=AC").await, ["AC1"]);
    channel.centre.run_jobs().await;
    assert_eq!(channel.found("?serial=ab").await.len(), 4, "the failed row is shown as well");
    assert_eq!(channel.found("?serial=b_").await, ["ab_3"]);
    assert_eq!(channel.found("?orderId=po-%C3%A9t%C3%A9%207&serial=AB").await, ["AB1", "AB2", "ab_3"]);
    assert_eq!(channel.found("?purchaseId=P/1").await.len(), 3);
    assert_eq!(channel.found("?orderId=PO-").await.len(), 0, "the whole of it");
    assert_eq!(channel.found("?orderId=other&status=registration_failed").await, ["AB1"]);
    assert_eq!(channel.found("?orderId=other&purchaseId=p/1").await.len(), 0);
    let first = channel.reseller.get(&format!("{}?serial=ab&size=2", channel.path)).await.ok();
    let token = first["continuationToken"].as_str().unwrap();
    let next = format!("?serial=ab&size=2&seekOperation=Next&continuationToken={token}");
    let rest = channel.found(&next).await;
    assert_eq!((first["items"].as_array().unwrap().len(), rest.len()), (2, 2));
    let refused = channel.reseller.get(&format!("{}?status=asleep", channel.path)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.sentence().contains("ready_for_user"), "{}", refused.sentence());
}

#[actix_web::test]
async fn one_device_or_failed_row_is_shown_by_its_id() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    channel.register(&["S1", "S2"]).await;
    let page = channel.reseller.get(&channel.path).await.ok();
    for line in page["items"].as_array().unwrap() {
        let one = channel.reseller.get(&format!("{}/{}", channel.path, line["id"].as_str().unwrap())).await.ok();
        assert_eq!(one, *line);
    }
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    let absent = uuid::Uuid::now_v7();
    assert_eq!(channel.reseller.get(&format!("{}/{absent}", channel.path)).await.refusal(), "404 deviceUnknown");
}

#[actix_web::test]
async fn the_mark_of_licences_is_beside_ready_for_user_and_unset_reads_not_checked() {
    let plain = channel().await;
    plain.register(&["S1"]).await;
    assert_eq!(plain.device("S1").await["licences"], json!({ "state": "not_checked" }));
    let centre = Centre::open_with(|settings| {
        settings.subscriptions.required_service_plans = (&["INTUNE_A"][..]).into();
    })
    .await;
    let strict = channel_at(centre).await;
    strict.register(&["S1"]).await;
    strict.reseller.send("PATCH", &strict.of("S1", "").await, json!({ "assignedUser": ANNA })).await.ok();
    let device = strict.device("S1").await;
    assert_eq!(device["licences"], json!({ "state": "missing", "missing": ["INTUNE_A"] }));
    assert_eq!(device["status"], "Ready for user", "never another state");
}

#[actix_web::test]
async fn who_checked_the_image_and_when_is_kept_and_hinders_nothing() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    channel.provider.register(&channel.customer.id, &file(&["P1"])).await;
    let page = channel.reseller.get(&channel.path).await.ok();
    assert_eq!(page["imageContact"], "the supplier of the device");
    assert_eq!(channel.device("P1").await["image"]["advice"], "should_be_correct", "by a listed provider");
    let image = channel.device("S1").await["image"].clone();
    assert_eq!(image["advice"], "check_it");
    assert!(image["sentence"].as_str().unwrap().contains("the supplier of the device"));
    let path = channel.of("S1", "/imagecheck").await;
    let device = channel.reseller.post(&path, nothing()).await.ok();
    assert_eq!(device["image"]["checkedBy"], "admin@norrsken.example");
    assert_eq!((&device["image"]["advice"], &device["status"]), (&json!("checked"), &json!("Ready for user")));
    let device = channel.reseller.post(&path, json!({ "checkedBy": "Bo in the warehouse" })).await.ok();
    assert_eq!(device["image"]["checkedBy"], "Bo in the warehouse");
    for _ in 0..2 {
        assert_eq!(channel.reseller.delete(&path).await.status, 204);
    }
    assert_eq!(channel.device("S1").await["image"]["advice"], "check_it");
    let kinds = channel.centre.event_kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "device_image_check_withdrawn").count(), 1);
}

#[actix_web::test]
async fn a_note_to_the_user_is_written_in_three_languages_for_a_device_that_is_ready() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    let path = channel.of("S1", "/usernote").await;
    assert_eq!(channel.reseller.get(&path).await.refusal(), "409 deviceUnassigned");
    let device = path.strip_suffix("/usernote").unwrap();
    channel.reseller.send("PATCH", device, json!({ "assignedUser": ANNA })).await.ok();
    let mut seen = Vec::new();
    for language in ["en", "sv", "nl"] {
        let note = channel.reseller.get(&format!("{path}?language={language}")).await.ok();
        let message = note["message"].as_str().unwrap();
        assert!(message.contains(ANNA) && message.contains("Proseware Cube") && message.contains("S1"), "{message}");
        assert!(note["mailto"].as_str().unwrap().starts_with("mailto:anna@fabrikam.onmicrosoft.com?subject="));
        assert!(note["mailto"].as_str().unwrap().contains("body="));
        seen.push(note["subject"].clone());
    }
    seen.dedup();
    assert_eq!((seen.len(), &seen[0]), (3, &json!("Your new device from fabrikam")));
    channel.check_in(&[("S1", ANNA, 0)]).await;
    assert_eq!(channel.reseller.get(&path).await.refusal(), "409 deviceInUse");
}

#[actix_web::test]
async fn a_customer_without_any_partner_is_told_how_to_ask_one() {
    let channel = channel().await;
    let admin = &channel.customer.admin;
    assert!(admin.get(&channel.path).await.ok()["help"].is_null());
    for partner in [&channel.provider.id, &channel.reseller.id] {
        admin.delete(&format!("/v1/customers/{}/administrators/{partner}", channel.customer.id)).await;
    }
    let help = admin.get(&channel.path).await.ok()["help"].clone();
    assert_eq!((&help["method"], &help["path"]), (&json!("GET"), &json!("/v1/indirectproviders")));
    assert!(help["sentence"].as_str().unwrap().contains("ask it for a relationship"));
}

#[actix_web::test]
async fn whoever_registered_a_device_is_named_a_partner_or_the_customer_itself() {
    let channel = channel().await;
    channel.register(&["S1"]).await;
    assert_eq!(channel.device("S1").await["registeredBy"], "norrsken");
    // Deregistered by nobody: the name stays when the grant has ended.
    let admin = &channel.customer.admin;
    admin.delete(&format!("/v1/customers/{}/administrators/{}", channel.customer.id, channel.reseller.id)).await;
    let seen = admin.get(&channel.path).await.ok();
    assert_eq!(seen["items"][0]["registeredBy"], "norrsken");
    assert_eq!(channel.reseller.get(&channel.path).await.refusal(), "403 delegatedAdministrationMissing");
    let gone = channel.reseller.post(&format!("{}/deregister", channel.path), json!({ "devices": [] })).await;
    assert_eq!(gone.refusal(), "403 delegatedAdministrationMissing");
}
