//! What people write into a mail cannot become anything but text in it.

use mailparse::{MailHeaderMap, ParsedMail, parse_mail};
use serde_json::{Value, json};

use super::server::{MailServer, Received};
use super::{centre_with, operator_and_provider, provider};
use crate::harness::chance::{Random, rounds, seed};

/// Drafts; a soak makes more.
const DRAFTS: usize = 200;

const PIECES: &[&str] = &[
    "plain words",
    "åäö ß ŐŰ",
    "日本語のメール",
    "🎁",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "</p></body></html>",
    "<a href=\"https://evil.example\">here</a>",
    "\"quoted\" 'twice'",
    "&amp; &lt; &",
    "\r\n",
    "\n",
    "\r",
    "\r\nBcc: eve@evil.example\r\n",
    "\n.\nMAIL FROM:<eve@evil.example>\n",
    "\r\n.\r\n",
    ".",
    "\r\n\r\n--partner-center",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}drowssap\u{202c}",
    "\u{feff}",
    "\t",
    "{{ link }}",
    "{% include %}",
    "https://partners.test/elsewhere",
    "javascript:alert(1)",
    "=?utf-8?q?=0D=0ABcc:_eve=40evil.example?=",
    "=0D=0A",
    "=\r\n",
    "From here on",
    "\nFrom here on",
];

/// What no text may hold, or not twice.
const BAD_PIECES: &[&str] = &["\u{0}", "\u{1b}[2J", "\u{85}", "\u{7f}", "\u{8}", "{link}"];

const BAD_ADDRESSES: &[&str] = &[
    "anna@b.example\r\nBcc: eve@evil.example",
    "anna@b.example\nRCPT TO:<eve@evil.example>",
    "anna@b.example, eve@evil.example",
    "anna@b.example;eve@evil.example",
    "<anna@b.example>",
    "Anna <anna@b.example>",
    "\"anna b\"@b.example",
    "ånna@b.example",
    "anna@bö.example",
    "an\u{0}na@b.example",
    "an\u{2028}na@b.example",
    "anna\t@b.example",
    "anna@@b.example",
    "@b.example",
    "",
];

fn text(random: &mut Random, at_most: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.below(at_most) {
        match random.below(40) {
            0 | 1 => text.push_str(random.one_of::<&str>(BAD_PIECES)),
            2 => text.push_str(&"w".repeat(1 + random.below(3000))),
            3 => text.push_str(&"ö".repeat(1 + random.below(1500))),
            _ => text.push_str(random.one_of::<&str>(PIECES)),
        }
        text.push_str(random.one_of::<&str>(&["", " ", " ", "  "]));
    }
    text
}

/// Whether a draft must be refused, whatever else is refused besides.
fn is_bad(subject: Option<&str>, message: Option<&str>) -> bool {
    let controls = |text: &str, allowed: &[char]| text.chars().any(|c| c.is_control() && !allowed.contains(&c));
    subject.is_some_and(|subject| controls(subject.trim(), &[]))
        || message.is_some_and(|message| {
            message.matches("{link}").count() != 1 || controls(message.trim(), &['\r', '\n', '\t'])
        })
}

#[actix_web::test]
async fn drf_1_to_3_whatever_is_written_one_recipient_gets_text_with_one_link() {
    let seed = seed();
    println!("seed {seed}: drafts");
    let mut random = Random::new(seed);
    let drafts = rounds(DRAFTS, 100_000);
    let server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let provider = provider(&centre, &server, "N<img src=x onerror=alert(1)> {link} & \"Söhne\"").await;
    let known = server.mails().len();
    let mut accepted = Vec::new();
    for n in 0..drafts {
        let good = format!("p{n}@b.example");
        let email = if random.below(8) == 0 { (*random.one_of(BAD_ADDRESSES)).to_owned() } else { good.clone() };
        let subject = (random.below(3) > 0).then(|| text(&mut random, 4));
        let message = (random.below(4) > 0).then(|| {
            let link = if random.below(8) > 0 { "{link}" } else { "" };
            format!("{}{link}{}", text(&mut random, 5), text(&mut random, 5))
        });
        let mut body = json!({ "email": email });
        for (name, value) in [("subject", &subject), ("message", &message)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        let answer = provider.post("/v1/relationships/invitations", body.clone()).await;
        match answer.status {
            200 | 201 => {
                assert!(email == good && !is_bad(subject.as_deref(), message.as_deref()), "accepted: {body}");
                accepted.push((email, subject, message, answer.body));
            }
            status => assert!((400..500).contains(&status), "HTTP {status}: {body}"),
        }
    }
    assert!(accepted.len() > drafts / 5, "only {} of {drafts} were accepted", accepted.len());
    centre.run_jobs().await;
    let mails = server.mails();
    assert_eq!(mails.len() - known, accepted.len(), "as many mails as drafts");
    for (email, subject, message, answer) in &accepted {
        let mail: Vec<&Received> = mails.iter().filter(|mail| mail.to == [email.as_str()]).collect();
        assert_eq!(mail.len(), 1, "{email}");
        examine(mail[0], subject.as_deref(), message.as_deref(), answer);
    }
    println!("{} of {drafts} drafts were accepted", accepted.len());
}

/// Blanks collapsed, as readers do.
fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn body(part: &ParsedMail<'_>) -> String {
    part.get_body().unwrap().replace("\r\n", "\n")
}

fn examine(mail: &Received, subject: Option<&str>, message: Option<&str>, answer: &Value) {
    let raw = String::from_utf8(mail.bytes.clone()).expect("ASCII");
    assert!(raw.is_ascii() && raw.bytes().all(|byte| byte >= b' ' || b"\r\n\t".contains(&byte)), "{raw}");
    let bare = raw.replace("\r\n", "");
    assert!(!bare.contains(['\r', '\n']), "a line break that is none: {raw}");
    assert!(raw.split("\r\n").all(|line| line.len() <= 998), "a line too long");

    let parsed = parse_mail(&mail.bytes).unwrap();
    let mut headers: Vec<String> = parsed.headers.iter().map(|header| header.get_key()).collect();
    headers.sort();
    assert_eq!(headers, ["Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"], "{raw}");
    assert!(parsed.headers.iter().all(|header| !header.get_value().chars().any(char::is_control)), "{raw}");
    assert_eq!(parsed.headers.get_first_value("To").unwrap(), mail.to[0]);
    if let Some(subject) = subject {
        let shown = parsed.headers.get_first_value("Subject").unwrap();
        assert_eq!(collapsed(&shown), collapsed(subject), "{raw}");
    }

    assert_eq!(parsed.subparts.len(), 2, "{raw}");
    let (text, html) = (body(&parsed.subparts[0]), body(&parsed.subparts[1]));
    let link = answer["link"].as_str().unwrap();
    assert!(link.starts_with("https://partners.test/"), "{link}");
    for part in [&text, &html] {
        assert_eq!((part.matches(link).count(), part.matches("inv_").count()), (1, 1), "{part}");
        assert!(part.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{part:?}");
    }
    let words = if let Some(message) = message {
        let lines = message.replace("\r\n", "\n").replace('\r', "\n");
        // Readers take a mark at the beginning for a sign of the encoding.
        let read = |text: &str| text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned();
        assert_eq!(read(&text), read(&lines.replace("{link}", link)));
        lines
    } else {
        text.replace(link, "{link}")
    };
    examine_html(&html, link, &words);
}

/// The tags are the template's, and everything else is what was written, escaped.
fn examine_html(html: &str, link: &str, words: &str) {
    const TAGS: &[&str] = &[
        "!doctype", "html", "head", "meta", "title", "body", "p", "br", "a", "h1", "h2", "div", "span", "strong", "em",
        "small", "hr", "table", "tr", "td",
    ];
    const ATTRIBUTES: &[&str] = &["style", "lang", "charset", "href", "html", "dir", "name", "content"];
    let mut shown = String::new();
    let mut links = 0;
    let mut rest = html;
    while let Some((before, tagged)) = rest.split_once('<') {
        shown.push_str(before);
        let (tag, after) = tagged.split_once('>').expect("each tag ends");
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap().to_lowercase();
        assert!(TAGS.contains(&name.as_str()), "<{tag}> in {html}");
        let outside_quotes = tag.split('"').step_by(2).flat_map(str::split_whitespace).skip(1);
        for attribute in outside_quotes.map(|word| word.trim_end_matches('=').to_lowercase()) {
            assert!(ATTRIBUTES.contains(&attribute.as_str()), "<{tag}> in {html}");
        }
        if let Some(target) = tag.split("href=\"").nth(1) {
            assert!(target.starts_with(&format!("{link}\"")), "<{tag}> in {html}");
            links += 1;
        }
        shown.push(' ');
        rest = after;
    }
    shown.push_str(rest);
    assert_eq!(links, 1, "{html}");
    let shown = collapsed(&unescaped(&shown));
    for line in words.split("{link}").flat_map(str::lines) {
        assert!(shown.contains(&collapsed(line)), "{line:?} is not in {shown:?}");
    }
}

fn unescaped(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, entity)) = rest.split_once('&') {
        text.push_str(before);
        let (name, after) = entity.split_once(';').expect("each & is escaped");
        let number = name.strip_prefix('#').map(|digits| digits.parse().expect("a number"));
        text.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => number.and_then(char::from_u32).expect("an escaped character"),
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

#[actix_web::test]
async fn drf_1_names_that_could_end_a_header_are_refused_at_input() {
    let server = MailServer::start();
    let centre = centre_with(&server, |_| {}).await;
    let (operator, provider) = operator_and_provider(&centre, &server, "northwind").await;
    let known = server.mails().len();
    for bad in ["A\r\nBcc: eve@evil.example", "A\nB", "A\rB", "A\u{0}B", "A\u{85}B", "A\u{1b}[2JB", "A\u{7f}B"] {
        let admin = |name: &str| json!({ "email": "b@bad.example", "displayName": name });
        let company = |name: &str, admin: Value| {
            json!({
                "companyName": name, "country": "SE", "domain": "bad.example", "admin": admin,
                "mpnIds": { "global": "16001234", "locations": ["6001234"], "onboarding": "6001234" },
            })
        };
        let host = |name: &str, admin: Value| {
            json!({
                "name": name, "country": "SE", "domain": "bad.example", "contactEmail": "b@bad.example",
                "description": "d", "mpnId": "2", "admin": admin,
            })
        };
        for answer in [
            centre.post("/v1/enrollments", company(bad, admin("B"))).await,
            centre.post("/v1/enrollments", company("B", admin(bad))).await,
            operator.post("/v1/indirectproviders", host(bad, admin("B"))).await,
            operator.post("/v1/indirectproviders", host("B", admin(bad))).await,
            provider.post("/v1/users", json!({ "email": "b@bad.example", "displayName": bad, "roles": [] })).await,
            provider.post("/v1/relationships/invitations", json!({ "email": "b@bad.example", "subject": bad })).await,
        ] {
            assert_eq!(answer.status, 400, "{bad:?}: {}", answer.text);
        }
    }
    centre.run_jobs().await;
    assert_eq!(server.mails().len(), known, "nothing was sent to anybody");
}
