//! Every operation of the document, as each of 24 principals, on what is theirs, somebody else's and nobody's. A new
//! operation without a row in `permissions/rows.rs` fails.

mod administration;
mod bodies;
mod matrix;
mod paths;
mod rows;
mod table;
mod world;

use self::rows::{Guard, rows};
use crate::openapi::operations;

#[test]
fn ten_01_every_operation_has_a_row() {
    let rows = rows();
    for (method, path) in operations() {
        let operation = format!("{method} {path}");
        let count = rows.iter().filter(|row| row.operation == operation).count();
        assert_eq!(count, 1, "{operation} needs exactly one row in tests/permissions/rows.rs");
    }
    assert_eq!(operations().len(), rows.len(), "a row names an operation that does not exist");
}

#[test]
fn ten_01_every_permission_guards_an_operation() {
    let rows = rows();
    for rule in partner_center::access::PERMISSIONS {
        let used = rows.iter().any(|row| match row.guard {
            Guard::Needs(name) | Guard::NeedsUser(name) => name == rule.name,
            Guard::Public | Guard::SignedIn | Guard::AnySignedIn => false,
        });
        assert!(used, "no operation needs {}", rule.name);
    }
}
