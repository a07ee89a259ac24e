//! `embalm list sources`: what the configuration has, and what the archive knows of it.

use super::{super::reading, Failure, Global};
use crate::{
    model::SourceRecord,
    pipeline::Source,
    store::{Filter, Store, StoreError},
};
use std::{cmp::Reverse, collections::HashMap};

/// What they can be sorted by; as the configuration has them where nothing is asked for.
const ORDERS: [&str; 5] = ["name", "articles", "success", "next", "failures"];

/// Those that fit, of the filters label, limit and sort.
pub(super) fn listed(global: &Global, filter: &Filter) -> Result<Vec<SourceRecord>, Failure> {
    let mut records = records(global)?;
    if let Some(label) = &filter.label {
        records.retain(|record| record.labels.contains(label));
    }
    if let Some(asked) = &filter.sort {
        let (name, reverse) = asked.trim().strip_prefix('-').map_or((asked.trim(), false), |name| (name, true));
        match name {
            "name" => records.sort_by(|a, b| a.name.cmp(&b.name)),
            "articles" => records.sort_by_key(|record| Reverse(record.articles)),
            "success" => records.sort_by_key(|record| Reverse(record.last_success_at)),
            "next" => records.sort_by_key(|record| record.next_poll_at),
            "failures" => records.sort_by_key(|record| Reverse(record.failures_in_a_row)),
            _ => return Err(StoreError::Sort { sort: asked.clone(), known: ORDERS.join(", ") }.into()),
        }
        if reverse {
            records.reverse();
        }
    }
    records.truncate(filter.limit.unwrap_or(usize::MAX));
    Ok(records)
}

/// The sources in the order of the configuration, each list of feeds before the feeds that it names; then those that are
/// no longer configured.
pub(super) fn records(global: &Global) -> Result<Vec<SourceRecord>, Failure> {
    let config = global.config()?;
    let configured = config.sources().map_err(Failure::usage)?;
    let known = match reading(&global.archive(&config), Store::open_read_only) {
        Ok(store) => store.sources()?,
        Err(StoreError::NotFound { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(merged(&configured, known))
}

/// The same, of a configuration and what the archive knows.
pub(in crate::commands) fn merged(configured: &[Source], known: Vec<SourceRecord>) -> Vec<SourceRecord> {
    let mut known: Vec<Option<SourceRecord>> = known.into_iter().map(Some).collect();
    let places: HashMap<String, usize> =
        (0..).zip(&known).filter_map(|(at, record)| Some((record.as_ref()?.name.clone(), at))).collect();
    let mut records = Vec::new();
    for source in configured {
        let found = places.get(&source.name).and_then(|at| known.get_mut(*at)?.take());
        records.push(configured_record(source, found));
        for slot in &mut known {
            if let Some(mut feed) = slot.take_if(|record| record.parent.as_ref() == Some(&source.name)) {
                feed.configured = true;
                records.push(feed);
            }
        }
    }
    records.extend(known.into_iter().flatten());
    records
}

/// What is known at another place is not known of this source, but its articles are there.
fn configured_record(source: &Source, known: Option<SourceRecord>) -> SourceRecord {
    let as_configured = SourceRecord {
        name: source.name.clone(),
        kind: Some(source.kind.as_str().to_owned()),
        place: Some(source.place()),
        configured: true,
        labels: source.labels.clone(),
        ..SourceRecord::default()
    };
    match known {
        Some(known) if known.place == as_configured.place => {
            SourceRecord { configured: true, kind: as_configured.kind, labels: as_configured.labels, ..known }
        }
        Some(known) => SourceRecord { articles: known.articles, ..as_configured },
        None => as_configured,
    }
}
