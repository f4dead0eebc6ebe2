//! A mail server that is away, slow or overrun, and a program that is killed while it mails.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use partner_center::commands::examine;
use partner_center::platform::error::Sure;
use partner_center::platform::jobs::of_subjects;
use partner_center::platform::mail::mail_kind;
use serde_json::json;
use tokio::sync::watch;

use super::program::{PATIENCE, Program, post, until_answered};
use super::server::{Entry, MailServer};
use super::{centre_with, invitations, invite, provider};
use crate::harness::PASSWORD;
use crate::harness::chance::{Random, rounds, seed};

/// Invitations that wait for the mail server; a soak has more.
const MAILS: usize = 100;
/// Kills while mail goes out; a soak has more.
const KILLS: usize = 4;

#[actix_web::test]
async fn mail_1_an_outage_of_ten_minutes_loses_no_invitation_and_doubles_none() {
    let mails = rounds(MAILS, 20_000);
    let mut server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "northwind").await;
    server.stop();
    for n in 0..mails {
        invite(&provider, &format!("p{n}@b.example")).await;
    }
    centre.run_jobs().await;
    centre.advance(Duration::from_secs(10 * 60));
    assert!(invitations(&centre).iter().all(|(state, attempts, _)| state == "waiting" && *attempts == 1));
    server.start_again();
    centre.run_jobs().await;
    let mut tokens: Vec<_> = server.mails().iter().filter_map(|mail| mail.token("inv_")).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), mails, "each its own link");
    for n in 0..mails {
        assert_eq!(server.mails_to(&format!("p{n}@b.example")).len(), 1, "{n}");
    }
    assert!(invitations(&centre).iter().all(|(state, ..)| state == "done"));
}

#[actix_web::test]
async fn mail_1_after_72_hours_of_retries_the_dead_letter_is_seen() {
    let mut server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "northwind").await;
    server.stop();
    let made = invite(&provider, "anna@b.example").await;
    let mut hours = 0;
    while invitations(&centre)[0].0 == "waiting" {
        centre.run_jobs().await;
        centre.advance(Duration::from_secs(3600));
        hours += 1;
    }
    assert!((72..=80).contains(&hours), "{hours} hours");
    let (state, attempts, told) = invitations(&centre).remove(0);
    assert!(state == "dead" && attempts == 79 && told.contains("the connection: "), "{state} {attempts} {told}");
    let report = examine(centre.db(), None, "test".to_owned()).unwrap().to_string();
    assert!(report.contains("1 given up") && report.contains("the connection: "), "{report}");
    let kind = mail_kind("mail_invitation");
    let id: uuid::Uuid = made["id"].as_str().unwrap().parse().unwrap();
    let standing: Sure<_> = centre.db().read(move |read| Ok(of_subjects(read, kind, &[id])?)).await;
    assert!(!standing.unwrap()[0].was_refused(kind), "nobody said no");
    let shown = provider.sign_in_again().await.get(&format!("/v1/relationships/invitations/{id}")).await.ok();
    assert_eq!(shown["timeline"][1]["what"], "failed", "{shown}");
}

/// Connections in use at once, at most: from the moment they are opened until the client says goodbye.
fn most_at_once(entries: &[Entry]) -> usize {
    let (mut open, mut most) = (Vec::new(), 0);
    for entry in entries {
        match entry {
            Entry::Opened(number) => open.push(*number),
            Entry::Said(number, line) if line == "QUIT" => open.retain(|one| one != number),
            Entry::Closed(number) => open.retain(|one| one != number),
            _ => {}
        }
        most = most.max(open.len());
    }
    most
}

#[actix_web::test]
async fn mail_5_a_server_that_never_answers_blocks_nobody() {
    let server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "northwind").await;
    let before = server.entries().len();
    let in_the_tar =
        |entries: &[Entry]| entries.iter().filter(|e| matches!(e, Entry::Said(_, l) if l.contains("tarpit."))).count();
    let (stop, stopped) = watch::channel(false);
    let workers = centre.app.start_workers(&stopped);

    for n in 0..3 {
        invite(&provider, &format!("tarpit.{n}@b.example")).await;
    }
    server.until(move |entries| in_the_tar(entries) == 3).await;
    for n in 0..5 {
        invite(&provider, &format!("good{n}@b.example")).await;
    }
    let good = |entries: &[Entry]| {
        entries.iter().filter(|e| matches!(e, Entry::Mail(mail) if mail.to[0].starts_with("good"))).count()
    };
    server.until(move |entries| good(entries) == 5).await;

    for n in 3..8 {
        invite(&provider, &format!("tarpit.{n}@b.example")).await;
    }
    server.until(move |entries| in_the_tar(entries) == 4).await;
    invite(&provider, "patient@b.example").await;
    for _ in 0..50 {
        assert_eq!(provider.get("/v1/relationships/invitations").await.status, 200);
    }
    let entries = server.entries();
    assert_eq!(in_the_tar(&entries), 4, "all four connections are held, and none was given up meanwhile");
    assert!(server.mails_to("patient@b.example").is_empty());

    server.tell("release");
    server.until(|entries| entries.iter().any(|e| matches!(e, Entry::Mail(m) if m.to == ["patient@b.example"]))).await;
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    centre.run_jobs().await;
    assert_eq!(most_at_once(&server.entries()[before..]), 4);
    assert!((0..5).all(|n| server.mails_to(&format!("good{n}@b.example")).len() == 1));
    let waiting = invitations(&centre).iter().filter(|(state, ..)| state == "waiting").count();
    assert_eq!(waiting, 8, "those in the tar are tried again later");
}

#[actix_web::test]
async fn mail_8_a_backlog_drains_at_the_set_rate() {
    let server = MailServer::start();
    let centre = centre_with(&server, |mail| mail.per_second = 20).await;
    let provider = provider(&centre, &server, "northwind").await;
    for n in 0..9 {
        invite(&provider, &format!("p{n}@b.example")).await;
    }
    let (stop, stopped) = watch::channel(false);
    let begun = Instant::now();
    let workers = centre.app.start_workers(&stopped);
    let arrived = |entries: &[Entry]| {
        entries.iter().filter(|e| matches!(e, Entry::Mail(mail) if mail.to[0].starts_with('p'))).count()
    };
    server.until(move |entries| arrived(entries) == 9).await;
    // A busy machine is slower than the rate, never faster.
    assert!(begun.elapsed() >= Duration::from_millis(8 * 50), "{:?}", begun.elapsed());
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
}

#[test]
fn mail_1_kills_while_mail_goes_out_lose_none_and_double_only_equals() {
    let seed = seed();
    println!("seed {seed}: kills while mail goes out");
    let mut random = Random::new(seed);
    let kills = rounds(KILLS, 400);
    let server = MailServer::start();
    let mut program = Program::new(&server);
    let made = program.command(&["operator", "create", "--email", "olga@operator.example", "--name", "Olga"]).output();
    assert!(made.unwrap().status.success());
    program.start();
    let activate = |email: &str| {
        let code = server.token_mailed_to(email, "act_");
        until_answered(|| program.client().activate(&code, PASSWORD)).0
    };
    let operator = activate("olga@operator.example");
    let body = json!({
        "name": "northwind", "country": "SE", "domain": "northwind.example", "contactEmail": "a@northwind.example",
        "description": "d", "mpnId": "1", "admin": { "email": "a@northwind.example", "displayName": "A" },
    });
    post(&operator, "/v1/indirectproviders", &body);
    let provider = activate("a@northwind.example");

    let mut invited = Vec::new();
    for kill in 0..kills {
        // Somewhere in the lines that these mails take: a greeting, the recipient, the mail taken and not yet acknowledged.
        let stalls = server.count(|entry| *entry == Entry::Stalled);
        server.tell(&format!("stall {}", 1 + random.below(30)));
        for n in 0..6 {
            invited.push(format!("p{kill}.{n}@b.example"));
            post(&provider, "/v1/relationships/invitations", &json!({ "email": invited.last() }));
        }
        server.wait_until(|entries| entries.iter().filter(|entry| **entry == Entry::Stalled).count() > stalls);
        program.kill();
        server.tell("stall 1000000");
        // What held the leases is gone. On SQLite the program knows; elsewhere this stands for the 30 seconds.
        program.database.break_with("UPDATE jobs SET lease_id = NULL, leased_until = NULL");
        program.start();
    }
    // Reminders wait for weeks.
    let waiting = "SELECT state AS name FROM jobs WHERE state = 'waiting' AND kind LIKE 'mail_%'";
    let until = Instant::now() + PATIENCE;
    while !program.database.texts(waiting).is_empty() {
        assert!(Instant::now() < until, "mail does not go on");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    program.kill();

    let mut copies: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for mail in server.mails() {
        copies.entry(mail.to[0].clone()).or_default().push(mail.bytes);
    }
    for email in &invited {
        let copies = copies.get(email).unwrap_or_else(|| panic!("{email} is lost"));
        assert!(copies.iter().all(|copy| *copy == copies[0]), "{email}: the copies differ");
    }
    let doubled = invited.iter().filter(|email| copies[*email].len() > 1).count();
    assert!(doubled <= 4 * kills, "{doubled} doubled by {kills} kills");
    println!("{kills} kills while {} mails went out: {doubled} sent twice", invited.len());
    let report = program.command(&["doctor"]).output().unwrap().stdout;
    let report = String::from_utf8_lossy(&report);
    assert!(report.contains("every invariant holds") && report.contains(": 0 jobs waiting, 0 given up"), "{report}");
}
