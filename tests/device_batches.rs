//! Device batches, upload jobs and policies, as clients of the contract use them.

use serde_json::{Value, json};

use crate::harness::administration::only;
use crate::harness::{Actor, Answer, Centre, Customer, request};

/// The built-in role that may look at devices, and no more.
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

struct Channel {
    operator: Actor,
    provider: Actor,
    reseller: Actor,
    customer: Customer,
}

async fn channel(centre: &Centre) -> Channel {
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    Channel { operator, provider, reseller, customer }
}

fn device(serial: &str) -> Value {
    json!({ "serialNumber": serial, "oemManufacturerName": "Proseware", "modelName": "Cube" })
}

fn batches(customer: &Customer) -> String {
    format!("/v1/customers/{}/deviceBatches", customer.id)
}

/// The path that `Location` names, as clients build it.
#[track_caller]
fn followed(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.text.as_str()), (202, ""), "{}", answer.text);
    let location = answer.header("location");
    assert_eq!(location.split('/').count(), 5, "{location}");
    assert_eq!(location.split('/').nth(3), Some("batchJobStatus"));
    format!("/v1/{location}")
}

#[actix_web::test]
async fn cipps_upload_is_finished_within_four_polls_and_told_in_the_order_sent() {
    let centre = Centre::open().await;
    let Channel { provider, reseller, customer, .. } = channel(&centre).await;
    let other = centre.customer(&provider, "tailspin", None).await;
    let taken = provider.post(&batches(&other), json!({ "devices": [device("P4")] })).await;
    assert_eq!(taken.status, 202);
    centre.run_jobs().await;

    // As CIPP sends it: Pascal case, nulls, surplus properties.
    let body = json!({ "BatchId": "Kund-4711 leverans 2", "Devices": [
        { "SerialNumber": "P1", "OemManufacturerName": "Proseware", "ModelName": "Cube", "HardwareHash": null, "DeviceBatchId": "x" },
        { "serialNumber": "P2", "productKey": null },
        device("P3"), device("P4"), device("P1"),
        { "hardwareHash": "bm90IGEgaGFzaA==", "serialNumber": "P5" },
        {},
    ] });
    let job = followed(&reseller.post(&batches(&customer), body).await);
    let waiting = reseller.get(&job).await.ok();
    assert_eq!((waiting["status"].as_str(), waiting["startedTime"].is_null()), (Some("queued"), true));
    assert_eq!(waiting["devicesStatus"][0]["status"], "queued");
    centre.run_jobs().await;

    let done = reseller.get(&job).await.ok();
    assert_eq!(done["status"], "finished_with_errors");
    assert_eq!(done["attributes"]["objectType"], "BatchUploadDetails");
    assert!(done["completedTime"].is_string());
    let told: Vec<String> = done["devicesStatus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("serialNumber"), text("status"), text("errorCode"), text("errorDescription"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "P1 finished - -",
            "P2 finished_with_errors - MissingZtdSerialNumberAndProductKey",
            "P3 finished - -",
            "P4 finished_with_errors 808 ZtdDeviceAssignedToOtherTenant",
            "P1 finished_with_errors - ZtdDeviceDuplicated",
            "P5 finished_with_errors 802 InvalidZtdHardwareHash",
            "- finished_with_errors - MissingZtdSerialNumberAndProductKey",
        ]
    );
    let id = done["devicesStatus"][0]["deviceId"].as_str().unwrap();
    let devices = format!("{}/Kund-4711%20leverans%202/devices", batches(&customer));
    let shown = reseller.get(&devices).await.ok();
    assert_eq!(shown["items"][0]["id"], id);
    assert_eq!(shown["items"][0]["oemManufacturerName"], "Proseware");
    assert_eq!(shown["totalCount"], 2);
    assert_eq!(centre.event_kinds().iter().filter(|kind| *kind == "devices_submitted").count(), 2);
}

#[actix_web::test]
async fn powershells_flow_lists_batches_by_name_whatever_the_capitals_and_adds_to_the_one_it_finds() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    assert_eq!(reseller.get(&batches(&customer)).await.ok()["totalCount"], 0);
    followed(&reseller.post(&batches(&customer), json!({ "batchId": "Delivery", "devices": [device("P1")] })).await);
    centre.run_jobs().await;
    // A bare array, to the batch in other capitals, on a path with other capitals and a doubled slash.
    let more = format!("/v1//customers/{}/DeviceBatches/DELIVERY/Devices", customer.id);
    let job = followed(&reseller.post(&more, json!([device("P2"), device("P3")])).await);
    let listed = reseller.get(&batches(&customer)).await.ok();
    assert_eq!(listed["items"][0]["status"], "processing");
    centre.run_jobs().await;
    assert_eq!(reseller.get(&job).await.ok()["status"], "finished");

    let listed = reseller.get(&batches(&customer)).await.ok();
    let batch = &listed["items"][0];
    assert_eq!((listed["totalCount"].clone(), batch["id"].clone()), (json!(1), json!("Delivery")));
    assert_eq!((batch["devicesCount"].clone(), batch["status"].clone()), (json!(3), json!("finished")));
    assert_eq!(batch["createdBy"], "norrsken");
    assert_eq!(batch["attributes"]["objectType"], "DeviceBatch");
    let link = batch["devicesLink"]["uri"].as_str().unwrap();
    assert_eq!(reseller.get(&format!("/v1{link}")).await.ok()["totalCount"], 3);

    let unknown = format!("{}/Nothing/devices", batches(&customer));
    assert_eq!(reseller.get(&unknown).await.refusal(), "404 deviceBatchUnknown");
    assert_eq!(reseller.post(&unknown, json!([device("P9")])).await.refusal(), "404 deviceBatchUnknown");
}

#[actix_web::test]
async fn devices_of_a_batch_come_100_a_page_in_the_order_sent() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    for part in 0..2 {
        let devices: Vec<Value> = (0..120).map(|n| device(&format!("P{part}-{n:03}"))).collect();
        followed(&reseller.post(&batches(&customer), json!({ "batchId": "b", "devices": devices })).await);
    }
    centre.run_jobs().await;
    let mut seen = Vec::new();
    let mut page = reseller.get(&format!("{}/b/devices", batches(&customer))).await.ok();
    loop {
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 100);
        seen.extend(items.iter().map(|item| item["serialNumber"].as_str().unwrap().to_owned()));
        let Some(next) = page["links"]["next"].as_object() else { break };
        let token = next["headers"][0]["value"].as_str().unwrap();
        assert_eq!(page["continuationToken"], token);
        let path = format!("/v1{}", next["uri"].as_str().unwrap());
        page = reseller.call(request("GET", &path).insert_header(("MS-ContinuationToken", token))).await.ok();
    }
    let sent: Vec<String> = (0..2).flat_map(|part| (0..120).map(move |n| format!("P{part}-{n:03}"))).collect();
    assert_eq!(seen, sent);
}

#[actix_web::test]
async fn files_have_a_job_and_a_batch_as_well() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let file = b"Manufacturer,Model,Serial Number\nProseware,Cube,P1\nProseware,Cube,Default string\n";
    let made = reseller.register(&customer.id, file).await;
    let id = made["id"].as_str().unwrap();
    let job = reseller.get(&format!("/v1/customers/{}/batchjobstatus/{id}", customer.id)).await.ok();
    assert_eq!((job["batchTrackingId"].as_str(), job["status"].as_str()), (Some(id), Some("finished_with_errors")));
    assert_eq!(reseller.get(&format!("{}/{id}/devices", batches(&customer))).await.ok()["totalCount"], 1);
    let named = reseller.get(&batches(&customer)).await.ok();
    assert_eq!(named["items"][0]["id"], id);
    let path = format!("/v1/customers/{}/batchJobStatus", customer.id);
    for unknown in ["nothing", &uuid::Uuid::now_v7().to_string()] {
        assert_eq!(reseller.get(&format!("{path}/{unknown}")).await.refusal(), "404 uploadJobUnknown");
    }
}

#[actix_web::test]
async fn values_come_through_as_they_were_sent() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let values = ["'P1", "=P2", "'=P3", "P\"4\"", "P,5;6", "Ünïcode-7", "+8", "Serial Number", "@9'"];
    let devices: Vec<Value> = values
        .iter()
        .map(|value| json!({ "serialNumber": value, "oemManufacturerName": "Model", "modelName": "Manufacturer" }))
        .collect();
    let job = followed(&reseller.post(&batches(&customer), json!({ "batchId": "b", "devices": devices })).await);
    centre.run_jobs().await;
    assert_eq!(reseller.get(&job).await.ok()["status"], "finished");
    let shown = reseller.get(&format!("{}/b/devices", batches(&customer))).await.ok();
    let serials: Vec<&str> =
        shown["items"].as_array().unwrap().iter().map(|item| item["serialNumber"].as_str().unwrap()).collect();
    assert_eq!(serials, values);
}

#[actix_web::test]
async fn what_no_registration_can_be_made_of_is_refused_as_a_whole() {
    let centre = Centre::open_with(|settings| settings.devices.max_body_bytes = 400_000).await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let post = |body: Value| {
        let (reseller, path) = (reseller.clone(), batches(&customer));
        async move { reseller.post(&path, body).await }
    };
    assert_eq!(post(json!({ "devices": [] })).await.refusal(), "400 noDevices");
    assert_eq!(post(json!({ "batchId": "b" })).await.refusal(), "400 noDevices");
    let many = vec![json!({ "serialNumber": "x" }); 2_001];
    let refused = post(json!({ "devices": many })).await;
    assert_eq!(refused.refusal(), "400 tooManyDevices");
    assert!(refused.sentence().contains("2001 devices; at most 2000"), "{}", refused.sentence());
    let refused = post(json!({ "devices": [device("P1"), device("P\n2")] })).await;
    assert_eq!(refused.sentence(), "Device 2: the serial number holds a line break or another control character.");
    assert_eq!(post(json!({ "batchId": "a/b", "devices": [device("P1")] })).await.refusal(), "400 deviceValueRefused");
    let sample = json!({ "serialNumber": "P2", "oemManufacturerName": "SpiralOrbit", "modelName": "ContosoABC" });
    let refused = post(json!({ "devices": [device("P1"), sample] })).await;
    assert_eq!(refused.refusal(), "422 deviceFileRefused");
    let told = "Device 2, Manufacturer: \"SpiralOrbit\" is the sample from the documentation. Replace it.";
    assert_eq!(refused.body["data"][0], told);
    // Larger than the usual bound is read; larger than its own is not.
    let large = json!({ "serialNumber": "P1", "hardwareHash": "T".repeat(8_000) });
    assert_eq!(post(json!({ "devices": vec![large.clone(); 40] })).await.status, 202);
    assert_eq!(post(json!({ "devices": vec![large; 60] })).await.refusal(), "413 bodyTooLarge");
    let dense = reseller.call(
        request("POST", &batches(&customer))
            .insert_header(("content-type", "application/json"))
            .set_payload(format!("[{}0]", "0,".repeat(150_000))),
    );
    assert_eq!(dense.await.refusal(), "413 bodyTooLarge");
    centre.run_jobs().await;
    assert_eq!(
        reseller.get(&format!("/v1/customers/{}/devices", customer.id)).await.ok()["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["status"] == "Ready for user")
            .count(),
        0
    );
}

#[actix_web::test]
async fn a_repeated_call_gets_the_same_job() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let body = json!({ "batchId": "b", "devices": [device("P1")] });
    let id = uuid::Uuid::now_v7().to_string();
    let call = || reseller.with("POST", &batches(&customer), &[("MS-RequestId", &id)], body.clone());
    let first = followed(&call().await);
    assert_eq!(followed(&call().await), first);
    centre.run_jobs().await;
    assert_eq!(reseller.get(&batches(&customer)).await.ok()["items"][0]["devicesCount"], 1);
}

#[actix_web::test]
async fn dap_1_batches_jobs_and_policies_open_for_a_live_grant_and_the_customer_only() {
    let centre = Centre::open().await;
    let Channel { operator, provider, reseller, customer } = channel(&centre).await;
    let stranger = centre.reseller(&operator, "adatum", "6002234").await;
    let job = followed(&reseller.post(&batches(&customer), json!({ "batchId": "b", "devices": [device("P1")] })).await);
    centre.run_jobs().await;
    let of_customer = |rest: &str| format!("/v1/customers/{}{rest}", customer.id);
    let reads = [of_customer("/deviceBatches"), of_customer("/deviceBatches/b/devices"), job, of_customer("/policies")];
    let writes = |actor: Actor| {
        let all = [
            ("POST", of_customer("/deviceBatches"), json!({ "devices": [device("P2")] })),
            ("POST", of_customer("/deviceBatches/b/devices"), json!([device("P2")])),
            ("PATCH", of_customer("/DevicePolicyUpdates"), json!({ "devices": [{ "id": "x" }] })),
            ("POST", of_customer("/policies"), json!({ "name": "x" })),
        ];
        async move {
            let mut told = Vec::new();
            for (method, path, body) in all {
                told.push(actor.send(method, &path, body).await.refusal());
            }
            told
        }
    };
    for path in &reads {
        assert_eq!(stranger.get(path).await.refusal(), "404 relationshipMissing", "{path}");
        assert_eq!(operator.get(path).await.refusal(), "403 wrongOrganisation", "{path}");
        assert_eq!(customer.admin.get(path).await.status, 200, "{path}");
    }
    assert_eq!(writes(stranger).await, ["404 relationshipMissing"; 4]);
    // A role that may only look.
    only(&provider, &customer, GLOBAL_READER).await;
    for path in &reads {
        assert_eq!(provider.get(path).await.status, 200, "{path}");
    }
    assert_eq!(writes(provider.clone()).await, ["403 administrationRoleMissing"; 4]);
    customer.admin.delete(&of_customer(&format!("/administrators/{}", reseller.id))).await;
    for path in &reads {
        assert_eq!(reseller.get(path).await.refusal(), "403 delegatedAdministrationMissing", "{path}");
    }
    assert_eq!(writes(reseller.clone()).await, ["403 delegatedAdministrationMissing"; 4]);
}

#[actix_web::test]
async fn an_application_adds_devices_to_batches_and_a_person_makes_them() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let script = reseller.application(&["sales_agent"]).await;
    let body = json!({ "batchId": "b", "devices": [device("P1")] });
    assert_eq!(script.post(&batches(&customer), body.clone()).await.refusal(), "403 appOnlyRefused");
    followed(&reseller.post(&batches(&customer), body).await);
    followed(&script.post(&format!("{}/b/devices", batches(&customer)), json!([device("P2")])).await);
    centre.run_jobs().await;
}

#[actix_web::test]
async fn policies_are_made_given_to_devices_and_deleted_once_no_device_has_them() {
    let centre = Centre::open().await;
    let Channel { reseller, customer, .. } = channel(&centre).await;
    let policies = format!("/v1/customers/{}/policies", customer.id);
    let body =
        json!({ "Name": "Standard", "Category": "OOBE", "PolicySettings": ["SkipEula", "remove_oem_preinstalls"] });
    let made = reseller.post(&policies, body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.ok();
    assert_eq!(made["category"], "o_o_b_e");
    assert_eq!(made["policySettings"], json!(["skip_eula", "remove_oem_preinstalls"]));
    assert_eq!(made["attributes"]["objectType"], "ConfigurationPolicy");
    let id = made["id"].as_str().unwrap();
    let refused = reseller.post(&policies, json!({ "name": "x", "policySettings": ["format_disk"] })).await;
    assert_eq!(refused.refusal(), "400 devicePolicyRefused");

    followed(
        &reseller.post(&batches(&customer), json!({ "batchId": "b", "devices": [device("P1"), device("P2")] })).await,
    );
    centre.run_jobs().await;
    let devices = format!("{}/b/devices", batches(&customer));
    let listed = reseller.get(&devices).await.ok();
    let [first, second] = [0, 1].map(|n| listed["items"][n]["id"].as_str().unwrap().to_owned());
    let pair = |value: Value| json!({ "Policies": [{ "Key": "OOBE", "Value": value }] });
    let one = format!("{devices}/{first}");
    for method in ["PUT", "PATCH"] {
        let changed = reseller.send(method, &one, pair(json!(id))).await.ok();
        assert_eq!(changed["policies"], json!([{ "key": "o_o_b_e", "value": id }]), "{method}");
        assert_eq!(reseller.send(method, &one, pair(Value::Null)).await.ok()["policies"], json!([]), "{method}");
    }
    let absent = uuid::Uuid::now_v7().to_string();
    assert_eq!(reseller.put(&one, pair(json!(absent)), None).await.refusal(), "404 devicePolicyUnknown");

    let updates = json!({ "devices": [
        { "id": second, "policies": [{ "key": "o_o_b_e", "value": id }] },
        { "id": absent, "policies": [{ "key": "o_o_b_e", "value": id }] },
        { "id": first, "policies": [{ "key": "o_o_b_e", "value": absent }] },
    ] });
    let path = format!("/v1/customers/{}/DevicePolicyUpdates", customer.id);
    let job = followed(&reseller.send("PATCH", &path, updates).await);
    let done = reseller.get(&job).await.ok();
    assert_eq!(done["status"], "finished_with_errors");
    let told: Vec<(&str, &str)> = done["devicesStatus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["deviceId"].as_str().unwrap(), row["errorDescription"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [(second.as_str(), "-"), (absent.as_str(), "deviceUnknown"), (first.as_str(), "devicePolicyUnknown")]
    );

    let policy = format!("{policies}/{id}");
    let shown = reseller.get(&policy).await.ok();
    assert_eq!((shown["devicesAssigned"].clone(), shown["devicesAssignedCount"].clone()), (json!(1), json!(1)));
    let changed = reseller.put(&policy, json!({ "name": "Renamed" }), None).await.ok();
    assert_eq!((changed["name"].as_str(), changed["policySettings"].clone()), (Some("Renamed"), json!([])));
    assert_eq!(reseller.delete(&policy).await.refusal(), "409 devicePolicyInUse");
    // Sales agents register devices; policies are not theirs.
    let agent = reseller.colleague("sam@norrsken.example", &["sales_agent"]).await;
    assert_eq!(agent.delete(&policy).await.refusal(), "403 roleMissing");
    assert_eq!(agent.delete(&format!("{devices}/{second}")).await.status, 204);
    assert_eq!(reseller.delete(&policy).await.status, 204);
    assert_eq!(reseller.get(&policy).await.refusal(), "404 devicePolicyUnknown");
    assert_eq!(reseller.delete(&format!("{devices}/{second}")).await.refusal(), "404 deviceUnknown");
    let kinds = centre.event_kinds();
    for kind in ["device_policy_created", "device_policy_changed", "device_policy_deleted", "device_policies_applied"] {
        assert_eq!(kinds.iter().filter(|found| *found == kind).count(), 1, "{kind}");
    }
}
