//! What a person asks for, read into a tree: words (all of them), `"a phrase"`, `prefix*`, `AND`, `OR`, `NOT`, `-without`,
//! parentheses, and `column:` before a word or a phrase.
//!
//! `NOT` binds tighter than `AND`, and `AND` tighter than `OR`; words that stand side by side belong together before all of
//! these, as FTS5 has it.

use crate::words::{self, Part};

/// Deeper parentheses are no query.
const MAX_DEPTH: u8 = 24;

/// More words than these are not asked for.
const MAX_WORDS: usize = 64;

/// What can stand before a colon; `author` is the name and the handle of a post's author, and the byline of an article.
const COLUMNS: [&str; 7] = ["text", "author", "author_name", "author_handle", "alt", "title", "byline"];

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Each of them.
    All(Vec<Node>),
    /// One of them or more.
    Any(Vec<Node>),
    /// The first, where the second is not.
    Without(Box<Node>, Box<Node>),
    /// Words that follow one another.
    Words(Words),
}

/// Words that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Where alone they are looked for.
    pub(super) column: Option<&'static str>,
    /// As the index has them.
    pub(super) tokens: Vec<String>,
    /// Of the last one the beginning is enough.
    pub(super) prefix: bool,
}

/// Reads a question. None where it is none: an operator without its other side, a parenthesis or a quote that stays open.
/// The inner none: there is no word in it.
pub(super) fn read(query: &str) -> Option<Option<Node>> {
    let lexemes = lexemes(query)?;
    let mut reader = Reader { lexemes: &lexemes, at: 0, depth: 0 };
    let node = reader.any()?;
    (reader.at == lexemes.len()).then_some(node)
}

/// Every word as itself: none of the signs counts.
pub(super) fn plain(query: &str) -> Option<Node> {
    let bare = query.replace(['#', '@', '＃', '＠', '"'], " ");
    let words = bare.split_whitespace().take(MAX_WORDS);
    all(words.filter_map(|word| leaf(word, None, word.ends_with('*'))).map(Node::Words).collect())
}

/// The words of a question of more than one word as a phrase, where they are nothing but words.
pub(super) fn phrase(query: &str) -> Option<Words> {
    let lexemes = lexemes(query)?;
    let words: Option<Vec<&str>> = lexemes
        .iter()
        .map(|lexeme| match lexeme {
            Lexeme::Words { text, quoted: false, without: false, column: None, prefix: false } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let words = words.filter(|words| words.len() > 1)?;
    leaf(&words.join(" "), None, false)
}

impl Node {
    /// The sides of an OR; itself where it is none.
    pub(super) fn sides(&self) -> impl Iterator<Item = &Self> {
        if let Self::Any(nodes) = self { nodes.as_slice() } else { std::slice::from_ref(self) }.iter()
    }

    /// The same, where nothing is left out.
    pub(super) fn without_others(&self) -> Self {
        let each = |nodes: &[Self]| nodes.iter().map(Self::without_others).collect();
        match self {
            Self::All(nodes) => Self::All(each(nodes)),
            Self::Any(nodes) => Self::Any(each(nodes)),
            Self::Without(node, _) => node.without_others(),
            Self::Words(words) => Self::Words(words.clone()),
        }
    }

    /// The words that a find has: not those that it must not have.
    pub(super) fn wanted(&self) -> Vec<&Words> {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().flat_map(Self::wanted).collect(),
            Self::Without(node, _) => node.wanted(),
            Self::Words(words) => vec![words],
        }
    }
}

enum Lexeme {
    Open,
    Close,
    And,
    Or,
    Not,
    Words { text: String, quoted: bool, prefix: bool, column: Option<&'static str>, without: bool },
}

fn lexemes(query: &str) -> Option<Vec<Lexeme>> {
    let query = query.replace(['“', '”', '„', '‟'], "\"");
    let mut lexemes = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix(['(', ')']) {
            lexemes.push(if first == '(' { Lexeme::Open } else { Lexeme::Close });
            rest = behind.trim_start();
            continue;
        }
        let without = rest.starts_with('-') && rest.chars().nth(1).is_some_and(|c| c == '"' || c.is_alphanumeric());
        rest = rest.strip_prefix('-').filter(|_| without).unwrap_or(rest);
        let named = COLUMNS.iter().find_map(|column| {
            let behind = rest.strip_prefix(column)?.strip_prefix(':')?;
            behind.starts_with(|c: char| !c.is_whitespace() && c != ')').then_some((*column, behind))
        });
        let column = named.map(|(column, _)| column);
        rest = named.map_or(rest, |(_, behind)| behind);
        if let Some(inside) = rest.strip_prefix('"') {
            let (text, behind) = inside.split_once('"')?;
            let open = behind.strip_prefix('*');
            lexemes.push(Lexeme::Words {
                text: text.to_owned(),
                quoted: true,
                prefix: open.is_some(),
                column,
                without,
            });
            rest = open.unwrap_or(behind).trim_start();
            continue;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
        // Nothing is left behind a column's name but a parenthesis.
        let (word, behind) = rest.split_at_checked(end.max(1)).filter(|(word, _)| !word.is_empty())?;
        lexemes.push(match word {
            "AND" => Lexeme::And,
            "OR" => Lexeme::Or,
            "NOT" => Lexeme::Not,
            word => {
                Lexeme::Words { text: word.to_owned(), quoted: false, prefix: word.ends_with('*'), column, without }
            }
        });
        rest = behind.trim_start();
    }
    Some(lexemes)
}

struct Reader<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    depth: u8,
}

impl Reader<'_> {
    fn next_is(&mut self, is: fn(&Lexeme) -> bool) -> bool {
        let found = self.lexemes.get(self.at).is_some_and(is);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<Option<Node>> {
        let mut nodes = vec![self.each()?];
        while self.next_is(|lexeme| matches!(lexeme, Lexeme::Or)) {
            nodes.push(self.each()?);
        }
        let mut nodes: Vec<Node> = nodes.into_iter().flatten().collect();
        Some(if nodes.len() > 1 { Some(Node::Any(nodes)) } else { nodes.pop() })
    }

    fn each(&mut self) -> Option<Option<Node>> {
        let mut nodes = vec![self.without()?];
        while self.next_is(|lexeme| matches!(lexeme, Lexeme::And)) {
            nodes.push(self.without()?);
        }
        Some(all(nodes.into_iter().flatten().collect()))
    }

    fn without(&mut self) -> Option<Option<Node>> {
        let mut node = self.together()?;
        while self.next_is(|lexeme| matches!(lexeme, Lexeme::Not)) {
            node = less(node, self.together()?);
        }
        Some(node)
    }

    /// What stands side by side.
    fn together(&mut self) -> Option<Option<Node>> {
        let (mut nodes, mut others) = (Vec::new(), Vec::new());
        let begin = self.at;
        loop {
            match self.lexemes.get(self.at) {
                Some(Lexeme::Open) => {
                    self.at += 1;
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return None;
                    }
                    nodes.extend(self.any()?);
                    self.depth -= 1;
                    if !self.next_is(|lexeme| matches!(lexeme, Lexeme::Close)) {
                        return None;
                    }
                }
                Some(Lexeme::Words { text, prefix, column, without, .. }) => {
                    self.at += 1;
                    let node = leaf(text, *column, *prefix).map(Node::Words);
                    if *without { others.extend(node) } else { nodes.extend(node) }
                }
                _ => break,
            }
        }
        if self.at == begin || nodes.len() + others.len() > MAX_WORDS || (nodes.is_empty() && !others.is_empty()) {
            return None;
        }
        Some(others.into_iter().fold(all(nodes), |node, other| less(node, Some(other))))
    }
}

fn all(mut nodes: Vec<Node>) -> Option<Node> {
    if nodes.len() > 1 { Some(Node::All(nodes)) } else { nodes.pop() }
}

fn less(node: Option<Node>, other: Option<Node>) -> Option<Node> {
    match (node, other) {
        (Some(node), Some(other)) => Some(Node::Without(Box::new(node), Box::new(other))),
        (node, _) => node,
    }
}

/// The words of a text as the index has them; none where there are none.
fn leaf(text: &str, column: Option<&'static str>, prefix: bool) -> Option<Words> {
    let text = text.trim();
    let is_signed = text.starts_with(['#', '@', '＃', '＠']) && !text.contains(char::is_whitespace);
    let mut found = words::tokens(text);
    let sign = found.iter().position(|token| token.part == Part::Sign);
    match sign {
        Some(at) if is_signed => drop(found.drain(..at)),
        Some(at) => found.truncate(at),
        None => {}
    }
    let mut prefix = prefix;
    if let Some(last) = found.last().filter(|token| token.part == Part::Last).cloned() {
        let run = found.len().checked_sub(2).and_then(|at| found.get(at));
        // In the middle of a run its last character is no word; by itself it begins one.
        prefix = !run.is_some_and(|token| token.part == Part::Pair && token.end == last.end);
        if !prefix {
            found.pop();
        }
    }
    let tokens: Vec<String> = found.into_iter().map(|token| token.text).collect();
    (!tokens.is_empty()).then_some(Words { column, tokens, prefix })
}

#[cfg(test)]
mod tests {
    use super::super::expression::expression;
    use super::*;
    use crate::store::index::{ARTICLES, POSTS};

    fn asked(query: &str) -> String {
        match read(query) {
            None => "no query".to_owned(),
            Some(None) => "no word".to_owned(),
            Some(Some(node)) => expression(&node, &POSTS).unwrap_or_else(|| "nothing".to_owned()),
        }
    }

    #[test]
    fn a_question_is_read_as_fts5_reads_it() {
        for (query, expected) in [
            ("Crème brûlée", r#"("creme" AND "brulee")"#),
            (r#""Night train" OR sleep*"#, r#"("night train" OR "sleep" *)"#),
            ("a OR b AND c NOT d e", r#"("a" OR ("b" AND ("c" NOT ("d" AND "e"))))"#),
            ("train -harbour", r#"("train" NOT "harbour")"#),
            ("(a OR b) c", r#"(("a" OR "b") AND "c")"#),
            ("author_handle:zoe_k x", r#"({author_handle} : "zoe k" AND "x")"#),
            ("author:zoe", r#"{author_name author_handle} : "zoe""#),
            ("title:zoe OR x", r#""x""#),
            ("title:zoe x", "nothing"),
            ("#storm", r##""# storm""##),
            ("@zoe_k", r#""@ zoe k""#),
            ("東京", r#""東京""#),
            ("東京都庁", r#""東京 京都 都庁""#),
            ("猫", r#""猫" *"#),
            ("\"東京 大阪\"", r#""東京 京 大阪""#),
            ("“two words”", r#""two words""#),
            ("well-known example.com/a", r#"("well known" AND "example com a")"#),
            ("— 🎉", r#""🎉""#),
            ("-a", "no query"),
            ("a AND", "no query"),
            ("(a", "no query"),
            ("a)", "no query"),
            ("\"a", "no query"),
            ("NOT a", "no query"),
            ("***", "no word"),
        ] {
            assert_eq!(asked(query), expected, "{query}");
        }
        let node = read("title:zoe x").flatten().unwrap();
        assert_eq!(expression(&node, &ARTICLES).unwrap(), r#"({title} : "zoe" AND "x")"#);
        assert!(read(&"(".repeat(5000)).is_none());
    }
}
