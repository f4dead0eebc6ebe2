//! REST of incentives.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Json as Answer, Query};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{AssociationView, association};
use crate::access::{Allowed, OrganisationKind, PartnerId, ReadIncentives, Scope};
use crate::platform::Parts;
use crate::platform::cells::guarded;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, codes};
use crate::platform::http::{Collection, Error, Page, PageQuery, Resource, resource};
use crate::platform::text::shorten;
use crate::subscriptions::actions::{self, CountedPeriod, Incentives, NamedCredit, WantedIncentives};
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::incentives::IncentivesError;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(report).service(periods);
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct IncentivesQuery {
    /// The first day, such as 2026-11-01; the first of the last day's month, if left out.
    from: Option<String>,
    /// The last day; yesterday, if left out.
    to: Option<String>,
    /// Of this reseller.
    reseller_id: Option<PartnerId>,
    /// json or csv.
    format: Option<String>,
}

impl IncentivesQuery {
    fn wanted(&self) -> Result<WantedIncentives, IncentivesError> {
        let read = |parameter, text: &Option<String>| {
            let malformed = |text: &str| IncentivesError::DateMalformed { parameter, text: shorten(text, 40) };
            text.as_deref().map(|text| day(text).ok_or_else(|| malformed(text))).transpose()
        };
        Ok(WantedIncentives { from: read("from", &self.from)?, to: read("to", &self.to)?, reseller: self.reseller_id })
    }

    fn as_file(&self) -> Result<bool, IncentivesError> {
        match self.format.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "json") => Ok(false),
            Some("csv") => Ok(true),
            Some(other) => Err(IncentivesError::FormatUnknown(shorten(other, 40))),
        }
    }
}

/// The days for which there can be anything.
fn in_range(day: NaiveDate) -> bool {
    let years = 1970..=9_000;
    years.contains(&chrono::Datelike::year(&day))
}

/// What is credited to an MPN ID for an offer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreditView {
    reseller_id: PartnerId,
    reseller_name: String,
    mpn_id: String,
    provider_id: PartnerId,
    provider_name: String,
    offer_id: String,
    offer_name: String,
    /// Whether the offer earns incentives; if not, the days are only told.
    eligible: bool,
    /// Licences times days; a day counts once it is over.
    licence_days: i64,
}

impl From<NamedCredit> for CreditView {
    fn from(named: NamedCredit) -> Self {
        let NamedCredit { credit, reseller, provider, offer } = named;
        Self {
            reseller_id: credit.of_record.reseller,
            reseller_name: reseller,
            mpn_id: credit.of_record.mpn_id,
            provider_id: credit.provider,
            provider_name: provider,
            offer_id: credit.offer,
            offer_name: offer,
            eligible: credit.eligible,
            licence_days: credit.licence_days,
        }
    }
}

/// A report of incentives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IncentivesView {
    #[schema(format = Date)]
    from: String,
    /// The last day that is over, if not all are.
    #[schema(format = Date)]
    to: String,
    /// Of offers that earn incentives.
    eligible_licence_days: i64,
    /// Of the others.
    other_licence_days: i64,
    #[serde(flatten)]
    items: Collection<CreditView>,
}

/// For how many licences, on how many days, which reseller is credited: by MPN ID and offer, of what one sold, or of
/// one's own. With `format=csv` as a file.
#[utoipa::path(tag = "Subscriptions", params(IncentivesQuery), responses((status = 200, body = IncentivesView)))]
#[get("/v1/incentives")]
async fn report(
    me: Allowed<ReadIncentives>,
    parts: Data<Parts>,
    query: Query<IncentivesQuery>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let (wanted, as_file) = (query.wanted()?, query.as_file()?);
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<Incentives, IncentivesError> {
        actions::incentives(read, me, &wanted, now)
    };
    let made = me.read(&parts, find).await?;
    if as_file {
        return file(made);
    }
    let Incentives { from, to, credits } = made;
    let sum = |eligible: bool| {
        let some = credits.iter().filter(|named| named.credit.eligible == eligible);
        some.map(|named| named.credit.licence_days).sum()
    };
    let (eligible_licence_days, other_licence_days) = (sum(true), sum(false));
    let items = Collection::whole("/incentives", credits.into_iter().map(CreditView::from).collect());
    let (from, to) = (from.to_string(), to.to_string());
    Ok(HttpResponse::Ok().json(IncentivesView { from, to, eligible_licence_days, other_licence_days, items }))
}

/// The report as a file, as anybody who may see it downloads it.
pub(in crate::subscriptions) fn file(made: Incentives) -> Result<HttpResponse, Error> {
    let Incentives { from, to, credits } = made;
    let file = format!("attachment; filename=\"incentives-{from}-{to}.csv\"");
    let bytes = rows(from, to, credits).map_err(|error| {
        tracing::error!(%error, "incentives could not be written");
        Error::plain(codes::INTERNAL, "The report could not be written into a file.")
    })?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, file))
        .body(bytes))
}

/// A day as it is written in a query.
pub(in crate::subscriptions) fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().filter(|day| in_range(*day))
}

const HEADING: [&str; 11] = [
    "From",
    "To",
    "ResellerId",
    "ResellerName",
    "MpnId",
    "ProviderId",
    "ProviderName",
    "OfferId",
    "OfferName",
    "Eligible",
    "LicenceDays",
];

fn rows(from: NaiveDate, to: NaiveDate, credits: Vec<NamedCredit>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADING)?;
    for named in credits {
        let view = CreditView::from(named);
        let cells = [
            from.to_string(),
            to.to_string(),
            view.reseller_id.to_string(),
            view.reseller_name,
            view.mpn_id,
            view.provider_id.to_string(),
            view.provider_name,
            view.offer_id,
            view.offer_name,
            view.eligible.to_string(),
            view.licence_days.to_string(),
        ];
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error())
}

/// A period behind a report.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CountedView {
    /// The licence-days of it that the report holds.
    licence_days: i64,
    #[serde(flatten)]
    association: AssociationView,
}

/// The periods behind a report, in order of subscriptions.
#[utoipa::path(tag = "Subscriptions", params(IncentivesQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<CountedView>>)))]
#[get("/v1/incentives/periods")]
async fn periods(
    me: Allowed<ReadIncentives>,
    parts: Data<Parts>,
    query: Query<IncentivesQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<CountedView>>>, Error> {
    let now = parts.clock.now();
    let (wanted, limit) = (query.wanted()?, page.fetch());
    let after = page.after_numbered::<SubscriptionId>()?;
    let find = move |read: &mut Read<'_>, me: &Scope| -> Outcome<(Vec<CountedPeriod>, bool), IncentivesError> {
        let rows = actions::incentive_periods(read, me, &wanted, after, limit, now)?;
        Ok((rows, me.kind() == OrganisationKind::Provider))
    };
    let (rows, told) = me.read(&parts, find).await?;
    let key = |row: &CountedPeriod| {
        let number = row.period.number.to_be_bytes();
        number.into_iter().chain(row.period.subscription.uuid().into_bytes()).collect()
    };
    Ok(Answer(Collection::page(rows, &page, key, |row| {
        let association = association(row.period, told);
        resource("IncentivePeriod", CountedView { licence_days: row.licence_days, association })
    })))
}
