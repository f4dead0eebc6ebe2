//! REST of the end of a relationship with a customer, and of its administration.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, patch};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, CustomerId, EndCustomerRelationships};
use crate::customers::CustomerReference;
use crate::delegation;
use crate::platform::Parts;
use crate::platform::error::{Failure, Outcome, codes};
use crate::platform::http::{Error, Lenient, Reply, resource};
use crate::platform::text::shorten;
use crate::subscriptions::actions::endings as actions;
use crate::subscriptions::model::endings::EndRelationshipError;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(change_customer);
}

/// What of a customer can be ended; clients send the rest of it too, nulls and all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerChange {
    /// `none` ends the relationship. `unknown`, null and what it already is change nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    relationship_to_partner: Option<Value>,
    /// `false` ends delegated administration alone. Null changes nothing.
    allow_delegated_access: Option<bool>,
}

/// The contract's word for a relationship, or its place in the list that .NET counts from 0.
fn word(value: &Value) -> Result<Option<&'static str>, Error> {
    const WORDS: [&str; 6] = ["unknown", "reseller", "advisor", "syndication", "microsoft_support", "none"];
    let found = match value {
        Value::Null => return Ok(None),
        Value::String(text) => {
            let plain = |word: &str| word.replace('_', "").to_ascii_lowercase();
            WORDS.iter().find(|word| plain(word) == plain(text))
        }
        Value::Number(number) => {
            let place = number.as_u64().and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| WORDS.get(place))
        }
        _ => None,
    };
    let shown = shorten(&value.to_string(), 40);
    let sentence = format!("relationshipToPartner is {shown}; only none changes anything here.");
    found.map(|word| Some(*word)).ok_or_else(|| Error::plain(codes::BAD_REQUEST, sentence))
}

/// What is left.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EndedView {
    id: CustomerId,
    relationship_to_partner: &'static str,
    allow_delegated_access: bool,
}

/// End one's own relationship with a customer, once none of its subscriptions is active, or its delegated administration
/// alone.
#[utoipa::path(tag = "Customers", params(("customer", description = "Tenant id or domain")), request_body = CustomerChange,
    responses((status = 200, body = Object)))]
#[patch("/v1/customers/{customer}")]
async fn change_customer(
    me: Allowed<EndCustomerRelationships>,
    parts: Data<Parts>,
    customer: Path<String>,
    body: Lenient<CustomerChange>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let CustomerChange { relationship_to_partner, allow_delegated_access } = body.0;
    let relationship = word(&relationship_to_partner.unwrap_or_default())?;
    let reference = CustomerReference::new(&customer);
    me.write(&parts, move |tx, me| -> Outcome<Reply, EndRelationshipError> {
        let left = if relationship == Some("none") {
            let id = actions::end_relationship(tx, me, &reference, now)?;
            EndedView { id, relationship_to_partner: "none", allow_delegated_access: false }
        } else if allow_delegated_access == Some(false) {
            let id = delegation::give_up_administration(tx, me, &reference, now).map_err(Failure::widen)?;
            EndedView { id, relationship_to_partner: "reseller", allow_delegated_access: false }
        } else {
            let found = delegation::customer(tx, me, &reference, now).map_err(Failure::widen)?;
            let allow_delegated_access = found.delegated;
            EndedView { id: found.record.id, relationship_to_partner: "reseller", allow_delegated_access }
        };
        Ok(Reply::ok(&resource("Customer", left)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_none_is_the_end_however_clients_write_it() {
        for (sent, read) in [
            (json!(null), None),
            (json!("none"), Some("none")),
            (json!("None"), Some("none")),
            (json!(5), Some("none")),
            (json!("unknown"), Some("unknown")),
            (json!(0), Some("unknown")),
            (json!("MicrosoftSupport"), Some("microsoft_support")),
        ] {
            assert_eq!(word(&sent).ok(), Some(read), "{sent}");
        }
        for wrong in [json!("gone"), json!(6), json!(-1), json!({}), json!("")] {
            assert!(word(&wrong).is_err(), "{wrong}");
        }
    }
}
