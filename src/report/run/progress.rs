//! Bars on a terminal: what is done and what is known to come, with an honest estimate, and the hosts that are busiest.
//!
//! They are drawn on stderr and follow the terminal's width. What is not known is not shown: no total before a source has
//! said how much it names, and no time that is left before enough is done to tell.

use super::{super::runs::duration, counted};
use crate::{
    model::HostTraffic,
    pipeline::Event,
    report::{one_line, status::size},
};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Hosts that have a line of their own.
const HOSTS: usize = 3;

/// Between two looks at the hosts.
const TICK: Duration = Duration::from_millis(200);

/// Nothing is said of the time that is left before so many items are done,
const LEAST_DONE: u64 = 10;

/// and so much time is over.
const LEAST_TIME: Duration = Duration::from_secs(3);

/// How hosts are asked, whenever somebody looks.
pub type Traffic = Box<dyn Fn() -> Vec<HostTraffic> + Send>;

/// What is done, and what is known to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    articles: u64,
    /// None where somebody names articles without saying how many.
    articles_known: Option<u64>,
    posts: u64,
    posts_known: u64,
    files: u64,
}

impl Progress {
    /// Takes an event into account.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { .. } => self.articles_known = Some(0),
            Event::Polled { articles, .. } => {
                self.articles_known = self.articles_known.zip(*articles).map(|(known, more)| known + more as u64);
            }
            Event::Wanted { posts } => self.posts_known += posts,
            Event::Article { .. } | Event::ArticleFailed { .. } => self.articles += 1,
            Event::Post { result, .. } => {
                self.posts += 1;
                self.files += result.media;
            }
            Event::SourceFailed { .. } | Event::Progress(_) => {}
        }
    }

    /// How long the rest will take, as far as it is known: articles that are still to be read will want as many posts as
    /// those before them. None where nothing can be told.
    pub(super) fn left(&self, elapsed: Duration) -> Option<Duration> {
        let articles_left = self.articles_known?.saturating_sub(self.articles);
        let done = self.articles + self.posts;
        if done < LEAST_DONE || elapsed < LEAST_TIME {
            return None;
        }
        let more = (articles_left * self.posts_known).checked_div(self.articles).unwrap_or(0);
        let left = articles_left + self.posts_known.saturating_sub(self.posts) + more;
        let ms = elapsed.as_millis().checked_mul(u128::from(left))?.checked_div(u128::from(done))?;
        (left > 0).then(|| Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
    }

    /// The whole in one line.
    fn line(&self, bytes: u64, elapsed: Duration) -> String {
        let of = |done: u64, known: Option<u64>, noun: &str| match known.filter(|known| *known > done) {
            Some(known) => format!("{done} of {}", counted(known, noun)),
            None => counted(done, noun),
        };
        let posts = of(self.posts, Some(self.posts_known), "post");
        let articles = of(self.articles, self.articles_known, "article");
        let mut line = format!("{articles}, {posts}, {}, {}", counted(self.files, "file"), size(bytes));
        if let Some(left) = self.left(elapsed) {
            // Tenths of a second would claim to know more than an estimate does.
            let seconds = left.as_secs().max(1) * 1000;
            line.push_str(&format!(", about {} left", duration(seconds).replace(".0 s", " s")));
        }
        line
    }
}

/// The bars of a run; nothing where no terminal shows them.
pub(super) struct Bars {
    drawn: Option<Drawn>,
}

struct Drawn {
    progress: Arc<Mutex<Progress>>,
    lines: MultiProgress,
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Bars {
    /// None at all.
    pub(super) fn none() -> Self {
        Self { drawn: None }
    }

    /// Bars on stderr, brought up to date by a thread of their own, so that a run that waits is seen to wait.
    pub(super) fn draw(traffic: Traffic) -> Self {
        let progress = Arc::new(Mutex::new(Progress::default()));
        let lines = MultiProgress::new();
        let whole = lines.add(styled("{spinner} {elapsed} {wide_msg}"));
        whole.enable_steady_tick(TICK);
        let hosts: Vec<_> = (0..HOSTS).map(|_| lines.add(styled("  {wide_msg}"))).collect();
        let (end, ended) = mpsc::channel();
        let shown = Arc::clone(&progress);
        let began = Instant::now();
        let thread = std::thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(TICK) {
                let all = traffic();
                let bytes = all.iter().map(|host| host.bytes).sum();
                let progress = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                whole.set_message(progress.line(bytes, began.elapsed()));
                let busiest = busiest(all);
                for (at, bar) in hosts.iter().enumerate() {
                    bar.set_message(busiest.get(at).map(host_line).unwrap_or_default());
                }
            }
            whole.finish_and_clear();
            hosts.iter().for_each(ProgressBar::finish_and_clear);
        });
        Self { drawn: Some(Drawn { progress, lines, end, thread }) }
    }

    /// Takes an event into account.
    pub(super) fn note(&self, event: &Event<'_>) {
        if let Some(drawn) = &self.drawn {
            drawn.progress.lock().unwrap_or_else(PoisonError::into_inner).note(event);
        }
    }

    /// Does something that prints, with the bars out of its way.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        match &self.drawn {
            Some(drawn) => drawn.lines.suspend(print),
            None => print(),
        }
    }

    /// Takes the bars away.
    pub(super) fn end(&mut self) {
        if let Some(Drawn { lines, end, thread, .. }) = self.drawn.take() {
            // The thread may have ended by itself; either way it is gone after this.
            let _ = end.send(());
            let _ = thread.join();
            let _ = lines.clear();
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.end();
    }
}

/// A bar of this look, out of which no terminal's colours come.
fn styled(look: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(look) {
        bar.set_style(style);
    }
    bar
}

/// The hosts that are asked for most at the moment, the busiest first; idle ones are left out.
fn busiest(mut hosts: Vec<HostTraffic>) -> Vec<HostTraffic> {
    hosts.retain(|host| host.open > 0);
    hosts.sort_by(|a, b| b.open.cmp(&a.open).then(b.asked.cmp(&a.asked)).then(a.host.cmp(&b.host)));
    hosts.truncate(HOSTS);
    hosts
}

fn host_line(of: &HostTraffic) -> String {
    let HostTraffic { host, open, asked, bytes } = of;
    format!("{}: {open} under way or waiting, {asked} answered, {}", one_line(host), size(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(articles: u64, known: Option<u64>, posts: u64, posts_known: u64) -> Progress {
        Progress { articles, articles_known: known, posts, posts_known, files: 0 }
    }

    #[test]
    fn the_time_that_is_left_counts_the_posts_that_articles_will_want() {
        let minute = Duration::from_secs(60);
        // Half of the articles are read, and wanted two posts each: as much again is to come.
        assert_eq!(after(10, Some(20), 20, 20).left(minute), Some(minute));
        // Sources that name more make it longer.
        assert_eq!(after(10, Some(30), 20, 20).left(minute), Some(minute * 2));
    }

    #[test]
    fn nothing_is_said_of_a_time_that_nobody_can_know() {
        let minute = Duration::from_secs(60);
        assert_eq!(after(10, None, 20, 20).left(minute), None, "a folder that is still walked");
        assert_eq!(after(2, Some(20), 3, 4).left(minute), None, "too little is done");
        assert_eq!(after(10, Some(20), 20, 20).left(Duration::from_secs(1)), None, "it has just begun");
        assert_eq!(after(10, Some(10), 20, 20).left(minute), None, "all is done");
    }

    #[test]
    fn a_line_says_what_is_done_and_a_total_only_where_one_is_known() {
        let minute = Duration::from_secs(60);
        let line = after(10, Some(20), 20, 25).line(3 << 20, minute);
        assert_eq!(line, "10 of 20 articles, 20 of 25 posts, 0 files, 3.0 MiB, about 1 min 20 s left");
        assert_eq!(after(1, None, 2, 2).line(0, minute), "1 article, 2 posts, 0 files, 0.0 KiB");
    }

    #[test]
    fn the_busiest_hosts_come_first_and_idle_ones_not_at_all() {
        let host = |host: &str, open, asked| HostTraffic { host: host.to_owned(), open, asked, bytes: 0 };
        let all = vec![host("idle", 0, 99), host("b", 1, 5), host("a", 1, 5), host("busy", 4, 1), host("c", 1, 1)];
        let names: Vec<_> = busiest(all).into_iter().map(|host| host.host).collect();
        assert_eq!(names, ["busy", "a", "b"]);
    }
}
