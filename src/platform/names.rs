//! Lists of names in settings.

use serde::Deserialize;

/// A list of names: in the file a list, in the environment separated by commas.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "ListOrText")]
pub struct Names(Vec<String>);

impl Names {
    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl From<&[&str]> for Names {
    fn from(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ListOrText {
    List(Vec<String>),
    Text(String),
}

impl From<ListOrText> for Names {
    fn from(read: ListOrText) -> Self {
        let names = match read {
            ListOrText::List(names) => names,
            ListOrText::Text(text) => text.split(',').map(str::to_owned).collect(),
        };
        Self(names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
    }
}
