//! Delegated administration that ends while it is used. After the ending is committed, nothing succeeds.
//!
//! `SOAK` says which percentage of the soak's rounds are run. On PostgreSQL two copies of the program share the database.

use futures_util::StreamExt;
use futures_util::future::{join, join3};
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};

use crate::harness::administration::{assign, granted, terms};
use crate::harness::chance::{Random, rounds, seed};
use crate::harness::{Actor, Answer, Centre, Customer, customer_body, nothing};

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
const LINK: &str = "https://partners.test/relationships/";

/// How delegated administration ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    ByCustomer,
    GivenUp,
    WithTheRelationship,
}

struct Race {
    centre: Centre,
    other: Centre,
    reseller: Actor,
    customer: Customer,
    /// The path by which the customer gives all that the reseller asks for.
    approve: String,
}

impl Race {
    async fn open() -> Self {
        let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
        let other = centre.second_copy().await;
        let operator = centre.operator().await;
        let provider = centre.provider(&operator, "northwind").await;
        let reseller = centre.reseller(&operator, "norrsken", "6001234").await;
        centre.partner(&provider, &reseller).await;
        let customer = centre.customer(&provider, "fabrikam", Some(&reseller)).await;
        let standing = format!("/v1/customers/relationshiprequests?indirectCloudSolutionProviderId={}", provider.id);
        let url = reseller.get(&standing).await.ok()["url"].as_str().unwrap().to_owned();
        let (token, query) = url.strip_prefix(LINK).unwrap().split_once('?').unwrap();
        let approve = format!("/v1/relationshiprequests/links/{token}/approve?{query}");
        Self { centre, other, reseller, customer, approve }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/customers/{}{rest}", self.customer.id)
    }

    /// The reseller at one of the copies.
    fn somewhere(&self, chance: &mut Random) -> Actor {
        if chance.happens(50) { self.reseller.clone() } else { self.reseller.at(&self.other) }
    }

    /// Gives the reseller delegated administration again: with all roles, or granular.
    async fn establish(&self, ended: Ending, granular: bool) {
        if ended == Ending::WithTheRelationship || !granular {
            let again = self.customer.admin.post(&self.approve, nothing()).await;
            assert!(again.status < 300, "{}", again.text);
        }
        if granular {
            let name = uuid::Uuid::now_v7().to_string();
            let id = granted(&self.reseller, &self.customer, terms(&name, &[GLOBAL_ADMINISTRATOR])).await;
            assign(&self.reseller, &id, "AdminAgents", &[GLOBAL_ADMINISTRATOR]).await;
        }
    }

    async fn end(&self, ending: Ending, reseller: &Actor) -> Answer {
        match ending {
            Ending::ByCustomer => {
                let path = self.path(&format!("/administrators/{}", reseller.id));
                self.customer.admin.delete(&path).await
            }
            Ending::GivenUp => reseller.send("PATCH", &self.path(""), json!({ "allowDelegatedAccess": false })).await,
            Ending::WithTheRelationship => {
                reseller.send("PATCH", &self.path(""), json!({ "relationshipToPartner": "none" })).await
            }
        }
    }

    async fn register(&self, reseller: &Actor, serial: &str) -> Answer {
        let file = format!("Manufacturer,Model,Serial Number\nFabrikam,Falcon,{serial}\n");
        reseller.upload(&self.path("/deviceRegistrations"), file.as_bytes(), &[]).await
    }

    async fn change_profile(&self, reseller: &Actor, name: &str) -> Answer {
        let mut body: Value = customer_body("fabrikam", None)["billingProfile"].clone();
        body["companyName"] = json!(name);
        reseller.put(&self.path("/profiles/billing"), body, None).await
    }

    async fn create_user(&self, reseller: &Actor, name: &str) -> Answer {
        let body = json!({ "userPrincipalName": format!("{name}@fabrikam.onmicrosoft.com"), "displayName": name });
        reseller.post(&self.path("/users"), body).await
    }

    /// What the reseller has done so far: registrations taken, rows settled as devices, users made, profiles changed.
    fn done(&self, ending: Ending) -> Vec<String> {
        let database = self.centre.database();
        let mut done = database.texts("SELECT 'x' AS name FROM device_registrations WHERE state <> 'receiving'");
        done.extend(database.texts("SELECT 'x' AS name FROM devices"));
        done.extend(database.texts("SELECT 'x' AS name FROM customer_users"));
        // A billing profile asks for the relationship, not for delegated administration.
        if ending == Ending::WithTheRelationship {
            done.extend(database.texts("SELECT company_name AS name FROM customers"));
        }
        done
    }
}

#[actix_web::test]
async fn dap_02_after_the_end_of_a_grant_no_device_is_registered_no_user_made_and_no_profile_changed() {
    let rounds = rounds(12, 1_000);
    let (seed, race) = (seed(), Race::open().await);
    let mut chance = Random::new(seed);
    let mut ended = Ending::ByCustomer;
    let (mut before, mut refused) = (0, 0);
    for round in 0..rounds {
        if round > 0 {
            race.establish(ended, chance.happens(50)).await;
        }
        ended = *chance.one_of(&[Ending::ByCustomer, Ending::GivenUp, Ending::WithTheRelationship]);
        let told = format!("seed {seed}, round {round}, {ended:?}");
        let calls = FuturesUnordered::new();
        for n in 0..6 {
            let reseller = race.somewhere(&mut chance);
            let race = &race;
            calls.push(async move {
                let mut taken = 0;
                for call in 0..3 {
                    let name = format!("R{round}C{n}N{call}");
                    let answer = match n % 3 {
                        0 => race.register(&reseller, &name).await,
                        1 => race.create_user(&reseller, &name).await,
                        _ => race.change_profile(&reseller, &name).await,
                    };
                    taken += usize::from(answer.status < 300);
                }
                taken
            });
        }
        let settling = join(race.centre.run_jobs(), race.other.run_jobs());
        let ender = race.somewhere(&mut chance);
        let first = chance.below(12);
        let ending = async {
            // Somewhere among the calls of the others.
            for _ in 0..first {
                ender.get(&race.path("/devices")).await;
            }
            let answer = race.end(ended, &ender).await;
            assert!(answer.status < 300, "{told}: {}", answer.text);
            race.done(ended)
        };
        let (taken, _, committed) = join3(calls.collect::<Vec<usize>>(), settling, ending).await;
        let taken: usize = taken.into_iter().sum();
        before += taken;
        refused += 18 - taken;
        // Whatever was under way has come to its end, and nobody gets in from now on, at no copy.
        join(race.centre.run_jobs(), race.other.run_jobs()).await;
        for reseller in [&race.reseller, &race.reseller.at(&race.other)] {
            let missing = race.register(reseller, "LATE").await;
            let expected = match ended {
                Ending::WithTheRelationship => "404 relationshipMissing",
                _ => "403 delegatedAdministrationMissing",
            };
            assert_eq!(missing.refusal(), expected, "{told}");
            assert_eq!(race.create_user(reseller, "LATE").await.refusal(), expected, "{told}");
            if ended == Ending::WithTheRelationship {
                assert_eq!(race.change_profile(reseller, "LATE").await.refusal(), expected, "{told}");
            }
        }
        assert_eq!(race.done(ended), committed, "{told}");
    }
    println!("seed {seed}: {before} calls came before the {rounds} endings, {refused} were too late");
    assert!(before > 0 && refused > 0, "seed {seed}: {before} before, {refused} after");
    // Rows that were waiting say why they are not devices.
    let waiting = "SELECT state AS name FROM device_registrations WHERE state = 'registering'";
    assert!(race.centre.database().texts(waiting).is_empty());
}

#[actix_web::test]
async fn dap_03_what_is_asked_after_the_end_is_refused_whoever_asks_at_whichever_copy() {
    let race = Race::open().await;
    // Tokens from before the ending, also one for the customer's tenant.
    let script = race.reseller.application(&["admin_agent"]).await;
    let form = format!(
        "grant_type=refresh_token&client_id=partner-center-cli&refresh_token={}",
        race.reseller.sign_in_again().await.refresh_token
    );
    let token_path = format!("/{}/oauth2/v2.0/token", race.customer.id);
    let token = race.centre.form(&token_path, &form).await.ok()["access_token"].as_str().unwrap().to_owned();
    let mut in_tenant = race.reseller.clone();
    in_tenant.token = token;
    for actor in [&race.reseller, &script, &in_tenant] {
        assert_eq!(actor.get(&race.path("/devices")).await.status, 200);
    }
    assert_eq!(race.end(Ending::ByCustomer, &race.reseller).await.status, 204);
    let requests = rounds(300, 10_000);
    let mut asked = futures_util::stream::iter(0..requests)
        .map(|n| {
            let actor = [&race.reseller, &script, &in_tenant][n % 3];
            let actor = if n % 2 == 0 { actor.clone() } else { actor.at(&race.other) };
            let race = &race;
            async move {
                match n % 5 {
                    0 => race.register(&actor, "LATE").await,
                    _ => actor.get(&race.path("/devices")).await,
                }
            }
        })
        .buffer_unordered(32);
    let mut refused = 0;
    while let Some(answer) = asked.next().await {
        // A token for the customer's tenant is worth what the delegation is: nothing, and it says so.
        assert!(
            ["403 delegatedAdministrationMissing", "401 tenantClosed"].contains(&answer.refusal().as_str()),
            "{}",
            answer.text
        );
        refused += 1;
    }
    assert_eq!(refused, requests);
}
