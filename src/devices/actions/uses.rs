//! What happens to a device after it was registered: its user, its name, its image, its use.

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;

use super::super::intake::is_sign_in_name;
use super::super::model::{
    Assignment, CheckIn, DeviceChange, DeviceChangeError, DeviceId, ItemOutcome, MAX_SIGN_IN_NAME, NoDevice,
    NoSignInName, NoUserNote,
};
use super::super::store::{self, DeviceView, NamedDevice};
use super::identities::user_domains;
use crate::access::{self, Scope};
use crate::audit::{self, Event};
use crate::customers;
use crate::delegation::{Administers, Observes};
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Failure, Outcome};
use crate::platform::text::folded;

fn is_user(user: &str, domains: &[String]) -> bool {
    user.len() <= MAX_SIGN_IN_NAME && is_sign_in_name(user, Some(domains))
}

/// Changes a device: its user, its name, its group tag. What is so already changes nothing.
///
/// # Errors
/// See [`DeviceChangeError`].
pub fn change_device<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: DeviceId,
    wanted: &DeviceChange,
    now: Timestamp,
) -> Outcome<(), DeviceChangeError> {
    let known = store::device(tx, proof.customer(), id)?.ok_or(DeviceChangeError::Unknown(NoDevice(id)))?;
    if let Some(Some(user)) = &wanted.assigned_user
        && !is_user(user, &user_domains(tx, &proof.observes())?)
    {
        return Err(DeviceChangeError::User(NoSignInName(user.clone())).into());
    }
    let differs = |wanted: Option<&str>, known: &Option<String>| wanted != known.as_deref();
    let mut change = wanted.clone();
    change.assigned_user = change.assigned_user.filter(|user| differs(user.as_deref(), &known.assigned_user));
    change.display_name =
        change.display_name.filter(|name| differs(name.as_ref().map(|name| name.as_str()), &known.display_name));
    change.group_tag = change.group_tag.filter(|tag| differs(tag.as_ref().map(|tag| tag.as_str()), &known.group_tag));
    let changes = [
        ("assignedUser", change.assigned_user.is_some()),
        ("displayName", change.display_name.is_some()),
        ("groupTag", change.group_tag.is_some()),
    ];
    let changes: Vec<String> =
        changes.iter().filter(|(_, changes)| *changes).map(|(name, _)| (*name).to_owned()).collect();
    if changes.is_empty() {
        return Ok(());
    }
    store::change(tx, proof, id, &change)?;
    let event = Event::DeviceChanged { device: id.uuid(), customer: proof.customer().uuid(), changes };
    Ok(audit::record(tx, me, &event, now)?)
}

/// What became of one assignment.
#[derive(Clone, Copy, Debug)]
pub struct Assigned {
    /// The device, if it was found.
    pub device: Option<DeviceId>,
    /// What became of it.
    pub outcome: ItemOutcome,
}

/// The one device that an assignment names.
fn named_device<'d>(
    assignment: &Assignment,
    by_id: &HashMap<DeviceId, &'d NamedDevice>,
    by_serial: &HashMap<&str, Vec<&'d NamedDevice>>,
) -> Result<&'d NamedDevice, ItemOutcome> {
    match (assignment.id, assignment.serial_number.as_deref()) {
        (Some(id), None) => by_id.get(&id).copied().ok_or(ItemOutcome::Unknown),
        (None, Some(serial)) => match by_serial.get(serial).map(Vec::as_slice) {
            Some([one]) => Ok(one),
            Some([_, _, ..]) => Err(ItemOutcome::Ambiguous),
            _ => Err(ItemOutcome::Unknown),
        },
        _ => Err(ItemOutcome::Unnamed),
    }
}

/// Says for whom devices are, all at once: what became of each. What cannot be done hinders no other.
///
/// # Errors
/// Only the database's.
pub fn assign_devices<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    assignments: &[Assignment],
    now: Timestamp,
) -> QueryResult<Vec<Assigned>> {
    let customer = proof.customer();
    let domains = user_domains(tx, &proof.observes())?;
    let ids: Vec<DeviceId> = assignments.iter().filter_map(|one| one.id).collect();
    let serials: HashSet<String> =
        assignments.iter().filter_map(|one| one.serial_number.as_deref()).map(folded).collect();
    let serials: Vec<String> = serials.into_iter().collect();
    let found = store::named_devices(tx, customer, (&ids, &serials))?;
    let by_id: HashMap<DeviceId, &NamedDevice> = found.iter().map(|device| (device.id, device)).collect();
    let mut by_serial: HashMap<&str, Vec<&NamedDevice>> = HashMap::new();
    for device in by_id.values() {
        by_serial.entry(&device.serial_number).or_default().push(device);
    }
    let mut named: HashSet<DeviceId> = HashSet::with_capacity(assignments.len());
    let mut changed: Vec<(DeviceId, Option<&str>)> = Vec::new();
    let mut outcomes = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        let user = assignment.user.as_deref();
        let (device, outcome) = match named_device(assignment, &by_id, &by_serial) {
            Err(outcome) => (None, outcome),
            Ok(device) if !named.insert(device.id) => (Some(device.id), ItemOutcome::Twice),
            Ok(device) if user.is_some_and(|user| !is_user(user, &domains)) => (Some(device.id), ItemOutcome::User),
            Ok(device) if user == device.assigned_user.as_deref() => (Some(device.id), ItemOutcome::Unchanged),
            Ok(device) => {
                changed.push((device.id, user));
                (Some(device.id), ItemOutcome::Done)
            }
        };
        outcomes.push(Assigned { device, outcome });
    }
    if !changed.is_empty() {
        store::assign(tx, proof, &changed)?;
        let devices = changed.iter().map(|(id, _)| id.uuid()).collect();
        audit::record(tx, me, &Event::DevicesAssigned { customer: customer.uuid(), devices }, now)?;
    }
    Ok(outcomes)
}

/// Devices of the caller's own were seen in use: what became of each. What is older than is known, and the same again,
/// changes nothing.
///
/// # Errors
/// Only the database's.
pub fn check_in<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    seen: &[CheckIn],
    now: Timestamp,
) -> QueryResult<Vec<ItemOutcome>> {
    let customer = proof.customer();
    let domains = user_domains(tx, &proof.observes())?;
    let serials: HashSet<String> = seen.iter().map(|one| folded(&one.serial_number)).collect();
    let serials: Vec<String> = serials.into_iter().collect();
    let devices = store::named_devices(tx, customer, (&[], &serials))?;
    let key = |device: &NamedDevice| (device.manufacturer.clone(), device.model.clone(), device.serial_number.clone());
    let devices: HashMap<(String, String, String), NamedDevice> =
        devices.into_iter().map(|device| (key(&device), device)).collect();
    let mut newest: HashMap<DeviceId, (&str, Timestamp)> = HashMap::with_capacity(seen.len());
    let mut outcomes = Vec::with_capacity(seen.len());
    for one in seen {
        let values = (one.manufacturer.clone(), one.model.clone(), one.serial_number.clone());
        outcomes.push(match (devices.get(&values), one.seen(now)) {
            (None, _) => ItemOutcome::Unknown,
            (Some(_), _) if !is_user(&one.user, &domains) => ItemOutcome::User,
            (Some(_), Err(outcome)) => outcome,
            (Some(device), Ok(at)) => {
                let known = newest.get(&device.id).map(|(_, at)| *at).max(device.last_seen_at);
                if known.is_some_and(|known| at <= known) {
                    ItemOutcome::Unchanged
                } else {
                    newest.insert(device.id, (&one.user, at));
                    ItemOutcome::Done
                }
            }
        });
    }
    if !newest.is_empty() {
        let newest: Vec<(DeviceId, &str, Timestamp)> =
            newest.into_iter().map(|(id, (user, at))| (id, user, at)).collect();
        store::check_in(tx, proof, &newest)?;
        let event = Event::DevicesCheckedIn { customer: customer.uuid(), devices: newest.len() };
        audit::record(tx, me, &event, now)?;
    }
    Ok(outcomes)
}

/// Writes down that somebody checked the image on a device: whom the caller names, or the caller. Again is a new check.
///
/// # Errors
/// [`NoDevice`].
pub fn record_image_check<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    (id, checked_by): (DeviceId, Option<&str>),
    now: Timestamp,
) -> Outcome<(), NoDevice> {
    store::device(tx, proof.customer(), id)?.ok_or(NoDevice(id))?;
    let own = match (checked_by, me.user_id()) {
        (None, Some(user)) => access::user_names(tx, me, &[user])?.remove(&user),
        _ => None,
    };
    let by = checked_by.or(own.as_deref()).unwrap_or("an application");
    store::set_image_check(tx, proof, id, Some((by, now)))?;
    let event = Event::DeviceImageChecked { device: id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// Takes a check of the image back. Twice changes nothing.
///
/// # Errors
/// [`NoDevice`].
pub fn withdraw_image_check<'t>(
    tx: &mut Tx<'t>,
    proof: &Administers<'t>,
    me: &Scope,
    id: DeviceId,
    now: Timestamp,
) -> Outcome<(), NoDevice> {
    let device = store::device(tx, proof.customer(), id)?.ok_or(NoDevice(id))?;
    if device.image_checked_at.is_none() {
        return Ok(());
    }
    store::set_image_check(tx, proof, id, None)?;
    let event = Event::DeviceImageCheckWithdrawn { device: id.uuid(), customer: proof.customer().uuid() };
    Ok(audit::record(tx, me, &event, now)?)
}

/// What a note to the user of a device is written with.
#[derive(Clone, Debug)]
pub struct UserNote {
    /// The device.
    pub(in crate::devices) device: DeviceView,
    /// Its user.
    pub user: String,
    /// What the customer is called.
    pub customer: String,
}

/// What a note to the user of a device is written with. A device that is in use needs none.
///
/// # Errors
/// See [`NoUserNote`].
pub fn user_note<'t>(read: &mut Read<'t>, proof: &Observes<'t>, id: DeviceId) -> Outcome<UserNote, NoUserNote> {
    let customer = proof.customer();
    let device = store::device(read, customer, id)?.ok_or(NoUserNote::Unknown(NoDevice(id)))?;
    if device.last_seen_at.is_some() {
        return Err(NoUserNote::InUse(id).into());
    }
    let user = device.assigned_user.clone().ok_or(Failure::Refused(NoUserNote::NoUser(id)))?;
    let name = customers::names(read, &[customer])?.remove(&customer).unwrap_or_default();
    Ok(UserNote { device, user, customer: name })
}
