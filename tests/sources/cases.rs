//! Our own cases: an input under `fixtures/cases/source` beside the JSON that is expected of it.
