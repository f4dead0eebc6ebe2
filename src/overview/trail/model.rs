//! Audit records: what the contract calls what happened, and which of them are wanted.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::audit::{EventRow, Kinds};
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::Condition;
use crate::platform::text::shorten;

/// What happened, by our name, and what the contract calls it: operation and resource. An event that is not here has no
/// name there.
const CONTRACT: &[(&str, &str, &str)] = &[
    ("customer_created", "add_customer", "customer"),
    ("setup_info_reset", "reset_customer_user_password", "customer_user"),
    ("customer_billing_changed", "update_customer_billing_profile", "customer"),
    ("customer_qualified", "update_customer_qualification", "customer"),
    ("customer_agreement_confirmed", "create_agreement", "agreement"),
    ("order_placed", "create_order", "order"),
    ("subscription_changed", "update_subscription", "subscription"),
    ("subscription_renewed", "update_subscription", "subscription"),
    ("subscription_ended", "update_subscription", "subscription"),
    ("reseller_associated", "create_mpn_association", "mpn_association"),
    ("reseller_dissociated", "update_mpn_association", "mpn_association"),
    ("customer_user_created", "create_customer_user", "customer_user"),
    ("customer_user_changed", "update_customer_user", "customer_user"),
    ("customer_user_removed", "delete_customer_user", "customer_user"),
    ("customer_user_restored", "restore_customer_user", "customer_user"),
    ("customer_user_password_reset", "reset_customer_user_password", "customer_user"),
    ("licenses_changed", "update_customer_user_licenses", "license"),
    ("partnership_accepted", "create_partner_relationship", "partner_relationship"),
    ("partnership_removed", "remove_partner_relationship", "partner_relationship"),
    ("administration_approved", "dap_admin_relationship_approved", "partner_customer_dap"),
    ("administration_ended", "dap_admin_relationship_terminated", "partner_customer_dap"),
    ("customer_relationship_ended", "remove_partner_customer_relationship", "partner_customer_relationship"),
    ("granular_administration_approved", "granular_admin_relationship_approved", "granular_admin_relationship"),
    ("granular_administration_expired", "granular_admin_relationship_expired", "granular_admin_relationship"),
    ("granular_administration_terminated", "granular_admin_relationship_terminated", "granular_admin_relationship"),
    ("access_assignment_created", "granular_admin_access_assignment_created", "granular_admin_access_assignment"),
    ("access_assignment_changed", "granular_admin_access_assignment_updated", "granular_admin_access_assignment"),
    ("access_assignment_deleted", "granular_admin_access_assignment_deleted", "granular_admin_access_assignment"),
    ("agreement_signed", "create_agreement", "agreement"),
    ("user_invited", "create_partner_user", "partner_user"),
    ("user_changed", "update_partner_user", "partner_user"),
    ("user_suspended", "update_partner_user", "partner_user"),
    ("user_restored", "update_partner_user", "partner_user"),
    ("user_removed", "remove_partner_user", "partner_user"),
    ("application_registered", "register_application", "application"),
    ("application_removed", "unregister_application", "application"),
    ("devices_submitted", "devices_upload_to_new_batch_attempted", "device"),
    ("device_released", "device_deleted", "device"),
    ("devices_deregistered", "device_deleted", "device"),
    ("device_properties_changed", "device_updated", "device"),
    ("device_policies_applied", "devices_update_attempted", "device"),
    ("device_policy_created", "policy_created", "policy"),
    ("device_policy_changed", "policy_updated", "policy"),
    ("device_policy_deleted", "policy_deleted", "policy"),
];

/// What the contract calls what it has no name for. Old clients throw on any other unknown word.
pub(super) const UNDEFINED: &str = "undefined";

/// A call that was refused.
const REFUSED: &str = "access_refused";

/// The contract's names of operation and resource.
pub(super) fn contract_names(kind: &str) -> (&'static str, &'static str) {
    let found = CONTRACT.iter().find(|(event, ..)| *event == kind);
    found.map_or((UNDEFINED, UNDEFINED), |(_, operation, resource)| (*operation, *resource))
}

/// Events about one of the contract's resources.
pub(super) fn kinds_about(resource: &str) -> Kinds {
    if resource == UNDEFINED {
        return Kinds::AllBut(CONTRACT.iter().map(|(event, ..)| *event).collect());
    }
    let about = CONTRACT.iter().filter(|(.., named)| *named == resource);
    Kinds::Only(about.map(|(event, ..)| *event).collect())
}

/// How it ended, in the contract's words.
pub(super) fn status(row: &EventRow) -> &'static str {
    if row.kind == REFUSED { "failed" } else { "succeeded" }
}

/// The id of a record: partner, customer, operation and time as the contract has them, and the event, because one moment
/// can hold several.
pub(super) fn record_id(row: &EventRow) -> String {
    /// From the first day of year 1, where .NET begins to count, to 1970.
    const YEAR_1_TO_1970: i64 = 62_135_596_800_000_000;
    let uuid = |id: Option<Uuid>| id.unwrap_or_default();
    let (partner, customer) =
        (uuid(row.actor_organisation_id.map(|id| id.uuid())), uuid(row.customer_id.map(|id| id.uuid())));
    let operation = match contract_names(&row.kind).0 {
        UNDEFINED => row.kind.replace('_', ""),
        named => named.replace('_', ""),
    };
    let ticks = (i128::from(row.at.micros()) + i128::from(YEAR_1_TO_1970)) * 10;
    format!("{partner}_{customer}_{operation}_{ticks}_{event}", event = row.id.uuid().simple())
}

/// What the event says of its resource: JSON with names in Pascal case.
pub(super) fn new_value(row: &EventRow) -> String {
    let mut value = Map::new();
    value.insert("Id".to_owned(), Value::String(row.subject_id.to_string()));
    if let Ok(Value::Object(fields)) = serde_json::from_str(&row.data) {
        value.extend(fields.into_iter().map(|(name, field)| (pascal_case(&name), field)));
    }
    if row.repeats > 1 {
        value.insert("Repeats".to_owned(), row.repeats.into());
    }
    Value::Object(value).to_string()
}

fn pascal_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Why a trail is not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrailError {
    #[error("{parameter} is \"{text}\"; write it as 2026-11-21, 2026-11-21T08:00:00Z or 11/21/2026 8:00:00 AM.")]
    DateMalformed { parameter: &'static str, text: String },
    #[error("startDate lies after endDate. Swap them.")]
    DatesReversed,
    #[error(
        "{0} A filter is {{\"Field\":\"CompanyName\",\"Value\":\"…\",\"Operator\":\"substring\"}}, percent-encoded; \
             CustomerId and ResourceType take the operator equals."
    )]
    FilterNotOffered(String),
    #[error(
        "More than {limit} of your customers have \"{part}\" in their names. Filter by a longer part, or by CustomerId."
    )]
    TooManyCustomers { part: String, limit: i64 },
    #[error("There is no audit record {0} in your trail.")]
    RecordUnknown(String),
    #[error("format is \"{0}\"; it is jsonl or csv.")]
    FormatUnknown(String),
}

impl Refusal for TrailError {
    fn code(&self) -> Code {
        match self {
            TrailError::DateMalformed { .. } => Code::new(910_500, "trailDateMalformed", Kind::BadInput),
            TrailError::DatesReversed => Code::new(910_501, "trailDatesReversed", Kind::BadInput),
            TrailError::FilterNotOffered(_) => Code::new(910_502, "trailFilterNotOffered", Kind::BadInput),
            TrailError::TooManyCustomers { .. } => Code::new(910_503, "trailFilterTooWide", Kind::BadInput),
            TrailError::RecordUnknown(_) => Code::new(910_504, "auditRecordUnknown", Kind::NotFound),
            TrailError::FormatUnknown(_) => Code::new(910_505, "exportFormatUnknown", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            TrailError::DateMalformed { parameter, .. } => vec![("parameter", (*parameter).to_owned())],
            _ => Vec::new(),
        }
    }
}

/// A date as it was given: what it is the beginning of.
enum Given {
    Day(Timestamp),
    Second(Timestamp),
}

/// Days shown if no start is given.
const DEFAULT_DAYS: u64 = 30;

fn given(text: &str) -> Option<Given> {
    let text = text.trim();
    let day = |format| NaiveDate::parse_from_str(text, format).ok()?.and_hms_opt(0, 0, 0);
    let second = |format| NaiveDateTime::parse_from_str(text, format).ok();
    // A plus sign that was not percent-encoded arrives as a blank.
    let offset = || DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok().map(|moment| moment.naive_utc());
    let stamp = |moment: NaiveDateTime| Timestamp::from_chrono(moment.and_utc());
    let found = match ["%Y-%m-%d", "%m/%d/%Y"].into_iter().find_map(day) {
        Some(day) => Given::Day(stamp(day)),
        None => Given::Second(stamp(
            ["%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"]
                .into_iter()
                .find_map(second)
                .or_else(offset)?,
        )),
    };
    let (Given::Day(at) | Given::Second(at)) = found;
    // A week from the ends, so that what is added to it stays storable.
    (at.before(days(7)).is_storable() && at.after(days(7)).is_storable()).then_some(found)
}

/// From when, and before when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Window {
    /// The window that `startDate` and `endDate` name; the last 30 days if they name none. An end holds what it names: the
    /// whole day, the whole second.
    pub(super) fn read(start: Option<&str>, end: Option<&str>, now: Timestamp) -> Result<Self, TrailError> {
        let read = |parameter, text: &str| {
            given(text).ok_or_else(|| TrailError::DateMalformed { parameter, text: shorten(text, 60) })
        };
        // Clocks of copies of the service may differ: what happened "later" is not left out.
        let until = match end.map(|text| read("endDate", text)).transpose()? {
            None => now.after(days(1)),
            Some(Given::Day(day)) => day.after(days(1)),
            Some(Given::Second(second)) => second.after(std::time::Duration::from_secs(1)),
        };
        let from = match start.map(|text| read("startDate", text)).transpose()? {
            None if end.is_some() => until.before(days(DEFAULT_DAYS)),
            None => now.before(days(DEFAULT_DAYS)),
            Some(Given::Day(at) | Given::Second(at)) => at,
        };
        if from >= until {
            return Err(TrailError::DatesReversed);
        }
        Ok(Self { from, until })
    }
}

/// Which records are wanted, besides their time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    None,
    CompanyName(String),
    CustomerId(Uuid),
    ResourceType(String),
}

impl Filter {
    /// Reads a filter of section 1.9 of the contract.
    pub(super) fn read(text: &str) -> Result<Self, TrailError> {
        let refused = |why: &str| Err(TrailError::FilterNotOffered(why.to_owned()));
        let condition = Condition::read(text).map_err(TrailError::FilterNotOffered)?;
        let value = condition.value;
        let (field, operator) = (shorten(&condition.field, 40), shorten(&condition.operator, 40));
        match (field.as_str(), operator.as_str()) {
            ("companyname", "substring") => Ok(Filter::CompanyName(value)),
            ("customerid", "equals") => match value.trim().parse() {
                Ok(id) => Ok(Filter::CustomerId(id)),
                Err(_) => refused(&format!("\"{}\" is no tenant id.", shorten(&value, 60))),
            },
            ("resourcetype", "equals") => Ok(Filter::ResourceType(snake_case(&value))),
            ("companyname" | "customerid" | "resourcetype", _) => {
                refused(&format!("{field} does not take the operator {operator}."))
            }
            _ => refused(&format!("\"{field}\" is not a field to filter by.")),
        }
    }
}

/// `PartnerRelationship` and `partner_relationship` alike.
fn snake_case(word: &str) -> String {
    let mut snake = String::with_capacity(word.len() + 8);
    for letter in word.trim().chars() {
        let follows_small = snake.ends_with(|before: char| before.is_ascii_lowercase() || before.is_ascii_digit());
        if letter.is_ascii_uppercase() && follows_small {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_248_000_000_000);

    fn window(start: Option<&str>, end: Option<&str>) -> String {
        match Window::read(start, end, NOW) {
            Ok(Window { from, until }) => format!("{} {}", &from.to_string()[..19], &until.to_string()[..19]),
            Err(error) => error.code().name.to_owned(),
        }
    }

    #[test]
    fn dates_are_read_as_clients_write_them() {
        let day = "2026-01-02T00:00:00 2026-01-04T00:00:00";
        assert_eq!(window(Some("2026-01-02"), Some("2026-01-03")), day);
        assert_eq!(window(Some("1/2/2026"), Some("01/03/2026")), day);
        assert_eq!(window(Some("1/2/2026 12:00:00 AM"), Some("1/3/2026 11:59:59 PM")), day);
        assert_eq!(window(Some("01/02/2026 00:00:00"), Some("2026-01-03T23:59:59")), day);
        assert_eq!(window(Some("2026-01-02T00:00:00.0000000Z"), Some("2026-01-04T00:59:59 01:00")), day);
        assert_eq!(window(None, None), "2026-10-22T08:00:00 2026-11-22T08:00:00");
        assert_eq!(window(Some("2001-01-01"), None), "2001-01-01T00:00:00 2026-11-22T08:00:00");
        assert_eq!(window(Some("2026-01-02"), Some("2026-01-01")), "trailDatesReversed");
        for wrong in ["yesterday", "", "13/13/2026", "0001-01-01", "9999-12-31", "99999-01-01", "2026-02-30"] {
            assert_eq!(window(Some(wrong), None), "trailDateMalformed", "{wrong}");
        }
    }

    #[test]
    fn filters_of_the_contract_are_read_and_others_refused_with_a_reason() {
        let read = |field: &str, value: &str, operator: &str| {
            Filter::read(&format!("{{\"Field\":\"{field}\",\"value\":\"{value}\",\"OPERATOR\":\"{operator}\"}}")).ok()
        };
        let id = Uuid::now_v7();
        assert_eq!(read("CompanyName", "Fab", "substring"), Some(Filter::CompanyName("Fab".to_owned())));
        assert_eq!(read("company_name", "Fab", "Substring"), Some(Filter::CompanyName("Fab".to_owned())));
        assert_eq!(read("customerId", &id.to_string().to_uppercase(), "EQUALS"), Some(Filter::CustomerId(id)));
        let relationship = Some(Filter::ResourceType("partner_relationship".to_owned()));
        assert_eq!(read("ResourceType", "PartnerRelationship", "equals"), relationship);
        assert_eq!(read("ResourceType", "partner_relationship", "equals"), relationship);
        assert_eq!(read("CompanyName", "Fab", "equals"), None);
        assert_eq!(read("CustomerId", "fabrikam", "equals"), None);
        assert_eq!(read("Domain", "x", "equals"), None);
        for wrong in ["", "x", "[]", "{}", "{\"Field\":1}", "{\"LeftFilter\":{},\"Operator\":\"and\"}"] {
            assert!(Filter::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_event_that_the_contract_names_has_words_that_it_knows() {
        for (event, operation, resource) in CONTRACT {
            assert_eq!(contract_names(event), (*operation, *resource));
            let Kinds::Only(kinds) = kinds_about(resource) else { panic!("{resource}") };
            assert!(kinds.contains(event));
        }
        assert_eq!(contract_names("invitation_created"), (UNDEFINED, UNDEFINED));
        assert_eq!(pascal_case("attestationVersion"), "AttestationVersion");
    }
}
