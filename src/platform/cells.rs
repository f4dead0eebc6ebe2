//! Cells of a CSV file that people open with a spreadsheet: none of them becomes a formula there, and none is changed
//! when the file comes back (design, ruling 3).

use std::borrow::Cow;

/// What makes a spreadsheet compute a cell.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// The cell as it is written: with one apostrophe more, if a spreadsheet would compute it.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before [`guarded`].
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|_| is_formula(cell)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_compute_begins_with_an_apostrophe() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            ("-5", "'-5"),
            ("@a", "'@a"),
            ("\t=1", "'\t=1"),
            ("plain", "plain"),
            ("'quoted'", "'quoted'"),
            ("", ""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(guarded(cell), written);
        }
    }

    #[test]
    fn csv_10_what_is_read_back_is_what_was_written() {
        const STRINGS: u64 = 1_000_000;
        const LETTERS: [char; 12] = ['\'', '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', 'a', 'é'];
        let mut random: u64 = 20_261_121;
        let mut cell = String::new();
        for _ in 0..STRINGS {
            cell.clear();
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut digits = random >> 16;
            for _ in 0..digits % 9 {
                digits /= 9;
                cell.push(LETTERS[(digits % 12) as usize]);
            }
            let written = guarded(&cell);
            assert!(!written.starts_with(FORMULA), "{cell:?}");
            assert_eq!(unguarded(&written), cell);
        }
    }
}
