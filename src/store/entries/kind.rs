//! What can be entered, and by which words.

/// A kind of entry. Each stands for the rows of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Kind {
    /// An exchange with its hops.
    Exchange,
    /// A version of an article with its embeds and pages.
    Version,
    /// The digest of what a version says, as today's reader works it out; the newest counts.
    Reading,
    /// A snapshot with its relations.
    Snapshot,
    /// A file that a snapshot names, whose bytes did not come with it.
    Media,
    /// A file that a snapshot names, with its bytes.
    File,
    /// A look with its exchanges.
    Look,
    /// What a web archive was asked to save.
    Save,
    /// A redaction.
    Redaction,
    /// What was taken away or changed.
    Tombstone,
    /// A run of before the upgrade that brought entries.
    Run,
}

impl Kind {
    /// All of them, in the order in which an upgrade enters rows: what is referred to comes first.
    pub(in crate::store) const ALL: [Self; 11] = [
        Self::Run,
        Self::Exchange,
        Self::Version,
        Self::Reading,
        Self::Snapshot,
        Self::Media,
        Self::File,
        Self::Look,
        Self::Save,
        Self::Redaction,
        Self::Tombstone,
    ];

    /// As `entries.kind` has it.
    pub(in crate::store) fn as_str(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Version => "version",
            Self::Reading => "reading",
            Self::Snapshot => "snapshot",
            Self::Media => "media",
            Self::File => "file",
            Self::Look => "look",
            Self::Save => "save",
            Self::Redaction => "redaction",
            Self::Tombstone => "tombstone",
            Self::Run => "run",
        }
    }

    /// The kind of this word.
    pub(in crate::store) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The table with its rows.
    pub(in crate::store) fn table(self) -> &'static str {
        match self {
            Self::Exchange => "exchanges",
            Self::Version | Self::Reading => "article_versions",
            Self::Snapshot => "snapshots",
            Self::Media | Self::File => "snapshot_media",
            Self::Look => "looks",
            Self::Save => "saves",
            Self::Redaction => "redactions",
            Self::Tombstone => "tombstones",
            Self::Run => "runs",
        }
    }

    /// Whether its rows say which run wrote them.
    pub(in crate::store) fn has_run(self) -> bool {
        matches!(self, Self::Exchange | Self::Version | Self::Snapshot | Self::Look | Self::Save)
    }

    /// The rows of this kind that are to be entered: a condition on the table.
    pub(in crate::store) fn entered(self) -> &'static str {
        match self {
            Self::Reading => "content_digest IS NOT NULL",
            Self::Media => "blob IS NULL",
            Self::File => "blob IS NOT NULL",
            _ => "true",
        }
    }
}
