//! REST of what partners find out of each other by MPN ID.

use actix_web::get;
use actix_web::web::{Data, Json as Answer, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::links;
use crate::access::{Allowed, PartnerId, ReadProfiles, Scope};
use crate::companies::actions::network as actions;
use crate::companies::model::{AgreementQuestion, AgreementStatusError, Regions};
use crate::platform::Parts;
use crate::platform::db::Read;
use crate::platform::error::{Outcome, Sure};
use crate::platform::http::{Collection, Error, Resource, resource};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(mpn_profile).service(agreement_status).service(external_keys);
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct MpnQuery {
    /// The MPN ID to verify; one's own profile if absent or empty.
    mpn_id: Option<String>,
}

/// Whose an MPN ID is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MpnProfileView {
    partner_name: String,
    mpn_id: String,
    profile_type: &'static str,
    #[schema(value_type = Object)]
    links: Value,
}

/// Verify the MPN ID of a partner, or see one's own.
#[utoipa::path(tag = "Companies", params(MpnQuery), responses((status = 200, body = Resource<MpnProfileView>)))]
#[get("/v1/profiles/mpn")]
async fn mpn_profile(
    me: Allowed<ReadProfiles>,
    parts: Data<Parts>,
    query: Query<MpnQuery>,
) -> Result<Answer<Resource<MpnProfileView>>, Error> {
    let asked = query.into_inner().mpn_id;
    let found = me.read(&parts, move |read, me| actions::mpn_profile(read, me, asked.as_deref())).await?;
    let view = MpnProfileView {
        partner_name: found.partner_name,
        mpn_id: found.mpn_id,
        profile_type: "MpnProfile",
        links: links("/profiles/mpn"),
    };
    Ok(Answer(resource("MpnProfile", view)))
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct StatusQuery {
    /// The MPN ID of the reseller, global or of a location. Either this or the next; an empty one counts as absent.
    mpn_id: Option<String>,
    /// The tenant id of the partner.
    tenant_id: Option<String>,
}

/// That a partner has signed the agreement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatusView {
    is_agreement_signed: bool,
}

/// Whether a partner has signed the Microsoft Partner Agreement in force.
#[utoipa::path(tag = "Companies", params(StatusQuery), responses((status = 200, body = StatusView)))]
#[get("/v1/compliance/csp/agreementstatus")]
async fn agreement_status(
    me: Allowed<ReadProfiles>,
    parts: Data<Parts>,
    regions: Data<Regions>,
    query: Query<StatusQuery>,
) -> Result<Answer<StatusView>, Error> {
    let (now, StatusQuery { mpn_id, tenant_id }) = (parts.clock.now(), query.into_inner());
    let ask = move |read: &mut Read<'_>, me: &Scope| -> Outcome<(), AgreementStatusError> {
        me.require_user().map_err(AgreementStatusError::from)?;
        let question = AgreementQuestion::read(mpn_id.as_deref(), tenant_id.as_deref())?;
        actions::agreement_signed(read, me, &question, &regions, now)
    };
    me.read(&parts, ask).await?;
    Ok(Answer(StatusView { is_agreement_signed: true }))
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct KeyQuery {
    /// Tenant ids, separated by commas; those beyond the first hundred are not looked up.
    account_ids: Option<String>,
    /// `mpnId`.
    key_type: Option<String>,
}

/// A number by which an account is known elsewhere.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ExternalKey {
    account_id: PartnerId,
    key_type: &'static str,
    key_value: String,
}

const MPN_ID: &str = "mpnId";

/// Tenant ids looked up in one call at most.
const MAX_ACCOUNTS: usize = 100;

/// The MPN IDs of partners, by tenant id. Of what is unknown, nothing is listed.
#[utoipa::path(tag = "Companies", params(KeyQuery), responses((status = 200, body = Collection<ExternalKey>)))]
#[get("/accountenrollments/v1/accountexternalresourcekeys")]
async fn external_keys(
    me: Allowed<ReadProfiles>,
    parts: Data<Parts>,
    query: Query<KeyQuery>,
) -> Result<Answer<Collection<ExternalKey>>, Error> {
    let KeyQuery { account_ids, key_type } = query.into_inner();
    let ids = account_ids.unwrap_or_default();
    let asked = key_type.is_some_and(|asked| asked.eq_ignore_ascii_case(MPN_ID));
    let tenants: Vec<PartnerId> = match asked {
        true => ids.split(',').take(MAX_ACCOUNTS).filter_map(|id| id.trim().parse().ok()).collect(),
        false => Vec::new(),
    };
    let wanted = tenants.clone();
    let look = move |read: &mut Read<'_>, _: &Scope| -> Sure<_> { Ok(actions::verified_profiles(read, &wanted)?) };
    let mut found = me.read(&parts, look).await?;
    let key = |id: PartnerId| {
        let key_value = found.remove(&id)?.mpn_id?;
        Some(ExternalKey { account_id: id, key_type: MPN_ID, key_value })
    };
    let keys = tenants.into_iter().filter_map(key).collect();
    Ok(Answer(Collection::whole("/accountexternalresourcekeys", keys)))
}
