//! Registrations: what they are, what they count, what can be done with them.

use serde::Serialize;
use utoipa::ToSchema;

use super::files::Shape;
use super::findings::Finding;
use super::{PARTNER_HEADING, RegistrationId, RequestId, RowState, SHOWN_FINDINGS};
use crate::access::{CustomerId, OrganisationId, UserId};
use crate::platform::clock::Timestamp;
use crate::platform::error::{Code, Kind, Refusal};
use crate::words;

words! {
    /// By which door a registration came.
    Source {
        /// Files.
        File = "file",
        /// A device batch of the contract.
        Batch = "batch",
        /// An import of Graph's.
        Import = "import",
    }
}

words! {
    /// What is registered of files in which some rows are wrong.
    Mode {
        /// The others.
        AcceptValidRows = "accept_valid_rows",
        /// Nothing.
        AllOrNothing = "all_or_nothing",
    }
}

words! {
    /// Where a registration stands, as it is kept.
    RegistrationState {
        /// Its rows are being written; nobody sees it.
        Receiving = "receiving",
        /// A dry run: checked, nothing registered.
        Checked = "checked",
        /// Nothing of it may be registered.
        Refused = "refused",
        /// The registrar settles its rows.
        Registering = "registering",
        /// Every row has its outcome.
        Settled = "settled",
        /// Taken back as a whole.
        Voided = "voided",
    }
}

/// A registration.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub id: RegistrationId,
    /// The customer.
    pub customer: CustomerId,
    /// Who registers.
    pub registered_by: OrganisationId,
    /// For whom the registrar acts.
    pub acting: OrganisationId,
    /// The user who registers; an application if absent.
    pub registered_by_user: Option<UserId>,
    /// By which door it came.
    pub source: Source,
    /// Where it stands.
    pub state: RegistrationState,
    /// What is registered if some rows are wrong.
    pub mode: Mode,
    /// The columns of its files, if they have no heading.
    pub headerless: Option<Shape>,
    /// The device batch it belongs to.
    pub batch_name: String,
    /// Free text of whoever registered.
    pub order_id: Option<String>,
    /// Free text of whoever registered.
    pub purchase_id: Option<String>,
    /// The call in which it was uploaded.
    pub request: RequestId,
    /// Its rows.
    pub row_count: i32,
    /// Rows that the check refused.
    pub refused_rows: i32,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When its rows became pending.
    pub registered_at: Option<Timestamp>,
    /// The position up to which the registrar has come.
    pub settled_through: i32,
    /// When its last row was settled.
    pub finished_at: Option<Timestamp>,
}

impl Registration {
    /// Its state in the words of the wire: what has ended says whether rows failed.
    pub const fn shown_state(&self, counts: Counts) -> &'static str {
        match self.state {
            RegistrationState::Receiving | RegistrationState::Registering => "registering",
            RegistrationState::Checked => "checked",
            RegistrationState::Refused => "refused",
            RegistrationState::Voided => "voided",
            RegistrationState::Settled if counts.failed > 0 => "finishedWithErrors",
            RegistrationState::Settled => "finished",
        }
    }

    /// Where the rows stand that have no outcome.
    pub const fn unsettled(&self) -> RowState {
        match self.state {
            RegistrationState::Checked | RegistrationState::Refused | RegistrationState::Receiving => RowState::Checked,
            _ => RowState::Pending,
        }
    }
}

/// What whoever registers says besides the files.
#[derive(Clone, Debug)]
pub struct RegistrationDetails {
    /// By which door.
    pub source: Source,
    /// The columns of its files, if they have no heading.
    pub headerless: Option<Shape>,
    /// What is registered if some rows are wrong.
    pub mode: Mode,
    /// Whether nothing is to be registered yet.
    pub dry_run: bool,
    /// The device batch it belongs to, if it is named.
    pub batch_name: Option<String>,
    /// Free text.
    pub order_id: Option<String>,
    /// Free text.
    pub purchase_id: Option<String>,
}

/// How many rows of a registration stand where: sums of what each transaction settled, never kept beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Rows not settled yet; of a dry run, rows that could be registered.
    pub pending: i64,
    /// Rows that became devices.
    pub ready: i64,
    /// Rows that did not, or cannot.
    pub failed: i64,
    /// Rows left out by whoever registered.
    pub left_out: i64,
}

impl Counts {
    /// All rows.
    pub const fn total(self) -> i64 {
        self.pending + self.ready + self.failed + self.left_out
    }

    /// Rows that have an outcome, in whole percent; 100 if there is no row.
    pub const fn percent(self) -> i64 {
        let total = self.total();
        if total == 0 { 100 } else { (total - self.pending) * 100 / total }
    }
}

/// What one transaction settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Rows that became devices.
    pub ready: i64,
    /// Rows that failed; below zero if failed rows were taken up again.
    pub failed: i64,
    /// Rows left out.
    pub left_out: i64,
}

/// Which rows of a dry run are registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All that can be.
    All,
    /// Those at these positions.
    Only(Vec<i32>),
    /// All but those at these positions.
    Except(Vec<i32>),
}

/// Files of which nothing is registered.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct FileRefused {
    /// The first reasons, in order of the lines.
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub total: usize,
    /// The registration under which all of them can be read; absent if none was made.
    pub registration: Option<RegistrationId>,
}

impl FileRefused {
    fn sentence(&self) -> String {
        let first = self.findings.first().map(|finding| finding.sentence.clone()).unwrap_or_default();
        match self.total {
            0 | 1 => format!("{first} Nothing was registered."),
            more => format!("{first} Nothing was registered; there are {} more findings.", more - 1),
        }
    }
}

impl Refusal for FileRefused {
    fn code(&self) -> Code {
        Code::new(910_400, "deviceFileRefused", Kind::Unprocessable)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let first = self.findings.first();
        let mut values = vec![("heading", PARTNER_HEADING.to_owned())];
        values.extend(first.map(|finding| ("finding", finding.code.as_str().to_owned())));
        values.extend(first.and_then(|finding| finding.line).map(|line| ("line", line.to_string())));
        values.extend(self.registration.map(|id| ("registrationId", id.to_string())));
        values
    }
    fn details(&self) -> Vec<String> {
        self.findings.iter().take(SHOWN_FINDINGS).map(|finding| finding.sentence.clone()).collect()
    }
}

/// There is no such registration of this customer.
#[derive(Debug, thiserror::Error)]
#[error("This customer has no registration {0}.")]
pub struct NoRegistration(pub RegistrationId);

impl Refusal for NoRegistration {
    fn code(&self) -> Code {
        Code::new(910_401, "registrationUnknown", Kind::NotFound)
    }
}

/// Why a registration is not changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum NotRegisterable {
    /// There is none.
    #[error(transparent)]
    Unknown(#[from] NoRegistration),
    /// Its files were refused.
    #[error(
        "Nothing of registration {0} can be registered: its files were refused. Correct them and upload them again."
    )]
    Refused(RegistrationId),
    /// It is registered already.
    #[error("Registration {0} was registered already. Look at its rows; those that failed can be retried.")]
    Already(RegistrationId),
    /// It was voided.
    #[error("Registration {0} was voided. Upload the file again.")]
    Voided(RegistrationId),
    /// It was never registered.
    #[error("Registration {0} is only checked: nothing of it is registered. Register it first.")]
    OnlyChecked(RegistrationId),
    /// A chosen row cannot be registered.
    #[error("Row {0} cannot be chosen: the registration has no such row, or the check refused it.")]
    Row(i32),
    /// No row is left.
    #[error("No row is chosen that can be registered.")]
    Nothing,
    /// A row did not fail.
    #[error("Row {0} has not failed, so it can neither be retried nor dismissed.")]
    NotFailed(i32),
    /// The check refused the row: settling it again changes nothing.
    #[error("Row {0} was refused by the check of the file: correct it and upload it again.")]
    FileFault(i32),
}

impl Refusal for NotRegisterable {
    fn code(&self) -> Code {
        match self {
            NotRegisterable::Unknown(unknown) => unknown.code(),
            NotRegisterable::Refused(_) => Code::new(910_403, "registrationRefused", Kind::Conflict),
            NotRegisterable::Already(_) => Code::new(910_404, "registrationRegistered", Kind::Conflict),
            NotRegisterable::Voided(_) => Code::new(910_405, "registrationVoided", Kind::Conflict),
            NotRegisterable::OnlyChecked(_) => Code::new(910_406, "registrationOnlyChecked", Kind::Conflict),
            NotRegisterable::Row(_) => Code::new(910_407, "rowNotChoosable", Kind::Unprocessable),
            NotRegisterable::Nothing => Code::new(910_408, "nothingChosen", Kind::Unprocessable),
            NotRegisterable::NotFailed(_) => Code::new(910_409, "rowNotFailed", Kind::Conflict),
            NotRegisterable::FileFault(_) => Code::new(910_410, "rowRefusedByCheck", Kind::Conflict),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            NotRegisterable::Row(row) | NotRegisterable::NotFailed(row) | NotRegisterable::FileFault(row) => {
                vec![("row", row.to_string())]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_of_rows_with_an_outcome() {
        let counts = |pending, ready, failed, left_out| Counts { pending, ready, failed, left_out };
        assert_eq!(counts(0, 0, 0, 0).percent(), 100);
        assert_eq!(counts(3, 0, 0, 0).percent(), 0);
        assert_eq!(counts(1, 1, 1, 1).percent(), 75);
        assert_eq!(counts(1, 199, 0, 0).percent(), 99);
    }
}
