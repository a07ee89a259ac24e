//! The log's writer for machines: one JSON object a line, `time`, `level`, `event` and `run` first, then its fields.

use super::RUN;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{fmt::Debug, io::Write, sync::atomic::Ordering};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// The event's name where the library says something beside the events of a run.
const OTHER: &str = "log";

/// Writes each event as a line on stderr.
pub(super) struct JsonLines;

impl<S: Subscriber> Layer<S> for JsonLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let at = Timestamp::now();
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        let run = RUN.load(Ordering::Relaxed);
        let mut line = format!("{{\"time\":{},\"level\":{}", json!(format!("{at:.3}")), json!(level));
        let mut field = |name: &str, value: &str| line.push_str(&format!(",{}:{value}", json!(name)));
        field("event", &json!(fields.event.as_deref().unwrap_or(OTHER)).to_string());
        if run > 0 {
            field("run", &run.to_string());
        }
        if fields.event.is_none() {
            field("target", &json!(event.metadata().target()).to_string());
        }
        fields.rest.iter().for_each(|(name, value)| field(name, value));
        line.push_str("}\n");
        // Nobody is left to be told where stderr is closed. One write, so that lines of threads do not mix.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}

/// The field that is a record of its own: an object, and no text.
const RECORD: &str = "summary";

/// An event's fields, the values as JSON.
#[derive(Default)]
struct Fields {
    event: Option<String>,
    rest: Vec<(&'static str, String)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("event", Value::String(name)) => self.event = Some(name),
            (RECORD, Value::String(json)) if serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok() => {
                self.rest.push((RECORD, json));
            }
            (name, value) => self.rest.push((name, value.to_string())),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
