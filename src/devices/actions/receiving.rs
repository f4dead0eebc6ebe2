//! Registrations come in: received row by row, then submitted as a whole.

use diesel::QueryResult;
use uuid::Uuid;

use super::super::jobs::REGISTER;
use super::super::model::{
    Chosen, Finding, ImportId, Mode, NotRegisterable, RegistrationDetails, RegistrationId, RegistrationState,
    RequestId, Settlement,
};
use super::super::reception::Checked;
use super::super::store::{self, NewRow};
use super::registrations::{RegistrationSummary, summary};
use crate::access::{CustomerId, OrganisationId, Scope, UserId};
use crate::audit::{self, Event};
use crate::delegation::Administers;
use crate::platform::clock::Timestamp;
use crate::platform::db::Tx;
use crate::platform::error::Outcome;
use crate::platform::jobs;

/// Days after which a registration that registered nothing is removed, and its files with it.
pub(super) const IDLE_DAYS: u64 = 7;

/// What files come in for.
#[derive(Clone, Debug)]
pub struct Arrival {
    kind: Kind,
    request: RequestId,
}

#[derive(Clone, Debug)]
enum Kind {
    Registration {
        id: RegistrationId,
        customer: CustomerId,
        acting: OrganisationId,
        user: Option<UserId>,
        details: RegistrationDetails,
    },
    Import(ImportId),
}

impl Arrival {
    /// A registration of devices of `customer`. Nothing of it is seen, or registered, until [`submit`] has proved the gate.
    pub fn for_customer(me: &Scope, customer: CustomerId, details: RegistrationDetails) -> Self {
        let id = RegistrationId::fresh();
        let (acting, user) = (me.organisation(), me.user_id());
        let kind = Kind::Registration { id, customer, acting, user, details };
        Self { kind, request: RequestId::from_uuid(me.request_ids().request) }
    }

    /// An import into the device directory.
    pub fn for_directory(request: Uuid) -> Self {
        Self { kind: Kind::Import(ImportId::fresh()), request: RequestId::from_uuid(request) }
    }

    /// What its files and findings belong to.
    pub fn subject(&self) -> Uuid {
        match &self.kind {
            Kind::Registration { id, .. } => id.uuid(),
            Kind::Import(id) => id.uuid(),
        }
    }

    /// The registration, if it is one.
    pub fn registration(&self) -> Option<RegistrationId> {
        match &self.kind {
            Kind::Registration { id, .. } => Some(*id),
            Kind::Import(_) => None,
        }
    }

    /// The call it came in.
    pub fn request(&self) -> RequestId {
        self.request
    }
}

/// Begins to receive.
///
/// # Errors
/// Only the database's.
pub fn begin(tx: &mut Tx<'_>, arrival: &Arrival, now: Timestamp) -> QueryResult<()> {
    match &arrival.kind {
        Kind::Registration { id, customer, acting, user, details } => {
            store::insert_registration(tx, (*id, arrival.request), (*customer, *acting, *user), details, now)
        }
        // Its rows are read when they are loaded.
        Kind::Import(_) => Ok(()),
    }
}

/// Keeps rows and findings of what is being received.
///
/// # Errors
/// Only the database's.
pub fn load(tx: &mut Tx<'_>, subject: Uuid, rows: &[NewRow], (first, findings): (i32, &[Finding])) -> QueryResult<()> {
    if !rows.is_empty() {
        store::insert_rows(tx, rows)?;
    }
    if !findings.is_empty() {
        store::insert_findings(tx, subject, first, findings)?;
    }
    Ok(())
}

/// What was received becomes a registration: of a dry run checked, of files that are refused refused, otherwise its good
/// rows are pending at once, its bad rows failed with their reason, and the registrar is wanted.
///
/// # Errors
/// `NotRegisterable` if it was submitted before.
pub fn submit<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (arrival, checked): (&Arrival, &Checked),
    now: Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable> {
    let Kind::Registration { id, customer, details, .. } = &arrival.kind else {
        return Err(NotRegisterable::Nothing.into());
    };
    let (id, report) = (*id, &checked.report);
    if *customer != proof.customer() {
        return Err(NotRegisterable::Unknown(super::super::model::NoRegistration(id)).into());
    }
    let refused = report.refused || details.mode == Mode::AllOrNothing && report.refused_rows > 0;
    let state = if refused { RegistrationState::Refused } else { RegistrationState::Checked };
    if !store::complete(tx, id, state, report, now)? {
        return Err(NotRegisterable::Already(id).into());
    }
    store::insert_files(tx, id.uuid(), me.organisation(), &checked.files)?;
    store::remove_after(tx, id.uuid(), Some(now.after(crate::platform::clock::days(IDLE_DAYS))))?;
    if refused || details.dry_run {
        let event = Event::DeviceFilesChecked {
            registration: id.uuid(),
            customer: customer.uuid(),
            rows: report.rows,
            refused,
        };
        audit::record(tx, me, &event, now)?;
    } else {
        register(tx, proof, me, id, &Chosen::All, now)?;
    }
    summary(tx, proof.customer(), id)?.ok_or_else(|| NotRegisterable::Already(id).into())
}

/// The chosen rows of a checked registration are pending at once; its other rows have their outcome.
pub(super) fn register<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: RegistrationId,
    chosen: &Chosen,
    now: Timestamp,
) -> Outcome<(), NotRegisterable> {
    let Some((registration, _)) = store::lock(tx, id)? else {
        return Err(NotRegisterable::Nothing.into());
    };
    let failed = match registration.refused_rows {
        0 => 0,
        _ => store::fail_refused(tx, proof.customer(), id, now)?,
    };
    let choosable = usize::try_from(registration.row_count - registration.refused_rows).unwrap_or(0);
    let left_out = match chosen {
        Chosen::All => 0,
        Chosen::Except(positions) => {
            let left_out = store::leave_out(tx, proof.customer(), id, Some(positions), now)?;
            if left_out < positions.len() {
                return Err(NotRegisterable::Row(not_there(tx, id, positions)?).into());
            }
            left_out
        }
        Chosen::Only(positions) => {
            let left_out = store::leave_out(tx, proof.customer(), id, None, now)?;
            let chosen = store::choose(tx, id, positions)?;
            if chosen < positions.len() {
                return Err(NotRegisterable::Row(not_there(tx, id, positions)?).into());
            }
            left_out - chosen
        }
    };
    if choosable > 0 && left_out == choosable {
        return Err(NotRegisterable::Nothing.into());
    }
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let settled = Settlement { ready: 0, failed: count(failed), left_out: count(left_out) };
    let number = store::record_settlement(tx, id, settled, now)?;
    let who = (proof.acting(), me.user_id());
    if !store::begin_registering(tx, id, who, now)? {
        return Err(NotRegisterable::Already(id).into());
    }
    store::remove_after(tx, id.uuid(), None)?;
    jobs::want(tx, REGISTER, id.uuid(), number, now)?;
    let event = Event::DevicesSubmitted {
        registration: id.uuid(),
        customer: registration.customer.uuid(),
        rows: choosable - left_out,
    };
    Ok(audit::record(tx, me, &event, now)?)
}

/// The first of these positions that could not be chosen.
fn not_there(tx: &mut Tx<'_>, id: RegistrationId, positions: &[i32]) -> QueryResult<i32> {
    let there = store::choosable(tx, id, positions)?;
    Ok(positions.iter().find(|position| !there.contains(position)).copied().unwrap_or_default())
}
