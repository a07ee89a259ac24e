//! What is left out of a page, and what is written in its place.

use std::{fmt::Write as _, ops::Range};

/// What a stretch of a page holds that decides where its article is; see `scope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Held {
    /// Prose, in bytes.
    pub(in super::super) prose: u32,
    /// Prose that readers wrote.
    pub(in super::super) of_readers: u32,
    /// Main headings, and elements marked as the body.
    pub(in super::super) bodies: u32,
}

/// A stretch that is left out.
#[derive(Debug)]
struct Cut {
    start: usize,
    end: usize,
    /// What the page held up to each end.
    before: Held,
    after: Held,
    /// The name, in the source, of an element that a tag in the stretch closed.
    closes: Option<(usize, usize)>,
    /// It is a long script's text, which its number stands for.
    script: Option<usize>,
}

/// The stretches of a page that are left out, in order, none inside another.
#[derive(Default)]
pub(super) struct Cuts {
    cuts: Vec<Cut>,
    /// Where the texts of long scripts stand.
    pub(super) scripts: Vec<Range<usize>>,
}

impl Cuts {
    /// Leaves a stretch out that begins after all others.
    #[inline]
    pub(super) fn cut(&mut self, start: usize, end: usize, before: Held, after: Held) {
        if start == end {
            return;
        }
        match self.cuts.last_mut() {
            Some(last) if last.end == start && last.script.is_none() => {
                last.end = end;
                last.after = after;
            }
            _ => self.cuts.push(Cut { start, end, before, after, closes: None, script: None }),
        }
    }

    /// Writes the end tag of an element that a tag at `at` closes without saying so, for that tag may be left out.
    pub(super) fn close(&mut self, at: usize, name: (usize, usize), held: Held) {
        self.cuts.push(Cut { start: at, end: at, before: held, after: held, closes: Some(name), script: None });
    }

    /// Leaves out the text of a long script, for which its number is written.
    pub(super) fn set_aside(&mut self, start: usize, end: usize, held: Held) {
        let script = Some(self.scripts.len());
        self.scripts.push(start..end);
        self.cuts.push(Cut { start, end, before: held, after: held, closes: None, script });
    }

    /// Puts back what was left out of the element that begins at `start`.
    #[inline]
    pub(super) fn restore(&mut self, start: usize) {
        while self.cuts.last().is_some_and(|cut| cut.start > start) {
            self.cuts.pop();
        }
    }

    /// Puts back everything from `start` on, where the page held `before`.
    pub(super) fn restore_from(&mut self, start: usize, before: Held) {
        self.restore(start);
        let Some(last) = self.cuts.last_mut().filter(|last| last.end > start) else { return };
        last.end = start;
        last.after = before;
        if last.start == start && last.closes.is_none() {
            self.cuts.pop();
        }
    }

    /// The page without the stretches, each that held something replaced by a note of it.
    pub(super) fn apply(&self, source: &str) -> String {
        let left_out: usize = self.cuts.iter().map(|cut| cut.end - cut.start).sum();
        let mut out = String::with_capacity(source.len().saturating_sub(left_out) + 16 * self.cuts.len());
        let mut from = 0;
        for cut in &self.cuts {
            out.push_str(source.get(from..cut.start).unwrap_or_default());
            if let Some((start, end)) = cut.closes {
                let name = source.get(start..end).unwrap_or_default();
                let _ = write!(out, "</{name}>");
            }
            if let Some(script) = cut.script {
                let _ = write!(out, "{script}");
                from = cut.end;
                continue;
            }
            let of = |held: fn(&Held) -> u32| held(&cut.after) - held(&cut.before);
            let (prose, readers, bodies) = (of(|held| held.prose), of(|held| held.of_readers), of(|held| held.bodies));
            if prose > 0 || bodies > 0 {
                let _ = write!(out, "<!--{prose} {readers} {bodies}-->");
            } else if source.as_bytes().get(cut.end).is_some_and(|next| *next != b'<') {
                // Texts that something parted stay apart.
                out.push_str("<!---->");
            }
            from = cut.end;
        }
        out.push_str(source.get(from..).unwrap_or_default());
        out
    }
}

/// What a note left by [`Cuts::apply`] says.
pub(in super::super) fn note(comment: &str) -> Option<Held> {
    let mut numbers = comment.split(' ').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some(Held { prose: next()?, of_readers: next()?, bodies: next()? })
}
