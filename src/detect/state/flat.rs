//! Flat state: one array whose values name each other by index, as Nuxt 3, Remix and devalue write it.

use super::fields;
use crate::detect::json::Json;
use std::collections::HashMap;

/// Shorter arrays are lists.
const MIN_ITEMS: usize = 5;

/// Fields whose address is where something leads.
const LINKS: [&str; 4] = ["canonical", "slug", "image", "path"];

/// What is known of a text in flat state.
pub(super) struct Flat<'v> {
    pub(super) text: &'v str,
    pub(super) field: &'v str,
    /// Whose embed the object is by its kind that it stands in.
    pub(super) embed: Option<&'static str>,
}

/// Whether a value is flat state: its objects and inner arrays hold nothing but indices.
pub(super) fn is_flat(value: &Json) -> bool {
    let Json::Array(items) = value else { return false };
    let is_index = |item: &Json| matches!(item, Json::Number(_) | Json::Other);
    let refers = |item: &Json| match item {
        // An array may begin with the name of a type.
        Json::Array(items) => items.iter().skip(1).all(is_index),
        Json::Object(fields) => fields.iter().all(|(_, value)| is_index(value)),
        _ => true,
    };
    let holders = items.iter().filter(|item| matches!(item, Json::Array(_) | Json::Object(_)));
    items.len() >= MIN_ITEMS
        && items.first().is_some_and(|first| matches!(first, Json::Array(_) | Json::Object(_)))
        // Dates and other types are arrays with texts.
        && items.iter().filter(|item| !refers(item)).count() * 10 <= holders.count()
}

/// The texts of flat state in their order, each with the field that refers to it. A text that only a list refers to,
/// or a field that doesn't say that it leads elsewhere, counts as an embed's.
pub(super) fn texts(items: &[Json]) -> Vec<Flat<'_>> {
    let text_at = |value: &Json| match value {
        Json::Number(index) => usize::try_from(*index).ok().and_then(|index| items.get(index)).and_then(Json::as_str),
        _ => None,
    };
    let mut known: HashMap<u64, (&str, Option<&'static str>)> = HashMap::new();
    for item in items {
        let Json::Object(own) = item else { continue };
        let named = |field: &'_ str| field.strip_prefix('_').and_then(|index| index.parse().ok()).map(Json::Number);
        let own: Vec<(&str, &Json)> = own
            .iter()
            .map(|(field, value)| (named(field).and_then(|name| text_at(&name)).unwrap_or(field), value))
            .collect();
        let kinds = own.iter().filter(|(field, _)| fields::is_kind(field));
        let embed = kinds.filter_map(|(_, value)| fields::embed_of_kind(text_at(value)?)).max();
        for (field, value) in own {
            if let Json::Number(index) = value {
                known.entry(*index).or_insert((field, embed));
            }
        }
    }
    let text = |(index, item): (usize, &'_ Json)| {
        let (field, embed) = known.get(&(index as u64)).copied().unwrap_or(("", None));
        item.as_str().map(|_| (field, embed, index))
    };
    let all = items.iter().enumerate().filter_map(text);
    all.filter_map(|(field, embed, index)| {
        let field = if LINKS.contains(&field) || fields::is_of_others(field) { field } else { "embedUrl" };
        Some(Flat { text: items.get(index)?.as_str()?, field, embed })
    })
    .collect()
}
