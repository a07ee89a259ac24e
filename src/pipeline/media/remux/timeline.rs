//! Time that goes on where a stream's clock begins anew, jumps, or wraps around.

/// A clock that goes back by more than this many seconds began anew, though nobody said so.
const MAX_BACK_S: i64 = 10;

/// So did one that goes on by more than this many; no picture stands still for so long.
const MAX_AHEAD_S: i64 = 300;

/// The clock of a transport stream has 33 bits.
const WRAP: i64 = 1 << 33;

/// Maps a stream's clock to a time that only goes on. Units are the caller's.
pub(super) struct Timeline {
    timescale: i64,
    offset: i64,
    /// The end of what was placed so far, mapped.
    end: Option<i64>,
    /// The last time that was placed, on the stream's clock without its wrapping.
    last: Option<i64>,
    anew: bool,
}

impl Timeline {
    pub(super) fn new(timescale: u32) -> Self {
        Self { timescale: i64::from(timescale.max(1)), offset: 0, end: None, last: None, anew: false }
    }

    /// The next time comes from another clock.
    pub(super) fn begin_anew(&mut self) {
        self.anew = self.end.is_some();
    }

    /// Places a time of the stream.
    pub(super) fn place(&mut self, time: i64) -> i64 {
        if let Some(end) = self.end {
            let gap = time.saturating_add(self.offset).saturating_sub(end);
            if self.anew || gap < -MAX_BACK_S * self.timescale || gap > MAX_AHEAD_S * self.timescale {
                self.offset = end.saturating_sub(time);
                self.anew = false;
            }
        }
        self.last = Some(time);
        time.saturating_add(self.offset)
    }

    /// Says that what was placed last reaches to this placed time.
    pub(super) fn reach(&mut self, end: i64) {
        self.end = Some(self.end.map_or(end, |known| known.max(end)));
    }

    /// The time nearest to the last one of which only 33 bits are known.
    pub(super) fn unwrapped(&self, time: i64) -> i64 {
        let Some(last) = self.last.filter(|_| !self.anew) else { return time };
        let turns = (last - time + WRAP / 2).div_euclid(WRAP);
        time + turns * WRAP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_over_gaps_and_wraps() {
        let mut timeline = Timeline::new(90_000);
        assert_eq!(timeline.place(WRAP - 900), WRAP - 900);
        timeline.reach(WRAP);
        let next = timeline.unwrapped(0);
        assert_eq!(timeline.place(next), WRAP, "the clock wrapped");
        timeline.reach(WRAP + 900);
        timeline.begin_anew();
        assert_eq!(timeline.place(timeline.unwrapped(5)), WRAP + 900, "the clock began anew");
        timeline.reach(WRAP + 1800);
        assert_eq!(timeline.place(5 + 1000 * 90_000), WRAP + 1800, "a jump that nobody announced");
    }
}
