//! Text that people typed: bounded, free of control characters, comparable.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A word that is not one of the words expected there.
#[derive(Debug, thiserror::Error)]
#[error("\"{found}\" is no {what}; use one of: {expected}")]
pub struct UnknownWord {
    what: &'static str,
    found: String,
    expected: String,
}

impl UnknownWord {
    /// Says that `found` was given where one of `expected` was due.
    pub fn new(what: &'static str, found: &str, expected: &[&str]) -> Self {
        Self { what, found: shorten(found, 40), expected: expected.join(", ") }
    }
}

/// At most `limit` characters of `text`, with an ellipsis where it was cut.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The form in which text is searched and compared without regard to capitals: the same on both databases.
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// What people searched for, folded, as `LIKE … ESCAPE '\\'` takes it literally.
pub fn like_literal(text: &str) -> String {
    folded(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// One line of at most `MAX` characters, without control characters, not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The line as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no [`Line`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotALine {
    /// Nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// Longer than the limit, in characters.
    #[error("has {0} characters; at most {1} are allowed")]
    TooLong(usize, usize),
    /// A line break or another control character: it could end a mail header.
    #[error("must be one line without control characters")]
    ControlCharacter,
}

impl<const MAX: usize> TryFrom<String> for Line<MAX> {
    type Error = NotALine;
    fn try_from(text: String) -> Result<Self, NotALine> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            Err(NotALine::Empty)
        } else if length > MAX {
            Err(NotALine::TooLong(length, MAX))
        } else if text.chars().any(char::is_control) {
            Err(NotALine::ControlCharacter)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl<const MAX: usize> From<Line<MAX>> for String {
    fn from(line: Line<MAX>) -> String {
        line.0
    }
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Line<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .into()
    }
}
impl<const MAX: usize> utoipa::ToSchema for Line<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Line{MAX}").into()
    }
}

/// Text of one or more lines, at most `MAX` characters, without other control characters, not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lines<const MAX: usize>(String);

impl<const MAX: usize> Lines<MAX> {
    /// The text, its lines ended by `\n`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no [`Lines`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotLines {
    /// Empty or too long.
    #[error(transparent)]
    Length(NotALine),
    /// Something else than text and line breaks.
    #[error("must be plain text: line breaks are the only control characters allowed")]
    ControlCharacter,
}

impl<const MAX: usize> TryFrom<String> for Lines<MAX> {
    type Error = NotLines;
    fn try_from(text: String) -> Result<Self, NotLines> {
        let text = text.trim().replace("\r\n", "\n");
        let length = text.chars().count();
        if length == 0 {
            Err(NotLines::Length(NotALine::Empty))
        } else if length > MAX {
            Err(NotLines::Length(NotALine::TooLong(length, MAX)))
        } else if text.chars().any(|c| c.is_control() && c != '\n') {
            Err(NotLines::ControlCharacter)
        } else {
            Ok(Self(text))
        }
    }
}

impl<const MAX: usize> From<Lines<MAX>> for String {
    fn from(lines: Lines<MAX>) -> String {
        lines.0
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Lines<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .into()
    }
}
impl<const MAX: usize> utoipa::ToSchema for Lines<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Lines{MAX}").into()
    }
}

/// An e-mail address of one mailbox, lower-cased, so that one mailbox is one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is no [`EmailAddress`].
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not an e-mail address of the form name@domain")]
pub struct NotAnAddress(String);

/// RFC 5321 section 4.5.3.1.3: a path of 256 octets less its two angle brackets.
const ADDRESS_LIMIT: usize = 254;

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as logs may show it: `a…@example.org`.
    pub fn masked(&self) -> String {
        let (name, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let first = name.chars().next().unwrap_or('…');
        format!("{first}…@{domain}")
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = NotAnAddress;
    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        let trimmed = text.trim();
        let fits = trimmed.len() <= ADDRESS_LIMIT && trimmed.is_ascii() && !trimmed.contains('"');
        match trimmed.parse::<lettre::Address>() {
            Ok(_) if fits => Ok(Self(trimmed.to_ascii_lowercase())),
            _ => Err(NotAnAddress(shorten(trimmed, 80))),
        }
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for EmailAddress {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::Custom("email".into())))
            .max_length(Some(ADDRESS_LIMIT))
            .into()
    }
}
impl utoipa::ToSchema for EmailAddress {}

/// An ISO 3166-1 alpha-2 country code in capitals. Which countries exist is not checked here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(String);

impl Country {
    /// The two capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Country {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(code))
        } else {
            Err(format!("\"{}\" is no two-letter country code such as SE", shorten(&text, 40)))
        }
    }
}

impl From<Country> for String {
    fn from(country: Country) -> String {
        country.0
    }
}

impl utoipa::PartialSchema for Country {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[A-Za-z]{2}$"))
            .into()
    }
}
impl utoipa::ToSchema for Country {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_bounded_and_free_of_line_breaks() {
        let line = |text: &str| Line::<5>::try_from(text.to_owned()).map(String::from);
        assert_eq!(line("  åäö "), Ok("åäö".to_owned()));
        assert_eq!(line(" \t "), Err(NotALine::Empty));
        assert_eq!(line("abcdef"), Err(NotALine::TooLong(6, 5)));
        assert_eq!(line("a\r\nb"), Err(NotALine::ControlCharacter));
    }

    #[test]
    fn lines_keep_their_breaks_and_nothing_else_that_controls() {
        let lines = |text: &str| Lines::<7>::try_from(text.to_owned()).map(String::from);
        assert_eq!(lines(" a\r\nb\n\nc "), Ok("a\nb\n\nc".to_owned()));
        assert_eq!(lines("\r\n"), Err(NotLines::Length(NotALine::Empty)));
        assert_eq!(lines("abcdefgh"), Err(NotLines::Length(NotALine::TooLong(8, 7))));
        for bad in ["a\rb", "a\u{0}b", "a\tb", "a\u{1b}b"] {
            assert_eq!(lines(bad), Err(NotLines::ControlCharacter), "{bad:?}");
        }
    }

    #[test]
    fn addresses_that_could_split_a_header_or_hide_a_second_recipient_are_refused() {
        let parse = |text: &str| EmailAddress::try_from(text.to_owned()).ok().map(String::from);
        assert_eq!(parse(" Anna@Fabrikam.Example "), Some("anna@fabrikam.example".to_owned()));
        for bad in ["", "anna", "a@b\r\nBcc: c@d", "a@b,c@d", "\"a b\"@c.example", "a@@b", "<a@b>"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
