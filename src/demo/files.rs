//! Ready-made files: what suppliers and partners really send.

use std::path::Path;

use crate::devices::samples::{Damage, SampleDevice};
use crate::devices::{Audience, CUSTOMER_HEADING, template};

/// A supplier's manifest, for the device directory.
pub const MANIFEST: &str = "Manufacturer,Model,Serial Number\n\
    Fabrikam,Falcon 14 G2,FK2400017\n\
    Fabrikam,Falcon 14 G2,FK2400018\n\
    Fabrikam,Falcon 14 G2,FK2400019\n\
    Fabrikam,Falcon 16,FK2400101\n\
    Litware Inc.,Slate Pro 3,LW-77-0042\n\
    Litware Inc.,Slate Pro 3,LW-77-0043\n";

/// The catalogue, for `POST /v1/offers/import`.
pub const OFFERS: &str = include_str!("offers.json");

/// The offer of it that the story sells: Nora 365 Standard.
pub const SOLD_OFFER: &str = "c0ffee00-1000-4000-8000-000000000002";

/// A partner's file with devices that will be ready and rows that will not: unknown, in other capitals, twice, a placeholder, a
/// damaged hash.
pub fn mixed() -> String {
    let captured = SampleDevice::new("Fabrikam", "Falcon 16", "FK2400102");
    let damaged = Damage::Changed { position: 300 }.on(&SampleDevice::new("Fabrikam", "Falcon 16", "FK2400103").hash());
    let again = SampleDevice { capture: 2, ..captured.clone() };
    let rows = [
        ["Fabrikam", "Falcon 14 G2", "FK2400017", ""],
        ["Fabrikam", "Falcon 14 G2", "FK2400018", ""],
        ["Fabrikam", "falcon 14 g2", "FK2400019", ""],
        ["Fabrikam", "Falcon 14 G2", "FK2499999", ""],
        ["Fabrikam", "Falcon 14 G2", "FK2400017", ""],
        ["Litware Inc.", "Slate Pro 3", "LW-77-0042", ""],
        ["Litware Inc.", "Slate Pro 3", "To be filled by O.E.M.", ""],
        ["Proseware", "Cube", "PW000123", ""],
        ["Fabrikam", "Falcon 16", "FK2400102", &captured.hash()],
        ["", "", "", &again.hash()],
        ["Fabrikam", "Falcon 16", "FK2400103", &damaged],
    ];
    rows.iter().fold(format!("{CUSTOMER_HEADING}\r\n"), |file, row| file + &row.join(",") + "\r\n")
}

/// A file in which the documentation's sample row was left.
pub const SAMPLE_LEFT_IN: &str = "Manufacturer,Model,Serial Number\r\n\
    SpiralOrbit,ContosoABC,000000000000\r\n\
    Fabrikam,Falcon 16,FK2400101\r\n";

/// Text as `Out-File` of Windows PowerShell writes it: UTF-16, little endian, with a mark.
pub fn as_powershell_writes(text: &str) -> Vec<u8> {
    [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

/// Writes the ready-made files into `folder`.
///
/// # Errors
/// The system's.
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("manifest.csv"), MANIFEST)?;
    std::fs::write(folder.join("offers.json"), OFFERS)?;
    std::fs::write(folder.join("devices-powershell.csv"), as_powershell_writes(&mixed()))?;
    std::fs::write(folder.join("devices-sample-left-in.csv"), SAMPLE_LEFT_IN)?;
    std::fs::write(folder.join("template-partner.csv"), template(Audience::Partner))?;
    std::fs::write(folder.join("template-customer.csv"), template(Audience::Customer))
}
