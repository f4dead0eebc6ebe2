//! Files of offers: JSON or CSV becomes offers, and whatever is wrong is said with its place.

use csv::StringRecord;
use serde_json::{Map, Value, json};

use super::model::catalogue::Offer;
use super::model::imports::{ImportRefused, MAX_OFFERS, OfferFile, OfferFinding, Place};
use crate::platform::text::shorten;

/// Bytes of a file at most; it is held in memory while it is checked.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Reads a file of either kind: JSON begins with a bracket, CSV with a heading.
///
/// # Errors
/// [`ImportRefused`] if it is neither. What is wrong with single offers is told together, by the import.
pub fn read_file(bytes: &[u8]) -> Result<OfferFile, ImportRefused> {
    let first = unmarked(bytes).iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'[' | b'{')) { read_json(bytes) } else { read_csv(bytes) }
}

/// The text after the mark that some programs write before it.
fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Reads a list of offers, or `{"offers": […]}`.
///
/// # Errors
/// [`ImportRefused`] if it is neither. What is wrong with single offers is told together, by the import.
pub fn read_json(bytes: &[u8]) -> Result<OfferFile, ImportRefused> {
    let sent: Value = serde_json::from_slice(unmarked(bytes))
        .map_err(|error| ImportRefused::whole(format!("it is no JSON: {error}.")))?;
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
    if listed.len() > MAX_OFFERS {
        return Err(too_many());
    }
    let mut file = OfferFile::default();
    for (index, sent) in listed.into_iter().enumerate() {
        take(&mut file, Place::Index(index), sent);
    }
    finished(file)
}

fn too_many() -> ImportRefused {
    ImportRefused::whole(format!("it holds more than {MAX_OFFERS} offers; import it in parts."))
}

fn finished(file: OfferFile) -> Result<OfferFile, ImportRefused> {
    match file.offers.is_empty() && file.findings.is_empty() {
        true => Err(ImportRefused::whole("it holds no offer.")),
        false => Ok(file.finish()),
    }
}

/// Reads one offer, or finds which property is wrong.
fn take(file: &mut OfferFile, place: Place, sent: Value) {
    let id = sent["id"].as_str().map(str::to_owned);
    match serde_path_to_error::deserialize::<_, Offer>(sent) {
        Ok(offer) => file.add(place, offer),
        Err(error) => {
            let property = match error.path().to_string() {
                path if path == "." => String::new(),
                path => path,
            };
            let reason = shorten(&error.into_inner().to_string(), 300);
            file.findings.push(OfferFinding::new(place, property, format!("{reason}.")));
            file.pass_over(&id.unwrap_or_default());
        }
    }
}

/// How a cell of a column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    YesNo,
    /// Words with `|` between them.
    List,
    /// Service plans: `id=NAME=Display name`, with `|` between them.
    Plans,
}

/// The columns, named as the properties of an offer, and whether a file needs them.
const COLUMNS: [(&str, Form, bool); 19] = [
    ("id", Form::Text, true),
    ("name", Form::Text, true),
    ("description", Form::Text, false),
    ("category", Form::Text, true),
    ("rank", Form::Number, false),
    ("minimumQuantity", Form::Number, true),
    ("maximumQuantity", Form::Number, true),
    ("unitType", Form::Text, true),
    ("terms", Form::List, true),
    ("billingCycles", Form::List, true),
    ("isAddOn", Form::YesNo, false),
    ("prerequisiteOffers", Form::List, false),
    ("upgradeTargetOffers", Form::List, false),
    ("isTrial", Form::YesNo, false),
    ("isAutoRenewable", Form::YesNo, true),
    ("earnsIncentives", Form::YesNo, true),
    ("servicePlans", Form::Plans, false),
    ("countries", Form::List, false),
    ("isAvailable", Form::YesNo, true),
];

/// Reads a CSV file whose columns are named as the properties of an offer.
///
/// # Errors
/// [`ImportRefused`] if it is no text or its heading is none. What is wrong with single lines is told together, by the
/// import.
pub fn read_csv(bytes: &[u8]) -> Result<OfferFile, ImportRefused> {
    let text = std::str::from_utf8(unmarked(bytes))
        .map_err(|_| ImportRefused::whole("it is not UTF-8 text; save it as \"CSV UTF-8\"."))?;
    // With one kind of line end the reader's count of lines is that of every editor.
    let text = text.replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter_of(&text))
        .from_reader(text.as_bytes());
    let mut columns: Option<Vec<(&'static str, Form)>> = None;
    let mut file = OfferFile::default();
    for record in reader.records() {
        let record = record.map_err(|error| ImportRefused::whole(format!("it cannot be read as CSV: {error}.")))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Some(columns_of(&record)?);
            continue;
        };
        if file.offers.len() + file.unread.len() == MAX_OFFERS {
            return Err(too_many());
        }
        let place = Place::Line(line_of(&text, &record));
        if let Some(sent) = offer_in(&record, columns, place, &mut file) {
            take(&mut file, place, sent);
        }
    }
    if columns.is_none() {
        return Err(ImportRefused::whole("it holds nothing."));
    }
    finished(file)
}

/// Comma, semicolon or tabulator: whichever stands most often in the heading.
fn delimiter_of(text: &str) -> u8 {
    let heading = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| heading.bytes().filter(|b| *b == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// The line on which a record begins: the reader leaves blank lines before it to it.
fn line_of(text: &str, record: &StringRecord) -> u32 {
    let Some(position) = record.position() else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = text.as_bytes().get(start..).unwrap_or_default().iter().take_while(|b| **b == b'\n').count();
    u32::try_from(position.line()).unwrap_or(u32::MAX).saturating_add(u32::try_from(blank).unwrap_or(u32::MAX))
}

fn columns_of(heading: &StringRecord) -> Result<Vec<(&'static str, Form)>, ImportRefused> {
    let mut findings = Vec::new();
    let mut wrong = |reason: String| findings.push(OfferFinding::new(Place::File, "", reason));
    let mut columns: Vec<(&'static str, Form)> = Vec::with_capacity(heading.len());
    for cell in heading {
        let named = cell.trim();
        match COLUMNS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(named)) {
            None => wrong(format!("the column \"{}\" is no property of an offer; remove it.", shorten(named, 40))),
            Some((name, ..)) if columns.iter().any(|(other, _)| other == name) => {
                wrong(format!("the column \"{name}\" stands twice; remove one."));
            }
            Some((name, form, _)) => columns.push((name, *form)),
        }
        // A file of something else has no more to say.
        if columns.len() > COLUMNS.len() {
            break;
        }
    }
    for (name, _, needed) in COLUMNS {
        if needed && !columns.iter().any(|(found, _)| *found == name) {
            wrong(format!("the column \"{name}\" is missing; every offer needs it."));
        }
    }
    if findings.is_empty() { Ok(columns) } else { Err(ImportRefused { findings }) }
}

/// The offer on a line, as JSON has it. An empty cell is a property that was left out.
fn offer_in(
    record: &StringRecord,
    columns: &[(&'static str, Form)],
    place: Place,
    file: &mut OfferFile,
) -> Option<Value> {
    if record.len() != columns.len() {
        let reason = format!(
            "it has {} values, the heading {}: quote a value that holds the delimiter.",
            record.len(),
            columns.len()
        );
        file.findings.push(OfferFinding::new(place, "", reason));
        file.pass_over("");
        return None;
    }
    let mut offer = Map::new();
    let before = file.findings.len();
    for ((name, form), cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match value_of(cell, *form) {
            Ok(value) => drop(offer.insert((*name).to_owned(), value)),
            Err(reason) => file.findings.push(OfferFinding::new(place, *name, reason)),
        }
    }
    if file.findings.len() > before {
        file.pass_over(offer.get("id").and_then(Value::as_str).unwrap_or_default());
        return None;
    }
    Some(Value::Object(offer))
}

fn value_of(cell: &str, form: Form) -> Result<Value, String> {
    let parts = || cell.split('|').map(str::trim).filter(|part| !part.is_empty());
    let shown = shorten(cell, 60);
    match form {
        Form::Text => Ok(json!(cell)),
        Form::Number => {
            cell.parse::<i32>().map(|number| json!(number)).map_err(|_| format!("\"{shown}\" is no whole number."))
        }
        Form::YesNo => match cell.to_ascii_lowercase().as_str() {
            "true" => Ok(json!(true)),
            "false" => Ok(json!(false)),
            _ => Err(format!("\"{shown}\" is neither true nor false.")),
        },
        Form::List => Ok(parts().collect()),
        Form::Plans => parts().map(plan_of).collect(),
    }
}

fn plan_of(part: &str) -> Result<Value, String> {
    let mut words = part.splitn(3, '=').map(str::trim);
    match (words.next(), words.next(), words.next()) {
        (Some(id), Some(name), Some(shown)) => Ok(json!({ "id": id, "name": name, "displayName": shown })),
        _ => Err(format!("\"{}\" is no service plan: write id=NAME=Display name.", shorten(part, 60))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "id,name,category,minimumQuantity,maximumQuantity,unitType,terms,billingCycles,isAutoRenewable,\
                           earnsIncentives,isAvailable";

    /// What is wrong with lines under the heading.
    fn told(lines: &str) -> Vec<String> {
        let findings = match read_csv(format!("{HEADING}\n{lines}").as_bytes()) {
            Ok(file) => file.findings,
            Err(refused) => refused.findings,
        };
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_csv_file_is_read_as_the_same_offers_as_json() {
        let csv = "\u{feff}ID;Name;description;category;rank;minimumQuantity;maximumQuantity;unitType;terms;billingCycles;\
                   isAddOn;prerequisiteOffers;upgradeTargetOffers;isTrial;isAutoRenewable;earnsIncentives;servicePlans;\
                   countries;isAvailable\r\n\r\n\
                   A;Suite;\"Mail; and\r\nmore\";Office;3;1;300;Licenses;P1Y | P1M;monthly|annual;TRUE;B|C;;false;true;\
                   false;0b000000-0000-4000-8000-000000000001=MAIL_S=Mail = more;de|SE;true\r\n";
        let json = json!([{
            "id": "A", "name": "Suite", "description": "Mail; and\nmore", "category": "Office", "rank": 3,
            "minimumQuantity": 1, "maximumQuantity": 300, "unitType": "Licenses", "terms": ["P1Y", "P1M"],
            "billingCycles": ["monthly", "annual"], "isAddOn": true, "prerequisiteOffers": ["B", "C"],
            "isTrial": false, "isAutoRenewable": true, "earnsIncentives": false, "countries": ["DE", "SE"],
            "servicePlans": [
                { "id": "0b000000-0000-4000-8000-000000000001", "name": "MAIL_S", "displayName": "Mail = more" }
            ],
            "isAvailable": true,
        }]);
        let (from_csv, from_json) =
            (read_file(csv.as_bytes()).unwrap(), read_file(json.to_string().as_bytes()).unwrap());
        assert_eq!((from_csv.findings, from_json.findings), (vec![], vec![]));
        assert_eq!(from_csv.offers[0].1, from_json.offers[0].1);
        assert_eq!((from_csv.offers[0].0, from_json.offers[0].0), (Place::Line(3), Place::Index(0)));
    }

    #[test]
    fn every_wrong_cell_is_named_by_its_line_and_column() {
        assert_eq!(
            told(
                "A,Suite,Office,one,300,Licenses,P1Y,monthly,maybe,true,true\n\n\nB,Suite,Office,1,300,Seats,P1Y,monthly,true,true,true\nC,Suite"
            ),
            [
                "Line 2, minimumQuantity: \"one\" is no whole number.",
                "Line 2, isAutoRenewable: \"maybe\" is neither true nor false.",
                "Line 5, unitType: unknown variant `Seats`, expected one of `Licenses`, `Usage-based`, `none`.",
                "Line 6: it has 2 values, the heading 11: quote a value that holds the delimiter.",
            ]
        );
        assert_eq!(told(",Suite,Office,1,300,Licenses,P1Y,monthly,true,true,true"), ["Line 2: missing field `id`."]);
        assert_eq!(told("\n"), ["The file: it holds no offer."]);
    }

    #[test]
    fn a_file_of_something_else_is_refused_as_a_whole() {
        let told = |bytes: &[u8]| read_file(bytes).unwrap_err().to_string();
        assert!(told(b"").contains("holds nothing"), "{}", told(b""));
        assert!(told(b"[]").contains("no offer"));
        assert!(told(b"{\"offers\": 1}").contains("neither a list"));
        assert!(told(b"[1").contains("no JSON"));
        assert!(told(b"\xff\xfeI\0D\0").contains("UTF-8"));
        let columns = told(b"Manufacturer,Model,id,ID\na,b,c,d\n");
        assert!(columns.contains("\"Manufacturer\"") && columns.contains("more findings"), "{columns}");
    }
}
