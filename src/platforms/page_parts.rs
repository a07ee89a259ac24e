//! Parts of a platform's page: elements by selector, addresses in styles, counts and durations as pages print them.

use crate::html;
use crate::http::Response;
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};
use url::Url;

/// Scripts of linked data that are looked at; a page has one to five.
const MAX_SCRIPTS: usize = 24;
/// How large one may be.
const MAX_SCRIPT_BYTES: usize = 1 << 20;
/// Objects that are taken out of them.
const MAX_OBJECTS: usize = 200;

static LINKED_DATA: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("script[type^='application/ld+json']").expect("a fixed selector"));

/// `url('…')` in a style.
static STYLE_URL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"url\(\s*["']?([^"')]{1,4000})["']?\s*\)"#).expect("the pattern is a constant"));

/// `PT1M2.5S`; Facebook leaves the P away (recorded 2020).
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^P?(?:(?P<d>\d{1,4})D)?T?(?:(?P<h>\d{1,4})H)?(?:(?P<m>\d{1,5})M)?(?:(?P<s>\d{1,7}(?:\.\d{1,6})?)S)?$")
        .expect("the pattern is a constant")
});

/// The first element that fits, in a page.
pub(super) fn first<'a>(page: &'a Html, css: &str) -> Option<ElementRef<'a>> {
    page.select(&Selector::parse(css).ok()?).next()
}

/// The first that fits inside an element.
pub(super) fn within<'a>(element: ElementRef<'a>, css: &str) -> Option<ElementRef<'a>> {
    element.select(&Selector::parse(css).ok()?).next()
}

/// All that fit inside an element, at most `most`.
pub(super) fn all_within<'a>(element: ElementRef<'a>, css: &str, most: usize) -> Vec<ElementRef<'a>> {
    Selector::parse(css).map(|selector| element.select(&selector).take(most).collect()).unwrap_or_default()
}

/// The words of the first that fits inside an element, if it has any.
pub(super) fn words(element: ElementRef<'_>, css: &str) -> Option<String> {
    Some(html::text(within(element, css)?)).filter(|words| !words.is_empty())
}

/// The picture that an element's style puts behind it, as a full address.
pub(super) fn background(element: ElementRef<'_>) -> Option<String> {
    let style = html::attr(element, "style")?;
    web(STYLE_URL.captures(style)?.get(1)?.as_str())
}

/// An address as a full one, of the web only.
pub(super) fn web(address: &str) -> Option<String> {
    let address = address.trim();
    let full = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
    Url::parse(&full).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(|_| full)
}

/// A count as pages print it: `3.12K`, `1,234`, `2 M`. Rounded counts stay rounded.
pub(super) fn count(text: &str) -> Option<u64> {
    let text = text.trim().replace([' ', '\u{a0}', '\u{202f}'], "");
    let (digits, unit) = match text.chars().last()?.to_ascii_uppercase() {
        'K' => (&text[..text.len() - 1], 1e3),
        'M' => (&text[..text.len() - 1], 1e6),
        'B' => (&text[..text.len() - 1], 1e9),
        _ => (text.as_str(), 1.0),
    };
    if unit == 1.0 {
        return digits.replace([',', '.'], "").parse().ok();
    }
    let number: f64 = digits.replace(',', ".").parse().ok()?;
    (0.0..1e6).contains(&number).then(|| (number * unit).round() as u64)
}

/// `1:02:03` or `0:42` in milliseconds.
pub(super) fn clock_ms(text: &str) -> Option<u64> {
    let mut seconds = 0_u64;
    for part in text.trim().split(':') {
        let part: u64 = part.trim().parse().ok().filter(|part| *part < 100_000)?;
        seconds = seconds.checked_mul(60)?.checked_add(part)?;
    }
    Some(seconds * 1000)
}

/// An ISO 8601 duration in milliseconds.
pub(super) fn duration_ms(text: &str) -> Option<u64> {
    let text = text.trim();
    let found = DURATION.captures(text).filter(|_| text.ends_with(['S', 'M', 'H', 'D']))?;
    let part = |name: &str| found.name(name).and_then(|part| part.as_str().parse::<f64>().ok()).unwrap_or_default();
    let seconds = ((part("d") * 24.0 + part("h")) * 60.0 + part("m")) * 60.0 + part("s");
    (seconds > 0.0 && seconds < 1e8).then(|| (seconds * 1000.0).round() as u64)
}

/// A size in pixels, of a number or of digits.
pub(super) fn pixels(value: &Value) -> Option<u32> {
    let number = value.as_u64().or_else(|| value.as_str()?.trim_end_matches("px").parse().ok())?;
    u32::try_from(number).ok().filter(|pixels| *pixels > 0)
}

/// A text that is not empty, trimmed.
pub(super) fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number, written as a number or as digits.
pub(super) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| (0.0..1e15).contains(n)).map(|n| n as u64)).or_else(|| {
        let text = value.as_str()?;
        text.parse().ok()
    })
}

/// The JSON of the first script that fits.
pub(super) fn script_json(page: &Html, css: &str) -> Option<Value> {
    let script = first(page, css)?;
    let code: String = script.text().collect();
    serde_json::from_str(code.trim()).ok()
}

/// The scripts of a page's linked data (JSON-LD).
pub(super) fn linked_scripts(page: &Html) -> impl Iterator<Item = Value> {
    page.select(&LINKED_DATA).take(MAX_SCRIPTS).filter_map(|script| parse(&script.text().collect::<String>()))
}

/// Some sites put the script into a comment, or end it with a semicolon, or leave line breaks in its strings.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text.strip_prefix("<!--").map_or(text, |text| text.strip_suffix("-->").unwrap_or(text));
    let text = text.trim().trim_start_matches("//<![CDATA[").trim_end_matches("//]]>");
    let text = text.trim().trim_end_matches(';');
    if text.len() > MAX_SCRIPT_BYTES {
        return None;
    }
    let mended = || serde_json::from_str(&text.replace(['\n', '\r', '\t'], " ")).ok();
    serde_json::from_str(text).ok().or_else(mended)
}

/// The objects of a page's linked data, those of lists and graphs singly.
pub(super) fn linked_data(page: &Html) -> Vec<Value> {
    let mut objects = Vec::new();
    for script in linked_scripts(page) {
        let mut waiting = vec![script];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Array(values) => waiting.extend(values.into_iter().rev().take(MAX_OBJECTS)),
                Value::Object(mut fields) => {
                    if let Some(graph) = fields.remove("@graph") {
                        waiting.push(graph);
                    }
                    objects.push(Value::Object(fields));
                }
                _ => {}
            }
            if objects.len() >= MAX_OBJECTS {
                return objects;
            }
        }
    }
    objects
}

/// Whether an object of linked data is of one of these types.
pub(super) fn is_a(object: &Value, types: &[&str]) -> bool {
    let fits = |value: &Value| value.as_str().is_some_and(|name| types.contains(&name));
    match &object["@type"] {
        Value::Array(values) => values.iter().any(fits),
        value => fits(value),
    }
}

/// Counts of linked data (`interactionStatistic`), by their names in a post.
pub(super) fn interactions(value: &Value) -> BTreeMap<String, u64> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut counts = BTreeMap::new();
    for one in list.iter().take(12) {
        let kind = &one["interactionType"];
        let kind = kind.as_str().or_else(|| kind["@type"].as_str()).unwrap_or_default();
        let name = match kind.rsplit(['/', ':']).next().unwrap_or_default() {
            "LikeAction" => "likes",
            "CommentAction" | "ReplyAction" | "WriteAction" => "replies",
            "ShareAction" => "reposts",
            "WatchAction" | "ViewAction" | "ListenAction" => "views",
            _ => continue,
        };
        let count = &one["userInteractionCount"];
        let count = count.as_u64().or_else(|| count.as_str()?.replace(',', "").parse().ok());
        if let Some(count) = count {
            counts.insert(name.to_owned(), count);
        }
    }
    counts
}

/// The address of a picture or film in linked data: a text, an object's `url` or `contentUrl`, or the first of a list.
pub(super) fn linked_url(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => web(text),
        Value::Array(values) => values.iter().find_map(|value| match value {
            Value::Array(_) => None,
            value => linked_url(value),
        }),
        Value::Object(_) => [&value["contentUrl"], &value["url"]].into_iter().filter_map(Value::as_str).find_map(web),
        _ => None,
    }
}

/// The JSON of an answer, without a mark at its start.
pub(super) fn json(answer: &Response) -> Option<Value> {
    let text = answer.text();
    serde_json::from_str(text.trim_start_matches('\u{feff}').trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_durations_are_read_as_printed() {
        assert_eq!(count("3.12K"), Some(3120));
        assert_eq!(count("1,234"), Some(1234));
        assert_eq!(count("2 M"), Some(2_000_000));
        assert_eq!((count("many"), count("")), (None, None));
        assert_eq!(clock_ms("1:02:03"), Some(3_723_000));
        assert_eq!(clock_ms("0:42"), Some(42_000));
        assert_eq!(clock_ms("soon"), None);
        assert_eq!(duration_ms("PT2180S"), Some(2_180_000));
        assert_eq!(duration_ms("T1M1S"), Some(61_000));
        assert_eq!(duration_ms("PT1H0M2.5S"), Some(3_602_500));
        assert_eq!((duration_ms("P"), duration_ms("")), (None, None));
    }

    #[test]
    fn linked_data_is_taken_out_of_lists_and_graphs() {
        let page = Html::parse_document(
            r#"<script type="application/ld+json">{"@graph":[{"@type":"A","n":1},{"@type":["B","C"]}]}</script>
            <script type="application/ld+json">not json</script><script type="application/ld+json">[{"@type":"D"}]</script>
            <script type="application/ld+json; charset=utf-8">
            //<![CDATA[
            {"@type":"C","text":"two
            lines"};
            //]]></script>"#,
        );
        let found = linked_data(&page);
        assert_eq!(found.iter().filter(|object| is_a(object, &["A", "C", "D"])).count(), 4);
        assert_eq!(linked_url(&serde_json::json!([{"url": "//a.example/1"}])).as_deref(), Some("https://a.example/1"));
        assert_eq!(linked_url(&serde_json::json!("javascript:1")), None);
    }
}
