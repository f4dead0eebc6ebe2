//! Regions: both sides of a partnership sell in one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::{Country, Line};

/// `[companies]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CompanySettings {
    /// A CSV file `country,region` in place of the built-in table.
    pub regions_file: Option<PathBuf>,
}

/// Which countries are one region. A country without a line is a region of its own, named by its code.
#[derive(Clone, Debug)]
pub struct Regions(HashMap<String, String>);

/// The EU, the EEA, Switzerland and the United Kingdom.
const BUILT_IN: &str = include_str!("../regions.csv");

impl Regions {
    /// The table of these settings.
    ///
    /// # Errors
    /// Names the setting, the file and the line that is wrong.
    pub fn load(settings: &CompanySettings) -> Result<Self, String> {
        match &settings.regions_file {
            None => Self::read(BUILT_IN),
            Some(file) => {
                Self::from_file(file).map_err(|reason| format!("companies.regions_file = {}: {reason}", file.display()))
            }
        }
    }

    fn from_file(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        Self::read(text.trim_start_matches('\u{feff}'))
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headings = reader.headers().map_err(|error| error.to_string())?;
        if headings.iter().ne(["country", "region"]) {
            return Err("its first line must be country,region".to_owned());
        }
        let mut regions = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let place = record.position().map_or(0, csv::Position::line);
            let told = |reason: String| format!("line {place}: {reason}");
            let field = |column: usize| record.get(column).unwrap_or_default().to_owned();
            let country = String::from(Country::try_from(field(0)).map_err(told)?);
            let region = Line::<40>::try_from(field(1)).map_err(|error| told(format!("the region {error}")))?;
            if regions.insert(country.clone(), String::from(region)).is_some() {
                return Err(told(format!("the country {country} stands there twice")));
            }
        }
        Ok(Self(regions))
    }

    /// The region of a country.
    pub fn of<'a>(&'a self, country: &'a str) -> &'a str {
        self.0.get(country).map_or(country, String::as_str)
    }
}

/// Two companies that cannot be partners.
#[derive(Debug, thiserror::Error)]
#[error(
    "The provider is in {provider} and the reseller in {reseller}: these are different regions, and both sides of a \
     partnership are of one. Find a provider of your region: GET /v1/indirectproviders; if a country is wrong, write to \
     the operator."
)]
pub struct RegionsDiffer {
    /// The provider's country.
    pub provider: String,
    /// The reseller's.
    pub reseller: String,
}

impl Refusal for RegionsDiffer {
    fn code(&self) -> Code {
        Code::new(910_140, "regionsDiffer", Kind::Conflict)
    }
    fn parameters(&self) -> Vec<(&'static str, String)> {
        vec![
            ("providerCountry", self.provider.clone()),
            ("resellerCountry", self.reseller.clone()),
            ("remedy", "/v1/indirectproviders".to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn europe_is_one_region_and_every_other_country_its_own() {
        let regions = Regions::load(&CompanySettings::default()).unwrap();
        for country in ["SE", "DE", "NO", "IS", "LI", "CH", "GB"] {
            assert_eq!(regions.of(country), "EU", "{country}");
        }
        assert_eq!((regions.of("US"), regions.of("JP")), ("US", "JP"));
        assert_eq!(regions.0.len(), 27 + 3 + 2);
    }

    #[test]
    fn a_table_that_cannot_be_meant_is_refused_by_line() {
        assert_eq!(Regions::read("country,region\nus,NA\nCA , NA\n").unwrap().of("CA"), "NA");
        for (text, reason) in [
            ("land,region\nSE,EU\n", "its first line must be country,region"),
            ("", "its first line must be country,region"),
            ("country,region\nSE,EU\nSweden,EU\n", "line 3: \"Sweden\" is no two-letter country code"),
            ("country,region\nSE,\n", "line 2: the region must not be empty"),
            ("country,region\nSE,EU\nse,NORDICS\n", "line 3: the country SE stands there twice"),
            ("country,region\nSE\n", "found record with 1 fields"),
        ] {
            let told = Regions::read(text).unwrap_err();
            assert!(told.contains(reason), "{text:?}: {told}");
        }
        let settings = CompanySettings { regions_file: Some(PathBuf::from("/nowhere/regions.csv")) };
        let told = Regions::load(&settings).unwrap_err();
        assert!(told.starts_with("companies.regions_file = /nowhere/regions.csv: "), "{told}");
    }
}
