//! Which of its customers a partner lists.

use crate::access::PartnerId;
use crate::platform::http::Condition;
use crate::platform::text::{folded, shorten};

/// Conditions on the customers of a list; all of those that are set hold. The default lets every customer through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// The company name begins so, folded.
    pub name_begins: Option<String>,
    /// The domain begins so, folded.
    pub domain_begins: Option<String>,
    /// The company name or the domain holds this, folded.
    pub holds: Option<String>,
    /// Of a provider: those that this reseller serves through it, a partner still or not.
    pub reseller: Option<PartnerId>,
    /// Of a reseller: those that it serves through this provider.
    pub provider: Option<PartnerId>,
}

const EXAMPLE: &str = "A filter here is {\"Field\":\"CompanyName\",\"Value\":\"…\",\"Operator\":\"starts_with\"}, \
                       percent-encoded; Field may also be Domain, IndirectReseller or IndirectCloudSolutionProvider. Two of \
                       them are joined as {\"LeftFilter\":{…},\"RightFilter\":{…},\"Operator\":\"and\"}.";

/// Characters searched for at most: no name or domain is longer.
const MAX_SEARCH: usize = 253;

impl CustomerFilter {
    /// Those that `provider` serves through the caller.
    pub fn of_provider(provider: PartnerId) -> Self {
        Self { provider: Some(provider), ..Self::default() }
    }

    /// Reads the contract's filter of this list (section 1.9), and `search`, which is ours.
    ///
    /// # Errors
    /// A sentence that says what is read here.
    pub fn read(filter: Option<&str>, search: Option<&str>) -> Result<Self, String> {
        let mut read = Self::default();
        if let Some(text) = filter {
            for condition in Condition::read_all(text).map_err(|why| format!("{why} {EXAMPLE}"))? {
                read.add(&condition)?;
            }
        }
        if let Some(search) = search.map(str::trim).filter(|search| !search.is_empty()) {
            if search.chars().count() > MAX_SEARCH {
                return Err(format!("search has more than {MAX_SEARCH} characters. Search for a part of the name."));
            }
            read.holds = Some(folded(search));
        }
        Ok(read)
    }

    /// Whether the caller names another partner.
    pub fn names_a_partner(&self) -> bool {
        self.reseller.is_some() || self.provider.is_some()
    }

    fn add(&mut self, condition: &Condition) -> Result<(), String> {
        let value = condition.value.trim();
        let partner = || {
            let id = value.parse::<PartnerId>();
            id.map_err(|_| format!("\"{}\" is no tenant id of a partner. {EXAMPLE}", shorten(value, 60)))
        };
        let again = match (condition.field.as_str(), condition.operator.as_str()) {
            ("companyname" | "displayname", "startswith") => self.name_begins.replace(folded(value)).is_some(),
            ("domain" | "defaultdomainname", "startswith") => self.domain_begins.replace(folded(value)).is_some(),
            ("indirectreseller", "startswith") => self.reseller.replace(partner()?).is_some(),
            ("indirectcloudsolutionprovider", "startswith") => self.provider.replace(partner()?).is_some(),
            _ => return Err(EXAMPLE.to_owned()),
        };
        if again { Err(format!("The filter names {} twice. {EXAMPLE}", condition.field)) } else { Ok(()) }
    }
}

/// The name and the domain of a customer as lists are searched: one text, so that a search needs one index.
pub fn searched(company_name: &str, domain: &str) -> String {
    // A name is one line, so what is searched for never reaches over the break.
    format!("{}\n{}", folded(company_name), folded(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_takes_the_filters_of_the_contract() {
        let one = |field: &str, value: &str| {
            format!("{{\"Field\":\"{field}\",\"Value\":\"{value}\",\"Operator\":\"starts_with\"}}")
        };
        let read = |field: &str, value: &str| CustomerFilter::read(Some(&one(field, value)), None).ok();
        let id = PartnerId::fresh();
        let named = CustomerFilter { name_begins: Some("fab".to_owned()), ..CustomerFilter::default() };
        assert_eq!(read("CompanyName", " Fab"), Some(named.clone()));
        assert_eq!(read("display_name", "Fab"), Some(named.clone()));
        let domain = CustomerFilter { domain_begins: Some("fab".to_owned()), ..CustomerFilter::default() };
        assert_eq!(read("Domain", "fab"), Some(domain));
        let upper = id.to_string().to_uppercase();
        let reseller = CustomerFilter { reseller: Some(id), ..CustomerFilter::default() };
        assert_eq!(read("IndirectReseller", &upper), Some(reseller));
        assert_eq!(read("indirectCloudSolutionProvider", &upper), Some(CustomerFilter::of_provider(id)));
        assert_eq!(read("IndirectReseller", "6001234"), None);
        assert_eq!(read("Email", "x"), None);
        for wrong in ["", "{}", "[]", "{\"Field\":\"Domain\",\"Value\":\"x\",\"Operator\":\"equals\"}"] {
            assert!(CustomerFilter::read(Some(wrong), None).is_err(), "{wrong}");
        }
        let joined = |left: &str, operator: &str, right: &str| {
            let text = format!("{{\"LeftFilter\":{left},\"RightFilter\":{right},\"Operator\":\"{operator}\"}}");
            CustomerFilter::read(Some(&text), Some(" Umeå "))
        };
        let both = joined(&one("CompanyName", "Fab"), "And", &one("IndirectReseller", &upper)).unwrap();
        assert_eq!(both, CustomerFilter { reseller: Some(id), holds: Some("umeå".to_owned()), ..named });
        for (operator, other) in [("or", "Domain"), ("and", "CompanyName"), ("starts_with", "Domain")] {
            assert!(joined(&one("CompanyName", "Fab"), operator, &one(other, "x")).is_err(), "{operator} {other}");
        }
        assert!(CustomerFilter::read(None, Some(&"x".repeat(254))).is_err());
    }
}
