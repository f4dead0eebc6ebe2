//! Release requests: two sides that do not learn of each other.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Actor, Centre, Customer, nothing};

/// Two channels, and a device that one has and the other wants.
struct Dispute {
    centre: Centre,
    /// Registered for the holder.
    partner: Actor,
    holder: Customer,
    /// Registers for the asker.
    other_partner: Actor,
    asker: Customer,
    /// The asker's registration of the device.
    registration: String,
}

fn file(serials: &[String]) -> Vec<u8> {
    let rows: Vec<String> = serials.iter().map(|serial| format!("Proseware,Cube,{serial}\n")).collect();
    format!("Manufacturer,Model,Serial Number\n{}", rows.concat()).into_bytes()
}

fn serials(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("S{number:02}")).collect()
}

impl Dispute {
    async fn open(devices: usize) -> Self {
        let centre = Centre::open().await;
        let operator = centre.operator().await;
        let partner = centre.provider(&operator, "northwind").await;
        let holder = centre.customer(&partner, "fabrikam", None).await;
        let other_partner = centre.provider(&operator, "adatum").await;
        let asker = centre.customer(&other_partner, "tailspin", None).await;
        partner.register(&holder.id, &file(&serials(devices))).await;
        let made = other_partner.register(&asker.id, &file(&serials(devices))).await;
        assert_eq!(made["counts"]["failed"], json!(devices));
        let registration = made["id"].as_str().unwrap().to_owned();
        Self { centre, partner, holder, other_partner, asker, registration }
    }

    async fn ask(&self, row: usize) -> crate::harness::Answer {
        let path = format!("/v1/customers/{}/deviceRegistrations/{}", self.asker.id, self.registration);
        self.other_partner.post(&format!("{path}/rows/{row}/releaserequest"), nothing()).await
    }

    async fn received(&self) -> Value {
        self.partner.get(&format!("/v1/customers/{}/releaserequests", self.holder.id)).await.ok()["items"].clone()
    }

    async fn sent(&self) -> Value {
        self.other_partner.get(&format!("/v1/customers/{}/releaserequests/sent", self.asker.id)).await.ok()["items"]
            .clone()
    }

    async fn answer(&self, request: &Value, answer: &str) -> crate::harness::Answer {
        let id = request["id"].as_str().unwrap();
        self.partner.post(&format!("/v1/customers/{}/releaserequests/{id}/{answer}", self.holder.id), nothing()).await
    }

    /// Retries the row and says how many rows became devices.
    async fn retried(&self) -> Value {
        let path = format!("/v1/customers/{}/deviceRegistrations/{}", self.asker.id, self.registration);
        self.other_partner.post(&format!("{path}/retry"), json!({ "rows": [1] })).await.ok();
        self.centre.run_jobs().await;
        self.other_partner.get(&path).await.ok()["counts"]["ready"].clone()
    }
}

#[actix_web::test]
async fn a_device_is_asked_for_and_released_and_its_row_becomes_a_device() {
    let dispute = Dispute::open(1).await;
    let asked = dispute.ask(1).await.ok();
    assert_eq!((&asked["state"], &asked["serialNumber"]), (&json!("open"), &json!("S01")));
    // Again while it is open: the same.
    assert_eq!(dispute.ask(1).await.ok(), asked);
    let received = dispute.received().await;
    assert_eq!((received.as_array().unwrap().len(), &received[0]["state"]), (1, &json!("open")));
    let released = dispute.answer(&received[0], "release").await.ok();
    assert_eq!(released["state"], "released");
    assert_eq!(dispute.answer(&received[0], "release").await.ok(), released, "twice changes nothing");
    assert_eq!(dispute.answer(&received[0], "decline").await.refusal(), "409 releaseRequestAnswered");
    assert_eq!(dispute.sent().await[0]["state"], "released");
    assert_eq!(dispute.retried().await, 1);
    let kinds = dispute.centre.event_kinds();
    for (kind, count) in [
        ("release_requested", 1),
        ("release_asked", 1),
        ("release_answered", 1),
        ("release_decided", 1),
        ("device_released", 1),
    ] {
        assert_eq!(kinds.iter().filter(|found| *found == kind).count(), count, "{kind}");
    }
}

#[actix_web::test]
async fn neither_side_learns_who_the_other_is_in_answers_lists_mails_or_the_trail() {
    let dispute = Dispute::open(1).await;
    let choose = json!({ "releaseRequested": "all", "releaseAnswered": "all" });
    for admin in [&dispute.holder.admin, &dispute.asker.admin] {
        admin.put("/v1/accounts/notifications", choose.clone(), None).await;
    }
    let mut asker_sees = dispute.ask(1).await.text;
    dispute.centre.run_jobs().await;
    let mut holder_sees = dispute.received().await.to_string();
    holder_sees += &dispute.centre.mails_to("admin@northwind.example").pop().unwrap();
    assert!(holder_sees.contains("fabrikam is asked to release a device"), "{holder_sees}");
    holder_sees += &dispute.answer(&dispute.received().await[0], "decline").await.text;
    dispute.centre.run_jobs().await;
    asker_sees += &dispute.sent().await.to_string();
    let mail = dispute.centre.mails_to("admin@adatum.example").pop().unwrap();
    assert!(mail.contains("A device was not released for tailspin"), "{mail}");
    asker_sees += &mail;
    for (seen, actors) in [
        (&mut holder_sees, [&dispute.partner, &dispute.holder.admin]),
        (&mut asker_sees, [&dispute.other_partner, &dispute.asker.admin]),
    ] {
        for actor in actors {
            *seen += &actor.get("/v1/auditrecords").await.text;
            *seen += &actor.get("/v1/accounts/notifications").await.text;
        }
    }
    for (seen, names) in [
        (&holder_sees, ["tailspin", "adatum", &dispute.asker.id, &dispute.other_partner.id]),
        (&asker_sees, ["fabrikam", "northwind", &dispute.holder.id, &dispute.partner.id]),
    ] {
        for name in names {
            assert!(!seen.contains(name), "{name} in {seen}");
        }
    }
    assert_eq!(dispute.sent().await[0]["state"], "declined");
    assert_eq!(dispute.received().await[0]["state"], "declined");
}

#[actix_web::test]
async fn a_device_deregistered_in_another_way_is_released_as_well() {
    let dispute = Dispute::open(1).await;
    dispute.ask(1).await.ok();
    let device = dispute.received().await[0]["deviceId"].as_str().unwrap().to_owned();
    dispute.holder.admin.delete(&format!("/v1/customers/{}/devices/{device}", dispute.holder.id)).await;
    assert_eq!(dispute.sent().await[0]["state"], "released");
    assert_eq!(dispute.answer(&dispute.received().await[0], "release").await.ok()["state"], "released");
    assert_eq!(dispute.ask(1).await.refusal(), "409 deviceNotHeld");
    assert_eq!(dispute.retried().await, 1);
    assert_eq!(dispute.ask(1).await.refusal(), "409 rowNotClaimedElsewhere");
}

#[actix_web::test]
async fn only_the_holder_answers_and_only_claimed_rows_are_asked_for() {
    let dispute = Dispute::open(1).await;
    dispute.ask(1).await.ok();
    let request = dispute.received().await[0].clone();
    let id = request["id"].as_str().unwrap();
    let as_asker = format!("/v1/customers/{}/releaserequests/{id}/release", dispute.asker.id);
    assert_eq!(dispute.asker.admin.post(&as_asker, nothing()).await.refusal(), "404 releaseRequestUnknown");
    assert_eq!(
        dispute.other_partner.get(&format!("/v1/customers/{}/releaserequests", dispute.asker.id)).await.ok()["items"],
        json!([])
    );
    let of_holder = format!("/v1/customers/{}/releaserequests/{id}/release", dispute.holder.id);
    assert_eq!(dispute.other_partner.post(&of_holder, nothing()).await.refusal(), "404 relationshipMissing");
    assert_eq!(dispute.ask(2).await.refusal(), "404 rowUnknown");
    // A device of one's own is nobody else's to release.
    let own = dispute.partner.register(&dispute.holder.id, &file(&serials(1))).await;
    let path = format!(
        "/v1/customers/{}/deviceRegistrations/{}/rows/1/releaserequest",
        dispute.holder.id,
        own["id"].as_str().unwrap()
    );
    assert_eq!(dispute.partner.post(&path, nothing()).await.refusal(), "409 rowNotClaimedElsewhere");
}

#[actix_web::test]
async fn a_customer_asks_for_twenty_devices_a_day_at_most() {
    let mut dispute = Dispute::open(21).await;
    for row in 1..=20 {
        assert_eq!(dispute.ask(row).await.status, 200);
    }
    assert_eq!(dispute.ask(21).await.refusal(), "429 releaseRequestsTooMany");
    assert_eq!(dispute.ask(1).await.status, 200, "one that is open is no new one");
    dispute.centre.advance(Duration::from_secs(24 * 60 * 60));
    dispute.other_partner = dispute.other_partner.sign_in_again().await;
    assert_eq!(dispute.ask(21).await.status, 200);
}
