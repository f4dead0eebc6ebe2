//! Dependencies point one way, and what belongs in one kind of file stays there.

use std::path::{Path, PathBuf};

/// From the highest to the lowest: a module may use those after it.
const ORDER: &[&str] = &[
    "main",
    "demo",
    "commands",
    "app",
    "config",
    "overview",
    "devices",
    "subscriptions",
    "delegation",
    "customers",
    "partnerships",
    "companies",
    "access",
    "audit",
    "platform",
];

fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).unwrap().display().to_string();
                let feature = relative.split(['/', '.']).next().unwrap().to_owned();
                sources.push((feature, relative, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

/// The code without its tests: those may use what they like.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn dependencies_point_one_way() {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    for (feature, file, text) in sources() {
        if feature == "lib" {
            continue;
        }
        let own = rank(&feature).unwrap_or_else(|| panic!("{file}: add \"{feature}\" to ORDER in its place"));
        let code: String = without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for name in ORDER {
            let uses = code.contains(&format!("crate::{name}::")) || code.contains(&format!("crate::{name};"));
            assert!(
                !uses || rank(name) >= Some(own),
                "{file} uses crate::{name}, which stands above it. Move what needs both up to {name}, or let {name} call \
                 down through an action of {feature}"
            );
        }
    }
}

#[test]
fn queries_stay_in_stores_and_http_stays_at_the_edge() {
    for (feature, file, text) in sources() {
        let code = without_tests(&text);
        let name = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
        if feature != "platform" {
            let queries = code.contains("diesel::prelude") || code.contains("sql_query") || code.contains("table!");
            assert!(
                !queries || name == "store" || file.contains("/store/"),
                "{file}: queries belong into the feature's store.rs"
            );
        }
        if matches!(name, "model" | "store" | "actions") {
            assert!(!code.contains("actix_web"), "{file}: HTTP belongs into api.rs and portal.rs");
        }
        if matches!(name, "model" | "store") {
            assert!(!code.contains("super::actions") && !code.contains("super::api"), "{file}: calls point downwards");
        }
        if name == "actions" {
            assert!(!code.contains("super::api") && !code.contains("super::portal"), "{file}: actions know no HTTP");
        }
    }
}

#[test]
fn files_are_about_one_thought() {
    for (_, file, text) in sources() {
        if file.ends_with("/tests.rs") {
            continue;
        }
        let lines = without_tests(&text).lines().count();
        assert!(lines <= 500, "{file} has {lines} lines; split it by use case");
    }
}

#[test]
fn stable_codes_are_unique() {
    // A code is declared where it is told: `Code::new(number, "name", kind)`.
    let mut found: Vec<(String, String)> = Vec::new();
    for (_, file, text) in sources() {
        let flat = without_tests(&text).split_whitespace().collect::<Vec<_>>().join(" ");
        for declared in flat.split("Code::new(").skip(1) {
            let mut parts = declared.split(',');
            let (Some(number), Some(name)) = (parts.next(), parts.next()) else { continue };
            let (number, name) = (number.trim().replace('_', ""), name.trim().trim_matches('"').to_owned());
            if number.parse::<u32>().is_err() {
                continue;
            }
            for (other_number, other_name) in &found {
                // The contract gives one number to several problems, told apart by path; ours are never shared.
                let shareable = number.parse::<u32>().is_ok_and(|number| number < 910_000);
                let same_number = *other_number == number && !(shareable && *other_name != name);
                let same = same_number == (*other_name == name);
                assert!(same, "{file}: {number} {name} collides with {other_number} {other_name}");
            }
            found.push((number, name));
        }
    }
    assert!(found.len() > 40, "{}", found.len());
}
