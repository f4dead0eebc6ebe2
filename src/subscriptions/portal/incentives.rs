//! The page of incentives, and its file.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query, ServiceConfig, get};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::customers::{barred, with_mpn_id};
use crate::access::{Barred, Onlooker, OrganisationKind, PartnerId, ReadIncentives, Scope, Visitor};
use crate::companies;
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{Failure, Outcome};
use crate::platform::http::Error;
use crate::platform::portal::{Control, Field, Frame, OptionGroup, fill, see_other};
use crate::subscriptions::actions::listing::resellers_to_choose;
use crate::subscriptions::actions::{self, Incentives, NamedCredit, WantedIncentives};
use crate::subscriptions::api::{incentives_day, incentives_file};
use crate::subscriptions::model::incentives::IncentivesError;
use crate::subscriptions::texts::IncentiveTexts;

pub(super) fn pages(config: &mut ServiceConfig) {
    config.route("/incentives", get().to(show)).route("/incentives/file", get().to(download));
}

/// Lines that the page shows at most; the file has all.
const LINES: usize = 500;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    reseller: String,
}

/// The fields of the form, each with what was typed and what is wrong with it.
struct Fields {
    from: Field,
    to: Field,
    /// For a provider.
    reseller: Option<Field>,
}

struct Line {
    company: String,
    mpn_id: String,
    offer: String,
    eligible: i64,
    other: i64,
}

/// The lines of one company, with their sums.
struct Group {
    company: PartnerId,
    total: String,
    lines: Vec<Line>,
    eligible: i64,
    other: i64,
}

#[derive(Template)]
#[template(path = "subscriptions/templates/incentives_page.html")]
struct IncentivesPage {
    frame: Frame,
    text: &'static IncentiveTexts,
    lead: &'static str,
    company: &'static str,
    fields: Fields,
    failed: bool,
    caption: String,
    groups: Vec<Group>,
    none: &'static str,
    eligible: i64,
    other: i64,
    more: Option<String>,
    file: String,
}

fn asked_day(typed: &str, text: &IncentiveTexts) -> Result<Option<chrono::NaiveDate>, String> {
    match typed.trim() {
        "" => Ok(None),
        typed => incentives_day(typed).map(Some).ok_or_else(|| text.date_wrong.to_owned()),
    }
}

impl Fields {
    fn new(text: &'static IncentiveTexts, asked: &Asked) -> Self {
        let field = |name, label, typed: &str| {
            let control = Control::Line { kind: "date", autocomplete: "off" };
            Field { required: false, ..Field::new(name, label, "", control).with(typed) }
        };
        Self { from: field("from", text.from, &asked.from), to: field("to", text.to, &asked.to), reseller: None }
    }

    /// What was asked for, or nothing if a field is wrong; then the field says so.
    fn read(&mut self, text: &IncentiveTexts, asked: &Asked) -> Option<WantedIncentives> {
        let from = self.from.take(asked_day(&asked.from, text));
        let to = self.to.take(asked_day(&asked.to, text));
        // Nobody of that name has no incentives either.
        let reseller = asked.reseller.trim().parse().ok();
        Some(WantedIncentives { from: from?, to: to?, reseller })
    }
}

/// What the page shows: the report, if it could be made, and whom one can choose from.
struct Found {
    report: Result<Incentives, IncentivesError>,
    resellers: Vec<(String, String)>,
    provider: bool,
}

fn find(
    read: &mut Read<'_>,
    me: &Scope,
    wanted: Option<&WantedIncentives>,
    now: Timestamp,
) -> Outcome<Found, IncentivesError> {
    let provider = me.kind() == OrganisationKind::Provider;
    let nothing = WantedIncentives { from: None, to: None, reseller: None };
    let report = match actions::incentives(read, me, wanted.unwrap_or(&nothing), now) {
        Ok(report) => Ok(report),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(failure) => return Err(failure),
    };
    let mut resellers = Vec::new();
    if provider {
        let mut known = resellers_to_choose(read, me)?;
        // Who is no partner any more may have been credited before.
        let credited = report.iter().flat_map(|report| &report.credits).map(|named| named.credit.of_record.reseller);
        let mut former: Vec<PartnerId> = credited.filter(|id| known.iter().all(|one| one.id != *id)).collect();
        former.sort_unstable();
        former.dedup();
        known.extend(companies::profiles(read, &former)?.into_values());
        known.sort_by_cached_key(|profile| profile.name.to_lowercase());
        resellers = known.iter().map(|profile| (profile.id.to_string(), with_mpn_id(profile))).collect();
    }
    Ok(Found { report, resellers, provider })
}

/// The lines by company, in the report's order of companies, MPN IDs and offers.
fn grouped(text: &IncentiveTexts, credits: Vec<NamedCredit>, provider: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for named in credits {
        let NamedCredit { credit, reseller, provider: seller, offer } = named;
        let of_record = credit.of_record;
        let (id, company) = if provider { (of_record.reseller, reseller) } else { (credit.provider, seller) };
        let (eligible, other) = if credit.eligible { (credit.licence_days, 0) } else { (0, credit.licence_days) };
        let place = match groups.iter().position(|group| group.company == id) {
            Some(place) => place,
            None => {
                let total = fill(text.total_of, &[("name", &company)]);
                groups.push(Group { company: id, total, lines: Vec::new(), eligible: 0, other: 0 });
                groups.len() - 1
            }
        };
        let group = &mut groups[place];
        (group.eligible, group.other) = (group.eligible + eligible, group.other + other);
        let mpn_id = of_record.mpn_id;
        match group.lines.iter_mut().find(|line| line.mpn_id == mpn_id && line.offer == offer) {
            // An offer that has earned only for a part of the time is one line with both.
            Some(line) => (line.eligible, line.other) = (line.eligible + eligible, line.other + other),
            None => group.lines.push(Line { company, mpn_id, offer, eligible, other }),
        }
    }
    groups
}

async fn show(parts: Data<Parts>, visitor: Visitor, query: Query<Asked>) -> Result<HttpResponse, Error> {
    let (now, asked) = (parts.clock.now(), query.into_inner());
    let text = IncentiveTexts::of(visitor.visit().language());
    let mut fields = Fields::new(text, &asked);
    let wanted = fields.read(text, &asked);
    let work = move |read: &mut Read<'_>, me: &Scope| find(read, me, wanted.as_ref(), now);
    let found = match visitor.read::<ReadIncentives, _, _, _>(&parts, work).await {
        Ok(found) => found,
        Err(why) => return barred(&visitor, &parts, why).await,
    };
    let Found { report, resellers, provider } = found;
    if provider {
        let control = Control::Grouped {
            nothing: text.all,
            groups: vec![OptionGroup { name: String::new(), options: resellers }],
        };
        let field = Field::new("reseller", text.reseller, "", control).with(asked.reseller.trim());
        fields.reseller = Some(Field { required: false, ..field });
    }
    let report = match report {
        Ok(report) if wanted.is_some() => Some(report),
        Ok(_) => None,
        Err(refusal) => {
            fields.from.error = Some(match refusal {
                IncentivesError::DaysReversed { .. } => text.reversed.to_owned(),
                IncentivesError::TooLong { .. } => text.too_long.to_owned(),
                other => other.to_string(),
            });
            None
        }
    };
    let failed = report.is_none();
    let (mut caption, mut groups, mut file) = (String::new(), Vec::new(), String::new());
    if let Some(Incentives { from, to, credits }) = report {
        let (first, last) = (from.to_string(), to.to_string());
        caption = fill(text.caption, &[("from", &first), ("to", &last)]);
        groups = grouped(text, credits, provider);
        // The days that are shown, whichever were left out of the question.
        for (field, day) in [(&mut fields.from, &first), (&mut fields.to, &last)] {
            if field.value.trim().is_empty() {
                field.value.clone_from(day);
            }
        }
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().replace("%2D", "-");
        let (from, to) = (encoded(&fields.from.value), encoded(&fields.to.value));
        file = format!("/incentives/file?from={from}&to={to}&reseller={}", encoded(asked.reseller.trim()));
    }
    let count: usize = groups.iter().map(|group| group.lines.len()).sum();
    let sum = |of: fn(&Group) -> i64| groups.iter().map(of).sum();
    let (eligible, other) = (sum(|group| group.eligible), sum(|group| group.other));
    let mut left = LINES;
    for group in &mut groups {
        group.lines.truncate(left);
        left -= group.lines.len();
    }
    groups.retain(|group| !group.lines.is_empty());
    let more = (count > LINES).then(|| {
        let (shown, count) = (LINES.to_string(), count.to_string());
        fill(text.more, &[("shown", &shown), ("count", &count)])
    });
    let Onlooker { frame, .. } = visitor.onlooker(&parts).await?;
    let page = IncentivesPage {
        frame,
        text,
        lead: if provider { text.lead_provider } else { text.lead_reseller },
        company: if provider { text.reseller } else { text.provider },
        fields,
        failed,
        caption,
        groups,
        none: if provider { text.none } else { text.none_reseller },
        eligible,
        other,
        more,
        file,
    };
    let status = if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    visitor.visit().page_with(status, &page)
}

/// The report as a file.
async fn download(parts: Data<Parts>, visitor: Visitor, query: Query<Asked>) -> Result<HttpResponse, Error> {
    let (now, asked) = (parts.clock.now(), query.into_inner());
    let text = IncentiveTexts::of(visitor.visit().language());
    let Some(wanted) = Fields::new(text, &asked).read(text, &asked) else { return Ok(see_other("/incentives")) };
    let work = move |read: &mut Read<'_>, me: &Scope| actions::incentives(read, me, &wanted, now);
    match visitor.read::<ReadIncentives, _, _, _>(&parts, work).await {
        Ok(report) => incentives_file(report),
        Err(Barred::Refused(_)) => Ok(see_other("/incentives")),
        Err(why) => barred(&visitor, &parts, why).await,
    }
}
