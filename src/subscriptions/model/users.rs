//! Users in a customer's directory.

use std::time::Duration;

use crate::customers::CountryRules;
use crate::delegation::GateError;
use crate::ids;
use crate::platform::clock::{Timestamp, days};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::http::{Condition, EtagError};
use crate::platform::text::{EmailAddress, Line, folded, shorten};

ids! {
    /// A user in a customer's directory.
    CustomerUserId,
}

/// How long a removed user can be restored (section 12 of the contract).
pub const KEPT: Duration = days(30);

/// What is recorded of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The name they are known by in the directory, in small letters.
    pub principal_name: String,
    /// What they are called.
    pub display_name: String,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// The country in which they use services: two capitals.
    pub usage_location: Option<String>,
    /// What another directory knows them by.
    pub immutable_id: Option<String>,
    /// Their telephone number.
    pub phone_number: Option<String>,
}

/// A user in a customer's directory. It signs nobody in here.
#[derive(Clone, Debug)]
pub struct CustomerUser {
    /// Its id.
    pub id: CustomerUserId,
    /// What is recorded.
    pub person: Person,
    /// Raised by each change: its etag.
    pub version: i32,
    /// When it was removed, if it was.
    pub removed_at: Option<Timestamp>,
}

impl CustomerUser {
    /// Whether it was removed so long ago that it cannot be restored, swept away or not.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.removed_at.is_some_and(|at| at <= now.before(KEPT))
    }
}

/// What a client sent of somebody. What it left out stays as it is; a blank text takes away what can be absent.
#[derive(Clone, Debug, Default)]
pub struct SentPerson {
    /// The principal name.
    pub principal_name: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The country.
    pub usage_location: Option<String>,
    /// The id elsewhere.
    pub immutable_id: Option<String>,
    /// The telephone number.
    pub phone_number: Option<String>,
}

fn wrong(property: &'static str, reason: impl Into<String>) -> UserError {
    UserError::Property { property, reason: reason.into() }
}

fn line<const MAX: usize>(
    property: &'static str,
    sent: Option<&String>,
    before: Option<&String>,
) -> Result<Option<String>, UserError> {
    match sent {
        None => Ok(before.cloned()),
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => match Line::<MAX>::try_from(text.clone()) {
            Ok(line) => Ok(Some(line.into())),
            Err(why) => Err(wrong(property, why.to_string())),
        },
    }
}

impl Person {
    /// This person with what a client sent.
    ///
    /// # Errors
    /// [`UserError::Property`].
    pub fn with(&self, sent: &SentPerson) -> Result<Self, UserError> {
        let principal_name = match &sent.principal_name {
            None => self.principal_name.clone(),
            Some(text) => match EmailAddress::try_from(text.clone()) {
                Ok(address) => address.into(),
                Err(_) => {
                    let reason = format!("\"{}\" is no name such as anna@fabrikam.onmicrosoft.com", shorten(text, 80));
                    return Err(wrong("userPrincipalName", reason));
                }
            },
        };
        let display_name =
            line::<256>("displayName", sent.display_name.as_ref(), Some(&self.display_name))?.unwrap_or_default();
        for (property, value) in [("userPrincipalName", &principal_name), ("displayName", &display_name)] {
            if value.is_empty() {
                return Err(wrong(property, "must not be empty"));
            }
        }
        let usage_location = match line::<40>("usageLocation", sent.usage_location.as_ref(), None)? {
            None if sent.usage_location.is_none() => self.usage_location.clone(),
            None => None,
            Some(code) => match CountryRules::of(&code) {
                Some(rules) => Some(rules.code().to_owned()),
                None => {
                    let reason =
                        format!("\"{code}\" is the code of no country; use two letters of ISO 3166-1, such as SE");
                    return Err(wrong("usageLocation", reason));
                }
            },
        };
        Ok(Self {
            principal_name,
            display_name,
            first_name: line::<64>("firstName", sent.first_name.as_ref(), self.first_name.as_ref())?,
            last_name: line::<64>("lastName", sent.last_name.as_ref(), self.last_name.as_ref())?,
            usage_location,
            immutable_id: line::<256>("immutableId", sent.immutable_id.as_ref(), self.immutable_id.as_ref())?,
            phone_number: line::<64>("phoneNumber", sent.phone_number.as_ref(), self.phone_number.as_ref())?,
        })
    }

    /// What lists sort the display name by.
    pub fn folded_display_name(&self) -> String {
        folded(&self.display_name)
    }

    /// The domain that the principal name is in.
    pub fn domain(&self) -> &str {
        self.principal_name.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// What a client wants to be different about a user.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// What is recorded.
    pub person: SentPerson,
    /// `active` or `inactive`, as it was sent.
    pub state: Option<String>,
    /// Whether another password was sent.
    pub password: bool,
    /// The etag that stood in the body.
    pub etag: Option<String>,
}

impl UserChange {
    /// Whether a state was sent, and which: active or not.
    ///
    /// # Errors
    /// [`UserError::Property`].
    pub fn active(&self) -> Result<Option<bool>, UserError> {
        match self.state.as_deref().map(str::trim).filter(|state| !state.is_empty()) {
            None => Ok(None),
            Some(state) if state.eq_ignore_ascii_case("active") => Ok(Some(true)),
            Some(state) if state.eq_ignore_ascii_case("inactive") => Ok(Some(false)),
            Some(state) => {
                let reason = format!("\"{}\" is neither active nor inactive", shorten(state, 40));
                Err(wrong("state", reason))
            }
        }
    }
}

/// What a list of users is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOrder {
    /// What they are called, whatever the capitals.
    DisplayName,
    /// The principal name.
    PrincipalName,
}

/// Which users are listed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserList {
    /// Those that were removed and can be restored; else those that were not.
    pub removed: bool,
    /// Sorted by this.
    pub order: UserOrder,
    /// From the last to the first.
    pub descending: bool,
}

const FILTER: &str =
    "A filter here is {\"Field\":\"UserState\",\"Value\":\"Inactive\",\"Operator\":\"equals\"}, percent-encoded.";

impl UserList {
    /// Reads the parameters of the contract's list (section 12).
    ///
    /// # Errors
    /// A sentence that says what is read here.
    pub fn read(filter: Option<&str>, field: Option<&str>, direction: Option<&str>) -> Result<Self, String> {
        let removed = match filter {
            None => false,
            Some(text) => {
                let condition = Condition::read(text).map_err(|why| format!("{why} {FILTER}"))?;
                let value = condition.value.trim().to_ascii_lowercase();
                match (condition.field.as_str(), condition.operator.as_str(), value.as_str()) {
                    ("userstate", "equals", "inactive") => true,
                    ("userstate", "equals", "active") => false,
                    _ => return Err(FILTER.to_owned()),
                }
            }
        };
        let plain = |word: Option<&str>| word.unwrap_or_default().trim().replace('_', "").to_ascii_lowercase();
        let order = match plain(field).as_str() {
            "" | "displayname" => UserOrder::DisplayName,
            "userprincipalname" => UserOrder::PrincipalName,
            _ => return Err("sortField is DisplayName or UserPrincipalName.".to_owned()),
        };
        let descending = match plain(direction).as_str() {
            "" | "ascending" => false,
            "descending" => true,
            _ => return Err("sortDirection is Ascending or Descending.".to_owned()),
        };
        Ok(Self { removed, order, descending })
    }
}

/// Why a user is not shown or not changed.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Relationship or delegated administration is missing.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// Somebody changed it in between.
    #[error(transparent)]
    Etag(#[from] EtagError),
    /// No such user of this customer.
    #[error("This customer has no user {0}. GET /v1/customers/{{customer}}/users lists those it has.")]
    Unknown(String),
    /// A property that cannot be recorded.
    #[error("{property}: {reason}.")]
    Property {
        /// Its name.
        property: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A principal name in a domain of somebody else.
    #[error("userPrincipalName: \"{domain}\" is no domain that this customer's users can be in. Those are {known}.")]
    Domain {
        /// As it was sent.
        domain: String,
        /// What there is.
        known: String,
    },
    /// A principal name in a domain whose users somebody else signs in.
    #[error("userPrincipalName: the domain {0} is federated, so its users are made where it is federated to.")]
    Federated(String),
    /// Two users of one name.
    #[error("userPrincipalName: this customer has a user {0} already.")]
    Taken(String),
    /// The name waits for somebody who may come back.
    #[error(
        "The user {name} was removed and can be restored until {until}: PATCH it with {{\"state\": \"active\"}}. Until then \
         nothing else about it changes, and nobody else gets its name.",
        until = until.readable()
    )]
    Removed {
        /// Its principal name.
        name: String,
        /// How long it can be restored.
        until: Timestamp,
    },
    /// Removal is a call of its own.
    #[error("state: a user becomes inactive by DELETE, and active again by PATCH within 30 days.")]
    InactiveByPatch,
    /// Nothing to reset to.
    #[error(
        "passwordProfile is missing: send {{\"passwordProfile\": {{\"password\": …, \"forceChangePassword\": true}}}}."
    )]
    PasswordMissing,
}

impl UserError {
    /// Says that a user was removed.
    pub fn removed(name: &str, at: Timestamp) -> Self {
        UserError::Removed { name: name.to_owned(), until: at.after(KEPT) }
    }
}

impl Refusal for UserError {
    fn code(&self) -> Code {
        match self {
            UserError::Gate(error) => error.code(),
            UserError::Etag(error) => error.code(),
            UserError::Unknown(_) => Code::new(60_002, "customerUserUnknown", Kind::NotFound),
            UserError::Property { .. } => Code::new(910_640, "customerUserPropertyWrong", Kind::BadInput),
            UserError::Domain { .. } => Code::new(910_641, "customerUserDomainUnknown", Kind::BadInput),
            UserError::Federated(_) => Code::new(910_642, "customerUserDomainFederated", Kind::BadInput),
            UserError::Taken(_) => Code::new(910_643, "customerUserNameTaken", Kind::Conflict),
            UserError::Removed { .. } => Code::new(910_644, "customerUserRemoved", Kind::Conflict),
            UserError::InactiveByPatch => Code::new(910_645, "customerUserInactiveByPatch", Kind::BadInput),
            UserError::PasswordMissing => Code::new(910_646, "passwordProfileMissing", Kind::BadInput),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            UserError::Gate(error) => error.parameters(),
            UserError::Etag(error) => error.parameters(),
            UserError::Property { property, .. } => vec![("property", (*property).to_owned())],
            UserError::Domain { .. } | UserError::Federated(_) | UserError::Taken(_) => {
                vec![("property", "userPrincipalName".to_owned())]
            }
            UserError::Removed { name, until } => {
                vec![("userPrincipalName", name.clone()), ("until", until.to_string())]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays_and_what_is_blank_goes() {
        let sent = |text: &str| Some(text.to_owned());
        let first = SentPerson {
            principal_name: sent(" Anna@Fabrikam.onmicrosoft.com"),
            display_name: sent("Anna Åberg"),
            usage_location: sent("se"),
            phone_number: sent("+46 90 1"),
            ..SentPerson::default()
        };
        let anna = Person::default().with(&first).unwrap();
        assert_eq!(
            (anna.principal_name.as_str(), anna.domain()),
            ("anna@fabrikam.onmicrosoft.com", "fabrikam.onmicrosoft.com")
        );
        assert_eq!(anna.usage_location.as_deref(), Some("SE"));
        assert_eq!(anna.with(&SentPerson::default()).unwrap(), anna);
        let blank = SentPerson { phone_number: sent(" "), usage_location: sent(""), ..SentPerson::default() };
        let without = Person { phone_number: None, usage_location: None, ..anna.clone() };
        assert_eq!(anna.with(&blank).unwrap(), without);
        let wrong = |change: fn(&mut SentPerson)| {
            let mut sent = SentPerson::default();
            change(&mut sent);
            match anna.with(&sent) {
                Err(UserError::Property { property, .. }) => property,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wrong(|sent| sent.display_name = Some(" ".to_owned())), "displayName");
        assert_eq!(wrong(|sent| sent.display_name = Some("x".repeat(257))), "displayName");
        assert_eq!(wrong(|sent| sent.first_name = Some("a\nb".to_owned())), "firstName");
        assert_eq!(wrong(|sent| sent.principal_name = Some("anna".to_owned())), "userPrincipalName");
        assert_eq!(wrong(|sent| sent.principal_name = Some(String::new())), "userPrincipalName");
        assert_eq!(wrong(|sent| sent.usage_location = Some("ZZ".to_owned())), "usageLocation");
    }

    #[test]
    fn the_list_takes_the_parameters_of_the_contract() {
        let inactive = "{\"Field\":\"UserState\",\"Value\":\"Inactive\",\"Operator\":\"equals\"}";
        let all = UserList { removed: false, order: UserOrder::DisplayName, descending: false };
        assert_eq!(UserList::read(None, None, None), Ok(all));
        assert_eq!(UserList::read(Some(inactive), None, None), Ok(UserList { removed: true, ..all }));
        let by_name = UserList { order: UserOrder::PrincipalName, descending: true, ..all };
        assert_eq!(UserList::read(None, Some("UserPrincipalName"), Some("Descending")), Ok(by_name));
        assert_eq!(UserList::read(None, Some("user_principal_name"), Some("descending")), Ok(by_name));
        for (filter, field, direction) in [
            (Some("{}"), None, None),
            (Some("{\"Field\":\"UserState\",\"Value\":\"Gone\",\"Operator\":\"equals\"}"), None, None),
            (None, Some("Phone"), None),
            (None, None, Some("sideways")),
        ] {
            assert!(UserList::read(filter, field, direction).is_err(), "{filter:?} {field:?} {direction:?}");
        }
    }
}
