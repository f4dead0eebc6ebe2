//! The names that columns go by, and the formats that are known by theirs.

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Manufacturer,
    Model,
    SerialNumber,
    ProductId,
    HardwareHash,
    GroupTag,
    AssignedUser,
}

impl Column {
    pub(super) const ALL: [Column; 7] = [
        Column::Manufacturer,
        Column::Model,
        Column::SerialNumber,
        Column::ProductId,
        Column::HardwareHash,
        Column::GroupTag,
        Column::AssignedUser,
    ];

    /// Its usual name.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Column::Manufacturer => "Manufacturer",
            Column::Model => "Model",
            Column::SerialNumber => "Serial Number",
            Column::ProductId => "Windows Product ID",
            Column::HardwareHash => "Hardware Hash",
            Column::GroupTag => "Group Tag",
            Column::AssignedUser => "Assigned User",
        }
    }

    /// Whether suppliers' manifests have it.
    pub(super) const fn is_in_manifests(self) -> bool {
        matches!(self, Column::Manufacturer | Column::Model | Column::SerialNumber | Column::ProductId)
    }
}

/// The names in English, as [`key`] gives them.
const ALIASES: &[(&str, Column)] = &[
    ("manufacturer", Column::Manufacturer),
    ("manufacturername", Column::Manufacturer),
    ("devicemanufacturer", Column::Manufacturer),
    ("oemmanufacturername", Column::Manufacturer),
    ("model", Column::Model),
    ("modelname", Column::Model),
    ("devicemodel", Column::Model),
    ("serialnumber", Column::SerialNumber),
    ("deviceserialnumber", Column::SerialNumber),
    ("windowsproductid", Column::ProductId),
    ("productid", Column::ProductId),
    ("productkey", Column::ProductId),
    ("pkid", Column::ProductId),
    ("hardwarehash", Column::HardwareHash),
    ("devicehardwarehash", Column::HardwareHash),
    ("grouptag", Column::GroupTag),
    ("assigneduser", Column::AssignedUser),
];

/// The same in German, Spanish, French, Dutch and Swedish, as translated documentation prints them.
const TRANSLATIONS: &[(&str, Column)] = &[
    ("hersteller", Column::Manufacturer),
    ("herstellername", Column::Manufacturer),
    ("modell", Column::Model),
    ("gerätemodell", Column::Model),
    ("seriennummer", Column::SerialNumber),
    ("geräteseriennummer", Column::SerialNumber),
    ("seriennummerdesgeräts", Column::SerialNumber),
    ("windowsproduktid", Column::ProductId),
    ("produktid", Column::ProductId),
    ("hardwarehashwert", Column::HardwareHash),
    ("gruppentag", Column::GroupTag),
    ("gruppenkennung", Column::GroupTag),
    ("gruppenkennzeichen", Column::GroupTag),
    ("zugewiesenerbenutzer", Column::AssignedUser),
    ("fabricante", Column::Manufacturer),
    ("nombredelfabricante", Column::Manufacturer),
    ("modelo", Column::Model),
    ("modelodedispositivo", Column::Model),
    ("modelodeldispositivo", Column::Model),
    ("númerodeserie", Column::SerialNumber),
    ("numerodeserie", Column::SerialNumber),
    ("númerodeseriedeldispositivo", Column::SerialNumber),
    ("númerodeseriededispositivo", Column::SerialNumber),
    ("iddeproductodewindows", Column::ProductId),
    ("iddelproductodewindows", Column::ProductId),
    ("identificadordeproductodewindows", Column::ProductId),
    ("hashdehardware", Column::HardwareHash),
    ("hashdelhardware", Column::HardwareHash),
    ("etiquetadegrupo", Column::GroupTag),
    ("usuarioasignado", Column::AssignedUser),
    ("fabricant", Column::Manufacturer),
    ("nomdufabricant", Column::Manufacturer),
    ("modèle", Column::Model),
    ("modèledappareil", Column::Model),
    ("modèledelappareil", Column::Model),
    ("numérodesérie", Column::SerialNumber),
    ("numérodesériedelappareil", Column::SerialNumber),
    ("numérodesériedudispositif", Column::SerialNumber),
    ("numérodesériedupériphérique", Column::SerialNumber),
    ("idproduitwindows", Column::ProductId),
    ("iddeproduitwindows", Column::ProductId),
    ("iddeproduitdewindows", Column::ProductId),
    ("hachagematériel", Column::HardwareHash),
    ("codedehachagematériel", Column::HardwareHash),
    ("hachagedumatériel", Column::HardwareHash),
    ("balisedegroupe", Column::GroupTag),
    ("étiquettedegroupe", Column::GroupTag),
    ("utilisateuraffecté", Column::AssignedUser),
    ("utilisateurattribué", Column::AssignedUser),
    ("fabrikant", Column::Manufacturer),
    ("naamvanfabrikant", Column::Manufacturer),
    ("apparaatmodel", Column::Model),
    ("serienummer", Column::SerialNumber),
    ("apparaatserienummer", Column::SerialNumber),
    ("serienummervanapparaat", Column::SerialNumber),
    ("serienummervanhetapparaat", Column::SerialNumber),
    ("hashvanhardware", Column::HardwareHash),
    ("groepstag", Column::GroupTag),
    ("groepslabel", Column::GroupTag),
    ("groepscode", Column::GroupTag),
    ("toegewezengebruiker", Column::AssignedUser),
    ("tillverkare", Column::Manufacturer),
    ("tillverkarensnamn", Column::Manufacturer),
    ("enhetsmodell", Column::Model),
    ("enhetensserienummer", Column::SerialNumber),
    ("enhetsserienummer", Column::SerialNumber),
    ("maskinvaruhash", Column::HardwareHash),
    ("maskinvaruhashvärde", Column::HardwareHash),
    ("hårdvaruhash", Column::HardwareHash),
    ("grupptagg", Column::GroupTag),
    ("gruppetikett", Column::GroupTag),
    ("tilldeladanvändare", Column::AssignedUser),
];

/// The columns that the files of results have beside the device's; they are read over.
pub(super) const RESULTS: &[&str] = &["file", "line", "status", "error", "code", "advice"];

/// Columns of which exports of registered devices have several, and files to register from none.
const EXPORTED: &[&str] = &[
    "displayname",
    "devicename",
    "enrolmentstate",
    "enrollmentstate",
    "enrolmentdate",
    "enrollmentdate",
    "profilestatus",
    "deploymentprofileassignmentstatus",
    "lastcontacted",
    "lastcontacteddatetime",
    "lastcheckin",
    "manageddeviceid",
    "managedby",
    "ownership",
    "compliance",
    "azureaddeviceid",
    "azureactivedirectorydeviceid",
    "entradeviceid",
    "purchaseorder",
    "purchaseorderidentifier",
];

/// The form in which headings are compared: letters and digits, without regard to capitals.
pub(super) fn key(cell: &str) -> String {
    cell.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The column that goes by this name, and whether the name is a translation.
pub(super) fn column_of(key: &str) -> Option<(Column, bool)> {
    let among = |names: &[(&str, Column)]| names.iter().find(|(name, _)| *name == key).map(|(_, column)| *column);
    among(ALIASES).map(|column| (column, false)).or_else(|| among(TRANSLATIONS).map(|column| (column, true)))
}

/// Whether a cell is the name of a column that is read.
pub(super) fn is_known(cell: &str) -> bool {
    cell.len() <= 100 && column_of(&key(cell)).is_some()
}

/// Whether these are the columns of an export of registered devices.
pub(super) fn is_export(keys: &[String]) -> bool {
    let telling = ["enrolmentstate", "enrollmentstate", "deploymentprofileassignmentstatus", "profilestatus"];
    let count = keys.iter().filter(|key| EXPORTED.contains(&key.as_str())).count();
    count >= 2 || keys.iter().any(|key| telling.contains(&key.as_str()))
}

/// The known formats by their headings.
const FORMATS: &[(&str, &str)] = &[
    ("MMD partner", "manufacturer,model,serialnumber"),
    ("MMD self", "manufacturer,model,serialnumber,hardwarehash"),
    ("Autopilot 3", "deviceserialnumber,windowsproductid,hardwarehash"),
    ("Autopilot 4", "deviceserialnumber,windowsproductid,hardwarehash,grouptag"),
    ("Autopilot 5", "deviceserialnumber,windowsproductid,hardwarehash,grouptag,assigneduser"),
    ("owner variant", "deviceserialnumber,windowsproductid,hardwarehash,grouptag,owner"),
    ("Partner Center 5", "deviceserialnumber,windowsproductid,hardwarehash,manufacturername,devicemodel"),
    ("CIPP template", "serialnumber,oemmanufacturername,modelname,productkey,hardwarehash,grouptag"),
    (
        "RMM variant",
        "uploadedutc,computername,deviceserialnumber,windowsproductid,hardwarehash,manufacturername,devicemodel",
    ),
];

/// The name of the format with this heading; empty if it is none of the known ones.
pub(super) fn format_of(cells: &[&str], keys: &[String]) -> &'static str {
    let keys = keys.join(",");
    match FORMATS.iter().find(|(_, heading)| *heading == keys).map(|(name, _)| *name) {
        // The same names, but as a query can spell them.
        Some("MMD self") if cells.contains(&"Serial_Number") || cells.contains(&"HardwareHash") => "ConfigMgr query",
        Some("Partner Center 5") if cells.contains(&"Device serial number") => "Partner Center 5, older case",
        Some(name) => name,
        None => "",
    }
}

/// Every name that is known.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALIASES.iter().chain(TRANSLATIONS).map(|(name, _)| *name)
}
