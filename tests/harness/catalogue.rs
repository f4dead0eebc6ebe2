//! A small catalogue with one offer of each kind, as the operator imports it.

use partner_center::audit::System;
use partner_center::platform::db::Isolation;
use partner_center::platform::http::RequestIds;
use partner_center::subscriptions::{OffersImported, import_offers, read_file};
use serde_json::{Value, json};

use super::Centre;

/// 1 to 300 licences for a year or a month, charged monthly or annually; earns incentives; can be upgraded to
/// [`LEGACY_SUITE_PLUS`]; carries the plans [`MAIL_PLAN`] and [`DEVICE_PLAN`].
pub const LEGACY_SUITE: &str = "0a000000-0000-4000-8000-000000000001";
/// 1 to 1,000 licences for a year, charged monthly or annually; earns incentives; carries three plans.
pub const LEGACY_SUITE_PLUS: &str = "0a000000-0000-4000-8000-000000000002";
/// Of the new commerce: 1 to 300 licences for a month, a year or three years; earns incentives.
pub const MODERN_SUITE: &str = "CFQ7TTC0LH18:0001:CFQ7TTC0K971";
/// 1 to 500 licences for a year; earns nothing.
pub const UNPAID_TOOL: &str = "0a000000-0000-4000-8000-000000000003";
/// Added to [`LEGACY_SUITE`]: 1 to 1,000 licences for a year; earns incentives.
pub const ADD_ON: &str = "0a000000-0000-4000-8000-000000000004";
/// 25 licences for a month, not charged, and not renewed by itself.
pub const TRIAL: &str = "0a000000-0000-4000-8000-000000000005";
/// 1 to 100 licences for a year, sold in Germany alone; earns incentives.
pub const GERMAN_ONLY: &str = "0a000000-0000-4000-8000-000000000006";
/// Not sold any more.
pub const WITHDRAWN: &str = "0a000000-0000-4000-8000-000000000007";

/// The plan `MAIL_S` of both suites.
pub const MAIL_PLAN: &str = "0b000000-0000-4000-8000-000000000001";
/// The plan `INTUNE_A` of both suites.
pub const DEVICE_PLAN: &str = "0b000000-0000-4000-8000-000000000002";
/// The plan `DIRECTORY_P1` of [`LEGACY_SUITE_PLUS`].
pub const DIRECTORY_PLAN: &str = "0b000000-0000-4000-8000-000000000003";

/// An offer with what all of them have in common: 1 to 300 licences for a year, charged monthly.
pub fn offer(id: &str, name: &str, particulars: Value) -> Value {
    let mut offer = json!({
        "id": id, "name": name, "description": format!("{name}, invented"), "category": "Office", "rank": 10,
        "minimumQuantity": 1, "maximumQuantity": 300, "unitType": "Licenses", "terms": ["P1Y"],
        "billingCycles": ["monthly"], "isAutoRenewable": true, "earnsIncentives": true, "isAvailable": true,
    });
    for (property, value) in particulars.as_object().unwrap() {
        offer[property] = value.clone();
    }
    offer
}

/// The offers of the small catalogue, as they are imported.
pub fn small_catalogue() -> Value {
    let plan = |id: &str, name: &str, shown: &str| json!({ "id": id, "name": name, "displayName": shown });
    let mail = plan(MAIL_PLAN, "MAIL_S", "Mail");
    let devices = plan(DEVICE_PLAN, "INTUNE_A", "Device management");
    let directory = plan(DIRECTORY_PLAN, "DIRECTORY_P1", "Directory");
    json!([
        offer(
            LEGACY_SUITE,
            "Legacy suite",
            json!({
                "rank": 1, "terms": ["P1Y", "P1M"], "billingCycles": ["monthly", "annual"],
                "upgradeTargetOffers": [LEGACY_SUITE_PLUS], "servicePlans": [mail, devices],
            })
        ),
        offer(
            LEGACY_SUITE_PLUS,
            "Legacy suite plus",
            json!({
                "rank": 2, "maximumQuantity": 1000, "billingCycles": ["monthly", "annual"],
                "servicePlans": [mail, devices, directory],
            })
        ),
        offer(
            MODERN_SUITE,
            "Modern suite",
            json!({
                "rank": 3, "terms": ["P1M", "P1Y", "P3Y"], "billingCycles": ["monthly", "annual", "triennial"],
                "servicePlans": [mail],
            })
        ),
        offer(
            UNPAID_TOOL,
            "Unpaid tool",
            json!({
                "rank": 4, "category": "Tools", "maximumQuantity": 500, "earnsIncentives": false,
            })
        ),
        offer(
            ADD_ON,
            "Add-on",
            json!({
                "rank": 5, "maximumQuantity": 1000, "isAddOn": true, "prerequisiteOffers": [LEGACY_SUITE],
            })
        ),
        offer(
            TRIAL,
            "Trial",
            json!({
                "rank": 6, "category": "Trials", "minimumQuantity": 25, "maximumQuantity": 25, "terms": ["P1M"],
                "billingCycles": ["none"], "isTrial": true, "isAutoRenewable": false, "earnsIncentives": false,
            })
        ),
        offer(GERMAN_ONLY, "German only", json!({ "rank": 7, "maximumQuantity": 100, "countries": ["DE"] })),
        offer(WITHDRAWN, "Withdrawn", json!({ "rank": 8, "isAvailable": false })),
    ])
}

impl Centre {
    /// This centre with the small catalogue in it.
    pub fn with_catalogue(self) -> Self {
        self.import_offers(&small_catalogue());
        self
    }

    /// Imports offers as the operator's command does.
    pub fn import_offers(&self, offers: &Value) -> OffersImported {
        let file = read_file(offers.to_string().as_bytes()).unwrap();
        let actor = System { organisation: None, request: RequestIds::fresh() };
        let now = self.clock.now();
        self.db().write_now(Isolation::Serializable, &|tx| import_offers(tx, &actor, &file, now)).unwrap()
    }
}
