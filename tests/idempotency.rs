//! Writes that are sent twice.

use partner_center::platform::clock::days;
use serde_json::{Value, json};

use crate::harness::{Actor, Answer, Centre, customer_body};

const INVITATIONS: &str = "/v1/relationships/invitations";

async fn provider(centre: &Centre) -> Actor {
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await
}

async fn named(actor: &Actor, path: &str, name: &str, body: &Value) -> Answer {
    actor.with("POST", path, &[("ms-requestid", name)], body.clone()).await
}

fn fresh() -> String {
    uuid::Uuid::now_v7().to_string()
}

#[actix_web::test]
async fn sub_02_a_repeated_write_gets_the_first_answer_and_another_body_is_refused() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let (id, body) = (fresh(), customer_body("fabrikam", None));
    let first = named(&provider, "/v1/customers", &id, &body).await;
    let second = named(&provider, "/v1/customers", &id, &body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body["id"], second.body["id"]);
    assert_eq!(centre.database().texts("SELECT kind AS name FROM events WHERE kind = 'customer_created'").len(), 1);
    let other = customer_body("tailspin", None);
    assert_eq!(named(&provider, "/v1/customers", &id, &other).await.refusal(), "409 requestIdReused");
    // The same name on another path, or of another caller, is another call.
    let colleague = provider.colleague("sam@northwind.example", &["sales_agent"]).await;
    assert_eq!(named(&colleague, "/v1/customers", &id, &other).await.status, 201);
    let user = json!({ "email": "al@northwind.example", "displayName": "Al", "roles": ["admin_agent"] });
    assert_eq!(named(&provider, "/v1/users", &id, &user).await.status, 201);
    let bo = json!({ "email": "bo@northwind.example", "displayName": "Bo", "roles": ["admin_agent"] });
    assert_eq!(named(&provider, "/v1/users", &id, &bo).await.refusal(), "422 idempotencyKeyReused");
    // Idempotency-Key is the same thing under another name, and any text.
    for _ in 0..2 {
        let made = provider.with("POST", "/v1/users", &[("idempotency-key", "bo, please")], bo.clone()).await;
        assert_eq!(made.status, 201);
    }
}

#[actix_web::test]
async fn sub_02_what_was_refused_can_be_sent_again_and_after_a_day_a_name_is_free() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let id = fresh();
    let wrong = json!({ "email": "nobody" });
    assert_eq!(named(&provider, INVITATIONS, &id, &wrong).await.status, 400);
    let right = json!({ "email": "a@b.example" });
    assert_eq!(named(&provider, INVITATIONS, &id, &right).await.status, 201);
    centre.advance(days(1));
    let provider = provider.sign_in_again().await;
    let other = json!({ "email": "c@d.example" });
    assert_eq!(named(&provider, INVITATIONS, &id, &other).await.status, 201);
}

#[actix_web::test]
async fn sub_02_64_parallel_sendings_have_one_effect() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let (id, body) = (fresh(), json!({ "name": "Nightly", "roles": ["admin_agent"] }));
    let calls = (0..64).map(|_| named(&provider, "/v1/applications", &id, &body));
    let answers = futures_util::future::join_all(calls).await;
    for answer in &answers {
        let waits = answer.refusal() == "409 requestInFlight" && answer.header("retry-after") == "1";
        assert!(answer.status == 201 || waits, "{}", answer.text);
    }
    assert_eq!(answers.iter().filter(|answer| answer.text.contains("pcs_")).count(), 1, "one answer holds the secret");
    assert_eq!(provider.get("/v1/applications").await.ok()["totalCount"], 1);
}

#[actix_web::test]
async fn tmp_04_a_repeat_gives_the_resource_but_never_the_password_again() {
    let centre = Centre::open().await;
    let provider = provider(&centre).await;
    let (id, body) = (fresh(), customer_body("fabrikam", None));
    let first = named(&provider, "/v1/customers", &id, &body).await.ok();
    let password = first["userCredentials"]["password"].as_str().unwrap().to_owned();
    let second = named(&provider, "/v1/customers", &id, &body).await;
    assert!(!second.text.contains(&password));
    assert_eq!(second.body["secretAvailable"], false);
    assert_eq!(second.body["userCredentials"]["userName"], "admin");
    assert!(!centre.database().holds(&password), "the password is nowhere in the database");
}
