//! The main story, told as it happens: every line is the result of a call.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use serde_json::json;

use super::channel::{self, Company, OPERATOR, PASSWORD, PROVIDERS, RESELLERS};
use super::client::{Answer, Client};
use super::{DemoFolders, files};
use crate::access::{self, NewPerson, Role};
use crate::audit::System;
use crate::config::Settings;
use crate::platform::Parts;
use crate::platform::db::Isolation;
use crate::platform::error::Sure;
use crate::platform::http::RequestIds;
use crate::platform::text::EmailAddress;

/// Prints a line. Whoever stops reading ends the telling, not the service.
macro_rules! say {
    ($($line:tt)*) => {
        writeln!(std::io::stdout(), $($line)*).unwrap_or_default()
    };
}

/// Where the story is played.
pub struct Stage {
    /// The public address.
    pub base: String,
    /// The address to call.
    pub connect: String,
    /// The database, as it may be shown.
    pub database: String,
    /// Mails and files.
    pub folders: DemoFolders,
    /// For the first operator, whom a command makes.
    pub parts: Parts,
    /// Settings of the running program.
    pub settings: Settings,
}

type Told<T> = Result<T, String>;

/// Plays and prints the story. If something goes wrong it says what, and the service goes on.
pub fn tell(stage: &Stage) {
    say!("\nPartner Center demo · an invented channel on {}\n", stage.database);
    match Story::new(stage).play() {
        Ok(cast) => say!("{}", epilogue(stage, &cast)),
        Err(reason) => say!("\n  The story stopped: {reason}\n  The service goes on at {}.\n", stage.base),
    }
}

/// What the epilogue needs to know.
struct Cast {
    customer: String,
    /// Account, what it is, its refresh token.
    sign_ins: Vec<(String, &'static str, String)>,
}

struct Story<'s> {
    stage: &'s Stage,
    anyone: Client,
}

/// What a partner can do once signed in.
struct Partner {
    id: String,
    client: Client,
    refresh_token: String,
}

/// A customer and its admin.
struct Customer {
    id: String,
    admin_name: String,
    admin: Client,
    refresh_token: String,
}

impl<'s> Story<'s> {
    fn new(stage: &'s Stage) -> Self {
        Self { stage, anyone: Client::new(&stage.connect) }
    }

    fn play(&self) -> Told<Cast> {
        files::write(&self.stage.folders.files).map_err(|error| format!("demo files: {error}"))?;
        let (operator, operator_token) = self.operator()?;
        let [northwind, _trey] = self.providers(&operator)?;
        let [norrsken, adatum, _lamna] = self.resellers(&operator)?;
        Self::catalogue(&operator, &northwind)?;
        self.partnership(&northwind, &norrsken)?;
        let customer = self.customer(&northwind, &norrsken)?;
        Self::sale(&northwind, &norrsken, &customer)?;
        self.devices(&operator, &norrsken, &customer.id)?;
        self.gate(&norrsken, &adatum, &northwind, &customer)?;
        self.removal(&northwind, &norrsken, &customer.id)?;
        let sign_ins = vec![
            (OPERATOR.to_owned(), "operator", operator_token),
            (PROVIDERS[0].email.to_owned(), "provider", northwind.refresh_token),
            (RESELLERS[0].email.to_owned(), "reseller", norrsken.refresh_token),
            (customer.admin_name, "customer", customer.refresh_token),
        ];
        Ok(Cast { customer: customer.id, sign_ins })
    }

    fn operator(&self) -> Told<(Client, String)> {
        chapter("The operator opens the centre");
        let email = EmailAddress::try_from(OPERATOR.to_owned()).map_err(|error| error.to_string())?;
        let person = NewPerson {
            email,
            display_name: "Olga Operator".to_owned(),
            roles: vec![Role::GlobalAdmin],
            language: "en".to_owned(),
        };
        let (parts, access) = (&self.stage.parts, &self.stage.settings.access);
        let actor = System { organisation: None, request: RequestIds::fresh() };
        let made: Sure<_> = parts.db.write_now(Isolation::Serializable, &|tx| {
            Ok(access::create_operator(tx, &parts.keys, &actor, &person, access, parts.clock.now())?)
        });
        let code = made.map_err(|error| error.to_string())?;
        let (operator, refresh_token) = self.anyone.activate(code.expose_secret(), PASSWORD)?;
        done("Olga's account was made by command and activated with its code");
        let agreement = json!({
            "version": "2026-10", "title": "Microsoft Partner Agreement", "documentUrl": "https://partners.example.org/mpa",
        });
        expect(operator.post("/v1/agreements/mpa/versions", &agreement)?)?;
        done("The Microsoft Partner Agreement 2026-10 is in force");
        Ok((operator, refresh_token))
    }

    fn providers(&self, operator: &Client) -> Told<[Partner; 2]> {
        let create = |company: &Company| -> Told<Partner> {
            let id = expect(operator.post("/v1/indirectproviders", &company.as_provider())?)?.text("/id");
            let (client, refresh_token) = self.activate_by_mail(company.email)?;
            expect(client.post("/v1/agreements/mpa/signatures", &json!({}))?)?;
            done(&format!(
                "{} ({}) is on the providers list; {} activated by mail and signed the agreement",
                company.name, company.country, company.admin
            ));
            Ok(Partner { id, client, refresh_token })
        };
        Ok([create(&PROVIDERS[0])?, create(&PROVIDERS[1])?])
    }

    fn resellers(&self, operator: &Client) -> Told<[Partner; 3]> {
        let enrol = |company: &Company| -> Told<Partner> {
            let enrolled = expect(self.anyone.post("/v1/enrollments", &company.as_enrollment())?)?;
            let approve = format!("/v1/enrollments/{}/approve", enrolled.text("/id"));
            expect(operator.post(&approve, &json!({}))?)?;
            let (client, refresh_token) = self.activate_by_mail(company.email)?;
            expect(client.post("/v1/agreements/mpa/signatures", &json!({}))?)?;
            done(&format!(
                "{} enrolled with location MPN ID {}, was approved, and {} signed the agreement",
                company.name, company.location, company.admin
            ));
            Ok(Partner { id: enrolled.text("/tenantId"), client, refresh_token })
        };
        Ok([enrol(&RESELLERS[0])?, enrol(&RESELLERS[1])?, enrol(&RESELLERS[2])?])
    }

    fn partnership(&self, provider: &Partner, reseller: &Partner) -> Told<()> {
        chapter("Northwind invites Norrsken IT");
        let invitation = json!({ "email": RESELLERS[0].email });
        let invited = expect(provider.client.post("/v1/relationships/invitations", &invitation)?)?;
        done(&format!("Invitation to {}, open until {}", RESELLERS[0].email, &invited.text("/expiresAt")[..10]));
        let token = self.token_by_mail(RESELLERS[0].email, "inv_")?;
        done("The mail arrived with a personal link; opening it changes nothing");
        let accept = format!("/v1/invitations/{token}/accept");
        let own = provider.client.post(&accept, &json!({}))?;
        refused("Northwind tries to accept its own invitation", &own)?;
        expect(reseller.client.post(&accept, &json!({}))?)?;
        let again = expect(reseller.client.post(&accept, &json!({}))?)?;
        done(&format!("Arvid accepted; accepting again changed nothing (HTTP {})", again.status));
        let resellers = provider.client.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")?;
        let providers = reseller.client.get("/v1/relationships?relationship_type=IsIndirectResellerOf")?;
        done(&format!("Northwind's resellers: {} · Norrsken's providers: {}", names(&resellers), names(&providers)));
        Ok(())
    }

    fn customer(&self, provider: &Partner, reseller: &Partner) -> Told<Customer> {
        chapter("Northwind creates a customer for Norrsken IT");
        let body = channel::customer("Fabrikam Bygg", "fabrikambygg.onmicrosoft.com", Some(&reseller.id));
        let created = expect(provider.client.post("/v1/customers", &body)?)?;
        let customer = created.text("/id");
        let (user, password) = (created.text("/userCredentials/userName"), created.text("/userCredentials/password"));
        let user_name = format!("{user}@{}", created.text("/companyProfile/domain"));
        done(&format!("Fabrikam Bygg exists. Setup info, shown this one time: {user_name} · {password}"));
        let first = json!({ "userName": user_name, "temporaryPassword": password, "newPassword": PASSWORD });
        let signed_in = expect(self.anyone.post("/v1/accounts/password", &first)?)?;
        let (admin, refresh_token) =
            self.anyone.sign_in(&signed_in.text("/tenantId"), &signed_in.text("/refreshToken"))?;
        done("Its admin changed the temporary password at the first sign-in");
        refused("The temporary password is tried once more", &self.anyone.post("/v1/accounts/password", &first)?)?;
        let administrators = expect(admin.get(&format!("/v1/customers/{customer}/administrators"))?)?;
        done(&format!("Who can administer Fabrikam Bygg: {}", names(&administrators)));
        let other = channel::customer("Tailspin Toys", "tailspintoys.onmicrosoft.com", None);
        expect(provider.client.post("/v1/customers", &other)?)?;
        done("Tailspin Toys exists too, without a reseller");
        Ok(Customer { id: customer, admin_name: user_name, admin, refresh_token })
    }

    fn catalogue(operator: &Client, provider: &Partner) -> Told<()> {
        chapter("The operator imports the catalogue");
        let imported = expect(operator.send("/v1/offers/import", "application/json", files::OFFERS.as_bytes())?)?;
        done(&format!("{} offers are in the catalogue", imported.body["offers"]));
        let categories = expect(provider.client.get("/v1/offercategories?country=SE")?)?;
        done(&format!("Northwind sells in Sweden from the categories {}", names(&categories)));
        Ok(())
    }

    fn sale(provider: &Partner, reseller: &Partner, customer: &Customer) -> Told<()> {
        chapter("Northwind sells, and says who is credited and who answers");
        let of_customer = |rest: &str| format!("/v1/customers/{}{rest}", customer.id);
        let ordered = |mpn_id: &str| {
            json!({ "billingCycle": "monthly", "lineItems": [
                { "offerId": files::SOLD_OFFER, "quantity": 10, "partnerIdOnRecord": mpn_id },
            ] })
        };
        let order = |mpn_id: &str| provider.client.post(&of_customer("/orders"), &ordered(mpn_id));
        refused("An order that names Norrsken's partner global account", &order(RESELLERS[0].global)?)?;
        let placed = expect(order(RESELLERS[0].location)?)?;
        let subscription = of_customer(&format!("/subscriptions/{}", placed.text("/lineItems/0/subscriptionId")));
        done(&format!("10 licences are ordered with Norrsken's MPN ID {} on record", RESELLERS[0].location));
        let more = expect(reseller.client.patch(&subscription, &json!({ "quantity": 12 }))?)?;
        done(&format!(
            "Norrsken manages that subscription: {} licences of {}",
            more.body["quantity"],
            more.text("/offerName")
        ));
        let contact = format!("{subscription}/supportcontact");
        expect(provider.client.put(&contact, &json!({ "supportTenantId": reseller.id }))?)?;
        let answers = expect(customer.admin.get(&contact)?)?;
        done(&format!("Fabrikam Bygg sees who answers for it: {}", answers.text("/name")));
        let credited = expect(provider.client.get("/v1/incentives")?)?;
        done(&format!(
            "Licence-days credited so far: {}; a day counts once it is over",
            credited.body["eligibleLicenceDays"]
        ));
        Ok(())
    }

    fn devices(&self, operator: &Client, reseller: &Partner, customer: &str) -> Told<()> {
        chapter("Norrsken IT registers devices");
        let manifest = files::MANIFEST.as_bytes();
        let loaded = expect(operator.upload("/v1/devicedirectory/manifests", "manifest.csv", manifest, &[])?)?;
        let import = format!("/v1/devicedirectory/manifests/{}", loaded.text("/id"));
        self.until(operator, &import, |answer| answer.text("/state") == "loaded")?;
        done(&format!("{} devices are in the device directory", loaded.body["devices"]));
        let path = format!("/v1/customers/{customer}/deviceRegistrations");
        let sample = files::SAMPLE_LEFT_IN.as_bytes();
        let kept = reseller.client.upload(&path, "devices-sample-left-in.csv", sample, &[])?;
        refused("A file with the sample row left in", &kept)?;
        let file = files::as_powershell_writes(&files::mixed());
        let texts = [("orderId", "Order 4711"), ("dryRun", "true")];
        let checked = expect(reseller.client.upload(&path, "devices-powershell.csv", &file, &texts)?)?;
        let read = &checked.body["files"][0];
        done(&format!(
            "A dry run of a file as PowerShell writes it ({}, {}): {} rows can be registered, {} cannot",
            read["format"].as_str().unwrap_or_default(),
            read["encoding"].as_str().unwrap_or_default(),
            checked.body["counts"]["pending"],
            checked.body["counts"]["failed"]
        ));
        for finding in checked.body["findings"].as_array().into_iter().flatten() {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            say!("        {:<8} {}  [{}]", text("severity"), text("sentence"), text("code"));
            say!("                 -> {}", text("remedy"));
        }
        let registration = format!("{path}/{}", checked.text("/id"));
        let registered = expect(reseller.client.post(&format!("{registration}/register"), &json!({}))?)?;
        done(&format!("Registered exactly that: {} rows are pending", registered.body["counts"]["pending"]));
        let settled = self.until(&reseller.client, &registration, |answer| answer.text("/state") != "registering")?;
        done(&format!(
            "The registrar settled every row: {} ready, {} failed",
            settled.body["counts"]["ready"], settled.body["counts"]["failed"]
        ));
        let rows = expect(reseller.client.get(&format!("{registration}/rows"))?)?;
        for row in rows.items() {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let error = match &row["error"]["title"] {
                serde_json::Value::String(title) => {
                    format!(" · {title}: {}", row["error"]["advice"].as_str().unwrap_or_default())
                }
                _ => String::new(),
            };
            let (maker, model, serial) = (text("manufacturer"), text("model"), text("serialNumber"));
            say!("        line {:>2}  {maker} · {model} · {serial}: {}{error}", row["line"], text("status"));
        }
        done(&format!("Results, to be fixed and uploaded again: GET {registration}/results.csv"));
        Ok(())
    }

    fn gate(&self, reseller: &Partner, stranger: &Partner, provider: &Partner, customer: &Customer) -> Told<()> {
        chapter("The gate: no devices without a delegated relationship");
        let Customer { id: customer, admin, .. } = customer;
        let path = format!("/v1/customers/{customer}/deviceRegistrations");
        let file = files::as_powershell_writes(&files::mixed());
        let upload = |client: &Client| client.upload(&path, "devices-powershell.csv", &file, &[]);
        refused("Adatum Services, which has nothing to do with Fabrikam Bygg", &upload(&stranger.client)?)?;
        let end = format!("/v1/customers/{customer}/administrators/{}", reseller.id);
        expect(admin.delete(&end)?)?;
        done("Fabrikam Bygg's admin ended Norrsken's delegated administration");
        refused("Norrsken IT, from the next request on", &upload(&reseller.client)?)?;
        let devices = expect(provider.client.get(&format!("/v1/customers/{customer}/devices"))?)?;
        done(&format!("Northwind's own grant stands: it sees {} lines on the devices page", devices.items().len()));
        Ok(())
    }

    fn removal(&self, provider: &Partner, reseller: &Partner, customer: &str) -> Told<()> {
        chapter("Northwind removes the partnership");
        let removal = format!("/v1/relationships/{}/removal", reseller.id);
        let sheet = expect(provider.client.get(&removal)?)?;
        done(&format!(
            "The consequence sheet: {} customer stays as it is, {} subscription keeps Norrsken on record; nobody is notified",
            sheet.body["customers"], sheet.body["subscriptionsOfRecord"]
        ));
        refused("Without the attestation", &provider.client.post(&removal, &json!({ "attestation": false }))?)?;
        expect(provider.client.post(&removal, &json!({ "attestation": true, "reason": "End of the demo" }))?)?;
        let resellers = provider.client.get("/v1/relationships?relationship_type=IsIndirectCloudSolutionProviderOf")?;
        let providers = reseller.client.get("/v1/relationships?relationship_type=IsIndirectResellerOf")?;
        done(&format!("Gone from both lists: {} and {}", names(&resellers), names(&providers)));
        let kept = expect(reseller.client.get("/v1/customers")?)?;
        let own = expect(provider.client.get(&format!("/v1/customers/{customer}"))?)?;
        done(&format!(
            "Norrsken still sees {}; Northwind still administers it: {}",
            kept.body["items"][0]["companyProfile"]["companyName"].as_str().unwrap_or("nothing"),
            own.body["allowDelegatedAccess"]
        ));
        let next = channel::customer("Wide World Importers", "wideworld.onmicrosoft.com", Some(&reseller.id));
        refused("A new customer for Norrsken IT", &provider.client.post("/v1/customers", &next)?)
    }

    /// Waits for the registrar; a healthy one needs well under a second.
    /// Asks until it is so.
    fn until(&self, client: &Client, path: &str, is_so: impl Fn(&Answer) -> bool) -> Told<Answer> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = expect(client.get(path)?)?;
            if is_so(&answer) {
                return Ok(answer);
            }
            if Instant::now() > patience {
                return Err(format!("{path} did not come to its end within a minute"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn activate_by_mail(&self, email: &str) -> Told<(Client, String)> {
        let code = self.token_by_mail(email, "act_")?;
        self.anyone.activate(&code, PASSWORD)
    }

    fn token_by_mail(&self, email: &str, prefix: &str) -> Told<String> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(token) = token_in_mails(&self.stage.folders.mail, email, prefix) {
                return Ok(token);
            }
            if Instant::now() > patience {
                return Err(format!("no mail to {email} arrived within a minute"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The token that begins with `prefix` in the newest mail to `email`, if one has arrived in `folder`.
pub fn token_in_mails(folder: &Path, email: &str, prefix: &str) -> Option<String> {
    let mut mails: Vec<_> = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    mails.sort();
    let texts = mails
        .iter()
        .rev()
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .filter_map(|path| std::fs::read_to_string(path).ok());
    for text in texts {
        // Quoted-printable breaks long lines with "=".
        let text = text.replace("=\r\n", "");
        if !text.contains(&format!("To: {email}")) {
            continue;
        }
        if let Some(start) = text.find(prefix) {
            let is_token = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
            return Some(text[start..].chars().take_while(is_token).collect());
        }
    }
    None
}

fn expect(answer: Answer) -> Told<Answer> {
    match answer.is_success() {
        true => Ok(answer),
        false => Err(format!("HTTP {}: {}", answer.status, answer.sentence())),
    }
}

fn chapter(title: &str) {
    say!("  {title}");
}

fn done(what: &str) {
    say!("    ✓ {what}");
}

/// A refusal that belongs to the story: it must come, and its sentence is printed.
fn refused(who: &str, answer: &Answer) -> Told<()> {
    if answer.is_success() {
        return Err(format!("{who} should have been refused, but was not"));
    }
    say!("    ✗ {who}: refused ({} {})", answer.status, answer.text("/errorName"));
    say!("        {}", answer.sentence());
    Ok(())
}

fn names(list: &Answer) -> String {
    let names: Vec<String> = list.items().iter().filter_map(|item| item["name"].as_str().map(str::to_owned)).collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

fn epilogue(stage: &Stage, cast: &Cast) -> String {
    let Stage { base, folders, .. } = stage;
    let sign_ins: String = cast
        .sign_ins
        .iter()
        .map(|(account, what, token)| format!("\n      {what:<9} {account}\n                {token}"))
        .collect();
    format!(
        "\n  Now it is yours\n    \
           Open         {base}/sign-in\n    \
           REST API     {base}/openapi.json\n    \
           Mails        {mail}\n    \
           CSV files    {files}\n    \
           Customer     {customer}\n    \
           Sign-ins     with the password {PASSWORD}; below each account a refresh token, good for one use:{sign_ins}\n\n  \
         Get an access token with one of them:\n\n    \
           curl -s {base}/common/oauth2/v2.0/token -d grant_type=refresh_token \\\n      \
             -d client_id=partner-center-cli -d refresh_token=…\n\n  \
         Press Ctrl-C to stop. The next run begins anew.\n",
        mail = folders.mail.display(),
        files = folders.files.display(),
        customer = cast.customer,
    )
}
