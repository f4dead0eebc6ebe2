//! Granular delegated administration: what a partner asks of a customer, for how long, in which roles, and where that
//! stands. States and rules are those of Graph's delegated admin relationships (section 19 of the contract).

use std::time::Duration;

use super::{DirectoryRole, GrantId, Group};
use crate::access::{CustomerId, PartnerId, UserId};
use crate::platform::clock::{Timestamp, days};
use crate::platform::keys::LinkPurpose;
use crate::platform::text::{Line, shorten};
use crate::{ids, words};

ids! {
    /// What a partner asked to be done with a delegated admin relationship.
    AccessRequestId,
    /// An assignment of roles to a group.
    AssignmentId,
    /// A change of assignments that was made.
    OperationId,
    /// Who ended something by hand: the person, or the application that acts by itself.
    EnderId,
}

impl EnderId {
    /// Whoever acts.
    pub fn of(actor: &dyn crate::audit::Actor) -> Self {
        Self(actor.user().or(actor.application()).or(actor.organisation()).unwrap_or_default())
    }
}

words! {
    /// Where a delegated admin relationship was left by what was done with it.
    GranularState {
        /// Its partner still edits it.
        Created = "created",
        /// The customer is asked.
        ApprovalPending = "approval_pending",
        /// The customer said yes.
        Active = "active",
        /// Ended by hand, or the customer said no.
        Terminated = "terminated",
    }
}

words! {
    /// Where it stands at a moment, in Graph's words.
    GranularStatus {
        /// Its partner still edits it.
        Created = "created",
        /// The customer is asked.
        ApprovalPending = "approvalPending",
        /// It is in force.
        Active = "active",
        /// Its time is over, or nobody answered in time.
        Expired = "expired",
        /// Ended by hand, or the customer said no.
        Terminated = "terminated",
    }
}

words! {
    /// What a partner can ask to be done with one.
    AccessAction {
        /// Ask the customer: nothing of it changes from then on.
        LockForApproval = "lock_for_approval",
        /// End it.
        Terminate = "terminate",
    }
}

impl AccessAction {
    /// In Graph's words.
    pub fn wire(self) -> &'static str {
        match self {
            AccessAction::LockForApproval => "lockForApproval",
            AccessAction::Terminate => "terminate",
        }
    }

    /// Reads Graph's word.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|action| action.wire().eq_ignore_ascii_case(text)).copied()
    }
}

/// The link by which a customer's admin is asked.
pub struct AdministrationLink;

impl LinkPurpose for AdministrationLink {
    const PREFIX: &'static str = "gda_";
}

/// A request that nobody answers lapses after so many days (section 18.4 of the contract).
pub const LAPSES_AFTER: Duration = days(90);

/// Days by which one is extended at its end, where its partner and customer agreed to that.
pub const EXTENSION_DAYS: i32 = 180;

/// Days that one can last.
pub const DURATION_DAYS: std::ops::RangeInclusive<i32> = 1..=730;

/// How it is called: the customer sees it (section 19.3 of the contract).
pub type GranularName = Line<50>;

/// What a partner asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GranularTerms {
    /// What the partner calls it.
    pub display_name: GranularName,
    /// How many days it lasts.
    pub days: i32,
    /// Whether it is extended at its end, again and again.
    pub auto_extend: bool,
    /// In which roles.
    pub roles: Vec<DirectoryRole>,
}

/// Why terms cannot be asked for: the property and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsRefused {
    /// Which property.
    pub property: &'static str,
    /// In which way.
    pub reason: String,
}

impl GranularTerms {
    /// Whether they can be asked for.
    ///
    /// # Errors
    /// Names the property.
    pub fn check(&self) -> Result<(), TermsRefused> {
        let refused = |property, reason: &str| Err(TermsRefused { property, reason: reason.to_owned() });
        if !DURATION_DAYS.contains(&self.days) {
            return refused("duration", "is between P1D and P730D (two years)");
        }
        if self.roles.is_empty() {
            return refused("accessDetails.unifiedRoles", "names at least one role");
        }
        if self.auto_extend && self.roles.contains(&DirectoryRole::GLOBAL_ADMINISTRATOR) {
            return refused(
                "autoExtendDuration",
                "must be PT0S where Global Administrator is among the roles: such a relationship ends and is asked for anew",
            );
        }
        Ok(())
    }
}

/// A delegated admin relationship.
#[derive(Clone, Debug)]
pub struct Granular {
    /// Its id, and that of its grant.
    pub id: GrantId,
    /// Who asks, and then administers.
    pub partner: PartnerId,
    /// Whom; nobody in particular until one approves, if the partner named none.
    pub customer: Option<CustomerId>,
    /// What is asked for.
    pub terms: GranularTerms,
    /// Where it was left.
    pub state: GranularState,
    /// Raised by each change: its etag, and what the customer looked at.
    pub version: i32,
    /// Who asked.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed last.
    pub modified_at: Timestamp,
    /// Until when the customer can answer.
    pub lapses_at: Option<Timestamp>,
    /// When the customer approved.
    pub activated_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
}

impl Granular {
    /// Where it stands: by the clock, whatever a sweeper did.
    pub fn status(&self, now: Timestamp) -> GranularStatus {
        let over = |end: Option<Timestamp>| end.is_some_and(|end| now >= end);
        match self.state {
            GranularState::Created => GranularStatus::Created,
            GranularState::ApprovalPending if over(self.lapses_at) => GranularStatus::Expired,
            GranularState::ApprovalPending => GranularStatus::ApprovalPending,
            GranularState::Active if over(self.ends_at) => GranularStatus::Expired,
            GranularState::Active => GranularStatus::Active,
            GranularState::Terminated => GranularStatus::Terminated,
        }
    }

    /// When it ends, or would end if it were approved now.
    pub fn planned_end(&self, now: Timestamp) -> Timestamp {
        self.ends_at.unwrap_or_else(|| now.after(days(u64::try_from(self.terms.days).unwrap_or(0))))
    }

    /// The id that Graph shows: two ids, of which clients make nothing.
    pub fn graph_id(&self) -> String {
        format!("{}-{}", self.id, self.partner)
    }
}

/// The id behind one that Graph shows; `None` if it is none.
pub fn read_graph_id(text: &str) -> Option<GrantId> {
    let (id, partner) = (text.get(..36)?, text.get(36..)?);
    partner.strip_prefix('-')?.parse::<PartnerId>().ok()?;
    id.parse().ok()
}

/// Roles that members of a group of the partner hold by a delegated admin relationship.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// By which relationship.
    pub relationship: GrantId,
    /// Which group.
    pub group: Group,
    /// Which roles.
    pub roles: Vec<DirectoryRole>,
    /// Raised by each change.
    pub version: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed last.
    pub modified_at: Timestamp,
    /// When it was taken back.
    pub deleted_at: Option<Timestamp>,
}

/// What was asked to be done with a relationship.
#[derive(Clone, Debug)]
pub struct AccessRequest {
    /// Its id.
    pub id: AccessRequestId,
    /// What.
    pub action: AccessAction,
    /// When.
    pub created_at: Timestamp,
    /// When it was done.
    pub settled_at: Option<Timestamp>,
}

/// A change of assignments, as Graph tells of it.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// Graph's word for what it was.
    pub kind: String,
    /// JSON.
    pub data: String,
    /// When it was made: it is done at once.
    pub created_at: Timestamp,
}

/// Days of a duration as ISO 8601 writes it: years of 365 and months of 30 days. Also as Python's `timedelta` prints it,
/// which is what Graph's SDK for Python sends. `None` if it is none, or has no whole days.
pub fn read_days(text: &str) -> Option<i32> {
    let text = text.trim().to_ascii_uppercase();
    if let Some(days) = text.strip_suffix("0:00:00") {
        let days =
            days.strip_suffix(" DAYS, ").or_else(|| days.strip_suffix(" DAY, ")).or(days.is_empty().then_some("0"));
        return days?.parse().ok().filter(|days| *days >= 0);
    }
    if ["PT0S", "PT0M", "PT0H"].contains(&text.as_str()) {
        return Some(0);
    }
    let mut rest = text.strip_prefix('P')?;
    let mut total: i32 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: i32 = rest.get(..digits)?.parse().ok()?;
        let days = match rest.as_bytes().get(digits)? {
            b'Y' => 365,
            b'M' => 30,
            b'W' => 7,
            b'D' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(days)?)?;
        rest = rest.get(digits + 1..)?;
    }
    Some(total)
}

/// A number of days as ISO 8601 writes it; `PT0S` for none, by which clients tell that there is none.
pub fn written_days(days: i32) -> String {
    if days == 0 { "PT0S".to_owned() } else { format!("P{days}D") }
}

/// The name of the relationship that comes with a customer.
pub fn default_name(domain: &str, id: GrantId) -> String {
    let name = format!("Default {domain}");
    // Two domains may be alike in their first letters, and a name is used once.
    if name.chars().count() <= 50 { name } else { format!("Default {} {}", shorten(domain, 20), &id.to_string()[24..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(days: i32, auto_extend: bool, roles: &[DirectoryRole]) -> GranularTerms {
        let display_name = GranularName::try_from("Norrsken basdrift".to_owned()).unwrap();
        GranularTerms { display_name, days, auto_extend, roles: roles.to_vec() }
    }

    #[test]
    fn terms_last_from_a_day_to_two_years_name_a_role_and_never_extend_global_administrator() {
        let (intune, all) = (DirectoryRole::INTUNE_ADMINISTRATOR, DirectoryRole::GLOBAL_ADMINISTRATOR);
        for (terms, refused) in [
            (terms(1, false, &[intune]), None),
            (terms(730, true, &[intune]), None),
            (terms(730, false, &[all]), None),
            (terms(0, false, &[intune]), Some("duration")),
            (terms(731, false, &[intune]), Some("duration")),
            (terms(30, false, &[]), Some("accessDetails.unifiedRoles")),
            (terms(30, true, &[intune, all]), Some("autoExtendDuration")),
        ] {
            assert_eq!(terms.check().err().map(|error| error.property), refused, "{terms:?}");
        }
    }

    #[test]
    fn durations_are_read_as_clients_write_them() {
        for (text, days) in [
            ("P730D", Some(730)),
            ("P2Y", Some(730)),
            ("P1Y6M", Some(545)),
            ("p1d", Some(1)),
            ("P2W", Some(14)),
            ("PT0S", Some(0)),
            ("P0D", Some(0)),
            ("180 days, 0:00:00", Some(180)),
            ("1 day, 0:00:00", Some(1)),
            ("0:00:00", Some(0)),
            ("-1 day, 0:00:00", None),
            ("180 days, 10:00:00", None),
            ("P", None),
            ("", None),
            ("730", None),
            ("PD", None),
            ("P1H", None),
            ("PT24H", None),
            ("P99999999999D", None),
            ("P2147483647Y", None),
            ("PåD", None),
        ] {
            assert_eq!(read_days(text), days, "{text}");
        }
        assert_eq!((written_days(0), written_days(180)), ("PT0S".to_owned(), "P180D".to_owned()));
    }

    #[test]
    fn dap_05_where_it_stands_is_judged_by_the_clock() {
        let at = |micros| Timestamp::from_micros(micros);
        let mut one = Granular {
            id: GrantId::fresh(),
            partner: PartnerId::fresh(),
            customer: None,
            terms: terms(30, false, &[DirectoryRole::GLOBAL_READER]),
            state: GranularState::ApprovalPending,
            version: 1,
            created_by: None,
            created_at: at(0),
            modified_at: at(0),
            lapses_at: Some(at(10)),
            activated_at: None,
            ends_at: None,
        };
        assert_eq!(one.status(at(9)), GranularStatus::ApprovalPending);
        assert_eq!(one.status(at(10)), GranularStatus::Expired);
        (one.state, one.ends_at) = (GranularState::Active, Some(at(20)));
        assert_eq!(one.status(at(19)), GranularStatus::Active);
        assert_eq!(one.status(at(20)), GranularStatus::Expired);
        one.state = GranularState::Terminated;
        assert_eq!(one.status(at(19)), GranularStatus::Terminated);
        assert_eq!(read_graph_id(&one.graph_id()), Some(one.id));
        assert_eq!(read_graph_id(&one.id.to_string()), None);
        assert_eq!(read_graph_id(&"å".repeat(40)), None);
    }

    #[test]
    fn a_default_name_fits_and_is_its_own() {
        let id = GrantId::fresh();
        assert_eq!(default_name("fabrikam.onmicrosoft.com", id), "Default fabrikam.onmicrosoft.com");
        let long = format!("{}.onmicrosoft.com", "f".repeat(60));
        assert!(default_name(&long, id).chars().count() <= 50);
        assert_ne!(default_name(&long, id), default_name(&long, GrantId::fresh()));
    }
}
