//! Tells what a document is: by its ending, by its content type, by its first bytes; and names what is none.

use super::Kind;

/// How many bytes are looked at for zeros and control characters.
const SNIFF_BYTES: usize = 4096;

/// First bytes of files that are no articles, with what they look like.
const SIGNATURES: [(&[u8], &str); 20] = [
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\xfd7zXZ", "xz-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"PK\x03\x04", "a zip archive (or a WACZ, EPUB or office file)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"WARC/1.", "a WARC"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
];

/// Why bytes are not read as an article.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnArticle {
    /// Nothing is in the file.
    #[error("it is empty")]
    Empty,
    /// The bytes are of another kind of file.
    #[error("it looks like {what}; an article is HTML, Markdown or plain text")]
    LooksLike {
        /// With its article: `a PDF`.
        what: String,
    },
    /// The content type names another kind, and the bytes don't speak against it.
    #[error("its content type is {content_type}; an article is HTML, Markdown or plain text")]
    ContentType {
        /// Without parameters.
        content_type: String,
    },
}

impl Kind {
    /// What a document is. Its bytes decide that it is none; its ending (`.html .htm .xhtml .md .markdown .mdx .txt`,
    /// each also before `.gz`), then its content type, then its bytes decide which. `bytes` are already inflated.
    ///
    /// # Errors
    /// [`NotAnArticle::Empty`] for white space only, [`NotAnArticle::LooksLike`] for files known by their first
    /// bytes, feeds and JSON, and bytes that are no text, [`NotAnArticle::ContentType`] for a type that is no text.
    pub fn of(name: &str, content_type: Option<&str>, bytes: &[u8]) -> Result<Self, NotAnArticle> {
        let looks_like = |what: &str| NotAnArticle::LooksLike { what: what.to_owned() };
        let start = bytes.trim_ascii_start();
        if start.is_empty() {
            return Err(NotAnArticle::Empty);
        }
        if let Some(what) = binary(bytes) {
            return Err(looks_like(what));
        }
        if let Some(kind) = Self::by_ending(name) {
            return Ok(kind);
        }
        let media_type =
            content_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        match media_type.as_deref() {
            Some("text/html" | "application/xhtml+xml" | "application/vnd.wap.xhtml+xml") => return Ok(Self::Html),
            Some("text/markdown" | "text/x-markdown") => return Ok(Self::Markdown),
            Some(other) if ["image/", "audio/", "video/", "font/"].iter().any(|prefix| other.starts_with(prefix)) => {
                return Err(NotAnArticle::ContentType { content_type: other.to_owned() });
            }
            _ => {}
        }
        if let Some(what) = other_text(start) {
            return Err(looks_like(what));
        }
        Ok(Self::by_content(start))
    }

    /// What a name's ending says, whatever its case, `.gz` set aside, a URL's query and fragment too.
    #[must_use]
    pub fn by_ending(name: &str) -> Option<Self> {
        let path = if name.contains("://") { name.split(['?', '#']).next().unwrap_or_default() } else { name };
        let file = path.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let (_, ending) = file.strip_suffix(".gz").unwrap_or(&file).rsplit_once('.')?;
        match ending {
            "html" | "htm" | "xhtml" | "xht" | "shtml" => Some(Self::Html),
            "md" | "markdown" | "mdx" | "mdown" | "mkd" => Some(Self::Markdown),
            "txt" | "text" => Some(Self::Text),
            _ => None,
        }
    }

    fn by_content(start: &[u8]) -> Self {
        let head = String::from_utf8_lossy(&start[..start.len().min(SNIFF_BYTES)]).to_ascii_lowercase();
        let head = head.trim_start_matches('\u{feff}').trim_start();
        let tags = ["<!doctype html", "<html", "<head", "<body", "<article", "<meta", "<title", "<p>", "<div", "<!--"];
        if tags.iter().any(|tag| head.starts_with(tag)) || head.contains("<html") || head.contains("<body") {
            Self::Html
        } else if head.starts_with("---\n") || head.starts_with("---\r\n") || head.starts_with("+++\n") {
            Self::Markdown
        } else if head.starts_with('<') && head.contains("</") {
            Self::Html
        } else {
            Self::Text
        }
    }
}

/// What bytes look like that are no text. UTF-16 is text, by its mark or by the zeros of its ASCII characters.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)) {
        return Some(what);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("an MP4, HEIC or AVIF file");
    }
    if bytes.starts_with(b"RIFF") && bytes.len() > 12 {
        return Some(if &bytes[8..12] == b"WEBP" { "a WebP image" } else { "a RIFF file" });
    }
    if crate::html::charset::is_utf_16(bytes) {
        return None;
    }
    // A page may hold some stray control characters; a binary file is full of them.
    let probe = &bytes[..bytes.len().min(SNIFF_BYTES)];
    let controls = probe.iter().filter(|b| matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f)).count();
    (controls * 10 > probe.len()).then_some("binary data")
}

/// Text that is data of another kind.
fn other_text(start: &[u8]) -> Option<&'static str> {
    let head = String::from_utf8_lossy(&start[..start.len().min(SNIFF_BYTES)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let after_prolog = match head.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, rest)| rest.trim_start()),
        None => head,
    };
    // The first element's name, comments and the document type passed over.
    let root = after_prolog
        .split('<')
        .find(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default());
    if after_prolog.starts_with('<') {
        return match root? {
            "rss" | "feed" | "rdf:RDF" => Some("a feed (name it as a source, or give it to `run`)"),
            "urlset" | "sitemapindex" => Some("a sitemap"),
            "opml" => Some("an OPML list of feeds"),
            "svg" => Some("an SVG image"),
            _ => None,
        };
    }
    let compact = head.strip_prefix(['{', '['])?.trim_start();
    (compact.starts_with('"') || compact.starts_with('{')).then_some("JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_decides_then_the_content_type_then_the_bytes() {
        let kind = |name: &str, header: Option<&str>, bytes: &str| Kind::of(name, header, bytes.as_bytes());
        assert_eq!(kind("a/post.MD.gz", None, "hello"), Ok(Kind::Markdown));
        assert_eq!(kind("https://example.com/a.htm?x=1.txt", None, "hello"), Ok(Kind::Html));
        assert_eq!(kind("https://example.com/a.php", Some("text/html; charset=utf-8"), "hello"), Ok(Kind::Html));
        assert_eq!(kind("a", Some("text/plain"), "<!DOCTYPE html><p>x"), Ok(Kind::Html));
        assert_eq!(kind("a", None, "Some words."), Ok(Kind::Text));
        assert_eq!(kind("a", None, "---\ntitle: x\n---\n"), Ok(Kind::Markdown));
    }

    #[test]
    fn what_is_no_article_is_named() {
        let error = |name: &str, bytes: &[u8]| Kind::of(name, None, bytes).unwrap_err().to_string();
        assert!(error("x.html", b"%PDF-1.7 ...").contains("looks like a PDF"));
        assert!(error("x.txt", b"\0\x01\x02\0\0\0\xff").contains("binary data"));
        assert!(error("x", b"<?xml version='1.0'?>\n<!-- c --><rss version='2.0'>").contains("a feed"));
        assert!(error("x", b"[{\"a\": 1}]").contains("JSON"));
        assert!(error("x", b" \n").contains("empty"));
        assert!(Kind::of("x", Some("image/png"), b"abc").unwrap_err().to_string().contains("image/png"));
    }
}
