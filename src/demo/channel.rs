//! The people and companies of the demo, all invented.

use serde_json::{Value, json};

/// A partner and its first admin.
pub struct Company {
    /// Its name.
    pub name: &'static str,
    /// Its country.
    pub country: &'static str,
    /// Its domain.
    pub domain: &'static str,
    /// What it sells.
    pub description: &'static str,
    /// The MPN ID of its global account; empty for a provider.
    pub global: &'static str,
    /// The MPN ID of the location it onboards with.
    pub location: &'static str,
    /// Its admin's name.
    pub admin: &'static str,
    /// Its admin's mailbox.
    pub email: &'static str,
}

/// Two distributors.
pub const PROVIDERS: [Company; 2] = [
    Company {
        name: "Northwind Distribution",
        country: "SE",
        domain: "northwind.example",
        description: "Cloud licences and devices for the Nordic channel",
        global: "",
        location: "4100017",
        admin: "Nora Nyström",
        email: "nora@northwind.example",
    },
    Company {
        name: "Trey Supply",
        country: "NL",
        domain: "trey.example",
        description: "Cloud licences for public administrations",
        global: "",
        location: "4200023",
        admin: "Teun de Wit",
        email: "teun@trey.example",
    },
];

/// Three resellers.
pub const RESELLERS: [Company; 3] = [
    Company {
        name: "Norrsken IT",
        country: "SE",
        domain: "norrsken.example",
        description: "",
        global: "6001200",
        location: "6001234",
        admin: "Arvid Ask",
        email: "arvid@norrsken.example",
    },
    Company {
        name: "Adatum Services",
        country: "SE",
        domain: "adatum.example",
        description: "",
        global: "6002200",
        location: "6002234",
        admin: "Ada Tumlund",
        email: "ada@adatum.example",
    },
    Company {
        name: "Lamna Systems",
        country: "DK",
        domain: "lamna.example",
        description: "",
        global: "6003200",
        location: "6003234",
        admin: "Lars Mann",
        email: "lars@lamna.example",
    },
];

/// The operator's mailbox.
pub const OPERATOR: &str = "olga@operator.example";

/// The one password of the demo's accounts.
pub const PASSWORD: &str = "demo-password-2026";

impl Company {
    /// The body that lists it as a provider.
    pub fn as_provider(&self) -> Value {
        json!({
            "name": self.name, "country": self.country, "domain": self.domain, "contactEmail": self.email,
            "description": self.description, "mpnId": self.location,
            "admin": { "email": self.email, "displayName": self.admin },
        })
    }

    /// The body that enrols it as a reseller.
    pub fn as_enrollment(&self) -> Value {
        json!({
            "companyName": self.name, "country": self.country, "domain": self.domain,
            "mpnIds": { "global": self.global, "locations": [self.location], "onboarding": self.location },
            "admin": { "email": self.email, "displayName": self.admin },
        })
    }
}

/// The body that creates a customer, for `reseller` if one is named.
pub fn customer(name: &str, domain: &str, reseller: Option<&str>) -> Value {
    let mut body = json!({
        "companyProfile": { "domain": domain, "companyName": name },
        "billingProfile": {
            "email": format!("billing@{domain}"), "culture": "sv-SE", "language": "sv", "companyName": name,
            "defaultAddress": {
                "country": "SE", "city": "Umeå", "postalCode": "903 25", "addressLine1": "Storgatan 1",
                "firstName": "Frida", "lastName": "Fors", "phoneNumber": "+46901234567",
            },
        },
    });
    if let Some(reseller) = reseller {
        body["associatedPartnerId"] = json!(reseller);
    }
    body
}
