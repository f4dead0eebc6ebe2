//! The matrix: every operation × 24 principals × {own, foreign, absent}.

use std::collections::BTreeMap;

use actix_web::test::TestRequest;

use super::rows::{self, Row};
use super::world::{Ids, OTHER_CHANNEL, Principal, World};
use crate::harness::{Answer, request, upload};

/// A body that no operation takes.
const REFUSED_BODY: &str = "\"no\"";

fn fill(row: &Row, ids: &Ids) -> String {
    let path = ids.iter().fold(row.path().to_owned(), |path, (name, id)| path.replace(name, id));
    assert!(!path.contains('{'), "{} has ids that its row does not name", row.operation);
    path + row.query
}

async fn call(world: &World, me: &Principal, asked: TestRequest) -> Answer {
    match &me.actor {
        Some(actor) => actor.call(asked).await,
        None => world.centre.call(asked).await,
    }
}

fn asked(row: &Row, ids: &Ids, body: &'static str) -> TestRequest {
    let path = fill(row, ids);
    if row.uploads && body != REFUSED_BODY {
        return upload(&path, "devices.csv", b"Manufacturer,Model,Serial Number\nProseware,Cube,x\n", &[]);
    }
    let json = ("content-type", "application/json");
    request(row.method(), &path).insert_header(("if-match", "1")).insert_header(json).set_payload(body)
}

/// The answer without what may differ: the ids of the request, and the ids that were sent.
fn masked(answer: &Answer, sent: &Ids) -> String {
    let mut text = answer.text.clone();
    for name in ["ms-requestid", "ms-correlationid"] {
        text = text.replace(&answer.header(name), "<request>");
    }
    for (_, id) in sent {
        text = text.replace(id.as_str(), "<sent>");
    }
    format!("{} {text}", answer.status)
}

/// What the other channel sees of its own.
async fn as_others_see_it(world: &World, rows: &[Row]) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    for me in world.others() {
        for row in rows.iter().filter(|row| row.method() == "GET" && !row.grows && me.expected(row.guard).is_ok()) {
            let own = world.cases(row, me).own;
            let answer = call(world, me, asked(row, &own, "")).await;
            seen.insert(format!("{}: {}", me.name, row.operation), masked(&answer, &Vec::new()));
        }
    }
    seen
}

struct Judge<'a> {
    row: &'a Row,
    me: &'a Principal,
    leaks: &'a mut Vec<String>,
}

impl Judge<'_> {
    fn says(&mut self, good: bool, what: &str, answer: &Answer) {
        if !good {
            let (operation, me) = (self.row.operation, &self.me.name);
            self.leaks.push(format!("{operation} as {me}, {what}: {} {:.300}", answer.status, answer.text));
        }
    }

    fn names_nobody_else(&mut self, what: &str, answer: &Answer, sent: &Ids) {
        let may = self.row.shows_all || self.me.of_other_channel || self.me.name == "operator";
        let names = masked(answer, sent).to_lowercase().contains(OTHER_CHANNEL);
        self.says(may || !names, &format!("{what} names the other channel"), answer);
    }

    /// Past the guard, with ids of the caller's own.
    fn opens(&mut self, answer: &Answer, sent: &Ids) {
        match self.row.except.iter().find(|(name, _)| *name == self.me.name) {
            Some((_, refusal)) => self.says(answer.refusal() == *refusal, &format!("own, not {refusal}"), answer),
            None => self.says(!matches!(answer.status, 401 | 403 | 404 | 500..), "own is refused", answer),
        }
        self.names_nobody_else("own", answer, sent);
    }
}

/// Walks rows through all principals in a world of their own.
async fn walk(own_rows: Vec<Row>) {
    let world = World::build().await;
    let all = rows::rows();
    let before = as_others_see_it(&world, &all).await;
    assert!(before.values().any(|text| text.contains(OTHER_CHANNEL)), "the search itself must see");
    let mut leaks = Vec::new();
    for row in &own_rows {
        let mut consumed = false;
        for me in &world.principals {
            let cases = world.cases(row, me);
            let mut judge = Judge { row, me, leaks: &mut leaks };
            let expected = me.expected(row.guard);
            if let Err(refusal) = expected {
                let sent = std::iter::once(&cases.own);
                for ids in sent.chain(cases.alike.iter().flat_map(|(foreign, absent)| [foreign, absent])) {
                    let answer = call(&world, me, asked(row, ids, row.body)).await;
                    judge.says(answer.refusal() == refusal, &format!("not {refusal}"), &answer);
                    judge.names_nobody_else("a refusal", &answer, ids);
                }
                continue;
            }
            for (foreign, absent) in &cases.alike {
                let to_foreign = call(&world, me, asked(row, foreign, row.body)).await;
                let to_absent = call(&world, me, asked(row, absent, row.body)).await;
                let refused = (400..500).contains(&to_absent.status) || (row.repeatable && to_absent.status == 204);
                judge.says(refused, "absent is no refusal", &to_absent);
                let same = masked(&to_foreign, foreign) == masked(&to_absent, absent);
                judge.says(same, &format!("foreign is not as absent ({:.300})", to_absent.text), &to_foreign);
                judge.names_nobody_else("foreign", &to_foreign, foreign);
            }
            if !row.consumes {
                let answer = call(&world, me, asked(row, &cases.own, REFUSED_BODY)).await;
                judge.opens(&answer, &cases.own);
            } else if !consumed && !me.of_other_channel {
                let answer = call(&world, me, asked(row, &cases.own, row.body)).await;
                judge.opens(&answer, &cases.own);
                consumed = true;
            }
        }
        assert!(consumed || !row.consumes, "{}: nobody was allowed", row.operation);
    }
    assert!(leaks.is_empty(), "{} wrong answers:\n{}", leaks.len(), leaks.join("\n"));
    let after = as_others_see_it(&world, &all).await;
    for (what, text) in &before {
        assert_eq!(text, &after[what], "changed: {what}");
    }
}

#[actix_web::test]
async fn ten_01_accounts_users_and_applications_of_others_are_as_if_absent() {
    walk(rows::access()).await;
}

#[actix_web::test]
async fn ten_01_companies_of_others_are_as_if_absent() {
    walk(rows::companies()).await;
}

#[actix_web::test]
async fn ten_01_invitations_and_partnerships_of_others_are_as_if_absent() {
    walk(rows::partnerships()).await;
}

#[actix_web::test]
async fn ten_01_customers_of_others_are_as_if_absent() {
    walk(rows::customers()).await;
}

#[actix_web::test]
async fn ten_01_users_of_others_customers_are_as_if_absent() {
    walk(rows::customer_users()).await;
}

#[actix_web::test]
async fn ten_01_delegated_administration_of_others_is_as_if_absent() {
    walk(rows::graph()).await;
}

#[actix_web::test]
async fn ten_01_what_is_sold_to_customers_of_others_is_as_if_absent() {
    walk(rows::catalogue()).await;
}

#[actix_web::test]
async fn ten_01_devices_of_others_are_as_if_absent() {
    walk(rows::devices()).await;
}

#[actix_web::test]
async fn ten_01_device_batches_and_policies_of_others_are_as_if_absent() {
    walk(rows::device_batches()).await;
}

#[actix_web::test]
async fn ten_01_devices_of_other_tenants_at_graphs_paths_are_as_if_absent() {
    walk(rows::device_graph()).await;
}

#[actix_web::test]
async fn ten_01_the_trail_of_others_is_as_if_absent() {
    walk(rows::overview()).await;
}
