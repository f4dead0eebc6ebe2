//! The two dialects hold the same schema.

use std::path::Path;

use partner_center::platform::db::{MIGRATION_NAMES_POSTGRES, MIGRATION_NAMES_SQLITE};

/// A PostgreSQL type and what it is on SQLite.
const TYPES: &[(&str, &str)] = &[
    ("uuid", "BLOB"),
    ("timestamptz", "INTEGER"),
    ("bytea", "BLOB"),
    ("text", "TEXT"),
    ("boolean", "INTEGER"),
    ("bigint", "INTEGER"),
    ("integer", "INTEGER"),
];

fn translated(line: &str) -> String {
    let words: Vec<String> = line
        .split(' ')
        .map(|word| {
            let bare = word.trim_end_matches([',', ';']);
            match TYPES.iter().find(|(postgres, _)| *postgres == bare) {
                Some((_, sqlite)) => word.replace(bare, sqlite),
                None => word.to_owned(),
            }
        })
        .collect();
    if line == ");" { ") STRICT;".to_owned() } else { words.join(" ") }
}

#[test]
fn both_dialects_have_the_same_migrations_with_the_same_contents() {
    let names = MIGRATION_NAMES_POSTGRES();
    assert_eq!(names, MIGRATION_NAMES_SQLITE());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for name in names {
        let read = |dialect: &str| std::fs::read_to_string(root.join(dialect).join(&name).join("up.sql")).unwrap();
        let (postgres, sqlite) = (read("postgres"), read("sqlite"));
        for (number, (left, right)) in postgres.lines().zip(sqlite.lines()).enumerate() {
            let expected = if left.starts_with("--") { left.to_owned() } else { translated(left) };
            assert_eq!(expected, right, "{name}, line {}", number + 1);
        }
        assert_eq!(postgres.lines().count(), sqlite.lines().count(), "{name}");
    }
}
