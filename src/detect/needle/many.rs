//! Many needles looked for at once: by the processor's vectors where it has them, else by an automaton.

use aho_corasick::{
    AhoCorasick, Match, MatchKind,
    packed::{Config, MatchKind as PackedKind, Searcher},
};

/// A search for some needles, the longest at a place first.
pub(super) enum Many {
    /// Vectors: a few kinds of processors, and only for so many needles.
    Packed(Searcher),
    /// Any processor, several times slower.
    Plain(AhoCorasick),
}

impl Many {
    pub(super) fn new(needles: &[&str]) -> Self {
        let packed = Config::new().match_kind(PackedKind::LeftmostLongest).builder().extend(needles).build();
        packed.map_or_else(|| Self::plain(needles), Self::Packed)
    }

    fn plain(needles: &[&str]) -> Self {
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(needles);
        Self::Plain(built.expect("fewer than a hundred short needles are far from any limit"))
    }

    /// The needles in some bytes, in order.
    pub(super) fn find_iter<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Match> + 'a {
        let (packed, plain) = match self {
            Self::Packed(searcher) => (Some(searcher.find_iter(bytes)), None),
            Self::Plain(automaton) => (None, Some(automaton.find_iter(bytes))),
        };
        packed.into_iter().flatten().chain(plain.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_processor_finds_the_same() {
        let needles = ["tweet", "Tweet", "tweet-id", "yt-", "\"www.", "u002F\\"];
        let text = b"a <b data-tweet-id=1 class='yt-x'> Tweeted \"www.y https:\\u002F\\u002Fz tweettweet-i";
        let found =
            |many: &Many| many.find_iter(text).map(|one| (one.pattern().as_usize(), one.range())).collect::<Vec<_>>();
        let plain = found(&Many::plain(&needles));
        assert_eq!(plain.len(), 7);
        assert_eq!(found(&Many::new(&needles)), plain);
    }
}
