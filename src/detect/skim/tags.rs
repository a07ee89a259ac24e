//! What the skim knows of elements: which close a paragraph, which stop a search for an open one, which hold text.

/// An element's name in lower case, packed so that names are compared as numbers. Of longer names the end is folded
/// into what is before it.
pub(in crate::detect) type Name = u128;

/// Packs a name.
pub(super) const fn pack(name: &[u8]) -> Name {
    let mut packed: Name = 0;
    let mut at = 0;
    while at < name.len() {
        packed = packed.rotate_left(8) ^ name[at].to_ascii_lowercase() as Name;
        at += 1;
    }
    packed
}

/// Names that the skim treats apart.
pub(super) const P: Name = pack(b"p");
pub(super) const A: Name = pack(b"a");
pub(super) const CODE: Name = pack(b"code");
pub(super) const LI: Name = pack(b"li");
pub(super) const UL: Name = pack(b"ul");
pub(super) const OL: Name = pack(b"ol");
pub(super) const DD: Name = pack(b"dd");
pub(super) const DT: Name = pack(b"dt");
pub(super) const DIV: Name = pack(b"div");
pub(super) const ADDRESS: Name = pack(b"address");
pub(super) const H1: Name = pack(b"h1");
pub(super) const FOOTER: Name = pack(b"footer");
pub(super) const NAV: Name = pack(b"nav");
pub(super) const MENU: Name = pack(b"menu");
pub(super) const MAIN: Name = pack(b"main");
pub(super) const ARTICLE: Name = pack(b"article");
pub(super) const SECTION: Name = pack(b"section");
pub(super) const BLOCKQUOTE: Name = pack(b"blockquote");
pub(super) const FORM: Name = pack(b"form");
pub(super) const BUTTON: Name = pack(b"button");
pub(super) const SELECT: Name = pack(b"select");
pub(super) const TABLE: Name = pack(b"table");
pub(super) const TEMPLATE: Name = pack(b"template");
pub(super) const SCRIPT: Name = pack(b"script");
pub(super) const STYLE: Name = pack(b"style");
pub(super) const TITLE: Name = pack(b"title");
pub(super) const SVG: Name = pack(b"svg");
pub(super) const MATH: Name = pack(b"math");
pub(super) const FOREIGN_OBJECT: Name = pack(b"foreignobject");
pub(super) const DESC: Name = pack(b"desc");
pub(super) const TD: Name = pack(b"td");
pub(super) const TH: Name = pack(b"th");
pub(super) const TR: Name = pack(b"tr");
pub(super) const OPTION: Name = pack(b"option");

/// What a name means.
pub(super) type Flags = u16;

/// Has no content.
pub(super) const VOID: Flags = 1;
/// Its content is text.
pub(super) const RAW: Flags = 1 << 1;
/// Closes an open paragraph.
pub(super) const BLOCK: Flags = 1 << 2;
/// An end tag from inside does not reach an element around it, but for the blocks' own.
pub(super) const SPECIAL: Flags = 1 << 3;
/// No end tag from inside reaches beyond it, but for a table's.
pub(super) const WALL: Flags = 1 << 4;
/// Misnested, it goes on after what it stood in.
pub(super) const FORMATTING: Flags = 1 << 5;
pub(super) const HEADING: Flags = 1 << 6;
/// A part of a table.
pub(super) const CELL: Flags = 1 << 7;
/// Its end tag closes what is open in it.
pub(super) const SCOPED: Flags = 1 << 8;
/// What is said by it has no place in the tree: its tags stay as they are.
pub(super) const FRAME: Flags = 1 << 9;
/// The skim does not follow what comes after it.
pub(super) const STRANGE: Flags = 1 << 10;
/// Names that hold an address of their own and no words: a word of a platform in such a tag names no post.
pub(super) const LINK: Flags = 1 << 11;

/// Shows another page or file, which may be anybody's.
pub(super) const EMBEDS: Flags = 1 << 12;

const NAMES: &[(Flags, &[&str])] = &[
    (VOID | SPECIAL, &["area", "base", "basefont", "bgsound", "br", "col", "keygen", "source", "track", "wbr"]),
    (VOID | SPECIAL | EMBEDS, &["embed", "frame", "param"]),
    (VOID | SPECIAL | LINK, &["img", "input", "link", "meta", "image"]),
    (VOID | SPECIAL | BLOCK, &["hr"]),
    (RAW | SPECIAL | EMBEDS, &["iframe"]),
    (EMBEDS, &["amp-iframe", "embalm-shortcode", "oembed"]),
    (RAW | SPECIAL, &["script", "style", "textarea", "title", "noembed", "noframes", "noscript"]),
    (RAW | SPECIAL | BLOCK, &["xmp"]),
    (
        BLOCK | SPECIAL | SCOPED,
        &[
            "address",
            "article",
            "aside",
            "blockquote",
            "center",
            "details",
            "dialog",
            "dir",
            "div",
            "dl",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "header",
            "hgroup",
            "listing",
            "main",
            "menu",
            "nav",
            "ol",
            "pre",
            "search",
            "section",
            "summary",
            "ul",
            "p",
            "li",
            "dd",
            "dt",
        ],
    ),
    (BLOCK | SPECIAL | SCOPED | LINK, &["form"]),
    (BLOCK | SPECIAL | SCOPED | HEADING, &["h1", "h2", "h3", "h4", "h5", "h6"]),
    (SPECIAL | SCOPED | LINK, &["button"]),
    (SPECIAL | SCOPED | WALL | EMBEDS, &["object"]),
    (SPECIAL | SCOPED | WALL, &["applet", "marquee", "template"]),
    (SPECIAL | SCOPED | WALL | CELL, &["caption", "td", "th", "table"]),
    (SPECIAL | SCOPED | CELL, &["tr", "tbody", "thead", "tfoot", "colgroup"]),
    (SPECIAL | SCOPED, &["select"]),
    (FORMATTING | LINK, &["a"]),
    (FORMATTING, &["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]),
    (FRAME | SPECIAL, &["html", "head", "body"]),
    (STRANGE | SPECIAL, &["frameset", "plaintext"]),
];

/// Slots of the table below, a power of two.
const SLOTS: usize = 1024;

/// The names by their slots, or after those that took them.
static TABLE_OF_NAMES: [(Name, Flags); SLOTS] = {
    let mut table = [(0, 0); SLOTS];
    let mut group = 0;
    while group < NAMES.len() {
        let (flags, names) = NAMES[group];
        let mut index = 0;
        while index < names.len() {
            let name = pack(names[index].as_bytes());
            let mut at = slot(name);
            while table[at].0 != 0 {
                at = (at + 1) % SLOTS;
            }
            table[at] = (name, flags);
            index += 1;
        }
        group += 1;
    }
    table
};

const fn slot(name: Name) -> usize {
    let folded = (name as u64) ^ ((name >> 64) as u64);
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
}

/// What a name means; nothing of names that are not HTML's.
#[inline]
pub(super) fn flags(name: Name) -> Flags {
    let mut at = slot(name);
    loop {
        match TABLE_OF_NAMES.get(at) {
            Some((known, flags)) if *known == name => return *flags,
            Some((0, _)) | None => return 0,
            _ => at = (at + 1) % SLOTS,
        }
    }
}
