//! Reads what a page's JSON-LD says of its article: schema.org in all the shapes that publishing systems write it.

use serde_json::{Map, Value};
use std::collections::HashMap;

/// A block over this many bytes is a product catalogue or an attack.
const MAX_BLOCK_BYTES: usize = 2 * 1024 * 1024;

/// Blocks read of one page.
const MAX_BLOCKS: usize = 40;

/// Objects looked at in all blocks of one page.
const MAX_OBJECTS: usize = 20_000;

/// Authors named in a byline; a longer list is a masthead.
const MAX_AUTHORS: usize = 12;

/// Types that are the article itself, best first. The last one is what pages of many systems wrap theirs in.
const ARTICLE_TYPES: [&str; 22] = [
    "NewsArticle",
    "ReportageNewsArticle",
    "AnalysisNewsArticle",
    "OpinionNewsArticle",
    "BackgroundNewsArticle",
    "AskPublicNewsArticle",
    "ReviewNewsArticle",
    "AdvertiserContentArticle",
    "SatiricalArticle",
    "LiveBlogPosting",
    "BlogPosting",
    "TechArticle",
    "ScholarlyArticle",
    "MedicalScholarlyArticle",
    "Article",
    "Report",
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "Review",
    "Recipe",
    "ItemPage",
    "WebPage",
];

/// What JSON-LD states; strings as they are written there, possibly with HTML entities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// `headline`, else `name`.
    pub(super) title: Option<String>,
    /// The authors' names joined by commas.
    pub(super) byline: Option<String>,
    /// The publisher's name, else the web site's.
    pub(super) site_name: Option<String>,
    /// `datePublished`, else `dateCreated`.
    pub(super) published: Option<String>,
    /// `inLanguage`.
    pub(super) lang: Option<String>,
    /// `mainEntityOfPage`, else `url`.
    pub(super) url: Option<String>,
    /// `articleBody`.
    pub(super) body: Option<String>,
    /// The page is a live blog.
    pub(super) live_blog: bool,
}

/// Fields with other pages than this one: breadcrumbs and lists, and what readers wrote.
const OTHERS: [&str; 3] = ["itemListElement", "comment", "suggestedAnswer"];

/// Folds a page's blocks (the contents of `<script type="application/ld+json">`, in order) into one statement: the
/// best article's own fields first, then what other articles and the page's wrapper add.
pub(super) fn read<'a>(blocks: impl IntoIterator<Item = &'a str>) -> Stated {
    let values: Vec<Value> = blocks.into_iter().take(MAX_BLOCKS).filter_map(parse).collect();
    let objects = objects(&values);
    let by_id: HashMap<&str, &Map<String, Value>> = objects
        .iter()
        .filter(|object| object.len() > 1)
        .filter_map(|object| Some((object.get("@id")?.as_str()?, *object)))
        .collect();
    let mut articles: Vec<(usize, &Map<String, Value>)> =
        objects.iter().filter_map(|object| Some((rank(object)?, *object))).collect();
    articles.sort_by_key(|(rank, object)| (*rank, object.get("headline").is_none()));

    let mut stated = Stated::default();
    for (_, object) in &articles {
        let fill = |field: &mut Option<String>, value: Option<String>| {
            if field.is_none() {
                *field = value;
            }
        };
        fill(&mut stated.title, string(object, "headline").or_else(|| string(object, "name")));
        fill(&mut stated.byline, names(object.get("author").or_else(|| object.get("creator")), &by_id));
        fill(&mut stated.site_name, names(object.get("publisher"), &by_id));
        fill(&mut stated.published, string(object, "datePublished").or_else(|| string(object, "dateCreated")));
        fill(&mut stated.lang, string(object, "inLanguage"));
        fill(&mut stated.url, page_url(object));
        fill(&mut stated.body, string(object, "articleBody"));
        stated.live_blog |= types(object).any(|name| name == "LiveBlogPosting");
    }
    if stated.site_name.is_none() {
        stated.site_name =
            objects.iter().find(|object| types(object).any(|t| t == "WebSite")).and_then(|site| string(site, "name"));
    }
    stated
}

/// JSON as pages write it: inside CDATA or a comment, with raw line breaks in strings, with a semicolon at the end.
fn parse(block: &str) -> Option<Value> {
    if block.len() > MAX_BLOCK_BYTES {
        return None;
    }
    let mut text = block.trim();
    for (open, close) in [("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("<![CDATA[", "]]>"), ("/*<![CDATA[*/", "/*]]>*/")]
    {
        if let Some(inside) = text.strip_prefix(open) {
            text = inside.trim().strip_suffix(close).unwrap_or(inside).trim();
        }
    }
    let text = text.trim_end_matches(';');
    serde_json::from_str(text).ok().or_else(|| {
        let folded: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&folded).ok()
    })
}

/// Every object of the values, lists in their order, without recursion.
fn objects(values: &[Value]) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => {
                found.push(object);
                if found.len() >= MAX_OBJECTS {
                    break;
                }
                let of_page = object.iter().filter(|(key, _)| !OTHERS.contains(&key.as_str()));
                waiting.extend(of_page.map(|(_, value)| value).collect::<Vec<_>>().into_iter().rev());
            }
            Value::Array(items) => waiting.extend(items.iter().rev()),
            _ => {}
        }
    }
    found
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kind = object.get("@type");
    let one = kind.and_then(Value::as_str);
    let many = kind.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many).map(|name| name.rsplit(['/', ':', '#']).next().unwrap_or(name))
}

/// The place of an object's best type among the article types.
fn rank(object: &Map<String, Value>) -> Option<usize> {
    types(object).filter_map(|name| ARTICLE_TYPES.iter().position(|known| *known == name)).min()
}

fn string(object: &Map<String, Value>, key: &str) -> Option<String> {
    let value = match object.get(key)? {
        Value::Array(items) => items.first()?,
        other => other,
    };
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Object(inner) => inner.get("@value").or_else(|| inner.get("name")).and_then(Value::as_str)?,
        _ => return None,
    };
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The names of people or organisations: written out, as objects, as lists, or by reference to an `@id`.
fn names(value: Option<&Value>, by_id: &HashMap<&str, &Map<String, Value>>) -> Option<String> {
    let people: Vec<&Value> = match value? {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let mut names: Vec<String> = Vec::new();
    for person in people.into_iter().take(MAX_AUTHORS) {
        let name = match person {
            Value::String(name) => Some(name.trim().to_owned()),
            Value::Object(object) => string(object, "name").or_else(|| {
                let id = object.get("@id")?.as_str()?;
                string(by_id.get(id)?, "name")
            }),
            _ => None,
        };
        if let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with('(') && !name.contains("://"))
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

fn page_url(object: &Map<String, Value>) -> Option<String> {
    let of_page = match object.get("mainEntityOfPage") {
        Some(Value::Object(page)) => page.get("@id").or_else(|| page.get("url")).and_then(Value::as_str),
        Some(Value::String(url)) => Some(url.as_str()),
        _ => None,
    };
    of_page
        .or_else(|| object.get("url").and_then(Value::as_str))
        .map(str::trim)
        .filter(|url| url.starts_with("http"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_with_references_is_one_statement() {
        let block = r##"{"@context":"https://schema.org","@graph":[
            {"@type":"WebSite","name":"The Harbour Post"},
            {"@type":"WebPage","@id":"https://example.com/a","name":"Tide | The Harbour Post","inLanguage":"en-GB"},
            {"@type":["Article","NewsArticle"],"headline":"Tide","author":[{"@id":"#p"},{"name":"Bo Lund"}],
             "datePublished":"2020-01-02","mainEntityOfPage":{"@id":"https://example.com/a"}},
            {"@type":"Person","@id":"#p","name":"Ada Moor"}]}"##;
        assert_eq!(
            read([block]),
            Stated {
                title: Some("Tide".into()),
                byline: Some("Ada Moor, Bo Lund".into()),
                site_name: Some("The Harbour Post".into()),
                published: Some("2020-01-02".into()),
                lang: Some("en-GB".into()),
                url: Some("https://example.com/a".into()),
                ..Stated::default()
            }
        );
    }

    #[test]
    fn a_breadcrumb_is_not_the_page() {
        let block = r#"[{"@type":"BreadcrumbList","itemListElement":[
            {"item":{"@type":"WebSite","name":"Start"}},{"item":{"@type":"WebPage","name":"Town"}}]},
            {"@type":"Article","author":[{"name":"Ada Moor"},{"name":"(Picture: Agency)"}]}]"#;
        let stated = read([block]);
        assert_eq!((stated.title, stated.site_name), (None, None));
        assert_eq!(stated.byline.as_deref(), Some("Ada Moor"));
    }

    #[test]
    fn sloppy_blocks_are_read_and_broken_ones_passed_over() {
        let sloppy = "//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"Two\nlines\"};\n//]]>";
        assert_eq!(read(["{broken", sloppy]).title.as_deref(), Some("Two lines"));
        let deep = "[".repeat(100_000);
        assert_eq!(read([deep.as_str()]), Stated::default());
    }
}
