//! Clients that other programs use, with the running program over TLS as they would with the original: for tokens, and at
//! Graph's paths.
//!
//! Run by `make test-clients`, which brings the clients.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../program/mod.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use partner_center::demo::client::{Answer, Client};
use partner_center::devices::samples::SampleDevice;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};

use program::{Installation, Serving, token};

const OPERATOR: &str = "olga@operator.example";
const USER: &str = "nora@northwind.example";
const CUSTOMER_ADMIN: &str = "admin@fabrikam.onmicrosoft.com";
const PASSWORD: &str = "correct horse battery staple";
const REDIRECT: &str = "http://localhost:53682/callback";

fn customer() -> Value {
    json!({
        "companyProfile": { "domain": "fabrikam.onmicrosoft.com", "companyName": "Fabrikam" },
        "billingProfile": {
            "email": "billing@fabrikam.example", "culture": "sv-SE", "language": "sv", "companyName": "Fabrikam",
            "defaultAddress": { "country": "SE", "city": "Umeå", "addressLine1": "Storgatan 1", "postalCode": "903 25" },
        },
    })
}

/// A provider with an application and a customer, served over TLS, and what a client has to know about it.
struct Centre {
    facts: PathBuf,
    authority: PathBuf,
    /// Ends before its folder goes.
    _serving: Serving,
    _installation: Installation,
}

/// The files of a certificate for `localhost`, its key, and the authority that signed it.
fn certificate(folder: &Path) -> [PathBuf; 3] {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    // A name of its own: a certificate that names itself as its issuer counts as self-signed.
    params.distinguished_name.push(DnType::CommonName, "Test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &authority).unwrap();
    let files = ["certificate.pem", "key.pem", "authority.pem"].map(|name| folder.join(name));
    for (file, text) in files.iter().zip([certificate.pem(), key.serialize_pem(), authority.pem()]) {
        std::fs::write(file, text).unwrap();
    }
    files
}

fn ok(answer: Result<Answer, String>) -> Answer {
    let answer = answer.unwrap();
    assert!(answer.is_success(), "HTTP {}: {}", answer.status, answer.sentence());
    answer
}

/// The activation code mailed to an address.
fn mailed(installation: &Installation, address: &str) -> String {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let mails = std::fs::read_dir(installation.folder.join("mail")).into_iter().flatten().flatten();
        let texts = mails.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        let mut texts = texts.map(|text| text.replace("=\r\n", ""));
        if let Some(text) = texts.find(|text| text.contains(&format!("To: {address}"))) {
            return token(&text, "act_").unwrap();
        }
        assert!(Instant::now() < patience, "no mail to {address}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

impl Centre {
    fn open() -> Self {
        let installation = Installation::new("clients");
        let [certificate, key, authority] = certificate(&installation.folder);
        let base = format!("https://localhost:{}", installation.port);
        // Set up without TLS, which the client of the demo does not speak; links and tokens are of the later address.
        let plain = [("PUBLIC_BASE_URL", base.as_str()), ("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")];
        let code = installation.operator(&plain, OPERATOR);
        let serving = installation.serve(&plain);
        let anyone = Client::new(&format!("http://127.0.0.1:{}", installation.port));
        let (operator, _) = anyone.activate(&code, PASSWORD).unwrap();
        let body = json!({
            "name": "Northwind", "country": "SE", "domain": "northwind.example", "contactEmail": USER,
            "description": "d", "mpnId": "4100017", "admin": { "email": USER, "displayName": "Nora Nyström" },
        });
        ok(operator.post("/v1/indirectproviders", &body));
        let activation = json!({ "code": mailed(&installation, USER), "password": PASSWORD });
        let activated = ok(anyone.post("/v1/accounts/activation", &activation));
        let tenant = activated.text("/tenantId");
        let (provider, refresh_token) = anyone.sign_in(&tenant, &activated.text("/refreshToken")).unwrap();
        let agreement = json!({ "version": "1", "title": "MPA", "documentUrl": "https://localhost/mpa" });
        ok(operator.post("/v1/agreements/mpa/versions", &agreement));
        ok(provider.post("/v1/agreements/mpa/signatures", &json!({})));
        let customer = ok(provider.post("/v1/customers", &customer()));
        let first = json!({
            "userName": CUSTOMER_ADMIN, "temporaryPassword": customer.text("/userCredentials/password"),
            "newPassword": PASSWORD,
        });
        let first = ok(anyone.post("/v1/accounts/password", &first));
        let body = json!({ "name": "Storefront", "roles": ["admin_agent"], "redirectUris": [REDIRECT] });
        let application = ok(provider.post("/v1/applications", &body));
        drop(serving);

        let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
        let with_tls = [
            ("PARTNER_CENTER__HTTP__TLS__CERTIFICATE", certificate.as_str()),
            ("PARTNER_CENTER__HTTP__TLS__KEY", key.as_str()),
        ];
        let serving = installation.serve(&[&plain[..], &with_tls[..]].concat());
        let facts = installation.folder.join("facts.json");
        let known = json!({
            "base": base, "authority_certificate": authority, "tenant": tenant, "domain": "northwind.example",
            "client": application.text("/id"), "secret": application.text("/secret"), "redirect": REDIRECT,
            "user_name": USER, "password": PASSWORD, "refresh_token": refresh_token,
            "customer": customer.text("/id"), "customer_refresh_token": first.text("/refreshToken"),
            "hashes": {
                "P1": SampleDevice::new("Proseware", "Cube", "P1").hash(),
                "P2": SampleDevice::new("Proseware", "Cube", "P2").hash(),
            },
        });
        std::fs::write(&facts, known.to_string()).unwrap();
        Self { facts, authority, _serving: serving, _installation: installation }
    }

    fn run(&self, command: &mut Command, script: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
        let output = command.arg(script).arg(&self.facts).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{said}");
        println!("{said}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the script that brings the clients says where they are")]
fn brought(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        println!("skipped: {name} is not set. Run this by `make test-clients`, on a machine that can install clients.");
    }
    value
}

#[test]
fn msal_and_pyjwt_for_python_get_tokens_and_can_forge_none() {
    let Some(python) = brought("TEST_CLIENTS_PYTHON") else { return };
    let centre = Centre::open();
    // They would outrank the authority that the script names.
    let mut python = Command::new(python);
    centre.run(python.env_remove("REQUESTS_CA_BUNDLE").env_remove("CURL_CA_BUNDLE"), "msal_python.py");
}

#[test]
fn msal_for_node_gets_tokens() {
    let Some(modules) = brought("TEST_CLIENTS_NODE") else { return };
    let centre = Centre::open();
    let mut node = Command::new("node");
    centre.run(node.env("NODE_PATH", modules).env("NODE_EXTRA_CA_CERTS", &centre.authority), "msal_node.js");
}

#[test]
fn graphs_sdk_for_python_asks_for_administration_and_assigns_it() {
    let Some(python) = brought("TEST_CLIENTS_GRAPH_PYTHON") else { return };
    Centre::open().run(&mut Command::new(python), "graph_python.py");
}

#[test]
fn graphs_sdk_for_python_imports_devices_and_lists_them() {
    let Some(python) = brought("TEST_CLIENTS_GRAPH_PYTHON") else { return };
    Centre::open().run(&mut Command::new(python), "graph_devices_python.py");
}

#[test]
fn graphs_client_for_node_asks_for_administration_and_assigns_it() {
    let Some(modules) = brought("TEST_CLIENTS_GRAPH_NODE") else { return };
    let centre = Centre::open();
    let mut node = Command::new("node");
    centre.run(node.env("NODE_PATH", modules).env("NODE_EXTRA_CA_CERTS", &centre.authority), "graph_node.js");
}
