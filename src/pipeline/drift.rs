//! Whether a platform's adapter still understands its platform, judged by all answers of a run together.
//!
//! One strange answer among many good ones is a strange post; it is told, kept and tried again. Where a tenth of a
//! platform's answers are strange, or five, the platform has changed and a person should look. Posts that are gone by the
//! platform's own word are no drift, however many: the answers were understood. But many at once are told as well.

use super::PostChange;
use crate::model::{Failure, Outcome, Problem, ProblemKind, State};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// An adapter has drifted when one in so many answers of a run is strange,
const DRIFTED_SHARE: u64 = 10;

/// or so many of them.
const DRIFTED_ANSWERS: u64 = 5;

/// So many posts that were live must vanish in one run,
const MANY_GONE: u64 = 5;

/// and one in so many of those looked at, to be worth a word.
const MANY_GONE_SHARE: u64 = 2;

/// How one platform answered in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Answers that were understood: content, or the platform's word that there is none.
    pub understood: u64,
    /// Answers that were not.
    pub strange: u64,
    /// Posts that were live until now and of which the platform said something.
    pub were_live: u64,
    /// Those of them that it says are gone.
    pub vanished: u64,
    /// The first strange answer: the post, the place in the answer, what was expected and what came.
    pub example: Option<(String, String)>,
}

impl Answers {
    /// Whether the adapter itself has drifted, not a single answer.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        is_drift(self.understood, self.strange)
    }

    /// Whether remarkably many posts vanished at once, by the platform's own word.
    #[must_use]
    pub fn is_exodus(&self) -> bool {
        self.vanished >= MANY_GONE && self.vanished * MANY_GONE_SHARE >= self.were_live
    }
}

/// Whether an adapter has drifted that understood so many answers and so many not.
pub(super) fn is_drift(understood: u64, strange: u64) -> bool {
    strange >= DRIFTED_ANSWERS || (strange > 0 && strange * DRIFTED_SHARE >= understood + strange)
}

/// All platforms of a run, by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drifts(BTreeMap<String, Answers>);

impl Drifts {
    /// Notes what the platform itself said of a post.
    pub(super) fn note(&mut self, post: &crate::model::PostRef, outcome: &Outcome, was: State, change: PostChange) {
        let is_told = State::proven_by(outcome).is_some();
        let drift = match outcome {
            Outcome::Failed(Failure::Drift { at, detail }) => Some(format!("{at}: {detail}")),
            _ => None,
        };
        if !is_told && drift.is_none() {
            return;
        }
        let answers = self.0.entry(post.platform.clone()).or_default();
        answers.understood += u64::from(is_told);
        answers.were_live += u64::from(is_told && was == State::Live);
        answers.vanished += u64::from(was == State::Live && change == PostChange::Gone);
        if let Some(detail) = drift {
            answers.strange += 1;
            answers.example.get_or_insert_with(|| (post.key(), detail));
        }
    }

    /// Whether any adapter has drifted: exit code 3.
    #[must_use]
    pub fn any(&self) -> bool {
        self.0.values().any(Answers::is_drift)
    }

    /// The adapters that have drifted.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let drifted = self.0.iter().filter(|(_, answers)| answers.is_drift());
        drifted
            .map(|(platform, Answers { understood, strange, example, .. })| {
                let example =
                    example.as_ref().map(|(post, detail)| format!(" ({detail}; {post})")).unwrap_or_default();
                let all = understood + strange;
                Problem {
                    kind: ProblemKind::AdapterDrift,
                    subject: Some(platform.clone()),
                    detail: format!(
                        "{platform}: {strange} of {all} answers were not understood{example}: the adapter has drifted; the \
                         answers are kept, and `embalm reparse` reads them when it is mended"
                    ),
                    command: format!("embalm doctor {platform}"),
                    since: None,
                }
            })
            .collect()
    }

    /// What a person may want to know of platforms that have not drifted, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let told = |(platform, answers): (&String, &Answers)| Told { platform, answers }.to_string();
        self.0.iter().flat_map(|entry| told(entry).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    }
}

/// One platform's answers in words.
struct Told<'a> {
    platform: &'a str,
    answers: &'a Answers,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answers { understood, strange, were_live, vanished, example } = self.answers;
        let platform = self.platform;
        if let Some((post, detail)) = example.as_ref().filter(|_| !self.answers.is_drift()) {
            let all = understood + strange;
            write!(f, "{platform}: {strange} of {all} answers were not understood ({detail}; {post})")?;
            write!(f, "; the others were, so it is the post that is unusual")?;
        }
        if self.answers.is_exodus() {
            let part = if example.is_some() && !self.answers.is_drift() { "\n" } else { "" };
            write!(
                f,
                "{part}{platform}: {vanished} of {were_live} posts that were there are gone by the platform's own word; \
                       its answers were understood, so this is no drift"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gone, PostRef};

    fn answers(gone: u64, strange: u64) -> Drifts {
        let mut drifts = Drifts::default();
        let post = PostRef {
            platform: "example".to_owned(),
            id: "1".to_owned(),
            author: None,
            url: "https://social.example/1".parse().unwrap(),
        };
        let odd = Outcome::Failed(Failure::Drift { at: "api".to_owned(), detail: "no `text`".to_owned() });
        for _ in 0..gone {
            drifts.note(&post, &Outcome::Gone(Gone::Deleted), State::Live, PostChange::Gone);
        }
        for _ in 0..strange {
            drifts.note(&post, &odd, State::Live, PostChange::Failed);
        }
        drifts
    }

    #[test]
    fn one_strange_answer_among_many_is_told_and_is_no_drift() {
        assert!(answers(0, 1).any() && answers(9, 1).any());
        let one = answers(40, 1);
        assert!(!one.any());
        assert!(one.warnings()[0].contains("1 of 41 answers were not understood (api: no `text`; example:1)"));
        assert!(answers(400, 5).any(), "five are a pattern");
    }

    #[test]
    fn many_deletions_are_told_apart_from_drift() {
        let gone = answers(12, 0);
        assert!(!gone.any());
        assert!(gone.warnings()[0].contains("12 of 12 posts that were there are gone"), "{:?}", gone.warnings());
        assert!(answers(4, 0).warnings().is_empty());
        assert!(answers(0, 0).warnings().is_empty());
    }

    #[test]
    fn what_never_answered_says_nothing_of_the_adapter() {
        let mut drifts = answers(0, 0);
        let post = PostRef {
            platform: "example".to_owned(),
            id: "1".to_owned(),
            author: None,
            url: "https://social.example/1".parse().unwrap(),
        };
        for failure in [Failure::Blocked, Failure::NoRoute, Failure::RateLimited { retry_at: None }] {
            drifts.note(&post, &Outcome::Failed(failure), State::Live, PostChange::Failed);
        }
        assert_eq!(drifts, Drifts::default());
    }
}
