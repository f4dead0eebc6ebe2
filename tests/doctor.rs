//! The doctor sees what is broken, start-up says what is wrong, and the demo spares other people's data.

use partner_center::access::PERMISSIONS;
use partner_center::app::App;
use partner_center::commands::examine;
use partner_center::config::Settings;
use partner_center::platform::clock::Clock;
use partner_center::platform::db::{Db, OpenError, ServingLock};
use partner_center::platform::installation::{Contents, Purpose, contents};
use partner_center::platform::keys::Keys;
use serde_json::json;

use crate::harness::database::{TestDatabase, open, settings};
use crate::harness::{Centre, customer_body};

fn diagnosis(database: &TestDatabase, broken: &str) -> String {
    database.break_with(broken);
    examine(&open(database.url()), None, "test".to_owned()).unwrap().to_string()
}

#[actix_web::test]
async fn the_doctor_finds_what_was_broken_on_purpose() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    reseller.register(&customer.id, b"Manufacturer,Model,Serial Number\nA,B,S1\n").await;
    let asked = json!({ "text": "Please change our name." });
    provider.post("/v1/indirectproviders/current/changerequests", asked).await.ok();
    let request = provider.post("/v1/relationshiprequests", json!({ "delegatedAdmin": true })).await.ok();
    let token = request["link"].as_str().unwrap().rsplit('/').next().unwrap();
    customer.admin.post(&format!("/v1/relationshiprequests/links/{token}/approve"), json!({})).await.ok();
    let mut handed_over = customer_body("tailspin", None);
    handed_over["setupInfoTo"] = json!({ "name": "Anna", "email": "anna@tailspin.example" });
    provider.post("/v1/customers", handed_over).await.ok();
    let database = centre.database();
    let healthy = diagnosis(database, "");
    assert!(healthy.contains("every invariant holds"), "{healthy}");
    let start = if database.url().starts_with("sqlite") { "1" } else { "'1970-01-01'" };
    for (broken, mended, found) in [
        ("UPDATE invitations SET state = 'open'", "UPDATE invitations SET state = 'accepted'", "I2:"),
        (
            &format!("UPDATE relationship_requests SET answered_at = {start}"),
            "DELETE FROM relationship_requests",
            "had no relationship with it then",
        ),
        (
            "UPDATE device_registrations SET row_count = 7",
            "UPDATE device_registrations SET row_count = 1",
            "are not 1 to n",
        ),
        (
            "UPDATE settlements SET ready = ready + 1",
            "UPDATE settlements SET ready = ready - 1",
            "differ from their rows",
        ),
        (
            "DELETE FROM jobs WHERE kind = 'mail_listing_change'",
            "DELETE FROM listing_change_requests",
            "I5: change request",
        ),
        ("DELETE FROM jobs WHERE kind = 'mail_setup_info'", "DELETE FROM setup_infos", "I5: setup info"),
        ("DELETE FROM jobs WHERE kind = 'mail_enrollment_decided'", "", "I5: enrolment"),
        (
            "UPDATE customer_relationships SET searched = ''",
            "UPDATE customer_relationships SET searched = (SELECT company_name_folded || '\n' || domain FROM customers \
             WHERE organisation_id = customer_id)",
            "is not found by the customer's name",
        ),
        (&format!("UPDATE partnerships SET ended_at = {start}, started_at = {start}"), "", "I8:"),
        (&format!("UPDATE administration_grants SET ends_at = {start}, starts_at = {start}"), "", "I9:"),
    ] {
        let told = diagnosis(database, broken);
        assert!(told.contains(found), "{broken}: {told}");
        database.break_with(mended);
    }
    // What was broken stays broken; the check at the end of the test would rightly complain.
    database.break_with("DELETE FROM devices; DELETE FROM customer_relationships; DELETE FROM enrollments");
    database.break_with("DELETE FROM registration_rows; DELETE FROM settlements; DELETE FROM device_registrations");
    database.break_with("DELETE FROM administration_grants");
}

#[actix_web::test]
async fn a_newer_database_is_refused_untouched() {
    let database = TestDatabase::create();
    database.break_with("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')");
    let refused = Db::open(&settings(database.url())).map(|_| ()).unwrap_err();
    assert!(matches!(&refused, OpenError::Newer(version) if version == "29990101000000"), "{refused}");
    assert!(refused.to_string().contains("restore a backup"), "{refused}");
}

#[actix_web::test]
async fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    for url in ["sqlite:///proc/no/such/folder/x.db", "postgres://anna:secret@127.0.0.1:1/x"] {
        let mut settings = settings(url);
        settings.wait = std::time::Duration::from_millis(300);
        let refused = Db::open(&settings).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("cannot open the database") && !refused.contains("secret"), "{refused}");
    }
}

#[actix_web::test]
async fn another_key_file_is_refused() {
    let centre = Centre::open().await;
    let folder = std::env::temp_dir().join(format!("pc-other-key-{}", uuid::Uuid::now_v7()));
    let mut other = Settings::default().with_data_folder(&folder);
    other.database.url = Some(centre.database().url().to_owned());
    let start = || App::new(other.clone(), centre.db().clone(), Clock::system(), Purpose::Service).map(|_| ());
    let missing = start().unwrap_err().to_string();
    assert!(missing.contains("is missing") && !folder.exists(), "{missing}");
    Keys::load_or_create(&other.key_file()).unwrap();
    let refused = start().unwrap_err().to_string();
    assert!(refused.contains("belongs to the key file with fingerprint"), "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[actix_web::test]
async fn a_sqlite_file_is_served_by_one_process() {
    let database = TestDatabase::create_empty();
    let first = ServingLock::take(database.url()).unwrap();
    match ServingLock::take(database.url()) {
        Ok(_) => assert!(database.url().starts_with("postgres"), "two processes would serve one file"),
        Err(refused) => assert!(refused.to_string().contains("use PostgreSQL"), "{refused}"),
    }
    drop(first);
    ServingLock::take(database.url()).unwrap();
}

#[actix_web::test]
async fn the_demo_tells_its_own_database_from_other_peoples() {
    let database = TestDatabase::create_empty();
    let db = Db::connect(&settings(database.url())).unwrap();
    assert_eq!(contents(&db).unwrap(), Contents::Empty);
    database.break_with("CREATE TABLE recipes (name text)");
    assert_eq!(contents(&db).unwrap(), Contents::Foreign);
    database.break_with("DROP TABLE recipes");
    db.migrate().unwrap();
    let folder = std::env::temp_dir().join(format!("pc-demo-{}", uuid::Uuid::now_v7()));
    let mut demo = Settings::default().with_data_folder(&folder);
    demo.database.url = Some(database.url().to_owned());
    App::new(demo, db.clone(), Clock::system(), Purpose::Demo).map(|_| ()).unwrap();
    assert_eq!(contents(&db).unwrap(), Contents::Demo);
    db.reset().unwrap();
    assert!(examine(&db, None, String::new()).unwrap().is_healthy());
    std::fs::remove_dir_all(folder).unwrap();

    // Whoever serves a database of the demo makes it their own.
    let centre = Centre::open().await;
    assert_eq!(contents(centre.db()).unwrap(), Contents::Foreign);
}

#[actix_web::test]
async fn two_programs_that_start_at_once_migrate_once() {
    let database = TestDatabase::create_empty();
    let url = database.url().to_owned();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || Db::open(&settings(&url)).map(|_| ()))
        })
        .collect();
    for start in starts {
        start.join().unwrap().unwrap();
    }
    assert!(examine(&open(&url), None, String::new()).unwrap().is_healthy());
}

#[actix_web::test]
async fn aud_01_every_change_leaves_one_event_and_a_refused_one_only_its_refusal() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let token = centre.invite(&provider, "a@b.example").await;
    let accept = format!("/v1/invitations/{token}/accept");
    for _ in 0..3 {
        reseller.post(&accept, json!({})).await.ok();
    }
    let events = centre.event_kinds();
    let count = |kind: &str| events.iter().filter(|found| *found == kind).count();
    assert_eq!(count("partnership_accepted"), 1, "{events:?}");
    assert_eq!(count("invitation_created"), 1);
    assert_eq!(count("enrollment_approved"), 1);
    assert_eq!(count("agreement_signed"), 2);
    let before = centre.event_kinds().len();
    provider.post(&accept, json!({})).await;
    provider.post("/v1/customers", json!({})).await;
    assert_eq!(centre.event_kinds()[before..], ["access_refused"]);
    assert!(PERMISSIONS.len() > 10);
}
