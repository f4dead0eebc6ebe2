//! Device files: bytes become text, text becomes rows, hashes are verified, and whatever is wrong is said with its line.

pub mod hash;
pub mod samples;
