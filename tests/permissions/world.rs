//! Two channels that know nothing of each other, and the 24 who call. Whatever belongs to the other channel is called
//! "bravo", so that a leak is seen in the text of an answer.

use std::collections::BTreeMap;
use std::time::Duration;

use partner_center::access::{OrganisationKind, Role};
use serde_json::{Value, json};

use super::administration::{self, Granted};
use super::rows::{Guard, Row, Target};
use crate::harness::{Actor, Centre, Customer, catalogue, customer_body};
use crate::tokens::{decoded, own_pair, signed};

/// What is in the name of everything of the other channel.
pub const OTHER_CHANNEL: &str = "bravo";

/// The roles of a partner's users, as principals have them.
const ROLES: [&str; 5] = ["global_admin", "user_management_admin", "admin_agent", "sales_agent", "helpdesk_agent"];

/// A company with objects of its own.
pub struct Company {
    pub admin: Actor,
    pub domain: String,
    user: String,
    spare_user: String,
    application: String,
    secret: String,
    spare_application: String,
    record: String,
    granted: Granted,
}

/// A customer with a registration and a device.
pub struct Served {
    pub company: usize,
    registration: String,
    device: String,
    policy: String,
    imported: String,
    users: [String; 2],
    order: String,
    subscription: String,
    cart: String,
}

/// Who calls.
pub struct Principal {
    pub name: String,
    /// The token; none is sent without one.
    pub actor: Option<Actor>,
    /// How every guard refuses a credential that is none.
    pub no_credential: Option<&'static str>,
    pub kind: OrganisationKind,
    roles: Vec<Role>,
    is_application: bool,
    /// Indexes of the principal's own company and customer, and of somebody else's.
    company: usize,
    foreign_company: usize,
    customer: usize,
    foreign_customer: usize,
    partner: String,
    pub of_other_channel: bool,
}

impl Principal {
    /// What the permission table says.
    pub fn expected(&self, guard: Guard) -> Result<(), String> {
        let (name, wants_user) = match guard {
            Guard::Public => return Ok(()),
            Guard::SignedIn => ("", true),
            Guard::AnySignedIn => ("", false),
            Guard::Needs(name) => (name, false),
            Guard::NeedsUser(name) => (name, true),
        };
        if let Some(refusal) = self.no_credential {
            return Err(refusal.to_owned());
        }
        let rule = partner_center::access::PERMISSIONS.iter().find(|rule| rule.name == name);
        if let Some(rule) = rule {
            let accepts_applications = rule.app_only == partner_center::access::AppOnly::Accepted;
            if self.is_application && !accepts_applications {
                return Err("403 appOnlyRefused".to_owned());
            }
            if !rule.is_for(self.kind) {
                return Err("403 wrongOrganisation".to_owned());
            }
            if !rule.is_held_by(self.kind, &self.roles) {
                return Err("403 roleMissing".to_owned());
            }
        } else {
            assert!(name.is_empty(), "there is no permission {name}");
        }
        if self.is_application && wants_user { Err("403 appOnlyRefused".to_owned()) } else { Ok(()) }
    }
}

/// The ids of a path, by placeholder.
pub type Ids = Vec<(&'static str, String)>;

/// A path with ids that are the principal's own, and pairs of paths that must be answered alike: somebody else's, nobody's.
pub struct Cases {
    pub own: Ids,
    pub alike: Vec<(Ids, Ids)>,
}

pub struct World {
    pub centre: Centre,
    pub principals: Vec<Principal>,
    companies: Vec<Company>,
    customers: Vec<Served>,
    invitation: [Value; 2],
    spare_invitation: Value,
    spare_token: String,
    administration_token: String,
    /// By company; those that are missing have nobody to ask with.
    requests: BTreeMap<usize, Value>,
    spare_request: Value,
    spare_request_token: String,
    drafts: [String; 2],
    spare_draft: String,
    setup_info: String,
    enrollments: [String; 2],
    change_request: String,
    manifest: String,
    /// What the other channel asks the first customer to release.
    release_request: String,
    /// Applications that providers A and B have consents for, each at its first customer.
    consents: [String; 2],
    absent: [String; 2],
}

const OPERATOR: usize = 0;
const PROVIDER_A: usize = 1;
const PROVIDER_B: usize = 2;
const RESELLER_A: usize = 3;
const RESELLER_OF_B: usize = 7;

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

fn token(invitation: &Value) -> String {
    invitation["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn relationship_request(partner: &Actor, provider: Option<&Actor>) -> Value {
    let mut body = json!({ "delegatedAdmin": true });
    if let Some(provider) = provider {
        body["indirectCloudSolutionProviderId"] = json!(provider.id);
    }
    partner.post("/v1/relationshiprequests", body).await.ok()
}

async fn invitation(provider: &Actor, email: &str) -> Value {
    provider.post("/v1/relationships/invitations", json!({ "email": email, "send": false })).await.ok()
}

/// What a company has of its own: users, applications, a secret.
async fn company(admin: &Actor, name: &str, roles: &[&str]) -> Company {
    let domain = if name == "operator" { "operator.invalid".to_owned() } else { format!("{name}.example") };
    let (mut users, mut applications, mut secret) = (Vec::new(), Vec::new(), String::new());
    for number in ["one", "two"] {
        let user = json!({ "email": format!("{number}@{name}.example"), "displayName": name, "roles": roles });
        users.push(id(&admin.post("/v1/users", user).await.ok()));
        let application = json!({ "name": format!("{name} {number}"), "roles": roles });
        let made = admin.post("/v1/applications", application).await.ok();
        secret = made["secretId"].as_str().unwrap().to_owned();
        applications.push(id(&made));
    }
    let (spare_user, spare_application) = (users.pop().unwrap(), applications.pop().unwrap());
    // The secret that is made and removed is the second application's.
    let (user, application) = (users.pop().unwrap(), applications.pop().unwrap());
    let record = id(&admin.get("/v1/auditrecords?size=1").await.ok()["items"][0]);
    Company {
        admin: admin.clone(),
        domain,
        user,
        spare_user,
        application,
        secret,
        spare_application,
        record,
        granted: Granted::default(),
    }
}

async fn served(registrar: &Actor, seller: &Actor, customer: &Customer, company: usize, name: &str) -> Served {
    let file = format!("Manufacturer,Model,Serial Number\nProseware,Cube,{name}1\nProseware,Cube,{name}2\n");
    let registration = registrar.register(&customer.id, file.as_bytes()).await;
    let devices = registrar.get(&format!("/v1/customers/{}/devices", customer.id)).await.ok();
    let record = registrar.get(&format!("/v1/customers/{}", customer.id)).await.ok();
    let domain = record["companyProfile"]["domain"].as_str().unwrap();
    let user = async |number: u32| {
        let body = json!({ "userPrincipalName": format!("{number}@{domain}"), "displayName": name });
        id(&registrar.post(&format!("/v1/customers/{}/users", customer.id), body).await.ok())
    };
    let users = [user(1).await, user(2).await];
    let policies = format!("/v1/customers/{}/policies", customer.id);
    let policy = registrar.post(&policies, json!({ "name": name })).await.ok();
    // Without a hash it becomes no device, and an imported identity nevertheless.
    let imports = "/v1.0/deviceManagement/importedWindowsAutopilotDeviceIdentities";
    let imported = customer.admin.post(imports, json!({ "serialNumber": format!("{name}3") })).await.ok();
    let of_customer = |rest: &str| format!("/v1/customers/{}{rest}", customer.id);
    let assigned = json!({ "assignedUser": format!("1@{domain}") });
    let device = id(&devices["items"][0]);
    registrar.send("PATCH", &of_customer(&format!("/devices/{device}")), assigned).await.ok();
    let line = json!({ "offerId": catalogue::LEGACY_SUITE, "quantity": 1, "friendlyName": name });
    let order = seller.post(&of_customer("/orders"), json!({ "lineItems": [line] })).await.ok();
    let item = json!({ "catalogItemId": catalogue::LEGACY_SUITE, "quantity": 1, "friendlyName": name });
    let cart = seller.post(&of_customer("/carts"), json!({ "lineItems": [item] })).await.ok();
    Served {
        company,
        registration: id(&registration),
        device,
        policy: id(&policy),
        imported: id(&imported),
        users,
        subscription: order["lineItems"][0]["subscriptionId"].as_str().unwrap().to_owned(),
        order: id(&order),
        cart: id(&cart),
    }
}

impl World {
    pub async fn build() -> Self {
        let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await.with_catalogue();
        let expired = centre.operator().await;
        // An hour and a minute: what was signed before is over.
        let stale_operator = expired.clone();
        centre.advance(Duration::from_secs(61 * 60));
        let operator = expired.sign_in_again().await;
        let provider = centre.provider(&operator, "alfa").await;
        let other_provider = centre.provider(&operator, OTHER_CHANNEL).await;
        let mut resellers = Vec::new();
        for (name, location) in
            [("resela", "6001000"), ("reselb", "6002000"), ("reselc", "6003000"), ("reseld", "6004000")]
        {
            resellers.push(centre.reseller(&operator, name, location).await);
        }
        let other_reseller = centre.reseller(&operator, "bravoreseller", "6005000").await;
        for reseller in [&resellers[0], &resellers[2], &resellers[3]] {
            centre.partner(&provider, reseller).await;
        }
        centre.partner(&other_provider, &other_reseller).await;
        let customer_a = centre.customer(&provider, "custa", Some(&resellers[0])).await;
        let customer_b = centre.customer(&other_provider, "bravocustomer", Some(&other_reseller)).await;
        let customer_c = centre.customer(&provider, "custc", Some(&resellers[2])).await;
        let customer_d = centre.customer(&provider, "custd", Some(&resellers[3])).await;
        let customers = vec![
            served(&resellers[0], &provider, &customer_a, 8, "a").await,
            served(&other_reseller, &other_provider, &customer_b, 9, OTHER_CHANNEL).await,
            served(&resellers[2], &provider, &customer_c, 10, "c").await,
            served(&resellers[3], &provider, &customer_d, 11, "d").await,
        ];
        // A device of the first customer's, claimed by the other channel.
        let claimed =
            other_reseller.register(&customer_b.id, b"Manufacturer,Model,Serial Number\nProseware,Cube,a2\n").await;
        let row = format!("deviceRegistrations/{}/rows/1/releaserequest", id(&claimed));
        let release = format!("/v1/customers/{}/{row}", customer_b.id);
        let release_request = id(&other_reseller.post(&release, json!({})).await.ok());
        let removal = format!("/v1/relationships/{}/removal", resellers[2].id);
        provider.post(&removal, json!({ "attestation": true })).await.ok();
        let owner = json!({ "partnerId": resellers[0].id });
        provider.post(&format!("/v1/customers/{}/tenantowners", customer_a.id), owner).await.ok();
        let mut granted = Vec::new();
        for (number, partner, customer) in [
            (PROVIDER_A, &provider, &customer_a),
            (PROVIDER_B, &other_provider, &customer_b),
            (RESELLER_A, &resellers[0], &customer_a),
            (RESELLER_A + 2, &resellers[2], &customer_c),
            (RESELLER_A + 3, &resellers[3], &customer_d),
            (RESELLER_OF_B, &other_reseller, &customer_b),
        ] {
            let name = if matches!(number, PROVIDER_B | RESELLER_OF_B) { OTHER_CHANNEL } else { "alfa" };
            granted.push((number, administration::granted(partner, customer, name).await));
        }
        let (_, administration_token) = administration::asking(&provider, "for anybody").await;
        let end = format!("/v1/customers/{}/administrators/{}", customer_d.id, resellers[3].id);
        customer_d.admin.delete(&end).await.ok();

        let helpdesk: &[&str] = &["helpdesk_agent"];
        let mut companies = Vec::new();
        for (admin, name, roles) in [
            (&operator, "operator", &["global_admin"][..]),
            (&provider, "alfa", helpdesk),
            (&other_provider, OTHER_CHANNEL, helpdesk),
            (&resellers[0], "resela", helpdesk),
            (&resellers[1], "reselb", helpdesk),
            (&resellers[2], "reselc", helpdesk),
            (&resellers[3], "reseld", helpdesk),
            (&other_reseller, "bravoreseller", helpdesk),
            (&customer_a.admin, "custa", &["global_admin"]),
            (&customer_b.admin, "bravocustomer", &["global_admin"]),
            (&customer_c.admin, "custc", &["global_admin"]),
            (&customer_d.admin, "custd", &["global_admin"]),
        ] {
            companies.push(company(admin, name, roles).await);
        }
        for (number, granted) in granted {
            companies[number].granted = granted;
        }
        let groups = resellers[1].get("/v1.0/groups").await.ok();
        companies[RESELLER_A + 1].granted.group = id(&groups["value"][0]);
        for (customer, served) in [(8, "custa"), (9, "bravocustomer"), (10, "custc"), (11, "custd")] {
            companies[customer].domain = format!("{served}.onmicrosoft.com");
        }
        let request = json!({ "text": "Please change it." });
        let asked = provider.post("/v1/indirectproviders/current/changerequests", request).await.ok();
        let entries = b"Manufacturer,Model,Serial Number\nContosoWorks,One,C1\n";
        let manifest = operator.upload("/v1/devicedirectory/manifests", entries, &[]).await.ok();
        let draft = async |of: &Actor, name: &str| {
            let body = json!({ "customer": { "companyName": name } });
            id(&of.post("/v1/customerdrafts", body).await.ok())
        };
        let mut handed_over = customer_body("custe", None);
        handed_over["setupInfoTo"] = json!({ "name": "Eva", "email": "eva@custe.example" });
        provider.post("/v1/customers", handed_over).await.ok();
        centre.run_jobs().await;
        let enrollments =
            [centre.enroll("newone", "7001000").await.ok(), centre.enroll("newtwo", "7002000").await.ok()];
        let consents = [(); 2].map(|()| uuid::Uuid::now_v7().to_string());
        for (who, customer, application) in
            [(&provider, &customer_a, &consents[0]), (&other_provider, &customer_b, &consents[1])]
        {
            let grants = json!([{ "enterpriseApplicationId": application, "scope": "x" }]);
            let body = json!({ "applicationId": application, "applicationGrants": grants });
            who.post(&format!("/v1/customers/{}/applicationconsents", customer.id), body).await.ok();
        }
        let requests = BTreeMap::from([
            (PROVIDER_A, relationship_request(&provider, None).await),
            (PROVIDER_B, relationship_request(&other_provider, None).await),
            (RESELLER_A, relationship_request(&resellers[0], Some(&provider)).await),
            (RESELLER_A + 3, relationship_request(&resellers[3], Some(&provider)).await),
        ]);
        let mut world = Self {
            consents,
            requests,
            spare_request: relationship_request(&provider, None).await,
            spare_request_token: token(&relationship_request(&provider, None).await),
            principals: Vec::new(),
            companies,
            customers,
            invitation: [
                invitation(&provider, "first@reselb.example").await,
                invitation(&other_provider, "first@bravoguest.example").await,
            ],
            spare_invitation: invitation(&provider, "second@reselb.example").await,
            administration_token,
            spare_token: token(&invitation(&provider, "third@reselb.example").await),
            drafts: [draft(&provider, "draft").await, draft(&other_provider, "bravodraft").await],
            spare_draft: draft(&provider, "spare").await,
            setup_info: centre.token_mailed_to("eva@custe.example", "set_"),
            enrollments: enrollments.map(|made| id(&made)),
            change_request: id(&asked),
            manifest: id(&manifest),
            release_request,
            absent: [(); 2].map(|()| uuid::Uuid::now_v7().to_string()),
            centre: centre.clone(),
        };
        world.call_together(&provider, &resellers, &customer_a, &customer_b, &stale_operator).await;
        world
    }

    /// The 24. Whoever consumes an object is the first who may; the operator comes last.
    async fn call_together(
        &mut self,
        provider: &Actor,
        resellers: &[Actor],
        customer: &Customer,
        other_customer: &Customer,
        stale: &Actor,
    ) {
        use OrganisationKind::{Customer as OfCustomer, Operator, Provider, Reseller};
        let centre = self.centre.clone();
        for role in ROLES {
            let actor = match role {
                "global_admin" => provider.clone(),
                _ => provider.colleague(&format!("{role}@alfa.example"), &[role]).await,
            };
            self.add(&format!("provider A {role}"), Some(actor), Provider, &[role], PROVIDER_A, 0);
        }
        for role in ROLES {
            let actor = match role {
                "global_admin" => resellers[0].clone(),
                _ => resellers[0].colleague(&format!("{role}@resela.example"), &[role]).await,
            };
            self.add(&format!("reseller A {role}"), Some(actor), Reseller, &[role], RESELLER_A, 0);
        }
        let admin = &["global_admin"];
        for (name, number, customer) in [("B", 1, 0), ("C", 2, 2), ("D", 3, 3)] {
            let actor = Some(resellers[number].clone());
            self.add(&format!("reseller {name}"), actor, Reseller, admin, RESELLER_A + number, customer);
        }
        self.add("customer A admin", Some(customer.admin.clone()), OfCustomer, admin, 8, 0);
        let user = customer.admin.colleague("user@custa.example", admin).await;
        // The API makes no user without a role; directories from elsewhere have them.
        centre.database().break_with(
            "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE user_name = 'user@custa.example')",
        );
        self.add("customer A user", Some(user), OfCustomer, &[], 8, 0);
        self.add("customer B admin", Some(other_customer.admin.clone()), OfCustomer, admin, 9, 1);
        let application = provider.application(&["sales_agent"]).await;
        self.add("client credentials of A", Some(application), Provider, &["sales_agent"], PROVIDER_A, 0);
        self.principals.last_mut().unwrap().is_application = true;
        let other_provider = self.companies[PROVIDER_B].admin.clone();
        let application = other_provider.application(admin).await;
        self.add("client credentials of B", Some(application), Provider, admin, PROVIDER_B, 1);
        self.principals.last_mut().unwrap().is_application = true;
        self.add("provider B", Some(other_provider), Provider, admin, PROVIDER_B, 1);

        let suspended = provider.colleague("gone@alfa.example", admin).await;
        let users = provider.get("/v1/users").await.ok();
        let user = users["items"].as_array().unwrap().iter().find(|user| user["userName"] == "gone@alfa.example");
        let (path, etag) =
            (format!("/v1/users/{}", id(user.unwrap())), user.unwrap()["attributes"]["etag"].as_str().unwrap());
        provider.patch(&path, etag, json!({ "state": "suspended" })).await.ok();
        let mut elsewhere = provider.clone();
        let mut claims = decoded(&provider.token, 1);
        claims["aud"] = json!("https://somewhere-else.example");
        elsewhere.token = signed(&own_pair(&centre), &decoded(&provider.token, 0), &claims);
        for (name, actor, refusal) in [
            ("anonymous", None, "401 tokenMissing"),
            ("suspended user", Some(suspended), "401 tokenInvalid"),
            ("expired token", Some(stale.clone()), "401 tokenInvalid"),
            ("token for another audience", Some(elsewhere), "401 tokenInvalid"),
        ] {
            self.add(name, actor, Provider, admin, PROVIDER_A, 0);
            self.principals.last_mut().unwrap().no_credential = Some(refusal);
        }
        let operator = self.companies[OPERATOR].admin.clone();
        self.add("operator", Some(operator), Operator, admin, OPERATOR, 0);
        assert_eq!(self.principals.len(), 24);
    }

    fn add(
        &mut self,
        name: &str,
        actor: Option<Actor>,
        kind: OrganisationKind,
        roles: &[&str],
        company: usize,
        customer: usize,
    ) {
        let of_other_channel = matches!(company, PROVIDER_B | RESELLER_OF_B | 9);
        let (foreign_company, foreign_customer) = match (of_other_channel, kind) {
            (true, _) => (PROVIDER_A, 0),
            (false, OrganisationKind::Customer) => (9, 1),
            (false, _) => (PROVIDER_B, 1),
        };
        let partner = match company {
            PROVIDER_A => RESELLER_A,
            PROVIDER_B => RESELLER_OF_B,
            _ => PROVIDER_A,
        };
        self.principals.push(Principal {
            name: name.to_owned(),
            actor,
            no_credential: None,
            kind,
            roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
            is_application: false,
            company,
            foreign_company,
            customer,
            foreign_customer,
            partner: self.companies[partner].admin.id.clone(),
            of_other_channel,
        });
    }

    /// A subscription that provider A sold and one that provider B sold, and the path of the first one's customer.
    pub fn sold(&self) -> ([String; 2], String) {
        let [own, foreign] = [0, 1].map(|customer: usize| &self.customers[customer]);
        let path = format!("/v1/customers/{}", self.companies[own.company].admin.id);
        ([own.subscription.clone(), foreign.subscription.clone()], path)
    }

    /// The order that the first of them came of.
    pub fn order_of_provider_a(&self) -> String {
        self.customers[0].order.clone()
    }

    /// The admins of the other channel, whose objects nobody else may change.
    pub fn others(&self) -> impl Iterator<Item = &Principal> {
        self.principals.iter().filter(|principal| ["provider B", "customer B admin"].contains(&principal.name.as_str()))
    }

    /// Paths for a row, as a principal would write them.
    pub fn cases(&self, row: &Row, me: &Principal) -> Cases {
        let (own, foreign) = (&self.companies[me.company], &self.companies[me.foreign_company]);
        let (customer, other) = (&self.customers[me.customer], &self.customers[me.foreign_customer]);
        let customer_id = |of: &Served| self.companies[of.company].admin.id.clone();
        let [absent, absent_too] = self.absent.clone();
        let of = |name: &'static str, id: &str| vec![(name, id.to_owned())];
        let two = |first: (&'static str, &str), second: (&'static str, &str)| {
            vec![(first.0, first.1.to_owned()), (second.0, second.1.to_owned())]
        };
        let alone = |own: Ids| Cases { own, alike: vec![(of("{id}", &absent), of("{id}", &absent_too))] };
        let simple = |own: &str, foreign: &str| Cases {
            own: of("{id}", own),
            alike: vec![(of("{id}", foreign), of("{id}", &absent))],
        };
        let links = |own: &str, foreign: &Value| {
            let mut altered = token(foreign).into_bytes();
            let last = altered.len() - 5;
            altered[last] = if altered[last] == b'x' { b'y' } else { b'x' };
            let altered = String::from_utf8(altered).unwrap();
            let random = altered[..4].to_owned() + &"Q".repeat(altered.len() - 4);
            Cases { own: of("{token}", own), alike: vec![(of("{token}", &altered), of("{token}", &random))] }
        };
        let foreign_invitation = &self.invitation[usize::from(!me.of_other_channel)];
        let (own_provider, foreign_provider) =
            if me.of_other_channel { (PROVIDER_B, PROVIDER_A) } else { (PROVIDER_A, PROVIDER_B) };
        let thing_of_customer = |place: &'static str, own: &str, foreign: &str| {
            let (mine, theirs) = (customer_id(customer), customer_id(other));
            let named = |customer: &str, thing: &str| two(("{customer}", customer), (place, thing));
            Cases {
                own: named(&mine, own),
                alike: vec![
                    (named(&mine, foreign), named(&mine, &absent)),
                    (named(&theirs, foreign), named(&absent, &absent_too)),
                ],
            }
        };
        let of_customer = |own: &str, foreign: &str| thing_of_customer("{id}", own, foreign);
        let nobody = administration::absent(&absent, &absent_too);
        let or_nobody = |id: &str| if id.is_empty() { nobody.clone() } else { id.to_owned() };
        let relationship = |own: &str, foreign: &str| Cases {
            own: of("{id}", &or_nobody(own)),
            alike: vec![(of("{id}", &or_nobody(foreign)), of("{id}", &nobody))],
        };
        let part = |name: &'static str, of_granted: fn(&Granted) -> &String| {
            let named = |relationship: &str, part: &str| two(("{id}", relationship), (name, part));
            let (mine, theirs) = (or_nobody(&own.granted.relationship), or_nobody(&foreign.granted.relationship));
            let or_absent = |part: &String| if part.is_empty() { absent.clone() } else { part.clone() };
            let their_part = or_absent(of_granted(&foreign.granted));
            Cases {
                own: named(&mine, &or_absent(of_granted(&own.granted))),
                alike: vec![
                    (named(&mine, &their_part), named(&mine, &absent)),
                    (named(&theirs, &their_part), named(&nobody, &absent)),
                ],
            }
        };
        match row.target {
            Target::Nothing => Cases { own: Vec::new(), alike: Vec::new() },
            Target::User => simple(&own.user, &foreign.user),
            Target::SpareUser => simple(&own.spare_user, &foreign.spare_user),
            Target::Application => simple(&own.application, &foreign.application),
            Target::SpareApplication => simple(&own.spare_application, &foreign.spare_application),
            Target::Secret => {
                let named = |application: &str, secret: &str| two(("{id}", application), ("{secretId}", secret));
                Cases {
                    own: named(&own.spare_application, &own.secret),
                    alike: vec![
                        (named(&foreign.spare_application, &foreign.secret), named(&absent, &absent_too)),
                        (named(&own.spare_application, &foreign.secret), named(&own.spare_application, &absent)),
                    ],
                }
            }
            Target::Invitation | Target::SpareInvitation => {
                let spare = matches!(row.target, Target::SpareInvitation);
                let mine = match (me.of_other_channel, spare) {
                    (true, _) => &self.invitation[1],
                    (false, true) => &self.spare_invitation,
                    (false, false) => &self.invitation[0],
                };
                simple(&id(mine), &id(&self.invitation[usize::from(!me.of_other_channel)]))
            }
            Target::Relationship => relationship(&own.granted.relationship, &foreign.granted.relationship),
            Target::SpareRelationship => relationship(&own.granted.spare, &foreign.granted.spare),
            Target::AccessRequest => part("{requestId}", |granted| &granted.request),
            Target::Assignment => part("{assignmentId}", |granted| &granted.assignment),
            Target::Operation => part("{operationId}", |granted| &granted.operation),
            Target::Group => {
                let named = |id: &str| of("{group}", if id.is_empty() { &absent } else { id });
                let alike = vec![(named(&foreign.granted.group), named(""))];
                Cases { own: named(&own.granted.group), alike }
            }
            Target::AdministeredCustomer => Cases {
                own: of("{tenantId}", &customer_id(customer)),
                alike: vec![
                    (of("{tenantId}", &customer_id(other)), of("{tenantId}", &absent)),
                    (of("{tenantId}", &foreign.admin.id), of("{tenantId}", &absent)),
                ],
            },
            Target::DomainName => {
                let named = |domain: &str| of("{domainName}", domain);
                Cases {
                    own: named(&self.companies[customer.company].domain),
                    alike: vec![(named(&self.companies[other.company].domain), named("nobody.onmicrosoft.com"))],
                }
            }
            Target::AdministrationLink => {
                let mut altered = self.administration_token.clone();
                altered.replace_range(10..11, if &altered[10..11] == "x" { "y" } else { "x" });
                let random = "gda_".to_owned() + &"Q".repeat(altered.len() - 4);
                let own = of("{token}", &self.administration_token);
                Cases { own, alike: vec![(of("{token}", &altered), of("{token}", &random))] }
            }
            Target::Record => simple(&own.record, &foreign.record),
            Target::Token => links(&token(&self.invitation[usize::from(me.of_other_channel)]), foreign_invitation),
            Target::SpareToken => links(&self.spare_token, foreign_invitation),
            Target::Request => {
                let mine = self.requests.get(&me.company).map_or(absent.clone(), id);
                simple(&mine, &id(&self.requests[&foreign_provider]))
            }
            Target::SpareRequest => simple(&id(&self.spare_request), &id(&self.requests[&foreign_provider])),
            Target::RequestToken => links(&token(&self.requests[&own_provider]), &self.requests[&foreign_provider]),
            Target::SpareRequestToken => links(&self.spare_request_token, &self.requests[&foreign_provider]),
            Target::Partner => {
                let strangers =
                    if me.of_other_channel { [PROVIDER_A, RESELLER_A] } else { [PROVIDER_B, RESELLER_OF_B] };
                let pair =
                    |other: usize| (of("{partnerId}", &self.companies[other].admin.id), of("{partnerId}", &absent));
                Cases { own: of("{partnerId}", &me.partner), alike: strangers.map(pair).to_vec() }
            }
            Target::Customer => {
                let (theirs, domain) = (customer_id(other), &self.companies[other.company].domain);
                let named = |name: &str| of("{customer}", name);
                Cases {
                    own: named(&customer_id(customer)),
                    alike: vec![
                        (named(&theirs), named(&absent)),
                        (named(domain), named("nobody.onmicrosoft.com")),
                        (named(&foreign.admin.id), named(&absent)),
                    ],
                }
            }
            Target::Administrator => {
                let named = |customer: &str, partner: &str| two(("{customer}", customer), ("{partnerId}", partner));
                let (mine, theirs) = (customer_id(customer), customer_id(other));
                let stranger = &self.companies[if me.of_other_channel { RESELLER_A } else { RESELLER_OF_B }].admin.id;
                Cases {
                    own: named(&mine, &self.companies[RESELLER_A].admin.id),
                    alike: vec![
                        (named(&mine, stranger), named(&mine, &absent)),
                        (named(&theirs, stranger), named(&absent, stranger)),
                        (named(&theirs, stranger), named(&absent, &absent_too)),
                    ],
                }
            }
            Target::Registration => of_customer(&customer.registration, &other.registration),
            Target::Order => thing_of_customer("{order}", &customer.order, &other.order),
            Target::Subscription => thing_of_customer("{subscription}", &customer.subscription, &other.subscription),
            Target::Cart => thing_of_customer("{cart}", &customer.cart, &other.cart),
            Target::Device => of_customer(&customer.device, &other.device),
            Target::DeviceRow => {
                let Cases { mut own, mut alike } = of_customer(&customer.registration, &other.registration);
                own.push(("{row}", "1".to_owned()));
                for (foreign, absent) in &mut alike {
                    foreign.push(("{row}", "1".to_owned()));
                    absent.push(("{row}", "1".to_owned()));
                }
                Cases { own, alike }
            }
            Target::ReleaseRequest => {
                let (mine, theirs) = (customer_id(customer), customer_id(other));
                let named = |customer: &str, id: &str| two(("{customer}", customer), ("{id}", id));
                let mut alike = vec![(named(&theirs, &self.release_request), named(&absent, &absent_too))];
                if me.customer != 0 {
                    alike.push((named(&mine, &self.release_request), named(&mine, &absent)));
                }
                Cases { own: named(&mine, &self.release_request), alike }
            }
            // The batch of a file without an Order ID is called by its registration.
            Target::Batch => thing_of_customer("{batch}", &customer.registration, &other.registration),
            Target::BatchDevice => {
                let named = |customer: &str, batch: &str, device: &str| {
                    let mut ids = two(("{customer}", customer), ("{batch}", batch));
                    ids.extend(of("{id}", device));
                    ids
                };
                let (mine, theirs) = (customer_id(customer), customer_id(other));
                let batch = &customer.registration;
                Cases {
                    own: named(&mine, batch, &customer.device),
                    alike: vec![
                        (named(&mine, batch, &other.device), named(&mine, batch, &absent)),
                        (named(&mine, &other.registration, &other.device), named(&mine, &absent, &absent_too)),
                        (named(&theirs, &other.registration, &other.device), named(&absent, batch, &absent_too)),
                    ],
                }
            }
            Target::UploadJob => thing_of_customer("{job}", &customer.registration, &other.registration),
            Target::Policy => thing_of_customer("{policy}", &customer.policy, &other.policy),
            Target::ImportedIdentity => Cases {
                own: of("{device}", &customer.imported),
                alike: vec![(of("{device}", &other.imported), of("{device}", &absent))],
            },
            Target::DeviceIdentity => Cases {
                own: of("{device}", &customer.device),
                alike: vec![(of("{device}", &other.device), of("{device}", &absent))],
            },
            Target::CustomerUser => of_customer(&customer.users[0], &other.users[0]),
            Target::SpareCustomerUser => of_customer(&customer.users[1], &other.users[1]),
            Target::CustomerDraft => {
                let own = &self.drafts[usize::from(me.of_other_channel)];
                simple(own, &self.drafts[usize::from(!me.of_other_channel)])
            }
            Target::SpareCustomerDraft => simple(&self.spare_draft, &self.drafts[usize::from(!me.of_other_channel)]),
            Target::SetupInfoToken => {
                let (start, end) = self.setup_info.split_at(self.setup_info.len() - 5);
                let altered = format!("{start}{}{}", if end.starts_with('x') { "y" } else { "x" }, &end[1..]);
                let random = "set_".to_owned() + &"Q".repeat(altered.len() - 4);
                Cases {
                    own: of("{token}", &self.setup_info),
                    alike: vec![(of("{token}", &altered), of("{token}", &random))],
                }
            }
            Target::Entry => alone(of("{id}", &self.companies[PROVIDER_A].admin.id)),
            Target::Enrollment => alone(of("{id}", &self.enrollments[0])),
            Target::OtherEnrollment => alone(of("{id}", &self.enrollments[1])),
            Target::ChangeRequest => alone(of("{id}", &self.change_request)),
            Target::Manifest => alone(of("{id}", &self.manifest)),
            Target::Consent => {
                let named =
                    |customer: &str, application: &str| two(("{customer}", customer), ("{applicationId}", application));
                let (mine, theirs) = (customer_id(customer), customer_id(other));
                let [own, foreign] = match me.of_other_channel {
                    true => [&self.consents[1], &self.consents[0]],
                    false => [&self.consents[0], &self.consents[1]],
                };
                Cases {
                    own: named(&mine, own),
                    alike: vec![
                        (named(&mine, foreign), named(&mine, &absent)),
                        (named(&theirs, foreign), named(&absent, &absent_too)),
                    ],
                }
            }
            Target::Domain => Cases { own: of("{domain}", &own.domain), alike: Vec::new() },
            Target::Country => Cases { own: of("{iso2}", "SE"), alike: Vec::new() },
            Target::GuideTemplate => Cases { own: of("{file}", "partner.csv"), alike: Vec::new() },
            Target::GuideScript => Cases { own: of("{file}", "merge.py"), alike: Vec::new() },
            Target::Template => Cases {
                own: of("{templateId}", "117a77b0-9360-443b-8795-c6dedc750cf9"),
                alike: vec![(of("{templateId}", &absent), of("{templateId}", &absent_too))],
            },
            Target::Offer => Cases {
                own: of("{id}", catalogue::LEGACY_SUITE),
                alike: vec![(of("{id}", &absent), of("{id}", &absent_too))],
            },
            Target::Product => {
                let (product, availability) = catalogue::MODERN_SUITE.split_once(":0001:").unwrap();
                let named = |customer: &str| {
                    let mut ids = two(("{customer}", customer), ("{product}", product));
                    ids.extend(two(("{sku}", "0001"), ("{availability}", availability)));
                    ids
                };
                let (mine, theirs) = (customer_id(customer), customer_id(other));
                Cases { own: named(&mine), alike: vec![(named(&theirs), named(&absent))] }
            }
            Target::Tenant => Cases { own: of("{tenant}", &own.admin.id), alike: Vec::new() },
        }
    }

    /// Bodies that name companies: for the test of properties.
    pub fn customer_for(&self, name: &str, reseller: &str) -> Value {
        customer_body(name, Some(reseller))
    }

    pub fn company(&self, index: usize) -> &Company {
        &self.companies[index]
    }
}
