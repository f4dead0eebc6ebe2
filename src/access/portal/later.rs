//! The answer "later" on the pages behind a link.

use actix_web::Route;
use actix_web::web::{Data, post};

use super::super::guard::Anyone;
use crate::platform::Parts;
use crate::platform::http::Error;
use crate::platform::portal::{KeptLink, Posted, see_other};

/// The route on which a browser forgets a link that it keeps; the link itself stays as it is.
pub fn later(link: KeptLink) -> Route {
    post().to(move |_anyone: Anyone, parts: Data<Parts>, _form: Posted<Vec<(String, String)>>| async move {
        let mut response = see_other("/");
        link.forget(&parts.base, &mut response)?;
        Ok::<_, Error>(response)
    })
}
