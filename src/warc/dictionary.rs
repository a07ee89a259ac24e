//! The dictionary of a `.warc.zst` file: its first frame holds it, as it is or compressed, and every other one refers to it.
//! <https://iipc.github.io/warc-specifications/specifications/warc-zstd/>

use std::{
    io::{self, Error, ErrorKind, Read},
    sync::Arc,
};

/// The first byte of the frame that holds a dictionary.
pub(super) const FRAME: u8 = 0x5d;

/// The largest dictionary that is read, in bytes. They are trained to a tenth of a MiB, large ones to one.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The largest frame that holds one, in bytes.
pub(super) const MAX_PACKED_BYTES: u64 = MAX_BYTES;

/// The first bytes of a compressed one.
const PACKED: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The first bytes of one as Zstandard trains it (RFC 8878, 5).
const TRAINED: [u8; 4] = [0x37, 0xa4, 0x30, 0xec];

/// A dictionary.
pub(super) type Dictionary = Arc<Vec<u8>>;

/// The dictionary in a frame with this content.
pub(super) fn unpacked(content: Vec<u8>) -> io::Result<Dictionary> {
    let too_large = || Error::new(ErrorKind::Unsupported, format!("a Zstandard dictionary over {MAX_BYTES} bytes"));
    if content.len() as u64 > MAX_PACKED_BYTES {
        return Err(too_large());
    }
    let plain = if content.starts_with(&PACKED) {
        let mut plain = Vec::new();
        let mut frame = zstd::Decoder::with_buffer(content.as_slice())?.single_frame();
        frame.window_log_max(MAX_BYTES.ilog2())?;
        frame.take(MAX_BYTES + 1).read_to_end(&mut plain)?;
        plain
    } else {
        content
    };
    if plain.len() as u64 > MAX_BYTES {
        return Err(too_large());
    }
    if !plain.starts_with(&TRAINED) {
        return Err(Error::new(ErrorKind::Unsupported, "the first frame holds no Zstandard dictionary"));
    }
    Ok(Arc::new(plain))
}

/// The dictionary of a file that begins here; none where it has none.
pub(super) fn of_file(input: impl Read) -> io::Result<Option<Dictionary>> {
    let mut input = input.take(MAX_PACKED_BYTES + 16);
    let mut head = [0; 8];
    if let Err(error) = input.read_exact(&mut head) {
        return if error.kind() == ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let [FRAME, 0x2a, 0x4d, 0x18, len @ ..] = head else { return Ok(None) };
    let mut content = Vec::new();
    input.take(u64::from(u32::from_le_bytes(len)).min(MAX_PACKED_BYTES + 1)).read_to_end(&mut content)?;
    unpacked(content).map(Some)
}
