//! TLS is required, certificates are verified, and there is no other way.

use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::program::Program;
use super::server::{Entry, MailServer, Options};
use super::{SECRET, USER, centre_with};
use crate::harness::Centre;

/// What clients said, in order.
pub fn lines(server: &MailServer) -> Vec<String> {
    let line = |entry| if let Entry::Said(_, line) = entry { Some(line) } else { None };
    server.entries().into_iter().filter_map(line).collect()
}

async fn try_to_send(server: &MailServer, security: &str) -> String {
    let section = json!({
        "host": "127.0.0.1", "port": server.port, "security": security, "username": USER, "password": SECRET,
    });
    let centre: Centre = centre_with(server, |mail| mail.smtp = Some(serde_json::from_value(section).unwrap())).await;
    centre.enroll("norrsken", "6001234").await.ok();
    centre.run_jobs().await;
    server.wait_until(|entries| entries.iter().any(|entry| matches!(entry, Entry::Closed(_))));
    centre.database().texts("SELECT state || ': ' || last_error AS name FROM jobs ORDER BY id").remove(0)
}

fn assert_nothing_was_given_away(server: &MailServer, allowed: &[&str]) {
    let said = lines(server);
    let verbs: Vec<&str> = said.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert!(verbs.iter().all(|verb| allowed.contains(verb)), "{said:?}");
    assert!(server.mails().is_empty());
    let journal = format!("{:?}", server.entries());
    let encoded = STANDARD.encode(format!("\0{USER}\0{SECRET}"));
    assert!(!journal.contains(SECRET) && !journal.contains(&encoded) && !journal.contains(&STANDARD.encode(SECRET)));
}

#[actix_web::test]
async fn mail_6_a_certificate_that_nobody_vouches_for_gets_no_password_and_no_mail() {
    for (security, allowed) in [("starttls", &["EHLO", "STARTTLS"][..]), ("tls", &[])] {
        let certificate = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let tls = Some((certificate.cert.pem(), certificate.signing_key.serialize_pem()));
        let server = MailServer::start_with(Options { tls, wrapped: security == "tls", ..Options::default() });
        let told = try_to_send(&server, security).await;
        assert!(told.starts_with("waiting: the connection: ") && told.contains("certificate"), "{security}: {told}");
        assert_nothing_was_given_away(&server, allowed);
    }
}

#[actix_web::test]
async fn mail_6_a_server_without_tls_gets_no_password_and_no_mail() {
    for (security, allowed) in [("starttls", &["EHLO", "QUIT"][..]), ("tls", &[])] {
        let server = MailServer::start();
        // Ends a conversation in which each side waits for the other to begin.
        server.behave(if security == "tls" { "greets-554" } else { "well" });
        let told = try_to_send(&server, security).await;
        assert!(told.starts_with("waiting: the connection: "), "{security}: {told}");
        assert_nothing_was_given_away(&server, allowed);
    }
}

#[test]
fn mail_6_with_a_certificate_that_is_trusted_mail_goes_out_and_nothing_is_said_before_tls() {
    for (security, host, arrives) in [
        ("starttls", "localhost", true),
        ("tls", "localhost", true),
        ("starttls", "127.0.0.1", false),
        ("tls", "127.0.0.1", false),
    ] {
        let certificate = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let pem = certificate.cert.pem();
        let tls = Some((pem.clone(), certificate.signing_key.serialize_pem()));
        let server = MailServer::start_with(Options { tls, wrapped: security == "tls", ..Options::default() });
        let mut program = Program::new(&server);
        let trusted = program.folder.join("trusted.pem");
        std::fs::write(&trusted, pem).unwrap();
        let made =
            program.command(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"]).output();
        assert!(made.unwrap().status.success());
        let mut serve = program.command(&["serve"]);
        serve
            .env("SSL_CERT_FILE", &trusted)
            .env("PARTNER_CENTER__MAIL__SMTP__HOST", host)
            .env("PARTNER_CENTER__MAIL__SMTP__SECURITY", security);
        program.child = Some(serve.stdout(Stdio::null()).spawn().unwrap());
        if arrives {
            server.token_mailed_to("olga@operator.example", "act_");
        } else {
            server.wait_until(|entries| entries.iter().any(|entry| matches!(entry, Entry::Closed(_))));
        }
        let said: Vec<String> = lines(&server);
        let verbs: Vec<&str> = said.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        let begin = if security == "tls" { &[][..] } else { &["EHLO", "STARTTLS"][..] };
        let rest = if arrives { &["EHLO", "AUTH", "MAIL", "RCPT", "DATA"][..] } else { &[][..] };
        let expected = [begin, rest].concat();
        assert_eq!(verbs[..expected.len()], expected, "{security} to {host}");
        assert!(arrives || verbs.len() == expected.len(), "{security} to {host}: {verbs:?}");
    }
}
