//! Mails: wanted in the transaction, rendered when sent, the same bytes every time.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::Duration;

use partner_center::platform::clock::days;
use serde_json::json;

use crate::harness::{Centre, mail_files, nothing};

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
async fn mail_3_no_link_and_no_code_is_in_the_database() {
    let centre = Centre::open().await;
    let operator = centre.operator().await;
    let provider = centre.provider(&operator, "northwind").await;
    let invitation = centre.invite(&provider, "a@b.example").await;
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
    // A port that nobody listens on: bound once to know that it is free.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let centre = Centre::open_with(|settings| settings.mail.smtp = smtp(port)).await;
    let operator = centre.operator().await;
    let enrolled = centre.enroll("norrsken", "6001234").await.ok();
    centre.run_jobs().await;
    let approve = format!("/v1/enrollments/{}/approve", enrolled["id"].as_str().unwrap());
    assert_eq!(operator.post(&approve, nothing()).await.status, 200);

    let server = SmtpServer::start(port);
    centre.advance(Duration::from_secs(120));
    centre.run_jobs().await;
    let received = server.received();
    assert_eq!(received.iter().filter(|mail| mail.contains("act_")).count(), 1, "{received:?}");
    assert_eq!(received.iter().filter(|mail| mail.contains("is approved")).count(), 1);
}

#[actix_web::test]
async fn mail_4_a_permanent_refusal_is_shown_at_the_invitation() {
    let server = SmtpServer::start_refusing("refused@b.example");
    let port = server.port;
    let centre = Centre::open_with(|settings| settings.mail.smtp = smtp(port)).await;
    let operator = centre.operator().await;
    let body = json!({
        "name": "northwind", "country": "SE", "domain": "northwind.example", "contactEmail": "a@northwind.example",
        "description": "d", "mpnId": "1", "admin": { "email": "a@northwind.example", "displayName": "A" },
    });
    operator.post("/v1/indirectproviders", body).await.ok();
    centre.run_jobs().await;
    let code = server.token("act_");
    let signed_in = json!({ "code": code, "password": crate::harness::PASSWORD });
    let signed_in = centre.post("/v1/accounts/activation", signed_in).await.ok();
    let provider =
        centre.sign_in(signed_in["tenantId"].as_str().unwrap(), signed_in["refreshToken"].as_str().unwrap()).await;
    let made = provider.post("/v1/relationships/invitations", json!({ "email": "refused@b.example" })).await.ok();
    centre.run_jobs().await;
    let path = format!("/v1/relationships/invitations/{}", made["id"].as_str().unwrap());
    let shown = provider.get(&path).await.ok();
    assert_eq!(shown["timeline"][1]["what"], "bounced");
    assert!(shown["timeline"][1]["detail"].as_str().unwrap().contains("no such mailbox"), "{shown}");
}

fn smtp(port: u16) -> Option<partner_center::config::SmtpSection> {
    let section = json!({ "host": "127.0.0.1", "port": port, "security": "none" });
    Some(serde_json::from_value(section).unwrap())
}

/// A mail server of a few lines, on loopback.
struct SmtpServer {
    port: u16,
    mails: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl SmtpServer {
    fn start(port: u16) -> Self {
        Self::serve(TcpListener::bind(("127.0.0.1", port)).unwrap(), None)
    }

    fn start_refusing(recipient: &'static str) -> Self {
        Self::serve(TcpListener::bind("127.0.0.1:0").unwrap(), Some(recipient))
    }

    fn serve(listener: TcpListener, refused: Option<&'static str>) -> Self {
        let port = listener.local_addr().unwrap().port();
        let mails = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let kept = mails.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), kept) = (stream, kept.clone()) else { return };
                std::thread::spawn(move || converse(stream, refused, &kept));
            }
        });
        Self { port, mails }
    }

    fn received(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    fn token(&self, prefix: &str) -> String {
        let mails = self.received();
        let mail = mails.iter().find(|mail| mail.contains(prefix)).expect("a mail with a token");
        let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
        mail[mail.find(prefix).unwrap()..].chars().take_while(is_token).collect()
    }
}

fn converse(stream: std::net::TcpStream, refused: Option<&str>, mails: &std::sync::Mutex<Vec<String>>) {
    let mut out = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut say = move |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).is_ok();
    say("220 test");
    while let Some(Ok(line)) = lines.next() {
        let command = line.to_ascii_uppercase();
        let answer = if command.starts_with("EHLO") {
            "250-test\r\n250 8BITMIME"
        } else if command.starts_with("RCPT") && refused.is_some_and(|refused| line.contains(refused)) {
            "550 5.1.1 no such mailbox"
        } else if command.starts_with("DATA") {
            say("354 go on");
            let mail: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            mails.lock().unwrap().push(mail.join("\r\n").replace("=\r\n", ""));
            "250 taken"
        } else if command.starts_with("QUIT") {
            say("221 bye");
            return;
        } else {
            "250 ok"
        };
        if !say(answer) {
            return;
        }
    }
}
