//! A field of a form: its label above, a hint, what was typed, what is wrong with it.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;

use super::{PortalTexts, fill};
use crate::platform::text::{EmailAddress, Line, NotALine};

/// How a field is filled in.
#[derive(Clone, Debug)]
pub enum Control {
    /// One line. The words are those of HTML's `type` and `autocomplete`.
    Line {
        /// `text`, `email`, `url` …
        kind: &'static str,
        /// What the browser may fill in: `organization`, `email`, `off` …
        autocomplete: &'static str,
    },
    /// A password. What was typed is never shown again.
    Secret {
        /// `current-password` or `new-password`.
        autocomplete: &'static str,
    },
    /// A code that opens once, legible while it is typed. What was typed is never shown again.
    Code {
        /// Whether a keyboard of digits is enough.
        digits: bool,
    },
    /// Several lines.
    Lines {
        /// How many are seen at once.
        rows: u8,
    },
    /// One of several.
    Choice {
        /// What is shown while nothing is chosen.
        nothing: &'static str,
        /// Value and text of each.
        options: Vec<(&'static str, &'static str)>,
    },
    /// One of several that are told apart by groups.
    Grouped {
        /// What is shown while nothing is chosen.
        nothing: &'static str,
        /// The groups, in order.
        groups: Vec<OptionGroup>,
    },
    /// How many: digits alone.
    Count,
}

/// Some of what can be chosen.
#[derive(Clone, Debug)]
pub struct OptionGroup {
    /// What they have in common; those of a group without a name stand by themselves.
    pub name: String,
    /// Value and text of each.
    pub options: Vec<(String, String)>,
}

/// A field of a form. A template shows it as `{{ field }}`.
#[derive(Clone, Debug, Template)]
#[template(path = "platform/portal/templates/field.html")]
pub struct Field {
    /// Its name in the form, and its id on the page.
    pub name: Cow<'static, str>,
    /// What is asked.
    pub label: &'static str,
    /// What is meant, if the label does not say all.
    pub hint: String,
    /// How it is filled in.
    pub control: Control,
    /// Whether it may stay empty.
    pub required: bool,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

// Rendered by its own template, which escapes what people typed.
impl HtmlSafe for Field {}

impl Field {
    /// A field that must be filled in, still empty.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        label: &'static str,
        hint: impl Into<String>,
        control: Control,
    ) -> Self {
        Self { name: name.into(), label, hint: hint.into(), control, required: true, value: String::new(), error: None }
    }

    /// The field with what was typed.
    pub fn with(self, value: &str) -> Self {
        Self { value: value.to_owned(), ..self }
    }

    /// Keeps what was read, or says beside the field what is wrong with it.
    pub fn take<T>(&mut self, read: Result<T, String>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(sentence) => {
                self.error = Some(sentence);
                None
            }
        }
    }

    /// The ids of what describes it.
    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// One line of at most `MAX` characters, or what is wrong with it in the person's language.
///
/// # Errors
/// The sentence for the field.
pub fn read_line<const MAX: usize>(typed: &str, texts: &PortalTexts) -> Result<Line<MAX>, String> {
    Line::try_from(typed.to_owned()).map_err(|wrong| match wrong {
        NotALine::Empty => texts.field_empty.to_owned(),
        NotALine::TooLong(length, limit) => {
            fill(texts.field_too_long, &[("length", &length.to_string()), ("limit", &limit.to_string())])
        }
        NotALine::ControlCharacter => texts.field_control_characters.to_owned(),
    })
}

/// Characters of a reason at most.
const MAX_REASON: usize = 500;

/// The field for the reason of a decline, which may stay empty. The hint may tell the `{limit}`, besides `values`.
pub fn reason_field(label: &'static str, hint: &str, values: &[(&str, &str)]) -> Field {
    let limit = MAX_REASON.to_string();
    let values: Vec<(&str, &str)> = values.iter().copied().chain([("limit", limit.as_str())]).collect();
    let field = Field::new("reason", label, fill(hint, &values), Control::Lines { rows: 2 });
    Field { required: false, ..field }
}

/// The reason of a decline, told in one line however many were typed; nothing, if nothing was.
///
/// # Errors
/// The sentence for the field.
pub fn read_reason(typed: &str, texts: &PortalTexts) -> Result<Option<String>, String> {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return Ok(None);
    }
    read_line::<MAX_REASON>(&line, texts).map(|line| Some(line.into()))
}

/// An e-mail address, or what is wrong with it in the person's language.
///
/// # Errors
/// The sentence for the field.
pub fn read_email(typed: &str, texts: &PortalTexts) -> Result<EmailAddress, String> {
    if typed.trim().is_empty() {
        return Err(texts.field_empty.to_owned());
    }
    EmailAddress::try_from(typed.to_owned()).map_err(|_| texts.field_email.to_owned())
}
