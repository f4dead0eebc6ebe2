//! The part of OData that Graph's clients use: filters of equalities, a page, a choice of properties, a count.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use uuid::Uuid;

use super::errors::Error;
use super::request::BaseUrl;
use crate::platform::error::codes;
use crate::platform::text::shorten;

/// The query options that are read.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// Equalities joined by `and`: `status eq 'active' and customer/tenantId eq '…'`.
    #[serde(rename = "$filter")]
    filter: Option<String>,
    /// Properties, separated by commas.
    #[serde(rename = "$select")]
    select: Option<String>,
    /// Rows at most, up to 300.
    #[serde(rename = "$top")]
    top: Option<String>,
    /// `createdDateTime`, with `asc` or `desc`.
    #[serde(rename = "$orderby")]
    orderby: Option<String>,
    /// `true`: how many there are.
    #[serde(rename = "$count")]
    count: Option<String>,
    /// Where the next page begins: from `@odata.nextLink`.
    #[serde(rename = "$skipToken", alias = "$skiptoken")]
    skip_token: Option<String>,
}

/// Rows of a page, and the most that can be asked for (section 19.1 of the contract).
const MAX_TOP: i64 = 300;

fn refused(sentence: String) -> Error {
    Error::plain(codes::BAD_REQUEST, sentence)
}

impl Options {
    /// The equalities of the filter: property and value, in the order written.
    ///
    /// # Errors
    /// A filter of another kind.
    pub fn equalities(&self) -> Result<Vec<(String, String)>, Error> {
        match self.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) {
            None => Ok(Vec::new()),
            Some(filter) => equalities(filter).ok_or_else(|| {
                let shown = shorten(filter, 100);
                refused(format!(
                    "$filter \"{shown}\" is not read here. Join equalities by and: status eq 'active' and \
                     customer/tenantId eq '00000000-0000-0000-0000-000000000000'."
                ))
            }),
        }
    }

    /// Rows of the page.
    ///
    /// # Errors
    /// A number that is none, or too large.
    pub fn top(&self) -> Result<i64, Error> {
        self.top_up_to(MAX_TOP)
    }

    /// The same, of a list whose pages have at most `most` rows.
    ///
    /// # Errors
    /// As [`Options::top`].
    pub fn top_up_to(&self, most: i64) -> Result<i64, Error> {
        match self.top.as_deref() {
            None => Ok(most),
            Some(text) => {
                text.parse().ok().filter(|top| (1..=most).contains(top)).ok_or_else(|| {
                    refused(format!("$top is \"{}\"; it is a number from 1 to {most}.", shorten(text, 40)))
                })
            }
        }
    }

    /// What `contains(property,'text')` of the filter asks for; nothing if there is no filter.
    ///
    /// # Errors
    /// A filter of another kind, or on another property.
    pub fn part_of(&self, property: &str) -> Result<Option<String>, Error> {
        let Some(filter) = self.filter.as_deref().map(str::trim).filter(|filter| !filter.is_empty()) else {
            return Ok(None);
        };
        let word = |token: &Token, wanted: &str| matches!(token, Token::Word(word) if word.trim_matches(',').eq_ignore_ascii_case(wanted));
        match tokens(filter).as_deref() {
            Some([call, Token::Open, name, rest @ ..]) if word(call, "contains") && word(name, property) => {
                match rest {
                    [Token::Text(text), Token::Close] => return Ok(Some(text.clone())),
                    [Token::Word(comma), Token::Text(text), Token::Close] if comma == "," => {
                        return Ok(Some(text.clone()));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        let shown = shorten(filter, 100);
        Err(refused(format!("$filter \"{shown}\" is not read here. Write contains({property},'…').")))
    }

    /// Whether newer rows come first.
    ///
    /// # Errors
    /// Another order.
    pub fn newest_first(&self) -> Result<bool, Error> {
        let words: Vec<String> =
            self.orderby.as_deref().unwrap_or_default().split_whitespace().map(str::to_ascii_lowercase).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] | ["createddatetime"] | ["createddatetime", "asc"] => Ok(false),
            ["createddatetime", "desc"] => Ok(true),
            _ => Err(refused("$orderby is createdDateTime here, with asc or desc.".to_owned())),
        }
    }

    /// Whether all rows are to be counted.
    pub fn counted(&self) -> bool {
        self.count.as_deref().is_some_and(|count| count.eq_ignore_ascii_case("true"))
    }

    /// The row after which the page begins.
    ///
    /// # Errors
    /// A token that is none.
    pub fn after<T: From<Uuid>>(&self) -> Result<Option<T>, Error> {
        let Some(token) = &self.skip_token else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let id = bytes.and_then(|bytes| Uuid::from_slice(&bytes).ok());
        let foreign = || refused("$skipToken is not one that this list gave. Start again without it.".to_owned());
        id.map(|id| Some(T::from(id))).ok_or_else(foreign)
    }

    /// `entity` with the properties that were asked for; OData's own stay.
    pub fn selected(&self, entity: Value) -> Value {
        let Some(select) = &self.select else { return entity };
        let Value::Object(properties) = entity else { return entity };
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        let wanted = |name: &str| {
            name.starts_with("@odata") || names.iter().any(|chosen| chosen.eq_ignore_ascii_case(name) || *chosen == "*")
        };
        Value::Object(properties.into_iter().filter(|(name, _)| wanted(name)).collect())
    }

    /// A page of `rows`, one more of which were fetched than are shown, as OData has it.
    ///
    /// # Errors
    /// As [`Options::top`].
    pub fn page<R>(
        &self,
        base: &BaseUrl,
        path: &str,
        rows: Vec<R>,
        count: Option<i64>,
        key: impl Fn(&R) -> Uuid,
        show: impl FnMut(R) -> Value,
    ) -> Result<Value, Error> {
        Ok(self.page_of(self.top()?, (base, path), rows, count, key, show))
    }

    /// The same, of at most `top` rows.
    pub fn page_of<R>(
        &self,
        top: i64,
        (base, path): (&BaseUrl, &str),
        mut rows: Vec<R>,
        count: Option<i64>,
        key: impl Fn(&R) -> Uuid,
        show: impl FnMut(R) -> Value,
    ) -> Value {
        let top = usize::try_from(top).unwrap_or_default();
        let more = rows.len() > top;
        rows.truncate(top);
        let token = rows.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last).as_bytes()));
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), json!(context(base, path.trim_start_matches('/'))));
        if let Some(count) = count {
            body.insert("@odata.count".to_owned(), json!(count));
        }
        let shown: Vec<Value> = rows.into_iter().map(show).map(|entity| self.selected(entity)).collect();
        body.insert("value".to_owned(), Value::Array(shown));
        if let Some(token) = token {
            body.insert("@odata.nextLink".to_owned(), json!(self.next_link(base, path, &token)));
        }
        Value::Object(body)
    }

    /// The address of the next page: clients follow it verbatim.
    fn next_link(&self, base: &BaseUrl, path: &str, token: &str) -> String {
        let options = [
            ("$filter", &self.filter),
            ("$select", &self.select),
            ("$top", &self.top),
            ("$orderby", &self.orderby),
            ("$count", &self.count),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in options {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.append_pair("$skipToken", token);
        format!("{}?{}", base.join(&format!("/v1.0{path}")), query.finish())
    }
}

/// Where an answer's type is described.
pub fn context(base: &BaseUrl, what: &str) -> String {
    base.join(&format!("/v1.0/$metadata#{what}"))
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
    Text(String),
}

fn tokens(filter: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut letters = filter.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => found.push(Token::Open),
            ')' => found.push(Token::Close),
            '\'' => {
                let mut text = String::new();
                loop {
                    match letters.next()? {
                        // A quote within a text is doubled.
                        '\'' if letters.peek() == Some(&'\'') => text.extend(letters.next()),
                        '\'' => break,
                        other => text.push(other),
                    }
                }
                found.push(Token::Text(text));
            }
            blank if blank.is_whitespace() => {}
            other => {
                let mut word = String::from(other);
                while let Some(next) = letters.next_if(|next| !next.is_whitespace() && !"()'".contains(*next)) {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
        }
    }
    Some(found)
}

/// Conditions joined by `and` may be put in brackets anywhere: only that they close is asked.
fn equalities(filter: &str) -> Option<Vec<(String, String)>> {
    let mut depth = 0_usize;
    let mut flat = Vec::new();
    for token in tokens(filter)? {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.checked_sub(1)?,
            other => flat.push(other),
        }
    }
    let mut found = Vec::new();
    let mut rest = flat.into_iter();
    loop {
        let Some(Token::Word(property)) = rest.next() else { return None };
        let Some(Token::Word(operator)) = rest.next() else { return None };
        let (Token::Word(value) | Token::Text(value)) = rest.next()? else { return None };
        if !operator.eq_ignore_ascii_case("eq") {
            return None;
        }
        found.push((property.to_ascii_lowercase(), value));
        match rest.next() {
            None => return (depth == 0).then_some(found),
            Some(Token::Word(and)) if and.eq_ignore_ascii_case("and") => {}
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_clients_write_them() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        for (filter, read) in [
            ("status eq 'active'", Some(vec![pair("status", "active")])),
            (
                "(status eq 'active') AND (customer/tenantId eq 'x')",
                Some(vec![pair("status", "active"), pair("customer/tenantid", "x")]),
            ),
            ("displayName eq 'it''s'", Some(vec![pair("displayname", "it's")])),
            ("customer/tenantId eq 7b0d", Some(vec![pair("customer/tenantid", "7b0d")])),
            ("displayName eq ''", Some(vec![pair("displayname", "")])),
            ("status ne 'active'", None),
            ("status eq 'active' or status eq 'created'", None),
            ("status eq", None),
            ("status eq 'active", None),
            ("(status eq 'active'", None),
            ("status eq 'active')", None),
            ("startswith(displayName,'x')", None),
            ("and", None),
        ] {
            assert_eq!(equalities(filter), read, "{filter}");
        }
    }

    #[test]
    fn a_part_of_a_value_is_read_as_clients_write_it() {
        let part = |filter: &str| {
            let options = Options { filter: Some(filter.to_owned()), ..Options::default() };
            options.part_of("serialNumber").ok().flatten()
        };
        for filter in
            ["contains(serialNumber,'a b')", "contains(serialNumber, 'a b')", "Contains(SerialNumber , 'a b')"]
        {
            assert_eq!(part(filter).as_deref(), Some("a b"), "{filter}");
        }
        for filter in
            ["contains(model,'x')", "serialNumber eq 'x'", "contains(serialNumber,'x'", "contains(serialNumber)"]
        {
            assert_eq!(part(filter), None, "{filter}");
        }
    }

    #[test]
    fn a_choice_of_properties_keeps_odatas_own() {
        let options = Options { select: Some("id, DisplayName".to_owned()), ..Options::default() };
        let entity = json!({ "@odata.etag": "1", "id": 1, "displayName": "x", "status": "active" });
        assert_eq!(options.selected(entity), json!({ "@odata.etag": "1", "id": 1, "displayName": "x" }));
    }
}
