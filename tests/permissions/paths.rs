//! Paths written so that a guard might be looked for in the wrong place.

use actix_web::http::Uri;

use super::rows::{Guard, Row, rows};
use crate::harness::{Centre, request};

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// The path by itself, and 25 ways to write it so that somebody reads another one.
fn tricks(path: &str) -> Vec<String> {
    let (before, last) = path.rsplit_once('/').unwrap();
    let rest = path.trim_start_matches('/');
    let mut letters = last.chars();
    let first = letters.next().map_or(0, u32::from);
    let encoded_letter = format!("{before}/%{first:02x}{}", letters.as_str());
    vec![
        path.to_owned(),
        format!("/{path}"),
        path.replace('/', "//"),
        format!("{path}/"),
        format!("{path}//"),
        format!("{path}/."),
        format!("{path}/.."),
        format!("{path}/x/.."),
        format!("/v1/indirectproviders/..{path}"),
        format!("/healthz/../{rest}"),
        format!("/./{rest}"),
        format!("{before}/%2e/{last}"),
        format!("{before}/x/%2e%2e/{last}"),
        format!("/healthz%2f..%2f{rest}"),
        format!("{before}%2f{last}"),
        format!("{before}%5c{last}"),
        format!("{before}%252f{last}"),
        path.to_uppercase(),
        format!("{path}."),
        format!("{path};x=1"),
        format!("{before};x=1/{last}"),
        format!("{path}%00"),
        format!("{path}%00.css"),
        format!("{path}%c0%ae%c0%ae%c0%af"),
        format!("{path}%ef%bc%8f\u{ff0e}"),
        format!("{path}{}", "/a".repeat(2_000)),
        encoded_letter,
        format!("{path}?/../healthz"),
        format!("{path}%20"),
        format!("{path}%0d%0aX:%20y"),
    ]
}

#[actix_web::test]
async fn ten_06_no_spelling_of_a_path_opens_a_guarded_operation_to_nobody() {
    let centre = Centre::open_with(|settings| settings.api.calls_per_minute = 0).await;
    let rows = rows();
    let is_public = |row: &&Row| matches!(row.guard, Guard::Public);
    let mut guarded: Vec<&str> = rows.iter().filter(|row| !is_public(row)).map(Row::path).collect();
    guarded.sort_unstable();
    guarded.dedup();
    let absent = uuid::Uuid::now_v7().to_string();
    let (mut calls, mut opened) = (0, Vec::new());
    for template in guarded {
        let public: Vec<&str> =
            rows.iter().filter(is_public).filter(|row| row.path() == template).map(Row::method).collect();
        let mut path = template.to_owned();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, &absent);
        }
        let tricks = tricks(&path);
        assert!(tricks.len() > 25);
        for trick in tricks {
            // What is no URI never gets as far as the router.
            if trick.parse::<Uri>().is_err() {
                continue;
            }
            for method in METHODS {
                // HEAD is answered by what answers GET.
                if public.contains(&method) || (method == "HEAD" && public.contains(&"GET")) {
                    continue;
                }
                let answer = centre.call(request(method, &trick)).await;
                calls += 1;
                if !(400..500).contains(&answer.status) {
                    opened.push(format!("{method} {trick:.120}: {}", answer.status));
                }
            }
        }
    }
    assert!(opened.is_empty(), "{} of {calls}:\n{}", opened.len(), opened.join("\n"));
    assert!(calls > 8_000, "{calls}");
}
