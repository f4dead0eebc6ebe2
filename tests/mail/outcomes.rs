//! What becomes of a mail, for each way in which a mail server can misbehave.

use std::time::Duration;

use super::server::MailServer;
use super::{centre_with, invitations, invite, provider};
use crate::harness::Actor;

/// One way to behave, what it leads to, and how many copies the server holds when a retry has met a server that behaves.
struct Case {
    mode: &'static str,
    state: &'static str,
    told: &'static str,
    copies: usize,
}

const fn case(mode: &'static str, state: &'static str, told: &'static str, copies: usize) -> Case {
    Case { mode, state, told, copies }
}

const PROMPT: &[Case] = &[
    case("well", "done", "", 1),
    case("several-lines", "done", "", 1),
    case("closes-after-250", "done", "", 1),
    case("silent-at-quit", "done", "", 1),
    case("greets-554", "waiting", "the connection: the mail server answered 554", 1),
    case("greets-421", "waiting", "the connection: the mail server answered 421", 1),
    case("ehlo-421", "waiting", "the connection: the mail server answered 421", 1),
    case("ehlo-502", "waiting", "the connection: the mail server answered 502", 1),
    case("endless-line", "waiting", "has no end", 1),
    case("endless-answer", "waiting", "has no end", 1),
    case("no-auth", "waiting", "No compatible authentication mechanism", 1),
    case("auth-535", "waiting", "535 5.7.8 wrong password", 1),
    case("mail-451", "waiting", "the sender: the mail server answered 451", 1),
    case("mail-530", "waiting", "the sender: the mail server answered 530", 1),
    case("mail-550", "waiting", "the sender: the mail server answered 550", 1),
    case("mail-354", "waiting", "answered 354 out of turn", 1),
    case("garbage", "waiting", "the sender: ", 1),
    case("two-codes", "waiting", "the sender: ", 1),
    case("rcpt-450", "waiting", "the recipient: the mail server answered 450", 1),
    case("rcpt-530", "waiting", "the recipient: the mail server answered 530", 1),
    case("rcpt-550", "dead", "the recipient: the mail server answered 550 5.1.1 no such mailbox", 0),
    case("rcpt-nul", "dead", "5.1.1 no such [2Jmailbox", 0),
    case("data-554", "dead", "the mail: the mail server answered 554", 0),
    case("data-250", "waiting", "answered 250 out of turn", 1),
    case("closes-in-the-mail", "waiting", "the mail: ", 1),
    case("taken-451", "waiting", "the mail: the mail server answered 451", 2),
    case("taken-552", "dead", "the mail: the mail server answered 552", 1),
    case("taken-354", "waiting", "answered 354 out of turn", 2),
    case("taken-dies", "waiting", "the mail: ", 2),
];

/// Those that only time ends.
const SLOW: &[Case] = &[
    case("silent", "waiting", "the connection: the mail server did not answer in time", 1),
    case("drips", "waiting", "the connection: the mail server did not answer in time", 1),
    case("data-silent", "waiting", "the mail: the mail server did not answer in time", 1),
    case("taken-silent", "waiting", "the mail: the mail server did not answer in time", 2),
];

async fn invited(provider: &Actor, server: &MailServer, mode: &str) -> String {
    server.behave(mode);
    let email = format!("{mode}@b.example");
    invite(provider, &email).await;
    email
}

#[actix_web::test]
async fn mail_2_and_4_every_way_to_misbehave_has_its_outcome_and_copies_are_equal() {
    let server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "northwind").await;
    for case in PROMPT {
        let email = invited(&provider, &server, case.mode).await;
        centre.run_jobs().await;
        let (state, attempts, told) = invitations(&centre).pop().unwrap();
        assert_eq!((state.as_str(), attempts), (case.state, 1), "{}: {told}", case.mode);
        assert!(told.contains(case.told), "{}: {told}", case.mode);
        server.behave("well");
        centre.advance(Duration::from_secs(31));
        centre.run_jobs().await;
        let (state, ..) = invitations(&centre).pop().unwrap();
        let settled = if case.state == "waiting" { "done" } else { case.state };
        assert_eq!(state, settled, "{}", case.mode);
        let copies = server.mails_to(&email);
        assert_eq!(copies.len(), case.copies, "{}", case.mode);
        assert!(copies.iter().all(|copy| copy.bytes == copies[0].bytes), "{}: the copies differ", case.mode);
    }
    let all = server.mails().len();
    centre.advance(Duration::from_secs(3600));
    centre.run_jobs().await;
    assert_eq!(server.mails().len(), all, "what is settled is never sent again");
}

#[actix_web::test]
async fn mail_2_and_4_a_server_that_is_too_slow_or_away_is_tried_again() {
    let mut server = MailServer::start();
    let patience = Duration::from_millis(300);
    let centre = centre_with(&server, |_| {}).await;
    let mut provider = provider(&centre, &server, "northwind").await;
    let hasty = centre.run_by(|settings| settings.mail.smtp.as_mut().unwrap().patience = Some(patience));
    for case in SLOW {
        provider = provider.sign_in_again().await;
        let email = invited(&provider, &server, case.mode).await;
        // On a busy machine an earlier step may be too slow as well.
        for _ in 0..20 {
            hasty.run_jobs().await;
            let (state, _, told) = invitations(&centre).pop().unwrap();
            assert!(state == case.state && told.contains("did not answer in time"), "{}: {state} {told}", case.mode);
            if told.contains(case.told) {
                break;
            }
            centre.advance(Duration::from_secs(3600));
        }
        server.behave("well");
        centre.advance(Duration::from_secs(3600));
        centre.run_jobs().await;
        let (state, _, told) = invitations(&centre).pop().unwrap();
        assert_eq!(state, "done", "{}: {told}", case.mode);
        let copies = server.mails_to(&email);
        assert!(copies.len() >= case.copies, "{}: {} copies", case.mode, copies.len());
        assert!(copies.iter().all(|copy| copy.bytes == copies[0].bytes), "{}: the copies differ", case.mode);
    }
    server.stop();
    invite(&provider.sign_in_again().await, "away@b.example").await;
    centre.run_jobs().await;
    let (state, _, told) = invitations(&centre).pop().unwrap();
    assert!(state == "waiting" && told.contains("the connection: "), "{state}: {told}");
    server.start_again();
    centre.advance(Duration::from_secs(31));
    centre.run_jobs().await;
    assert_eq!(server.mails_to("away@b.example").len(), 1);
}
