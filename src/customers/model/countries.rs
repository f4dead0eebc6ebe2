//! Rules that addresses and register numbers follow, country by country (section 7 of the contract).

use regex::Regex;

use super::Address;
use super::markets::{CALLING_CODES, MARKETS, Market};
use crate::platform::error::{Code, Kind, Refusal};
use crate::platform::text::shorten;

/// A telephone number as people write it, whatever the country.
const PHONE: &str = r"[+]?[0-9][0-9 ().\-/]{4,24}";

/// Rules for a country without particulars.
const PLAIN: Market = Market {
    code: "",
    cultures: "en-US",
    postal_code: "",
    strict: false,
    states: "",
    vat_id: ("", ""),
    registration: None,
};

/// What is asked of addresses and companies of one country.
#[derive(Clone, Copy, Debug)]
pub struct CountryRules {
    code: &'static str,
    calling_code: &'static str,
    market: Market,
}

/// What is wrong with a property, relative to the address or profile that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The property's name.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub reason: String,
}

/// No country has that code.
#[derive(Debug, thiserror::Error)]
#[error("country: \"{0}\" is the code of no country. Use two letters of ISO 3166-1, such as SE.")]
pub struct CountryUnknown(String);

impl CountryUnknown {
    /// Says so of a code that was sent.
    pub fn named(code: &str) -> Self {
        Self(shorten(code, 40))
    }
}

impl Refusal for CountryUnknown {
    fn code(&self) -> Code {
        Code::new(910_340, "countryUnknown", Kind::BadInput)
    }
}

/// Whether all of `value` is what `pattern` describes. The patterns are written over capitals.
fn matches(pattern: &str, value: &str) -> bool {
    let whole = Regex::new(&anchored(pattern));
    whole.is_ok_and(|whole| whole.is_match(&value.trim().to_ascii_uppercase()))
}

fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// A text that was given: clients send empty ones for what they leave out.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.trim().is_empty())
}

impl CountryRules {
    /// The rules of a country, by its two letters in any case; `None` if there is no such country.
    pub fn of(country: &str) -> Option<Self> {
        let country = country.trim().to_ascii_uppercase();
        let codes = CALLING_CODES.split(' ').step_by(2);
        let (code, calling_code) =
            codes.zip(CALLING_CODES.split(' ').skip(1).step_by(2)).find(|(code, _)| *code == country)?;
        let market = MARKETS.iter().find(|market| market.code == code).copied().unwrap_or(PLAIN);
        Some(Self { code, calling_code, market })
    }

    /// Its two letters.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is dialled before its telephone numbers.
    pub fn calling_code(&self) -> &'static str {
        self.calling_code
    }

    /// Its cultures; the first is the usual one.
    pub fn cultures(&self) -> Vec<&'static str> {
        self.market.cultures.split(' ').collect()
    }

    /// Its languages.
    pub fn languages(&self) -> Vec<&'static str> {
        let mut languages: Vec<&str> = Vec::new();
        for culture in self.market.cultures.split(' ') {
            let language = culture.split('-').next().unwrap_or(culture);
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        languages
    }

    /// The states that addresses name; empty if they need not name one.
    pub fn states(&self) -> Vec<&'static str> {
        self.market.states.split('|').filter(|state| !state.is_empty()).collect()
    }

    /// Whether an address has to name its city and postal code, and its state if there are states.
    pub fn needs_all(&self) -> bool {
        self.market.strict
    }

    /// A regular expression that postal codes match, if their form is known.
    pub fn postal_code(&self) -> Option<String> {
        (!self.market.postal_code.is_empty()).then(|| anchored(self.market.postal_code))
    }

    /// A regular expression that VAT ids match, and a sample, if their form is known.
    pub fn vat_id(&self) -> Option<(String, &'static str)> {
        let (pattern, sample) = self.market.vat_id;
        (!pattern.is_empty()).then(|| (anchored(pattern), sample))
    }

    /// A regular expression that telephone numbers match.
    pub fn phone_number(&self) -> String {
        anchored(PHONE)
    }

    /// Whether anything is known of the country's addresses, so that one can be held to it.
    pub fn knows_addresses(&self) -> bool {
        !self.market.postal_code.is_empty() || self.market.strict
    }

    /// A sample of the register numbers that companies of this country have to give; `None` where none is taken.
    pub fn registration_sample(&self) -> Option<&'static str> {
        self.market.registration.map(|(_, sample)| sample)
    }

    /// Whether a register number has the form that this country's have.
    pub fn is_registration(&self, number: &str) -> bool {
        self.market.registration.is_some_and(|(pattern, _)| matches(pattern, number))
    }

    /// What is wrong with an address of this country.
    pub fn faults(&self, address: &Address) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |field, reason: String| faults.push(Fault { field, reason });
        let country = self.code;
        if address.address_line1.trim().is_empty() {
            wrong("addressLine1", "is required".to_owned());
        }
        let states = self.states();
        match given(address.state.as_ref()) {
            None if !states.is_empty() => {
                wrong("state", format!("is required in {country}: one of {}", states.join(", ")));
            }
            Some(state)
                if !states.is_empty() && !states.iter().any(|known| known.eq_ignore_ascii_case(state.trim())) =>
            {
                let state = shorten(state, 40);
                wrong("state", format!("\"{state}\" is no state of {country}; use one of {}", states.join(", ")));
            }
            _ => {}
        }
        if self.needs_all() && given(address.city.as_ref()).is_none() {
            wrong("city", format!("is required in {country}"));
        }
        match given(address.postal_code.as_ref()) {
            None if self.needs_all() => wrong("postalCode", format!("is required in {country}")),
            Some(code) if !self.market.postal_code.is_empty() && !matches(self.market.postal_code, code) => {
                let pattern = anchored(self.market.postal_code);
                let code = shorten(code, 40);
                wrong("postalCode", format!("\"{code}\" is no postal code of {country}: those match {pattern}"));
            }
            _ => {}
        }
        if let Some(phone) = given(address.phone_number.as_ref())
            && !matches(PHONE, phone)
        {
            let (phone, calling) = (shorten(phone, 40), self.calling_code);
            wrong("phoneNumber", format!("\"{phone}\" is no telephone number; write it as +{calling} and digits"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::portal::{Language, countries};

    #[test]
    fn every_country_has_rules_and_the_tables_are_in_order() {
        for (code, _) in countries(Language::English) {
            let rules = CountryRules::of(code).unwrap_or_else(|| panic!("{code}"));
            assert!(!rules.cultures().is_empty() && !rules.languages().is_empty(), "{code}");
            assert!(rules.calling_code().bytes().all(|b| b.is_ascii_digit()) && !rules.calling_code().is_empty());
        }
        for line in include_str!("../../companies/regions.csv").lines().skip(1) {
            let code = line.split(',').next().unwrap();
            assert!(CountryRules::of(code).unwrap().knows_addresses(), "{code}");
        }
        assert!(MARKETS.is_sorted_by_key(|market| market.code));
        assert!(CountryRules::of("se").is_some());
        for nowhere in ["ZZ", "", "46", "S", "Sweden"] {
            assert!(CountryRules::of(nowhere).is_none(), "{nowhere}");
        }
    }

    #[test]
    fn every_pattern_is_one_and_matches_its_sample() {
        for market in MARKETS {
            assert!(CountryRules::of(market.code).is_some(), "{}", market.code);
            let patterns = [(market.vat_id.0, market.vat_id.1), market.registration.unwrap_or_default()];
            for (pattern, sample) in patterns.into_iter().filter(|(pattern, _)| !pattern.is_empty()) {
                assert!(matches(pattern, sample), "{}: {pattern} {sample}", market.code);
                assert!(!matches(pattern, "?") && !matches(pattern, &format!("{sample}?")), "{}", market.code);
            }
            assert!(Regex::new(&anchored(market.postal_code)).is_ok(), "{}", market.code);
        }
        let registering = MARKETS.iter().filter(|market| market.registration.is_some()).map(|market| market.code);
        let due = "AE AM AZ BR BY HU IN IQ KG KZ MD MM PL RU SA SS TH TJ TR UA UZ VE VN ZA";
        assert_eq!(registering.collect::<Vec<_>>().join(" "), due);
    }

    #[test]
    fn an_address_is_held_to_its_country() {
        let address = |state: &str, city: &str, code: &str, phone: &str| Address {
            address_line1: "1 Main Street".to_owned(),
            state: Some(state.to_owned()),
            city: Some(city.to_owned()),
            postal_code: Some(code.to_owned()),
            phone_number: Some(phone.to_owned()),
            ..Address::default()
        };
        for (country, address, wrong) in [
            ("US", address("wa", "Redmond", "98052-6399", "425 555 0100"), ""),
            ("US", address("", "", "", ""), "state city postalCode"),
            ("US", address("ZZ", "Redmond", "9805", "call me"), "state postalCode phoneNumber"),
            ("CA", address("ON", "Ottawa", "k1a 0b1", ""), ""),
            ("GB", address("", "London", "SW1A 1AA", "+44 (0)20 7946 0000"), ""),
            ("GB", address("", "London", "12345", ""), "postalCode"),
            ("SE", address("", "", "", ""), ""),
            ("SE", address("Västerbotten", "Umeå", "903 25", ""), ""),
            ("SE", address("", "Umeå", "9032", ""), "postalCode"),
            ("IE", address("", "Dublin", "D02 AF30", ""), ""),
            ("JP", address("Tokyo", "Chiyoda", "100-0001", ""), ""),
            ("KE", address("anything", "", "x", ""), ""),
        ] {
            let faults = CountryRules::of(country).unwrap().faults(&address);
            let fields: Vec<&str> = faults.iter().map(|fault| fault.field).collect();
            assert_eq!(fields.join(" "), wrong, "{country} {faults:?}");
        }
    }
}
