//! What changed between two texts as markup: readable without colour, and said aloud.

use crate::{
    diff::{self, Piece},
    html::escape,
    render::markup::Markup,
};

/// The text `after` with what `before` had instead: the whole of it, white space and line breaks kept.
pub(super) fn words(before: &str, after: &str) -> Markup {
    drawn(&diff::whole(before, after))
}

/// The changes alone with some words around each, for texts of which nobody wants to read the whole again.
pub(super) fn in_context(before: &str, after: &str) -> Markup {
    drawn(&diff::in_context(before, after))
}

fn drawn(pieces: &[Piece]) -> Markup {
    let mut out = Writer::new(pieces.len());
    pieces.iter().for_each(|piece| out.piece(piece));
    out.finish()
}

struct Writer(String);

impl Writer {
    fn new(pieces: usize) -> Self {
        let mut out = String::with_capacity(pieces * 64 + 256);
        out.push_str("<div class=\"diff\" dir=\"auto\">");
        Self(out)
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Same(words) => self.0.push_str(&escape(words)),
            Piece::Removed(words) => self.mark("del", "removed", words),
            Piece::Added(words) => self.mark("ins", "added", words),
            Piece::Skipped => self.note("[…]"),
            Piece::More(more) => self.note(&format!("[{more} more changes]")),
        }
    }

    fn note(&mut self, words: &str) {
        self.0.push_str(&format!(" <span class=\"skipped\" lang=\"en\" dir=\"ltr\">{words}</span> "));
    }

    /// Assistive technology seldom tells of the elements themselves, so the words stand in them. They have a direction
    /// of their own, and so no say in the one of the text.
    fn mark(&mut self, element: &str, said: &str, text: &str) {
        let aside = |words: &str| format!("<span class=\"unseen\" lang=\"en\" dir=\"ltr\">{words}</span>");
        self.0.push_str(&format!("<{element}>{}", aside(&format!("[{said}: "))));
        if text.contains('\n') && text.trim().is_empty() {
            // A line break alone would be seen by nobody.
            let kept = if element == "ins" { text } else { "" };
            self.0.push_str(&format!("<span class=\"break\" lang=\"en\" title=\"line break\">↵</span>{kept}"));
        } else {
            self.0.push_str(&escape(text));
        }
        self.0.push_str(&format!("{}</{element}>", aside("]")));
    }

    fn finish(mut self) -> Markup {
        self.0.push_str("</div>");
        Markup::vouched(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    /// `-…-` for what was removed, `+…+` for what was added.
    fn plain(markup: &Markup) -> String {
        let aside = Regex::new(r#"<span class="unseen"[^>]*>[^<]*</span>|</?div[^>]*>"#).unwrap();
        let plain = aside.replace_all(markup.as_str(), "");
        let plain = Regex::new("</?del>").unwrap().replace_all(&plain, "-");
        Regex::new("</?ins>").unwrap().replace_all(&plain, "+").into_owned()
    }

    fn shown(before: &str, after: &str) -> String {
        plain(&words(before, after))
    }

    #[test]
    fn words_are_compared_not_letters() {
        for (before, after, expected) in [
            ("The bridge is open.", "The bridge is closed.", "The bridge is -open-+closed+."),
            ("One two", "One two three", "One two+ three+"),
            ("One two three", "One three", "One -two -three"),
            ("same", "same", "same"),
            ("", "all new", "+all new+"),
            ("all gone", "", "-all gone-"),
            // Not the shortest script: a person reads the phrase.
            (
                "we met at the old quay",
                "they sat by the river bank",
                "-we met at the old quay-+they sat by the river bank+",
            ),
            ("harbour 12 boats", "harbour 14 ships", "harbour -12 boats-+14 ships+"),
            // Scripts without spaces.
            ("橋は開いています", "橋は閉じています", "橋は-開い-+閉じ+ています"),
            ("今天下雨", "今天下雪", "今天下-雨-+雪+"),
            ("สวัสดีครับ", "สวัสดีค่ะ", "สวัสดี-ครับ-+ค่ะ+"),
            ("الجسر مفتوح الآن", "الجسر مغلق الآن", "الجسر -مفتوح-+مغلق+ الآن"),
            ("👩‍🚀 up", "👩‍🚒 up", "-👩‍🚀-+👩‍🚒+ up"),
        ] {
            assert_eq!(shown(before, after), expected, "{before} > {after}");
        }
    }

    #[test]
    fn white_space_is_kept_and_a_changed_line_break_is_seen() {
        assert_eq!(shown("a\r\n\r\n  b c", "a\n\n  b d"), "a\n\n  b -c-+d+");
        let broken = shown("one two three", "one two\nthree");
        assert_eq!(broken.matches('↵').count(), 1, "{broken}");
        assert!(broken.contains("</span>\n+three"), "{broken}");
    }

    #[test]
    fn changes_are_said_aloud_and_have_no_say_in_the_direction() {
        let markup = words("قديم", "جديد").into_string();
        assert!(markup.starts_with(
            "<div class=\"diff\" dir=\"auto\"><del><span class=\"unseen\" lang=\"en\" dir=\"ltr\">[removed: </span>قديم"
        ));
    }

    #[test]
    fn hostile_words_stay_words() {
        let markup = words("<img src=x onerror=a()> x", "</ins><script>b()</script> x").into_string();
        assert!(markup.contains("img src=x") && markup.contains("b()"), "{markup}");
        assert!(!["<img", "<script", "</ins><"].iter().any(|live| markup.contains(live)), "{markup}");
    }

    #[test]
    fn one_edit_in_a_long_text_is_one_change() {
        let many = "A line that stays as it is.\n".repeat(9_000);
        let (before, after) = (format!("{many}The quay is shut.\n{many}"), format!("{many}The quay is open.\n{many}"));
        let short = plain(&in_context(&before, &after));
        assert!(short.len() < 1_500 && short.contains("The quay is -shut-+open+."), "{short}");
        assert_eq!(short.matches("[…]").count(), 2, "{short}");
    }

    #[test]
    fn in_context_a_stretch_without_spaces_is_cut_between_signs() {
        let many = "水".repeat(2_000);
        let short = plain(&in_context(&format!("{many}一{many}"), &format!("{many}二{many}")));
        assert!(short.contains("-一-+二+") && short.len() < 2_000, "{short}");
    }
}
