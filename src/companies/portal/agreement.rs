//! The page on which a partner reads and signs the Microsoft Partner Agreement.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::access::{Barred, Onlooker, ReadAgreements, SignAgreement, Visitor};
use crate::companies::actions::{self, agreements};
use crate::companies::model::MpaVersion;
use crate::companies::texts::AgreementTexts;
use crate::platform::Parts;
use crate::platform::error::Sure;
use crate::platform::http::Error;
use crate::platform::portal::{Frame, Posted, fill, see_other};

#[derive(Template)]
#[template(path = "companies/templates/agreement_page.html")]
struct AgreementPage {
    frame: Frame,
    text: &'static AgreementTexts,
    in_force: Option<MpaVersion>,
    /// Says since when it is signed.
    signed: Option<String>,
    /// Whether the person may sign.
    signs: bool,
    company: String,
}

impl AgreementPage {
    fn for_company(&self, text: &str) -> String {
        fill(text, &[("company", &self.company)])
    }
}

pub(super) async fn show(parts: Data<Parts>, visitor: Visitor) -> Result<HttpResponse, Error> {
    let now = parts.clock.now();
    let Onlooker { frame, .. } = visitor.onlooker(&parts).await?;
    let read = visitor
        .read::<ReadAgreements, _, _, _>(&parts, move |read, me| -> Sure<_> {
            let (in_force, signature) = agreements::standing(read, me, now)?;
            let company = actions::profiles(read, &[me.partner()])?.remove(&me.partner());
            let company = company.map(|company| company.name).unwrap_or_default();
            Ok((in_force, signature.map(|signature| signature.signed_at), me.holds::<SignAgreement>(), company))
        })
        .await;
    let (in_force, signed_at, signs, company) = match read {
        Ok(found) => found,
        Err(Barred::NobodySignedIn) => return Ok(see_other("/sign-in")),
        Err(barred) => return Err(barred.into()),
    };
    let text = AgreementTexts::of(visitor.visit().language());
    let signed = signed_at.map(|at| fill(text.signed, &[("company", &company), ("since", &at.readable())]));
    visitor.visit().page(&AgreementPage { frame, text, in_force, signed, signs, company })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Signing {
    version: String,
}

/// Signs the version that the page showed. If another is in force meanwhile, or the role does not allow it, nothing is signed,
/// and the page shows how things stand.
pub(super) async fn sign(parts: Data<Parts>, visitor: Visitor, form: Posted<Signing>) -> Result<HttpResponse, Error> {
    let (now, version) = (parts.clock.now(), form.0.version);
    let signed = visitor
        .write::<SignAgreement, _, _, _>(&parts, move |tx, me| {
            agreements::sign_agreement(tx, me, Some(&version), now).map(|_| ())
        })
        .await;
    match signed {
        Ok(()) | Err(Barred::NotAllowed(_) | Barred::Refused(_)) => Ok(see_other("/agreement")),
        Err(Barred::NobodySignedIn) => Ok(see_other("/sign-in")),
        Err(barred) => Err(barred.into()),
    }
}
