//! Looks at a post folded into what happened to it: pure, so that a table of cases can hold it.
//!
//! What counts is what a look told. A platform's own word can bring new content, take it away, or bring it back; a web
//! archive and an article can only bring words; every other look joins the quiet stretch that it falls into.

use crate::model::{Failure, FailureTally, Quiet, State, Via};
use jiff::Timestamp;

/// Reasons of one quiet stretch that are told apart.
const MAX_REASONS: usize = 12;

/// A look that stands: one in whose place a better reading stands is left out.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    pub(super) via: Via,
    /// It brought a snapshot.
    pub(super) is_new: bool,
    /// What the platform's own word proved.
    pub(super) state: Option<State>,
    /// The snapshot that it brought or found again.
    pub(super) snapshot: Option<i64>,
    pub(super) failure: Option<Failure>,
    /// The earlier look whose answers it read again.
    pub(super) reparse_of: Option<i64>,
}

/// What happened, with the numbers of the snapshots that tell more.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Folded {
    pub(super) at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) event: Event,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Captured { via: Via, snapshot: i64, from: Option<State>, previous: Option<Previous>, reparse_of: Option<i64> },
    Returned { via: Via, from: State },
    Vanished { via: Via, state: State, from: Option<State>, snapshot: Option<i64> },
    Memento { snapshot: i64, previous: Option<Previous>, reparse_of: Option<i64> },
    Imported { snapshot: i64, previous: Option<Previous> },
    Quoted { snapshot: i64 },
    Quiet(Quiet),
}

/// The snapshot that one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) snapshot: i64,
    pub(super) other_rung: bool,
}

/// Folds looks, oldest first.
pub(super) fn fold(looks: impl IntoIterator<Item = Look>) -> Vec<Folded> {
    let mut folding = Folding::default();
    for look in looks {
        folding.take(look);
    }
    folding.close();
    folding.entries
}

#[derive(Default)]
struct Folding {
    entries: Vec<Folded>,
    /// The quiet stretch that goes on, since when and until when.
    stretch: Option<(Timestamp, Timestamp, Quiet)>,
    /// By the platform's word so far.
    state: Option<State>,
    /// The newest content of the platform, of each rung.
    shown: Vec<(Via, i64)>,
    /// The newest copy of a web archive.
    memento: Option<i64>,
    /// What the newest export said.
    imported: Option<i64>,
}

impl Folding {
    fn take(&mut self, look: Look) {
        match (look.via, look.failure, look.snapshot) {
            (via, Some(failure), _) => self.quiet(look.at).fail(look.at, via == Via::Memento, failure),
            (Via::Quoted, None, Some(snapshot)) if look.is_new => self.push(look.at, Event::Quoted { snapshot }),
            (Via::Memento, None, Some(snapshot)) if look.is_new => {
                let previous = self.memento.replace(snapshot);
                let previous = previous.map(|snapshot| Previous { snapshot, other_rung: false });
                self.push(look.at, Event::Memento { snapshot, previous, reparse_of: look.reparse_of });
            }
            (Via::Import, None, Some(snapshot)) if look.is_new => {
                let previous = self.imported.replace(snapshot);
                let previous = previous.map(|snapshot| Previous { snapshot, other_rung: false });
                self.push(look.at, Event::Imported { snapshot, previous });
            }
            // The same words once more, of an article or a web archive: nothing is learnt of the post.
            (Via::Quoted | Via::Import | Via::Memento, None, _) => {}
            (via, None, snapshot) => {
                let Some(state) = look.state else { return };
                let from = self.state.replace(state);
                match (state, snapshot) {
                    (State::Live, Some(snapshot)) if look.is_new => {
                        let previous = self.shown(via, snapshot);
                        let from = from.filter(|from| *from != State::Live);
                        let reparse_of = look.reparse_of;
                        self.push(look.at, Event::Captured { via, snapshot, from, previous, reparse_of });
                    }
                    (State::Live, _) => match from {
                        Some(from) if from != State::Live => self.push(look.at, Event::Returned { via, from }),
                        _ => self.quiet(look.at).confirm(look.at),
                    },
                    _ if from == Some(state) => self.quiet(look.at).confirm(look.at),
                    (state, snapshot) => {
                        let snapshot = snapshot.filter(|_| look.is_new);
                        self.push(look.at, Event::Vanished { via, state, from, snapshot });
                    }
                }
            }
        }
    }

    /// Notes the newest content of a rung, and gives what it is to be compared with: the same rung's, else the newest.
    fn shown(&mut self, via: Via, snapshot: i64) -> Option<Previous> {
        let same = self.shown.iter().position(|(known, _)| *known == via).map(|at| self.shown.remove(at).1);
        let other = self.shown.last().map(|(_, snapshot)| *snapshot);
        self.shown.push((via, snapshot));
        match (same, other) {
            (Some(snapshot), _) => Some(Previous { snapshot, other_rung: false }),
            (None, Some(snapshot)) => Some(Previous { snapshot, other_rung: true }),
            (None, None) => None,
        }
    }

    fn push(&mut self, at: Timestamp, event: Event) {
        self.close();
        self.entries.push(Folded { at, until: at, event });
    }

    fn close(&mut self) {
        if let Some((at, until, quiet)) = self.stretch.take() {
            self.entries.push(Folded { at, until, event: Event::Quiet(quiet) });
        }
    }

    fn quiet(&mut self, now: Timestamp) -> &mut Quiet {
        let state = self.state.unwrap_or(State::Unknown);
        let (_, until, quiet) = self.stretch.get_or_insert_with(|| {
            (now, now, Quiet { state, confirmed: 0, confirmed_between: None, failures: Vec::new() })
        });
        *until = now;
        quiet
    }
}

impl Quiet {
    fn confirm(&mut self, at: Timestamp) {
        self.confirmed += 1;
        self.confirmed_between = Some((self.confirmed_between.map_or(at, |(first, _)| first), at));
    }

    /// Reasons are told apart by what they are, and kept with the words of the last of them.
    fn fail(&mut self, at: Timestamp, memento: bool, failure: Failure) {
        let same = |tally: &FailureTally| tally.memento == memento && is_alike(&tally.failure, &failure);
        let known = self.failures.iter().position(same);
        match known.or_else(|| self.failures.len().checked_sub(1).filter(|last| last + 1 >= MAX_REASONS)) {
            Some(known) => {
                if let Some(tally) = self.failures.get_mut(known) {
                    *tally = FailureTally { times: tally.times + 1, last_at: at, memento, failure };
                }
            }
            None => self.failures.push(FailureTally { times: 1, last_at: at, memento, failure }),
        }
        self.failures.sort_by_key(|tally| std::cmp::Reverse(tally.times));
    }
}

fn is_alike(one: &Failure, other: &Failure) -> bool {
    match (one, other) {
        (Failure::Http { status: one }, Failure::Http { status: other }) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look an hour: `new` `same` `gone` `walled` `memento` `memento=` `quoted` `quoted=` `net` `http` `drift`, an `*`
    /// after it for another rung, each `new` with the next number.
    fn looks(told: &str) -> Vec<Look> {
        let mut next = 0;
        let look = |(hour, word): (usize, &str)| {
            let at = Timestamp::from_second(i64::try_from(hour).unwrap() * 3_600).unwrap();
            let (word, via) = word.strip_suffix('*').map_or((word, Via::Api), |word| (word, Via::Oembed));
            let (via, state, is_new, failure) = match word {
                "new" => (via, Some(State::Live), true, None),
                "same" => (via, Some(State::Live), false, None),
                "gone" => (via, Some(State::Deleted), true, None),
                "gone=" => (via, Some(State::Deleted), false, None),
                "walled" => (via, Some(State::LoginRequired), true, None),
                "memento" => (Via::Memento, None, true, None),
                "import" => (Via::Import, None, true, None),
                "import=" => (Via::Import, None, false, None),
                "memento=" => (Via::Memento, None, false, None),
                "quoted" => (Via::Quoted, None, true, None),
                "quoted=" => (Via::Quoted, None, false, None),
                "net" => (via, None, false, Some(Failure::Network { detail: "no answer".to_owned() })),
                "http" => (via, None, false, Some(Failure::Http { status: 503 })),
                "drift" => {
                    (via, None, false, Some(Failure::Drift { at: "api".to_owned(), detail: "no text".to_owned() }))
                }
                other => panic!("{other}"),
            };
            next += i64::from(is_new);
            let snapshot = failure.is_none().then_some(next);
            Look { at, via, is_new, state, snapshot, failure, reparse_of: None }
        };
        told.split_whitespace().enumerate().map(look).collect()
    }

    fn told(folded: &[Folded]) -> String {
        let words = folded.iter().map(|entry| {
            let event = match &entry.event {
                Event::Captured { snapshot, from, previous, .. } => {
                    let from = from.map_or_else(String::new, |from| format!(" back from {}", from.as_str()));
                    let previous = previous.map_or_else(String::new, |previous| {
                        format!(" after {}{}", previous.snapshot, if previous.other_rung { "*" } else { "" })
                    });
                    format!("captured {snapshot}{previous}{from}")
                }
                Event::Returned { from, .. } => format!("returned from {}", from.as_str()),
                Event::Vanished { state, .. } => state.as_str().to_owned(),
                Event::Memento { snapshot, .. } => format!("memento {snapshot}"),
                Event::Imported { snapshot, previous } => match previous {
                    Some(previous) => format!("imported {snapshot} after {}", previous.snapshot),
                    None => format!("imported {snapshot}"),
                },
                Event::Quoted { snapshot } => format!("quoted {snapshot}"),
                Event::Quiet(quiet) => {
                    let failures: u64 = quiet.failures.iter().map(|tally| tally.times).sum();
                    format!(
                        "{} {}x, failed {failures}x of {}",
                        quiet.state.as_str(),
                        quiet.confirmed,
                        quiet.failures.len()
                    )
                }
            };
            let hour = |at: Timestamp| at.as_second() / 3_600;
            let (at, until) = (hour(entry.at), hour(entry.until));
            if at == until { format!("{at}: {event}") } else { format!("{at}-{until}: {event}") }
        });
        words.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn looks_are_told_by_what_they_told() {
        for (case, expected) in [
            ("new", "0: captured 1"),
            ("new same same same", "0: captured 1; 1-3: live 3x, failed 0x of 0"),
            ("new same net same http net", "0: captured 1; 1-5: live 2x, failed 3x of 2"),
            (
                "new new same new",
                "0: captured 1; 1: captured 2 after 1; 2: live 1x, failed 0x of 0; 3: captured 3 after 2",
            ),
            ("new new* new", "0: captured 1; 1: captured 2 after 1*; 2: captured 3 after 1"),
            ("new gone gone= gone=", "0: captured 1; 1: deleted; 2-3: deleted 2x, failed 0x of 0"),
            (
                "new gone net new",
                "0: captured 1; 1: deleted; 2: deleted 0x, failed 1x of 1; 3: captured 3 after 1 back from deleted",
            ),
            ("new gone* same", "0: captured 1; 1: deleted; 2: returned from deleted"),
            ("new walled gone", "0: captured 1; 1: login_required; 2: deleted"),
            ("net memento quoted", "0: unknown 0x, failed 1x of 1; 1: memento 1; 2: quoted 2"),
            (
                "net quoted net quoted= net memento= drift",
                "0: unknown 0x, failed 1x of 1; 1: quoted 1; 2-6: unknown 0x, failed 3x of 2",
            ),
            ("import new import= import", "0: imported 1; 1: captured 2; 3: imported 3 after 1"),
            ("gone", "0: deleted"),
            ("", ""),
        ] {
            assert_eq!(told(&fold(looks(case))), expected, "{case}");
        }
    }

    #[test]
    fn a_post_seen_ten_thousand_times_has_a_short_history() {
        let told = format!("new {} gone {}", "same net ".repeat(5_000), "gone= ".repeat(5_000));
        let folded = fold(looks(&told));
        assert_eq!(folded.len(), 4);
        assert!(
            matches!(&folded[1].event, Event::Quiet(quiet) if quiet.confirmed == 5_000 && quiet.failures[0].times == 5_000)
        );
    }

    #[test]
    fn reasons_without_end_are_counted_all_the_same() {
        let looks = (400..600).map(|status| Look {
            at: Timestamp::from_second(i64::from(status)).unwrap(),
            via: Via::Api,
            is_new: false,
            state: None,
            snapshot: None,
            failure: Some(Failure::Http { status }),
            reparse_of: None,
        });
        let folded = fold(looks);
        let Event::Quiet(quiet) = &folded[0].event else { panic!("{folded:?}") };
        assert_eq!(
            (quiet.failures.len(), quiet.failures.iter().map(|tally| tally.times).sum::<u64>()),
            (MAX_REASONS, 200)
        );
    }
}
