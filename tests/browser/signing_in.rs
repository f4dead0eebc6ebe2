//! A person activates an account, signs in and lets a program act, all in the browser, over plain HTTP on one machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use totp_rs::{Builder, Secret};

use crate::driver::Driver;
use crate::program::Installation;

const NAME: &str = "olga@operator.example";
const PASSWORD: &str = "correct horse battery staple";
/// The challenge of RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A program on the same machine that waits for the answer to its request: the address, and whatever is sent to it.
fn program_that_waits() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://127.0.0.1:{}/callback", listener.local_addr().unwrap().port());
    let (told, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // Browsers open connections in advance and send nothing on them.
            stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            let mut bytes = Vec::new();
            let mut piece = [0; 8_192];
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                bytes.extend_from_slice(&piece[..length]);
                let text = String::from_utf8_lossy(&bytes);
                if text.starts_with("GET") && text.contains("\r\n\r\n") || text.contains("&state=") {
                    break;
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nDone.");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if text.contains(" /callback") && told.send(text).is_err() {
                return;
            }
        }
    });
    (address, heard)
}

fn now_shown(secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant();
    totp.generate(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).to_string()
}

#[test]
fn a_person_signs_in_with_a_second_factor_and_lets_a_program_act() {
    let installation = Installation::new("browser");
    let code = installation.operator(&[], NAME);
    let _serving = installation.serve(&[]);
    let base = format!("http://127.0.0.1:{}", installation.port);
    let at = |path: &str| format!("{base}{path}");
    let driver = Driver::start(&installation.folder.join("profile"));

    for (name, path) in [("home", "/"), ("forgot-password", "/forgot-password"), ("enrol", "/enrol"), ("error", "/no")]
    {
        driver.open(&at(path));
        driver.look(name);
    }
    // A path that is not there is one complaint, and the only one.
    let complaints = driver.complaints();
    assert!(complaints.iter().all(|complaint| complaint.contains("404")), "{complaints:?}");

    driver.open(&at(&format!("/activate/{code}")));
    assert_eq!(driver.path(), "/activate", "the code is not in the address");
    driver.look("activate");
    driver.type_into("#password", PASSWORD);
    driver.click("main button");

    assert_eq!(driver.path(), "/account/second-factor");
    driver.look("second-factor");
    assert_eq!(driver.script("return document.querySelector('#code').inputMode"), "numeric");
    let secret = driver.text("code.secret").replace(' ', "");
    driver.type_into("#code", &now_shown(&secret));
    driver.click("main button");
    assert_eq!(driver.text("h1"), "Your recovery codes");
    driver.look("recovery-codes");
    assert_eq!(
        driver.script("return document.querySelectorAll('footer nav').length"),
        0,
        "nothing that loses the codes"
    );
    let recovery = driver.text("p.secret").lines().next().unwrap().to_owned();
    driver.click("main a.button");

    assert_eq!(driver.path(), "/account");
    driver.look("account");
    driver.open(&at("/account?lang=nl"));
    driver.look("account-nl");
    driver.open(&at("/account/password?lang=en"));
    driver.look("account-password");
    driver.click("header button");
    assert_eq!(driver.text("h1"), "You are signed out.");
    driver.look("signed-out");
    driver.open(&at("/account"));
    assert_eq!(driver.path(), "/sign-in");

    driver.look("sign-in");
    driver.open(&at("/sign-in?lang=nl"));
    driver.look("sign-in-nl");
    driver.open(&at("/sign-in?lang=en"));
    driver.type_into("#user_name", NAME);
    driver.type_into("#password", "a wrong one");
    driver.click("main button");
    driver.look("sign-in-refused");
    driver.type_into("#password", PASSWORD);
    driver.click("main button");
    assert_eq!(driver.path(), "/sign-in/code");
    driver.look("sign-in-code");
    // A recovery code has letters: no keyboard of digits.
    assert_eq!(driver.script("return document.querySelector('#code').inputMode"), "");
    driver.type_into("#code", &recovery);
    driver.click("main button");
    assert_eq!(driver.path(), "/account");

    let (callback, heard) = program_that_waits();
    let ask = at(&format!(
        "/common/oauth2/v2.0/authorize?client_id=partner-center-cli&response_type=code&scope=openid&state=mine\
         &redirect_uri={callback}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    ));
    let hear = || heard.recv_timeout(Duration::from_secs(60)).unwrap();
    driver.open(&ask);
    assert!(driver.path().starts_with("/consent/"), "{}", driver.path());
    driver.look("consent");
    driver.click("main button[value=allow]");
    let told = hear();
    assert!(told.starts_with("GET /callback?code=pca_") && told.contains("&state=mine"), "{told}");
    driver.open(&ask);
    driver.click("main button[value=deny]");
    let told = hear();
    assert!(told.starts_with("GET /callback?error=access_denied&state=mine"), "{told}");
    driver.open(&format!("{ask}&response_mode=form_post"));
    driver.click("main button[value=allow]");
    driver.look("return");
    driver.click("main button");
    let told = hear();
    assert!(told.starts_with("POST /callback ") && told.contains("code=pca_"), "{told}");
    let complaints = driver.complaints();
    let policy = complaints.iter().find(|complaint| complaint.contains("Content Security Policy"));
    assert_eq!(policy, None);
}
