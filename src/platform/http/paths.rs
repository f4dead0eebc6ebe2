//! Paths as real clients send them: any case, doubled and trailing slashes, a second question mark.

use std::collections::HashMap;

/// Beginnings of paths with other names, which clients know from the documentation.
const ALIASES: [(&[&str], &[&str]); 3] = [
    (&["beta"], &["v1.0"]),
    (&["auditactivity", "v1", "auditrecords"], &["v1", "auditrecords"]),
    (&["v1", "profiles", "supportprofile"], &["v1", "profiles", "support"]),
];

/// The same path by the names that the router knows.
fn named(sent: Vec<&str>) -> Vec<&str> {
    let begins = |alias: &[&str]| {
        sent.len() >= alias.len() && alias.iter().zip(&sent).all(|(name, sent)| name.eq_ignore_ascii_case(sent))
    };
    match ALIASES.iter().find(|(alias, _)| begins(alias)) {
        Some((alias, name)) => name.iter().chain(&sent[alias.len()..]).copied().collect(),
        None => sent,
    }
}

/// Every path of the API, taken from its OpenAPI document, so that the router and this table cannot disagree.
#[derive(Clone, Debug, Default)]
pub struct PathTable {
    by_length: HashMap<usize, Vec<Template>>,
}

#[derive(Clone, Debug)]
struct Template {
    segments: Vec<Segment>,
    methods: Vec<String>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    Value,
}

impl Template {
    /// How many literals match, or nothing if one does not.
    fn matches(&self, path: &[&str]) -> Option<usize> {
        let mut literals = 0;
        for (segment, sent) in self.segments.iter().zip(path) {
            if let Segment::Literal(literal) = segment {
                if !literal.eq_ignore_ascii_case(sent) {
                    return None;
                }
                literals += 1;
            }
        }
        Some(literals)
    }
}

impl PathTable {
    /// A table of `(template, methods)`, with values written as `{name}`.
    pub fn new(operations: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let mut table = Self::default();
        for (path, methods) in operations {
            let segments: Vec<Segment> = path
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(|segment| match segment.starts_with('{') {
                    true => Segment::Value,
                    false => Segment::Literal(segment.to_owned()),
                })
                .collect();
            table.by_length.entry(segments.len()).or_default().push(Template { segments, methods });
        }
        table
    }

    /// The path as the router knows it, if it differs from what was sent.
    pub fn canonical(&self, path: &str) -> Option<String> {
        let named = named(path.split('/').filter(|segment| !segment.is_empty()).collect());
        let known = self.find(&named);
        let mut canonical = String::with_capacity(path.len());
        for (position, segment) in named.iter().enumerate() {
            canonical.push('/');
            canonical.push_str(match known.map(|template| &template.segments[position]) {
                Some(Segment::Literal(literal)) => literal,
                _ => segment,
            });
        }
        if canonical.is_empty() {
            canonical.push('/');
        }
        (canonical != path).then_some(canonical)
    }

    /// The methods that `path` takes, if it exists at all.
    pub fn methods(&self, path: &str) -> Option<Vec<String>> {
        let sent: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        self.find(&sent).map(|template| template.methods.clone())
    }

    fn find(&self, path: &[&str]) -> Option<&Template> {
        let candidates = self.by_length.get(&path.len())?;
        let matching = candidates.iter().filter_map(|t| t.matches(path).map(|literals| (literals, t)));
        matching.max_by_key(|(literals, _)| *literals).map(|(_, template)| template)
    }
}

/// A query in which a second `?` separates like `&`, as one documented syntax line has it.
pub(super) fn canonical_query(query: &str) -> Option<String> {
    query.contains('?').then(|| query.replace('?', "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_any_case_with_any_number_of_slashes_and_values_stay_as_sent() {
        let table = PathTable::new([
            ("/v1/customers/{c}/deviceBatches/{b}/devices".to_owned(), vec!["GET".to_owned()]),
            ("/v1/customers/relationshiprequests".to_owned(), vec!["GET".to_owned()]),
            ("/v1/customers/{c}".to_owned(), vec!["GET".to_owned()]),
        ]);
        for (sent, expected) in [
            (
                "/V1//Customers/ABC/devicebatches/Devices/DEVICES/",
                Some("/v1/customers/ABC/deviceBatches/Devices/devices"),
            ),
            ("/v1/customers/RelationshipRequests", Some("/v1/customers/relationshiprequests")),
            ("/v1/Customers/AbC", Some("/v1/customers/AbC")),
            ("/v1/customers/AbC", None),
            ("/unknown//Path/", Some("/unknown/Path")),
            ("/Beta/Customers", Some("/v1.0/Customers")),
            ("/auditActivity/v1/auditrecords/X", Some("/v1/auditrecords/X")),
            ("/auditactivity/v1/customers", None),
            ("//", Some("/")),
            ("/", None),
        ] {
            assert_eq!(table.canonical(sent).as_deref(), expected, "{sent}");
        }
    }

    #[test]
    fn a_second_question_mark_separates() {
        assert_eq!(canonical_query("size=1?filter=x").as_deref(), Some("size=1&filter=x"));
        assert_eq!(canonical_query("size=1&filter=x"), None);
    }
}
