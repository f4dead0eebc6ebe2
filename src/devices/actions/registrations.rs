//! Registrations as they go on: lists, rows, progress; registering a dry run, retrying, voiding.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use diesel::QueryResult;

use super::super::jobs::REGISTER;
use super::super::model::{
    Audience, Chosen, Counts, FileReport, Finding, FindingCode, HashCheck, NoRegistration, NotRegisterable,
    Registration, RegistrationId, RegistrationState, RowState, Rules, Settlement, StagedFileId,
};
use super::super::store::{self, RowView};
use super::receiving::register;
use crate::access::{CustomerId, OrganisationId, Scope};
use crate::audit::{self, Event};
use crate::delegation::{Administers, Observes};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::Outcome;
use crate::platform::jobs;

/// A registration, its files, and how many of its rows stand where.
#[derive(Clone, Debug)]
pub struct RegistrationSummary {
    /// The registration.
    pub registration: Registration,
    /// Its files.
    pub files: Vec<FileReport>,
    /// How many rows stand where.
    pub counts: Counts,
}

pub(super) fn counts_of(registration: &Registration, settled: Settlement) -> Counts {
    let Settlement { ready, failed, left_out } = settled;
    let rows = i64::from(registration.row_count);
    match registration.state {
        RegistrationState::Checked | RegistrationState::Receiving => {
            let failed = i64::from(registration.refused_rows);
            Counts { pending: rows - failed, failed, ..Counts::default() }
        }
        RegistrationState::Refused => Counts { failed: rows, ..Counts::default() },
        _ => Counts { pending: rows - ready - failed - left_out, ready, failed, left_out },
    }
}

fn summaries(read: &mut Read<'_>, registrations: Vec<Registration>) -> QueryResult<Vec<RegistrationSummary>> {
    let ids: Vec<RegistrationId> = registrations.iter().map(|row| row.id).collect();
    let subjects: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let settled: HashMap<RegistrationId, Settlement> = store::settled(read, &ids)?.into_iter().collect();
    let mut files: HashMap<uuid::Uuid, Vec<FileReport>> = HashMap::with_capacity(ids.len());
    for (subject, file) in store::files_of(read, &subjects)? {
        files.entry(subject).or_default().push(file);
    }
    let summary = |registration: Registration| {
        let settled = settled.get(&registration.id).copied().unwrap_or_default();
        let counts = counts_of(&registration, settled);
        let files = files.remove(&registration.id.uuid()).unwrap_or_default();
        RegistrationSummary { registration, files, counts }
    };
    Ok(registrations.into_iter().map(summary).collect())
}

pub(super) fn summary(
    read: &mut Read<'_>,
    customer: CustomerId,
    id: RegistrationId,
) -> QueryResult<Option<RegistrationSummary>> {
    let found = store::registration(read, customer, id)?;
    Ok(summaries(read, found.into_iter().collect())?.into_iter().next())
}

/// The registrations of a customer, the newest first.
///
/// # Errors
/// Only the database's.
pub fn registrations<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    after: Option<RegistrationId>,
    limit: i64,
) -> QueryResult<Vec<RegistrationSummary>> {
    let rows = store::registrations(read, proof.customer(), after, limit)?;
    summaries(read, rows)
}

/// One registration of a customer.
///
/// # Errors
/// [`NoRegistration`].
pub fn registration<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
) -> Outcome<RegistrationSummary, NoRegistration> {
    summary(read, proof.customer(), id)?.ok_or_else(|| NoRegistration(id).into())
}

/// How often each code was found in the files of a registration.
///
/// # Errors
/// [`NoRegistration`].
pub fn finding_counts<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
) -> Outcome<BTreeMap<FindingCode, i64>, NoRegistration> {
    store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    Ok(store::finding_counts(read, id.uuid())?.into_iter().collect())
}

/// What was found in the files of a registration after a number, in order, each with its number.
///
/// # Errors
/// [`NoRegistration`].
pub fn findings_of<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
    after: i32,
    limit: i64,
) -> Outcome<Vec<(i32, Finding)>, NoRegistration> {
    store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    Ok(store::findings(read, id.uuid(), after, limit)?)
}

/// The rows of a registration of a customer, in order of their positions.
///
/// # Errors
/// [`NoRegistration`].
pub fn rows<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
    outcome: Option<RowState>,
    after: i32,
    limit: i64,
) -> Outcome<Vec<RowView>, NoRegistration> {
    let registration = store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    Ok(store::rows(read, &registration, outcome, after, limit)?)
}

/// The bytes that an organisation has staged.
///
/// # Errors
/// Only the database's.
pub fn staged_bytes(read: &mut Read<'_>, organisation: OrganisationId) -> QueryResult<u64> {
    store::staged_bytes(read, organisation)
}

/// A registration with the staged copies of its files.
#[derive(Clone, Debug)]
pub struct Copies {
    /// Names and copies, in order; empty once one of them was removed.
    pub copies: Vec<(String, StagedFileId)>,
    /// How they are read again.
    pub rules: Rules,
    /// Whether the caller uploaded them: hashes are shown to nobody else (design, ruling 17).
    pub are_own: bool,
}

/// The files of a registration, to be read again as they were read at first.
///
/// # Errors
/// [`NoRegistration`].
pub fn copies_of<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    me: &Scope,
    id: RegistrationId,
) -> Outcome<Copies, NoRegistration> {
    let registration = store::registration(read, proof.customer(), id)?.ok_or(NoRegistration(id))?;
    let uploader = store::uploaded_by(read, id.uuid())?;
    let files = store::staged_files(read, id.uuid())?;
    let copies: Option<Vec<_>> = files.into_iter().map(|(name, copy)| Some((name, copy?))).collect();
    let by_customer = uploader == Some(OrganisationId::from(registration.customer));
    let rules = Rules {
        audience: if by_customer { Audience::Customer } else { Audience::Partner },
        max_rows: u32::MAX,
        headerless: registration.headerless,
        hash_check: HashCheck::Warn,
        user_domains: None,
    };
    let are_own = uploader == Some(me.organisation());
    Ok(Copies { copies: copies.unwrap_or_default(), rules, are_own })
}

/// How far a registration is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Where it stands.
    pub summary: RegistrationSummary,
    /// When its last row will be settled, as far as its pace tells; nothing before the first row is settled, or if none is
    /// pending.
    pub time_left: Option<Duration>,
    /// Rows have been pending for longer than is usual.
    pub is_late: bool,
}

impl Progress {
    /// The time left in whole seconds, rounded up.
    pub fn seconds_left(&self) -> Option<u64> {
        self.time_left.map(|left| left.as_millis().div_ceil(1_000)).and_then(|seconds| u64::try_from(seconds).ok())
    }
}

/// Rows that are pending longer than this are told as late (mission, section 4.7).
const LATE: Duration = Duration::from_secs(600);

/// How far a registration of a customer is.
///
/// # Errors
/// [`NoRegistration`].
pub fn progress<'t>(
    read: &mut Read<'t>,
    proof: &Observes<'t>,
    id: RegistrationId,
    now: Timestamp,
) -> Outcome<Progress, NoRegistration> {
    let summary = registration(read, proof, id)?;
    let Some(begun) = summary.registration.registered_at.filter(|_| summary.counts.pending > 0) else {
        return Ok(Progress { summary, time_left: None, is_late: false });
    };
    let settled = store::settled_since(read, id, begun)?;
    let past = Duration::from_micros(u64::try_from(now.micros() - begun.micros()).unwrap_or(0));
    let time_left = u32::try_from(settled)
        .ok()
        .filter(|settled| *settled > 0)
        .map(|settled| past.mul_f64(summary.counts.pending as f64 / f64::from(settled)));
    Ok(Progress { summary, time_left, is_late: past > LATE })
}

/// Registers chosen rows of a dry run: exactly what was checked.
///
/// # Errors
/// [`NotRegisterable`].
pub fn choose_and_register<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, chosen): (RegistrationId, &Chosen),
    now: Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable> {
    let registration = changeable(tx, proof, id)?;
    match registration.state {
        RegistrationState::Checked => {}
        RegistrationState::Refused => return Err(NotRegisterable::Refused(id).into()),
        RegistrationState::Voided => return Err(NotRegisterable::Voided(id).into()),
        _ => return Err(NotRegisterable::Already(id).into()),
    }
    register(tx, proof, me, id, chosen, now)?;
    summary(tx, proof.customer(), id)?.ok_or_else(|| NotRegisterable::from(NoRegistration(id)).into())
}

/// The registration of this customer, locked.
fn changeable<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: RegistrationId,
) -> Outcome<Registration, NotRegisterable> {
    store::registration(tx, proof.customer(), id)?.ok_or(NotRegisterable::Unknown(NoRegistration(id)))?;
    match store::lock(tx, id)? {
        Some((registration, _)) => Ok(registration),
        None => Err(NotRegisterable::Unknown(NoRegistration(id)).into()),
    }
}

/// The registrar looks again at failed rows: those at `positions`, or all that the check had not refused. Whoever asks for it
/// registers them. Twice is refused, because they are pending by then.
///
/// # Errors
/// [`NotRegisterable`].
pub fn retry_rows<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, positions): (RegistrationId, Option<&[i32]>),
    now: Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable> {
    let registration = running_or_settled(tx, proof, id)?;
    if let Some(positions) = positions {
        require_failed(tx, id, positions, true)?;
    }
    let taken = store::take_up(tx, id, positions)?;
    let Some(first) = taken.first() else { return Err(NotRegisterable::Nothing.into()) };
    let count = i64::try_from(taken.len()).unwrap_or(i64::MAX);
    let number = store::record_settlement(tx, id, Settlement { failed: -count, ..Settlement::default() }, now)?;
    let through = registration.settled_through.min(first - 1);
    store::resume(tx, id, proof.acting(), through, now)?;
    jobs::want(tx, REGISTER, id.uuid(), number, now)?;
    let event = Event::DevicesRetried { registration: id.uuid(), customer: proof.customer().uuid(), rows: taken.len() };
    audit::record(tx, me, &event, now)?;
    summary(tx, proof.customer(), id)?.ok_or_else(|| NotRegisterable::from(NoRegistration(id)).into())
}

/// Failed rows are shown no more among the devices: those at `positions`, or all. Twice changes nothing.
///
/// # Errors
/// [`NotRegisterable`].
pub fn dismiss_rows<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, positions): (RegistrationId, Option<&[i32]>),
    now: Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable> {
    running_or_settled(tx, proof, id)?;
    if let Some(positions) = positions {
        require_failed(tx, id, positions, false)?;
    }
    let rows = store::dismiss(tx, id, positions, now)?;
    if rows > 0 {
        let event = Event::DeviceErrorsDismissed { registration: id.uuid(), customer: proof.customer().uuid(), rows };
        audit::record(tx, me, &event, now)?;
    }
    summary(tx, proof.customer(), id)?.ok_or_else(|| NotRegisterable::from(NoRegistration(id)).into())
}

fn running_or_settled<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    id: RegistrationId,
) -> Outcome<Registration, NotRegisterable> {
    let registration = changeable(tx, proof, id)?;
    match registration.state {
        RegistrationState::Registering | RegistrationState::Settled => Ok(registration),
        RegistrationState::Refused => Err(NotRegisterable::Refused(id).into()),
        RegistrationState::Voided => Err(NotRegisterable::Voided(id).into()),
        RegistrationState::Checked | RegistrationState::Receiving => Err(NotRegisterable::OnlyChecked(id).into()),
    }
}

/// Every one of these rows has failed, and, if it is to be settled again, not by the check of its file.
fn require_failed(tx: &mut Tx<'_>, id: RegistrationId, positions: &[i32], again: bool) -> Outcome<(), NotRegisterable> {
    let failed: HashMap<i32, bool> = store::failed_among(tx, id, positions)?.into_iter().collect();
    for position in positions {
        match failed.get(position) {
            None => return Err(NotRegisterable::NotFailed(*position).into()),
            Some(true) if again => return Err(NotRegisterable::FileFault(*position).into()),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Takes a registration back as a whole: its devices are deregistered, its pending rows fail, chunk by chunk. Twice changes
/// nothing.
///
/// # Errors
/// [`NotRegisterable`].
pub fn void<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: RegistrationId,
    now: Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable> {
    let registration = changeable(tx, proof, id)?;
    match registration.state {
        RegistrationState::Refused => return Err(NotRegisterable::Refused(id).into()),
        RegistrationState::Checked | RegistrationState::Receiving => {
            return Err(NotRegisterable::OnlyChecked(id).into());
        }
        RegistrationState::Voided => {}
        RegistrationState::Registering | RegistrationState::Settled => {
            store::void(tx, id, proof.acting(), FindingCode::Voided.as_str())?;
            let number = store::record_settlement(tx, id, Settlement::default(), now)?;
            jobs::want(tx, REGISTER, id.uuid(), number, now)?;
            let event = Event::DevicesVoided { registration: id.uuid(), customer: proof.customer().uuid() };
            audit::record(tx, me, &event, now)?;
        }
    }
    summary(tx, proof.customer(), id)?.ok_or_else(|| NotRegisterable::from(NoRegistration(id)).into())
}

/// Registrations that an organisation has running, at most `limit`.
///
/// # Errors
/// Only the database's.
pub fn running_by(read: &mut Read<'_>, organisation: OrganisationId, limit: i64) -> QueryResult<Vec<Registration>> {
    store::running_by(read, organisation, limit)
}
