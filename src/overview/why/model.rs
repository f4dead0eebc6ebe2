//! A question, and the conditions that answer it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{PERMISSIONS, PartnerId, Rule};
use crate::customers::CustomerReference;
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;

/// May I do this, and if not, what is missing?
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The permission that the action takes.
    pub(super) rule: Rule,
    /// For which customer.
    pub(super) customer: Option<CustomerReference>,
    /// With which partner.
    pub(super) partner: Option<PartnerId>,
    /// Whether partners must prove a second factor here.
    pub(super) second_factor_required: bool,
}

/// How to ask for something that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Ask {
    /// The call that asks, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// Who makes the call, or is to be asked.
    pub(super) who: String,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Check {
    /// The condition's name.
    pub(super) what: &'static str,
    /// Whether it is met.
    pub(super) holds: bool,
    /// The same in words.
    pub(super) sentence: String,
    /// How to ask for it, if it is missing and can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ask: Option<Ask>,
}

impl Check {
    pub(super) fn met(what: &'static str, sentence: impl Into<String>) -> Self {
        Self { what, holds: true, sentence: sentence.into(), ask: None }
    }

    pub(super) fn missing(what: &'static str, sentence: impl Into<String>) -> Self {
        Self { what, holds: false, sentence: sentence.into(), ask: None }
    }

    pub(super) fn ask(self, method: &'static str, path: impl Into<String>, who: impl Into<String>) -> Self {
        Self { ask: Some(Ask { method: Some(method), path: Some(path.into()), who: who.into() }), ..self }
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// The action, as it is asked for.
    pub(super) action: String,
    pub(super) allowed: bool,
    pub(super) sentence: String,
    pub(super) checks: Vec<Check>,
}

impl Verdict {
    /// What the conditions come to.
    pub(super) fn of(rule: &Rule, checks: Vec<Check>) -> Self {
        let action = action_name(rule);
        let missing: Vec<&Check> = checks.iter().filter(|check| !check.holds).collect();
        let sentence = match missing.as_slice() {
            [] => format!("Yes, you may: every condition of {action} is met."),
            [only] => format!("No. {}", only.sentence),
            [first, rest @ ..] => {
                let more = if rest.len() == 1 {
                    "One more condition is".to_owned()
                } else {
                    format!("{} more are", rest.len())
                };
                format!("No. {} {more} not met.", first.sentence)
            }
        };
        Self { action, allowed: missing.is_empty(), sentence, checks }
    }
}

/// `RegisterDevices` as `registerDevices`.
pub(super) fn action_name(rule: &Rule) -> String {
    let mut letters = rule.name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The permission that an action names, whatever its capitals.
pub(super) fn rule_named(action: &str) -> Result<Rule, WhyError> {
    let found = PERMISSIONS.iter().find(|rule| rule.name.eq_ignore_ascii_case(action.trim()));
    found.copied().ok_or_else(|| WhyError::ActionUnknown(shorten(action, 60)))
}

/// Why a question is not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum WhyError {
    #[error("\"{0}\" is no action. Ask for one of: {all}.", all = all_actions())]
    ActionUnknown(String),
    #[error("Name the action: GET /v1/why?action=…, one of: {}.", all_actions())]
    ActionMissing,
    #[error("partnerId is \"{0}\"; it must be the tenant id of a partner.")]
    PartnerMalformed(String),
}

fn all_actions() -> String {
    PERMISSIONS.iter().map(action_name).collect::<Vec<_>>().join(", ")
}

impl Refusal for WhyError {
    fn code(&self) -> Code {
        match self {
            WhyError::ActionUnknown(_) => Code::new(910_520, "actionUnknown", Kind::BadInput),
            WhyError::ActionMissing => Code::new(910_521, "actionMissing", Kind::BadInput),
            WhyError::PartnerMalformed(_) => Code::new(910_522, "partnerIdMalformed", Kind::BadInput),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_found_whatever_its_capitals_and_an_unknown_one_is_told_the_others() {
        for rule in PERMISSIONS {
            assert_eq!(rule_named(&action_name(rule)).unwrap().name, rule.name);
            assert_eq!(rule_named(&rule.name.to_uppercase()).unwrap().name, rule.name);
        }
        let unknown = rule_named("fly").unwrap_err().to_string();
        assert!(unknown.contains("registerDevices, ") && unknown.contains("readDevices"), "{unknown}");
    }

    #[test]
    fn the_first_missing_condition_is_the_answer() {
        let rule = rule_named("registerDevices").unwrap();
        let said = |checks| Verdict::of(&rule, checks).sentence;
        assert!(said(vec![Check::met("a", "A.")]).starts_with("Yes"));
        assert_eq!(said(vec![Check::met("a", "A."), Check::missing("b", "B.")]), "No. B.");
        let two = vec![Check::missing("b", "B."), Check::missing("c", "C.")];
        assert_eq!(said(two), "No. B. One more condition is not met.");
    }
}
