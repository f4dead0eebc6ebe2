//! Incentives: for how many licences, on how many days, which reseller was of record.

use chrono::{Days, NaiveDate};
use diesel::QueryResult;

use crate::access::{OrganisationKind, PartnerId, Scope};
use crate::companies;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::Outcome;
use crate::subscriptions::model::SubscriptionId;
use crate::subscriptions::model::associations::{AssociationPeriod, Credit, day_of};
use crate::subscriptions::model::incentives::{IncentivesError, MAX_DAYS};
use crate::subscriptions::store::associations::{self as store, Asked};
use crate::subscriptions::store::catalogue;

/// Which incentives somebody asks for: days, both included.
#[derive(Clone, Copy, Debug)]
pub struct WantedIncentives {
    /// The first day; that of the month which holds the last, if nothing.
    pub from: Option<NaiveDate>,
    /// The last day; yesterday, if nothing.
    pub to: Option<NaiveDate>,
    /// Of which reseller; all, if nothing.
    pub reseller: Option<PartnerId>,
}

/// What is credited, with names.
#[derive(Clone, Debug)]
pub struct NamedCredit {
    /// What.
    pub credit: Credit,
    /// What the reseller is called.
    pub reseller: String,
    /// What the provider is called.
    pub provider: String,
    /// What the offer is called.
    pub offer: String,
}

/// A report.
#[derive(Clone, Debug)]
pub struct Incentives {
    /// The first day it holds.
    pub from: NaiveDate,
    /// The last day it holds; the day before the first, if none of those asked for is over.
    pub to: NaiveDate,
    /// In order of resellers, MPN IDs and offers.
    pub credits: Vec<NamedCredit>,
}

fn day(date: NaiveDate) -> i32 {
    day_of(Timestamp::from_chrono(date.and_time(chrono::NaiveTime::MIN).and_utc()))
}

fn date(day: i32) -> NaiveDate {
    let first = NaiveDate::default();
    first.checked_add_days(Days::new(u64::try_from(day).unwrap_or(0))).unwrap_or(NaiveDate::MAX)
}

/// The days asked for, as far as they are over, and whose.
fn asked(me: &Scope, wanted: &WantedIncentives, now: Timestamp) -> Result<(Asked, NaiveDate), IncentivesError> {
    let today = day_of(now);
    let to = wanted.to.unwrap_or_else(|| date(today - 1));
    let from = wanted.from.unwrap_or_else(|| chrono::Datelike::with_day(&to, 1).unwrap_or(to));
    if from > to {
        return Err(IncentivesError::DaysReversed { from, to });
    }
    let (first, end) = (day(from), day(to).saturating_add(1));
    if i64::from(end) - i64::from(first) > MAX_DAYS {
        return Err(IncentivesError::TooLong { from, to });
    }
    let (provider, reseller) = match me.kind() {
        OrganisationKind::Reseller => (None, Some(me.partner())),
        _ => (Some(me.partner()), wanted.reseller),
    };
    // A day counts once it is over.
    Ok((Asked { provider, reseller, from: first, end: end.min(today) }, from))
}

/// What is credited: to each MPN ID for each offer, of what the provider `me` sold, or to the reseller `me`.
///
/// # Errors
/// See [`IncentivesError`].
pub fn incentives(
    read: &mut Read<'_>,
    me: &Scope,
    wanted: &WantedIncentives,
    now: Timestamp,
) -> Outcome<Incentives, IncentivesError> {
    let (asked, from) = asked(me, wanted, now)?;
    let credits = if asked.end > asked.from { store::credits(read, &asked)? } else { Vec::new() };
    let to = from.checked_add_days(Days::new(u64::try_from(i64::from(asked.end) - i64::from(asked.from)).unwrap_or(0)));
    let to = to.and_then(|end| end.pred_opt()).unwrap_or(from);
    Ok(Incentives { from, to, credits: named(read, credits)? })
}

fn named(read: &mut Read<'_>, credits: Vec<Credit>) -> QueryResult<Vec<NamedCredit>> {
    let mut partners: Vec<PartnerId> =
        credits.iter().flat_map(|credit| [credit.of_record.reseller, credit.provider]).collect();
    partners.sort_unstable();
    partners.dedup();
    let profiles = companies::profiles(read, &partners)?;
    let offers = catalogue::offers_by_id(read, credits.iter().map(|credit| credit.offer.clone()))?;
    let company = |id: &PartnerId| profiles.get(id).map(|profile| profile.name.clone()).unwrap_or_default();
    let name = |credit: Credit| NamedCredit {
        reseller: company(&credit.of_record.reseller),
        provider: company(&credit.provider),
        offer: offers.get(&credit.offer).map(|offer| offer.name.clone()).unwrap_or_default(),
        credit,
    };
    Ok(credits.into_iter().map(name).collect())
}

/// A period behind a report, with the licence-days that it gives within it.
#[derive(Clone, Debug)]
pub struct CountedPeriod {
    /// The period.
    pub period: AssociationPeriod,
    /// The licence-days that are over.
    pub licence_days: i64,
}

/// The periods behind a report, in order of subscriptions.
///
/// # Errors
/// See [`IncentivesError`].
pub fn incentive_periods(
    read: &mut Read<'_>,
    me: &Scope,
    wanted: &WantedIncentives,
    after: Option<(SubscriptionId, i32)>,
    limit: i64,
    now: Timestamp,
) -> Outcome<Vec<CountedPeriod>, IncentivesError> {
    let (asked, _) = asked(me, wanted, now)?;
    let found = store::periods_between(read, &asked, after, limit)?;
    let counted =
        |period: AssociationPeriod| CountedPeriod { licence_days: period.licence_days(asked.from, asked.end), period };
    Ok(found.into_iter().map(counted).collect())
}
