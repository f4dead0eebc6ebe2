//! The permission table: changes of it are seen in a golden file, and what is written about it is true.

use std::fmt::Write as _;

use partner_center::access::{AppOnly, OrganisationKind, PERMISSIONS, Role, Rule};

const KINDS: [OrganisationKind; 4] =
    [OrganisationKind::Operator, OrganisationKind::Provider, OrganisationKind::Reseller, OrganisationKind::Customer];
const ROLES: [(Role, char); 5] = [
    (Role::GlobalAdmin, 'G'),
    (Role::UserManagementAdmin, 'U'),
    (Role::AdminAgent, 'A'),
    (Role::SalesAgent, 'S'),
    (Role::HelpdeskAgent, 'H'),
];

/// The letters of the roles that hold a permission in a kind of organisation, `–` if it has none.
fn holders(rule: &Rule, kind: OrganisationKind) -> String {
    let held = ROLES.iter().filter(|(role, _)| rule.is_held_by(kind, &[*role]));
    let letters: Vec<String> = held.map(|(_, letter)| letter.to_string()).collect();
    if letters.is_empty() { "–".to_owned() } else { letters.join(" ") }
}

fn app_only(rule: &Rule) -> &'static str {
    if rule.app_only == AppOnly::Accepted { "yes" } else { "no" }
}

fn read(file: &str) -> String {
    std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn ten_08_the_permission_table_is_the_one_that_was_agreed() {
    let mut table = String::new();
    for rule in PERMISSIONS {
        write!(table, "{}:", rule.name).unwrap();
        for kind in KINDS {
            write!(table, " {kind} {};", holders(rule, kind)).unwrap();
        }
        writeln!(table, " app-only {}", app_only(rule)).unwrap();
    }
    let golden = read("tests/permissions.golden.txt");
    assert_eq!(
        golden, table,
        "if the change is meant, write the new table into tests/permissions.golden.txt:\n{table}"
    );
}

#[test]
fn ten_08_the_documented_permission_table_is_the_one_in_force() {
    let document = read("ARCHITECTURE.md");
    let (_, section) = document.split_once("\n## Permissions\n").expect("a section of permissions");
    let section = section.split("\n## ").next().unwrap();
    let documented: Vec<Vec<String>> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let actual: Vec<Vec<String>> = PERMISSIONS
        .iter()
        .map(|rule| {
            let name = format!("`{}`", rule.name);
            let purpose = documented.iter().find(|line| line[0] == name).and_then(|line| line.get(1)).cloned();
            let mut cells = vec![name, purpose.unwrap_or_else(|| "(what it is to)".to_owned())];
            cells.extend(KINDS.map(|kind| holders(rule, kind)));
            cells.push(app_only(rule).to_owned());
            cells
        })
        .collect();
    for (number, line) in actual.iter().enumerate() {
        let shown = documented.get(number).map(|line| line.join(" | ")).unwrap_or_default();
        assert_eq!(shown, line.join(" | "), "line {} of the table in ARCHITECTURE.md", number + 1);
    }
    assert_eq!(documented.len(), actual.len(), "the table in ARCHITECTURE.md names a permission that does not exist");
}
