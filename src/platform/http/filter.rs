//! The contract's filter (section 1.9): `{"Field":"Name","Value":"Nor","Operator":"starts_with"}`, or several of them
//! joined.

use serde_json::{Map, Value};

use crate::platform::text::shorten;

/// A condition, its words as they are compared: without capitals and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at.
    pub field: String,
    /// How.
    pub operator: String,
    /// For what, as it was written.
    pub value: String,
}

/// Characters of a filter at most.
const MAX_FILTER: usize = 1_000;

impl Condition {
    /// Reads a filter.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        Self::of(&parsed(text)?)
    }

    /// Reads a filter that may be several conditions, joined by `and`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn read_all(text: &str) -> Result<Vec<Self>, String> {
        let mut found = Vec::new();
        // A stack of our own: how deep a filter goes is for whoever writes it.
        let mut waiting = vec![parsed(text)?];
        while let Some(filter) = waiting.pop() {
            let part = |name: &str| filter.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, part)| part);
            let (Some(left), Some(right)) = (part("LeftFilter"), part("RightFilter")) else {
                found.push(Self::of(&filter)?);
                continue;
            };
            if !part("Operator").and_then(Value::as_str).is_some_and(|operator| operator.eq_ignore_ascii_case("and")) {
                return Err("Filters are joined by \"and\" alone.".to_owned());
            }
            for part in [right, left] {
                let Value::Object(part) = part else { return Err("A joined filter is no JSON object.".to_owned()) };
                waiting.push(part.clone());
            }
        }
        Ok(found)
    }

    fn of(object: &Map<String, Value>) -> Result<Self, String> {
        let mut parts = [None, None, None];
        for (name, value) in object {
            let names = ["field", "value", "operator"];
            let Some(place) = names.iter().position(|known| name.eq_ignore_ascii_case(known)) else {
                return Err(format!("\"{}\" is not read in a filter here.", shorten(name, 40)));
            };
            let Value::String(value) = value else { return Err("Field, Value and Operator are texts.".to_owned()) };
            parts[place] = Some(value.as_str());
        }
        let [Some(field), Some(value), Some(operator)] = parts else {
            return Err("The filter lacks Field, Value or Operator.".to_owned());
        };
        let plain = |word: &str| word.replace('_', "").to_ascii_lowercase();
        Ok(Self { field: plain(field), operator: plain(operator), value: value.to_owned() })
    }
}

fn parsed(text: &str) -> Result<Map<String, Value>, String> {
    if text.len() > MAX_FILTER {
        return Err("The filter is too long.".to_owned());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err("The filter is no JSON object.".to_owned()),
    }
}
