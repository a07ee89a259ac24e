//! How much room words take on a terminal: wide characters take two columns, marks none, and an emoji is one whole.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The beginning of a text that takes no more than so many columns, with an ellipsis where there is more.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    // No character takes more columns than bytes.
    if text.len() <= columns || width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left = columns.saturating_sub(1);
    // One column each: most of what is listed.
    if let Some(beginning) = text.get(..left).filter(|text| text.bytes().all(|byte| matches!(byte, b' '..=b'~')))
        && text.as_bytes().get(left).is_some_and(|next| matches!(next, b' '..=b'~'))
        && columns > 0
    {
        return format!("{}…", beginning.trim_end());
    }
    for whole in text.graphemes(true) {
        let taken = width(whole);
        if taken > left {
            break;
        }
        left -= taken;
        kept.push_str(whole);
    }
    let kept = kept.trim_end();
    if columns == 0 { String::new() } else { format!("{kept}…") }
}

/// Lines of no more than so many columns, broken where words end; a word that is longer than a line is broken too. Line
/// breaks of the text stay, and so does the room at the beginning of its lines.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split_word_bounds() {
            let taken = width(word);
            if used + taken <= columns {
                line.push_str(word);
                used += taken;
            } else if word.trim().is_empty() {
                // Room between words that ends a line is not seen.
                push(&mut lines, &mut line, &mut used);
            } else {
                // What can't stand at the beginning of a line takes its word along.
                let carried = carried(&mut line, word);
                if !line.trim().is_empty() {
                    push(&mut lines, &mut line, &mut used);
                }
                line.clear();
                used = 0;
                for whole in carried.graphemes(true).chain(word.graphemes(true)) {
                    let taken = width(whole);
                    if used + taken > columns && used > 0 {
                        push(&mut lines, &mut line, &mut used);
                    }
                    line.push_str(whole);
                    used += taken;
                }
            }
        }
        push(&mut lines, &mut line, &mut used);
    }
    lines
}

fn push(lines: &mut Vec<String>, line: &mut String, used: &mut usize) {
    lines.push(line.trim_end().to_owned());
    line.clear();
    *used = 0;
}

/// What stands at the end of a line without room before the next word: the two belong together, as in `https://a.example`
/// or `word,`. Languages without spaces are broken between any two words.
fn carried(line: &mut String, word: &str) -> String {
    let wide = |text: &str| text.graphemes(true).any(|whole| width(whole) > 1);
    let start = line
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + line.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let tail = line.get(start..).unwrap_or_default();
    if start == 0 || tail.is_empty() || wide(tail) || wide(word) {
        return String::new();
    }
    line.split_off(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_and_emoji_are_cut_whole() {
        assert_eq!(width("文字"), 4);
        assert_eq!(cut("文字が続く", 5), "文字…");
        assert_eq!(cut("文字が続く", 6), "文字…");
        assert_eq!(cut("ab", 2), "ab");
        assert_eq!(cut("abc", 2), "a…");
        assert_eq!(cut("👩‍👩‍👧‍👦 a family", 4), "👩‍👩‍👧‍👦…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abc", 0), "");
    }

    #[test]
    fn lines_are_broken_where_words_end() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one\n\n  two", 8), ["one", "", "  two"]);
        assert_eq!(wrap("see https://a.example/b?c=d now", 14), ["see", "https://a.exam", "ple/b?c=d now"]);
        assert_eq!(wrap("the end, at last", 8), ["the end,", "at last"]);
        assert_eq!(wrap("the ends, at last", 8), ["the", "ends, at", "last"]);
        assert_eq!(wrap("文字が続く", 4), ["文字", "が続", "く"]);
        assert_eq!(wrap("", 8), Vec::<String>::new());
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let text = "Wörter, слова, 言葉が続く、 שלום עולם, สวัสดีชาวโลก 👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿 https://a.example/very/long?query=string";
        for columns in 2..60 {
            for line in wrap(text, columns) {
                assert!(width(&line) <= columns, "{columns}: {line:?}");
            }
        }
    }
}
