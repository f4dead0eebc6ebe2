//! Mails: wanted in the transaction, rendered when sent, the same bytes every time.

mod drafts;
mod outages;
mod outcomes;
mod program;
mod protection;
mod server;

use std::time::Duration;

use partner_center::config::MailSettings;
use partner_center::platform::clock::days;
use partner_center::platform::error::Sure;
use partner_center::platform::jobs::of_subjects;
use partner_center::platform::mail::mail_kind;
use serde_json::{Value, json};

use crate::harness::{Actor, Centre, PASSWORD, mail_files, nothing};
use server::{Entry, MailServer, Options, Received};

#[actix_web::test]
async fn mail_2_a_repeated_sending_has_the_same_bytes() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    centre.provider(&operator, "northwind").await;
    let file = mail_files(&centre.mail_folder()).pop().unwrap();
    let first = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    // The worker died between sending and saying so.
    centre.database().break_with("UPDATE jobs SET state = 'waiting', finished_at = NULL");
    centre.advance(Duration::from_secs(3600));
    let before = centre.clock.now();
    centre.run_jobs().await;
    assert!(before > crate::harness::START);
    // An activated account's code is not mailed again: the mail is dropped, not repeated.
    assert!(mail_files(&centre.mail_folder()).is_empty());

    let provider = centre.provider(&operator, "trey").await;
    centre.invite(&provider, "a@b.example").await;
    let sent = centre.mails_to("a@b.example");
    centre.database().break_with("UPDATE jobs SET state = 'waiting', finished_at = NULL");
    centre.advance(Duration::from_secs(3600));
    centre.run_jobs().await;
    assert_eq!(centre.mails_to("a@b.example"), sent);
    assert!(!first.is_empty());
}

#[actix_web::test]
async fn mail_3_no_link_and_no_code_is_in_the_database_while_mails_wait_or_after() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let waiting = invite(&provider, "waiting@b.example").await;
    let token = waiting["link"].as_str().unwrap().rsplit('/').next().unwrap();
    assert!(token.starts_with("inv_") && !centre.database().holds(&token[4..]), "in the outbox");
    let invitation = centre.invite(&provider, "a@b.example").await;
    assert!(!centre.database().holds(&token[4..]), "after it went");
    let code = centre.token_mailed_to("admin@northwind.example", "act_");
    assert!(!centre.database().holds(&invitation[4..]));
    assert!(!centre.database().holds(&code[4..]));
    assert!(!centre.database().holds(&provider.refresh_token));
    assert!(centre.database().holds("a@b.example"), "the search itself must see");
}

#[actix_web::test]
async fn mail_7_what_was_revoked_or_has_expired_while_waiting_is_not_mailed_late() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let invite = |email: &'static str| provider.post("/v1/relationships/invitations", json!({ "email": email }));
    let revoked = invite("revoked@b.example").await.ok();
    invite("expired@b.example").await.ok();
    provider.delete(&format!("/v1/relationships/invitations/{}", revoked["id"].as_str().unwrap())).await;
    centre.advance(days(30));
    centre.run_jobs().await;
    assert!(centre.mails_to("revoked@b.example").is_empty());
    assert!(centre.mails_to("expired@b.example").is_empty());
}

#[actix_web::test]
async fn mail_1_an_unreachable_server_delays_the_mail_and_nothing_else() {
    let mut server = MailServer::stopped(Options::default());
    let centre = centre_with(&server, |_| {}).await;
    let operator = centre.operator().await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    centre.run_jobs().await;
    let approve = format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap());
    assert_eq!(operator.post(&approve, nothing()).await.status, 200);

    server.start_again();
    centre.advance(Duration::from_secs(120));
    centre.run_jobs().await;
    let received: Vec<String> = server.mails().iter().map(Received::text).collect();
    assert_eq!(received.iter().filter(|mail| mail.contains("act_")).count(), 1, "{received:?}");
    assert_eq!(received.iter().filter(|mail| mail.contains("is approved")).count(), 1);
    // Servers across a network ask for the name of who calls.
    let hello = |entry: &Entry| matches!(entry, Entry::Said(_, line) if line == "EHLO partners.test");
    assert!(server.entries().iter().any(hello), "{:?}", server.entries());
}

#[actix_web::test]
async fn mail_4_a_permanent_refusal_is_shown_at_the_invitation() {
    let server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "northwind").await;
    let made = invite(&provider, "rcpt-550.anna@b.example").await;
    centre.run_jobs().await;
    let kind = mail_kind("mail_invitation");
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let standing: Sure<_> = centre.db().read(move |read| Ok(of_subjects(read, kind, &[id])?)).await;
    assert!(standing.unwrap()[0].was_refused(kind), "given up by the server, not by us");
    let path = format!("/v1/relationships/invitations/{}", made["id"].as_str().unwrap());
    let shown = provider.get(&path).await.ok();
    assert_eq!(shown["timeline"][1]["what"], "bounced", "{shown}");
    assert!(shown["timeline"][1]["detail"].as_str().unwrap().contains("no such mailbox"), "{shown}");
}

/// What the centre signs in to the mail server with.
const USER: &str = "postman";
const SECRET: &str = "canary-of-the-postman";

/// A centre that sends its mail to `server`, with more patience than a busy machine needs and at any rate.
async fn centre_with(server: &MailServer, change: impl FnOnce(&mut MailSettings)) -> Centre {
    let section =
        json!({ "host": "127.0.0.1", "port": server.port, "security": "none", "username": USER, "password": SECRET });
    Centre::open_with(|settings| {
        settings.mail.smtp = Some(serde_json::from_value(section).unwrap());
        settings.mail.per_second = 1000;
        change(&mut settings.mail);
    })
    .await
}

/// A provider that is known by mail, activated by it.
async fn provider(centre: &Centre, server: &MailServer, name: &str) -> Actor {
    operator_and_provider(centre, server, name).await.1
}

async fn operator_and_provider(centre: &Centre, server: &MailServer, name: &str) -> (Actor, Actor) {
    let operator = centre.operator().await;
    let body = json!({
        "name": name, "country": "SE", "domain": "northwind.example", "contactEmail": "a@northwind.example",
        "description": "d", "mpnId": "1", "admin": { "email": "a@northwind.example", "displayName": "A" },
    });
    operator.post("/v1/indirectproviders", body).await.ok();
    centre.run_jobs().await;
    let code = server.token_mailed_to("a@northwind.example", "act_");
    let signed_in = json!({ "code": code, "password": PASSWORD });
    let signed_in = centre.post("/v1/accounts/activation", signed_in).await.ok();
    let (tenant, token) = (signed_in["tenantId"].as_str().unwrap(), signed_in["refreshToken"].as_str().unwrap());
    (operator, centre.sign_in(tenant, token).await)
}

async fn invite(provider: &Actor, email: &str) -> Value {
    provider.post("/v1/relationships/invitations", json!({ "email": email })).await.ok()
}

/// Where the invitations' jobs stand, oldest first: state, attempts, and what went wrong last.
fn invitations(centre: &Centre) -> Vec<(String, u32, String)> {
    let query = "SELECT state || '|' || attempts || '|' || coalesce(last_error, '') AS name FROM jobs \
                 WHERE kind = 'mail_invitation' ORDER BY id";
    let read = |row: String| {
        let mut parts = row.splitn(3, '|').map(str::to_owned);
        let mut part = || parts.next().unwrap();
        (part(), part().parse().unwrap(), part())
    };
    centre.database().texts(query).into_iter().map(read).collect()
}
