//! Playlists of HTTP Live Streaming (RFC 8216): read, judged, and made absolute. A playlist that leaves something out
//! (a live one, a gap, a secret key) is refused with its reason: half a film is never taken for a film.

use m3u8_rs::{AlternativeMediaType, ByteRange, KeyMethod, MasterPlaylist, MediaPlaylist};
use url::Url;

/// Bytes of one playlist.
pub(super) const MAX_PLAYLIST_BYTES: u64 = 2 << 20;

/// Segments of one stream.
pub(super) const MAX_SEGMENTS: usize = 10_000;

/// Variants of one stream that are looked at.
const MAX_VARIANTS: usize = 100;

/// One film in one quality.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variant {
    pub(super) url: Url,
    /// Separate sound.
    pub(super) sound: Option<Url>,
    /// The shorter side of the picture.
    pub(super) lines_px: Option<u32>,
    /// Bits a second, at most.
    pub(super) bandwidth: u64,
    /// Bits a second on the whole, where it is told.
    pub(super) average: Option<u64>,
    has_video: bool,
    /// Browsers play its codecs, as far as they are told.
    plays: bool,
}

/// A part of a file, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) url: Url,
    /// First byte and length.
    pub(super) range: Option<(u64, u64)>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) part: Part,
    pub(super) map: Option<Part>,
    pub(super) discontinuity: bool,
}

/// A stream in one quality.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segments {
    pub(super) list: Vec<Segment>,
    /// What the segments last together, as the playlist says.
    pub(super) duration_ms: u64,
}

/// What a playlist is.
#[derive(Debug, PartialEq)]
pub(super) enum Playlist {
    Variants(Vec<Variant>),
    Segments(Segments),
}

/// Reads a playlist that came from `base`.
///
/// # Errors
/// Why it can't be fetched whole, in words for a person.
pub(super) fn read(bytes: &[u8], base: &Url) -> Result<Playlist, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let parsed = m3u8_rs::parse_playlist_res(bytes).map_err(|_| "a playlist that cannot be read".to_owned())?;
    match parsed {
        m3u8_rs::Playlist::MasterPlaylist(playlist) => variants(&playlist, base).map(Playlist::Variants),
        m3u8_rs::Playlist::MediaPlaylist(playlist) => segments(playlist, base).map(Playlist::Segments),
    }
}

fn absolute(base: &Url, uri: &str) -> Result<Url, String> {
    let url = base.join(uri.trim()).map_err(|error| format!("a playlist that names {uri:.80}: {error}"))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(format!("a playlist that leads to a {} URL", url.scheme()))
    }
}

fn variants(playlist: &MasterPlaylist, base: &Url) -> Result<Vec<Variant>, String> {
    let mut found = Vec::new();
    for variant in playlist.variants.iter().filter(|variant| !variant.is_i_frame).take(MAX_VARIANTS) {
        let group = variant.audio.as_ref();
        let sounds = playlist
            .alternatives
            .iter()
            .filter(|other| other.media_type == AlternativeMediaType::Audio && Some(&other.group_id) == group);
        // The one that a player takes by itself; without an address the sound is in the variant.
        let sound = sounds.min_by_key(|sound| (!sound.default, !sound.autoselect)).and_then(|one| one.uri.as_ref());
        let codecs = variant.codecs.as_deref().unwrap_or_default();
        let told: Vec<&str> =
            codecs.split(',').map(|codec| codec.trim().split('.').next().unwrap_or_default()).collect();
        let is_sound = |codec: &&str| matches!(*codec, "mp4a" | "ac-3" | "ec-3" | "opus" | "fLaC" | "mp3");
        found.push(Variant {
            url: absolute(base, &variant.uri)?,
            sound: sound.map(|uri| absolute(base, uri)).transpose()?,
            lines_px: variant.resolution.and_then(|size| u32::try_from(size.width.min(size.height)).ok()),
            bandwidth: variant.bandwidth,
            average: variant.average_bandwidth,
            has_video: variant.resolution.is_some() || codecs.is_empty() || !told.iter().all(is_sound),
            plays: !told.iter().any(|codec| matches!(*codec, "hvc1" | "hev1" | "dvh1" | "dvhe" | "ac-3" | "ec-3")),
        });
    }
    if found.is_empty() { Err("a playlist without a film".to_owned()) } else { Ok(found) }
}

/// The variants in the order in which they are tried: what browsers play within `max_lines_px` from the best down,
/// then what is larger from the smallest up.
pub(super) fn by_preference(mut variants: Vec<Variant>, max_lines_px: u32) -> Vec<Variant> {
    if variants.iter().any(|variant| variant.has_video) {
        variants.retain(|variant| variant.has_video);
    }
    variants.sort_by_key(|variant| {
        let lines = i64::from(variant.lines_px.unwrap_or(0));
        let rate = i64::try_from(variant.bandwidth).unwrap_or(i64::MAX);
        let over = lines > i64::from(max_lines_px);
        if over { (true, !variant.plays, lines, rate) } else { (false, !variant.plays, -lines, -rate) }
    });
    variants
}

fn segments(playlist: MediaPlaylist, base: &Url) -> Result<Segments, String> {
    if !playlist.end_list {
        return Err("a live stream, which has no end yet".to_owned());
    }
    if playlist.i_frames_only {
        return Err("a playlist of stills".to_owned());
    }
    if playlist.segments.is_empty() {
        return Err("a playlist without segments".to_owned());
    }
    if playlist.segments.len() > MAX_SEGMENTS {
        return Err(format!("a playlist of more than {MAX_SEGMENTS} segments"));
    }
    let (mut map, mut list, mut seconds) = (None, Vec::new(), 0.0);
    for segment in playlist.segments {
        if let Some(key) = segment.key.filter(|key| !matches!(key.method, KeyMethod::None)) {
            return Err(format!("an encrypted stream ({})", key.method));
        }
        if segment.unknown_tags.iter().any(|tag| matches!(tag.tag.as_str(), "X-GAP" | "X-SKIP")) {
            return Err("a playlist that leaves segments out".to_owned());
        }
        if let Some(named) = &segment.map {
            let range = named.byte_range.as_ref().map(|range| (range.offset.unwrap_or(0), range.length));
            map = Some(Part { url: absolute(base, &named.uri)?, range });
        }
        let url = absolute(base, &segment.uri)?;
        let range = segment.byte_range.map(|range| placed(&range, &url, list.last()));
        seconds += f64::from(segment.duration).clamp(0.0, 86_400.0);
        let part = Part { url, range };
        list.push(Segment { part, map: map.clone(), discontinuity: segment.discontinuity });
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the number of segments")]
    Ok(Segments { list, duration_ms: (seconds * 1000.0) as u64 })
}

/// A range without a beginning goes on where the one before it ended (RFC 8216, 4.3.2.2).
fn placed(range: &ByteRange, url: &Url, before: Option<&Segment>) -> (u64, u64) {
    let goes_on = before.filter(|before| before.part.url == *url).and_then(|before| before.part.range);
    let start = range.offset.or(goes_on.map(|(start, length)| start.saturating_add(length)));
    (start.unwrap_or(0), range.length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://video.example/a/main.m3u8").unwrap()
    }

    fn refused(body: &str) -> String {
        read(format!("#EXTM3U\n{body}").as_bytes(), &base()).unwrap_err()
    }

    #[test]
    fn the_best_variant_within_the_size_comes_first() {
        let master = "#EXTM3U\n\
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"other\",URI=\"b.m3u8\"\n\
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"main\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a.m3u8\"\n\
            #EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS=\"mp4a.40.2\"\nsound.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS=\"avc1.64001e,mp4a.40.2\",AUDIO=\"a\"\n360.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=3000000,RESOLUTION=720x1280,CODECS=\"avc1.64001f,mp4a.40.2\",AUDIO=\"a\"\n720.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720,CODECS=\"hvc1.1.6.L93,mp4a.40.2\"\nhevc.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=9000000,RESOLUTION=3840x2160\n2160.m3u8\n";
        let Ok(Playlist::Variants(variants)) = read(master.as_bytes(), &base()) else { panic!("a master playlist") };
        let order: Vec<_> = by_preference(variants.clone(), 1080).iter().map(|v| v.url.path().to_owned()).collect();
        assert_eq!(order, ["/a/720.m3u8", "/a/360.m3u8", "/a/hevc.m3u8", "/a/2160.m3u8"]);
        assert_eq!(variants[1].sound.as_ref().unwrap().path(), "/a/a.m3u8");
        assert_eq!(by_preference(variants, 200)[0].url.path(), "/a/360.m3u8", "the smallest of those too large");
    }

    #[test]
    fn maps_and_ranges_go_on_until_others_are_named() {
        let media = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"10@0\"\n\
            #EXTINF:4.0,\n#EXT-X-BYTERANGE:100@10\nall.mp4\n#EXTINF:2.5,\n#EXT-X-BYTERANGE:50\nall.mp4\n\
            #EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"j.mp4\"\n#EXTINF:1.0,\n../other.m4s\n#EXT-X-ENDLIST\n";
        let Ok(Playlist::Segments(found)) = read(media.as_bytes(), &base()) else { panic!("segments") };
        assert_eq!(found.duration_ms, 7500);
        let ranges: Vec<_> = found.list.iter().map(|segment| segment.part.range).collect();
        assert_eq!(ranges, [Some((10, 100)), Some((110, 50)), None]);
        let maps: Vec<_> = found.list.iter().map(|s| s.map.as_ref().unwrap().url.path().to_owned()).collect();
        assert_eq!(maps, ["/a/i.mp4", "/a/i.mp4", "/a/j.mp4"]);
        assert!(found.list[2].discontinuity && found.list[2].part.url.path() == "/other.m4s");
    }

    #[test]
    fn what_cannot_be_fetched_whole_is_refused() {
        let segment = "#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\na.ts\n";
        assert!(refused(segment).contains("live"));
        assert!(
            refused(&format!("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n{segment}#EXT-X-ENDLIST\n")).contains("encrypted")
        );
        assert!(
            refused(&format!("{}#EXT-X-ENDLIST\n", segment.replace("#EXTINF", "#EXT-X-GAP\n#EXTINF")))
                .contains("leaves")
        );
        assert!(
            refused(&format!("{}#EXT-X-ENDLIST\n", segment.replace("a.ts", "file:///etc/passwd"))).contains("file URL")
        );
        assert!(refused("#EXT-X-TARGETDURATION:4\n#EXT-X-ENDLIST\n").contains("without"));
        assert!(read(b"<html>", &base()).is_err());
    }
}
