//! Devices as the devices page shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::actions::{DeviceLine, RegisteredDevice};
use super::super::model::{DeviceSettings, DeviceStatus, Evidence, RegistrationId};
use super::views::DeviceRowView;
use crate::platform::clock::{Timestamp, days};
use crate::platform::http::Collection;
use crate::subscriptions::LicenceMark;

/// A line of the devices page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceLineView {
    registration_id: RegistrationId,
    #[serde(flatten)]
    device: DeviceRowView,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// How its identity was established: `none` reads "not matched"; absent while it is not registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    registered_at: Option<Timestamp>,
    /// Whole days since it was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_in_days: Option<i64>,
    /// The name of the partner, or of the customer, that registered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_by: Option<String>,
    /// When it was seen last; absent if it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen_at: Option<Timestamp>,
    /// Who used it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_user: Option<String>,
    /// Whether its user has the licences that are required; of a device that is ready for a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    licences: Option<LicencesView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<ImageView>,
}

/// Whether the user of a device has the licences that are required here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LicencesView {
    /// `applied`, `missing` or `not_checked`.
    state: &'static str,
    /// The service plans that are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

impl From<LicenceMark> for LicencesView {
    fn from(mark: LicenceMark) -> Self {
        let (state, missing) = match mark {
            LicenceMark::Applied => ("applied", Vec::new()),
            LicenceMark::Missing(plans) => ("missing", plans),
            LicenceMark::NotChecked => ("not_checked", Vec::new()),
        };
        Self { state, missing }
    }
}

/// What is known of the image on a device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageView {
    /// Who checked it; absent if nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// `checked`, `should_be_correct` or `check_it`. None of them hinders anything.
    advice: &'static str,
    /// The advice in a sentence.
    sentence: String,
}

impl ImageView {
    fn of(registered: &RegisteredDevice, contact: &str) -> Self {
        let device = &registered.device;
        let (advice, sentence) = match (device.image_checked_at, registered.is_of_listed_supplier) {
            (Some(_), _) => ("checked", "The image was checked: deliver the device.".to_owned()),
            (None, true) => (
                "should_be_correct",
                "Registered by a supplier on the providers list: its image should be correct.".to_owned(),
            ),
            (None, false) => ("check_it", format!("Check the image before you deliver the device, or ask {contact}.")),
        };
        Self { checked_by: device.image_checked_by.clone(), checked_at: device.image_checked_at, advice, sentence }
    }
}

impl DeviceLineView {
    pub(super) fn new(line: DeviceLine, settings: &DeviceSettings, now: Timestamp) -> Self {
        match line {
            DeviceLine::Unsettled(registration, row) => Self {
                registration_id: registration,
                device: DeviceRowView::of_row(*row, &settings.support_contact),
                display_name: None,
                evidence: None,
                registered_at: None,
                age_in_days: None,
                registered_by: None,
                last_seen_at: None,
                last_seen_user: None,
                licences: None,
                image: None,
            },
            DeviceLine::Registered(registered) => {
                let image = ImageView::of(&registered, &settings.image_contact);
                let RegisteredDevice { mut device, status, registered_by, licences, .. } = *registered;
                let day = i64::try_from(days(1).as_micros()).unwrap_or(i64::MAX);
                let age = (now.micros() - device.registered_at.micros()) / day;
                Self {
                    registration_id: device.registration,
                    display_name: device.display_name.take(),
                    evidence: Some(device.evidence),
                    registered_at: Some(device.registered_at),
                    age_in_days: Some(age.max(0)),
                    registered_by,
                    last_seen_at: device.last_seen_at,
                    last_seen_user: device.last_seen_user.take(),
                    licences: licences.map(LicencesView::from),
                    // Of a device that was delivered nobody checks the image any more.
                    image: Some(image).filter(|_| status == DeviceStatus::Ready || device.image_checked_at.is_some()),
                    device: DeviceRowView::of_device(device, status.title()),
                }
            }
        }
    }
}

/// The devices page.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DevicesView {
    #[serde(flatten)]
    list: Collection<DeviceLineView>,
    /// Whom to ask about the image on a device.
    image_contact: String,
    /// How a customer without any partner asks one to help; absent if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<HelpView>,
}

/// How to ask a partner for help.
#[derive(Serialize, ToSchema)]
pub(super) struct HelpView {
    sentence: &'static str,
    method: &'static str,
    path: &'static str,
}

impl DevicesView {
    pub(super) fn new(list: Collection<DeviceLineView>, settings: &DeviceSettings, is_alone: bool) -> Self {
        let help = || HelpView {
            sentence: "No partner administers your organisation. If you want one to register and look after your devices, choose \
                       one from the providers list and ask it for a relationship: it sends you a link to approve.",
            method: "GET",
            path: "/v1/indirectproviders",
        };
        Self { list, image_contact: settings.image_contact.clone(), help: is_alone.then(help) }
    }
}
