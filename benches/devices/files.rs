//! Files as suppliers and resellers send them, of devices that do not exist.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use partner_center::devices::samples::SampleDevice;
use partner_center::platform::text::folded;

pub const MANUFACTURER: &str = "Proseware";
pub const MODEL: &str = "Cube 5";

/// Of the `n`th device; no two are alike. Neighbours in a file are far from each other in an index, as real ones are.
fn serial(n: u32) -> String {
    format!("PW{:08X}", n.wrapping_mul(2_654_435_761))
}

/// The partner format of these devices.
pub fn partner_file(rows: Range<u32>) -> Vec<u8> {
    let mut file = b"Manufacturer,Model,Serial Number\r\n".to_vec();
    for n in rows {
        file.extend_from_slice(format!("{MANUFACTURER},{MODEL},{}\r\n", serial(n)).as_bytes());
    }
    file
}

fn hash_row(n: u32) -> String {
    let serial = serial(n);
    let hash = SampleDevice::new(MANUFACTURER, MODEL, &serial).hash();
    format!("{MANUFACTURER},{MODEL},{serial},{hash}\r\n")
}

/// The customers' format with hardware hashes, in UTF-16.
pub fn hash_file(rows: Range<u32>) -> Vec<u8> {
    let mut text = "\u{feff}Manufacturer,Model,Serial Number,Hardware Hash\r\n".to_owned();
    text.extend(rows.map(hash_row));
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What a huge file is full of.
#[derive(Clone, Copy, Debug)]
pub enum Filling {
    Hashes,
    BlankLines,
    OneRow,
}

impl Filling {
    pub const ALL: [(Self, &str); 3] = [
        (Self::Hashes, "of rows with hashes"),
        (Self::BlankLines, "of blank lines"),
        (Self::OneRow, "of one row without end"),
    ];

    /// Writes `length` bytes of it.
    pub fn write(self, length: u64, out: &mut dyn Write) -> io::Result<()> {
        let heading = b"Manufacturer,Model,Serial Number,Hardware Hash\r\n";
        let mut left = length;
        let mut put = |bytes: &[u8]| -> io::Result<bool> {
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            left -= taken as u64;
            out.write_all(&bytes[..taken]).map(|()| left > 0)
        };
        put(heading)?;
        let block = match self {
            Self::Hashes => Vec::new(),
            Self::BlankLines => b"\r\n".repeat(32 * 1024),
            Self::OneRow => vec![b'x'; 64 * 1024],
        };
        let mut n = 0;
        while match self {
            Self::Hashes => put(hash_row(n).as_bytes())?,
            Self::BlankLines | Self::OneRow => put(&block)?,
        } {
            n += 1;
        }
        Ok(())
    }
}

/// Entries of the directory, as its table has them, in the order of their key.
pub fn directory(rows: Range<u32>, path: &Path) -> io::Result<()> {
    let mut serials: Vec<String> = rows.map(serial).collect();
    serials.sort_unstable();
    let mut out = io::BufWriter::new(std::fs::File::create(path)?);
    for (n, serial) in serials.iter().enumerate() {
        let [manufacturer, key] = [folded(MANUFACTURER), folded(serial)];
        writeln!(out, "{manufacturer},{key},{MANUFACTURER},{MODEL},{serial},{n:013}")?;
    }
    out.flush()
}
