//! The contract's filter of one condition (section 1.9): `{"Field":"Name","Value":"Nor","Operator":"starts_with"}`.

use serde_json::Value;

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
        if text.len() > MAX_FILTER {
            return Err("The filter is too long.".to_owned());
        }
        let Ok(Value::Object(object)) = serde_json::from_str::<Value>(text) else {
            return Err("The filter is no JSON object.".to_owned());
        };
        let mut parts = [None, None, None];
        for (name, value) in &object {
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
