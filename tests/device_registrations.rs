//! Registrations from the upload to the last row: several files, dry runs, results, retries, voiding.

use std::time::Duration;

use futures_util::future::join;
use partner_center::app::App;
use partner_center::devices::samples::SampleDevice;
use partner_center::platform::clock::Clock;
use partner_center::platform::installation::Purpose;
use serde_json::{Value, json};

use crate::harness::chance::{Random, rounds, seed};
use crate::harness::{Actor, Centre, Customer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Channel {
    centre: Centre,
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
    /// The customer's registrations.
    path: String,
}

async fn channel() -> Channel {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    Channel { centre, operator, provider, reseller, customer, path }
}

impl Channel {
    /// Uploads a file with texts beside it and runs the queue; the registration as it stands then.
    async fn upload(&self, file: &str, texts: &[(&str, &str)]) -> Value {
        let made = self.reseller.upload(&self.path, file.as_bytes(), texts).await.ok();
        self.centre.run_jobs().await;
        self.shown(&made).await
    }

    async fn shown(&self, registration: &Value) -> Value {
        self.reseller.get(&self.at(registration, "")).await.ok()
    }

    fn at(&self, registration: &Value, rest: &str) -> String {
        format!("{}/{}{rest}", self.path, registration["id"].as_str().unwrap())
    }

    /// Where each row stands, with the code of its error.
    async fn rows(&self, registration: &Value) -> Vec<String> {
        let rows = self.reseller.get(&self.at(registration, "/rows")).await.ok();
        let told = |row: &Value| match row["error"]["code"].as_str() {
            Some(code) => format!("{} {code}", row["row"]),
            None => format!("{} {}", row["row"], row["status"].as_str().unwrap()),
        };
        rows["items"].as_array().unwrap().iter().map(told).collect()
    }

    async fn serials(&self) -> Vec<String> {
        let devices = self.reseller.get(&format!("/v1/customers/{}/devices", self.customer.id)).await.ok();
        let devices = devices["items"].as_array().unwrap().iter();
        let ready = devices.filter(|device| device["status"] == "Ready for user");
        ready.map(|device| device["serialNumber"].as_str().unwrap().to_owned()).collect()
    }

    async fn post(&self, registration: &Value, verb: &str, body: Value) -> crate::harness::Answer {
        self.reseller.post(&self.at(registration, verb), body).await
    }

    async fn end_delegation(&self) {
        let end = format!("/v1/customers/{}/administrators/{}", self.customer.id, self.reseller.id);
        assert_eq!(self.customer.admin.delete(&end).await.status, 204);
    }
}

const HEADING: &str = "Manufacturer,Model,Serial Number\r\n";

fn file(serials: &[&str]) -> String {
    let rows = serials.iter().map(|serial| format!("Proseware,Cube,{serial}\r\n"));
    rows.fold(HEADING.to_owned(), |file, row| file + &row)
}

#[actix_web::test]
async fn a_dry_run_changes_nothing_and_then_exactly_the_chosen_rows_are_registered() {
    let channel = channel().await;
    let rows = file(&["S1", "S2", "S3", "Default string", "S5"]);
    let checked = channel.upload(&rows, &[("dryRun", "true"), ("orderId", "PO 7")]).await;
    assert_eq!(checked["state"], "checked");
    assert_eq!(checked["counts"], json!({ "pending": 4, "ready": 0, "failed": 1, "leftOut": 0 }));
    assert_eq!(checked["findingCounts"], json!({ "SERIAL_PLACEHOLDER": 1 }));
    assert_eq!(channel.serials().await, [""; 0]);
    assert_eq!(
        channel.rows(&checked).await,
        ["1 Checked", "2 Checked", "3 Checked", "4 SERIAL_PLACEHOLDER", "5 Checked"]
    );
    for (choice, refusal) in [
        (json!({ "rows": [1, 9] }), "422 rowNotChoosable"),
        (json!({ "rows": [4] }), "422 rowNotChoosable"),
        (json!({ "except": [4] }), "422 rowNotChoosable"),
        (json!({ "except": [1, 2, 3, 5] }), "422 nothingChosen"),
        (json!({ "rows": [] }), "422 nothingChosen"),
        (json!({ "rows": [1], "except": [2] }), "400 badRequest"),
    ] {
        let refused = channel.post(&checked, "/register", choice.clone()).await;
        assert_eq!(refused.refusal(), refusal, "{choice}");
    }
    assert_eq!(channel.shown(&checked).await["state"], "checked");
    channel.post(&checked, "/register", json!({ "except": [2, 5] })).await.ok();
    channel.centre.run_jobs().await;
    assert_eq!(
        channel.rows(&checked).await,
        ["1 Ready for user", "2 Left out", "3 Ready for user", "4 SERIAL_PLACEHOLDER", "5 Left out"]
    );
    let shown = channel.shown(&checked).await;
    assert_eq!(shown["counts"], json!({ "pending": 0, "ready": 2, "failed": 1, "leftOut": 2 }));
    assert_eq!((shown["state"].clone(), shown["percent"].clone()), (json!("finishedWithErrors"), json!(100)));
    assert_eq!(channel.serials().await, ["S1", "S3"]);
    assert_eq!(channel.post(&checked, "/register", json!({})).await.refusal(), "409 registrationRegistered");

    let only = channel.upload(&file(&["T1", "T2", "T3"]), &[("dryRun", "true")]).await;
    channel.post(&only, "/register", json!({ "rows": [3, 1, 3] })).await.ok();
    channel.centre.run_jobs().await;
    assert_eq!(channel.rows(&only).await, ["1 Ready for user", "2 Left out", "3 Ready for user"]);
}

#[actix_web::test]
async fn all_or_nothing_registers_nothing_if_one_row_is_wrong() {
    let channel = channel().await;
    let mode = [("mode", "all_or_nothing")];
    let refused = channel.reseller.upload(&channel.path, file(&["S1", "Default string"]).as_bytes(), &mode).await;
    assert_eq!(refused.refusal(), "422 deviceFileRefused");
    assert_eq!(refused.body["parameters"]["finding"], "SERIAL_PLACEHOLDER");
    let id = refused.body["parameters"]["registrationId"].clone();
    let kept = channel.shown(&json!({ "id": id })).await;
    assert_eq!(kept["state"], "refused");
    assert_eq!(channel.post(&kept, "/register", json!({})).await.refusal(), "409 registrationRefused");
    let good = channel.upload(&file(&["S1", "S2"]), &mode).await;
    assert_eq!(good["state"], "finished");
}

#[actix_web::test]
async fn files_sent_together_are_one_registration_and_a_device_in_two_of_them_is_told_once() {
    let channel = channel().await;
    let (first, second) =
        (file(&["S1", "S2"]), "Model;Manufacturer;Serial_Number\nCube;Proseware;S3\nCube;Proseware;S1\n");
    let files = [("one.csv", first.as_bytes()), ("two.csv", second.as_bytes())];
    let made = channel.reseller.upload_files(&channel.path, &files, &[]).await.ok();
    assert_eq!(made["findingCounts"], json!({ "DUP_IN_FILE": 1 }));
    let finding = &made["findings"][0];
    assert_eq!((finding["file"].clone(), finding["line"].clone()), (json!(2), json!(3)));
    assert!(finding["sentence"].as_str().unwrap().contains("one.csv"), "{finding}");
    channel.centre.run_jobs().await;
    assert_eq!(
        channel.rows(&made).await,
        ["1 Ready for user", "2 Ready for user", "3 Ready for user", "4 DUP_IN_FILE"]
    );
    assert_eq!(made["files"][1]["delimiter"], ";");
    assert_eq!(made["files"][1]["rows"], 2);
}

#[actix_web::test]
async fn a_verified_hash_needs_no_directory_and_is_kept_by_nobody_but_its_uploader() {
    let channel = channel().await;
    let manifest = "Manufacturer,Model,Serial Number\nFabrikam,Falcon,F1\nFabrikam,Falcon,F2\n";
    channel.operator.upload("/v1/devicedirectory/manifests", manifest.as_bytes(), &[]).await.ok();
    channel.centre.run_jobs().await;
    let (known, unknown, other) = (
        SampleDevice::new("Fabrikam", "Falcon", "F1"),
        SampleDevice::new("Fabrikam", "Eagle", "F77"),
        SampleDevice::new("Fabrikam", "Eagle", "F2"),
    );
    let rows: String = [&known, &unknown, &other].map(|device| format!(",,{}\r\n", device.hash())).concat();
    let rows = format!("Device Serial Number,Windows Product ID,Hardware Hash\r\n{rows}");
    let made = channel.upload(&rows, &[]).await;
    // The directory knows F2 as another model.
    assert_eq!(channel.rows(&made).await, ["1 Ready for user", "2 Ready for user", "3 DEVICE_NOT_FOUND"]);
    let devices = channel.reseller.get(&format!("/v1/customers/{}/devices", channel.customer.id)).await;
    let device = &devices.body["items"][1];
    assert_eq!((device["model"].clone(), device["evidence"].clone()), (json!("Eagle"), json!("hash")));

    let canary = &known.hash()[..200];
    for text in [&devices.text, &channel.reseller.get(&channel.at(&made, "/rows")).await.text] {
        assert!(!text.contains(canary));
    }
    let results = channel.at(&made, "/results.csv");
    assert!(channel.reseller.get(&results).await.text.contains(canary));
    let cleaned = channel.at(&made, "/cleaned.csv?format=customer");
    assert!(channel.reseller.get(&cleaned).await.text.contains(canary));
    for other in [&channel.provider, &channel.customer.admin] {
        assert!(!other.get(&results).await.text.contains(canary));
        assert!(!other.get(&cleaned).await.text.contains(canary));
    }
    // Thirty days after the end the copy goes, and the hash with it.
    channel.centre.advance(31 * DAY);
    channel.centre.keep_house().await;
    let reseller = channel.centre.sign_in(&channel.reseller.id, &channel.reseller.refresh_token).await;
    let later = reseller.get(&results).await;
    assert!(!later.text.contains(canary) && later.text.contains("F77"), "{}", later.text);
}

#[actix_web::test]
async fn a_customer_registers_its_own_devices_by_their_hashes() {
    let channel = channel().await;
    let device = SampleDevice::new("Fabrikam", "Falcon", "F1");
    let rows = format!("Manufacturer,Model,Serial Number,Hardware Hash\nFabrikam,Falcon,F1,{}\n", device.hash());
    let admin = &channel.customer.admin;
    let made = admin.upload(&channel.path, rows.as_bytes(), &[]).await.ok();
    channel.centre.run_jobs().await;
    assert_eq!(channel.shown(&made).await["state"], "finished");
    let refused = admin.upload(&channel.path, file(&["S1"]).as_bytes(), &[]).await;
    assert_eq!(refused.body["parameters"]["finding"], "HASH_COLUMN_MISSING");
    let again = channel.upload(&rows, &[]).await;
    assert_eq!(channel.rows(&again).await, ["1 DEVICE_ALREADY_REGISTERED"]);
}

#[actix_web::test]
async fn a_product_id_alone_is_found_in_the_directory() {
    let channel = channel().await;
    let manifest = "Manufacturer,Model,Serial Number,Windows Product ID\nFabrikam,Falcon,F1,3550000000017\n";
    channel.operator.upload("/v1/devicedirectory/manifests", manifest.as_bytes(), &[]).await.ok();
    channel.centre.run_jobs().await;
    let rows =
        "Device Serial Number,Windows Product ID,Hardware Hash\n,3550000000017,\n,3550000000018,\nF9,3550000000017,\n";
    let made = channel.upload(rows, &[]).await;
    assert_eq!(channel.rows(&made).await, ["1 Ready for user", "2 DEVICE_NOT_FOUND", "3 DUP_IN_FILE"]);
    assert_eq!(channel.serials().await, ["F1"]);
    let by_name = channel.upload("Manufacturer,Model,Serial Number\nFabrikam,Falcon,F1\n", &[]).await;
    assert_eq!(channel.rows(&by_name).await, ["1 DEVICE_ALREADY_REGISTERED"]);
}

#[actix_web::test]
async fn failed_rows_are_retried_once_what_stopped_them_is_gone() {
    let channel = channel().await;
    let other = channel.centre.customer(&channel.provider, "tailspin", None).await;
    let held = channel.provider.register(&other.id, file(&["S2"]).as_bytes()).await;
    assert_eq!(held["state"], "finished");
    let made = channel.upload(&file(&["S1", "S2", "Default string"]), &[]).await;
    assert_eq!(channel.rows(&made).await, ["1 Ready for user", "2 DEVICE_CLAIMED_ELSEWHERE", "3 SERIAL_PLACEHOLDER"]);
    for (rows, refusal) in [(json!([1]), "409 rowNotFailed"), (json!([3]), "409 rowRefusedByCheck")] {
        assert_eq!(channel.post(&made, "/retry", json!({ "rows": rows })).await.refusal(), refusal);
    }
    let devices = format!("/v1/customers/{}/devices", other.id);
    let device = channel.provider.get(&devices).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(channel.provider.delete(&format!("{devices}/{device}")).await.status, 204);
    let taken = channel.post(&made, "/retry", json!({ "rows": [2] })).await.ok();
    assert_eq!((taken["state"].clone(), taken["counts"]["pending"].clone()), (json!("registering"), json!(1)));
    assert_eq!(channel.post(&made, "/retry", json!({ "rows": [2] })).await.refusal(), "409 rowNotFailed");
    channel.centre.run_jobs().await;
    assert_eq!(channel.rows(&made).await, ["1 Ready for user", "2 Ready for user", "3 SERIAL_PLACEHOLDER"]);
    assert_eq!(channel.shown(&made).await["counts"], json!({ "pending": 0, "ready": 2, "failed": 1, "leftOut": 0 }));
    assert_eq!(channel.post(&made, "/retry", json!({})).await.refusal(), "422 nothingChosen");
}

#[actix_web::test]
async fn dismissed_rows_leave_the_devices_page_and_stay_in_their_registration() {
    let channel = channel().await;
    let made = channel.upload(&file(&["Default string", "None", "S1"]), &[]).await;
    let devices = format!("/v1/customers/{}/devices", channel.customer.id);
    assert_eq!(channel.reseller.get(&devices).await.ok()["totalCount"], 3);
    for _ in 0..2 {
        channel.post(&made, "/dismiss", json!({ "rows": [1] })).await.ok();
        assert_eq!(channel.reseller.get(&devices).await.ok()["totalCount"], 2);
    }
    channel.post(&made, "/dismiss", json!({})).await.ok();
    assert_eq!(channel.reseller.get(&devices).await.ok()["totalCount"], 1);
    assert_eq!(channel.rows(&made).await[0], "1 SERIAL_PLACEHOLDER");
    assert_eq!(channel.post(&made, "/dismiss", json!({ "rows": [3] })).await.refusal(), "409 rowNotFailed");
}

#[actix_web::test]
async fn voiding_frees_every_device_and_registers_no_more() {
    let channel = channel().await;
    let other = channel.centre.customer(&channel.provider, "tailspin", None).await;
    let made = channel.upload(&file(&["S1", "S2"]), &[]).await;
    for _ in 0..2 {
        assert_eq!(channel.post(&made, "/void", json!({})).await.ok()["state"], "voided");
        channel.centre.run_jobs().await;
    }
    assert_eq!(channel.serials().await, [""; 0]);
    let claimed = channel.provider.register(&other.id, file(&["S1", "S2"]).as_bytes()).await;
    assert_eq!(claimed["state"], "finished");
    // Before the registrar came.
    let pending = channel.reseller.upload(&channel.path, file(&["S3"]).as_bytes(), &[]).await.ok();
    channel.post(&pending, "/void", json!({})).await.ok();
    channel.centre.run_jobs().await;
    assert_eq!(channel.rows(&pending).await, ["1 VOIDED"]);
    assert_eq!(channel.post(&pending, "/retry", json!({})).await.refusal(), "409 registrationVoided");
}

#[actix_web::test]
async fn a_file_of_results_is_fixed_and_uploaded_again() {
    let channel = channel().await;
    let rows = "Manufacturer,Model,Serial Number\n\"VMware, Inc.\",Cube,S1\n=Proseware,Cube,Default string\n";
    let made = channel.upload(rows, &[]).await;
    let results = channel.reseller.get(&channel.at(&made, "/results.csv")).await.text;
    assert_eq!(
        results.lines().collect::<Vec<_>>(),
        [
            "Manufacturer,Model,Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User,File,Line,Status,\
             Error,Code,Advice",
            "\"VMware, Inc.\",Cube,S1,,,,,devices.csv,2,Ready for user,,,",
            results.lines().nth(2).unwrap(),
        ]
    );
    assert!(
        results.contains("'=Proseware,Cube,Default string,,,,,devices.csv,3,Registration failed,Device not found,")
    );
    let fixed = results.replace("Default string", "S2");
    let again = channel.upload(&fixed, &[]).await;
    assert_eq!(again["findingCounts"], json!({}));
    assert_eq!(channel.rows(&again).await, ["1 DEVICE_ALREADY_REGISTERED", "2 Ready for user"]);
    let devices = channel.reseller.get(&format!("/v1/customers/{}/devices", channel.customer.id)).await.text;
    assert!(devices.contains("\"=Proseware\""), "{devices}");
}

#[actix_web::test]
async fn cleaned_files_hold_what_the_check_let_pass_in_parts_of_500() {
    let channel = channel().await;
    let serials: Vec<String> = (0..1_203).map(|n| format!("S{n}")).collect();
    let mut rows = file(&serials.iter().map(String::as_str).collect::<Vec<_>>());
    rows.push_str("Proseware,Cube,Default string\r\n");
    let made = channel.upload(&rows, &[("dryRun", "true")]).await;
    let cleaned = async |query: &str| channel.reseller.get(&channel.at(&made, &format!("/cleaned.csv{query}"))).await;
    let whole = cleaned("").await.text;
    assert_eq!(whole.lines().count(), 1_204);
    assert!(whole.starts_with("Manufacturer,Model,Serial Number\r\nProseware,Cube,S0\r\n"));
    let sizes =
        [cleaned("?part=1").await, cleaned("?part=2").await, cleaned("?part=3").await, cleaned("?part=4").await]
            .map(|part| part.text.lines().count() - 1);
    assert_eq!(sizes, [500, 500, 203, 0]);
    assert!(cleaned("?part=2").await.text.contains("\r\nProseware,Cube,S500\r\n"));
    let center = cleaned("?format=partner_center&part=1").await.text;
    assert!(center.contains("Manufacturer name,Device model\r\nS0,,,Proseware,Cube\r\n"), "{}", &center[..200]);
    assert_eq!(cleaned("?part=0").await.refusal(), "400 badRequest");
}

#[actix_web::test]
async fn every_finding_can_be_read_page_by_page() {
    let channel = channel().await;
    let rows = format!("{HEADING}{}", "Proseware,,S\r\n".repeat(250));
    let made = channel.reseller.upload(&channel.path, rows.as_bytes(), &[]).await.ok();
    assert_eq!(made["findings"].as_array().unwrap().len(), 100);
    let path = channel.at(&made, "/findings?size=200");
    let first = channel.reseller.get(&path).await.ok();
    let token = first["continuationToken"].as_str().unwrap();
    let second = channel.reseller.get(&format!("{path}&continuationToken={token}")).await.ok();
    let lines = [first, second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!(lines.len(), 250);
    assert_eq!(lines[249]["line"], 251);
    assert_eq!(lines[249]["column"], "Model");
    channel.centre.run_jobs().await;
}

#[actix_web::test]
async fn progress_is_told_until_every_row_has_its_outcome() {
    let channel = channel().await;
    let pending = channel.reseller.upload(&channel.path, file(&["S1"]).as_bytes(), &[]).await.ok();
    channel.centre.run_jobs().await;
    let told = channel.reseller.get(&channel.at(&pending, "/events")).await;
    assert_eq!(told.header("content-type"), "text/event-stream");
    let event = told.text.trim().strip_prefix("event: progress\ndata: ").unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    assert_eq!((event["state"].clone(), event["percent"].clone()), (json!("finished"), json!(100)));
    assert_eq!(event["late"], json!(false));
}

#[actix_web::test]
async fn csv_9_what_registered_nothing_goes_after_a_week_and_what_was_cut_off_at_once() {
    let channel = channel().await;
    let checked = channel.upload(&file(&["S1"]), &[("dryRun", "true")]).await;
    channel.reseller.upload(&channel.path, b"PK", &[]).await;
    let registered = channel.upload(&file(&["S2"]), &[]).await;
    let staged = || {
        let folder = channel.centre.data_folder().join("staging");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        files.filter(|name| name.to_string_lossy().ends_with(".staged")).count()
    };
    assert_eq!(staged(), 3);
    // As a kill between two batches of rows leaves it: nobody sees it.
    let orphan = "UPDATE device_registrations SET state = 'receiving' WHERE state = 'refused'";
    channel.centre.database().break_with(orphan);
    assert_eq!(channel.reseller.get(&channel.path).await.ok()["totalCount"], 2);
    channel.centre.advance(8 * DAY);
    channel.centre.keep_house().await;
    let reseller = channel.centre.sign_in(&channel.reseller.id, &channel.reseller.refresh_token).await;
    assert_eq!(reseller.get(&channel.at(&checked, "")).await.refusal(), "404 registrationUnknown");
    let left = reseller.get(&channel.path).await.ok();
    assert_eq!((left["totalCount"].clone(), left["items"][0]["id"].clone()), (json!(1), registered["id"].clone()));
    assert_eq!(staged(), 1);
}

#[actix_web::test]
async fn csv_1_an_upload_over_a_limit_is_refused_and_leaves_nothing() {
    let centre = Centre::open_with(|settings| {
        settings.devices.max_upload_bytes = 2_000_000;
        settings.devices.staged_bytes_per_organisation = 3_000_000;
        settings.devices.max_rows = 5;
    })
    .await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let customer = centre.customer(&provider, "fabrikam", None).await;
    let path = format!("/v1/customers/{}/deviceRegistrations", customer.id);
    let large = format!("{HEADING}{}", "\r\n".repeat(2_000_000));
    assert_eq!(provider.upload(&path, large.as_bytes(), &[]).await.refusal(), "413 bodyTooLarge");
    let rows = file(&["S1", "S2", "S3", "S4", "S5", "S6"]);
    let refused = provider.upload(&path, rows.as_bytes(), &[]).await;
    assert_eq!(refused.body["parameters"]["finding"], "FILE_TOO_LARGE");
    let blank = format!("{}{}", file(&["S1"]), "\r\n".repeat(800_000));
    provider.upload(&path, blank.as_bytes(), &[]).await.ok();
    assert_eq!(provider.upload(&path, blank.as_bytes(), &[]).await.refusal(), "429 stagingQuota");
    centre.run_jobs().await;
}

#[actix_web::test]
async fn reg_5_a_row_that_cannot_be_settled_does_not_stop_the_others() {
    let channel = channel().await;
    let serials: Vec<String> = (0..250).map(|n| if n == 123 { "POISON".to_owned() } else { format!("S{n}") }).collect();
    let rows = file(&serials.iter().map(String::as_str).collect::<Vec<_>>());
    channel.centre.database().fail_when("devices", "serial_number", "POISON");
    let made = channel.reseller.upload(&channel.path, rows.as_bytes(), &[]).await.ok();
    for _ in 0..60 {
        channel.centre.run_jobs().await;
        channel.centre.advance(Duration::from_secs(64));
    }
    let reseller = channel.centre.sign_in(&channel.reseller.id, &channel.reseller.refresh_token).await;
    let shown = reseller.get(&channel.at(&made, "")).await.ok();
    assert_eq!(shown["counts"], json!({ "pending": 0, "ready": 249, "failed": 1, "leftOut": 0 }));
    let failed = reseller.get(&channel.at(&made, "/rows?outcome=failed")).await.ok();
    assert_eq!((failed["items"][0]["row"].clone(), failed["totalCount"].clone()), (json!(124), json!(1)));
    assert_eq!(failed["items"][0]["error"]["code"], "UNEXPECTED");
    assert_eq!(failed["items"][0]["error"]["title"], "Unexpected error");
}

#[actix_web::test]
async fn reg_3_a_registrar_that_has_lost_its_lease_writes_nothing_more() {
    let channel = channel().await;
    let serials: Vec<String> = (0..3_000).map(|n| format!("S{n}")).collect();
    let rows = file(&serials.iter().map(String::as_str).collect::<Vec<_>>());
    let made = channel.reseller.upload(&channel.path, rows.as_bytes(), &[]).await.ok();
    // Another copy takes the job over while the second chunk is settled.
    let takes_over = "UPDATE jobs SET lease_id = id WHERE kind = 'register_devices'";
    channel.centre.database().whenever_inserted("settlements", "NEW.number = 3", takes_over);
    channel.centre.run_jobs().await;
    let counts = channel.shown(&made).await["counts"].clone();
    assert_eq!((counts["ready"].clone(), counts["pending"].clone()), (json!(2_000), json!(1_000)));
    // It dies, and its lease ends.
    channel.centre.database().break_with("UPDATE jobs SET leased_until = NULL WHERE kind = 'register_devices'");
    channel.centre.run_jobs().await;
    let counts = channel.shown(&made).await["counts"].clone();
    assert_eq!((counts["ready"].clone(), counts["pending"].clone()), (json!(3_000), json!(0)));
}

#[actix_web::test]
async fn dap_2_wherever_the_delegation_ends_the_rest_says_so_and_none_slips_through() {
    const ROWS: usize = 4_000;
    let (seed, rounds) = (seed(), rounds(3, 100));
    let mut random = Random::new(seed);
    let (mut within, serials) = (0, (0..ROWS).map(|n| format!("S{n}")).collect::<Vec<_>>());
    let rows = file(&serials.iter().map(String::as_str).collect::<Vec<_>>());
    for round in 0..rounds {
        let channel = channel().await;
        let made = channel.reseller.upload(&channel.path, rows.as_bytes(), &[]).await.ok();
        let pauses = random.below(12);
        let ending = async {
            for _ in 0..pauses {
                // Each turn lets the registrar come a little further.
                channel.centre.db().read(|_| -> partner_center::platform::error::Sure<()> { Ok(()) }).await.unwrap();
            }
            channel.end_delegation().await;
        };
        join(channel.centre.run_jobs(), ending).await;
        channel.centre.run_jobs().await;
        let counts = channel.customer.admin.get(&channel.at(&made, "")).await.ok()["counts"].clone();
        let path = channel.at(&made, "/rows?size=10000");
        let shown = channel.customer.admin.get(&path).await.ok();
        let codes: Vec<Option<&str>> =
            shown["items"].as_array().unwrap().iter().map(|row| row["error"]["code"].as_str()).collect();
        let first = codes.iter().position(Option::is_some).unwrap_or(ROWS);
        assert!(codes[first..].iter().all(|code| *code == Some("REL_MISSING")), "seed {seed}, round {round}");
        assert_eq!(counts["ready"], first, "seed {seed}, round {round}");
        assert_eq!((counts["pending"].clone(), codes.len()), (json!(0), ROWS));
        within += usize::from(first > 0 && first < ROWS);
    }
    println!("seed {seed}: {within} of {rounds} endings came within the registration");
}

#[actix_web::test]
async fn a_registration_goes_on_after_the_delegation_was_granted_anew() {
    let channel = channel().await;
    let made = channel.reseller.upload(&channel.path, file(&["S1"]).as_bytes(), &[]).await.ok();
    channel.end_delegation().await;
    channel.centre.run_jobs().await;
    let at = channel.at(&made, "/retry");
    assert_eq!(channel.reseller.post(&at, json!({})).await.refusal(), "403 delegatedAdministrationMissing");
    // The provider's own grant stands.
    channel.provider.post(&at, json!({})).await.ok();
    channel.centre.run_jobs().await;
    let devices = channel.provider.get(&format!("/v1/customers/{}/devices", channel.customer.id)).await.ok();
    assert_eq!(devices["items"][0]["registeredBy"], "northwind");
}

#[actix_web::test]
async fn an_upload_that_is_sent_twice_registers_once() {
    let channel = channel().await;
    let id = uuid::Uuid::now_v7().to_string();
    let rows = file(&["S1"]);
    let mut made = Vec::new();
    for _ in 0..2 {
        let headers = [("ms-requestid", id.as_str())];
        made.push(channel.reseller.upload_with(&channel.path, rows.as_bytes(), &headers).await.ok()["id"].clone());
    }
    assert_eq!(made[0], made[1]);
    assert_eq!(channel.reseller.get(&channel.path).await.ok()["totalCount"], 1);
    channel.centre.run_jobs().await;
    channel.centre.advance(Duration::from_secs(3 * 60 * 60));
    channel.centre.keep_house().await;
}

#[actix_web::test]
async fn a_manifest_is_loaded_in_the_background_and_may_name_a_device_twice() {
    let channel = channel().await;
    let mut manifest = HEADING.to_owned();
    for n in 0..12_000 {
        manifest.push_str(&format!("Fabrikam,Falcon,F{n}\r\n"));
    }
    manifest.push_str("Fabrikam,Falcon,F7\r\nFabrikam,Falcon,f8\r\n");
    let path = "/v1/devicedirectory/manifests";
    let made = channel.operator.upload(path, manifest.as_bytes(), &[]).await.ok();
    assert_eq!((made["state"].clone(), made["percent"].clone()), (json!("loading"), json!(0)));
    channel.centre.run_jobs().await;
    let loaded = channel.operator.get(&format!("{path}/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!((loaded["state"].clone(), loaded["percent"].clone()), (json!("loaded"), json!(100)));
    assert_eq!(channel.operator.get(path).await.ok()["items"][0]["id"], made["id"]);
    let rows = "Manufacturer,Model,Serial Number\nFabrikam,Falcon,F11999\nFabrikam,Falcon,F8\nFabrikam,Falcon,f8\n";
    let settled = channel.upload(rows, &[]).await;
    // The newest line is right.
    assert_eq!(channel.rows(&settled).await, ["1 Ready for user", "2 DEVICE_NOT_FOUND", "3 Ready for user"]);
}

#[actix_web::test]
async fn a_copy_of_the_service_that_looks_into_another_staging_folder_does_not_start() {
    let centre = Centre::open().await;
    let mut other = centre.settings().clone();
    let folder = std::env::temp_dir().join(format!("pc-elsewhere-{}", uuid::Uuid::now_v7()));
    other.devices.staging_folder = Some(folder.clone());
    let start = || App::new(other.clone(), centre.db().clone(), Clock::system(), Purpose::Service).map(|_| ());
    let refused = start().unwrap_err().to_string();
    assert!(refused.contains("is not the one that this database's uploads lie in"), "{refused}");
    assert!(!folder.exists());
}
