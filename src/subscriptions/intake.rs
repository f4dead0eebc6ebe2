//! Files of offers: JSON or CSV becomes offers, and whatever is wrong is said with its place.

use serde_json::Value;

use super::model::catalogue::Offer;
use super::model::imports::{ImportRefused, MAX_OFFERS, OfferFile, OfferFinding, Place};

/// Bytes of a file at most; it is held in memory while it is checked.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Reads a list of offers, or `{"offers": […]}`.
///
/// # Errors
/// [`ImportRefused`] if it is neither. What is wrong with single offers is told together, by the import.
pub fn read_json(bytes: &[u8]) -> Result<OfferFile, ImportRefused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let sent: Value =
        serde_json::from_slice(bytes).map_err(|error| ImportRefused::whole(format!("it is no JSON: {error}.")))?;
    let listed = match sent {
        Value::Array(listed) => Some(listed),
        Value::Object(mut object) if object.len() == 1 => match object.remove("offers") {
            Some(Value::Array(listed)) => Some(listed),
            _ => None,
        },
        _ => None,
    };
    let form = "it is neither a list of offers nor an object with the one property \"offers\" that is a list.";
    let listed = listed.ok_or_else(|| ImportRefused::whole(form))?;
    refuse_length(listed.len())?;
    let mut file = OfferFile::default();
    for (index, sent) in listed.into_iter().enumerate() {
        take(&mut file, Place::Index(index), sent);
    }
    Ok(file.finish())
}

fn refuse_length(length: usize) -> Result<(), ImportRefused> {
    match length {
        0 => Err(ImportRefused::whole("it holds no offer.")),
        1..=MAX_OFFERS => Ok(()),
        _ => Err(ImportRefused::whole(format!("it holds more than {MAX_OFFERS} offers; import it in parts."))),
    }
}

/// Reads one offer, or finds which property is wrong.
fn take(file: &mut OfferFile, place: Place, sent: Value) {
    match serde_path_to_error::deserialize::<_, Offer>(sent) {
        Ok(offer) => file.add(place, offer),
        Err(error) => {
            let property = match error.path().to_string() {
                path if path == "." => String::new(),
                path => path,
            };
            file.findings.push(OfferFinding::new(place, property, format!("{}.", error.into_inner())));
        }
    }
}
