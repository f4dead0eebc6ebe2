//! How far a registration is, as it goes on: server-sent events.

use std::time::Duration;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpResponse, get};
use futures_util::stream;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, Progress};
use super::super::model::{Counts, RegistrationId};
use super::registrations::RegistrationRefusal;
use crate::access::{Allowed, ReadDevices, Scope};
use crate::customers::CustomerReference;
use crate::delegation;
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::Error;

/// The routes of progress.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(follow);
}

/// How often progress is told.
const PAUSE: Duration = Duration::from_millis(500);
/// Events of one connection at most: clients come again by themselves, and their rights are looked at then as well.
const EVENTS: usize = 1_200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProgressView {
    state: &'static str,
    percent: i64,
    counts: Counts,
    /// Seconds until the last row is settled, as far as the pace so far tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<u64>,
    /// Rows have been pending for more than ten minutes.
    late: bool,
}

impl ProgressView {
    fn new(progress: &Progress) -> Self {
        let counts = progress.summary.counts;
        Self {
            state: progress.summary.registration.shown_state(counts),
            percent: counts.percent(),
            counts,
            seconds_left: progress.seconds_left(),
            late: progress.is_late,
        }
    }
}

struct Following {
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: CustomerReference,
    id: RegistrationId,
    told: usize,
    last: Option<String>,
    over: bool,
}

impl Following {
    /// The next event, once there is something new; nothing after the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        while !self.over && self.told < EVENTS {
            if self.told > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            self.told += 1;
            let (reference, id, now) = (self.customer.clone(), self.id, self.parts.clock.now());
            // The right to look is proved for each event: it may end meanwhile.
            let look = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
                let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
                actions::progress(read, &proof, id, now).map_err(Failure::widen)
            };
            let progress = self.me.read(&self.parts, look).await?;
            self.over = progress.summary.counts.pending == 0 || progress.summary.registration.finished_at.is_some();
            let data = serde_json::to_string(&ProgressView::new(&progress)).unwrap_or_default();
            if self.last.as_ref() != Some(&data) {
                let event = format!("event: progress\ndata: {data}\n\n");
                self.last = Some(data);
                return Ok(Some(Bytes::from(event)));
            }
            if self.told.is_multiple_of(20) {
                // A comment, so that nobody on the way takes the connection for dead.
                return Ok(Some(Bytes::from_static(b": waiting\n\n")));
            }
        }
        Ok(None)
    }
}

/// Follow a registration: an event `progress` at once, and whenever something has changed, until every row has its outcome.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/events")]
async fn follow(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
) -> Result<HttpResponse, Error> {
    let (customer, id) = path.into_inner();
    let customer = CustomerReference::new(&customer);
    let mut following = Following { me, parts, customer, id, told: 0, last: None, over: false };
    let first = following.next().await?.unwrap_or_default();
    let rest = stream::try_unfold(following, |mut following| async move {
        match following.next().await {
            Ok(event) => Ok(event.map(|event| (event, following))),
            Err(error) => Err(std::io::Error::other(error.to_string())),
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest)))
}
