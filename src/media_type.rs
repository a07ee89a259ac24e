//! What bytes are, by themselves: the media type that a browser would have to know. Headers and names are never asked.

/// An MPEG transport stream, which no browser plays as a file.
pub const TRANSPORT_STREAM: &str = "video/mp2t";

/// A playlist of HTTP Live Streaming (RFC 8216).
pub const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// A fragment of a film without the part that says how to read it.
pub const FRAGMENT: &str = "video/iso.segment";

/// Bytes of one packet of a transport stream.
const PACKET_BYTES: usize = 188;

/// How far into a Matroska file its kind is looked for.
const EBML_BYTES: usize = 4096;

/// Compatible brands of an ISO file that are read.
const MAX_BRANDS: usize = 64;

/// The type of a file by its first bytes (some thousand are enough); none where they are not known. An SVG is none:
/// it is a document that can hold scripts.
#[must_use]
pub fn of(bytes: &[u8]) -> Option<&'static str> {
    if let Some(kind) = iso(bytes) {
        return Some(kind);
    }
    if is_transport_stream(bytes) {
        return Some(TRANSPORT_STREAM);
    }
    if bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).starts_with(b"#EXTM3U") {
        return Some(PLAYLIST);
    }
    if bytes.starts_with(b"\x1a\x45\xdf\xa3") {
        let head = bytes.get(..EBML_BYTES).unwrap_or(bytes);
        let holds = |word: &[u8]| memchr::memmem::find(head, word).is_some();
        return Some(if holds(b"webm") { "video/webm" } else { "video/x-matroska" });
    }
    if bytes.starts_with(b"OggS") && bytes.get(28..35) == Some(b"\x80theora") {
        return Some("video/ogg");
    }
    infer::get(bytes).map(|kind| kind.mime_type())
}

/// Whether this is the name of a type that some file has.
#[must_use]
pub fn is_known(name: &str) -> bool {
    [TRANSPORT_STREAM, PLAYLIST, FRAGMENT, "video/ogg", "audio/m4a", "video/3gpp"].contains(&name)
        || infer::is_mime_supported(name)
}

/// A film, sound or picture in the ISO base media format, by its brands (<https://mp4ra.org/registered-types/brands>).
fn iso(bytes: &[u8]) -> Option<&'static str> {
    match bytes.get(4..8)? {
        b"styp" | b"moof" | b"sidx" => return Some(FRAGMENT),
        b"ftyp" => {}
        _ => return None,
    }
    let size = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let brands = bytes.get(8..size.clamp(12, 16 + 4 * MAX_BRANDS).min(bytes.len()))?;
    let major: &[u8] = brands.get(..4)?;
    let compatible = || brands.get(8..).unwrap_or_default().chunks_exact(4);
    let any = |names: &[&[u8]]| names.contains(&major) || compatible().any(|brand| names.contains(&brand));
    Some(match major {
        b"M4A " | b"M4B " | b"M4P " => "audio/m4a",
        b"qt  " => "video/quicktime",
        b"M4V " | b"M4VH" | b"M4VP" => "video/x-m4v",
        b"avif" | b"avis" => "image/avif",
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => "image/heif",
        b"mif1" | b"msf1" if any(&[b"avif", b"avis"]) => "image/avif",
        b"mif1" | b"msf1" => "image/heif",
        b"jp2 " | b"jpx " | b"crx " => return None,
        [b'3', b'g', ..] => "video/3gpp",
        _ => "video/mp4",
    })
}

/// Whether each packet that is here begins as packets do; one packet alone proves nothing.
fn is_transport_stream(bytes: &[u8]) -> bool {
    let mut starts = bytes.iter().step_by(PACKET_BYTES).take(5);
    bytes.len() > PACKET_BYTES && starts.all(|byte| *byte == 0x47)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ftyp(brands: &[&[u8]]) -> Vec<u8> {
        let mut bytes = u32::try_from(12 + 4 * brands.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(brands[0]);
        bytes.extend([0, 0, 2, 0]);
        brands[1..].iter().for_each(|brand| bytes.extend(*brand));
        bytes
    }

    #[test]
    fn brands_tell_films_sounds_and_pictures_apart() {
        for brand in [b"isom", b"iso8", b"mp42", b"cmfc", b"hlsf", b"av01", b"msdh", b"zzzz"] {
            assert_eq!(of(&ftyp(&[brand, b"mp41"])), Some("video/mp4"));
        }
        assert_eq!(of(&ftyp(&[b"M4A ", b"mp42"])), Some("audio/m4a"));
        assert_eq!(of(&ftyp(&[b"qt  "])), Some("video/quicktime"));
        assert_eq!(of(&ftyp(&[b"mif1", b"avif"])), Some("image/avif"));
        assert_eq!(of(&ftyp(&[b"heic", b"mif1"])), Some("image/heif"));
        assert_eq!(of(b"\0\0\0\x18stypmsdh\0\0\0\0msdhmsix"), Some(FRAGMENT));
        assert_eq!(of(b"\0\0\0\x08ftyp"), None);
    }

    #[test]
    fn streams_and_playlists_are_known_and_drawings_are_not() {
        let mut stream = vec![0; 3 * PACKET_BYTES];
        stream.iter_mut().step_by(PACKET_BYTES).for_each(|byte| *byte = 0x47);
        assert_eq!(of(&stream), Some(TRANSPORT_STREAM));
        assert_eq!(of(b"G"), None);
        assert_eq!(of(b"\xef\xbb\xbf#EXTM3U\n"), Some(PLAYLIST));
        assert_eq!(of(b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm"), Some("video/webm"));
        assert_eq!(of(b"\x1a\x45\xdf\xa3\x9fB\x82\x88matroska"), Some("video/x-matroska"));
        assert_eq!(of(b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x2a\x80theora"), Some("video/ogg"));
        assert_eq!(of(b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"), None);
    }
}
