//! Grants of delegated administration against a model of them, while time moves.
//!
//! `SOAK` says which percentage of the soak's steps are taken, `SEED` repeats a run.

use partner_center::platform::clock::{Timestamp, days};
use serde_json::json;

use crate::harness::administration::{PATH, answer, asked, assign, terms};
use crate::harness::chance::{Random, rounds, seed};
use crate::harness::{Actor, Centre, Customer, nothing};

const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
const LINK: &str = "https://partners.test/relationships/";
/// Days after which a request lapses.
const LAPSES: u64 = 90;

/// What a granular relationship is in the model.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Asking { lapses: Timestamp },
    Active { ends: Timestamp, assigned: bool },
    Ended,
}

#[derive(Debug)]
struct Granular {
    /// As Graph shows it: the relationship's own id, and the partner's.
    id: String,
    token: String,
    days: u64,
    state: State,
}

/// One partner, and what it should have.
struct Partner {
    actor: Actor,
    /// The path by which the customer gives it full administration.
    approve: String,
    full: bool,
    granular: Vec<Granular>,
}

impl Partner {
    async fn new(actor: &Actor, standing: &str) -> Self {
        let url = actor.get(standing).await.ok()["url"].as_str().unwrap().to_owned();
        let (token, query) = url.strip_prefix(LINK).unwrap().split_once('?').unwrap();
        let approve = format!("/v1/relationshiprequests/links/{token}/approve?{query}");
        Self { actor: actor.clone(), approve, full: true, granular: Vec::new() }
    }

    fn live(&self, now: Timestamp) -> impl Iterator<Item = bool> {
        self.granular.iter().filter_map(move |one| match one.state {
            State::Active { ends, assigned } if now < ends => Some(assigned),
            _ => None,
        })
    }

    /// What the gate should say.
    fn expected(&self, now: Timestamp) -> &'static str {
        let live: Vec<bool> = self.live(now).collect();
        match live.as_slice() {
            _ if self.full => "200",
            [] => "403 delegatedAdministrationMissing",
            assigned if assigned.contains(&true) => "200",
            _ => "403 administrationRoleMissing",
        }
    }

    fn end_all(&mut self, now: Timestamp) {
        self.full = false;
        for one in &mut self.granular {
            if matches!(one.state, State::Active { ends, .. } if now < ends) {
                one.state = State::Ended;
            }
        }
    }
}

struct World {
    centre: Centre,
    customer: Customer,
    partners: [Partner; 2],
}

impl World {
    async fn open() -> Self {
        let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        let standing = "/v1/customers/relationshiprequests";
        let through = format!("{standing}?indirectCloudSolutionProviderId={}", provider.id);
        let partners = [Partner::new(&provider, standing).await, Partner::new(&reseller, &through).await];
        Self { centre, customer, partners }
    }

    fn now(&self) -> Timestamp {
        self.centre.clock.now()
    }

    async fn pass(&mut self, count: u64) {
        self.centre.advance(days(count));
        for partner in &mut self.partners {
            partner.actor = partner.actor.sign_in_again().await;
        }
        self.customer.admin = self.customer.admin.sign_in_again().await;
    }

    /// Something happens to a partner's administration; what it was.
    async fn step(&mut self, chance: &mut Random, number: usize) -> String {
        let which = chance.below(2);
        let now = self.now();
        let customer = self.customer.clone();
        let partner = &mut self.partners[which];
        let asking: Vec<usize> = (0..partner.granular.len())
            .filter(|n| matches!(partner.granular[*n].state, State::Asking { .. }))
            .collect();
        let live: Vec<usize> = (0..partner.granular.len())
            .filter(|n| matches!(partner.granular[*n].state, State::Active { ends, .. } if now < ends))
            .collect();
        match chance.below(9) {
            0 | 1 => {
                let count = 1 + u64::try_from(chance.below(40)).unwrap();
                self.pass(count).await;
                if chance.happens(50) {
                    self.centre.run_jobs().await;
                }
                format!("{count} days pass")
            }
            2 | 3 => {
                let count = 1 + chance.below(60);
                let mut body = terms(&format!("Number {number}"), &[GLOBAL_READER]);
                body["duration"] = json!(format!("P{count}D"));
                let (id, token) = asked(&partner.actor, body).await;
                let state = State::Asking { lapses: now.after(days(LAPSES)) };
                partner.granular.push(Granular { id, token, days: u64::try_from(count).unwrap(), state });
                format!("{which} asks for {count} days")
            }
            4 | 5 if !asking.is_empty() => {
                let one = &mut partner.granular[*chance.one_of(&asking)];
                let answered = customer.admin.post(&answer(&one.token, "approve"), nothing()).await;
                let State::Asking { lapses } = one.state else { unreachable!() };
                if now < lapses {
                    assert_eq!(answered.status, 200, "{}", answered.text);
                    one.state = State::Active { ends: now.after(days(one.days)), assigned: false };
                } else {
                    assert!(answered.status >= 400, "{}", answered.text);
                    one.state = State::Ended;
                }
                format!("the customer answers {which}")
            }
            6 if !live.is_empty() => {
                let one = &mut partner.granular[*chance.one_of(&live)];
                let State::Active { ends, assigned } = one.state else { unreachable!() };
                if !assigned {
                    assign(&partner.actor, &one.id, "AdminAgents", &[GLOBAL_READER]).await;
                }
                one.state = State::Active { ends, assigned: true };
                format!("{which} assigns")
            }
            7 if !live.is_empty() => {
                let one = &mut partner.granular[*chance.one_of(&live)];
                let ended = match chance.happens(50) {
                    true => {
                        let end = json!({ "action": "terminate" });
                        partner.actor.post(&format!("{PATH}/{}/requests", one.id), end).await
                    }
                    false => {
                        let at = format!("/v1/customers/{}/administrators/{}", customer.id, partner.actor.id);
                        customer.admin.delete(&format!("{at}?relationshipId={}", &one.id[..36])).await
                    }
                };
                assert!(ended.status < 300, "{}", ended.text);
                one.state = State::Ended;
                format!("one of {which} ends")
            }
            _ if partner.expected(now) == "403 delegatedAdministrationMissing" => {
                let given = customer.admin.post(&partner.approve, nothing()).await;
                assert!(given.status < 300, "{}", given.text);
                self.given(which);
                format!("the customer gives {which} everything")
            }
            _ => {
                let path = format!("/v1/customers/{}", customer.id);
                let ended = match chance.happens(50) {
                    true => partner.actor.send("PATCH", &path, json!({ "allowDelegatedAccess": false })).await,
                    false => customer.admin.delete(&format!("{path}/administrators/{}", partner.actor.id)).await,
                };
                assert!(ended.status < 300, "{}", ended.text);
                partner.end_all(now);
                format!("all of {which} ends")
            }
        }
    }

    /// An approval through the reseller gives to both; what there is already stays.
    fn given(&mut self, which: usize) {
        self.partners[which].full = true;
        if which == 1 {
            self.partners[0].full = true;
        }
    }

    async fn compare(&self, told: &str) {
        let (now, mut entries) = (self.now(), 0);
        for (which, partner) in self.partners.iter().enumerate() {
            let seen = partner.actor.get(&format!("/v1/customers/{}/devices", self.customer.id)).await;
            let seen = if seen.status == 200 { "200".to_owned() } else { seen.refusal() };
            assert_eq!(seen, partner.expected(now), "partner {which}: {told}");
            entries += usize::from(partner.full) + partner.live(now).count();
        }
        let shown = self.customer.admin.get(&format!("/v1/customers/{}/administrators", self.customer.id)).await.ok();
        assert_eq!(shown["totalCount"], entries, "{told}: {shown}");
    }

    /// What is over stays over, whatever happened since, and says so.
    async fn look_back(&self, told: &str) {
        let now = self.now();
        for partner in &self.partners {
            for one in &partner.granular {
                let shown = partner.actor.get(&format!("{PATH}/{}", one.id)).await.ok();
                let status = shown["status"].as_str().unwrap().to_owned();
                let expected: &[&str] = match one.state {
                    State::Active { ends, .. } if now < ends => &["active"],
                    State::Active { .. } => &["expired"],
                    State::Asking { lapses } if now < lapses => &["approvalPending"],
                    State::Asking { .. } => &["expired"],
                    State::Ended => &["terminated", "expired"],
                };
                assert!(expected.contains(&status.as_str()), "{one:?} is {status}: {told}");
            }
        }
    }
}

#[actix_web::test]
async fn dap_05_no_grant_is_live_outside_its_dates_none_revives_and_each_partner_has_its_own() {
    let (seed, mut world) = (seed(), World::open().await);
    let mut chance = Random::new(seed);
    let steps = rounds(120, 5_000);
    for number in 0..steps {
        let told = world.step(&mut chance, number).await;
        world.compare(&format!("seed {seed}, step {number}: {told}")).await;
        if number % 40 == 39 {
            world.look_back(&format!("seed {seed}, step {number}")).await;
        }
    }
    let all: Vec<&Granular> = world.partners.iter().flat_map(|partner| &partner.granular).collect();
    println!("seed {seed}: {} relationships, {:?}", all.len(), world.now());
    assert!(all.iter().any(|one| one.state == State::Ended));
    assert!(all.iter().any(|one| matches!(one.state, State::Active { .. })), "seed {seed}");
}
