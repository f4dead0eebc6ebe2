//! REST of the partner agreement.

use actix_web::web::{Data, Json as Answer};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::{Allowed, ReadAgreementVersions, ReadAgreements, RunTheCentre, Scope, SignAgreement, UserId};
use crate::companies::actions::agreements as actions;
use crate::companies::model::{MpaVersion, Signature, SignatureId};
use crate::platform::Parts;
use crate::platform::clock::Timestamp;
use crate::platform::db::Read;
use crate::platform::error::{BadRequest, Outcome, Sure};
use crate::platform::http::{Collection, Error, Json, Page, PageQuery, Reply};
use crate::platform::text::{Line, shorten};

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(publish_agreement).service(list_versions).service(sign_agreement).service(list_signatures);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewVersion {
    /// Its name, such as `2026-10`.
    version: Line<40>,
    title: Line<200>,
    /// Where the text can be read.
    document_url: Line<1000>,
    /// From when it asks for signatures (RFC 3339), at most two years ahead; now if absent.
    #[schema(format = DateTime)]
    effective_at: Option<String>,
}

/// Publish a version of the Microsoft Partner Agreement. From its date it is in force and asks everybody for a signature.
#[utoipa::path(tag = "Companies", request_body = NewVersion, responses((status = 201, body = AgreementView)))]
#[post("/v1/agreements/mpa/versions")]
async fn publish_agreement(
    me: Allowed<RunTheCentre>,
    parts: Data<Parts>,
    body: Json<NewVersion>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let NewVersion { version, title, document_url, effective_at } = body.0;
    let effective_at = effective_at.as_deref().map(moment).transpose()?;
    let version = MpaVersion {
        version: version.into(),
        title: title.into(),
        document_url: document_url.into(),
        effective_at: effective_at.unwrap_or(now),
    };
    me.write(&parts, move |tx, me| {
        let published = actions::publish_agreement(tx, me, &version, effective_at, now);
        published.map(|published| Reply::created(&AgreementView::from(published)))
    })
    .await
}

fn moment(text: &str) -> Result<Timestamp, BadRequest> {
    let read = DateTime::parse_from_rfc3339(text.trim());
    read.map(|moment| Timestamp::from_chrono(moment.with_timezone(&Utc))).map_err(|_| {
        let text = shorten(text, 40);
        BadRequest(format!("effectiveAt \"{text}\" is no moment such as 2027-01-01T00:00:00Z."))
    })
}

/// A version of the agreement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgreementView {
    version: String,
    title: String,
    document_url: String,
    #[schema(value_type = String, format = DateTime)]
    effective_at: Timestamp,
}

impl From<MpaVersion> for AgreementView {
    fn from(version: MpaVersion) -> Self {
        let MpaVersion { version, title, document_url, effective_at } = version;
        Self { version, title, document_url, effective_at }
    }
}

/// The published versions of the agreement, in the order in which they come into force.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Collection<AgreementView>)))]
#[get("/v1/agreements/mpa/versions")]
async fn list_versions(
    me: Allowed<ReadAgreementVersions>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Collection<AgreementView>>, Error> {
    let (after, limit) = (page.after.clone(), page.fetch());
    let list = move |read: &mut Read<'_>, _: &Scope| -> Outcome<_, BadRequest> {
        let after = after.as_deref().map(place).transpose()?;
        Ok(actions::versions(read, after.as_ref(), limit)?)
    };
    let rows = me.read(&parts, list).await?;
    let key = |row: &MpaVersion| [&row.effective_at.micros().to_be_bytes(), row.version.as_bytes()].concat();
    Ok(Answer(Collection::page(rows, &page, key, AgreementView::from)))
}

/// The end of the year 9999, in microseconds: what lies beyond, not every database can compare.
const LAST: i64 = 253_402_300_799_999_999;

/// The date and the name in a continuation token of this list.
fn place(token: &[u8]) -> Result<(Timestamp, String), BadRequest> {
    let read = token.split_first_chunk::<8>().and_then(|(date, name)| {
        let date = Some(i64::from_be_bytes(*date)).filter(|date| (0..=LAST).contains(date))?;
        let name = String::from_utf8(name.to_vec()).ok().filter(|name| !name.contains(char::is_control))?;
        Some((Timestamp::from_micros(date), name))
    });
    let sentence = "The continuation token is not one that this list gave. Start again without it.";
    read.ok_or_else(|| BadRequest(sentence.to_owned()))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignatureRequest {
    /// The version its signer has read: the one in force, or one announced. Absent, the one in force.
    version: Option<Line<40>>,
}

/// A signature of one's own company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SignatureView {
    id: SignatureId,
    version: String,
    /// The user who signed.
    signed_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    signed_at: Timestamp,
}

impl From<Signature> for SignatureView {
    fn from(Signature { id, version, user, signed_at }: Signature) -> Self {
        Self { id, version, signed_by: user, signed_at }
    }
}

/// Sign the agreement in force for one's own company, or an announced version by naming it.
#[utoipa::path(tag = "Companies", request_body = SignatureRequest, responses((status = 201, body = SignatureView)))]
#[post("/v1/agreements/mpa/signatures")]
async fn sign_agreement(
    me: Allowed<SignAgreement>,
    parts: Data<Parts>,
    body: Json<SignatureRequest>,
) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let named = body.0.version.map(String::from);
    me.write(&parts, move |tx, me| {
        let signed = actions::sign_agreement(tx, me, named.as_deref(), now);
        signed.map(|signature| Reply::created(&SignatureView::from(signature)))
    })
    .await
}

/// What one's own company has signed, and what it is asked to sign.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Signatures {
    /// The agreement in force, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<AgreementView>,
    #[serde(flatten)]
    signatures: Collection<SignatureView>,
}

/// The agreement in force, and the signatures of one's own company.
#[utoipa::path(tag = "Companies", params(PageQuery), responses((status = 200, body = Signatures)))]
#[get("/v1/agreements/mpa/signatures")]
async fn list_signatures(
    me: Allowed<ReadAgreements>,
    parts: Data<Parts>,
    page: Page,
) -> Result<Answer<Signatures>, Error> {
    let (after, limit, now) = (page.after_id()?, page.fetch(), parts.clock.now());
    let list =
        move |read: &mut Read<'_>, me: &Scope| -> Sure<_> { Ok(actions::signatures(read, me, after, limit, now)?) };
    let (in_force, rows) = me.read(&parts, list).await?;
    let signatures = Collection::page(rows, &page, |row| row.id.uuid().into_bytes().to_vec(), SignatureView::from);
    Ok(Answer(Signatures { in_force: in_force.map(AgreementView::from), signatures }))
}
