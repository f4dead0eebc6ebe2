//! What is found in files, and the errors of devices that follow from it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::words;

words! {
    /// The five errors of a device.
    DeviceError {
        /// No match for manufacturer, model or serial number.
        NotFound = "device_not_found",
        /// The hash is not correctly formatted.
        HashNotValid = "hardware_hash_not_valid",
        /// Registered to this customer already.
        AlreadyRegistered = "device_already_registered",
        /// Another customer has it.
        ClaimedElsewhere = "device_claimed_by_another_organization",
        /// Could not be processed automatically.
        Unexpected = "unexpected_error",
    }
}

impl DeviceError {
    /// The error's name as people read it.
    pub const fn title(self) -> &'static str {
        match self {
            DeviceError::NotFound => "Device not found",
            DeviceError::HashNotValid => "Hardware hash not valid",
            DeviceError::AlreadyRegistered => "Device already registered",
            DeviceError::ClaimedElsewhere => "Device claimed by another organization",
            DeviceError::Unexpected => "Unexpected error",
        }
    }

    /// What to do about it. `support` is whom to contact.
    pub fn advice(self, support: &str) -> String {
        match self {
            DeviceError::NotFound => "Confirm the values with the device supplier.".to_owned(),
            DeviceError::HashNotValid => "Double-check and resubmit.".to_owned(),
            DeviceError::AlreadyRegistered => {
                "No further action: the existing device keeps its state, user and dates.".to_owned()
            }
            DeviceError::ClaimedElsewhere => {
                "Check with the device supplier; removal elsewhere may take hours.".to_owned()
            }
            DeviceError::Unexpected => format!("Contact {support} with the Request ID."),
        }
    }
}

words! {
    /// What a finding is about. The names never change.
    FindingCode {
        /// No data row.
        FileEmpty = "FILE_EMPTY",
        /// A workbook, a PDF, anything that is not text.
        FileNotCsv = "FILE_NOT_CSV",
        /// A guessed code page, or bytes that are no text.
        FileEncoding = "FILE_ENCODING",
        /// Over a limit: rows, columns, characters of a cell, bytes of a record.
        FileTooLarge = "FILE_TOO_LARGE",
        /// The first row looks like data.
        HeaderMissing = "HEADER_MISSING",
        /// No column that names a device.
        HeaderUnknown = "HEADER_UNKNOWN",
        /// An export of registered devices, not a registration file.
        HeaderIsExport = "HEADER_IS_EXPORT",
        /// A heading in another language.
        HeaderTranslated = "HEADER_TRANSLATED",
        /// A column twice.
        HeaderDuplicate = "HEADER_DUPLICATE",
        /// A column that is not used.
        ColumnIgnored = "COLUMN_IGNORED",
        /// A customer's file needs hashes.
        HashColumnMissing = "HASH_COLUMN_MISSING",
        /// More or fewer cells than the heading.
        RowWidth = "ROW_WIDTH",
        /// The heading again.
        RowRepeatedHeader = "ROW_REPEATED_HEADER",
        /// The documentation's sample.
        RowSample = "ROW_SAMPLE",
        /// A cell that holds a control character or is too long.
        CellNotText = "CELL_NOT_TEXT",
        /// Nothing that identifies a device.
        IdMissing = "ID_MISSING",
        /// Part of manufacturer, model, serial number.
        TupleIncomplete = "TUPLE_INCOMPLETE",
        /// A text that firmware shows instead of a serial number.
        SerialPlaceholder = "SERIAL_PLACEHOLDER",
        /// A serial number that a spreadsheet turned into a number.
        SerialNumberFormat = "SERIAL_NUMBER_FORMAT",
        /// A serial number that may have lost its leading zeros.
        SerialLeadingZero = "SERIAL_LEADING_ZERO",
        /// A product id that is not 13 digits.
        PkidFormat = "PKID_FORMAT",
        /// A hash with an illegal character, or a cut group.
        HashBase64 = "HASH_BASE64",
        /// The old hash of 128 bytes.
        HashOld = "HASH_OLD",
        /// Decodes, but is no hardware hash.
        HashMagic = "HASH_MAGIC",
        /// Shorter than it says.
        HashTruncated = "HASH_TRUNCATED",
        /// Its SHA-256 differs.
        HashChecksum = "HASH_CHECKSUM",
        /// Data after its end.
        HashFill = "HASH_FILL",
        /// A field that must be inside is not, or one that is useful.
        HashFields = "HASH_FIELDS",
        /// The column's serial number is another.
        HashSerialMismatch = "HASH_SERIAL_MISMATCH",
        /// The column's manufacturer is another.
        HashMakerMismatch = "HASH_MAKER_MISMATCH",
        /// The column's model is another.
        HashModelMismatch = "HASH_MODEL_MISMATCH",
        /// The column's product id is another.
        HashPkidMismatch = "HASH_PKID_MISMATCH",
        /// The same device twice.
        DupInFile = "DUP_IN_FILE",
        /// Twice but for capitals.
        DupCase = "DUP_CASE",
        /// An assigned user that is no sign-in name of the customer.
        UserFormat = "USER_FORMAT",
        /// A group tag that is long, or has blanks around it.
        TagFormat = "TAG_FORMAT",
        /// No match in the directory.
        DeviceNotFound = "DEVICE_NOT_FOUND",
        /// Registered to this customer.
        DeviceAlreadyRegistered = "DEVICE_ALREADY_REGISTERED",
        /// Registered to another.
        DeviceClaimedElsewhere = "DEVICE_CLAIMED_ELSEWHERE",
        /// The delegation ended before the row was settled.
        RelMissing = "REL_MISSING",
        /// Left out by whoever registered.
        NotChosen = "NOT_CHOSEN",
        /// The registration was voided before the row was settled.
        Voided = "VOIDED",
        /// Given up after several attempts; the log says why.
        Unexpected = "UNEXPECTED",
    }
}

impl FindingCode {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            FindingCode::FileEmpty => "Add one line for each device below the heading.",
            FindingCode::FileNotCsv => {
                "Send a text file: the CSV you were given, or one that a text editor makes from the template."
            }
            FindingCode::FileEncoding => "Save the file as \"CSV UTF-8\", or as UTF-8 in a text editor.",
            FindingCode::FileTooLarge => "Split the file, or close the quote that is open; each part has the heading.",
            FindingCode::HeaderMissing => {
                "Put the heading into the first line, or say which columns a file without one has."
            }
            FindingCode::HeaderUnknown => "Name the columns as the template does.",
            FindingCode::HeaderIsExport => {
                "Take the file from whoever supplied the devices, or capture the hardware hashes."
            }
            FindingCode::HeaderTranslated => "Nothing, if the column was understood; else use the English name.",
            FindingCode::HeaderDuplicate => "Remove one of the two columns.",
            FindingCode::ColumnIgnored => "Nothing, unless you expected it to be read: then check how it is spelled.",
            FindingCode::HashColumnMissing => "Capture the hardware hashes, or ask a partner to register the devices.",
            FindingCode::RowWidth => {
                "Put quotes around a value that holds the delimiter, and give each row all its values."
            }
            FindingCode::RowRepeatedHeader => "Nothing; it comes from merging files.",
            FindingCode::RowSample => "Replace the sample by your own devices, and upload the file again.",
            FindingCode::CellNotText => "Close the quote, remove the control character or shorten the value.",
            FindingCode::IdMissing => "Add what identifies the device, or remove the line.",
            FindingCode::TupleIncomplete => {
                "Give serial, manufacturer and model together, exactly as the firmware has them, or a hardware hash."
            }
            FindingCode::SerialPlaceholder => {
                "Take the serial from the device's label, or ask its maker to write it into the firmware."
            }
            FindingCode::SerialNumberFormat => {
                "Export the file again with the column as text, without opening it in between."
            }
            FindingCode::SerialLeadingZero => {
                "Compare with the device's label; export the file again with the column as text."
            }
            FindingCode::PkidFormat => "Use the 13 digits from the label on the box, or leave the column empty.",
            FindingCode::HashBase64 | FindingCode::HashTruncated => {
                "Copy the whole hash again from the original file; a spreadsheet cuts or changes it."
            }
            FindingCode::HashOld => "Capture the hash again on a supported Windows.",
            FindingCode::HashMagic => "Put the hardware hash into this column: it begins with T0.",
            FindingCode::HashChecksum => "Capture the hash again.",
            FindingCode::HashFill => "Nothing, if the file is the original; else copy the hash again from it.",
            FindingCode::HashFields => "Capture the hash again on the device itself; if it stays so, ask its maker.",
            FindingCode::HashSerialMismatch => {
                "Compare with the original files: did rows or columns move against each other?"
            }
            FindingCode::HashMakerMismatch | FindingCode::HashModelMismatch => {
                "Nothing, as the hash decides; without it, use the firmware's text."
            }
            FindingCode::HashPkidMismatch => "Nothing, as the hash decides; check the label on the box if in doubt.",
            FindingCode::DupInFile => "Remove one of the two lines.",
            FindingCode::DupCase => "Keep the line that equals the firmware's text, and remove the other.",
            FindingCode::UserFormat => "Use the sign-in name, such as name@domain, of a user of this customer.",
            FindingCode::TagFormat => {
                "Write the tag as your rules have it, without blanks around it, in 64 characters."
            }
            FindingCode::DeviceNotFound => "Confirm manufacturer, model and serial number with the device supplier.",
            FindingCode::DeviceAlreadyRegistered => "Nothing: the existing device keeps its state, user and dates.",
            FindingCode::DeviceClaimedElsewhere => "Ask your device supplier, or open a release request.",
            FindingCode::RelMissing => "Ask the customer for a relationship with delegated administration.",
            FindingCode::NotChosen => "Register the row again if it was left out by mistake.",
            FindingCode::Voided => "Upload the file again if the registration was voided by mistake.",
            FindingCode::Unexpected => "Contact support with the Request ID.",
        }
    }

    /// The error a row with this finding shows (design, ruling 16).
    pub const fn error(self) -> DeviceError {
        match self {
            FindingCode::HashBase64
            | FindingCode::HashOld
            | FindingCode::HashMagic
            | FindingCode::HashTruncated
            | FindingCode::HashChecksum
            | FindingCode::HashFill
            | FindingCode::HashFields
            | FindingCode::HashSerialMismatch => DeviceError::HashNotValid,
            FindingCode::IdMissing
            | FindingCode::TupleIncomplete
            | FindingCode::SerialPlaceholder
            | FindingCode::SerialNumberFormat
            | FindingCode::PkidFormat
            | FindingCode::DeviceNotFound => DeviceError::NotFound,
            FindingCode::DeviceAlreadyRegistered => DeviceError::AlreadyRegistered,
            FindingCode::DeviceClaimedElsewhere => DeviceError::ClaimedElsewhere,
            _ => DeviceError::Unexpected,
        }
    }
}

words! {
    /// How grave a finding is.
    Severity {
        /// The row, or the file, is refused.
        Error = "error",
        /// Accepted, with a note.
        Warning = "warning",
    }
}

/// Something found in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The stable code.
    pub code: FindingCode,
    /// How grave.
    pub severity: Severity,
    /// The file, counted from 1 in the order of the upload.
    pub file: u16,
    /// The line, counted from 1 with the heading; absent if the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column's heading as it stands in the file, or its usual name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value, shortened: never a whole hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What it is.
    pub sentence: String,
    /// What to do about it.
    pub remedy: String,
}
