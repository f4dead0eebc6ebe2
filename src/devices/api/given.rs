//! Devices that come as JSON take the way of files: they become a file, which is staged, checked and registered as any other.

use std::io::{self, Write};

use actix_web::{HttpRequest, HttpResponse};
use diesel::QueryResult;

use super::super::actions::{Arrival, RegistrationSummary};
use super::super::intake::{FileWriter, RESULTS_HEADING};
use super::super::model::{
    DeviceSettings, FileRefused, GivenRefused, MAX_GIVEN_DEVICES, MAX_GIVEN_VALUE, Mode, RegistrationDetails, Rules,
    Source,
};
use super::super::reception::{Reception, StagedUpload, finished};
use super::super::staging::{Staged, Staging};
use super::registrations::{admitted, refusal, submit};
use super::upload::{admit, broken};
use crate::access::{Allowed, RegisterDevices};
use crate::customers::CustomerReference;
use crate::delegation::Administers;
use crate::platform::Parts;
use crate::platform::db::Tx;
use crate::platform::http::{Error, Reply};

/// A device as a call names it: what is not said is absent.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenDevice {
    pub(super) manufacturer: Option<String>,
    pub(super) model: Option<String>,
    pub(super) serial_number: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) hash: Option<String>,
    pub(super) group_tag: Option<String>,
    pub(super) assigned_user: Option<String>,
}

/// Devices of one call, by which surface they came, and in which batch they are.
pub(super) struct Given {
    pub(super) devices: Vec<GivenDevice>,
    pub(super) source: Source,
    pub(super) batch_name: Option<String>,
}

impl GivenDevice {
    /// The cells under the heading of results, those of outcomes empty but for the line: the device's number, which also keeps
    /// a row from being read as blank, or as a heading.
    fn cells(&self, number: usize) -> [String; 13] {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        [
            text(&self.manufacturer),
            text(&self.model),
            text(&self.serial_number),
            text(&self.product_id),
            text(&self.hash),
            text(&self.group_tag),
            text(&self.assigned_user),
            String::new(),
            number.to_string(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ]
    }

    fn values(&self) -> [(&'static str, &Option<String>); 7] {
        [
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("serial number", &self.serial_number),
            ("product key", &self.product_id),
            ("hardware hash", &self.hash),
            ("group tag", &self.group_tag),
            ("assigned user", &self.assigned_user),
        ]
    }
}

/// Whether the devices can be written into a file and read from it again as they are.
fn check(devices: &[GivenDevice]) -> Result<(), GivenRefused> {
    if devices.is_empty() {
        return Err(GivenRefused::Nothing);
    }
    if devices.len() > MAX_GIVEN_DEVICES {
        return Err(GivenRefused::TooMany(devices.len()));
    }
    for (device, number) in devices.iter().zip(1..) {
        for (name, value) in device.values() {
            let Some(value) = value else { continue };
            let refuse =
                |reason: String| GivenRefused::Value { property: format!("Device {number}: the {name}"), reason };
            if value.chars().any(char::is_control) {
                return Err(refuse("holds a line break or another control character".to_owned()));
            }
            if value.len() > MAX_GIVEN_VALUE {
                return Err(refuse(format!("has {} bytes; at most {MAX_GIVEN_VALUE} are read", value.len())));
            }
        }
    }
    Ok(())
}

/// Writes the devices as a staged file.
fn stage(staging: &Staging, devices: &[GivenDevice]) -> io::Result<Staged> {
    let mut file = staging.begin()?;
    // With a mark, so that nobody has to guess the encoding.
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = FileWriter::begin(file, RESULTS_HEADING)?;
    for (device, number) in devices.iter().zip(1..) {
        writer.row(device.cells(number))?;
    }
    writer.end()?.finish()
}

/// Registers the devices of a call. Those that the check refuses fail by themselves; a sample that was left in refuses all.
pub(super) async fn register_given(
    caller: &Allowed<RegisterDevices>,
    request: &HttpRequest,
    (parts, settings, reception): (&Parts, &DeviceSettings, &Reception),
    reference: CustomerReference,
    given: Given,
    reply: impl for<'t> Fn(&mut Tx<'t>, &Administers<'t>, RegistrationSummary) -> QueryResult<Reply> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let Given { devices, source, batch_name } = given;
    let admitted = admitted(caller, parts, &reference).await?;
    check(&devices)?;
    admit(request, reception.staging(), settings, admitted.staged).await?;
    let staging = reception.staging().clone();
    let staged = finished(tokio::task::spawn_blocking(move || stage(&staging, &devices))).await;
    let copy = staged.map_err(|error| broken(&error))?;
    let rules = Rules {
        audience: admitted.audience,
        max_rows: settings.max_rows,
        headerless: None,
        hash_check: settings.hash_check,
        user_domains: Some(admitted.user_domains),
    };
    let details = RegistrationDetails {
        source,
        mode: Mode::AcceptValidRows,
        dry_run: false,
        headerless: None,
        batch_name,
        order_id: None,
        purchase_id: None,
    };
    let arrival = Arrival::for_customer(&admitted.me, admitted.customer, details);
    let uploads = (vec![StagedUpload { name: "devices.json".to_owned(), copy }], rules);
    let submitted = submit(caller, (parts, reception), reference, arrival, uploads, move |tx, proof, summary, _| {
        reply(tx, proof, summary)
    });
    let (answer, checked, made) = submitted.await?;
    if checked.report.refused {
        return Err(by_device(refusal(&checked, made)).into());
    }
    Ok(answer)
}

/// The same, told by devices: whoever sent JSON knows of no lines. A device stands one line below its number.
fn by_device(refused: FileRefused) -> FileRefused {
    let findings = refused.findings.into_iter().map(|mut finding| {
        if let Some(line) = finding.line.take() {
            let device = line.saturating_sub(1);
            finding.sentence = finding.sentence.replacen(&format!("Line {line}"), &format!("Device {device}"), 1);
        }
        finding
    });
    FileRefused { findings: findings.collect(), ..refused }
}
