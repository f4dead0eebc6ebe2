//! REST of devices.

use actix_web::web::{Data, Json as Answer, Path};
use actix_web::{HttpResponse, delete, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, DeviceLine};
use super::super::model::{DeviceId, DeviceSettings, NoDevice};
use super::views::DeviceLineView;
use crate::access::{Allowed, ReadDevices, RegisterDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation::{self, GateError};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal};
use crate::platform::http::{Collection, Error, Page, PageQuery, Reply};

/// The routes of devices.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_devices).service(release_device);
}

/// Why a customer's device is not shown or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeviceRefusal {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Device(#[from] NoDevice),
}

impl Refusal for DeviceRefusal {
    fn code(&self) -> Code {
        match self {
            DeviceRefusal::Gate(error) => error.code(),
            DeviceRefusal::Device(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            DeviceRefusal::Gate(error) => error.parameters(),
            DeviceRefusal::Device(_) => Vec::new(),
        }
    }
}

/// The devices of a customer: registered ones, rows that are pending, and rows that failed in the last 30 days.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<DeviceLineView>)))]
#[get("/v1/customers/{customer}/devices")]
async fn list_devices(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<DeviceLineView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::devices(read, &proof, after, limit, now)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |row: &DeviceLine| row.id().uuid().into_bytes().to_vec();
    let support = &settings.support_contact;
    Ok(Answer(Collection::page(rows, &page, key, |row| DeviceLineView::new(row, support))))
}

/// Deregister a device: another organisation can claim it.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), ("id" = DeviceId, Path)),
    responses((status = 204)))]
#[delete("/v1/customers/{customer}/devices/{id}")]
async fn release_device(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, DeviceId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let release = move |tx: &mut Tx<'_>, me: &Scope| -> Outcome<_, DeviceRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        actions::release(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::no_content())
    };
    me.write(&parts, release).await
}
