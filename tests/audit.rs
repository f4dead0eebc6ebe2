//! The trail: one event per change, refusals counted, and a chain in which every change is found.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use futures_util::future::join_all;
use partner_center::audit::{self, Mark, Sealer, Verification};
use partner_center::platform::error::Sure;
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Centre, PASSWORD, customer_body, nothing};

fn verify(centre: &Centre, since: Option<&Mark>) -> Verification {
    let keys = centre.app.parts().keys.clone();
    let verified: Sure<_> = centre.db().read_now(|read| Ok(audit::verify(read, &keys, since)?));
    verified.unwrap()
}

fn findings(centre: &Centre) -> Vec<String> {
    verify(centre, None).broken
}

fn is_sqlite(centre: &Centre) -> bool {
    centre.database().url().starts_with("sqlite")
}

/// A centre in which something happened, sealed.
async fn sealed() -> Centre {
    sealed_with_provider().await.0
}

async fn sealed_with_provider() -> (Centre, Actor) {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    centre.partner(&provider, &reseller).await;
    let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
    reseller.register(&customer.id, b"Manufacturer,Model,Serial Number\nA,B,S1\n").await;
    operator.get("/v1/customers").await;
    centre.advance(Duration::from_secs(120));
    centre.run_jobs().await;
    (centre, provider)
}

/// Everything as it was when the trail was saved.
const RESTORE: &str = "DELETE FROM events; INSERT INTO events SELECT * FROM saved; \
     DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM saved_head;";
const SAVE: &str = "CREATE TABLE saved AS SELECT * FROM events; CREATE TABLE saved_head AS SELECT * FROM audit_head;";
const FORGET: &str = "DROP TABLE saved; DROP TABLE saved_head;";

#[actix_web::test]
async fn aud_02_a_single_edit_of_any_column_of_any_sealed_event_is_found() {
    let centre = sealed().await;
    let database = centre.database();
    assert_eq!((findings(&centre), verify(&centre, None).unsealed), (Vec::new(), 0));
    database.break_with(SAVE);
    // From the schema, so that a new column that the seal does not cover fails here.
    let columns = match is_sqlite(&centre) {
        true => "SELECT name || ' ' || type AS name FROM pragma_table_info('events')",
        false => {
            "SELECT (column_name || ' ' || data_type)::text AS name FROM information_schema.columns \
             WHERE table_name = 'events'"
        }
    };
    let columns = database.texts(columns);
    assert!(columns.len() >= 17, "{columns:?}");
    let last = database.texts("SELECT CAST(max(sequence) AS text) AS name FROM events")[0].parse::<i64>().unwrap();
    // The first, some in the middle (a refusal among them), the last.
    let refused = database.texts("SELECT CAST(sequence AS text) AS name FROM events WHERE kind = 'access_refused'");
    for place in [1, 2, last / 2, refused[0].parse().unwrap(), last] {
        for column in &columns {
            let (column, of_type) = column.split_once(' ').unwrap();
            let others: &[&str] = match of_type {
                "TEXT" | "text" => &["'x'", "''"],
                "INTEGER" | "integer" | "bigint" => &["1000000", "-1", "NULL"],
                "timestamp with time zone" => &["'2001-01-01'", "NULL"],
                "uuid" => &["'00000000-0000-0000-0000-000000000001'", "NULL"],
                "BLOB" => &["x'00000000000000000000000000000001'", "NULL"],
                "bytea" => &["'\\x00'", "NULL"],
                other => panic!("a column of the new type {other}"),
            };
            let mandatory = matches!(
                column,
                "id" | "at" | "kind" | "subject_id" | "data" | "request_id" | "correlation_id" | "repeats"
            );
            for other in others.iter().filter(|other| !mandatory || **other != "NULL") {
                let changes = format!("sequence = {place} AND ({column} IS NULL) <> ({other} IS NULL)");
                let or = format!("sequence = {place} AND {column} <> {other}");
                let is_null = *other == "NULL";
                let rows = database.texts(&format!(
                    "SELECT 'x' AS name FROM events WHERE {}",
                    if is_null { changes.clone() } else { format!("({changes}) OR ({or})") }
                ));
                if rows.is_empty() {
                    continue;
                }
                database.break_with(&format!("UPDATE events SET {column} = {other} WHERE sequence = {place}"));
                let found = findings(&centre);
                let told = found.join("\n");
                if column == "sequence" {
                    let tail = format!("sequences {place} to {place} are missing at the end");
                    let gap = [format!("sequence {place} is missing"), format!("sequences {place} to ")];
                    let named = told.contains(&tail) || gap.iter().any(|gap| told.contains(gap.as_str()));
                    assert!(named, "{column} = {other} at {place}: {told}");
                } else {
                    assert_eq!(found.len(), 1, "{column} = {other} at {place}: {told}");
                    assert!(told.starts_with(&format!("sequence {place}, event ")), "{told}");
                }
                database.break_with(RESTORE);
            }
        }
    }
    assert_eq!(findings(&centre), Vec::<String>::new());
    database.break_with(FORGET);
}

#[actix_web::test]
async fn aud_02_deleting_inserting_swapping_and_cutting_the_tail_are_found() {
    let centre = sealed().await;
    let database = centre.database();
    database.break_with(SAVE);
    let last = verify(&centre, None).head.unwrap().sequence;
    let fresh_id = if is_sqlite(&centre) { "x'00000000000000000000000000000001'" } else { "gen_random_uuid()" };
    let copy = |place: &str| {
        format!(
            "INSERT INTO events (id, at, kind, subject_id, data, request_id, correlation_id, sequence, hash) \
             SELECT {fresh_id}, at, kind, subject_id, data, request_id, correlation_id, {place}, hash \
             FROM events WHERE sequence = 3"
        )
    };
    let swap = "UPDATE events SET sequence = -3 WHERE sequence = 3; UPDATE events SET sequence = 3 WHERE sequence = 4; \
                UPDATE events SET sequence = 4 WHERE sequence = -3";
    let replace = format!("DELETE FROM events WHERE sequence = 5; {}", copy("5"));
    let cut = format!("DELETE FROM events WHERE sequence > {}", last - 2);
    let cut_with_head = format!(
        "{cut}; UPDATE audit_head SET sequence = {0}, hash = (SELECT hash FROM events WHERE sequence = {0})",
        last - 2
    );
    let (after, before, missing) = (copy(&(last + 1).to_string()), copy("0"), last - 1);
    for (broken, expected) in [
        ("DELETE FROM events WHERE sequence = 3", vec!["sequence 3 is missing before event".to_owned()]),
        ("DELETE FROM events WHERE sequence IN (3, 4)", vec!["sequences 3 to 4 are missing".to_owned()]),
        ("DELETE FROM events WHERE sequence = 1", vec!["sequence 1 is missing".to_owned()]),
        (&after, vec![format!("sequence {}, event", last + 1), "come after the head".to_owned()]),
        (&before, vec!["the place 0, which was never given".to_owned()]),
        (&replace, vec!["sequence 5, event".to_owned(), "sequence 6, event".to_owned()]),
        (swap, vec!["sequence 3, event".to_owned(), "sequence 4, event".to_owned()]),
        (&cut, vec![format!("sequences {missing} to {last} are missing at the end: the tail was cut")]),
        (&cut_with_head, vec!["the head of the trail".to_owned()]),
        ("UPDATE audit_head SET sequence = sequence - 1", vec!["was not written by this service".to_owned()]),
        ("DELETE FROM audit_head", vec!["the head of the trail is missing".to_owned()]),
    ] {
        database.break_with(broken);
        let found = findings(&centre);
        assert_eq!(found.len(), expected.len(), "{broken}: {found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.contains(expected.as_str()), "{broken}: {found}");
        }
        database.break_with(RESTORE);
    }
    assert_eq!(findings(&centre), Vec::<String>::new());
    database.break_with(FORGET);
}

#[actix_web::test]
async fn aud_02_a_head_written_down_proves_that_nothing_up_to_it_was_replaced() {
    let (centre, provider) = sealed_with_provider().await;
    let earlier = verify(&centre, None).head.unwrap();
    provider.post("/v1/relationships/invitations", json!({ "email": "a@b.example" })).await.ok();
    assert_eq!(verify(&centre, Some(&earlier)).unsealed, 1);
    centre.run_jobs().await;
    let verified = verify(&centre, Some(&earlier));
    assert_eq!((verified.broken, verified.unsealed), (Vec::new(), 0));
    let later = verified.head.unwrap();
    assert_eq!(later.sequence, earlier.sequence + 1);
    let other = Mark { hash: later.hash.clone(), ..earlier.clone() };
    let told = verify(&centre, Some(&other)).broken.join("\n");
    assert!(told.contains(&format!("{other}, is not part of this trail")), "{told}");
    // Whoever takes everything away, and lets the service begin anew, is found by the head alone.
    centre.database().break_with("DELETE FROM events; DELETE FROM audit_head");
    centre.run_jobs().await;
    assert_eq!(findings(&centre), Vec::<String>::new());
    assert!(!verify(&centre, Some(&later)).broken.is_empty());
}

#[actix_web::test]
async fn aud_02_the_sealer_does_not_seal_on_after_a_head_that_it_did_not_write() {
    let (centre, provider) = sealed_with_provider().await;
    for broken in ["UPDATE audit_head SET sequence = sequence + 1", "DELETE FROM audit_head"] {
        centre.database().break_with(SAVE);
        centre.database().break_with(broken);
        let invited = json!({ "email": format!("{}@b.example", uuid::Uuid::now_v7()) });
        provider.post("/v1/relationships/invitations", invited).await.ok();
        assert_eq!(centre.app.sealer().seal_now().await.unwrap(), 0);
        let verified = verify(&centre, None);
        assert!(!verified.broken.is_empty() && verified.unsealed > 0, "{verified:?}");
        centre.database().break_with("DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM saved_head;");
        centre.database().break_with(FORGET);
        assert!(centre.app.sealer().seal_now().await.unwrap() > 0);
    }
}

#[actix_web::test]
async fn aud_02_sealers_side_by_side_do_not_fork_the_chain() {
    const EVENTS: usize = 1_200;
    let centre = sealed().await;
    let before = verify(&centre, None).head.unwrap().sequence;
    let fresh = if is_sqlite(&centre) { "randomblob(16)" } else { "gen_random_uuid()" };
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)";
    centre.database().break_with(&format!(
        "{numbers} INSERT INTO events (id, at, kind, subject_id, data, request_id, correlation_id) \
         SELECT {fresh}, first.at, 'invitation_created', first.subject_id, '{{}}', first.request_id, first.correlation_id \
         FROM n, (SELECT * FROM events WHERE sequence = 1) AS first"
    ));
    let sealers: Vec<Sealer> = (0..6).map(|_| Sealer::new(centre.app.parts())).collect();
    let rounds = sealers.iter().chain(&sealers).chain([centre.app.sealer()]);
    let sealed: usize = join_all(rounds.map(Sealer::seal_now)).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(sealed, EVENTS);
    let verified = verify(&centre, None);
    assert_eq!(verified.broken, Vec::<String>::new());
    assert_eq!(verified.head.unwrap().sequence, before + 1_200);
    // Whoever holds the lease keeps it until it ends; the harness seals with another.
    centre.database().break_with("UPDATE audit_head SET lease_id = NULL, leased_until = NULL");
}

#[actix_web::test]
async fn i6_the_doctor_walks_the_chain() {
    let centre = sealed().await;
    let keys = centre.app.parts().keys.clone();
    let diagnosis = || partner_center::commands::examine(centre.db(), Some(&keys), String::new()).unwrap().to_string();
    assert!(diagnosis().contains("every invariant holds"));
    let edit = |by: i32| format!("UPDATE events SET repeats = repeats + {by} WHERE sequence = 4");
    centre.database().break_with(&edit(1));
    assert!(diagnosis().contains("I6: sequence 4, event "), "{}", diagnosis());
    centre.database().break_with(&edit(-1));
}

/// The events since the last look.
struct Ledger {
    seen: usize,
}

impl Ledger {
    #[track_caller]
    fn expect(&mut self, centre: &Centre, answer: &Answer, expected: &[&str]) {
        let kinds = centre.event_kinds();
        assert_eq!(kinds[self.seen..], *expected, "HTTP {}: {}", answer.status, answer.text);
        self.seen = kinds.len();
    }
}

#[actix_web::test]
async fn aud_01_every_write_leaves_exactly_one_event_and_its_repeat_none() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
    let provider = centre.provider(&operator, "northwind").await;
    let mut ledger = Ledger { seen: centre.event_kinds().len() };
    let post = async |ledger: &mut Ledger, actor: &Actor, path: &str, body: Value, first: &str, again: &[&str]| {
        let answer = actor.post(path, body.clone()).await;
        ledger.expect(&centre, &answer, &[first]);
        let repeated = actor.post(path, body).await;
        ledger.expect(&centre, &repeated, again);
        answer.ok()
    };
    let agreement = json!({ "version": "2", "title": "MPA", "documentUrl": "https://partners.test/mpa2" });
    post(&mut ledger, &operator, "/v1/agreements/mpa/versions", agreement, "agreement_published", &[]).await;
    for actor in [&provider, &reseller] {
        post(&mut ledger, actor, "/v1/agreements/mpa/signatures", nothing(), "agreement_signed", &[]).await;
    }
    let listed = json!({
        "name": "Proseware", "country": "SE", "domain": "proseware.example", "contactEmail": "a@proseware.example",
        "description": "Licences", "mpnId": "7001", "admin": { "email": "a@proseware.example", "displayName": "A" },
    });
    post(&mut ledger, &operator, "/v1/indirectproviders", listed, "provider_listed", &[]).await;
    centre.run_jobs().await;
    let code = centre.token_mailed_to("a@proseware.example", "act_");
    let activation = json!({ "code": code, "password": PASSWORD });
    let answer = centre.post("/v1/accounts/activation", activation.clone()).await;
    ledger.expect(&centre, &answer, &["account_activated"]);
    let again = centre.post("/v1/accounts/activation", activation).await;
    ledger.expect(&centre, &again, &[]);
    for (name, decision, body, kind) in [
        ("adatum", "approve", nothing(), "enrollment_approved"),
        ("relecloud", "reject", json!({ "reason": "Unknown" }), "enrollment_rejected"),
    ] {
        let enrolled = centre.enroll(name, if name == "adatum" { "6002234" } else { "6003234" }).await;
        ledger.expect(&centre, &enrolled, &["enrollment_submitted"]);
        let path = format!("/v1/enrollments/{}/{decision}", enrolled.ok()["id"].as_str().unwrap());
        post(&mut ledger, &operator, &path, body, kind, &[]).await;
    }
    let invitations = "/v1/relationships/invitations";
    for (email, answered, kind) in
        [("a@b.example", "decline", "invitation_declined"), ("c@b.example", "accept", "partnership_accepted")]
    {
        post(&mut ledger, &provider, invitations, json!({ "email": email }), "invitation_created", &[]).await;
        centre.run_jobs().await;
        let path = format!("/v1/invitations/{}/{answered}", centre.token_mailed_to(email, "inv_"));
        post(&mut ledger, &reseller, &path, nothing(), kind, &[]).await;
    }
    let revoked = json!({ "email": "d@b.example", "send": false });
    let made = post(&mut ledger, &provider, invitations, revoked, "invitation_created", &[]).await;
    let path = format!("{invitations}/{}", made["id"].as_str().unwrap());
    for expected in [&["invitation_revoked"][..], &[]] {
        let answer = provider.delete(&path).await;
        ledger.expect(&centre, &answer, expected);
    }
    let body = customer_body("fabrikam", Some(&reseller.id));
    let created = post(&mut ledger, &provider, "/v1/customers", body, "customer_created", &[]).await;
    let customer = created["id"].as_str().unwrap();
    let first = json!({
        "userName": "admin@fabrikam.onmicrosoft.com", "newPassword": PASSWORD,
        "temporaryPassword": created["userCredentials"]["password"],
    });
    let answer = centre.post("/v1/accounts/password", first.clone()).await;
    ledger.expect(&centre, &answer, &["temporary_password_changed"]);
    let admin = centre.sign_in(customer, answer.ok()["refreshToken"].as_str().unwrap()).await;
    let again = centre.post("/v1/accounts/password", first).await;
    ledger.expect(&centre, &again, &[]);
    let application = json!({ "name": "Script", "roles": ["sales_agent"] });
    let registered = "application_registered";
    post(&mut ledger, &provider, "/v1/applications", application, registered, &[registered]).await;
    let csv = b"Manufacturer,Model,Serial Number\nA,B,S1\n";
    let answer = operator.upload("/v1/devicedirectory/manifests", csv, &[]).await;
    ledger.expect(&centre, &answer, &["directory_imported"]);
    let answer = reseller.upload(&format!("/v1/customers/{customer}/deviceRegistrations"), csv, &[]).await;
    ledger.expect(&centre, &answer, &["devices_submitted"]);
    centre.run_jobs().await;
    ledger.expect(&centre, &answer, &["directory_loaded", "devices_settled"]);
    let devices = format!("/v1/customers/{customer}/devices");
    let device = reseller.get(&devices).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    for expected in [&["device_released"][..], &[]] {
        let answer = reseller.delete(&format!("{devices}/{device}")).await;
        ledger.expect(&centre, &answer, expected);
    }
    for expected in [&["administration_ended"][..], &[]] {
        let answer = admin.delete(&format!("/v1/customers/{customer}/administrators/{}", reseller.id)).await;
        ledger.expect(&centre, &answer, expected);
    }
    let removal = format!("/v1/relationships/{}/removal", reseller.id);
    post(&mut ledger, &provider, &removal, json!({ "attestation": true }), "partnership_removed", &[]).await;
}

/// The refusals in the trail, with their counts.
fn refusals(centre: &Centre) -> Vec<String> {
    centre.database().texts(
        "SELECT CAST(repeats AS text) || ' ' || data AS name FROM events WHERE kind = 'access_refused' ORDER BY id",
    )
}

#[actix_web::test]
async fn aud_01_a_hundred_refusals_in_one_minute_are_one_event_with_their_count() {
    const CALLS: usize = 100;
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let stranger = uuid::Uuid::now_v7();
    let path = format!("/v1/customers/{stranger}/devices");
    for _ in 0..CALLS {
        assert_eq!(provider.get(&path).await.refusal(), "404 relationshipMissing");
    }
    let counted = refusals(&centre);
    assert_eq!(counted.len(), 1, "{counted:?}");
    assert!(counted[0].starts_with("100 "), "{counted:?}");
    let data: Value = serde_json::from_str(&counted[0][4..]).unwrap();
    assert_eq!(data["operation"], "GET /v1/customers/{customer}/devices");
    assert_eq!(data["object"], format!("customer={stranger}"));
    assert_eq!(data["refusal"], "relationshipMissing");
    // Side by side, another object, and a write, whose body is not even read.
    let other = format!("/v1/customers/{}/devices", uuid::Uuid::now_v7());
    let calls = (0..CALLS).map(|_| provider.get(&other));
    assert!(join_all(calls).await.iter().all(|answer| answer.status == 404));
    let writes = (0..CALLS).map(|_| provider.post("/v1/devicedirectory/manifests", nothing()));
    assert!(join_all(writes).await.iter().all(|answer| answer.refusal() == "403 wrongOrganisation"));
    let counted = refusals(&centre);
    assert_eq!(counted.len(), 3, "{counted:?}");
    assert!(counted.iter().all(|line| line.starts_with("100 ")), "{counted:?}");
    // The minute is not over: nothing of it is sealed. A new one begins a new event.
    centre.run_jobs().await;
    assert_eq!(verify(&centre, None).unsealed, 3);
    centre.advance(Duration::from_secs(60));
    provider.get(&path).await;
    centre.run_jobs().await;
    assert_eq!(verify(&centre, None).unsealed, 1);
    assert_eq!(refusals(&centre).len(), 4);
}

#[actix_web::test]
async fn aud_01_a_refusal_that_comes_after_its_minute_was_sealed_is_not_lost() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    operator.get("/v1/customers").await;
    // Another copy, whose clock is ahead, seals the minute.
    centre.database().break_with("UPDATE events SET seal_from = NULL WHERE kind = 'access_refused'");
    centre.run_jobs().await;
    assert_eq!(verify(&centre, None).unsealed, 0);
    for _ in 0..3 {
        operator.get("/v1/customers").await;
    }
    let counted: Vec<String> = refusals(&centre).iter().map(|line| line[..2].to_owned()).collect();
    assert_eq!(counted, ["1 ", "3 "]);
}

#[actix_web::test]
async fn what_is_no_refusal_of_a_signed_in_caller_leaves_no_event_and_no_token_is_kept() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let before = centre.event_kinds().len();
    centre.get("/v1/customers").await;
    let mut forged = provider.clone();
    forged.token.push('x');
    assert_eq!(forged.get("/v1/customers").await.status, 401);
    provider.post("/v1/customers", nothing()).await;
    provider.get("/v1/unknown").await;
    assert_eq!(centre.event_kinds().len(), before);
    let token = centre.invite(&provider, "a@b.example").await;
    assert_eq!(provider.post(&format!("/v1/invitations/{token}/accept"), nothing()).await.status, 403);
    assert!(refusals(&centre)[0].contains("token=…"), "{:?}", refusals(&centre));
    assert!(!centre.database().holds(&token));
}

#[actix_web::test]
async fn a_trail_that_cannot_be_written_does_not_change_the_answer() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    centre.database().break_with("ALTER TABLE events RENAME TO hidden");
    assert_eq!(operator.get("/v1/customers").await.refusal(), "403 wrongOrganisation");
    centre.database().break_with("ALTER TABLE hidden RENAME TO events");
}

#[actix_web::test]
async fn aud_02_a_refusal_counted_while_its_minute_is_sealed_breaks_no_seal_and_is_not_lost() {
    const ROUNDS: usize = 10;
    const CALLS: usize = 40;
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let sealer = centre.app.sealer();
    for _ in 0..ROUNDS {
        let calls = join_all((0..CALLS).map(|_| operator.get("/v1/customers")));
        let over = async {
            centre.advance(Duration::from_secs(60));
            for _ in 0..5 {
                sealer.seal_now().await.unwrap();
            }
        };
        futures_util::future::join(calls, over).await;
        sealer.seal_now().await.unwrap();
        assert_eq!(findings(&centre), Vec::<String>::new());
    }
    let count = |line: &String| line.split(' ').next().unwrap().parse::<usize>().unwrap();
    let counted: usize = refusals(&centre).iter().map(count).sum();
    assert_eq!(counted, ROUNDS * CALLS);
}

#[actix_web::test]
async fn aud_02_a_count_that_rises_between_reading_and_sealing_is_sealed_as_it_is_then() {
    let centre = Centre::open().await;
    if is_sqlite(&centre) {
        // One writer at a time: there is no between.
        return;
    }
    centre.operator().await.get("/v1/customers").await;
    centre.advance(Duration::from_secs(60));
    let mut other = PgConnection::establish(centre.database().url()).unwrap();
    let count = "UPDATE events SET repeats = repeats + 1 WHERE kind = 'access_refused'";
    other.batch_execute(&format!("BEGIN; {count}")).unwrap();
    let sealing = centre.app.sealer().seal_now();
    let counting = async {
        let waiting = "SELECT 'x' AS name FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while centre.database().texts(waiting).is_empty() {
            tokio::task::yield_now().await;
        }
        other.batch_execute("COMMIT").unwrap();
    };
    let (sealed, ()) = futures_util::future::join(sealing, counting).await;
    assert!(sealed.unwrap() > 0);
    assert!(refusals(&centre)[0].starts_with("2 "));
    let verified = verify(&centre, None);
    assert_eq!((verified.broken, verified.unsealed), (Vec::new(), 0));
}
