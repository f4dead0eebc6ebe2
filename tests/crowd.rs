//! A thousand people sign in at the same moment: memory stays small, everybody is answered, and then it is over.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod program;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use partner_center::demo::client::Client;

use program::Installation;

const CROWD: usize = 1_000;
/// What the program may take at its peak, in MiB.
const MEMORY: u64 = 256;
/// For the slowest machine; an answer is measured in fractions of a second.
const PATIENCE: Duration = Duration::from_secs(120);
const NAME: &str = "olga@operator.example";
const PASSWORD: &str = "correct horse battery staple";
/// Limits of calls would answer most of the crowd before it gets to the passwords.
const SETTINGS: &[(&str, &str)] =
    &[("PARTNER_CENTER__API__CALLS_PER_MINUTE", "0"), ("PARTNER_CENTER__ACCESS__SECOND_FACTOR", "optional")];

/// One request on a connection of its own: the head of the answer, and its body.
fn exchange(port: u16, request: &str, together: Option<&Barrier>) -> Result<(String, String), String> {
    let connected = TcpStream::connect(("127.0.0.1", port));
    if let Some(barrier) = together {
        barrier.wait();
    }
    let mut stream = connected.map_err(|error| format!("not connected: {error}"))?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).map_err(|error| format!("not sent: {error}"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(|error| format!("not answered: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("cut off: {answer:?}"))?;
    Ok((head.to_owned(), body.to_owned()))
}

fn after<'a>(text: &'a str, before: &str, until: char) -> &'a str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(until)).unwrap_or_else(|| panic!("{before}: {text}")).0
}

/// The most memory a process ever had, in MiB.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    Some(line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024)
}

/// Other systems do not tell.
#[cfg(not(target_os = "linux"))]
fn peak(_: u32) -> Option<u64> {
    None
}

#[test]
fn a_thousand_sign_ins_at_once_are_all_answered_within_256_mib() {
    let installation = Installation::new("crowd");
    let code = installation.operator(SETTINGS, NAME);
    let serving = installation.serve(SETTINGS);
    let client = Client::new(&format!("http://127.0.0.1:{}", installation.port));
    client.activate(&code, PASSWORD).unwrap();

    let port = installation.port;
    let host = format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\n");
    let (head, page) = exchange(port, &format!("GET /sign-in HTTP/1.1\r\n{host}\r\n"), None).unwrap();
    let cookie = after(&head, "visit=", ';');
    let form = format!(
        "csrf={}&for=&user_name={}&password={}",
        after(&page, "name=\"csrf\" value=\"", '"'),
        NAME.replace('@', "%40"),
        PASSWORD.replace(' ', "+")
    );
    let request = Arc::new(format!(
        "POST /sign-in HTTP/1.1\r\n{host}Cookie: visit={cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    ));

    let barrier = Arc::new(Barrier::new(CROWD));
    let begun = Instant::now();
    let people: Vec<_> = (0..CROWD)
        .map(|_| {
            let (request, barrier) = (request.clone(), barrier.clone());
            let person = move || exchange(port, &request, Some(&barrier));
            std::thread::Builder::new().stack_size(128 * 1024).spawn(person).unwrap()
        })
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for person in people {
        let (head, body) = person.join().unwrap().unwrap_or_else(|failed| panic!("{failed}"));
        let head = head.to_ascii_lowercase();
        let status = head.split_whitespace().nth(1).unwrap().to_owned();
        match status.as_str() {
            "303" => assert!(head.contains("location: /account") && head.contains("set-cookie: session="), "{head}"),
            "503" | "429" => assert!(head.contains("retry-after: "), "{head}"),
            _ => panic!("{head}\n{body}"),
        }
        *counts.entry(status).or_default() += 1;
    }
    let memory = peak(serving.0.id());
    println!("{counts:?} in {:.1} s, peak {memory:?} MiB", begun.elapsed().as_secs_f64());
    assert!(counts.get("303").is_some_and(|served| *served > 0), "{counts:?}");
    assert!(memory.is_none_or(|memory| memory < MEMORY), "{memory:?} MiB");
    // Over: the next one is served as if nothing had been.
    let (head, _) = exchange(port, &request, None).unwrap();
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    assert_eq!(client.get("/readyz").unwrap().status, 200);
}
