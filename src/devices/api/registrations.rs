//! REST of registrations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_multipart::Multipart;
use actix_web::web::{Data, Json as Answer, Path, Query};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::actions::{self, Arrival, RegistrationSummary};
use super::super::model::{
    Audience, Chosen, DeviceSettings, FileRefused, Finding, FindingCode, Mode, NoRegistration, NotRegisterable,
    RegistrationDetails, RegistrationId, RowState, Rules, SHOWN_FINDINGS, Severity, Source,
};
use super::super::reception::{Checked, Reception, ReceptionError};
use super::super::store::RowView;
use super::upload::{UploadBody, admit, broken, receive, remove_copies};
use super::views::{RegistrationRowView, RegistrationView};
use crate::access::{Allowed, CustomerId, OrganisationKind, ReadDevices, RegisterDevices, Scope};
use crate::customers::{self, CustomerReference};
use crate::delegation::{self, Administers, GateError};
use crate::platform::Parts;
use crate::platform::db::{Read, Tx};
use crate::platform::error::{Code, Failure, Outcome, Refusal, codes};
use crate::platform::http::{Collection, Error, MaybeJson, Page, PageQuery, Reply};

/// The routes of registrations.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(list_registrations)
        .service(get_registration)
        .service(list_rows)
        .service(list_findings)
        .service(register_checked)
        .service(void_registration)
        .service(retry_rows)
        .service(dismiss_rows);
}

/// Why a customer's registration is not shown or changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum RegistrationRefusal {
    #[error(transparent)]
    Gate(#[from] GateError),
    #[error(transparent)]
    Unknown(#[from] NoRegistration),
    #[error(transparent)]
    Not(#[from] NotRegisterable),
}

impl Refusal for RegistrationRefusal {
    fn code(&self) -> Code {
        match self {
            RegistrationRefusal::Gate(error) => error.code(),
            RegistrationRefusal::Unknown(error) => error.code(),
            RegistrationRefusal::Not(error) => error.code(),
        }
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            RegistrationRefusal::Gate(error) => error.parameters(),
            RegistrationRefusal::Unknown(_) => Vec::new(),
            RegistrationRefusal::Not(error) => error.parameters(),
        }
    }
}

impl From<ReceptionError> for Error {
    fn from(error: ReceptionError) -> Self {
        match error {
            ReceptionError::Io(error) => broken(&error),
            ReceptionError::Database(error) => Failure::<GateError>::Database(error).into(),
        }
    }
}

/// For whom files are received: what the gate said before they were read.
pub(super) struct Admitted {
    pub(super) me: Scope,
    pub(super) customer: CustomerId,
    pub(super) audience: Audience,
    pub(super) user_domains: Vec<String>,
    pub(super) staged: u64,
}

/// The gate comes first: whoever may not register uploads nothing. It is asked again where the rows become a registration.
pub(super) async fn admitted(
    caller: &Allowed<RegisterDevices>,
    parts: &Parts,
    reference: &CustomerReference,
) -> Result<Admitted, Error> {
    let (reference, now) = (reference.clone(), parts.clock.now());
    caller
        .read(parts, move |read, me| -> Outcome<_, GateError> {
            let customer = delegation::observe(read, me, &reference, now)?.customer();
            let audience = match me.kind() {
                OrganisationKind::Customer => Audience::Customer,
                _ => Audience::Partner,
            };
            let mut user_domains = customers::directory::added_domains(read, customer)?;
            user_domains.extend(customers::own_record(read, customer)?.map(|record| record.domain));
            let staged = actions::staged_bytes(read, me.organisation())?;
            Ok(Admitted { me: me.clone(), customer, audience, user_domains, staged })
        })
        .await
}

/// Receives staged files and submits them as one registration: the way of every surface by which devices come.
pub(super) async fn submit(
    caller: &Allowed<RegisterDevices>,
    (parts, reception): (&Parts, &Reception),
    reference: CustomerReference,
    arrival: Arrival,
    (uploads, rules): (Vec<super::super::reception::StagedUpload>, Rules),
    reply: impl for<'t> Fn(&mut Tx<'t>, &Administers<'t>, RegistrationSummary, &Checked) -> QueryResult<Reply>
    + Send
    + 'static,
) -> Result<(HttpResponse, Arc<Checked>, Option<RegistrationId>), Error> {
    let received = reception.receive(uploads.clone(), rules, arrival.clone(), parts.clock.now()).await;
    let checked = match received {
        Ok(checked) => Arc::new(checked),
        Err(error) => {
            remove_copies(reception.staging(), &uploads);
            return Err(error.into());
        }
    };
    // Set when the work was done here: a repeated call gets its earlier answer, and what it sent again is thrown away.
    let done = Arc::new(Mutex::new(None));
    let (kept, told, now) = (checked.clone(), done.clone(), parts.clock.now());
    let answer = caller
        .write(parts, move |tx, me| -> Outcome<Reply, RegistrationRefusal> {
            let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
            let summary = actions::submit(tx, &proof, me, (&arrival, &kept), now).map_err(Failure::widen)?;
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(summary.registration.id);
            Ok(reply(tx, &proof, summary, &kept)?)
        })
        .await;
    let made = *done.lock().unwrap_or_else(PoisonError::into_inner);
    if answer.is_err() || made.is_none() {
        remove_copies(reception.staging(), &uploads);
    }
    Ok((answer?, checked, made))
}

/// Register devices from CSV files. Good rows are pending at once and settled in the background; bad rows are failed
/// with their reason. With `dryRun` nothing is registered until `POST …/register`. A sample cell left in refuses all.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain")),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses((status = 201, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations")]
async fn register(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    reception: Data<Reception>,
    customer: Path<String>,
    request: HttpRequest,
    body: Multipart,
) -> Result<HttpResponse, Error> {
    let reference = CustomerReference::new(&customer);
    let admitted = admitted(&me, &parts, &reference).await?;
    admit(&request, reception.staging(), &settings, admitted.staged).await?;
    let received = receive(body, reception.staging(), &settings).await?;
    request.extensions_mut().insert(received.digest);
    let rules = Rules {
        audience: admitted.audience,
        max_rows: settings.max_rows,
        headerless: received.headerless,
        hash_check: settings.hash_check,
        user_domains: Some(admitted.user_domains),
    };
    let (mode, dry_run) = (received.mode, received.dry_run);
    let details = RegistrationDetails {
        source: Source::File,
        mode,
        dry_run,
        headerless: received.headerless,
        batch_name: None,
        order_id: received.order_id,
        purchase_id: received.purchase_id,
    };
    let arrival = Arrival::for_customer(&admitted.me, admitted.customer, details);
    let reply = |_: &mut Tx<'_>, _: &Administers<'_>, summary, checked: &Checked| {
        let counts = checked.report.counts.iter().map(|(code, count)| (*code, i64::from(*count))).collect();
        Ok(Reply::created(&RegistrationView::new(summary).with_findings(counts, checked.findings.clone())))
    };
    let uploads = (received.files, rules);
    let (answer, checked, made) = submit(&me, (&parts, &reception), reference, arrival, uploads, reply).await?;
    let report = &checked.report;
    if !dry_run && (report.refused || mode == Mode::AllOrNothing && report.refused_rows > 0) {
        return Err(refusal(&checked, made).into());
    }
    Ok(answer)
}

/// Why nothing of these files is registered.
pub(super) fn refusal(checked: &Checked, registration: Option<RegistrationId>) -> FileRefused {
    let (errors, notes): (Vec<&Finding>, Vec<&Finding>) =
        checked.findings.iter().partition(|finding| finding.severity == Severity::Error);
    // What refuses the whole comes first: the other lines may be right.
    let whole = |finding: &&&Finding| finding.code == FindingCode::RowSample || finding.line.is_none();
    let reasons: Vec<&Finding> = errors.iter().filter(whole).copied().collect();
    let shown = if reasons.is_empty() || !checked.report.refused { errors } else { reasons };
    let shown = if shown.is_empty() { notes } else { shown };
    let findings: Vec<Finding> = shown.into_iter().take(SHOWN_FINDINGS).cloned().collect();
    FileRefused { total: findings.len(), findings, registration }
}

/// The registrations of a customer, the newest first.
#[utoipa::path(tag = "Devices", params(("customer", description = "Tenant id or domain"), PageQuery),
    responses((status = 200, body = Collection<RegistrationView>)))]
#[get("/v1/customers/{customer}/deviceRegistrations")]
async fn list_registrations(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    customer: Path<String>,
    page: Page,
) -> Result<Answer<Collection<RegistrationView>>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, GateError> {
        let proof = delegation::observe(read, me, &reference, now)?;
        Ok(actions::registrations(read, &proof, after, limit)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |row: &RegistrationSummary| row.registration.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, RegistrationView::new)))
}

/// One registration of a customer: how many rows stand where, and how often each code was found in its files.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    responses((status = 200, body = RegistrationView)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}")]
async fn get_registration(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
) -> Result<Answer<RegistrationView>, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let show = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        let progress = actions::progress(read, &proof, id, now).map_err(Failure::widen)?;
        let counts: BTreeMap<_, _> = actions::finding_counts(read, &proof, id).map_err(Failure::widen)?;
        let view = RegistrationView::new(progress.summary.clone()).with_findings(counts, Vec::new());
        Ok(view.with_progress(&progress))
    };
    Ok(Answer(me.read(&parts, show).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowQuery {
    /// Only rows in this state.
    outcome: Option<RowState>,
}

/// The rows of a registration, in the order of its files and their lines.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path), RowQuery, PageQuery),
    responses((status = 200, body = Collection<RegistrationRowView>)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/rows")]
async fn list_rows(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    settings: Data<DeviceSettings>,
    path: Path<(String, RegistrationId)>,
    query: Query<RowQuery>,
    page: Page,
) -> Result<Answer<Collection<RegistrationRowView>>, Error> {
    let (limit, now, outcome) = (page.fetch(), parts.clock.now(), query.outcome);
    let after = page.after_number()?.map_or(0, |row| i32::try_from(row).unwrap_or(i32::MAX));
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::rows(read, &proof, id, outcome, after, limit).map_err(Failure::widen)
    };
    let rows = me.read(&parts, list).await?;
    let key = |row: &RowView| i64::from(row.position).to_be_bytes().to_vec();
    let support = &settings.support_contact;
    Ok(Answer(Collection::page(rows, &page, key, |row| RegistrationRowView::new(row, support))))
}

/// What was found in the files of a registration, in the order in which it was found.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path), PageQuery),
    responses((status = 200, body = Collection<Finding>)))]
#[get("/v1/customers/{customer}/deviceRegistrations/{id}/findings")]
async fn list_findings(
    me: Allowed<ReadDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
    page: Page,
) -> Result<Answer<Collection<Finding>>, Error> {
    let (limit, now) = (page.fetch(), parts.clock.now());
    let after = page.after_number()?.map_or(0, |number| i32::try_from(number).unwrap_or(i32::MAX));
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, RegistrationRefusal> {
        let proof = delegation::observe(read, me, &reference, now).map_err(Failure::widen)?;
        actions::findings_of(read, &proof, id, after, limit).map_err(Failure::widen)
    };
    let rows = me.read(&parts, list).await?;
    let key = |(number, _): &(i32, Finding)| i64::from(*number).to_be_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |(_, finding)| finding)))
}

/// Which rows of a dry run are registered; all that can be, if nothing is said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Choice {
    /// Only these rows.
    #[schema(max_items = 100_000)]
    rows: Option<Vec<i32>>,
    /// All but these rows.
    #[schema(max_items = 100_000)]
    except: Option<Vec<i32>>,
}

/// Rows named in one call at most; a body holds no more.
const MAX_NAMED_ROWS: usize = 100_000;

fn named_rows(rows: Vec<i32>) -> Result<Vec<i32>, Error> {
    if rows.len() > MAX_NAMED_ROWS {
        let sentence = format!("{} rows are named; at most {MAX_NAMED_ROWS} can be.", rows.len());
        return Err(Error::plain(codes::BAD_REQUEST, sentence));
    }
    let mut rows = rows;
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

/// Register what was checked in a dry run: all rows that can be, only some, or all but some.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    request_body(content = Option<Choice>),
    responses((status = 200, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations/{id}/register")]
async fn register_checked(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
    choice: MaybeJson<Choice>,
) -> Result<HttpResponse, Error> {
    let chosen = match (choice.0.rows, choice.0.except) {
        (None, None) => Chosen::All,
        (Some(rows), None) => Chosen::Only(named_rows(rows)?),
        (None, Some(rows)) => Chosen::Except(named_rows(rows)?),
        (Some(_), Some(_)) => {
            let sentence = "Name either the rows to register or the rows to leave out, not both.";
            return Err(Error::plain(codes::BAD_REQUEST, sentence));
        }
    };
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, RegistrationRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let summary = actions::choose_and_register(tx, &proof, me, (id, &chosen), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&RegistrationView::new(summary)))
    })
    .await
}

/// Void a registration: its devices are deregistered, and what is pending is not registered.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    responses((status = 200, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations/{id}/void")]
async fn void_registration(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (customer, id) = path.into_inner();
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, RegistrationRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let summary = actions::void(tx, &proof, me, id, now).map_err(Failure::widen)?;
        Ok(Reply::ok(&RegistrationView::new(summary)))
    })
    .await
}

/// Failed rows.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FailedRows {
    /// These; all of the registration if absent.
    #[schema(max_items = 5_000)]
    rows: Option<Vec<i32>>,
}

/// Failed rows named in one call at most.
const MAX_FAILED_ROWS: usize = 5_000;

fn failed_rows(body: FailedRows) -> Result<Option<Vec<i32>>, Error> {
    let rows = body.rows.map(named_rows).transpose()?;
    if rows.as_ref().is_some_and(|rows| rows.len() > MAX_FAILED_ROWS) {
        let sentence = format!("At most {MAX_FAILED_ROWS} rows can be named. Name none to mean all.");
        return Err(Error::plain(codes::BAD_REQUEST, sentence));
    }
    Ok(rows)
}

type Use = for<'t> fn(
    &mut Tx<'t>,
    &delegation::Administers<'t>,
    &Scope,
    (RegistrationId, Option<&[i32]>),
    crate::platform::clock::Timestamp,
) -> Outcome<RegistrationSummary, NotRegisterable>;

async fn use_rows(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    (customer, id): (String, RegistrationId),
    body: FailedRows,
    work: Use,
) -> Result<HttpResponse, Error> {
    let (rows, now) = (failed_rows(body)?, parts.clock.now());
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, RegistrationRefusal> {
        let proof = delegation::administer(tx, me, &reference, now).map_err(Failure::widen)?;
        let summary = work(tx, &proof, me, (id, rows.as_deref()), now).map_err(Failure::widen)?;
        Ok(Reply::ok(&RegistrationView::new(summary)))
    })
    .await
}

/// Settle failed rows again: after the delegation was granted anew, or the device was deregistered elsewhere.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    request_body(content = Option<FailedRows>),
    responses((status = 200, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations/{id}/retry")]
async fn retry_rows(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
    body: MaybeJson<FailedRows>,
) -> Result<HttpResponse, Error> {
    use_rows(me, parts, path.into_inner(), body.0, actions::retry_rows).await
}

/// Dismiss failed rows: the devices page shows them no more.
#[utoipa::path(tag = "Devices",
    params(("customer", description = "Tenant id or domain"), ("id" = RegistrationId, Path)),
    request_body(content = Option<FailedRows>),
    responses((status = 200, body = RegistrationView)))]
#[post("/v1/customers/{customer}/deviceRegistrations/{id}/dismiss")]
async fn dismiss_rows(
    me: Allowed<RegisterDevices>,
    parts: Data<Parts>,
    path: Path<(String, RegistrationId)>,
    body: MaybeJson<FailedRows>,
) -> Result<HttpResponse, Error> {
    use_rows(me, parts, path.into_inner(), body.0, actions::dismiss_rows).await
}
