//! REST of partnerships: the list, as the contract shows it; invitations, answers and the removal in files of their own.

mod answers;
mod drafts;
mod invitations;
mod partners;
mod standing_link;

pub use drafts::{DraftView, LINKS, LanguageQuery, LinkDays, MailDraftView, StepView};

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Partnership, PartnershipId};
use crate::access::{Allowed, OrganisationKind, PartnerId, ReadPartnerships, Scope};
use crate::companies::{CompanyProfile, Search};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Outcome};
use crate::platform::http::{Collection, Condition, Error, Page, PageQuery, Resource, resource};

/// The routes of this feature.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_partnerships)
        .service(partners::list_partners)
        .service(partners::show_history)
        .service(partners::draft_agreement_reminder)
        .service(invitations::invite)
        .service(invitations::list_invitations)
        .service(invitations::get_invitation)
        .service(invitations::revoke_invitation)
        .service(invitations::send_invitation)
        .service(invitations::mark_sent_outside)
        .service(invitations::resend_invitation)
        .service(standing_link::show_standing_link)
        .service(standing_link::rotate_standing_link)
        .service(standing_link::revoke_standing_link)
        .service(answers::show_asked)
        .service(answers::open)
        .service(answers::accept)
        .service(answers::decline)
        .service(partners::remove);
}

/// A relationship with the other partner, as the contract shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartnerRelationship {
    /// Tenant id of the other partner.
    id: PartnerId,
    name: String,
    relationship_type: &'static str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mpn_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

impl PartnerRelationship {
    pub(super) fn new(id: PartnerId, profile: Option<CompanyProfile>, direction: Direction) -> Resource<Self> {
        let (name, mpn_id, location) = match profile {
            Some(profile) => (profile.name, profile.mpn_id, Some(profile.country)),
            None => (String::new(), None, None),
        };
        let body = Self { id, name, relationship_type: direction.as_str(), state: "Active", mpn_id, location };
        resource("PartnerRelationship", body)
    }
}

/// The direction of a relationship as its caller sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    IsIndirectResellerOf,
    IsIndirectCloudSolutionProviderOf,
}

impl Direction {
    const fn as_str(self) -> &'static str {
        match self {
            Direction::IsIndirectResellerOf => "is_indirect_reseller_of",
            Direction::IsIndirectCloudSolutionProviderOf => "is_indirect_cloud_solution_provider_of",
        }
    }

    /// As clients write it: Pascal or snake case, or the ordinal.
    fn parse(text: &str) -> Option<Self> {
        match text.replace('_', "").to_ascii_lowercase().as_str() {
            "isindirectresellerof" | "0" => Some(Direction::IsIndirectResellerOf),
            "isindirectcloudsolutionproviderof" | "1" => Some(Direction::IsIndirectCloudSolutionProviderOf),
            _ => None,
        }
    }

    fn of(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::Provider => Direction::IsIndirectCloudSolutionProviderOf,
            _ => Direction::IsIndirectResellerOf,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RelationshipQuery {
    /// `IsIndirectCloudSolutionProviderOf` lists a provider's resellers, `IsIndirectResellerOf` a reseller's providers.
    relationship_type: Option<String>,
    /// `{"Field":"Name","Value":"Nor","Operator":"starts_with"}`, percent-encoded.
    filter: Option<String>,
}

/// The active partnerships of one's own company.
#[utoipa::path(tag = "Partnerships", params(RelationshipQuery, PageQuery),
    responses((status = 200, body = Collection<Resource<PartnerRelationship>>)))]
#[get("/v1/relationships")]
async fn list_partnerships(
    me: Allowed<ReadPartnerships>,
    parts: Data<Parts>,
    query: Query<RelationshipQuery>,
    page: Page,
) -> Result<Answer<Collection<Resource<PartnerRelationship>>>, Error> {
    let RelationshipQuery { relationship_type, filter } = query.into_inner();
    let (after, limit) = (page.after_id::<PartnershipId>()?, page.fetch());
    let list = move |read: &mut Read<'_>, me: &Scope| -> Outcome<_, BadRequest> {
        let wanted = relationship_type.as_deref().and_then(Direction::parse).ok_or_else(|| {
            let sentence = "relationship_type must be IsIndirectCloudSolutionProviderOf (a provider's resellers) or \
                            IsIndirectResellerOf (a reseller's providers).";
            BadRequest(sentence.to_owned())
        })?;
        let search = filter.as_deref().map(search_of).transpose()?;
        match wanted == Direction::of(me.kind()) {
            true => Ok((me.partner(), wanted, actions::partnerships(read, me, search.as_ref(), after, limit)?)),
            false => Ok((me.partner(), wanted, Vec::new())),
        }
    };
    let (own, wanted, rows) = me.read(&parts, list).await?;
    let key = |row: &(Partnership, Option<CompanyProfile>)| row.0.id.uuid().into_bytes().to_vec();
    Ok(Answer(Collection::page(rows, &page, key, |(partnership, profile)| {
        PartnerRelationship::new(partnership.other_side(own), profile, wanted)
    })))
}

/// The one filter that the contract has for this list.
fn search_of(filter: &str) -> Result<Search, BadRequest> {
    let example =
        "A filter here is {\"Field\":\"Name\",\"Value\":\"…\",\"Operator\":\"starts_with\"}, percent-encoded.";
    let condition = Condition::read(filter).map_err(|why| BadRequest(format!("{why} {example}")))?;
    match (condition.field.as_str(), condition.operator.as_str()) {
        ("name", "startswith") => Ok(Search::NameBeginsWith(condition.value)),
        _ => Err(BadRequest(example.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_is_read_as_every_client_writes_it() {
        for text in ["IsIndirectResellerOf", "is_indirect_reseller_of", "0", "ISINDIRECTRESELLEROF"] {
            assert_eq!(Direction::parse(text), Some(Direction::IsIndirectResellerOf), "{text}");
        }
        for text in ["IsIndirectCloudSolutionProviderOf", "is_indirect_cloud_solution_provider_of", "1"] {
            assert_eq!(Direction::parse(text), Some(Direction::IsIndirectCloudSolutionProviderOf), "{text}");
        }
        assert_eq!(Direction::parse("none"), None);
    }

    #[test]
    fn the_list_is_filtered_by_the_beginning_of_the_name() {
        let read = |field: &str, operator: &str| {
            search_of(&format!("{{\"Field\":\"{field}\",\"Value\":\"Nor\",\"Operator\":\"{operator}\"}}")).ok()
        };
        let found = Some(Search::NameBeginsWith("Nor".to_owned()));
        assert_eq!(read("Name", "starts_with"), found);
        assert_eq!(read("name", "StartsWith"), found);
        assert_eq!(read("Name", "equals"), None);
        assert_eq!(read("CompanyName", "starts_with"), None);
        assert!(search_of("x").is_err());
    }
}
