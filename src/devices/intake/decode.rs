//! Bytes become text, a piece at a time: encodings, and what is no text at all.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;
/// Bytes by which a file shows what it is.
const START: usize = 64;

/// What is sent instead of a CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Impostor {
    /// Of a spreadsheet program, old or new.
    Workbook,
    /// A page description.
    Pdf,
    /// A compressed file.
    Compressed,
}

/// Why there is no more text.
#[derive(Debug)]
pub(super) enum NoText {
    /// The bytes could not be had.
    Input(io::Error),
    /// The bytes are none of this encoding.
    Undecodable(&'static str),
    /// A zero byte, which no text has.
    ZeroByte,
}

/// Turns bytes into UTF-8.
///
/// By their mark, or by the zero bytes of UTF-16 without one. Else the first character beyond ASCII decides: if it is
/// proper UTF-8 so must be the rest, and if it is not the file is taken for Windows-1252. So a file is read once and never
/// held, and one that mixes the two is refused at the line where it does rather than read with broken accents.
pub(super) struct Decoder<R> {
    input: R,
    raw: Box<[u8]>,
    at: usize,
    end: usize,
    input_ended: bool,
    done: bool,
    /// Absent as long as all was ASCII.
    decoder: Option<encoding_rs::Decoder>,
    no_text: Option<NoText>,
}

impl<R: Read> Decoder<R> {
    pub(super) fn open(input: R) -> io::Result<Self> {
        let mut opened = Self {
            input,
            raw: vec![0; PIECE].into_boxed_slice(),
            at: 0,
            end: 0,
            input_ended: false,
            done: false,
            decoder: None,
            no_text: None,
        };
        while opened.end < START && !opened.input_ended {
            opened.read_on()?;
        }
        let start = &opened.raw[..opened.end.min(START)];
        if let Some((encoding, mark)) = Encoding::for_bom(start) {
            opened.at = mark;
            opened.decoder = Some(encoding.new_decoder_without_bom_handling());
        } else {
            opened.decoder = utf_16_without_mark(start).map(Encoding::new_decoder_without_bom_handling);
        }
        Ok(opened)
    }

    /// What the first bytes say it is, if that is no CSV.
    pub(super) fn impostor(&self) -> Option<Impostor> {
        match &self.raw[..self.end.min(START)] {
            [b'P', b'K', 0..=31, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Impostor::Workbook),
            [b'%', b'P', b'D', b'F', ..] => Some(Impostor::Pdf),
            [0x1F, 0x8B, ..] | [b'7', b'z', 0xBC, 0xAF, ..] | [b'R', b'a', b'r', b'!', 0x1A, ..] => {
                Some(Impostor::Compressed)
            }
            _ => None,
        }
    }

    /// The encoding as far as it is known.
    pub(super) fn encoding(&self) -> &'static str {
        name(self.decoder.as_ref().map_or(UTF_8, encoding_rs::Decoder::encoding))
    }

    /// Whether the encoding is only supposed.
    pub(super) fn is_guessed(&self) -> bool {
        self.decoder.as_ref().is_some_and(|decoder| decoder.encoding() == WINDOWS_1252)
    }

    /// Writes whole characters to `text`; how many bytes, none at the end. What cannot be read is told once all before it
    /// was.
    pub(super) fn read(&mut self, text: &mut [u8]) -> Result<usize, NoText> {
        let mut written = 0;
        while written == 0 && !self.done && self.no_text.is_none() {
            if self.at == self.end && !self.input_ended {
                self.read_on().map_err(NoText::Input)?;
            }
            written = self.decode(text).map_err(NoText::Input)?;
        }
        if let Some(zero) = memchr::memchr(0, &text[..written]) {
            self.no_text = Some(NoText::ZeroByte);
            written = zero;
        }
        match self.no_text.take_if(|_| written == 0) {
            Some(no_text) => Err(no_text),
            None => Ok(written),
        }
    }

    /// Tells it again at the next reading.
    pub(super) fn put_back(&mut self, no_text: NoText) {
        self.no_text = Some(no_text);
    }

    fn decode(&mut self, text: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return self.copy_ascii(text) };
        let raw = &self.raw[self.at..self.end];
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, text, self.input_ended);
        self.at += read;
        match result {
            DecoderResult::InputEmpty => self.done = self.input_ended,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => self.no_text = Some(NoText::Undecodable(name(decoder.encoding()))),
        }
        Ok(written)
    }

    fn copy_ascii(&mut self, text: &mut [u8]) -> io::Result<usize> {
        let raw = &self.raw[self.at..self.end];
        let ascii = Encoding::ascii_valid_up_to(raw).min(text.len());
        text[..ascii].copy_from_slice(&raw[..ascii]);
        self.at += ascii;
        if self.at == self.end {
            self.done = self.input_ended;
        } else if ascii == 0 {
            while self.end - self.at < 4 && !self.input_ended {
                self.read_on()?;
            }
            let raw = &self.raw[self.at..self.end.min(self.at + 4)];
            let is_utf_8 = std::str::from_utf8(raw).map_or_else(|error| error.valid_up_to() > 0, |_| true);
            let encoding = if is_utf_8 { UTF_8 } else { WINDOWS_1252 };
            self.decoder = Some(encoding.new_decoder_without_bom_handling());
        }
        Ok(ascii)
    }

    fn read_on(&mut self) -> io::Result<()> {
        self.raw.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        let count = loop {
            match self.input.read(&mut self.raw[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += count;
        self.input_ended = count == 0;
        Ok(())
    }
}

fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == WINDOWS_1252 { "Windows-1252" } else { encoding.name() }
}

/// PowerShell writes a mark; other tools write UTF-16 without one, and then every other byte of a heading is zero.
fn utf_16_without_mark(start: &[u8]) -> Option<&'static Encoding> {
    let zeros = |offset: usize| {
        let every_other = start.iter().skip(offset).step_by(2);
        start.len() >= 4 && every_other.clone().filter(|byte| **byte == 0).count() * 2 > every_other.count()
    };
    match (zeros(0), zeros(1)) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}
