//! The nouns of embalm: article, embed, post, outcome. One word per idea, the same in SQL, flags, JSON and docs.

mod article;
mod difference;
mod embed;
mod figures;
mod history;
mod host;
mod known;
mod listing;
mod media;
mod memento;
mod outcome;
mod paging;
mod post;
mod problem;
mod proof;
mod record;
mod search;
mod shown;
mod source;
mod standing;
mod status;
mod summary;
mod timeline;
mod view;
mod when;
mod who;

pub use article::{Article, ArticleRef};
pub use difference::{Difference, differences};
pub use embed::{Embed, Form, Quoted, Scope, Target};
pub use figures::{Age, AgeCount, CaptureCount, Fates, Figures, MediaSum, PlatformFates, SizeOn, Step};
pub use history::{HistoryChange, HistoryEvent, HistoryRecord};
pub use host::{HostRecord, RobotsRecord};
pub use known::{AskedSnapshot, EmbeddedIn, KnownPost, PostLine, SavedCopy};
pub use listing::{
    ArticleBrief, ArticleRecord, FailureRecord, Fault, MediaFileRecord, Rest, RunRecord, RunState, SearchHit,
};
pub use media::{Media, MediaKind, Obtained, Variant};
pub use memento::Memento;
pub use outcome::{Failure, Gone, Outcome, State, Via, Withheld};
pub use paging::{Listed, Mark, Part, Start, Total};
pub use post::{Author, Card, Poll, PollOption, Post, PostRef, Related, Thread};
pub use problem::{Problem, ProblemKind};
pub use proof::{FORM as PROOF_FORM, Proof, ProofStamp, Proven, Statement};
pub use record::{DatedPostRecord, EMBED_SCHEMA, EmbedRecord, MediaRecord, PostRecord};
pub use search::{Facets, Findings, MATCH_END, MATCH_START, Reading};
pub use shown::{ShownArticle, ShownPost};
pub use source::SourceRecord;
pub use standing::{Address, OriginalView, Standing, VersionView, VersionWords};
pub use status::{PlatformRecord, PlatformRun, QueuedRecord, SourceStatus, StatusRecord};
pub use summary::{
    ArticleCounts, HostTraffic, MediaCounts, PolitenessCounts, PostCounts, QueueCounts, SourceCounts, Summary,
};
pub use timeline::{Captured, CountsAt, FailureTally, Quiet, ReadAgain, Timeline, TimelineEntry, TimelineEvent};
pub use view::{ArticleView, EmbedView, PostView, SnapshotView, StoredMedia};
pub use when::When;
pub use who::{AuthorShare, AuthorView, PlatformView, SeenAvatar, SeenName, SiteShare};
