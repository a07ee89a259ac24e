//! The style sheet: that every pair of colours that meets can be read by all, in both schemes, and that it loads nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use embalm::render;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// WCAG 2.2, 1.4.3: contrast of words, at any size.
const WORDS: f64 = 4.5;
/// WCAG 2.2, 1.4.11: contrast of what marks a control, a focus or a part of a plot.
const MARKS: f64 = 3.0;

/// What stands on what, beside the rules that name both in one place.
const PAIRS: &[(&str, &[&str], f64)] = &[
    ("ink", &["ground", "sheet", "tint"], WORDS),
    ("muted", &["ground", "sheet", "tint"], WORDS),
    ("link", &["ground", "sheet", "tint"], WORDS),
    ("gone", &["ground", "sheet", "gone-ground"], WORDS),
    ("live", &["ground", "sheet", "live-ground"], WORDS),
    ("withheld", &["ground", "sheet", "withheld-ground"], WORDS),
    ("unknown", &["ground", "sheet", "unknown-ground"], WORDS),
    ("link", &["gone-ground", "withheld-ground", "unknown-ground", "live-ground"], WORDS),
    ("on-link", &["link"], WORDS),
    ("mark", &["mark-ground"], WORDS),
    ("edge", &["ground", "sheet", "tint"], MARKS),
];

/// Light and dark.
type Colour = [[u8; 3]; 2];

fn hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.trim().strip_prefix('#')?;
    let wide = if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() };
    let channel = |at: usize| u8::from_str_radix(wide.get(at..at + 2)?, 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// The custom properties of a block that are colours.
fn colours(block: &str) -> BTreeMap<String, Colour> {
    block
        .split(';')
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let name = name.rsplit_once("--")?.1.trim();
            let (light, dark) = value.trim().strip_prefix("light-dark(")?.strip_suffix(')')?.split_once(',')?;
            Some((name.to_owned(), [hex(light)?, hex(dark)?]))
        })
        .collect()
}

/// `color` and `background` of the rules that set both from properties.
fn rules_with_both(sheet: &str) -> BTreeSet<(String, String)> {
    let variable = |block: &str, property: &str| {
        block.split(';').find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let inside = value.trim().strip_prefix("var(--")?.strip_suffix(')')?;
            (name.trim() == property).then(|| inside.to_owned())
        })
    };
    sheet
        .split('}')
        .filter_map(|rule| {
            let block = rule.rsplit_once('{')?.1;
            Some((variable(block, "color")?, variable(block, "background")?))
        })
        .collect()
}

fn luminance(colour: [u8; 3]) -> f64 {
    let linear = |channel: u8| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// The sheet without its comments.
fn sheet() -> String {
    let sheet = render::stylesheet();
    let mut parts = sheet.split("/*");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |whole, part| whole + part.split_once("*/").unwrap().1)
}

/// The declarations of a rule, by how it begins.
fn block<'a>(sheet: &'a str, start: &str) -> &'a str {
    let from = sheet.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
    from.split_once('}').unwrap().0
}

#[test]
fn contrast_is_computed_as_the_standard_does() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x77; 3], [255; 3]) - 4.478).abs() < 1e-3);
}

#[test]
fn every_pair_of_colours_can_be_read_in_both_schemes() {
    let sheet = sheet();
    let usual = colours(block(&sheet, ":root {"));
    assert!(usual.len() > 15, "{usual:?}");
    let mut strong = usual.clone();
    strong.extend(colours(block(block_of_media(&sheet, "(prefers-contrast: more)"), ":root {")));
    let declared = PAIRS.iter().flat_map(|(words, grounds, least)| {
        grounds.iter().map(move |ground| ((*words).to_owned(), (*ground).to_owned(), *least))
    });
    let written = rules_with_both(&sheet).into_iter().map(|(words, ground)| (words, ground, WORDS));
    let mut wrong = Vec::new();
    for (words, ground, least) in declared.chain(written) {
        for (contrast_asked, palette) in [("usual", &usual), ("more", &strong)] {
            for (scheme, name) in ["light", "dark"].into_iter().enumerate() {
                let of = |name: &str| palette.get(name).unwrap_or_else(|| panic!("no colour --{name}"))[scheme];
                let found = contrast(of(&words), of(&ground));
                if found < least {
                    wrong
                        .push(format!("{name}, {contrast_asked}: --{words} on --{ground} has {found:.2}, not {least}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text from a media query on.
fn block_of_media<'a>(sheet: &'a str, query: &str) -> &'a str {
    sheet.split_once(&format!("@media {query}")).unwrap_or_else(|| panic!("no {query}")).1
}

#[test]
fn every_property_that_is_used_is_set() {
    let sheet = sheet();
    let names =
        |text: &str| -> String { text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect() };
    let set: BTreeSet<String> = sheet
        .split("--")
        .skip(1)
        .filter_map(|rest| {
            let name = names(rest);
            rest[name.len()..].trim_start().starts_with(':').then_some(name)
        })
        .collect();
    let used: BTreeSet<String> = sheet.split("var(--").skip(1).map(names).collect();
    assert!(used.is_subset(&set), "{:?}", used.difference(&set).collect::<Vec<_>>());
}

#[test]
fn the_sheet_loads_nothing_and_knows_no_left_and_right() {
    let sheet = sheet();
    for never in ["url(", "@import", "@font-face", "expression(", "src:"] {
        assert!(!sheet.contains(never), "{never}");
    }
    // A page in Arabic is a mirror: only the names for both directions stand in the sheet.
    let sided = [
        "margin-left",
        "margin-right",
        "padding-left",
        "padding-right",
        "border-left",
        "border-right",
        "text-align: left",
        "text-align: right",
        "float: left",
        "float: right",
        "\n  left:",
        "\n  right:",
        " left:",
        " right:",
    ];
    for side in sided {
        assert!(!sheet.contains(side), "{side}");
    }
}

#[test]
fn every_wish_of_a_reader_is_heeded() {
    let sheet = sheet();
    for wish in ["(prefers-contrast: more)", "(prefers-reduced-motion: reduce)", "(forced-colors: active)", "print"] {
        assert!(sheet.contains(&format!("@media {wish}")), "{wish}");
    }
}

/// Templates by path, with their text.
fn templates(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(templates(&path));
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn no_template_has_a_style_or_a_script_in_itself() {
    let templates = templates(Path::new("src/render/templates"));
    assert!(templates.len() > 5);
    for (path, text) in templates {
        let lower = text.to_lowercase();
        for never in [" style=", "<script>", "javascript:", " onclick", " onload", " onerror", " onsubmit", " onchange"]
        {
            assert!(!lower.contains(never), "{}: {never}", path.display());
        }
        // The files that are whole by themselves hold the sheet; nothing else does.
        let own = lower.matches("<style").count();
        assert!(own == 0 || text.contains("{{ style }}"), "{}", path.display());
    }
}

#[test]
fn the_scripts_are_small_write_text_only_and_ask_for_nothing() {
    for asset in render::ASSETS.iter().filter(|asset| asset.mime.starts_with("text/javascript")) {
        let script = std::str::from_utf8(asset.bytes).unwrap();
        assert!(script.contains("'use strict';") && asset.bytes.len() < 10_000, "{}", asset.name);
        let never = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "fetch(",
            "XMLHttpRequest",
            "sendBeacon",
            "WebSocket",
            "import(",
            "createContextualFragment",
            "DOMParser",
            ".src =",
        ];
        for word in never {
            assert!(!script.contains(word), "{}: {word}", asset.name);
        }
    }
}
